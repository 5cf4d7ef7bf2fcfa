"""What do all pages that look at one incident with the same rights get? Computed once, written once, sent to each."""

import asyncio
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from command_ui.console.record_rows import Rows
from command_ui.console.sight import Sight, sight_of
from command_ui.console.store import Store
from command_ui.console.written import scene_parts, written
from command_ui.words import Language
from gis.errors import OneMapError

if TYPE_CHECKING:
    from collections.abc import Callable

    from command_ui.access.roles import SignedIn
    from command_ui.bootstrap import House
    from command_ui.live import Live
    from scenarios.desk import Desk

Json = dict[str, Any]
GAP_S = 0.2
"""Pages are told at most this often; what is recorded in between is told together."""
AT_ONCE = 16
"""Lines told in one turn of the event loop: whoever asks for a tile meanwhile waits for these and not for all."""
AGAIN_S = 1.0
_AWAY = (OneMapError, DBAPIError)
_log = logging.getLogger("onemap.together")


@dataclass(frozen=True, slots=True)
class Told:
    """
    One state of the incident, ready to send.

    Attributes
    ----------
    number
        Counts the states of one group; a page that has number - 1 needs only `step`.
    rev
        Entries of the record.
    texts
        Value -> its JSON text.
    scene
        Part of what an entry may change of the scene -> its JSON text; a step carries the parts that changed.
    """

    number: int
    rev: int
    struck: int
    texts: dict[str, str]
    scene: dict[str, str]
    whole: str
    step: str


class Teller:
    """Reads and writes the state for one sight. Blocking, one call at a time."""

    def __init__(self, house: "House", desk: "Desk", person: "SignedIn", language: Language, incident_id: UUID) -> None:
        self._store = Store(house, desk, person)
        self._language: Language = language
        self._incident_id = incident_id
        self._rows = Rows()

    def tell(self, before: Told | None) -> Told:
        """
        Give the state as it is now; the very `before` where nothing a page draws has changed.

        Raises
        ------
        MissingError
            No such incident for this person.
        """
        found = self._store.incidents()
        look = self._store.look(self._incident_id, None)
        own = next((one for one in found if one.incident_id == self._incident_id), None)
        self._rows.follow(look["whole"])
        summary = self._rows.summary()
        values = {
            "incidents": self._store.cards(found, self._language, str(self._incident_id)),
            "notices": look["notices"],
            "expected": look["expected"],
            "started_at": own.known_at.isoformat() if own and own.known_at and own.status == "open" else "",
            "drawn": look["written"]["drawn"],
        }
        texts = {name: written(value) for name, value in values.items()}
        scene = {} if look["scene"] is None else scene_parts(look["scene"], look["written"]["drawn"])
        total, struck = int(summary["total"]), int(summary["struck"])
        changed = {name: text for name, text in texts.items() if before is None or before.texts.get(name) != text}
        whole = {**texts, "scene": written(look["written"]["scene"])}
        if before is None or before.scene.keys() != scene.keys():
            changed["scene"] = whole["scene"]
        elif before.scene != scene:
            changed["part"] = _object({name: text for name, text in scene.items() if before.scene[name] != text})
        if before is not None and not changed and (before.rev, before.struck) == (total, struck):
            return before
        list_, line = self._rows.newest(), self._rows.dots(None, None, "all")
        record = written({"list": written(summary | {"newest": list_}), "line": written(summary | {"dots": line})})
        number = before.number + 1 if before else 0
        step = record
        if before is not None and before.struck == struck and before.rev <= total:
            step = written({"after": before.rev, **summary, **self._rows.since(before.rev)})
        return Told(
            number, total, struck, texts, scene, self._message("whole", total, whole, record),
            self._message("step", total, changed, step),
        )  # fmt: skip

    def _message(self, kind: str, rev: int, texts: dict[str, str], record: str) -> str:
        head = {"kind": f'"{kind}"', "incident": f'"{self._incident_id}"', "rev": str(rev)}
        return _object({**head, "values": _object(texts), "record": record})


