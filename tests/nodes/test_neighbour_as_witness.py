"""Does a neighbour notice when a record is cut short or written anew, although its chain holds and is signed again?"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from gis.database import Caller
from scenarios import log, verify, verify_rows
from scenarios.desk import ReportIncident
from scenarios.events import Note
from scenarios.nodes import heads

CITY = Caller("duty", "990100", "990200", "drill")
EVERYBODY = Caller.system()
Until = Callable[..., float]


@pytest.fixture(scope="module")
def city(make_node: Callable[..., Any]) -> Any:
    return make_node("city-w", "演练市", "city", "990100")


@pytest.fixture(scope="module")
def province(make_node: Callable[..., Any], city: Any) -> Any:
    node = make_node("province-w", "演练省", "province", "990000")
    node.knows(city, relation="below", key=city.knows(node, relation="above"))
    return node


def opened(city: Any, lines: int) -> UUID:
    moment = datetime.now(UTC)
    command = ReportIncident(title="见证", longitude=118.7, latitude=31.4, occurred_at=moment, known_at=moment,
                             channel="phone", division_code="990102")  # fmt: skip
    incident: UUID = city.desk.report(command, CITY).incident_id
    for number in range(lines):
        city.desk.note(incident, f"第 {number} 行", CITY, key=uuid4())
    return incident


def faults(province: Any, incident: UUID) -> set[tuple[str, int]]:
    with province.database.transaction(EVERYBODY) as connection:
        return {(one.code, one.seq) for one in heads.faults(connection) if one.incident_id == incident}


def witnessed(province: Any, incident: UUID) -> int:
    rows = province.rows("SELECT coalesce(max(seq), 0) FROM nodes.foreign_head WHERE incident_id = %s", incident)
    return int(rows[0][0])


def whole(city: Any) -> verify.Verification:
    with psycopg.connect(city.superuser) as connection, verify_rows.rows_of(connection) as (found, entries):
        return verify.verify(found, entries)


def shorten(city: Any, incident: UUID, last: int) -> None:
    """What only a superuser can: the tail goes, and the head moves back, so that the chain holds."""
    with psycopg.connect(city.superuser) as connection:
        connection.execute("SET session_replication_role = replica")
        for table in ("entry", "incident_head"):
            connection.execute(f"ALTER TABLE record.{table} DISABLE TRIGGER USER".encode())
        connection.execute("DELETE FROM record.entry WHERE incident_id = %s AND seq > %s", (incident, last))
        connection.execute(
            "UPDATE record.incident_head SET last_seq = e.seq, last_hash = e.hash, last_at = e.recorded_at "
            "FROM record.entry AS e WHERE e.incident_id = record.incident_head.incident_id AND e.incident_id = %s "
            "AND e.seq = %s", (incident, last),
        )  # fmt: skip
        connection.execute("ALTER TABLE record.entry ENABLE ALWAYS TRIGGER no_change")
        connection.execute("ALTER TABLE record.entry ENABLE ALWAYS TRIGGER no_truncate")
        connection.execute("ALTER TABLE record.entry ENABLE ALWAYS TRIGGER durable")
        for name in ("no_delete", "no_truncate", "only_forward"):
            connection.execute(f"ALTER TABLE record.incident_head ENABLE ALWAYS TRIGGER {name}".encode())


def test_heads_go_both_ways_and_an_honest_record_raises_nothing(city: Any, province: Any, until: Until) -> None:
    incident = opened(city, 5)
    until(lambda: witnessed(province, incident) == 6)
    shown = "SELECT count(*) FROM nodes.foreign_head WHERE incident_id = %s AND shown_at IS NOT NULL"
    until(lambda: province.rows(shown, incident)[0][0] >= 1)
    city.desk.note(incident, "再一行", CITY)
    until(lambda: witnessed(province, incident) == 7)
    time.sleep(2)
    assert province.rows("SELECT * FROM nodes.fault") == []
    # Who may not know of the incident learns nothing of it from a head: no code, no title, no division.
    lines = province.rows("SELECT line FROM nodes.foreign_head WHERE incident_id = %s", incident)
    with city.database.transaction(EVERYBODY) as connection:
        code = log.head(connection, incident).code
    assert all(code not in line and "990102" not in line for (line,) in lines)


def test_a_tail_cut_off_is_found_within_one_exchange(city: Any, province: Any, until: Until) -> None:
    incident = opened(city, 9)
    until(lambda: witnessed(province, incident) == 10)
    shorten(city, incident, 6)
    assert whole(city).ok, "the chain itself holds: that is why a witness is needed"
    until(lambda: faults(province, incident))
    assert faults(province, incident) == {("truncated", 10)}
    assert province.exchange.desk.troubled()


def test_a_suffix_written_anew_is_found_although_the_head_grew(city: Any, province: Any, until: Until) -> None:
    incident = opened(city, 4)
    until(lambda: witnessed(province, incident) == 5)
    shorten(city, incident, 3)
    with city.database.transaction(CITY) as connection:
        for number in range(4):  # longer than before: a look at the newest head alone would be content
            log.append(connection, incident, Note(f"改写 {number}"))
    assert whole(city).ok
    until(lambda: ("rewritten", 5) in faults(province, incident))


def test_the_receipts_of_a_neighbour_convict_the_record_over_there(
    city: Any, province: Any, tmp_path: Path, until: Until
) -> None:
    import json

    incident = opened(city, 3)
    until(lambda: witnessed(province, incident) == 4)
    shorten(city, incident, 2)
    with province.database.transaction(EVERYBODY) as connection:
        lines = heads.receipts(connection, city.name)
    path = tmp_path / "receipts.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in lines), encoding="utf-8")
    with psycopg.connect(city.superuser) as connection, verify_rows.rows_of(connection) as (found, entries):
        verdict = verify.verify(found, entries, verify_rows.read_receipts([path]))
    assert {fault.code for fault in verdict.faults if fault.incident == str(incident)} == {"receipt_lost"}


def test_another_signing_key_is_a_fault_until_somebody_accepts_it(city: Any, province: Any, until: Until) -> None:
    (city.folder / "keys" / "witness.key").unlink()
    changed = "SELECT 1 FROM nodes.fault WHERE code = 'key_changed'"
    until(lambda: province.rows(changed))
    incident = opened(city, 1)
    time.sleep(1.5)
    assert witnessed(province, incident) == 0
    # An administrator enters the neighbour again, with the same key of the line: the new one is pinned.
    with province.database.transaction(EVERYBODY) as connection:
        key = province.exchange.neighbours.one(connection, city.name).key.get_secret_value()
    province.knows(city, relation="below", key=key)
    city.desk.note(incident, "新钥之后", CITY)
    until(lambda: witnessed(province, incident) == 3)
