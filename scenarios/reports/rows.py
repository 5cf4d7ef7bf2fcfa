"""Where do rows of policy, drafts and issues stand? In PostGIS; each person sees only what he writes himself."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from gis.errors import ConflictError, InputError
from scenarios.event import Json
from scenarios.log import Receipt
from scenarios.reports.events import Form, ReportSent
from scenarios.reports.policies import ReportingPolicy


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person typed into a report; ``revision`` grows by one with each save."""

    content: Json
    revision: int
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class Issue:
    """A numbered issue that belongs to no single incident."""

    issue_id: UUID
    year: int
    number: int
    content: Json
    sent_by: str
    sent_at: datetime


def policies(connection: Connection) -> tuple[ReportingPolicy, ...]:
    """Rows of the house's own table that are in use."""
    return tuple(
        ReportingPolicy(
            row.division, row.channel, row.minutes, row.basis, row.kind, row.grade, row.event, row.valid_from,
            row.valid_until, row.source, row.trust, own=True,
        )
        for row in connection.execute(_POLICIES)
    )  # fmt: skip


def add_policies(connection: Connection, rows: Sequence[ReportingPolicy], *, instead: bool = False) -> int:
    """
    Enter rows of policy, taking those in use out of use when they are to stand `instead`; the number entered.

    Raises
    ------
    InputError
        A row is not allowed: no source, no minutes, an unknown grade, …
    """
    if instead:
        connection.execute(
            text("UPDATE reporting.policy SET withdrawn_at = clock_timestamp() WHERE withdrawn_at IS NULL")
        )
    for number, row in enumerate(rows, 1):
        try:
            with connection.begin_nested():
                connection.execute(
                    _ADD_POLICY,
                    {
                        "division": row.division, "channel": row.channel, "kind": row.kind, "grade": row.grade,
                        "event": row.event, "minutes": row.minutes, "basis": row.basis, "valid_from": row.valid_from,
                        "valid_until": row.valid_until, "source": row.source, "trust": row.trust,
                    },
                )  # fmt: skip
        except IntegrityError as error:
            raise InputError(f"row {number}: {_why(error)}") from error
    return len(rows)


def draft(connection: Connection, incident_id: UUID | None, form: Form) -> Draft | None:
    """The caller's own draft of a form, or None."""
    row = connection.execute(_DRAFT, {"incident": incident_id, "form": form}).one_or_none()
    return None if row is None else Draft(row.content, row.revision, row.saved_at)


def keep_draft(connection: Connection, incident_id: UUID | None, form: Form, content: Json, revision: int) -> Draft:
    """
    Save the caller's draft; `revision` is the one he has before him, 0 for a new one.

    Raises
    ------
    ConflictError
        Another window of the same person saved since.
    InputError
        It is larger than a draft may be.
    """
    values = {
        "incident": incident_id,
        "form": form,
        "content": json.dumps(content, ensure_ascii=False),
        "seen": revision,
    }
    try:
        with connection.begin_nested():
            row = connection.execute(_KEEP if revision else _BEGIN, values).one_or_none()
    except IntegrityError as error:
        raise InputError("this draft is longer than a report may be: shorten it") from error
    if row is None:
        raise ConflictError("this draft was saved in another window since: open it again, nothing was overwritten")
    return Draft(content, row.revision, row.saved_at)


def drop_draft(connection: Connection, incident_id: UUID | None, form: Form) -> None:
    """Throw the caller's draft away."""
    connection.execute(_DROP, {"incident": incident_id, "form": form})


def add_issue(
    connection: Connection, issue_id: UUID, division_code: str, year: int, content: Json, incidents: Sequence[UUID]
) -> Issue:
    """Enter an issue under the next number of its year; the same id again gives the first one back."""
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('reporting.issue', 0))"))
    held = connection.execute(_ISSUE, {"id": issue_id}).one_or_none()
    if held is None:
        held = connection.execute(
            _ADD_ISSUE,
            {
                "id": issue_id, "division": division_code, "year": year,
                "content": json.dumps(content, ensure_ascii=False), "incidents": list(incidents),
            },
        ).one()  # fmt: skip
    return _issue(held)


