"""Do orders keep to their table of steps, their timers to the second, and doubts to the run they come from?"""

import functools
import itertools
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.decisions.events import DecisionRecorded, Option
from scenarios.events import CaseChanged, Correction, Entry, Event, HazardForecast, IncidentReported, payload_of
from scenarios.orders.attachments import kind_of
from scenarios.orders.doubts import doubts
from scenarios.orders.events import OrderDrafted, OrderEscalated, OrderMoved, OrderNoted, OrderReviewed, OrderRewritten
from scenarios.orders.states import NEXT, RUNNING, STATES, State, may_follow
from scenarios.orders.timers import OrderPolicy, due_at, policy_for, timers
from scenarios.roads.events import ClosureReported
from scenarios.situation import Situation, apply, situation_at, situation_hash

INCIDENT = UUID("11111111-2222-4333-8444-555555555555")
START = datetime(2026, 11, 24, 6, 0, 12, tzinfo=UTC)
CASE: dict[str, Any] = {"name": "演练", "weather": {"wind_from_deg": 225}}
TURNED: dict[str, Any] = {"name": "演练", "weather": {"wind_from_deg": 265}}
NONE: dict[str, Any] = {"type": "FeatureCollection", "features": []}
REPORTED = IncidentReported("氯气泄漏", 118.71, 31.41, START, START, "alarm", case=CASE, division_code="990102")
BOX = {"type": "Polygon", "coordinates": [[[118.7, 31.4], [118.71, 31.4], [118.71, 31.41], [118.7, 31.4]]]}
CLOSED = ClosureReported("C-1", "area", BOX, "accident", START)
ROW = OrderPolicy("", 180, "duty_commander", "test")


def hazard(run_id: str, case: dict[str, Any] = CASE) -> HazardForecast:
    return HazardForecast(run_id, "ok", 0.1, {}, case, NONE, None, {})


def drafted(order_id: str = "O-1", **more: Any) -> OrderDrafted:
    return OrderDrafted(order_id, "消防一中队", "西门集结, 堵漏侦检", **more)


def folded(*said: Event | tuple[Event, datetime]) -> Situation:
    return situation_at(entries_of(said))


def entries_of(said: tuple[Event | tuple[Event, datetime], ...]) -> list[Entry]:
    entries = []
    for n, one in enumerate(said, 1):
        event, made_at = one if isinstance(one, tuple) else (one, None)
        when = START + timedelta(seconds=n)
        entries.append(Entry(INCIDENT, n, event.code, "何静", made_at, when, payload_of(event), (), f"{n - 1}", f"{n}"))
    return entries


# -- the table -----------------------------------------------------------------------------------------------------

LEGAL: frozenset[tuple[State, State]] = frozenset(
    {
        ("draft", "issued"), ("issued", "acknowledged"), ("acknowledged", "under_way"), ("under_way", "done"),
        ("issued", "cannot"), ("acknowledged", "cannot"), ("under_way", "cannot"),
        ("draft", "withdrawn"), ("issued", "withdrawn"), ("acknowledged", "withdrawn"), ("under_way", "withdrawn"),
    }
)  # fmt: skip
"""草稿 -> 下达 -> 签收 -> 执行中 -> 完成 / 无法执行 / 撤回, written out once more by hand."""


@pytest.mark.parametrize("now", STATES)
@pytest.mark.parametrize("to", STATES)
def test_only_the_steps_of_the_table_are_taken(now: State, to: State) -> None:
    assert may_follow(now, to) == ((now, to) in LEGAL)


