"""Which numbers of the weather does a source need?"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from plume.properties import STANDARD_PRESSURE_PA

StabilityClass = Literal["A", "B", "C", "D", "E", "F"]

WIND_EXPONENT: dict[str, float] = {"A": 0.108, "B": 0.112, "C": 0.120, "D": 0.142, "E": 0.203, "F": 0.253}
"""Power-law exponent of ALOHA and DEGADIS."""


@dataclass(frozen=True, slots=True)
class SourceWeather:
    """
    Weather over a puddle or a hole.

    Attributes
    ----------
    air_temperature_k, pressure_pa
        Of the air.
    wind_speed_10m_m_s
        Wind at 10 m.
    stability
        Pasquill class, for the wind profile.
    relative_humidity
        Share, 0..1.
    cloud_tenths
        Cloud cover, 0..10.
    solar_elevation_deg
        Height of the sun; 0 or less at night.
    ground_temperature_k
        None: that of the air.
    """

    air_temperature_k: float
    wind_speed_10m_m_s: float
    stability: StabilityClass = "D"
    relative_humidity: float = 0.5
    cloud_tenths: float = 5.0
    solar_elevation_deg: float = 0.0
    pressure_pa: float = STANDARD_PRESSURE_PA
    ground_temperature_k: float | None = None

    @property
    def wind_exponent(self) -> float:
        """Exponent of the wind profile."""
        return WIND_EXPONENT[self.stability]

    @property
    def ground_k(self) -> float:
        """Temperature of the ground, K."""
        return self.air_temperature_k if self.ground_temperature_k is None else self.ground_temperature_k

    @property
    def water_vapour_pressure_pa(self) -> float:
        """Partial pressure of water vapour (Magnus form, WMO), Pa."""
        celsius = self.air_temperature_k - 273.15
        return float(self.relative_humidity * 610.94 * np.exp(17.625 * celsius / (celsius + 243.04)))
