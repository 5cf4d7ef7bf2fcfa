"""How does the audit administrator read what everybody did, and how is it known to be whole?"""

import csv
import io
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AwareDatetime, BaseModel
from starlette.responses import Response

from command_ui.access import audit, audit_copy, audit_counts, audit_verify
from command_ui.access.audit import Trace
from command_ui.access.roles import signed_in
from command_ui.api.reading import StrictRoute
from gis.database import Caller, Database

Words = Annotated[str, Query(max_length=200)]
MOST_EXPORTED = 50_000
_COLUMNS = (
    "day", "seq", "at", "actor", "role", "event", "outcome", "object", "address", "request_id", "detail", "hash",
)  # fmt: skip


class LineOut(BaseModel):
    """One line of the audit."""

    day: date
    seq: int
    at: AwareDatetime
    actor: str
    role: str
    event: str
    outcome: str
    object: str
    address: str
    request_id: str
    detail: dict[str, Any]
    hash: str


class SlotOut(BaseModel):
    """Lines of an hour or a day."""

    at: AwareDatetime
    ok: int
    refused: int
    failed: int


class Named(BaseModel):
    """Somebody or something that was refused, and how often."""

    name: str
    times: int


class CountsOut(BaseModel):
    """What the chart is drawn from."""

    unit: Literal["hour", "day"]
    slots: list[SlotOut]
    accounts: list[Named]
    addresses: list[Named]
    objects: list[Named]


class CopyOut(BaseModel):
    """How far the copy on another host has come."""

    target: str
    lines: int
    behind: int
    copied_at: AwareDatetime | None
    fault: str


class Checked(BaseModel):
    """What verifying all chains found."""

    ok: bool
    days: int
    lines: int
    forgotten_days: int
    faults: list[str]


def wanted(
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    actor: Words = "",
    event: Words = "",
    outcome: Literal["", "ok", "refused", "failed"] = "",
    words: Words = "",
) -> audit.Wanted:
    """Read which lines are asked for."""
    return audit.Wanted(since, until, actor, event, outcome, words)


Asked = Annotated[audit.Wanted, Depends(wanted)]


def router(database: Database) -> APIRouter:
    """Build the routes of the audit."""
    routes = APIRouter(prefix="/audit", route_class=StrictRoute, tags=["audit"])

    @routes.get("")
    def lines(
        asked: Asked,
        limit: Annotated[int, Query(ge=1, le=1000)] = 200,
        before_day: date | None = None,
        before_seq: Annotated[int, Query(ge=0, le=2**62)] = 0,
    ) -> list[LineOut]:
        """Give lines that fit, newest first; the next page begins before the day and number of the last one."""
        before = (before_day, before_seq) if before_day else None
        with database.transaction(Caller.system()) as connection:
            found = audit.read(connection, asked, limit=limit, before=before)
        return [LineOut(**{name: getattr(one, name) for name in _COLUMNS}) for one in found]

    @routes.get("/counts")
    def counts(asked: Asked) -> CountsOut:
        """Count the lines that fit by hour or day and outcome, and who was refused most."""
        with database.transaction(Caller.system()) as connection:
            found = audit_counts.counted(connection, asked, datetime.now(UTC))
        most = {
            name: [Named(name=one, times=times) for one, times in getattr(found, name)]
            for name in ("accounts", "addresses", "objects")
        }
        return CountsOut(unit=found.unit, slots=[SlotOut(**asdict(one)) for one in found.slots], **most)

    @routes.get("/copy")
    def copy(request: Request) -> CopyOut | None:
        """Say how far the copy on another host has come; null when none is set."""
        target = str(request.app.state.audit_copy)
        if not target:
            return None
        with database.transaction(Caller.system()) as connection:
            return CopyOut(**asdict(audit_copy.state(connection, target)))

    @routes.get("/verification")
    def verify() -> Checked:
        """Recompute every hash of every day."""
        with database.transaction(Caller.system()) as connection:
            found = audit_verify.check_database(connection)
        return Checked(
            ok=not found.faults,
            days=found.days,
            lines=found.lines,
            forgotten_days=found.forgotten_days,
            faults=found.faults[:100],
        )

    @routes.get("/file", responses={200: {"content": {"text/csv": {}}}})
    def file(request: Request, asked: Asked) -> Response:
        """Give the lines that fit as CSV; taking them away is a line of the audit itself."""
        person = signed_in()
        trace = Trace(request.client.host if request.client else "", str(request.state.request_id))
        with database.transaction(Caller.system()) as connection:
            found = audit.read(connection, asked, limit=MOST_EXPORTED)
            which = {name: str(value) for name, value in asdict(asked).items() if value}
            detail = {"lines": len(found), "how": "file", "which": which}
            audit.write(
                connection, "audit_read", actor=person.name, role=person.role, on="audit", trace=trace, detail=detail
            )
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(_COLUMNS)
        for one in found:
            writer.writerow([_cell(getattr(one, name)) for name in _COLUMNS])
        headers = {"content-disposition": 'attachment; filename="audit.csv"', "cache-control": "no-store"}
        return Response("\ufeff" + out.getvalue(), media_type="text/csv", headers=headers)

    return routes


def _cell(value: object) -> str:
    """Text of a cell; what a spreadsheet would take for a formula gets an apostrophe (OWASP ASVS 1.2.10)."""
    text = str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
