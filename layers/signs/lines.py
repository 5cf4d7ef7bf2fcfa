"""
How are the signs of class E and F drawn? A stroke, and ornaments set along it, in pixels.

Every ornament lies in a frame of its own: x along the way the line was drawn, y to its left, 1 = one pixel. Screen,
print and SVG read the same table, so that a line looks alike everywhere. Sizes follow the rules of GB/T 35649-2017
(width, heights, gaps); the shapes within them are ours.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Stroke = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Ornament:
    """
    Something repeated on a line.

    Attributes
    ----------
    strokes
        Polylines; with ``closed`` they are polygons filled white (``solid``: in the line's colour).
    every_px
        Distance from one to the next; ignored where `place` is not ``along``.
    place
        ``along`` the line, at its ``end``, or four times evenly round an area (``four``), y then pointing inwards.
    """

    strokes: tuple[Stroke, ...]
    every_px: float = 0.0
    place: Literal["along", "end", "four"] = "along"
    width_px: float = 2.0
    closed: bool = False
    solid: bool = False


@dataclass(frozen=True, slots=True)
class LineSign:
    """A sign of class E or F: stroke, dash and ornaments; an area is filled `fill_opacity` of its colour."""

    code: str
    width_px: float = 2.0
    dash: tuple[float, ...] = ()
    ornaments: tuple[Ornament, ...] = ()
    fill_opacity: float = 0.0


def _x(middle: float = 0.0) -> tuple[Stroke, ...]:
    return ((middle - 3, -3), (middle + 3, 3)), ((middle - 3, 3), (middle + 3, -3))


def _circle(radius: float) -> Stroke:
    return tuple(
        (round(radius * math.cos(step * math.pi / 10), 2), round(radius * math.sin(step * math.pi / 10), 2))
        for step in range(20)
    )


_ARROW_END = Ornament((((-12, 4), (0, 0), (-12, -4)),), place="end", closed=True, solid=True, width_px=1.0)
_FOUR_HALF = 20 * math.tan(math.radians(20))
"""Half the width of an arrow 20 px high with an opening of 40 degrees."""


def _four(inwards: bool) -> Ornament:
    tip, foot = (20.0, 0.0) if inwards else (-20.0, 0.0)
    return Ornament(
        (((-_FOUR_HALF, foot), (0, tip), (_FOUR_HALF, foot)),), place="four", closed=True, solid=True, width_px=1.0
    )


LINES: Mapping[str, LineSign] = {
    sign.code: sign
    for sign in (
        LineSign("E10100", ornaments=(Ornament(_x(), every_px=8),)),
        LineSign(
            "E10200", width_px=0.0,
            ornaments=(
                Ornament((((-8, 0), (0, 8), (8, 0)),), every_px=16),
                Ornament((((0, -10), (0, -1)), ((-3.6, -6.5), (0, -10), (3.6, -6.5))), every_px=48),
            ),
        ),
        LineSign(
            "E20100",
            ornaments=(
                Ornament((_circle(11),), every_px=64, closed=True, width_px=1.0),
                Ornament((((-6, 0), (6, 0)), ((1, 4), (6, 0), (1, -4))), every_px=64, width_px=1.5),
            ),
        ),
        LineSign(
            "E20200",
            ornaments=(
                Ornament((_circle(11),), every_px=64, closed=True, width_px=1.0),
                Ornament((((1, 8), (-4, 0), (3, 1), (-1, -8)),), every_px=64, width_px=1.8),
            ),
        ),
        LineSign(
            "E20300",
            ornaments=(Ornament((((-14, 10), (14, 10)), ((-14, -10), (14, -10))), every_px=40), _ARROW_END),
        ),
        LineSign("E20400", ornaments=(Ornament((((-2, 0), (-2, 6)), ((2, 0), (2, 6))), every_px=18),)),
        LineSign("E20500", dash=(2, 4), ornaments=(Ornament((*_x(-10), *_x(0), *_x(10)), every_px=54),)),
        LineSign(
            "E30100",
            ornaments=(
                Ornament((((-20, 6), (12, 6), (20, 0), (12, -6), (-20, -6)),), every_px=96, closed=True),
                Ornament((((-20, -10), (-20, 10)),), every_px=96, width_px=2.5),
                _ARROW_END,
            ),
        ),
        LineSign(
            "E30200",
            ornaments=(
                Ornament(
                    (((-30, 0), (-16, 8), (-2, 0), (-16, -8)), ((2, 0), (16, 8), (30, 0), (16, -8))),
                    every_px=112, closed=True,
                ),
                _ARROW_END,
            ),
        ),
        LineSign("F10100", dash=(8, 2, 2, 2), fill_opacity=0.10),
        LineSign("F10200", ornaments=(_four(inwards=True),), fill_opacity=0.10),
        LineSign("F10300", ornaments=(_four(inwards=False),), fill_opacity=0.10),
    )
}  # fmt: skip
