"""How does a program report an incident and read what became of it?"""

import base64
import binascii
import hashlib
import logging
import threading
from collections import OrderedDict
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, BackgroundTasks, Header, Query, Response
from pydantic import AwareDatetime, BaseModel
from starlette.exceptions import HTTPException

from command_ui.access.roles import signed_in
from command_ui.api import answers, shapes
from command_ui.api.reading import IdempotencyKey, StrictRoute
from gis.database import Caller
from gis.errors import ConflictError, InputError, MissingError, OneMapError
from scenarios import log
from scenarios.desk import Desk, IncidentSummary, ReportIncident
from scenarios.events import Alarm

_LOG = logging.getLogger(__name__)
_AT_ONCE = 2
"""Assessments that may run at the same time in one process; more would only slow each other down."""

IfNoneMatch = Annotated[str, Header(alias="If-None-Match")]


def router(desk: Desk) -> APIRouter:
    """Build the routes of incidents, their record and their assessments."""
    routes = APIRouter(prefix="/incidents", route_class=StrictRoute, tags=["incidents"])
    running = threading.BoundedSemaphore(_AT_ONCE)
    done = _Answers()

    @routes.post("", status_code=201, responses={409: {"model": shapes.Problem}})
    def report(body: shapes.Report, key: IdempotencyKey, response: Response) -> shapes.Receipt:
        """Report an incident 接报. The answer comes after the entry is on disk."""
        fields = body.model_dump(exclude={"alarms", "case"})
        receipt = desk.report(
            ReportIncident(
                **fields,
                alarms=tuple(Alarm(**alarm.model_dump()) for alarm in body.alarms),
                case=_case(body),
                key=key,
            ),
            signed_in().caller(),
        )
        response.headers["location"] = f"/api/v1/incidents/{receipt.incident_id}"
        return answers.receipt(receipt)

    @routes.get("", response_model=shapes.Incidents, responses={304: {"description": "Nothing new"}})
    def incidents(
        response: Response,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
        cursor: Annotated[str, Query(max_length=64)] = "",
        if_none_match: IfNoneMatch = "",
    ) -> Any:
        """List the incidents of your divisions, open ones first, the latest known first."""
        found = desk.incidents(signed_in().caller())
        start = 0
        if cursor:
            after = _read_cursor(cursor)
            start = next((at + 1 for at, one in enumerate(found) if one.incident_id == after), len(found))
        part = found[start : start + limit]
        more = start + limit < len(found)
        page = shapes.Incidents(
            incidents=[answers.summary(one) for one in part],
            next_cursor=_cursor(part[-1].incident_id) if more else None,
        )
        return _unless_held(response, if_none_match, _tag_of(page)) or page

    @routes.get("/{incident_id}", response_model=shapes.Incident, responses={304: {"description": "Nothing new"}})
    def incident(incident_id: UUID, response: Response, if_none_match: IfNoneMatch = "") -> Any:
        """Give one line of the list."""
        line = answers.summary(_one(desk, incident_id))
        return _unless_held(response, if_none_match, _tag_of(line)) or line

    @routes.get(
        "/{incident_id}/situation", response_model=shapes.Situation, responses={304: {"description": "Nothing new"}}
    )
    def situation(
        incident_id: UUID, response: Response, moment: AwareDatetime | None = None, if_none_match: IfNoneMatch = ""
    ) -> Any:
        """Give what is known now, or what was known at `moment`: entries recorded later are left out."""
        caller = signed_in().caller()
        with desk.database.transaction(caller) as connection:
            answers.seen(connection, incident_id, caller)
        known = desk.situation(incident_id, moment, caller=caller)
        return _unless_held(response, if_none_match, f'"{known.seq}-{known.head_hash[:16]}"') or answers.situation(
            known, incident_id, moment
        )

    @routes.get(
        "/{incident_id}/entries", response_model=shapes.Entries, responses={304: {"description": "Nothing new"}}
    )
    def entries(
        incident_id: UUID,
        response: Response,
        after: Annotated[int, Query(ge=0, le=2**53)] = 0,
        limit: Annotated[int, Query(ge=1, le=1000)] = 200,
        if_none_match: IfNoneMatch = "",
    ) -> Any:
        """Give the entries of the record after a number, in order and without holes."""
        caller = signed_in().caller()
        with desk.database.transaction(caller) as connection:
            answers.seen(connection, incident_id, caller)
            found = log.read(connection, incident_id, after, limit + 1)
        part = found[:limit]
        tag = f'"{part[-1].seq}-{part[-1].hash[:16]}-{len(part)}"' if part else f'"{after}-"'
        return _unless_held(response, if_none_match, tag) or shapes.Entries(
            incident_id=incident_id,
            entries=[answers.entry(one) for one in part],
            next_after=part[-1].seq if part else after,
            has_more=len(found) > len(part),
        )

    @routes.post("/{incident_id}/assessments", status_code=201, responses={429: {"model": shapes.Problem}})
    def assess(incident_id: UUID, body: shapes.Assess, key: IdempotencyKey, after: BackgroundTasks) -> shapes.Assessed:
        """
        Run release, zones, exposure, closures, routes and evacuation on the present case, and record them.

        How sure the zones are is computed after the answer, and recorded when it is there.
        """
        person = signed_in()
        with desk.database.transaction(person.caller()) as connection:
            answers.seen(connection, incident_id, person.caller())
        held = done.find(key, person.name, incident_id, body)
        if held is not None:
            return held
        if not running.acquire(blocking=False):
            raise HTTPException(429, headers={"retry-after": "2"})
        try:
            assessed = desk.assess(incident_id, person.caller(), roads=body.roads)
        finally:
            running.release()
        answer = shapes.Assessed(
            incident_id=incident_id,
            run_id=assessed.run_id,
            receipts=[answers.receipt(receipt) for receipt in assessed.receipts],
        )
        done.keep(key, person.name, incident_id, body, answer)
        after.add_task(_add_confidence, desk, incident_id, assessed.run_id, person.caller())
        return answer

    return routes


