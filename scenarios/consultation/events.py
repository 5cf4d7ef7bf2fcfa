"""What is said about a consultation 会商? Opened, called, answered, presented, frozen, spoken in, and concluded."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import AwareDatetime

from scenarios.event import Event, Json, Lane

Level = Literal["nation", "province", "city", "county", "enterprise", "department", "expert"]
"""Level of government a seat speaks for, or what else it is; highest first."""
LEVELS: tuple[Level, ...] = ("nation", "province", "city", "county", "enterprise", "department", "expert")
Way = Literal["line", "phone"]
"""Called or answered over our own line, or by telephone."""
Answer = Literal["present", "left", "declined"]


@dataclass(frozen=True, slots=True)
class Seat:
    """
    One place at the table: a unit of some level.

    ``division_code`` says where it stands and lets its duty room find the room; ``account`` binds it to one account
    (an enterprise has no division of its own).
    """

    seat_id: str
    name: str
    level: Level
    division_code: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class ConsultationEvent(Event):
    """Base of what is said about one consultation."""

    lane: ClassVar[Lane] = "act"

    consultation_id: str


@dataclass(frozen=True, slots=True)
class ConsultationOpened(ConsultationEvent):
    """A room was opened: topic, agenda, and who belongs at the table. Whoever opens it presents first."""

    code: ClassVar[str] = "consultation_opened"
    changes_state: ClassVar[bool] = True

    topic: str
    agenda: tuple[str, ...] = ()
    seats: tuple[Seat, ...] = ()
    presenter_name: str = ""


@dataclass(frozen=True, slots=True)
class ConsultationCalled(ConsultationEvent):
    """Seats were called 点名: over the line (their duty rooms see it) or by telephone."""

    code: ClassVar[str] = "consultation_called"

    seat_ids: tuple[str, ...]
    way: Way = "line"


@dataclass(frozen=True, slots=True)
class ConsultationAnswered(ConsultationEvent):
    """
    A seat came, left or declined.

    Over the line it is the account of the entry that answers, or ``account`` where the program writes it down for
    somebody who was invited but may not write into this record; by telephone somebody at the table writes it down.
    Whoever has no seat brings his own: then ``name``, ``level`` and ``division_code`` say who it is.
    """

    code: ClassVar[str] = "consultation_answered"

    seat_id: str
    answer: Answer
    way: Way = "line"
    person: str = ""
    name: str = ""
    level: Level = "department"
    division_code: str = ""
    text: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class ConsultationPresented(ConsultationEvent):
    """Another account presents from here on: handed over by the one before, or taken when that one was gone."""

    code: ClassVar[str] = "consultation_presented"
    changes_state: ClassVar[bool] = True

    presenter: str
    presenter_name: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ConsultationFrozen(ConsultationEvent):
    """Editing was locked or opened again; what every reader may see of the view is kept. Looking is free."""

    code: ClassVar[str] = "consultation_frozen"

    frozen: bool
    view: Json | None = None


@dataclass(frozen=True, slots=True)
class ConsultationShown(ConsultationEvent):
    """
    What the presenter showed and rested on: centre, zoom, extent, moment, the layers that need no clearance.

    Whoever reads the record reads this, so it holds no filter, no selected row and of other layers their number.
    ``account`` names him where the program writes it down for a presenter who may not write into this record.
    """

    code: ClassVar[str] = "consultation_shown"

    view: Json
    account: str = ""


@dataclass(frozen=True, slots=True)
class ConsultationMoved(ConsultationEvent):
    """The table has come to another item of the agenda, counted from 0."""

    code: ClassVar[str] = "consultation_moved"

    item: int


@dataclass(frozen=True, slots=True)
class ConsultationSpoken(ConsultationEvent):
    """
    Somebody said something, with the view and the moment he looked at.

    ``longitude`` and ``latitude`` tie it to a place on the map. ``raised`` asks for the floor instead of saying more.
    """

    code: ClassVar[str] = "consultation_spoken"

    text: str
    seat_id: str = ""
    longitude: float | None = None
    latitude: float | None = None
    view: str = ""
    moment: AwareDatetime | None = None
    raised: bool = False


@dataclass(frozen=True, slots=True)
class ConsultationConcluded(ConsultationEvent):
    """The consultation ended: what it came to, and when the next one is."""

    code: ClassVar[str] = "consultation_concluded"
    changes_state: ClassVar[bool] = True

    text: str = ""
    next_meeting: str = ""


KINDS: tuple[type[Event], ...] = (
    ConsultationOpened, ConsultationCalled, ConsultationAnswered, ConsultationPresented, ConsultationFrozen,
    ConsultationShown, ConsultationMoved, ConsultationSpoken, ConsultationConcluded,
)  # fmt: skip
