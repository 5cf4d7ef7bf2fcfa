"""Which supplies does an incident hold? A fold of its own, entry by entry."""

from dataclasses import dataclass, replace
from decimal import Decimal

from scenarios.resources.events import SupplyCommitted, SupplyEvent


@dataclass(frozen=True, slots=True)
class HeldSupply:
    """What an incident holds of one line of stock; ``quantity`` is a decimal number as text, never a float."""

    stock_id: str
    name: str
    quantity: str
    unit: str
    supply_code: str = ""
    store_name: str = ""


def fold(event: SupplyEvent, before: tuple[HeldSupply, ...]) -> tuple[HeldSupply, ...]:
    """
    What is held after one more entry; what comes to nothing is left out.

    Examples
    --------
    >>> held = fold(SupplyCommitted("WZ-001-02", "防护服", Decimal("12"), "套"), ())
    >>> fold(SupplyCommitted("WZ-001-02", "防护服", Decimal("3.5"), "套"), held)[0].quantity
    '15.5'
    """
    sign = 1 if isinstance(event, SupplyCommitted) else -1
    known = next((one for one in before if one.stock_id == event.stock_id), None)
    quantity = (Decimal(known.quantity) if known else Decimal(0)) + sign * event.quantity
    others = tuple(one for one in before if one.stock_id != event.stock_id)
    if quantity <= 0:
        return others
    if known is not None:
        return (*others, replace(known, quantity=plain(quantity)))
    code, store = (event.supply_code, event.store_name) if isinstance(event, SupplyCommitted) else ("", "")
    return (*others, HeldSupply(event.stock_id, event.name, plain(quantity), event.unit, code, store))


def plain(quantity: Decimal) -> str:
    """
    Shortest text of a quantity.

    Examples
    --------
    >>> plain(Decimal("120.00")), plain(Decimal("0.50"))
    ('120', '0.5')
    """
    return format(quantity.normalize(), "f")
