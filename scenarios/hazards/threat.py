"""What threatens one place? The case of a run asked at a point: course, levels reached, staying against leaving."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import shapely

from gis.crs import LonLat
from plume import forecast as plume_forecast
from plume import probit, threat
from plume import setting as plume_setting
from plume.case import Case
from plume.case import read as read_case
from plume.fire import harm
from plume.release_kinds import FireInput
from scenarios import drawing
from scenarios.events import Json

NEGLIGIBLE = 0.01
"""Below this share of the lowest level nothing is said to come: the wings of a Gauss curve never end."""
HEAT_MOMENTS = 41
SECONDS_PER_MINUTE = 60.0
MG_PER_KG, W_PER_KW = 1e6, 1000.0
FIGURES = 5
"""Significant figures that travel: finer than any model, and a third of the length."""


def at_place(case: Mapping[str, Any], place: LonLat, *, warned_at_s: float = 0.0) -> Json:
    """
    Threat of a case at one place, at the height for which its zones were drawn.

    Parameters
    ----------
    case
        For ``plume.case.read``: the case of the run shown.
    warned_at_s
        When people there are told, seconds after the release began; the advice compares from then on.

    Returns
    -------
    threat
        What ``plume.threat.Threat.as_json`` says, its ``course`` with ``dose_outdoor`` and ``dose_indoor`` since the
        release in ``dose_unit`` (load: (mg/m3)^n min; ppm_min where no exponent is known), or in the heat of a fire
        with ``fatality`` by seconds exposed; with ``levels`` (level, name, value, unit, and ``threshold_ppm`` or
        None), ``reached`` (the worst level reached there, or None), ``negligible`` (as good as nothing comes),
        ``occurred_at`` and ``warned_at_s``.

    Raises
    ------
    InputError
        The case cannot be computed.
    """
    read = read_case(case)
    found = threat.at(read, place, height_m=read.output.height_m, warned_at_s=max(warned_at_s, 0.0)).as_json()
    if isinstance(read.release, FireInput):
        levels, reached = _beside_fire(read, place)
        negligible = False
        found["course"] |= _heated(found["numbers"])
    else:
        peak_ppm = float(found["numbers"]["peak_outdoor_ppm"])
        levels, reached = _in_cloud(read, peak_ppm)
        limits = [row["threshold_ppm"] for row in levels if row["threshold_ppm"] is not None]
        negligible = peak_ppm < NEGLIGIBLE * min(limits, default=0.0) or peak_ppm == 0
        found["course"] |= _gathered(read, found["course"])
    told: Json = drawing.plain(_short(found))
    return told | {
        "levels": levels,
        "reached": reached,
        "negligible": negligible,
        "occurred_at": read.incident.occurred_at.isoformat(),
        "warned_at_s": max(warned_at_s, 0.0),
        "longitude": place.longitude,
        "latitude": place.latitude,
    }


def _gathered(case: Case, course: Json) -> Json:
    """Dose outdoors and indoors from the release until each moment of the course."""
    substance = plume_setting.prepare(case).release.substance
    response = probit.of(substance)
    exponent, per_ppm = 1.0, 1.0
    if response is not None:
        per_kg = case.resolved_weather().ppm_per_kg_m3(substance.molar_mass_kg_mol)
        exponent, per_ppm = response.n, MG_PER_KG / per_kg
    minutes = np.diff(np.asarray(course["time_s"], float)) / SECONDS_PER_MINUTE

    def until(concentration_ppm: list[float]) -> list[float]:
        rate = (np.asarray(concentration_ppm, float) * per_ppm) ** exponent
        return [0.0, *np.cumsum(0.5 * (rate[1:] + rate[:-1]) * minutes).tolist()] if len(rate) else []

    return {
        "dose_outdoor": until(course["outdoor_ppm"]),
        "dose_indoor": until(course["indoor_ppm"]),
        "dose_unit": "ppm_min" if response is None else "load",
    }


def _heated(numbers: Mapping[str, float]) -> Json:
    """Share killed by the seconds they stand unprotected in a heat that lasts as long as it does."""
    if not numbers.get("heat_flux_kw_m2"):
        return {}
    seconds = np.linspace(0.0, numbers["exposed_s"], HEAT_MOMENTS)
    killed = harm.heat_fatality(numbers["heat_flux_kw_m2"] * W_PER_KW, seconds)
    return {"exposed_s": seconds.tolist(), "fatality": killed.tolist()}


def _in_cloud(case: Case, peak_ppm: float) -> tuple[list[Json], int | None]:
    setting = plume_setting.prepare(case)
    per_kg = setting.weather.ppm_per_kg_m3(setting.release.substance.molar_mass_kg_mol)
    limits = [limit * per_kg for limit in setting.thresholds_kg_m3()]
    levels: list[Json] = [
        {
            "level": level.level,
            "name": level.name,
            "value": level.value,
            "unit": level.unit,
            "threshold_ppm": limit if np.isfinite(limit) else None,
        }
        for level, limit in zip(setting.levels.rows, limits, strict=True)
    ]
    reached = [row["level"] for row, limit in zip(levels, limits, strict=True) if peak_ppm >= limit]
    return levels, max(reached, default=None)


def _beside_fire(case: Case, place: LonLat) -> tuple[list[Json], int | None]:
    zones = plume_forecast.forecast(case).zones
    inside = shapely.covers(zones.geometry.to_numpy(), shapely.Point(place))
    levels: list[Json] = [
        {
            "level": int(row.level),
            "name": row.level_name,
            "value": row.threshold,
            "unit": row.unit,
            "threshold_ppm": None,
        }
        for row in zones.itertuples()
    ]
    reached = [row["level"] for row, there in zip(levels, inside, strict=True) if there]
    return levels, max(reached, default=None)


def _short(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.{FIGURES}g}")
    if isinstance(value, dict):
        return {name: _short(part) for name, part in value.items()}
    return [_short(part) for part in value] if isinstance(value, list) else value
