"""How much heat reaches a puddle from sun, sky, air and ground?"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from plume.source.brighton import diffusivity_m2_s, friction_velocity_m_s
from plume.source.weather import SourceWeather

FloatArray = NDArray[np.float64]
Surface = Literal["soil", "concrete", "dry_sand", "moist_sand", "water"]

STEFAN_BOLTZMANN = 5.670374e-8
EMISSIVITY = 0.97
AIR_DENSITY_KG_M3 = 1.2
AIR_HEAT_CAPACITY_J_KG_K = 1004.0
AIR_THERMAL_DIFFUSIVITY_M2_S = 2.0e-5
WATER_TRANSFER_W_M2_K = 500.0
"""Heat from water into a floating puddle, W/(m2 K) (Webber 1991, as ALOHA); from memory, unverified."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Conductivity W/(m K) and diffusivity m2/s of what a puddle lies on."""

    conductivity_w_m_k: float
    diffusivity_m2_s: float


GROUND: dict[Surface, Ground] = {
    "soil": Ground(8.64, 4.13e-6),
    "concrete": Ground(8.28, 3.74e-6),
    "dry_sand": Ground(2.34, 1.74e-6),
    "moist_sand": Ground(5.31, 3.02e-6),
}
"""NOAA TM NOS OR&R 43 table 9 (Briscoe & Shaw 1980); the ninefold correction for soil is already in it."""
_SKY_A = (0.740, 0.750, 0.760, 0.770, 0.783, 0.793, 0.800, 0.810, 0.820, 0.840, 0.870)
_SKY_B = (44.3e-6, 44.3e-6, 44.3e-6, 44.2e-6, 40.7e-6, 40.5e-6, 39.9e-6, 38.4e-6, 35.4e-6, 31.0e-6, 26.6e-6)
"""NOAA TM NOS OR&R 43 table 8, by tenths of cloud."""


def sun_w_m2(weather: SourceWeather) -> float:
    """
    Sunshine, W/m2: 1111 (1 - 0.0071 CI^2)(sin phi - 0.1) for sin phi > 0.1, else 0 (Raphael 1962; section 3.3.3.1).
    """
    height = math.sin(math.radians(weather.solar_elevation_deg))
    return 1111 * (1 - 0.0071 * weather.cloud_tenths**2) * (height - 0.1) if height > 0.1 else 0.0


def sky_w_m2(weather: SourceWeather) -> float:
    """Long-wave radiation from the sky, W/m2: (1 - 0.03)(a + b e) sigma Ta^4 (Thibodeaux 1979; section 3.3.3.2)."""
    a = float(np.interp(weather.cloud_tenths, range(11), _SKY_A))
    b = float(np.interp(weather.cloud_tenths, range(11), _SKY_B))
    share = a + b * weather.water_vapour_pressure_pa
    return (1 - 0.03) * share * STEFAN_BOLTZMANN * weather.air_temperature_k**4


def glow_w_m2(temperature_k: float) -> float:
    """Long-wave radiation of the puddle, W/m2: 0.97 sigma T^4."""
    return EMISSIVITY * STEFAN_BOLTZMANN * temperature_k**4


def air_w_m2_k(coefficient: float, weather: SourceWeather, molar_mass_kg_mol: float) -> float:
    """Heat from the air per kelvin, W/(m2 K): rho cp j (kappa_air/D)^(2/3) u* (section 3.3.3.5)."""
    spread: float = (AIR_THERMAL_DIFFUSIVITY_M2_S / diffusivity_m2_s(molar_mass_kg_mol)) ** (2 / 3)
    speed = friction_velocity_m_s(weather.wind_speed_10m_m_s)
    return AIR_DENSITY_KG_M3 * AIR_HEAT_CAPACITY_J_KG_K * coefficient * spread * speed


class GroundHeat:
    """
    Heat out of a half-space whose surface follows the puddle's temperature, ring by ring as the puddle spreads.

    Duhamel's superposition of k dT/sqrt(pi kappa t): exact for a temperature that changes in steps.
    """

    def __init__(self, surface: Surface, ground_temperature_k: float) -> None:
        self.surface = surface
        self.ground_k = ground_temperature_k
        self._since: list[float] = []
        self._pull: list[float] = []  # m2 K newly laid on the ground at each moment

    def wet(self, time_s: float, area_m2: float, temperature_k: float) -> None:
        """Fresh ground of `area_m2` covered by liquid of `temperature_k`."""
        self._since.append(time_s)
        self._pull.append(area_m2 * (self.ground_k - temperature_k))

    def change(self, time_s: float, area_m2: float, rise_k: float) -> None:
        """The whole puddle of `area_m2` became `rise_k` warmer."""
        self._since.append(time_s)
        self._pull.append(-area_m2 * rise_k)

    def power_w(self, time_s: float, step_s: float, area_m2: float, temperature_k: float) -> float:
        """Mean heat into the puddle over the coming step, W."""
        if self.surface == "water":
            return WATER_TRANSFER_W_M2_K * area_m2 * (self.ground_k - temperature_k)
        ground = GROUND[self.surface]
        age = time_s - np.asarray(self._since)
        mean = 2 * (np.sqrt(age + step_s) - np.sqrt(age)) / step_s
        strength = ground.conductivity_w_m_k / math.sqrt(math.pi * ground.diffusivity_m2_s)
        return float(strength * (np.asarray(self._pull) @ mean))

    def stiffness_w_k(self, step_s: float, area_m2: float) -> float:
        """How much less heat comes per kelvin the puddle warms during the step, W/K."""
        if self.surface == "water":
            return WATER_TRANSFER_W_M2_K * area_m2
        ground = GROUND[self.surface]
        strength = ground.conductivity_w_m_k / math.sqrt(math.pi * ground.diffusivity_m2_s)
        return strength * area_m2 * 2 / math.sqrt(step_s)