@given(st.lists(st.sampled_from(STATES), max_size=12))
@settings(max_examples=200, deadline=None)
def test_whatever_is_asked_the_order_walks_only_legal_steps(asked: list[State]) -> None:
    known = folded(REPORTED, drafted(), *(OrderMoved("O-1", to, "因故") for to in asked))
    (order,) = known.orders.all
    walked: list[State] = ["draft", *(step.said.to for step in order.steps)]
    assert walked[-1] == order.state
    assert all(pair in LEGAL for pair in itertools.pairwise(walked))
    # Nothing asked that was legal at its moment was left out.
    expected: State = "draft"
    for to in asked:
        expected = to if (expected, to) in LEGAL else expected
    assert order.state == expected
    if not NEXT[order.state]:
        assert order.state not in RUNNING


SAYINGS: tuple[Event, ...] = (
    drafted("O-1", run_ids=("R-1",)), drafted("O-2", within_s=600), drafted("O-2"), hazard("R-1"), hazard("R-2"),
    OrderMoved("O-1", "issued"), OrderMoved("O-1", "acknowledged"), OrderMoved("O-2", "done"), CLOSED,
    OrderRewritten("O-2", drafted("O-2", place="西门")), OrderNoted("O-1", "已到西门"), CaseChanged(TURNED, "风向转变"),
    OrderEscalated("O-1", "acknowledge", START, "duty_commander", "test"), OrderReviewed("O-1", "仍有效", ("R-2",)),
    DecisionRecorded("指挥长", "疏散", "在影响区", ("甲", Option("乙", chosen=True)), ("R-1",)),
    Correction(2, "2", "误记"),
)  # fmt: skip


@given(st.lists(st.sampled_from(SAYINGS), max_size=14))
@settings(max_examples=80, deadline=None)
def test_the_same_entries_give_the_same_situation_in_one_go_and_step_by_step(said: list[Event]) -> None:
    entries = entries_of((REPORTED, *said))
    whole = situation_at(entries)
    stepped = functools.reduce(lambda known, entry: apply(entry, known), entries, Situation())
    assert situation_hash(whole) == situation_hash(stepped) == situation_hash(situation_at(entries))
    assert [one.number for one in whole.orders.all] == list(range(1, len(whole.orders.all) + 1))
    assert doubts(whole) == doubts(stepped)


# -- timers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("after_s", "state"), [(179, "running"), (180, "running"), (181, "overdue")])
def test_a_limit_of_three_minutes_is_missed_at_three_minutes_and_one_second(after_s: int, state: str) -> None:
    known = folded(REPORTED, drafted(), OrderMoved("O-1", "issued"))
    (timer,) = timers(known.orders.all[0], ROW)
    assert timer.state(timer.started_at + timedelta(seconds=after_s)) == state


def test_signing_counts_when_it_was_done_not_when_we_heard_of_it() -> None:
    signed_at = START + timedelta(seconds=60)
    late = Entry(
        INCIDENT, 4, "order_moved", "演练消防一中队", signed_at, START + timedelta(minutes=20),
        payload_of(OrderMoved("O-1", "acknowledged", way="field")), (), "3", "4",
    )  # fmt: skip
    known = apply(late, folded(REPORTED, drafted(), OrderMoved("O-1", "issued")))
    (order,) = known.orders.all
    step = order.step("acknowledged")
    assert step is not None and (step.made_at, step.recorded_at) == (signed_at, START + timedelta(minutes=20))
    assert timers(order, ROW)[0].state(START + timedelta(hours=1)) == "met"


def test_an_order_is_due_after_it_was_issued_not_after_it_was_written() -> None:
    waiting = folded(REPORTED, drafted(within_s=600)).orders.all[0]
    assert due_at(waiting) is None and timers(waiting, ROW) == ()
    issued = folded(REPORTED, drafted(within_s=600), OrderMoved("O-1", "issued")).orders.all[0]
    assert due_at(issued) == START + timedelta(seconds=3 + 600)
    ended = folded(REPORTED, drafted(within_s=600), OrderMoved("O-1", "issued"), OrderMoved("O-1", "withdrawn", "误"))
    assert {one.state(START + timedelta(days=1)) for one in timers(ended.orders.all[0], ROW)} == {"ended"}


