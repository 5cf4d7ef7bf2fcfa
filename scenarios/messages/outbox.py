"""What waits to go out, who has it in hand, and what became of it? Rows that outlive every process."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Connection, text

from gis import personal
from gis.provenance import Mode
from scenarios.messages.events import Kind, MessagePut

ROUNDS = UUID("7d0b8a52-5c44-5f19-9b53-3f1f5b0e6a27")
"""Namespace in which incident, message and round name the key a gateway gets."""


@dataclass(frozen=True, slots=True)
class Due:
    """One row in hand: it is to be handed over (``waiting``), or asked about (``following``)."""

    id: int
    incident_id: UUID
    message_id: str
    mode: Mode
    kind: Kind
    name: str
    phone: str
    said: str
    round: int
    key: UUID
    state: str
    attempts: int
    handed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Waits:
    """How a message stands in the outbox, and why it has not gone yet."""

    message_id: str
    state: str
    attempts: int
    next_at: datetime
    fault: str


def key_of(incident_id: UUID, message_id: str, round_: int) -> UUID:
    """Key a gateway gets: the same for every attempt of one round, another one for the next."""
    return uuid5(ROUNDS, f"{incident_id} {message_id} {round_}")


def put(connection: Connection, incident_id: UUID, division: str, mode: Mode, event: MessagePut, phone: str) -> None:
    """Put a message out; the same one a second time changes nothing. What a person dials himself is only kept."""
    values = {
        "incident": incident_id, "message": event.message_id, "division": division, "mode": mode, "kind": event.kind,
        "name": event.name, "phone": phone, "said": event.text, "key": key_of(incident_id, event.message_id, 1),
        "state": "ended" if event.way == "by_hand" else "waiting",
    }  # fmt: skip
    connection.execute(_PUT, values)


def claim(connection: Connection, most: int, lease_s: float) -> list[Due]:
    """Take rows that are due, so that no other process has them while the lease runs; a dead one's come back."""
    with personal.compared(connection):  # the number is to be dialled
        rows = connection.execute(_CLAIM, {"most": most, "lease": lease_s}).all()
    return sorted((Due(**{one.name: getattr(row, one.name) for one in fields(Due)}) for row in rows), key=_place)


def handed_over(connection: Connection, row_id: int, wait_s: float) -> None:
    """Note that the gateway has taken a row, or that it said something new; it is asked again after `wait_s`."""
    connection.execute(_HANDED, {"id": row_id, "wait": wait_s})


def postpone(connection: Connection, row_id: int, fault: str, wait_s: float, *, tried: bool = True) -> None:
    """Let a row wait, with what stood in its way."""
    connection.execute(_POSTPONE, {"id": row_id, "fault": fault[:300], "wait": wait_s, "tried": int(tried)})


def next_round(connection: Connection, due_id: int, incident_id: UUID, message_id: str, round_: int,
               wait_s: float, fault: str = "") -> None:  # fmt: skip
    """Put a row out anew under the key of its next round."""
    connection.execute(
        _ROUND,
        {"id": due_id, "round": round_, "key": key_of(incident_id, message_id, round_), "wait": wait_s,
         "fault": fault[:300]},
    )  # fmt: skip


def lost(connection: Connection, row_id: int) -> None:
    """Hand a row over again under the same key: the gateway never had it."""
    connection.execute(_LOST, {"id": row_id})


def end(connection: Connection, row_id: int, fault: str = "") -> None:
    """Let a row rest: nothing more is to be done about it."""
    connection.execute(_END, {"id": row_id, "fault": fault[:300]})


def row_of(connection: Connection, incident_id: UUID, message_id: str) -> int | None:
    """Number of the row of a message; None where there is none, as in a record restored without it."""
    found = connection.execute(_ROW, {"incident": incident_id, "message": message_id}).scalar_one_or_none()
    return None if found is None else int(found)


