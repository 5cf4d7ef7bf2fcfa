"""How does a program close a road, send a team, and take routes and crossings away?"""

import csv
import io
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import AfterValidator, AwareDatetime, BaseModel, Field

from command_ui.access.roles import signed_in
from command_ui.api import answers, shapes
from command_ui.api.reading import IdempotencyKey, StrictRoute
from command_ui.directions import sentences
from command_ui.words import say
from gis.crs import LonLat
from gis.errors import InputError, MissingError
from scenarios.desk import Desk
from scenarios.roads.closures import Closure, ReportClosure
from scenarios.roads.desk import Followed
from scenarios.roads.events import ClosureReason, ClosureShape, Direction

Json = dict[str, Any]
Language = Literal["zh", "en"]
Seen = Annotated[int, Query(ge=0, le=2**53, description="Number of the last entry you saw")]


class NewClosure(shapes.Shape):
    """
    A closure: an `area` (Polygon or MultiPolygon), a `line` across roads (LineString), or a `road` named by a place.

    For a road, `whole` closes the road of that name as it runs on, else the stretch between two junctions; `direction`
    is that of the stretch's line, whose heading the answer tells.
    """

    shape: ClosureShape
    reason: ClosureReason
    geometry: Json | None = None
    longitude: shapes.Longitude | None = None
    latitude: shapes.Latitude | None = None
    whole: bool = False
    direction: Direction = "both"
    name: shapes.Line = ""
    text: Annotated[str, Field(max_length=500), AfterValidator(shapes.plain_line)] = ""
    reported_by: shapes.Line = ""
    valid_from: AwareDatetime | None = None
    valid_until: AwareDatetime | None = None


class NewOutline(shapes.Shape):
    """Another outline of an area or barrier; `expected_seq` is the number of the last entry you saw."""

    geometry: Json
    expected_seq: Annotated[int, Field(ge=0, le=2**53)]
    text: Annotated[str, Field(max_length=500), AfterValidator(shapes.plain_line)] = ""


class ClosureOut(BaseModel):
    """A closure as it is believed now."""

    closure_id: str
    number: int
    shape: ClosureShape
    geometry: Json
    reason: ClosureReason
    name: str
    text: str
    reported_by: str
    valid_from: AwareDatetime
    valid_until: AwareDatetime | None
    seq: int
    lifted_seq: int | None


class Changed(BaseModel):
    """What was recorded, and the run that followed: `run_id` is null where there was nothing to compute anew."""

    closure_id: str
    receipt: shapes.Receipt
    run_id: str | None
    receipts: list[shapes.Receipt]
    seconds: dict[str, float]


class WayOut(BaseModel):
    """The way of one team with its directions as sentences."""

    team_id: str
    name: str
    status: str
    reason: str
    travel_time_s: float | None
    length_m: float | None
    geometry: Json | None
    directions: list[str]
    alternatives: list[Json]


