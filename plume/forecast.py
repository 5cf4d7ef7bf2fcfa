"""
Where does the cloud go, how far do its zones reach, and what must the reader be told? One call from case to zones.
"""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.crs import GEOGRAPHIC, LocalFrame
from gis.provenance import Provenance
from plume import clouds, dose, probit, sigma, turning, zones
from plume.case import Case
from plume.clouds import Chosen, ModelChoice
from plume.fire import in_case
from plume.release_kinds import FireInput
from plume.setting import PURE_PPM, Setting, choose, direction_sigma_deg, plume_coordinates, prepare

FloatArray = NDArray[np.float64]

VERSION = "1"
ENVELOPE_CONFIDENCE = 0.95
BELIEVED_TO_M = 10_000.0
"""Briggs' curves and ALOHA end at 10 km; a zone beyond it carries a note."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """
    What a case leads to.

    Attributes
    ----------
    zones
        Columns of ``gis.columns.ZONES``, lon/lat, cumulative, worst first; no row for a level nowhere reached.
    envelope
        Columns level, level_name, confidence, geometry: where each zone may lie as the wind direction varies.
    summary
        Numbers and codes for the result card.
    provenance
        Model, version, inputs and notes.
    """

    zones: gpd.GeoDataFrame
    envelope: gpd.GeoDataFrame
    summary: dict[str, Any]
    provenance: Provenance


def forecast(case: Case, *, model: ModelChoice = "auto") -> Forecast:
    """
    Zones, confidence envelope and summary of a case.

    Parameters
    ----------
    model
        ``auto`` decides by the HJ 169 Richardson test; the others force a model.

    Raises
    ------
    InputError
        The case cannot be computed; the sentence says what to change.
    """
    if isinstance(case.release, FireInput):
        return _fire(case, case.release)
    setting = prepare(case)
    chosen = choose(setting, model)
    thresholds = setting.thresholds_kg_m3()
    rows, found = zones.frame_of(
        chosen.cloud,
        setting.levels.rows,
        thresholds,
        case.incident.place,
        setting.weather.wind_from_deg,
        setting.averaging_s,
        case.output.height_m,
        all_round=setting.weather.calm,
    )
    notes = [*setting.notes, *chosen.notes]
    bent = setting.weather.series and not setting.weather.calm
    if bent and chosen.model in ("dense", "larger_of_both"):
        notes.append("heavy_cloud_bent_along_wind")
    notes += [
        f"level_not_reached:{level.name}"
        for level, outline in zip(setting.levels.rows, found, strict=True)
        if outline.reach_m == 0
    ]
    if any(outline.reach_m > BELIEVED_TO_M for outline in found):
        notes.append("zone_beyond_10_km")
    envelope = _envelope(setting, found)
    if bent and len(rows):
        by_name = {level.name: value for level, value in zip(setting.levels.rows, thresholds, strict=True)}
        rows = turning.follow(case, rows, by_name, model)
        envelope = envelope.assign(geometry=envelope.geometry.union(rows.geometry.set_axis(envelope.index)))
    summary = _summary(setting, chosen, rows, found, tuple(notes))
    provenance = Provenance(
        source="plume.forecast",
        as_of=case.incident.occurred_at,
        model=chosen.model,
        version=VERSION,
        inputs=case.model_dump(mode="json", exclude_none=True),
        notes=tuple(notes),
    )
    return Forecast(rows, envelope, summary, provenance)


def _fire(case: Case, kind: FireInput) -> Forecast:
    """Zones of heat or blast; the wind only leans the flame, so there is no envelope."""
    weather = case.resolved_weather()
    done = in_case.burning(kind, kind.fuel, weather, case.incident.place)
    notes = tuple(dict.fromkeys((*weather.notes, *done.notes)))
    provenance = Provenance(
        source="plume.forecast",
        as_of=case.incident.occurred_at,
        model=done.method,
        version=VERSION,
        inputs=case.model_dump(mode="json", exclude_none=True),
        notes=notes,
    )
    return Forecast(done.zones, _no_envelope(), in_case.summary(done, kind.names, weather), provenance)


def _envelope(setting: Setting, found: list[zones.Outline]) -> gpd.GeoDataFrame:
    frame = LocalFrame(setting.case.incident.place)
    half = 180.0 if setting.weather.calm else zones.Z_95 * direction_sigma_deg(setting.weather)
    rows = []
    for level, outline in zip(setting.levels.rows, found, strict=True):
        area = zones.swept(outline, half)
        if area.is_empty:
            continue
        turned = zones.to_degrees(zones.turned(area, setting.weather.wind_from_deg), frame)
        rows.append(
            {"level": level.level, "level_name": level.name, "confidence": ENVELOPE_CONFIDENCE, "geometry": turned}
        )
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=GEOGRAPHIC) if rows else _no_envelope()


def _no_envelope() -> gpd.GeoDataFrame:
    columns = ["level", "level_name", "confidence", "geometry"]
    return gpd.GeoDataFrame([], columns=columns, geometry="geometry", crs=GEOGRAPHIC)


def _summary(
    setting: Setting, chosen: Chosen, rows: gpd.GeoDataFrame, found: list[zones.Outline], notes: tuple[str, ...]
) -> dict[str, Any]:
    weather, term = setting.weather, setting.release.term
    return {
        "model": chosen.model,
        "regime": "dense" if chosen.regime.dense else "neutral",
        "richardson": chosen.regime.richardson,
        "richardson_limit": chosen.regime.limit,
        "substance": setting.release.substance.key,
        "substance_zh": setting.release.substance.name_zh,
        "total_mass_kg": term.total_mass_kg,
        "peak_rate_kg_s": term.peak_rate_kg_s,
        "duration_s": 0.0 if term.instantaneous else term.duration_s,
        "source_method": term.method,
        "stability": weather.stability,
        "wind_speed_m_s": weather.wind_speed_m_s,
        "wind_from_deg": weather.wind_from_deg,
        "transport_speed_m_s": weather.transport_speed_m_s(setting.release.height_m),
        "averaging_s": setting.averaging_s,
        "sigma": sigma.resolved(setting.case.output.sigma, setting.release.height_m, weather.roughness_m),
        "reach_m": {row.level_name: row.reach_m for row in rows.itertuples()},
        "reach_by_model_m": _spread_of_models(setting, chosen, found),
        "notes": list(notes),
    }


def _spread_of_models(setting: Setting, chosen: Chosen, found: list[zones.Outline]) -> dict[str, dict[str, float]]:
    """
    Reach of every level by the neutral and the heavy model, where the heavy one has a say: the spread to be shown.
    """
    if chosen.model in ("gaussian", "similarity"):
        return {}
    thresholds, height = setting.thresholds_kg_m3(), setting.case.output.height_m
    plume = clouds.neutral(setting.release, setting.weather, setting.averaging_s, setting.case.output.sigma)
    heavy = found
    if isinstance(chosen.cloud, clouds.LargerOf):
        heavy = zones.outlines(chosen.cloud.clouds[0], thresholds, height)
    return {
        name: {level.name: outline.reach_m for level, outline in zip(setting.levels.rows, outlines, strict=True)}
        for name, outlines in (("dense", heavy), ("gaussian", zones.outlines(plume, thresholds, height)))
    }


def concentration_at(
    case: Case,
    *,
    longitude: ArrayLike | None = None,
    latitude: ArrayLike | None = None,
    downwind_m: ArrayLike | None = None,
    crosswind_m: ArrayLike | None = None,
    height_m: ArrayLike = 0.0,
    model: ModelChoice = "auto",
    with_load: bool = False,
) -> dict[str, FloatArray]:
    """
    Largest concentration and arrival at receptors.

    Parameters
    ----------
    longitude, latitude
        Degrees, or instead
    downwind_m, crosswind_m
        Metres along the wind and to its left, from the source; arrays of one shape with `height_m`.

    Returns
    -------
    arrays
        ``concentration_kg_m3``, ``concentration_mg_m3``, ``concentration_ppm``, ``arrival_s`` (nan where nothing
        comes),
        ``departure_s``, and with `with_load` ``toxic_load`` in (mg/m3)^n min (nan where the substance has no exponent).

    Raises
    ------
    InputError
        Neither pair of coordinates, or both.
    """
    if isinstance(case.release, FireInput):
        air = case.resolved_weather()
        done = in_case.burning(case.release, case.release.fuel, air, case.incident.place)
        places = plume_coordinates(case, air, longitude, latitude, downwind_m, crosswind_m)
        return in_case.receptors(done, *places, height_m)
    setting = prepare(case, need_levels=False)
    weather, substance = setting.weather, setting.release.substance
    chosen = choose(setting, model)
    cloud = chosen.cloud
    along, across = plume_coordinates(case, weather, longitude, latitude, downwind_m, crosswind_m)
    if weather.calm:  # the direction is unknown: every place lies downwind of the source
        along, across = np.hypot(along, across), np.zeros_like(along)
    along, across, height = np.broadcast_arrays(along, across, np.asarray(height_m, float))
    per_kg = weather.ppm_per_kg_m3(substance.molar_mass_kg_mol)
    if weather.series and not weather.calm:
        return turning.receptors(setting, chosen, along, across, height, with_load=with_load)
    value = cloud.concentration(along, across, height)
    if chosen.model != "dense":  # near its source a plume without a size knows no bounds
        value = np.minimum(value, PURE_PPM / per_kg)
    nothing = value <= 0
    result = {
        "concentration_kg_m3": value,
        "concentration_mg_m3": value * 1e6,
        "concentration_ppm": clouds.ppm(cloud, along, across, height, per_kg),
        "arrival_s": np.where(nothing, np.nan, cloud.arrival_s(along)),
        "departure_s": np.where(nothing, np.nan, cloud.departure_s(along)),
    }
    if with_load:
        found = probit.of(substance)
        result["toxic_load"] = (
            np.full(value.shape, np.nan)
            if found is None
            else np.where(nothing, 0.0, dose.toxic_load(cloud, along, across, height, found.n))
        )
    return result
