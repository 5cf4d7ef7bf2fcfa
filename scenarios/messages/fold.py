"""Who has been told, and what came back? A fold of its own, entry by entry; news out of order changes nothing."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from scenarios.messages.events import MessageAgain, MessageEvent, MessageMoved, MessagePut
from scenarios.messages.states import OPEN, State, may_follow

if TYPE_CHECKING:
    from scenarios.events import Entry


@dataclass(frozen=True, slots=True)
class Moved:
    """One thing that became known of a message."""

    seq: int
    actor: str
    recorded_at: datetime
    said: MessageMoved


@dataclass(frozen=True, slots=True)
class Message:
    """
    One message as it stands: ``number`` as people say it (T-03), ``seq`` its last entry.

    ``round`` counts how often it was put: once more for every failure that is tried again, by itself or by a person.
    """

    message_id: str
    number: int
    put: MessagePut
    actor: str
    put_at: datetime
    seq: int
    state: State
    round: int = 1
    steps: tuple[Moved, ...] = ()

    @property
    def name(self) -> str:
        """Number as people say it."""
        return f"T-{self.number:02d}"

    @property
    def is_open(self) -> bool:
        """Whether nobody has been told yet."""
        return self.state in OPEN


def fold(event: MessageEvent, entry: "Entry", before: tuple[Message, ...]) -> tuple[Message, ...]:
    """Messages after one more entry."""
    if isinstance(event, MessagePut):
        if any(one.message_id == event.message_id for one in before):
            return before
        begun: State = "by_hand" if event.way == "by_hand" else "queued"
        message = Message(event.message_id, len(before) + 1, event, entry.actor, entry.recorded_at, entry.seq, begun)
        return (*before, message)
    return tuple(_after(event, entry, one) if one.message_id == event.message_id else one for one in before)


def named(messages: tuple[Message, ...], name: str) -> Message | None:
    """The message with this id or number (T-03); None when there is none."""
    return next((one for one in messages if name in (one.message_id, one.name)), None)


def _after(event: MessageEvent, entry: "Entry", message: Message) -> Message:
    match event:
        case MessageMoved() if may_follow(message.state, event.to):
            moved = Moved(entry.seq, entry.actor, entry.recorded_at, event)
            again = event.to == "failed" and not event.final
            return replace(
                message, state="queued" if again else event.to, round=message.round + again, seq=entry.seq,
                steps=(*message.steps, moved),
            )  # fmt: skip
        case MessageAgain() if message.state == "failed":
            return replace(message, state="queued", round=message.round + 1, seq=entry.seq)
        case _:
            return message
