"""How does a page hear that something moved, whatever its document is doing at that very moment?"""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from panel.io.state import set_curdoc

if TYPE_CHECKING:
    from bokeh.document import Document

    from command_ui.console.shell import ShellPage
    from command_ui.live import Live, Moved
    from gis.database import Caller

BORN_WITHIN_S = 120.0
"""A page that has no session after this long never gets one."""
_LOOK_AGAIN_S = 0.1

_log = logging.getLogger("onemap.hearing")


class Ear[Word]:
    """
    Words the listener's thread leaves for one page, and the turns the page takes to act on them, one after another.

    What is said before a turn, or while the page acts, is taken together at the next one: a burst costs one redraw.

    Bokeh's own next-tick callbacks are not used for this. A document whose changes are held back holds back the news of
    a new callback too, and forgets it when another thread adds it at the instant the held changes are let go; a page
    that waited for that callback heard nothing any more.

    Parameters
    ----------
    loop
        Event loop of the server, on which the page acts.
    act
        What the page does about the words; a failure is logged and never costs the next turn.
    """

    def __init__(
        self,
        document: "Document",
        loop: asyncio.AbstractEventLoop,
        act: Callable[[frozenset[Word]], Awaitable[None]],
    ) -> None:
        self._document = document
        self._loop = loop
        self._act = act
        self._waiting = set[Word]()
        self._lock = threading.Lock()
        self._turns: asyncio.Task[None] | None = None
        self._closed = False
        self._made_at = loop.time()

    def leave(self, word: Word) -> None:
        """Leave a word, from any thread. RuntimeError where the server is closing."""
        with self._lock:
            self._waiting.add(word)
        self._loop.call_soon_threadsafe(self._wake)

    def close(self) -> None:
        """Hear nothing more: the page is gone."""
        self._closed = True

    def _wake(self) -> None:
        if self._closed or not self._waiting or (self._turns is not None and not self._turns.done()):
            return
        if not self._is_born():
            return
        self._turns = self._loop.create_task(self._take_turns())
        self._turns.add_done_callback(self._ended)

    def _is_born(self) -> bool:
        """Whether the page is built; until then another thread makes its models, and words wait."""
        context: Any = self._document.session_context
        if context is not None and context.session is not None:
            return True
        if self._loop.time() - self._made_at < BORN_WITHIN_S:
            self._loop.call_later(_LOOK_AGAIN_S, self._wake)
        return False

    async def _take_turns(self) -> None:
        with set_curdoc(self._document):
            while words := self._taken():
                await self._act(words)

    def _taken(self) -> frozenset[Word]:
        with self._lock:
            taken = frozenset(self._waiting)
            self._waiting.clear()
        return frozenset() if self._closed else taken

    def _ended(self, turns: asyncio.Task[None]) -> None:
        if not turns.cancelled() and turns.exception() is not None and not self._closed:
            _log.error("a page could not be drawn again", exc_info=turns.exception())
        self._wake()  # what was said while it failed


def attach(live: "Live", document: "Document", caller: "Caller", page: "ShellPage") -> None:
    """Let a page hear of incidents and alarms of its divisions and mode until it is gone."""
    loop = loop_of(document)
    moves = Ear[UUID](document, loop, page.moved)
    alarms = Ear[str](document, loop, lambda _words: page.alarms_moved())

    def moved(what: "Moved") -> None:
        moves.leave(what.incident_id)

    # A page hears that an exercise moved, so that a player's clock stands when the cell stops it; what it then reads it
    # reads with its own rights, and no number goes to the browser.
    ends = [
        live.subscribe(replace(caller, sees_sealed=True), moved),
        live.subscribe_alarms(caller, lambda: alarms.leave("alarms")),
    ]
    ends += [moves.close, alarms.close]

    def end(_context: Any) -> None:
        for one in ends:
            one()

    document.on_session_destroyed(end)


def loop_of(document: "Document") -> asyncio.AbstractEventLoop:
    """Event loop of the server of a page; a page may be built in a thread, where none runs."""
    context: Any = document.session_context
    loop = context.server_context.application_context.io_loop
    found: asyncio.AbstractEventLoop = getattr(loop, "asyncio_loop", loop)
    return found
