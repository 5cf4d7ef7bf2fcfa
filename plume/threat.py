"""What threatens one place: when does it come, how strong, how much indoors, and is it better to stay or to leave?"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.crs import LonLat
from plume import dose, following, indoor, probit
from plume.case import Case
from plume.clouds import Chosen, ModelChoice
from plume.fire import harm, in_case
from plume.fire.scenario import FireForecast
from plume.release_kinds import FireInput
from plume.setting import PURE_PPM, Setting, choose, plume_coordinates, prepare
from plume.turning import map_coordinates

FloatArray = NDArray[np.float64]

AVERAGE_HOUSE = indoor.Building()
AFTER_S = 3600.0
"""The house is followed an hour beyond the cloud, while it airs itself out."""
BREATHING_M = 1.5
EXPOSED_S = 60.0
"""People stand in the heat for a minute, or as long as a fireball burns."""


@dataclass(frozen=True, slots=True, eq=False)
class Threat:
    """
    One place while a cloud passes, or beside a fire or explosion.

    Attributes
    ----------
    distance_m
        From the source.
    time_s, outdoor_ppm, indoor_ppm
        Course of the passage, shape ``(n,)``; empty for a fire.
    arrival_s, departure_s
        When the cloud comes and has gone; None where nothing comes.
    numbers
        Peak_outdoor_ppm, peak_indoor_ppm, air_changes_per_h, load_outdoor, load_indoor ((mg/m3)^n min),
        fatality_outdoor, fatality_indoor; or heat_flux_kw_m2, thermal_dose, overpressure_kpa, fatality. Only what
        can be computed is there.
    advice
        Staying against leaving; None for a fire or where nothing comes.
    notes
        Codes of limits, such as a probit that nobody verified.
    """

    distance_m: float
    time_s: FloatArray
    outdoor_ppm: FloatArray
    indoor_ppm: FloatArray
    arrival_s: float | None
    departure_s: float | None
    numbers: dict[str, float]
    advice: indoor.Advice | None
    notes: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain JSON form."""
        advice = None
        if self.advice is not None:
            advice = {
                "choice": self.advice.choice,
                "peak_inside_ppm": self.advice.peak_inside,
                "peak_leaving_ppm": self.advice.peak_leaving,
                "ventilate_at_s": self.advice.ventilate_at_s,
            }
        return {
            "distance_m": self.distance_m,
            "arrival_s": self.arrival_s,
            "departure_s": self.departure_s,
            "numbers": dict(self.numbers),
            "advice": advice,
            "course": {
                "time_s": self.time_s.tolist(),
                "outdoor_ppm": self.outdoor_ppm.tolist(),
                "indoor_ppm": self.indoor_ppm.tolist(),
            },
            "notes": list(self.notes),
        }


