"""On which thread does a page hear what its browser says? On that of the event loop, where it draws."""

from collections.abc import Callable
from typing import Any

from bokeh.server import session


async def _at_once(work: Callable[..., Any], *args: Any, **options: Any) -> Any:
    return work(*args, **options)


def hear_on_the_loop() -> None:
    """
    Let sessions of Bokeh (3.10) apply what browsers send, and run locked callbacks, on the event loop.

    Bokeh hands both to a pool of threads. Panel (1.10) holds the changes of a document there too, and a page that
    begins to draw on the loop at that moment puts the hold it found back when it is done, after the other thread has
    ended it: nobody ends it any more, the page draws into a list, and its browser hears nothing until it is opened
    anew (five of 300 pages opened on a busy machine). Messages of a browser are small and their handlers here are
    coroutines, so nothing waits for them on the loop. Documents are still written as text in threads. Calling this
    twice does no harm.
    """
    vars(session)["_run_in_executor"] = _at_once
