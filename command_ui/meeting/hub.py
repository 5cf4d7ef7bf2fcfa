"""How does a view get from the presenter to everybody on the line, through several servers, and to nobody too much?"""

import asyncio
import contextlib
import json
import logging
import time
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy.exc import DBAPIError, IntegrityError
from starlette.concurrency import run_in_threadpool

from command_ui.access.roles import SignedIn
from command_ui.meeting.scope import Scope, ScopeKey, scope_key, scope_of
from gis.database import Caller, Database
from gis.errors import MissingError, UnavailableError
from gis.provenance import Mode
from scenarios.consultation import lines
from scenarios.consultation.lines import OnLine, Shown

Json = dict[str, Any]

BEAT_S = 5.0
PEOPLE_AT_MOST_EVERY_S = 0.25
"""A hundred people who come at once are told of together."""
_AWAY = (psycopg.Error, DBAPIError, UnavailableError, OSError)
_log = logging.getLogger("onemap.meeting")


@dataclass(eq=False, slots=True)
class Line:
    """One page on the line: it gets the newest of each kind of message, never a queue of old ones."""

    line: UUID
    person: SignedIn
    unit: str
    level: str
    following: bool = True
    delay_ms: int | None = None
    given: str = ""
    waiting: dict[str, str] = field(default_factory=dict)
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, kind: str, text: str) -> None:
        """Leave a message; one of the same kind that was not sent yet is forgotten."""
        self.waiting[kind] = text
        self.wake.set()

    async def take(self) -> list[str]:
        """Wait for messages, and give them."""
        await self.wake.wait()
        self.wake.clear()
        taken, self.waiting = self.waiting, {}
        return list(taken.values())


@dataclass(eq=False, slots=True)
class RoomHere:
    """One room with the lines this server holds."""

    shown: Shown
    lines: set[Line] = field(default_factory=set)
    scopes: dict[ScopeKey, Scope] = field(default_factory=dict)
    rendered: dict[ScopeKey, str] = field(default_factory=dict)
    people: str = ""
    fresh: asyncio.Event = field(default_factory=asyncio.Event)
    people_asked: bool = False
    ended: bool = False
    task: asyncio.Task[None] | None = None


