"""Which roads does the city have, and how do they join?"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely import LineString

from gis.crs import GEOGRAPHIC
from layers.sample import expressway, lattice, plan, sheet

ObjectArray = NDArray[np.object_]
IntArray = NDArray[np.int64]

RANK = {"trunk": 0, "primary": 1, "secondary": 2, "tertiary": 3, "service": 4, "residential": 5, "unclassified": 6}
SPEED_KMH = {
    "motorway": 100, "motorway_link": 50, "trunk": 70, "primary": 60, "secondary": 50, "tertiary": 40,
    "residential": 30, "service": 40, "unclassified": 40,
}  # fmt: skip
LANES = {
    "motorway": 3, "motorway_link": 1, "trunk": 6, "primary": 6, "secondary": 4, "tertiary": 2,
    "residential": 2, "service": 2, "unclassified": 2,
}  # fmt: skip
PARK_ROADS: tuple[tuple[str, sheet.Pairs], ...] = (
    ("园区一路", ((404, 733), (712, 755))),
    ("园区二路", ((394, 829), (722, 842))),
    ("园区三路", ((505, 655), (500, 950))),
    ("园区四路", ((560, 658), (556, 950))),
    ("园区五路", ((652, 672), (652, 930))),
    ("园区六路", ((396, 784), (714, 797))),
    ("园区七路", ((400, 878), (694, 892))),
    ("园区东路", ((640, 668), (700, 742), (716, 850), (690, 893))),
)


@dataclass(frozen=True, slots=True)
class Streets:
    """
    The finished roads.

    Attributes
    ----------
    roads
        LineStrings in degrees with OSM-like tags: highway, name, oneway, maxspeed, lanes, bridge, tunnel, maxheight,
        hazmat, layer; neighbours share end points to the bit.
    metric
        The same lines in metres, same order.
    villages
        Village centres ``(n, 2)`` in metres.
    """

    roads: gpd.GeoDataFrame
    metric: ObjectArray
    villages: NDArray[np.float64]


def lay(rng: np.random.Generator) -> Streets:
    """Lay all roads: plan, quarters, chemical park, lanes and expressway, noded, pruned and strongly connected."""
    named = {street.name: _line(street) for street in sheet.STREETS}
    ways = expressway.build(named)
    lines, classes, names = _planned(named, ways)
    for name, pairs in PARK_ROADS:
        lines.append(LineString(plan.metres(pairs)))
        classes.append("service")
        names.append(name)
    big = shapely.union_all(lines)
    ring = plan.curve(sheet.EXPRESSWAY, closed=True)
    rail = plan.curve(sheet.RAILWAY)
    taken = shapely.union_all(
        [
            plan.wet_or_green().buffer(22),
            plan.chemical_park().buffer(12),
            rail.buffer(24),
            ring.buffer(70),
            shapely.union_all(ways.gates).buffer(420),
        ]
    )
    for number, quarter in enumerate(sheet.QUARTERS):
        ground = lattice.free_ground(quarter, taken)
        part, part_classes, part_names = lattice.quarter_streets(rng, quarter, ground, number)
        lines.extend(part)
        classes.extend(part_classes)
        names.extend(part_names)
        taken = taken.union(plan.quarter_shape(quarter).buffer(30))
    wild = shapely.union_all([taken, plan.chemical_park().buffer(300)])
    centres = lattice.villages(rng, wild, 900, 900.0)
    barrier = shapely.union_all(
        [
            plan.river(), *plan.lakes().values(), *plan.parks().values(), *(hill.buffer(-60) for hill in plan.hills()),
            plan.chemical_park(), rail, shapely.union_all(ways.gates).buffer(500),
            *(plan.quarter_shape(quarter).buffer(-150) for quarter in sheet.QUARTERS),
        ]
    )  # fmt: skip
    towns = plan.metres(tuple((x, y) for _, x, y, _, _ in sheet.TOWNS))
    lanes = lattice.lanes(rng, np.vstack([centres, towns]), barrier)
    lines.extend(lanes)
    classes.extend(["unclassified"] * len(lanes))
    names.extend([""] * len(lanes))
    edges = _node(np.array(lines, object))
    table = _tag(edges, np.array(lines, object), classes, names, big)
    table = _prune(rng, table)
    table = pd.concat([table, _expressway_table(ways)], ignore_index=True)
    table = _one_ways(rng, table)
    metric = table.pop("line").to_numpy(object)
    frame = gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(plan.to_degrees(metric), crs=GEOGRAPHIC))
    return Streets(frame, metric, centres)


def _line(street: sheet.Street) -> LineString:
    points = plan.metres(street.points)
    return LineString(plan.smooth(points, closed=street.closed) if street.smooth or street.closed else points)


def _planned(
    named: dict[str, LineString], ways: expressway.Expressway
) -> tuple[list[LineString], list[str], list[str]]:
    """Plan roads cut at ramp feet, river banks and railway, without parts that would need a new bridge."""
    lines: list[LineString] = []
    classes: list[str] = []
    names: list[str] = []
    box = shapely.box(*plan.EXTENT_M)
    water = shapely.union_all([plan.river(), *plan.lakes().values()])
    bridges = shapely.union_all([plan.place(x, y) for _, x, y in sheet.RIVER_CROSSINGS]).buffer(420)
    rail = plan.curve(sheet.RAILWAY).buffer(16)
    # Streets of the grid end at the lakeside road instead of running through park and lake.
    lakeside = shapely.Polygon(named["滨湖路"].coords).buffer(-2)
    for street in sheet.STREETS:
        line = shapely.intersection(named[street.name], box)
        if street.name != "滨湖路":
            line = shapely.difference(line, lakeside)
        feet = [named[street.name].interpolate(at) for at in ways.feet.get(street.name, [])]
        pieces = [part for part in shapely.get_parts(line) if part.length > 1]
        for foot in feet:
            snapped = shapely.Point(round(foot.x), round(foot.y))
            pieces = [part for piece in pieces for part in _cut(piece, snapped)]
        for piece in pieces:
            dry = shapely.difference(piece, water)
            spans = shapely.intersection(shapely.intersection(piece, water), bridges)
            for part in (shapely.difference(dry, rail), shapely.intersection(dry, rail), spans):
                for single in shapely.get_parts(part):
                    if isinstance(single, LineString) and single.length > 1.5:
                        lines.append(single)
                        classes.append(street.highway)
                        names.append(street.name)
    return lines, classes, names


def _cut(line: LineString, point: shapely.Point) -> list[LineString]:
    """Cut a line at `point` when that lies on it, moving the cut to the point itself."""
    if line.distance(point) > 2:
        return [line]
    coordinates = np.asarray(line.coords)
    at = line.project(point)
    along = shapely.line_locate_point(line, shapely.points(coordinates))
    before, after = coordinates[along < at - 1], coordinates[along > at + 1]
    middle = np.asarray(point.coords)
    return [LineString(np.vstack(part)) for part in ((before, middle), (middle, after)) if sum(map(len, part)) > 1]


def _node(lines: ObjectArray) -> ObjectArray:
    """Split all lines where they meet; ends are snapped to whole metres and shared."""
    noded = shapely.get_parts(shapely.union_all(shapely.force_2d(lines), grid_size=expressway.GRID_M))
    answer: ObjectArray = noded[shapely.length(noded) > 0]
    return answer


def _tag(
    edges: ObjectArray, sources: ObjectArray, classes: list[str], names: list[str], big: shapely.Geometry
) -> pd.DataFrame:
    """Give every edge the class and the name of the greatest road it lies on; drop small ones hugging a great one."""
    middles = shapely.line_interpolate_point(edges, 0.5, normalized=True)
    tree = shapely.STRtree(sources)
    edge, source = tree.query(middles, predicate="dwithin", distance=2.5)
    rank = np.array([RANK[name] for name in classes])
    order = np.lexsort((rank[source], edge))
    first = np.unique(edge[order], return_index=True)[1]
    owner = np.full(len(edges), -1)
    owner[edge[order][first]] = source[order][first]
    keep = owner >= 0
    edges, owner, middles = edges[keep], owner[keep], middles[keep]
    highway = np.array(classes, object)[owner]
    name = np.array(names, object)[owner]
    small = np.isin(highway, ["residential", "tertiary", "unclassified"])
    thirds = [shapely.distance(shapely.line_interpolate_point(edges, t, normalized=True), big) for t in (0.3, 0.5, 0.7)]
    hugging = small & (np.max(thirds, axis=0) < 62) & (shapely.length(edges) > 40)
    table = pd.DataFrame({"highway": highway, "name": name, "line": edges})[~hugging].reset_index(drop=True)
    middles = middles[~hugging]
    over_water = shapely.dwithin(middles, plan.river(), 0.5)
    under_rail = shapely.dwithin(middles, plan.curve(sheet.RAILWAY), 16) & (shapely.length(table["line"]) < 60)
    table["bridge"] = np.where(over_water, "yes", "")
    table["tunnel"] = np.where(under_rail, "yes", "")
    table["maxheight"] = np.where(under_rail, np.where(table["highway"].isin(["primary", "trunk"]), 4.5, 3.8), np.nan)
    table["hazmat"] = np.where(under_rail, "no", "")
    points = np.array([plan.place(x, y) for _, x, y in sheet.RIVER_CROSSINGS])
    for at in np.flatnonzero(over_water):
        table.loc[at, "name"] = sheet.RIVER_CROSSINGS[int(np.argmin(shapely.distance(points, middles[at])))][0]
    return table


def _ends(lines: ObjectArray) -> tuple[IntArray, IntArray, int]:
    """Node number of each line's first and last point, and how many nodes there are."""
    first = shapely.get_coordinates(shapely.get_point(lines, 0))
    last = shapely.get_coordinates(shapely.get_point(lines, -1))
    _, node = np.unique(np.round(np.vstack([first, last])).astype(np.int64), axis=0, return_inverse=True)
    node = node.ravel().astype(np.int64)
    return node[: len(lines)], node[len(lines) :], int(node.max()) + 1


