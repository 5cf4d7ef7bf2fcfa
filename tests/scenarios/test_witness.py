"""Does the witness find what no chain can show, and is the witness itself held to its word?"""

import json
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest

from gis.database import Caller, Database
from scenarios import log
from scenarios.events import IncidentClosed, Note
from scenarios.verify import verify
from scenarios.verify_rows import database_rows
from scenarios.verify_witness import read_witness
from scenarios.witness import Witness, publish_key, signing_key

AT = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
OFFICER = Caller("duty", "990100", "990200", "drill")


@pytest.fixture
def witness(database: Database, tmp_path: Path) -> Witness:
    """A witness with a folder and a key of its own."""
    return Witness(database, tmp_path / "witness", tmp_path / "keys")


@pytest.fixture
def incident(database: Database) -> UUID:
    """An incident with five entries."""
    made = uuid4()
    with database.transaction(OFFICER) as connection:
        log.open_incident(connection, made, "990102")
    for number in range(5):
        with database.transaction(OFFICER) as connection:
            log.append(connection, made, Note(text=f"第 {number} 条（演练）"), key=uuid4())
    return made


def _checked(database: Database, witness: Witness) -> tuple[list[str], tuple[str, ...]]:
    reading = read_witness(witness.file, witness.file.parent / "witness.pub")
    with database_rows(database.conninfo) as (heads, entries):
        found = verify(heads, entries, reading.receipts)
    return [fault.code for fault in found.faults], reading.faults


def test_a_record_that_grew_is_whole(database: Database, witness: Witness, incident: UUID) -> None:
    assert witness.publish() >= 1
    with database.transaction(OFFICER) as connection:
        log.append(connection, incident, Note(text="第六条（演练）"), key=uuid4())
    assert witness.publish() == 1
    assert witness.publish() == 0, "nothing moved, nothing is written"
    assert _checked(database, witness) == ([], ())


def test_a_tail_cut_off_with_its_head_moved_back_is_found(
    database: Database, superuser_url: str, witness: Witness, incident: UUID
) -> None:
    witness.publish()
    with psycopg.connect(superuser_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("ALTER TABLE record.entry DISABLE TRIGGER ALL")
        connection.execute("ALTER TABLE record.incident_head DISABLE TRIGGER ALL")
        connection.execute("DELETE FROM record.entry WHERE incident_id = %s AND seq = 5", [incident])
        connection.execute(
            "UPDATE record.incident_head i SET last_seq = e.seq, last_hash = e.hash FROM record.entry e "
            "WHERE e.incident_id = i.incident_id AND e.seq = 4 AND i.incident_id = %s",
            [incident],
        )
        connection.execute("ALTER TABLE record.entry ENABLE TRIGGER ALL")
        connection.execute("ALTER TABLE record.incident_head ENABLE TRIGGER ALL")
    with database_rows(database.conninfo) as (heads, entries):
        alone = [fault for fault in verify(heads, entries).faults if fault.incident == str(incident)]
    assert alone == [], "the chain alone cannot see it: this is what the witness is for"
    codes, faults = _checked(database, witness)
    assert "receipt_lost" in codes
    assert faults == ()


SPOILT: dict[str, Callable[[list[str]], list[str]]] = {
    "a number changed": lambda lines: [lines[0].replace('"seq":', '"seq":1'), *lines[1:]],
    "a line taken out": lambda lines: [lines[0], *lines[2:]],
    "two lines swapped": lambda lines: [lines[1], lines[0], *lines[2:]],
    "a line put in": lambda lines: [lines[0], json.dumps({"incident": str(uuid4()), "seq": 1}), *lines[1:]],
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT.keys())
def test_a_spoilt_witness_is_found(
    database: Database, witness: Witness, incident: UUID, spoil: Callable[[list[str]], list[str]]
) -> None:
    for number in range(3):
        with database.transaction(OFFICER) as connection:
            log.append(connection, incident, Note(text=f"{number}（演练）"), key=uuid4())
        witness.publish()
    lines = witness.file.read_text("utf-8").splitlines()
    witness.file.write_text("".join(f"{line}\n" for line in spoil(lines)), "utf-8")
    assert read_witness(witness.file, witness.file.parent / "witness.pub").faults


def test_heads_signed_by_another_key_are_refused(
    database: Database, witness: Witness, incident: UUID, tmp_path: Path
) -> None:
    witness.publish()
    other = tmp_path / "other"
    other.mkdir()
    publish_key(signing_key(other), other)
    reading = read_witness(witness.file, other / "witness.pub")
    assert len(reading.faults) == reading.lines > 0
    assert not reading.receipts


def test_several_processes_write_one_file_in_order(database: Database, witness: Witness, incident: UUID) -> None:
    def work() -> None:
        for number in range(5):
            with database.transaction(OFFICER) as connection:
                log.append(connection, incident, Note(text=f"{number}（演练）"), key=uuid4())
            witness.publish()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _checked(database, witness) == ([], ())


def test_a_database_made_anew_is_one_sentence_and_no_alarm(
    database: Database, witness: Witness, incident: UUID, tmp_path: Path
) -> None:
    class Elsewhere:
        """What the witness of a reset data folder finds: its old file, and a database that knows none of it."""

        def __init__(self) -> None:
            self.heads = [log.Head(uuid4(), "YL-2026-0001", "990102", "drill", "duty", AT, 3, "ab" * 32, AT)]

    witness.publish()
    lines = witness.file.read_text("utf-8").count("\n")
    other = Elsewhere()
    real = log.heads
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(log, "heads", lambda _connection: other.heads)
        assert witness.publish() == 2, "one line that says so, one head"
        assert witness.publish() == 0, "it is said once"
    reading = read_witness(witness.file, witness.file.parent / "witness.pub")
    assert reading.faults == ()
    assert set(reading.receipts) == {(str(other.heads[0].incident_id), 3)}
    (note,) = reading.notes
    assert f"line {lines + 1}" in note
    assert "another one" in note
    assert log.heads is real
    witness.file.write_text(
        "".join(line for line in witness.file.read_text("utf-8").splitlines(keepends=True) if "began" not in line),
        "utf-8",
    )
    assert read_witness(witness.file, witness.file.parent / "witness.pub").faults, "the line cannot be taken out either"


def test_the_end_of_an_incident_is_published_at_once(database: Database, witness: Witness, incident: UUID) -> None:
    witness.start()
    try:
        _wait_for(lambda: (str(incident), 5) in _published(witness))
        with database.transaction(OFFICER) as connection:
            log.append(connection, incident, Note(text="结束前（演练）"), key=uuid4())
        witness.moved(incident)
        time.sleep(1.5)
        assert (str(incident), 6) not in _published(witness), "a note waits for the minute"
        with database.transaction(OFFICER) as connection:
            log.append(connection, incident, IncidentClosed(reason="处置完毕（演练）"), key=uuid4(), expected_seq=6)
        witness.moved(incident)
        _wait_for(lambda: (str(incident), 7) in _published(witness))
    finally:
        witness.stop()
    assert _checked(database, witness) == ([], ())


def _published(witness: Witness) -> set[tuple[str, int]]:
    if not witness.file.exists():
        return set()
    lines = [json.loads(line) for line in witness.file.read_text("utf-8").splitlines()]
    return {(line["incident"], line["seq"]) for line in lines}


def _wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
