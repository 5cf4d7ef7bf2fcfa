"""Which kinds of entry can the command record hold, and what does each of them say?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, TypeAdapter, ValidationError

from gis.errors import InputError
from scenarios.consultation import events as consultation
from scenarios.decisions import events as decisions
from scenarios.decisions.events import DecisionRecorded
from scenarios.event import Event, Json, Lane
from scenarios.exercise import events as exercise
from scenarios.marks import events as marks
from scenarios.messages import events as messages
from scenarios.orders import events as orders
from scenarios.plans import events as plans
from scenarios.reports import events as reports
from scenarios.resources import events as resources
from scenarios.roads.events import ClosureLifted, ClosureMoved, ClosureReported, TeamGivenBack, TeamTaken

__all__ = ["DecisionRecorded", "Entry", "Event", "Json", "Lane", "event_of", "payload_of", "schema_of"]

StepStatus = Literal["ok", "no_data", "not_needed", "failed"]
Channel = Literal["phone", "alarm", "field", "hotline_12350", "other_level", "console", "program"]
People = Annotated[int, Field(ge=0, le=1_000_000_000)]
"""A number of people."""
Grade = Literal["ordinary", "larger", "major", "extraordinary"]
"""事故等级 of Order 493, worst last: 一般 | 较大 | 重大 | 特别重大. Never mixed with the five other levels."""
GRADES: tuple[Grade, ...] = ("ordinary", "larger", "major", "extraordinary")


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm 告警 as it stood when it was tied to an incident."""

    alarm_id: str
    device: str
    place: str
    quantity: str
    value: float | None
    unit: str
    raised_at: AwareDatetime
    longitude: float | None = None
    latitude: float | None = None


@dataclass(frozen=True, slots=True)
class IncidentReported(Event):
    """接报: somebody told us. Reporting clocks start at ``known_at``, never at ``occurred_at``."""

    code: ClassVar[str] = "incident_reported"
    lane: ClassVar[Lane] = "sense"

    title: str
    longitude: float
    latitude: float
    occurred_at: AwareDatetime
    known_at: AwareDatetime
    channel: Channel
    place: str = ""
    division_code: str = ""
    event_code: str = ""
    reported_by: str = ""
    text: str = ""
    case: Json | None = None
    alarms: tuple[Alarm, ...] = ()


@dataclass(frozen=True, slots=True)
class AlarmLinked(Event):
    """An alarm was found to belong to this incident."""

    code: ClassVar[str] = "alarm_linked"
    lane: ClassVar[Lane] = "sense"

    alarm: Alarm


@dataclass(frozen=True, slots=True)
class CaseChanged(Event):
    """Source or weather is now believed to be different; every run made on the old case becomes 待复核."""

    code: ClassVar[str] = "case_changed"
    lane: ClassVar[Lane] = "sense"

    case: Json
    reason: str


@dataclass(frozen=True, slots=True)
class Computed(Event):
    """Base of the four parts of one assessment run; ``run_id`` ties them together."""

    run_id: str
    status: StepStatus
    seconds: float
    provenance: Json


@dataclass(frozen=True, slots=True)
class HazardForecast(Computed):
    """
    Where the release goes: cumulative zones and the envelope of wind uncertainty, GeoJSON lon/lat.

    ``domino`` lists the other hazard sources a fire or explosion reaches; None for a gas.
    """

    code: ClassVar[str] = "hazard_forecast"

    case: Json
    zones: Json
    envelope: Json | None
    summary: Json
    notes: tuple[str, ...] = ()
    domino: Json | None = None


@dataclass(frozen=True, slots=True)
class ConfidenceForecast(Computed):
    """
    How sure the zones of a run are; follows the run, whose answer waits for nobody.

    ``zones`` have level, level_name and percentile: in the zone of 10 at least a tenth of the `members` exceed the
    level, so outside it nine in ten do not. ``varied`` says what differs between members, ``reach_m`` how far they go.
    """

    code: ClassVar[str] = "confidence_forecast"

    members: int
    varied: Json
    zones: Json
    reach_m: Json
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExposureAssessed(Computed):
    """Who is in the way: disjoint bands, totals and named facilities; None where no data cover the place, never 0."""

    code: ClassVar[str] = "exposure_assessed"

    day: bool
    bands: tuple[Json, ...] | None
    total_day: int | None
    total_night: int | None
    outside_day: int | None
    outside_night: int | None
    facilities: tuple[Json, ...] | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RoutesProposed(Computed):
    """
    Which team reaches the scene on which roads; the roads closed by the zones and by report are drawn with it.

    ``based_on`` names the run whose zones and people were kept when only roads had changed, ``honoured`` the reported
    closures it keeps out of, ``closing_points`` the crossings to guard so that nobody drives in.
    """

    code: ClassVar[str] = "routes_proposed"

    routes: Json
    closed_roads: Json
    closed_count: int
    network: str
    teams_are: Literal["given", "assumed_entry", "none"]
    notes: tuple[str, ...] = ()
    based_on: str = ""
    honoured: tuple[str, ...] = ()
    closing_points: Json | None = None


@dataclass(frozen=True, slots=True)
class EvacuationProposed(Computed):
    """
    Who leaves for which shelter, who is left over and why; ``egress`` directions where there are no shelters.

    ``totals`` holds the times at which 50, 90 and 100 % are out, ``filling`` the people in each shelter over time,
    ``bottlenecks`` the roads that were full longest.
    """

    code: ClassVar[str] = "evacuation_proposed"

    assignment: Json
    left_over: tuple[Json, ...]
    shelters: tuple[Json, ...]
    clearance: tuple[Json, ...]
    people: int | None
    assigned: int | None
    notes: tuple[str, ...] = ()
    totals: Json = field(default_factory=dict)
    filling: tuple[Json, ...] = ()
    bottlenecks: Json | None = None


