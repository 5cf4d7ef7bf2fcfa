"""Which alarms stand before the duty officer, and what may he do with one: acknowledge, escalate, make an incident."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Connection, text

from gis.database import Caller
from gis.errors import ConflictError, InputError, MissingError
from layers.sensors.alarm_rows import AlarmRow, row_of, write

State = Literal["open", "acknowledged", "cleared", "closed"]
STATES: tuple[State, ...] = ("open", "cleared", "acknowledged", "closed")
"""In the order of urgency: open, come back unseen, seen, over."""
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Listed:
    """An alarm with what its point says now; None where it has no point or the point never spoke."""

    alarm: AlarmRow
    point_id: int | None = None
    latest_value: float | None = None
    latest_at: datetime | None = None
    point_status: str | None = None
    threshold_high: float | None = None
    threshold_first: float | None = None
    enterprise_id: str | None = None


def listing(
    connection: Connection,
    caller: Caller,
    *,
    states: Sequence[State] = ("open", "cleared", "acknowledged"),
    kinds: Sequence[str] = (),
    without: Sequence[str] = (),
    closed_since: datetime | None = None,
    limit: int = 200,
) -> list[Listed]:
    """Alarms of the caller's world and divisions, of some kinds or without some: unseen ones first, then the newest."""
    rows = connection.execute(
        _LIST,
        {
            "mode": caller.mode,
            "division_from": caller.division_from,
            "division_to": caller.division_to,
            "states": list(states),
            "kinds": list(kinds),
            "without": list(without),
            "since": closed_since,
            "id": None,
            "limit": limit,
        },
    )
    return [_listed(row) for row in rows]


def counts(connection: Connection, caller: Caller, *, without: Sequence[str] = ()) -> dict[str, int]:
    """Alarms in force by state, without some kinds."""
    rows = connection.execute(
        _COUNTS,
        {
            "mode": caller.mode,
            "division_from": caller.division_from,
            "division_to": caller.division_to,
            "without": list(without),
        },
    )
    return dict.fromkeys(STATES, 0) | {row.state: row.number for row in rows}


def one(connection: Connection, caller: Caller, alarm_id: str) -> Listed:
    """
    Give one alarm.

    Raises
    ------
    MissingError
        None of that name in the caller's world and divisions.
    """
    row = connection.execute(
        _LIST,
        {
            "mode": caller.mode,
            "division_from": caller.division_from,
            "division_to": caller.division_to,
            "states": list(STATES),
            "kinds": [],
            "without": [],
            "since": None,
            "id": alarm_id,
            "limit": 1,
        },
    ).first()
    if row is None:
        raise MissingError(f"there is no alarm '{alarm_id[:40]}'")
    return _listed(row)


def acknowledge(
    connection: Connection, caller: Caller, alarm_id: str, reason: str = "", *, seen_level: int | None = None
) -> AlarmRow:
    """
    A person has seen the alarm as it stands now; one that is acknowledged already stays as it is.

    Parameters
    ----------
    seen_level
        Level the person saw; refused when the alarm has got worse since.

    Raises
    ------
    ConflictError
        It has got worse since the person looked.
    InputError
        The reason is too long.
    MissingError
        No such alarm.
    """
    reason = reason.strip()
    if len(reason) > LONGEST_REASON:
        raise InputError(f"the reason has {len(reason)} characters; write at most {LONGEST_REASON}")
    found = _locked(connection, caller, alarm_id)
    row = found.alarm
    if row.state in ("acknowledged", "closed"):
        return row
    if seen_level is not None and row.severity >= 3 > seen_level:
        raise ConflictError(f"alarm {row.id} has got worse since you looked: look again, then acknowledge it")
    now = datetime.now(UTC)
    covered = [moment for moment in (found.latest_at, row.seen_to, row.cleared_at, row.occurred_at) if moment]
    connection.execute(
        _ACKNOWLEDGE,
        {
            "id": row.id,
            "subject": row.subject or f"alarm:{row.id}",
            "from": row.occurred_at,
            "to": max(covered),
            "level": 2 if row.severity >= 3 else 1,
            "actor": caller.actor,
            "at": now,
            "reason": reason,
        },
    )
    seen = replace(
        row,
        state="closed" if row.state == "cleared" else "acknowledged",
        acknowledged_at=now,
        acknowledged_by=caller.actor,
        reason=reason,
    )
    write(connection, [seen])
    return seen


