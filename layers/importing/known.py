"""What does the register already know that a file can be held against?"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from sqlalchemy import Connection, func, select, type_coerce
from sqlalchemy.types import NullType

from gis import personal
from gis.crs import GEOGRAPHIC_SRID, LocalFrame, LonLat
from gis.database import read_frame
from layers.importing.fields import Field
from layers.rows import standing
from layers.tables import Base

Bounds = tuple[float, float, float, float]
NOT_ROADS = ("stream", "rail", "boundary")
ROADS_READ = 60_000


@dataclass(frozen=True)
class Known:
    """
    The register at the time of the import.

    Attributes
    ----------
    rows
        Standing rows of the layer: ``id, name, uscc, division_code, as_of``, the layer's columns, ``longitude``,
        ``latitude``.
    divisions
        Standing divisions with ``id, name, level, geometry``.
    roads
        Lines of the base map near the file's places, EPSG:4490; none where the place has no map.
    centre
        Middle of what is known, for metres.
    """

    rows: pd.DataFrame
    divisions: gpd.GeoDataFrame
    roads: gpd.GeoSeries
    centre: LonLat

    @property
    def metres(self) -> LocalFrame:
        """Frame in which distances of this import are computed."""
        return LocalFrame(self.centre)


@dataclass(frozen=True)
class Register:
    """What is known wherever the file's places lie; see `Known`."""

    rows: pd.DataFrame
    divisions: gpd.GeoDataFrame


def read_register(connection: Connection, table_name: str, fields: tuple[Field, ...]) -> Register:
    """Read the standing rows and divisions; the file need not have been read yet."""
    table = Base.metadata.tables[f"layers.{table_name}"]
    wanted = dict.fromkeys(
        ["id", "division_code", "as_of", "source_system"]
        + [field.column for field in fields if field.column in table.c]
        + [column for column in ("pinyin", "initials", "risk_rank") if column in table.c]
    )
    statement = select(
        # The driver has made lists of arrays already.
        *[type_coerce(table.c[column], NullType()).label(column) for column in wanted],
        func.ST_X(table.c.geometry).label("longitude"),
        func.ST_Y(table.c.geometry).label("latitude"),
    ).where(standing(table))
    # Two rows are told to be one by their numbers too, and what a file leaves out is kept: so as they stand.
    with personal.compared(connection):
        result = connection.execute(statement)
        names = list(result.keys())
        fetched = list(zip(*result.fetchall(), strict=True)) or [()] * len(names)
    # As they came: letting pandas guess the kind of every column takes as long as the reading.
    rows = pd.DataFrame({name: pd.Series(cells, dtype=object) for name, cells in zip(names, fetched, strict=True)})
    division = Base.metadata.tables["layers.division"]
    divisions = read_frame(
        connection,
        select(
            division.c.id, division.c.name, division.c.level, func.ST_AsBinary(division.c.geometry).label("geometry")
        ).where(standing(division)),
    )
    return Register(rows, divisions)


def with_roads(connection: Connection, register: Register, middle: LonLat, bounds: Bounds) -> Known:
    """
    Add the roads around the file's places: all that `quality` holds the file against.

    Parameters
    ----------
    middle
        Of the file's places.
    bounds
        West, south, east, north within which roads are of use.
    """
    centre = middle
    if len(register.divisions):
        west, south, east, north = register.divisions.total_bounds
        centre = LonLat(float(west + east) / 2, float(south + north) / 2)
    return Known(register.rows, register.divisions, _roads(connection, bounds), centre)


def _roads(connection: Connection, bounds: Bounds) -> gpd.GeoSeries:
    table = Base.metadata.tables["layers.base_line"]
    found = read_frame(
        connection,
        select(table.c.id, func.ST_AsBinary(table.c.geometry).label("geometry"))
        .where(
            table.c["class"].not_in(NOT_ROADS)
            & table.c.geometry.op("&&")(func.ST_MakeEnvelope(*bounds, GEOGRAPHIC_SRID))
        )
        .limit(ROADS_READ),
    )
    return found.geometry


def in_metres(known: Known, longitude: np.ndarray, latitude: np.ndarray) -> np.ndarray:
    """Metres east and north of the middle, shape ``(n, 2)``; NaN stays NaN."""
    good = np.isfinite(longitude) & np.isfinite(latitude)
    answer = np.full((len(longitude), 2), np.nan)
    if good.any():
        answer[good] = np.column_stack(known.metres.to_metres(longitude[good], latitude[good]))
    return answer


def shapes_in_metres(known: Known, shapes: np.ndarray) -> np.ndarray:
    """Geometries in the metres of `in_metres`."""
    return shapely.transform(shapes, lambda xy: np.column_stack(known.metres.to_metres(xy[:, 0], xy[:, 1])))