def test_the_longest_prefix_of_the_place_gives_the_row() -> None:
    rows = (OrderPolicy("", 600, "a", "x"), OrderPolicy("99", 300, "b", "y"), OrderPolicy("9901", 180, "c", "z"))
    assert [policy_for(code, rows).acknowledge_within_s for code in ("320100", "990200", "990102")] == [600, 300, 180]


# -- doubts (T-12) -------------------------------------------------------------------------------------------------


def test_a_turned_wind_puts_in_doubt_what_was_ordered_and_decided_on_the_old_run() -> None:
    before: tuple[Event, ...] = (
        REPORTED, hazard("R-1"), drafted("O-1", run_ids=("R-1",)), OrderMoved("O-1", "issued"),
        drafted("O-2", run_ids=("R-1",)), drafted("O-3"), OrderMoved("O-3", "issued"),
        DecisionRecorded("指挥长", "疏散", "在影响区", run_ids=("R-1",)),
    )  # fmt: skip
    assert doubts(folded(*before)) == ()
    found = doubts(folded(*before, CaseChanged(TURNED, "风向转变")))
    assert {(one.thing, one.name, one.told) for one in found} == {
        ("order", "Z-01", True), ("order", "Z-02", False), ("decision", "D-01", False), ("run", "R-1", False),
    }  # fmt: skip
    assert found[0].told and {(one.run_id, one.since_seq, one.why) for one in found} == {("R-1", 9, "case")}


def test_a_new_run_clears_nothing_by_itself_but_a_person_does() -> None:
    said: tuple[Event, ...] = (
        REPORTED, hazard("R-1"), drafted(run_ids=("R-1",)), OrderMoved("O-1", "issued"),
        CaseChanged(TURNED, "风向转变"), hazard("R-2", TURNED),
    )  # fmt: skip
    assert [one.name for one in doubts(folded(*said))] == ["Z-01"]
    assert doubts(folded(*said, OrderReviewed("O-1", "新结果下仍有效", ("R-2",)))) == ()
    assert doubts(folded(*said, OrderMoved("O-1", "withdrawn", "改派"))) == ()


def test_a_closed_road_doubts_only_what_relies_on_roads() -> None:
    known = folded(
        REPORTED, hazard("R-1"), drafted("O-1", run_ids=("R-1",), relies_on=("zones",)),
        drafted("O-2", run_ids=("R-1",), relies_on=("evacuation",)), drafted("O-3", run_ids=("R-1",)), CLOSED,
    )  # fmt: skip
    assert {one.name for one in doubts(known) if one.thing == "order"} == {"Z-02", "Z-03"}


# -- decisions -----------------------------------------------------------------------------------------------------


def test_a_decision_keeps_its_number_and_its_place_in_the_chain() -> None:
    known = folded(
        REPORTED,
        DecisionRecorded("指挥长", "疏散", "在影响区", (Option("甲", chosen=True), "乙")),
        Correction(2, "2", "误"),
    )
    (one,) = known.decisions
    assert (one.name, one.seq, one.prev_hash, one.hash, one.known_at) == (
        "D-01",
        2,
        "1",
        "2",
        START + timedelta(seconds=2),
    )
    assert [option.title for option in one.options] == ["甲", "乙"] and (2, 3) in known.struck


# -- attachments ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"RIFF\0\0\0\0WEBP", "image/webp"),
        (b"%PDF-1.7", "application/pdf"), (b"\0\0\0\x18ftypheic", "image/heic"), (b"\0\0\0\x18ftypmp42", "video/mp4"),
        (b"<svg xmlns=", None), (b"<html>", None), (b"MZ\x90", None), (b"PK\x03\x04", None), (b"", None),
        (b"RIFF\0\0\0\0WAVE", None),
    ],
)  # fmt: skip
def test_a_file_is_what_its_first_bytes_say(head: bytes, kind: str | None) -> None:
    assert kind_of(head) == kind
