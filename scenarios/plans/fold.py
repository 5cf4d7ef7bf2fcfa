"""Which plans were adopted and which cards cited? A fold of its own, entry by entry."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scenarios.plans.events import CardCited, PlanAdopted


@dataclass(frozen=True, slots=True)
class Adopted:
    """A plan that was adopted, and the number of the entry that says so."""

    seq: int
    plan: PlanAdopted


@dataclass(frozen=True, slots=True)
class Cited:
    """A card that was cited, and the number of the entry that says so."""

    seq: int
    card: CardCited


@dataclass(frozen=True, slots=True)
class Planning:
    """What the record says about plans and cards, oldest first."""

    adopted: tuple[Adopted, ...] = ()
    cited: tuple[Cited, ...] = ()

    def of_plan(self, plan_id: str) -> Adopted | None:
        """Latest adoption of a plan, or None."""
        return next((one for one in reversed(self.adopted) if one.plan.plan_id == plan_id), None)

    @property
    def teams_wanted(self) -> Mapping[str, int] | None:
        """Teams all adopted plans ask for by kind, the largest number of any plan; None while none was adopted."""
        if not self.adopted:
            return None
        wanted: dict[str, int] = {}
        for plan_id in {one.plan.plan_id for one in self.adopted}:
            latest = self.of_plan(plan_id)
            by_kind: dict[str, int] = {}
            for need in latest.plan.needs if latest else ():
                if need.get("kind") == "team":
                    by_kind[str(need["code"])] = by_kind.get(str(need["code"]), 0) + int(need["quantity"])
            for kind, count in by_kind.items():
                wanted[kind] = max(wanted.get(kind, 0), count)
        return dict(sorted(wanted.items()))


NO_PLANS = Planning()


def fold(event: PlanAdopted | CardCited, entry: Any, before: Planning) -> Planning:
    """What is known about plans and cards after one more entry."""
    match event:
        case PlanAdopted():
            return Planning((*before.adopted, Adopted(entry.seq, event)), before.cited)
        case CardCited():
            return Planning(before.adopted, (*before.cited, Cited(entry.seq, event)))
