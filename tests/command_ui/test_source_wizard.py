"""Does the source wizard give a case for every kind, and say plainly what is wrong while keeping what was typed?"""

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from command_ui.console.intake import IntakeForm
from command_ui.console.source_faults import refusal_of
from command_ui.console.source_fields import asked, models
from command_ui.console.source_form import SourceForm
from command_ui.words import say, texts
from plume import case as cases
from plume.release_kinds import KINDS

PLACE = {"longitude": 118.71, "latitude": 31.41, "name": "演练化工"}
NOON = datetime(2026, 6, 21, 4, 0, tzinfo=UTC)
STATION: dict[str, Any] = {
    "wind_from_deg": 225.0,
    "wind_speed_m_s": 3.0,
    "temperature_c": 24.0,
    "relative_humidity": 0.6,
    "stability": None,
    "source": "演练气象站",
    "as_of": NOON.isoformat(),
}
SUBSTANCE = {
    "vessel_gas": "甲烷",
    "pipe_rupture": "甲烷",
    "fire_smoke": "二氧化硫",
    "puddle": "苯",
    "tank_liquid": "苯",
}
SUBSTANCE |= dict.fromkeys(("pool_fire", "jet_fire", "bleve", "cloud_explosion"), "丙烷") | {"two_phase": "氨"}


@pytest.fixture
def form() -> IntakeForm:
    """A form standing at a place with the weather of its station."""
    made = IntakeForm("zh", "dark")
    made.stand_at(PLACE, STATION)
    made.fields["substance"].value = "氯"
    return made


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_starts_as_a_case_that_can_be_read(form: IntakeForm, kind: str) -> None:
    form.source.kind.value = kind
    form.fields["substance"].value = SUBSTANCE.get(kind, "氯")
    assert form.faults(PLACE) == []
    assert cases.read(form.case(PLACE, NOON)).release.kind == kind
    assert refusal_of(form.case(PLACE, NOON), "zh") == {}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_question_and_choice_has_words(language: str) -> None:
    known = texts("en" if language == "en" else "zh")
    wanted = {f"release.{kind}" for kind in models()} | {f"about.{kind}" for kind in models()}
    for kind in models():
        wanted |= {f"source.{one.key}" for one in asked(kind)}
        wanted |= {f"choice.{choice}" for one in asked(kind) for choice in one.choices}
    assert wanted - known.keys() == set()


def test_only_what_the_kind_needs_is_asked_and_typed_words_survive_another_choice(form: IntakeForm) -> None:
    form.source.fields["rate_kg_s"].value = "7.5"
    form.source.kind.value = "instantaneous"
    shown = [one.name for one in form.source.shown()]
    assert "mass_kg" in shown and "rate_kg_s" not in shown
    form.source.kind.value = "continuous"
    assert form.source.fields["rate_kg_s"].value == "7.5"


def test_units_of_the_page_become_those_of_the_case(form: IntakeForm) -> None:
    form.source.kind.value = "vessel_gas"
    form.source.fields["pressure_bar"].value = "1.6"
    form.source.fields["hole_diameter_m"].value = "20"
    release = form.case(PLACE, NOON)["release"]
    assert release["pressure_bar"] == pytest.approx(16.0)
    assert release["hole_diameter_m"] == pytest.approx(0.02)


@pytest.mark.parametrize("value", ["-2", "0", "2e5", "", "一点"])
def test_a_bad_rate_says_its_sentence_beside_the_field_and_stays(form: IntakeForm, value: str) -> None:
    field = form.source.fields["rate_kg_s"]
    field.value = value
    said = form.faults(PLACE)
    assert said == [field.helper_text] and field.error_state
    assert field.helper_text.startswith(("泄漏速率", "请填写泄漏速率"))
    assert field.value == value
    field.value = "2"
    assert form.faults(PLACE) == [] and not field.error_state and field.helper_text == ""


