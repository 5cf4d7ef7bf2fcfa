"""Which small streets and lanes fill the quarters and the country between them?"""

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import Delaunay, cKDTree
from shapely.geometry.base import BaseGeometry

from layers.sample import plan, sheet

FloatArray = NDArray[np.float64]
ObjectArray = NDArray[np.object_]

SMALL_NAMES = (
    "松", "柏", "竹", "梅", "兰", "桂", "枫", "榆", "槐", "柳", "桑", "荷", "菱", "苇", "芦", "棠", "桃", "杏", "榴",
        "莲",
    "云", "霞", "岚", "汀", "洲", "浦", "溪", "泉", "涧", "塘",
)  # fmt: skip
SMALL_ENDS = ("苑", "湾", "园", "坊", "桥", "渡", "里", "圩", "埠", "坪")


def grid_positions(rng: np.random.Generator, length_m: float, mean_m: float) -> FloatArray:
    """Street positions from ``-length/2`` to ``length/2`` with uneven spacing around `mean_m`."""
    count = int(length_m / mean_m) + 3
    steps = mean_m * rng.choice([0.78, 0.9, 1.0, 1.1, 1.3], size=count)
    return np.asarray(np.cumsum(steps) - length_m / 2 - mean_m)


def turned(points: FloatArray, turn_deg: float, centre: FloatArray) -> FloatArray:
    """Grid coordinates ``(n, 2)`` -> metres, turned counter-clockwise around `centre`."""
    angle = np.radians(turn_deg)
    rotation = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return np.asarray(points @ rotation + centre)


def free_ground(quarter: sheet.Quarter, taken: BaseGeometry) -> BaseGeometry:
    """Ground of a quarter on which streets and houses may stand, in metres."""
    return plan.quarter_shape(quarter).difference(taken)


def quarter_streets(
    rng: np.random.Generator, quarter: sheet.Quarter, ground: BaseGeometry, number: int
) -> tuple[ObjectArray, list[str], list[str]]:
    """
    Street lines of one quarter, clipped to its ground.

    Returns
    -------
    lines, highway, name
        Parallel sequences; every third street is a tertiary one with a name of its own.
    """
    shape = plan.quarter_shape(quarter)
    centre = np.asarray(shape.centroid.coords[0])
    west, south, east, north = shape.bounds
    reach = float(np.hypot(east - west, north - south))
    lines: list[shapely.LineString] = []
    classes: list[str] = []
    names: list[str] = []
    for axis, spacing in ((0, quarter.across_m), (1, quarter.along_m)):
        for rank, at in enumerate(grid_positions(rng, reach, spacing)):
            ends = np.array([[at, -reach], [at, reach]]) if axis == 0 else np.array([[-reach, at], [reach, at]])
            lines.append(shapely.LineString(turned(ends, quarter.turn_deg, centre)))
            big = rank % 3 == 1
            classes.append("tertiary" if big else "residential")
            first = SMALL_NAMES[(number * 7 + rank * 3 + axis * 11) % len(SMALL_NAMES)]
            last = SMALL_ENDS[(number * 3 + rank + axis * 5) % len(SMALL_ENDS)]
            names.append(f"{first}{last}{'路' if big else '街' if axis else '弄'}")
    clipped, source = shapely.get_parts(shapely.intersection(np.array(lines, object), ground), return_index=True)
    long_enough = shapely.length(clipped) > 60
    return (
        clipped[long_enough],
        [classes[i] for i in source[long_enough]],
        [names[i] for i in source[long_enough]],
    )


def villages(rng: np.random.Generator, blocked: BaseGeometry, count: int, spacing_m: float) -> FloatArray:
    """Village centres ``(n, 2)`` in metres, at least `spacing_m` apart and outside `blocked`."""
    west, south, east, north = plan.EXTENT_M
    points = np.column_stack([rng.uniform(west, east, count), rng.uniform(south, north, count)])
    shapely.prepare(blocked)
    points = points[~shapely.intersects_xy(blocked, points[:, 0], points[:, 1])]
    # Keep a point only when no earlier one is too near: pairs come as (smaller, larger) index.
    pairs = np.array(sorted(cKDTree(points).query_pairs(spacing_m)), dtype=int).reshape(-1, 2)
    keep = np.ones(len(points), bool)
    for first, second in pairs:
        if keep[first]:
            keep[second] = False
    return points[keep]


def lanes(rng: np.random.Generator, nodes: FloatArray, barrier: BaseGeometry) -> ObjectArray:
    """
    Country lanes between `nodes`: the Gabriel graph, gently bent, without those that would cross `barrier`.

    A lane is kept when no third village lies in the circle over it, as real lanes are: short, few, connected.
    """
    triangles = Delaunay(nodes).simplices
    edges = np.unique(
        np.sort(np.vstack([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]]), axis=1), axis=0
    )
    a, b = nodes[edges[:, 0]], nodes[edges[:, 1]]
    length = np.hypot(*(b - a).T)
    nearest, _ = cKDTree(nodes).query((a + b) / 2, k=1)
    keep = (nearest > length / 2 * 0.93) & (length < 4200)
    a, b, length = a[keep], b[keep], length[keep]
    normal = np.column_stack([-(b - a)[:, 1], (b - a)[:, 0]]) / length[:, None]
    bend = rng.normal(0, 0.07, len(a)) * length
    first = a + (b - a) * 0.33 + normal * bend[:, None]
    second = a + (b - a) * 0.67 + normal * (bend * rng.uniform(-0.4, 1.0, len(a)))[:, None]
    lines: ObjectArray = np.asarray(shapely.linestrings(np.stack([a, first, second, b], axis=1)), dtype=object)
    shapely.prepare(barrier)
    answer: ObjectArray = lines[~shapely.intersects(barrier, lines)]
    return answer
