"""What may be done in a consultation? Open, call, answer, hand over, freeze, speak, conclude; each one entry."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from sqlalchemy import Connection

from gis.database import Caller
from gis.errors import ConflictError, InputError, MissingError, RefusedError
from scenarios import log
from scenarios.consultation import lines
from scenarios.consultation.asking import LONGEST_NAME, LONGEST_TEXT, NewRoom, Words, faults
from scenarios.consultation.events import (
    Answer,
    ConsultationAnswered,
    ConsultationCalled,
    ConsultationConcluded,
    ConsultationEvent,
    ConsultationFrozen,
    ConsultationMoved,
    ConsultationOpened,
    ConsultationPresented,
    ConsultationShown,
    ConsultationSpoken,
    Level,
    Seat,
    Way,
)
from scenarios.consultation.fold import Room, named, open_room
from scenarios.consultation.kept import for_record
from scenarios.event import Json
from scenarios.journal import Journal
from scenarios.log import Receipt

if TYPE_CHECKING:
    from scenarios.situation import Situation

ATTEMPTS = 20
Say = Callable[[Connection, Room], ConsultationEvent]


class ConsultationDesk:
    """Consultations of incidents. What is only shown (view, pointer, who is on the line) is kept by `lines`."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal

    def open(self, incident_id: UUID, said: NewRoom, caller: Caller, *, key: UUID | None = None) -> tuple[str, Receipt]:
        """
        Open a consultation; its id follows from the key. Whoever opens it presents and sits at the table.

        Raises
        ------
        InputError
            Every fault of what was said.
        ConflictError
            One goes on already, or the incident is closed.
        """
        wrong = faults(said)
        if wrong:
            raise InputError(wrong)
        key = key or uuid4()
        consultation_id = room_opened_by(key)
        event = ConsultationOpened(
            consultation_id, said.topic.strip(), tuple(one.strip() for one in said.agenda), said.seats,
            said.presenter_name.strip(),
        )  # fmt: skip
        for _ in range(ATTEMPTS):
            try:
                with self.journal.database.transaction(caller) as connection:
                    known = self.journal.fold(connection, incident_id)
                    receipt = log.append(connection, incident_id, event, key=key, expected_seq=known.seq)
                    if receipt.replayed:
                        return consultation_id, receipt
                    running = open_room(known.consultations)
                    if running is not None:
                        raise _RefusedError(f"consultation {running.name} goes on: join it, or end it first")
                    if known.status != "open":
                        raise _RefusedError("the incident is closed: no consultation is opened in it")
                    # Not from a fold: what this transaction has written may still be taken back.
                    name = event.presenter_name or caller.actor
                    _make_known(connection, incident_id, event, event.seats, caller.actor, name)
                    return consultation_id, receipt
            except _RefusedError:
                raise
            except ConflictError:
                continue
        raise ConflictError("the incident moves faster than this can be written: try again")

    def call(
        self, incident_id: UUID, name: str, seat_ids: Sequence[str], caller: Caller, *, way: Way = "line",
        key: UUID | None = None,
    ) -> Receipt:  # fmt: skip
        """Call seats; none named = all that are not there."""

        def say(_connection: Connection, room: Room) -> ConsultationEvent:
            wanted = tuple(seat_ids) or tuple(one.seat.seat_id for one in room.seats if one.state != "present")
            unknown = [one for one in wanted if room.seated(one) is None]
            if unknown:
                raise InputError(f"seat_ids: the table has no seat {one}" for one in unknown)
            if not wanted:
                raise InputError("seat_ids: everybody is here")
            return ConsultationCalled(room.consultation_id, wanted, way)

        return self._say(incident_id, name, caller, key, say)

    def join(
        self, incident_id: UUID, name: str, caller: Caller, *, person: str, level: Level, unit: str,
        written_by: Caller | None = None, key: UUID | None = None,
    ) -> Receipt:  # fmt: skip
        """
        Sit down: on the seat kept for this account or division, else on one of one's own.

        Parameters
        ----------
        written_by
            Who writes it down, where the caller was invited but may not write into this record: the program itself.
        """

        def say(_connection: Connection, room: Room) -> ConsultationEvent:
            return ConsultationAnswered(
                room.consultation_id, seat_for(room, caller, level), "present", "line", person.strip()[:LONGEST_NAME],
                unit.strip()[:LONGEST_NAME], level, caller.division_from,
                account=caller.actor if written_by not in (None, caller) else "",
            )  # fmt: skip

        def then(connection: Connection, room: Room, _event: ConsultationEvent) -> None:
            # After a crash of the database what is only shown is gone; the first who sits down makes the room anew.
            seats = tuple(one.seat for one in room.seats)
            _make_known(connection, incident_id, room, seats, room.presenter, room.presenter_name)

        return self._say(incident_id, name, written_by or caller, key, say, then)

    def leave(self, incident_id: UUID, name: str, caller: Caller, *, key: UUID | None = None) -> Receipt | None:
        """Stand up from one's seat; None where one has none. Written by the program for who may not write here."""
        system = replace(Caller.system(), mode=caller.mode)
        seat = self.room(incident_id, name, system).seat_of(caller.actor)
        if seat is None:
            return None

        def say(_connection: Connection, room: Room) -> ConsultationEvent:
            return ConsultationAnswered(room.consultation_id, seat.seat.seat_id, "left", "line", seat.person)

        try:
            return self._say(incident_id, name, caller, key, say)
        except MissingError:
            return self._say(incident_id, name, system, key, say)

    def answer(
        self, incident_id: UUID, name: str, seat_id: str, answer: Answer, caller: Caller, *, person: str = "",
        text: str = "", key: UUID | None = None,
    ) -> Receipt:  # fmt: skip
        """Write down what a seat answered by telephone, or that it left or declined."""

        def say(_connection: Connection, room: Room) -> ConsultationEvent:
            one = room.seated(seat_id)
            if one is None:
                raise InputError(f"seat_id: the table has no seat {seat_id}")
            own = one.account == caller.actor and one.state == "present"
            way: Way = "line" if own else "phone"
            return ConsultationAnswered(
                room.consultation_id,
                seat_id,
                answer,
                way,
                person.strip()[:LONGEST_NAME],
                text=text.strip()[:LONGEST_TEXT],
            )

        return self._say(incident_id, name, caller, key, say)

    def present(
        self, incident_id: UUID, name: str, account: str, caller: Caller, *, may_take: bool, reason: str = "",
        key: UUID | None = None,
    ) -> Receipt:  # fmt: skip
        """
        Hand the presentation to an account at the table.

        Only the presenter and whoever opened the room hand it over; another takes it himself (`may_take`) when the
        presenter's line has been gone for a while.

        Raises
        ------
        RefusedError
            It is not the caller's to give, or the presenter is still there.
        """

        def say(connection: Connection, room: Room) -> ConsultationEvent:
            if caller.actor not in (room.presenter, room.opened_by):
                taking = account == caller.actor and may_take
                if not taking:
                    raise RefusedError("only the presenter or who opened the room hands the presentation over")
                if lines.is_on(connection, room.consultation_id, room.presenter):
                    raise RefusedError("the presenter is on the line: ask for the presentation")
            seat = room.seat_of(account)
            if seat is None and account != room.opened_by:
                raise InputError(f"presenter: {account} does not sit at the table")
            shown = seat.seat.name if seat else room.presented[0][1]
            return ConsultationPresented(room.consultation_id, account, shown, reason.strip()[:LONGEST_TEXT])

        def then(connection: Connection, room: Room, event: ConsultationEvent) -> None:
            assert isinstance(event, ConsultationPresented)
            lines.hand_over(connection, room.consultation_id, event.presenter, event.presenter_name)

        return self._say(incident_id, name, caller, key, say, then)

    def freeze(
        self, incident_id: UUID, name: str, frozen: bool, caller: Caller, *, view: Json | None = None,
        key: UUID | None = None,
    ) -> Receipt:  # fmt: skip
        """Lock editing, or open it again; the record keeps the view as far as its readers may see it."""

        def say(connection: Connection, room: Room) -> ConsultationEvent:
            _lead(room, caller)
            known = lines.shown(connection, room.consultation_id) if view is None else None
            looked_at = view or (known.view if known else None)
            return ConsultationFrozen(room.consultation_id, frozen, for_record(looked_at) if looked_at else None)

        def then(connection: Connection, room: Room, _event: ConsultationEvent) -> None:
            lines.say_changed(connection, room.consultation_id)

        return self._say(incident_id, name, caller, key, say, then)

    def shown(self, incident_id: UUID, name: str, view: Json, caller: Caller, *, key: UUID | None = None) -> Receipt:
        """Keep a view the presenter rests on. Written by the program for a presenter who may not write here."""

        def say(account: str = "") -> Say:
            def event(_connection: Connection, room: Room) -> ConsultationEvent:
                if caller.actor != room.presenter:
                    raise RefusedError("only the presenter shows")
                return ConsultationShown(room.consultation_id, for_record(view), account)

            return event

        def then(_connection: Connection, _room: Room, _event: ConsultationEvent) -> None:
            """Nobody at the table has to be told: they have seen it."""

        try:
            return self._say(incident_id, name, caller, key, say(), then)
        except MissingError:
            system = replace(Caller.system(), mode=caller.mode)
            return self._say(incident_id, name, system, key, say(caller.actor), then)

    def move(self, incident_id: UUID, name: str, item: int, caller: Caller, *, key: UUID | None = None) -> Receipt:
        """Go to an item of the agenda, from 0. Presenter or opener only."""

        def say(_connection: Connection, room: Room) -> ConsultationEvent:
            _lead(room, caller)
            if not 0 <= item < len(room.agenda):
                raise InputError(f"item: the agenda has {len(room.agenda)} items, counted from 0")
            return ConsultationMoved(room.consultation_id, item)

        return self._say(incident_id, name, caller, key, say)

    def speak(self, incident_id: UUID, name: str, words: Words, caller: Caller, *, key: UUID | None = None) -> Receipt:
        """Say something; whoever speaks sits at the table."""
        if not words.text.strip() and not words.raised:
            raise InputError("text: missing; say something")
        if len(words.text) > LONGEST_TEXT:
            raise InputError(f"text: longer than {LONGEST_TEXT} characters")
        if (words.longitude is None) != (words.latitude is None):
            raise InputError("longitude, latitude: give both or none")

        def say(_connection: Connection, room: Room) -> ConsultationEvent:
            seat = room.seat_of(caller.actor)
            if seat is None and caller.actor != room.opened_by:
                raise RefusedError("join the consultation before you speak in it")
            return ConsultationSpoken(
                room.consultation_id, words.text.strip(), seat.seat.seat_id if seat else "", words.longitude,
                words.latitude, words.view[:200], words.moment, words.raised,
            )  # fmt: skip

        return self._say(incident_id, name, caller, key, say)

    def conclude(
        self, incident_id: UUID, name: str, caller: Caller, *, text: str = "", next_meeting: str = "",
        key: UUID | None = None,
    ) -> Receipt:  # fmt: skip
        """End the consultation. Presenter or opener only; what was shown is forgotten, what was said stays."""

        def say(_connection: Connection, room: Room) -> ConsultationEvent:
            _lead(room, caller)
            return ConsultationConcluded(room.consultation_id, text.strip()[:LONGEST_TEXT], next_meeting.strip()[:200])

        def then(connection: Connection, room: Room, _event: ConsultationEvent) -> None:
            lines.close_room(connection, room.consultation_id)

        return self._say(incident_id, name, caller, key, say, then)

    def room(self, incident_id: UUID, name: str, caller: Caller) -> Room:
        """
        One consultation of an incident, by its id or number.

        Raises
        ------
        MissingError
            No such incident or consultation in the caller's range.
        """
        return _named(self.journal.situation(incident_id, caller=caller), name)

    def require_editing(self, connection: Connection, incident_id: UUID, caller: Caller) -> None:
        """
        Pass unless a consultation holds the map still.

        Raises
        ------
        RefusedError
            Editing is locked, and the caller neither presents nor opened the room.
        """
        room = open_room(self.journal.fold(connection, incident_id).consultations)
        if room is not None and room.frozen and caller.actor not in (room.presenter, room.opened_by):
            raise RefusedError(f"editing is locked in consultation {room.name}: look around, or ask the presenter")

    def _say(
        self, incident_id: UUID, name: str, caller: Caller, key: UUID | None, make: Say,
        then: Callable[[Connection, Room, ConsultationEvent], None] | None = None,
    ) -> Receipt:  # fmt: skip
        """Append what follows from the room as it is; only another writer in between makes it look again."""
        key = key or uuid4()
        for _ in range(ATTEMPTS):
            try:
                with self.journal.database.transaction(caller) as connection:
                    known = self.journal.fold(connection, incident_id)
                    room = _named(known, name)
                    repeated = log.receipt_of(connection, incident_id, key)
                    if repeated is not None:
                        return repeated
                    if not room.is_open:
                        raise _RefusedError(f"consultation {room.name} has ended")
                    event = make(connection, room)
                    receipt = log.append(
                        connection, incident_id, event, key=key, caused_by=(room.opened_seq,),
                        # Who comes and what is said stands as it arrives; only what moves the room looks twice.
                        expected_seq=known.seq if event.changes_state else None,
                    )  # fmt: skip
                    if then is not None:
                        then(connection, room, event)
                    else:
                        lines.say_changed(connection, room.consultation_id)
                    return receipt
            except _RefusedError:
                raise
            except ConflictError:
                continue
        raise ConflictError("the incident moves faster than this can be written: try again")


