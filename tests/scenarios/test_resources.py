"""Is what is committed taken off what is there, and can two processes never take the same thing twice?"""

import multiprocessing
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from gis.database import Caller, Database
from gis.errors import ConflictError, InputError, MissingError
from scenarios.desk import Desk, ReportIncident
from scenarios.events import IncidentClosed
from scenarios.resources import holding
from scenarios.resources.desk import Taking

DRILL = Caller("演练值班员", "990100", "990200", "drill")
COUNTY = Caller("county", "990103", "990104", "drill")
_COLUMNS = "valid_from, source_system, as_of, division_code, mode"
_STORE = text(
    f"INSERT INTO layers.store (id, name, pinyin, initials, owner, manager, phone, geometry, {_COLUMNS}) VALUES "
    "('WZ-T1', '演练东库', 'x', 'x', 'o', 'm', 'p', ST_SetSRID(ST_MakePoint(118.70, 31.40), 4490), now(), 'test', "
    "now(), '990102', 'drill')"
)
_STOCK = text(
    "INSERT INTO layers.supply_stock (id, store_id, code, name, quantity, unit, readiness, expires_on, counted_on, "
    f"{_COLUMNS}) VALUES (:id, 'WZ-T1', '2019900', '重型防化服', :quantity, '套', :readiness, :expires, :counted, "
    "now(), 'test', now(), '990102', 'drill')"
)


@pytest.fixture(scope="module")
def desk(database: Database, owner_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with database.transaction(DRILL) as connection:
        connection.execute(_STORE)
        for name, quantity, readiness, expires in (
            ("A", 20, "ready", None), ("B", 5, "in_repair", None), ("C", 5, "ready", date(2020, 1, 1)),
            ("R", 7, "ready", None), ("D", "2.50", "ready", datetime.now(UTC).date() + timedelta(days=9)),
        ):  # fmt: skip
            values = {"id": f"S-{name}", "quantity": quantity, "readiness": readiness, "expires": expires}
            connection.execute(_STOCK, {**values, "counted": date(2026, 11, 1)})
    return Desk(database, Path(tmp_path_factory.mktemp("house")) / "networks")


def opened(desk: Desk, division: str = "990102") -> UUID:
    report = ReportIncident("演练 事件", 118.70, 31.40, datetime.now(UTC), division_code=division)
    return desk.report(report, DRILL).incident_id


def left(desk: Desk, stock_id: str, caller: Caller = DRILL) -> Decimal:
    return next(one.left for one in desk.resources.stock(caller) if one.stock_id == stock_id)


def test_available_is_stock_less_committed_and_what_comes_back_is_there_again(desk: Desk) -> None:
    one, other = opened(desk), opened(desk, "990103")
    desk.resources.commit(one, [Taking("S-A", Decimal(12))], DRILL)
    assert left(desk, "S-A") == 8
    with pytest.raises(ConflictError, match="there is 20 套; held by"):
        desk.resources.commit(other, [Taking("S-A", Decimal(9))], DRILL)
    assert desk.situation(other, caller=DRILL).seq == 1  # the refusal left no trace
    desk.resources.commit(other, [Taking("S-A", Decimal(8))], DRILL)
    assert left(desk, "S-A") == 0
    desk.resources.give_back(one, "S-A", Decimal(2), DRILL)
    assert left(desk, "S-A") == 2
    with pytest.raises(ConflictError, match="holds 10"):
        desk.resources.give_back(one, "S-A", Decimal(11), DRILL)
    assert len(desk.resources.stand_down(one, DRILL)) == 1
    assert desk.resources.stand_down(one, DRILL) == []
    assert desk.situation(one, caller=DRILL).supplies == ()
    assert left(desk, "S-A") == 12
    seq = desk.situation(other, caller=DRILL).seq
    desk.record(other, IncidentClosed("演练结束"), DRILL, expected_seq=seq)
    assert left(desk, "S-A") == 20  # what an ended incident held is free again


def test_a_retry_takes_nothing_twice(desk: Desk) -> None:
    incident, key = opened(desk), uuid4()
    first = desk.resources.commit(incident, [Taking("S-D", Decimal("1.5"))], DRILL, key=key)
    again = desk.resources.commit(incident, [Taking("S-D", Decimal("1.5"))], DRILL, key=key)
    assert [one.hash for one in first] == [one.hash for one in again]
    assert left(desk, "S-D") == Decimal("1.0")
    assert desk.situation(incident, caller=DRILL).supplies[0].quantity == "1.5"
    desk.resources.stand_down(incident, DRILL)


def test_all_or_nothing_and_only_what_can_be_used(desk: Desk) -> None:
    incident = opened(desk)
    for stock_id, word in (("S-B", "in_repair"), ("S-C", "expired")):
        with pytest.raises(ConflictError, match=word):
            desk.resources.commit(incident, [Taking("S-A", Decimal(1)), Taking(stock_id, Decimal(1))], DRILL)
    with pytest.raises(MissingError, match="S-X"):
        desk.resources.commit(incident, [Taking("S-X", Decimal(1))], DRILL)
    with pytest.raises(InputError, match=r"items\[0\].*items\[1\]") as caught:
        desk.resources.commit(incident, [Taking("S-A", Decimal(0)), Taking("S-A", Decimal("0.001"))], DRILL)
    with pytest.raises(InputError, match="at most 1000000000"):
        desk.resources.give_back(incident, "S-A", Decimal("1e40"), DRILL)
    assert len(caught.value.faults) == 2
    assert desk.situation(incident, caller=DRILL).seq == 1


def test_a_county_sees_what_the_next_county_has_taken(desk: Desk) -> None:
    incident = opened(desk)
    desk.resources.commit(incident, [Taking("S-A", Decimal(5))], DRILL)
    with desk.database.transaction(COUNTY) as connection:
        assert {one.incident_id for one in holding.held(connection)} == {incident}
        # and its own range is what it was
        assert connection.exec_driver_sql("SELECT current_setting('onemap.division_from')").scalar_one() == "990103"
        assert connection.exec_driver_sql("SELECT count(*) FROM record.incident_head WHERE division_code < '990103'"
                                          ).scalar_one() == 0  # fmt: skip
    desk.resources.stand_down(incident, DRILL)


def test_two_processes_racing_never_take_more_than_there_is(desk: Desk, database_url: str, tmp_path: Path) -> None:
    incidents = [opened(desk) for _ in range(2)]
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(2)
    results = context.Queue()
    racers = [
        context.Process(target=race, args=(database_url, str(tmp_path), one.hex, barrier, results)) for one in incidents
    ]
    for racer in racers:
        racer.start()
    taken = [results.get(timeout=250) for _ in racers]
    for racer in racers:
        racer.join(30)
    assert sum(taken) == 7
    assert left(desk, "S-R") == 0
    held = [one.quantity for incident in incidents for one in desk.situation(incident, caller=DRILL).supplies]
    assert [str(one) for one in sorted(held)] == sorted(str(one) for one in taken if one)


def race(url: str, folder: str, incident: str, barrier: object, results: object) -> None:
    """Take one piece at a time, ten times; runs in a process of its own."""
    house = Database(url)
    desk = Desk(house, Path(folder) / "networks")
    barrier.wait(60)  # type: ignore[attr-defined]
    taken = 0
    for _ in range(10):
        try:
            desk.resources.commit(UUID(incident), [Taking("S-R", Decimal(1))], DRILL)
            taken += 1
        except ConflictError:
            continue
    house.close()
    results.put(taken)  # type: ignore[attr-defined]
