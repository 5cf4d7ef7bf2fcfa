"""How is a change of one order written while others write too? Look, lock, check; the next look shows what moved."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from sqlalchemy import Connection

from gis.database import Caller
from gis.errors import ConflictError, InputError, MissingError
from scenarios import log
from scenarios.journal import Journal
from scenarios.log import Receipt
from scenarios.orders.attachments import Attachments
from scenarios.orders.events import Attachment, OrderEvent, OrderNoted
from scenarios.orders.fold import Order
from scenarios.orders.writing import AHEAD, Said

if TYPE_CHECKING:
    from scenarios.situation import Situation

ATTEMPTS = 20


class RefusedError(ConflictError):
    """A conflict about the order itself: trying again would not mend it."""


class Changes:
    """Entries of orders that are there already."""

    def __init__(self, journal: Journal, attachments: Attachments) -> None:
        self.journal = journal
        self.attachments = attachments

    def make(
        self, incident_id: UUID, order_id: str, event: OrderEvent, caller: Caller,
        check: "Callable[[Order, Situation], None]", *, key: UUID | None, seen_seq: int | None,
        made_at: datetime | None = None,
    ) -> Receipt:  # fmt: skip
        """Append a change of one order; only what touched this order since `seen_seq` stands in its way."""
        key = key or uuid4()
        for _ in range(ATTEMPTS):
            try:
                with self.journal.database.transaction(caller) as connection:
                    known, order = self._order(connection, incident_id, order_id)
                    receipt = log.append(
                        connection, incident_id, event, key=key, occurred_at=made_at, caused_by=(order.first_seq,),
                        expected_seq=known.seq,
                    )  # fmt: skip
                    if receipt.replayed:
                        return receipt
                    if seen_seq is not None and order.seq > seen_seq:
                        raise RefusedError(
                            f"order {order.name} was changed by entry {order.seq} after you looked: "
                            "look, then decide again"
                        )
                    check(order, known)
                    return receipt
            except RefusedError:
                raise
            except ConflictError:
                continue  # somebody wrote between our look and the lock; the next look shows what
        raise ConflictError("the incident moves faster than this change can be written: try again")

    def note(
        self, incident_id: UUID, order_id: str, event: OrderNoted, caller: Caller, *, key: UUID | None,
        made_at: datetime | None,
    ) -> Receipt:  # fmt: skip
        """Append a word on one order; it stands beside whatever else is said."""
        with self.journal.database.transaction(caller) as connection:
            _, order = self._order(connection, incident_id, order_id)
            if order.state == "draft":
                raise ConflictError(f"order {order.name} was not issued yet: rewrite the draft instead")
            return log.append(
                connection, incident_id, event, key=key, occurred_at=made_at, caused_by=(order.first_seq,)
            )

    def _order(self, connection: Connection, incident_id: UUID, order_id: str) -> "tuple[Situation, Order]":
        known = self.journal.fold(connection, incident_id)
        order = next((one for one in known.orders.all if one.order_id == order_id), None)
        if order is None:
            raise MissingError(f"there is no order {order_id} in this incident")
        return known, order

    def unheld(self, attachments: tuple[Attachment, ...]) -> list[str]:
        """Faults of attachments that were never handed in."""
        return [
            f"attachments: {one.sha256} was not handed in" for one in attachments if not self.attachments.holds(one)
        ]

    def check_said(self, said: Said) -> None:
        """
        Pass if what goes with a step may be written.

        Raises
        ------
        InputError
            An attachment that is not there, or a time ahead of our clock.
        """
        faults = self.unheld(said.attachments)
        if said.made_at is not None and said.made_at > datetime.now(UTC) + AHEAD:
            faults.append("made_at: lies ahead of our clock; set the clock of the device")
        if faults:
            raise InputError(faults)
