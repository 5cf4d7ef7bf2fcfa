"""How heavy and how cold is what has been mixed with this much air? The adiabatic mixing line of a release."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.errors import MissingError
from plume import properties
from plume.properties import Properties
from plume.release import Release
from plume.weather import AIR_MOLAR_MASS_KG_MOL, GAS_CONSTANT, Weather

FloatArray = NDArray[np.float64]

WATER_MOLAR_MASS_KG_MOL = 0.018015
AIR_CP = 1006.3
WATER_VAPOUR_CP = 1865.0
WATER_LATENT_J_KG = 2.5023e6
WATER_DENSITY_KG_M3 = 1000.0
"""Constants of the air as DEGADIS has them, J/(kg K), J/kg, kg/m3."""
NODES = 400
COLDEST_K = 100.0
FALLBACK_CP = 1000.0
BISECTIONS = 32
"""Halvings of some 200 K: to a ten-millionth of a kelvin."""
REMEMBERED = 256
SWELLING_ROUNDS = 6
LEAST_FRACTION = 1e-12
_EVENLY = np.linspace(0.0, 1.0, NODES)


@dataclass(frozen=True, slots=True, eq=False)
class MixingLine:
    """
    State of gas mixed adiabatically with humid air, from pure air to the pure release.

    Attributes
    ----------
    by_fraction
        Density (kg/m3) and temperature (K) at mass fractions ``w = s**2``, s evenly from 0 to 1; shape ``(2, NODES)``.
    by_concentration
        Density, temperature and mass fraction at concentrations ``c = c_pure * s**2``; shape ``(3, NODES)``.
    pure_kg_m3
        Concentration of the pure release, its density.
    air_kg_m3, air_k
        Density and temperature of the humid air.
    heat_capacity_j_kg_k
        Of the released vapour.
    molar_mass_kg_mol
        Of the released substance.
    notes
        Codes of what was assumed.
    """

    by_fraction: FloatArray
    by_concentration: FloatArray
    pure_kg_m3: float
    air_kg_m3: float
    air_k: float
    heat_capacity_j_kg_k: float
    molar_mass_kg_mol: float
    notes: tuple[str, ...] = ()


def line(release: Release, weather: Weather, temperature_k: float, vapour_fraction: float) -> MixingLine:
    """
    Mixing line of a release at this temperature and phase with this air.

    Enthalpy is conserved; water vapour and the substance condense and evaporate as two separate ideal liquids. A gas
    at air
    temperature mixes without any heat of its own, so no properties are needed for it.
    """
    air = (weather.temperature_k, weather.relative_humidity, weather.pressure_pa)
    substance = release.substance
    return _line(substance.key, substance.molar_mass_kg_mol, *air, temperature_k, vapour_fraction)


@lru_cache(maxsize=REMEMBERED)
def _line(
    key: str,
    molar_mass: float,
    air_k: float,
    humidity: float,
    pressure_pa: float,
    temperature_k: float,
    vapour_fraction: float,
) -> MixingLine:
    """The same from numbers: the steps of a release and the members of an ensemble ask for it again and again."""
    fraction = np.linspace(0.0, 1.0, NODES) ** 2
    notes: tuple[str, ...] = ()
    try:
        about: Properties | None = properties.of(key)
    except MissingError:
        about, notes = None, ("no_thermal_properties",)
    cp = about.vapour_heat_capacity_j_kg_k if about else FALLBACK_CP
    isothermal = about is None or (abs(temperature_k - air_k) < 1.0 and vapour_fraction >= 1.0)
    if isothermal:
        temperature = np.full(NODES, air_k)
        moles = fraction / molar_mass + (1 - fraction) / AIR_MOLAR_MASS_KG_MOL
        density = pressure_pa / (moles * GAS_CONSTANT * air_k)
    else:
        assert about is not None
        air = (air_k, humidity, pressure_pa)
        temperature, density = _adiabatic(about, molar_mass, air, temperature_k, vapour_fraction, fraction)
    concentration = fraction * density
    even = concentration[-1] * np.linspace(0.0, 1.0, NODES) ** 2
    lookup = np.stack([np.interp(even, concentration, column) for column in (density, temperature, fraction)])
    return MixingLine(
        by_fraction=np.ascontiguousarray(np.stack([density, temperature])),
        by_concentration=np.ascontiguousarray(lookup),
        pure_kg_m3=float(density[-1]),
        air_kg_m3=float(density[0]),
        air_k=air_k,
        heat_capacity_j_kg_k=cp,
        molar_mass_kg_mol=molar_mass,
        notes=notes,
    )


def _adiabatic(
    about: Properties,
    molar_mass: float,
    air: tuple[float, float, float],
    released_k: float,
    vapour_fraction: float,
    w: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """
    Temperature and density along the line by bisection on the enthalpy, all nodes at once; reference: gases at air
    temperature. `air`: temperature K, relative humidity, pressure Pa.
    """
    air_k, relative_humidity, pressure = air
    vapour = relative_humidity * _water_pressure(np.array(air_k))
    humidity = float(WATER_MOLAR_MASS_KG_MOL / AIR_MOLAR_MASS_KG_MOL * vapour / (pressure - vapour))
    dry, water = (1 - w) / (1 + humidity), (1 - w) * humidity / (1 + humidity)
    cp = about.vapour_heat_capacity_j_kg_k
    target = w * (cp * (released_k - air_k) - (1 - vapour_fraction) * _latent(about, np.array(released_k)))

    def state(temperature: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Enthalpy and volume of 1 kg of mixture."""
        share_c, share_w = _pressure(about, temperature) / pressure, _water_pressure(temperature) / pressure
        n_air, n_c, n_w = dry / AIR_MOLAR_MASS_KG_MOL, w / molar_mass, water / WATER_MOLAR_MASS_KG_MOL
        # The amount of gas is the least over "is it saturated or not" of both vapours; above its boiling point none is.
        gas = n_air + n_c + n_w
        gas = np.minimum(gas, _saturated(n_air + n_w, share_c))
        gas = np.minimum(gas, _saturated(n_air + n_c, share_w))
        gas = np.minimum(gas, _saturated(n_air, share_c + share_w))
        liquid_c = np.maximum(w - np.minimum(n_c, share_c * gas) * molar_mass, 0.0)
        liquid_w = np.maximum(water - np.minimum(n_w, share_w * gas) * WATER_MOLAR_MASS_KG_MOL, 0.0)
        heat = (w * cp + dry * AIR_CP + water * WATER_VAPOUR_CP) * (temperature - air_k)
        heat = heat - liquid_c * _latent(about, temperature) - liquid_w * WATER_LATENT_J_KG
        volume = gas * GAS_CONSTANT * temperature / pressure
        volume = volume + liquid_c / _liquid_density(about, temperature) + liquid_w / WATER_DENSITY_KG_M3
        return heat, volume

    low = np.full(w.size, COLDEST_K)
    high = np.full(w.size, max(air_k, released_k) + 1.0)
    for _ in range(BISECTIONS):
        middle = 0.5 * (low + high)
        too_warm = state(middle)[0] > target
        high, low = np.where(too_warm, middle, high), np.where(too_warm, low, middle)
    # At the boiling point of the pure substance the enthalpy jumps: the share of vapour follows from it, not from the
    # temperature.
    (cold, small), (warm, large) = state(low), state(high)
    share = np.clip((target - cold) / np.where(warm > cold, warm - cold, 1.0), 0.0, 1.0)
    return 0.5 * (low + high), 1 / (small + share * (large - small))


