"""Who belongs to a database server, and how does it die from one moment to the next?"""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from gis.processes import is_postgres


def server_of(data: Path) -> int:
    """Process of the server of a data folder."""
    return int((data / "postmaster.pid").read_text(encoding="ascii").split()[0])


def children_of(process: int) -> list[int]:
    """Processes another one has started."""
    return [
        int(word)
        for place in Path(f"/proc/{process}/task").glob("*/children")
        for word in place.read_text(encoding="ascii").split()
    ]


def is_alive(process: int) -> bool:
    """Whether a process runs; one that nobody has buried yet does not."""
    with suppress(OSError):
        said = Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace")
        return said.rpartition(")")[2].split()[0] != "Z"
    return False


def kill_server(data: Path) -> None:
    """
    SIGKILL for the server of a data folder and every process it started, by their ids, until all are gone.

    It is stopped before it is asked for its children: one it makes meanwhile would live on, for a moment or for as
    long as its statement takes, with the files open that the next server wants.
    """
    first = server_of(data)
    assert is_postgres(first, data), "what has its number now is somebody else"
    with suppress(ProcessLookupError):
        os.kill(first, signal.SIGSTOP)
    family = [first, *children_of(first)]
    for process in family:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    deadline = time.monotonic() + 60
    while any(is_alive(process) for process in family):
        assert time.monotonic() < deadline, "a killed process does not die"
        time.sleep(0.01)