class _RefusedError(ConflictError):
    """The room itself stands in the way: trying again would not help."""


def room_opened_by(key: UUID) -> str:
    """Id of the consultation a command with this idempotency key opens."""
    return f"H-{key.hex[:12]}"


def seat_for(room: Room, caller: Caller, level: Level) -> str:
    """Seat an account takes: the one it had, the one kept for it, the free one of its division and level, its own."""
    free = [one for one in room.seats if one.account in ("", caller.actor) and one.seat.account in ("", caller.actor)]
    for fits in (
        [one for one in room.seats if one.account == caller.actor],
        [one for one in free if one.seat.account == caller.actor],
        [one for one in free if one.seat.division_code == caller.division_from and one.seat.level == level],
    ):
        if fits:
            return fits[0].seat.seat_id
    return f"own-{caller.actor}"


def level_of(caller: Caller) -> Level:
    """Level of government whose range an account has; ranges are half-open over 6-digit codes of GB/T 2260."""
    width = int(caller.division_to) - int(caller.division_from)
    if width > 10_000:
        return "nation"
    return "province" if width > 100 else "city" if width > 1 else "county"


def _make_known(
    connection: Connection, incident_id: UUID, room: Room | ConsultationOpened, seats: Sequence[Seat], presenter: str,
    presenter_name: str,
) -> None:  # fmt: skip
    divisions = [one.division_code for one in seats if one.division_code]
    accounts = [one.account for one in seats if one.account]
    lines.open_room(
        connection, room.consultation_id, incident_id, presenter, presenter_name, room.topic, divisions, accounts
    )


def _lead(room: Room, caller: Caller) -> None:
    if caller.actor not in (room.presenter, room.opened_by):
        raise RefusedError("only the presenter or who opened the room may do this")


def _named(known: "Situation", name: str) -> Room:
    room = named(known.consultations, name)
    if room is None:
        raise MissingError(f"this incident has no consultation {name}")
    return room
