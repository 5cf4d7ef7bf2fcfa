"""How does the expressway around the city meet the roads below it?"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Point
from shapely.ops import substring

from layers.sample import plan, sheet

ObjectArray = NDArray[np.object_]

HALF_GAP_M = 14.0
RAMP_M = 430.0
FOOT_M = 150.0
GRID_M = 1.0


@dataclass(frozen=True, slots=True)
class Expressway:
    """
    Two one-way carriageways with their ramps, and the feet where ramps touch the roads below.

    Attributes
    ----------
    lines, highway
        Geometries in driving direction and their classes, ``motorway`` or ``motorway_link``.
    feet
        Road name -> distances along that road where it must be cut so that the ramps join it.
    gates
        Points of the interchanges, in metres.
    """

    lines: list[LineString]
    highway: list[str]
    feet: dict[str, list[float]]
    gates: list[Point]


def snap(line: LineString) -> LineString:
    """Round to the grid on which the surface roads are noded, so that shared ends are equal to the bit."""
    return LineString(np.round(np.asarray(line.coords) / GRID_M) * GRID_M)


def build(roads: dict[str, LineString]) -> Expressway:
    """Lay the ring of the expressway with a diamond interchange wherever it crosses one of the chosen `roads`."""
    ring = plan.curve(sheet.EXPRESSWAY, closed=True, step_m=120.0)
    if not shapely.is_ccw(shapely.LinearRing(ring.coords)):
        ring = LineString(np.asarray(ring.coords)[::-1])
    total = ring.length
    crossings: list[tuple[float, str]] = []
    for name in sheet.INTERCHANGES:
        for point in shapely.get_parts(shapely.intersection(roads[name], ring)):
            at = float(shapely.line_locate_point(ring, point))
            # Two ramps need room, and none may start over the river.
            if all(min(abs(at - other), total - abs(at - other)) > 2.6 * RAMP_M for other, _ in crossings):
                crossings.append((at, name))
    crossings.sort()
    feet: dict[str, list[float]] = {}
    lines: list[LineString] = []
    highway: list[str] = []
    # Counter-clockwise traffic keeps right on the outside of the ring, clockwise traffic on the inside.
    for outward in (True, False):
        side = _carriageway(ring, outward)
        scale = side.length / total
        cuts: list[float] = []
        for at, name in crossings:
            centre = (at if outward else total - at) * scale
            road = roads[name]
            foot = _foot(road, ring, at, outward)
            feet.setdefault(name, []).append(foot)
            landing = road.interpolate(foot)
            for begin, is_exit in ((centre - RAMP_M, True), (centre + RAMP_M, False)):
                along = begin % side.length
                cuts.append(along)
                lines.append(_ramp(side, along, landing, is_exit))
                highway.append("motorway_link")
        cuts.sort()
        for first, second in zip(cuts, [*cuts[1:], cuts[0] + side.length], strict=True):
            lines.append(snap(_piece(side, first, second)))
            highway.append("motorway")
    gates = [Point(ring.interpolate(at)) for at, _ in crossings]
    return Expressway(lines, highway, feet, gates)


def _carriageway(ring: LineString, outward: bool) -> LineString:
    points = np.asarray(ring.coords)
    tangent = np.gradient(points, axis=0)
    tangent[0] = tangent[-1] = points[1] - points[-2]
    normal = np.column_stack([tangent[:, 1], -tangent[:, 0]]) / np.hypot(tangent[:, 0], tangent[:, 1])[:, None]
    moved = points + normal * (HALF_GAP_M if outward else -HALF_GAP_M)
    return LineString(moved if outward else moved[::-1])


def _foot(road: LineString, ring: LineString, at: float, outward: bool) -> float:
    """Distance along `road` of the landing on the outer or inner side of the ring."""
    crossing = float(shapely.line_locate_point(road, ring.interpolate(at)))
    inside = shapely.Polygon(ring.coords)
    shapely.prepare(inside)
    for sign in (1, -1):
        candidate = crossing + sign * FOOT_M
        if bool(inside.contains(road.interpolate(candidate))) != outward:
            return candidate
    return crossing + FOOT_M


def _ramp(side: LineString, along: float, landing: Point, is_exit: bool) -> LineString:
    start = side.interpolate(along)
    ahead = side.interpolate((along + (0.45 if is_exit else -0.45) * RAMP_M) % side.length)
    bend = Point((ahead.x * 2 + landing.x) / 3, (ahead.y * 2 + landing.y) / 3)
    points = [start, bend, landing] if is_exit else [landing, bend, start]
    return snap(LineString(points))


def _piece(side: LineString, first: float, second: float) -> LineString:
    if second <= side.length:
        piece = substring(side, first, second)
        assert isinstance(piece, LineString)
        return piece
    head = np.asarray(substring(side, first, side.length).coords)
    tail = np.asarray(substring(side, 0, second - side.length).coords)
    return LineString(np.vstack([head, tail[1:]]))
