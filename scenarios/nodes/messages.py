"""What does one node say to another? One text (RFC 8785) that is kept word for word on both sides, and its hash."""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID, uuid5

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from gis import safe_json
from gis.clock import DUTY_ZONE
from gis.errors import InputError
from gis.provenance import Mode
from scenarios import log
from scenarios.exchange import envelope
from scenarios.exchange.alert import Alert, status_in
from scenarios.log import Head
from scenarios.nodes.neighbours import Neighbour, Own
from scenarios.situation import Situation
from scenarios.verify import EntryRow, entry_hash

Kind = Literal["entry", "report", "order", "warning", "ack"]
TO_SIGN: frozenset[str] = frozenset({"report", "order", "warning"})
"""Kinds a person at the other end signs for."""
ENVELOPED: dict[str, envelope.Kind] = {"report": "Report", "order": "Dispatch", "warning": "Report", "ack": "Ack"}
"""Kinds that travel in an EDXL-DE envelope, and its distributionKind."""
LASTS = timedelta(days=30)
LONGEST = 4_000_000
"""Bytes of one text; an entry holds at most a megabyte."""
ACKS = UUID("7c0a5b1e-2f0d-5d6f-9f43-1c2f7b9f5d10")
"""Namespace in which a message names the one acknowledgement of it."""

Json = dict[str, Any]
Short = Annotated[str, Field(max_length=300)]


class Strict(BaseModel):
    """Base of what comes from elsewhere: nothing beside what is declared."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Copy(Strict):
    """One entry of the sender's record, with everything its hash was made of; hashes in hexadecimal."""

    seq: Annotated[int, Field(ge=1, le=2**53)]
    division: Annotated[str, Field(pattern=r"^\d{6,12}$")]
    mode: Literal["live", "drill"]
    actor: Short
    kind: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,62}$")]
    caused_by: Annotated[list[int], Field(max_length=10_000)]
    idem_key: UUID
    occurred_at: AwareDatetime | None
    recorded_at: AwareDatetime
    payload: Annotated[str, Field(max_length=1_048_576)]
    hash_ver: Literal[1, 2]
    prev_hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

    def row(self, incident: UUID) -> EntryRow:
        """Give the row as the verifier takes it."""
        return EntryRow(
            incident, self.seq, self.division, self.mode, self.actor, self.kind, tuple(self.caused_by), self.idem_key,
            self.occurred_at, self.recorded_at, self.payload, self.hash_ver, bytes.fromhex(self.prev_hash),
            bytes.fromhex(self.hash),
        )  # fmt: skip


class Signature(Strict):
    """What an acknowledgement says: of which message, when by the clock there, by whom, and in which words."""

    message: UUID
    at: AwareDatetime
    by: Annotated[str, Field(max_length=120)] = ""
    text: Annotated[str, Field(max_length=2000)] = ""


class Message(Strict):
    """
    One message.

    Attributes
    ----------
    id
        Idempotency key: of an entry, report or order that of the record, else made for the message.
    about
        What is known of the incident as the message is made: title, place, state, casualties, people.
    envelope
        EDXL-DE 2.0 as text, for the kinds that travel in one.
    content
        What the kind says beside the entry: the order, or what is acknowledged.
    """

    form: Literal["onemap.message.1"] = "onemap.message.1"
    id: UUID
    origin: Short
    receiver: Short
    kind: Kind
    mode: Literal["live", "drill"]
    incident: UUID
    title: Short
    made_at: AwareDatetime
    about: Json = {}
    entry: Copy | None = None
    envelope: Annotated[str, Field(max_length=900_000)] = ""
    content: Json = {}


@dataclass(frozen=True, slots=True)
class Written:
    """A message and the very text it is sent as."""

    message: Message
    said: str

    @property
    def sha256(self) -> bytes:
        """Fingerprint of the text."""
        return hashlib.sha256(self.said.encode()).digest()


def write(
    own: Own, to: Neighbour, kind: Kind, message_id: UUID, head: Head, title: str, made_at: datetime, *, about: Json,
    entry: Copy | None = None, content: Json | None = None, alert: Alert | None = None,
) -> Written:  # fmt: skip
    """
    Write a message about an incident; its status is that of the world it leaves, whoever asks.

    Raises
    ------
    InputError
        A simulation leaves for nobody, or the alert breaks a rule.
    """
    around = ""
    if kind in ENVELOPED:
        said = log.canonical({"incident": head.code, "about": about, "content": content or {}})
        around = envelope.write(
            envelope.Envelope(
                f"{own.name}_{head.incident_id}_{message_id}", own.name, made_at, made_at + LASTS,
                status_in(head.mode), ENVELOPED[kind], receivers=(("onemap.node", to.name),),
                description=title, alert=alert, text=said,
            ),
            head.mode,
        ).decode()  # fmt: skip
    return written(own, to, kind, message_id, head.incident_id, head.mode, title, made_at, about=about, entry=entry,
                   content=content, around=around)  # fmt: skip


def write_ack(
    own: Own, to: Neighbour, of: UUID, incident: UUID, mode: Mode, title: str, moment: datetime, who: str, text: str
) -> Written:
    """Write the acknowledgement of a message; its id follows from it, so it is said once."""
    content: Json = {"message": str(of), "at": _plain(moment), "by": who, "text": text}
    around = envelope.write(
        envelope.Envelope(
            f"{own.name}_{incident}_{ack_id(of)}", own.name, moment, moment + LASTS, status_in(mode), "Ack",
            receivers=(("onemap.node", to.name),), description=title, text=log.canonical(content),
        ),
        mode,
    ).decode()  # fmt: skip
    return written(own, to, "ack", ack_id(of), incident, mode, title, moment, about={}, content=content, around=around)


