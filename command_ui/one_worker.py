"""What does one of several processes on one port do? It serves until told to end, or until who started it is gone."""

import os
import signal
import socket
import sys
import threading
from contextlib import ExitStack

from command_ui import heap
from command_ui.bootstrap import open_house
from command_ui.leaving import leave
from command_ui.serving import serve
from command_ui.settings import load_settings
from command_ui.worker import Worker, run_folder


def work(number: int, port: int, announce: int, life: int) -> None:
    """Be one worker: serve on the socket that was handed over until told to end, or until who started us is gone."""
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
