"""Is the situation the same for the same entries, at any moment, in one go or step by step?"""

import functools
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import InputError
from scenarios.events import (
    BY_CODE,
    CaseChanged,
    CasualtiesReported,
    Correction,
    Entry,
    EvacuationCounted,
    Event,
    HazardForecast,
    IncidentClosed,
    IncidentReported,
    Note,
    event_of,
    payload_of,
    schema_of,
)
from scenarios.grade import suggest
from scenarios.reports.events import ReportSent
from scenarios.situation import Situation, apply, situation_at, situation_hash

INCIDENT = UUID("11111111-2222-4333-8444-555555555555")
START = datetime(2026, 11, 24, 6, 0, 12, tzinfo=UTC)
CASE = {"name": "演练", "weather": {"wind_from_deg": 225}}
TURNED = {"name": "演练", "weather": {"wind_from_deg": 265}}


def hazard(run_id: str, case: dict[str, Any]) -> HazardForecast:
    return HazardForecast(run_id, "ok", 0.1, {}, case, {"type": "FeatureCollection", "features": []}, None, {})


EVENTS: tuple[Event, ...] = (
    hazard("R-1", CASE),
    hazard("R-2", CASE),
    CaseChanged(TURNED, "风向转变"),
    hazard("R-3", TURNED),
    Note("一行"),
    CasualtiesReported(dead=1, missing=2),
    EvacuationCounted(1200, START, sheltered=900, waiting=40),
    suggest(CasualtiesReported(dead=3)),
    Correction(1, "00", "时间有误"),
    ReportSent("first", "phone", 1, "市应急局", START + timedelta(minutes=12)),
    IncidentClosed("结束"),
)
REPORTED = IncidentReported("氯气泄漏", 118.71, 31.41, START, START + timedelta(minutes=3), "alarm", case=CASE)


def entries_of(events: tuple[Event, ...]) -> list[Entry]:
    return [
        Entry(
            INCIDENT, n, event.code, "何静", None, START + timedelta(seconds=10 * n), payload_of(event), (), "", f"{n}"
        )
        for n, event in enumerate(events, 1)
    ]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(EVENTS), max_size=12), st.integers(0, 13))
def test_the_fold_is_deterministic_and_a_moment_is_a_shorter_fold(events: list[Event], known: int) -> None:
    entries = entries_of((REPORTED, *events))
    stepwise = functools.reduce(lambda situation, entry: apply(entry, situation), entries, Situation())
    assert situation_at(entries) == stepwise
    assert situation_hash(situation_at(entries)) == situation_hash(stepwise)
    moment = START + timedelta(seconds=10 * known)
    assert situation_at(entries, moment) == situation_at(entries[:known])


def test_the_hash_does_not_depend_on_the_readers_time_zone_but_on_every_entry() -> None:
    from zoneinfo import ZoneInfo

    entries = entries_of((REPORTED, Note("一行")))
    here = ZoneInfo("Asia/Shanghai")
    from dataclasses import replace

    moved = [replace(entry, recorded_at=entry.recorded_at.astimezone(here)) for entry in entries]
    assert situation_hash(situation_at(moved)) == situation_hash(situation_at(entries))
    other = entries_of((REPORTED, Note("一行。")))
    assert situation_hash(situation_at(other)) != situation_hash(situation_at(entries))


def test_a_hole_or_a_stranger_in_the_log_is_an_error() -> None:
    entries = entries_of((REPORTED, Note("a"), Note("b")))
    with pytest.raises(ValueError, match="hole"):
        situation_at([entries[0], entries[2]])
    from dataclasses import replace

    stranger = replace(entries[1], incident_id=UUID(int=7))
    with pytest.raises(ValueError, match="incident"):
        situation_at([entries[0], stranger])


def test_a_changed_case_makes_earlier_runs_stale_and_keeps_them() -> None:
    entries = entries_of((REPORTED, hazard("R-1", CASE), CaseChanged(TURNED, "风向转变"), hazard("R-2", TURNED)))
    before, after, renewed = (situation_at(entries[:n]) for n in (2, 3, 4))
    assert before.run is not None and before.run.stale_since is None
    assert after.run is not None and (after.run.run_id, after.run.stale_since) == ("R-1", 3)
    assert after.weather == {"wind_from_deg": 265}
    assert [(run.run_id, run.stale_since, run.superseded_by) for run in renewed.runs] == [
        ("R-1", 3, "R-2"),
        ("R-2", None, None),
    ]


def test_a_run_finished_on_an_old_case_is_stale_from_the_start() -> None:
    entries = entries_of((REPORTED, CaseChanged(TURNED, "风向转变"), hazard("R-1", CASE)))
    run = situation_at(entries).run
    assert run is not None
    assert run.stale_since == 2


def test_the_last_count_of_an_evacuation_stands() -> None:
    counts = (EvacuationCounted(300, START), EvacuationCounted(1200, START, sheltered=900, waiting=0))
    entries = entries_of((REPORTED, *counts))
    assert (situation_at(entries[:2]).evacuated, situation_at(entries).evacuated) == counts
    with pytest.raises(InputError):
        event_of("evacuation_counted", {"people": -1, "counted_at": START.isoformat()})


def test_what_was_known_then_leaves_later_corrections_out() -> None:
    entries = entries_of((REPORTED, Note("两人受伤"), Correction(2, "2", "实为三人", "三人受伤")))
    assert situation_at(entries).struck == ((2, 3),)
    assert situation_at(entries, entries[1].recorded_at).struck == ()


def test_an_entry_of_a_newer_version_is_kept_and_changes_nothing_else() -> None:
    from dataclasses import replace

    entries = entries_of((REPORTED, Note("a")))
    newer = replace(entries[1], kind="kind_of_tomorrow", payload={"x": 1})
    situation = situation_at([entries[0], newer])
    assert (situation.seq, situation.title, situation.entries[-1]) == (2, "氯气泄漏", newer)


@pytest.mark.parametrize("event", [REPORTED, *EVENTS], ids=lambda event: event.code)
def test_every_event_comes_back_from_its_payload(event: Event) -> None:
    assert event_of(event.code, payload_of(event)) == event


def test_a_payload_with_faults_names_them_all() -> None:
    with pytest.raises(InputError, match=r"text: .*; note: extra"):
        event_of("note", {"extra": 1})


def test_every_kind_has_a_code_a_sentence_and_a_schema() -> None:
    for code, kind in BY_CODE.items():
        assert kind.code == code
        assert kind.__doc__
        assert schema_of(code)["type"] == "object"
