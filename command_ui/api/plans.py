"""How does a program enter plans, ask which one fits an incident, and adopt it?"""

from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, Field
from starlette.concurrency import run_in_threadpool

from command_ui.access.roles import signed_in
from command_ui.api import answers, shapes
from command_ui.api.reading import StrictRoute
from gis.database import Caller
from scenarios.desk import Desk
from scenarios.plans.apart import handed_in
from scenarios.plans.desk import Matched
from scenarios.plans.facts import Facts
from scenarios.plans.faults import PlanFaultsError
from scenarios.plans.plan import as_json, print_of
from scenarios.plans.rows import Kept

Json = dict[str, Any]
PlanId = Annotated[str, Path(pattern=r"^[A-Z0-9][A-Z0-9-]{1,39}$")]
Version = Annotated[int, Path(ge=1, le=100_000)]
FileName = Annotated[str, Query(min_length=1, max_length=200, description="Name of the file, for its faults")]
_FILE: Json = {"requestBody": {"required": True, "content": {"application/octet-stream": {}}}}


class PlanOut(BaseModel):
    """A version of a plan; `plan` is the documented form as JSON, `papers` the PDFs handed in for it."""

    id: str
    version: int
    title: str
    hash: str
    valid_from: AwareDatetime
    valid_to: AwareDatetime | None
    recorded_at: AwareDatetime
    entered_by: str
    source: str
    papers: list[Json]
    plan: Json


class SavedOut(BaseModel):
    """What became of an import: `new`, `changed` (a new version) or `unchanged`."""

    plan_id: str
    version: int
    state: str


class Trial(BaseModel):
    """What a file holds: the plan, or every fault with sheet, row and column; nothing is entered."""

    plan: Json | None
    state: str
    faults: list[Json]


class Paper(BaseModel):
    """A PDF that is kept."""

    sha256: str


class Matches(BaseModel):
    """What is known that decides, and the plans in force, the best fitting first."""

    facts: Json
    plans: list[Json]


class Adopt(shapes.Shape):
    """Which version was looked at, why it is adopted, and whether its orders are issued at once."""

    version: Annotated[int, Field(ge=1, le=100_000)] | None = None
    reason: shapes.Line = ""
    issue: bool = False


class Adopted(BaseModel):
    """The entry of the record, the orders made, and what the plan asks for that is not there."""

    receipt: shapes.Receipt
    orders: list[str]
    unmet: list[Json]


def router(desk: Desk) -> APIRouter:
    """Build the routes of plans whose bodies are JSON."""
    routes = APIRouter(route_class=StrictRoute, tags=["plans"])
    conflict: dict[int | str, Json] = {409: {"model": shapes.Problem}}

    @routes.get("/plans")
    def plans(known_at: AwareDatetime | None = None) -> list[PlanOut]:
        """List the plans in force now, or as they were known and in force at `known_at`."""
        return [_out(one) for one in desk.plans.standing(signed_in().caller(), known_at)]

    @routes.get("/plans/{plan_id}")
    def versions(plan_id: PlanId) -> list[PlanOut]:
        """Give every version of a plan, the latest first."""
        return [_out(one) for one in desk.plans.versions(plan_id, signed_in().caller())]

    @routes.get("/plans/{plan_id}/versions/{version}/paper", responses={200: {"content": {"application/pdf": {}}}})
    def paper(plan_id: PlanId, version: Version, sha256: str = "") -> Response:
        """Give the PDF of a version; the first one unless its hash is named."""
        _, content = desk.plans.paper(plan_id, version, signed_in().caller(), sha256)
        headers = {
            "content-disposition": f'inline; filename="{plan_id}-v{version}.pdf"',
            "cache-control": "private, no-cache",
            "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'",
        }
        return Response(content, media_type="application/pdf", headers=headers)

    @routes.get("/incidents/{incident_id}/plans")
    def matching(incident_id: UUID) -> Matches:
        """Rank the plans in force for an incident: score, criteria, conflicts, triggers, and what of it is there."""
        facts, found = desk.plans.match(incident_id, _seen(desk, incident_id))
        return Matches(facts=facts_json(facts), plans=[match_json(one) for one in found])

    @routes.post("/incidents/{incident_id}/plans/{plan_id}", status_code=201, responses=conflict)
    def adopt(incident_id: UUID, plan_id: PlanId, body: Adopt) -> Adopted:
        """Adopt a plan and draft an order for each of its tasks; a second time makes nothing double."""
        done = desk.plans.adopt(
            incident_id, plan_id, _seen(desk, incident_id), version=body.version, reason=body.reason, issue=body.issue
        )
        return Adopted(
            receipt=answers.receipt(done.receipt),
            orders=list(done.orders),
            unmet=[dict(one) for one in done.event.unmet],
        )

    return routes


