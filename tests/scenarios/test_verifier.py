"""Does the verifier agree with the writer byte for byte, and does it find what somebody altered?"""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis.database import Caller, Database, libpq_conninfo
from scenarios import log, verify, verify_rows
from scenarios.events import Note
from scenarios.verify import EntryRow, HeadRow, Verification

DRILL = Caller("演练导调", "000000", "999999", "drill")
MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(2199, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=40)
BYTES = st.binary(min_size=32, max_size=32)


@pytest.fixture(scope="module")
def connection(database_url: str) -> psycopg.Connection:
    with psycopg.connect(libpq_conninfo(database_url), autocommit=True) as opened:
        yield opened  # type: ignore[misc]


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    row=st.builds(
        EntryRow,
        incident=st.uuids(),
        seq=st.integers(1, 2**62),
        division=TEXTS,
        mode=TEXTS,
        actor=TEXTS,
        kind=TEXTS,
        caused_by=st.lists(st.integers(1, 2**62), max_size=4).map(tuple),
        idem_key=st.uuids(),
        occurred_at=st.none() | MOMENTS,
        recorded_at=MOMENTS,
        payload=TEXTS,
        hash_ver=st.sampled_from([1, 2]),
        prev_hash=BYTES,
        hash=BYTES,
    )
)
def test_sql_and_python_hash_the_same_bytes(connection: psycopg.Connection, row: EntryRow) -> None:
    answer = connection.execute(
        "SELECT record.entry_hash(%s::smallint, %s, %s::bigint, %s, %s, %s, %s, %s::bigint[], %s, %s, %s, %s, %s)",
        [
            row.hash_ver, row.incident, row.seq, row.division, row.mode, row.actor, row.kind, list(row.caused_by),
            row.idem_key, row.occurred_at, row.recorded_at, row.payload, row.prev_hash,
        ],
    ).fetchone()  # fmt: skip
    assert answer == (verify.entry_hash(row),)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(incident=st.uuids(), words=st.tuples(TEXTS, TEXTS, TEXTS, TEXTS), moment=MOMENTS, ver=st.sampled_from([1, 2]))
def test_sql_and_python_hash_the_same_opening(
    connection: psycopg.Connection, incident: UUID, words: tuple[str, str, str, str], moment: datetime, ver: int
) -> None:
    head = HeadRow(incident, *words, moment, ver, b"", 0, b"")
    answer = connection.execute(
        "SELECT record.genesis_hash(%s::smallint, %s, %s, %s, %s, %s, %s)", [ver, incident, *words, moment]
    ).fetchone()
    assert answer == (verify.genesis_hash(head),)


def test_sm3_gives_the_vector_of_its_standard(connection: psycopg.Connection) -> None:
    # GB/T 32905-2016, example 1: "abc"
    answer = connection.execute("SELECT encode(record.digest(2::smallint, 'abc'), 'hex')").fetchone()
    assert answer == ("66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",)


# -- finding what was altered --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def record(database: Database) -> tuple[list[HeadRow], list[EntryRow], dict[tuple[str, int], frozenset[str]]]:
    """Two incidents of some entries each, one hashed with SM3, and all their receipts."""
    receipts = {}
    for count, ver in ((6, 1), (4, 2)):
        incident = uuid4()
        with database.transaction(DRILL) as connection:
            log.open_incident(connection, incident, "990102", hash_ver=ver)
        for number in range(count):
            with database.transaction(DRILL) as connection:
                causes = [number] if number else []
                receipt = log.append(connection, incident, Note(f"第 {number} 行"), caused_by=causes)
            receipts[str(incident), receipt.seq] = frozenset({receipt.hash})
    with verify_rows.database_rows(database.conninfo) as (heads, entries):
        return heads, list(entries), receipts


def test_an_honest_record_passes(database: Database, record: tuple) -> None:
    heads, entries, receipts = record
    found = verify.verify(heads, entries, receipts)
    assert found.ok, found.faults
    assert (found.incidents, found.entries, found.receipts) == (2, 10, 10)


def longest(heads: list[HeadRow]) -> HeadRow:
    return max(heads, key=lambda head: head.last_seq)


def altered(field: str, value: object) -> Callable[[list[HeadRow], list[EntryRow]], None]:
    def tamper(_heads: list[HeadRow], entries: list[EntryRow]) -> None:
        entries[2] = replace(entries[2], **{field: value})

    return tamper


def deleted(_heads: list[HeadRow], entries: list[EntryRow]) -> None:
    del entries[2]


def swapped(_heads: list[HeadRow], entries: list[EntryRow]) -> None:
    entries[1], entries[2] = entries[2], entries[1]


def renumbered(_heads: list[HeadRow], entries: list[EntryRow]) -> None:
    entries[1], entries[2] = replace(entries[2], seq=entries[1].seq), replace(entries[1], seq=entries[2].seq)


def tail_cut(_heads: list[HeadRow], entries: list[EntryRow]) -> None:
    del entries[-1]


def reopened(heads: list[HeadRow], _entries: list[EntryRow]) -> None:
    heads[0] = replace(heads[0], opened_by="别人")


def all_gone(heads: list[HeadRow], entries: list[EntryRow]) -> None:
    entries[:] = [entry for entry in entries if entry.incident != heads[0].incident]


def headless(heads: list[HeadRow], _entries: list[EntryRow]) -> None:
    del heads[0]


