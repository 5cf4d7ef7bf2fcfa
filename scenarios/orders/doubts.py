"""What hangs on a run that no longer holds? The 研判链 read backwards: parts of the run, decisions and orders."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from scenarios.orders.fold import Order
from scenarios.orders.states import RUNNING

if TYPE_CHECKING:
    from scenarios.decisions.fold import Decision
    from scenarios.situation import Run, Situation

Thing = Literal["run", "decision", "order"]
ON_ROADS = frozenset({"routes", "evacuation"})


@dataclass(frozen=True, slots=True)
class Doubt:
    """
    One thing that is 待复核: what it is, the run it hangs on, and the entry that put that run in doubt.

    ``why`` is ``case`` (source or weather changed: everything) or ``roads`` (a closure: routes and evacuation).
    ``told`` says whether somebody in the field acts on it now: then it is a notice, not only a mark.
    """

    thing: Thing
    id: str
    name: str
    run_id: str
    since_seq: int
    why: str
    told: bool = False


def doubts(known: "Situation") -> tuple[Doubt, ...]:
    """Everything that hangs on a run put in doubt, the orders somebody acts on first."""
    stale = {one.run_id: one for one in known.runs if one.stale_since is not None}
    if not stale:
        return ()
    struck = {seq for seq, _ in known.struck}
    found = [
        *_of_orders(known.orders.all, stale.values()),
        *_of_decisions((one for one in known.decisions if one.seq not in struck), stale.values()),
    ]
    latest = known.runs[-1]
    if latest.stale_since is not None:
        found.append(Doubt("run", latest.run_id, latest.run_id, latest.run_id, latest.stale_since, latest.stale_why))
    return tuple(sorted(found, key=lambda one: (not one.told, -one.since_seq)))


def of_order(order: Order, runs: Sequence["Run"]) -> Doubt | None:
    """What is in doubt about one order; None when its runs hold, or nobody will act on it any more."""
    return next(iter(_of_orders((order,), [one for one in runs if one.stale_since is not None])), None)


def _of_orders(orders: Iterable[Order], stale: Iterable["Run"]) -> list[Doubt]:
    runs = {one.run_id: one for one in stale}
    found = []
    for order in orders:
        if order.state not in RUNNING and order.state != "draft":
            continue
        for run_id in order.run_ids:
            run = runs.get(run_id)
            if run is None or run.stale_since is None:
                continue
            relied = frozenset(order.draft.relies_on)
            if run.stale_why == "roads" and relied and not relied & ON_ROADS:
                continue
            told = order.state in RUNNING
            found.append(Doubt("order", order.order_id, order.name, run_id, run.stale_since, run.stale_why, told))
            break
    return found


def _of_decisions(decisions: Iterable["Decision"], stale: Iterable["Run"]) -> list[Doubt]:
    runs = {one.run_id: one for one in stale}
    found = []
    for one in decisions:
        run = next((runs[run_id] for run_id in one.said.run_ids if run_id in runs), None)
        if run is not None and run.stale_since is not None:
            found.append(Doubt("decision", one.decision_id, one.name, run.run_id, run.stale_since, run.stale_why))
    return found
