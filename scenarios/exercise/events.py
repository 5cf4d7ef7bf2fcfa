"""What is said about an exercise? Its clock, its injects, what evaluators saw, and its end."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from scenarios.event import Event, Json, Lane
from scenarios.exercise.drill import Rating

How = Literal["time", "condition", "hand"]
Verdict = Literal["met", "late", "missed", "not_called"]
"""Done in time | done too late | not done | never asked for."""
Finding = Literal["note", "strength", "improvement"]


@dataclass(frozen=True, slots=True)
class ExerciseEvent(Event):
    """
    Base of everything in the record of an exercise, which is a record of its own beside those of its incidents.

    Exercise time is never written: it follows from the moments these entries were recorded, see `clock`.
    """

    lane: ClassVar[Lane] = "judge"


@dataclass(frozen=True, slots=True)
class ExerciseStarted(ExerciseEvent):
    """An exercise begins; the whole drill is written here, so that a changed folder changes nothing."""

    code: ClassVar[str] = "exercise_started"

    drill: Json
    drill_sha256: str
    speed: float = 1.0
    paused: bool = False


@dataclass(frozen=True, slots=True)
class ExercisePaused(ExerciseEvent):
    """The exercise clock stands."""

    code: ClassVar[str] = "exercise_paused"

    reason: str = ""


@dataclass(frozen=True, slots=True)
class ExerciseResumed(ExerciseEvent):
    """The exercise clock runs again."""

    code: ClassVar[str] = "exercise_resumed"


@dataclass(frozen=True, slots=True)
class ExerciseSpeedSet(ExerciseEvent):
    """The exercise clock runs at another speed from now on, 0.5 to 60."""

    code: ClassVar[str] = "exercise_speed_set"

    speed: float


@dataclass(frozen=True, slots=True)
class ExerciseJumped(ExerciseEvent):
    """The exercise clock is put forward to ``to_s``; what falls due on the way fires now."""

    code: ClassVar[str] = "exercise_jumped"

    to_s: float
    reason: str = ""


@dataclass(frozen=True, slots=True)
class InjectEvent(ExerciseEvent):
    """Base of what is said about one inject."""

    inject_id: str


@dataclass(frozen=True, slots=True)
class InjectFired(InjectEvent):
    """An inject is let go, once and for all: by the clock, by its condition, or by a person's hand."""

    code: ClassVar[str] = "inject_fired"
    lane: ClassVar[Lane] = "act"

    how: How
    reason: str = ""


@dataclass(frozen=True, slots=True)
class InjectDelivered(InjectEvent):
    """
    What an inject did to the drill's world: ``touched`` names it (``alarm:GJ-…``, ``entry:<incident>:<seq>``,
    ``closure:C-…``, ``order:O-…``); ``fault`` says why nothing could be done.
    """

    code: ClassVar[str] = "inject_delivered"
    lane: ClassVar[Lane] = "act"

    touched: tuple[str, ...] = ()
    fault: str = ""


@dataclass(frozen=True, slots=True)
class InjectHeld(InjectEvent):
    """An inject waits for a hand, whatever its time or condition; ``held`` false lets it go by itself again."""

    code: ClassVar[str] = "inject_held"

    held: bool = True
    reason: str = ""


@dataclass(frozen=True, slots=True)
class InjectSkipped(InjectEvent):
    """An inject will not fire in this exercise."""

    code: ClassVar[str] = "inject_skipped"

    reason: str = ""


@dataclass(frozen=True, slots=True)
class InjectImprovised(InjectEvent):
    """The controller put an inject into the list during play; ``inject`` is the whole of it."""

    code: ClassVar[str] = "inject_improvised"

    inject: Json
    reason: str = ""


@dataclass(frozen=True, slots=True)
class InjectChanged(InjectEvent):
    """The controller put an inject that had not fired otherwise; ``inject`` is the whole of what it is now."""

    code: ClassVar[str] = "inject_changed"

    inject: Json
    reason: str = ""


@dataclass(frozen=True, slots=True)
class IncidentJoined(ExerciseEvent):
    """An incident belongs to the exercise: what is recorded in it is scored."""

    code: ClassVar[str] = "exercise_incident_joined"

    incident_id: str


@dataclass(frozen=True, slots=True)
class ObservationNoted(ExerciseEvent):
    """
    What an evaluator or controller saw.

    An improvement has its root cause, who sees to it (``owner``) and until when (``due``).
    """

    code: ClassVar[str] = "observation_noted"

    text: str
    finding: Finding = "note"
    expectation_id: str = ""
    objective_id: str = ""
    inject_id: str = ""
    owner: str = ""
    due: str = ""
    cause: str = ""


@dataclass(frozen=True, slots=True)
class ObservationWithdrawn(ExerciseEvent):
    """What was noted with entry ``noted_seq`` is taken back; it stays in the record, struck through."""

    code: ClassVar[str] = "observation_withdrawn"

    noted_seq: int
    reason: str


@dataclass(frozen=True, slots=True)
class ExpectationJudged(ExerciseEvent):
    """A person judges an expectation; it stands in place of what was computed from the log, which stays beside it."""

    code: ClassVar[str] = "expectation_judged"

    expectation_id: str
    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True)
class CapabilityRated(ExerciseEvent):
    """An evaluator rates a capability, or one critical task of it (``task_id``)."""

    code: ClassVar[str] = "capability_rated"

    capability_id: str
    rating: Rating
    task_id: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SheetMarked(ExerciseEvent):
    """An evaluator gives points on one line of the table-top sheet."""

    code: ClassVar[str] = "sheet_marked"

    item_id: str
    points: float
    comment: str = ""


@dataclass(frozen=True, slots=True)
class ExerciseEnded(ExerciseEvent):
    """The exercise is over; judgements and observations may still follow (hot-wash), nothing fires any more."""

    code: ClassVar[str] = "exercise_ended"
    lane: ClassVar[Lane] = "act"

    reason: str = ""


KINDS: tuple[type[Event], ...] = (
    ExerciseStarted, ExercisePaused, ExerciseResumed, ExerciseSpeedSet, ExerciseJumped, InjectFired, InjectDelivered,
    InjectHeld, InjectSkipped, InjectImprovised, InjectChanged, IncidentJoined, ObservationNoted, ObservationWithdrawn,
    ExpectationJudged, CapabilityRated, SheetMarked,
    ExerciseEnded,
)  # fmt: skip
