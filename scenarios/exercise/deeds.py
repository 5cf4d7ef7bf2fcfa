"""What was done, and does it count? Deeds of the players are entries of the record, at their exercise time."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from scenarios.event import Json
from scenarios.exercise.drill import DeedSought, Expectation
from scenarios.exercise.fold import Exercise

if TYPE_CHECKING:
    from scenarios.situation import Situation

CELL_ACTOR = "exercise-cell"
"""Who writes what injects do; nothing of it counts as a deed."""
ACKNOWLEDGED = "alarm_acknowledged"
"""A deed that is kept in the register of alarms, not in a record."""


@dataclass(frozen=True, slots=True)
class Deed:
    """
    One deed: its kind, its exercise time in s, who did it, and what it says.

    ``incident_id`` and ``seq`` name the entry; both None for an alarm that was acknowledged (``facts`` name it).
    """

    kind: str
    at_s: float
    actor: str
    facts: Json
    incident_id: UUID | None = None
    seq: int | None = None


@dataclass(frozen=True, slots=True)
class AlarmSeen:
    """An alarm of the exercise that somebody acknowledged."""

    alarm_id: str
    title: str
    at: datetime
    by: str


def deeds_of(
    exercise: Exercise, situations: Iterable["Situation"], alarms: Iterable[AlarmSeen] = ()
) -> tuple[Deed, ...]:
    """
    Everything done in the incidents of an exercise from its start to its end, in order, without what was struck out.

    Entries about an order carry its fields too, so that "an order to the fire brigade was signed for" can be sought.
    """
    last = exercise.ended_at
    found = []
    for known in situations:
        struck = {wrong for wrong, _ in known.struck}
        orders = {one.order_id: asdict(one.draft) for one in known.orders.all}
        for entry in known.entries:
            if entry.actor == CELL_ACTOR or entry.seq in struck or entry.recorded_at < exercise.started_at:
                continue
            if last is not None and entry.recorded_at > last:
                continue
            draft = orders.get(str(entry.payload.get("order_id", "")), {})
            facts = {**entry.payload, **{name: value for name, value in draft.items() if not entry.payload.get(name)}}
            at_s = exercise.clock.elapsed_s(entry.recorded_at)
            found.append(Deed(entry.kind, at_s, entry.actor, facts, entry.incident_id, entry.seq))
    for one in alarms:
        if one.by != CELL_ACTOR and one.at >= exercise.started_at and (last is None or one.at <= last):
            facts = {"alarm_id": one.alarm_id, "title": one.title}
            found.append(Deed(ACKNOWLEDGED, exercise.clock.elapsed_s(one.at), one.by, facts))
    return tuple(sorted(found, key=lambda one: (one.at_s, str(one.incident_id), one.seq or 0)))


def fits(sought: DeedSought, deed: Deed) -> bool:
    """Whether a deed is of the kind sought, with the values and one of the words asked for."""
    if deed.kind != sought.kind:
        return False
    if any(deed.facts.get(name) != value for name, value in sought.where.items()):
        return False
    return not sought.says or any(word in text for word in sought.says for text in _texts(deed.facts))


def fitting(sought: DeedSought, deeds: Iterable[Deed], *, since_s: float = 0.0) -> tuple[Deed, ...]:
    """The first deeds that fit, as many as are sought, none earlier than `since_s`; fewer when there are fewer."""
    found = [deed for deed in deeds if deed.at_s >= since_s and fits(sought, deed)]
    return tuple(found[: sought.count])


def called_s(one: Expectation, exercise: Exercise) -> float | None:
    """Exercise time at which an expectation's time began; None while its inject has not fired."""
    if not one.after:
        return 0.0
    state = exercise.state(one.after)
    return state.fired_s if state is not None else None


def evidence(one: Expectation, exercise: Exercise, deeds: Iterable[Deed]) -> tuple[Deed, ...]:
    """The deeds that show an expectation: from when it was called for, or any where earlier ones count too."""
    called = called_s(one, exercise)
    if one.early_counts or (called is None and not one.after):
        return fitting(one.does, deeds)
    return fitting(one.does, deeds, since_s=called) if called is not None else ()


def seen_at(exercise: Exercise, deeds: tuple[Deed, ...]) -> Mapping[str, float]:
    """Exercise time at which each expectation had been shown as often as sought; those not shown are left out."""
    found = {}
    for one in exercise.drill.expectations:
        shown = evidence(one, exercise, deeds)
        if len(shown) == one.does.count:
            found[one.id] = shown[-1].at_s
    return found


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)
