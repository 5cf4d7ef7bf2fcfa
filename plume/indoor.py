"""How much of an outdoor cloud gets indoors, and is it better to stay or to leave?"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.errors import InputError
from plume import wind
from plume.weather import Weather

FloatArray = NDArray[np.float64]
Shelter = Literal["sheltered", "unsheltered"]
Choice = Literal["shelter", "leave", "alike"]

REFERENCE = "NOAA TM NOS OR&R 43 section 4.6 (Wilson 1987, Sherman 1980, Sherman & Grimsrud)"
GRAVITY_M_S2 = 9.80665
LEAKAGE_SHARE = 0.00059
"""Leakage area over floor area, mean of 196 houses (Sherman 1980)."""
VERTICAL_SHARE = 0.5
"""R: share of the leakage in floor and ceiling."""
SHIELDING: dict[Shelter, float] = {"sheltered": 0.24, "unsheltered": 0.32}
ALIKE = 0.1
"""Loads within a tenth of each other are called alike: the model cannot tell them apart."""


@dataclass(frozen=True, slots=True)
class Building:
    """
    A house, well mixed inside.

    Attributes
    ----------
    storeys, storey_height_m
        Its height is their product.
    floor_area_m2
        ALOHA's average house has 160 m2.
    indoor_temperature_k
        20 °C unless known.
    shelter
        Trees or houses around it, or none.
    air_changes_per_h
        Given directly (a car, a ventilated hall); None: from weather and leakage.
    """

    storeys: int = 1
    storey_height_m: float = 2.5
    floor_area_m2: float = 160.0
    indoor_temperature_k: float = 293.15
    shelter: Shelter = "unsheltered"
    air_changes_per_h: float | None = None

    def __post_init__(self) -> None:
        faults = [
            f"building: {name} {value:g} must be above 0"
            for name, value in (
                ("storeys", self.storeys),
                ("storey_height_m", self.storey_height_m),
                ("floor_area_m2", self.floor_area_m2),
                ("air_changes_per_h", 1.0 if self.air_changes_per_h is None else self.air_changes_per_h),
            )
            if not value > 0
        ]
        if faults:
            raise InputError(faults)

    @property
    def height_m(self) -> float:
        """Height of the building, m."""
        return self.storeys * self.storey_height_m


def air_changes_per_h(building: Building, weather: Weather) -> float:
    """
    Air changes per hour: sqrt(Qs^2 + Qw^2)/V.

    Qs = A fs sqrt(|Ti - To|), fs = ((1 + R/2)/3) sqrt(g H/Ti); Qw = A Csh (1 - R)^(1/3) U(H); A = 0.00059 of the
    floor area, V = floor area times height (NOAA TM NOS OR&R 43 section 4.6). The wind at the roof is that of the
    log profile.
    """
    if building.air_changes_per_h is not None:
        return building.air_changes_per_h
    height, inside = building.height_m, building.indoor_temperature_k
    stack = (1 + VERTICAL_SHARE / 2) / 3 * np.sqrt(GRAVITY_M_S2 * height / inside)
    stack *= np.sqrt(abs(inside - weather.temperature_k))
    at_roof = wind.at_height(
        weather.wind_speed_m_s, weather.wind_height_m, height, weather.roughness_m, weather.obukhov_m
    )
    blown = SHIELDING[building.shelter] * np.cbrt(1 - VERTICAL_SHARE) * float(at_roof)
    return float(3600 * LEAKAGE_SHARE / height * np.hypot(stack, blown))


def time_constant_s(building: Building, weather: Weather) -> float:
    """Time in which the indoor air follows 63 % of a step outdoors, s."""
    return 3600.0 / air_changes_per_h(building, weather)


def exposure_s(release_s: float, sigma_x_m: ArrayLike, transport_wind_m_s: float) -> FloatArray:
    """
    How long the cloud of a short release lasts at a place, s: tr + 2 sigma_x/u.

    Without the second term a short puff far away is counted up to 37 times too low.
    """
    return np.asarray(release_s + 2 * np.asarray(sigma_x_m, float) / transport_wind_m_s)


def indoor_peak(outdoor_peak: ArrayLike, lasting_s: ArrayLike, constant_s: float) -> FloatArray:
    """Largest indoor concentration for an outdoor one that lasts: C (1 - exp(-t/tau)), unit of the outdoor one."""
    return np.asarray(np.asarray(outdoor_peak, float) * -np.expm1(-np.asarray(lasting_s, float) / constant_s))


def indoor_series(time_s: ArrayLike, outdoor: ArrayLike, constant_s: float, *, start: float = 0.0) -> FloatArray:
    """
    Indoor concentration at `time_s` for an outdoor one that runs straight between those moments.

    Exact solution of dCi/dt = (Co - Ci)/tau from moment to moment.

    Parameters
    ----------
    time_s
        Rising, shape ``(n,)``.
    outdoor
        Shape ``(n,)`` or ``(n, points)``.
    """
    time, out = np.asarray(time_s, float), np.asarray(outdoor, float)
    if time.ndim != 1 or time.size != out.shape[0] or (np.diff(time) <= 0).any():
        raise InputError("indoor: times must rise and there must be one outdoor concentration for each")
    inside = np.empty_like(out)
    inside[0] = start
    for i, length in enumerate(np.diff(time)):
        decay = np.exp(-length / constant_s)
        slope = (out[i + 1] - out[i]) / length
        settled = out[i + 1] - slope * constant_s
        inside[i + 1] = settled + (inside[i] - out[i] + slope * constant_s) * decay
    return inside


@dataclass(frozen=True, slots=True)
class Advice:
    """
    Staying against leaving, for one place.

    Attributes
    ----------
    choice
        Which has the smaller toxic load, or alike.
    load_inside, load_leaving
        Toxic load, integral of C^n dt, in unit^n min.
    peak_inside, peak_leaving
        Largest concentration breathed.
    ventilate_at_s
        When the air outside has become cleaner than inside: open the windows then; None while it has not.
    """

    choice: Choice
    load_inside: float
    load_leaving: float
    peak_inside: float
    peak_leaving: float
    ventilate_at_s: float | None


def toxic_load(time_s: ArrayLike, concentration: ArrayLike, exponent: float = 1.0) -> float:
    """Integral of C^n dt by trapezoids, unit^n min."""
    return float(np.trapezoid(np.asarray(concentration, float) ** exponent, np.asarray(time_s, float)) / 60.0)


def stay_or_leave(
    time_s: ArrayLike,
    outdoor: ArrayLike,
    constant_s: float,
    *,
    warned_at_s: float = 0.0,
    leaving_s: float = 600.0,
    exponent: float = 1.0,
) -> Advice:
    """
    Compare staying indoors, airing when the cloud has passed, with going out at the warning and being away
    `leaving_s` later.

    Who leaves breathes the indoor air until warned, the outdoor air of the place while leaving, and clean air after.
    That overstates leaving across the wind and understates leaving downwind.

    Raises
    ------
    InputError
        Times do not rise, or the lengths differ.
    """
    time, out = np.asarray(time_s, float), np.asarray(outdoor, float)
    inside = indoor_series(time, out, constant_s)
    peak = int(inside.argmax())
    cleaner = np.flatnonzero((out < inside) & (np.arange(out.size) >= min(int(out.argmax()), peak)))
    airing = float(time[cleaner[0]]) if cleaner.size else None
    staying = inside if airing is None else np.where(time > airing, np.minimum(inside, out), inside)
    gone = (time >= warned_at_s) & (time < warned_at_s + leaving_s)
    leaving = np.where(time < warned_at_s, inside, np.where(gone, out, 0.0))
    load_inside, load_leaving = toxic_load(time, staying, exponent), toxic_load(time, leaving, exponent)
    largest = max(load_inside, load_leaving)
    choice: Choice = "shelter" if load_inside < load_leaving else "leave"
    if largest == 0 or abs(load_inside - load_leaving) <= ALIKE * largest:
        choice = "alike"
    return Advice(choice, load_inside, load_leaving, float(staying.max()), float(leaving.max()), airing)
