"""How is a drill started, steered, judged and ended? The desk of the exercise cell 导调."""

from typing import TYPE_CHECKING
from uuid import UUID, uuid4, uuid5

from gis.database import Caller
from gis.errors import ConflictError, InputError, MissingError
from scenarios import log
from scenarios.event import Event
from scenarios.exercise import delivery, rows
from scenarios.exercise.clock import shown
from scenarios.exercise.drill import FASTEST, SLOWEST, Drill, drill_json
from scenarios.exercise.events import (
    CapabilityRated,
    ExerciseEnded,
    ExerciseJumped,
    ExercisePaused,
    ExerciseResumed,
    ExerciseSpeedSet,
    ExerciseStarted,
    ExpectationJudged,
    Finding,
    InjectHeld,
    InjectSkipped,
    ObservationNoted,
    ObservationWithdrawn,
    SheetMarked,
    Verdict,
)
from scenarios.exercise.fold import Exercise
from scenarios.exercise.improvising import ImprovisingDesk
from scenarios.exercise.passing import CELL, Now, RefusedError
from scenarios.exercise.played import in_drill
from scenarios.log import Receipt

if TYPE_CHECKING:
    from scenarios.exercise.drill import Rating

EXERCISES = UUID("5d3b3b62-0d3a-5a52-8a74-6f0d7c2a9e10")
"""Namespace in which the key of a start names its exercise."""
LONGEST_TEXT = 4_000

__all__ = ["ExerciseDesk", "Now"]


