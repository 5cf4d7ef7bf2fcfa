"""Is every way of tampering with the record's own tables found, wherever it is done, and nothing else called wrong?"""

import os
import random
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from gis.database import Caller, Database, libpq_conninfo
from scenarios import log, verify, verify_rows
from scenarios.events import CasualtiesReported, Note
from scenarios.verify import EntryRow, HeadRow, Verification

DRILL = Caller("演练导调", "000000", "999999", "drill")
ENTRIES = 24
PLACES = int(os.environ.get("ONEMAP_PLACES", "4"))
"""Places at which each kind of tampering is tried."""
Raw = psycopg.Connection[Any]
Receipts = dict[tuple[str, int], frozenset[str]]


@pytest.fixture(scope="module")
def incidents(database: Database) -> dict[UUID, Receipts]:
    """Three incidents, one of them hashed with SM3, each with its receipts."""
    made: dict[UUID, Receipts] = {}
    for ver in (1, 1, 2):
        incident, receipts = uuid4(), {}
        with database.transaction(DRILL) as connection:
            log.open_incident(connection, incident, "990102", hash_ver=ver)
        for number in range(ENTRIES):
            event = CasualtiesReported(dead=number) if number % 5 == 3 else Note(f"第 {number} 行：café、Ａ①（演练）")
            causes = [number] if number % 4 == 1 else []
            receipt = log.append_once(database, DRILL, incident, event, caused_by=causes)
            receipts[str(incident), receipt.seq] = frozenset({receipt.hash})
        made[incident] = receipts
    return made


@pytest.fixture
def raw(superuser_url: str) -> Iterator[Raw]:
    """A superuser with every guard switched off, in a transaction that is never committed."""
    with psycopg.connect(libpq_conninfo(superuser_url)) as connection:
        for table in ("record.entry", "record.incident_head"):
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL".encode())
        yield connection
        connection.rollback()


def checked(raw: Raw, receipts: Receipts | None = None) -> Verification:
    with verify_rows.rows_of(raw) as (heads, entries):
        return verify.verify(heads, entries, receipts)


def read(raw: Raw, incident: UUID) -> tuple[HeadRow, list[EntryRow]]:
    with verify_rows.rows_of(raw, incident) as (heads, entries):
        return heads[0], list(entries)


def change(column: str, value: str) -> Callable[[Raw, UUID, int], None]:
    """Set one column of one entry to an SQL expression."""

    def tamper(raw: Raw, incident: UUID, seq: int) -> None:
        statement = f"UPDATE record.entry SET {column} = {value} WHERE incident_id = %s AND seq = %s"
        assert raw.execute(statement.encode(), [incident, seq]).rowcount == 1

    return tamper


def payload(rewrite: Callable[[str], str]) -> Callable[[Raw, UUID, int], None]:
    def tamper(raw: Raw, incident: UUID, seq: int) -> None:
        before = read(raw, incident)[1][seq - 1].payload
        after = rewrite(before)
        if after == before:
            pytest.skip("this entry holds nothing of the kind")
        raw.execute(
            "UPDATE record.entry SET payload_canon = %s WHERE incident_id = %s AND seq = %s", [after, incident, seq]
        )

    return tamper


def delete(raw: Raw, incident: UUID, seq: int) -> None:
    raw.execute("DELETE FROM record.entry WHERE incident_id = %s AND seq = %s", [incident, seq])


def cut(raw: Raw, incident: UUID, seq: int) -> None:
    """Everything from an entry on is gone; the head still says how long the record was."""
    raw.execute("DELETE FROM record.entry WHERE incident_id = %s AND seq >= %s", [incident, seq])


def cut_with_head(raw: Raw, incident: UUID, seq: int) -> None:
    """The database of yesterday: tail and head go back together, and the chain is whole in itself."""
    entries = read(raw, incident)[1]
    cut(raw, incident, seq)
    last = entries[seq - 2]
    raw.execute(
        "UPDATE record.incident_head SET last_seq = %s, last_hash = %s, last_at = %s WHERE incident_id = %s",
        [last.seq, last.hash, last.recorded_at, incident],
    )


def swap(raw: Raw, incident: UUID, seq: int) -> None:
    """Two neighbours change their numbers."""
    statement = "UPDATE record.entry SET seq = %s WHERE incident_id = %s AND seq = %s"
    for to, at in ((1_000_000, seq), (seq, seq + 1), (seq + 1, 1_000_000)):
        raw.execute(statement, [to, incident, at])


