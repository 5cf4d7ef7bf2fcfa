"""What lies in a square or a township and adds to its risk, and may the caller see all of it?"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Table, and_, func, select

from gis.crs import GEOGRAPHIC_SRID
from gis.errors import InputError, MissingError
from layers.gb18218 import entry_of
from layers.hazard_level import HazardLevel, Holding, assess
from layers.risk import LEAST, WEIGHTS, Coloured, colour_of
from layers.rows import of_this_world
from layers.tables import Base
from layers.unseen import mine

CELL_DEG = (0.0105, 0.009)
"""Width and height of a square of migration 0011 in degrees: about 1 km at 31° N."""
R_DIGITS = 4
"""Places to which the register keeps R: a difference below half of the last one is rounding."""
UNIT_COLUMNS = (
    "id", "name", "enterprise_name", "substance", "substances", "people_within_500m", "r_value", "is_major",
    "source_system", "as_of",
)  # fmt: skip
_FIRM_COLUMNS = ("id", "name", "risk_level", "source_system", "as_of")

Seen = Literal["whole", "part", "none"]
"""Whether an area lies in the caller's divisions: rows of others are not counted in what he sees."""


@dataclass(frozen=True, slots=True)
class Part:
    """
    Something that adds to an area.

    Attributes
    ----------
    layer, id
        Where its own card is found.
    note
        Main substance of a unit; empty for an enterprise.
    level
        Colour of a unit by the rule, or registered four-colour level of an enterprise.
    adds
        What it adds to the score; 0 for a unit that is no major hazard.
    agrees
        Whether a unit's R follows from its registered quantities; None where that cannot be said.
    """

    layer: Literal["risk_unit", "four_colour"]
    id: str
    name: str
    note: str
    level: int | None
    adds: float
    counted: bool
    agrees: bool | None
    source_system: str
    as_of: datetime


def parts_of(connection: Connection, found: Coloured) -> list[Part]:
    """Units and enterprises in an area that the caller may see: units first, the heaviest on top."""
    units = _inside(connection, found, "hazard_source", UNIT_COLUMNS)
    firms = _inside(connection, found, "enterprise", _FIRM_COLUMNS, risky=True)
    weights = dict(WEIGHTS)
    parts = [_unit(row) for row in units]
    parts += [
        Part(
            "four_colour", row["id"], row["name"], "", row["risk_level"], float(weights[row["risk_level"]]), True, None,
            row["source_system"], row["as_of"],
        )
        for row in firms
    ]  # fmt: skip
    return sorted(parts, key=lambda part: (part.layer != "risk_unit", -part.adds, part.id))


def seen(connection: Connection, found: Coloured) -> Seen:
    """Whether the townships an area lies in are all the caller's."""
    places = _table("division")
    where = (
        places.c.id == found.id
        if found.kind == "township"
        else places.c.geometry.op("&&")(_square(found)) & func.ST_Intersects(places.c.geometry, _square(found))
    )
    every, own = connection.execute(
        select(func.count(), func.count().filter(mine(places))).where(
            _stands(places) & (places.c.level == "township") & where
        )
    ).one()
    if every == own:
        return "whole"
    return "none" if own == 0 and found.score == 0 else "part"


def worked(row: Mapping[Any, Any]) -> tuple[HazardLevel | None, dict[str, str]]:
    """GB 18218 for one register row; None where its substances are not kept or not in the tables of the standard."""
    kept = row["substances"] or []
    held = [
        Holding(
            str(each.get("code") or each["substance"]), str(each["design_max_t"]), str(each.get("hazard_class", ""))
        )
        for each in kept
    ]
    try:
        result = assess(held, int(row["people_within_500m"])) if held else None
    except InputError:
        return None, {}
    names = {}
    for holding, each in zip(held, kept, strict=True):
        entry = entry_of(holding.substance)
        names[holding.substance] = entry.short_name if entry else str(each.get("substance") or holding.substance)
    return result, names


def same_r(one: float, other: float) -> bool:
    """
    Whether two R are the same as far as the register keeps them.

    Examples
    --------
    >>> same_r(64.0, 64.00004), same_r(64.0, 63.9)
    (True, False)
    """
    return bool(abs(one - other) <= 0.5 * 10.0**-R_DIGITS + 1e-9)


def _unit(row: Mapping[Any, Any]) -> Part:
    result, _ = worked(row)
    r, major = float(row["r_value"]), bool(row["is_major"])
    return Part(
        "risk_unit", row["id"], f"{row['enterprise_name']} {row['name']}", row["substance"],
        colour_of(r) if major else LEAST[-1][0], r if major else 0.0, major,
        None if result is None else same_r(float(result.r), r), row["source_system"], row["as_of"],
    )  # fmt: skip


def _inside(
    connection: Connection, found: Coloured, name: str, columns: tuple[str, ...], *, risky: bool = False
) -> list[Mapping[Any, Any]]:
    """Rows the views of migration 0011 count for an area; the box of it is asked first, for the index."""
    table, places = _table(name), _table("division")
    if found.kind == "township":
        place: Any = (
            select(places.c.geometry)
            .where(_stands(places, ended=True) & (places.c.id == found.id) & (places.c.level == "township"))
            .limit(1)
            .scalar_subquery()
        )
        within: ColumnElement[bool] = func.ST_Covers(place, table.c.geometry)
    else:
        place = _square(found)
        column, row = _at(found)
        within = and_(
            func.floor(func.ST_X(table.c.geometry) / CELL_DEG[0]) == column,
            func.floor(func.ST_Y(table.c.geometry) / CELL_DEG[1]) == row,
        )
    wanted = _stands(table) & table.c.geometry.op("&&")(place) & within
    if risky:
        wanted &= table.c.risk_level.in_([level for level, _ in WEIGHTS])
    return list(connection.execute(select(*[table.c[one] for one in columns]).where(wanted)).mappings())


def _square(found: Coloured) -> Any:
    column, row = _at(found)
    wide, high = CELL_DEG
    return func.ST_MakeEnvelope(column * wide, row * high, (column + 1) * wide, (row + 1) * high, GEOGRAPHIC_SRID)


def _at(found: Coloured) -> tuple[int, int]:
    at = re.fullmatch(r"WG-(-?\d+)-(-?\d+)", found.id)
    if at is None:
        raise MissingError(f"there is no grid '{found.id}' with a risk colour")
    return int(at[1]), int(at[2])


def _stands(table: Table, *, ended: bool = False) -> ColumnElement[bool]:
    """As `layers.risk_point` of migration 0011 asks it: a place may have an end, what lies in it may not."""
    known = of_this_world(table) & table.c.superseded_at.is_(None)
    return known if ended else known & table.c.valid_to.is_(None)


def _table(name: str) -> Table:
    return Base.metadata.tables[f"layers.{name}"]