class ExerciseDesk(ImprovisingDesk):
    """
    Exercises of the house. Shared by all pages; safe between threads and processes.

    Every exercise plays in the world of drills, whatever world its caller works in; what is live cannot be reached from
    here. Nothing is kept outside the record: after a restart the clock shows what it would have shown.
    """

    # -- the cell steers -------------------------------------------------------------------------------------------

    def start(
        self, drill: Drill, caller: Caller, *, speed: float | None = None, paused: bool = False, key: UUID | None = None
    ) -> Receipt:
        """
        Begin an exercise; the receipt carries its id as ``incident_id``. The same key begins it once.

        Raises
        ------
        InputError
            The speed is out of range.
        RefusedError
            The place lies outside the caller's divisions.
        """
        fast = _checked_speed(drill.timing.speed if speed is None else speed)
        exercise_id = uuid5(EXERCISES, (key or uuid4()).hex)
        event = ExerciseStarted(drill_json(drill), drill.sha256, fast, paused)
        with self.desk.database.transaction(in_drill(caller)) as connection:
            log.open_incident(connection, exercise_id, drill.scene.division_code)
            return log.append(connection, exercise_id, event, key=uuid5(exercise_id, "started"))

    def pause(self, exercise_id: UUID, caller: Caller, *, reason: str = "", key: UUID | None = None) -> Receipt:
        """
        Stop the exercise clock.

        Raises
        ------
        ConflictError
            It stands already, or the exercise has ended.
        """

        def decide(now: Exercise, _elapsed_s: float) -> Event:
            if not now.clock.is_running:
                raise RefusedError("the exercise clock stands already")
            return ExercisePaused(reason.strip())

        return self._steer(exercise_id, decide, caller, key)

    def resume(self, exercise_id: UUID, caller: Caller, *, key: UUID | None = None) -> Receipt:
        """
        Let the exercise clock run again.

        Raises
        ------
        ConflictError
            It runs already, or the exercise has ended.
        """

        def decide(now: Exercise, _elapsed_s: float) -> Event:
            if now.clock.is_running:
                raise RefusedError("the exercise clock runs already")
            return ExerciseResumed()

        return self._steer(exercise_id, decide, caller, key)

    def set_speed(self, exercise_id: UUID, speed: float, caller: Caller, *, key: UUID | None = None) -> Receipt:
        """Let the exercise clock run at 0.5 to 60 times the speed of ours from now on; one that stands stays so."""
        event = ExerciseSpeedSet(_checked_speed(speed))
        return self._steer(exercise_id, lambda _now, _elapsed_s: event, caller, key)

    def jump(
        self, exercise_id: UUID, to_s: float, caller: Caller, *, reason: str = "", key: UUID | None = None
    ) -> Receipt:
        """
        Put the exercise clock forward; what falls due on the way fires at the next `tick`.

        Raises
        ------
        ConflictError
            That time has passed.
        """

        def decide(_now: Exercise, elapsed_s: float) -> Event:
            if to_s <= elapsed_s:
                raise RefusedError(f"exercise time {shown(to_s)} has passed: it is {shown(elapsed_s)}")
            return ExerciseJumped(to_s, reason.strip())

        return self._steer(exercise_id, decide, caller, key)

    def release(
        self, exercise_id: UUID, inject_id: str, caller: Caller, *, reason: str = "", key: UUID | None = None
    ) -> Receipt:
        """
        Let an inject go by hand, whatever it waits for. It fires once; a skipped one may still be released.

        Raises
        ------
        ConflictError
            It fired already, or the exercise has ended.
        MissingError
            There is no such inject.
        """
        receipt = self._fire(exercise_id, inject_id, "hand", caller, reason.strip(), key)
        self.tick(exercise_id)
        return receipt

    def hold(
        self, exercise_id: UUID, inject_id: str, caller: Caller, *, held: bool = True, reason: str = "",
        key: UUID | None = None,
    ) -> Receipt:  # fmt: skip
        """Keep an inject back until a hand releases it, or (`held` false) leave it to its condition again."""
        event = InjectHeld(inject_id, held, reason.strip())
        return self._steer(exercise_id, lambda now, _elapsed_s: _unfired(now, inject_id, event), caller, key)

    def skip(
        self, exercise_id: UUID, inject_id: str, caller: Caller, *, reason: str = "", key: UUID | None = None
    ) -> Receipt:
        """Leave an inject out of this exercise."""
        event = InjectSkipped(inject_id, reason.strip())
        return self._steer(exercise_id, lambda now, _elapsed_s: _unfired(now, inject_id, event), caller, key)

    def end(self, exercise_id: UUID, caller: Caller, *, reason: str = "", key: UUID | None = None) -> Receipt:
        """
        End an exercise and take back what it put into the world of drills: closures, alarms, lost cameras, taken teams;
        its incidents are closed. A second time, after an interruption, takes up what is left.

        Raises
        ------
        ConflictError
            It has ended already.
        """
        exercise = self.exercise(exercise_id, caller)
        if exercise.status == "ended":
            seen = self._receipt(exercise_id, caller, key)
            if seen is not None:
                return seen
            raise ConflictError("the exercise has ended already")
        if exercise.clock.is_running:
            self.pause(exercise_id, caller, reason=reason)
        delivery.take_back(self.desk, exercise, CELL)
        receipt = self._steer(exercise_id, lambda _now, _elapsed_s: ExerciseEnded(reason.strip()), caller, key)
        # Once more: an inject may have acted between the two.
        delivery.take_back(self.desk, self.exercise(exercise_id, caller), CELL)
        return receipt

    # -- evaluators write ------------------------------------------------------------------------------------------

    def note(
        self, exercise_id: UUID, observation: str, caller: Caller, *, finding: Finding = "note",
        expectation_id: str = "", objective_id: str = "", inject_id: str = "", owner: str = "", due: str = "",
        cause: str = "",
        key: UUID | None = None,
    ) -> Receipt:  # fmt: skip
        """
        Note what was seen, also after the end.

        Raises
        ------
        InputError
            Nothing is said, or a name leads nowhere.
        """
        drill = self.exercise(exercise_id, caller).drill
        faults = [
            f"{name}: the drill has no '{value}'"
            for name, value, found in (
                ("expectation_id", expectation_id, drill.expectation(expectation_id)),
                ("objective_id", objective_id, next((one for one in drill.objectives if one.id == objective_id), None)),
                ("inject_id", inject_id, drill.inject(inject_id)),
            )
            if value and found is None
        ]
        if not observation.strip():
            faults.append("text: missing; say what was seen")
        if len(observation) > LONGEST_TEXT:
            faults.append(f"text: at most {LONGEST_TEXT} characters")
        if faults:
            raise InputError(faults)
        event = ObservationNoted(
            observation.strip(),
            finding,
            expectation_id,
            objective_id,
            inject_id,
            owner.strip(),
            due.strip(),
            cause.strip(),
        )
        return self._append(exercise_id, event, caller, key)

    def withdraw(
        self, exercise_id: UUID, noted_seq: int, reason: str, caller: Caller, *, key: UUID | None = None
    ) -> Receipt:
        """
        Take back what was noted; it stays in the record and is shown struck through with the reason.

        Raises
        ------
        MissingError
            No observation was noted with this entry.
        InputError
            No reason is given.
        ConflictError
            It was taken back already.
        """
        noted = next((one for one in self.exercise(exercise_id, caller).observations if one.seq == noted_seq), None)
        if noted is None:
            raise MissingError(f"entry {noted_seq} of the exercise is no observation")
        if not reason.strip():
            raise InputError("reason: missing; say why it is taken back")
        if noted.withdrawn is not None and self._receipt(exercise_id, caller, key) is None:
            raise ConflictError(f"{noted.withdrawn.actor} has taken it back already")
        return self._append(exercise_id, ObservationWithdrawn(noted_seq, reason.strip()), caller, key)

    def judge(
        self, exercise_id: UUID, expectation_id: str, verdict: Verdict, reason: str, caller: Caller, *,
        key: UUID | None = None,
    ) -> Receipt:  # fmt: skip
        """Judge an expectation in place of what the record shows; the reason is written beside it."""
        if self.exercise(exercise_id, caller).drill.expectation(expectation_id) is None:
            raise MissingError(f"the drill has no expectation '{expectation_id}'")
        if not reason.strip():
            raise InputError("reason: missing; say why the record does not decide it")
        return self._append(exercise_id, ExpectationJudged(expectation_id, verdict, reason.strip()), caller, key)

    def rate(
        self, exercise_id: UUID, capability_id: str, rating: "Rating", caller: Caller, *, task_id: str = "",
        reason: str = "", key: UUID | None = None,
    ) -> Receipt:  # fmt: skip
        """Rate a capability, or one critical task of it, with P, S, M or U."""
        drill = self.exercise(exercise_id, caller).drill
        sheet = next((one for one in drill.capabilities if one.id == capability_id), None)
        if sheet is None or (task_id and all(one.id != task_id for one in sheet.tasks)):
            raise MissingError(f"the drill has no capability '{capability_id}' with a task '{task_id}'")
        return self._append(exercise_id, CapabilityRated(capability_id, rating, task_id, reason.strip()), caller, key)

    def mark(
        self, exercise_id: UUID, item_id: str, points: float, caller: Caller, *, comment: str = "",
        key: UUID | None = None,
    ) -> Receipt:  # fmt: skip
        """Give points on a line of the table-top sheet, 0 to those of the line."""
        item = next((one for one in self.exercise(exercise_id, caller).drill.sheet if one.id == item_id), None)
        if item is None:
            raise MissingError(f"the sheet has no line '{item_id}'")
        if not 0 <= points <= item.points:
            raise InputError(f"points: {points:g} is not between 0 and {item.points}")
        return self._append(exercise_id, SheetMarked(item_id, float(points), comment.strip()), caller, key)

    def _receipt(self, exercise_id: UUID, caller: Caller, key: UUID | None) -> Receipt | None:
        """Receipt of what was recorded under this key already."""
        if key is None:
            return None
        with self.desk.database.transaction(in_drill(caller)) as connection:
            return rows.receipt_of(connection, exercise_id, key)


def _checked_speed(speed: float) -> float:
    if not SLOWEST <= speed <= FASTEST:
        raise InputError(f"speed: {speed:g} is not between {SLOWEST:g} and {FASTEST:g}")
    return float(speed)


def _unfired(now: Exercise, inject_id: str, event: Event) -> Event:
    state = now.state(inject_id)
    if state is None:
        raise MissingError(f"the drill has no inject '{inject_id}'")
    if state.status == "fired":
        raise RefusedError(f"inject {inject_id} has fired already: it cannot be taken back")
    return event
