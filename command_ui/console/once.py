"""What do many pages that look at the same thing compute only once?"""

import asyncio
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from command_ui.live import Live

_KEPT = 64


class Once:
    """
    Answers of blocking work, shared by all pages until the record moves again. For one event loop.

    Three hundred officers look at one incident: without this each new entry is drawn three hundred times over.

    Parameters
    ----------
    moves
        Gives a number that changes with whatever the answers hang on; None = the record of any incident.
    """

    def __init__(self, live: "Live", moves: Callable[[], int] | None = None) -> None:
        self._live = live
        self._moves = moves or (lambda: live.state)
        self._turn = asyncio.Lock()
        self._answers: dict[Hashable, asyncio.Future[Any]] = {}
        self._working: set[asyncio.Future[Any]] = set()
        self._state = -1

    def seq(self, incident_id: UUID) -> int:
        """Give the number of the newest entry the listener knows of."""
        return self._live.revision(incident_id)

    async def ask[T](self, key: Hashable, work: Callable[[], T]) -> T:
        """
        Give what `work` returns, in a thread, once for all who ask with the same key while nothing moves.

        The key must hold everything the answer hangs on: who may see what, language, incident. A failure is everybody's
        who waited for it and is not kept.
        """
        moves = self._moves()
        if self._state != moves or len(self._answers) > _KEPT:
            self._state, self._answers = moves, {}
        answers = self._answers
        if key not in answers:
            answers[key] = self._begin(work)
        try:
            return cast(T, await asyncio.shield(answers[key]))
        except BaseException:
            answers.pop(key, None)
            raise

    def _begin(self, work: Callable[[], Any]) -> "asyncio.Future[Any]":
        # A task remembers the context of who began it, and with it a whole page: only the bare answer is kept.
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        working = asyncio.ensure_future(asyncio.to_thread(work))
        self._working.add(working)

        def hand_over(done: asyncio.Future[Any]) -> None:
            self._working.discard(done)
            if done.cancelled():
                answer.cancel()
            elif (fault := done.exception()) is not None:
                answer.set_exception(fault)
            else:
                answer.set_result(done.result())

        working.add_done_callback(hand_over)
        return answer

    @asynccontextmanager
    async def in_turn(self) -> AsyncIterator[None]:
        """
        Wait for one's turn to draw what everybody got at the same instant.

        Between two pages the loop does what else there is: a tile must not wait for three hundred pages.
        """
        async with self._turn:
            yield
            await asyncio.sleep(0)


_ALL: "WeakKeyDictionary[Live, Once]" = WeakKeyDictionary()
_OF_ALARMS: "WeakKeyDictionary[Live, Once]" = WeakKeyDictionary()


def once_of(live: "Live") -> Once:
    """Give the answers shared by the pages that follow this listener."""
    return _ALL.setdefault(live, Once(live))


def once_of_alarms(live: "Live") -> Once:
    """Give the answers about alarms, shared until alarms change or half a minute has gone."""
    return _OF_ALARMS.setdefault(live, Once(live, lambda: live.alarm_state))
