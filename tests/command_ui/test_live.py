"""Does everybody hear of a change, soon, and still after the line was cut?"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from command_ui.live import ALARM_CHANNEL, CHANNEL, Live, Moved
from gis.database import Caller, Database, libpq_conninfo
from scenarios.desk import Desk, ReportIncident

CITY = Caller("duty", "990100", "990200", "drill")
COUNTY = Caller("binjiang", "990102", "990103", "drill")


@pytest.fixture
def live(database: Database) -> Iterator[Live]:
    listener = Live(database)
    listener.start()
    until(lambda: listener.age_s() < 60)
    yield listener
    listener.stop()


@pytest.fixture(scope="module")
def desk(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(database, Path(tmp_path_factory.mktemp("networks")))


def until(true: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait until something is true."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, "it did not come true"
        time.sleep(0.01)


def report(desk: Desk, division: str = "990102", caller: Caller = CITY) -> UUID:
    command = ReportIncident("演练", 118.7, 31.4, datetime.now(UTC), division_code=division)
    return desk.report(command, caller).incident_id


def test_a_change_is_heard_by_its_hint(database: Database, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("command_ui.live.POLL_EVERY_S", 3600.0)  # nobody looks anyway
    live = Live(database)
    live.start()
    try:
        until(lambda: live.age_s() < 60)
        _heard_at_once(live, desk)
    finally:
        live.stop()


def _heard_at_once(live: Live, desk: Desk) -> None:
    heard: list[Moved] = []
    live.subscribe(CITY, heard.append)
    incident_id = report(desk)
    until(lambda: bool(heard))
    assert (heard[0].incident_id, heard[0].seq) == (incident_id, 1)
    desk.note(incident_id, "一", CITY)
    until(lambda: live.revision(incident_id) == 2)


def test_each_hears_only_of_his_own_divisions_and_world(live: Live, desk: Desk) -> None:
    heard: dict[str, list[UUID]] = {"city": [], "county": [], "live": []}
    live.subscribe(CITY, lambda moved: heard["city"].append(moved.incident_id))
    live.subscribe(COUNTY, lambda moved: heard["county"].append(moved.incident_id))
    live.subscribe(Caller("duty", "990100", "990200", "live"), lambda moved: heard["live"].append(moved.incident_id))
    neighbour, own = report(desk, "990103"), report(desk, "990102")
    until(lambda: {neighbour, own} <= set(heard["city"]) and own in heard["county"])
    # Two that moved between two looks are told in any order.
    assert {name: set(moved) for name, moved in heard.items()} == {
        "city": {neighbour, own},
        "county": {own},
        "live": set(),
    }


def test_nobody_hears_after_leaving(live: Live, desk: Desk) -> None:
    heard: list[Moved] = []
    leave = live.subscribe(CITY, heard.append)
    leave()
    leave()
    incident_id = report(desk)
    until(lambda: live.revision(incident_id) == 1)
    assert heard == []
    assert live.subscribers == 0


def test_a_cut_line_is_mended_and_nothing_missed(
    live: Live, desk: Desk, superuser_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "onemap.live")
    heard: list[Moved] = []
    live.subscribe(CITY, heard.append)
    before = report(desk)
    until(lambda: bool(heard))
    with psycopg.connect(libpq_conninfo(superuser_url), autocommit=True) as administrator:
        cut = administrator.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query LIKE %s"
            " AND datname = current_database()",
            [f"LISTEN %{CHANNEL}%"],
        ).fetchone()
    assert cut is not None and cut[0] >= 1  # the one of the test before may still be on its way out
    after = report(desk)
    until(lambda: len(heard) >= 2)
    assert [moved.incident_id for moved in heard] == [before, after]


def test_a_hint_that_is_lost_is_caught_up(database: Database, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    # The planted fault: nobody ever says anything on the channel it listens to.
    monkeypatch.setattr("command_ui.live.CHANNEL", "onemap_deaf")
    monkeypatch.setattr("command_ui.live.POLL_EVERY_S", 1.0)
    deaf = Live(database)
    deaf.start()
    try:
        until(lambda: deaf.age_s() < 60)
        incident_id = report(desk)
        until(lambda: deaf.revision(incident_id) == 1)
    finally:
        deaf.stop()


def test_a_hint_that_is_lost_is_caught_up_where_alarms_never_fall_silent(
    database: Database, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two hundred messages a second leave no quiet moment; the record is looked at all the same."""
    monkeypatch.setattr("command_ui.live.CHANNEL", "onemap_deaf")
    monkeypatch.setattr("command_ui.live.POLL_EVERY_S", 1.0)
    over = threading.Event()

    def sensors() -> None:
        with psycopg.connect(libpq_conninfo(database.url), autocommit=True) as connection:
            while not over.wait(0.02):
                connection.execute("SELECT pg_notify(%s, 'drill:990102')", (ALARM_CHANNEL,))

    deaf, noise = Live(database), threading.Thread(target=sensors)
    deaf.start()
    noise.start()
    try:
        until(lambda: deaf.age_s() < 60)
        incident_id = report(desk)
        until(lambda: deaf.revision(incident_id) == 1)
    finally:
        over.set()
        noise.join()
        deaf.stop()


def test_one_thread_whatever_happens(database: Database) -> None:
    def listening() -> set[threading.Thread]:
        return {thread for thread in threading.enumerate() if thread.name == "onemap-live"} - before

    before = set(threading.enumerate())  # a server of another module may still be on its way out
    listener = Live(database)
    listener.start()
    listener.start()
    assert len(listening()) == 1
    listener.stop()
    assert not listening()
