"""
How was the level of this unit worked out, from which people and which quantities, and does the register agree?

People within 500 m are those of the population raster by night (常住人口 live there), by the exact share of each cell;
where the register holds a point and no boundary, the works are taken as a circle of `SITE_RADIUS_M`.
"""

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, func, select

from gis.crs import GEOGRAPHIC_SRID, LocalFrame, LonLat
from gis.errors import MissingError
from layers.exposure import share_inside
from layers.gb18218 import entry_of
from layers.hazard_level import HazardLevel, Holding, Step, assess, working
from layers.rows import standing
from layers.tables import Base

DISTANCE_M = 500.0
SITE_RADIUS_M = 300.0
"""Radius of works whose boundary is not in the register (our assumption, shown with the result)."""


@dataclass(frozen=True, slots=True)
class Working:
    """
    One unit, worked out anew from its design quantities and the people around it.

    Attributes
    ----------
    people
        People within 500 m outside the boundary, rounded up: a fraction of a person is somebody.
    people_exact
        The sum before rounding.
    boundary_assumed_m
        Radius taken for the boundary; None where the boundary is known.
    registered_level, registered_r, registered_people
        What the register says.
    agrees
        Whether the level worked out is the registered one.
    people_as_of
        Age of the population cells; None where there are none near.
    """

    id: str
    name: str
    enterprise_id: str
    enterprise_name: str
    names: dict[str, str]
    result: HazardLevel
    steps: tuple[Step, ...]
    people: int
    people_exact: float
    boundary_assumed_m: float | None
    registered_level: int | None
    registered_r: float
    registered_people: int
    agrees: bool
    source_system: str
    as_of: datetime
    people_source: str
    people_as_of: datetime | None


def work_out(connection: Connection, unit_id: str, boundary: BaseGeometry | None = None) -> Working:
    """
    Work out one standing unit of ``hazard_source``.

    Parameters
    ----------
    boundary
        Boundary of the works in longitude/latitude, where it is known.

    Raises
    ------
    MissingError
        No such unit stands.
    InputError
        A substance of the unit is not in the tables of the standard.
    """
    table = Base.metadata.tables["layers.hazard_source"]
    row = (
        connection.execute(
            select(
                *[table.c[name] for name in (
                    "id", "name", "enterprise_id", "enterprise_name", "substances", "people_within_500m", "r_value",
                    "hazard_level", "source_system", "as_of",
                )],
                func.ST_X(table.c.geometry).label("longitude"),
                func.ST_Y(table.c.geometry).label("latitude"),
            ).where(standing(table) & (table.c.id == unit_id))
        )
        .mappings()
        .first()
    )  # fmt: skip
    if row is None:
        raise MissingError(f"there is no hazard source '{unit_id}' that stands now; search for it by name")
    place = _works(connection, row["enterprise_id"]) or LonLat(row["longitude"], row["latitude"])
    exact, source, as_of = people_near(connection, place, boundary)
    people = math.ceil(exact - 1e-9)
    held = [
        Holding(str(one.get("code") or one["substance"]), str(one["design_max_t"]), str(one.get("hazard_class", "")))
        for one in row["substances"]
    ]
    result = assess(held, people)
    return Working(
        id=row["id"],
        name=row["name"],
        enterprise_id=row["enterprise_id"],
        enterprise_name=row["enterprise_name"],
        names={
            holding.substance: _name(holding.substance, one)
            for holding, one in zip(held, row["substances"], strict=True)
        },
        result=result,
        steps=working(result),
        people=people,
        people_exact=exact,
        boundary_assumed_m=None if boundary is not None else SITE_RADIUS_M,
        registered_level=row["hazard_level"],
        registered_r=float(row["r_value"]),
        registered_people=row["people_within_500m"],
        agrees=result.level == row["hazard_level"],
        source_system=row["source_system"],
        as_of=row["as_of"],
        people_source=source,
        people_as_of=as_of,
    )


def people_near(
    connection: Connection, place: LonLat, boundary: BaseGeometry | None = None, distance_m: float = DISTANCE_M
) -> tuple[float, str, datetime | None]:
    """
    People who live within `distance_m` outside a boundary: their number, the source and its age.

    Without `boundary` the works are a circle of `SITE_RADIUS_M` around `place`.
    """
    ring = _ring(place, boundary, distance_m)
    table = Base.metadata.tables["layers.population_cell"]
    west, south, east, north = ring.bounds
    rows = connection.execute(
        select(table.c.night, table.c.source_system, table.c.as_of, func.ST_AsBinary(table.c.geometry)).where(
            standing(table) & table.c.geometry.op("&&")(func.ST_MakeEnvelope(west, south, east, north, GEOGRAPHIC_SRID))
        )
    ).all()
    if not rows:
        return 0.0, "", None
    cells = shapely.from_wkb([bytes(row[3]) for row in rows])
    inside = share_inside(cells, ring)
    total = float(sum(share * row[0] for share, row in zip(inside, rows, strict=True)))
    return total, str(rows[0][1]), min(row[2] for row in rows)


def _ring(place: LonLat, boundary: BaseGeometry | None, distance_m: float) -> BaseGeometry:
    """Everything up to `distance_m` outside the boundary and nothing inside it, in degrees."""
    frame = LocalFrame(place)

    def metres(pairs: Any) -> Any:
        return shapely.transform(pairs, lambda xy: _pairs(*frame.to_metres(xy[:, 0], xy[:, 1])))

    works = metres(boundary) if boundary is not None else shapely.Point(0.0, 0.0).buffer(SITE_RADIUS_M, quad_segs=32)
    ring = shapely.difference(works.buffer(distance_m, quad_segs=32), works)
    return shapely.transform(ring, lambda xy: _pairs(*frame.to_degrees(xy[:, 0], xy[:, 1])))


def _pairs(first: Any, second: Any) -> Any:
    return np.column_stack([first, second])


def _works(connection: Connection, enterprise_id: str) -> LonLat | None:
    table = Base.metadata.tables["layers.enterprise"]
    found = connection.execute(
        select(func.ST_X(table.c.geometry), func.ST_Y(table.c.geometry)).where(
            standing(table) & (table.c.id == enterprise_id)
        )
    ).first()
    return LonLat(float(found[0]), float(found[1])) if found is not None else None


def _name(code: str, one: dict[str, Any]) -> str:
    entry = entry_of(code)
    return entry.short_name if entry else str(one.get("substance") or code)