def uploads(desk: Desk) -> APIRouter:
    """Build the routes that take files; their body is the file itself, not JSON."""
    routes = APIRouter(prefix="/plans", tags=["plans"])

    @routes.post("/trial", openapi_extra=_FILE)
    async def trial(request: Request, name: FileName) -> Trial:
        """Read a YAML file or a workbook of the documented form without entering it."""
        return await run_in_threadpool(_trial, desk, await request.body(), name, signed_in().caller())

    @routes.post("", status_code=201, openapi_extra=_FILE)
    async def enter(request: Request, name: FileName) -> SavedOut:
        """Enter the plan of a YAML file or a workbook; 422 names every fault with file, sheet, row and column."""
        saved = await run_in_threadpool(desk.plans.enter, await request.body(), name, signed_in().caller())
        return SavedOut(plan_id=saved.plan_id, version=saved.version, state=saved.state)

    @routes.post("/{plan_id}/versions/{version}/paper", status_code=201, openapi_extra=_FILE)
    async def attach(request: Request, plan_id: PlanId, version: Version, name: FileName) -> Paper:
        """Keep a PDF with a version of a plan."""
        body, caller = await request.body(), signed_in().caller()
        return Paper(sha256=await run_in_threadpool(desk.plans.attach, plan_id, version, name, body, caller))

    return routes


def facts_json(facts: Facts) -> Json:
    """JSON form of what decides."""
    return {
        "event_type": facts.event_type, "response_level": facts.response_level, "division_code": facts.division_code,
        "cas": facts.cas, "substance": facts.substance, "processes": list(facts.processes),
        "enterprises": [{"id": one, "name": name} for one, name in facts.enterprises], "measures": dict(facts.measures),
    }  # fmt: skip


def match_json(one: Matched) -> Json:
    """JSON form of a plan beside an incident."""
    match = one.match
    return {
        "id": match.plan.id, "version": match.version, "title": match.plan.title, "kind": match.plan.kind,
        "summary": match.plan.summary, "issued_by": match.plan.issued_by, "hash": one.hash, "score": match.score,
        "fits": match.fits, "adopted_seq": one.adopted, "adopted_version": one.adopted_version,
        "criteria": [asdict(criterion) | {"points": criterion.points} for criterion in match.criteria],
        "conflicts": list(match.conflicts),
        "triggers": [
            asdict(state.trigger) | {"value": state.value, "met": state.met} for state in match.triggers
        ],
        "tasks": as_json(match.plan)["tasks"], "contacts": as_json(match.plan)["contacts"],
        "needs": [need.as_json() for need in one.served],
        "papers": [{"name": name, "sha256": sha256} for name, sha256 in one.papers],
    }  # fmt: skip


def _trial(desk: Desk, content: bytes, name: str, caller: Caller) -> Trial:
    try:
        plan = handed_in(content, name)
    except PlanFaultsError as error:
        return Trial(plan=None, state="faults", faults=[asdict(one) | {"said": one.sentence} for one in error.found])
    latest = next((one for one in desk.plans.standing(caller) if one.plan.id == plan.id), None)
    state = "new" if latest is None else "unchanged" if latest.hash == print_of(plan) else "changed"
    return Trial(plan=as_json(plan), state=state, faults=[])


def _seen(desk: Desk, incident_id: UUID) -> Caller:
    caller = signed_in().caller()
    with desk.database.transaction(caller) as connection:
        answers.seen(connection, incident_id, caller)
    return caller


def _out(one: Kept) -> PlanOut:
    return PlanOut(
        id=one.plan.id, version=one.version, title=one.plan.title, hash=one.hash, valid_from=one.valid_from,
        valid_to=one.valid_to, recorded_at=one.recorded_at, entered_by=one.entered_by, source=one.source_system,
        papers=[{"name": name, "sha256": sha256} for name, sha256 in one.papers], plan=as_json(one.plan),
    )  # fmt: skip
