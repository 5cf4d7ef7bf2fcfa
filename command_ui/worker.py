"""Which of several processes on one port is this one, and where do the others reach it?"""

import hashlib
import os
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path

from command_ui.settings import Settings

LONGEST_FOLDER = 80
"""Bytes; the kernel allows 107 (Linux) or 103 (macOS) for the path of a unix socket."""


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


def run_folder(settings: Settings) -> Path:
    """Folder of the sockets of the workers; below the data folder, or a short one where its path is too long."""
    wished = settings.data_dir / "run"
    if len(os.fsencode(wished)) <= LONGEST_FOLDER:
        return wished
    digest = hashlib.sha256(os.fsencode(wished)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"onemap-run-{os.geteuid()}-{digest}"
