"""How hot is it around a BLEVE fireball, and for how long?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.errors import InputError
from plume.fire.radiation import transmissivity
from plume.properties import Properties
from plume.source.weather import SourceWeather

FloatArray = NDArray[np.float64]

EMISSIVE_POWER_W_M2 = 350e3
REFERENCE_HEAT_J_KG = 46e6
LARGEST_KG = 5e6
"""NOAA TM NOS OR&R 43 section 6.3: of the order of the largest BLEVE on record."""
REFERENCE = "NOAA TM NOS OR&R 43 section 6.3 (Roberts 1982, AIChE 1994)"


@dataclass(frozen=True, slots=True)
class Fireball:
    """
    Sphere of fire resting on the ground.

    Attributes
    ----------
    mass_kg
        Fuel in it.
    diameter_m
        5.8 M^(1/3) (Roberts 1982).
    duration_s
        0.852 M^0.26 (Duiser 1992, as ALOHA shows it).
    emissive_power_w_m2
        350 kW/m2 scaled with the heat of combustion.
    """

    mass_kg: float
    diameter_m: float
    duration_s: float
    emissive_power_w_m2: float
    weather: SourceWeather

    def flux_w_m2(self, points_m: ArrayLike) -> FloatArray:
        """
        Heat flux on an upright surface facing the fireball at ``(m, 3)`` points, W/m2.

        F = x r^2/(x^2 + r^2)^1.5 beyond the radius r (section 6.3.2); within it the flux at its edge is given.
        """
        points = np.atleast_2d(np.asarray(points_m, float))
        radius = self.diameter_m / 2
        distance = np.maximum(np.hypot(points[:, 0], points[:, 1]), radius)
        factor = distance * radius**2 / (distance**2 + radius**2) ** 1.5
        return self.emissive_power_w_m2 * factor * transmissivity(self.weather, distance)


def fireball(properties: Properties, mass_kg: float, weather: SourceWeather) -> Fireball:
    """
    Fireball of all of `mass_kg`.

    Raises
    ------
    InputError
        Mass not above 0 or above 5000 t, beyond any BLEVE on record.
    """
    if not 0 < mass_kg <= LARGEST_KG:
        raise InputError(f"fireball: mass {mass_kg:g} kg must lie above 0 and at most {LARGEST_KG:g} kg")
    heat = properties.need_heat_of_combustion()
    return Fireball(
        mass_kg=mass_kg,
        diameter_m=float(5.8 * np.cbrt(mass_kg)),
        duration_s=float(0.852 * mass_kg**0.26),
        emissive_power_w_m2=EMISSIVE_POWER_W_M2 * heat / REFERENCE_HEAT_J_KG,
        weather=weather,
    )
