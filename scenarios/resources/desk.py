"""How are supplies committed to an incident and returned? Never more than there is, over all processes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from uuid import UUID, uuid4, uuid5

from gis.clock import DUTY_ZONE
from gis.crs import LonLat
from gis.database import Caller
from gis.errors import ConflictError, InputError, MissingError
from scenarios import log
from scenarios.journal import Journal
from scenarios.log import Receipt
from scenarios.resources import holding
from scenarios.resources.events import SupplyCommitted, SupplyReturned
from scenarios.resources.fold import plain
from scenarios.resources.stock import Line, lines
from scenarios.roads.teams import TeamDesk

SMALLEST = Decimal("0.01")
"""Stock is kept to hundredths of its unit."""
LARGEST = Decimal(10**9)
"""More of it no store has; of far more the hundredths cannot be told any more."""


@dataclass(frozen=True, slots=True)
class Taking:
    """Command: so much of one line of stock."""

    stock_id: str
    quantity: Decimal
    plan_task: str = ""
    order_id: str = ""


class ResourceDesk:
    """Supplies of all stores. Shared by all pages; safe between threads and processes."""

    def __init__(self, journal: Journal, teams: TeamDesk) -> None:
        self.journal = journal
        self.teams = teams

    def stock(self, caller: Caller, near: LonLat | None = None, within_m: float | None = None) -> tuple[Line, ...]:
        """Lines of stock with what is committed and what is left, the nearest first where a place is given."""
        with self.journal.database.transaction(caller) as connection:
            return lines(connection, near, within_m, datetime.now(DUTY_ZONE).date())

    def commit(
        self, incident_id: UUID, wanted: Sequence[Taking], caller: Caller, *, key: UUID | None = None
    ) -> list[Receipt]:
        """
        Take supplies for an incident, all of them or none.

        Raises
        ------
        InputError
            An amount that is none.
        MissingError
            No such line of stock, or no such order.
        ConflictError
            Less is left than is asked for, the line is not ready or out of date, or the incident is closed.
        """
        faults = [fault for at, one in enumerate(wanted) for fault in _faults(one, at)]
        if not wanted:
            faults.append("items: empty; say what is to be taken")
        if faults:
            raise InputError(faults)
        key = key or uuid4()
        with self.journal.database.transaction(caller) as connection:
            holding.one_at_a_time(connection)
            known = self.journal.fold(connection, incident_id)
            there = {one.stock_id: one for one in lines(connection, None, None, datetime.now(DUTY_ZONE).date())}
            missing = [one.stock_id for one in wanted if one.stock_id not in there]
            if missing:
                raise MissingError(f"there is no stock {', '.join(missing)}; `onemap layers` lists what lies in stores")
            unknown = [one.order_id for one in wanted if one.order_id and known.orders.named(one.order_id) is None]
            if unknown:
                raise MissingError(f"there is no order {', '.join(unknown)} in this incident")
            receipts = []
            for at, one in enumerate(wanted):
                line = there[one.stock_id]
                event = SupplyCommitted(
                    line.stock_id, line.name, Decimal(plain(one.quantity)), line.unit, line.code, line.store_name,
                    one.plan_task, one.order_id,
                )  # fmt: skip
                receipts.append(log.append(connection, incident_id, event, key=uuid5(key, str(at))))
            if all(one.replayed for one in receipts):
                return receipts
            if known.status != "open":
                raise ConflictError("the incident is closed: nothing is committed to it")
            now_held = holding.held(connection)
            for one in wanted:
                line = there[one.stock_id]
                if not line.usable:
                    raise ConflictError(f"supply {line.name} ({line.stock_id}) is {line.state}: take another")
                holding.refuse_more_than(line.quantity, "supply", line.stock_id, now_held, line.unit)
            return receipts

    def give_back(
        self, incident_id: UUID, stock_id: str, quantity: Decimal | None, caller: Caller, *, why: str = "",
        key: UUID | None = None,
    ) -> Receipt:  # fmt: skip
        """
        Return so much of a line of stock, or all of it where `quantity` is None.

        Raises
        ------
        ConflictError
            The incident does not hold so much.
        """
        with self.journal.database.transaction(caller) as connection:
            holding.one_at_a_time(connection)
            known = self.journal.fold(connection, incident_id)
            mine = next((one for one in known.supplies if one.stock_id == stock_id), None)
            amount = quantity if quantity is not None else Decimal(mine.quantity) if mine else Decimal(0)
            if mine is None and quantity is None:
                raise ConflictError(f"the incident holds nothing of {stock_id}")
            faults = _faults(Taking(stock_id, amount), 0)
            if faults:
                raise InputError(faults)
            event = SupplyReturned(
                stock_id, mine.name if mine else "", Decimal(plain(amount)), mine.unit if mine else "", why.strip()
            )
            receipt = log.append(connection, incident_id, event, key=key)
            if not receipt.replayed and (mine is None or amount > Decimal(mine.quantity)):
                raise ConflictError(f"the incident holds {mine.quantity if mine else 0} of {stock_id}, not {amount}")
            return receipt

    def stand_down(self, incident_id: UUID, caller: Caller, *, why: str = "", key: UUID | None = None) -> list[Receipt]:
        """Return everything an incident holds: every team and every supply; a second time there is nothing left."""
        key = key or uuid4()
        known = self.journal.situation(incident_id, caller=caller)
        receipts = [
            self.teams.give_back(incident_id, one.team_id, caller, why=why, key=uuid5(key, one.team_id))
            for one in known.taken
        ]
        receipts += [
            self.give_back(incident_id, held.stock_id, None, caller, why=why, key=uuid5(key, held.stock_id))
            for held in known.supplies
        ]
        return receipts


def quantity_of(written: object) -> Decimal:
    """
    Read an amount as it was typed.

    Raises
    ------
    InputError
        It is no number.
    """
    try:
        return Decimal(str(written).strip())
    except InvalidOperation as error:
        raise InputError(f"quantity: '{written}' is no number") from error


def _faults(one: Taking, at: int) -> list[str]:
    if not one.quantity.is_finite() or one.quantity <= 0:
        return [f"items[{at}].quantity: more than 0"]
    if one.quantity > LARGEST:
        return [f"items[{at}].quantity: at most {LARGEST}"]
    if one.quantity % SMALLEST:
        return [f"items[{at}].quantity: at most two decimals"]
    return []


__all__ = ["Line", "ResourceDesk", "Taking", "quantity_of"]
