"""
Does a neighbour's record still say what it said to us before? Signed heads go to and fro, and old ones are asked again.

A head alone shows only that a chain went back. So whoever receives heads asks in return for the hashes of entries it
holds from earlier, heads and copies alike; the next exchange must answer them. An entry that is gone (truncated) or has
another hash (rewritten) is found there, whatever the new head says. What was found is never taken back.
"""

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import AwareDatetime, Field
from sqlalchemy import Connection, text

from gis import safe_json
from gis.errors import InputError
from scenarios import log, witness
from scenarios.nodes.messages import Strict
from scenarios.nodes.neighbours import Neighbour
from scenarios.nodes.receiving import FAULT, hold

MOST_HEADS = 500
MOST_ASKED = 100
"""Entries asked for at each exchange, those not looked at for longest first: every one comes up again in time."""
SILENT_S = 600.0
"""A question that stays unanswered so long although the node speaks to us is a fault."""


class Line(NamedTuple):
    """A signed line, read: the head and its signature hold together."""

    incident: UUID
    seq: int
    hash: str
    at: datetime


class Asked(Strict):
    """One entry a neighbour wants to see the hash of again."""

    incident: UUID
    seq: Annotated[int, Field(ge=0, le=2**53)]


class Answered(Strict):
    """The hash an entry has now; None = there is no such entry."""

    incident: UUID
    seq: Annotated[int, Field(ge=0, le=2**53)]
    hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None


