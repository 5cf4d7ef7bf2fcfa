"""How does a program hold a consultation: open it, call, answer, hand over, lock, speak, end, and see what is shown?"""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from pydantic import AfterValidator, AwareDatetime, BaseModel, Field

from command_ui.access.roles import signed_in
from command_ui.api import answers, shapes
from command_ui.api.reading import IdempotencyKey, StrictRoute
from command_ui.meeting.scope import scope_of
from gis.database import Caller
from gis.errors import MissingError
from scenarios.consultation import lines
from scenarios.consultation.asking import LONGEST_ITEM, LONGEST_NAME, LONGEST_TEXT, LONGEST_TOPIC, NewRoom, Words
from scenarios.consultation.events import Answer, Level, Seat, Way
from scenarios.consultation.fold import Room, Said, Seated, State, Taken
from scenarios.desk import Desk

Json = dict[str, Any]
Name = Annotated[str, Path(pattern=r"^(H-[0-9a-f]{12}|HS-[0-9]{2,6})$", description="Id, or number such as HS-01")]
RoomId = Annotated[str, Path(pattern=r"^H-[0-9a-f]{12}$")]
Account = Annotated[str, Field(max_length=64), AfterValidator(shapes.plain_line)]
SeatId = Annotated[str, Field(min_length=1, max_length=80), AfterValidator(shapes.plain_line)]
Text = Annotated[str, Field(max_length=LONGEST_TEXT), AfterValidator(shapes.plain_line)]


class SeatIn(shapes.Shape):
    """A place at the table. Its division lets its duty room find the room; `account` keeps it for one account."""

    seat_id: SeatId
    name: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME), AfterValidator(shapes.plain_line)]
    level: Level
    division_code: Annotated[str, Field(pattern=r"^([0-9]{6}|)$")] = ""
    account: Account = ""


class RoomIn(shapes.Shape):
    """A consultation; whoever opens it presents first, under `presenter_name`."""

    topic: Annotated[str, Field(min_length=1, max_length=LONGEST_TOPIC), AfterValidator(shapes.plain_line)]
    agenda: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=LONGEST_ITEM), AfterValidator(shapes.plain_line)], ...],
        Field(max_length=20),
    ] = ()
    seats: Annotated[tuple[SeatIn, ...], Field(max_length=60)] = ()
    presenter_name: Annotated[str, Field(max_length=LONGEST_NAME), AfterValidator(shapes.plain_line)] = ""

    def command(self) -> NewRoom:
        """Give the command."""
        seats = tuple(Seat(**one.model_dump()) for one in self.seats)
        return NewRoom(self.topic, self.agenda, seats, self.presenter_name)


class CallIn(shapes.Shape):
    """Seats to call; none named = all that are not there."""

    seat_ids: Annotated[tuple[SeatId, ...], Field(max_length=60)] = ()
    way: Way = "line"


class AnswerIn(shapes.Shape):
    """What a seat answered by telephone."""

    seat_id: SeatId
    answer: Answer = "present"
    person: Annotated[str, Field(max_length=LONGEST_NAME), AfterValidator(shapes.plain_line)] = ""
    text: Text = ""


class PresenterIn(shapes.Shape):
    """Account that presents from here on."""

    account: Annotated[str, Field(min_length=1, max_length=64), AfterValidator(shapes.plain_line)]
    reason: Text = ""


class LockIn(shapes.Shape):
    """Whether editing is locked; the view shown at that moment is kept in the record."""

    frozen: bool


class ItemIn(shapes.Shape):
    """Item of the agenda the table has come to, counted from 0."""

    item: Annotated[int, Field(ge=0, le=100)]


class WordsIn(shapes.Shape):
    """Something said; `longitude` and `latitude` tie it to a place, `raised` asks for the floor."""

    text: Text = ""
    longitude: shapes.Longitude | None = None
    latitude: shapes.Latitude | None = None
    view: Annotated[str, Field(max_length=200), AfterValidator(shapes.plain_line)] = ""
    moment: AwareDatetime | None = None
    raised: bool = False


class EndIn(shapes.Shape):
    """What the consultation came to, and when the next one is."""

    text: Text = ""
    next_meeting: Annotated[str, Field(max_length=200), AfterValidator(shapes.plain_line)] = ""


class SeatOut(BaseModel):
    """A seat as it stands; whether its line is up now is told on the line only."""

    seat_id: str
    name: str
    level: Level
    division_code: str
    state: State
    calls: int
    called_at: AwareDatetime | None
    account: str
    person: str
    way: Way
    since: AwareDatetime | None


