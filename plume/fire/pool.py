"""How hot is it around a burning pool?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.errors import InputError
from plume.fire.radiation import Tiles, frustum, transmissivity, view_factor
from plume.properties import AIR_MOLAR_MASS_KG_MOL, GAS_CONSTANT, Properties
from plume.source.tank import GRAVITY_M_S2
from plume.source.weather import SourceWeather

FloatArray = NDArray[np.float64]

RADIATED_SHARE = 0.3
"""Roberts (1982); NOAA TM NOS OR&R 43 section 6.5.1."""
FLAME_WIND_HEIGHT_M = 3.0
"""ALOHA takes its wind near the ground at 3 m."""
REFERENCE = "NOAA TM NOS OR&R 43 section 6.5 (Mudan 1984, Thomas 1963, AGA 1973)"


def air_density_kg_m3(weather: SourceWeather) -> float:
    """Density of dry air, kg/m3."""
    return weather.pressure_pa * AIR_MOLAR_MASS_KG_MOL / (GAS_CONSTANT * weather.air_temperature_k)


def wind_near_ground_m_s(weather: SourceWeather) -> float:
    """Wind at 3 m by the power law of the class, m/s."""
    return float(weather.wind_speed_10m_m_s * (FLAME_WIND_HEIGHT_M / 10.0) ** weather.wind_exponent)


def burning_flux_kg_m2_s(properties: Properties, temperature_k: float) -> float:
    """
    Burning rate of a pool, kg/(m2 s): m = 0.001 Hc/(Hv + cp (Tb - T)) (Mudan 1984; section 6.5.1).

    The latent heat is that at the boiling point; a liquid above it is taken at it.
    """
    warm = max(properties.boiling_point_k - temperature_k, 0.0)
    capacity = float(properties.liquid_heat_capacity_j_kg_k(min(temperature_k, properties.boiling_point_k)))
    need = properties.latent_heat_at_boiling_j_kg + capacity * warm
    return 0.001 * properties.need_heat_of_combustion() / need


def heskestad_length_m(heat_release_kw: ArrayLike, diameter_m: ArrayLike) -> FloatArray:
    """Mean flame height in still air, m: 0.235 Q^(2/5) - 1.02 D (Heskestad 1983); from memory, unverified."""
    return np.asarray(0.235 * np.asarray(heat_release_kw, float) ** 0.4 - 1.02 * np.asarray(diameter_m, float))


@dataclass(frozen=True, slots=True, eq=False)
class PoolFire:
    """
    Flame over a round pool: a cylinder leaning downwind, radiating evenly from its side and top.

    Attributes
    ----------
    diameter_m, flame_length_m, tilt_rad
        Size, and lean from the vertical.
    burning_rate_kg_s
        Of the whole pool.
    emissive_power_w_m2
        Of the flame's side.
    """

    diameter_m: float
    flame_length_m: float
    tilt_rad: float
    burning_rate_kg_s: float
    emissive_power_w_m2: float
    weather: SourceWeather
    tiles: Tiles

    def flux_w_m2(self, points_m: ArrayLike) -> FloatArray:
        """
        Heat flux on the worst-facing small surface at ``(m, 3)`` points (downwind, across, up) from the middle, W/m2.
        """
        factor, path = view_factor(self.tiles, points_m)
        return self.emissive_power_w_m2 * factor * transmissivity(self.weather, path)


def pool_fire(
    properties: Properties,
    diameter_m: float,
    weather: SourceWeather,
    *,
    temperature_k: float | None = None,
    burning_flux: float | None = None,
    heat_of_combustion_j_kg: float | None = None,
    wind_m_s: float | None = None,
) -> PoolFire:
    """
    Pool fire of a given diameter.

    u* = u (rho/(g m d))^(1/3); length 55 d (m/(rho sqrt(g d)))^0.67 u*^-0.21 (Thomas 1963), u* at least 1; tilt
    acos(u*^-1/2) above u* = 1 (AGA 1973); emissive power 0.3 Hc m/(1 + 4 h/d) (Moorhouse & Pritchard 1982).

    Raises
    ------
    InputError
        The diameter is not above 0.
    MissingError
        The substance has no heat of combustion.
    """
    if not diameter_m > 0:
        raise InputError(f"pool fire: diameter {diameter_m:g} m must be above 0")
    heat = heat_of_combustion_j_kg or properties.need_heat_of_combustion()
    start = weather.air_temperature_k if temperature_k is None else temperature_k
    flux = burning_flux_kg_m2_s(properties, start) if burning_flux is None else burning_flux
    density, wind = air_density_kg_m3(weather), wind_near_ground_m_s(weather) if wind_m_s is None else wind_m_s
    speed = max(wind * (density / (GRAVITY_M_S2 * flux * diameter_m)) ** (1 / 3), 1.0)
    slender = 55 * (flux / (density * np.sqrt(GRAVITY_M_S2 * diameter_m))) ** 0.67 * speed**-0.21
    tilt = float(np.arccos(speed**-0.5))
    length = float(slender * diameter_m)
    return PoolFire(
        diameter_m=diameter_m,
        flame_length_m=length,
        tilt_rad=tilt,
        burning_rate_kg_s=float(flux * np.pi * diameter_m**2 / 4),
        emissive_power_w_m2=float(RADIATED_SHARE * heat * flux / (1 + 4 * slender)),
        weather=weather,
        tiles=frustum(diameter_m, diameter_m, length, tilt_rad=tilt),
    )
