"""What does a team at the scene need on its phone, in one answer that may be hours old when it is read?"""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel
from shapely.geometry import shape

from command_ui.access.roles import SignedIn, signed_in
from command_ui.api.order_shapes import OrderOut, WordOut, order_out, word_out
from command_ui.api.reading import StrictRoute
from command_ui.api.titled import Placed
from scenarios import drawing
from scenarios.desk import Desk, IncidentSummary
from scenarios.situation import Run, Situation

Json = dict[str, Any]
LINE_DEG = 5e-5
"""About 5 m: less than a phone shows of a street."""


class FieldZone(BaseModel):
    """One zone of the last run, GeoJSON; `level` 3 is the worst of three."""

    level: int
    name: str
    geometry: Json


class FieldRoute(BaseModel):
    """The way of the team to the scene in the last run."""

    travel_time_s: float | None
    length_m: float | None
    status: str
    geometry: Json | None


class FieldIncident(Placed):
    """An open incident that concerns the team: place, wind, zones, way and orders."""

    incident_id: UUID
    code: str
    longitude: float | None
    latitude: float | None
    known_at: AwareDatetime | None
    wind_from_deg: float | None
    wind_speed_m_s: float | None
    run_id: str | None
    run_at: AwareDatetime | None
    review: bool
    zones: list[FieldZone]
    route: FieldRoute | None
    orders: list[OrderOut]
    words: list[WordOut]


class FieldView(BaseModel):
    """Everything a phone shows; `server_now` is our clock when the answer was made."""

    server_now: AwareDatetime
    unit_id: str
    unit_name: str
    mode: str
    csrf_token: str
    incidents: list[FieldIncident]


def router(desk: Desk) -> APIRouter:
    """Build the route of the field page."""
    routes = APIRouter(route_class=StrictRoute, tags=["orders"])

    @routes.get("/field")
    def view(unit_id: Annotated[str, Query(max_length=64)] = "") -> FieldView:
        """Give the orders of your team with what it must know of each incident; others name the team they look at."""
        person = signed_in()
        unit = person.unit_id or unit_id
        found = [
            one
            for card in desk.incidents(person.caller())
            if card.status == "open" and (one := _incident(desk, card, unit, person)) is not None
        ]
        return FieldView(
            server_now=datetime.now(UTC),
            unit_id=unit,
            unit_name=person.display_name,
            mode=person.mode,
            csrf_token=person.csrf_token if person.by_cookie else "",
            incidents=found,
        )

    return routes


def _incident(desk: Desk, card: IncidentSummary, unit_id: str, person: SignedIn) -> FieldIncident | None:
    known = desk.situation(card.incident_id, caller=person.caller())
    mine = [one for one in known.orders.all if one.draft.unit_id == unit_id and one.state != "draft"]
    taken = any(one.team_id == unit_id for one in known.taken)
    if not unit_id or not (mine or taken):
        return None
    run, weather = known.run, known.weather or {}
    return FieldIncident(
        incident_id=card.incident_id,
        code=card.code,
        title=known.title,
        place_text=known.place_text,
        longitude=known.place.longitude if known.place else None,
        latitude=known.place.latitude if known.place else None,
        known_at=known.known_at,
        wind_from_deg=weather.get("wind_from_deg"),
        wind_speed_m_s=weather.get("wind_speed_m_s"),
        run_id=run.run_id if run else None,
        run_at=run.recorded_at if run else None,
        review=bool(run and run.stale_since is not None),
        zones=_zones(run),
        route=_route(known, unit_id),
        orders=[order_out(one, known, desk.orders.policies) for one in mine],
        words=[word_out(one) for one in known.orders.words if one.said.unit_id == unit_id],
    )


def _zones(run: Run | None) -> list[FieldZone]:
    if run is None or run.hazard is None:
        return []
    found = []
    for feature in run.hazard.zones.get("features", []):
        area = shape(feature["geometry"]) if feature.get("geometry") else None
        drawn = drawing.geometry(area.simplify(LINE_DEG)) if area is not None else None
        if drawn is not None:
            facts = feature["properties"]
            found.append(FieldZone(level=int(facts["level"]), name=str(facts.get("level_name", "")), geometry=drawn))
    return sorted(found, key=lambda one: one.level)


def _route(known: Situation, unit_id: str) -> FieldRoute | None:
    features = known.routes.routes.get("features", []) if known.routes else []
    one = next((one for one in features if str(one["properties"].get("id")) == unit_id), None)
    if one is None:
        return None
    line = one.get("geometry")
    return FieldRoute(
        travel_time_s=one["properties"].get("travel_time_s"),
        length_m=one["properties"].get("length_m"),
        status=str(one["properties"].get("status", "")),
        geometry=drawing.geometry(shape(line).simplify(LINE_DEG)) if line else None,
    )
