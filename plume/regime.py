"""Does this cloud hug the ground or drift with the air? The Richardson test of HJ 169-2018, Annex G."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from plume import mixing, sigma
from plume.release import Release
from plume.weather import Weather

GRAVITY = 9.81
CONTINUOUS_LIMIT = 1 / 6
INSTANTANEOUS_LIMIT = 0.04
NEAR = 1.1
"""Within this factor of the limit both models are run and the larger result is taken."""
LEAST_DIAMETER_M = 1.0
"""A release that names no size counts as one metre wide: the annex divides by a diameter."""
PLUME_WIDTH_SIGMAS = 4.3
FARTHEST_TOUCH_M = 1e5


@dataclass(frozen=True, slots=True)
class Regime:
    """
    Outcome of the test.

    Attributes
    ----------
    richardson, limit
        Number and its limit; dense at or above it.
    """

    richardson: float
    limit: float

    @property
    def dense(self) -> bool:
        """Heavier than the air can carry off at once?"""
        if self.limit == INSTANTANEOUS_LIMIT:
            return self.richardson > self.limit
        return self.richardson >= self.limit

    @property
    def near(self) -> bool:
        """Close enough to the limit that both models are to be run?"""
        return self.limit / NEAR < self.richardson < self.limit * NEAR


def regime(release: Release, weather: Weather) -> Regime:
    """
    Richardson number of a release (HJ 169-2018, Annex G, as quoted in plume.md 4.9).

    Continuous: Ri = [g (Q/rho)/D (rho - rho_a)/rho_a]^(1/3)/U, dense from 1/6. Instantaneous:
    Ri = g (M/rho)^(1/3)/U^2 (rho - rho_a)/rho_a, dense above 0.04. U is the wind at 10 m; D the diameter of the
    source, at
    least 1 m; for a release above ground the width the plume has when it comes down to the ground.
    """
    term = release.term
    peak = int(np.argmax(term.rate_kg_s))
    line = mixing.line(release, weather, float(term.temperature_k[peak]), float(term.vapour_fraction[peak]))
    excess = (line.pure_kg_m3 - line.air_kg_m3) / line.air_kg_m3
    wind = max(weather.wind_speed_10m_m_s, 1.0)
    if term.instantaneous:
        size = (term.total_mass_kg / line.pure_kg_m3) ** (1 / 3)
        return Regime(GRAVITY * size * max(excess, 0.0) / wind**2, INSTANTANEOUS_LIMIT)
    volume = term.peak_rate_kg_s / line.pure_kg_m3
    diameter = max(release.diameter_m, LEAST_DIAMETER_M, math.sqrt(4 * volume / (math.pi * wind)))
    if release.height_m > 0:
        diameter = max(diameter, _touching_width(release.height_m, weather))
    return Regime((GRAVITY * volume / diameter * max(excess, 0.0)) ** (1 / 3) / wind, CONTINUOUS_LIMIT)


def _touching_width(height_m: float, weather: Weather) -> float:
    """Width of the neutral plume where sigma_z has grown to the release height, m."""

    def gap(distance_m: float) -> float:
        return float(sigma.vertical(distance_m, weather.stability, urban=weather.urban)) - height_m

    never = gap(FARTHEST_TOUCH_M) < 0
    distance = FARTHEST_TOUCH_M if never else float(brentq(gap, 0.0, FARTHEST_TOUCH_M))
    return PLUME_WIDTH_SIGMAS * float(sigma.crosswind(distance, weather.stability))
