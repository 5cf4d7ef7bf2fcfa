"""What vessel would hold what the ledger says is there? A first guess for the source wizard, shown to be changed."""

import math
from dataclasses import dataclass
from typing import Literal

from gis.errors import InputError, MissingError
from plume import properties

FULL_SHARE = 0.85
"""A tank is taken to be this full at its design quantity (liquefied gas may not fill more than 0.95, TSG 21-2016)."""
SPHERE_FROM_M3 = 400.0
"""Liquefied gas in larger amounts is kept in spheres (GB/T 17261: 50 to 10 000 m3)."""
LONG_BY_WIDE = 3.5
"""Length of a lying tank by its diameter."""
STEP_M = 0.1


@dataclass(frozen=True, slots=True)
class Vessel:
    """A vessel as the case describes it; ``pressurised`` when what it holds boils below the air's temperature."""

    tank_shape: Literal["horizontal_cylinder", "vertical_cylinder", "sphere"]
    tank_diameter_m: float
    tank_length_m: float | None
    pressurised: bool


def vessel_of(substance: str, stock_kg: float, design_kg: float | None, air_temperature_c: float) -> Vessel | None:
    """
    Vessel for the design quantity, or where the ledger has none for the stock; None when nobody knows the substance.

    Liquefied gases lie in cylinders or stand in spheres; other liquids stand in cylinders as high as they are wide. No
    dimension is in the ledger, so only the volume is right.
    """
    try:
        held = properties.of(substance)
    except (InputError, MissingError):
        return None
    air_k = air_temperature_c + 273.15
    pressurised = held.boiling_point_k < air_k
    # Liquefied under pressure it stands at the air's temperature, where it takes more room; above it is a gas.
    kept_k = min(air_k, held.critical_temperature_k - 1.0)
    density = float(held.liquid_density_kg_m3(kept_k if pressurised else min(air_k, held.boiling_point_k)))
    volume_m3 = max(stock_kg, design_kg or 0.0) / density / FULL_SHARE
    if volume_m3 <= 0:
        return None
    if pressurised and volume_m3 >= SPHERE_FROM_M3:
        return Vessel("sphere", _up((6 * volume_m3 / math.pi) ** (1 / 3)), None, True)
    slim = LONG_BY_WIDE if pressurised else 1.0
    diameter_m = _up((4 * volume_m3 / (math.pi * slim)) ** (1 / 3))
    shape: Literal["horizontal_cylinder", "vertical_cylinder"] = "vertical_cylinder"
    if pressurised:
        shape = "horizontal_cylinder"
    return Vessel(shape, diameter_m, _up(slim * diameter_m), pressurised)


def _up(metres: float) -> float:
    """The next tenth of a metre, so that the stock fits."""
    return round(math.ceil(metres / STEP_M) * STEP_M, 1)
