"""What is a drill? Scene, clock, roles, injects, expectations, objectives and sheets, before anybody plays it."""

import hashlib
from dataclasses import dataclass, field
from functools import cache
from typing import ClassVar, Literal

import rfc8785
from pydantic import AwareDatetime, ConfigDict, TypeAdapter

from gis.crs import LonLat
from scenarios.event import Json

Side = Literal["player", "controller", "evaluator", "simulated"]
"""演练人员 | 导调员 | 评估员 | 由导调组扮演的人 (played by the cell)."""
InjectKind = Literal["report", "sensor", "weather", "road", "hospital", "camera", "call", "message", "team"]
KINDS: tuple[InjectKind, ...] = (
    "report", "sensor", "weather", "road", "hospital", "camera", "call", "message", "team",
)  # fmt: skip
Rating = Literal["P", "S", "M", "U"]
"""HSEEP: performed without challenges | with some | with major challenges | unable to be performed."""
DrillKind = Literal["tabletop", "functional"]
"""桌面演练 | 功能演练."""
SLOWEST, FASTEST = 0.5, 60.0
"""Speeds of the exercise clock."""


class Strict:
    """What a file says beyond the form is a fault, not a comment."""

    __slots__ = ()
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class Scene(Strict):
    """
    Where and when it plays: ``begins_at`` is the fictional date and hour of exercise time 00:00:00.

    An incident reported within ``radius_km`` of the place while the exercise runs belongs to it. ``roads`` names a
    network; empty takes the one that covers the place.
    """

    place: str
    longitude: float
    latitude: float
    division_code: str
    begins_at: AwareDatetime
    place_en: str = ""
    event_code: str = ""
    radius_km: float = 8.0
    roads: str = ""

    @property
    def point(self) -> LonLat:
        """The place in degrees."""
        return LonLat(self.longitude, self.latitude)


@dataclass(frozen=True, slots=True)
class Timing(Strict):
    """How long the exercise is planned to last, and the speed its clock starts with."""

    length_s: int
    speed: float = 1.0


@dataclass(frozen=True, slots=True)
class Role(Strict):
    """Somebody who takes part; ``account`` is the sign-in expected, where one is agreed."""

    id: str
    name: str
    side: Side
    name_en: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class Condition(Strict):
    """
    When an inject fires: every part given must hold.

    Attributes
    ----------
    at_s
        Not before this exercise time.
    after, delay_s
        Not before another inject has fired, and this much exercise time later.
    done
        Expectations whose deed must have been seen.
    not_done
        Expectations whose deed must not have been seen at the first moment the times above are reached; where it was
        seen by then, the inject lapses and fires only by hand.
    by_hand
        A person releases it; in a file ``at = "00:00:00"`` says the same.
    """

    at_s: int | None = None
    after: str = ""
    delay_s: int = 0
    done: tuple[str, ...] = ()
    not_done: tuple[str, ...] = ()
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class Reported(Strict):
    """
    A report 接报 reaches the duty room: it opens the incident, or adds to the one that is open; casualties if known.
    """

    channel: Literal["phone", "field", "hotline_12350", "other_level"] = "phone"
    dead: int = 0
    seriously_injured: int = 0
    slightly_injured: int = 0
    missing: int = 0
    trapped: int = 0
    gives_case: bool = False


@dataclass(frozen=True, slots=True)
class SensorReading(Strict):
    """A detector says this: ``tag`` is its number in the register of the drill's world (layer ``tag``)."""

    tag: str
    value: float


@dataclass(frozen=True, slots=True)
class WeatherNow(Strict):
    """The weather is different now; what is not named stays."""

    wind_from_deg: float | None = None
    wind_speed_m_s: float | None = None
    stability: str = ""
    temperature_c: float | None = None


@dataclass(frozen=True, slots=True)
class RoadClosed(Strict):
    """The road nearest to the place of the inject is closed; ``whole`` closes all of that name."""

    reason: Literal["hazard", "accident", "flooding", "works", "damage", "obstacle", "crowd", "control", "other"]
    whole: bool = False


@dataclass(frozen=True, slots=True)
class HospitalFull(Strict):
    """
    A hospital takes no more patients, or only ``beds_free``; ``name`` as players know it, and as the register says it.

    Where the register of the drill's world has a hospital of that name, its free beds are changed there.
    """

    name: str
    name_en: str = ""
    beds_free: int = 0


@dataclass(frozen=True, slots=True)
class CameraLost(Strict):
    """A camera of the register no longer answers."""

    camera: str


@dataclass(frozen=True, slots=True)
class TeamFails(Strict):
    """A unit cannot carry out its order: the first running one whose unit's name contains ``unit``."""

    unit: str
    reason: str


