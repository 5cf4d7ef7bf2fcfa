"""Where does an exercise stand after one more entry? A pure fold; an inject fires once whatever the record says."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from scenarios.event import Event
from scenarios.exercise import clock as clocks
from scenarios.exercise.clock import ExerciseClock
from scenarios.exercise.drill import Drill, Inject, drill_of, inject_of
from scenarios.exercise.events import (
    CapabilityRated,
    ExerciseEnded,
    ExerciseJumped,
    ExercisePaused,
    ExerciseResumed,
    ExerciseSpeedSet,
    ExerciseStarted,
    ExpectationJudged,
    IncidentJoined,
    InjectChanged,
    InjectDelivered,
    InjectEvent,
    InjectFired,
    InjectHeld,
    InjectImprovised,
    InjectSkipped,
    ObservationNoted,
    ObservationWithdrawn,
    SheetMarked,
)

if TYPE_CHECKING:
    from scenarios.events import Entry

InjectStatus = Literal["waiting", "held", "fired", "skipped"]
ExerciseStatus = Literal["running", "paused", "ended"]


@dataclass(frozen=True, slots=True)
class InjectState:
    """
    One inject in play. ``fired_s`` is exercise time; ``delivered_seq`` None while its effect is still to be made.

    ``touched`` and ``fault`` are those of `scenarios.exercise.events.InjectDelivered`, ``by`` whoever let it go.
    ``is_improvised`` says that no drill foresaw it, ``is_changed`` that the controller put it otherwise during play.
    """

    inject_id: str
    status: InjectStatus = "waiting"
    how: str = ""
    by: str = ""
    reason: str = ""
    fired_s: float | None = None
    fired_at: datetime | None = None
    fired_seq: int | None = None
    delivered_seq: int | None = None
    touched: tuple[str, ...] = ()
    fault: str = ""
    is_improvised: bool = False
    is_changed: bool = False


@dataclass(frozen=True, slots=True)
class Joined:
    """An incident of the exercise, and the exercise time at which it was joined."""

    incident_id: UUID
    seq: int
    joined_s: float


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Who took an observation back, and why."""

    seq: int
    actor: str
    reason: str


@dataclass(frozen=True, slots=True)
class Said:
    """
    An observation, judgement, rating or mark, with who made it and when in exercise time.

    An observation may be ``withdrawn``: it is shown struck through and no longer counts as a finding.
    """

    seq: int
    actor: str
    recorded_at: datetime
    at_s: float
    event: ObservationNoted | ExpectationJudged | CapabilityRated | SheetMarked
    withdrawn: Withdrawn | None = None


@dataclass(frozen=True, slots=True)
class Exercise:
    """
    One drill in play, as the field ``exercise`` of the `Situation` of its own record; None there for any other record.

    Screens may rely on: ``injects`` has one state for each inject of ``drill``, in its order, the improvised ones last;
    ``drill`` is what is played now, ``drill_sha256`` what was started; ``clock.elapsed_s(now)`` is the exercise time;
    ``said`` keeps every observation, judgement, rating and mark, oldest first, of which the last about a thing counts.
    """

    exercise_id: UUID
    drill: Drill
    drill_sha256: str
    started_at: datetime
    started_by: str
    clock: ExerciseClock
    injects: tuple[InjectState, ...]
    status: ExerciseStatus = "running"
    incidents: tuple[Joined, ...] = ()
    said: tuple[Said, ...] = ()
    ended_at: datetime | None = None

    def state(self, inject_id: str) -> InjectState | None:
        """How one inject stands."""
        return next((one for one in self.injects if one.inject_id == inject_id), None)

    @property
    def observations(self) -> tuple[Said, ...]:
        """What evaluators and controllers noted, oldest first."""
        return tuple(one for one in self.said if isinstance(one.event, ObservationNoted))

    def judged(self, expectation_id: str) -> Said | None:
        """The judgement that stands for an expectation."""
        return self._last(lambda event: isinstance(event, ExpectationJudged) and event.expectation_id == expectation_id)

    def rated(self, capability_id: str, task_id: str = "") -> Said | None:
        """The rating that stands for a capability or one task of it."""
        wanted = (capability_id, task_id)
        return self._last(
            lambda event: isinstance(event, CapabilityRated) and (event.capability_id, event.task_id) == wanted
        )

    def marked(self, item_id: str) -> Said | None:
        """The mark that stands on a line of the sheet."""
        return self._last(lambda event: isinstance(event, SheetMarked) and event.item_id == item_id)

    def _last(self, wanted: "Callable[[Event], bool]") -> Said | None:
        return next((one for one in reversed(self.said) if wanted(one.event)), None)


if TYPE_CHECKING:
    from collections.abc import Callable


