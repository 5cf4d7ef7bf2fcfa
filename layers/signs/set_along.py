"""Where do the ornaments of a line or area sign stand on a way in pixels? Set as the map sets them."""

import itertools
import math
from collections.abc import Sequence

from layers.signs.lines import LineSign, Ornament

Point = tuple[float, float]
MOST = 4000


def set_along(
    way: Sequence[Point], sign: LineSign, *, unit: float = 1.0, y_down: bool = False
) -> list[tuple[Ornament, list[list[Point]]]]:
    """
    Every ornament of `sign` on a way.

    Parameters
    ----------
    way
        Points of the line, or of the closed outer ring of an area (first = last).
    unit
        Units of the way that make one pixel of the sign.
    y_down
        Whether y grows downwards, as on a screen.

    Returns
    -------
    ornaments
        Each kind with all its strokes, in the units of the way.
    """
    flip = -1.0 if y_down else 1.0
    points = [(x, flip * y) for x, y in way]
    at = [0.0]
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        at.append(at[-1] + math.hypot(x1 - x0, y1 - y0))
    if at[-1] <= 0:
        return []
    # y of an area's ornament points inwards, whichever way round the ring runs
    inwards = -1.0 if _turning(points) < 0 else 1.0
    found = []
    for ornament in sign.ornaments:
        strokes: list[list[Point]] = []
        side = inwards if ornament.place == "four" else 1.0
        for wanted in _distances(at[-1], ornament, unit):
            x, y, angle = _point_at(points, at, wanted)
            c, s = math.cos(angle) * unit, math.sin(angle) * unit
            strokes += [
                [(x + px * c - side * py * s, flip * (y + px * s + side * py * c)) for px, py in stroke]
                for stroke in ornament.strokes
            ]
        found.append((ornament, strokes))
    return found


def _distances(total: float, ornament: Ornament, unit: float) -> list[float]:
    if ornament.place == "end":
        return [total]
    if ornament.place == "four":
        return [share * total for share in (0.125, 0.375, 0.625, 0.875)]
    gap = ornament.every_px * unit
    count = min(MOST, int(total // gap))
    if count < 1:
        return [total / 2]  # a short line carries at least one, so that it is still told from others
    first = (total - (count - 1) * gap) / 2
    return [first + number * gap for number in range(count)]


def _point_at(points: Sequence[Point], at: Sequence[float], wanted: float) -> tuple[float, float, float]:
    i = 1
    while i < len(points) - 1 and at[i] < wanted:
        i += 1
    (x0, y0), (x1, y1) = points[i - 1], points[i]
    step = at[i] - at[i - 1]
    share = (wanted - at[i - 1]) / step if step > 0 else 0.0
    return x0 + share * (x1 - x0), y0 + share * (y1 - y0), math.atan2(y1 - y0, x1 - x0)


def _turning(points: Sequence[Point]) -> float:
    return sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in itertools.pairwise(points))
