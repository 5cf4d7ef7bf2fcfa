"""Do marks stand on the sheet for people outside, and can words typed on them do no harm there?"""

import folium

from command_ui.briefing.marks import add_marks
from command_ui.words import say

MARK = {"id": "M-1", "state": "on", "symbol": "D10100", "geometry": {"type": "Point", "coordinates": [118.71, 31.41]},
        "label": "</script><img src=x>`${alert(1)}", "subtype": "", "text": "", "rotation_deg": 0.0, "opacity": 1.0,
        "standing": "shown"}  # fmt: skip


def written(*marks: dict[str, object]) -> str:
    sheet = folium.Map(tiles=None)
    add_marks(sheet, {"zones": [], "marks": list(marks)}, "zh")
    return str(sheet.get_root().render())


def test_marks_stand_on_the_sheet_with_their_words_and_what_is_only_shown_says_so() -> None:
    way = {"type": "LineString", "coordinates": [[118.7, 31.4], [118.72, 31.4]]}
    line = MARK | {"symbol": "E30200", "geometry": way, "label": "撤离甲线", "standing": "kept"}
    html = written(MARK, line)
    assert "撤离甲线" in html and "灾民撤离线路" in html and say("mark.shown", "zh") in html
    assert "polyline" in html and "polygon" in html  # the line, and the diamonds the standard sets along it


def test_words_on_a_mark_are_neither_markup_nor_script() -> None:
    html = written(MARK)
    assert "<img src=x>" not in html and "${alert" not in html


def test_a_mark_that_is_not_yet_valid_is_left_out() -> None:
    assert "D10100" not in written(MARK | {"state": "later"})
