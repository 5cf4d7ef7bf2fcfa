"""Which rows does the room keep about roads? The tables of ``sql/tables.sql``, for typed statements."""

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import BigInteger, Column, DateTime, Double, Integer, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from gis.crs import GEOGRAPHIC_SRID

metadata = MetaData(schema="roads")


def _geometry(kind: str) -> Any:
    return Geometry(kind, srid=GEOGRAPHIC_SRID, spatial_index=False)


version = Table(
    "version",
    metadata,
    Column("network", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("source", Text),
    Column("source_sha256", Text),
    Column("counts", JSONB),
    Column("report", JSONB),
    Column("built_by", Text),
    Column("built_at", DateTime(timezone=True)),
)

closure = Table(
    "closure",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("network", Text),
    Column("area", _geometry("GEOMETRY")),
    Column("way_id", BigInteger),
    Column("place", _geometry("POINT")),
    Column("direction", Text),
    Column("speed_factor", Double),
    Column("reason", Text),
    Column("valid_from", DateTime(timezone=True)),
    Column("valid_until", DateTime(timezone=True)),
    Column("mode", Text),
    Column("recorded_by", Text),
    Column("recorded_at", DateTime(timezone=True)),
    Column("withdrawn_by", Text),
    Column("withdrawn_at", DateTime(timezone=True)),
    Column("known_as", Text),
)

edit = Table(
    "edit",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("network", Text),
    Column("way_id", BigInteger),
    Column("attribute", Text),
    Column("value", Double),
    Column("reason", Text),
    Column("recorded_by", Text),
    Column("recorded_at", DateTime(timezone=True)),
)
