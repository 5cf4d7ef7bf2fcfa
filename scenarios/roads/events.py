"""What is said about roads and the teams on them? Closures reported, moved and lifted; teams taken and given back."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import AwareDatetime

from scenarios.event import Event, Json, Lane

ClosureShape = Literal["area", "line", "road"]
"""A polygon; a barrier drawn across roads; stretches of a road itself."""
ClosureReason = Literal["hazard", "accident", "flooding", "works", "damage", "obstacle", "crowd", "control", "other"]
Direction = Literal["both", "forward", "backward"]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A road from junction to junction: its middle, and the direction closed as its line is drawn in the network."""

    longitude: float
    latitude: float
    direction: Direction = "both"


@dataclass(frozen=True, slots=True)
class ClosureReported(Event):
    """A road, or all roads in an area, cannot be used; routes and evacuation that use them are computed anew."""

    code: ClassVar[str] = "closure_reported"
    lane: ClassVar[Lane] = "sense"

    closure_id: str
    shape: ClosureShape
    geometry: Json
    reason: ClosureReason
    valid_from: AwareDatetime
    valid_until: AwareDatetime | None = None
    name: str = ""
    text: str = ""
    reported_by: str = ""
    network: str = ""
    stretches: tuple[Stretch, ...] = ()


@dataclass(frozen=True, slots=True)
class ClosureMoved(Event):
    """An area or barrier lies otherwise than was reported; what it was before stays in the record."""

    code: ClassVar[str] = "closure_moved"
    lane: ClassVar[Lane] = "sense"
    changes_state: ClassVar[bool] = True

    closure_id: str
    geometry: Json
    text: str = ""


@dataclass(frozen=True, slots=True)
class ClosureLifted(Event):
    """The roads are open again, or the report was wrong."""

    code: ClassVar[str] = "closure_lifted"
    lane: ClassVar[Lane] = "sense"
    changes_state: ClassVar[bool] = True

    closure_id: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class TeamTaken(Event):
    """A team is taken for this incident; no other may take it until it is given back."""

    code: ClassVar[str] = "team_taken"
    lane: ClassVar[Lane] = "act"

    team_id: str
    name: str
    run_id: str = ""
    travel_time_s: float | None = None


@dataclass(frozen=True, slots=True)
class TeamGivenBack(Event):
    """A team taken before is free again."""

    code: ClassVar[str] = "team_given_back"
    lane: ClassVar[Lane] = "act"

    team_id: str
    name: str
    text: str = ""