def _saturated(others_mol: FloatArray, share: FloatArray) -> FloatArray:
    """Moles of gas in which the vapours that are saturated hold this share; unlimited where they boil."""
    room = 1 - share
    return np.where(room > 0, others_mol / np.where(room > 0, room, 1.0), np.inf)


def _water_pressure(temperature_k: FloatArray) -> FloatArray:
    """Saturation pressure of water, Pa (Magnus form, Alduchov & Eskridge 1996)."""
    celsius = np.maximum(temperature_k - 273.15, -120.0)
    return np.asarray(610.94 * np.exp(17.625 * celsius / (celsius + 243.04)))


def _held(about: Properties, temperature_k: FloatArray) -> FloatArray:
    """Temperatures held within what is known of the liquid."""
    lowest = properties.COLDEST_SHARE * about.vapour_pressure_range_k[0]
    return np.clip(temperature_k, lowest * (1 + 1e-9), about.critical_temperature_k * (1 - 1e-6))


def _pressure(about: Properties, temperature_k: FloatArray) -> FloatArray:
    value = about.vapour_pressure_pa(_held(about, temperature_k))
    return np.where(temperature_k > about.critical_temperature_k, np.inf, value)


def _latent(about: Properties, temperature_k: FloatArray) -> FloatArray:
    return about.latent_heat_j_kg(_held(about, temperature_k))


def _liquid_density(about: Properties, temperature_k: FloatArray) -> FloatArray:
    return about.liquid_density_kg_m3(_held(about, temperature_k))


def mole_fraction(mixing: MixingLine, concentration_kg_m3: Any, warmth_k: Any = 0.0) -> FloatArray:
    """
    Share of the substance by moles in the mixture that holds this many kg/m3 of it; any shape.

    `warmth_k`: how much warmer than by mixing alone the pure substance would be with the heat it took from the ground
    (`warmth_of`); 0 is the adiabatic mixture.
    """
    concentration = np.asarray(concentration_kg_m3, float)
    fraction = _share(mixing, concentration, np.ones(()))
    if np.any(warmth_k):
        for _ in range(SWELLING_ROUNDS):
            cold = np.interp(np.sqrt(fraction), _EVENLY, mixing.by_fraction[1])
            fraction = _share(mixing, concentration, 1 + warmth_k * fraction / cold)
    moles = fraction / mixing.molar_mass_kg_mol
    return np.asarray(moles / (moles + (1 - fraction) / AIR_MOLAR_MASS_KG_MOL))


def warmth_of(mixing: MixingLine, concentration_kg_m3: FloatArray, temperature_k: FloatArray) -> FloatArray:
    """Warmth of a cloud that is at this temperature where it holds this many kg/m3, K per mass fraction."""
    swollen = np.ones(concentration_kg_m3.shape)
    for _ in range(SWELLING_ROUNDS):
        fraction = _share(mixing, concentration_kg_m3, swollen)
        cold = np.interp(np.sqrt(fraction), _EVENLY, mixing.by_fraction[1])
        swollen = np.maximum(temperature_k / cold, 1.0)
    return np.asarray(np.maximum(temperature_k - cold, 0.0) / np.maximum(fraction, LEAST_FRACTION))


def _share(mixing: MixingLine, concentration_kg_m3: FloatArray, swollen: FloatArray) -> FloatArray:
    """Mass fraction at a concentration whose volume has grown by a factor since it mixed."""
    scaled = np.sqrt(np.clip(concentration_kg_m3 * swollen / mixing.pure_kg_m3, 0.0, 1.0))
    return np.asarray(np.interp(scaled, _EVENLY, np.sqrt(mixing.by_concentration[2])) ** 2)
