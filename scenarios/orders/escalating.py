"""Which timers of orders have run out, and how is each recorded once however often one looks?"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from gis.database import Caller
from scenarios import log
from scenarios.journal import Journal
from scenarios.orders.events import OrderEscalated
from scenarios.orders.states import RUNNING
from scenarios.orders.timers import OrderPolicy, policy_for, timers

if TYPE_CHECKING:
    from scenarios.situation import Situation

ESCALATIONS = UUID("2f0c6f2a-7a36-5d0e-8a2c-2b1f6f0f9c41")
"""Namespace in which incident, order, timer and deadline name the one entry that escalates it."""


def escalate(journal: Journal, policies: tuple[OrderPolicy, ...], caller: Caller, now: datetime | None = None) -> int:
    """
    Record every timer of an order that has run out in open incidents of the caller; how many entries were written.

    The key of the entry follows from incident, order, timer and deadline: however often and from however many
    processes this is called, each is recorded once.
    """
    moment = now or datetime.now(UTC)
    written = 0
    with journal.database.transaction(caller) as connection:
        heads = log.heads(connection, mode=caller.mode)
    for head in heads:
        known = journal.situation(head.incident_id, caller=caller)
        if known.status == "open" and any(one.state in RUNNING for one in known.orders.all):
            written += _escalate_in(journal, policies, head.incident_id, known, caller, moment)
    return written


def _escalate_in(
    journal: Journal, policies: tuple[OrderPolicy, ...], incident_id: UUID, known: "Situation", caller: Caller,
    now: datetime,
) -> int:  # fmt: skip
    policy = policy_for(known.division_code, policies)
    written = 0
    for order in known.orders.all:
        for timer in timers(order, policy):
            if timer.state(now) != "overdue" or (timer.code, timer.due_at) in order.escalated:
                continue
            event = OrderEscalated(order.order_id, timer.code, timer.due_at, policy.escalated_to, policy.basis)
            name = f"{incident_id} {order.order_id} {timer.code} {timer.due_at.astimezone(UTC).isoformat()}"
            with journal.database.transaction(caller) as connection:
                receipt = log.append(
                    connection, incident_id, event, key=uuid5(ESCALATIONS, name), caused_by=(order.first_seq,)
                )
            written += not receipt.replayed
    return written
