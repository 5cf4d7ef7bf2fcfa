"""What lies in which store, how much of it is committed, and how much is left?"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from pyproj import Geod
from sqlalchemy import Connection, text

from gis.crs import LonLat
from scenarios.resources import holding

State = Literal["ready", "in_repair", "expired", "other"]
_EARTH = Geod(ellps="GRS80")


@dataclass(frozen=True, slots=True)
class Line:
    """
    One kind of supply in one store: ``left`` = ``quantity`` - ``committed``, and nothing where it cannot be used.

    ``distance_m`` is along the straight line from the place asked about; None where none was.
    """

    stock_id: str
    store_id: str
    store_name: str
    place: LonLat
    code: str
    name: str
    quantity: Decimal
    unit: str
    state: State
    committed: Decimal
    expires_on: date | None = None
    distance_m: float | None = None

    @property
    def usable(self) -> bool:
        """Whether it may be taken at all."""
        return self.state == "ready"

    @property
    def left(self) -> Decimal:
        """What may still be taken."""
        return max(Decimal(0), self.quantity - self.committed) if self.usable else Decimal(0)


def lines(connection: Connection, near: LonLat | None, within_m: float | None, today: date) -> tuple[Line, ...]:
    """Lines of stock that stand, with what open incidents hold taken off; the nearest first where a place is given."""
    committed: dict[str, Decimal] = {}
    for one in holding.held(connection):
        if one.kind == "supply":
            committed[one.id] = committed.get(one.id, Decimal(0)) + one.quantity
    found = []
    for row in connection.execute(_LINES):
        place = LonLat(row.longitude, row.latitude)
        away = None if near is None else distance_m(near, place)
        if away is not None and within_m is not None and away > within_m:
            continue
        found.append(
            Line(
                row.id, row.store_id, row.store_name, place, row.code, row.name, Decimal(row.quantity), row.unit,
                _state(row.readiness, row.expires_on, today), committed.get(row.id, Decimal(0)), row.expires_on, away,
            )
        )  # fmt: skip
    return tuple(sorted(found, key=lambda one: (one.distance_m or 0.0, one.stock_id)))


def distance_m(one: LonLat, other: LonLat) -> float:
    """Geodesic distance, m."""
    return float(_EARTH.inv(one.longitude, one.latitude, other.longitude, other.latitude)[2])


def _state(readiness: str, expires_on: date | None, today: date) -> State:
    if expires_on is not None and expires_on < today:
        return "expired"
    return "ready" if readiness == "ready" else "in_repair" if readiness == "in_repair" else "other"


_LINES = text(
    "SELECT stock.id, stock.store_id, store.name AS store_name, ST_X(store.geometry) AS longitude, "
    "ST_Y(store.geometry) AS latitude, stock.code, stock.name, stock.quantity::text AS quantity, stock.unit, "
    "stock.readiness, stock.expires_on FROM layers.supply_stock AS stock "
    "JOIN layers.store AS store ON store.id = stock.store_id "
    "AND store.mode = stock.mode AND store.superseded_at IS NULL AND store.valid_to IS NULL "
    "WHERE stock.superseded_at IS NULL AND stock.valid_to IS NULL AND stock.mode = current_setting('onemap.mode', true)"
)
