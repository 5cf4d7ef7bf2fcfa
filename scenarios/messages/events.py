"""What is said about messages and calls? Put to somebody, moved on by the gateway or by hand, put again."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import AwareDatetime

from scenarios.event import Event, Lane
from scenarios.messages.states import State

Kind = Literal["text", "call"]
"""短信 | 电话."""
Reach = Literal["team", "shelter", "enterprise", "target", "store", "duty", "typed"]
"""Who it goes to: a row of a register, the duty commander of the settings, or a number typed in."""
Way = Literal["gateway", "exercise", "by_hand"]
"""How it goes out: through the gateway, to nobody because it is an exercise, or a person dials himself."""
Occasion = Literal["typed", "order", "overdue"]


@dataclass(frozen=True, slots=True)
class MessageEvent(Event):
    """Base of what is said about one message."""

    lane: ClassVar[Lane] = "act"

    message_id: str


@dataclass(frozen=True, slots=True)
class MessagePut(MessageEvent):
    """
    A text or a call to one person or post is to go out.

    ``phone`` is shortened: the record is for ever and read by many, the number itself stands in the outbox alone.
    ``order_id`` is the order it is about, ``text`` what is said, marked 演练 in an exercise.
    """

    code: ClassVar[str] = "message_put"

    kind: Kind
    name: str
    phone: str
    text: str
    way: Way
    reach: Reach = "typed"
    reach_id: str = ""
    order_id: str = ""
    occasion: Occasion = "typed"


@dataclass(frozen=True, slots=True)
class MessageMoved(MessageEvent):
    """
    What became of it: sent, delivered, answered, or failed with its reason.

    ``text`` is the reply, or what was said on the telephone; ``duration_s`` how long the call was. ``at`` is by the
    clock of the gateway. A failure that is not ``final`` is tried again by itself.
    """

    code: ClassVar[str] = "message_moved"

    to: State
    reason: str = ""
    text: str = ""
    duration_s: int | None = None
    at: AwareDatetime | None = None
    way: Way = "gateway"
    final: bool = True


@dataclass(frozen=True, slots=True)
class MessageAgain(MessageEvent):
    """A person sends a failed message once more."""

    code: ClassVar[str] = "message_again"


KINDS: tuple[type[Event], ...] = (MessagePut, MessageMoved, MessageAgain)
