"""Which hospitals take the injured, over the interface for programs?"""

from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from command_ui import hospitals
from command_ui.access.roles import signed_in
from gis.database import Database
from scenarios.desk import Desk


class Hospital(BaseModel):
    """A hospital near an incident: its beds, those free (null: nobody said), and how many injured it would take."""

    id: str
    name: str
    beds: int | None
    beds_free: int | None
    distance_m: int
    longitude: float
    latitude: float
    serious: int
    slight: int


class Hospitals(BaseModel):
    """Hospitals, the nearest first, filled in that order, the worst injured first; `left` find no free bed."""

    hospitals: list[Hospital]
    injured: int
    left: int


def router(database: Database, desk: Desk) -> APIRouter:
    """Build the route."""
    routes = APIRouter(tags=["incidents"])

    @routes.get("/incidents/{incident_id}/hospitals")
    def around(incident_id: UUID) -> Hospitals:
        """List the hospitals nearest to an incident with their free beds, and a share of its injured for each."""
        caller = signed_in().caller()
        known = desk.situation(incident_id, caller=caller)
        return Hospitals.model_validate(hospitals.around(database, caller, known))

    return routes
