"""Which routes make up version 1 of the interface for programs?"""

from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from command_ui.access.sessions import Sessions
from command_ui.api import accounts as account_routes
from command_ui.api import (
    alarms,
    alerts,
    briefing,
    bulletins,
    changes,
    consultations,
    data,
    decisions,
    drills,
    duty,
    entries,
    feed,
    field,
    hazards,
    hospitals,
    incidents,
    layers,
    mapprint,
    marks,
    messages,
    observations,
    orders,
    personal,
    plans,
    rectifications,
    replay,
    reports,
    risk,
    roads,
    shapes,
    substances,
    within,
    workplaces,
)
from command_ui.api import audits as audit_routes
from command_ui.api import sessions as session_routes
from command_ui.data_jobs import DataJobs
from command_ui.exercises.shelf import Shelf
from command_ui.live import Live
from command_ui.reports.desk import Papers
from command_ui.reports.press import Press
from command_ui.risk_runs import RiskRuns
from gis.database import Database
from layers.sensors.lanes import Lanes
from scenarios.desk import Desk

PREFIX = "/api/v1"

_PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: {"model": shapes.Problem, "description": "Cannot be read"},
    401: {"model": shapes.Problem, "description": "Sign in first"},
    403: {"model": shapes.Problem, "description": "No right, or not sent by our own page"},
    404: {"model": shapes.Problem, "description": "Not there, or not yours: the two look the same"},
    409: {"model": shapes.Problem, "description": "The state has moved on; read it again"},
    413: {"model": shapes.Problem, "description": "Body larger than allowed"},
    415: {"model": shapes.Problem, "description": "Body is not application/json"},
    422: {"model": shapes.Problem, "description": "A value is not allowed; every fault is named"},
    429: {"model": shapes.Problem, "description": "Too many at once; wait as long as Retry-After says"},
    503: {"model": shapes.Problem, "description": "A part of the system does not answer; try again"},
}


def router(
    database: Database,
    desk: Desk,
    live: Live,
    sessions: Sessions,
    knocks: session_routes.CountsFailures,
    key: bytes,
    lanes: Lanes,
    jobs: DataJobs,
    risk_runs: RiskRuns,
    write_briefing: briefing.Writer,
    papers: Papers,
    press: Press,
    print_map: mapprint.Printer,
    shelf: Shelf,
    after_action: drills.AfterAction,
    write_replay: replay.Writer,
) -> APIRouter:
    """Build all routes below `/api/v1`."""
    routes = APIRouter(prefix=PREFIX, responses=_PROBLEMS)
    # Looked through from the top at every request: what writes the record comes first.
    routes.include_router(entries.router(desk))
    routes.include_router(session_routes.router(database, sessions, knocks, key))
    routes.include_router(account_routes.router(database, sessions))
    routes.include_router(audit_routes.router(database))
    routes.include_router(incidents.router(desk))
    routes.include_router(alarms.router(database))
    routes.include_router(orders.router(desk))
    routes.include_router(orders.uploads(desk.orders.attachments, desk))
    routes.include_router(decisions.router(desk))
    routes.include_router(plans.uploads(desk))
    routes.include_router(plans.router(desk))
    routes.include_router(duty.router(desk))
    routes.include_router(field.router(desk))
    routes.include_router(briefing.router(write_briefing))
    routes.include_router(replay.router(desk, write_replay))
    routes.include_router(roads.router(desk))
    routes.include_router(reports.router(papers, press))
    routes.include_router(bulletins.router(papers, press))
    routes.include_router(alerts.router(papers))
    routes.include_router(consultations.router(desk))
    routes.include_router(marks.router(desk))
    routes.include_router(messages.router(desk))
    routes.include_router(mapprint.router(print_map))
    routes.include_router(drills.uploads(shelf))
    routes.include_router(drills.router(desk, shelf, after_action))
    # Before the rows of a layer, whose address would take `export` for an id.
    routes.include_router(data.router(database, jobs))
    routes.include_router(rectifications.router(database))
    routes.include_router(risk.router(risk_runs, database))
    routes.include_router(within.router(database))
    routes.include_router(workplaces.router(database, desk))
    routes.include_router(hospitals.router(database, desk))
    routes.include_router(personal.router(database))
    routes.include_router(layers.router(database))
    routes.include_router(hazards.router(database))
    routes.include_router(changes.router(database))
    routes.include_router(substances.router())
    routes.include_router(feed.router(live, sessions))
    routes.include_router(observations.router(lanes))

    @routes.get("/openapi.json", include_in_schema=False)
    def schema(request: Request) -> dict[str, Any]:
        return describe(request.app)

    return routes


def describe(app: FastAPI) -> dict[str, Any]:
    """Give the OpenAPI document of the interface."""
    if app.openapi_schema is None:
        schema = get_openapi(
            title="EGIS 应急管理一张图",
            version="1",
            summary="Incidents, their append-only record, assessments, layers and substances.",
            routes=[route for route in app.routes if not isinstance(route, APIRoute) or route.include_in_schema],
        )
        schemes = schema.setdefault("components", {}).setdefault("securitySchemes", {})
        schemes["bearer"] = {"type": "http", "scheme": "bearer", "description": "Token of POST /api/v1/sessions"}
        schema["security"] = [{"bearer": []}]
        sign_in = schema["paths"].get(f"{PREFIX}/sessions", {}).get("post")
        if sign_in is not None:
            sign_in["security"] = []
        app.openapi_schema = schema
    return app.openapi_schema
