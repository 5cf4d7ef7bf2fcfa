"""What lies between the streets: blocks, buildings, tanks, villages, ponds, woods?"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from layers.sample import lattice, plan, sheet
from layers.sample.streets import Streets

ObjectArray = NDArray[np.object_]
FloatArray = NDArray[np.float64]

TANKS: tuple[tuple[float, float, float], ...] = (
    (576, 796, 7), (598, 798, 7), (620, 800, 7), (576, 818, 5), (592, 819, 5), (607, 820, 5), (580, 872, 6), (598,
        873, 6),
    (616, 874, 6), (618, 722, 7), (618, 706, 5), (476, 846, 6), (491, 847, 6), (476, 862, 6), (491, 863, 6), (540,
        700, 5),
    (527, 699, 5), (672, 812, 6), (672, 828, 6), (688, 813, 5),
)  # fmt: skip
PLANT_YARD = ((560, 737), (650, 741), (654, 792), (558, 790))
"""Outline of the plant whose chlorine store is the drill's source."""


@dataclass(frozen=True, slots=True)
class Ground:
    """
    Surfaces of the base map, in metres.

    Attributes
    ----------
    kind, name, shape
        Parallel; kinds are those of ``layers.styles.BASE_AREAS``.
    buildings
        Building outlines, with the quarter each stands in (-1 in the country).
    """

    kind: list[str]
    name: list[str]
    shape: list[BaseGeometry]
    buildings: ObjectArray
    quarter: NDArray[np.int64]


def draw(rng: np.random.Generator, streets: Streets) -> Ground:
    """Draw all surfaces."""
    kind: list[str] = []
    name: list[str] = []
    shape: list[BaseGeometry] = []

    def add(what: str, called: str, *shapes: BaseGeometry) -> None:
        for one in shapes:
            kind.append(what)
            name.append(called)
            shape.append(one)

    water = shapely.union_all([plan.river(), *plan.lakes().values()])
    for quarter in sheet.QUARTERS:
        grown = plan.quarter_shape(quarter).buffer(60).buffer(-20)
        what = "industrial" if quarter.name.endswith("产业园") or quarter.name.endswith("工业园") else "built"
        add(what, quarter.name if what == "industrial" else "", *shapely.get_parts(grown.difference(water.buffer(12))))
    hamlets = _hamlets(rng, streets.villages)
    add("built", "", *hamlets)
    add("hill", "西山", plan.hills()[0])
    add("hill", "", *plan.hills()[1:])
    for hill in plan.hills():
        centre = (hill.centroid.x + 0.06 * hill.length / 6, hill.centroid.y)
        for size in (0.86, 0.68, 0.49, 0.3):
            add("contour", "", affinity.rotate(affinity.scale(hill, size, size, origin=centre), 9 * (1 - size), centre))
    for called, park in plan.parks().items():
        add("park", called, park.difference(water))
    add("park", "", *_scattered(rng, 70, (90, 420), water))
    add("industrial", sheet.CHEMICAL_PARK_NAME, plan.chemical_park())
    for called, lake in plan.lakes().items():
        add("water", called, lake)
    add("water", sheet.RIVER_NAME, plan.river())
    add("water", "", *_scattered(rng, 150, (40, 150), shapely.union_all([water, *plan.hills()])))
    plots, factories = _chemical_plots(rng, streets)
    add("plot", "", *plots)
    for x, y, radius in TANKS:
        add("tank", "", plan.place(x, y).buffer(radius * plan.METRES_PER_UNIT * 0.55, quad_segs=6))
    houses, quarter_of = _buildings(rng, streets)
    cottages = _cottages(rng, streets.villages, water)
    return Ground(
        kind,
        name,
        shape,
        np.concatenate([houses, factories, cottages]),
        np.concatenate([quarter_of, np.full(len(factories) + len(cottages), -1)]),
    )


def rectangles(
    centres: FloatArray, half_width: FloatArray, half_depth: FloatArray, turn_deg: float | FloatArray
) -> ObjectArray:
    """Rectangles ``(n,)`` around `centres` ``(n, 2)``, turned counter-clockwise."""
    angle = np.radians(np.broadcast_to(turn_deg, half_width.shape))
    cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
    x = half_width[:, None] * np.array([-1, 1, 1, -1, -1])
    y = half_depth[:, None] * np.array([-1, -1, 1, 1, -1])
    ring = np.stack([centres[:, :1] + x * cos - y * sin, centres[:, 1:] + x * sin + y * cos], axis=2)
    answer: ObjectArray = np.asarray(shapely.polygons(np.round(ring, 2)), dtype=object)
    return answer


