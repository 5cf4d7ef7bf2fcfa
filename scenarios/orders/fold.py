"""What became of the orders? A fold of its own, entry by entry; a step the table does not have changes nothing."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from scenarios.event import Event
from scenarios.orders.events import (
    FieldAnswered,
    FieldReported,
    OrderDrafted,
    OrderEscalated,
    OrderEvent,
    OrderMoved,
    OrderNoted,
    OrderReviewed,
    OrderRewritten,
)
from scenarios.orders.states import State, may_follow

if TYPE_CHECKING:
    from scenarios.events import Entry


@dataclass(frozen=True, slots=True)
class Step:
    """
    One step of an order: who made it, when it was made, when we wrote it.

    ``made_at`` is what the sender says, or the time of the record where he says nothing.
    """

    seq: int
    actor: str
    made_at: datetime
    recorded_at: datetime
    said: OrderMoved


@dataclass(frozen=True, slots=True)
class Noted:
    """Something said about an order between its steps."""

    seq: int
    actor: str
    made_at: datetime
    recorded_at: datetime
    said: OrderNoted


@dataclass(frozen=True, slots=True)
class Order:
    """
    One order as it stands: ``number`` as people say it (Z-03), ``draft`` what it says, ``seq`` its last entry.

    ``run_ids`` are the runs it stands on now: those of the draft, or of the last look at it (``reviewed_seq``).
    ``escalated`` pairs the code of a timer with the moment it was due.
    """

    order_id: str
    number: int
    draft: OrderDrafted
    drafted_by: str
    drafted_at: datetime
    first_seq: int
    seq: int
    state: State = "draft"
    run_ids: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    notes: tuple[Noted, ...] = ()
    escalated: tuple[tuple[str, datetime], ...] = ()
    reviewed_seq: int | None = None

    @property
    def name(self) -> str:
        """Number as people say it."""
        return f"Z-{self.number:02d}"

    def step(self, to: State) -> Step | None:
        """The step that led to a state; None when it was not taken."""
        return next((one for one in self.steps if one.said.to == to), None)


@dataclass(frozen=True, slots=True)
class FieldWord:
    """What somebody at the scene said, and the number of the answer to it."""

    seq: int
    actor: str
    made_at: datetime
    recorded_at: datetime
    said: FieldReported
    answered_seq: int | None = None


@dataclass(frozen=True, slots=True)
class Orders:
    """All orders of an incident, oldest first, and what the field said beside them."""

    all: tuple[Order, ...] = ()
    words: tuple[FieldWord, ...] = ()

    def named(self, order_id: str) -> Order | None:
        """The order with this id or number (Z-03); None when there is none."""
        return next((one for one in self.all if order_id in (one.order_id, one.name)), None)


NO_ORDERS = Orders()


def fold(event: Event, entry: "Entry", before: Orders) -> Orders:
    """What is known about orders after one more entry."""
    made_at = entry.occurred_at or entry.recorded_at
    match event:
        case OrderDrafted():
            if before.named(event.order_id) is not None:
                return before
            order = Order(
                event.order_id, len(before.all) + 1, event, entry.actor, entry.recorded_at, entry.seq, entry.seq,
                run_ids=event.run_ids,
            )  # fmt: skip
            return replace(before, all=(*before.all, order))
        case FieldReported():
            word = FieldWord(entry.seq, entry.actor, made_at, entry.recorded_at, event)
            return replace(before, words=(*before.words, word))
        case FieldAnswered():
            words = tuple(
                replace(one, answered_seq=entry.seq) if one.seq == event.refers_to else one for one in before.words
            )
            return replace(before, words=words)
        case OrderEvent():
            orders = tuple(
                _after(event, entry, made_at, one) if one.order_id == event.order_id else one for one in before.all
            )
            return replace(before, all=orders)
        case _:
            return before


def _after(event: OrderEvent, entry: "Entry", made_at: datetime, order: Order) -> Order:
    match event:
        case OrderMoved() if may_follow(order.state, event.to):
            step = Step(entry.seq, entry.actor, made_at, entry.recorded_at, event)
            return replace(order, state=event.to, steps=(*order.steps, step), seq=entry.seq)
        case OrderRewritten() if order.state == "draft":
            return replace(order, draft=event.draft, run_ids=event.draft.run_ids, seq=entry.seq)
        case OrderReviewed():
            return replace(order, run_ids=event.run_ids, reviewed_seq=entry.seq, seq=entry.seq)
        case OrderNoted():
            noted = Noted(entry.seq, entry.actor, made_at, entry.recorded_at, event)
            return replace(order, notes=(*order.notes, noted))
        case OrderEscalated():
            return replace(order, escalated=(*order.escalated, (event.timer, event.due_at)))
        case _:
            return order
