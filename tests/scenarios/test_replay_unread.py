"""Is an event that is read at the first look like any other, and is what nobody looks at left in the record?"""

import gc
import threading
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import rfc8785

from gis.database import Caller, Database
from scenarios import log
from scenarios.desk import Desk, ReportIncident
from scenarios.entries import WIDTH
from scenarios.events import Event, ExposureAssessed, HazardForecast, Note, payload_of
from scenarios.replay.desk import ReplayDesk
from scenarios.replay.keeper import Keeper
from scenarios.replay.unread import fill, is_read, number_of, unread
from scenarios.situation import situation_at, situation_hash

DRILL = Caller("演练导调", "990100", "990200", "drill")
RUN = HazardForecast("R-1", "ok", 0.1, {}, {"name": "演练"}, {"type": "FeatureCollection", "features": []}, None, {})
START = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
RUNS = 12


class Reading:
    """Gives a run and counts how often it was asked."""

    def __init__(self, event: Event = RUN) -> None:
        self.event, self.asked = event, 0

    def __call__(self) -> Event:
        self.asked += 1
        return self.event


def test_it_is_read_once_and_only_when_somebody_looks() -> None:
    reading = Reading()
    one = unread(HazardForecast, 7, reading)
    assert isinstance(one, HazardForecast)
    assert (one.code, one.lane, number_of(one), is_read(one), reading.asked) == (RUN.code, RUN.lane, 7, False, 0)
    assert (one.run_id, one.zones, one.domino) == (RUN.run_id, RUN.zones, None)
    assert (number_of(one), is_read(one), reading.asked) == (7, True, 1)
    with pytest.raises(AttributeError):
        _ = one.nothing  # type: ignore[attr-defined]
    assert (number_of(RUN), is_read(RUN)) == (None, True)


def test_it_is_equal_both_ways_and_is_written_like_any_other() -> None:
    def another() -> Event:
        return unread(HazardForecast, 7, Reading())

    plain, other = replace(RUN), replace(RUN, run_id="R-2")
    assert another() == plain and plain == another() and another() == another() and (plain,) == (another(),)
    assert another() != other and other != another()
    assert another() != unread(ExposureAssessed, 8, Reading())
    assert payload_of(another()) == payload_of(RUN)
    assert (repr(another()), asdict(another())) == (repr(RUN), asdict(RUN))  # type: ignore[call-overload]
    changed = replace(another(), run_id="R-2")  # type: ignore[type-var]
    assert changed == other and number_of(changed) is None, "what was changed lies in no entry"


def test_what_was_read_ahead_is_not_read_again() -> None:
    reading = Reading()
    one = unread(HazardForecast, 7, reading)
    fill(one, RUN)
    assert is_read(one) and one == RUN and reading.asked == 0


def test_its_outlines_are_left_alone_by_the_collector_and_equal_to_those_of_any_other() -> None:
    ring = [[118.7 + 0.001 * n, 31.4] for n in range(50)]
    shape = {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]}, "properties": {"levels": [1]}}
    plain = replace(RUN, zones={"type": "FeatureCollection", "features": [shape]})
    one = unread(HazardForecast, 7, Reading(plain))
    assert one == plain and plain == one and one == unread(HazardForecast, 7, Reading(plain))
    assert one != replace(plain, zones={"type": "FeatureCollection", "features": []})
    assert isinstance(one, HazardForecast)
    kept = one.zones["features"][0]
    assert kept["geometry"]["coordinates"] == (tuple(map(tuple, ring)),) and kept["properties"] == {"levels": [1]}
    gc.collect()
    assert not any(gc.is_tracked(position) for position in kept["geometry"]["coordinates"][0])
    assert plain.zones["features"][0]["geometry"]["coordinates"] == [ring], "what was given stays as it is"
    assert rfc8785.dumps(kept) == rfc8785.dumps(shape)


def test_two_that_look_at_once_both_see_the_whole() -> None:
    both = threading.Barrier(2, timeout=120)

    def read() -> Event:
        both.wait()
        return RUN

    one, seen = unread(HazardForecast, 7, read), []
    threads = [threading.Thread(target=lambda: seen.append(one == RUN)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert seen == [True, True]


def test_a_seek_reads_the_runs_it_draws_and_leaves_the_others(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(database, tmp_path / "networks")
    told = ReportIncident("演练 多次研判", 118.7, 31.4, START, division_code="990102")
    incident = desk.report(told, DRILL).incident_id
    lines: list[Event] = [replace(RUN, run_id=f"R-{n}") for n in range(RUNS)]
    lines += [Note(f"第 {n} 行") for n in range(WIDTH + 9 - RUNS)]
    outcomes = log.append_kept(database, DRILL, incident, [log.Kept(line, uuid4()) for line in lines])
    assert all(isinstance(one, log.Receipt) for one in outcomes)
    Keeper(ReplayDesk(desk)).keep_all()
    asked: list[int] = []
    real = log.read_numbers

    def read_numbers(connection: Any, incident_id: UUID, numbers: Any) -> Any:
        asked.extend(numbers)
        return real(connection, incident_id, numbers)

    monkeypatch.setattr(log, "read_numbers", read_numbers)
    replay = ReplayDesk(desk)
    found = replay.at(incident, DRILL, seq=WIDTH + 3)
    of_runs = [seq for seq in asked if seq <= RUNS + 1]
    assert 1 <= len(of_runs) <= 4 < RUNS and max(of_runs) == RUNS + 1, "the last runs, and no other"
    assert found.run is not None and found.run.hazard is not None and is_read(found.run.hazard)
    first = found.runs[0].hazard
    assert first is not None and not is_read(first)
    assert replay.at(incident, DRILL, seq=WIDTH + 5).runs[0].hazard is first, "stretches share it"
    direct = situation_at(desk.entries(incident, caller=DRILL)[: WIDTH + 3])
    assert situation_hash(found) == situation_hash(direct) and found == direct
    assert is_read(first)
    assert sorted({seq for seq in asked if seq <= RUNS + 1}) == list(range(2, RUNS + 2)), "each was read once at most"
