"""What may a controller say of an inject during play?"""

from typing import Annotated

from pydantic import Field

from command_ui.api import shapes
from scenarios.exercise.drill import (
    CameraLost,
    HospitalFull,
    InjectKind,
    Reported,
    RoadClosed,
    SensorReading,
    TeamFails,
    WeatherNow,
)

RoleId = Annotated[str, Field(min_length=1, max_length=80)]


class When(shapes.Shape):
    """When an inject fires: at an exercise time, by hand, or (nothing given) now."""

    at_s: Annotated[int, Field(ge=0, le=360_000)] | None = None
    by_hand: bool = False


class InjectWords(shapes.Shape):
    """
    What an inject says and does. Exactly the table named after its kind is given; `call` and `message` have none.

    Degrees place it on the map; without them it lies at the scene.
    """

    to: Annotated[list[RoleId], Field(min_length=1, max_length=30)]
    title: Annotated[str, Field(min_length=1, max_length=120)]
    text: Annotated[str, Field(max_length=4_000)] = ""
    source: shapes.Line = ""
    expected: Annotated[str, Field(max_length=500)] = ""
    objective: Annotated[str, Field(max_length=80)] = ""
    longitude: shapes.Longitude | None = None
    latitude: shapes.Latitude | None = None
    report: Reported | None = None
    sensor: SensorReading | None = None
    weather: WeatherNow | None = None
    road: RoadClosed | None = None
    hospital: HospitalFull | None = None
    camera: CameraLost | None = None
    team: TeamFails | None = None


class NewInject(InjectWords):
    """An inject no drill foresaw: one of the nine kinds, put in during play."""

    kind: InjectKind
    when: When = When()


class Improvised(shapes.Shape):
    """An improvised inject and why it is put in."""

    inject: NewInject
    reason: shapes.Line = ""


class ChangedInject(InjectWords):
    """What an inject that has not fired says and does from now on; without `when` it keeps its own condition."""

    when: When | None = None


class Changed(shapes.Shape):
    """An inject to come, put otherwise, and why."""

    inject: ChangedInject
    reason: shapes.Line = ""
