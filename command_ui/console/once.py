"""What do many pages that look at the same thing compute only once?"""

import asyncio
from collections.abc import Callable, Hashable
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
    """

    def __init__(self, live: "Live") -> None:
        self._live = live
        self._answers: dict[Hashable, asyncio.Future[Any]] = {}
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
        if self._state != self._live.state or len(self._answers) > _KEPT:
            self._state, self._answers = self._live.state, {}
        answers = self._answers
        if key not in answers:
            answers[key] = asyncio.ensure_future(asyncio.to_thread(work))
        try:
            return cast(T, await asyncio.shield(answers[key]))
        except BaseException:
            answers.pop(key, None)
            raise


_ALL: "WeakKeyDictionary[Live, Once]" = WeakKeyDictionary()


def once_of(live: "Live") -> Once:
    """Give the answers shared by the pages that follow this listener."""
    return _ALL.setdefault(live, Once(live))
