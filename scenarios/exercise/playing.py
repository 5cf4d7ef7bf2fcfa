"""How does a drill play without people? The clock is put forward from one moment to the next; scripted players act."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from gis.database import Caller
from gis.errors import OneMapError
from scenarios.exercise import conditions, deeds
from scenarios.exercise.acting import act
from scenarios.exercise.clock import shown
from scenarios.exercise.passing import Now
from scenarios.exercise.players import Step, steps_of
from scenarios.exercise.reading import Folder

if TYPE_CHECKING:
    from scenarios.desk import Desk

Tell = Callable[[float, str, str], None]
"""Called with exercise time, ``inject`` or ``player``, and what happens."""


@dataclass(frozen=True, slots=True)
class Played:
    """An exercise that was played to its end: how it stood just before, and what the script could not do."""

    exercise_id: UUID
    now: Now
    faults: tuple[str, ...]

    @property
    def is_passed(self) -> bool:
        """Whether no essential expectation was missed and the script ran whole."""
        return self.now.scores.is_passed and not self.faults


def play(
    desk: "Desk",
    folder: Folder,
    caller: Caller,
    *,
    pace: Callable[[float], None] = lambda _seconds: None,
    tell: Tell = lambda _at_s, _who, _what: None,
    key: UUID | None = None,
) -> Played:
    """
    Play a drill over the real desk and end it.

    The clock stands while players work and is put forward to the next moment at which anything can happen, so that
    the same drill gives the same exercise times on every machine.

    Parameters
    ----------
    pace
        Called with the exercise time, s, that is passed over: waits as long as it should take.

    Raises
    ------
    RefusedError
        The scene lies outside the caller's divisions.
    """
    exercise_id = desk.exercises.start(folder.drill, caller, paused=True, key=key).incident_id
    todo = dict(enumerate(steps_of(folder.players)))
    faults: list[str] = []
    told = set[str]()
    length_s = float(folder.drill.timing.length_s)
    while True:
        desk.exercises.tick(exercise_id)
        now = desk.exercises.now(exercise_id, caller)
        _tell_injects(now, told, tell)
        ripe = sorted((moment, at) for at, moment in _moments(now, todo) if moment <= now.elapsed_s)
        if ripe:
            at = ripe[0][1]
            step = todo.pop(at)
            tell(now.elapsed_s, "player", f"{step.who} {step.act} {step.title or step.text or step.unit}")
            try:
                act(desk, now.exercise, step, at, caller)
            except OneMapError as error:
                faults.append(f"players.toml step {at + 1} at {shown(now.elapsed_s)}: {error}")
            continue
        coming = [moment for _, moment in _moments(now, todo) if moment > now.elapsed_s]
        coming += [now.next_s] if now.next_s is not None else []
        following = min(coming, default=length_s)
        if now.elapsed_s >= length_s:
            break
        following = min(following, length_s)
        pace(following - now.elapsed_s)
        desk.exercises.jump(exercise_id, following, caller)
    faults += [f"players.toml step {at + 1}: its time never came" for at in todo]
    desk.exercises.end(exercise_id, caller)
    return Played(exercise_id, desk.exercises.now(exercise_id, caller), tuple(faults))


def _moments(now: Now, todo: dict[int, Step]) -> list[tuple[int, float]]:
    """Exercise time of each step left whose time is known."""
    seen = deeds.seen_at(now.exercise, now.deeds)
    found = [(at, conditions.holds_at(step.when, now.exercise, seen)) for at, step in todo.items()]
    return [(at, moment) for at, moment in found if moment is not None]


def _tell_injects(now: Now, told: set[str], tell: Tell) -> None:
    fired = [one for one in now.exercise.injects if one.fired_seq is not None and one.inject_id not in told]
    for one in sorted(fired, key=lambda state: state.fired_seq or 0):
        inject = now.exercise.drill.inject(one.inject_id)
        tell(one.fired_s or 0.0, "inject", f"{one.inject_id} {inject.title if inject else ''}")
        told.add(one.inject_id)
