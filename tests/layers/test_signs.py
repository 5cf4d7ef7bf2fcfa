"""Is the table of GB/T 35649 whole, is every sign drawn, and do colours and sizes follow its rules?"""

import csv
import re
from collections import Counter

import pytest

from command_ui.mapprint.strokes import polylines
from layers import styles
from layers.catalogue import LAYERS
from layers.registers.mapping import FOLDER
from layers.signs.catalogue import CLASSES, as_json, signs
from layers.signs.glyphs import GLYPHS
from layers.signs.lines import LINES

NUMBER = re.compile(r"-?\d*\.?\d+")


def test_the_standard_has_sixty_points_nine_lines_and_three_areas() -> None:
    kinds = Counter(one.kind for one in signs().values())
    assert kinds == {"point": 60, "line": 9, "area": 3}
    groups = Counter(one.group for one in signs().values())
    # product reference 6.10: A1 7, A2 16, A3 4, A4 5, C1 6, C2 7
    assert {name: groups[name] for name in ("A1", "A2", "A3", "A4", "C1", "C2")} == {
        "A1": 7, "A2": 16, "A3": 4, "A4": 5, "C1": 6, "C2": 7,
    }  # fmt: skip


def test_codes_follow_the_rule_of_letter_and_five_digits() -> None:
    assert all(re.fullmatch(r"[A-HJ-NP-Y]\d{5}", code) for code in signs())
    assert "爆炸" in signs()["A20400"].subtypes and "泄漏" in signs()["A20400"].subtypes


def test_every_sign_is_drawn_and_no_drawing_is_without_a_sign() -> None:
    points = {one.code for one in signs().values() if one.kind == "point"}
    assert set(GLYPHS) == points
    assert set(LINES) == set(signs()) - points
    assert len({GLYPHS[code] for code in points}) == 60, "two signs look the same"


@pytest.mark.parametrize("code", sorted(GLYPHS))
def test_strokes_begin_within_their_box(code: str) -> None:
    assert isinstance(GLYPHS[code], tuple)
    for stroke in GLYPHS[code]:
        assert re.fullmatch(r"M[MmLlHhVvAaCcSsZz0-9 .,\-]*", stroke), stroke
        x, y = (float(one) for one in NUMBER.findall(stroke)[:2])
        assert 0 <= x <= 24 and 0 <= y <= 24


def test_class_colours_are_those_of_the_standard() -> None:
    assert {letter: one.colour for letter, one in CLASSES.items()} == {
        "A": "#FF0000", "B": "#FFFF00", "C": "#0000FF", "D": "#00FF00", "E": "#FF0000", "F": "#FF0000",
    }  # fmt: skip
    assert CLASSES["A"].radius_px == 5 and all(CLASSES[letter].radius_px == 0 for letter in "BCD")


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("letter", sorted(CLASSES))
def test_ink_is_readable_on_the_white_ground(letter: str) -> None:
    assert 1.05 / (_luminance(CLASSES[letter].ink) + 0.05) >= 4.3


def test_every_layer_of_points_has_a_sign_that_is_drawn() -> None:
    for spec in LAYERS:
        for key in (spec.symbol, *spec.symbol_of.values()) if spec.symbol else ():
            assert styles.SYMBOLS[key].glyph in styles.GLYPHS, spec.key
    assert len(set(styles.GLYPHS.values())) == len(styles.GLYPHS), "two signs look the same"


@pytest.mark.parametrize("stroke", sorted({stroke for strokes in styles.GLYPHS.values() for stroke in strokes}))
def test_signs_of_layers_begin_within_their_box_and_can_be_printed(stroke: str) -> None:
    """Paper draws by `polylines`; whatever it does not know it would leave out."""
    points = [point for line in polylines(stroke) for point in line]
    assert len(points) >= 2 and all(0 <= x <= 24 and 0 <= y <= 24 for x, y in points)


def test_experts_equipment_and_closed_roads_have_signs_of_their_own() -> None:
    """A closure that was lifted must not look like one that holds."""
    look = {spec.key: spec for spec in LAYERS}
    assert [look[key].symbol for key in ("expert", "equipment")] == ["expert", "equipment"]
    roads = look["road_closure"]
    assert (roads.symbol, roads.symbol_column) == ("road_closed", "state") and "state" in roads.tile_columns
    with (FOLDER / "road_closure.csv").open(encoding="utf-8") as rows:
        states = {row["管制状态"] for row in csv.DictReader(rows)}
    assert states == set(roads.symbol_of), "every state of the source has its sign"
    assert styles.SYMBOLS[roads.symbol_of["已解除"]].frame == "none" != styles.SYMBOLS[roads.symbol_of["封闭"]].frame


def test_lines_keep_the_sizes_of_the_standard() -> None:
    def height(code: str, at: int) -> float:
        ys = [y for stroke in LINES[code].ornaments[at].strokes for _, y in stroke]
        return max(ys) - min(ys)

    assert height("E10100", 0) == 6 and LINES["E10100"].ornaments[0].every_px == 6 + 2
    assert 20 <= height("E20100", 0) <= 25 and LINES["E20100"].ornaments[0].width_px == 1
    assert height("E20400", 0) == 6 and 15 <= LINES["E20400"].ornaments[0].every_px <= 20
    assert height("E30100", 1) <= 20 and height("E30200", 0) <= 20
    assert height("F10200", 0) == height("F10300", 0) == 20
    for code in ("E20300", "E30100", "E30200"):
        (arrow,) = (one for one in LINES[code].ornaments if one.place == "end")
        xs, ys = zip(*arrow.strokes[0], strict=True)
        assert (max(xs) - min(xs), max(ys) - min(ys)) == (12, 8)


def test_the_catalogue_is_found_by_pinyin_and_says_what_it_is() -> None:
    whole = as_json()
    found = {one["code"] for one in whole["signs"] if "wxhxp" in one["pinyin"]}
    assert found == {"A20400"}
    assert "own drawing" in whole["trust"]["glyph"]
