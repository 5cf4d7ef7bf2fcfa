"""By when must an order be signed for and carried out, and whom is told when it is not? Rows of policy."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from scenarios.orders.events import TimerCode
from scenarios.orders.fold import Order

TimerState = Literal["running", "met", "met_late", "overdue", "ended"]


@dataclass(frozen=True, slots=True)
class OrderPolicy:
    """
    One row: within which time an issued order is signed for, and who is told when a timer runs out.

    ``division`` is a prefix of the division code ("" = everywhere); the longest prefix wins.
    """

    division: str
    acknowledge_within_s: int
    escalated_to: str
    basis: str


POLICIES: tuple[OrderPolicy, ...] = (
    # No rule with a source sets these times: both rows are house rules (trust "unverified") to be replaced locally.
    OrderPolicy("", 600, "duty_commander", "house_rule"),
    OrderPolicy("9901", 180, "duty_commander", "sample_city_policy"),
)


@dataclass(frozen=True, slots=True)
class Timer:
    """One timer of an order; ``met_at`` is when the step was made, not when we heard of it."""

    code: TimerCode
    started_at: datetime
    due_at: datetime
    met_at: datetime | None
    ended: bool
    policy: OrderPolicy

    def state(self, now: datetime) -> TimerState:
        """Where it stands at `now`; a limit of 3 min is met at 2:59 and 3:00 and missed at 3:01 (不超过)."""
        if self.met_at is not None:
            return "met" if _late_s(self.met_at, self.due_at) <= 0 else "met_late"
        if self.ended:
            return "ended"
        return "running" if _late_s(now, self.due_at) <= 0 else "overdue"

    def left_s(self, now: datetime) -> int:
        """Whole seconds left; negative when overdue."""
        return -_late_s(now, self.due_at)


def policy_for(division_code: str, policies: tuple[OrderPolicy, ...] = POLICIES) -> OrderPolicy:
    """The row that holds in a division."""
    return max((one for one in policies if division_code.startswith(one.division)), key=lambda one: len(one.division))


def timers(order: Order, policy: OrderPolicy) -> tuple[Timer, ...]:
    """Timers of an order that was issued: signing for it, and carrying it out where it has a time."""
    issued = order.step("issued")
    if issued is None:
        return ()
    signed, done = order.step("acknowledged"), order.step("done")
    ended = order.state in ("cannot", "withdrawn")
    begun = issued.recorded_at
    limit = timedelta(seconds=policy.acknowledge_within_s)
    found = [Timer("acknowledge", begun, begun + limit, signed.made_at if signed else None, ended, policy)]
    due = due_at(order)
    if due is not None:
        found.append(Timer("finish", begun, due, done.made_at if done else None, ended, policy))
    return tuple(found)


def due_at(order: Order) -> datetime | None:
    """By when an order is to be carried out; None where it has no time, or only one that starts when it is issued."""
    if order.draft.due_at is not None:
        return order.draft.due_at
    issued = order.step("issued")
    if issued is None or order.draft.within_s is None:
        return None
    return issued.recorded_at + timedelta(seconds=order.draft.within_s)


def _late_s(when: datetime, due: datetime) -> int:
    return int((when - due).total_seconds() // 1)