def end_of(connection: Connection, incident_id: UUID, message_id: str) -> None:
    """Let the row of a message rest: a person has said what came of it."""
    connection.execute(_END_OF, {"incident": incident_id, "message": message_id})


def hurry(connection: Connection, row_id: int) -> None:
    """Try a waiting row at once."""
    connection.execute(_HURRY, {"id": row_id})


def waits(connection: Connection, incident_id: UUID) -> dict[str, Waits]:
    """How the messages of an incident stand, by their ids."""
    rows = connection.execute(_WAITS, {"incident": incident_id})
    found = [Waits(**{one.name: getattr(row, one.name) for one in fields(Waits)}) for row in rows]
    return {one.message_id: one for one in found}


def told_of(connection: Connection, incident_id: UUID, message_id: str) -> dict[str, str] | None:
    """Number and words of a message: whole in a transaction that shows personal data; None where there is no row."""
    row = connection.execute(_TOLD, {"incident": incident_id, "message": message_id}).one_or_none()
    return None if row is None else {"phone": str(row.phone), "text": str(row.said)}


def _place(due: Due) -> int:
    return due.id


_PUT: Any = text(
    "INSERT INTO messaging.outbox (incident_id, message_id, division_code, mode, kind, name, phone, said, key, state) "
    "VALUES (:incident, :message, :division, :mode, :kind, :name, :phone, :said, :key, :state) "
    "ON CONFLICT (incident_id, message_id) DO NOTHING"
)
_CLAIM = text(
    "UPDATE messaging.outbox SET leased_until = clock_timestamp() + make_interval(secs => :lease) WHERE id IN ("
    "SELECT id FROM messaging.outbox WHERE state <> 'ended' AND next_at <= clock_timestamp() "
    "AND (leased_until IS NULL OR leased_until < clock_timestamp()) ORDER BY next_at, id LIMIT :most "
    "FOR UPDATE SKIP LOCKED) RETURNING *"
)
_HANDED = text(
    "UPDATE messaging.outbox SET attempts = CASE WHEN state = 'waiting' THEN 1 ELSE attempts + 1 END, "
    "state = 'following', leased_until = NULL, fault = '', handed_at = coalesce(handed_at, clock_timestamp()), "
    "next_at = clock_timestamp() + make_interval(secs => :wait) WHERE id = :id"
)
_POSTPONE = text(
    "UPDATE messaging.outbox SET leased_until = NULL, attempts = attempts + :tried, fault = :fault, "
    "next_at = clock_timestamp() + make_interval(secs => :wait) WHERE id = :id"
)
_ROUND = text(
    "UPDATE messaging.outbox SET state = 'waiting', round = :round, key = :key, attempts = 0, leased_until = NULL, "
    "handed_at = NULL, fault = :fault, next_at = clock_timestamp() + make_interval(secs => :wait) WHERE id = :id"
)
_LOST = text(
    "UPDATE messaging.outbox SET state = 'waiting', attempts = 0, leased_until = NULL, handed_at = NULL, "
    "next_at = clock_timestamp() WHERE id = :id"
)
_END = text("UPDATE messaging.outbox SET state = 'ended', leased_until = NULL, fault = :fault WHERE id = :id")
_ROW = text("SELECT id FROM messaging.outbox WHERE incident_id = :incident AND message_id = :message")
_END_OF = text(
    "UPDATE messaging.outbox SET state = 'ended', leased_until = NULL, fault = '' "
    "WHERE incident_id = :incident AND message_id = :message"
)
_HURRY = text("UPDATE messaging.outbox SET next_at = clock_timestamp() WHERE id = :id AND leased_until IS NULL")
_TOLD = text("SELECT phone, said FROM messaging.outbox WHERE incident_id = :incident AND message_id = :message")
_WAITS = text("SELECT message_id, state, attempts, next_at, fault FROM messaging.outbox WHERE incident_id = :incident")