def at(
    case: Case,
    place: LonLat,
    *,
    building: indoor.Building = AVERAGE_HOUSE,
    height_m: float | None = None,
    warned_at_s: float = 0.0,
    leaving_s: float = 600.0,
    model: ModelChoice = "auto",
) -> Threat:
    """
    Threat of a case at one place.

    Parameters
    ----------
    building
        House the people are in; ALOHA's average house unless known.
    height_m
        Above ground; None is breathing height, and the ground for a heavy gas: a shallow cloud is not talked away by
        a person's height, as ALOHA does not.
    warned_at_s, leaving_s
        When they are told, and how long they need to be away.

    Raises
    ------
    InputError
        The case cannot be computed.
    """
    weather = case.resolved_weather()
    along, across = (float(v) for v in plume_coordinates(case, weather, place.longitude, place.latitude, None, None))
    if isinstance(case.release, FireInput):
        done = in_case.burning(case.release, case.release.fuel, weather, case.incident.place)
        return _beside_fire(done, along, across, BREATHING_M if height_m is None else height_m)
    setting = prepare(case)
    if weather.calm:  # the direction is unknown: every place lies downwind
        along, across = float(np.hypot(along, across)), 0.0
    chosen, substance = choose(setting, model), setting.release.substance
    if height_m is None:
        height_m = 0.0 if "dense" in chosen.model or chosen.model == "larger_of_both" else BREATHING_M
    per_kg = weather.ppm_per_kg_m3(substance.molar_mass_kg_mol)
    notes = (*setting.notes, "average_house") if building == AVERAGE_HOUSE else setting.notes
    distance = float(np.hypot(along, across))
    passage, arrival, departure = _passage(setting, chosen, along, across, height_m)
    if passage is None:
        nothing = np.empty(0)
        return Threat(distance, nothing, nothing, nothing, None, None, {"peak_outdoor_ppm": 0.0}, None, notes)
    time = np.concatenate((passage.time_s, passage.time_s[-1] + np.linspace(0.0, AFTER_S, 41)[1:]))
    out = np.concatenate((np.minimum(passage.concentration_kg_m3 * per_kg, PURE_PPM), np.zeros(40)))
    if time[0] > 0:
        time, out = np.concatenate(([0.0], time)), np.concatenate(([0.0], out))
    changes = indoor.air_changes_per_h(building, weather)
    constant = 3600.0 / changes
    inside = indoor.indoor_series(time, out, constant)
    response = probit.of(substance)
    exponent = 1.0 if response is None else response.n
    advice = indoor.stay_or_leave(time, out, constant, warned_at_s=warned_at_s, leaving_s=leaving_s, exponent=exponent)
    numbers = {
        "peak_outdoor_ppm": float(out.max()),
        "peak_indoor_ppm": float(inside.max()),
        "air_changes_per_h": changes,
    }
    if response is not None:
        numbers |= _doses(response, time, out / per_kg * 1e6, inside / per_kg * 1e6)
        notes = (*notes, "unverified_probit") if response.trust == "unverified" else notes
    return Threat(
        distance_m=distance,
        time_s=time,
        outdoor_ppm=out,
        indoor_ppm=inside,
        arrival_s=arrival,
        departure_s=departure,
        numbers=numbers,
        advice=advice,
        notes=tuple(dict.fromkeys(notes)),
    )


def _passage(
    setting: Setting, chosen: Chosen, along_m: float, across_m: float, height_m: float
) -> tuple[dose.Course | None, float, float]:
    """Course at the place, arrival and departure; None where nothing comes. Bent along the wind of a series."""
    weather, cloud = setting.weather, chosen.cloud
    if weather.series and not weather.calm:
        east, north = map_coordinates(weather, np.array([along_m]), np.array([across_m]))
        time, course = following.at_places(cloud.parts(), weather, east, north, np.array([height_m]))
        peak, arrival, departure = next(following.passages(time, course))
        return (dose.Course(time, course[:, 0]) if peak > 0 else None), arrival, departure
    if not float(cloud.concentration(along_m, across_m, height_m)) > 0:
        return None, np.nan, np.nan
    found = dose.course(cloud, along_m, across_m, height_m)
    return found, float(cloud.arrival_s(along_m)), float(cloud.departure_s(along_m))


def _doses(
    response: probit.ToxicProbit, time_s: FloatArray, outdoor_mg_m3: FloatArray, indoor_mg_m3: FloatArray
) -> dict[str, float]:
    loads = {
        "outdoor": indoor.toxic_load(time_s, outdoor_mg_m3, response.n),
        "indoor": indoor.toxic_load(time_s, indoor_mg_m3, response.n),
    }
    deaths = {f"fatality_{where}": float(probit.fatality(load, response)) for where, load in loads.items()}
    return {f"load_{where}": load for where, load in loads.items()} | deaths


def _beside_fire(done: FireForecast, along_m: float, across_m: float, height_m: float) -> Threat:
    numbers: dict[str, float] = {}
    if done.heat is not None:
        flux = float(done.heat.flux_w_m2([(along_m, across_m, height_m)])[0])
        exposed = min(float(done.summary.get("duration_s", EXPOSED_S)), EXPOSED_S)
        numbers = {
            "heat_flux_kw_m2": flux / 1000,
            "exposed_s": exposed,
            "thermal_dose": float(harm.thermal_dose(flux, exposed)),
            "fatality": float(harm.heat_fatality(flux, exposed)),
        }
    elif done.blast is not None:
        pressure = float(done.blast.overpressure_pa(np.hypot(along_m - done.blast.centre_m, across_m)))
        numbers = {"overpressure_kpa": pressure / 1000, "fatality": float(harm.blast_fatality(pressure))}
    nothing = np.empty(0)
    distance = float(np.hypot(along_m, across_m))
    return Threat(distance, nothing, nothing, nothing, 0.0, None, numbers, None, done.notes)
