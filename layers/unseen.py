"""Which townships may the caller not look into, so that no blank there is read as "nothing counts"?"""

import geopandas as gpd
from shapely.geometry import box
from sqlalchemy import ColumnElement, Connection, Table, and_, func, select

from gis.crs import GEOGRAPHIC_SRID
from gis.database import read_frame
from layers.rows import Then, standing
from layers.tables import Base

LAYERS = frozenset({"risk_grid", "risk_township"})
"""Layers of surfaces whose value is worked out from rows that only their own divisions see."""

Bounds = tuple[float, float, float, float]


def mine(places: Table) -> ColumnElement[bool]:
    """Places of the caller's range of divisions, as the transaction was opened."""
    return and_(
        places.c.division_code >= select(func.current_setting("onemap.division_from", True)).scalar_subquery(),
        places.c.division_code < select(func.current_setting("onemap.division_to", True)).scalar_subquery(),
    )


def hidden(places: Table, then: Then | None = None) -> ColumnElement[bool]:
    """Townships whose registers the caller may not see; the boundaries themselves are no secret."""
    return standing(places, then) & (places.c.level == "township") & ~mine(places)


def places() -> Table:
    """Table of the boundaries."""
    return Base.metadata.tables["layers.division"]


def townships(connection: Connection, bounds: Bounds) -> gpd.GeoDataFrame:
    """Those of them that touch `bounds`: ``id, name, geometry``."""
    table = places()
    west, south, east, north = bounds
    reach = func.ST_MakeEnvelope(west, south, east, north, GEOGRAPHIC_SRID)
    statement = (
        select(table.c.id, table.c.name, func.ST_AsBinary(table.c.geometry).label("geometry"))
        .where(hidden(table) & table.c.geometry.op("&&")(reach))
        .order_by(table.c.id)
    )
    found = read_frame(connection, statement)
    return found[found.geometry.intersects(box(*bounds))]


def some(connection: Connection) -> bool:
    """Whether there is any."""
    table = places()
    return connection.execute(select(table.c.id).where(hidden(table)).limit(1)).first() is not None