def test_more_than_the_tank_holds_is_refused_in_one_sentence(form: IntakeForm) -> None:
    form.source.take_stock(500.0)
    assert form.source.fields["content_kg"].helper_text == say("hint.stock")
    assert form.faults(PLACE) == [say("why.too_much", released="1200", content="500")]
    assert form.source.fields["content_kg"].value == "500"


def test_what_only_the_computation_finds_is_said_beside_its_field(form: IntakeForm) -> None:
    form.source.kind.value = "pool_fire"
    assert refusal_of(form.case(PLACE, NOON), "zh") == {"substance": say("why.no_fire", name="氯")}
    form.source.kind.value = "two_phase"
    form.fields["substance"].value = "苯"
    assert refusal_of(form.case(PLACE, NOON), "zh") == {"kind": say("why.no_flash", name="苯", at="24", limit="80")}


def test_the_stock_of_the_ledger_tells_how_full_the_tank_is(form: IntakeForm) -> None:
    form.source.take_stock(20_000.0)
    form.source.kind.value = "two_phase"
    form.fields["substance"].value = "氨"
    release = form.case(PLACE, NOON)["release"]
    assert release["content_kg"] == 20_000.0 and "fill_fraction" not in release
    assert form.faults(PLACE) == []


def test_weather_of_the_nearest_station_gives_way_to_what_was_typed(form: IntakeForm) -> None:
    assert form.fields["wind_from"].helper_text == "演练气象站 12:00"
    form.fields["wind_speed"].value = "5"
    form.stand_at(PLACE, STATION | {"wind_speed_m_s": 1.0, "wind_from_deg": 90.0})
    assert form.fields["wind_speed"].value == "5"
    assert form.fields["wind_from"].value == "90"


def test_an_unknown_stability_is_suggested_from_the_sky(form: IntakeForm) -> None:
    assert form.fields["cloud"].visible and form.fields["stability"].helper_text
    weather = form.case(PLACE, NOON)["weather"]
    assert "stability" not in weather and weather["cloud_cover"] == 0.5
    form.fields["stability"].value = "F"
    assert not form.fields["cloud"].visible
    assert form.case(PLACE, NOON)["weather"]["stability"] == "F"


def test_choices_are_told_to_the_browser_in_the_language_of_the_page() -> None:
    form = SourceForm("zh", "dark", {})
    form.kind.value = "tank_liquid"
    kind, ground = form.kind.get_root(), form.fields["surface"].get_root()
    assert (kind.data.value, ground.data.value) == ("储罐泄漏", "混凝土")
    form.speak("en")
    assert (kind.data.value, ground.data.value) == ("Tank leak", "concrete")
    assert (form.kind.value, form.fields["surface"].value) == ("tank_liquid", "concrete")


def test_a_name_typed_over_the_one_chosen_is_what_counts(form: IntakeForm) -> None:
    form.fields["substance"].value_input = "丙烷"
    assert form.case(PLACE, NOON)["release"]["substance"] == "propane"
    form.fields["substance"].value = "氨"
    assert form.case(PLACE, NOON)["release"]["substance"] == "ammonia"
    form.fields["substance"].value = ""
    assert form.faults(PLACE) == [say("fault.substance_missing")]


BAD: tuple[tuple[str, str, str], ...] = (
    ("wind_speed", "0", "风速 m/s须为 0.1 至 50 之间的数"),
    ("temperature", "95", "气温 ℃须为 -50 至 60 之间的数"),
    ("wind_from", "西南", "风向（来向）°须为 0 至 360 之间的数"),
    ("humidity", "", "相对湿度 %须为 0 至 100 之间的数"),
)


@pytest.mark.parametrize(("name", "typed", "sentence"), BAD)
def test_bad_weather_stays_as_typed_with_its_sentence_beside_it(
    form: IntakeForm, name: str, typed: str, sentence: str
) -> None:
    form.fields[name].value = typed
    assert form.faults(PLACE) == [sentence] == [form.fields[name].helper_text]
    assert form.fields[name].value == typed and form.fields[name].error_state


