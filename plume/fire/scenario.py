"""What does a fire or explosion that was described lead to? Zones, numbers and notes in one call."""

import functools
from dataclasses import dataclass
from typing import Any

import geopandas as gpd

from gis.crs import LonLat
from gis.errors import InputError
from plume.fire import blast, fireball, jet, kinds, pool, tnt, zones
from plume.fire.radiation import HeatSource
from plume.properties import Properties
from plume.source.weather import SourceWeather


@dataclass(frozen=True, slots=True, eq=False)
class FireForecast:
    """
    Result of one fire or explosion.

    Attributes
    ----------
    zones
        Columns of ``gis.columns.ZONES``, lon/lat, worst first.
    summary
        Numbers for the result card.
    method, reference
        For provenance.
    notes
        Codes of limits.
    heat, blast
        The source itself, for domino reach and points; one of them is None.
    """

    zones: gpd.GeoDataFrame
    summary: dict[str, Any]
    method: str
    reference: str
    notes: tuple[str, ...]
    heat: HeatSource | None = None
    blast: zones.BlastSource | None = None


def to_forecast(
    kind: kinds.AnyFire, properties: Properties | None, weather: SourceWeather, origin: LonLat, wind_from_deg: float
) -> FireForecast:
    """
    Zones of any kind of fire or explosion; `properties` may be None only for a solid explosive.

    Raises
    ------
    InputError, MissingError
        The description is impossible, or the substance does not burn.
    """
    return _forecast(kind, properties, weather, origin, wind_from_deg)


@functools.singledispatch
def _forecast(
    kind: kinds.FireKind,
    _properties: Properties | None,
    _weather: SourceWeather,
    _origin: LonLat,
    _wind_from_deg: float,
) -> FireForecast:
    raise InputError(f"fire: kind {type(kind).__name__} is unknown")


def _burning(properties: Properties | None) -> Properties:
    if properties is None:
        raise InputError("fire: say which substance burns")
    properties.need_heat_of_combustion()
    return properties


def _of_heat(
    kind: kinds.FireKind,
    source: HeatSource,
    summary: dict[str, Any],
    place: tuple[LonLat, float],
    *,
    method: str,
    reference: str,
    notes: tuple[str, ...],
    nearest_m: float,
    exposure_s: float = zones.HEAT_EXPOSURE_S,
) -> FireForecast:
    levels = zones.own_levels(kind.heat_levels_kw_m2, "kW/m2") if kind.heat_levels_kw_m2 else zones.HEAT_LEVELS
    drawn = zones.heat_zones(source, *place, levels=levels, nearest_m=nearest_m, exposure_s=exposure_s)
    return FireForecast(drawn, summary, method, reference, notes, heat=source)


def _of_blast(
    kind: kinds.FireKind,
    source: zones.BlastSource,
    summary: dict[str, Any],
    place: tuple[LonLat, float],
    *,
    method: str,
    reference: str,
    notes: tuple[str, ...],
) -> FireForecast:
    levels = zones.own_levels(kind.blast_levels_kpa, "kPa") if kind.blast_levels_kpa else zones.BLAST_LEVELS
    drawn = zones.blast_zones(source, *place, levels=levels)
    return FireForecast(drawn, summary, method, reference, notes, blast=source)


@_forecast.register
def _pool(
    kind: kinds.PoolFireInput,
    properties: Properties | None,
    weather: SourceWeather,
    origin: LonLat,
    wind_from_deg: float,
) -> FireForecast:
    fuel = _burning(properties)
    temperature = None if kind.temperature_c is None else kind.temperature_c - kinds.ABSOLUTE_ZERO_C
    fire = pool.pool_fire(fuel, kind.width_m, weather, temperature_k=temperature)
    return _of_heat(
        kind,
        fire,
        {
            "diameter_m": fire.diameter_m,
            "flame_length_m": fire.flame_length_m,
            "burning_rate_kg_s": fire.burning_rate_kg_s,
            "emissive_power_kw_m2": fire.emissive_power_w_m2 / 1000,
        },
        (origin, wind_from_deg),
        method="pool_fire_thomas",
        reference=pool.REFERENCE,
        notes=("smoke_shield_left_out", *fuel.notes),
        nearest_m=0.25 * fire.diameter_m,
    )


