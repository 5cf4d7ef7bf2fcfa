"""How much evaporates from a puddle, fixed, spreading or fed by a leak, boiling or not?"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.errors import InputError
from plume.properties import Properties
from plume.source import brighton, heat
from plume.source.liquid import Drain
from plume.source.series import SourceTerm, steps
from plume.source.tank import GRAVITY_M_S2
from plume.source.weather import SourceWeather

FloatArray = NDArray[np.float64]

LEAST_DEPTH_M = 0.005
"""A puddle stops spreading at 5 mm (NOAA TM NOS OR&R 43 section 3.4.4.2)."""
WATER_DENSITY_KG_M3 = 1000.0
REFERENCE = "NOAA TM NOS OR&R 43 sections 3.3.1-3.3.3, after Brighton 1985"
HORIZON_S = 3600.0
"""ALOHA follows a source for one hour."""
EMPTY_SHARE = 1e-9
COLDEST_SHARE = 0.92
"""A puddle is not cooled below its freezing point, nor far below the range of its vapour pressure."""


@dataclass(frozen=True, slots=True)
class PuddleBed:
    """
    Where the liquid lies.

    Attributes
    ----------
    surface
        What is below it.
    area_m2
        Fixed area (a bund, or a puddle that was measured); None: it spreads.
    largest_area_m2
        Bound of spreading (kerb, bund); None: until 5 mm deep.
    """

    surface: heat.Surface = "soil"
    area_m2: float | None = None
    largest_area_m2: float | None = None

    def __post_init__(self) -> None:
        faults = [
            f"puddle: {name} {value:g} m2 must be above 0"
            for name, value in (("area", self.area_m2), ("largest area", self.largest_area_m2))
            if value is not None and not value > 0
        ]
        if faults:
            raise InputError(faults)


def spilled(
    properties: Properties,
    mass_kg: float,
    bed: PuddleBed,
    weather: SourceWeather,
    *,
    temperature_k: float | None = None,
    horizon_s: float = HORIZON_S,
) -> SourceTerm:
    """
    Evaporation from `mass_kg` spilled at once.

    Raises
    ------
    InputError
        Mass not above 0, no wind, or a substance that is no liquid here.
    """
    if not mass_kg > 0:
        raise InputError(f"puddle: mass {mass_kg:g} kg must be above 0")
    return _evaporate(properties, mass_kg, None, bed, weather, temperature_k, horizon_s)


def fed(
    properties: Properties,
    inflow: Drain,
    bed: PuddleBed,
    weather: SourceWeather,
    *,
    horizon_s: float = HORIZON_S,
) -> SourceTerm:
    """Evaporation from a puddle that a leak keeps filling: what drains is never what becomes airborne."""
    return _evaporate(properties, 0.0, inflow, bed, weather, inflow.temperature_k, horizon_s)


def _edges_s(horizon_s: float) -> FloatArray:
    """Edges of the steps: short at first, when the ground gives most heat, longer later."""
    later = np.arange(1200.0, max(horizon_s, 1200.0), 30.0)
    whole = np.concatenate((np.arange(0, 60.0), np.arange(60, 300, 4.0), np.arange(300, 1200, 12.0), later))
    return np.append(whole[whole < horizon_s], horizon_s)


class _Puddle:
    """State of the puddle while time runs."""

    def __init__(
        self, properties: Properties, bed: PuddleBed, weather: SourceWeather, mass_kg: float, temperature_k: float
    ) -> None:
        self.properties, self.bed, self.weather = properties, bed, weather
        self.boiling_k = properties.boiling_temperature_k(weather.pressure_pa)
        self.mass_kg = mass_kg
        self.temperature_k = min(temperature_k, self.boiling_k)
        coldest = max(properties.freezing_point_k, COLDEST_SHARE * properties.vapour_pressure_range_k[0])
        self.coldest_k = min(coldest, self.temperature_k)
        self.radius_m = 0.0
        self.ground = heat.GroundHeat(bed.surface, weather.ground_k)
        self.constant_w_m2 = heat.sun_w_m2(weather) + heat.sky_w_m2(weather)
        self._coefficient = (0.0, 0.0)

    @property
    def area_m2(self) -> float:
        return math.pi * self.radius_m**2

    def spread(self, time_s: float, step_s: float) -> None:
        """Briscoe & Shaw (1980): dr/dt = sqrt(2 g d) down to 5 mm; on water g is reduced by the buoyancy."""
        before = self.area_m2
        if self.bed.area_m2 is not None:
            self.radius_m = math.sqrt(self.bed.area_m2 / math.pi)
        elif self.mass_kg > 0:
            density = float(self.properties.liquid_density_kg_m3(self.temperature_k))
            gravity = GRAVITY_M_S2
            if self.bed.surface == "water":
                gravity *= max(1 - density / WATER_DENSITY_KG_M3, 0.05)
            volume = self.mass_kg / density
            limit = math.sqrt(volume / (math.pi * LEAST_DEPTH_M))
            if self.bed.largest_area_m2 is not None:
                limit = min(limit, math.sqrt(self.bed.largest_area_m2 / math.pi))
            # r dr/dt = sqrt(2 g V/pi) for a volume V: exact growth of r^2, starting as deep as wide
            start = self.radius_m or min((volume / math.pi) ** (1 / 3), limit)
            grown = math.sqrt(start**2 + 2 * step_s * math.sqrt(2 * gravity * volume / math.pi))
            self.radius_m = max(self.radius_m, min(grown, limit))
        if self.area_m2 > before:
            self.ground.wet(time_s, self.area_m2 - before, self.temperature_k)

    def coefficient(self) -> float:
        """Brighton's j, recomputed only when the diameter has changed."""
        if self._coefficient[0] != self.radius_m:
            j = brighton.transfer_coefficient(
                self.properties.molar_mass_kg_mol,
                self.weather.wind_speed_10m_m_s,
                self.weather.wind_exponent,
                2 * self.radius_m,
            )
            self._coefficient = (self.radius_m, j)
        return self._coefficient[1]

    def wind_flux(self, temperature_k: float) -> tuple[float, float]:
        """Non-boiling flux (kg/(m2 s)) and vapour pressure (Pa)."""
        pressure = float(self.properties.vapour_pressure_pa(temperature_k))
        weather = self.weather
        flux = brighton.flux_kg_m2_s(
            self.coefficient(),
            weather.wind_speed_10m_m_s,
            pressure,
            self.properties.molar_mass_kg_mol,
            temperature_k,
            weather.pressure_pa,
        )
        return flux, pressure

    def step(self, time_s: float, step_s: float) -> float:
        """
        Evaporate and warm or cool for one step; the mass that became airborne, kg.

        The temperature is stepped with its own stiffness (linearised backward Euler), so that a thin puddle stays
        stable.
        """
        area, temperature, weather = self.area_m2, self.temperature_k, self.weather
        if self.mass_kg <= 0 or area == 0:
            return 0.0
        latent = float(self.properties.latent_heat_j_kg(temperature))
        flux, pressure = self.wind_flux(temperature)
        air = heat.air_w_m2_k(
            self.coefficient() * brighton.volatile_factor(pressure, weather.pressure_pa),
            weather,
            self.properties.molar_mass_kg_mol,
        )
        given = area * (
            self.constant_w_m2 - heat.glow_w_m2(temperature) + air * (weather.air_temperature_k - temperature)
        )
        given += self.ground.power_w(time_s, step_s, area, temperature)
        slope = latent * self.properties.molar_mass_kg_mol / (8.314 * temperature**2)  # d ln Pv / dT
        stiffness = area * (air + latent * flux * slope + 4 * heat.glow_w_m2(temperature) / temperature)
        stiffness += self.ground.stiffness_w_k(step_s, area)
        capacity = self.mass_kg * float(self.properties.liquid_heat_capacity_j_kg_k(temperature))
        rise = step_s * (given - area * latent * flux) / (capacity + step_s * stiffness)
        reached = temperature + rise
        if reached >= self.boiling_k:
            # heat that would lift it past the boiling point evaporates liquid instead
            warm = capacity * (self.boiling_k - temperature)
            boiled = max(step_s * given - warm, 0.0) / latent
            out, reached = max(boiled, flux * area * step_s), self.boiling_k
        else:
            reached = max(reached, self.coldest_k)
            middle = 0.5 * (temperature + reached)
            out = self.wind_flux(middle)[0] * area * step_s
        if reached != temperature:
            self.ground.change(time_s + step_s, area, reached - temperature)
        self.temperature_k = reached
        out = min(out, self.mass_kg)
        self.mass_kg -= out
        return out

    def add(self, mass_kg: float, temperature_k: float) -> None:
        """Liquid arrives and mixes in."""
        if mass_kg <= 0:
            return
        arriving = min(temperature_k, self.boiling_k)
        total = self.mass_kg + mass_kg
        mixed = (self.mass_kg * self.temperature_k + mass_kg * arriving) / total
        self.temperature_k, self.mass_kg = mixed, total