@dataclass(frozen=True, slots=True)
class Inject(Strict):
    """
    One row of the MSEL. Exactly the table named after its kind is filled (``call`` and ``message`` have none).

    ``source`` says it, ``to`` are the roles it is meant for, ``expected`` the response hoped for, ``controller`` the
    role that sees to it. Degrees place it on the map; without them it lies at the scene.
    """

    id: str
    kind: InjectKind
    title: str
    when: Condition
    to: tuple[str, ...]
    title_en: str = ""
    text: str = ""
    text_en: str = ""
    source: str = ""
    source_en: str = ""
    expected: str = ""
    expected_en: str = ""
    objective: str = ""
    controller: str = ""
    longitude: float | None = None
    latitude: float | None = None
    report: Reported | None = None
    sensor: SensorReading | None = None
    weather: WeatherNow | None = None
    road: RoadClosed | None = None
    hospital: HospitalFull | None = None
    camera: CameraLost | None = None
    team: TeamFails | None = None


@dataclass(frozen=True, slots=True)
class DeedSought(Strict):
    """
    What in the record counts as doing it: a kind of entry, exact values of its fields, and words of which one is said.

    ``where`` are fields of the entry's payload, and for entries about an order also those of the order (unit_name,
    text …). ``says`` looks into every text of it. ``count`` different ones are needed. Beside the kinds of the record
    there is ``alarm_acknowledged``.
    """

    kind: str
    where: Json = field(default_factory=dict)
    says: tuple[str, ...] = ()
    count: int = 1


@dataclass(frozen=True, slots=True)
class Expectation(Strict):
    """
    Who should do what within which time. The time counts from inject ``after``, or from the start where none is named.

    Only deeds seen at or after that moment count, unless ``early_counts``. A missed ``essential`` one fails the drill.
    """

    id: str
    who: str
    title: str
    does: DeedSought
    within_s: int
    title_en: str = ""
    after: str = ""
    early_counts: bool = False
    essential: bool = False
    points: int = 1
    objective: str = ""


@dataclass(frozen=True, slots=True)
class Objective(Strict):
    """What the drill is to find out; ``capability`` is the sheet it belongs to."""

    id: str
    title: str
    title_en: str = ""
    capability: str = ""


@dataclass(frozen=True, slots=True)
class CriticalTask(Strict):
    """One task of a capability, with the expectations that show it."""

    id: str
    title: str
    title_en: str = ""
    expectations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Capability(Strict):
    """One HSEEP exercise evaluation guide: capability, target and critical tasks; rated P, S, M or U."""

    id: str
    title: str
    target: str
    tasks: tuple[CriticalTask, ...]
    title_en: str = ""
    target_en: str = ""


@dataclass(frozen=True, slots=True)
class SheetItem(Strict):
    """
    One line of the table-top sheet after AQ/T 9009-2015 annex B: item, criterion, points; expectations are evidence.
    """

    id: str
    item: str
    criterion: str
    points: int
    item_en: str = ""
    criterion_en: str = ""
    expectations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Drill(Strict):
    """
    One drill 演练, whole and checked. Screens may rely on: every id named anywhere in it exists; injects, expectations
    and sheets are in the order of the files; ``case`` is a case ``plume.case.read`` takes, or None.
    """

    name: str
    title: str
    kind: DrillKind
    scene: Scene
    timing: Timing
    roles: tuple[Role, ...]
    injects: tuple[Inject, ...]
    expectations: tuple[Expectation, ...]
    objectives: tuple[Objective, ...]
    capabilities: tuple[Capability, ...]
    sheet: tuple[SheetItem, ...]
    title_en: str = ""
    purpose: str = ""
    purpose_en: str = ""
    case: Json | None = None

    def inject(self, inject_id: str) -> Inject | None:
        """The inject with this id."""
        return next((one for one in self.injects if one.id == inject_id), None)

    def expectation(self, expectation_id: str) -> Expectation | None:
        """The expectation with this id."""
        return next((one for one in self.expectations if one.id == expectation_id), None)

    def role(self, role_id: str) -> Role | None:
        """The role with this id."""
        return next((one for one in self.roles if one.id == role_id), None)

    @property
    def sha256(self) -> str:
        """SHA-256 over the RFC 8785 form: equal drills have equal hashes on every machine."""
        return hashlib.sha256(rfc8785.dumps(drill_json(self))).hexdigest()


def drill_json(drill: Drill) -> Json:
    """Plain JSON form, written whole into the record when an exercise starts; `drill_of` reads it back."""
    plain: Json = drill_adapter().dump_python(drill, mode="json")
    return plain


def drill_of(plain: Json) -> Drill:
    """
    Read a drill back from its JSON form. Cross-references are not checked again; see `scenarios.exercise.checking`.

    Raises
    ------
    pydantic.ValidationError
        It is not the form of a drill.
    """
    return drill_adapter().validate_python(plain)


def inject_json(inject: Inject) -> Json:
    """Plain JSON form of one inject, as it stands in the record when it was improvised or changed."""
    plain: Json = _inject_adapter().dump_python(inject, mode="json")
    return plain


def inject_of(plain: Json) -> Inject:
    """
    Read an inject back from its JSON form.

    Raises
    ------
    pydantic.ValidationError
        It is not the form of an inject.
    """
    return _inject_adapter().validate_python(plain)


@cache
def _inject_adapter() -> TypeAdapter[Inject]:
    return TypeAdapter(Inject)


@cache
def drill_adapter() -> TypeAdapter[Drill]:
    """What reads and writes the JSON form; its schema is the published one of ``onemap drill schema``."""
    return TypeAdapter(Drill)