def router(desk: Desk) -> APIRouter:
    """Build the routes of closures, teams and what is taken away."""
    routes = APIRouter(prefix="/incidents/{incident_id}", route_class=StrictRoute, tags=["roads"])
    conflict: dict[int | str, dict[str, Any]] = {409: {"model": shapes.Problem}}

    def seen(incident_id: UUID) -> Any:
        caller = signed_in().caller()
        with desk.database.transaction(caller) as connection:
            answers.seen(connection, incident_id, caller)
        return caller

    @routes.get("/closures")
    def closures(incident_id: UUID) -> list[ClosureOut]:
        """List the closures ever reported in this incident; `lifted_seq` is null while one is open."""
        known = desk.situation(incident_id, caller=seen(incident_id))
        return [_closure(one) for one in known.closures]

    @routes.post("/closures", status_code=201)
    def close(incident_id: UUID, body: NewClosure, key: IdempotencyKey) -> Changed:
        """Report a closure. Routes, crossings to guard and evacuation are computed anew before the answer comes."""
        caller = seen(incident_id)
        fields = body.model_dump(exclude={"longitude", "latitude"})
        if (body.longitude is None) != (body.latitude is None):
            raise InputError("longitude, latitude: give both or none")
        place = (
            LonLat(body.longitude, body.latitude) if body.longitude is not None and body.latitude is not None else None
        )
        closure_id, receipt = desk.road.report_closure(
            incident_id, ReportClosure(**fields, place=place), caller, key=key
        )
        return _changed(closure_id, answers.receipt(receipt), desk.road.follow(incident_id, caller))

    @routes.patch("/closures/{closure_id}", responses=conflict)
    def move(incident_id: UUID, closure_id: str, body: NewOutline, key: IdempotencyKey) -> Changed:
        """Give an area or barrier another outline; 409 when this closure changed since `expected_seq`."""
        caller = seen(incident_id)
        receipt = desk.road.move_closure(
            incident_id, closure_id, body.geometry, caller, seen_seq=body.expected_seq, text=body.text, key=key
        )
        return _changed(closure_id, answers.receipt(receipt), desk.road.follow(incident_id, caller))

    @routes.delete("/closures/{closure_id}", responses=conflict)
    def lift(
        incident_id: UUID,
        closure_id: str,
        key: IdempotencyKey,
        expected_seq: Seen,
        text: Annotated[str, Query(max_length=500), AfterValidator(shapes.plain_line)] = "",
    ) -> Changed:
        """Open the roads again; 409 when this closure changed since `expected_seq` or is lifted already."""
        caller = seen(incident_id)
        receipt = desk.road.lift_closure(incident_id, closure_id, caller, seen_seq=expected_seq, text=text, key=key)
        return _changed(closure_id, answers.receipt(receipt), desk.road.follow(incident_id, caller))

    @routes.get("/routes.gpx", response_class=Response, responses={200: {"content": {"application/gpx+xml": {}}}})
    def gpx(incident_id: UUID) -> Response:
        """Take the rescue routes of the last run away as GPX 1.1, one track a team."""
        from routing.export import as_gpx

        mark = answers.mark(seen(incident_id).mode)
        found = {
            f"{mark}{one['properties']['rank']} {one['properties']['name']}": _Track(one)
            for one in _routes(incident_id)
        }
        return _file(as_gpx(found), "application/gpx+xml", "routes.gpx")

    @routes.get("/routes.geojson", response_class=Response, responses={200: {"content": {"application/geo+json": {}}}})
    def geojson(incident_id: UUID) -> Response:
        """Take the rescue routes of the last run away as GeoJSON, also those without a way, with status and reason."""
        import json

        from routing.network import ATTRIBUTION

        caller = seen(incident_id)
        known = desk.situation(incident_id, caller=caller)
        features = known.routes.routes.get("features", []) if known.routes else []
        whole = {
            "type": "FeatureCollection",
            "attribution": ATTRIBUTION,
            **answers.marked(caller.mode),
            "features": features,
        }
        return _file(json.dumps(whole, ensure_ascii=False), "application/geo+json", "routes.geojson")

    @routes.get("/closing-points.csv", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
    def guards(incident_id: UUID, language: Language = "zh") -> Response:
        """Take the crossings to guard away as a table a spreadsheet opens."""
        caller = seen(incident_id)
        known, mark = desk.situation(incident_id, caller=caller), answers.mark(caller.mode).strip()
        points = (known.routes.closing_points if known.routes else None) or {}
        text = io.StringIO()
        writer = csv.writer(text)
        also = [mark] if mark else []
        writer.writerow([*say("guard.columns", language).split(","), *also])
        for one in points.get("features", []):
            facts, (longitude, latitude) = one["properties"], one["geometry"]["coordinates"]
            kind = say(f"guard.{facts['kind']}", language)
            writer.writerow([facts["number"], kind, facts["name"], f"{longitude:.6f}", f"{latitude:.6f}", *also])
        return _file("\ufeff" + text.getvalue(), "text/csv; charset=utf-8", "closing-points.csv")

    @routes.post("/teams/{team_id}", status_code=201, responses=conflict)
    def take(incident_id: UUID, team_id: str, key: IdempotencyKey) -> shapes.Receipt:
        """Take a team for this incident; 409 names the incident that holds it already."""
        return answers.receipt(desk.teams.take(incident_id, team_id, seen(incident_id), key=key))

    @routes.delete("/teams/{team_id}", responses=conflict)
    def give_back(incident_id: UUID, team_id: str, key: IdempotencyKey) -> shapes.Receipt:
        """Let a team go again."""
        return answers.receipt(desk.teams.give_back(incident_id, team_id, seen(incident_id), key=key))

    @routes.get("/teams/{team_id}/way")
    def way(incident_id: UUID, team_id: str, language: Language = "zh") -> WayOut:
        """Give directions and alternatives of one team's route, on the roads as they are closed now."""
        found = desk.teams.way(incident_id, team_id, seen(incident_id))
        return WayOut(
            team_id=found.team_id,
            name=found.name,
            status=found.status,
            reason=found.reason,
            travel_time_s=found.travel_time_s,
            length_m=found.length_m,
            geometry=found.geometry,
            directions=sentences(found.steps, language),
            alternatives=list(found.alternatives),
        )

    def _routes(incident_id: UUID) -> list[Json]:
        known = desk.situation(incident_id, caller=seen(incident_id))
        if known.routes is None:
            raise MissingError("there is no run with routes yet: assess the incident first")
        return [one for one in known.routes.routes.get("features", []) if one.get("geometry")]

    return routes


class _Track:
    """A recorded route as the export reads it."""

    def __init__(self, feature: Json) -> None:
        from shapely.geometry import shape

        self.geometry = shape(feature["geometry"])
        self.length_m = float(feature["properties"].get("length_m") or 0.0)
        self.travel_time_s = float(feature["properties"].get("travel_time_s") or 0.0)


def _closure(one: Closure) -> ClosureOut:
    return ClosureOut(**{name: getattr(one, name) for name in ClosureOut.model_fields})


def _changed(closure_id: str, receipt: shapes.Receipt, followed: Followed | None) -> Changed:
    return Changed(
        closure_id=closure_id,
        receipt=receipt,
        run_id=followed.run_id if followed else None,
        receipts=[answers.receipt(one) for one in followed.receipts] if followed else [],
        seconds=dict(followed.timings) if followed else {},
    )


def _file(text: str, kind: str, name: str) -> Response:
    return Response(text, media_type=kind, headers={"content-disposition": f'attachment; filename="{name}"'})
