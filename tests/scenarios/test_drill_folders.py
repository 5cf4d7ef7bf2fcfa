"""Is a folder a drill? Are all its faults named at once, each with its file, line and key?"""

import shutil
from pathlib import Path

import pytest

from scenarios.exercise import reading
from scenarios.exercise.drill import drill_json, drill_of
from scenarios.exercise.faults import DrillFaultsError

READY = reading.ready()


def test_there_are_four_ready_drills() -> None:
    assert set(READY) == {"chlorine-night", "ammonia-noon", "lpg-bleve", "dust-fire"}


@pytest.mark.parametrize("name", sorted(READY))
def test_a_ready_drill_is_whole(name: str) -> None:
    drill = reading.read(READY[name])
    assert 10 <= len(drill.injects) <= 25
    assert len({one.kind for one in drill.injects}) >= 7, "an MSEL of one kind of inject is a list of messages"
    assert any(one.when.by_hand for one in drill.injects) or any(one.when.not_done for one in drill.injects)
    assert any(one.when.done for one in drill.injects), "something follows from what players do"
    assert sum(item.points for item in drill.sheet) == 100
    named = {name for one in drill.capabilities for task in one.tasks for name in task.expectations}
    assert named == {one.id for one in drill.expectations}, "every expectation shows some capability"
    for one in (*drill.injects, *drill.expectations, *drill.objectives, *drill.capabilities):
        assert one.title.strip() and one.title_en.strip()
    for one in drill.injects:
        assert not one.text or ("演练" in one.text and one.text_en), f"{one.id}: marked 演练, with English beside"


@pytest.mark.parametrize("name", sorted(READY))
def test_a_drill_comes_back_from_its_plain_form(name: str) -> None:
    drill = reading.read(READY[name])
    again = drill_of(drill_json(drill))
    assert again == drill
    assert again.sha256 == drill.sha256


def broken(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A drill to break."""
    return Path(shutil.copytree(READY["chlorine-night"], tmp_path / "chlorine-night"))


def test_all_faults_come_at_once_with_file_line_and_key(copy: Path) -> None:
    broken(copy, "drill.toml", 'length = "01:15:00"', 'length = "75 minutes"')
    broken(copy, "drill.toml", "speed = 1.0", "speed = 90.0")
    broken(copy, "injects.toml", 'id = "I02"', 'id = "I01"')
    broken(copy, "injects.toml", 'sensor = { tag = "AT-1203", value = 18.4 }', "")
    broken(copy, "injects.toml", 'after = "I09", delay', 'after = "I99", delay')
    broken(copy, "injects.toml", "wind_from_deg = 270", "wind_from_deg = 400")
    broken(copy, "expectations.toml", 'kind = "plan_adopted"', 'kind = "plan_loved"')
    broken(copy, "expectations.toml", 'who = "units"', 'who = "plant"')
    broken(copy, "sheets.toml", 'expectations = ["E01", "E02"]', 'expectations = ["E01", "E77"]')
    broken(copy, "case.toml", "rate_kg_s = 0.3", "rate_kg_s = -1.0")
    broken(copy, "players.toml", 'act = "assess"', 'act = "guess"')
    with pytest.raises(DrillFaultsError) as caught:
        reading.read(copy)
    found = {(one.file, one.key.partition("[")[0]) for one in caught.value.found}
    assert {name for name, _ in found} == set(reading.FILES)
    said = [one.sentence for one in caught.value.found]
    for part in (
        "drill.toml line", "timing.length: '75 minutes' is no exercise time", "90 is not between 0.5 and 60",
        "'I01' stands for inject 1 already", "an inject of kind 'sensor' needs the table 'sensor'",
        "there is no inject 'I99'", "lies between 0 and 360", "'plan_loved' is no kind of entry",
        "'plant' does not play", "there is no expectation 'E77'", "rate_kg_s",
        "players.toml line",
    ):  # fmt: skip
        assert any(part in one for one in said), f"{part} among {said}"
    for one in caught.value.found:
        if one.file == "injects.toml":
            line = (copy / one.file).read_text(encoding="utf-8").splitlines()[one.line - 1]
            assert one.line > 0 and line.strip(), "the line named is one of the inject's own"


def test_a_fault_stands_on_the_line_of_its_key(copy: Path) -> None:
    broken(copy, "injects.toml", 'source = "12350 热线"', 'sauce = "12350 热线"')
    with pytest.raises(DrillFaultsError) as caught:
        reading.read(copy)
    (one,) = caught.value.found
    text = (copy / "injects.toml").read_text(encoding="utf-8").splitlines()
    assert text[one.line - 1] == 'sauce = "12350 热线"'
    assert (one.key, one.said) == ("inject[12].sauce", "there is no such key")


def test_what_is_no_toml_or_not_there_is_said_too(copy: Path) -> None:
    (copy / "sheets.toml").unlink()
    broken(copy, "injects.toml", "[[inject]]", "[[inject]")
    with pytest.raises(DrillFaultsError) as caught:
        reading.read(copy)
    said = [one.sentence for one in caught.value.found]
    assert "sheets.toml: the file is missing" in said
    assert any(one.startswith("injects.toml line") and "no TOML" in one for one in said)
    with pytest.raises(DrillFaultsError, match="there is no such folder"):
        reading.read(copy / "nowhere")


def test_an_inject_that_waits_for_itself_is_refused(copy: Path) -> None:
    broken(copy, "injects.toml", 'id = "I05"\nat = "00:05:00"', 'id = "I05"\nwhen = { after = "I06" }')
    broken(copy, "injects.toml", 'id = "I06"\nat = "00:07:00"', 'id = "I06"\nwhen = { after = "I05" }')
    with pytest.raises(DrillFaultsError, match="waits for itself"):
        reading.read(copy)


def test_the_schema_is_published() -> None:
    schema = reading.schema()
    assert {"Inject", "Expectation", "Condition", "Capability"} <= set(schema["$defs"])