class Push(Strict):
    """What we tell a neighbour: our clock, our public key, heads that moved, and what it had asked."""

    at: AwareDatetime
    public_key: Annotated[str, Field(max_length=1000)]
    heads: Annotated[list[Annotated[str, Field(max_length=1000)]], Field(max_length=MOST_HEADS)]
    answers: Annotated[list[Answered], Field(max_length=MOST_ASKED)]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that does not fit, and when it was found."""

    origin: str
    incident_id: UUID | None
    seq: int | None
    code: str
    said: str
    found_at: datetime


def public_pem(key: Ed25519PrivateKey) -> str:
    """Public half of a key as PEM text."""
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()  # fmt: skip


def moved(connection: Connection, key: Ed25519PrivateKey, told: Mapping[UUID, int]) -> list[str]:
    """Signed lines of the heads that moved since they were told, the oldest first; no codes, no titles."""
    now = datetime.now(UTC).isoformat()
    found = [head for head in log.heads(connection) if head.mode != "sim" and told.get(head.incident_id) != head.seq]
    found.sort(key=lambda head: head.last_at)
    return [
        witness.signed(
            key, {"incident": str(head.incident_id), "seq": head.seq, "hash": head.hash, "at": now}
        ).decode()
        for head in found[:MOST_HEADS]
    ]  # fmt: skip


def answers(connection: Connection, asked: Iterable[Asked]) -> list[Answered]:
    """What our record says now about the entries a neighbour asked for."""
    found = []
    for one in list(asked)[:MOST_ASKED]:
        now = connection.execute(_HASH, {"incident": one.incident, "seq": one.seq}).scalar_one_or_none()
        found.append(Answered(incident=one.incident, seq=one.seq, hash=bytes(now).hex() if now is not None else None))
    return found


def take(connection: Connection, origin: Neighbour, push: Push) -> list[Asked]:
    """
    Keep a neighbour's heads, hold its answers against what we have, and say what we want to see next time.

    Raises
    ------
    InputError
        The key is no Ed25519 key.
    """
    key = _pinned(connection, origin, push.public_key)
    if key is None:
        return []
    for said in push.heads:
        line = read(said, key)
        if line is None:
            _fault(connection, origin, None, None, "forged", "a head came whose signature does not fit")
            continue
        _keep(connection, origin, line, said)
    for answer in push.answers:
        _check(connection, origin, answer)
    for row in connection.execute(_SILENT, {"origin": origin.name, "after": SILENT_S}):
        said = f"entry {row.seq} was asked for and not shown since {row.asked_at.isoformat(timespec='seconds')}"
        _fault(connection, origin, row.incident_id, row.seq, "silent", said)
    if push.answers:
        return []  # the second half of an exchange: it was asked in the first
    asked = connection.execute(_ASK, {"origin": origin.name, "most": MOST_ASKED})
    return [Asked(incident=row.incident_id, seq=row.seq) for row in asked]


def read(said: str, key: Ed25519PublicKey) -> Line | None:
    """Read a signed line; None when it was not signed with this key, or is no head."""
    try:
        head = safe_json.read(said, "signed line")
        signature = base64.b64decode(head.pop("signature"), validate=True)
        key.verify(signature, witness.DOMAIN + log.canonical(head).encode())
        line = Line(UUID(head["incident"]), int(head["seq"]), str(head["hash"]), datetime.fromisoformat(head["at"]))
        return line if len(bytes.fromhex(line.hash)) == 32 else None
    except (AttributeError, InvalidSignature, KeyError, TypeError, ValueError, InputError):
        return None


def faults(connection: Connection, limit: int = 50) -> list[Fault]:
    """What was found so far, the latest first."""
    rows = connection.execute(
        text("SELECT origin, incident_id, seq, code, said, found_at FROM nodes.fault ORDER BY id DESC LIMIT :limit"),
        {"limit": limit},
    )
    return [Fault(*row) for row in rows]


def receipts(connection: Connection, origin: str) -> list[dict[str, Any]]:
    """Every head and copy we hold of a neighbour, as receipts its verifier can be given."""
    return [
        {"incident": str(row.incident_id), "seq": row.seq, "hash": bytes(row.hash).hex()}
        for row in connection.execute(_RECEIPTS, {"origin": origin})
    ]


def _pinned(connection: Connection, origin: Neighbour, pem: str) -> Ed25519PublicKey | None:
    """The key heads of this neighbour are read with: the first one seen. None when another one came."""
    if not origin.witness_key:
        connection.execute(
            text("UPDATE nodes.neighbour SET witness_key = :pem WHERE name = :name AND witness_key = ''"),
            {"pem": pem, "name": origin.name},
        )
    elif origin.witness_key.strip() != pem.strip():
        said = "its heads are signed with another key than before; `onemap nodes add` accepts the new one"
        _fault(connection, origin, None, None, "key_changed", said)
        return None
    try:
        key = serialization.load_pem_public_key(pem.encode())
    except (TypeError, ValueError) as error:
        raise InputError("public_key: not a public key in PEM") from error
    if not isinstance(key, Ed25519PublicKey):
        raise InputError("public_key: not an Ed25519 key")
    return key


def _keep(connection: Connection, origin: Neighbour, line: Line, said: str) -> None:
    # That a head went back shows nothing by itself: two processes of the neighbour may overtake one another. The
    # entries we hold are asked for again, and there an entry that is gone has no excuse.
    known = hold(connection, origin, line.incident, line.seq, bytes.fromhex(line.hash), said)
    if known.hex() != line.hash:
        text_ = f"entry {line.seq} was {known.hex()[:16]} and is now {line.hash[:16]}"
        _fault(connection, origin, line.incident, line.seq, "rewritten", text_)


def _check(connection: Connection, origin: Neighbour, answer: Answered) -> None:
    place = {"origin": origin.name, "incident": answer.incident, "seq": answer.seq}
    known = connection.execute(_SHOWN, place).one_or_none()
    if known is None:
        return
    if answer.hash is None:
        said = f"entry {answer.seq} was there and is not there any more"
        _fault(connection, origin, answer.incident, answer.seq, "truncated", said)
    elif answer.hash != bytes(known.hash).hex():
        said = f"entry {answer.seq} was {bytes(known.hash).hex()[:16]} and is now {answer.hash[:16]}"
        _fault(connection, origin, answer.incident, answer.seq, "rewritten", said)


def _fault(
    connection: Connection, origin: Neighbour, incident: UUID | None, seq: int | None, code: str, said: str
) -> None:
    connection.execute(
        FAULT, {"origin": origin.name, "incident": incident, "seq": seq, "code": code, "said": said[:500]}
    )


def told(lines: Sequence[str]) -> dict[UUID, int]:
    """Number of each head in lines of our own."""
    return {UUID(head["incident"]): int(head["seq"]) for head in map(json.loads, lines)}


_HASH = text("SELECT hash FROM record.entry WHERE incident_id = :incident AND seq = :seq")
_SHOWN = text(
    "UPDATE nodes.foreign_head SET shown_at = clock_timestamp() "
    "WHERE origin = :origin AND incident_id = :incident AND seq = :seq RETURNING hash"
)
_SILENT = text(
    "SELECT incident_id, seq, asked_at FROM nodes.foreign_head WHERE origin = :origin "
    "AND asked_at < clock_timestamp() - make_interval(secs => :after) AND (shown_at IS NULL OR shown_at < asked_at) "
    "LIMIT 20"
)
_ASK = text(
    "UPDATE nodes.foreign_head AS held SET asked_at = CASE WHEN held.asked_at IS NULL "
    "OR held.shown_at >= held.asked_at THEN clock_timestamp() ELSE held.asked_at END "
    "FROM (SELECT incident_id, seq FROM nodes.foreign_head WHERE origin = :origin "
    "ORDER BY shown_at NULLS FIRST, received_at LIMIT :most FOR UPDATE SKIP LOCKED) AS next "
    "WHERE held.origin = :origin AND held.incident_id = next.incident_id AND held.seq = next.seq "
    "RETURNING held.incident_id, held.seq"
)
_RECEIPTS = text(
    "SELECT incident_id, seq, hash FROM nodes.foreign_head WHERE origin = :origin ORDER BY incident_id, seq"
)
