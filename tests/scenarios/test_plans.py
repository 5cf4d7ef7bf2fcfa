"""Are plans kept in versions, matched against what is there, and adopted once, whoever asks and however often?"""

import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pypdf import PdfWriter
from sqlalchemy import text

from gis.database import Caller, Database
from gis.errors import ConflictError, InputError, MissingError
from scenarios.desk import Desk, ReportIncident
from scenarios.events import HazardForecast
from scenarios.plans import rows, sample
from scenarios.plans.faults import PlanFaultsError

DRILL = Caller("演练值班员", "990100", "990200", "drill")
LIVE = Caller("值班员", "990100", "990200", "live")
NONE: dict[str, Any] = {"type": "FeatureCollection", "features": []}
CASE = {"name": "演练", "release": {"substance": "chlorine", "kind": "continuous"}}
_TEAM = text(
    "INSERT INTO layers.rescue_team (id, name, pinyin, initials, kind, people, vehicles, status, phone, geometry, "
    "valid_from, source_system, as_of, division_code, mode) VALUES (:id, :name, 'x', 'x', :kind, 20, 4, 'ready', '0', "
    "ST_SetSRID(ST_MakePoint(118.71, 31.40), 4490), now(), 'test', now(), '990102', 'drill')"
)


@pytest.fixture(scope="module")
def desk(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    made = Desk(database, Path(tmp_path_factory.mktemp("house")) / "networks")
    made.plans.enter_all(sample.plans(), "test", DRILL)
    with database.transaction(DRILL) as connection:
        for at, kind in enumerate(("hazmat", "fire", "fire", "medical")):
            connection.execute(_TEAM, {"id": f"DW-{at}", "name": f"演练{kind}{at}", "kind": kind})
    return made


@pytest.fixture
def incident(desk: Desk) -> UUID:
    report = ReportIncident(
        "演练 氯气泄漏", 118.70, 31.40, datetime.now(UTC), division_code="990102", event_code="hazmat_leak"
    )
    opened = desk.report(report, DRILL).incident_id
    desk.record(opened, HazardForecast("R-1", "ok", 0.1, {}, CASE, NONE, None, {}), DRILL)
    return opened


def test_a_plan_is_entered_once_and_every_change_is_a_version(desk: Desk) -> None:
    first = sample.plans()[1]
    assert desk.plans.enter(sample.written("ammonia"), "a.yaml", DRILL).state == "unchanged"
    before = datetime.now(UTC)
    newer = replace(first, title="演练市液氨泄漏预案（修订）", issued_on=date(2026, 10, 1))
    assert desk.plans.enter_all([newer], "test", DRILL)[0].version == 2
    assert [one.version for one in desk.plans.versions(first.id, DRILL)] == [2, 1]
    now = {one.plan.id: one for one in desk.plans.standing(DRILL)}
    assert now[first.id].plan.contacts[0].name == "演**"
    now = {one.plan.id: one for one in desk.plans.standing(DRILL.seeing_personal())}
    assert now[first.id].plan == newer
    then = {one.plan.id: one for one in desk.plans.standing(DRILL.seeing_personal(), before)}
    assert then[first.id].plan == first  # as we knew it then
    old = desk.plans.versions(first.id, DRILL)[1]
    assert old.valid_to is not None
    assert old.valid_to == now[first.id].valid_from
    assert desk.plans.standing(LIVE) == []  # no query joins two worlds
    with pytest.raises(MissingError, match="YA-NONE"):
        desk.plans.versions("YA-NONE", DRILL)


def test_a_file_with_faults_enters_nothing(desk: Desk) -> None:
    before = desk.plans.standing(DRILL)
    with pytest.raises(PlanFaultsError):
        desk.plans.enter(sample.written("lpg").replace(b"special", b"secret"), "bad.yaml", DRILL)
    assert desk.plans.standing(DRILL) == before


def test_a_paper_is_kept_under_its_own_print(desk: Desk) -> None:
    written, writer = io.BytesIO(), PdfWriter()
    writer.add_blank_page(200, 200)
    writer.write(written)
    paper = written.getvalue()
    print_ = desk.plans.attach("YA-LPG-CITY", 1, "lpg.pdf", paper, DRILL)
    assert desk.plans.attach("YA-LPG-CITY", 1, "again.pdf", paper, DRILL) == print_
    assert desk.plans.paper("YA-LPG-CITY", 1, DRILL) == ("lpg.pdf", paper)
    assert desk.plans.versions("YA-LPG-CITY", DRILL)[0].papers == (("lpg.pdf", print_),)
    with pytest.raises(InputError, match="no PDF"):
        desk.plans.attach("YA-LPG-CITY", 1, "x.pdf", b"MZ", DRILL)


def test_what_a_plan_asks_for_is_held_against_what_is_there(desk: Desk, incident: UUID) -> None:
    facts, found = desk.plans.match(incident, DRILL)
    assert facts.event_type == "hazmat_leak"
    chlorine = next(one for one in found if one.match.plan.id == "YA-CL2-CITY")
    teams = {one.need.code: (one.have, one.short) for one in chlorine.served if one.need.kind == "team"}
    assert teams == {"hazmat": (1, 1), "fire": (2, 1), "medical": (1, 2)}
    assert {one.need.code for one in chlorine.unmet} >= {"hazmat", "fire", "medical", "204"}


def test_adopting_records_why_and_makes_an_order_for_every_task_once(desk: Desk, incident: UUID) -> None:
    done = desk.plans.adopt(incident, "YA-CL2-CITY", DRILL, version=1, reason="毒害区出厂界")
    known = desk.situation(incident, caller=DRILL)
    assert [one.order_id for one in known.orders.all] == list(done.orders)
    assert len(done.orders) == len(sample.plans()[0].tasks)
    assert {one.state for one in known.orders.all} == {"draft"}
    first = known.orders.all[0].draft
    assert (first.unit_id, first.within_s, first.plan_task) == ("DW-0", 15 * 60, "YA-CL2-CITY/T1")
    assert first.run_ids == ("R-1",)
    assert known.planning.teams_wanted == {"fire": 3, "hazmat": 2, "medical": 3}
    assert any(one["code"] == "hazmat" and one["short"] == 1 for one in done.event.unmet)
    seq = known.seq
    again = desk.plans.adopt(incident, "YA-CL2-CITY", DRILL, version=1, issue=True)
    assert (again.orders, again.receipt.seq) == (done.orders, done.receipt.seq)
    assert desk.situation(incident, caller=DRILL).seq == seq
    with pytest.raises(ConflictError, match="version 1, not 7"):
        desk.plans.adopt(incident, "YA-LPG-CITY", DRILL, version=7)
    with pytest.raises(InputError, match="no plan YA-NONE"):
        desk.plans.adopt(incident, "YA-NONE", DRILL)


def test_two_officers_adopting_in_the_same_moment_make_one_set_of_orders(desk: Desk, incident: UUID) -> None:
    with ThreadPoolExecutor(4) as pool:
        said = [pool.submit(desk.plans.adopt, incident, "YA-HAZ-CITY", DRILL, reason=f"{at}") for at in range(4)]
        made = {one.result().orders for one in said}
    assert len(made) == 1
    known = desk.situation(incident, caller=DRILL)
    assert len(known.planning.adopted) == 1
    assert len(known.orders.all) == 4


def test_a_newer_version_orders_only_what_is_not_ordered_yet(desk: Desk, incident: UUID) -> None:
    plan = next(one for one in sample.plans() if one.id == "YA-QY-00001")
    desk.plans.adopt(incident, plan.id, DRILL)
    more = replace(plan.tasks[0], code="T9", title="增派")
    desk.plans.enter_all([replace(plan, issued_on=date(2026, 2, 1), tasks=(*plan.tasks, more))], "test", DRILL)
    done = desk.plans.adopt(incident, plan.id, DRILL, version=2)
    assert len(done.orders) == 1
    known = desk.situation(incident, caller=DRILL)
    assert [one.draft.plan_task for one in known.orders.all][-1] == "YA-QY-00001/T9"
    assert len(known.orders.all) == len(plan.tasks) + 1
    with desk.database.transaction(DRILL.seeing_personal()) as connection:
        assert rows.one(connection, plan.id, 1).plan == plan  # the version adopted first can still be shown
