"""Which decisions were taken? A fold of its own; nothing ever leaves it, a struck one is marked where it is read."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from scenarios.decisions.events import DecisionRecorded, Option

if TYPE_CHECKING:
    from scenarios.events import Entry


@dataclass(frozen=True, slots=True)
class Decision:
    """
    One decision and its place in the record.

    ``known_at`` is the moment whose knowledge it stands on, ``taken_at`` when it was taken, ``recorded_at`` when it
    was written.
    """

    decision_id: str
    number: int
    seq: int
    actor: str
    known_at: datetime
    taken_at: datetime
    recorded_at: datetime
    prev_hash: str
    hash: str
    said: DecisionRecorded

    @property
    def name(self) -> str:
        """Number as people say it."""
        return f"D-{self.number:02d}"

    @property
    def options(self) -> tuple[Option, ...]:
        """Options considered; those of older entries are only their titles."""
        return tuple(Option(one) if isinstance(one, str) else one for one in self.said.options)


def fold(event: DecisionRecorded, entry: "Entry", before: tuple[Decision, ...]) -> tuple[Decision, ...]:
    """Decisions after one more entry."""
    taken_at = event.taken_at or entry.occurred_at or entry.recorded_at
    decision = Decision(
        decision_id=event.decision_id or f"D-{entry.seq}",
        number=len(before) + 1,
        seq=entry.seq,
        actor=entry.actor,
        known_at=event.known_at or taken_at,
        taken_at=taken_at,
        recorded_at=entry.recorded_at,
        prev_hash=entry.prev_hash,
        hash=entry.hash,
        said=event,
    )
    return (*before, decision)


def named(decisions: tuple[Decision, ...], name: str) -> Decision | None:
    """The decision with this id or number (D-05); None when there is none."""
    return next((one for one in decisions if name in (one.decision_id, one.name)), None)