def written(
    own: Own, to: Neighbour, kind: Kind, message_id: UUID, incident: UUID, mode: Mode, title: str, made_at: datetime, *,
    about: Json, entry: Copy | None = None, content: Json | None = None, around: str = "",
) -> Written:  # fmt: skip
    """
    Put a message into its text.

    Raises
    ------
    InputError
        It belongs to a simulation, or is longer than a message may be.
    """
    if mode not in ("live", "drill"):
        raise InputError("a simulation leaves for no other node")
    message = Message(
        id=message_id, origin=own.name, receiver=to.name, kind=kind, mode=mode, incident=incident,
        title=title[:300], made_at=made_at, about=about, entry=entry, envelope=around, content=content or {},
    )  # fmt: skip
    said = log.canonical(message.model_dump(mode="json"))
    if len(said.encode()) > LONGEST:
        raise InputError(f"a message of {len(said.encode())} bytes; one holds at most {LONGEST}")
    return Written(message, said)


def read(said: str, origin: str, receiver: str) -> Message:
    """
    Read a message of `origin` to us.

    Raises
    ------
    InputError
        It is not what such a message holds, it names another sender or receiver, its envelope has another status than
        its world, or its entry is not the one its hash was made of.
    """
    try:
        message = Message.model_validate(safe_json.read(said, "message"))
        if message.kind == "ack":
            Signature.model_validate(message.content)
    except ValidationError as error:
        raise InputError(
            f"message: {'.'.join(str(part) for part in fault['loc']) or 'text'}: {fault['msg']}"
            for fault in error.errors()[:20]
        ) from error
    faults = []
    if message.origin != origin:
        faults.append(f"origin: says '{message.origin}', signed by '{origin}'")
    if message.receiver != receiver:
        faults.append(f"receiver: meant for '{message.receiver}', this is '{receiver}'")
    faults += [*_world_faults(message), *_about_faults(message.about)]
    entry = message.entry
    if entry is not None and entry_hash(entry.row(message.incident)).hex() != entry.hash:
        faults.append(f"entry: {entry.seq} is not what its hash was made of")
    if message.kind in ("entry", "report", "order") and entry is None:
        faults.append("entry: missing")
    if faults:
        raise InputError(faults)
    return message


def _world_faults(message: Message) -> list[str]:
    """Nothing of a drill may pass as live, whichever part of the message says so."""
    faults = []
    if message.entry is not None and message.entry.mode != message.mode:
        faults.append(f"mode: the message says {message.mode}, its entry {message.entry.mode}")
    if message.kind not in ENVELOPED:
        return faults
    if not message.envelope:
        return [*faults, "envelope: missing"]
    around = envelope.read(message.envelope.encode())
    wanted = status_in(message.mode)
    stated = [around.status, *([around.alert.status] if around.alert is not None else [])]
    if any(status != wanted for status in stated):
        faults.append(f"status: {', '.join(stated)} in the envelope; {message.mode} is {wanted}")
    if around.sender_id != message.origin:
        faults.append(f"envelope: sent by '{around.sender_id}', the message by '{message.origin}'")
    return faults


def _about_faults(about: Json) -> list[str]:
    seq, division = about.get("seq"), about.get("division")
    faults = []
    if seq is not None and not (isinstance(seq, int) and 0 < seq < 2**53):
        faults.append("about.seq: not the number of an entry")
    if division is not None and not re.fullmatch(r"\d{6,12}", str(division)):
        faults.append("about.division: not a division code")
    return faults


def ack_id(of: UUID) -> UUID:
    """Id of the one acknowledgement of a message."""
    return uuid5(ACKS, str(of))


def copy_of(row: Any) -> Copy:
    """Copy an entry out of our own record, from a row of `record.entry`."""
    return Copy(
        seq=row.seq, division=row.division_code, mode=row.mode, actor=row.actor, kind=row.kind,
        caused_by=list(row.caused_by), idem_key=row.idem_key, occurred_at=row.occurred_at, recorded_at=row.recorded_at,
        payload=row.payload_canon, hash_ver=row.hash_ver, prev_hash=bytes(row.prev_hash).hex(),
        hash=bytes(row.hash).hex(),
    )  # fmt: skip


def about(head: Head, known: Situation) -> Json:
    """Summary of an incident for another level."""
    casualties, exposure = known.casualties, known.exposure
    return {
        "code": head.code,
        "title": known.title,
        "division": head.division_code,
        "status": known.status,
        "place": [known.place.longitude, known.place.latitude] if known.place else None,
        "place_text": known.place_text,
        "occurred_at": _plain(known.occurred_at),
        "known_at": _plain(known.known_at),
        "grade": known.accident_grade,
        "grade_suggested": known.accident_grade_suggested.grade if known.accident_grade_suggested else None,
        "response_level": known.response_level,
        "dead": casualties.dead if casualties else None,
        "seriously_injured": casualties.seriously_injured if casualties else None,
        "missing": casualties.missing if casualties else None,
        "people_day": exposure.total_day if exposure else None,
        "people_night": exposure.total_night if exposure else None,
        "seq": known.seq,
        "hash": known.head_hash,
    }


def plain(value: Json) -> str:
    """Write a summary as JSON text for the database."""
    return json.dumps(value, ensure_ascii=False)


def _plain(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(DUTY_ZONE).isoformat()
