"""What is said about supplies? Committed to an incident, and returned to their store."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from scenarios.event import Event, Lane


@dataclass(frozen=True, slots=True)
class SupplyEvent(Event):
    """Base of what is said about one line of stock; ``quantity`` is in the unit of that line."""

    lane: ClassVar[Lane] = "act"

    stock_id: str
    name: str
    quantity: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class SupplyCommitted(SupplyEvent):
    """
    So much of a line of stock is taken for this incident; nobody else may take it until it is returned.

    ``supply_code`` is that of GB/T 38565, ``plan_task`` the task and ``order_id`` the order it was taken for.
    """

    code: ClassVar[str] = "supply_committed"

    supply_code: str = ""
    store_name: str = ""
    plan_task: str = ""
    order_id: str = ""


@dataclass(frozen=True, slots=True)
class SupplyReturned(SupplyEvent):
    """So much of it is back in its store, or was given up; ``why`` says which."""

    code: ClassVar[str] = "supply_returned"

    why: str = ""


KINDS: tuple[type[Event], ...] = (SupplyCommitted, SupplyReturned)
