"""Are plans read with every fault at its place, matched as T-20 asks, and their needs never counted twice?"""

import io
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from gis.crs import LonLat
from scenarios.plans import sample
from scenarios.plans.checking import is_cas, plan_in
from scenarios.plans.columns import COLUMNS, SHEETS
from scenarios.plans.facts import Facts
from scenarios.plans.faults import PlanFaultsError
from scenarios.plans.matching import WEIGHTS, match, rank
from scenarios.plans.needs import Team, serve
from scenarios.plans.plan import Plan, as_json, of_json, print_of
from scenarios.resources.stock import Line

TODAY = date(2026, 11, 24)
PLANS = {one.id: one for one in sample.plans()}
LEAK = Facts(
    "hazmat_leak", 3, "990102", "7782-50-5", "氯", (("QY-00001", "演练化工一厂"),), ("confined", "hazmat", "storage"),
    {"reach_m": 1_860.0}, LonLat(118.7, 31.4),
)  # fmt: skip


def order(facts: Facts) -> list[str]:
    return [one.plan.id for one in rank([(plan, 1) for plan in PLANS.values()], facts, TODAY)]


# -- T-20 ------------------------------------------------------------------------------------------------------------


def test_the_plan_for_region_and_chemical_goes_before_the_generic_one() -> None:
    found = order(LEAK)
    assert found.index("YA-CL2-CITY") < found.index("YA-HAZ-CITY")
    assert found.index("YA-HAZ-CITY") < found.index("YA-NH3-CITY")
    assert found[0] == "YA-QY-00001"  # the enterprise's own plan for its own chlorine
    elsewhere = order(Facts("hazmat_leak", 3, "990102", "7782-50-5", enterprises=(("QY-00009", "另一家"),)))
    assert elsewhere[0] == "YA-CL2-CITY"


def test_every_criterion_says_its_points_and_its_reason() -> None:
    found = match(PLANS["YA-CL2-CITY"], 1, LEAK, TODAY)
    assert [one.code for one in found.criteria] == ["type", "chemical", "region", "process", "level"]
    assert {one.code: one.why for one in found.criteria} == {
        "type": "exact", "chemical": "exact", "region": "city", "process": "exact", "level": "exact",
    }  # fmt: skip
    assert found.score == pytest.approx(sum(one.points for one in found.criteria))
    assert found.score == 30 + 25 + 14 + 15 + 10
    assert found.conflicts == ()
    assert [one.met for one in found.triggers] == [True, None]


def test_what_speaks_against_a_plan_is_listed() -> None:
    ammonia = match(PLANS["YA-NH3-CITY"], 1, LEAK, TODAY)
    assert [one["code"] for one in ammonia.conflicts] == ["chemical_other"]
    dust = match(PLANS["YA-DUST-CITY"], 1, LEAK, TODAY)
    assert {one["code"] for one in dust.conflicts} == {"type_other", "review_overdue"}
    outside = match(PLANS["YA-CL2-CITY"], 1, Facts("hazmat_leak", 3, "880100", "7782-50-5"), TODAY)
    assert [one["code"] for one in outside.conflicts] == ["region_other"]


def test_a_broader_plan_gets_less_than_one_for_exactly_this() -> None:
    generic = match(PLANS["YA-HAZ-CITY"], 1, LEAK, TODAY)
    assert {one.code: one.why for one in generic.criteria}["type"] == "broader"


SAID = st.builds(
    Facts,
    event_type=st.sampled_from(["", "hazmat", "hazmat_leak", "hazmat_fire", "dust_explosion", "road_accident"]),
    response_level=st.sampled_from([None, 1, 2, 3, 4]),
    division_code=st.sampled_from(["", "990102", "990103", "880100"]),
    cas=st.sampled_from(["", "7782-50-5", "7664-41-7"]),
    processes=st.sampled_from([(), ("dust",), ("hazmat", "storage")]),
)


@given(SAID)
def test_a_score_lies_between_none_and_all_and_its_order_is_always_the_same(facts: Facts) -> None:
    found = rank([(plan, 1) for plan in PLANS.values()], facts, TODAY)
    assert found == rank([(plan, 1) for plan in reversed(PLANS.values())], facts, TODAY)
    assert all(0 <= one.score <= sum(WEIGHTS.values()) == 100 for one in found)
    assert all(one.code in WEIGHTS for plan in found for one in plan.criteria)


# -- needs -----------------------------------------------------------------------------------------------------------


def stock(stock_id: str, code: str, name: str, left: float, away_m: float) -> Line:
    return Line(stock_id, "WZ", "库", LonLat(118.7, 31.4), code, name, Decimal(str(left)), "套", "ready", Decimal(0),
                None, away_m)  # fmt: skip


def test_what_is_missing_is_said_with_how_much_and_how_near() -> None:
    teams = [Team("A", "甲", "hazmat", True, 900.0), Team("B", "乙", "hazmat", False, 100.0),
             Team("C", "丙", "hazmat", True, 30_000.0)]  # fmt: skip
    lines = [stock("S1", "2049900", "堵漏器材", 1, 2_000.0), stock("S2", "2049900", "堵漏器材", 2, 25_000.0),
             stock("S3", "2049900", "抗溶性泡沫液", 50, 100.0)]  # fmt: skip
    served = {(one.task, one.need.code): one for one in serve(PLANS["YA-CL2-CITY"], teams, lines)}
    hazmat = served["T1", "hazmat"]
    assert (hazmat.have, hazmat.short, [one.name for one in hazmat.picks]) == (1, 1, ["甲"])
    plugs = served["T2", "204"]
    assert (plugs.have, plugs.short, [one.id for one in plugs.picks]) == (1, 3, ["S1"])


