"""How sure are the zones? Bands of probability of the ensemble, what was varied, and the spread between models."""

import math
from collections.abc import Mapping
from typing import Any

import shapely
from shapely.geometry import shape

from command_ui.console.small import geojson
from scenarios.events import ConfidenceForecast

Json = dict[str, Any]

PERCENT = 100


def confidence_of(found: ConfidenceForecast) -> Json:
    """Disjoint bands of each level, the rarest outermost, and in codes what differs between the members."""
    areas: dict[int, dict[int, shapely.Geometry]] = {}
    names: dict[int, str] = {}
    for feature in found.zones.get("features", []):
        properties = feature["properties"]
        if feature.get("geometry"):
            areas.setdefault(int(properties["level"]), {})[int(properties["percentile"])] = shape(feature["geometry"])
            names[int(properties["level"])] = str(properties["level_name"])
    levels = [
        {"level": level, "name": names[level], "reach_m": found.reach_m.get(names[level], {}), "bands": _bands(shares)}
        for level, shares in sorted(areas.items(), reverse=True)
    ]
    return {"members": found.members, "varied": varied_of(found.varied), "levels": levels, "at_s": found.seconds}


def _bands(shares: Mapping[int, shapely.Geometry]) -> list[Json]:
    """From the likeliest outwards: the share that is exceeded there at least, its outline and the band it adds."""
    drawn, inner = [], None
    for share in sorted(shares, reverse=True):
        area = shapely.make_valid(shares[share])
        band = area if inner is None else area.difference(inner)
        inner = area
        top = max(shapely.get_coordinates(area), key=lambda point: float(point[1]))
        drawn.append(
            {
                "share": share,
                "geometry": geojson(area),
                "band": geojson(band) if not band.is_empty else None,
                "label_at": [float(top[0]), float(top[1])],
            }
        )
    return drawn


def varied_of(varied: Mapping[str, Any]) -> list[Json]:
    """What differs between members, as codes with figures an officer can read."""
    said: list[Json] = []
    for name, code in (("wind_speed_log_sigma", "varied.speed"), ("rate_log_sigma", "varied.rate")):
        if varied.get(name):
            said.append({"code": code, "values": {"value": round(PERCENT * math.expm1(float(varied[name])))}})
    if varied.get("direction_sigma_deg"):
        turn = float(varied["direction_sigma_deg"])
        said.append({"code": "varied.anywhere", "values": {}} if turn >= PERCENT else
                    {"code": "varied.direction", "values": {"value": f"{turn:.0f}"}})  # fmt: skip
    if varied.get("class_shift"):
        said.append({"code": "varied.class", "values": {"value": round(PERCENT * float(varied["class_shift"]))}})
    return said


def spread_of(summary: Mapping[str, Any]) -> list[Json]:
    """How far each level reaches by the heavy-gas and by the neutral model, the worst level first; empty for one."""
    by_model = summary.get("reach_by_model_m") or {}
    heavy, neutral = by_model.get("dense", {}), by_model.get("gaussian", {})
    return [
        {"name": name, "dense_m": heavy[name], "gaussian_m": neutral[name]}
        for name in heavy
        if name in neutral and (heavy[name] or neutral[name])
    ]
