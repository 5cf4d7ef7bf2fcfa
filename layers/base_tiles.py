"""What does one tile of the offline base map hold?"""

import math

from sqlalchemy import Connection, text

from gis.crs import GEOGRAPHIC_SRID, WEB_MERCATOR_SRID
from layers.tile_address import Address
from layers.tiles import BUFFER, EXTENT

_BASE = {
    "areas": text(
        """
        SELECT ST_AsMVT(rows, 'areas', 4096, 'geom') FROM (
            SELECT kind, NULLIF(name, '') AS name,
                ST_AsMVTGeom(ST_Transform(geometry, :web), ST_TileEnvelope(:z, :x, :y), 4096, 96, true) AS geom
            FROM layers.base_area
            WHERE min_zoom <= :z AND geometry && ST_MakeEnvelope(:west, :south, :east, :north, :srid)
                AND ST_XMax(geometry) - ST_XMin(geometry) > :pixel
            ORDER BY id
        ) AS rows WHERE geom IS NOT NULL
        """
    ),
    "lines": text(
        """
        SELECT ST_AsMVT(rows, 'lines', 4096, 'geom') FROM (
            SELECT class, CASE WHEN :z >= 12 THEN NULLIF(name, '') END AS name, NULLIF(bridge, false) AS bridge,
                NULLIF(tunnel, false) AS tunnel,
                ST_AsMVTGeom(
                    ST_Transform(ST_Simplify(geometry, :pixel / 2), :web), ST_TileEnvelope(:z, :x, :y), 4096, 96, true
                ) AS geom
            FROM layers.base_line
            WHERE min_zoom <= :z AND geometry && ST_MakeEnvelope(:west, :south, :east, :north, :srid)
            ORDER BY id
        ) AS rows WHERE geom IS NOT NULL
        """
    ),
    # A client whose tiles are 512 px wide draws tile zoom z at view zoom z + 1, so labels come one zoom early and carry
    # the zooms between which they stand.
    "labels": text(
        """
        SELECT ST_AsMVT(rows, 'labels', 4096, 'geom') FROM (
            SELECT kind, text, rank, angle_deg, min_zoom, max_zoom,
                ST_AsMVTGeom(ST_Transform(geometry, :web), ST_TileEnvelope(:z, :x, :y), 4096, 0, true) AS geom
            FROM layers.base_label
            WHERE min_zoom <= :z + 1 AND max_zoom >= :z
                AND geometry && ST_MakeEnvelope(:west, :south, :east, :north, :srid)
            ORDER BY rank, id
        ) AS rows WHERE geom IS NOT NULL
        """
    ),
}


def base_tile(connection: Connection, z: int, x: int, y: int) -> bytes:
    """
    One tile of the offline base map, of whatever networks lie there, with the layers ``areas``, ``lines``, ``labels``.

    Areas carry ``kind, name``; lines ``class, name, bridge, tunnel``; labels ``kind, text, rank, angle_deg, min_zoom,
    max_zoom``. What is smaller than a pixel or below its zoom is left out.

    Raises
    ------
    InputError
        No such tile.
    """
    address = Address(z, x, y).checked()
    west, south, east, north = address.bounds()
    margin = (east - west) * BUFFER / EXTENT
    values = {
        "z": z, "x": x, "y": y, "web": WEB_MERCATOR_SRID, "srid": GEOGRAPHIC_SRID, "pixel": (east - west) / 512,
        "west": west - margin, "south": south - margin, "east": east + margin, "north": north + margin,
    }  # fmt: skip
    parts: list[bytes] = []
    for name, statement in _BASE.items():
        used = (
            {**values} if name != "labels" else {**values, "west": west, "south": south, "east": east, "north": north}
        )
        found = connection.execute(statement, used).scalar_one_or_none()
        if found:
            parts.append(bytes(found))
    # Tiles of several layers are the layers' bytes one after the other.
    return b"".join(parts)


def base_version(connection: Connection) -> str:
    """Changes whenever the base map does."""
    row = connection.execute(
        text(
            "SELECT (SELECT max(id) FROM layers.base_area), (SELECT max(id) FROM layers.base_line), "
            "(SELECT max(id) FROM layers.base_label)"
        )
    ).one()
    return "-".join(str(value) for value in row)


def base_extent(connection: Connection) -> tuple[float, float, float, float] | None:
    """Corners of the base map on the pyramid, 0 to 1 from the west and the north; None where there is none."""
    row = connection.execute(
        text(
            "SELECT ST_XMin(box), ST_YMax(box), ST_XMax(box), ST_YMin(box) FROM"
            " (SELECT ST_Extent(geometry) AS box FROM layers.base_line) AS lines"
        )
    ).one()
    if row[0] is None:
        return None
    (west, north), (east, south) = (_on_pyramid(row[0], row[1]), _on_pyramid(row[2], row[3]))
    return west, north, east, south


def _on_pyramid(longitude: float, latitude: float) -> tuple[float, float]:
    """Place on the pyramid: 0 to 1 from the west and from the north."""
    return (longitude + 180) / 360, 0.5 - math.asinh(math.tan(math.radians(latitude))) / (2 * math.pi)
