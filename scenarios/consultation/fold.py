"""Which consultations are there after one more entry, and what was taken inside? Pure; it reads no clock."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from scenarios.consultation.events import (
    ConsultationAnswered,
    ConsultationCalled,
    ConsultationConcluded,
    ConsultationEvent,
    ConsultationFrozen,
    ConsultationMoved,
    ConsultationOpened,
    ConsultationPresented,
    ConsultationSpoken,
    Seat,
    Way,
)
from scenarios.event import Event, Json

if TYPE_CHECKING:
    from scenarios.events import Entry

State = Literal["invited", "called", "present", "left", "declined"]
GATHERED = frozenset({"decision_recorded", "order_drafted", "mark_placed", "mark_changed", "report_sent"})
"""Kinds that belong to the room when somebody at the table records them."""


@dataclass(frozen=True, slots=True)
class Seated:
    """
    One seat as it stands.

    ``calls`` counts how often it was called, the last time at ``called_at``; ``since`` is when it took the state it
    has. Whether its line is up now is not in the record: see `scenarios.consultation.lines`.
    """

    seat: Seat
    state: State = "invited"
    calls: int = 0
    called_at: datetime | None = None
    account: str = ""
    person: str = ""
    way: Way = "line"
    since: datetime | None = None
    came_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """One thing said; ``seq`` is its entry."""

    seq: int
    at: datetime
    actor: str
    seat_id: str
    text: str
    longitude: float | None
    latitude: float | None
    view: str
    moment: datetime | None
    raised: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """A decision, an order, a mark or a report recorded at the table; ``what`` is its id."""

    seq: int
    at: datetime
    actor: str
    kind: str
    what: str


@dataclass(frozen=True, slots=True)
class Room:
    """
    One consultation.

    ``number`` counts those of the incident from 1. ``presented`` are the accounts that presented, in their order, each
    with the name shown and the time it began. ``frozen_view`` is the view at the last freeze.
    """

    consultation_id: str
    number: int
    topic: str
    agenda: tuple[str, ...]
    seats: tuple[Seated, ...]
    presented: tuple[tuple[str, str, datetime], ...]
    opened_by: str
    opened_at: datetime
    opened_seq: int
    seq: int
    item: int = 0
    frozen: bool = False
    frozen_view: Json | None = None
    said: tuple[Said, ...] = ()
    taken: tuple[Taken, ...] = ()
    closed_at: datetime | None = None
    closed_seq: int | None = None
    conclusion: str = ""
    next_meeting: str = ""

    @property
    def name(self) -> str:
        """Number as people say it."""
        return f"HS-{self.number:02d}"

    @property
    def is_open(self) -> bool:
        """Whether it still goes on."""
        return self.closed_seq is None

    @property
    def presenter(self) -> str:
        """Account that presents."""
        return self.presented[-1][0]

    @property
    def presenter_name(self) -> str:
        """Name under which it presents."""
        return self.presented[-1][1]

    def seat_of(self, account: str) -> Seated | None:
        """The seat an account sits on now, or None."""
        return next((one for one in self.seats if one.account == account and one.state == "present"), None)

    def seated(self, seat_id: str) -> Seated | None:
        """The seat with this id, or None."""
        return next((one for one in self.seats if one.seat.seat_id == seat_id), None)


def fold(event: Event, entry: "Entry", before: tuple[Room, ...]) -> tuple[Room, ...]:
    """Consultations after one more entry of any kind."""
    if isinstance(event, ConsultationOpened):
        return (*before, _opened(event, entry, len(before) + 1))
    if isinstance(event, ConsultationEvent):
        return tuple(
            _after(event, entry, one) if one.consultation_id == event.consultation_id else one for one in before
        )
    if before and event.code in GATHERED:
        return tuple(_gathered(event, entry, one) for one in before)
    return before


def open_room(rooms: tuple[Room, ...]) -> Room | None:
    """The consultation that goes on, or None: an incident has one at a time."""
    return next((one for one in reversed(rooms) if one.is_open), None)


def named(rooms: tuple[Room, ...], name: str) -> Room | None:
    """The consultation with this id or number (HS-02), or None."""
    return next((one for one in rooms if name in (one.consultation_id, one.name)), None)


def room_of_entry(rooms: tuple[Room, ...], seq: int) -> Room | None:
    """The consultation in which the entry `seq` was taken, or None."""
    return next((room for room in rooms if any(one.seq == seq for one in room.taken)), None)


def room_of(rooms: tuple[Room, ...], what: str) -> str:
    """Number of the consultation in which an order, a decision or a mark was first recorded; "" outside any."""
    return next((room.name for room in rooms if any(one.what == what for one in room.taken)), "")


def _opened(event: ConsultationOpened, entry: "Entry", number: int) -> Room:
    return Room(
        consultation_id=event.consultation_id, number=number, topic=event.topic, agenda=event.agenda,
        seats=tuple(Seated(one) for one in event.seats),
        presented=((entry.actor, event.presenter_name or entry.actor, entry.recorded_at),),
        opened_by=entry.actor, opened_at=entry.recorded_at, opened_seq=entry.seq, seq=entry.seq,
    )  # fmt: skip


def _gathered(event: Event, entry: "Entry", room: Room) -> Room:
    if not room.is_open or (entry.actor != room.opened_by and room.seat_of(entry.actor) is None):
        return room
    what = next((str(found) for name in ("decision_id", "order_id", "mark_id") if (found := _own(event, name))), "")
    one = Taken(entry.seq, entry.recorded_at, entry.actor, event.code, what)
    return replace(room, taken=(*room.taken, one))


def _own(event: Event, name: str) -> object:
    """Id of what the event is about; a mark names the order it plots as well, which is not its own id."""
    own = {"decision_recorded": "decision_id", "order_drafted": "order_id", "mark_placed": "mark_id",
           "mark_changed": "mark_id"}.get(event.code)  # fmt: skip
    return getattr(event, name, None) if own == name else None


def _after(event: ConsultationEvent, entry: "Entry", room: Room) -> Room:
    if not room.is_open:
        return room  # what arrives late changes nothing: the minutes are closed
    now = replace(room, seq=entry.seq)
    match event:
        case ConsultationCalled():
            return replace(now, seats=tuple(_called(one, event, entry) for one in now.seats))
        case ConsultationAnswered():
            return replace(now, seats=_answered(now.seats, event, entry))
        case ConsultationPresented():
            return replace(now, presented=(*now.presented, (event.presenter, event.presenter_name, entry.recorded_at)))
        case ConsultationFrozen():
            return replace(now, frozen=event.frozen, frozen_view=event.view if event.frozen else now.frozen_view)
        case ConsultationMoved():
            return replace(now, item=event.item)
        case ConsultationSpoken():
            said = Said(
                entry.seq, entry.recorded_at, entry.actor, event.seat_id, event.text, event.longitude, event.latitude,
                event.view, event.moment, event.raised,
            )  # fmt: skip
            return replace(now, said=(*now.said, said))
        case ConsultationConcluded():
            return replace(
                now, closed_at=entry.recorded_at, closed_seq=entry.seq, conclusion=event.text,
                next_meeting=event.next_meeting, frozen=False,
            )  # fmt: skip
        case _:
            return now


def _called(one: Seated, event: ConsultationCalled, entry: "Entry") -> Seated:
    if one.seat.seat_id not in event.seat_ids or one.state == "present":
        return one
    return replace(
        one, state="called", calls=one.calls + 1, called_at=entry.recorded_at, way=event.way, since=entry.recorded_at
    )


def _answered(seats: tuple[Seated, ...], event: ConsultationAnswered, entry: "Entry") -> tuple[Seated, ...]:
    account, seat_id = event.account or entry.actor, event.seat_id
    here, by_line = event.answer == "present", event.way == "line"
    own = next((one for one in seats if one.seat.seat_id == seat_id), None)
    if own is not None and here and by_line and own.state == "present" and own.account not in ("", account):
        # Two sat down at the same moment: the second brings a chair.
        seat_id = f"own-{account}"
        own = next((one for one in seats if one.seat.seat_id == seat_id), None)
    if own is None:
        if not here or not event.name:
            return seats
        own = Seated(Seat(seat_id, event.name, event.level, event.division_code))
        seats = (*seats, own)
    now = replace(
        own, state=event.answer, way=event.way, since=entry.recorded_at,
        account=(account if by_line else "") if here else own.account, person=event.person or own.person,
        came_at=own.came_at or (entry.recorded_at if here else None),
    )  # fmt: skip
    return tuple(now if one.seat.seat_id == seat_id else one for one in seats)
