"""What does the page do about a consultation? Its room as the record has it, and the commands of whoever sits there."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import ValidationError

from command_ui.api import consultations as shapes
from command_ui.console.chronicle import row_of
from command_ui.console.consult_components import Consultation
from command_ui.console.fault_words import worded
from command_ui.words import say
from command_ui.words.titles import title_in
from gis.errors import ConflictError, MissingError, OneMapError
from scenarios.consultation import lines
from scenarios.consultation.asking import Words
from scenarios.consultation.fold import Room, open_room
from scenarios.consultation.suggesting import suggest
from scenarios.situation import Situation

if TYPE_CHECKING:
    from command_ui.console.desk_frame import DeskFrame

Json = dict[str, Any]
MINUTES = 80
"""Rows of the minutes handed to the page, the newest; the paper has them all."""


class ConsultDesk:
    """Answers the consultation's part; every right is asked for again here, whatever buttons the page shows."""

    def __init__(self, page: "DeskFrame") -> None:
        self.page = page
        url = page.store.house.settings.video_url
        self.view = Consultation(
            may={"open": page.person.may("report"), "write": page.person.may("report")},
            me={"account": page.person.name, "name": page.person.display_name},
            video={"url": url, "host": urlsplit(url).hostname} if url else {},
            mode=page.person.mode,
            **page.common,
        )
        self._situation: Situation | None = None
        self._drawn: Json = {}
        self._put_away = ""

    def acts(self) -> dict[str, Any]:
        """What each message does."""
        return {
            "consult_look": self.look,
            "consult_join": self.join,
            "consult_left": self.left,
            "consult_seats": self.seats,
            "consult_open": self._doing("report", self._open),
            "consult_call": self._doing("report", self._call),
            "consult_answer": self._doing("report", self._answer),
            "consult_present": self._doing("look", self._present),
            "consult_lock": self._doing("report", self._lock),
            "consult_item": self._doing("report", self._item),
            "consult_say": self._doing("look", self._say),
            "consult_end": self._doing("report", self._end),
            "consult_keep": self._doing("report", self._keep),
        }

    def draw(self, situation: Situation) -> None:
        """Draw the room of the incident looked at; called with every scene."""
        room = open_room(situation.consultations)
        self._situation = situation
        known = {str(one.get("id")) for one in self.view.rooms}
        title = title_in(situation.title, self.page.language)
        drawn = {
            "incident": {"id": str(situation.incident_id), "title": title} if situation.incident_id else {},
            "room": room_of(room, situation) if room else {},
            "past": [past_of(one) for one in situation.consultations if not one.is_open][-6:],
            "moment": self.page.state.moment,
        }
        # Every second, for every page: to hand a model what it has costs param many times what it costs to compare.
        if drawn != self._drawn:
            self._drawn = drawn
            self.view.param.update(**drawn)
        if (room is not None) != bool(known) or (room is not None and room.consultation_id not in known):
            asyncio.get_running_loop().create_task(self.look({}))

    async def look(self, _message: Json) -> None:
        """Find the consultations that go on and are the person's to enter."""
        caller = self.page.person.caller()

        def read() -> list[lines.Shown]:
            with self.page.store.desk.database.transaction(caller) as connection:
                return lines.open_to(connection)

        try:
            found = await asyncio.to_thread(read)
        except OneMapError:
            return  # the page says by itself which service is away
        self.view.rooms = [
            {
                "id": one.consultation_id, "topic": one.topic, "by": one.presenter_name,
                "incident": str(one.incident_id), "inside": self._may_read(one),
            }
            for one in found
        ]  # fmt: skip

    async def join(self, message: Json) -> None:
        """Look at the incident of a room one goes into, where one may."""
        one = next((one for one in self.view.rooms if one["id"] == message.get("id")), None)
        if one is None or one["incident"] == self.page.state.incident_id:
            return
        if one["inside"]:
            await self.page.open_incident(UUID(one["incident"]))
        elif self.page.state.incident_id:
            # Zones of another incident under the presenter's view would be taken for those he speaks of.
            self._put_away = self.page.state.incident_id
            await self.page.open_nothing()

    async def left(self, _message: Json) -> None:
        """Look again at the incident that was put away for a room whose own one may not be seen."""
        before, self._put_away = self._put_away, ""
        if before and not self.page.state.incident_id:
            await self.page.open_incident(UUID(before))

    async def seats(self, _message: Json) -> None:
        """Suggest who belongs at the table."""
        known = self._situation
        if known is None or not known.division_code:
            return
        caller, language = self.page.person.caller(), self.page.language

        def read() -> list[Json]:
            with self.page.store.desk.database.transaction(caller) as connection:
                return [
                    {"seat_id": one.seat_id, "name": one.name, "level": one.level, "division_code": one.division_code}
                    for one in suggest(connection, known.division_code)
                ]

        found = await asyncio.to_thread(read)
        for level, code in (("city", f"{known.division_code[:4]}00"), ("province", f"{known.division_code[:2]}0000")):
            if not any(one["level"] == level for one in found):
                name = say(f"consult.unit.{level}", language)
                found.insert(0, {"seat_id": code, "name": name, "level": level, "division_code": code})
        self.view.seats = found

    def _may_read(self, one: lines.Shown) -> bool:
        caller = self.page.person.caller()
        return caller.division_from <= one.division_code[:6] < caller.division_to

    def _doing(self, right: Any, work: Callable[[Json, UUID], str]) -> Any:
        async def act(message: Json) -> None:
            answer: Json = {"kind": "said", "key": message.get("key"), "act": message.get("kind")}
            language = self.page.language
            try:
                self.page.person.require(right)
                answer["id"] = await asyncio.to_thread(work, message, UUID(str(message["key"])))
            except ConflictError as error:
                answer["fault"] = worded(error, language)
            except OneMapError as error:
                answer["fault"] = worded(error, language)
            except (ValidationError, KeyError, TypeError, ValueError):
                answer["fault"] = say("order.incomplete", language)
            self.view.tell(answer)
            if "fault" not in answer:
                await self.page.pull_scene()

        return act

    def _open(self, message: Json, key: UUID) -> str:
        body = shapes.RoomIn.model_validate(message["room"])
        name, _ = self._desk.open(self._incident, body.command(), self._caller, key=key)
        return str(name)

    def _call(self, message: Json, key: UUID) -> str:
        body = shapes.CallIn.model_validate({"seat_ids": tuple(message.get("seats") or ()), "way": message.get("way")})
        self._desk.call(self._incident, self._room(message), body.seat_ids, self._caller, way=body.way, key=key)
        return ""

    def _answer(self, message: Json, key: UUID) -> str:
        body = shapes.AnswerIn.model_validate({"seat_id": message["seat"], "answer": message.get("answer", "present")})
        self._desk.answer(self._incident, self._room(message), body.seat_id, body.answer, self._caller, key=key)
        return ""

    def _present(self, message: Json, key: UUID) -> str:
        body = shapes.PresenterIn.model_validate({"account": message["account"]})
        may_take = self.page.person.may("report")
        self._desk.present(self._incident, self._room(message), body.account, self._caller, may_take=may_take, key=key)
        return ""

    def _lock(self, message: Json, key: UUID) -> str:
        self._desk.freeze(self._incident, self._room(message), bool(message["frozen"]), self._caller, key=key)
        return ""

    def _item(self, message: Json, key: UUID) -> str:
        self._desk.move(self._incident, self._room(message), int(message["item"]), self._caller, key=key)
        return ""

    def _say(self, message: Json, key: UUID) -> str:
        body = shapes.WordsIn.model_validate(
            {name: message.get(name) for name in ("longitude", "latitude")}
            | {"text": str(message.get("text", "")), "view": str(message.get("view", ""))}
            | {"raised": bool(message.get("raised")), "moment": message.get("moment") or None}
        )
        self._desk.speak(self._incident, self._room(message), Words(**body.model_dump()), self._caller, key=key)
        return ""

    def _end(self, message: Json, key: UUID) -> str:
        body = shapes.EndIn.model_validate(
            {"text": str(message.get("text", "")), "next_meeting": str(message.get("next", ""))}
        )
        self._desk.conclude(
            self._incident, self._room(message), self._caller, text=body.text, next_meeting=body.next_meeting, key=key
        )
        return ""

    def _keep(self, message: Json, key: UUID) -> str:
        marks = self.page.store.desk.marks
        marks.keep(self._incident, str(message["id"]), self._caller, seen_seq=int(message["seen"]), key=key)
        return ""

    def _room(self, message: Json) -> str:
        if self._situation is None or not message.get("room"):
            raise MissingError("there is no consultation here")
        return str(message["room"])

    @property
    def _incident(self) -> UUID:
        return UUID(self.page.state.incident_id)

    @property
    def _caller(self) -> Any:
        return self.page.person.caller()

    @property
    def _desk(self) -> Any:
        return self.page.store.desk.consultations


