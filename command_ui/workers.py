"""How do several processes answer on one port, and what happens when one of them dies?"""

import os
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

from command_ui.settings import Settings
from command_ui.worker import run_folder
from gis.errors import UnavailableError

MOST = 16
LOOK_EVERY_S = 0.2
DEATHS_AT_ONCE = 5
WITHIN_S = 30.0
"""More deaths than this in so short a time, with nobody answering between them, are no accident: the house stops."""
LEAVING_S = 20.0
"""How long a process may take to end once it was asked to."""


class Crew:
    """
    The worker processes of one port, each started again when it dies.

    Parameters
    ----------
    command
        What a worker is started with; its number and the numbers of two pipes are put behind it. A worker writes one
        byte into the first once it answers, and ends when the second is closed, which happens when we die.
    """

    def __init__(self, command: Sequence[str], count: int, port: socket.socket, tell: Callable[[str], None]) -> None:
        self._command = list(command)
        self._port = port
        self._tell = tell
        self._ready, self._announce = os.pipe()
        self._life, self._hold = os.pipe()
        os.set_blocking(self._ready, False)
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        self._deaths: list[float] = []
        self._numbers = range(count)

    def run(self, ready: Callable[[], None]) -> None:
        """
        Start all, call `ready` once each has answered, and start again whoever dies; returns only by an exception.

        Raises
        ------
        UnavailableError
            They die as soon as they are started.
        """
        for number in self._numbers:
            self._start(number)
        answering = 0
        with selectors.DefaultSelector() as waiting:
            waiting.register(self._ready, selectors.EVENT_READ)
            while True:
                if waiting.select(LOOK_EVERY_S):
                    before, answering = answering, answering + len(os.read(self._ready, 64))
                    self._deaths = []  # whoever answers was not stillborn
                    if before < len(self._numbers) <= answering:
                        ready()
                self._look()

    def _start(self, number: int) -> None:
        passed = (self._port.fileno(), self._announce, self._life)
        # A session of its own: Ctrl-C is for us, and we tell the workers.
        self._running[number] = subprocess.Popen(
            [*self._command, str(number), *map(str, passed)], pass_fds=passed, start_new_session=True
        )

    def _look(self) -> None:
        for number, process in list(self._running.items()):
            if process.poll() is None:
                continue
            now = time.monotonic()
            self._deaths = [*(at for at in self._deaths if now - at < WITHIN_S), now]
            if len(self._deaths) > DEATHS_AT_ONCE:
                raise UnavailableError(
                    f"worker processes end as soon as they are started ({process.returncode}): see the lines above"
                )
            self._tell(f"worker {number} ended ({process.returncode}); starting it again")
            self._start(number)

    def stop(self) -> None:
        """End all, those that do not end by themselves by force."""
        os.close(self._hold)
        for process in self._running.values():
            process.terminate()
        deadline = time.monotonic() + LEAVING_S
        for process in self._running.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for pipe in (self._ready, self._announce, self._life):
            os.close(pipe)


def serve_many(settings: Settings, port: socket.socket, count: int, *, ready: Callable[[], None],
               tell: Callable[[str], None]) -> None:  # fmt: skip
    """
    Answer on `port` with `count` processes until an exception, such as the one of a signal, ends it.

    The database must be open and migrated; every process opens it for itself.
    """
    folder = run_folder(settings)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_uid != os.geteuid():
        raise UnavailableError(f"{folder} belongs to another user: remove it or set ONEMAP_DATA_DIR elsewhere")
    port.listen(512)
    crew = Crew([sys.executable, "-m", "command_ui.one_worker"], count, port, tell)
    try:
        crew.run(ready)
    finally:
        crew.stop()
