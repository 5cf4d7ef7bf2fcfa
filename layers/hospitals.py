"""Which hospitals are nearest to a place, and how many patients can each still take?"""

from dataclasses import dataclass

from pyproj import Geod
from sqlalchemy import Connection, text

from gis.crs import LonLat
from gis.provenance import Mode

NEAREST = 6


@dataclass(frozen=True, slots=True)
class Hospital:
    """
    A hospital as seen from a place.

    Attributes
    ----------
    beds, beds_free
        All beds and those free as of the row; None where nobody said.
    distance_m
        Geodesic, from the place.
    """

    id: str
    name: str
    beds: int | None
    beds_free: int | None
    distance_m: float
    longitude: float
    latitude: float


def nearest(connection: Connection, place: LonLat, mode: Mode, count: int = NEAREST) -> list[Hospital]:
    """Return the `count` hospitals nearest to `place` in a world, the nearest first; full ones too."""
    rows = connection.execute(_NEAREST, {"mode": mode, "x": place.longitude, "y": place.latitude, "count": count * 3})
    geod = Geod(ellps="GRS80")
    found = []
    for row in rows:
        metres = geod.inv(place.longitude, place.latitude, row.longitude, row.latitude)[2]
        found.append(Hospital(row.id, row.name, row.beds, row.beds_free, float(metres), row.longitude, row.latitude))
    return sorted(found, key=lambda one: one.distance_m)[:count]


# The index orders by degrees; among the nearest few the ellipsoid decides.
_NEAREST = text(
    "SELECT id, name, beds, beds_free, ST_X(geometry) AS longitude, ST_Y(geometry) AS latitude"
    " FROM layers.protection_target WHERE kind = 'hospital' AND mode = :mode AND superseded_at IS NULL"
    " AND valid_to IS NULL ORDER BY geometry <-> ST_SetSRID(ST_MakePoint(:x, :y), ST_SRID(geometry)), id LIMIT :count"
)
