"""Which records are exercises, and what does the server's clock say? Questions to the record, never writes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, text

from scenarios.exercise.events import ExerciseStarted
from scenarios.log import Receipt


def now(connection: Connection) -> datetime:
    """The server's time, by which the entries of a record are dated."""
    moment: datetime = connection.execute(_CLOCK).scalar_one()
    return moment


def exercises(connection: Connection) -> list[UUID]:
    """Records of the caller's divisions that are exercises, the last opened first."""
    return [row.incident_id for row in connection.execute(_EXERCISES, {"kind": ExerciseStarted.code})]


def opened_since(connection: Connection, moment: datetime) -> list[UUID]:
    """Records of the world of drills opened since a moment that are no exercises, oldest first."""
    return [row.incident_id for row in connection.execute(_OPENED, {"kind": ExerciseStarted.code, "moment": moment})]


def receipt_of(connection: Connection, exercise_id: UUID, key: UUID) -> Receipt | None:
    """Receipt of the entry an idempotency key was used for; None when it was not."""
    row = connection.execute(_RECEIPT, {"id": exercise_id, "key": key}).one_or_none()
    if row is None:
        return None
    return Receipt(exercise_id, row.seq, bytes(row.hash).hex(), row.recorded_at, replayed=True)


_CLOCK = text("SELECT clock_timestamp()")
_EXERCISES = text(
    "SELECT head.incident_id FROM record.incident_head AS head JOIN record.entry AS first"
    " ON first.incident_id = head.incident_id AND first.seq = 1 AND first.kind = :kind"
    " WHERE head.mode = 'drill' ORDER BY head.opened_at DESC, head.incident_id"
)
_OPENED = text(
    "SELECT head.incident_id FROM record.incident_head AS head JOIN record.entry AS first"
    " ON first.incident_id = head.incident_id AND first.seq = 1 AND first.kind <> :kind"
    " WHERE head.mode = 'drill' AND head.opened_at >= :moment ORDER BY head.opened_at, head.incident_id"
)
_RECEIPT = text("SELECT seq, hash, recorded_at FROM record.entry WHERE incident_id = :id AND idem_key = :key")
