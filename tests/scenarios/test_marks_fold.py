"""What does the fold make of marks drawn, changed, removed and restored?"""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from gis.errors import InputError
from scenarios.events import Entry, Event, IncidentReported, payload_of
from scenarios.marks.drawn import DrawMark, checked, faults_of
from scenarios.marks.events import MarkChanged, MarkEvent, MarkPlaced, MarkRemoved, MarkRestored
from scenarios.situation import Situation, apply, situation_at, situation_hash

INCIDENT = UUID("11111111-2222-4333-8444-555555555555")
START = datetime(2026, 11, 24, 6, 0, 12, tzinfo=UTC)
REPORTED = IncidentReported("氯气泄漏", 118.71, 31.41, START, START, "alarm")


def point(longitude: float = 118.71, latitude: float = 31.41) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [longitude, latitude]}


POST = MarkPlaced("M-1", "D10100", point(), label="现场指挥部", order_id="T-0003")


def entries(*events: Event) -> list[Entry]:
    return [
        Entry(
            INCIDENT,
            n,
            event.code,
            f"用户{n % 3}",
            None,
            START + timedelta(seconds=n),
            payload_of(event),
            (),
            "",
            f"{n}",
        )
        for n, event in enumerate((REPORTED, *events), 1)
    ]


def folded(*events: Event) -> Situation:
    return situation_at(entries(*events))


def test_a_mark_is_placed_changed_removed_and_restored_and_counts_its_versions() -> None:
    moved = MarkChanged("M-1", "D10100", point(118.72), label="现场指挥部（前移）")
    (one,) = folded(POST).marks
    assert (one.number, one.version, one.author, one.order_id, one.removed_seq) == (1, 1, "用户2", "T-0003", None)
    (one,) = folded(POST, moved).marks
    assert (one.version, one.label, one.author, one.changed_by, one.seq) == (
        2,
        "现场指挥部（前移）",
        "用户2",
        "用户0",
        3,
    )
    (one,) = folded(POST, moved, MarkRemoved("M-1")).marks
    assert one.removed_seq == 4 and not one.valid_at(START + timedelta(hours=1))
    (one,) = folded(POST, moved, MarkRemoved("M-1"), MarkRestored("M-1")).marks
    assert one.removed_seq is None and one.geometry == point(118.72) and one.version == 4


def test_what_stood_earlier_is_seen_when_one_looks_back() -> None:
    whole = entries(POST, MarkChanged("M-1", "D10100", point(118.72)), MarkRemoved("M-1"))
    (one,) = situation_at(whole, START + timedelta(seconds=2)).marks
    assert one.geometry == point() and one.removed_seq is None


def test_a_mark_holds_within_its_times_half_open() -> None:
    (one,) = folded(
        MarkPlaced("M-1", "F10100", point(), valid_from=START, valid_until=START + timedelta(hours=2))
    ).marks
    assert not one.valid_at(START - timedelta(seconds=1))
    assert one.valid_at(START) and not one.valid_at(START + timedelta(hours=2))


def test_what_is_said_of_a_mark_nobody_placed_changes_nothing() -> None:
    assert folded(MarkRemoved("M-9"), MarkChanged("M-9", "D10100", point())).marks == ()
    assert len(folded(POST, POST).marks) == 1


@st.composite
def steps(draw: st.DrawFn) -> list[MarkEvent]:
    made: list[MarkEvent] = []
    for number in range(draw(st.integers(1, 14))):
        mark = f"M-{draw(st.integers(1, 3))}"
        at = point(118.7 + number / 1000)
        kind = draw(st.sampled_from(("place", "change", "remove", "restore")))
        if kind == "place":
            made.append(MarkPlaced(mark, "A20400", at))
        elif kind == "change":
            made.append(MarkChanged(mark, "A20600", at))
        else:
            made.append(MarkRemoved(mark) if kind == "remove" else MarkRestored(mark))
    return made


@settings(max_examples=60, deadline=None)
@given(steps())
def test_any_story_folds_the_same_at_once_and_step_by_step(story: list[MarkEvent]) -> None:
    whole = entries(*story)
    stepwise = Situation()
    for entry in whole:
        stepwise = apply(entry, stepwise)
    assert situation_hash(stepwise) == situation_hash(situation_at(whole))
    marks = stepwise.marks
    assert [one.number for one in marks] == list(range(1, len(marks) + 1))
    for one in marks:
        said = [
            event
            for n, event in enumerate(story, 2)
            if n > one.first_seq and event.mark_id == one.mark_id and type(event) is not MarkPlaced
        ]
        assert one.version == 1 + len(said)
        on_and_off = [event for event in said if isinstance(event, MarkRemoved | MarkRestored)]
        assert (one.removed_seq is not None) == (bool(on_and_off) and isinstance(on_and_off[-1], MarkRemoved))


def test_a_mark_is_drawn_as_its_sign_asks_and_all_faults_are_named_at_once() -> None:
    line = {"type": "LineString", "coordinates": [[118.7, 31.4], [118.71, 31.41]]}
    assert faults_of(DrawMark("E30100", line)) == []
    assert "no code" in faults_of(DrawMark("A99999", point()))[0]
    assert "LineString" in faults_of(DrawMark("E30100", point()))[0]
    found = faults_of(DrawMark("D10100", point(200.0), label="长" * 30, opacity=0.0, rotation_deg=float("nan")))
    assert [one.split(":")[0] for one in found] == ["geometry", "label", "rotation_deg", "opacity"]
    bow_tie = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}
    assert "no clear area" in faults_of(DrawMark("F10100", bow_tie))[0]
    with pytest.raises(InputError, match="time zone"):
        checked(DrawMark("D10100", point(), valid_from=datetime(2026, 11, 24)), "M-1")  # noqa: DTZ001 - the fault


def test_coordinates_are_recorded_to_a_tenth_of_a_metre_and_the_turn_within_a_circle() -> None:
    made = checked(DrawMark("D10100", point(118.712345678), rotation_deg=-90.0), "M-1")
    assert made.geometry == point(118.712346) and made.rotation_deg == 270.0