def _prune(rng: np.random.Generator, table: pd.DataFrame) -> pd.DataFrame:
    """Leave out some small streets, short dead ends and what is not connected."""
    small = table["highway"].isin(["residential"]).to_numpy()
    table = table[~(small & (rng.random(len(table)) < 0.1))].reset_index(drop=True)
    for _ in range(4):
        head, tail, count = _ends(table["line"].to_numpy(object))
        degree = np.bincount(np.concatenate([head, tail]), minlength=count)
        dead = (degree[head] == 1) | (degree[tail] == 1)
        weak = table["highway"].isin(["residential", "tertiary", "unclassified"]).to_numpy()
        length = shapely.length(table["line"].to_numpy(object))
        short = np.where(weak, length < 130, length < 70)
        table = table[~(dead & short)].reset_index(drop=True)
    head, tail, count = _ends(table["line"].to_numpy(object))
    graph = coo_array((np.ones(len(head)), (head, tail)), shape=(count, count))
    _, component = connected_components(graph, directed=False)
    biggest = np.bincount(component[head]).argmax()
    kept: pd.DataFrame = table[component[head] == biggest].reset_index(drop=True)
    return kept


def _expressway_table(ways: expressway.Expressway) -> pd.DataFrame:
    lines = np.array(ways.lines, object)
    motorway = np.array(ways.highway, object) == "motorway"
    return pd.DataFrame(
        {
            "highway": ways.highway,
            "name": np.where(motorway, "绕城高速", ""),
            "line": lines,
            "bridge": np.where(shapely.intersects(plan.river(), lines), "yes", ""),
            "tunnel": "",
            "maxheight": np.nan,
            "hazmat": "",
        }
    )


