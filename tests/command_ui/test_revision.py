"""Does the form show what is believed until now, and change only what the officer changed?"""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from command_ui.console.revision import RevisionForm
from plume.release_kinds import KINDS
from scenarios.intake import checked_case

AT = datetime(2026, 11, 24, 14, 0, 12, tzinfo=timezone(timedelta(hours=8)))
PLACE = {"longitude": 118.71, "latitude": 31.41, "name": "演练化工园区"}
CASE: dict[str, Any] = {
    "name": "演练氯气泄漏",
    "incident": {"longitude": 118.71, "latitude": 31.41, "occurred_at": AT.isoformat()},
    "release": {"substance": "chlorine", "kind": "continuous", "rate_kg_s": 0.4, "duration_s": 3600.0, "height_m": 2.0},
    "weather": {
        "wind_speed_m_s": 2.8, "wind_height_m": 10.0, "wind_from_deg": 225.0, "temperature_c": 14.2,
        "relative_humidity": 0.61, "stability": "D",
    },
}  # fmt: skip


def form_of(case: dict[str, Any] | None) -> RevisionForm:
    return RevisionForm("zh", "dark", case, PLACE, AT)


def near(one: Any, other: Any) -> bool:
    """Equal but for the last digit of a figure that went through the units of the page."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(near(one[key], other[key]) for key in one)
    if isinstance(one, int | float) and isinstance(other, int | float) and not isinstance(one, bool):
        return bool(one == pytest.approx(other, rel=1e-9))
    return bool(one == other)


def test_nothing_changed_is_the_same_case() -> None:
    form = form_of(CASE)
    assert form.faults(PLACE) == [form.reason.helper_text], "only the reason is missing"
    form.reason.value = "风向仪重读"
    assert form.faults(PLACE) == []
    assert near(checked_case(form.revised()), checked_case(CASE))


def test_a_turned_wind_changes_the_wind_and_nothing_else() -> None:
    form = form_of(CASE)
    form.fields["wind_from"].value = "265"
    said = form.revised()
    assert said["weather"]["wind_from_deg"] == 265.0
    assert near({**said, "weather": {**said["weather"], "wind_from_deg": 225.0}}, CASE)


def test_measurements_of_the_old_wind_go_with_it_and_stay_where_the_wind_stays() -> None:
    measured = {**CASE, "weather": {**CASE["weather"], "friction_velocity_m_s": 0.31}}
    assert form_of(measured).revised()["weather"]["friction_velocity_m_s"] == 0.31
    turned = form_of(measured)
    turned.fields["wind_from"].value = "90"
    assert "friction_velocity_m_s" not in turned.revised()["weather"]


def test_what_the_form_does_not_ask_stays_with_the_same_kind_and_goes_with_another() -> None:
    tank = {
        "substance": "chlorine", "kind": "tank_liquid", "tank_shape": "horizontal", "tank_diameter_m": 2.4,
        "tank_length_m": 8.0, "fill_fraction": 0.8, "hole_diameter_m": 0.05, "horizon_s": 1800.0,
    }  # fmt: skip
    form = form_of({**CASE, "release": tank})
    assert near(form.revised()["release"] | tank, form.revised()["release"]), "all that was known is still said"
    form.source.kind.value = "instantaneous"
    assert "horizon_s" not in form.revised()["release"]


def test_an_incident_nobody_described_is_described_from_the_start() -> None:
    form = form_of(None)
    form.fields["substance"].value = "氨"
    form.reason.value = "现场确认"
    assert form.faults(PLACE) == []
    said = checked_case(form.revised())
    assert said["release"]["substance"] == "ammonia"
    assert datetime.fromisoformat(said["incident"]["occurred_at"]) == AT


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_shown_again(kind: str) -> None:
    first = form_of(None)
    first.fields["substance"].value = "氯"
    first.source.kind.value = kind
    case = {**CASE, "release": {**first.source.release(), "substance": "chlorine"}}
    again = form_of(case)
    assert again.source.kind.value == kind
    assert near(again.source.release(), first.source.release())