@dataclass(frozen=True, slots=True)
class CasualtiesReported(Event):
    """Casualties and direct loss as reported now; whole yuan, never a float."""

    code: ClassVar[str] = "casualties_reported"
    lane: ClassVar[Lane] = "sense"

    dead: int = 0
    seriously_injured: int = 0
    slightly_injured: int = 0
    missing: int = 0
    trapped: int = 0
    loss_yuan: int = 0


@dataclass(frozen=True, slots=True)
class GradeSuggested(Event):
    """等级建议 by the table of Order 493, with the rows that decided; a human confirms."""

    code: ClassVar[str] = "grade_suggested"

    grade: Grade
    grade_with_missing: Grade
    rule: str
    reasons: tuple[Json, ...]


@dataclass(frozen=True, slots=True)
class GradeConfirmed(Event):
    """A person confirmed the accident grade 事故等级."""

    code: ClassVar[str] = "grade_confirmed"
    changes_state: ClassVar[bool] = True

    grade: Grade
    reason: str


@dataclass(frozen=True, slots=True)
class ResponseLevelSet(Event):
    """A person started, raised, lowered or ended the response 应急响应 (1 is the highest; None = not started)."""

    code: ClassVar[str] = "response_level_set"
    changes_state: ClassVar[bool] = True

    level: Literal[1, 2, 3, 4] | None
    reason: str
    policy: str = ""


@dataclass(frozen=True, slots=True)
class TeamArrived(Event):
    """A response team is at the scene."""

    code: ClassVar[str] = "team_arrived"
    lane: ClassVar[Lane] = "act"

    team_id: str
    name: str
    arrived_at: AwareDatetime


@dataclass(frozen=True, slots=True)
class EvacuationCounted(Event):
    """How far the evacuation 疏散 is, as counted on the spot: out so far, of them in shelters, still inside."""

    code: ClassVar[str] = "evacuation_counted"
    lane: ClassVar[Lane] = "act"

    people: People
    counted_at: AwareDatetime
    sheltered: People = 0
    waiting: People | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Note(Event):
    """A line typed by hand."""

    code: ClassVar[str] = "note"
    lane: ClassVar[Lane] = "act"

    text: str


@dataclass(frozen=True, slots=True)
class Correction(Event):
    """An earlier entry was wrong: it stays, struck through, beside what replaces it."""

    code: ClassVar[str] = "correction"

    refers_to: int
    refers_to_hash: str
    reason: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class IncidentClosed(Event):
    """The command ended; layers fade to history."""

    code: ClassVar[str] = "incident_closed"
    lane: ClassVar[Lane] = "act"
    changes_state: ClassVar[bool] = True

    reason: str


KINDS: tuple[type[Event], ...] = (
    IncidentReported, AlarmLinked, CaseChanged, HazardForecast, ExposureAssessed, RoutesProposed, EvacuationProposed,
    ConfidenceForecast, CasualtiesReported, GradeSuggested, GradeConfirmed, ResponseLevelSet,
    TeamArrived, EvacuationCounted, Note, Correction, IncidentClosed, ClosureReported, ClosureMoved, ClosureLifted,
    TeamTaken, TeamGivenBack, *decisions.KINDS, *orders.KINDS, *reports.KINDS, *marks.KINDS, *resources.KINDS,
    *plans.KINDS, *consultation.KINDS, *exercise.KINDS, *messages.KINDS,
)  # fmt: skip
BY_CODE: Mapping[str, type[Event]] = {kind.code: kind for kind in KINDS}


@dataclass(frozen=True, slots=True)
class Entry:
    """
    One row of the record: an event with its number, its times, its author and its place in the chain.

    ``caused_by`` holds the numbers of earlier entries of the same incident. ``occurred_at`` is what a person or device
    says and may be unknown; ``recorded_at`` is the server's and never goes back. Order is ``seq``, never time.
    """

    incident_id: UUID
    seq: int
    kind: str
    actor: str
    occurred_at: datetime | None
    recorded_at: datetime
    payload: Json
    caused_by: tuple[int, ...] = ()
    prev_hash: str = ""
    hash: str = ""

    @property
    def lane(self) -> Lane:
        """Row of the timeline."""
        return lane_of(self.kind)


def lane_of(kind: str) -> Lane:
    """Row of the timeline a kind lies in; an unknown one of a newer version lies among the judgements."""
    return BY_CODE[kind].lane if kind in BY_CODE else "judge"


def payload_of(event: Event) -> Json:
    """JSON form of an event, times as ISO 8601."""
    payload: Json = _adapter(event.code).dump_python(event, mode="json")
    return payload


def event_of(kind: str, payload: Mapping[str, Any]) -> Event | None:
    """
    Read an event back from its JSON form; None for a kind a newer version wrote.

    Raises
    ------
    InputError
        The payload does not fit its kind; every fault is named.
    """
    if kind not in BY_CODE:
        return None
    try:
        return _adapter(kind).validate_python(dict(payload))
    except ValidationError as error:
        raise InputError(
            f"{kind}: {'.'.join(str(part) for part in fault['loc']) or 'payload'}: {fault['msg']}"
            for fault in error.errors()
        ) from error


def schema_of(code: str) -> Json:
    """JSON schema of one kind's payload, for the HTTP API and the handbook."""
    return _adapter(code).json_schema()


@cache
def _adapter(code: str) -> TypeAdapter[Event]:
    return TypeAdapter(BY_CODE[code])
