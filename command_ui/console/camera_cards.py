"""Cards of the cameras round a place, and what they cover of it."""

import json
from typing import Any

from gis.crs import LonLat
from gis.database import Caller, Database
from layers.sensors import cameras

Json = dict[str, Any]


def nearest(database: Database, caller: Caller, place: LonLat) -> list[Json]:
    """Cards of the cameras nearest to a place."""
    with database.transaction(caller) as connection:
        found = cameras.nearest(connection, place, caller.mode)
    return [
        {
            "id": one.id,
            "name": one.name,
            "status": one.status,
            "distance_m": round(one.distance_m),
            "bearing_deg": round(one.bearing_deg),
            "sees": one.looks_at_it and one.status == "live",
            "longitude": one.longitude,
            "latitude": one.latitude,
        }
        for one in found
    ]


def covered(database: Database, caller: Caller, place: LonLat) -> Json:
    """Coverage round a place as GeoJSON, with the share of the ring that some camera covers."""
    with database.transaction(caller) as connection:
        frame = cameras.coverage(connection, place, caller.mode)
    areas = {str(row.kind): float(row.area_m2) for row in frame.itertuples()}
    whole = sum(areas.values())
    return {
        "areas": json.loads(frame[["kind", "geometry"]].to_json()),
        "share": areas.get("seen", 0.0) / whole if whole else 0.0,
        "within_m": cameras.GAPS_WITHIN_M,
        "longitude": place.longitude,
        "latitude": place.latitude,
    }