def room_of(room: Room, situation: Situation) -> Json:
    """One consultation as the page draws it: seats, agenda, minutes newest last, marks shown and not kept."""
    taken = {one.seq for one in room.taken}
    minutes = [
        row_of(entry, ()) | {"at": entry.recorded_at.isoformat()} | _where(entry.payload)
        for entry in situation.entries[room.opened_seq - 1 :]
        if entry.seq in taken or (entry.kind in _SAID and entry.payload.get("consultation_id") == room.consultation_id)
    ]
    seats = {one.seat.seat_id: one.seat.name for one in room.seats}
    for row in minutes:
        row["who"] = seats.get(str(row.pop("seat", "")), "") or next(
            (one.seat.name for one in room.seats if one.account == row["actor"]), row["actor"]
        )
    return {
        "id": room.consultation_id, "name": room.name, "topic": room.topic, "agenda": list(room.agenda),
        "item": room.item, "presenter": room.presenter, "presenter_name": room.presenter_name,
        "frozen": room.frozen, "opened_by": room.opened_by, "opened_at": room.opened_at.isoformat(),
        "seats": [
            {
                "id": one.seat.seat_id, "name": one.seat.name, "level": one.seat.level, "state": one.state,
                "calls": one.calls, "called_at": _iso(one.called_at), "account": one.account, "person": one.person,
                "way": one.way, "since": _iso(one.since),
            }
            for one in room.seats
        ],
        "minutes": minutes[-MINUTES:],
        "shown": [
            {"id": one.mark_id, "seq": one.seq}
            for one in situation.marks
            if one.standing == "shown" and one.removed_seq is None
        ],
    }  # fmt: skip


def past_of(room: Room) -> Json:
    """One ended consultation, for the door."""
    return {"name": room.name, "topic": room.topic, "at": _iso(room.closed_at), "conclusion": room.conclusion}


_SAID = frozenset(
    {
        "consultation_spoken", "consultation_presented", "consultation_frozen", "consultation_moved",
        "consultation_opened", "consultation_concluded", "consultation_called",
    }
)  # fmt: skip
"""Kinds of the room itself that stand in its minutes; who came and went stands in the roll-call."""


def _where(payload: Json) -> Json:
    return {
        "longitude": payload.get("longitude"), "latitude": payload.get("latitude"), "view": payload.get("view") or "",
        "seat": payload.get("seat_id", ""),
    } if "text" in payload and "seat_id" in payload else {}  # fmt: skip


def _iso(when: datetime | None) -> str | None:
    return when.isoformat() if when else None