@settings(deadline=None)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=6))
def test_nothing_serves_two_needs(amounts: list[int]) -> None:
    text = sample.written("chlorine").replace(
        b'"204", name: \xe5\xa0\xb5\xe6\xbc\x8f\xe5\x99\xa8\xe6\x9d\x90', b'"201"'
    )
    plan = plan_in(text, "twice.yaml")
    lines = [stock(f"S{at}", "2019900", "重型防化服", amount, 10.0 * at) for at, amount in enumerate(amounts)]
    served = serve(plan, [], lines)
    assert sum(one.quantity for need in served for one in need.picks) <= sum(amounts)
    assert all(need.have <= need.need.quantity for need in served)


# -- the form --------------------------------------------------------------------------------------------------------


def workbook(plan: Plan) -> bytes:
    """The same plan as a workbook, written by hand of the documented form."""
    book = Workbook()
    written = as_json(plan)
    sheet = book.active
    assert sheet is not None
    sheet.title = SHEETS["plan"]
    sheet.append(["字段", "内容"])
    for code, column in COLUMNS["plan"].items():
        value = written[code]
        sheet.append([column.title, ";".join(map(str, value)) if isinstance(value, list) else value])
    tasks = [one | {"needs": None} for one in written["tasks"]]
    needs = [need | {"task": one["code"]} for one in written["tasks"] for need in one["needs"]]
    for section, rows in (("triggers", written["triggers"]), ("tasks", tasks), ("needs", needs),
                          ("contacts", written["contacts"])):  # fmt: skip
        page = book.create_sheet(SHEETS[section])
        columns = COLUMNS[section]
        page.append([one.title for one in columns.values()])
        for row in rows:
            page.append([row[code] for code in columns])
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


@pytest.mark.parametrize("name", sample.FILES)
def test_the_same_plan_in_yaml_and_in_a_workbook_is_the_same_plan(name: str) -> None:
    plan = plan_in(sample.written(name), "a.yaml")
    assert plan_in(workbook(plan), "a.xlsx") == plan
    assert of_json(as_json(plan)) == plan
    assert print_of(of_json(as_json(plan))) == print_of(plan)


BAD = """form: onemap-plan/1
plan:
  id: YA-BAD
  title: 演练 有错的预案
  kind: special
  division_code: "9901"
  issued_by: 演练
  issued_on: 2026-13-01
  chemicals: ["7782-50-6"]
  colour: red
triggers:
  - {measure: reach, at_least: 5}
tasks:
  - code: T1
    title: 甲
    owner: 乙
    within_min: 0
    needs:
      - {kind: team, code: navy, quantity: 1}
  - code: T1
    title: 丙
    owner: ""
    within_min: 5.5
"""


def test_all_faults_come_at_once_with_file_row_and_column() -> None:
    with pytest.raises(PlanFaultsError) as caught:
        plan_in(BAD.encode(), "bad.yaml")
    assert [(one.row, one.column, one.code) for one in sorted(caught.value.found, key=lambda one: one.row)] == [
        (6, "division_code", "pattern"), (8, "issued_on", "date"), (9, "chemicals", "cas"), (10, "colour", "unknown"),
        (12, "measure", "allowed"), (17, "within_min", "least"), (19, "code", "team"), (20, "code", "double"),
        (22, "owner", "missing"), (23, "within_min", "whole"),
    ]  # fmt: skip
    assert all(one.file == "bad.yaml" and "bad.yaml" in one.sentence for one in caught.value.found)


def test_faults_of_a_workbook_name_sheet_row_and_column_as_they_stand_there() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "预案"
    for row in (["字段", "内容"], ["预案编号", "YA-X"], ["预案名称", None], ["预案种类", "special"],
                ["适用区划", 990100],
                ["编制单位", "演练"], ["施行日期", "2026-03-01"]):  # fmt: skip
        sheet.append(row)
    tasks = book.create_sheet("任务")
    tasks.append(["任务号", "任务", "责任单位", "时限（分）", "颜色"])
    tasks.append(["T1", "甲", "乙", "很快"])
    kept = io.BytesIO()
    book.save(kept)
    with pytest.raises(PlanFaultsError) as caught:
        plan_in(kept.getvalue(), "bad.xlsx")
    assert {(one.sheet, one.row, one.column, one.code) for one in caught.value.found} == {
        ("预案", 3, "预案名称", "missing"), ("任务", 1, "颜色", "unknown"), ("任务", 2, "时限（分）", "whole"),
    }  # fmt: skip


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"- 1", b"a: [", b"PK\x03\x04rubbish", b"form: x", b"[" * 5000, b"plan: {id: {a: 1}}"]
)
def test_no_file_is_worse_than_a_list_of_faults(content: bytes) -> None:
    with pytest.raises(PlanFaultsError) as caught:
        plan_in(content, "x")
    assert caught.value.faults


def test_check_digits_of_cas_numbers() -> None:
    # CAS 7732-18-5 (water): (8x1 + 1x2 + 2x3 + 3x4 + 7x5 + 7x6) mod 10 = 5, the example of the CAS registry.
    assert is_cas("7732-18-5")
    assert not any(is_cas(f"7732-18-{digit}") for digit in range(10) if digit != 5)
