"""What is known about an incident at a moment? A fold over its entries: live is replay at now."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import rfc8785

from gis.crs import LonLat
from scenarios.consultation import fold as consultation_fold
from scenarios.consultation.fold import Room
from scenarios.decisions import fold as decisions_fold
from scenarios.decisions.events import DecisionRecorded
from scenarios.decisions.fold import Decision
from scenarios.entries import Entries
from scenarios.events import (
    Alarm,
    AlarmLinked,
    CaseChanged,
    CasualtiesReported,
    Channel,
    Computed,
    ConfidenceForecast,
    Correction,
    Entry,
    EvacuationCounted,
    EvacuationProposed,
    Event,
    ExposureAssessed,
    Grade,
    GradeConfirmed,
    GradeSuggested,
    HazardForecast,
    IncidentClosed,
    IncidentReported,
    Json,
    ResponseLevelSet,
    RoutesProposed,
    TeamArrived,
    event_of,
)
from scenarios.exercise import fold as exercise_fold
from scenarios.exercise.events import ExerciseEvent
from scenarios.exercise.fold import Exercise
from scenarios.marks import fold as marks_fold
from scenarios.marks.events import MarkEvent
from scenarios.marks.fold import Mark
from scenarios.messages import fold as messages_fold
from scenarios.messages.events import MessageEvent
from scenarios.messages.fold import Message
from scenarios.orders import fold as orders_fold
from scenarios.orders.events import FieldAnswered, FieldReported, OrderEvent
from scenarios.orders.fold import NO_ORDERS, Orders
from scenarios.plans import fold as plans_fold
from scenarios.plans.events import CardCited, PlanAdopted
from scenarios.plans.fold import NO_PLANS, Planning
from scenarios.reports import fold as reports_fold
from scenarios.reports.events import ReportSent
from scenarios.reports.fold import NOTHING_YET, Reporting
from scenarios.resources import fold as resources_fold
from scenarios.resources.events import SupplyEvent
from scenarios.resources.fold import HeldSupply
from scenarios.roads.closures import Closure, closure_of
from scenarios.roads.events import ClosureLifted, ClosureMoved, ClosureReported, TeamGivenBack, TeamTaken


@dataclass(frozen=True, slots=True)
class Run:
    """
    One assessment 研判: its four parts, and whether what it was made from still holds.

    ``stale_since`` is the number of the entry that made it 待复核, ``stale_why`` what that changed: ``case`` (source or
    weather: everything) or ``roads`` (a closure: routes and evacuation). ``superseded_by`` is the run that replaced it.
    A run made because roads changed is ``based_on`` the one whose zones and people it keeps; until its evacuation is
    there, that of the other run stands in for it and is named in ``awaiting``. ``confidence`` comes later than the run,
    or never.
    """

    run_id: str
    recorded_at: datetime
    first_seq: int
    hazard: HazardForecast | None = None
    exposure: ExposureAssessed | None = None
    routes: RoutesProposed | None = None
    evacuation: EvacuationProposed | None = None
    stale_since: int | None = None
    superseded_by: str | None = None
    stale_why: str = ""
    based_on: str = ""
    awaiting: tuple[str, ...] = ()
    confidence: ConfidenceForecast | None = None

    @property
    def parts(self) -> tuple[Computed, ...]:
        """The parts recorded so far, in the order they are computed."""
        return tuple(part for part in (self.hazard, self.exposure, self.routes, self.evacuation) if part is not None)


@dataclass(frozen=True, slots=True)
class Situation:
    """
    Everything known about one incident after ``seq`` entries. Frozen; ``apply`` gives the next one.

    ``runs`` are oldest first, ``run`` is the latest. ``struck`` pairs (entry, correction): the struck entry is shown,
    lined through, beside its correction. ``closures`` are all ever reported here, oldest first, the lifted ones too;
    ``taken`` the teams taken and not given back. The six levels of command are six fields and never follow from one
    another.
    """

    incident_id: UUID | None = None
    seq: int = 0
    head_hash: str = ""
    updated_at: datetime | None = None
    status: str = "unknown"  # unknown | open | closed
    title: str = ""
    place: LonLat | None = None
    place_text: str = ""
    division_code: str = ""
    channel: Channel | None = None
    occurred_at: datetime | None = None
    known_at: datetime | None = None
    case: Json | None = None
    case_seq: int | None = None
    alarms: tuple[Alarm, ...] = ()
    casualties: CasualtiesReported | None = None
    accident_grade_suggested: GradeSuggested | None = None
    accident_grade: Grade | None = None
    response_level: int | None = None
    reporting: Reporting = NOTHING_YET
    arrived: tuple[TeamArrived, ...] = ()
    evacuated: EvacuationCounted | None = None
    runs: tuple[Run, ...] = ()
    struck: tuple[tuple[int, int], ...] = ()
    closures: tuple[Closure, ...] = ()
    taken: tuple[TeamTaken, ...] = ()
    supplies: tuple[HeldSupply, ...] = ()
    planning: Planning = NO_PLANS
    marks: tuple[Mark, ...] = ()
    orders: Orders = NO_ORDERS
    decisions: tuple[Decision, ...] = ()
    consultations: tuple[Room, ...] = ()
    exercise: Exercise | None = None
    messages: tuple[Message, ...] = ()
    entries: Entries = field(default_factory=Entries)

    @property
    def run(self) -> Run | None:
        """The latest assessment, or None while there is none."""
        return self.runs[-1] if self.runs else None

    @property
    def reports(self) -> tuple[ReportSent, ...]:
        """Reports that went up, oldest first."""
        return tuple(one.report for one in self.reporting.sent)

    @property
    def weather(self) -> Json | None:
        """Weather of the case believed now."""
        return self.case.get("weather") if self.case else None

    @property
    def zones(self) -> Json | None:
        """Hazard zones of the latest run, a GeoJSON FeatureCollection."""
        return self.run.hazard.zones if self.run and self.run.hazard else None

    @property
    def envelope(self) -> Json | None:
        """Envelope of wind uncertainty of the latest run."""
        return self.run.hazard.envelope if self.run and self.run.hazard else None

    @property
    def exposure(self) -> ExposureAssessed | None:
        """People and facilities of the latest run."""
        return self.run.exposure if self.run else None

    @property
    def routes(self) -> RoutesProposed | None:
        """Rescue routes of the latest run."""
        return self.run.routes if self.run else None

    @property
    def evacuation(self) -> EvacuationProposed | None:
        """Evacuation of the latest run."""
        return self.run.evacuation if self.run else None


def apply(entry: Entry, situation: Situation) -> Situation:
    """
    Situation after one more entry.

    Raises
    ------
    ValueError
        The entry is not the next one of this incident: a fold over a log with a hole would be a lie.
    """
    return replace(_step(entry, situation), entries=situation.entries.plus(entry))


def situation_at(entries: Iterable[Entry], moment: datetime | None = None) -> Situation:
    """
    Situation as it was known at `moment` (None = now): entries recorded later are left out, corrections among them.

    Equal to folding `apply` over the entries.
    """
    return advance(Situation(), (entry for entry in entries if moment is None or entry.recorded_at <= moment))


def advance(situation: Situation, entries: Iterable[Entry]) -> Situation:
    """
    Situation after some more entries. Equal to folding `apply` over them, and cheaper.

    Raises
    ------
    ValueError
        They do not follow each other, or not this situation.
    """
    more = tuple(entries)
    known = situation.entries
    for entry in more:
        situation = _step(entry, situation)
    return replace(situation, entries=known.plus_all(more)) if more else situation


def situation_hash(situation: Situation) -> str:
    """SHA-256 over the RFC 8785 form of the situation: the same entries give the same text on every machine."""
    return hashlib.sha256(rfc8785.dumps(_plain(situation))).hexdigest()


def _step(entry: Entry, situation: Situation) -> Situation:
    if situation.incident_id is not None and entry.incident_id != situation.incident_id:
        raise ValueError(f"entry of incident {entry.incident_id} in the log of {situation.incident_id}")
    if entry.seq != situation.seq + 1:
        raise ValueError(f"entry {entry.seq} follows entry {situation.seq}: the log has a hole or is out of order")
    moved = replace(
        situation,
        incident_id=entry.incident_id,
        seq=entry.seq,
        head_hash=entry.hash,
        updated_at=entry.recorded_at,
    )
    event = event_of(entry.kind, entry.payload)
    if event is None:
        return moved
    taken, reporting = _take(event, entry, moved), reports_fold.fold(event, entry, moved.reporting)
    rooms = consultation_fold.fold(event, entry, moved.consultations)
    if reporting is taken.reporting and rooms is taken.consultations:
        return taken
    return replace(taken, reporting=reporting, consultations=rooms)


def _take(event: Event, entry: Entry, situation: Situation) -> Situation:
    match event:
        case IncidentReported():
            return replace(
                situation,
                status="open",
                title=event.title,
                place=LonLat(event.longitude, event.latitude),
                place_text=event.place,
                division_code=event.division_code,
                channel=event.channel,
                occurred_at=event.occurred_at,
                known_at=event.known_at,
                case=event.case,
                case_seq=entry.seq if event.case is not None else None,
                alarms=(*situation.alarms, *event.alarms),
            )
        case AlarmLinked():
            return replace(situation, alarms=(*situation.alarms, event.alarm))
        case CaseChanged():
            stale = tuple(_doubted(run, entry.seq, "case") for run in situation.runs)
            return replace(situation, case=event.case, case_seq=entry.seq, runs=stale)
        case HazardForecast() | ExposureAssessed() | RoutesProposed() | EvacuationProposed():
            return replace(situation, runs=_with_part(event, entry, situation))
        case ConfidenceForecast():
            runs = tuple(
                replace(run, confidence=event) if event.run_id in (run.run_id, run.based_on) else run
                for run in situation.runs
            )
            return replace(situation, runs=runs)
        case CasualtiesReported():
            return replace(situation, casualties=event)
        case GradeSuggested():
            return replace(situation, accident_grade_suggested=event)
        case GradeConfirmed():
            return replace(situation, accident_grade=event.grade)
        case ResponseLevelSet():
            return replace(situation, response_level=event.level)
        case EvacuationCounted():
            return replace(situation, evacuated=event)
        case TeamArrived():
            return replace(situation, arrived=(*situation.arrived, event))
        case Correction():
            return replace(situation, struck=(*situation.struck, (event.refers_to, entry.seq)))
        case IncidentClosed():
            return replace(situation, status="closed")
        case ClosureReported() | ClosureMoved() | ClosureLifted():
            closures = _closures(event, entry, situation.closures)
            runs = (*situation.runs[:-1], *(_doubted(run, entry.seq, "roads") for run in situation.runs[-1:]))
            return replace(situation, closures=closures, runs=runs)
        case TeamTaken():
            others = tuple(one for one in situation.taken if one.team_id != event.team_id)
            return replace(situation, taken=(*others, event))
        case TeamGivenBack():
            return replace(situation, taken=tuple(one for one in situation.taken if one.team_id != event.team_id))
        case SupplyEvent():
            return replace(situation, supplies=resources_fold.fold(event, situation.supplies))
        case PlanAdopted() | CardCited():
            return replace(situation, planning=plans_fold.fold(event, entry, situation.planning))
        case MarkEvent():
            return replace(situation, marks=marks_fold.after(event, entry, situation.marks))
        case OrderEvent() | FieldReported() | FieldAnswered():
            return replace(situation, orders=orders_fold.fold(event, entry, situation.orders))
        case ExerciseEvent():
            return replace(situation, exercise=exercise_fold.fold(event, entry, situation.exercise))
        case MessageEvent():
            return replace(situation, messages=messages_fold.fold(event, entry, situation.messages))
        case DecisionRecorded():
            return replace(situation, decisions=decisions_fold.fold(event, entry, situation.decisions))
        case _:
            return situation


def _doubted(run: Run, seq: int, why: str) -> Run:
    """Run marked 待复核; what a changed case put in doubt, a closure does not make less doubtful."""
    if run.stale_since is not None and (run.stale_why == "case" or why == "roads"):
        return run
    return replace(run, stale_since=seq, stale_why=why)


def _closures(
    event: ClosureReported | ClosureMoved | ClosureLifted, entry: Entry, known: tuple[Closure, ...]
) -> tuple[Closure, ...]:
    if isinstance(event, ClosureReported):
        number = len(known) + 1
        return (
            *known,
            closure_of(event, number=number, seq=entry.seq, actor=entry.actor, recorded_at=entry.recorded_at),
        )
    changed: dict[str, Any] = (
        {"geometry": event.geometry} if isinstance(event, ClosureMoved) else {"lifted_seq": entry.seq}
    )
    return tuple(replace(one, seq=entry.seq, **changed) if one.closure_id == event.closure_id else one for one in known)


def _with_part(event: Computed, entry: Entry, situation: Situation) -> tuple[Run, ...]:
    """Runs with one more part; a part of a new run opens it and supersedes the one before."""
    runs = list(situation.runs)
    at = next((place for place, run in enumerate(runs) if run.run_id == event.run_id), None)
    if at is None:
        if runs:
            runs[-1] = replace(runs[-1], superseded_by=event.run_id)
        runs.append(_opened(event, entry, runs))
        at = len(runs) - 1
    match event:
        case HazardForecast():
            # A run is stale when the case it was made from is no longer the case believed.
            stale = (
                situation.case_seq
                if situation.case is not None and event.case != situation.case
                else runs[at].stale_since
            )
            runs[at] = replace(runs[at], hazard=event, stale_since=stale, stale_why="case" if stale else "")
        case ExposureAssessed():
            runs[at] = replace(runs[at], exposure=event)
        case RoutesProposed():
            runs[at] = replace(runs[at], routes=event)
        case EvacuationProposed():
            runs[at] = replace(runs[at], evacuation=event, awaiting=())
    return tuple(runs)


def _opened(event: Computed, entry: Entry, runs: list[Run]) -> Run:
    """Run begun by its first part; one that only follows changed roads takes over zones and people, doubts included."""
    run = Run(event.run_id, entry.recorded_at, entry.seq)
    base = next((one for one in runs if isinstance(event, RoutesProposed) and one.run_id == event.based_on), None)
    if base is None:
        return run
    doubt = base.stale_since if base.stale_why == "case" else None
    return replace(
        run, hazard=base.hazard, exposure=base.exposure, evacuation=base.evacuation, based_on=base.run_id,
        confidence=base.confidence,
        awaiting=("evacuation",), stale_since=doubt, stale_why="case" if doubt else "",
    )  # fmt: skip


def _plain(value: Any) -> Any:
    """JSON form of frozen values, times in UTC so that a time zone of the reader changes nothing."""
    if isinstance(value, Entries):
        return [_plain(part) for part in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {"kind": type(value).__name__} | {part.name: _plain(getattr(value, part.name)) for part in fields(value)}
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value
