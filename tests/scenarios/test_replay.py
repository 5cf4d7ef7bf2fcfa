"""Is any moment found as if there were no other, the same in every process, and does looking leave no trace?"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from gis.database import Caller, Database
from gis.errors import InputError, MissingError, RefusedError
from scenarios import log
from scenarios.desk import Desk, ReportIncident
from scenarios.events import (
    CaseChanged,
    CasualtiesReported,
    Correction,
    Entry,
    Event,
    ExposureAssessed,
    HazardForecast,
    IncidentClosed,
    IncidentReported,
    Note,
    ResponseLevelSet,
    payload_of,
)
from scenarios.replay.comparing import compare
from scenarios.replay.course import STRIDE, Course
from scenarios.replay.desk import ReplayDesk
from scenarios.roads.events import ClosureLifted, ClosureReported, TeamGivenBack, TeamTaken
from scenarios.situation import Situation, apply, situation_at, situation_hash

INCIDENT = UUID("11111111-2222-4333-8444-555555555555")
START = datetime(2026, 11, 24, 6, 0, 12, tzinfo=UTC)
DRILL = Caller("演练导调", "990100", "990200", "drill")
CASE: dict[str, Any] = {"name": "演练", "weather": {"wind_from_deg": 225.0, "wind_speed_m_s": 2.8}}
TURNED: dict[str, Any] = {"name": "演练", "weather": {"wind_from_deg": 265.0, "wind_speed_m_s": 2.8}}
AREA = {"type": "Polygon", "coordinates": [[[118.7, 31.4], [118.71, 31.4], [118.71, 31.41], [118.7, 31.4]]]}


def hazard(run_id: str, case: dict[str, Any]) -> HazardForecast:
    zone = {"type": "Feature", "geometry": AREA, "properties": {"level": 3, "reach_m": 900.0}}
    return HazardForecast(run_id, "ok", 0.1, {}, case, {"type": "FeatureCollection", "features": [zone]}, None, {})


def exposure(run_id: str, people: int) -> ExposureAssessed:
    band = {"level": 3, "level_name": "AEGL-3", "people_day": people, "people_night": people // 2}
    return ExposureAssessed(run_id, "ok", 0.1, {}, True, (band,), 9000, 9000, 1, 1, ())


REPORTED = IncidentReported("氯气泄漏", 118.71, 31.41, START, START + timedelta(minutes=3), "alarm", case=CASE)
EVENTS: tuple[Event, ...] = (
    Note("一行"),
    hazard("R-1", CASE),
    exposure("R-1", 1200),
    CaseChanged(TURNED, "风向转变"),
    hazard("R-2", TURNED),
    exposure("R-2", 400),
    CasualtiesReported(dead=1, missing=2),
    ResponseLevelSet(2, "扩大"),
    ClosureReported("c-1", "area", AREA, "hazard", START),
    ClosureLifted("c-1"),
    TeamTaken("t-1", "消防一站"),
    TeamGivenBack("t-1", "消防一站"),
    Correction(1, "00", "时间有误"),
    IncidentClosed("结束"),
)


def entries_of(events: list[Event], *, together: int = 1) -> list[Entry]:
    """Entries ten seconds apart; `together` of them share a moment, as those of one transaction do."""
    return [
        Entry(
            INCIDENT, n, event.code, "何静", None, START + timedelta(seconds=10 * (n // together)),
            payload_of(event), (), "", f"{n}",
        )
        for n, event in enumerate([REPORTED, *events], 1)
    ]  # fmt: skip


def course_of(entries: list[Entry], parts: list[int]) -> Course:
    """Course that took the entries in parts of these lengths, the rest at once."""
    course, at = Course(), 0
    for length in [*parts, len(entries)]:
        part = entries[at : at + length]
        at += len(part)
        if part:
            course.grow(lambda after, part=part: part if after == part[0].seq - 1 else [], part[-1].seq)
    return course


# -- the fold, without a database ------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from(EVENTS), max_size=40),
    st.lists(st.integers(1, 9), max_size=4),
    st.lists(st.integers(-1, 420), min_size=1, max_size=8),
    st.integers(1, 4),
)
def test_a_seek_from_anywhere_is_the_fold_of_what_was_known(
    events: list[Event], parts: list[int], seconds: list[int], together: int
) -> None:
    entries = entries_of(events, together=together)
    course = course_of(entries, parts)
    for after_s in [*seconds, *reversed(seconds)]:
        moment = START + timedelta(seconds=after_s)
        direct = situation_at(entries, moment)
        assert course.at(moment) == direct
        assert situation_hash(course.at(moment)) == situation_hash(direct)
    stepwise = Situation()
    for n, entry in enumerate(entries, 1):
        stepwise = apply(entry, stepwise)
        assert course.after(n) == stepwise


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_across_the_kept_situations_backwards_and_forwards_are_the_same(data: st.DataObject) -> None:
    events = [EVENTS[n % 3 if n % 7 else n % len(EVENTS)] for n in range(3 * STRIDE + 20)]
    entries = entries_of(events)
    course = course_of(entries, [data.draw(st.integers(1, 2 * STRIDE))])
    wanted = data.draw(st.lists(st.integers(0, len(entries) + 5), min_size=2, max_size=5))
    edges = [STRIDE - 1, STRIDE, STRIDE + 1, 2 * STRIDE, 3 * STRIDE]
    first = {seq: situation_hash(course.after(seq)) for seq in [*wanted, *edges]}
    for seq in reversed([*wanted, *edges]):
        assert situation_hash(course.after(seq)) == first[seq]
        assert first[seq] == situation_hash(situation_at(entries[:seq]))
    assert course.after(0) == Situation()


def test_a_course_refuses_a_hole_and_stays_what_it_was() -> None:
    entries = entries_of([Note("a"), Note("b"), Note("c")])
    course = course_of(entries[:2], [])
    before = course.latest
    with pytest.raises(ValueError, match="hole"):
        course.grow(lambda _after: [entries[3]], 4)
    assert course.latest is before
    course.grow(lambda _after: entries[2:], 4)
    assert course.latest.seq == 4


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(EVENTS), max_size=25), st.integers(0, 25), st.integers(0, 25))
def test_what_differs_is_the_same_read_from_either_side(events: list[Event], one: int, other: int) -> None:
    entries = entries_of(events)
    a, b = situation_at(entries[: one + 1]), situation_at(entries[: other + 1])
    assert not any(line.differs for line in compare(a, a))
    there = {(line.code, line.subject): line.values for line in compare(a, b) if line.differs}
    back = {(line.code, line.subject): line.values[::-1] for line in compare(b, a) if line.differs}
    assert there == back


def test_the_lines_say_what_a_commander_asks_first() -> None:
    entries = entries_of([hazard("R-1", CASE), exposure("R-1", 1200), CaseChanged(TURNED, "风"),
                          hazard("R-2", TURNED), exposure("R-2", 400), ResponseLevelSet(2, "扩大")])  # fmt: skip
    lines = {line.code: line.values for line in compare(situation_at(entries[:3]), situation_at(entries))}
    assert lines["people"] == (1200, 400)
    assert lines["wind_from"] == (225.0, 265.0)
    assert lines["response"] == (None, 2)
    assert lines["reach"] == (900.0, 900.0)
    assert "marks" not in lines


# -- with the record -------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    return Desk(database, tmp_path)


@pytest.fixture
def incident(desk: Desk) -> UUID:
    place = {"longitude": 118.70, "latitude": 31.40, "occurred_at": START}
    incident_id = desk.report(ReportIncident(title="演练 氯气泄漏", division_code="990102", **place), DRILL).incident_id
    for event in (Note("一"), hazard("R-1", CASE), exposure("R-1", 1200), CasualtiesReported(dead=1), Note("二")):
        desk.record(incident_id, event, DRILL)
    return incident_id


@pytest.fixture
def counted(database: Database, owner_database: Database) -> Callable[[], dict[str, tuple[int, int, int]]]:
    """Rows ever written to, changed in and deleted from every table."""

    def count() -> dict[str, tuple[int, int, int]]:
        # A session tells what it wrote when it ends, and else some seconds later.
        database.close()
        until = time.monotonic() + 60
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        while True:
            with owner_database.transaction(Caller.system()) as connection:
                if not connection.execute(text(others)).scalar_one():
                    break
            assert time.monotonic() < until, "somebody else still works here"
            time.sleep(0.05)
        with owner_database.transaction(Caller.system()) as connection:
            connection.execute(text("SELECT pg_stat_force_next_flush()"))
            connection.execute(text("SELECT pg_stat_clear_snapshot()"))
            rows = connection.execute(
                text("SELECT schemaname || '.' || relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_user_tables")
            )
            return {row[0]: (row[1], row[2], row[3]) for row in rows}

    return count


def test_live_is_replay_at_now(desk: Desk, incident: UUID) -> None:
    live = desk.situation(incident, caller=DRILL)
    assert situation_hash(desk.replay.at(incident, DRILL)) == situation_hash(live)
    assert situation_hash(desk.replay.at(incident, DRILL, seq=3)) == situation_hash(
        desk.situation(incident, live.entries[2].recorded_at, caller=DRILL)
    )
    desk.record(incident, Note("三"), DRILL)
    assert desk.replay.at(incident, DRILL).entries[-1].payload == {"text": "三"}
    again = desk.replay.at(incident, DRILL, seq=live.seq)
    assert situation_hash(again) == situation_hash(live), "what was known stays what it was"
    assert desk.replay.warm(incident, DRILL) == live.seq + 1


def test_a_long_record_is_folded_only_as_far_as_it_is_asked(
    desk: Desk, incident: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scenarios.replay.desk.PART", 2)
    replay = ReplayDesk(desk)
    span = replay.span(incident, DRILL)
    assert (span.known, span.head.seq) == (2, 7)
    assert span.first_at <= span.last_at
    third = desk.situation(incident, caller=DRILL).entries[2]
    assert replay.at(incident, DRILL, moment=third.recorded_at).seq == 3
    assert replay.span(incident, DRILL).known < 7
    assert replay.warm(incident, DRILL) == 7
    assert replay.span(incident, DRILL).known == 7


def test_nothing_can_be_written_from_a_replay(desk: Desk, incident: UUID, counted: Any) -> None:
    replay, before = desk.replay, counted()
    head = desk.situation(incident, caller=DRILL).seq
    attempts: list[Callable[[], object]] = [
        lambda: replay.note(incident, "回放中写一行", DRILL),
        lambda: replay.record(incident, CasualtiesReported(dead=9), DRILL),
        lambda: replay.record(incident, IncidentClosed("回放"), DRILL, expected_seq=head),
        lambda: replay.correct(incident, 1, "回放", DRILL),
        lambda: replay.change_case(incident, {"name": "x"}, "回放", DRILL),
        lambda: replay.report(
            ReportIncident(title="回放", longitude=118.7, latitude=31.4, occurred_at=START, division_code="990102"),
            DRILL,
        ),
        lambda: replay.teams.take(incident, "t-1", DRILL),
        lambda: replay.road.lift_closure(incident, "c-1", DRILL, expected_seq=head),
        lambda: log.append_once(replay.database, DRILL, incident, Note("回放")),
        lambda: log.append_kept(replay.database, DRILL, incident, [log.Kept(Note("回放"), UUID(int=9))]),
    ]
    for attempt in attempts:
        with pytest.raises((RefusedError, InputError, MissingError, TypeError)):
            attempt()
    for statement in (
        "UPDATE record.decision_event SET kind = 'x'",
        "SELECT set_config('transaction_read_only', 'off', true)",
        "SET TRANSACTION READ WRITE",
        "CREATE TEMP TABLE t AS SELECT 1",
    ):
        with pytest.raises((RefusedError, DBAPIError)), replay.database.transaction(DRILL) as connection:
            connection.execute(text(statement))
            if "TEMP" in statement:
                raise AssertionError("a table was made")
    assert desk.situation(incident, caller=DRILL).seq == head
    assert {name: rows for name, rows in counted().items() if rows != before.get(name)} == {}


def test_playing_an_incident_leaves_no_trace(desk: Desk, incident: UUID, counted: Any) -> None:
    replay, before = desk.replay, counted()
    head = desk.situation(incident, caller=DRILL).seq
    for seq in [*range(head + 1), *range(head, -1, -1)]:
        replay.at(incident, DRILL, seq=seq)
    replay.span(incident, DRILL)
    replay.incidents(DRILL)
    with pytest.raises(InputError, match="nothing was known about the release"):
        from scenarios.replay.branch import Changes, imagine

        imagine(replay, incident, DRILL, datetime.now(UTC), Changes(wind_from_deg=90.0))
    assert desk.situation(incident, caller=DRILL).seq == head
    assert counted() == before


def test_who_may_not_see_an_incident_may_not_replay_it(desk: Desk, incident: UUID) -> None:
    for caller in (Caller("外区", "320400", "320500", "drill"), Caller("实战", "990100", "990200", "live")):
        for look in (lambda c: desk.replay.at(incident, c), lambda c: desk.replay.span(incident, c)):
            with pytest.raises(MissingError):
                look(caller)


@pytest.mark.parametrize(
    ("asked", "fault"),
    [
        ({"moment": datetime(2026, 1, 1)}, "time zone"),  # noqa: DTZ001
        ({"seq": -1}, "numbered from 1"),
        ({"seq": 1, "moment": START}, "not both"),
    ],
)
def test_a_moment_that_is_none_is_refused(desk: Desk, incident: UUID, asked: dict[str, Any], fault: str) -> None:
    with pytest.raises(InputError, match=fault):
        desk.replay.at(incident, DRILL, **asked)


HASHES = """
import sys
from pathlib import Path
from uuid import UUID
from gis.database import Caller, Database
from scenarios.desk import Desk
from scenarios.situation import situation_hash
replay = Desk(Database(sys.argv[1]), Path(sys.argv[3])).replay
caller = Caller("演练导调", "990100", "990200", "drill")
for seq in map(int, sys.argv[4:]):
    print(seq, situation_hash(replay.at(UUID(sys.argv[2]), caller, seq=seq)))
"""


def test_two_processes_give_every_moment_the_same_hash(
    desk: Desk, incident: UUID, database_url: str, tmp_path: Path
) -> None:
    here = {seq: situation_hash(desk.replay.at(incident, DRILL, seq=seq)) for seq in range(7)}
    for zone, seed, place, order in (
        ("Asia/Shanghai", "0", "zh_CN.UTF-8", [0, 1, 2, 3, 4, 5, 6]),
        ("America/St_Johns", "4711", "C", [6, 2, 5, 0]),
    ):
        environment = os.environ | {"TZ": zone, "PYTHONHASHSEED": seed, "LC_ALL": place, "LANG": place}
        command = [sys.executable, "-c", HASHES, database_url, str(incident), str(tmp_path), *map(str, order)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=800, check=True)
        there = {int(seq): digest for seq, digest in (line.split() for line in done.stdout.splitlines())}
        assert there == {seq: here[seq] for seq in order}