def _one_ways(rng: np.random.Generator, table: pd.DataFrame) -> pd.DataFrame:
    """Make some streets of the old town one-way without cutting anybody off, and fill the remaining tags."""
    lines = table["line"].to_numpy(object)
    old_town = plan.blob(sheet.RING).buffer(-80)
    shapely.prepare(old_town)
    candidate = table["highway"].isin(["residential", "tertiary"]).to_numpy()
    candidate = candidate & shapely.contains(old_town, shapely.line_interpolate_point(lines, 0.5, normalized=True))
    # A whole street goes one way, so the draw is per name, not per edge.
    streets = {name: rng.random() for name in sorted(set(table["name"][candidate]))}
    one_way = candidate & (table["name"].map(lambda name: streets.get(name, 1.0)).to_numpy(float) < 0.3)
    flip = table["name"].map(lambda name: streets.get(name, 1.0)).to_numpy(float) < 0.15
    span = shapely.get_coordinates(shapely.get_point(lines, -1)) - shapely.get_coordinates(shapely.get_point(lines, 0))
    eastward = (span[:, 0] + 0.1 * span[:, 1]) > 0
    lines = np.where(one_way & (eastward == flip), shapely.reverse(lines), lines)
    always = table["highway"].str.startswith("motorway").to_numpy()
    head, tail, count = _ends(lines)
    for _ in range(8):
        both = ~(one_way | always)
        sources = np.concatenate([head, tail[both]])
        targets = np.concatenate([tail, head[both]])
        graph = coo_array((np.ones(len(sources)), (sources, targets)), shape=(count, count))
        _, component = connected_components(graph, directed=True, connection="strong")
        biggest = np.bincount(component).argmax()
        outside = (component[head] != biggest) | (component[tail] != biggest)
        if not (outside & one_way).any():
            break
        one_way &= ~outside
    table = table.assign(line=lines)
    table["oneway"] = np.where(one_way | always, "yes", "no")
    table["maxspeed"] = table["highway"].map(SPEED_KMH).astype("int64")
    table["lanes"] = table["highway"].map(LANES).astype("int64")
    table["layer"] = np.where(table["bridge"] == "yes", 1, np.where(table["tunnel"] == "yes", -1, 0))
    return table
