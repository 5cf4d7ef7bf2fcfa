"""What lies within an area somebody drew? People by share of area, and the rows of each layer asked for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, func, select

from gis.crs import GEOGRAPHIC, GEOGRAPHIC_SRID, LonLat, as_geographic, as_local
from gis.errors import InputError
from gis.geometry import area_m2
from layers import catalogue, store
from layers.apportion import largest_remainder
from layers.exposure import share_inside
from layers.rows import Then, belongs, table_of

ROWS = 200
"""Rows of a layer that are named; all are counted."""
LARGEST_M2 = 2e10
MOST_VERTICES = 5000
FARTHEST_BUFFER_M = 50_000.0


@dataclass(frozen=True, slots=True)
class Found:
    """Rows of one layer: all counted, the first `ROWS` by name with a point on each (longitude first)."""

    layer: str
    count: int
    rows: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Within:
    """
    What lies in the area: its size, its people by day and by night, and what each layer has there.

    ``area`` is what was asked about, the buffer included; EPSG:4490, longitude first.
    """

    area: BaseGeometry
    area_m2: float
    people_day: int
    people_night: int
    layers: tuple[Found, ...]


def area_of(drawn: Mapping[str, Any], buffer_m: float = 0.0) -> BaseGeometry:
    """
    Area a GeoJSON geometry means: a surface as it is, a point or line with all that lies within `buffer_m` of it.

    Raises
    ------
    InputError
        Every fault: no such geometry, outside the world, too many points, too large, a line without a distance.
    """
    try:
        geometry = shape(dict(drawn))
    except (ShapelyError, ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise InputError("area: this is no GeoJSON geometry; give a Polygon, or a Point or LineString") from error
    faults = list(_faults(geometry, buffer_m))
    if faults:
        raise InputError(faults)
    area = shapely.make_valid(geometry)
    if buffer_m > 0:
        centre = shapely.centroid(area)
        flat = as_local(gpd.GeoDataFrame(geometry=[area], crs=GEOGRAPHIC), LonLat(centre.x, centre.y))
        area = as_geographic(flat.set_geometry(flat.buffer(buffer_m))).geometry.iloc[0]
    if area_m2(gpd.GeoSeries([area], crs=GEOGRAPHIC))[0] > LARGEST_M2:
        raise InputError(f"area: larger than {LARGEST_M2 / 1e6:,.0f} km²; draw a smaller one")
    return area


def within(
    connection: Connection, area: BaseGeometry, layers: Iterable[str] | None = None, then: Then | None = None
) -> Within:
    """
    Count and name what lies in `area`, of `layers` or of every connected layer of places of our own.

    Raises
    ------
    MissingError
        No such layer, or it is not connected.
    """
    wanted = (
        [catalogue.layer(key) for key in dict.fromkeys(layers)]
        if layers is not None
        else [spec for spec in catalogue.LAYERS if spec.connected and spec.geometry == "point" and not spec.mirrored]
    )
    cells = store.people(connection, tuple(shapely.bounds(area).tolist()), then)
    share = share_inside(cells.geometry.to_numpy(), area)
    counted = {}
    for when in ("day", "night"):
        heads = cells[when].to_numpy(float)
        inside = float(share @ heads)
        # The same rounding as an exposure, so that the two never differ by a person.
        counted[when] = int(largest_remainder([inside, max(float(heads.sum()) - inside, 0.0)], round(heads.sum()))[0])
    return Within(
        area=area,
        area_m2=float(area_m2(gpd.GeoSeries([area], crs=GEOGRAPHIC))[0]),
        people_day=counted["day"],
        people_night=counted["night"],
        layers=tuple(_found(connection, spec, area, then) for spec in wanted),
    )


def _found(connection: Connection, spec: catalogue.LayerSpec, area: BaseGeometry, then: Then | None) -> Found:
    table = table_of(spec)
    drawn = func.ST_GeomFromWKB(shapely.to_wkb(area), GEOGRAPHIC_SRID)
    point = func.ST_PointOnSurface(table.c.geometry)
    name = table.c.name if "name" in table.c else table.c.id
    inside = (
        select(
            table.c.id,
            name.label("name"),
            func.ST_X(point).label("longitude"),
            func.ST_Y(point).label("latitude"),
            func.count().over().label("all"),
        )
        .where(
            belongs(spec, table, then),
            table.c.geometry.op("&&")(func.ST_Expand(drawn, 1e-6)),
            func.ST_Intersects(table.c.geometry, drawn),
        )
        .order_by(name, table.c.id)
        .limit(ROWS)
    )
    rows = connection.execute(inside).mappings().all()
    return Found(
        layer=spec.key,
        count=int(rows[0]["all"]) if rows else 0,
        rows=tuple({name: row[name] for name in ("id", "name", "longitude", "latitude")} for row in rows),
    )


def _faults(geometry: BaseGeometry, buffer_m: float) -> Iterable[str]:
    places = shapely.get_coordinates(geometry)
    if not len(places):
        yield "area: it is empty; draw at least three corners"
        return
    if not np.isfinite(places).all() or (np.abs(places) > [180.0, 90.0]).any():
        yield "area: a corner lies outside the world; give degrees, longitude first"
    if len(places) > MOST_VERTICES:
        yield f"area: {len(places)} corners; give at most {MOST_VERTICES}"
    if not 0.0 <= buffer_m <= FARTHEST_BUFFER_M:
        yield f"buffer_m: {buffer_m:g} is not between 0 and {FARTHEST_BUFFER_M:g} m"
    if geometry.geom_type not in ("Polygon", "MultiPolygon") and buffer_m == 0.0:
        yield "buffer_m: a point or a line needs a distance in metres"
