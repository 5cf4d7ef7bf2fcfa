"""What does the fold make of closures and of the runs that follow them?"""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from scenarios.events import (
    CaseChanged,
    Entry,
    EvacuationProposed,
    Event,
    ExposureAssessed,
    HazardForecast,
    IncidentReported,
    RoutesProposed,
    payload_of,
)
from scenarios.roads.events import ClosureLifted, ClosureMoved, ClosureReported, TeamGivenBack, TeamTaken
from scenarios.situation import Situation, situation_at, situation_hash

INCIDENT = UUID("11111111-2222-4333-8444-555555555555")
START = datetime(2026, 11, 24, 6, 0, 12, tzinfo=UTC)
CASE: dict[str, Any] = {"name": "演练", "weather": {"wind_from_deg": 225}}
NONE: dict[str, Any] = {"type": "FeatureCollection", "features": []}
BOX = {"type": "Polygon", "coordinates": [[[118.7, 31.4], [118.71, 31.4], [118.71, 31.41], [118.7, 31.4]]]}
REPORTED = IncidentReported("氯气泄漏", 118.71, 31.41, START, START, "alarm", case=CASE)
CLOSED = ClosureReported("C-1", "area", BOX, "accident", START, valid_until=START + timedelta(hours=1))


def hazard(run: str) -> HazardForecast:
    return HazardForecast(run, "ok", 0.1, {}, CASE, NONE, None, {})


def exposure(run: str) -> ExposureAssessed:
    return ExposureAssessed(run, "ok", 0.1, {}, True, (), 0, 0, 0, 0, ())


def routes(run: str, based_on: str = "") -> RoutesProposed:
    return RoutesProposed(run, "ok", 0.1, {}, NONE, NONE, 0, "sample", "given", based_on=based_on)


def leaving(run: str, people: int = 10) -> EvacuationProposed:
    return EvacuationProposed(run, "ok", 0.1, {}, NONE, (), (), (), people, people)


WHOLE: tuple[Event, ...] = (REPORTED, hazard("R-1"), exposure("R-1"), routes("R-1"), leaving("R-1"))


def folded(*events: Event) -> Situation:
    return situation_at(
        Entry(INCIDENT, n, event.code, "何静", None, START + timedelta(seconds=n), payload_of(event), (), "", f"{n}")
        for n, event in enumerate(events, 1)
    )


def test_a_closure_puts_the_last_run_in_doubt_and_says_that_it_was_the_roads() -> None:
    known = folded(*WHOLE, CLOSED)
    assert known.run is not None
    assert (known.run.stale_since, known.run.stale_why) == (6, "roads")
    (closure,) = known.closures
    assert (closure.number, closure.first_seq, closure.lifted_seq) == (1, 6, None)
    assert closure.holds_at(START) and not closure.holds_at(START + timedelta(hours=1))
    assert not closure.holds_at(START - timedelta(seconds=1))


def test_a_run_that_follows_keeps_zones_and_people_and_waits_for_its_evacuation() -> None:
    known = folded(*WHOLE, CLOSED, routes("R-2", based_on="R-1"))
    old, new = known.runs
    assert (old.superseded_by, old.stale_why) == ("R-2", "roads")
    assert (new.hazard, new.exposure, new.evacuation) == (old.hazard, old.exposure, old.evacuation)
    assert (new.based_on, new.awaiting, new.stale_since) == ("R-1", ("evacuation",), None)
    then = folded(*WHOLE, CLOSED, routes("R-2", based_on="R-1"), leaving("R-2", 9))
    assert then.run is not None and then.run.awaiting == ()
    assert then.evacuation is not None and then.evacuation.people == 9
    assert then.runs[0].evacuation is not None and then.runs[0].evacuation.people == 10


def test_what_the_weather_put_in_doubt_new_routes_do_not_clear() -> None:
    turned = CaseChanged({**CASE, "weather": {"wind_from_deg": 265}}, "风向转变")
    known = folded(*WHOLE, turned, CLOSED, routes("R-2", based_on="R-1"), leaving("R-2"))
    assert known.run is not None
    assert (known.run.run_id, known.run.stale_since, known.run.stale_why) == ("R-2", 6, "case")


def test_moved_and_lifted_closures_stay_on_record() -> None:
    other = {"type": "Polygon", "coordinates": [[[118.8, 31.4], [118.81, 31.4], [118.81, 31.41], [118.8, 31.4]]]}
    known = folded(*WHOLE, CLOSED, ClosureMoved("C-1", other), ClosureLifted("C-1", "已清障"))
    (closure,) = known.closures
    assert (closure.geometry, closure.seq, closure.lifted_seq) == (other, 8, 8)
    assert not closure.holds_at(START)
    before = situation_at(known.entries, START + timedelta(seconds=6))
    assert before.closures[0].geometry == BOX, "replay sees the closure as it was"
    assert situation_hash(situation_at(known.entries)) == situation_hash(known)


def test_a_team_is_taken_and_given_back() -> None:
    taken = folded(*WHOLE, TeamTaken("DW-001", "演练消防站"), TeamTaken("DW-002", "演练急救站"))
    assert [one.team_id for one in taken.taken] == ["DW-001", "DW-002"]
    back = folded(*WHOLE, TeamTaken("DW-001", "演练消防站"), TeamGivenBack("DW-001", "演练消防站"))
    assert back.taken == ()
