"""Which shapes do messages and calls have on the way in and out? Numbers go out masked, for everybody."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field

from command_ui.api import shapes
from scenarios.messages.desk import LONGEST_TEXT, Heard, NewMessage
from scenarios.messages.events import Kind, Occasion, Reach, Way
from scenarios.messages.fold import Message
from scenarios.messages.outbox import Waits
from scenarios.messages.states import State
from scenarios.situation import Situation

Words = Annotated[str, Field(max_length=LONGEST_TEXT), AfterValidator(shapes.plain_line)]
Seconds = Annotated[int, Field(ge=0, le=86_400)]


class HeardIn(shapes.Shape):
    """What a person heard who dialled himself, or who was answered on another way."""

    outcome: Literal["answered", "failed"]
    text: Words = ""
    duration_s: Seconds | None = None

    def heard(self) -> Heard:
        """Give what was heard."""
        return Heard(self.outcome, self.text, self.duration_s)


class MessageIn(shapes.Shape):
    """
    Tell somebody. `reach` and `reach_id` name a row of a register, which gives name and number; `typed` takes both from
    here. `by_hand` = the officer dials himself, `heard` what came of it.
    """

    kind: Kind
    text: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT), AfterValidator(shapes.plain_line)]
    reach: Reach = "typed"
    reach_id: Annotated[str, Field(max_length=64), AfterValidator(shapes.plain_line)] = ""
    name: shapes.Line = ""
    phone: Annotated[str, Field(max_length=26), AfterValidator(shapes.plain_line)] = ""
    order_id: Annotated[str, Field(max_length=64), AfterValidator(shapes.plain_line)] = ""
    by_hand: bool = False
    heard: HeardIn | None = None

    def command(self) -> NewMessage:
        """Give the command."""
        return NewMessage(
            self.kind, self.text, self.reach, self.reach_id, self.name, self.phone, self.order_id,
            self.by_hand or self.heard is not None,
        )  # fmt: skip


class StepOut(BaseModel):
    """One thing that became known: `at` by the gateway's clock; a failure that is not `final` is tried again."""

    to: State
    seq: int
    actor: str
    recorded_at: AwareDatetime
    reason: str
    text: str
    duration_s: int | None
    at: AwareDatetime | None
    way: Way
    final: bool


class MessageOut(BaseModel):
    """
    A message as it stands. `attempts`, `fault` and `next_at` say why it has not gone yet.

    `phone` is masked; `POST …/messages/{message_id}/unmask` shows it to who may and says why.
    """

    message_id: str
    name: str
    kind: Kind
    to: str
    phone: str
    text: str
    way: Way
    reach: Reach
    reach_id: str
    order_id: str
    order: str
    occasion: Occasion
    state: State
    round: int
    actor: str
    put_at: AwareDatetime
    seq: int
    steps: list[StepOut]
    attempts: int = 0
    fault: str = ""
    next_at: datetime | None = None


class PersonOut(BaseModel):
    """Somebody who can be told; `concerned` = the incident itself names them."""

    reach: Reach
    id: str
    name: str
    phone: str
    concerned: bool


class People(BaseModel):
    """Who can be told, and whether a gateway is there to do it; without one the officer dials himself."""

    people: list[PersonOut]
    gateway: bool


class MessageMade(BaseModel):
    """A message with the receipt of its last entry."""

    message: MessageOut
    receipt: shapes.Receipt


def message_out(one: Message, known: Situation, waits: Waits | None = None) -> MessageOut:
    """Write a message."""
    put = one.put
    order = known.orders.named(put.order_id) if put.order_id else None
    is_waiting = waits is not None and one.state == "queued"
    return MessageOut(
        message_id=one.message_id, name=one.name, kind=put.kind, to=put.name,
        phone=put.phone, text=put.text, way=put.way, reach=put.reach,
        reach_id=put.reach_id, order_id=put.order_id, order=order.name if order else "", occasion=put.occasion,
        state=one.state, round=one.round, actor=one.actor, put_at=one.put_at, seq=one.seq,
        steps=[
            StepOut(to=it.said.to, seq=it.seq, actor=it.actor, recorded_at=it.recorded_at, reason=it.said.reason,
                    text=it.said.text, duration_s=it.said.duration_s, at=it.said.at, way=it.said.way,
                    final=it.said.final)
            for it in one.steps
        ],
        attempts=waits.attempts if waits is not None and is_waiting else 0,
        fault=waits.fault if waits is not None and is_waiting else "",
        next_at=waits.next_at if waits is not None and is_waiting and waits.fault else None,
    )  # fmt: skip
