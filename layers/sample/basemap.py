"""What does the offline base map of the city show: surfaces, lines, names?"""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely import LineString
from shapely.geometry.base import BaseGeometry

from gis.crs import GEOGRAPHIC
from layers.sample import districts, plan, sheet
from layers.sample.ground import Ground
from layers.sample.streets import Streets

ObjectArray = NDArray[np.object_]

LINE_CLASS = {"trunk": "ring", "service": "park_road", "residential": "minor", "unclassified": "minor"}
LINE_ZOOM = {
    "motorway": 0, "ring": 8, "primary": 8, "rail": 8, "secondary": 10, "stream": 10, "motorway_link": 11,
        "tertiary": 10,
    "park_road": 11, "minor": 11, "boundary": 8,
}  # fmt: skip
AREA_ZOOM = {
    "building": 12,
    "tank": 12,
    "plot": 11,
    "contour": 11,
    "built": 7,
    "park": 8,
    "industrial": 9,
    "hill": 0,
    "water": 0,
}
LABEL_SPACING_M = {"motorway": 4200.0, "ring": 2600.0, "primary": 2300.0, "secondary": 1900.0}
RING_NAMES = (("环城东路", 0), ("环城南路", 3), ("环城西路", 7), ("环城北路", 11))


def areas(ground: Ground) -> gpd.GeoDataFrame:
    """Surfaces in degrees: ``kind, name, min_zoom, geometry``."""
    kinds = [*ground.kind, *["building"] * len(ground.buildings)]
    names = [*ground.name, *[""] * len(ground.buildings)]
    shapes = np.concatenate([np.array(ground.shape, object), ground.buildings])
    return gpd.GeoDataFrame(
        {"kind": kinds, "name": names, "min_zoom": [AREA_ZOOM[kind] for kind in kinds]},
        geometry=gpd.GeoSeries(plan.to_degrees(shapes), crs=GEOGRAPHIC),
    )


def lines(streets: Streets, counties: dict[str, BaseGeometry]) -> gpd.GeoDataFrame:
    """Roads, railway, streams and county borders in degrees: ``class, name, bridge, tunnel, min_zoom, geometry``."""
    roads = streets.roads
    table = pd.DataFrame(
        {
            "class": roads["highway"].replace(LINE_CLASS).to_numpy(object),
            "name": roads["name"].to_numpy(object),
            "bridge": roads["bridge"].eq("yes").to_numpy(),
            "tunnel": roads["tunnel"].eq("yes").to_numpy(),
            "line": streets.metric,
        }
    )
    rows: list[dict[str, object]] = []
    shapes: list[BaseGeometry] = []
    for (kind, name, bridge, tunnel), group in table.groupby(["class", "name", "bridge", "tunnel"], sort=True):
        merged = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(group["line"].to_numpy(object))))
        for part in merged:
            rows.append({"class": kind, "name": name, "bridge": bridge, "tunnel": tunnel})
            shapes.append(part)
    water = shapely.union_all([plan.river(), *plan.lakes().values()])
    extra: list[tuple[str, str, BaseGeometry]] = [("rail", "练江铁路", plan.curve(sheet.RAILWAY))]
    extra += [("stream", name, plan.curve(points).difference(water)) for name, points in sheet.STREAMS]
    borders = [shape.boundary for shape in counties.values()]
    shared = shapely.union_all(
        [shapely.intersection(a, b) for at, a in enumerate(borders) for b in borders[at + 1 :]]
    ).difference(plan.river().buffer(5))
    extra.append(("boundary", "", shapely.line_merge(shared)))
    for kind, name, shape in extra:
        for part in shapely.get_parts(shape):
            if isinstance(part, LineString) and part.length > 1:
                rows.append({"class": kind, "name": name, "bridge": False, "tunnel": False})
                shapes.append(part)
    frame = pd.DataFrame(rows)
    frame["min_zoom"] = frame["class"].map(LINE_ZOOM)
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(plan.to_degrees(np.array(shapes, object)), crs=GEOGRAPHIC))