def next_issue(connection: Connection, division_code: str, year: int) -> int:
    """Number the next issue of a year would have."""
    values = {"division": division_code, "year": year}
    return int(connection.execute(_NEXT_ISSUE, values).scalar_one())


def issues(connection: Connection, limit: int = 50) -> list[Issue]:
    """Issues of the caller's divisions and world, the latest first."""
    return [_issue(row) for row in connection.execute(_ISSUES, {"limit": limit})]


def receipt_of(connection: Connection, incident_id: UUID, key: UUID) -> Receipt | None:
    """
    Receipt of the report this idempotency key was used for, or None.

    Raises
    ------
    InputError
        The key was used for something else.
    """
    row = connection.execute(_RECEIPT, {"incident": incident_id, "key": key}).one_or_none()
    if row is None:
        return None
    if row.kind != ReportSent.code:
        raise InputError(f"the idempotency key was used for other content, entry {row.seq}")
    return Receipt(incident_id, row.seq, bytes(row.hash).hex(), row.recorded_at, replayed=True)


def _issue(row: Any) -> Issue:
    return Issue(row.issue_id, row.year, row.number, row.content, row.sent_by, row.sent_at)


def _why(error: IntegrityError) -> str:
    diagnosis = getattr(error.orig, "diag", None)
    return str(getattr(diagnosis, "message_primary", None) or error.orig)


_POLICIES = text("SELECT * FROM reporting.policy WHERE withdrawn_at IS NULL ORDER BY id")
_ADD_POLICY = text(
    "INSERT INTO reporting.policy (division, channel, kind, grade, event, minutes, basis, valid_from, valid_until, "
    "source, trust) VALUES (:division, :channel, :kind, :grade, :event, :minutes, :basis, :valid_from, :valid_until, "
    ":source, :trust)"
)
_DRAFT = text(
    "SELECT content, revision, saved_at FROM reporting.draft "
    "WHERE incident_id IS NOT DISTINCT FROM CAST(:incident AS uuid) AND form = :form"
)
_BEGIN = text(
    "INSERT INTO reporting.draft (incident_id, form, content) VALUES (CAST(:incident AS uuid), :form, "
    "CAST(:content AS jsonb)) ON CONFLICT DO NOTHING RETURNING revision, saved_at"
)
_KEEP = text(
    "UPDATE reporting.draft SET content = CAST(:content AS jsonb), revision = revision + 1, "
    "saved_at = clock_timestamp() WHERE incident_id IS NOT DISTINCT FROM CAST(:incident AS uuid) AND form = :form "
    "AND revision = :seen RETURNING revision, saved_at"
)
_DROP = text(
    "DELETE FROM reporting.draft WHERE incident_id IS NOT DISTINCT FROM CAST(:incident AS uuid) AND form = :form"
)
_ISSUE = text("SELECT * FROM reporting.issue WHERE issue_id = :id")
_NEXT_ISSUE = text(
    "SELECT coalesce(max(number), 0) + 1 FROM reporting.issue WHERE division_code = :division AND year = :year "
    "AND mode = current_setting('onemap.mode', true)"
)
_ADD_ISSUE = text(
    "INSERT INTO reporting.issue (issue_id, form, division_code, year, number, content, incidents) "
    "SELECT :id, 'daily', CAST(:division AS text), CAST(:year AS integer), coalesce(max(number), 0) + 1, "
    "CAST(:content AS jsonb), CAST(:incidents AS uuid[]) FROM reporting.issue "
    "WHERE division_code = CAST(:division AS text) AND year = CAST(:year AS integer) "
    "AND mode = current_setting('onemap.mode', true) RETURNING *"
)
_RECEIPT = text(
    "SELECT seq, kind, hash, recorded_at FROM record.entry WHERE incident_id = :incident AND idem_key = :key"
)
_ISSUES = text("SELECT * FROM reporting.issue ORDER BY sent_at DESC LIMIT :limit")
