"""
Does the record still say what was written? A program of its own: it shares no code with the writer.

It recomputes every hash from the rows, and compares the record with receipts and published heads kept outside the
database: a chain alone cannot show that its tail was cut off or written anew.
"""

import hashlib
import struct
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ALGORITHM = {1: "sha256", 2: "sm3"}
FAULTS_KEPT = 1000


@dataclass(frozen=True, slots=True)
class HeadRow:
    """The row of an incident."""

    incident: UUID
    code: str
    division: str
    mode: str
    opened_by: str
    opened_at: datetime
    hash_ver: int
    genesis_hash: bytes
    last_seq: int
    last_hash: bytes


@dataclass(frozen=True, slots=True)
class EntryRow:
    """The row of an entry."""

    incident: UUID
    seq: int
    division: str
    mode: str
    actor: str
    kind: str
    caused_by: tuple[int, ...]
    idem_key: UUID
    occurred_at: datetime | None
    recorded_at: datetime
    payload: str
    hash_ver: int
    prev_hash: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class Fault:
    """
    One thing that is wrong, and where.

    Codes: ``genesis``, ``gap``, ``link``, ``hash``, ``time``, ``head``, ``foreign`` (division, mode or hash version
    differ from the incident's), ``cause``, ``stray`` (entries without an incident), ``receipt_changed``,
    ``receipt_lost``.
    """

    code: str
    incident: str
    seq: int | None
    text: str


@dataclass(slots=True)
class Verification:
    """What was looked at and what was found. ``ok`` only when nothing at all is wrong."""

    incidents: int = 0
    entries: int = 0
    receipts: int = 0
    seconds: float = 0.0
    faults: list[Fault] = field(default_factory=list)
    faults_found: int = 0

    @property
    def ok(self) -> bool:
        """Whether every check passed."""
        return self.faults_found == 0

    def fault(self, code: str, incident: object, seq: int | None, text: str) -> None:
        """Note one fault; the first thousand are kept, all are counted."""
        self.faults_found += 1
        if len(self.faults) < FAULTS_KEPT:
            self.faults.append(Fault(code, str(incident), seq, text))


Receipts = Mapping[tuple[str, int], frozenset[str]]


def verify(heads: Iterable[HeadRow], entries: Iterable[EntryRow], receipts: Receipts | None = None) -> Verification:
    """
    Check a record.

    Parameters
    ----------
    entries
        Ordered by incident and number.
    receipts
        (incident, seq) -> hashes seen outside the database.
    """
    started = time.monotonic()
    found = Verification(receipts=len(receipts or {}))
    rows: dict[UUID, HeadRow] = {}
    for head in heads:
        if head.incident in rows:
            found.fault("head", head.incident, None, f"{head.code}: the incident has two heads")
        rows.setdefault(head.incident, head)
    found.incidents = len(rows)
    for head in rows.values():
        if genesis_hash(head) != head.genesis_hash:
            found.fault("genesis", head.incident, None, f"{head.code}: the opening of the incident was altered")
    ends = _chains(rows, entries, receipts or {}, found)
    for incident, head in rows.items():
        seq, last = ends.get(incident, (0, head.genesis_hash))
        if (head.last_seq, head.last_hash) != (seq, last):
            text = f"{head.code}: the head says entry {head.last_seq}, the entries end at {seq}"
            found.fault("head", incident, seq, text)
    for incident_text, seq in sorted(receipts or {}):
        if seq > ends.get(UUID(incident_text), (0, b""))[0]:
            text = f"entry {seq} was acknowledged and is not there any more"
            found.fault("receipt_lost", incident_text, seq, text)
    found.seconds = time.monotonic() - started
    return found


def _chains(
    rows: Mapping[UUID, HeadRow], entries: Iterable[EntryRow], receipts: Receipts, found: Verification
) -> dict[UUID, tuple[int, bytes]]:
    """Walk all entries; return number and hash of the last entry of each incident."""
    ends: dict[UUID, tuple[int, bytes]] = {}
    head: HeadRow | None = None
    incident: UUID | None = None
    seq, prev, last_at = 0, b"", None
    for row in entries:
        found.entries += 1
        if row.incident != incident:
            incident, head = row.incident, rows.get(row.incident)
            seq, prev, last_at = 0, head.genesis_hash if head else b"", None
            if head is None:
                found.fault("stray", incident, row.seq, "entries of an incident that has no row")
        code = head.code if head else "?"
        if row.seq != seq + 1:
            found.fault("gap", incident, row.seq, f"{code}: entry {row.seq} follows entry {seq}")
        if row.prev_hash != prev:
            found.fault("link", incident, row.seq, f"{code}: entry {row.seq} does not continue the entry before it")
        if entry_hash(row) != row.hash:
            found.fault("hash", incident, row.seq, f"{code}: entry {row.seq} was altered after it was written")
        if last_at is not None and row.recorded_at <= last_at:
            found.fault("time", incident, row.seq, f"{code}: entry {row.seq} is not later than the entry before it")
        if head and (row.division, row.mode, row.hash_ver) != (head.division, head.mode, head.hash_ver):
            found.fault("foreign", incident, row.seq, f"{code}: entry {row.seq} names another division, mode or hash")
        if any(not 0 < cause < row.seq for cause in row.caused_by):
            found.fault("cause", incident, row.seq, f"{code}: entry {row.seq} names a cause that is not earlier")
        if receipts:
            seen = receipts.get((str(row.incident), row.seq))
            if seen is not None and seen != {row.hash.hex()}:
                text = f"{code}: entry {row.seq} is not the one that was acknowledged"
                found.fault("receipt_changed", incident, row.seq, text)
        seq, prev, last_at = row.seq, row.hash, row.recorded_at
        ends[row.incident] = (seq, prev)
    return ends


# -- the bytes that were hashed ------------------------------------------------------------------------------------


def _text(value: str) -> bytes:
    raw = value.encode()
    return struct.pack(">i", len(raw)) + raw


def _time(moment: datetime | None) -> bytes:
    if moment is None:
        return b"\x00"
    span = moment - EPOCH
    return b"\x01" + struct.pack(">q", (span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds)


def genesis_hash(head: HeadRow) -> bytes:
    """Hash the opening of an incident."""
    return hashlib.new(
        ALGORITHM[head.hash_ver],
        _text("onemap.genesis.1")
        + struct.pack(">h", head.hash_ver)
        + head.incident.bytes
        + _text(head.code)
        + _text(head.division)
        + _text(head.mode)
        + _text(head.opened_by)
        + _time(head.opened_at),
    ).digest()


def entry_hash(row: EntryRow) -> bytes:
    """Hash an entry on top of the hash before it."""
    algorithm = ALGORITHM[row.hash_ver]
    return hashlib.new(
        algorithm,
        b"".join(
            (
                _text("onemap.entry.1"),
                struct.pack(">h", row.hash_ver),
                row.incident.bytes,
                struct.pack(">q", row.seq),
                _text(row.division),
                _text(row.mode),
                _text(row.actor),
                _text(row.kind),
                struct.pack(f">i{len(row.caused_by)}q", len(row.caused_by), *row.caused_by),
                row.idem_key.bytes,
                _time(row.occurred_at),
                _time(row.recorded_at),
                hashlib.new(algorithm, row.payload.encode()).digest(),
                row.prev_hash,
            )
        ),
    ).digest()
