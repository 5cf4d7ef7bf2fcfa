"""How often did an address fail at the door, whichever of several processes it knocked at?"""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from command_ui.server.threshold import TRIES_PER_ADDRESS, TRIES_WINDOW_S, Knocks

MOST_LINES = 20_000
"""Failures remembered; beyond it the oldest go first, as somebody with many addresses may fill it."""


class SharedKnocks(Knocks):
    """
    Failures of all processes of one host, in a file beside their sockets, written and read under its lock.

    Parameters
    ----------
    file
        A line for each failure: seconds since the machine started, address. The folder is the house's own.
    """

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file

    def too_many(self, address: str) -> bool:
        """Tell whether an address must wait."""
        with self._held() as file:
            return sum(one == address for _, one in _lately(file)) >= TRIES_PER_ADDRESS

    def failed(self, address: str) -> None:
        """Count a failure."""
        with self._held() as file:
            kept = [*_lately(file), (time.monotonic(), address)][-MOST_LINES:]
            file.seek(0)
            file.truncate()
            file.writelines(f"{at!r} {one}\n" for at, one in kept)

    @contextmanager
    def _held(self) -> Iterator[IO[str]]:
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._file.open("a+", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file


def _lately(file: IO[str]) -> list[tuple[float, str]]:
    """Failures within the window; those of before the machine was started anew lie in the future, and do not count."""
    file.seek(0)
    now, found = time.monotonic(), []
    for line in file:
        at, _, address = line.rstrip("\n").partition(" ")
        try:
            moment = float(at)
        except ValueError:  # a process was killed in the middle of a line
            continue
        if 0 <= now - moment <= TRIES_WINDOW_S:
            found.append((moment, address))
    return found
