"""Who holds this substance near this place?"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, String, and_, cast, func, or_, select

from gis.crs import GEOGRAPHIC_SRID, LonLat
from layers.gb18218 import SUBSTANCES, TABLE_1
from layers.rows import standing
from layers.tables import Base

WITHIN_M = 5000.0

_FORMULAS = {
    "cl2": "7782-50-5", "nh3": "7664-41-7", "cocl2": "75-44-5", "so2": "7446-09-5", "hcl": "7647-01-0",
    "h2s": "7783-06-4", "ph3": "7803-51-2", "co": "630-08-0", "hf": "7664-39-3", "no2": "10102-44-0",
    "hcn": "74-90-8", "lpg": "68476-85-7", "lng": "74-82-8", "ch4": "74-82-8", "c2h2": "74-86-2", "h2": "1333-74-0",
    "o2": "7782-44-7", "eo": "75-21-8", "液化天然气": "74-82-8", "天然气": "74-82-8", "光气": "75-44-5",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Holder:
    """A unit that holds the substance: its stock in t, and how far it is (None without a place to measure from)."""

    id: str
    name: str
    enterprise_id: str
    enterprise_name: str
    substance: str
    stock_t: float
    longitude: float
    latitude: float
    distance_m: float | None


@cache
def _names() -> dict[str, str]:
    """Every name, alias, English name, UN and CAS number in lower case -> CAS number."""
    found = dict(_FORMULAS)
    for entry in (*TABLE_1, *SUBSTANCES.values()):
        if not entry.cas:
            continue
        names = (entry.name, entry.short_name, entry.english, entry.un, f"un{entry.un}" if entry.un else "", entry.cas)
        for name in (*names, *entry.aliases):
            if name:
                found.setdefault(name.lower(), entry.cas)
    return found


def substance_of(text: str) -> str | None:
    """
    CAS number of what `text` names: a name, an alias, a formula, a CAS or UN number; None when it names none.

    Examples
    --------
    >>> [substance_of(name) for name in ("液氯", "UN 1017", "7782-50-5", "Cl2", "恒泽机械")]
    ['7782-50-5', '7782-50-5', '7782-50-5', '7782-50-5', None]
    """
    return _names().get("".join(text.lower().split()))


def holders(
    connection: Connection, cas: str, near: LonLat | None = None, within_m: float = WITHIN_M, limit: int = 20
) -> list[Holder]:
    """Units that hold `cas`, the nearest first, within `within_m` of `near`; without `near` the largest stock first."""
    table = Base.metadata.tables["layers.hazard_source"]
    holds = or_(table.c.cas_number == cas, cast(table.c.substances, String).like(f'%"{cas}"%'))
    distance: Any = func.ST_DistanceSpheroid(table.c.geometry, point(near)) if near is not None else None
    wanted = and_(standing(table), holds)
    if near is not None:
        wanted = wanted & (distance <= within_m)
    columns = [
        *[table.c[name] for name in ("id", "name", "enterprise_id", "enterprise_name", "substance", "stock_t")],
        func.ST_X(table.c.geometry),
        func.ST_Y(table.c.geometry),
    ]
    statement = select(*columns, *([distance] if near is not None else [])).where(wanted)
    order = distance if near is not None else table.c.stock_t.desc()
    rows = connection.execute(statement.order_by(order, table.c.id).limit(limit)).all()
    return [
        Holder(
            id=row[0],
            name=row[1],
            enterprise_id=row[2],
            enterprise_name=row[3],
            substance=row[4],
            stock_t=float(row[5]),
            longitude=float(row[6]),
            latitude=float(row[7]),
            distance_m=float(row[8]) if near is not None else None,
        )
        for row in rows
    ]


def point(place: LonLat) -> Any:
    """A place as the database's geometry."""
    return func.ST_SetSRID(func.ST_MakePoint(place.longitude, place.latitude), GEOGRAPHIC_SRID)
