"""
Does the inventory of every site add up, who sends what to whom, and who holds more than the site was designed for?

Closing stock = opening stock + in - out, less the loss declared; what is left over is an imbalance and is shown, never
smoothed away. Masses are decimals: tonnes to the kilogram.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import geopandas as gpd
from sqlalchemy import Connection, Text, cast, func, select

from gis.database import read_frame
from gis.errors import MissingError
from layers.rows import standing
from layers.tables import Base

DECLARED_LOSS = Decimal(0)
"""Share of the day's stock a site may lose without saying why; none unless a site declares one."""
KILOGRAM = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class Day:
    """
    One day of one site, tonnes.

    Attributes
    ----------
    opening_t
        Closing stock of the day before; None on the first day known.
    imbalance_t
        Closing - (opening + in - out); None on the first day.
    over_design
        Whether the closing stock is above the design maximum.
    """

    day: date
    opening_t: Decimal | None
    in_t: Decimal
    out_t: Decimal
    stock_t: Decimal
    imbalance_t: Decimal | None
    over_design: bool


@dataclass(frozen=True, slots=True)
class Balance:
    """
    The ledger of one hazard source.

    Attributes
    ----------
    stock_t
        Closing stock of the newest day; where there is no ledger, what the register says.
    balanced
        No day has an imbalance of a kilogram or more beyond the declared loss.
    over_design
        The newest stock is above the design maximum.
    """

    hazard_source_id: str
    name: str
    substance: str
    design_max_t: Decimal
    stock_t: Decimal
    stock_day: date | None
    days: tuple[Day, ...]
    balanced: bool
    over_design: bool


def balance(connection: Connection, hazard_source_id: str, *, declared_loss: Decimal = DECLARED_LOSS) -> Balance:
    """
    Work out the balance of one site from its ledger, oldest day first.

    Parameters
    ----------
    declared_loss
        Share of the opening stock that may go missing in a day, 0..1.

    Raises
    ------
    MissingError
        No such hazard source stands.
    """
    units = Base.metadata.tables["layers.hazard_source"]
    unit = connection.execute(
        select(
            units.c.id, units.c.name, units.c.substance, _exact(units.c.design_max_t), _exact(units.c.stock_t)
        ).where(standing(units) & (units.c.id == hazard_source_id))
    ).first()
    if unit is None:
        raise MissingError(f"there is no hazard source '{hazard_source_id}' that stands now; search for it by name")
    table = Base.metadata.tables["layers.inventory_ledger"]
    rows = connection.execute(
        select(table.c.ledger_day, _exact(table.c.in_t), _exact(table.c.out_t), _exact(table.c.stock_t))
        .where(standing(table) & (table.c.hazard_source_id == hazard_source_id))
        .order_by(table.c.ledger_day)
    ).all()
    design, registered = Decimal(unit[3]), Decimal(unit[4])
    days = tuple(_days([(row[0], Decimal(row[1]), Decimal(row[2]), Decimal(row[3])) for row in rows], design))
    allowed = [(day.opening_t or Decimal(0)) * declared_loss + KILOGRAM for day in days]
    return Balance(
        hazard_source_id=unit[0],
        name=unit[1],
        substance=unit[2],
        design_max_t=design,
        stock_t=days[-1].stock_t if days else registered,
        stock_day=days[-1].day if days else None,
        days=days,
        balanced=all(
            day.imbalance_t is None or abs(day.imbalance_t) < most for day, most in zip(days, allowed, strict=True)
        ),
        over_design=(days[-1].stock_t if days else registered) > design,
    )


def _days(rows: list[tuple[date, Decimal, Decimal, Decimal]], design: Decimal) -> list[Day]:
    found: list[Day] = []
    opening: Decimal | None = None
    for day, came, went, stock in rows:
        off = None if opening is None else stock - (opening + came - went)
        found.append(Day(day, opening, came, went, stock, off, stock > design))
        opening = stock
    return found


def flows(connection: Connection, substance: str = "") -> gpd.GeoDataFrame:
    """
    What went from site to site: ``id, from_id, from_name, to_id, to_name, substance, quantity_t, moved_on, geometry``.

    Newest first; with `substance` (name or CAS number) only that one.
    """
    table = Base.metadata.tables["layers.chemical_flow"]
    wanted = standing(table)
    if substance:
        wanted = wanted & ((table.c.substance == substance) | (table.c.cas_number == substance))
    columns = ("id", "from_id", "from_name", "to_id", "to_name", "substance", "quantity_t", "moved_on")
    statement: Any = (
        select(*[table.c[name] for name in columns], func.ST_AsBinary(table.c.geometry).label("geometry"))
        .where(wanted)
        .order_by(table.c.moved_on.desc(), table.c.id)
    )
    return read_frame(connection, statement)


def above_design(connection: Connection) -> list[dict[str, Any]]:
    """Sites whose newest stock is above their design maximum: ``id, name, enterprise_name, stock_t, design_max_t``."""
    units = Base.metadata.tables["layers.hazard_source"]
    ledger = Base.metadata.tables["layers.inventory_ledger"]
    ranked = (
        select(
            ledger.c.hazard_source_id,
            ledger.c.stock_t,
            func.row_number()
            .over(partition_by=ledger.c.hazard_source_id, order_by=ledger.c.ledger_day.desc())
            .label("back"),
        )
        .where(standing(ledger))
        .subquery()
    )
    newest = select(ranked).where(ranked.c.back == 1).subquery()
    stock = func.coalesce(newest.c.stock_t, units.c.stock_t)
    rows = connection.execute(
        select(units.c.id, units.c.name, units.c.enterprise_name, stock.label("stock_t"), units.c.design_max_t)
        .select_from(units.outerjoin(newest, newest.c.hazard_source_id == units.c.id))
        .where(standing(units) & (stock > units.c.design_max_t))
        .order_by(units.c.id)
    ).mappings()
    return [dict(row) for row in rows]


def _exact(column: Any) -> Any:
    """Decimals as text: the driver hands numbers out as floats, and kilograms must not be lost on the way."""
    return cast(column, Text)
