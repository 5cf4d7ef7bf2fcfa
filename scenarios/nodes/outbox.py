"""What waits to go out, who is sending it now, and what became of it? Rows that outlive every process."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from gis.errors import ConflictError, MissingError
from gis.provenance import Mode
from scenarios.nodes.messages import Written


@dataclass(frozen=True, slots=True)
class Due:
    """One row a sender holds: the very text, and the document once it is made."""

    id: int
    message_id: UUID
    incident_id: UUID
    kind: str
    mode: Mode
    seq: int | None
    division_code: str
    said: str
    document: bytes | None
    document_state: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """A row was received, and when by the clock there."""

    row_id: int
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Sent:
    """One row as people see it: four times, two by our clock and two by theirs."""

    id: int
    neighbour: str
    message_id: UUID
    incident_id: UUID
    kind: str
    mode: Mode
    seq: int | None
    title: str
    state: str
    attempts: int
    fault: str
    made_by: str
    made_at: datetime
    next_at: datetime
    delivered_at: datetime | None
    received_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str
    acknowledged_text: str
    ack_heard_at: datetime | None
    document_state: str


def put(
    connection: Connection,
    neighbour: str,
    written: Written,
    division: str,
    *,
    by: str = "",
    document_wanted: bool = False,
) -> bool:
    """Put a message out, for the caller or for `by`; False when the same one stands there. Sent after the commit."""
    message = written.message
    values = {
        "neighbour": neighbour, "message": message.id, "kind": message.kind, "mode": message.mode,
        "incident": message.incident, "seq": message.entry.seq if message.entry else None, "division": division,
        "title": message.title, "said": written.said, "sha256": written.sha256,
        "document": "wanted" if document_wanted else "none", "by": by,
    }  # fmt: skip
    return connection.execute(_PUT, values).first() is not None


def claim(connection: Connection, neighbour: str, most: int, lease_s: float) -> list[Due]:
    """
    Take rows that are due, so that no other process sends them while the lease runs.

    A process that is killed with rows in hand loses them when its lease ends; their receiver knows them by their key.
    """
    rows = connection.execute(_CLAIM, {"neighbour": neighbour, "most": most, "lease": lease_s})
    return sorted(
        (
            Due(
                row.id, row.message_id, row.incident_id, row.kind, row.mode, row.seq, row.division_code, row.said,
                bytes(row.document) if row.document is not None else None, row.document_state, row.attempts,
            )
            for row in rows
        ),
        key=lambda due: due.id,
    )  # fmt: skip


def keep_document(connection: Connection, due: Due, document: bytes | None) -> None:
    """Keep the sealed document of a row, or that it could not be made; the first one made is the one sent."""
    connection.execute(
        text(
            "UPDATE nodes.outbox SET document = :document, document_state = :state "
            "WHERE id = :id AND document_state = 'wanted'"
        ),
        {"id": due.id, "document": document, "state": "made" if document is not None else "failed"},
    )


def delivered(connection: Connection, receipts: Sequence[Receipt]) -> None:
    """Note that rows were received, and when by the clock there."""
    # A row that was signed for before its receipt was written down stands as delivered already, without its times.
    connection.execute(
        text(
            "UPDATE nodes.outbox SET state = 'delivered', delivered_at = clock_timestamp(), "
            "received_at = came.received_at, leased_until = NULL, fault = '', attempts = attempts + 1 "
            "FROM unnest(CAST(:ids AS bigint[]), CAST(:moments AS timestamptz[])) AS came(id, received_at) "
            "WHERE outbox.id = came.id AND (state <> 'delivered' OR delivered_at IS NULL)"
        ),
        {"ids": [one.row_id for one in receipts], "moments": [one.received_at for one in receipts]},
    )


def give_back(connection: Connection, row_ids: Sequence[int], fault: str = "", *, tried: int | None = None) -> None:
    """Let go of rows that were not sent: the line failed, which is no fault of theirs. `tried` is the one that was."""
    connection.execute(
        text(
            "UPDATE nodes.outbox SET state = 'waiting', leased_until = NULL, "
            "attempts = attempts + CASE WHEN id = :tried THEN 1 ELSE 0 END, "
            "fault = CASE WHEN id = :tried THEN :fault ELSE fault END "
            "WHERE id = ANY(:ids) AND state = 'sending'"
        ),
        {"ids": list(row_ids), "tried": tried or 0, "fault": fault[:500]},
    )


def postpone(connection: Connection, row_id: int, fault: str, wait_s: float) -> None:
    """Let a row wait: the receiver was there and could not take it now."""
    connection.execute(
        text(
            "UPDATE nodes.outbox SET state = 'waiting', leased_until = NULL, attempts = attempts + 1, fault = :fault, "
            "next_at = clock_timestamp() + make_interval(secs => :wait) WHERE id = :id AND state = 'sending'"
        ),
        {"id": row_id, "fault": fault[:500], "wait": wait_s},
    )


def bury(connection: Connection, row_id: int, fault: str) -> None:
    """Set a row aside until a person has looked: the receiver refused it, and would again."""
    connection.execute(
        text(
            "UPDATE nodes.outbox SET state = 'dead', leased_until = NULL, attempts = attempts + 1, fault = :fault "
            "WHERE id = :id AND state = 'sending'"
        ),
        {"id": row_id, "fault": fault[:500]},
    )


def retry(connection: Connection, row_id: int, mode: Mode) -> Sent:
    """
    Let a row be sent again, at once.

    Raises
    ------
    MissingError
        No such row in the caller's divisions and world.
    ConflictError
        It has been delivered.
    """
    row = _one(connection, row_id, mode)
    if row.state == "delivered":
        raise ConflictError(f"message {row_id} has been delivered: there is nothing to send again")
    connection.execute(
        text(
            "UPDATE nodes.outbox SET state = 'waiting', next_at = clock_timestamp(), leased_until = NULL "
            "WHERE id = :id AND state IN ('dead', 'waiting')"
        ),
        {"id": row_id},
    )
    connection.execute(text("UPDATE nodes.line SET open_until = NULL WHERE name = :name"), {"name": row.neighbour})
    return _one(connection, row_id, mode)


def acknowledge(
    connection: Connection, neighbour: str, incident: UUID, message: UUID, at: datetime, who: str, said: str
) -> Sent | None:
    """Note that a person there signed for a message of ours; the row, or None when it was noted before or is not."""
    row = connection.execute(
        _ACKNOWLEDGE,
        {"neighbour": neighbour, "incident": incident, "message": message, "at": at, "who": who, "text": said},
    ).one_or_none()
    return None if row is None else _sent(row)


def listing(
    connection: Connection, mode: Mode, *, neighbour: str = "", state: str = "", entries: bool = False, limit: int = 100
) -> list[Sent]:
    """Rows of the caller's divisions and world, the latest first; copies of entries only where asked for."""
    values = {"mode": mode, "neighbour": neighbour, "state": state, "entries": entries, "limit": limit}
    return [_sent(row) for row in connection.execute(_LIST, values)]


