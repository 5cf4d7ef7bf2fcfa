"""What comes from another node: is it sound, is it new, and who here may see it? Kept as it came, once."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from sqlalchemy import Connection, text

from gis import papers
from gis.database import HIGHEST_DIVISION, LOWEST_DIVISION, Caller
from gis.errors import ConflictError, InputError, MissingError, RefusedError
from gis.provenance import Mode
from scenarios.nodes import messages, outbox
from scenarios.nodes.messages import Message, Signature
from scenarios.nodes.neighbours import Neighbour, Own
from scenarios.orders.writing import Said

if TYPE_CHECKING:
    from scenarios.desk import Desk

DOCUMENT_LIMIT = 6_000_000
PDF = b"%PDF-"


@dataclass(frozen=True, slots=True)
class Taken:
    """Receipt for the sender: the message is on disk here. ``replayed`` says that it had been before."""

    message_id: UUID
    sha256: str
    received_at: datetime
    replayed: bool


def receive(desk: "Desk", own: Own, origin: Neighbour, said: str, document: bytes | None, sent_at: datetime) -> Taken:
    """
    Take a message in; the receipt is good at once. The same message again gets the same receipt.

    Raises
    ------
    InputError
        It is not sound, see `messages.read`, or its document is no PDF.
    RefusedError
        A level below or beside speaks about a division it does not answer for.
    ConflictError
        Another text came under this key before: one of the two is not what was sent first.
    """
    message = messages.read(said, origin.name, own.name)
    division = str(message.entry.division if message.entry else message.about.get("division") or own.division)
    if origin.relation != "above" and message.kind != "ack" and not origin.covers(division):
        raise RefusedError(f"'{origin.name}' does not answer for division {division}")
    if document is not None and (len(document) > DOCUMENT_LIMIT or not document.startswith(PDF)):
        raise InputError(f"document: a PDF of at most {DOCUMENT_LIMIT} bytes")
    if document is not None:
        papers.examine(document, "application/pdf")
    digest = hashlib.sha256(said.encode()).digest()
    # Who here may see it: those of its division, or everybody of ours where it lies outside.
    visible = division if own.covers(division) else own.division
    with desk.database.transaction(_system(message.mode)) as connection:
        connection.execute(text("SELECT set_config('synchronous_commit', 'on', true)"))
        values = {
            "origin": origin.name, "incident": message.incident, "message": message.id, "kind": message.kind,
            "mode": message.mode, "seq": message.entry.seq if message.entry else None, "division": visible,
            "title": message.title, "said": said, "sha256": digest, "document": document, "sent_at": sent_at,
        }  # fmt: skip
        fresh = connection.execute(_PUT, values).one_or_none()
        if fresh is not None:
            _keep_entry(connection, origin, message, visible)
            if message.about.get("seq"):
                _keep_about(connection, origin, message, visible)
        held = connection.execute(_HELD, values).one()
    if bytes(held.sha256) != digest:
        raise ConflictError(f"message {message.id} came before with another text; neither was changed")
    if message.kind == "ack":
        # Also when it came before: a process that died between the two leaves the rest to the sender's next attempt.
        take_ack(desk, own, origin, message)
    return Taken(message.id, digest.hex(), held.received_at, replayed=fresh is None)


def take_ack(desk: "Desk", own: Own, origin: Neighbour, message: Message) -> None:
    """
    Note that somebody there signed for what we sent, in the outbox and in our own record; doing so twice adds nothing.

    What the record refuses now (the order was withdrawn meanwhile) stays noted in the outbox.
    """
    signed = Signature.model_validate(message.content)
    caller = Caller(f"node:{origin.name}", LOWEST_DIVISION, HIGHEST_DIVISION, message.mode)
    values = {"name": origin.name, "incident": message.incident, "id": signed.message}
    with desk.database.transaction(caller) as connection:
        outbox.acknowledge(connection, origin.name, message.incident, signed.message, signed.at, signed.by, signed.text)
        row = connection.execute(_OURS, values).one_or_none()
    if row is None:
        return
    key = uuid5(message.id, "record")
    try:
        if row.kind == "report":
            signer = f"{origin.title} {signed.by}".strip()
            desk.reports.answer(message.incident, row.seq, signer, signed.text, caller, answered_at=signed.at, key=key)
        elif row.kind == "order":
            order_id = str(messages.read(row.said, own.name, origin.name).content.get("order_id", ""))
            words = " ".join(part for part in (origin.title, signed.by, signed.text) if part)
            step = Said(text=words, way="program", made_at=signed.at)
            desk.orders.act(message.incident, order_id, "acknowledged", caller, step, key=key)
    except (ConflictError, InputError, MissingError) as error:
        _note(desk, caller, row.id, str(error))


def acknowledge(
    desk: "Desk", own: Own, origin: Neighbour, incident: UUID, message_id: UUID, caller: Caller, *, who: str, said: str
) -> bool:
    """
    Sign for a message; the acknowledgement waits in the outbox at once. False when it was signed for before.

    Raises
    ------
    InputError
        It is nothing anybody signs for, or not there.
    """
    with desk.database.transaction(caller) as connection:
        values = {
            "origin": origin.name, "incident": incident, "message": message_id, "who": who, "text": said[:2000],
            "mode": caller.mode,
        }  # fmt: skip
        row = connection.execute(_SIGN, values).one_or_none()
        if row is None:
            if connection.execute(_SIGNED, values).one_or_none() is not None:
                return False
            raise InputError(f"there is no message {message_id} from '{origin.name}' to sign for")
        made = messages.write_ack(
            own, origin, message_id, incident, caller.mode, row.title, row.acknowledged_at, who, said[:2000]
        )
        outbox.put(connection, origin.name, made, row.division_code)
    return True


def _keep_entry(connection: Connection, origin: Neighbour, message: Message, visible: str) -> None:
    entry = message.entry
    if entry is None:
        return
    values: dict[str, Any] = {
        "origin": origin.name, "incident": message.incident, "seq": entry.seq, "visible": visible,
        "division": entry.division, "mode": entry.mode, "actor": entry.actor, "kind": entry.kind,
        "caused_by": entry.caused_by, "key": entry.idem_key, "occurred": entry.occurred_at,
        "recorded": entry.recorded_at, "payload": entry.payload, "hash_ver": entry.hash_ver,
        "prev": bytes.fromhex(entry.prev_hash), "hash": bytes.fromhex(entry.hash),
    }  # fmt: skip
    connection.execute(_KEEP, values)
    # A copy is a receipt as good as a head: whoever changes that entry later will be asked for it.
    known = hold(connection, origin, message.incident, entry.seq, values["hash"], "")
    if known != values["hash"]:
        # Both are kept, the first here and the second in the inbox. A person looks.
        connection.execute(
            FAULT,
            {"origin": origin.name, "incident": message.incident, "seq": entry.seq, "code": "rewritten",
             "said": f"entry {entry.seq} was {known.hex()[:16]} and came as {entry.hash[:16]}"},
        )  # fmt: skip


def hold(connection: Connection, origin: Neighbour, incident: UUID, seq: int, digest: bytes, line: str) -> bytes:
    """Keep the hash of an entry of a neighbour unless one is held; the one that is held now."""
    place = {"origin": origin.name, "incident": incident, "seq": seq}
    connection.execute(_HOLD, place | {"hash": digest, "line": line})
    return bytes(connection.execute(_HASH, place).scalar_one())


def _keep_about(connection: Connection, origin: Neighbour, message: Message, visible: str) -> None:
    """Keep the summary that knows most: messages come in any order."""
    connection.execute(
        _ABOUT,
        {"origin": origin.name, "incident": message.incident, "visible": visible, "mode": message.mode,
         "seq": int(message.about["seq"]), "about": messages.plain(message.about)},
    )  # fmt: skip


def _note(desk: "Desk", caller: Caller, row_id: int, said: str) -> None:
    with desk.database.transaction(caller) as connection:
        connection.execute(
            text("UPDATE nodes.outbox SET fault = :said WHERE id = :id"), {"id": row_id, "said": said[:500]}
        )


def _system(mode: Mode) -> Caller:
    return Caller("system", LOWEST_DIVISION, HIGHEST_DIVISION, mode)


_PUT = text(
    "INSERT INTO nodes.inbox (origin, incident_id, message_id, kind, mode, seq, division_code, title, said, sha256, "
    "document, sent_at) VALUES (:origin, :incident, :message, :kind, :mode, :seq, :division, :title, :said, :sha256, "
    ":document, :sent_at) ON CONFLICT (origin, incident_id, message_id) DO NOTHING RETURNING received_at"
)
_HELD = text(
    "SELECT sha256, received_at FROM nodes.inbox "
    "WHERE origin = :origin AND incident_id = :incident AND message_id = :message"
)
_OURS = text(
    "SELECT id, kind, seq, said FROM nodes.outbox "
    "WHERE neighbour = :name AND incident_id = :incident AND message_id = :id"
)
_KEEP = text(
    "INSERT INTO nodes.foreign_entry (origin, incident_id, seq, visible_division, division_code, mode, actor, kind, "
    "caused_by, idem_key, occurred_at, recorded_at, payload_canon, hash_ver, prev_hash, hash) VALUES (:origin, "
    ":incident, :seq, :visible, :division, :mode, :actor, :kind, CAST(:caused_by AS bigint[]), :key, :occurred, "
    ":recorded, :payload, :hash_ver, :prev, :hash) ON CONFLICT DO NOTHING RETURNING seq"
)
_HOLD = text(
    "INSERT INTO nodes.foreign_head (origin, incident_id, seq, hash, line) VALUES (:origin, :incident, :seq, :hash, "
    ":line) ON CONFLICT DO NOTHING"
)
_HASH = text("SELECT hash FROM nodes.foreign_head WHERE origin = :origin AND incident_id = :incident AND seq = :seq")
_ABOUT = text(
    "INSERT INTO nodes.foreign_incident (origin, incident_id, visible_division, mode, seq, about) VALUES (:origin, "
    ":incident, :visible, :mode, :seq, CAST(:about AS jsonb)) ON CONFLICT (origin, incident_id) DO UPDATE SET "
    "seq = excluded.seq, about = excluded.about, updated_at = clock_timestamp() "
    "WHERE nodes.foreign_incident.seq < excluded.seq"
)
FAULT = text(
    "INSERT INTO nodes.fault (origin, incident_id, seq, code, said) VALUES (:origin, :incident, :seq, :code, :said) "
    "ON CONFLICT DO NOTHING"
)
_SIGN = text(
    "UPDATE nodes.inbox SET acknowledged_at = clock_timestamp(), acknowledged_by = :who, acknowledged_text = :text "
    "WHERE origin = :origin AND incident_id = :incident AND message_id = :message AND mode = :mode "
    "AND kind IN ('report', 'order', 'warning') AND acknowledged_at IS NULL "
    "RETURNING title, division_code, acknowledged_at"
)
_SIGNED = text(
    "SELECT 1 FROM nodes.inbox WHERE origin = :origin AND incident_id = :incident AND message_id = :message "
    "AND mode = :mode AND acknowledged_at IS NOT NULL"
)