def fold(event: Event, entry: "Entry", before: Exercise | None) -> Exercise | None:
    """The exercise after one more entry of its record; what cannot be (an inject fired twice) changes nothing."""
    if before is None:
        return _begun(event, entry) if isinstance(event, ExerciseStarted) else None
    at = entry.recorded_at
    match event:
        case ExerciseEnded() if before.status != "ended":
            return replace(before, status="ended", clock=before.clock.stopped(at), ended_at=at)
        case IncidentJoined():
            return _joined(event, entry, before)
        case ObservationNoted() | ExpectationJudged() | CapabilityRated() | SheetMarked():
            said = Said(entry.seq, entry.actor, at, before.clock.elapsed_s(at), event)
            return replace(before, said=(*before.said, said))
        case ObservationWithdrawn():
            by = Withdrawn(entry.seq, entry.actor, event.reason)
            return replace(before, said=tuple(_withdrawn(one, event.noted_seq, by) for one in before.said))
        case InjectDelivered():
            return _each(event, before, lambda one: _delivered(event, entry, one))
        case _ if before.status == "ended":
            return before
        case ExercisePaused():
            return replace(before, status="paused", clock=before.clock.turned(at, runs=False))
        case ExerciseResumed():
            return replace(before, status="running", clock=before.clock.turned(at, runs=True))
        case ExerciseSpeedSet():
            return replace(before, clock=before.clock.turned(at, speed=event.speed))
        case ExerciseJumped():
            return replace(before, clock=before.clock.jumped(at, event.to_s))
        case InjectFired():
            elapsed_s = before.clock.elapsed_s(at)
            return _each(event, before, lambda one: _fired(event, entry, elapsed_s, one))
        case InjectHeld():
            status: InjectStatus = "held" if event.held else "waiting"
            return _each(event, before, lambda one: _unfired(one, status, event.reason, entry.actor))
        case InjectSkipped():
            return _each(event, before, lambda one: _unfired(one, "skipped", event.reason, entry.actor))
        case InjectImprovised() if before.state(event.inject_id) is None:
            states = (*before.injects, InjectState(event.inject_id, is_improvised=True))
            return replace(before, drill=_with(before.drill, inject_of(event.inject)), injects=states)
        case InjectChanged() if (known := before.state(event.inject_id)) is not None and known.status != "fired":
            changed = _each(event, before, lambda one: replace(one, is_changed=True))
            return replace(changed, drill=_with(before.drill, inject_of(event.inject)))
        case _:
            return before


def _begun(event: ExerciseStarted, entry: "Entry") -> Exercise:
    drill = drill_of(event.drill)
    return Exercise(
        exercise_id=entry.incident_id,
        drill=drill,
        drill_sha256=event.drill_sha256,
        started_at=entry.recorded_at,
        started_by=entry.actor,
        clock=clocks.started(entry.recorded_at, event.speed, paused=event.paused),
        injects=tuple(InjectState(one.id) for one in drill.injects),
        status="paused" if event.paused else "running",
    )


def _joined(event: IncidentJoined, entry: "Entry", before: Exercise) -> Exercise:
    incident_id = UUID(event.incident_id)
    if any(one.incident_id == incident_id for one in before.incidents):
        return before
    joined = Joined(incident_id, entry.seq, before.clock.elapsed_s(entry.recorded_at))
    return replace(before, incidents=(*before.incidents, joined))


def _withdrawn(one: Said, noted_seq: int, by: Withdrawn) -> Said:
    """An observation is taken back once; the first reason stands."""
    is_meant = one.seq == noted_seq and isinstance(one.event, ObservationNoted) and one.withdrawn is None
    return replace(one, withdrawn=by) if is_meant else one


def _each(event: InjectEvent, before: Exercise, change: "Callable[[InjectState], InjectState]") -> Exercise:
    injects = tuple(change(one) if one.inject_id == event.inject_id else one for one in before.injects)
    return replace(before, injects=injects)


def _with(drill: Drill, inject: Inject) -> Drill:
    """The drill with an inject in the place of the one of its id, or at the end."""
    if drill.inject(inject.id) is None:
        return replace(drill, injects=(*drill.injects, inject))
    return replace(drill, injects=tuple(inject if one.id == inject.id else one for one in drill.injects))


def _fired(event: InjectFired, entry: "Entry", elapsed_s: float, one: InjectState) -> InjectState:
    if one.status == "fired":
        return one
    return replace(
        one, status="fired", how=event.how, by=entry.actor, reason=event.reason, fired_s=elapsed_s,
        fired_at=entry.recorded_at, fired_seq=entry.seq,
    )  # fmt: skip


def _unfired(one: InjectState, status: InjectStatus, reason: str, actor: str) -> InjectState:
    return one if one.status == "fired" else replace(one, status=status, reason=reason, by=actor)


def _delivered(event: InjectDelivered, entry: "Entry", one: InjectState) -> InjectState:
    if one.status != "fired" or one.delivered_seq is not None:
        return one
    return replace(one, delivered_seq=entry.seq, touched=event.touched, fault=event.fault)
