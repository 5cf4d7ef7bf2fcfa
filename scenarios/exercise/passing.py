"""How does time pass in an exercise? Incidents join it, injects fire when due, and what fired is carried out."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid4, uuid5

from gis.database import HIGHEST_DIVISION, LOWEST_DIVISION, Caller
from gis.errors import ConflictError, InputError, MissingError
from scenarios import log
from scenarios.duty import DutyDesk
from scenarios.event import Event
from scenarios.exercise import conditions, deeds, delivery, rows, scoring
from scenarios.exercise.conditions import Prospect
from scenarios.exercise.deeds import CELL_ACTOR, Deed
from scenarios.exercise.events import How, IncidentJoined, InjectDelivered, InjectFired
from scenarios.exercise.fold import Exercise
from scenarios.exercise.played import in_drill
from scenarios.log import Receipt

if TYPE_CHECKING:
    from scenarios.situation import Situation

ATTEMPTS = 20
CELL = Caller(CELL_ACTOR, LOWEST_DIVISION, HIGHEST_DIVISION, "drill", sees_sealed=True)
"""The exercise cell at work: what injects do is written in its name, always in the world of drills."""


@dataclass(frozen=True, slots=True)
class Now:
    """
    An exercise at a moment, everything a screen draws: its state, its time, how each inject looks, and the scores.

    ``elapsed_s`` is exercise time; ``prospects`` are in the order of the drill's injects; ``deeds`` those of players.
    """

    exercise: Exercise
    at: datetime
    elapsed_s: float
    prospects: tuple[Prospect, ...]
    deeds: tuple[Deed, ...]
    scores: scoring.ScoreTable
    next_s: float | None


class PassingDesk:
    """What is known of exercises, and what happens in them as time passes. Safe between threads and processes."""

    def __init__(self, desk: DutyDesk) -> None:
        self.desk = desk
        self._ended: set[UUID] = set()

    # -- looking ---------------------------------------------------------------------------------------------------

    def exercise(self, exercise_id: UUID, caller: Caller) -> Exercise:
        """
        One exercise as it stands.

        Raises
        ------
        MissingError
            None of this id in the caller's divisions.
        """
        found = self.desk.situation(exercise_id, caller=in_drill(caller)).exercise
        if found is None:
            raise MissingError(f"there is no exercise {exercise_id}")
        return found

    def exercises(self, caller: Caller) -> list[Exercise]:
        """All exercises of the caller's divisions, the latest first."""
        return self.desk.played.exercises(caller)

    def running(self, caller: Caller) -> list[Exercise]:
        """Exercises of the caller's divisions that have not ended, paused ones too, the latest first."""
        return self.desk.played.running(caller)

    def of_incident(self, incident_id: UUID, caller: Caller) -> Exercise | None:
        """The exercise an incident belongs to; None for any other incident."""
        return self.desk.played.of_incident(incident_id, caller)

    def now(self, exercise_id: UUID, caller: Caller) -> Now:
        """Everything a screen draws of an exercise, at one moment of the server's time."""
        with self.desk.database.transaction(in_drill(caller)) as connection:
            at = rows.now(connection)
        exercise = self.exercise(exercise_id, caller)
        done = self.deeds(exercise)
        elapsed_s = exercise.clock.elapsed_s(at)
        seen = deeds.seen_at(exercise, done)
        return Now(
            exercise, at, elapsed_s, conditions.prospects(exercise, seen, elapsed_s), done,
            scoring.score(exercise, done, elapsed_s), conditions.next_at(exercise, seen, elapsed_s),
        )  # fmt: skip

    def deeds(self, exercise: Exercise) -> tuple[Deed, ...]:
        """What players did in the incidents of an exercise, in order."""
        with self.desk.database.transaction(CELL) as connection:
            alarms = delivery.alarms_seen(connection, exercise.exercise_id)
        return deeds.deeds_of(exercise, self.situations(exercise), alarms)

    def situations(self, exercise: Exercise) -> list["Situation"]:
        """What is known of each incident of an exercise, in the order they were joined."""
        return [self.desk.situation(one.incident_id, caller=CELL) for one in exercise.incidents]

    def join(self, exercise_id: UUID, incident_id: UUID, caller: Caller, *, key: UUID | None = None) -> Receipt:
        """
        Count an incident among those of the exercise.

        Raises
        ------
        MissingError
            There is no such incident in the world of drills.
        """
        with self.desk.database.transaction(in_drill(caller)) as connection:
            if log.head(connection, incident_id).mode != "drill":
                raise MissingError(f"there is no incident {incident_id} in the world of drills")
        key = key or uuid5(exercise_id, f"joined {incident_id}")
        return self._append(exercise_id, IncidentJoined(str(incident_id)), caller, key)

    # -- time passes -----------------------------------------------------------------------------------------------

    def tick(self, exercise_id: UUID) -> int:
        """
        Join new incidents, fire what is due, and carry out what has fired; gives the number of entries written.

        May be called at any time and by several processes: every inject fires once and acts once.
        """
        written = 0
        while True:
            more = self._join_new(exercise_id) + self._fire_due(exercise_id) + self._deliver(exercise_id)
            if not more:
                return written
            written += more

    def tick_all(self) -> int:
        """Let time pass in every exercise that has not ended."""
        return sum(self.tick(one.exercise_id) for one in self.running(CELL))

    def _join_new(self, exercise_id: UUID) -> int:
        exercise = self.exercise(exercise_id, CELL)
        if exercise.status == "ended":
            return 0
        known = {one.incident_id for one in exercise.incidents}
        with self.desk.database.transaction(CELL) as connection:
            fresh = [one for one in rows.opened_since(connection, exercise.started_at) if one not in known]
        taken = {it.incident_id for one in self.running(CELL) for it in one.incidents} if fresh else set()
        written = 0
        for incident_id in fresh:
            near = delivery.is_near(self.desk.situation(incident_id, caller=CELL), exercise.drill.scene)
            if near and incident_id not in taken:
                self.join(exercise_id, incident_id, CELL)
                written += 1
        return written

    def _fire_due(self, exercise_id: UUID) -> int:
        exercise = self.exercise(exercise_id, CELL)
        seen = deeds.seen_at(exercise, self.deeds(exercise))
        written = 0
        with self.desk.database.transaction(CELL) as connection:
            at = rows.now(connection)
        for one in conditions.due(exercise, seen, exercise.clock.elapsed_s(at)):
            inject = exercise.drill.inject(one.inject_id)
            depends = inject is not None and (inject.when.after or inject.when.done or inject.when.not_done)
            how: How = "condition" if depends else "time"
            try:
                self._fire(exercise_id, one.inject_id, how, CELL, "", None, only_waiting=True)
            except ConflictError:
                continue  # somebody released, held or skipped it, or ended the exercise, in this very moment
            written += 1
        return written

    def _fire(
        self, exercise_id: UUID, inject_id: str, how: How, caller: Caller, reason: str, key: UUID | None, *,
        only_waiting: bool = False,
    ) -> Receipt:  # fmt: skip
        event = InjectFired(inject_id, how, reason)

        def decide(now: Exercise, _elapsed_s: float) -> Event:
            state = now.state(inject_id)
            if state is None:
                raise MissingError(f"the drill has no inject '{inject_id}'")
            if state.status == "fired" or (only_waiting and state.status != "waiting"):
                raise RefusedError(f"inject {inject_id} is {state.status} already")
            return event

        return self._steer(exercise_id, decide, caller, key)

    def _deliver(self, exercise_id: UUID) -> int:
        exercise = self.exercise(exercise_id, CELL)
        if exercise.status == "ended":
            return 0
        written = 0
        for state in sorted(exercise.injects, key=lambda one: one.fired_seq or 0):
            if state.status != "fired" or state.delivered_seq is not None:
                continue
            done = delivery.deliver(self.desk, self.exercise(exercise_id, CELL), state, CELL)
            if done is None:
                continue  # it needs an incident, and there is none yet: the next tick asks again
            event = InjectDelivered(state.inject_id, done.touched, done.fault)
            try:
                self._append(exercise_id, event, CELL, uuid5(exercise_id, f"delivered {state.inject_id}"))
            except InputError:
                continue  # another process delivered it in this very moment, and said so in other words
            written += 1
        return written

    # -- how entries are written -----------------------------------------------------------------------------------

    def _steer(
        self, exercise_id: UUID, decide: Callable[[Exercise, float], Event], caller: Caller, key: UUID | None
    ) -> Receipt:
        """Append what `decide` says of the exercise as it stands; asked again when somebody wrote meanwhile."""
        key = key or uuid4()
        for _ in range(ATTEMPTS):
            try:
                with self.desk.database.transaction(in_drill(caller)) as connection:
                    known = self.desk.fold(connection, exercise_id)
                    seen = rows.receipt_of(connection, exercise_id, key)
                    if seen is not None:
                        return seen
                    if known.exercise is None:
                        raise MissingError(f"there is no exercise {exercise_id}")
                    if known.exercise.status == "ended":
                        raise RefusedError("the exercise has ended: nothing in it can be steered any more")
                    elapsed_s = known.exercise.clock.elapsed_s(rows.now(connection))
                    event = decide(known.exercise, elapsed_s)
                    return log.append(connection, exercise_id, event, key=key, expected_seq=known.seq)
            except RefusedError:
                raise
            except ConflictError:
                continue  # somebody wrote between our look and the lock; the next look shows what
        raise ConflictError("the exercise moves faster than this can be written: try again")

    def _append(self, exercise_id: UUID, event: Event, caller: Caller, key: UUID | None) -> Receipt:
        with self.desk.database.transaction(in_drill(caller)) as connection:
            if self.desk.fold(connection, exercise_id).exercise is None:
                raise MissingError(f"there is no exercise {exercise_id}")
            return log.append(connection, exercise_id, event, key=key)


class RefusedError(ConflictError):
    """The exercise itself stands in the way: trying again would not help."""
