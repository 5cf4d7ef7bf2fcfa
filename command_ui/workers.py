"""How do several processes answer on one port, and what happens when one of them dies?"""

import hashlib
import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from command_ui.settings import Settings
from gis.errors import UnavailableError

MOST = 16
LOOK_EVERY_S = 0.2
DEATHS_AT_ONCE = 5
WITHIN_S = 30.0
"""More deaths than this in so short a time, with nobody answering between them, are no accident: the house stops."""
LONGEST_FOLDER = 80
"""Bytes; the kernel allows 107 (Linux) or 103 (macOS) for the path of a unix socket."""
LEAVING_S = 20.0
"""How long a process may take to end once it was asked to."""


@dataclass(frozen=True, slots=True)
class Worker:
    """
    One of several processes that answer on one port.

    Attributes
    ----------
    number
        From 0; the first also does what only one process may do.
    folder
        Where every worker has a socket of its own, by which the others reach it.
    """

    number: int
    folder: Path

    @property
    def is_first(self) -> bool:
        """Whether what only one process may do is this one's."""
        return self.number == 0

    def socket_of(self, number: int) -> Path:
        """Unix socket of a worker."""
        return self.folder / f"worker-{number}.sock"

    def listen(self) -> socket.socket:
        """Open this worker's own socket, in place of one that a killed predecessor left behind."""
        place = self.socket_of(self.number)
        place.unlink(missing_ok=True)
        opened = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        opened.bind(str(place))
        place.chmod(0o600)
        return opened


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


def run_folder(settings: Settings) -> Path:
    """Folder of the sockets of the workers; below the data folder, or a short one where its path is too long."""
    wished = settings.data_dir / "run"
    if len(os.fsencode(wished)) <= LONGEST_FOLDER:
        return wished
    digest = hashlib.sha256(os.fsencode(wished)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"onemap-run-{os.geteuid()}-{digest}"


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
    crew = Crew([sys.executable, "-m", "command_ui.workers"], count, port, tell)
    try:
        crew.run(ready)
    finally:
        crew.stop()


def work(number: int, port: int, announce: int, life: int) -> None:
    """Be one worker: serve on the socket that was handed over until told to end, or until who started us is gone."""
    from command_ui import heap
    from command_ui.bootstrap import open_house
    from command_ui.leaving import leave
    from command_ui.serving import serve
    from command_ui.settings import load_settings

    heap.keep_together()
    settings = load_settings()
    worker = Worker(number, run_folder(settings))

    def follow() -> None:
        os.read(life, 1)
        os.kill(os.getpid(), signal.SIGTERM)

    def ready() -> None:
        os.write(announce, b"r")

    threading.Thread(target=follow, name="onemap-life", daemon=True).start()
    with ExitStack() as held:
        house = held.enter_context(open_house(settings))
        own = held.enter_context(worker.listen())
        shared = held.enter_context(socket.socket(fileno=port))
        serve(house, shared, own, worker=worker, ready=ready)
    leave()


if __name__ == "__main__":
    work(*map(int, sys.argv[1:]))
