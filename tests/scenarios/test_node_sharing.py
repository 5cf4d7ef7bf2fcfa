"""What may go to which level? Division, label and the direction decide; whatever nobody named stays in the house."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from gis.errors import InputError
from scenarios.events import BY_CODE
from scenarios.log import Head
from scenarios.nodes import messages
from scenarios.nodes.neighbours import LABELS, Label, Level, Neighbour, Own, Relation, reach_of
from scenarios.nodes.sender import Pace
from scenarios.nodes.sharing import DOWNWARD, LABEL_OF, ORDERS, goes_down, goes_up, is_addressed, label_of, may_go


def neighbour(
    relation: Relation, division: str, label: Label = "internal", level: Level = "city", name: str = "there"
) -> Neighbour:
    low, high = reach_of(division)
    return Neighbour(
        name, "那边", level, relation, "https://there.example", low, high, label, SecretStr("k" * 40), datetime.now(UTC)
    )


PROVINCE = neighbour("above", "320000", level="province")
COUNTY = neighbour("below", "320402", level="county")
PLANT = neighbour("below", "320402", "public", level="enterprise")
SISTER = neighbour("beside", "320500")


@pytest.mark.parametrize(
    ("kind", "payload", "division", "up"),
    [
        ("report_sent", {}, "320402", True),
        ("grade_confirmed", {}, "320402", True),
        ("response_level_set", {"level": 2}, "320402", True),
        ("response_level_set", {"level": None}, "320402", False),  # ended: nothing new to report up with
        ("incident_reported", {}, "320402", False),  # known here, not yet reported up
        ("note", {}, "320402", False),
        ("report_sent", {}, "330102", False),  # another province's division
    ],
)
def test_an_incident_goes_up_once_it_is_reported_graded_or_answered(
    kind: str, payload: dict[str, Any], division: str, up: bool
) -> None:
    assert goes_up(PROVINCE, kind, payload, division) is up
    assert not any(goes_up(one, kind, payload, division) for one in (COUNTY, PLANT, SISTER))


def test_an_incident_goes_down_into_its_own_division_only() -> None:
    issued = {"to": "issued"}
    assert goes_down(COUNTY, "order_moved", issued, "320402")
    assert not goes_down(COUNTY, "order_moved", issued, "320404")
    assert not goes_down(COUNTY, "order_moved", {"to": "done"}, "320402")
    assert goes_down(COUNTY, "response_level_set", {"level": 3}, "320402")
    assert not any(goes_down(one, "order_moved", issued, "320402") for one in (PROVINCE, PLANT, SISTER))


@pytest.mark.parametrize("kind", ["note", "field_reported", "field_answered", "a_kind_of_a_newer_version"])
def test_what_nobody_labelled_never_leaves(kind: str) -> None:
    assert label_of(kind) == "restricted"
    assert not any(may_go(one, kind) for one in (PROVINCE, COUNTY, PLANT, SISTER))


def test_every_labelled_kind_is_one_of_the_record() -> None:
    assert set(LABEL_OF) <= set(BY_CODE)
    assert set(LABEL_OF) >= DOWNWARD


def test_a_correction_goes_where_the_entry_went_that_it_strikes() -> None:
    assert may_go(PROVINCE, "correction", corrected="casualties_reported")
    assert not may_go(PROVINCE, "correction", corrected="note")
    assert not may_go(PROVINCE, "correction")


def test_an_enterprise_gets_what_is_public_and_the_orders_to_itself() -> None:
    assert may_go(PLANT, "response_level_set") and may_go(PLANT, "closure_reported")
    assert not may_go(PLANT, "casualties_reported") and not may_go(PLANT, "order_moved")
    assert all(may_go(PLANT, kind, addressed=True) for kind in ORDERS)
    assert not may_go(PLANT, "casualties_reported", addressed=True)
    assert is_addressed(PLANT, {"unit_id": "there"}) and is_addressed(PLANT, {"unit_name": "那边"})
    assert not is_addressed(PLANT, {"unit_id": "", "unit_name": "消防站"})


@given(kind=st.sampled_from(sorted(BY_CODE)), at=st.integers(0, 2))
def test_a_higher_label_never_gets_less(kind: str, at: int) -> None:
    for relation in ("above", "below", "beside"):
        got = [may_go(neighbour(relation, "320000", label), kind) for label in LABELS]  # type: ignore[arg-type]
        assert got == sorted(got)
        assert not got[at] or label_of(kind) in LABELS[: at + 1]


def test_a_simulation_leaves_for_nobody_and_a_drill_is_an_exercise() -> None:
    own, moment = Own("here", "这里", "city", "320400"), datetime.now(UTC)

    def head(mode: Any) -> Head:
        return Head(uuid4(), "X-1", "320402", mode, "duty", moment, 1, "0" * 64, moment)

    with pytest.raises(InputError, match="simulation"):
        messages.write(own, PROVINCE, "entry", uuid4(), head("sim"), "题", moment, about={})
    made = messages.write(own, PROVINCE, "warning", uuid4(), head("drill"), "题", moment, about={})
    assert "<distributionStatus>Exercise<" in made.message.envelope.replace("ns0:", "")
    assert messages.read(made.said, "here", "there").mode == "drill"
    live = made.said.replace('"mode":"drill"', '"mode":"live"')
    with pytest.raises(InputError, match="Exercise in the envelope; live is Actual"):
        messages.read(live, "here", "there")
    false = made.said.replace("Exercise", "Actual")
    with pytest.raises(InputError, match="drill is Exercise"):
        messages.read(false, "here", "there")


@given(failures=st.integers(1, 10_000))
def test_a_line_is_tried_again_well_within_a_minute_of_its_healing(failures: int) -> None:
    pace = Pace()
    # The longest pause, the probe that may still run into a time-out, and one look: then it is back.
    assert 0 < pace.wait_s(failures) <= pace.longest_wait_s
    assert pace.longest_wait_s + pace.timeout_s + pace.lease_s + pace.look_s < 60
