"""How fast is the wind at this height, and which wind carries the cloud?"""

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from plume.stability import StabilityClass

FloatArray = NDArray[np.float64]

KARMAN = 0.4
TRANSPORT_HEIGHT_M = 3.0
"""ALOHA reads the wind that carries a plume at max(3 m, release height), not at 10 m (plume.md 4.3)."""
BUSINGER_STABLE = 4.7
BUSINGER_UNSTABLE = 15.0

ExponentSet = Literal["aloha", "irwin_rural", "irwin_urban", "isc3_urban"]
# Exponents of u2 = u1 (z2/z1)^n for A-F, each set from one public source (plume.md 4.3).
EXPONENTS: dict[ExponentSet, dict[StabilityClass, float]] = {
    "aloha": {"A": 0.108, "B": 0.112, "C": 0.120, "D": 0.142, "E": 0.203, "F": 0.253},
    "irwin_rural": {"A": 0.07, "B": 0.07, "C": 0.10, "D": 0.15, "E": 0.35, "F": 0.55},
    "irwin_urban": {"A": 0.15, "B": 0.15, "C": 0.20, "D": 0.25, "E": 0.40, "F": 0.60},
    "isc3_urban": {"A": 0.15, "B": 0.15, "C": 0.20, "D": 0.25, "E": 0.30, "F": 0.30},
}


def power_law(
    speed_m_s: float, at_m: float, to_m: float, stability: StabilityClass, exponents: ExponentSet = "aloha"
) -> float:
    """Wind at `to_m` from the wind at `at_m` by the power law of a class, m/s."""
    return float(speed_m_s * (to_m / at_m) ** EXPONENTS[exponents][stability])


def stability_correction(height_m: ArrayLike, obukhov_m: float) -> FloatArray:
    """Businger's psi_m at z/L: -4.7 z/L stable, the four-term form unstable; any shape."""
    height = np.asarray(height_m, float)
    if math.isinf(obukhov_m):
        return np.zeros_like(height)
    ratio = height / obukhov_m
    if obukhov_m > 0:
        return -BUSINGER_STABLE * ratio
    a = (1 - BUSINGER_UNSTABLE * ratio) ** 0.25
    return np.asarray(2 * np.log((1 + a) / 2) + np.log((1 + a**2) / 2) - 2 * np.arctan(a) + np.pi / 2)


def profile(height_m: ArrayLike, roughness_m: float, obukhov_m: float) -> FloatArray:
    """Shape of the log profile, ln((z + z0)/z0) - psi(z/L): u(z) = u*/0.4 times this; any shape."""
    height = np.asarray(height_m, float)
    return np.asarray(np.log((height + roughness_m) / roughness_m) - stability_correction(height, obukhov_m))


def friction_velocity(speed_m_s: float, at_m: float, roughness_m: float, obukhov_m: float) -> float:
    """Friction velocity u* of the log profile through one measured wind, m/s."""
    return float(KARMAN * speed_m_s / profile(at_m, roughness_m, obukhov_m))


def at_height(speed_m_s: float, at_m: float, to_m: ArrayLike, roughness_m: float, obukhov_m: float) -> FloatArray:
    """Wind at `to_m` (any shape) by the stability-corrected log profile through one measured wind, m/s."""
    return np.asarray(speed_m_s * profile(to_m, roughness_m, obukhov_m) / profile(at_m, roughness_m, obukhov_m))


def transport_speed(
    speed_m_s: float, at_m: float, release_height_m: float, roughness_m: float, obukhov_m: float
) -> float:
    """
    Wind that carries a Gaussian plume, m/s: the log profile at max(3 m, release height).

    A wind measured below 3 m is taken as it is for a release below it: the profile is read down, never stretched
    upwards to 3 m.
    """
    height = max(min(TRANSPORT_HEIGHT_M, at_m), release_height_m)
    return float(at_height(speed_m_s, at_m, height, roughness_m, obukhov_m))
