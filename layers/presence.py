"""
How many people are at work at this hour?

The register gives employees and those on a shift. By day (08:00 to 18:00 on a working day) all employees are taken to
be there, else the shift alone: the largest number a duty officer has to reckon with.
"""

from datetime import datetime, timedelta, timezone

import geopandas as gpd
from sqlalchemy import Connection, func, select

from gis.columns import PEOPLE
from gis.crs import GEOGRAPHIC_SRID
from gis.database import read_frame
from gis.errors import InputError
from layers.rows import standing
from layers.tables import Base

CHINA = timezone(timedelta(hours=8))
DAY_BEGINS_H, DAY_ENDS_H = 8, 18
WORKING_DAYS = frozenset(range(5))
"""Monday to Friday; holidays are not known to the register (an assumption)."""


def is_working_time(when: datetime) -> bool:
    """
    Whether whole staffs are at work at `when` (aware), by the clock of China.

    Raises
    ------
    InputError
        A time without a zone.

    Examples
    --------
    >>> from datetime import UTC
    >>> [is_working_time(datetime(2026, 11, 24, hour, tzinfo=UTC)) for hour in (0, 6, 10, 23)]
    [True, True, False, False]
    """
    if when.tzinfo is None:
        raise InputError(f"{when.isoformat()} has no time zone; write it with one, such as +08:00")
    local = when.astimezone(CHINA)
    return local.weekday() in WORKING_DAYS and DAY_BEGINS_H <= local.hour < DAY_ENDS_H


def workplaces(
    connection: Connection, when: datetime, bounds: tuple[float, float, float, float] | None = None
) -> gpd.GeoDataFrame:
    """
    Enterprises as points with the people at work: ``id, name, day, night, present, geometry``.

    Parameters
    ----------
    when
        Aware; decides `present`. `day` is the staff, `night` the shift.
    bounds
        West, south, east, north in degrees.
    """
    table = Base.metadata.tables["layers.enterprise"]
    present = table.c.people if is_working_time(when) else table.c.on_shift
    wanted = standing(table)
    if bounds is not None:
        wanted = wanted & func.ST_Intersects(table.c.geometry, func.ST_MakeEnvelope(*bounds, GEOGRAPHIC_SRID))
    statement = (
        select(
            table.c.id,
            table.c.name,
            table.c.people.label("day"),
            table.c.on_shift.label("night"),
            present.label("present"),
            func.ST_AsBinary(table.c.geometry).label("geometry"),
        )
        .where(wanted)
        .order_by(table.c.id)
    )
    return PEOPLE.check(read_frame(connection, statement))
