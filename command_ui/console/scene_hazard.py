"""Where is the hazard, how sure is that, and what does it rest on?"""

from collections.abc import Mapping
from typing import Any

import shapely
from shapely.geometry import shape

from command_ui.console.scene_confidence import spread_of
from command_ui.console.small import geojson
from plume.regime import NEAR
from scenarios.events import HazardForecast
from scenarios.situation import Situation

Json = dict[str, Any]

WHOLE_FROM = 1000.0
"""Figures from here on are written out, with commas."""


def hazard_of(hazard: HazardForecast, situation: Situation) -> Json:
    """Zones with the band each adds, where its label points, the outermost envelope, and what the run rests on."""
    features = sorted(hazard.zones.get("features", []), key=lambda one: one["properties"]["level"], reverse=True)
    zones, inner = [], None
    for feature in features:
        properties, area = feature["properties"], shape(feature["geometry"])
        if area.is_empty:
            continue
        band = area if inner is None else area.difference(inner)
        inner = area if inner is None else area.union(inner)
        tip, away = _tip(area, situation)
        zones.append(
            {
                "level": properties["level"],
                "kind": properties.get("kind", "toxic"),
                "name": properties.get("level_name"),
                "threshold": properties.get("threshold"),
                "unit": properties.get("unit"),
                "averaging_s": properties.get("averaging_s"),
                "trust": properties.get("trust"),
                "arrival_s": properties.get("arrival_s"),
                "reach_m": properties.get("reach_m"),
                "geometry": geojson(area),
                "band": geojson(band),
                "label_at": tip,
                "away": away,
            }
        )
    return {"zones": zones, "envelope": _outermost(hazard.envelope), "basis": basis_of(hazard)}


def burns(hazard: HazardForecast) -> bool:
    """Whether it is a fire or explosion: heat and blast instead of a cloud."""
    return hazard.summary.get("regime") in ("fire", "explosion")


def basis_of(hazard: HazardForecast) -> Json:
    """Model, inputs, limits and fingerprint of a run, as codes."""
    summary, provenance = hazard.summary, hazard.provenance
    release = dict(hazard.case.get("release", {}))
    inputs = source_facts(release, summary)
    if summary.get("wind_speed_m_s") is not None:
        speed = _short(summary["wind_speed_m_s"])
        inputs.append({"code": "basis.wind", "values": {"from": _short(summary["wind_from_deg"]), "speed": speed}})
    if summary.get("stability"):
        inputs.append({"code": "basis.stability", "values": {"value": summary["stability"]}})
    notes = list(dict.fromkeys([*hazard.notes, *provenance.get("notes", [])]))
    return {
        "model": provenance.get("model", ""),
        "version": provenance.get("version", ""),
        "inputs": inputs,
        "method": summary.get("source_method", ""),
        "regime": regime_of(summary),
        "spread": spread_of(summary),
        "unverified": any(code.startswith(("unverified", "level_unverified")) for code in notes),
        "notes": [_note(code) for code in [*notes, *([] if burns(hazard) else ["no_terrain"])]],
        "fingerprint": provenance.get("inputs_sha256", ""),
    }


def source_facts(release: Mapping[str, Any], summary: Mapping[str, Any]) -> list[Json]:
    """What was released, as said to us and as computed from it, as codes."""
    facts: list[Json] = [
        {"code": "basis.substance", "values": {"name": _substance(release, summary)}},
        {"code": f"release.{release.get('kind', 'continuous')}", "values": {}},
    ]
    if release.get("rate_kg_s") and isinstance(release["rate_kg_s"], int | float):
        facts.append({"code": "basis.rate", "values": {"value": _short(release["rate_kg_s"])}})
    elif release.get("mass_kg"):
        facts.append({"code": "basis.mass", "values": {"value": _short(release["mass_kg"])}})
    elif summary.get("peak_rate_kg_s"):
        facts.append({"code": "basis.peak", "values": {"value": _short(summary["peak_rate_kg_s"])}})
    if summary.get("duration_s"):
        facts.append({"code": "basis.duration", "values": {"value": _short(summary["duration_s"] / 60)}})
    if summary.get("total_mass_kg") and not release.get("mass_kg"):
        facts.append({"code": "basis.total", "values": {"value": _short(summary["total_mass_kg"])}})
    return facts


def _substance(release: Mapping[str, Any], summary: Mapping[str, Any]) -> Any:
    named = {"zh": summary.get("substance_zh"), "en": summary.get("substance")}
    return named if all(named.values()) else release.get("substance")


def regime_of(summary: Mapping[str, Any]) -> list[Json]:
    """Heavy or neutral, by which number, and whether that was close; nothing for a fire or explosion."""
    number, limit = summary.get("richardson"), summary.get("richardson_limit")
    if number is None or not limit or summary.get("regime") not in ("dense", "neutral"):
        return []
    said = [{"code": f"regime.{summary['regime']}", "values": {"value": _short(number), "limit": _short(limit)}}]
    if limit / NEAR < number < limit * NEAR:
        said.append({"code": "regime.near", "values": {}})
    return said


def _tip(area: shapely.Geometry, situation: Situation) -> tuple[list[float], list[float]]:
    """The point of an outline farthest from the source, and the direction (screen x, y) to set its label off to."""
    source = situation.place
    points = shapely.get_coordinates(area)
    if source is None or len(points) == 0:
        middle = shapely.centroid(area)
        return [float(shapely.get_x(middle)), float(shapely.get_y(middle))], [0.0, -1.0]
    offset = points - [source.longitude, source.latitude]
    at = int((offset**2).sum(axis=1).argmax())
    length = float((offset[at] ** 2).sum() ** 0.5) or 1.0
    return [float(points[at][0]), float(points[at][1])], [float(offset[at][0] / length), float(-offset[at][1] / length)]


def _outermost(envelope: Json | None) -> list[Json]:
    features = [one for one in (envelope or {}).get("features", []) if one.get("geometry")]
    if not features:
        return []
    widest = max(features, key=lambda one: shape(one["geometry"]).area)
    area = shape(widest["geometry"])
    points = shapely.get_coordinates(area)
    top = points[int(points[:, 1].argmax())]
    return [
        {
            "geometry": geojson(area),
            "confidence": widest["properties"].get("confidence"),
            "label_at": [float(top[0]), float(top[1])],
        }
    ]


def _note(code: str) -> Json:
    name, _, value = code.partition(":")
    return {"code": name, "values": {"value": value}}


def _short(value: float) -> str:
    """Three figures, never in powers of ten: nobody reads 1.44e+03 kg at a glance."""
    number = float(f"{float(value):.3g}")
    return f"{number:,.0f}" if abs(number) >= WHOLE_FROM else f"{number:g}"
