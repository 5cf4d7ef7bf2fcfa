"""Which cameras are nearest to a place, do they look at it, and where around it does none?"""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from pyproj import Geod
from sqlalchemy import Connection, text

from gis.crs import GEOGRAPHIC, GEOGRAPHIC_SRID, LonLat, as_geographic, local_metric_crs
from gis.provenance import Mode

NEAREST = 6
GAPS_WITHIN_M = 1_000.0
ARC_STEP_DEG = 5.0


@dataclass(frozen=True, slots=True)
class SeenFrom:
    """
    A camera as seen from a place.

    Attributes
    ----------
    id
        Its number in the catalogue; streams are opened by it, never by an address.
    distance_m, bearing_deg
        From the place to the camera, geodesic, clockwise from north.
    looks_at_it
        Whether the place lies in its sector and range: geometry only, walls and smoke are not known.
    """

    id: str
    name: str
    status: str
    distance_m: float
    bearing_deg: float
    looks_at_it: bool
    longitude: float
    latitude: float


def nearest(connection: Connection, place: LonLat, mode: Mode, count: int = NEAREST) -> list[SeenFrom]:
    """Return the `count` cameras nearest to `place`, the nearest first; silent ones too, said to be silent."""
    rows = connection.execute(_NEAREST, {"mode": mode, "x": place.longitude, "y": place.latitude, "count": count * 3})
    geod = Geod(ellps="GRS80")
    found = []
    for row in rows:
        there, back, metres = geod.inv(place.longitude, place.latitude, row.longitude, row.latitude)
        off = abs((back - row.bearing_deg + 180.0) % 360.0 - 180.0)
        sees = metres <= row.range_m and off <= row.view_deg / 2
        found.append(
            SeenFrom(
                row.id,
                row.name,
                row.status,
                float(metres),
                float(there % 360.0),
                bool(sees),
                row.longitude,
                row.latitude,
            )
        )
    return sorted(found, key=lambda one: one.distance_m)[:count]


def coverage(connection: Connection, place: LonLat, mode: Mode, within_m: float = GAPS_WITHIN_M) -> gpd.GeoDataFrame:
    """
    Sectors of the cameras that answer, and the gaps: what lies within `within_m` of `place` and in no sector.

    Returns
    -------
    frame
        ``kind`` (``seen`` or ``gap``), ``area_m2``, ``geometry`` in CGCS2000 degrees; at most two rows. Range and
        field of view only: no line of sight is computed.
    """
    rows = connection.execute(
        _AROUND, {"mode": mode, "x": place.longitude, "y": place.latitude, "srid": GEOGRAPHIC_SRID, "metres": within_m}
    ).all()
    crs = local_metric_crs(place)
    ring = shapely.Point(0.0, 0.0).buffer(within_m, quad_segs=24)
    seen: Any = shapely.Polygon()
    if rows:
        spots = gpd.GeoSeries([shapely.Point(row.longitude, row.latitude) for row in rows], crs=GEOGRAPHIC).to_crs(crs)
        sectors = [
            sector(spot.x, spot.y, row.bearing_deg, row.view_deg, row.range_m)
            for spot, row in zip(spots, rows, strict=True)
        ]
        seen = shapely.intersection(shapely.union_all(sectors), ring)
    parts = [("seen", seen), ("gap", shapely.difference(ring, seen))]
    kept = [(kind, shape) for kind, shape in parts if not shape.is_empty]
    frame = gpd.GeoDataFrame(
        {"kind": [kind for kind, _ in kept], "area_m2": [float(shape.area) for _, shape in kept]},
        geometry=[shape for _, shape in kept],
        crs=crs,
    )
    return as_geographic(frame)


def sector(x_m: float, y_m: float, bearing_deg: float, view_deg: float, range_m: float) -> shapely.Polygon:
    """
    Sector a camera covers, in local metres.

    Parameters
    ----------
    bearing_deg, view_deg
        Middle of the view, clockwise from north, and its full width; 360 is a dome.
    """
    if view_deg >= 360:
        return shapely.Point(x_m, y_m).buffer(range_m, quad_segs=24)
    steps = max(2, int(np.ceil(view_deg / ARC_STEP_DEG)) + 1)
    angles = np.radians(bearing_deg + np.linspace(-view_deg / 2, view_deg / 2, steps))
    arc = np.column_stack([x_m + range_m * np.sin(angles), y_m + range_m * np.cos(angles)])
    return shapely.Polygon(np.vstack([[x_m, y_m], arc]))


_NEAREST = text("""
    SELECT id, name, status, bearing_deg, view_deg, range_m, ST_X(geometry) AS longitude, ST_Y(geometry) AS latitude
    FROM layers.camera
    WHERE mode = :mode AND superseded_at IS NULL AND valid_to IS NULL
    ORDER BY power((ST_X(geometry) - :x) * cos(radians(:y)), 2) + power(ST_Y(geometry) - :y, 2) LIMIT :count
""")
_AROUND = text("""
    SELECT bearing_deg, view_deg, range_m, ST_X(geometry) AS longitude, ST_Y(geometry) AS latitude
    FROM layers.camera
    WHERE mode = :mode AND superseded_at IS NULL AND valid_to IS NULL AND status = 'live'
      AND ST_DWithin(CAST(geometry AS geography), CAST(ST_SetSRID(ST_MakePoint(:x, :y), :srid) AS geography),
                     :metres + range_m)
""")
