"""Who is on the line of a consultation now, and what is shown? Passing state, never in the record."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from gis.errors import InputError
from gis.provenance import Mode

CHANNEL = "onemap_room"
"""NOTIFY channel between the processes of the server: the shown view itself, or a hint that people have changed."""
LARGEST_VIEW = 6_000
"""Bytes of a view; a notice of PostgreSQL holds 8 000."""
ALIVE_S = 12.0
"""A line is up while it was heard of within this time; servers say so every five seconds."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """
    A room as those on the line see it: who presents, and the last view.

    ``rev`` counts the views shown; ``view`` is None before the first. It holds what the presenter's page says, layers
    and selection included: it is cut to what each follower may see before it is sent to anybody.
    """

    consultation_id: str
    incident_id: UUID
    division_code: str
    mode: Mode
    topic: str
    presenter: str
    presenter_name: str
    view: Json | None
    rev: int


@dataclass(frozen=True, slots=True)
class OnLine:
    """One page on the line: whose it is, for which unit of which level, whether it follows, how far away it is."""

    line: UUID
    account: str
    name: str
    unit: str
    level: str
    following: bool
    delay_ms: int | None
    since: datetime


def open_room(
    connection: Connection, consultation_id: str, incident_id: UUID, presenter: str, presenter_name: str, topic: str,
    divisions: list[str], accounts: list[str],
) -> None:  # fmt: skip
    """Make the room known to all servers, and to duty rooms of the divisions invited, unless it has ended."""
    if shown(connection, consultation_id) is not None:
        return
    connection.execute(
        _OPEN,
        {
            "id": consultation_id, "incident": incident_id, "presenter": presenter, "name": presenter_name,
            "topic": topic, "divisions": divisions, "accounts": accounts,
        },
    )  # fmt: skip
    say_changed(connection, consultation_id)


def hand_over(connection: Connection, consultation_id: str, presenter: str, presenter_name: str) -> None:
    """Let another account show its view; the last view stays until it does."""
    values = {"id": consultation_id, "presenter": presenter, "name": presenter_name}
    connection.execute(_HAND_OVER, values)
    say_changed(connection, consultation_id)


def close_room(connection: Connection, consultation_id: str) -> None:
    """Forget what was shown, and who was on the line."""
    connection.execute(_CLOSE, {"id": consultation_id})
    say_changed(connection, consultation_id)


def say_changed(connection: Connection, consultation_id: str) -> None:
    """Tell every server, at commit, that people or rights in the room changed."""
    connection.execute(_TELL, {"channel": CHANNEL, "payload": json.dumps({"id": consultation_id})})


def show(connection: Connection, consultation_id: str, view: Json) -> int | None:
    """
    Show a view to everybody on the line; gives its number, or None where the caller does not present.

    Raises
    ------
    InputError
        The view is too large.
    """
    written = json.dumps(view, ensure_ascii=False, separators=(",", ":"))
    if len(written.encode()) > LARGEST_VIEW:
        raise InputError(f"the view has more than {LARGEST_VIEW} bytes")
    row = connection.execute(_SHOW, {"id": consultation_id, "view": written, "channel": CHANNEL}).first()
    return int(row.rev) if row is not None else None


def shown(connection: Connection, consultation_id: str) -> Shown | None:
    """The room as the caller may find it, or None: ended, or not his to enter."""
    row = connection.execute(_SHOWN, {"id": consultation_id}).first()
    return _shown(row) if row is not None else None


def open_to(connection: Connection) -> list[Shown]:
    """Rooms that go on which the caller may enter, the last opened first."""
    return [_shown(row) for row in connection.execute(_OPEN_TO)]


def come(
    connection: Connection, consultation_id: str, line: UUID, *, name: str, unit: str, level: str, following: bool
) -> None:
    """Put a line of the caller into the room, or say that it is still there."""
    values = {"id": consultation_id, "line": line, "name": name, "unit": unit, "level": level, "following": following}
    connection.execute(_COME, values)
    say_changed(connection, consultation_id)


def beat(connection: Connection, delays: dict[UUID, int | None]) -> None:
    """Say that lines are still up, and how far away each is, ms; one statement for all lines of a server."""
    if delays:
        values = {"lines": list(delays), "delays": [-1 if one is None else one for one in delays.values()]}
        connection.execute(_BEAT, values)


def go(connection: Connection, consultation_id: str, line: UUID) -> None:
    """Take a line out of the room."""
    connection.execute(_GO, {"line": line})
    say_changed(connection, consultation_id)


def on_line(connection: Connection, consultation_id: str) -> list[OnLine]:
    """Lines that are up now, the first come first."""
    rows = connection.execute(_ON_LINE, {"id": consultation_id, "alive_s": ALIVE_S})
    return [
        OnLine(row.line, row.account, row.name, row.unit, row.level, row.following, row.delay_ms, row.since)
        for row in rows
    ]


def is_on(connection: Connection, consultation_id: str, account: str) -> bool:
    """Whether an account has a line up."""
    return any(one.account == account for one in on_line(connection, consultation_id))


def _shown(row: Any) -> Shown:
    return Shown(
        row.consultation_id, row.incident_id, row.division_code, row.mode, row.topic, row.presenter,
        row.presenter_name, row.view, int(row.rev),
    )  # fmt: skip


_TELL = text("SELECT pg_notify(:channel, :payload)")
_OPEN = text(
    "INSERT INTO consultation.room (consultation_id, incident_id, division_code, presenter, presenter_name, topic,"
    " divisions, accounts) SELECT :id, incident_id, division_code, :presenter, :name, :topic, :divisions, :accounts"
    " FROM record.incident_head WHERE incident_id = :incident AND NOT EXISTS (SELECT 1 FROM record.entry AS own"
    " WHERE own.incident_id = :incident AND own.kind = 'consultation_concluded'"
    " AND own.payload->>'consultation_id' = :id) ON CONFLICT (consultation_id) DO NOTHING"
)
_HAND_OVER = text(
    "UPDATE consultation.room SET presenter = :presenter, presenter_name = :name WHERE consultation_id = :id"
)
_CLOSE = text("DELETE FROM consultation.room WHERE consultation_id = :id")
_SHOW = text(
    "WITH moved AS (UPDATE consultation.room SET view = CAST(:view AS jsonb), rev = rev + 1"
    " WHERE consultation_id = :id AND presenter = current_setting('onemap.actor', true) RETURNING rev)"
    " SELECT rev, pg_notify(:channel, json_build_object('id', CAST(:id AS text), 'rev', rev,"
    " 'view', CAST(:view AS json))::text) FROM moved"
)
_COLUMNS = "consultation_id, incident_id, division_code, mode, topic, presenter, presenter_name, view, rev"
_SHOWN = text(f"SELECT {_COLUMNS} FROM consultation.room WHERE consultation_id = :id")  # noqa: S608 - names of columns
_OPEN_TO = text(f"SELECT {_COLUMNS} FROM consultation.room ORDER BY opened_at DESC")  # noqa: S608
_COME = text(
    "INSERT INTO consultation.line (line, consultation_id, name, unit, level, following)"
    " VALUES (:line, :id, :name, :unit, :level, :following) ON CONFLICT (line) DO UPDATE"
    " SET following = excluded.following, seen_at = clock_timestamp()"
)
_BEAT = text(
    "UPDATE consultation.line AS own SET seen_at = clock_timestamp(), delay_ms = nullif(told.delay_ms, -1)"
    " FROM unnest(CAST(:lines AS uuid[]), CAST(:delays AS integer[])) AS told (line, delay_ms)"
    " WHERE own.line = told.line"
)
_GO = text("DELETE FROM consultation.line WHERE line = :line")
_ON_LINE = text(
    "SELECT line, account, name, unit, level, following, delay_ms, since FROM consultation.line"
    " WHERE consultation_id = :id AND seen_at > clock_timestamp() - make_interval(secs => :alive_s)"
    " ORDER BY since, line"
)
