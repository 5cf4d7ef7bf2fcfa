"""How does a page get on the line of a consultation, show its view there, and get off again?"""

import asyncio
import contextlib
import json
import logging
import time
from typing import Any
from uuid import UUID, uuid4

from fastapi import APIRouter
from sqlalchemy.exc import DBAPIError
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocket, WebSocketDisconnect

from command_ui.access.roles import SignedIn, signed_in
from command_ui.meeting.hub import Hub, Line, program
from command_ui.meeting.resting import Resting
from command_ui.meeting.view import FromPage, read
from gis.errors import ConflictError, InputError, MissingError, OneMapError, UnavailableError
from scenarios.consultation import lines
from scenarios.consultation.desk import level_of, seat_for
from scenarios.consultation.lines import Shown
from scenarios.desk import Desk

Json = dict[str, Any]

PATH = "/consultations/{consultation_id}/line"
SHOWN_EVERY_S = 0.08
"""A view is shown at most so often; the latest of those in between is."""
DONE, BROKEN, NO_SUCH_ROOM, TOO_MUCH = 1000, 1011, 4404, 1009
"""How a line is closed; a page comes back after everything but the end of the room."""
MESSAGES_A_SECOND = 60
_GONE = (WebSocketDisconnect, RuntimeError, OSError)
_log = logging.getLogger("onemap.meeting")


def router(hub: Hub, desk: Desk) -> APIRouter:
    """Build the route of the line."""
    routes = APIRouter()

    @routes.websocket(PATH)
    async def line(socket: WebSocket, consultation_id: str) -> None:
        person = signed_in()
        await socket.accept()
        try:
            # A page that lost its line comes back under the same id: nobody sees it twice.
            line_id = UUID(socket.query_params["line"]) if "line" in socket.query_params else uuid4()
            shown, unit, level = await run_in_threadpool(enter, desk, consultation_id, person)
            own = Line(line_id, person, unit, level, following=socket.query_params.get("follow") != "no")
            await hub.enter(shown, own)
        except (OneMapError, DBAPIError, ValueError) as error:
            gone = isinstance(error, MissingError | ConflictError | ValueError)
            await socket.close(NO_SUCH_ROOM if gone else 1013)
            return
        talk = _Talk(hub, desk, shown, own, socket)
        jobs = [asyncio.create_task(one()) for one in (talk.hear, talk.tell, talk.show, talk.keep)]
        try:
            await asyncio.wait(jobs, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for job in jobs:
                job.cancel()
            for outcome in await asyncio.gather(*jobs, return_exceptions=True):
                if isinstance(outcome, Exception) and not isinstance(outcome, _GONE):
                    _log.error("a line of a consultation broke", exc_info=outcome)
            await hub.leave(consultation_id, own)
            with contextlib.suppress(*_GONE):
                await socket.close(talk.closed_with)

    return routes


def enter(desk: Desk, consultation_id: str, person: SignedIn) -> tuple[Shown, str, str]:
    """
    Let a person into a room: on the seat kept for him, which the record then holds; gives room, unit and level.

    Whoever may not read the incident is written down by the program, and reads no more of it than before.

    Raises
    ------
    MissingError
        No such room, or not his to enter.
    """
    caller = person.caller()
    with desk.database.transaction(caller) as connection:
        shown = lines.shown(connection, consultation_id)
    if shown is None:
        raise MissingError(f"there is no consultation {consultation_id}")
    program_itself = program(caller.mode)
    room = desk.consultations.room(shown.incident_id, consultation_id, program_itself)
    level = level_of(caller)
    seat = room.seat_of(person.name)
    if seat is None:
        inside = caller.division_from <= shown.division_code[:6] < caller.division_to
        desk.consultations.join(
            shown.incident_id, consultation_id, caller, person=person.display_name, level=level,
            unit=person.display_name, written_by=caller if inside else program_itself,
        )  # fmt: skip
        kept = room.seated(seat_for(room, caller, level))
        return shown, kept.seat.name if kept else person.display_name, kept.seat.level if kept else level
    return shown, seat.seat.name, seat.seat.level


class _Talk:
    """Both directions of one line."""

    def __init__(self, hub: Hub, desk: Desk, shown: Shown, line: Line, socket: WebSocket) -> None:
        self.hub = hub
        self.desk = desk
        self.room = shown
        self.line = line
        self.socket = socket
        self.closed_with = BROKEN
        self._view: Json | None = None
        self._fresh = asyncio.Event()
        self._second, self._heard = 0, 0
        self._resting = Resting()
        self._rests = asyncio.Event()

    async def hear(self) -> None:
        """Take what the page says until it leaves or talks too much."""
        while True:
            text = await self.socket.receive_text()
            now = int(time.monotonic())
            self._second, self._heard = now, self._heard + 1 if now == self._second else 1
            if self._heard > MESSAGES_A_SECOND:
                self.closed_with = TOO_MUCH
                return
            try:
                said = read(text)
            except InputError as error:
                self._answer(kind="fault", text=str(error)[:400])
                continue
            if said.say == "leave":
                await run_in_threadpool(self._leave)
                self.closed_with = DONE
                return
            await self._take(said)

    async def _take(self, said: FromPage) -> None:
        line = self.line
        match said.say:
            case "view" if said.view is not None:
                self._view = said.view.model_dump(mode="json")
                self._fresh.set()
            case "pointer" if self._view is not None:
                self._view |= {"pointer": list(said.pointer) if said.pointer else None, "sent_ms": said.sent_ms}
                self._fresh.set()
            case "follow" if line.following != said.on:
                line.following = said.on
                await self.hub.turned(self.room.consultation_id, line)
            case "ping":
                line.delay_ms = said.delay_ms if said.delay_ms is not None else line.delay_ms
                self._answer(kind="pong", sent_ms=said.sent_ms)
            case _:
                pass

    async def tell(self) -> None:
        """Hand out what waits for the page."""
        while True:
            for text in await self.line.take():
                await self.socket.send_text(text)
            if self.hub.is_over(self.room.consultation_id):
                self.closed_with = DONE
                return

    async def show(self) -> None:
        """Show the newest view, and not more often than anybody sees."""
        while True:
            await self._fresh.wait()
            self._fresh.clear()
            view = self._view
            if view is None:
                continue
            try:
                if await self.hub.show(self.room.consultation_id, self.line.person, view):
                    self._resting.seen(view, time.monotonic())
                    self._rests.set()
                else:
                    self._answer(kind="refused")
            except (UnavailableError, DBAPIError):
                self._fresh.set()  # the view waits until the database is back
            await asyncio.sleep(SHOWN_EVERY_S)

    async def keep(self) -> None:
        """Have the record keep each view the presenter rests on; the database being away costs that view alone."""
        while True:
            wait_s = self._resting.wait_s(time.monotonic())
            if wait_s is None:
                self._rests.clear()
                await self._rests.wait()
                continue
            await asyncio.sleep(wait_s)
            view = self._resting.take(time.monotonic())
            if view is not None:
                with contextlib.suppress(OneMapError, DBAPIError):
                    await run_in_threadpool(
                        self.desk.consultations.shown,
                        self.room.incident_id, self.room.consultation_id, view, self.line.person.caller(),
                    )  # fmt: skip

    def _answer(self, **said: Any) -> None:
        self.line.put(str(said["kind"]), json.dumps(said, ensure_ascii=False))

    def _leave(self) -> None:
        caller = self.line.person.caller()
        with contextlib.suppress(OneMapError):
            self.desk.consultations.leave(self.room.incident_id, self.room.consultation_id, caller)
