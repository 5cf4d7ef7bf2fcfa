"""Which divisions does the city have, and in which one does a place lie?"""

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString
from shapely.geometry.base import BaseGeometry

from gis.crs import GEOGRAPHIC
from layers.sample import names, plan, sheet

FloatArray = NDArray[np.float64]
ObjectArray = NDArray[np.object_]

CITY = ("990100", "演练市")
COUNTIES: tuple[tuple[str, str], ...] = (
    ("990102", "滨江区"), ("990103", "江东区"), ("990104", "高新区"), ("990105", "北渚区"), ("990106", "泽南县"),
        ("990107", "东墩区"),
)  # fmt: skip
NORTH_LINE: sheet.Pairs = (
    (-1500, -120),
    (-900, -170),
    (-300, -250),
    (300, -190),
    (760, -170),
    (1200, -100),
    (1700, -150),
    (2300, -200),
    (2700, -180),
    (3300, -240),
    (4100, -200),
)
SOUTH_LINE: sheet.Pairs = (
    (-1500, 1180),
    (-900, 1210),
    (-300, 1200),
    (300, 1230),
    (700, 1240),
    (990, 1290),
    (1400, 1230),
    (1800, 1170),
    (2300, 1110),
    (2700, 1150),
    (3300, 1120),
    (4100, 1180),
)
EAST_LINE: sheet.Pairs = ((1560, -300), (1545, -120), (1580, 200), (1590, 500), (1600, 800), (1570, 1000), (1600, 1300))
FAR_EAST_LINE: sheet.Pairs = (
    (2560, -300),
    (2540, -150),
    (2530, 200),
    (2580, 500),
    (2540, 800),
    (2500, 1000),
    (2520, 1250),
)
TOWNSHIPS_EACH = 9


def county_shapes() -> dict[str, BaseGeometry]:
    """Counties by code, in metres; together they tile the extent."""
    cuts = [plan.curve(points) for points in (NORTH_LINE, SOUTH_LINE, EAST_LINE, FAR_EAST_LINE)]
    box = shapely.box(*plan.EXTENT_M)
    lines = shapely.union_all([box.exterior, plan.river_line(), *cuts])
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.intersection(lines, box))))
    parts: dict[str, list[BaseGeometry]] = {code: [] for code, _ in COUNTIES}
    river = np.asarray(plan.river_line().coords)
    for face in faces:
        middle = face.representative_point()
        x, y = middle.x, middle.y
        if y > _level(cuts[0], x):
            code = "990105"
        elif y < _level(cuts[1], x):
            code = "990106"
        elif x < np.interp(-y, -river[:, 1], river[:, 0]):
            code = "990102"
        elif x < _column(cuts[2], y):
            code = "990103"
        else:
            code = "990104" if x < _column(cuts[3], y) else "990107"
        parts[code].append(face)
    return {code: shapely.union_all(shapes) for code, shapes in parts.items()}


def _level(line: LineString, x: float) -> float:
    points = np.asarray(line.coords)
    return float(np.interp(x, points[:, 0], points[:, 1]))


def _column(line: LineString, y: float) -> float:
    points = np.asarray(line.coords)
    return float(np.interp(-y, -points[:, 1], points[:, 0]))


def divide(rng: np.random.Generator, counties: dict[str, BaseGeometry]) -> gpd.GeoDataFrame:
    """City, counties and townships in degrees; townships tile their county."""
    rows: list[tuple[str, str, str, str | None]] = [(CITY[0], CITY[1], "city", None)]
    shapes: list[BaseGeometry] = [shapely.union_all(list(counties.values()))]
    for code, name in COUNTIES:
        rows.append((code, name, "county", CITY[0]))
        shapes.append(counties[code])
    word = iter(names.PLACE_WORDS * 3)
    for code, _ in COUNTIES:
        county = counties[code]
        shapely.prepare(county)
        seeds = [
            (name, plan.metres(((x, y),))[0]) for name, x, y, _, _ in sheet.TOWNS if county.contains(plan.place(x, y))
        ]
        west, south, east, north = county.bounds
        while len(seeds) < TOWNSHIPS_EACH:
            spot = np.array([rng.uniform(west, east), rng.uniform(south, north)])
            far = all(np.hypot(*(spot - other)) > 1500 for _, other in seeds)
            if far and shapely.contains_xy(county, spot[0], spot[1]):
                seeds.append((f"{next(word)}街道", spot))
        cells = shapely.get_parts(
            shapely.voronoi_polygons(shapely.multipoints([spot for _, spot in seeds]), extend_to=county)
        )
        for number, (name, spot) in enumerate(seeds, start=1):
            cell = cells[shapely.contains_xy(cells, spot[0], spot[1])][0]
            kind = 1 if name.endswith("镇") else 0
            rows.append((f"{code}{kind}{number:02d}", name, "township", code))
            shapes.append(shapely.intersection(cell, county))
    return gpd.GeoDataFrame(
        {
            "id": [row[0] for row in rows],
            "name": [row[1] for row in rows],
            "level": [row[2] for row in rows],
            "parent_id": [row[3] for row in rows],
        },
        geometry=gpd.GeoSeries(plan.to_degrees(np.array(shapes, object)), crs=GEOGRAPHIC),
    )


def county_of(counties: dict[str, BaseGeometry], x: FloatArray, y: FloatArray) -> ObjectArray:
    """Division code of each place given in metres; a place on or beyond the edge takes the nearest county."""
    codes = np.array(list(counties), object)
    tree = shapely.STRtree(list(counties.values()))
    points: ObjectArray = np.asarray(shapely.points(x, y), dtype=object)
    answer: ObjectArray = np.empty(len(points), dtype=np.object_)
    point, county = tree.query(points, predicate="intersects")
    answer[point] = codes[county]
    lost = np.flatnonzero(answer == None)  # noqa: E711 - elementwise on an object array
    if len(lost):
        answer[lost] = codes[tree.nearest(points[lost])]
    return answer
