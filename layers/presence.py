"""
How many people are at work at this hour?

The register gives employees and those on a shift. By day (08:00 to 18:00 on a working day) all employees are taken to
be there, else the shift alone: the largest number a duty officer has to reckon with.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import geopandas as gpd
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, func, select

from gis.columns import FACILITIES, PEOPLE
from gis.crs import GEOGRAPHIC, GEOGRAPHIC_SRID
from gis.database import read_frame
from gis.errors import InputError
from layers import exposure
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


@dataclass(frozen=True, slots=True)
class AtWork:
    """
    People at work in a zone band at a moment.

    Attributes
    ----------
    present
        By the hour: the staff or the shift; `staff` and `shift` are both.
    workplaces
        Enterprises in the band, those with nobody present included.
    """

    level: int
    level_name: str
    present: int
    staff: int
    shift: int
    workplaces: int


def in_zones(connection: Connection, zones: gpd.GeoDataFrame, when: datetime) -> list[AtWork]:
    """
    Count people at work in disjoint bands of hazard zones, the worst first.

    They stand beside the population grid and are not added to it: its day column has put them at work already.

    Parameters
    ----------
    zones
        Columns of ``gis.columns.ZONES``, lon/lat.
    when
        Aware; decides whether the staff or the shift is there.
    """
    if not len(zones):
        return []
    west, south, east, north = (float(edge) for edge in zones.total_bounds)
    places = workplaces(connection, when, (west, south, east, north))
    counted = exposure.count(zones, places, FACILITIES.empty(GEOGRAPHIC), day=is_working_time(when))
    found: list[AtWork] = []
    inside_worse: BaseGeometry = shapely.MultiPolygon()
    for band in counted.bands.to_dict("records"):
        area = shapely.union_all(zones.geometry[zones["level"] >= band["level"]].to_numpy())
        here = shapely.covers(shapely.difference(area, inside_worse), places.geometry.to_numpy())
        inside_worse = area
        staff, shift = int(band["people_day"]), int(band["people_night"])
        present = staff if counted.is_day else shift
        found.append(AtWork(int(band["level"]), str(band["level_name"]), present, staff, shift, int(here.sum())))
    return found


def by_hour(found: Sequence[AtWork], when: datetime) -> list[int]:
    """
    People at work in all bands together in each of the 24 hours of the day of `when`, by the clock of China.

    Examples
    --------
    >>> from datetime import UTC
    >>> band = AtWork(3, "AEGL-3", 90, 90, 20, 4)
    >>> by_hour([band], datetime(2026, 11, 24, 6, tzinfo=UTC))[7:19]
    [20, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 20]
    """
    staff, shift = sum(one.staff for one in found), sum(one.shift for one in found)
    midnight = when.astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    return [staff if is_working_time(midnight + timedelta(hours=hour)) else shift for hour in range(24)]