def escalate(connection: Connection, caller: Caller, alarm_id: str) -> AlarmRow:
    """
    Pass an alarm on to the duty commander; doing it twice changes nothing.

    Raises
    ------
    MissingError
        No such alarm.
    """
    row = _locked(connection, caller, alarm_id).alarm
    if row.escalated_at is not None:
        return row
    raised = replace(row, level=3, severity=3, escalated_at=datetime.now(UTC), escalated_by=caller.actor)
    write(connection, [raised])
    return raised


def link(connection: Connection, caller: Caller, alarm_id: str, incident_id: UUID) -> AlarmRow:
    """
    Write down which incident was made of an alarm; the first one stays.

    Raises
    ------
    MissingError
        No such alarm.
    """
    row = _locked(connection, caller, alarm_id).alarm
    if row.incident_id is not None:
        return row
    linked = replace(row, incident_id=incident_id)
    write(connection, [linked])
    return linked


def _locked(connection: Connection, caller: Caller, alarm_id: str) -> Listed:
    """Give the alarm once no message of its point can change it any more."""
    found = one(connection, caller, alarm_id)
    if found.point_id is not None:
        connection.execute(_LOCK, {"id": found.point_id})
        found = one(connection, caller, alarm_id)
    return found


def _listed(row: Any) -> Listed:
    return Listed(
        row_of(row),
        row.point_id,
        row.latest_value,
        row.latest_at,
        row.point_status,
        row.threshold_high,
        row.threshold_first,
        row.enterprise_id,
    )


_LIST = text("""
    SELECT alarm.*, ST_X(alarm.geometry) AS longitude, ST_Y(alarm.geometry) AS latitude, latest.point_id,
           latest.value AS latest_value, latest.observed_at AS latest_at, latest.status AS point_status,
           tag.threshold_high, tag.threshold AS threshold_first, tag.enterprise_id
    FROM layers.alarm
    LEFT JOIN sensing.latest ON alarm.subject = 'point:' || latest.point_id
    LEFT JOIN layers.tag ON tag.id = alarm.tag_id AND tag.mode = alarm.mode AND tag.superseded_at IS NULL
         AND tag.valid_to IS NULL
    WHERE alarm.superseded_at IS NULL AND alarm.mode = :mode
      AND alarm.division_code >= :division_from AND alarm.division_code < :division_to
      AND (alarm.state = ANY (CAST(:states AS text[]))
           OR (CAST(:since AS timestamptz) IS NOT NULL AND alarm.state = 'closed' AND alarm.cleared_at >= :since))
      AND (cardinality(CAST(:kinds AS text[])) = 0 OR alarm.kind = ANY (CAST(:kinds AS text[])))
      AND alarm.kind <> ALL (CAST(:without AS text[]))
      AND (CAST(:id AS text) IS NULL OR alarm.id = :id)
    ORDER BY array_position(ARRAY['open', 'cleared', 'acknowledged', 'closed'], alarm.state), alarm.occurred_at DESC,
             alarm.id
    LIMIT :limit
""")
_COUNTS = text(
    "SELECT state, count(*) AS number FROM layers.alarm WHERE superseded_at IS NULL AND mode = :mode"
    " AND kind <> ALL (CAST(:without AS text[]))"
    " AND division_code >= :division_from AND division_code < :division_to GROUP BY state"
)
_LOCK = text("SELECT 1 FROM sensing.point WHERE id = :id FOR NO KEY UPDATE")
_ACKNOWLEDGE = text(
    "INSERT INTO sensing.acknowledgement (alarm_id, subject, covers_from, covers_to, level, actor, at, reason)"
    " VALUES (:id, :subject, :from, :to, :level, :actor, :at, :reason)"
)
