"""Which injects are due? Each follows from its own condition, never from who looks or how often."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from scenarios.exercise.drill import Condition
from scenarios.exercise.fold import Exercise, InjectState

Outlook = Literal["due", "coming", "open", "by_hand", "lapsed", "held", "fired", "skipped"]
"""May fire now | at a known time | when something happens | by a person | what it waited for was done | …"""


@dataclass(frozen=True, slots=True)
class Prospect:
    """How an inject looks at a moment; ``at_s`` is the exercise time at which its condition holds, where known."""

    inject_id: str
    outlook: Outlook
    at_s: float | None = None


def holds_at(when: Condition, exercise: Exercise, seen: Mapping[str, float]) -> float | None:
    """
    Exercise time at which every part of a condition holds; None while that is unknown, or when it never will.

    Parameters
    ----------
    seen
        Exercise time at which the deed of each expectation was first seen, see `scenarios.exercise.deeds.seen_at`.
    """
    if when.by_hand:
        return None
    moment = float(when.at_s or 0)
    if when.after:
        before = exercise.state(when.after)
        if before is None or before.fired_s is None:
            return None
        moment = max(moment, before.fired_s + when.delay_s)
    for one in when.done:
        if one not in seen:
            return None
        moment = max(moment, seen[one] + (0 if when.after else when.delay_s))
    return moment


def has_lapsed(when: Condition, moment: float, seen: Mapping[str, float]) -> bool:
    """Whether a deed that was not to be seen was seen by the moment at which the rest of the condition holds."""
    return any(one in seen and seen[one] <= moment for one in when.not_done)


def prospects(exercise: Exercise, seen: Mapping[str, float], elapsed_s: float) -> tuple[Prospect, ...]:
    """How every inject looks at an exercise time, in the order of the drill."""
    return tuple(
        _prospect(state, inject.when, exercise, seen, elapsed_s)
        for state, inject in zip(exercise.injects, exercise.drill.injects, strict=True)
    )


def due(exercise: Exercise, seen: Mapping[str, float], elapsed_s: float) -> tuple[Prospect, ...]:
    """Injects that may fire by themselves now, the earliest first; none once the exercise has ended."""
    if exercise.status == "ended":
        return ()
    found = [one for one in prospects(exercise, seen, elapsed_s) if one.outlook == "due"]
    return tuple(sorted(found, key=lambda one: one.at_s or 0.0))


def next_at(exercise: Exercise, seen: Mapping[str, float], elapsed_s: float) -> float | None:
    """Exercise time of the next inject whose time is known; None when all others wait for somebody."""
    times = [
        one.at_s
        for one in prospects(exercise, seen, elapsed_s)
        if one.outlook in ("coming", "due") and one.at_s is not None
    ]
    return min(times, default=None)


def _prospect(
    state: InjectState, when: Condition, exercise: Exercise, seen: Mapping[str, float], elapsed_s: float
) -> Prospect:
    name = state.inject_id
    if state.status == "fired":
        return Prospect(name, "fired", state.fired_s)
    if state.status == "skipped":
        return Prospect(name, "skipped")
    moment = holds_at(when, exercise, seen)
    if state.status == "held":
        return Prospect(name, "held", moment)
    if when.by_hand:
        return Prospect(name, "by_hand")
    if moment is None:
        return Prospect(name, "open")
    if has_lapsed(when, moment, seen):
        return Prospect(name, "lapsed", moment)
    return Prospect(name, "due" if moment <= elapsed_s else "coming", moment)