def _buildings(rng: np.random.Generator, streets: Streets) -> tuple[ObjectArray, NDArray[np.int64]]:
    tree = shapely.STRtree(streets.metric)
    green = shapely.union_all(
        [plan.wet_or_green().buffer(18), plan.curve(sheet.RAILWAY).buffer(30), plan.chemical_park()]
    )
    shapely.prepare(green)
    taken: BaseGeometry = shapely.Polygon()
    found: list[ObjectArray] = []
    owner: list[NDArray[np.int64]] = []
    for number, quarter in enumerate(sheet.QUARTERS):
        outline = plan.quarter_shape(quarter)
        centre = np.asarray(outline.centroid.coords[0])
        west, south, east, north = outline.bounds
        reach = float(np.hypot(east - west, north - south)) / 2
        works = quarter.density < 0.1
        lot_x, lot_y = (176.0, 108.0) if works else (92.0, 68.0)
        gx, gy = np.meshgrid(np.arange(-reach, reach, lot_x), np.arange(-reach, reach, lot_y))
        local = np.column_stack([gx.ravel(), gy.ravel()]) + rng.uniform(-6, 6, (gx.size, 2))
        spot = lattice.turned(local, quarter.turn_deg, centre)
        shapely.prepare(outline)
        spot = spot[shapely.contains_xy(outline, spot[:, 0], spot[:, 1]) & (rng.random(len(spot)) < 0.9)]
        width = lot_x / 2 * rng.uniform(0.5, 0.86, len(spot))
        depth = lot_y / 2 * rng.uniform(0.48, 0.82, len(spot))
        shapes = rectangles(spot, width, depth, quarter.turn_deg)
        inside = ~shapely.intersects(green, shapes)
        inside[tree.query(shapes, predicate="dwithin", distance=11.0)[0]] = False
        crowd = shapely.intersects(taken, shapely.centroid(shapes))
        inside &= ~crowd
        taken = taken.union(outline)
        found.append(shapes[inside])
        owner.append(np.full(int(inside.sum()), number))
    return np.concatenate(found), np.concatenate(owner).astype(np.int64)


def _chemical_plots(rng: np.random.Generator, streets: Streets) -> tuple[list[BaseGeometry], ObjectArray]:
    park = plan.chemical_park()
    roads = shapely.union_all(streets.metric[shapely.dwithin(park, streets.metric, 120)]).buffer(24)
    plots = [part for part in shapely.get_parts(park.buffer(-20).difference(roads)) if part.area > 5000]
    west, south, east, north = park.bounds
    gx, gy = np.meshgrid(np.arange(west, east, 128.0), np.arange(south, north, 96.0))
    spot = np.column_stack([gx.ravel(), gy.ravel()]) + rng.uniform(-12, 12, (gx.size, 2))
    spot = spot[rng.random(len(spot)) < 0.62]
    shapes = rectangles(spot, rng.uniform(22, 52, len(spot)), rng.uniform(16, 36, len(spot)), -3.0)
    tanks = shapely.union_all([plan.place(x, y).buffer(r * plan.METRES_PER_UNIT * 0.75) for x, y, r in TANKS])
    inside = np.zeros(len(shapes), bool)
    inside[shapely.STRtree(plots).query(shapes, predicate="within")[0]] = True
    return plots, shapes[inside & ~shapely.intersects(tanks, shapes)]


def _hamlets(rng: np.random.Generator, centres: FloatArray) -> list[BaseGeometry]:
    angle = np.linspace(0, 2 * np.pi, 11)[:-1]
    radius = rng.uniform(70, 210, len(centres))[:, None] * rng.uniform(0.7, 1.25, (len(centres), 10))
    ring = centres[:, None, :] + np.stack([radius * np.cos(angle), 0.75 * radius * np.sin(angle)], axis=2)
    return list(np.asarray(shapely.polygons(ring), dtype=object))


def _cottages(rng: np.random.Generator, centres: FloatArray, water: BaseGeometry) -> ObjectArray:
    each = rng.integers(7, 20, len(centres))
    middle = np.repeat(centres, each, axis=0)
    spot = middle + rng.normal(0, 62, (len(middle), 2))
    turn = np.repeat(rng.uniform(-25, 25, len(centres)), each)
    shapes = rectangles(spot, rng.uniform(9, 20, len(spot)), rng.uniform(6, 12, len(spot)), turn)
    # Houses of one village may touch but not pile up: keep the first of every overlapping pair.
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    keep = np.ones(len(shapes), bool)
    keep[second[second > first]] = False
    answer: ObjectArray = shapes[keep & ~shapely.intersects(water, shapes)]
    return answer


def _scattered(
    rng: np.random.Generator, count: int, radius_m: tuple[float, float], blocked: BaseGeometry
) -> list[BaseGeometry]:
    """Small blobs of wood or water in the country."""
    west, south, east, north = plan.EXTENT_M
    built = shapely.union_all([plan.quarter_shape(quarter).buffer(120) for quarter in sheet.QUARTERS])
    forbidden = shapely.union_all(
        [built, blocked, plan.chemical_park().buffer(200), plan.curve(sheet.EXPRESSWAY, closed=True).buffer(120)]
    )
    shapely.prepare(forbidden)
    angle = np.linspace(0, 2 * np.pi, 13)[:-1]
    shapes: list[BaseGeometry] = []
    while len(shapes) < count:
        x, y = rng.uniform(west, east), rng.uniform(south, north)
        radius = rng.uniform(*radius_m) * (1 + 0.3 * np.sin(2 * angle + rng.uniform(0, 6)) + 0.15 * rng.normal(size=12))
        points = np.column_stack([x + 1.3 * radius * np.cos(angle), y + radius * np.sin(angle)])
        shape = shapely.Polygon(plan.smooth(points, 40.0, closed=True))
        if shape.is_valid and not shapely.intersects(forbidden, shape):
            shapes.append(shape)
    return shapes
