"""What is said about orders? Drafted, changed, stepped on, noted, escalated, looked at again; and the field speaks."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import AwareDatetime

from scenarios.event import Event, Lane
from scenarios.orders.states import State

Part = Literal["zones", "people", "routes", "evacuation"]
"""Part of a run an order stands on; a changed road puts only routes and evacuation in doubt."""
Way = Literal["console", "field", "phone", "program"]
"""How a step became known: typed at the desk, sent by the field page, told by telephone, sent by another system."""
TimerCode = Literal["acknowledge", "finish"]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file kept under its own hash, beside the record."""

    sha256: str
    media_type: str
    size_bytes: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Fix:
    """Where the device of the sender said it was; WGS 84 degrees as the device gives them."""

    longitude: float
    latitude: float
    accuracy_m: float | None = None


@dataclass(frozen=True, slots=True)
class OrderEvent(Event):
    """Base of what is said about one order."""

    lane: ClassVar[Lane] = "act"

    order_id: str


@dataclass(frozen=True, slots=True)
class OrderDrafted(OrderEvent):
    """
    An order is written down; nobody is told yet.

    It is due at ``due_at``, else ``within_s`` after it is issued, else at no time. ``run_ids`` are the runs it stands
    on and ``relies_on`` the parts of them (none named = all). ``unit_id`` is the team's id where it is one of ours.
    """

    code: ClassVar[str] = "order_drafted"

    unit_name: str
    text: str
    unit_id: str = ""
    place: str = ""
    longitude: float | None = None
    latitude: float | None = None
    due_at: AwareDatetime | None = None
    within_s: int | None = None
    run_ids: tuple[str, ...] = ()
    relies_on: tuple[Part, ...] = ()
    decision_id: str = ""
    plan_task: str = ""
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderRewritten(OrderEvent):
    """A draft says something else now; what it said before stays in the record."""

    code: ClassVar[str] = "order_rewritten"
    changes_state: ClassVar[bool] = True

    draft: OrderDrafted


@dataclass(frozen=True, slots=True)
class OrderMoved(OrderEvent):
    """
    An order takes a step; ``occurred_at`` of the entry is when it was made, ``recorded_at`` when we wrote it.

    ``clock_off_s`` is how far the clock of the sender was ahead of ours when it last saw ours.
    """

    code: ClassVar[str] = "order_moved"
    changes_state: ClassVar[bool] = True

    to: State
    reason: str = ""
    text: str = ""
    way: Way = "console"
    at: Fix | None = None
    clock_off_s: float | None = None
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderNoted(OrderEvent):
    """
    Progress of an order in words or pictures.

    ``tried`` is a step that came too late: it was made where there was no line, and meanwhile the order had moved on.
    It changes nothing, and it is kept.
    """

    code: ClassVar[str] = "order_noted"

    text: str
    way: Way = "console"
    at: Fix | None = None
    clock_off_s: float | None = None
    attachments: tuple[Attachment, ...] = ()
    tried: State | None = None


@dataclass(frozen=True, slots=True)
class OrderEscalated(OrderEvent):
    """A timer of an order ran out and the next in line is told; recorded once for each timer and deadline."""

    code: ClassVar[str] = "order_escalated"

    timer: TimerCode
    due_at: AwareDatetime
    escalated_to: str
    basis: str


@dataclass(frozen=True, slots=True)
class OrderReviewed(OrderEvent):
    """Somebody looked again at an order 待复核 and lets it stand, on the runs named here."""

    code: ClassVar[str] = "order_reviewed"
    changes_state: ClassVar[bool] = True

    reason: str
    run_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldReported(Event):
    """Somebody at the scene says something that belongs to no order; ``urgent`` asks for help 求助."""

    code: ClassVar[str] = "field_reported"
    lane: ClassVar[Lane] = "sense"

    unit_name: str
    text: str
    unit_id: str = ""
    urgent: bool = False
    at: Fix | None = None
    clock_off_s: float | None = None
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldAnswered(Event):
    """The desk answered what somebody at the scene had said."""

    code: ClassVar[str] = "field_answered"
    lane: ClassVar[Lane] = "act"

    refers_to: int
    text: str


KINDS: tuple[type[Event], ...] = (
    OrderDrafted, OrderRewritten, OrderMoved, OrderNoted, OrderEscalated, OrderReviewed, FieldReported, FieldAnswered,
)  # fmt: skip
