"""How does the path data of a glyph become points a printer can join? Lines, curves and arcs as short chords."""

import math
import re
from collections.abc import Iterator

Point = tuple[float, float]
_TOKEN = re.compile(r"[MmLlHhVvAaCcSsZz]|-?(?:\d+\.?\d*|\.\d+)")
_TAKES = {"M": 2, "L": 2, "H": 1, "V": 1, "A": 7, "C": 6, "S": 4, "Z": 0}
CHORDS = 14


def polylines(data: str) -> list[list[Point]]:
    """
    Polylines of SVG path data (the commands of `layers.signs.glyphs`), y downwards as written.

    Examples
    --------
    >>> polylines("M1 1h2v2z")
    [[(1.0, 1.0), (3.0, 1.0), (3.0, 3.0), (1.0, 1.0)]]
    """
    found: list[list[Point]] = []
    x = y = 0.0
    begin, handle = (0.0, 0.0), None
    for command, numbers in _steps(data):
        upper, relative = command.upper(), command.islower()
        ox, oy = (x, y) if relative else (0.0, 0.0)
        curve: list[Point] = []
        match upper:
            case "M":
                x, y = ox + numbers[0], oy + numbers[1]
                begin = (x, y)
                found.append([begin])
                handle = None
                continue
            case "L":
                curve = [(ox + numbers[0], oy + numbers[1])]
            case "H":
                curve = [(ox + numbers[0], y)]
            case "V":
                curve = [(x, oy + numbers[0])]
            case "Z":
                curve = [begin]
            case "A":
                curve = list(_arc((x, y), numbers, (ox + numbers[5], oy + numbers[6])))
            case "C" | "S":
                points = [(ox + numbers[i], oy + numbers[i + 1]) for i in range(0, len(numbers), 2)]
                first = (2 * x - handle[0], 2 * y - handle[1]) if handle else (x, y)
                a, b, c = points if upper == "C" else (first, *points)
                curve = list(_cubic((x, y), a, b, c))
                handle = b
        if upper not in "CS":
            handle = None
        if upper != "Z" and not found:
            found.append([(x, y)])
        if found[-1] and found[-1][-1] != (x, y):
            found.append([(x, y)])  # drawing goes on after a closed ring
        found[-1] += curve
        x, y = curve[-1]
    return [line for line in found if len(line) > 1]


def _steps(data: str) -> Iterator[tuple[str, list[float]]]:
    tokens = _TOKEN.findall(data)
    i, command = 0, "M"
    while i < len(tokens):
        if tokens[i].isalpha():
            command = tokens[i]
            i += 1
        takes = _TAKES[command.upper()]
        yield command, [float(one) for one in tokens[i : i + takes]]
        i += takes
        if command in "Mm":
            command = "L" if command == "M" else "l"


def _cubic(p: Point, a: Point, b: Point, c: Point) -> Iterator[Point]:
    for step in range(1, CHORDS + 1):
        t = step / CHORDS
        u = 1 - t
        yield tuple(  # type: ignore[misc]
            u**3 * p[i] + 3 * u * u * t * a[i] + 3 * u * t * t * b[i] + t**3 * c[i] for i in (0, 1)
        )


def _arc(start: Point, numbers: list[float], end: Point) -> Iterator[Point]:
    """Chords of an elliptic arc (SVG 1.1, F.6.5: from end points to centre)."""
    rx, ry, turn = abs(numbers[0]), abs(numbers[1]), math.radians(numbers[2])
    large, sweep = bool(numbers[3]), bool(numbers[4])
    if rx == 0 or ry == 0 or start == end:
        yield end
        return
    c, s = math.cos(turn), math.sin(turn)
    dx, dy = (start[0] - end[0]) / 2, (start[1] - end[1]) / 2
    x1, y1 = c * dx + s * dy, -s * dx + c * dy
    grow = max(1.0, math.sqrt((x1 / rx) ** 2 + (y1 / ry) ** 2))
    rx, ry = rx * grow, ry * grow
    top = max(0.0, rx**2 * ry**2 - rx**2 * y1**2 - ry**2 * x1**2)
    factor = math.sqrt(top / (rx**2 * y1**2 + ry**2 * x1**2)) * (-1 if large == sweep else 1)
    cx1, cy1 = factor * rx * y1 / ry, -factor * ry * x1 / rx
    cx, cy = c * cx1 - s * cy1 + (start[0] + end[0]) / 2, s * cx1 + c * cy1 + (start[1] + end[1]) / 2
    first = math.atan2((y1 - cy1) / ry, (x1 - cx1) / rx)
    span = math.atan2((-y1 - cy1) / ry, (-x1 - cx1) / rx) - first
    if sweep and span < 0:
        span += 2 * math.pi
    if not sweep and span > 0:
        span -= 2 * math.pi
    for step in range(1, CHORDS + 1):
        angle = first + span * step / CHORDS
        px, py = rx * math.cos(angle), ry * math.sin(angle)
        yield (end if step == CHORDS else (c * px - s * py + cx, s * px + c * py + cy))
