"""What does a plume bring when friction velocity, Obukhov length and wind-vane spread were measured?"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gamma

from plume.gaussian import GaussianPlume, crosswind_factor
from plume.wind import KARMAN

FloatArray = NDArray[np.float64]

MEAN_SHARE = 1.55
"""p: the height that governs the growth of the mean plume height z is p z (van Ulden 1978; plume.md 4.4)."""
SPEED_SHARE = 0.6
"""The plume travels with the wind at 0.6 of its mean height."""
LOWEST_ROUGHNESSES = 5.0
HEAT_NEUTRAL = 0.74
HEAT_STABLE = 4.7
HEAT_UNSTABLE = 9.0
MOMENTUM_STABLE = 5.0
MOMENTUM_UNSTABLE = 16.0
LEAST_SHAPE, LARGEST_SHAPE = 0.6, 3.5
NEAREST_M, FARTHEST_M, STATIONS = 0.1, 200_000.0, 300
LAGRANGIAN_S = 300.0


def heat_profile(ratio: ArrayLike) -> FloatArray:
    """phi_h(z/L): .74 + 4.7 z/L stable, .74 (1 - 9 z/L)^-1/2 unstable."""
    zeta = np.asarray(ratio, float)
    unstable = HEAT_NEUTRAL / np.sqrt(1 - HEAT_UNSTABLE * np.minimum(zeta, 0.0))
    return np.where(zeta > 0, HEAT_NEUTRAL + HEAT_STABLE * zeta, unstable)


def momentum_correction(ratio: ArrayLike) -> FloatArray:
    """psi_m(z/L): -5 z/L stable, Businger's four terms with 16 unstable."""
    zeta = np.asarray(ratio, float)
    a = (1 - MOMENTUM_UNSTABLE * np.minimum(zeta, 0.0)) ** 0.25
    unstable = 2 * np.log((1 + a) / 2) + np.log((1 + a**2) / 2) - 2 * np.arctan(a) + np.pi / 2
    return np.where(zeta > 0, -MOMENTUM_STABLE * zeta, unstable)


def shape(ratio: ArrayLike, logarithm: ArrayLike) -> FloatArray:
    """
    Exponent s of the vertical profile exp(-(z/..)^s), from 0.6 to 3.5.

    For u ~ z^m and K ~ z^n diffusion gives s = 2 + m - n; here m = phi_m/(ln(z/z0) - psi) and n = 1 -
    dln(phi_h)/dln(z).
    """
    zeta = np.asarray(ratio, float)
    stable = np.maximum(zeta, 0.0)
    unstable = np.minimum(zeta, 0.0)
    phi_m = np.where(zeta > 0, 1 + MOMENTUM_STABLE * stable, (1 - MOMENTUM_UNSTABLE * unstable) ** -0.25)
    steeper = np.where(
        zeta > 0,
        HEAT_STABLE * stable / (HEAT_NEUTRAL + HEAT_STABLE * stable),
        0.5 * HEAT_UNSTABLE * unstable / (1 - HEAT_UNSTABLE * unstable),
    )
    return np.asarray(np.clip(1 + phi_m / np.asarray(logarithm, float) + steeper, LEAST_SHAPE, LARGEST_SHAPE))


@dataclass(frozen=True, slots=True)
class MeasuredAir:
    """Friction velocity (m/s), Obukhov length (m), roughness (m) and wind-vane standard deviation (degrees)."""

    friction_velocity_m_s: float
    obukhov_m: float
    roughness_m: float
    sigma_azimuth_deg: float


@dataclass(frozen=True, slots=True)
class VerticalGrowth:
    """Mean height of the plume and what follows from it at stations along the wind; arrays of one shape."""

    distance_m: FloatArray
    mean_height_m: FloatArray
    speed_m_s: FloatArray
    shape: FloatArray