def labels(streets: Streets) -> gpd.GeoDataFrame:
    """Names in degrees: ``kind, text, rank, angle_deg, min_zoom, max_zoom, geometry``; rank 1 is placed first."""
    rows: list[tuple[str, str, int, float, int, int, float, float]] = []

    def add(kind: str, text: str, rank: int, zooms: tuple[int, int], x: float, y: float, angle: float = 0.0) -> None:
        rows.append((kind, text, rank, angle, *zooms, x, y))

    def drawn(kind: str, text: str, rank: int, zooms: tuple[int, int], x: float, y: float, angle: float = 0.0) -> None:
        east, north = plan.metres(((x, y),))[0]
        add(kind, text, rank, zooms, float(east), float(north), angle)

    drawn("city", districts.CITY[1], 1, (0, 9), 1060, 480)
    for text, x, y in (
        ("滨江区", 596, 420),
        ("江东区", 1200, 560),
        ("高新区", 1960, 500),
        ("北渚区", 1080, -300),
        ("泽南县", 700, 1700),
        ("东墩区", 2800, -60),
        ("滨江区", -500, 420),
    ):
        drawn("district", text, 1, (9, 15), x, y)
    for name, town_x, town_y, _, _ in sheet.TOWNS:
        drawn("town", name, 3, (10, 16), town_x, town_y - 40)
    drawn("zone", sheet.CHEMICAL_PARK_NAME, 2, (12, 22), 560, 925)
    for name, shape in plan.industrial().items():
        add("zone", name, 4, (12, 22), shape.centroid.x, shape.centroid.y)
    for name, shape in plan.lakes().items():
        add("lake", " ".join(name), 2, (11, 22), shape.centroid.x, shape.centroid.y)
    for name, shape in plan.parks().items():
        below = 62.0 / 134.0 * 1000 if name == "东湖公园" else 0.0
        add("green", name, 4, (13, 22), shape.centroid.x, shape.centroid.y - below)
    drawn("hill", "西 山", 2, (11, 22), 320, 150)
    drawn("peak", "286", 4, (13, 22), 320, 172)
    for number, points in enumerate(sheet.WEST_RANGE):
        middle = plan.blob(points).centroid
        add("hill", ("云岭", "小西山", "龙埂山", "青屏山")[number], 3, (10, 22), middle.x, middle.y)
    drawn("station", "练江东站", 4, (12, 22), 1180, 1012)
    # The river's name runs down the water, one character at a time.
    river = plan.river_line()
    for at in np.arange(1500.0, river.length, 3600.0):
        for step, character in enumerate(sheet.RIVER_NAME):
            spot = river.interpolate(at + step * 270)
            add("water", character, 1, (12, 22), spot.x, spot.y)
    for at in np.arange(4000.0, river.length, 9000.0):
        spot = river.interpolate(at)
        add("water", sheet.RIVER_NAME, 1, (9, 11), spot.x, spot.y)
    for name, points in sheet.STREAMS:
        line = plan.curve(points)
        spot = line.interpolate(0.42, normalized=True)
        add("water", name, 5, (13, 22), spot.x, spot.y)
    for name, bridge_x, bridge_y in sheet.RIVER_CROSSINGS:
        drawn("bridge", name, 4, (14, 22), bridge_x, bridge_y + 14)
    for street in sheet.STREETS:
        kind = "ring" if street.highway == "trunk" else street.highway
        line = plan.curve(street.points) if street.smooth else LineString(plan.metres(street.points))
        if kind != "ring":
            _along(add, street.name, line, LABEL_SPACING_M[kind], 12 if kind == "primary" else 13)
    corners = plan.metres(sheet.RING)
    for name, at in RING_NAMES:
        east, north = (float(value) for value in corners[at])
        add("road", name, 4, (12, 22), east, north, 90.0 if "东" in name or "西" in name else 0.0)
    _along(add, "绕城高速", plan.curve(sheet.EXPRESSWAY, closed=True), LABEL_SPACING_M["motorway"], 11)
    smalls = streets.roads["highway"].eq("tertiary").to_numpy() & (shapely.length(streets.metric) > 260)
    for at in np.flatnonzero(smalls)[::5]:
        _along(add, str(streets.roads["name"].iloc[at]), streets.metric[at], 1e9, 15)
    frame = pd.DataFrame(rows, columns=["kind", "text", "rank", "angle_deg", "min_zoom", "max_zoom", "x", "y"])
    spots = plan.to_degrees(np.asarray(shapely.points(frame.pop("x"), frame.pop("y")), dtype=object))
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(spots, crs=GEOGRAPHIC))


def _along(add: object, name: str, line: LineString, spacing_m: float, min_zoom: int) -> None:
    """Repeat a road's name along it, turned to lie on it and never upside down."""
    assert callable(add)
    count = max(1, int(line.length / spacing_m))
    inside = shapely.box(*plan.EXTENT_M).buffer(-300)
    for number in range(count):
        at = line.length * (number + 0.5) / count
        before, after = line.interpolate(max(at - 60, 0)), line.interpolate(min(at + 60, line.length))
        spot = line.interpolate(at)
        if not inside.contains(spot):
            continue
        # Counter-clockwise from east, as angles on the ground are counted.
        angle = np.degrees(np.arctan2(after.y - before.y, after.x - before.x))
        angle = (angle + 90) % 180 - 90
        add("road", name, 5, (min_zoom, 22), spot.x, spot.y, round(float(angle), 1))
