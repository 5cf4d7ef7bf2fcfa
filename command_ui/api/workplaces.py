"""Who is at work in the zones at this hour, over the interface for programs?"""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import geopandas as gpd
from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime, BaseModel

from command_ui.access.roles import signed_in
from gis.columns import ZONES
from gis.crs import GEOGRAPHIC
from gis.database import Database
from layers import presence
from scenarios.desk import Desk


class Band(BaseModel):
    """A band of the zones, the worst first; bands do not overlap."""

    level: int
    level_name: str
    present: int
    staff: int
    shift: int
    workplaces: int


class Workplaces(BaseModel):
    """
    People at work at a moment: the staff within working hours, else the shift. Not to be added to the population.

    `hours` are those present in each hour of that day, by the clock of China.
    """

    at: datetime
    working_time: bool
    present: int
    hours: list[int]
    bands: list[Band]


def router(database: Database, desk: Desk) -> APIRouter:
    """Build the route."""
    routes = APIRouter(tags=["incidents"])

    @routes.get("/incidents/{incident_id}/workplaces")
    def workplaces(
        incident_id: Annotated[UUID, Path()], at: Annotated[AwareDatetime | None, Query()] = None
    ) -> Workplaces:
        """Count people at work within the zones of the latest assessment, now or at a given hour."""
        caller, when = signed_in().caller(), at or datetime.now(UTC)
        drawn = desk.situation(incident_id, caller=caller).zones or {}
        features = [one for one in drawn.get("features", ()) if one["geometry"] is not None]
        zones = (
            ZONES.check(gpd.GeoDataFrame.from_features(features, crs=GEOGRAPHIC))
            if features
            else ZONES.empty(GEOGRAPHIC)
        )
        with database.transaction(caller) as connection:
            found = presence.in_zones(connection, zones, when)
        return Workplaces(
            at=when,
            working_time=presence.is_working_time(when),
            present=sum(one.present for one in found),
            hours=presence.by_hour(found, when),
            bands=[Band(**asdict(one)) for one in found],
        )

    return routes
