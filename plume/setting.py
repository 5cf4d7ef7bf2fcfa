"""What do the models need of a case? Release, weather, levels and averaging time in SI, and which cloud answers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.crs import LocalFrame
from gis.errors import InputError
from plume import clouds
from plume.case import Case
from plume.clouds import Chosen, ModelChoice
from plume.criteria import FLAMMABLE_AVERAGING_S, Level, Levels, levels_of, own_levels
from plume.release import Release
from plume.weather import Weather

FloatArray = NDArray[np.float64]

SHORTEST_EXPOSURE_S = 600.0
LONGEST_EXPOSURE_S = 28_800.0
PURE_PPM = 1e6
"""No concentration is above that of the pure gas at ambient conditions; a level above it has no zone."""
# Spread of the wind direction by class in degrees, used when no sigma_azimuth was measured: NOAA Air Resources
# Laboratory, READY, "PG classes for fluctuations in wind direction" (one source; G 1.7 is not used). A note goes with
# every envelope drawn from it.
DIRECTION_SIGMA_DEG = {"A": 25.0, "B": 20.0, "C": 15.0, "D": 10.0, "E": 5.0, "F": 2.5}
LEAST_DIRECTION_SIGMA_DEG = 5.0
"""
A commander's wind is one reading: the direction of the next hour is not known better than this, whatever the class.
"""


@dataclass(frozen=True, slots=True)
class Setting:
    """A case made ready for the models: domain values in SI."""

    case: Case
    release: Release
    weather: Weather
    levels: Levels
    averaging_s: float
    notes: tuple[str, ...]

    def threshold_kg_m3(self, level: Level) -> float:
        """A level as a concentration at ambient conditions, kg/m3."""
        if level.unit == "mg/m3":
            return level.value * 1e-6
        ppm = level.value * (PURE_PPM if level.unit == "fraction" else 1.0)
        return ppm / self.weather.ppm_per_kg_m3(self.release.substance.molar_mass_kg_mol)

    def thresholds_kg_m3(self) -> list[float]:
        """All levels, worst first; infinite where a level lies above the pure gas, so that it has no zone."""
        pure = PURE_PPM / self.weather.ppm_per_kg_m3(self.release.substance.molar_mass_kg_mol)
        values = [self.threshold_kg_m3(level) for level in self.levels.rows]
        return [value if value < pure else np.inf for value in values]


def prepare(case: Case, *, need_levels: bool = True) -> Setting:
    """
    Release, weather, levels and averaging time of a case.

    Without `need_levels` a substance that has none of the levels named is no fault: a concentration needs no level. The
    exposure is the case's averaging time, else the release's duration between 10 min and 8 h; it picks the AEGL
    duration.

    Raises
    ------
    InputError
        A level has no value for the substance, or the lid lies below the release.
    """
    weather = case.resolved_weather()
    release = case.release.release(weather)
    exposure_s = case.output.averaging_s
    if exposure_s is None:
        exposure_s = min(max(release.term.duration_s, SHORTEST_EXPOSURE_S), LONGEST_EXPOSURE_S)
    try:
        levels = _levels(case, release, exposure_s)
    except InputError:
        if need_levels:
            raise
        levels = Levels(())
    notes = [*weather.notes, *release.term.notes, *levels.notes]
    averaging_s = exposure_s
    if levels.flammable:
        averaging_s = FLAMMABLE_AVERAGING_S
        notes.append("flammable_averaging_10_s")
    if weather.mixing_height_m is not None and weather.mixing_height_m <= release.height_m:
        raise InputError(
            f"weather.mixing_height_m: {weather.mixing_height_m:g} m is not above the release at "
            f"{release.height_m:g} m; the cloud would stay above the lid"
        )
    if weather.calm:
        notes.append("calm_wind_direction_unknown")
    if weather.sigma_azimuth_deg is None:
        notes.append("direction_spread_by_class")
    return Setting(case, release, weather, levels, averaging_s, tuple(notes))


def _levels(case: Case, release: Release, exposure_s: float) -> Levels:
    wanted = case.output.levels
    if isinstance(wanted, str):
        return levels_of(wanted, release.substance, exposure_s)
    return own_levels([(row.name, row.value, row.unit) for row in wanted], release.substance.molar_mass_kg_mol)


def choose(setting: Setting, model: ModelChoice) -> Chosen:
    """The cloud that answers for a prepared case."""
    return clouds.choose(setting.release, setting.weather, setting.averaging_s, model, setting.case.output.sigma)


def direction_sigma_deg(weather: Weather) -> float:
    """Standard deviation of the wind direction: measured, else by class, never below 5 degrees; degrees."""
    if weather.sigma_azimuth_deg is not None:
        return max(weather.sigma_azimuth_deg, LEAST_DIRECTION_SIGMA_DEG)
    return max(DIRECTION_SIGMA_DEG[weather.stability], LEAST_DIRECTION_SIGMA_DEG)


def plume_coordinates(
    case: Case,
    weather: Weather,
    longitude: ArrayLike | None,
    latitude: ArrayLike | None,
    downwind_m: ArrayLike | None,
    crosswind_m: ArrayLike | None,
) -> tuple[FloatArray, FloatArray]:
    """Receptors as metres downwind and to the left of the wind, whichever way they were given."""
    if longitude is not None and latitude is not None and downwind_m is None and crosswind_m is None:
        east, north = LocalFrame(case.incident.place).to_metres(longitude, latitude)
        towards = np.radians(weather.wind_from_deg + 180.0)
        return (
            np.asarray(east * np.sin(towards) + north * np.cos(towards)),
            np.asarray(-east * np.cos(towards) + north * np.sin(towards)),
        )
    if downwind_m is not None and crosswind_m is not None and longitude is None and latitude is None:
        return np.asarray(downwind_m, float), np.asarray(crosswind_m, float)
    raise InputError("receptors: give either longitude and latitude, or downwind_m and crosswind_m")
