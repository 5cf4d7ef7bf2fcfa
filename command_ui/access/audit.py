"""Who did what to the system? One line for each sign-in, refusal, export, change and right, in a chain of its own."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple, dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import Connection, text

from gis.database import Caller, Database

Outcome = Literal["ok", "refused", "failed"]

EVENTS = (
    "sign_in", "sign_out", "session_ended", "denied", "change", "act", "export", "unmasked", "account_made",
    "account_linked", "account_closed", "account_opened", "rights_granted", "password_set", "second_factor", "rule_set",
    "first_start", "audit_read", "audit_forgotten", "suspicion",
)  # fmt: skip
"""Every kind of line; the viewer filters by them and names them in both languages."""

KEPT_DAYS_AT_LEAST = 180
LONGEST_OBJECT = 500


@dataclass(frozen=True, slots=True)
class Trace:
    """Where a request came from: network address and number of the request, as the answer carries it."""

    address: str = ""
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it stands; `at` aware, `detail` what else there is to know."""

    day: date
    seq: int
    at: datetime
    actor: str
    role: str
    event: str
    outcome: Outcome
    object: str
    address: str
    request_id: str
    detail: Mapping[str, Any]
    hash: str


def write(
    connection: Connection,
    event: str,
    outcome: Outcome = "ok",
    *,
    actor: str,
    role: str = "",
    on: str = "",
    trace: Trace | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """
    Add a line in the transaction of `connection`: what it speaks of fails when the line cannot be written.

    Parameters
    ----------
    actor, role
        Who, in which role; before a sign-in the name that was typed.
    on
        What it was done to: an account, an address of the interface, a field of a row.
    """
    connection.execute(_WRITE, asdict(Said.of(event, outcome, actor, role, on, trace or Trace(), detail or {})))


@dataclass(frozen=True, slots=True)
class Said:
    """What goes into the database for one line; named as the parameters of `_WRITE`."""

    event: str
    outcome: Outcome
    actor: str
    role: str
    object: str
    address: str
    request_id: str
    detail: str

    @classmethod
    def of(
        cls, event: str, outcome: Outcome, actor: str, role: str, on: str, trace: Trace, detail: Mapping[str, Any]
    ) -> "Said":
        """Cut what is too long, and write the detail; parameters as `write`."""
        return cls(
            event, outcome, _plain(actor, 200), role, _plain(on, LONGEST_OBJECT), _plain(trace.address, 100),
            trace.request_id[:64], json.dumps(dict(detail), ensure_ascii=False, sort_keys=True),
        )  # fmt: skip


def write_all(database: Database, lines: Sequence[Said]) -> None:
    """Add lines under one commit and in one round trip: all or none. On a cut line they may stand there twice."""
    columns = [list(column) for column in zip(*map(astuple, lines), strict=True)]
    database.call(_WRITE_ALL, Caller.system(), columns)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines: between two moments (the second excluded), of an account, a kind, an outcome, holding words."""

    since: datetime | None = None
    until: datetime | None = None
    actor: str = ""
    event: str = ""
    outcome: str = ""
    words: str = ""

    def values(self) -> dict[str, Any]:
        """Give the values of `FILTER`."""
        return {name: value or None for name, value in asdict(self).items()}


def read(
    connection: Connection,
    wanted: Wanted | None = None,
    *,
    limit: int = 200,
    before: tuple[date, int] | None = None,
    **which: Any,
) -> list[Line]:
    """
    Lines that fit, newest first; `before` (day, number) gives the page after that line.

    Parameters
    ----------
    which
        Fields of `Wanted`, when none is given.
    """
    asked = wanted or Wanted(**which)
    place = {"limit": limit, "day": before[0] if before else None, "seq": before[1] if before else None}
    rows = connection.execute(_READ, asked.values() | place).mappings()
    return [Line(**{**row, "detail": json.loads(row["detail"]), "hash": bytes(row["hash"]).hex()}) for row in rows]


def forget(connection: Connection, actor: str, keep_days: int) -> int:
    """Drop lines older than `keep_days`, at least 180; return their number. The heads of the days stay."""
    return int(connection.execute(_FORGET, {"actor": actor, "days": keep_days}).scalar_one())


def _plain(words: str, longest: int) -> str:
    return words.replace("\0", "\ufffd")[:longest]


_WRITE = text(
    "SELECT o_seq FROM access.audit(:event, :outcome, :actor, :role, :object, :address, :request_id, :detail)"
)
_WRITE_ALL = f"SELECT access.audit_lines(%s, %s, %s, %s{', %s::text[]' * 8})"
FILTER = (
    "(CAST(:since AS timestamptz) IS NULL OR at >= :since)"
    " AND (CAST(:until AS timestamptz) IS NULL OR at < :until)"
    " AND (CAST(:actor AS text) IS NULL OR actor = :actor) AND (CAST(:event AS text) IS NULL OR event = :event)"
    " AND (CAST(:outcome AS text) IS NULL OR outcome = :outcome)"
    " AND (CAST(:words AS text) IS NULL"
    "   OR position(:words IN object || ' ' || actor || ' ' || address || ' ' || request_id || ' ' || detail) > 0)"
)
"""Condition on access.audit_entry; its values are those of `Wanted`."""
_READ = text(
    "SELECT day, seq, at, actor, role, event, outcome, object, address, request_id, detail, hash"  # noqa: S608 - FILTER
    f" FROM access.audit_entry WHERE {FILTER}"
    " AND (CAST(:day AS date) IS NULL OR (day, seq) < (CAST(:day AS date), CAST(:seq AS bigint)))"
    " ORDER BY day DESC, seq DESC LIMIT :limit"
)
_FORGET = text("SELECT access.forget_audit(:actor, :days)")
