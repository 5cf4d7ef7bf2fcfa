"""Which cameras look at the incident, and where does none? Answers of the desk to its inspector and its map."""

import asyncio
import json
from typing import TYPE_CHECKING, Any
from uuid import UUID

from gis.crs import LonLat
from gis.database import Caller, Database
from layers.sensors import cameras

if TYPE_CHECKING:
    from command_ui.console.desk_page import DeskPage

Json = dict[str, Any]


class CameraDesk:
    """Draws coverage and its gaps around the chosen incident when asked."""

    def __init__(self, page: "DeskPage") -> None:
        self.page = page

    async def coverage(self, _message: Json) -> None:
        """Send the sectors and the gaps to the map; the map shows or hides them."""
        if not self.page.state.incident_id:
            return
        caller, incident = self.page.person.caller(), UUID(self.page.state.incident_id)
        place = (await asyncio.to_thread(self.page.store.desk.situation, incident, caller=caller)).place
        if place is None:
            return
        found = await asyncio.to_thread(covered, self.page.store.house.database, caller, place)
        self.page.map.tell({"kind": "coverage", **found})


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
