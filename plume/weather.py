"""What does the air do? Wind, stability and state of the air, complete and in SI."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from plume import sigma, wind
from plume.stability import StabilityClass, obukhov_of

FloatArray = NDArray[np.float64]

GAS_CONSTANT = 8.314462618
AIR_MOLAR_MASS_KG_MOL = 0.028965
STANDARD_PRESSURE_PA = 101_325.0
CALM_M_S = 1.0
"""Below this wind at 10 m a steady plume means nothing: the direction is unknown and ALOHA gives no result."""


@dataclass(frozen=True, slots=True)
class WindSample:
    """Wind from `time_s` after the release began until the next sample; speed at the weather's wind height."""

    time_s: float
    speed_m_s: float
    from_deg: float


@dataclass(frozen=True, slots=True)
class Weather:
    """
    State of the air, steady unless `series` says otherwise.

    Attributes
    ----------
    wind_speed_m_s, wind_height_m, wind_from_deg
        Wind, where it was measured, and where it comes from, clockwise from north.
    stability
        Pasquill class.
    temperature_k, relative_humidity, pressure_pa
        Ambient air; humidity 0..1.
    roughness_m
        Roughness length z0.
    monin_obukhov_m, friction_velocity_m_s, sigma_azimuth_deg, mixing_height_m
        Measured values, or None.
    cloud_tenths, solar_elevation_deg
        Cloud cover 0..10 and height of the sun (0 or less at night): what warms a puddle.
    series
        Wind changing in time; empty when steady.
    notes
        Codes of what was assumed.
    """

    wind_speed_m_s: float
    wind_height_m: float
    wind_from_deg: float
    stability: StabilityClass
    temperature_k: float = 288.15
    relative_humidity: float = 0.5
    roughness_m: float = 0.03
    pressure_pa: float = STANDARD_PRESSURE_PA
    monin_obukhov_m: float | None = None
    friction_velocity_m_s: float | None = None
    sigma_azimuth_deg: float | None = None
    mixing_height_m: float | None = None
    cloud_tenths: float = 5.0
    solar_elevation_deg: float = 0.0
    series: tuple[WindSample, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def urban(self) -> bool:
        """Rough enough for the urban sigma_z (ALOHA: z0 >= 0.2 m)."""
        return self.roughness_m >= sigma.URBAN_ROUGHNESS_M

    @property
    def obukhov_m(self) -> float:
        """Obukhov length: the measured one, else that of the class, m."""
        if self.monin_obukhov_m is not None:
            return self.monin_obukhov_m
        return obukhov_of(self.stability, self.roughness_m)

    @property
    def friction_velocity(self) -> float:
        """Friction velocity: the measured one, else from the wind profile, m/s."""
        if self.friction_velocity_m_s is not None:
            return self.friction_velocity_m_s
        return wind.friction_velocity(self.wind_speed_m_s, self.wind_height_m, self.roughness_m, self.obukhov_m)

    @property
    def wind_speed_10m_m_s(self) -> float:
        """Wind at 10 m by the log profile, m/s."""
        return float(wind.at_height(self.wind_speed_m_s, self.wind_height_m, 10.0, self.roughness_m, self.obukhov_m))

    @property
    def calm(self) -> bool:
        """Is the wind at 10 m below 1 m/s?"""
        return self.wind_speed_10m_m_s < CALM_M_S

    @property
    def measured(self) -> bool:
        """Are u*, L and sigma_azimuth all given, so that the similarity plume can be used?"""
        return None not in (self.friction_velocity_m_s, self.monin_obukhov_m, self.sigma_azimuth_deg)

    def transport_speed_m_s(self, release_height_m: float) -> float:
        """Wind that carries a plume released at this height, m/s; in a calm no less than 1 m/s at 10 m would give."""
        speed = self.wind_speed_m_s * max(1.0, CALM_M_S / self.wind_speed_10m_m_s)
        return wind.transport_speed(speed, self.wind_height_m, release_height_m, self.roughness_m, self.obukhov_m)

    @property
    def air_density_kg_m3(self) -> float:
        """Density of dry ambient air, kg/m3."""
        return self.pressure_pa * AIR_MOLAR_MASS_KG_MOL / (GAS_CONSTANT * self.temperature_k)

    def ppm_per_kg_m3(self, molar_mass_kg_mol: float) -> float:
        """Volume ppm of 1 kg/m3 at ambient temperature and pressure (never those of the release)."""
        return GAS_CONSTANT * self.temperature_k / (self.pressure_pa * molar_mass_kg_mol) * 1e6