class SaidOut(BaseModel):
    """Something said, with the number of its entry."""

    seq: int
    at: AwareDatetime
    actor: str
    seat_id: str
    text: str
    longitude: float | None
    latitude: float | None
    view: str
    moment: AwareDatetime | None
    raised: bool


class TakenOut(BaseModel):
    """A decision, order, mark or report recorded at the table."""

    seq: int
    at: AwareDatetime
    actor: str
    kind: str
    what: str


class RoomOut(BaseModel):
    """One consultation."""

    consultation_id: str
    name: str
    topic: str
    agenda: list[str]
    item: int
    presenter: str
    presenter_name: str
    frozen: bool
    opened_by: str
    opened_at: AwareDatetime
    closed_at: AwareDatetime | None
    conclusion: str
    next_meeting: str
    seats: list[SeatOut]
    said: list[SaidOut]
    taken: list[TakenOut]


class Opened(BaseModel):
    """The room that was opened, and the receipt of its entry."""

    room: RoomOut
    receipt: shapes.Receipt


class RoomFound(BaseModel):
    """A room that goes on and is yours to enter; of its incident it says nothing that you may not read."""

    consultation_id: str
    topic: str
    presenter_name: str
    incident_id: UUID | None
    line: str = Field(description="Address of the websocket on which the view is shown")


class ShownOut(BaseModel):
    """The view shown last, cut to what you may see; `hidden` layers of it are not yours, and not named."""

    rev: int
    view: Json | None
    hidden: int