def insert(raw: Raw, incident: UUID, seq: int) -> None:
    """A forged entry with a true hash between two others, which make room."""
    raw.execute("UPDATE record.entry SET seq = seq + 1000001 WHERE incident_id = %s AND seq >= %s", [incident, seq])
    raw.execute("UPDATE record.entry SET seq = seq - 1000000 WHERE incident_id = %s AND seq > 1000000", [incident])
    _forge(raw, incident, seq)


def duplicate(raw: Raw, incident: UUID, seq: int) -> None:
    """A second entry of the same number."""
    raw.execute("ALTER TABLE record.entry DROP CONSTRAINT entry_pkey")
    _forge(raw, incident, seq)


def _forge(raw: Raw, incident: UUID, seq: int) -> None:
    raw.execute(
        "INSERT INTO record.entry (incident_id, seq, division_code, mode, actor, kind, caused_by, idem_key, idem_print,"
        " occurred_at, recorded_at, payload_canon, hash_ver, prev_hash, hash) SELECT incident_id, %(seq)s,"
        " division_code, mode, '别人', kind, '{}', gen_random_uuid(), idem_print, occurred_at, recorded_at,"
        " payload_canon, hash_ver, prev_hash, hash FROM record.entry WHERE incident_id = %(id)s AND seq = %(from)s",
        {"id": incident, "seq": seq, "from": seq - 1},
    )


def rehash(raw: Raw, incident: UUID, seq: int) -> None:
    """The suffix from an entry on is written anew, with all hashes and the head made to fit."""
    head, entries = read(raw, incident)
    prev = entries[seq - 2].hash if seq > 1 else head.genesis_hash
    for entry in entries[seq - 1 :]:
        text = entry.payload.replace("演练", "实战").replace('"dead":', '"dead":1')
        fresh = EntryRow(
            entry.incident, entry.seq, entry.division, entry.mode, entry.actor, entry.kind, entry.caused_by,
            entry.idem_key, entry.occurred_at, entry.recorded_at, text, entry.hash_ver, prev, b"",
        )  # fmt: skip
        raw.execute(
            "UPDATE record.entry SET payload_canon = %s, prev_hash = %s, hash = %s WHERE incident_id = %s AND seq = %s",
            [text, prev, verify.entry_hash(fresh), incident, entry.seq],
        )
        prev = verify.entry_hash(fresh)
    raw.execute("UPDATE record.incident_head SET last_hash = %s WHERE incident_id = %s", [prev, incident])


def replace_all(raw: Raw, incident: UUID, _seq: int) -> None:
    """The whole chain, its opening included, belongs to somebody else now."""
    raw.execute("UPDATE record.incident_head SET opened_by = '别人' WHERE incident_id = %s", [incident])
    head, _ = read(raw, incident)
    raw.execute(
        "UPDATE record.incident_head SET genesis_hash = %s WHERE incident_id = %s",
        [verify.genesis_hash(head), incident],
    )
    rehash(raw, incident, 1)


def second_head(raw: Raw, incident: UUID, _seq: int) -> None:
    """Two rows say where the chain stands."""
    raw.execute("ALTER TABLE record.incident_head DROP CONSTRAINT incident_head_pkey CASCADE")
    raw.execute("ALTER TABLE record.incident_head DROP CONSTRAINT incident_head_code_key")
    raw.execute(
        "INSERT INTO record.incident_head SELECT incident_id, code, division_code, mode, opened_by, opened_at,"
        " hash_ver, genesis_hash, last_seq - 1, last_hash, last_at FROM record.incident_head WHERE incident_id = %s",
        [incident],
    )


def orphan(raw: Raw, incident: UUID, _seq: int) -> None:
    raw.execute("DELETE FROM record.incident_head WHERE incident_id = %s", [incident])


KINDS: dict[str, tuple[Callable[[Raw, UUID, int], None], set[str]]] = {
    "a byte of the payload": (
        payload(lambda text: text.replace("演练", "演炼").replace('"dead":', '"dead":1')),
        {"hash"},
    ),
    "the order of keys": (payload(lambda text: _turned(text)), {"hash"}),
    "text normalised": (payload(lambda text: unicodedata.normalize("NFD", text)), {"hash"}),
    "the actor": (change("actor", "'别人'"), {"hash"}),
    "the kind": (change("kind", "kind || 'x'"), {"hash"}),
    "the key": (change("idem_key", "gen_random_uuid()"), {"hash"}),
    "the causes": (change("caused_by", "CASE WHEN caused_by = '{}' THEN '{1}'::bigint[] ELSE '{}' END"), {"hash"}),
    "no time against a time": (change("occurred_at", "'1970-01-01 00:00:00+00'"), {"hash"}),
    "a microsecond": (change("recorded_at", "recorded_at + interval '1 microsecond'"), {"hash"}),
    "the division": (change("division_code", "'990103'"), {"hash", "foreign"}),
    "the world": (change("mode", "'live'"), {"hash", "foreign"}),
    "the hash itself": (change("hash", "sha256(hash)"), {"hash"}),
    "the link": (change("prev_hash", "sha256(prev_hash)"), {"link"}),
    "an entry deleted": (delete, {"gap", "link"}),
    "the tail cut off": (cut, {"head"}),
    "two entries swapped": (swap, {"hash", "link"}),
    "an entry put in": (insert, {"hash"}),
    "a number twice": (duplicate, {"gap"}),
    "a second head": (second_head, {"head"}),
    "the head taken away": (orphan, {"stray"}),
    "the head alone": (
        lambda raw, incident, _seq: raw.execute(
            "UPDATE record.incident_head SET last_hash = sha256(last_hash) WHERE incident_id = %s", [incident]
        ),
        {"head"},
    ),
}
"""Kind -> what the chain alone must call it."""