class Hub:
    """
    The lines of all consultations of one server; everything of it runs on the server's event loop.

    A view goes to the database once and comes back to every server as a notice; each cuts it once a scope and hands
    the same text to every line of that scope. A slow line gets fewer views, not older ones.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rooms: dict[str, RoomHere] = {}
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to listen and to say that lines are up."""
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._beat())]

    async def stop(self) -> None:
        """End."""
        ending = [*self._tasks, *(room.task for room in self._rooms.values() if room.task)]
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)

    async def enter(self, shown: Shown, line: Line) -> None:
        """
        Take a line in: it gets the people and the last view at once, so whoever comes late sees what all see.

        Raises
        ------
        MissingError
            The room ended meanwhile.
        """
        try:
            await run_in_threadpool(self._come, shown.consultation_id, line)
        except IntegrityError as error:
            raise MissingError(f"consultation {shown.consultation_id} has ended") from error
        room = self._rooms.get(shown.consultation_id)
        if room is None:
            room = self._rooms[shown.consultation_id] = RoomHere(shown)
            room.task = asyncio.create_task(self._serve(room))
        elif room.shown.rev <= shown.rev:
            room.shown = shown
        room.lines.add(line)
        await self._render(room, line)
        if room.people:
            line.put("people", room.people)
        room.people_asked = True  # what was shown between the look and now is read with the people
        room.fresh.set()

    async def leave(self, consultation_id: str, line: Line) -> None:
        """Let a line go."""
        room = self._rooms.get(consultation_id)
        if room is None:
            return
        room.lines.discard(line)
        if not room.lines:
            self._rooms.pop(consultation_id, None)
            if room.task is not None:
                room.task.cancel()
        with contextlib.suppress(*_AWAY):
            await run_in_threadpool(self._go, consultation_id, line)

    async def turned(self, consultation_id: str, line: Line) -> None:
        """Say that a line follows now, or no longer does."""
        with contextlib.suppress(*_AWAY):
            await run_in_threadpool(self._come, consultation_id, line)

    async def show(self, consultation_id: str, person: SignedIn, view: Json) -> bool:
        """Show a view; false where the person does not present."""

        def write() -> int | None:
            with self._database.transaction(person.caller()) as connection:
                return lines.show(connection, consultation_id, view)

        return await run_in_threadpool(write) is not None

    def is_over(self, consultation_id: str) -> bool:
        """Whether the room has ended, as far as this server knows."""
        room = self._rooms.get(consultation_id)
        return room is None or room.ended

    @property
    def on_line(self) -> int:
        """How many lines this server holds."""
        return sum(len(room.lines) for room in self._rooms.values())

    # -- what comes from the database ------------------------------------------------------------------------------

    async def _listen(self) -> None:
        pause_s = 0.5
        while True:
            try:
                connection = await psycopg.AsyncConnection.connect(
                    self._database.conninfo, autocommit=True, connect_timeout=5
                )
                async with connection:
                    await connection.execute(psycopg.sql.SQL("LISTEN {}").format(psycopg.sql.Identifier(lines.CHANNEL)))
                    for room in self._rooms.values():  # what was missed while nobody listened
                        room.people_asked = True
                        room.fresh.set()
                    pause_s = 0.5
                    async for notice in connection.notifies():
                        self._heard(notice.payload)
            except _AWAY as error:
                _log.warning("consultations cannot be followed, again in %.1f s: %s", pause_s, type(error).__name__)
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, BEAT_S)

    def _heard(self, payload: str) -> None:
        said = json.loads(payload)
        room = self._rooms.get(said["id"])
        if room is None:
            return
        if "view" in said:
            room.shown = replace(room.shown, view=said["view"], rev=int(said["rev"]))
            room.rendered.clear()
        else:
            room.people_asked = True
        room.fresh.set()

    async def _serve(self, room: RoomHere) -> None:
        """Hand out what is new in one room; what comes in meanwhile is handed out together."""
        told_at = 0.0
        while True:
            await room.fresh.wait()
            room.fresh.clear()
            try:
                if room.people_asked and time.monotonic() - told_at > PEOPLE_AT_MOST_EVERY_S:
                    told_at, room.people_asked = time.monotonic(), False
                    await self._tell_people(room)
                elif room.people_asked:
                    asyncio.get_running_loop().call_later(PEOPLE_AT_MOST_EVERY_S, room.fresh.set)
                for line in list(room.lines):
                    if line.person.name != room.shown.presenter:
                        await self._render(room, line)
            except _AWAY as error:
                _log.warning("a consultation could not be told of: %s", type(error).__name__)
                room.people_asked = True

    async def _render(self, room: RoomHere, line: Line) -> None:
        """Cut the view for the scope of a line, once, and hand it out if the line has not got it yet."""
        key = scope_key(line.person)
        if room.shown.view is None:
            return
        text = room.rendered.get(key)
        if text is None:
            shown = room.shown
            scope = room.scopes.setdefault(key, scope_of(self._database, line.person))
            view, hidden = await run_in_threadpool(scope.cut, shown.view or {})
            text = json.dumps({"kind": "view", "rev": shown.rev, "view": view, "hidden": hidden}, ensure_ascii=False)
            if room.shown is shown:
                room.rendered[key] = text
        if line.given is not text:
            line.given = text
            line.put("view", text)

    async def _tell_people(self, room: RoomHere) -> None:
        found = await run_in_threadpool(self._read, room.shown)
        if found is None:
            room.ended = True
            for line in room.lines:
                line.put("people", json.dumps({"kind": "ended"}))
            return
        shown, present = found
        if shown.rev < room.shown.rev and shown.presenter == room.shown.presenter:
            shown = replace(shown, view=room.shown.view, rev=room.shown.rev)  # read before the view that came since
        if shown.rev != room.shown.rev:
            room.rendered.clear()
        room.shown = shown
        room.people = json.dumps(people_of(shown, present), ensure_ascii=False)
        for line in room.lines:
            line.put("people", room.people)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            held = [(room.shown.mode, line) for room in self._rooms.values() for line in room.lines]
            for mode in {mode for mode, _ in held}:
                delays = {line.line: line.delay_ms for own, line in held if own == mode}
                with contextlib.suppress(*_AWAY):
                    await run_in_threadpool(self._say_alive, mode, delays)
            for room in self._rooms.values():  # somebody's server may have gone without a word
                room.people_asked = True
                room.fresh.set()

    # -- blocking, in a thread -------------------------------------------------------------------------------------

    def _come(self, consultation_id: str, line: Line) -> None:
        with self._database.transaction(line.person.caller()) as connection:
            lines.come(
                connection, consultation_id, line.line, name=line.person.display_name, unit=line.unit,
                level=line.level, following=line.following,
            )  # fmt: skip

    def _go(self, consultation_id: str, line: Line) -> None:
        with self._database.transaction(line.person.caller()) as connection:
            lines.go(connection, consultation_id, line.line)

    def _read(self, shown: Shown) -> tuple[Shown, list[OnLine]] | None:
        with self._database.transaction(program(shown.mode)) as connection:
            now = lines.shown(connection, shown.consultation_id)
            return None if now is None else (now, lines.on_line(connection, shown.consultation_id))

    def _say_alive(self, mode: Mode, delays: dict[UUID, int | None]) -> None:
        with self._database.transaction(program(mode)) as connection:
            lines.beat(connection, delays)


def program(mode: Mode) -> Caller:
    """Give the program itself, in one world."""
    return replace(Caller.system(), mode=mode)


def people_of(shown: Shown, present: list[OnLine]) -> Json:
    """Message that says who is on the line, whether the presenter is, and who that is."""
    return {
        "kind": "people",
        "topic": shown.topic,
        "presenter": shown.presenter,
        "presenter_name": shown.presenter_name,
        "rev": shown.rev,
        "presenter_on": any(one.account == shown.presenter for one in present),
        "people": [
            {
                "account": one.account, "name": one.name, "unit": one.unit, "level": one.level,
                "following": one.following, "delay_ms": one.delay_ms, "since": one.since.isoformat(),
            }
            for one in present
        ],
    }  # fmt: skip