def router(desk: Desk) -> APIRouter:
    """Build the routes of consultations."""
    routes = APIRouter(route_class=StrictRoute, tags=["consultations"])
    conflict: dict[int | str, dict[str, Any]] = {409: {"model": shapes.Problem}}
    rooms, at = "/incidents/{incident_id}/consultations", "/incidents/{incident_id}/consultations/{name}"

    def seen(incident_id: UUID) -> Caller:
        caller = signed_in().caller()
        with desk.database.transaction(caller) as connection:
            answers.seen(connection, incident_id, caller)
        return caller

    @routes.get("/consultations")
    def to_enter() -> list[RoomFound]:
        """List the consultations that go on and that you may enter, those you were invited to among them."""
        caller = signed_in().caller()
        with desk.database.transaction(caller) as connection:
            return [_found(one, caller) for one in lines.open_to(connection)]

    @routes.get("/consultations/{room_id}/view")
    def shown(room_id: RoomId) -> ShownOut:
        """Give the view shown last, as your own page would get it: what you may not see is not in it."""
        person = signed_in()
        with desk.database.transaction(person.caller()) as connection:
            one = lines.shown(connection, room_id)
        if one is None:
            raise MissingError(f"there is no consultation {room_id}")
        view, hidden = scope_of(desk.database, person).cut(one.view) if one.view is not None else (None, 0)
        return ShownOut(rev=one.rev, view=view, hidden=hidden)

    @routes.get(rooms)
    def every(incident_id: UUID) -> list[RoomOut]:
        """List the consultations of an incident, the ended ones too."""
        return [_room(one) for one in desk.situation(incident_id, caller=seen(incident_id)).consultations]

    @routes.post(rooms, status_code=201, responses=conflict)
    def open_room(incident_id: UUID, body: RoomIn, key: IdempotencyKey, response: Response) -> Opened:
        """Open a consultation; 409 while one goes on."""
        caller = seen(incident_id)
        name, receipt = desk.consultations.open(incident_id, body.command(), caller, key=key)
        response.headers["location"] = f"/api/v1/incidents/{incident_id}/consultations/{name}"
        room = desk.consultations.room(incident_id, name, caller)
        return Opened(room=_room(room), receipt=answers.receipt(receipt))

    @routes.get(at)
    def one(incident_id: UUID, name: Name) -> RoomOut:
        """Give one consultation: seats, words, and what was taken inside."""
        return _room(desk.consultations.room(incident_id, name, seen(incident_id)))

    @routes.post(f"{at}/calls", status_code=201, responses=conflict)
    def call(incident_id: UUID, name: Name, body: CallIn, key: IdempotencyKey) -> shapes.Receipt:
        """Call seats 点名."""
        found = desk.consultations.call(incident_id, name, body.seat_ids, seen(incident_id), way=body.way, key=key)
        return answers.receipt(found)

    @routes.post(f"{at}/answers", status_code=201, responses=conflict)
    def answer(incident_id: UUID, name: Name, body: AnswerIn, key: IdempotencyKey) -> shapes.Receipt:
        """Write down what a seat answered by telephone. Whoever comes over the line is written down by coming."""
        found = desk.consultations.answer(
            incident_id, name, body.seat_id, body.answer, seen(incident_id), person=body.person, text=body.text, key=key
        )
        return answers.receipt(found)

    @routes.put(f"{at}/presenter", responses=conflict)
    def present(incident_id: UUID, name: Name, body: PresenterIn, key: IdempotencyKey) -> shapes.Receipt:
        """Hand the presentation to an account at the table, or take it where the presenter's line is gone."""
        person = signed_in()
        found = desk.consultations.present(
            incident_id, name, body.account, seen(incident_id), may_take=person.may("report"), reason=body.reason,
            key=key,
        )  # fmt: skip
        return answers.receipt(found)

    @routes.put(f"{at}/lock", responses=conflict)
    def lock(incident_id: UUID, name: Name, body: LockIn, key: IdempotencyKey) -> shapes.Receipt:
        """Lock editing of the map for everybody but the presenter, or open it again."""
        return answers.receipt(desk.consultations.freeze(incident_id, name, body.frozen, seen(incident_id), key=key))

    @routes.put(f"{at}/agenda", responses=conflict)
    def move(incident_id: UUID, name: Name, body: ItemIn, key: IdempotencyKey) -> shapes.Receipt:
        """Go to an item of the agenda."""
        return answers.receipt(desk.consultations.move(incident_id, name, body.item, seen(incident_id), key=key))

    @routes.get(f"{at}/words")
    def words(
        incident_id: UUID,
        name: Name,
        after: Annotated[int, Query(ge=0, le=2**53, description="Number of an entry")] = 0,
    ) -> list[SaidOut]:
        """List what was said after an entry."""
        room = desk.consultations.room(incident_id, name, seen(incident_id))
        return [_said(one) for one in room.said if one.seq > after]

    @routes.post(f"{at}/words", status_code=201, responses=conflict)
    def speak(incident_id: UUID, name: Name, body: WordsIn, key: IdempotencyKey) -> shapes.Receipt:
        """Say something; whoever speaks sits at the table."""
        said = Words(**body.model_dump())
        return answers.receipt(desk.consultations.speak(incident_id, name, said, seen(incident_id), key=key))

    @routes.post(f"{at}/conclusion", status_code=201, responses=conflict)
    def conclude(incident_id: UUID, name: Name, body: EndIn, key: IdempotencyKey) -> shapes.Receipt:
        """End the consultation; its minutes are `GET …/reports/draft?form=minutes`."""
        found = desk.consultations.conclude(
            incident_id, name, seen(incident_id), text=body.text, next_meeting=body.next_meeting, key=key
        )
        return answers.receipt(found)

    return routes


def _found(one: lines.Shown, caller: Caller) -> RoomFound:
    inside = caller.division_from <= one.division_code[:6] < caller.division_to
    return RoomFound(
        consultation_id=one.consultation_id, topic=one.topic, presenter_name=one.presenter_name,
        incident_id=one.incident_id if inside else None, line=f"/consultations/{one.consultation_id}/line",
    )  # fmt: skip


def _room(one: Room) -> RoomOut:
    own = {
        name: getattr(one, name) for name in RoomOut.model_fields if name not in ("seats", "said", "taken", "agenda")
    }
    return RoomOut(
        **own, agenda=list(one.agenda), seats=[_seat(seat) for seat in one.seats],
        said=[_said(said) for said in one.said], taken=[_taken(taken) for taken in one.taken],
    )  # fmt: skip


def _seat(one: Seated) -> SeatOut:
    return SeatOut(
        seat_id=one.seat.seat_id, name=one.seat.name, level=one.seat.level, division_code=one.seat.division_code,
        state=one.state, calls=one.calls, called_at=one.called_at, account=one.account, person=one.person, way=one.way,
        since=one.since,
    )  # fmt: skip


def _said(one: Said) -> SaidOut:
    return SaidOut(**{name: getattr(one, name) for name in SaidOut.model_fields})


def _taken(one: Taken) -> TakenOut:
    return TakenOut(**{name: getattr(one, name) for name in TakenOut.model_fields})
