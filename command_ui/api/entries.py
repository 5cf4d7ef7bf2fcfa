"""What may a program write into the record, and who may?"""

from collections.abc import Mapping
from uuid import UUID

from fastapi import APIRouter

from command_ui.access.roles import Right, signed_in
from command_ui.api import answers, shapes
from command_ui.api.reading import IdempotencyKey, StrictRoute
from gis.errors import InputError
from scenarios.desk import Desk
from scenarios.events import (
    AlarmLinked,
    CaseChanged,
    CasualtiesReported,
    DecisionRecorded,
    Event,
    GradeConfirmed,
    IncidentClosed,
    Note,
    ResponseLevelSet,
    TeamArrived,
    event_of,
    schema_of,
)
from scenarios.intake import checked_case
from scenarios.reports.events import ReportSent

RIGHT_FOR: Mapping[type[Event], Right] = {
    Note: "report",
    AlarmLinked: "report",
    CaseChanged: "report",
    CasualtiesReported: "report",
    ReportSent: "report",
    TeamArrived: "report",
    GradeConfirmed: "decide",
    ResponseLevelSet: "decide",
    DecisionRecorded: "decide",
    IncidentClosed: "decide",
}
"""Kinds a person or program writes. What is computed, the report itself and corrections have ways of their own."""


def router(desk: Desk) -> APIRouter:
    """Build the routes that append entries."""
    routes = APIRouter(route_class=StrictRoute, tags=["incidents"])
    kinds = {kind.code: kind for kind in RIGHT_FOR}

    @routes.get("/kinds")
    def every() -> list[shapes.Kind]:
        """List the kinds of entry that can be appended."""
        return [
            shapes.Kind(
                kind=code,
                lane=kind.lane,
                right=RIGHT_FOR[kind],
                needs_expected_seq=kind.changes_state,
                payload=schema_of(code),
            )
            for code, kind in kinds.items()
        ]

    @routes.post("/incidents/{incident_id}/entries", status_code=201, responses={409: {"model": shapes.Problem}})
    def append(incident_id: UUID, body: shapes.NewEntry, key: IdempotencyKey) -> shapes.Receipt:
        """Append an entry. The answer comes after it is on disk; 409 means the incident moved since `expected_seq`."""
        person = signed_in()
        if body.kind not in kinds:
            raise InputError(f"kind '{body.kind}' cannot be appended; use one of {', '.join(kinds)}")
        person.require(RIGHT_FOR[kinds[body.kind]])
        event = event_of(body.kind, body.payload)
        if event is None:
            raise InputError(f"kind '{body.kind}' is not known")
        if isinstance(event, CaseChanged):
            event = CaseChanged(checked_case(event.case), event.reason)
        with desk.database.transaction(person.caller()) as connection:
            answers.seen(connection, incident_id, person.caller())
        receipt = desk.record(
            incident_id,
            event,
            person.caller(),
            occurred_at=body.occurred_at,
            expected_seq=body.expected_seq,
            key=key,
        )
        return answers.receipt(receipt)

    return routes