def test_every_fault_is_said_at_once(form: IntakeForm) -> None:
    form.source.kind.value = "continuous"
    for name, value in (("substance", "液绿"), ("wind_speed", "0"), ("temperature", "95")):
        form.fields[name].value = value
    form.source.fields["rate_kg_s"].value = "-2"
    faults = form.faults(None)
    assert len(faults) == 5
    for piece in ("位置", "液绿", "风速", "气温", "泄漏速率"):
        assert sum(piece in fault for fault in faults) == 1, faults
    assert form.source.fields["rate_kg_s"].value == "-2", "what was typed stays"


def test_a_level_that_the_substance_has_no_value_for_is_named(form: IntakeForm) -> None:
    form.fields["levels"].value = "LEL"
    assert refusal_of(form.case(PLACE, NOON), "zh") == {"levels": say("why.no_level", name="氯", system="LEL")}


def test_levels_are_not_asked_of_a_fire(form: IntakeForm) -> None:
    form.source.kind.value = "pool_fire"
    assert not form.fields["levels"].visible
    form.source.kind.value = "continuous"
    assert form.fields["levels"].visible


@pytest.mark.parametrize(("substance", "tonnes"), [("氯", 25.0), ("氨", 600.0), ("苯", 3000.0), ("丙烷", 80.0)])
def test_the_ledger_gives_a_vessel_that_holds_its_stock(form: IntakeForm, substance: str, tonnes: float) -> None:
    form.fields["substance"].value = substance
    form.take_ledger(substance, {"stock_t": tonnes, "design_max_t": tonnes * 1.2})
    form.source.kind.value = "tank_liquid" if substance == "苯" else "two_phase"
    assert form.faults(PLACE) == []
    case = form.case(PLACE, NOON)
    assert case["release"]["content_kg"] == tonnes * 1000 and refusal_of(case, "zh") == {}
    assert form.source.fields["tank_diameter_m"].helper_text == say("hint.vessel")


def test_what_was_typed_of_a_vessel_outlives_the_ledger(form: IntakeForm) -> None:
    form.source.kind.value = "two_phase"
    form.source.fields["tank_diameter_m"].value = "3.3"
    form.take_ledger("氯", {"stock_t": 25.0, "design_max_t": None})
    assert form.source.fields["tank_diameter_m"].value == "3.3"


IMPOSSIBLE: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("vessel_gas", "丙烷", {"pressure_bar": "0.05"}),
    ("vessel_gas", "丙烷", {"pressure_bar": "5"}),
    ("pipe_rupture", "甲烷", {"pressure_bar": "0.05"}),
    ("tank_liquid", "苯", {"hole_bottom_m": "90"}),
    ("tank_liquid", "苯", {"temperature_c": "400"}),
    ("two_phase", "氯", {"temperature_c": "300"}),
    ("puddle", "苯", {"temperature_c": "-200"}),
    ("puddle", "氯", {"mass_kg": "-5"}),
    ("fire_smoke", "氯", {}),
    ("jet_fire", "二氧化硫", {}),
    ("bleve", "氯", {"content_kg": "10"}),
    ("cloud_explosion", "氯", {}),
    ("table", "氯", {"time_ss": "0,10", "rate_kg_ss": "1,2"}),
    ("instantaneous", "氯", {"mass_kg": "900", "content_kg": "10"}),
)


@pytest.mark.parametrize(("kind", "substance", "typed"), IMPOSSIBLE)
def test_what_cannot_be_is_said_in_chinese_alone(
    form: IntakeForm, kind: str, substance: str, typed: dict[str, str]
) -> None:
    form.source.kind.value = kind
    form.fields["substance"].value = substance
    for key, text in typed.items():
        form.source.fields[key].value = text
    said = form.faults(PLACE) or list(refusal_of(form.case(PLACE, NOON), "zh").values())
    assert said, "it cannot be, so something must be said"
    for sentence in said:
        assert not re.search(r"[A-Za-z]{4,}", sentence), sentence
        assert sentence != say("why.bad_input"), "no sentence of its own"
    for key, text in typed.items():
        assert form.source.fields[key].value == text
