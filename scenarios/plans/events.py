"""What is said about plans and cards? A plan adopted with why and what it orders; a card cited."""

from dataclasses import dataclass
from typing import ClassVar

from scenarios.event import Event, Json, Lane


@dataclass(frozen=True, slots=True)
class PlanAdopted(Event):
    """
    A plan was adopted for this incident; its orders follow from ``tasks``, each with the unit named for it.

    ``criteria`` say why it fitted and ``ranking`` what else was there; ``unmet`` lists what it asks for and is not
    there. ``plan_hash`` is that of the content, so that the version adopted can be shown again and proved.
    """

    code: ClassVar[str] = "plan_adopted"
    lane: ClassVar[Lane] = "judge"

    plan_id: str
    version: int
    title: str
    plan_hash: str
    score: float
    criteria: tuple[Json, ...]
    conflicts: tuple[Json, ...]
    tasks: tuple[Json, ...]
    needs: tuple[Json, ...] = ()
    unmet: tuple[Json, ...] = ()
    ranking: tuple[Json, ...] = ()
    run_ids: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CardCited(Event):
    """A response card was relied on, in the version named; ``decision_id`` where a decision cites it."""

    code: ClassVar[str] = "card_cited"
    lane: ClassVar[Lane] = "judge"

    card_id: str
    version: int
    title: str
    card_hash: str
    decision_id: str = ""


KINDS: tuple[type[Event], ...] = (PlanAdopted, CardCited)
