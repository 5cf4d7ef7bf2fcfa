"""What ground lies around a place? The base map cut to a neighbourhood, for a drawing that asks no tile server."""

import geopandas as gpd
from sqlalchemy import Connection, text

from gis.database import read_frame

MARGIN = 0.35
"""Share of the box added on each side, so that the ways in are seen."""
_FINEST_DEG = 3e-5
_AREAS = """
SELECT kind, name, ST_SimplifyPreserveTopology(
           ST_Intersection(geometry, ST_MakeEnvelope(:west, :south, :east, :north, 4490)), :fine) AS geometry
FROM layers.base_area
WHERE geometry && ST_MakeEnvelope(:west, :south, :east, :north, 4490) AND min_zoom <= :detail AND kind <> 'building'
ORDER BY min_zoom, id
"""
_LINES = """
SELECT class AS kind, name, ST_Simplify(
           ST_Intersection(geometry, ST_MakeEnvelope(:west, :south, :east, :north, 4490)), :fine) AS geometry
FROM layers.base_line
WHERE geometry && ST_MakeEnvelope(:west, :south, :east, :north, 4490) AND min_zoom <= :detail
ORDER BY min_zoom DESC, id
"""
_SOURCE = """
SELECT coalesce(string_agg(DISTINCT source_system, ', '), '') AS source FROM layers.base_line
WHERE geometry && ST_MakeEnvelope(:west, :south, :east, :north, 4490)
"""


def around(
    connection: Connection, bounds: tuple[float, float, float, float], *, detail: int = 12
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, str]:
    """
    Cut the offline base map to a box and its margin.

    Parameters
    ----------
    bounds
        West, south, east, north in degrees (EPSG:4490).
    detail
        Zoom whose detail is wanted: what appears only at closer zooms is left out.

    Returns
    -------
    areas, lines, source
        Frames with ``kind``, ``name`` and geometry, coarse first; and who made the lines, empty where there are none.
    """
    west, south, east, north = bounds
    wide, high = MARGIN * (east - west), MARGIN * (north - south)
    box = {"west": west - wide, "south": south - high, "east": east + wide, "north": north + high}
    asked = box | {"detail": detail, "fine": _FINEST_DEG}
    areas = read_frame(connection, _AREAS, asked)
    lines = read_frame(connection, _LINES, asked)
    source = str(connection.execute(text(_SOURCE), box).scalar_one())
    return areas[~areas.geometry.is_empty], lines[~lines.geometry.is_empty], source
