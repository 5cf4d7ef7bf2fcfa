"""Which processes of this machine are the server of a data folder, or were?"""

import os
import re
from contextlib import suppress
from pathlib import Path


def is_postgres(pid: int, data: Path) -> bool:
    """Whether process `pid` lives and is a postgres of the folder `data`."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    command_line = Path(f"/proc/{pid}/cmdline")
    try:
        words = command_line.read_bytes().split(b"\0")
    except OSError:
        return not Path("/proc/self/cmdline").exists()  # no /proc here (macOS): believe the pid file
    if not re.search(rb"postgres|postmaster", words[0]):
        return False
    return os.fsencode(data) in words or not any(word.startswith(b"-D") for word in words)


def left_over(data: Path) -> list[int]:
    """Processes that work in the folder `data`: every process of a server does. Empty where there is no /proc."""
    found = []
    for place in Path("/proc").glob("[0-9]*/cwd"):
        with suppress(OSError):  # gone meanwhile, or another user's
            if place.readlink() == data:
                found.append(int(place.parent.name))
    return sorted(found)
