"""Which divisions hold this place?"""

from sqlalchemy import Connection, func, select

from gis.crs import GEOGRAPHIC_SRID
from layers.rows import standing
from layers.tables import Base


def divisions_at(connection: Connection, longitude: float, latitude: float) -> list[tuple[str, str]]:
    """Code and name of the standing divisions that hold a place, the widest first."""
    table = Base.metadata.tables["layers.division"]
    place = func.ST_SetSRID(func.ST_MakePoint(longitude, latitude), GEOGRAPHIC_SRID)
    rows = connection.execute(
        select(table.c.id, table.c.name)
        .where(standing(table) & func.ST_Intersects(table.c.geometry, place))
        .order_by(func.length(table.c.id), func.ST_Area(table.c.geometry).desc())
    )
    return [(code, name) for code, name in rows]