def _evaporate(
    properties: Properties,
    mass_kg: float,
    inflow: Drain | None,
    bed: PuddleBed,
    weather: SourceWeather,
    temperature_k: float | None,
    horizon_s: float,
) -> SourceTerm:
    if not weather.wind_speed_10m_m_s > 0:
        raise InputError("puddle: the wind is 0 m/s; evaporation needs a wind, give at least 1 m/s at 10 m")
    start_k = weather.air_temperature_k if temperature_k is None else temperature_k
    edges = _edges_s(horizon_s)
    puddle = _Puddle(properties, bed, weather, mass_kg, start_k)
    arriving = np.diff(inflow.left_kg(edges)) if inflow is not None else np.zeros(edges.size - 1)
    arrived = mass_kg + float(arriving.sum())
    out = np.zeros(edges.size - 1)
    temperature = np.full(edges.size - 1, puddle.temperature_k)
    for i, (time, length) in enumerate(zip(edges[:-1], np.diff(edges), strict=True)):
        puddle.add(float(arriving[i]), start_k)
        puddle.spread(float(time), float(length))
        temperature[i] = puddle.temperature_k
        out[i] = puddle.step(float(time), float(length))
        if puddle.mass_kg <= EMPTY_SHARE * arrived and (inflow is None or time > inflow.edges_s[-1]):
            break
    used = int(np.flatnonzero(out)[-1]) + 1
    rate = out[:used] / np.diff(edges)[:used]
    notes = ["puddle"]
    if puddle.mass_kg > 1e-3 * arrived:
        notes.append("liquid_left_on_ground")
    if temperature.min() <= puddle.coldest_k * (1 + 1e-9):
        notes.append("near_freezing")
    if bed.surface == "water":
        notes.append("unverified_heat_from_water")
    return steps(
        edges[:used],
        rate,
        float(edges[used]),
        temperature[:used],
        1.0,
        method="puddle_aloha",
        reference=REFERENCE,
        notes=(*notes, *properties.notes),
        shape="puddle",
        diameter_m=2 * puddle.radius_m,
        spilled_mass_kg=max(arrived, float(out.sum())),
    )