OUTSIDE: dict[str, tuple[Callable[[Raw, UUID, int], None], str]] = {
    "the database of yesterday": (cut_with_head, "receipt_lost"),
    "a suffix written anew": (rehash, "receipt_changed"),
    "the whole chain replaced": (replace_all, "receipt_changed"),
}
"""What no chain can show, and what receipts or published heads call it."""


FOUND: dict[str, int] = {}
"""Kind -> places at which it was found."""


def _turned(text: str) -> str:
    """The same JSON with its keys in another order: what a database that prints JSON anew would do."""
    import json

    return json.dumps(dict(reversed(json.loads(text).items())), ensure_ascii=False, separators=(",", ":"))


def places(name: str, incidents: dict[UUID, Receipts]) -> list[tuple[UUID, int]]:
    chance = random.Random(name)
    return [(chance.choice(list(incidents)), chance.randint(2, ENTRIES - 1)) for _ in range(PLACES)]


def test_a_clean_record_raises_no_alarm(raw: Raw, incidents: dict[UUID, Receipts]) -> None:
    every = {place: hashes for receipts in incidents.values() for place, hashes in receipts.items()}
    found = checked(raw, every)
    assert found.ok, found.faults
    assert found.entries >= 3 * ENTRIES


@pytest.mark.protection("26")
@pytest.mark.parametrize("name", KINDS)
def test_the_chain_finds(name: str, raw: Raw, incidents: dict[UUID, Receipts]) -> None:
    tamper, wanted = KINDS[name]
    tried = 0
    for incident, seq in places(name, incidents):
        with raw.transaction(force_rollback=True):
            try:
                tamper(raw, incident, seq)
            except pytest.skip.Exception:
                continue
            tried += 1
            FOUND[name] = tried
            faults = [fault for fault in checked(raw).faults if fault.incident == str(incident)]
            assert wanted & {fault.code for fault in faults}, (name, seq, faults)
            near = {fault.seq for fault in faults if fault.seq is not None}
            assert "head" in name or min(abs(seq - at) for at in near) <= 1, "the fault is named where it is"
    assert tried or name == "the order of keys"


@pytest.mark.parametrize("name", OUTSIDE)
def test_only_what_lies_outside_finds(name: str, raw: Raw, incidents: dict[UUID, Receipts]) -> None:
    tamper, wanted = OUTSIDE[name]
    for incident, seq in places(name, incidents):
        with raw.transaction(force_rollback=True):
            tamper(raw, incident, seq)
            # The planted fault of the verifier itself: without receipts it must miss this, or this proves nothing.
            assert not [fault for fault in checked(raw).faults if fault.incident == str(incident)]
            found = checked(raw, incidents[incident])
            assert wanted in {fault.code for fault in found.faults}
            FOUND[name] = FOUND.get(name, 0) + 1


def test_a_verifier_that_hashes_nothing_would_miss_a_byte(
    raw: Raw, incidents: dict[UUID, Receipts], monkeypatch: pytest.MonkeyPatch
) -> None:
    incident = next(iter(incidents))
    monkeypatch.setattr(verify, "entry_hash", lambda row: row.hash)
    with raw.transaction(force_rollback=True):
        change("actor", "'别人'")(raw, incident, 5)
        assert checked(raw).ok, "with its hash check planted away it finds nothing: the check is what finds it"


def test_r12_every_kind_was_tried(told: Callable[..., None]) -> None:
    told(
        "R12",
        f"{len(FOUND)} kinds of tampering at {sum(FOUND.values())} places",
        "all found, no false alarm on the clean record",
    )
    assert len(FOUND) >= 15 or not FOUND, "run alone, this test says nothing"
