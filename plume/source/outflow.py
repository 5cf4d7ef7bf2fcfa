"""What becomes airborne from a source that was described, in this weather?"""

import functools

import numpy as np

from gis.errors import InputError
from plume.properties import Properties
from plume.source import flashing, gas, hj169, kinds, liquid, puddle, smoke
from plume.source.series import SourceTerm, steps
from plume.source.tank import Hole, Tank
from plume.source.weather import SourceWeather

BAR_PA = 1e5
OVERFULL = 1 + 1e-6
HJ169_GROUND = {"concrete": "cement", "soil": "soil_8_percent_water", "dry_sand": "dry_soil", "moist_sand": "wet_soil"}


def to_source_term(kind: kinds.AnyKind, properties: Properties, weather: SourceWeather) -> SourceTerm:
    """
    Source term of any kind, followed for its `horizon_s`.

    Raises
    ------
    InputError
        The description is impossible (one sentence per fault), such as more content than the tank holds.
    """
    return _term(kind, properties, weather).cut_at(kind.horizon_s)


@functools.singledispatch
def _term(kind: kinds.SourceKind, _properties: Properties, _weather: SourceWeather) -> SourceTerm:
    raise InputError(f"release: kind {type(kind).__name__} is unknown")


def check_content(released_kg: float, content_kg: float | None) -> None:
    """
    Refuse a release of more than there is.

    Raises
    ------
    InputError
        `released_kg` is above `content_kg`.
    """
    if content_kg is not None and released_kg > content_kg * OVERFULL:
        raise InputError(
            f"release: {released_kg:.6g} kg is more than the {content_kg:.6g} kg there are; "
            "lower the rate, the duration or the mass, or correct the content"
        )


def _kelvin(temperature_c: float | None, weather: SourceWeather) -> float:
    return weather.air_temperature_k if temperature_c is None else temperature_c - kinds.ABSOLUTE_ZERO_C


def _pascal(pressure_bar: float | None) -> float | None:
    return None if pressure_bar is None else pressure_bar * BAR_PA


def _content_m3(
    kind: kinds.TankLiquid | kinds.TwoPhase, tank: Tank, properties: Properties, temperature_k: float
) -> float:
    density = float(properties.liquid_density_kg_m3(temperature_k))
    if kind.fill_fraction is not None:
        return kind.fill_fraction * tank.volume_m3
    assert kind.content_kg is not None  # the validator saw to it
    if kind.content_kg > tank.volume_m3 * density * OVERFULL:
        raise InputError(
            f"tank: {kind.content_kg:.6g} kg of {properties.substance} do not fit, the tank holds at most "
            f"{tank.volume_m3 * density:.6g} kg; correct content_kg or the size of the tank"
        )
    return kind.content_kg / density


def _tank_and_hole(kind: kinds.TankLiquid | kinds.TwoPhase) -> tuple[Tank, Hole]:
    tank = Tank(kind.tank_shape, kind.tank_diameter_m, kind.tank_length_m)
    if kind.hole_diameter_m is not None:
        return tank, Hole.circle(kind.hole_diameter_m, kind.hole_bottom_m, kind.pipe_length_m)
    assert kind.hole_width_m is not None and kind.hole_height_m is not None  # the validator saw to it
    return tank, Hole.slot(kind.hole_width_m, kind.hole_height_m, kind.hole_bottom_m)


def _flashing(kind: kinds.TankLiquid | kinds.TwoPhase, properties: Properties, weather: SourceWeather) -> SourceTerm:
    temperature = _kelvin(kind.temperature_c, weather)
    tank, hole = _tank_and_hole(kind)
    return flashing.from_tank(
        properties,
        tank,
        hole,
        _content_m3(kind, tank, properties, temperature),
        temperature,
        ambient_pressure_pa=weather.pressure_pa,
        tank_pressure_pa=_pascal(kind.pressure_bar),
        method=kind.method,
    )


@_term.register
def _two_phase(kind: kinds.TwoPhase, properties: Properties, weather: SourceWeather) -> SourceTerm:
    return _flashing(kind, properties, weather)


@_term.register
def _tank_liquid(kind: kinds.TankLiquid, properties: Properties, weather: SourceWeather) -> SourceTerm:
    temperature = _kelvin(kind.temperature_c, weather)
    saturated = float(properties.vapour_pressure_pa(temperature))
    if saturated > weather.pressure_pa:
        return _flashing(kind, properties, weather)
    tank, hole = _tank_and_hole(kind)
    inflow = liquid.drain(
        tank,
        hole,
        _content_m3(kind, tank, properties, temperature),
        float(properties.liquid_density_kg_m3(temperature)),
        temperature,
        vapour_pressure_pa=saturated,
        ambient_pressure_pa=weather.pressure_pa,
        tank_pressure_pa=_pascal(kind.pressure_bar) or (weather.pressure_pa if kind.method == "hj169" else None),
    )
    bed = puddle.PuddleBed(kind.surface, None, kind.largest_puddle_m2)
    return puddle.fed(properties, inflow, bed, weather, horizon_s=kind.horizon_s)