def _add_confidence(desk: Desk, incident_id: UUID, run_id: str, caller: Caller) -> None:
    try:
        desk.add_confidence(incident_id, run_id, caller)
    except OneMapError as error:  # nobody waits for this answer any more
        _LOG.warning("no confidence zones for %s: %s", run_id, error)


class _Answers:
    """Answers already given to an Idempotency-Key, so that a retry starts no second run."""

    def __init__(self, longest: int = 500) -> None:
        self._given: OrderedDict[UUID, tuple[tuple[Any, ...], shapes.Assessed]] = OrderedDict()
        self._longest = longest
        self._lock = threading.Lock()

    def find(self, key: UUID, *what: Any) -> shapes.Assessed | None:
        """Give the first answer, or refuse a key that was used for something else."""
        with self._lock:
            first = self._given.get(key)
        if first is not None and first[0] != what:
            raise ConflictError("this Idempotency-Key was used for another request; make a new one")
        return first[1] if first else None

    def keep(self, key: UUID, *what_and_answer: Any) -> None:
        """Keep an answer; the oldest is forgotten first."""
        *what, answer = what_and_answer
        with self._lock:
            self._given[key] = (tuple(what), answer)
            while len(self._given) > self._longest:
                self._given.popitem(last=False)


def _one(desk: Desk, incident_id: UUID) -> IncidentSummary:
    """Find an incident among those the caller may see: not there and not yours look the same."""
    for summary in desk.incidents(signed_in().caller()):
        if summary.incident_id == incident_id:
            return summary
    raise MissingError(f"there is no incident {incident_id}")


def _case(body: shapes.Report) -> dict[str, Any] | None:
    """Complete a case with what the report itself says, so that nobody writes the place twice."""
    if body.case is None:
        return None
    place = {
        "longitude": body.longitude,
        "latitude": body.latitude,
        "occurred_at": body.occurred_at.isoformat(),
    }
    return {"name": body.title, "incident": place} | body.case


def _tag_of(answer: BaseModel) -> str:
    """ETag of an answer that is put together from several incidents: the digest of what it says."""
    return f'"{hashlib.sha256(answer.model_dump_json().encode()).hexdigest()[:24]}"'


def _unless_held(response: Response, if_none_match: str, tag: str) -> Response | None:
    response.headers["etag"] = tag
    response.headers["cache-control"] = "private, no-cache"
    held = {part.strip().removeprefix("W/") for part in if_none_match.split(",")}
    return Response(status_code=304, headers={"etag": tag}) if tag in held else None


def _cursor(incident_id: UUID) -> str:
    return base64.urlsafe_b64encode(incident_id.bytes).decode().rstrip("=")


def _read_cursor(cursor: str) -> UUID:
    try:
        return UUID(bytes=base64.urlsafe_b64decode(cursor + "=="))
    except (binascii.Error, ValueError) as error:
        raise InputError("cursor: take it from next_cursor of the page before") from error
