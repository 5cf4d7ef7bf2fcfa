"""What may a program write into the record, and who may?"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response

from command_ui.access.roles import Right, signed_in
from command_ui.api import answers, shapes
from command_ui.api.reading import IdempotencyKey, StrictRoute
from gis.database import Caller
from gis.errors import InputError, RefusedError
from scenarios import log
from scenarios.desk import Desk
from scenarios.events import (
    AlarmLinked,
    CaseChanged,
    CasualtiesReported,
    EvacuationCounted,
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
from scenarios.log import Kept, Receipt
from scenarios.reports.events import ReportSent

RIGHT_FOR: Mapping[type[Event], Right] = {
    Note: "report",
    AlarmLinked: "report",
    CaseChanged: "report",
    CasualtiesReported: "report",
    EvacuationCounted: "report",
    ReportSent: "report",
    TeamArrived: "report",
    GradeConfirmed: "decide",
    ResponseLevelSet: "decide",
    IncidentClosed: "decide",
}
"""Kinds a person or program writes. Runs, the report itself, orders, decisions and corrections have own ways."""

KEPT = frozenset({Note.code, TeamArrived.code, ReportSent.code})
"""Kinds that may be written without the network and sent later: they change no state and nothing follows from them."""

Seq = Annotated[int, Path(ge=1, le=2**53)]


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

    @routes.post(
        "/incidents/{incident_id}/entries",
        status_code=201,
        response_model=shapes.Receipt,
        responses={409: {"model": shapes.Problem}},
    )
    def append(incident_id: UUID, body: shapes.NewEntry, key: IdempotencyKey) -> Response:
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
        with _unseen_is_missing(desk, incident_id, person.caller()):
            receipt = desk.record(
                incident_id,
                event,
                person.caller(),
                occurred_at=body.occurred_at,
                expected_seq=body.expected_seq,
                key=key,
            )
        # Written here, in the thread that has it: handing it back to be written costs another turn of a thread.
        written = answers.receipt(receipt).model_dump_json()
        return Response(written, status_code=201, media_type="application/json")

    @routes.post(
        "/incidents/{incident_id}/entries/{seq}/correction", status_code=201, responses={409: {"model": shapes.Problem}}
    )
    def correct(incident_id: UUID, seq: Seq, body: shapes.CorrectionIn, key: IdempotencyKey) -> shapes.Receipt:
        """Strike a line through, with the reason and what is right; the line stays, and so does who struck it when."""
        caller = signed_in().caller()
        with _unseen_is_missing(desk, incident_id, caller):
            return answers.receipt(desk.correct(incident_id, seq, body.reason, caller, text=body.text, key=key))

    @routes.post("/incidents/{incident_id}/kept-lines")
    def append_kept(incident_id: UUID, body: shapes.KeptLines) -> shapes.KeptOutcomes:
        """
        Append lines that were written while the network was away, in their order and under one commit.

        Each line brings the key it was given when it was written, so sending the same lines again writes nothing
        twice; each is taken or refused by itself. Only kinds that change no state of the command can be kept.
        """
        person = signed_in()
        for line in body.lines:
            if line.kind not in KEPT:
                raise InputError(f"kind '{line.kind}' cannot wait for the network; only {', '.join(sorted(KEPT))} can")
            person.require(RIGHT_FOR[kinds[line.kind]])
        outcomes: list[Receipt | InputError | None] = []
        sound: list[Kept] = []
        for line in body.lines:
            try:
                event = event_of(line.kind, line.payload)
            except InputError as error:
                outcomes.append(error)
                continue
            assert event is not None
            sound.append(Kept(event, line.key, line.occurred_at))
            outcomes.append(None)
        with _unseen_is_missing(desk, incident_id, person.caller()):
            written = iter(log.append_kept(desk.database, person.caller(), incident_id, sound))
        return shapes.KeptOutcomes(
            outcomes=[
                _outcome(line.key, next(written) if outcome is None else outcome)
                for line, outcome in zip(body.lines, outcomes, strict=True)
            ]
        )

    return routes


def _outcome(key: UUID, outcome: Receipt | InputError) -> shapes.KeptOutcome:
    if isinstance(outcome, InputError):
        return shapes.KeptOutcome(key=key, receipt=None, fault=str(outcome))
    return shapes.KeptOutcome(key=key, receipt=answers.receipt(outcome), fault=None)


@contextmanager
def _unseen_is_missing(desk: Desk, incident_id: UUID, caller: Caller) -> Iterator[None]:
    """Say of an incident of another world that it is not there; asked only after a refusal, not before every entry."""
    try:
        yield
    except RefusedError:
        with desk.database.transaction(caller) as connection:
            answers.seen(connection, incident_id, caller)
        raise
