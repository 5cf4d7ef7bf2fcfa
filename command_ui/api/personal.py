"""How does a program see a name or a number that is masked? One at a time, with a reason, and written down."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request
from pydantic import AfterValidator, BaseModel, Field
from sqlalchemy import text

from command_ui.access import unmasking
from command_ui.access.audit import Trace
from command_ui.access.roles import signed_in
from command_ui.api import shapes
from command_ui.api.reading import StrictRoute
from gis.database import Database
from gis.errors import MissingError
from layers import personal
from scenarios import log
from scenarios.personal import FIELDS
from scenarios.plans import rows as plans
from scenarios.plans.plan import as_json

Name = Annotated[str, Path(max_length=64), AfterValidator(shapes.plain_line)]
PlanId = Annotated[str, Path(pattern=r"^[A-Z0-9][A-Z0-9-]{1,39}$")]
Seq = Annotated[int, Path(ge=1, le=2**53)]
Reason = Annotated[
    str,
    Query(
        max_length=unmasking.LONGEST_REASON,
        description="Why names and numbers must be in it; without one they are masked. Needs the right `unmask`.",
    ),
    AfterValidator(shapes.plain_line),
]


class Why(shapes.Shape):
    """Why it must be seen; it stands in the audit beside the name of who asked."""

    reason: Annotated[
        str,
        Field(min_length=unmasking.SHORTEST_REASON, max_length=unmasking.LONGEST_REASON),
        AfterValidator(shapes.plain_line),
    ]


class Unmasked(BaseModel):
    """What was asked for, as it stands."""

    values: shapes.Json


class PersonalColumn(BaseModel):
    """A column that holds personal data, and what it is kept for."""

    place: str
    name: str
    kind: str
    purpose: str


def trace_of(request: Request) -> Trace:
    """Where a request came from, for the audit."""
    return Trace(request.client.host if request.client else "", str(request.state.request_id))


def router(database: Database) -> APIRouter:
    """Build the routes that show what is masked everywhere else."""
    routes = APIRouter(route_class=StrictRoute, tags=["personal"])

    @routes.get("/personal-columns")
    def declared() -> list[PersonalColumn]:
        """List the columns that hold personal data, with what each is kept for."""
        with database.transaction(signed_in().caller()) as connection:
            return [PersonalColumn(**row) for row in connection.execute(_DECLARED).mappings()]

    @routes.post("/layers/{layer}/{feature_id}/unmask")
    def of_row(request: Request, layer: Name, feature_id: Name, why: Why) -> Unmasked:
        """Show the personal columns of one row of a layer; written down before it is shown."""
        person = signed_in()
        with database.transaction(unmasking.allowed(person, why.reason)) as connection:
            values = personal.of_row(connection, layer, feature_id)
            unmasking.note(
                connection, person, f"{layer}/{feature_id}", why.reason, trace_of(request), {"columns": list(values)}
            )
        return Unmasked(values=values)

    @routes.post("/incidents/{incident_id}/entries/{seq}/unmask")
    def of_entry(request: Request, incident_id: UUID, seq: Seq, why: Why) -> Unmasked:
        """Show the personal texts of one entry of a record: who reported, whom to call."""
        person = signed_in()
        with database.transaction(unmasking.allowed(person, why.reason)) as connection:
            head = log.head(connection, incident_id)
            found = log.read(connection, incident_id, seq - 1, 1)
            if not found or found[0].seq != seq:
                raise MissingError(f"the record of {head.code} has no entry {seq}")
            names = FIELDS.get(found[0].kind, {})
            values: dict[str, Any] = {name: found[0].payload[name] for name in names if name in found[0].payload}
            unmasking.note(
                connection, person, f"{head.code}#{seq}", why.reason, trace_of(request), {"columns": list(values)}
            )
        return Unmasked(values=values)

    @routes.post("/plans/{plan_id}/unmask")
    def of_plan(request: Request, plan_id: PlanId, why: Why) -> Unmasked:
        """Show the contacts of the latest version of a plan."""
        person = signed_in()
        with database.transaction(unmasking.allowed(person, why.reason)) as connection:
            kept = plans.versions(connection, plan_id)[0]
            contacts = as_json(kept.plan)["contacts"]
            unmasking.note(connection, person, f"plans/{plan_id}", why.reason, trace_of(request),
                           {"columns": ["contacts"], "rows": len(contacts)})  # fmt: skip
        return Unmasked(values={"contacts": contacts})

    return routes


_DECLARED = text("SELECT place, name, kind, purpose FROM access.personal_column ORDER BY place, name")
