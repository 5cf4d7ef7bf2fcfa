"""How does the house answer on its port, and how does it close without losing anything?"""

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any

from command_ui.bootstrap import House
from command_ui.settings import Settings
from gis.errors import UnavailableError

if TYPE_CHECKING:
    from command_ui.worker import Worker

GRACE_S = 3
"""How long open websockets may keep the server from stopping."""
IDLE_S = 75
"""
How long a connection nobody uses stays open: longer than browsers and a proxy in front (nginx: 60 s) keep theirs, so
that the one who might still write is the one who closes. Closed from here at the same second, a request already on its
way would get no answer.
"""
SWITCH_S = 0.001
"""
How long a thread that reckons may keep the interpreter from the event loop, instead of Python's 5 ms: at every lock,
every packed message and every random number the loop gives its turn away.
"""
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequestedError(BaseException):
    """A signal to stop came while something other than the server was running."""


@contextmanager
def stoppable() -> Iterator[None]:
    """
    Turn signals to stop into an exception, so that every ``finally`` runs; further ones wait for it to finish.

    Only in the main thread; elsewhere nothing is changed.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, _frame: FrameType | None) -> None:
        for ignored in STOPPING:
            signal.signal(ignored, signal.SIG_IGN)
        raise StopRequestedError(signal.Signals(number).name)

    before = {number: signal.signal(number, stop) for number in STOPPING}
    try:
        yield
    except StopRequestedError:
        pass
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def take_port(settings: Settings) -> socket.socket:
    """
    Bind the port before the long work begins; it is not answered before `serve`.

    Raises
    ------
    UnavailableError
        Something else has it.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((settings.host, settings.port))
    except OSError as error:
        taken.close()
        raise UnavailableError(
            f"cannot listen on {settings.host}:{settings.port} ({os.strerror(error.errno or 0)}): "
            "is it running already? Set ONEMAP_PORT to another port"
        ) from error
    return taken


def serve(house: House, *ports: socket.socket, ready: Callable[[], None], worker: "Worker | None" = None) -> None:
    """
    Answer on `ports` until SIGINT or SIGTERM; `ready` is called once the first request can be answered.

    Parameters
    ----------
    worker
        Which one of several processes this is; None = the only one.

    Returns after the last connection is closed, at most `GRACE_S` seconds after the signal.
    """
    import uvicorn

    from command_ui.server.app import create_app
    from command_ui.server.one_packing import Lines

    class Announcing(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                ready()
                threading.Thread(target=_warm, args=(app,), name="onemap-warm", daemon=True).start()

    sys.setswitchinterval(SWITCH_S)
    app = create_app(house, worker=worker)
    configuration = uvicorn.Config(
        app,
        log_level=house.settings.log_level,
        access_log=house.settings.log_level in ("debug", "info"),
        timeout_graceful_shutdown=GRACE_S,
        timeout_keep_alive=IDLE_S,
        ws=Lines,
        server_header=False,
        proxy_headers=False,  # our own outermost layer reads them, once it has seen the address of the socket
    )
    Announcing(configuration).run(sockets=list(ports))


def _warm(app: Any) -> None:
    """Compile what an assessment needs, then draw the first tiles, beside the first page and not in front of it."""
    from command_ui.collecting import Collecting
    from command_ui.console import app as _page  # noqa: F401 - with the stock widgets, as below
    from command_ui.console.pages import PAGES
    from scenarios.warming import warm

    for page in PAGES:
        page.opened_by()  # imported here and not while the first person waits for that page
    warm()
    # Panel has everything looked through after each page that closes as well: what is out of sight costs nothing then.
    Collecting(lambda: app.state.live.gone).start()
    app.state.tiles_ahead.start()
