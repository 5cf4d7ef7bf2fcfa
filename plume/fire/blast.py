"""How strong is the blast of a vapour cloud that explodes? Baker-Strehlow-Tang."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.errors import InputError
from plume.properties import STANDARD_PRESSURE_PA, Properties

FloatArray = NDArray[np.float64]
Grade = Literal["low", "medium", "high"]

REFERENCE = "NOAA TM NOS OR&R 43 chapter 5 (Pierorazio et al. 2005), tables 14 and 15"
GROUND_REFLECTION = 2.0
EFFICIENCY = 0.2
"""Share of the flammable mass that takes part unless the cloud detonates (AIChE 1994)."""
DETONATION_MACH = 5.2
FLAME_MACH: dict[Grade, dict[Grade, float]] = {
    "low": {"low": 0.026, "medium": 0.23, "high": 0.34},
    "medium": {"low": 0.11, "medium": 0.44, "high": 0.5},
    "high": {"low": 0.36, "medium": DETONATION_MACH, "high": DETONATION_MACH},
}
"""Flame Mach number by reactivity, then congestion (table 14)."""
# The TNO multi-energy method is left out: no table of its curves with a source was found.
CURVE_MACH = np.array([0.2, 0.35, 0.7, 5.2])
_CURVES = np.array(
    [
        [0.0335, 0.8359, -1.1192, 0.065, 0.35],
        [0.1041, 0.8642, -1.0568, 0.22, 0.32],
        [0.3764, 0.7439, -1.2728, 0.65, 0.30],
        [0.2932, 1.399, -1.1591, 20.0, 0.16],
    ]
)
"""A, B, C, D, x0 of table 15, one row a curve."""
_REACTIVITY: dict[str, Grade] = {
    "methane": "low",
    "carbon monoxide": "low",
    "ammonia": "low",
    "hydrogen": "high",
    "ethylene": "high",
    "ethylene oxide": "high",
    "propylene oxide": "high",
}
"""Baker et al. (1994): burning velocity below 0.4, up to 0.75, above 0.75 m/s; from memory, unverified."""


def reactivity_of(substance: str) -> Grade:
    """Reactivity class of a substance; what is not listed is medium."""
    return _REACTIVITY.get(substance, "medium")


def scaled_overpressure(distance: ArrayLike, mach: float) -> FloatArray:
    """
    Overpressure over ambient pressure at scaled distance x (any shape).

    D below x0, else A B^(1/x) x^C, interpolated between the four curves of table 15, whose Mach numbers rise by
    factors: evenly in the logarithm of the Mach number. Below Mach 0.2 its lowest curve. The source does not say how
    ALOHA interpolates; evenly in the Mach number itself the congested propane cloud V2 comes out 11 % and 5 % short,
    this way 7 % and 0 %.
    """
    x = np.maximum(np.asarray(distance, float), 1e-9)
    level = float(np.clip(mach, CURVE_MACH[0], CURVE_MACH[-1]))
    after = int(np.clip(np.searchsorted(CURVE_MACH, level), 1, CURVE_MACH.size - 1))
    share = float(np.log(level / CURVE_MACH[after - 1]) / np.log(CURVE_MACH[after] / CURVE_MACH[after - 1]))

    def curve(row: int) -> FloatArray:
        a, b, c, plateau, start = _CURVES[row]
        beyond = np.maximum(x, start)
        return np.asarray(np.where(x < start, plateau, a * b ** (1 / beyond) * beyond**c))

    return np.asarray((1 - share) * curve(after - 1) + share * curve(after))


@dataclass(frozen=True, slots=True)
class CloudExplosion:
    """
    Explosion of a vapour cloud.

    Attributes
    ----------
    energy_j
        Blast energy, ground reflection included.
    mach
        Flame Mach number.
    centre_m
        Centre of mass of the flammable cloud, downwind of the source.
    """

    energy_j: float
    mach: float
    centre_m: float
    pressure_pa: float = STANDARD_PRESSURE_PA

    def overpressure_pa(self, distance_m: ArrayLike) -> FloatArray:
        """Peak overpressure at distances from the cloud's centre, Pa."""
        scaled = np.asarray(distance_m, float) * (self.pressure_pa / self.energy_j) ** (1 / 3)
        return scaled_overpressure(scaled, self.mach) * self.pressure_pa


def cloud_explosion(
    properties: Properties,
    flammable_mass_kg: float,
    *,
    congestion: Grade,
    reactivity: Grade | None = None,
    detonation: bool = False,
    centre_m: float = 0.0,
    pressure_pa: float = STANDARD_PRESSURE_PA,
) -> CloudExplosion:
    """
    Baker-Strehlow-Tang explosion: E = 2 Hc m, m the flammable mass times 20 % (100 % when it detonates).

    Raises
    ------
    InputError
        The mass is not above 0.
    MissingError
        The substance has no heat of combustion.
    """
    if not flammable_mass_kg > 0:
        raise InputError(f"explosion: flammable mass {flammable_mass_kg:g} kg must be above 0")
    grade = reactivity or reactivity_of(properties.substance)
    mach = DETONATION_MACH if detonation else FLAME_MACH[grade][congestion]
    share = 1.0 if mach == DETONATION_MACH else EFFICIENCY
    energy = GROUND_REFLECTION * properties.need_heat_of_combustion() * flammable_mass_kg * share
    return CloudExplosion(energy, mach, centre_m, pressure_pa)