@_term.register
def _vessel_gas(kind: kinds.VesselGas, properties: Properties, weather: SourceWeather) -> SourceTerm:
    return gas.from_vessel(
        properties,
        kind.volume_m3,
        kind.pressure_bar * BAR_PA,
        _kelvin(kind.temperature_c, weather),
        float(np.pi * kind.hole_diameter_m**2 / 4),
        ambient_pressure_pa=weather.pressure_pa,
        method=kind.method,
        emptying=kind.emptying,
    )


@_term.register
def _puddle(kind: kinds.Puddle, properties: Properties, weather: SourceWeather) -> SourceTerm:
    temperature = _kelvin(kind.temperature_c, weather)
    if kind.method == "hj169":
        if kind.surface not in HJ169_GROUND:
            raise InputError(f"puddle: HJ 169 has no values for {kind.surface}; use method aloha")
        assert kind.area_m2 is not None  # the validator saw to it
        return hj169.spilled(
            properties,
            kind.mass_kg,
            kind.area_m2,
            weather,
            temperature_k=temperature,
            ground=HJ169_GROUND[kind.surface],
            horizon_s=kind.horizon_s,
        )
    bed = puddle.PuddleBed(kind.surface, kind.area_m2, kind.largest_puddle_m2)
    return puddle.spilled(properties, kind.mass_kg, bed, weather, temperature_k=temperature, horizon_s=kind.horizon_s)


@_term.register
def _pipe_rupture(kind: kinds.PipeRupture, properties: Properties, weather: SourceWeather) -> SourceTerm:
    temperature, pressure = _kelvin(kind.temperature_c, weather), kind.pressure_bar * BAR_PA
    if kind.phase == "gas":
        return gas.from_broken_pipe(
            properties,
            kind.pipe_diameter_m,
            kind.pipe_length_m,
            pressure,
            temperature,
            ambient_pressure_pa=weather.pressure_pa,
        )
    inflow = _liquid_pipe(kind, properties, pressure, temperature, weather)
    if float(properties.vapour_pressure_pa(temperature)) > weather.pressure_pa:
        boiling = properties.boiling_temperature_k(weather.pressure_pa)
        return steps(
            inflow.edges_s[:-1],
            inflow.rate_kg_s,
            float(inflow.edges_s[-1]),
            boiling,
            float(flashing.flash_fraction(properties, temperature)),
            method="pipe_liquid_hj169",
            reference="HJ 169-2018 annex F eq. F.1 and F.8",
            notes=("no_rainout", *properties.notes),
            shape="jet",
            diameter_m=kind.pipe_diameter_m,
        )
    bed = puddle.PuddleBed(kind.surface, None, kind.largest_puddle_m2)
    return puddle.fed(properties, inflow, bed, weather, horizon_s=kind.horizon_s)


def _liquid_pipe(
    kind: kinds.PipeRupture, properties: Properties, pressure_pa: float, temperature_k: float, weather: SourceWeather
) -> liquid.Drain:
    """
    Liquid out of a broken pipe: what is pumped until the valve is shut, then the inventory between the valves.

    The inventory leaves at the orifice flow of eq. F.1 at the pipe's pressure: fast, so on the safe side.
    """
    if not pressure_pa > weather.pressure_pa:
        raise InputError(f"pipe: {kind.pressure_bar:g} bar absolute is not above the air's; give the absolute pressure")
    density = float(properties.liquid_density_kg_m3(temperature_k))
    area = float(np.pi * kind.pipe_diameter_m**2 / 4)
    rate = float(liquid.flow_hj169(area, pressure_pa, weather.pressure_pa, density, 0.0))
    inventory = area * kind.pipe_length_m * density
    edges, rates = [0.0], []
    if kind.pumped_kg_s > 0 and kind.valve_closing_s > 0:
        edges.append(kind.valve_closing_s)
        rates.append(kind.pumped_kg_s)
    edges.append(edges[-1] + inventory / rate)
    rates.append(rate)
    return liquid.Drain(np.asarray(edges), np.asarray(rates), temperature_k)


@_term.register
def _fire_smoke(kind: kinds.FireSmoke, properties: Properties, weather: SourceWeather) -> SourceTerm:
    return smoke.from_fire(
        properties.substance,
        kind.burning_rate_kg_s,
        kind.duration_s,
        air_temperature_k=weather.air_temperature_k,
        sulfur_fraction=kind.sulfur_fraction,
        incomplete_fraction=kind.incomplete_fraction,
        carbon_fraction=kind.carbon_fraction,
    )
