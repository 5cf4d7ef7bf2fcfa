"""
Where do the river, the hills, the big roads and the districts of the fictional city lie?

The plan is drawn by hand on a sheet whose unit is 1/134 km, x to the right and y down, as on a plan on paper; `metres`
turns it into metres east and north of the chlorine store of the chemical park.
"""

from functools import cache

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from gis.crs import LocalFrame, LonLat
from layers.sample.sheet import (
    CHEMICAL_PARK,
    HILL,
    INDUSTRIAL,
    LAKES,
    PARKS,
    RIVER_LINE,
    RIVER_WIDTH,
    WEST_RANGE,
    Pairs,
    Quarter,
)

FloatArray = NDArray[np.float64]

PLANT = LonLat(118.7124, 31.4087)
SHEET_ORIGIN = (600.0, 760.0)
METRES_PER_UNIT = 1000.0 / 134.0
EXTENT_M = (-15000.0, -12500.0, 25000.0, 17500.0)
"""West, south, east, north of the drawn land."""


def metres(points: Pairs) -> FloatArray:
    """Sheet points ``(n, 2)`` -> metres east and north of the plant ``(n, 2)``."""
    array = np.asarray(points, float)
    return np.column_stack(
        [(array[:, 0] - SHEET_ORIGIN[0]) * METRES_PER_UNIT, (SHEET_ORIGIN[1] - array[:, 1]) * METRES_PER_UNIT]
    )


def smooth(points: FloatArray, step_m: float = 90.0, closed: bool = False) -> FloatArray:
    """Catmull-Rom curve through `points`, sampled about every `step_m`."""
    if closed:
        ring = np.vstack([points[-1], points, points[0], points[1]])
    else:
        ring = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
    parts: list[FloatArray] = []
    for p0, p1, p2, p3 in zip(ring[:-3], ring[1:-2], ring[2:-1], ring[3:], strict=True):
        count = max(2, int(np.hypot(*(p2 - p1)) / step_m))
        t = np.linspace(0, 1, count, endpoint=False)[:, None]
        parts.append(
            0.5 * (2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2 + (3 * p1 - p0 - 3 * p2 + p3) * t**3)
        )
    end = points[:1] if closed else points[-1:]
    return np.vstack([*parts, end])


def curve(points: Pairs, closed: bool = False, step_m: float = 90.0) -> LineString:
    """Smooth line through sheet points, in metres."""
    return LineString(smooth(metres(points), step_m, closed))


def blob(points: Pairs) -> Polygon:
    """Smooth closed shape through sheet points, in metres."""
    return Polygon(smooth(metres(points), closed=True))


def place(x: float, y: float) -> Point:
    """One sheet point, in metres."""
    return Point(metres(((x, y),))[0])


@cache
def river() -> BaseGeometry:
    """The river's water, in metres."""
    line = metres(RIVER_LINE)
    centre = smooth(line, 60.0)
    # Width follows the same parameter as the curve: nearest control point's width, smoothed along the line.
    path = LineString(centre)
    at = shapely.line_locate_point(path, shapely.points(line))
    along = shapely.line_locate_point(path, shapely.points(centre))
    half: FloatArray = np.atleast_1d(np.interp(along, at, np.asarray(RIVER_WIDTH) * METRES_PER_UNIT / 2))
    tangent = np.gradient(centre, axis=0)
    normal = np.column_stack([-tangent[:, 1], tangent[:, 0]]) / np.hypot(tangent[:, 0], tangent[:, 1])[:, None]
    left, right = centre + normal * half[:, None], centre - normal * half[:, None]
    return shapely.make_valid(Polygon(np.vstack([left, right[::-1]])))


@cache
def river_line() -> LineString:
    """The river's middle, north to south, in metres."""
    return curve(RIVER_LINE, step_m=60.0)


@cache
def lakes() -> dict[str, Polygon]:
    """Lakes by name, in metres."""
    return {name: blob(points) for name, points in LAKES}


@cache
def parks() -> dict[str, Polygon]:
    """Parks by name, in metres."""
    return {name: blob(points) for name, points in PARKS}


@cache
def hills() -> tuple[Polygon, ...]:
    """The western hill first, then the farther ranges, in metres."""
    return tuple(blob(points) for points in (HILL, *WEST_RANGE))


@cache
def chemical_park() -> Polygon:
    """The chemical park, in metres."""
    return Polygon(metres(CHEMICAL_PARK))


@cache
def industrial() -> dict[str, Polygon]:
    """Industrial parks other than the chemical one, in metres."""
    return {name: Polygon(metres(points)) for name, points in INDUSTRIAL}


def quarter_shape(quarter: Quarter) -> Polygon:
    """Outline of a quarter, in metres."""
    return blob(quarter.shape) if quarter.is_smooth else Polygon(metres(quarter.shape))


@cache
def wet_or_green() -> BaseGeometry:
    """Everything nobody builds on, in metres."""
    return shapely.union_all([river(), *lakes().values(), *parks().values(), *hills()])


@cache
def frame() -> LocalFrame:
    """Metres around the plant, and back."""
    return LocalFrame(PLANT)


def to_degrees(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Geometries in metres -> longitude/latitude."""

    def project(points: FloatArray) -> FloatArray:
        longitude, latitude = frame().to_degrees(points[:, 0], points[:, 1])
        return np.column_stack([np.round(longitude, 7), np.round(latitude, 7)])

    answer: NDArray[np.object_] = np.asarray(shapely.transform(shapes, project), dtype=object)
    return answer