@_forecast.register
def _jet(
    kind: kinds.JetFireInput,
    properties: Properties | None,
    weather: SourceWeather,
    origin: LonLat,
    wind_from_deg: float,
) -> FireForecast:
    fuel = _burning(properties)
    fire = jet.jet_fire(
        fuel,
        kind.rate_kg_s,
        kind.hole_diameter_m,
        weather,
        source_temperature_k=None if kind.temperature_c is None else kind.temperature_c - kinds.ABSOLUTE_ZERO_C,
        aerosol=kind.two_phase,
        direction=kind.direction,
        height_m=kind.height_m,
    )
    flat = ("jet_rise_left_out",) if kind.direction == "downwind" else ()
    return _of_heat(
        kind,
        fire,
        {
            "flame_length_m": fire.flame_length_m,
            "burning_rate_kg_s": fire.burning_rate_kg_s,
            "radiated_share": fire.radiated_share,
            "emissive_power_kw_m2": fire.emissive_power_w_m2 / 1000,
        },
        (origin, wind_from_deg),
        method="jet_fire_chamberlain",
        reference=jet.REFERENCE,
        notes=(*flat, *fuel.notes),
        nearest_m=0.02 * fire.flame_length_m,
    )


@_forecast.register
def _bleve(
    kind: kinds.BleveInput,
    properties: Properties | None,
    weather: SourceWeather,
    origin: LonLat,
    wind_from_deg: float,
) -> FireForecast:
    fuel = _burning(properties)
    ball = fireball.fireball(fuel, kind.mass_kg, weather)
    return _of_heat(
        kind,
        ball,
        {
            "diameter_m": ball.diameter_m,
            "duration_s": ball.duration_s,
            "emissive_power_kw_m2": ball.emissive_power_w_m2 / 1000,
        },
        (origin, wind_from_deg),
        method="fireball_roberts",
        reference=fireball.REFERENCE,
        notes=("whole_content_burns", *fuel.notes),
        nearest_m=0.1 * ball.diameter_m,
        exposure_s=ball.duration_s,
    )


@_forecast.register
def _cloud(
    kind: kinds.CloudExplosionInput,
    properties: Properties | None,
    weather: SourceWeather,
    origin: LonLat,
    wind_from_deg: float,
) -> FireForecast:
    fuel = _burning(properties)
    grade = kind.reactivity or blast.reactivity_of(fuel.substance)
    explosion = blast.cloud_explosion(
        fuel,
        kind.flammable_mass_kg,
        congestion=kind.congestion,
        reactivity=grade,
        detonation=kind.detonation,
        centre_m=kind.centre_m,
        pressure_pa=weather.pressure_pa,
    )
    assumed = () if kind.reactivity else ("unverified_reactivity",)
    return _of_blast(
        kind,
        explosion,
        {"energy_j": explosion.energy_j, "flame_mach": explosion.mach, "centre_m": explosion.centre_m},
        (origin, wind_from_deg),
        method="vce_baker_strehlow_tang",
        reference=blast.REFERENCE,
        notes=(*assumed, *fuel.notes),
    )


@_forecast.register
def _solid(
    kind: kinds.SolidExplosionInput,
    _properties: Properties | None,
    _weather: SourceWeather,
    origin: LonLat,
    wind_from_deg: float,
) -> FireForecast:
    charge = tnt.solid_explosion(kind.mass_kg, tnt_equivalence=kind.tnt_equivalence, energy_j_kg=kind.energy_j_kg)
    return _of_blast(
        kind,
        charge,
        {"tnt_kg": charge.tnt_kg},
        (origin, wind_from_deg),
        method="tnt_kingery_bulmash",
        reference=tnt.REFERENCE,
        notes=("fragments_left_out",),
    )
