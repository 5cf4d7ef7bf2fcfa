"""Does the list of injects survive a workbook, and does a workbook with faults say all of them with their rows?"""

import io
from dataclasses import replace
from datetime import time
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from command_ui.exercises import msel
from command_ui.exercises.shelf import Shelf
from gis.errors import MissingError
from scenarios.exercise import reading
from scenarios.exercise.drill import Drill

TEXTS = {
    "drill.toml": """
title = "氯气小演练"
title_en = "A small chlorine drill"
kind = "tabletop"
purpose = "演练：接报与疏散。"
[scene]
place = "演练化工一厂"
longitude = 118.7
latitude = 31.4
division_code = "990102000000"
begins_at = 2026-11-24T14:00:00+08:00
[timing]
length = "00:40:00"
[[role]]
id = "duty"
name = "值班员"
side = "player"
[[role]]
id = "cell"
name = "导调员"
side = "controller"
""",
    "injects.toml": """
[[inject]]
id = "01"
kind = "sensor"
at = "00:00:10"
title = "罐区报警"
text = '''=1+1 看起来像公式
"两行"；还有分号'''
to = ["duty"]
source = "AT-1203"
[inject.sensor]
tag = "AT-1203"
value = 8.25
[[inject]]
id = "02"
kind = "road"
at = "00:05:00"
title = "+桥上追尾"
to = ["duty", "cell"]
longitude = 118.71
latitude = 31.41
controller = "cell"
[inject.road]
reason = "accident"
whole = true
[[inject]]
id = "03"
kind = "call"
title = "'媒体来电"
to = ["duty"]
[inject.when]
after = "02"
delay = "00:03:00"
not_done = ["E1"]
[[inject]]
id = "04"
kind = "hospital"
at = "00:00:00"
title = "医院满员"
to = ["duty"]
longitude = 118.7
latitude = 31.4
[inject.hospital]
name = "true"
name_en = "City; hospital = full"
""",
    "expectations.toml": """
[[expectation]]
id = "E1"
who = "duty"
title = "接报登记"
within = "00:03:00"
after = "01"
does = { kind = "incident_reported" }
""",
    "sheets.toml": """
[[objective]]
id = "O1"
title = "接报"
[[capability]]
id = "C1"
title = "接报与核实"
target = "3 分钟内"
[[capability.tasks]]
id = "T1"
title = "登记"
expectations = ["E1"]
""",
}


@pytest.fixture
def drill() -> Drill:
    """A drill with every kind of cell that a workbook could spoil."""
    return reading.read_texts("small", TEXTS).drill


def base() -> dict[str, str]:
    return {name: text for name, text in TEXTS.items() if name != "injects.toml"}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_list_that_went_out_comes_back_equal(drill: Drill, language: Any) -> None:
    content = msel.write(drill, language)
    back, texts = msel.read(content, "small", base())
    assert back.drill == drill
    assert back.drill.sha256 == drill.sha256
    assert reading.read_texts("small", texts).drill == drill, "what is put on the shelf reads the same again"


def test_no_cell_of_the_workbook_is_run_by_a_spreadsheet(drill: Drill) -> None:
    sheet = load_workbook(io.BytesIO(msel.write(drill, "zh")))["MSEL"]
    said = [cell for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
    assert said
    assert all(cell.data_type == "s" for cell in said)
    assert not [cell.value for cell in said if cell.value.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert sheet["J2"].value.startswith("'=1+1")


def test_every_fault_is_named_with_its_row_and_column_at_once(drill: Drill) -> None:
    book = load_workbook(io.BytesIO(msel.write(drill, "zh")))
    sheet = book["MSEL"]
    column = {cell.value: cell.column for cell in sheet[1]}
    sheet.cell(2, column["演练时间"]).value = "five past"
    sheet.cell(2, column["内容"]).value = '=HYPERLINK("http://x")'
    sheet.cell(3, column["发给席位"]).value = "nobody"
    sheet.cell(3, column["参数"]).value = "reason=boredom; whole"
    sheet.cell(4, column["类型"]).value = "rumour"
    sheet.cell(5, column["经度"]).value = "east"
    sheet.cell(1, column["标题（英文）"]).value = "随便"
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(msel.MselFaultsError) as caught:
        msel.read(out.getvalue(), "small", base())
    found = {(one.row, one.column) for one in caught.value.found}
    assert {(2, "演练时间"), (2, "内容"), (3, "参数"), (4, "类型"), (5, "经度"), (1, "随便")} <= found
    assert any("formula" in one.said for one in caught.value.found)
    # once the form is whole, what leads nowhere is named too
    sheet.cell(2, column["演练时间"]).value = "00:00:10"
    sheet.cell(2, column["内容"]).value = "ok"
    sheet.cell(3, column["参数"]).value = "reason=accident"
    sheet.cell(4, column["类型"]).value = "call"
    sheet.cell(5, column["经度"]).value = 118.7
    sheet.cell(1, column["标题（英文）"]).value = "Title (English)"
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(msel.MselFaultsError) as caught:
        msel.read(out.getvalue(), "small", base())
    (only,) = caught.value.found
    assert (only.row, only.column) == (3, "发给席位")
    assert "nobody" in only.said


def test_what_is_no_workbook_is_refused(drill: Drill) -> None:
    for content in (b"", b"PK\x03\x04 nothing", b"id,title\n"):
        with pytest.raises(msel.MselFaultsError, match="no Excel workbook"):
            msel.read(content, "small", base())
    empty = io.BytesIO()
    book = Workbook()
    book.active.append(["编号", "类型", "标题"])
    book.save(empty)
    with pytest.raises(msel.MselFaultsError) as caught:
        msel.read(empty.getvalue(), "small", base())
    said = " ".join(one.sentence for one in caught.value.found)
    assert "发给席位" in said and "there is no inject" in said


def test_times_typed_as_times_are_understood(drill: Drill) -> None:

    book = load_workbook(io.BytesIO(msel.write(drill, "en")))
    sheet = book["MSEL"]
    column = {cell.value: cell.column for cell in sheet[1]}["Exercise time"]
    sheet.cell(2, column).value = time(0, 0, 10)
    out = io.BytesIO()
    book.save(out)
    assert msel.read(out.getvalue(), "small", base())[0].drill == drill


def test_a_workbook_becomes_a_drill_on_the_shelf(drill: Drill, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house = tmp_path / "house" / "small"
    house.mkdir(parents=True)
    for name, text in TEXTS.items():
        (house / name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(reading, "ready", lambda: {"small": house})
    shelf = Shelf(tmp_path / "own")
    changed = replace(drill, injects=drill.injects[:3])
    made = shelf.take_in("small", msel.write(changed, "zh"), "夜间 版本.xlsx")
    assert made.name == "small-2"
    assert shelf.take_in("small", msel.write(changed, "zh"), "Night Shift.xlsx").name == "night-shift"
    assert [one.name for one in shelf.all()] == ["small", "night-shift", "small-2"]
    assert shelf.drill("small-2").injects == changed.injects
    assert not [path for path in (tmp_path / "own").iterdir() if path.name.startswith(".new")]
    (tmp_path / "own" / "night-shift" / "sheets.toml").write_text("[[", encoding="utf-8")
    broken = next(one for one in shelf.all() if one.name == "night-shift")
    assert broken.drill is None
    assert "sheets.toml" in broken.faults[0]
    with pytest.raises(MissingError):
        shelf.drill("../../etc")