@dataclass(eq=False, slots=True)
class Line:
    """One page on the line: told the newest state once it asked, and never a queue of old ones."""

    wake: asyncio.Event = field(default_factory=asyncio.Event)
    has: int | None = None
    """Number of the state it was told last; -1 where it wants the whole, None before it said a word."""

    def ask(self) -> None:
        """The page is ready, or lost the thread."""
        self.has = -1
        self.wake.set()


class Group:
    """Pages of one sight on one incident, of one process; everything but the teller runs on the event loop."""

    def __init__(self, teller: Teller) -> None:
        self._teller = teller
        self.told: Told | None = None
        self.lines = set[Line]()
        self.fresh = asyncio.Event()
        self.task: asyncio.Task[None] | None = None
        self.has_ended = False

    def ended(self, task: asyncio.Task[None]) -> None:
        """Let every line go, by whatever it ended: pages then pull by themselves and come back to a new group."""
        self.has_ended = True
        if not task.cancelled() and task.exception() is not None:
            _log.error("an incident is no longer told of", exc_info=task.exception())
        for line in self.lines:
            line.wake.set()

    def message(self, line: Line) -> str:
        """Give what a line has to be told now; empty where it knows all."""
        told = self.told
        if told is None or line.has is None or line.has == told.number:
            return ""
        text = told.step if 0 <= line.has == told.number - 1 else told.whole
        line.has = told.number
        return text

    async def serve(self) -> None:
        """Tell every line each new state, as often as the machine can bear and no oftener than anybody sees."""
        loop = asyncio.get_running_loop()
        while True:
            await self.fresh.wait()
            self.fresh.clear()
            began = loop.time()
            try:
                told = await asyncio.to_thread(self._teller.tell, self.told)
            except _AWAY as error:
                _log.warning("an incident could not be told of, again in %.0f s: %s", AGAIN_S, type(error).__name__)
                self.fresh.set()
                await asyncio.sleep(AGAIN_S)
                continue
            if told is not self.told:
                self.told = told
                for number, line in enumerate(list(self.lines), 1):
                    line.wake.set()
                    if number % AT_ONCE == 0:
                        await asyncio.sleep(0)
            took = loop.time() - began
            await asyncio.sleep(max(GAP_S - took, took))


class Together:
    """All groups of one process."""

    def __init__(self, house: "House", desk: "Desk", live: "Live") -> None:
        self._house = house
        self._desk = desk
        self._live = live
        self._groups: dict[Sight, tuple[Group, Callable[[], None]]] = {}

    def enter(self, person: "SignedIn", language: Language, incident_id: UUID, line: Line) -> Group:
        """Take a line in; it is told the whole once it asks and that is known."""
        sight = sight_of(person, language, incident_id)
        if sight in self._groups and self._groups[sight][0].has_ended:
            self._groups.pop(sight)[1]()
        if sight not in self._groups:
            group = Group(Teller(self._house, self._desk, person, language, incident_id))
            loop = asyncio.get_running_loop()
            leave = self._live.subscribe(person.caller(), lambda _moved: _ring(loop, group))
            group.task = loop.create_task(group.serve())
            group.task.add_done_callback(group.ended)
            self._groups[sight] = (group, leave)
        group = self._groups[sight][0]
        group.lines.add(line)
        # Also where a state is known: it may be as old as the last word of the listener.
        group.fresh.set()
        return group

    def leave(self, group: Group, line: Line) -> None:
        """Let a line go; the last one ends its group."""
        group.lines.discard(line)
        if group.lines:
            return
        for sight, (own, leave) in list(self._groups.items()):
            if own is group:
                del self._groups[sight]
                leave()
        if group.task is not None:
            group.task.cancel()

    @property
    def on_line(self) -> int:
        """How many pages are on the line here."""
        return sum(len(group.lines) for group, _ in self._groups.values())


def _object(texts: dict[str, str]) -> str:
    return "{" + ",".join(f'"{name}":{text}' for name, text in texts.items()) + "}"


def _ring(loop: asyncio.AbstractEventLoop, group: Group) -> None:
    loop.call_soon_threadsafe(group.fresh.set)