def waiting(connection: Connection, mode: Mode) -> dict[str, tuple[int, int, datetime | None]]:
    """For each neighbour how many rows of a world wait, how many are dead, and since when the oldest waits."""
    rows = connection.execute(_COUNT, {"mode": mode})
    return {row.neighbour: (row.waiting, row.dead, row.oldest) for row in rows}


def _one(connection: Connection, row_id: int, mode: Mode) -> Sent:
    row = connection.execute(_ONE, {"id": row_id, "mode": mode}).one_or_none()
    if row is None:
        raise MissingError(f"there is no message {row_id} in the outbox")
    return _sent(row)


def _sent(row: Any) -> Sent:
    return Sent(**{one.name: getattr(row, one.name) for one in fields(Sent)})


_FIELDS = ", ".join(one.name for one in fields(Sent))
_PUT = text(
    "INSERT INTO nodes.outbox (neighbour, message_id, kind, mode, incident_id, seq, division_code, title, said, "
    "sha256, document_state, made_by) VALUES (:neighbour, :message, :kind, :mode, :incident, :seq, :division, :title, "
    ":said, :sha256, :document, coalesce(nullif(:by, ''), current_setting('onemap.actor'))) "
    "ON CONFLICT (neighbour, incident_id, message_id) DO NOTHING RETURNING id"
)
_CLAIM = text(
    "UPDATE nodes.outbox SET state = 'sending', leased_until = clock_timestamp() + make_interval(secs => :lease) "
    "WHERE id IN (SELECT id FROM nodes.outbox WHERE neighbour = :neighbour AND next_at <= clock_timestamp() "
    "AND (state = 'waiting' OR (state = 'sending' AND leased_until < clock_timestamp())) "
    "ORDER BY id LIMIT :most FOR UPDATE SKIP LOCKED) RETURNING *"
)
_ONE = text(f"SELECT {_FIELDS} FROM nodes.outbox WHERE id = :id AND mode = :mode")  # noqa: S608 - names of our own
_LIST = text(
    f"SELECT {_FIELDS} FROM nodes.outbox WHERE mode = :mode "  # noqa: S608 - names of our own
    "AND (:neighbour = '' OR neighbour = :neighbour) AND (:state = '' OR state = :state) "
    "AND (:entries OR kind <> 'entry' OR state = 'dead') ORDER BY id DESC LIMIT :limit"
)
_ACKNOWLEDGE = text(
    "UPDATE nodes.outbox SET acknowledged_at = :at, acknowledged_by = :who, acknowledged_text = :text, "  # noqa: S608
    "ack_heard_at = clock_timestamp(), state = 'delivered', leased_until = NULL WHERE neighbour = :neighbour "
    f"AND incident_id = :incident AND message_id = :message AND ack_heard_at IS NULL RETURNING {_FIELDS}"
)
_COUNT = text(
    "SELECT neighbour, count(*) FILTER (WHERE state IN ('waiting', 'sending')) AS waiting, "
    "count(*) FILTER (WHERE state = 'dead') AS dead, "
    "min(made_at) FILTER (WHERE state IN ('waiting', 'sending')) AS oldest FROM nodes.outbox "
    "WHERE state <> 'delivered' AND mode = :mode GROUP BY neighbour"
)