def grow(air: MeasuredAir, release_height_m: float) -> VerticalGrowth:
    """
    Integrate dz/dx = k^2/{[ln(p z/z0) - psi(p z/L)] phi_h(p z/L)} from z = max(h, 5 z0) (van Ulden 1978), Heun's rule.
    """
    x = np.concatenate(([0.0], np.geomspace(NEAREST_M, FARTHEST_M, STATIONS)))
    height = np.empty(x.size)
    height[0] = max(release_height_m, LOWEST_ROUGHNESSES * air.roughness_m)

    def slope(mean: float) -> float:
        zeta = MEAN_SHARE * mean / air.obukhov_m
        logarithm = math.log(MEAN_SHARE * mean / air.roughness_m) - float(momentum_correction(zeta))
        return KARMAN**2 / (max(logarithm, 0.1) * float(heat_profile(zeta)))

    for i in range(1, x.size):
        step = x[i] - x[i - 1]
        first = slope(height[i - 1])
        second = slope(height[i - 1] + step * first)
        height[i] = height[i - 1] + 0.5 * step * (first + second)
    at = SPEED_SHARE * height
    carried = np.log(np.maximum(at / air.roughness_m, 1.5)) - momentum_correction(at / air.obukhov_m)
    speed = air.friction_velocity_m_s / KARMAN * carried
    above = MEAN_SHARE * height
    logarithm = np.log(above / air.roughness_m) - momentum_correction(above / air.obukhov_m)
    return VerticalGrowth(x, height, speed, shape(above / air.obukhov_m, logarithm))


@dataclass(frozen=True, slots=True)
class SimilarityPlume(GaussianPlume):
    """
    A neutral plume whose depth follows surface-layer similarity and whose width follows the wind vane.

    Cy/Q = A/(z U) exp(-(B z'/z)^s), A = s G(2/s)/G(1/s)^2, B = G(2/s)/G(1/s); sigma_y = sigma_theta x/(1 + .9
    sqrt(x/(300 u))).
    """

    air: MeasuredAir | None = None
    growth: VerticalGrowth | None = None

    def sigma_y(self, downwind_m: ArrayLike) -> FloatArray:
        """Width from the wind vane, m; the area source in quadrature."""
        assert self.air is not None
        x = np.maximum(np.asarray(downwind_m, float), 0.0)
        slowing = 1 + 0.9 * np.sqrt(x / (LAGRANGIAN_S * self.speed_m_s))
        grown = math.radians(self.air.sigma_azimuth_deg) * x / slowing
        return np.asarray(np.hypot(self.spread.averaging_factor * grown, self.spread.initial_y_m))

    def crosswind_integrated(self, downwind_m: ArrayLike, height_m: ArrayLike) -> FloatArray:
        """Crosswind-integrated concentration of 1 kg/s, s/m2; evenly mixed once it would exceed the lid."""
        assert self.growth is not None
        x = np.maximum(np.asarray(downwind_m, float), 0.0)
        stations = self.growth.distance_m
        mean, speed, s = (
            np.interp(x, stations, column)
            for column in (self.growth.mean_height_m, self.growth.speed_m_s, self.growth.shape)
        )
        one, two = gamma(1 / s), gamma(2 / s)
        with np.errstate(under="ignore"):
            profile = np.exp(-((two / one * np.maximum(np.asarray(height_m, float), 0.0) / mean) ** s))
        value = s * two / one**2 / (mean * speed) * profile
        if self.mixing_height_m is not None:
            value = np.maximum(value, 1 / (self.mixing_height_m * speed))
            value = np.where(np.asarray(height_m) > self.mixing_height_m, 0.0, value)
        return np.asarray(value)

    def per_rate(self, downwind_m: ArrayLike, crosswind_m: ArrayLike, height_m: ArrayLike) -> FloatArray:
        """Steady concentration of 1 kg/s, s/m3; 0 upwind."""
        x = np.asarray(downwind_m, float)
        value = crosswind_factor(crosswind_m, self.sigma_y(x)) * self.crosswind_integrated(x, height_m)
        return np.where(x > 0, value, 0.0)

    def half_width(self, downwind_m: ArrayLike, threshold_kg_m3: ArrayLike, height_m: float = 0.0) -> FloatArray:
        """Half-width of the zone above a threshold, m; 0 where the axis stays below."""
        x = np.asarray(downwind_m, float)
        ratio = self.concentration(x, 0.0, height_m) / np.asarray(threshold_kg_m3, float)
        return np.asarray(self.sigma_y(x) * np.sqrt(2 * np.log(np.maximum(ratio, 1.0))))
