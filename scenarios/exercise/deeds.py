"""What was done, and does it count? Deeds of the players are entries of the record, at their exercise time."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from scenarios.event import Json
from scenarios.exercise.drill import DeedSought, Drill
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
            facts = {**orders.get(str(entry.payload.get("order_id", "")), {}), **entry.payload}
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


def seen_at(drill: Drill, deeds: tuple[Deed, ...]) -> Mapping[str, float]:
    """Exercise time at which the deed of each expectation had been seen as often as sought; none for the others."""
    found = {}
    for one in drill.expectations:
        fit = fitting(one.does, deeds)
        if len(fit) == one.does.count:
            found[one.id] = fit[-1].at_s
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
