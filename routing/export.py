"""How does a route leave the house: as GPX for a navigator, as GeoJSON for a map?"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import shapely

from routing.network import ATTRIBUTION

GPX_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<gpx version="1.1" creator="EGIS" xmlns="http://www.topografix.com/GPX/1/1">\n'
)


def as_gpx(routes: Mapping[str, Any], attribution: str = ATTRIBUTION) -> str:
    """GPX 1.1 with one track for each route that exists; CGCS2000 agrees with its WGS 84 within centimetres."""
    tracks = []
    for name, route in routes.items():
        if route.geometry is None:
            continue
        points = "".join(
            f"<trkpt lat={quoteattr(f'{lat:.7f}')} lon={quoteattr(f'{lon:.7f}')}/>"
            for lon, lat in shapely.get_coordinates(route.geometry)
        )
        tracks.append(
            f"<trk><name>{escape(name)}</name><desc>{route.length_m:.0f} m, {route.travel_time_s:.0f} s</desc>"
            f"<trkseg>{points}</trkseg></trk>\n"
        )
    notice = f"<metadata><copyright author={quoteattr(attribution)}/></metadata>\n"
    return f"{GPX_HEAD}{notice}{''.join(tracks)}</gpx>\n"


def as_geojson(routes: Mapping[str, Any], attribution: str = ATTRIBUTION) -> dict[str, Any]:
    """FeatureCollection with a feature for each route, also for those without a way (null geometry, status, reason)."""
    features = []
    for name, route in routes.items():
        facts = route.as_json()
        geometry = facts.pop("geometry")
        features.append({"type": "Feature", "geometry": geometry, "properties": {"name": name, **facts}})
    return {"type": "FeatureCollection", "attribution": attribution, "features": features}


def write_gpx(path: Path, routes: Mapping[str, Any], attribution: str = ATTRIBUTION) -> None:
    """Write routes as GPX."""
    Path(path).write_text(as_gpx(routes, attribution), encoding="utf-8")


def write_geojson(path: Path, routes: Mapping[str, Any], attribution: str = ATTRIBUTION) -> None:
    """Write routes as GeoJSON."""
    Path(path).write_text(json.dumps(as_geojson(routes, attribution), ensure_ascii=False), encoding="utf-8")
