"""Do commands about orders and decisions end in the record once, and are the illegal ones refused without a trace?"""

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from PIL import Image

from gis.database import Caller, Database
from gis.errors import ConflictError, InputError, MissingError
from scenarios.decisions.desk import NewDecision
from scenarios.decisions.events import Option
from scenarios.desk import Desk, ReportIncident
from scenarios.events import CaseChanged, HazardForecast, Note
from scenarios.orders.desk import NewOrder, Said
from scenarios.orders.doubts import doubts
from scenarios.orders.fold import Order
from scenarios.orders.timers import POLICIES, OrderPolicy

DRILL = Caller("演练值班员", "990100", "990200", "drill")
TEAM = Caller("field", "990100", "990200", "drill")
SYSTEM = Caller("system", "000000", "999999", "drill")
CASE: dict[str, Any] = {"name": "演练", "weather": {"wind_from_deg": 225}}
NONE: dict[str, Any] = {"type": "FeatureCollection", "features": []}
WANTED = NewOrder("消防一中队", "西门集结, 堵漏侦检", unit_id="DW-001", within_s=600)


@pytest.fixture(scope="module")
def desk(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(database, Path(tmp_path_factory.mktemp("house")) / "networks")


@pytest.fixture
def incident(desk: Desk) -> UUID:
    report = ReportIncident(
        "演练 氯气泄漏", 118.70, 31.40, datetime.now(UTC) - timedelta(minutes=4), division_code="990102"
    )
    return desk.report(report, DRILL).incident_id


def run(desk: Desk, incident: UUID, run_id: str) -> None:
    desk.record(incident, HazardForecast(run_id, "ok", 0.1, {}, CASE, NONE, None, {}), DRILL)


def order_of(desk: Desk, incident: UUID, order_id: str) -> Order:
    found = desk.situation(incident, caller=DRILL).orders.named(order_id)
    assert found is not None
    return found


def seq_of(desk: Desk, incident: UUID) -> int:
    return desk.situation(incident, caller=DRILL).seq


def test_an_order_goes_its_way_and_every_step_keeps_both_times(desk: Desk, incident: UUID) -> None:
    order_id, _ = desk.orders.draft(incident, WANTED, DRILL, issue=True)
    made_at = datetime.now(UTC) - timedelta(seconds=90)
    for to in ("acknowledged", "under_way", "done"):
        desk.orders.step(incident, order_id, to, TEAM, Said(way="field", made_at=made_at, clock_off_s=-2.5))
    order = order_of(desk, incident, order_id)
    assert (order.name, order.state) == ("Z-01", "done")
    step = order.step("acknowledged")
    assert step is not None and step.actor == "field" and step.made_at == made_at < step.recorded_at
    assert step.said.clock_off_s == -2.5


def test_an_illegal_step_is_refused_and_leaves_no_trace(desk: Desk, incident: UUID) -> None:
    order_id, receipt = desk.orders.draft(incident, WANTED, DRILL)
    for to in ("acknowledged", "under_way", "done", "cannot", "draft"):
        with pytest.raises(ConflictError, match="Z-01 is draft"):
            desk.orders.step(incident, order_id, to, DRILL, Said(reason="因故"))
    with pytest.raises(MissingError):
        desk.orders.step(incident, "O-none", "issued", DRILL)
    assert seq_of(desk, incident) == receipt.seq


def test_cannot_and_withdraw_need_a_reason(desk: Desk, incident: UUID) -> None:
    order_id, _ = desk.orders.draft(incident, WANTED, DRILL, issue=True)
    for to in ("cannot", "withdrawn"):
        with pytest.raises(InputError, match="reason"):
            desk.orders.step(incident, order_id, to, TEAM)  # type: ignore[arg-type]
    desk.orders.step(incident, order_id, "cannot", TEAM, Said(reason="西门封闭"))
    assert order_of(desk, incident, order_id).steps[-1].said.reason == "西门封闭"


def test_a_retry_with_the_same_key_is_one_order_and_one_step(desk: Desk, incident: UUID) -> None:
    key, again = uuid4(), uuid4()
    first = desk.orders.draft(incident, WANTED, DRILL, issue=True, key=key)
    second = desk.orders.draft(incident, WANTED, DRILL, issue=True, key=key)
    assert (first[0], first[1].seq) == (second[0], second[1].seq) and second[1].replayed
    said = Said(way="field", made_at=datetime.now(UTC))
    one = desk.orders.step(incident, first[0], "acknowledged", TEAM, said, key=again)
    desk.orders.step(incident, first[0], "under_way", TEAM, said, key=uuid4())
    two = desk.orders.step(incident, first[0], "acknowledged", TEAM, said, key=again)
    assert two.replayed and two.seq == one.seq
    assert [step.said.to for step in order_of(desk, incident, first[0]).steps] == [
        "issued",
        "acknowledged",
        "under_way",
    ]
    with pytest.raises(InputError, match="key"):
        desk.orders.draft(incident, NewOrder("别的队", "别的事"), DRILL, key=key)


def test_all_faults_of_an_order_come_at_once(desk: Desk, incident: UUID) -> None:
    seen = seq_of(desk, incident)
    with pytest.raises(InputError) as refusal:
        desk.orders.draft(incident, NewOrder(" ", "", longitude=1.0, within_s=-1), DRILL)
    assert all(part in str(refusal.value) for part in ("text", "unit_name", "within_s", "longitude"))
    with pytest.raises(InputError) as refusal:
        past = datetime.now(UTC) - timedelta(minutes=1)
        desk.orders.draft(incident, NewOrder("队", "事", run_ids=("R-9",), decision_id="J-9", due_at=past), DRILL)
    assert all(part in str(refusal.value) for part in ("R-9", "J-9", "due_at"))
    assert seq_of(desk, incident) == seen


def test_orders_of_a_plan_are_made_together_or_not_at_all(desk: Desk, incident: UUID) -> None:
    seen, key = seq_of(desk, incident), uuid4()
    tasks = (NewOrder("公安", "封控外围", plan_task="T1"), NewOrder("卫健", "伤员救治", plan_task="T2"))
    with pytest.raises(InputError, match=r"orders\[1\]"):
        desk.orders.draft_many(incident, (tasks[0], NewOrder("", "无人")), DRILL)
    assert seq_of(desk, incident) == seen
    made = desk.orders.draft_many(incident, tasks, DRILL, key=key, caused_by=(1,))
    assert made == [(one, other) for one, other in made] and len({one for one, _ in made}) == 2
    again = desk.orders.draft_many(incident, tasks, DRILL, key=key, caused_by=(1,))
    assert [one for one, _ in again] == [one for one, _ in made] and all(receipt.replayed for _, receipt in again)
    assert {one.state for one in desk.situation(incident, caller=DRILL).orders.all} == {"draft"}


def test_a_draft_may_be_rewritten_but_not_behind_somebodys_back(desk: Desk, incident: UUID) -> None:
    order_id, receipt = desk.orders.draft(incident, WANTED, DRILL)
    desk.record(incident, Note("别的事"), DRILL)  # what does not touch the order stands in nobody's way
    other = NewOrder("消防二中队", "东门集结")
    desk.orders.rewrite(incident, order_id, other, DRILL, seen_seq=receipt.seq)
    with pytest.raises(ConflictError, match="after you looked"):
        desk.orders.rewrite(incident, order_id, WANTED, DRILL, seen_seq=receipt.seq)
    assert order_of(desk, incident, order_id).draft.unit_name == "消防二中队"
    desk.orders.step(incident, order_id, "issued", DRILL)
    with pytest.raises(ConflictError, match="was issued"):
        desk.orders.rewrite(incident, order_id, WANTED, DRILL, seen_seq=10_000)


def test_what_was_done_without_a_line_is_kept_though_the_order_was_withdrawn(desk: Desk, incident: UUID) -> None:
    order_id, _ = desk.orders.draft(incident, WANTED, DRILL, issue=True)
    made_at, key = datetime.now(UTC), uuid4()
    desk.orders.step(incident, order_id, "withdrawn", DRILL, Said(reason="改派"))
    for _ in range(2):  # the phone may send it twice
        receipt, took = desk.orders.act(
            incident, order_id, "acknowledged", TEAM, Said("已在路上", way="field", made_at=made_at), key=key
        )
        assert not took
    order = order_of(desk, incident, order_id)
    assert order.state == "withdrawn" and receipt.replayed
    assert [(one.said.tried, one.said.text, one.made_at) for one in order.notes] == [
        ("acknowledged", "已在路上", made_at)
    ]


def test_an_overdue_order_escalates_once_however_often_it_is_looked_at(desk: Desk, incident: UUID) -> None:
    order_id, _ = desk.orders.draft(incident, WANTED, DRILL, issue=True)
    issued = order_of(desk, incident, order_id).steps[0].recorded_at

    def escalated_after(seconds: int, by: Desk) -> list[str]:
        by.orders.escalate(SYSTEM, issued + timedelta(seconds=seconds))
        found = [one for one in desk.entries(incident, caller=DRILL) if one.kind == "order_escalated"]
        return [str(one.payload["timer"]) for one in found]

    assert escalated_after(180, desk) == []
    assert escalated_after(181, desk) == ["acknowledge"]
    other = Desk(desk.database, desk.networks_dir)  # another process, which has folded nothing yet
    assert escalated_after(185, other) == ["acknowledge"]
    assert escalated_after(601, other) == ["acknowledge", "finish"]
    assert [code for code, _ in order_of(desk, incident, order_id).escalated] == ["acknowledge", "finish"]


def test_the_row_of_the_place_says_when_and_to_whom(desk: Desk, incident: UUID) -> None:
    desk.orders.draft(incident, WANTED, DRILL, issue=True)
    desk.orders.policies = (OrderPolicy("", 600, "x", "x"), OrderPolicy("990102", 30, "district_leader", "row"))
    try:
        desk.orders.escalate(SYSTEM, datetime.now(UTC) + timedelta(seconds=40))
    finally:
        desk.orders.policies = POLICIES
    last = desk.entries(incident, caller=DRILL)[-1]
    assert (last.kind, last.payload["escalated_to"], last.payload["basis"]) == (
        "order_escalated",
        "district_leader",
        "row",
    )


def test_attachments_are_kept_by_hash_and_only_what_was_handed_in_may_be_named(desk: Desk, incident: UUID) -> None:
    taken = io.BytesIO()
    Image.new("RGB", (40, 30), "#884422").save(taken, "JPEG")
    picture = taken.getvalue()
    kept = desk.orders.attachments.keep(picture, "C:\\照片\\西门.jpg")
    assert desk.orders.attachments.keep(picture).sha256 == kept.sha256 and kept.name == "西门.jpg"
    assert desk.orders.attachments.read(kept.sha256) == picture
    order_id, _ = desk.orders.draft(incident, WANTED, DRILL, issue=True)
    desk.orders.note(incident, order_id, Said(attachments=(kept,)), TEAM)
    with pytest.raises(InputError, match="not handed in"):
        desk.orders.note(incident, order_id, Said("x", attachments=(replace(kept, sha256="0" * 64),)), TEAM)
    for content, why in ((b"", "empty"), (b"<svg/>", "none of"), (b"%PDF-" + b"0" * 10_485_760, "at most")):
        with pytest.raises(InputError, match=why):
            desk.orders.attachments.keep(content)
    for name in ("../../etc/passwd", "f" * 63, "F" * 64):
        with pytest.raises(MissingError):
            desk.orders.attachments.read(name)


def test_with_the_turned_wind_itself_the_order_in_the_field_is_in_doubt(desk: Desk, incident: UUID) -> None:
    run(desk, incident, "R-1")
    order_id, _ = desk.orders.draft(incident, NewOrder("队", "沿三号路撤离", run_ids=("R-1",)), DRILL, issue=True)
    turned = desk.record(incident, CaseChanged({"weather": {"wind_from_deg": 265}}, "风向转变"), DRILL)
    found = doubts(desk.situation(incident, caller=DRILL))
    assert (found[0].id, found[0].told, found[0].since_seq) == (order_id, True, turned.seq)
    with pytest.raises(InputError, match="in doubt itself"):
        desk.orders.review(incident, order_id, "仍有效", ("R-1",), DRILL, seen_seq=turned.seq)
    with pytest.raises(InputError, match="reason"):
        desk.orders.review(incident, order_id, " ", (), DRILL, seen_seq=turned.seq)
    desk.orders.review(incident, order_id, "路线不受影响", (), DRILL, seen_seq=turned.seq)
    assert not [one for one in doubts(desk.situation(incident, caller=DRILL)) if one.thing == "order"]


# -- decisions -----------------------------------------------------------------------------------------------------

DECIDED = NewDecision(
    "指挥长", "改派职教中心 930 人", "14:40 起处于影响区", (Option("甲 改派", chosen=True), Option("乙 就地避险"))
)


def test_a_decision_shows_what_was_known_then_and_leaves_later_corrections_out(desk: Desk, incident: UUID) -> None:
    run(desk, incident, "R-1")
    told = desk.note(incident, "在东门", DRILL)
    known_at = datetime.now(UTC)
    said = replace(DECIDED, run_ids=("R-1",), known_at=known_at, view={"zoom": 13})
    decision_id, receipt = desk.decisions.take(incident, said, DRILL, seen_seq=seq_of(desk, incident))
    desk.correct(incident, told.seq, "地点有误", DRILL)
    desk.record(incident, CaseChanged({"weather": {"wind_from_deg": 265}}, "风向转变"), DRILL)
    one, then = desk.decisions.known_then(incident, decision_id, DRILL)
    assert (one.name, one.known_at, one.said.run_ids, one.hash) == ("D-01", known_at, ("R-1",), receipt.hash)
    assert then.seq == receipt.seq - 1 and then.struck == () and then.run is not None and then.run.stale_since is None
    desk.decisions.strike(incident, decision_id, "误记", DRILL)
    with pytest.raises(ConflictError, match="already"):
        desk.decisions.strike(incident, decision_id, "误记", DRILL)
    now = desk.situation(incident, caller=DRILL)
    assert len(now.decisions) == 1 and receipt.seq in {seq for seq, _ in now.struck}


def test_a_decision_is_refused_on_what_its_taker_has_not_seen(desk: Desk, incident: UUID) -> None:
    seen = seq_of(desk, incident)
    desk.record(incident, Note("无关"), DRILL)
    desk.decisions.take(incident, DECIDED, DRILL, seen_seq=seen)
    run(desk, incident, "R-1")
    with pytest.raises(ConflictError, match="after you looked"):
        desk.decisions.take(incident, DECIDED, DRILL, seen_seq=seen)
    assert len(desk.situation(incident, caller=DRILL).decisions) == 1


def test_a_late_decision_says_why_and_none_stands_on_the_future(desk: Desk, incident: UUID) -> None:
    now = datetime.now(UTC)
    run(desk, incident, "R-1")
    seen = seq_of(desk, incident)
    late = replace(DECIDED, taken_at=now - timedelta(minutes=6))
    with pytest.raises(InputError, match="late_reason"):
        desk.decisions.take(incident, late, DRILL, seen_seq=seen)
    with pytest.raises(InputError, match="was not known"):
        desk.decisions.take(incident, replace(late, run_ids=("R-1",), late_reason="断电"), DRILL, seen_seq=seen)
    with pytest.raises(InputError, match="ahead"):
        desk.decisions.take(incident, replace(DECIDED, known_at=now + timedelta(hours=1)), DRILL, seen_seq=seen)
    with pytest.raises(InputError) as refusal:
        desk.decisions.take(incident, NewDecision("", "", ""), DRILL, seen_seq=seen)
    assert all(part in str(refusal.value) for part in ("role", "text", "reason"))
    desk.decisions.take(incident, replace(late, late_reason="断电"), DRILL, seen_seq=seen)
    (one,) = desk.situation(incident, caller=DRILL).decisions
    assert one.taken_at == one.known_at == late.taken_at < one.recorded_at


def test_a_decision_sent_twice_is_one_and_keeps_the_layers_it_lay_on(desk: Desk, incident: UUID) -> None:
    key, seen = uuid4(), seq_of(desk, incident)
    first = desk.decisions.take(incident, DECIDED, DRILL, seen_seq=seen, key=key)
    again = desk.decisions.take(incident, DECIDED, DRILL, seen_seq=seen, key=key)
    assert first[0] == again[0] and again[1].replayed and first[1].seq == again[1].seq
    assert isinstance(desk.situation(incident, caller=DRILL).decisions[0].said.layers, dict)