@pytest.mark.parametrize(
    ("tamper", "code"),
    [
        (altered("payload", '{"text":"第 x 行"}'), "hash"),
        (altered("actor", "别人"), "hash"),
        (altered("kind", "noted"), "hash"),
        (altered("recorded_at", datetime(2020, 1, 1, tzinfo=UTC)), "time"),
        (altered("occurred_at", datetime(1970, 1, 1, tzinfo=UTC)), "hash"),
        (altered("caused_by", (2, 1)), "hash"),
        (altered("idem_key", uuid4()), "hash"),
        (altered("division", "990103"), "foreign"),
        (altered("mode", "live"), "foreign"),
        (altered("hash", bytes(32)), "link"),
        (deleted, "gap"),
        (swapped, "gap"),
        (renumbered, "link"),
        (tail_cut, "head"),
        (reopened, "genesis"),
        (all_gone, "head"),
        (headless, "stray"),
    ],
)
def test_the_chain_shows_it(record: tuple, tamper: Callable[..., None], code: str) -> None:
    heads, entries = list(record[0]), list(record[1])
    tamper(heads, entries)
    found = verify.verify(heads, entries)
    assert code in {fault.code for fault in found.faults}


def test_the_fault_names_incident_and_entry(record: tuple) -> None:
    entries = list(record[1])
    entries[2] = replace(entries[2], payload='{"text":"?"}')
    (fault,) = verify.verify(record[0], entries).faults
    assert (fault.incident, fault.seq, fault.code) == (str(entries[2].incident), entries[2].seq, "hash")


def rewritten(heads: list[HeadRow], entries: list[EntryRow], *, keep: int) -> tuple[list[HeadRow], list[EntryRow]]:
    """A record whose tail after `keep` entries was cut, or written anew, with all hashes and the head made to fit."""
    target = longest(heads)
    own = [entry for entry in entries if entry.incident == target.incident][:keep]
    prev = target.genesis_hash
    fresh = []
    for entry in own:
        payload = entry.payload if entry.seq < 3 else '{"text":"另一个说法"}'
        row = replace(entry, prev_hash=prev, payload=payload)
        row = replace(row, hash=verify.entry_hash(row))
        prev = row.hash
        fresh.append(row)
    others = [entry for entry in entries if entry.incident != target.incident]
    forged = replace(target, last_seq=len(fresh), last_hash=prev)
    return [forged if head is target else head for head in heads], [*others, *fresh]


@pytest.mark.parametrize(("keep", "code"), [(2, "receipt_lost"), (6, "receipt_changed")])
def test_only_a_witness_shows_a_tail_cut_off_or_written_anew(record: tuple, keep: int, code: str) -> None:
    heads, entries = rewritten(record[0], record[1], keep=keep)
    assert verify.verify(heads, entries).ok, "the forged chain is flawless in itself: this is why heads go to witnesses"
    assert code in {fault.code for fault in verify.verify(heads, entries, record[2]).faults}


def test_receipts_are_read_from_lines_and_a_torn_last_line_is_left_out(tmp_path: Path) -> None:
    incident = uuid4()
    lines = [json.dumps({"incident": str(incident), "seq": n, "hash": f"{n:064x}"}) for n in (1, 2)]
    path = tmp_path / "witness.jsonl"
    path.write_text("\n".join(lines) + '\n{"incident": "', encoding="utf-8")
    assert verify_rows.read_receipts([path]) == {(str(incident), n): frozenset({f"{n:064x}"}) for n in (1, 2)}
    path.write_text("nonsense\n", encoding="utf-8")
    with pytest.raises(ValueError, match="line 1"):
        verify_rows.read_receipts([path])


def test_an_export_is_verified_without_the_database(tmp_path: Path, record: tuple) -> None:
    heads, entries, receipts = record
    path = tmp_path / "export.jsonl"
    path.write_text("".join(f"{line}\n" for line in verify_rows.export_lines(heads, entries)), encoding="utf-8")
    again = verify_rows.export_rows(path)
    assert again == (heads, entries)
    assert verify.verify(*again, receipts).ok
    path.write_text(path.read_text(encoding="utf-8").replace("第 2 行", "第 9 行", 1), encoding="utf-8")
    assert [fault.code for fault in verify.verify(*verify_rows.export_rows(path)).faults] == ["hash"]


def verified(url: str) -> Verification:
    with verify_rows.database_rows(libpq_conninfo(url)) as (heads, entries):
        return verify.verify(heads, entries)


def test_what_a_superuser_changes_in_the_tables_is_found(superuser_url: str, database_url: str, record: tuple) -> None:
    assert verified(database_url).ok
    incident = longest(record[0]).incident
    with psycopg.connect(libpq_conninfo(superuser_url)) as raw:
        raw.execute("ALTER TABLE record.entry DISABLE TRIGGER no_change")
        raw.execute(
            "UPDATE record.entry SET payload_canon = replace(payload_canon, '行', '列') "
            "WHERE incident_id = %s AND seq = 3",
            [incident],
        )
        raw.execute("ALTER TABLE record.entry ENABLE ALWAYS TRIGGER no_change")
    found = verified(database_url)
    assert [(fault.code, fault.incident, fault.seq) for fault in found.faults] == [("hash", str(incident), 3)]


def test_times_are_exact_to_the_microsecond() -> None:
    first = replace(_row(), recorded_at=datetime(2026, 11, 22, 0, 0, 0, 1, tzinfo=UTC))
    later = replace(first, recorded_at=first.recorded_at + timedelta(microseconds=1))
    assert verify.entry_hash(first) != verify.entry_hash(later)


def _row() -> EntryRow:
    moment = datetime(2026, 11, 22, tzinfo=UTC)
    return EntryRow(
        uuid4(), 1, "990102", "drill", "a", "note", (), uuid4(), None, moment, "{}", 1, bytes(32), bytes(32)
    )
