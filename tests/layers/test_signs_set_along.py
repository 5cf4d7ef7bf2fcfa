"""Do ornaments stand evenly on their line, look forward, and point into an area whichever way it was drawn?"""

import math

import pytest

from layers.signs.lines import LINES
from layers.signs.set_along import set_along

SQUARE = [(0.0, 0.0), (400.0, 0.0), (400.0, 400.0), (0.0, 400.0), (0.0, 0.0)]


def test_crosses_stand_eight_pixels_apart_along_the_whole_line() -> None:
    ((_, strokes),) = set_along([(0, 0), (80, 0)], LINES["E10100"])
    middles = sorted({round(sum(x for x, _ in stroke) / 2, 6) for stroke in strokes})
    assert middles == [4 + 8 * number for number in range(10)]


def test_the_arrow_stands_at_the_end_and_points_along_the_last_stretch() -> None:
    found = set_along([(0, 0), (100, 0), (100, 100)], LINES["E30200"])
    arrow = next(strokes for ornament, strokes in found if ornament.place == "end")[0]
    assert arrow[1] == pytest.approx((100, 100))
    assert all(y == pytest.approx(88) for _, y in (arrow[0], arrow[2]))


@pytest.mark.parametrize("ring", [SQUARE, SQUARE[::-1]])
@pytest.mark.parametrize("y_down", [False, True])
def test_arrows_of_an_area_point_in_or_out_whichever_way_it_was_drawn(
    ring: list[tuple[float, float]], y_down: bool
) -> None:
    for code, inwards in (("F10200", True), ("F10300", False)):
        ((_, arrows),) = set_along(ring, LINES[code], y_down=y_down)
        assert len(arrows) == 4
        for _, (tip_x, tip_y), _ in arrows:
            inside = 0 < tip_x < 400 and 0 < tip_y < 400
            assert inside is inwards
            assert math.isclose(min(abs(tip_x - edge) for edge in (0, 400)), 20, abs_tol=1e-6) or math.isclose(
                min(abs(tip_y - edge) for edge in (0, 400)), 20, abs_tol=1e-6
            )


def test_a_line_shorter_than_its_pattern_still_carries_one() -> None:
    ((_, strokes), *_) = set_along([(0, 0), (20, 0)], LINES["E30100"])
    assert len(strokes) == 1
    assert set_along([(5, 5), (5, 5)], LINES["E30100"]) == []
