"""What stands on the other host? A receiver that keeps each line once, in order, and says how far it has come."""

import json
import os
import socketserver
import ssl
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from command_ui.access.audit_frames import FIRST, Place, frames, greeting, restored, written
from gis.errors import InputError

_SILENT_S = 60.0


class Shelf:
    """
    A folder with one file a day, lines as JSON; only ever added to.

    A line is kept when it follows from the last one: next number and its hash. What was kept before is passed over;
    anything else is refused, for then a line was lost or altered on the way, or the sender's audit is another one.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder
        self._lock = threading.Lock()
        self.place, self._hash = self._last()

    def keep(self, line: dict[str, object]) -> None:
        """
        Put a line down; `settle` has it on the disk.

        Raises
        ------
        InputError
            It does not follow from what is here.
        """
        place = Place(date.fromisoformat(str(line["day"])), int(str(line["seq"])))
        with self._lock:
            if place <= self.place:
                return
            begins = place.day > self.place.day and place.seq == 1
            is_next = (place.day, place.seq) == (self.place.day, self.place.seq + 1)
            follows = is_next and line["prev_hash"] == self._hash
            if not begins and not follows and self.place != FIRST:
                raise InputError(f"line {place} does not follow from line {self.place}")
            with (self._folder / f"{place.day.isoformat()}.jsonl").open("a", encoding="utf-8") as file:
                # A line that a kill cut in two is closed off, so that the whole one stands on a line of its own.
                file.write(f"{'' if self._is_closed(file.name) else chr(10)}{written(line)}\n")
                file.flush()
                os.fsync(file.fileno())
            self.place, self._hash = place, line["hash"]

    def _is_closed(self, name: str) -> bool:
        path = Path(name)
        if not path.stat().st_size:
            return True
        with path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"\n"

    def _last(self) -> tuple[Place, object]:
        place, digest = FIRST, ""
        for path in sorted(self._folder.glob("????-??-??.jsonl"), reverse=True)[:1]:
            for line in read_back(path):
                place = Place(date.fromisoformat(str(line["day"])), int(str(line["seq"])))
                digest = str(line["hash"])
        return place, digest


def read_back(source: Path) -> Iterator[dict[str, object]]:
    """
    Lines of a file or of a folder of such files; a line cut in two by a kill is passed over.

    Raises
    ------
    InputError
        There is no such file.
    """
    paths = sorted(source.glob("*.jsonl")) if source.is_dir() else [source]
    if not paths or not paths[0].exists():
        raise InputError(f"{source}: there is no copy of the audit")
    for path in paths:
        for written_line in path.read_text("utf-8", errors="replace").splitlines():
            try:
                yield json.loads(written_line)
            except ValueError:
                continue


def as_rows(source: Path) -> list[dict[str, object]]:
    """
    Lines as the verifier wants them.

    Raises
    ------
    InputError
        A line cannot be read.
    """
    try:
        return [restored(line) for line in read_back(source)]
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{source}: a line is not one of the audit: {error}") from None


class Receiver(socketserver.ThreadingTCPServer):
    """Listens for senders; each is told how far the shelf is, before and after what it sends."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, address: tuple[str, int], shelf: Shelf, tls: ssl.SSLContext | None = None) -> None:
        self.shelf = shelf
        self.tls = tls
        super().__init__(address, _Sender)

    def get_request(self) -> tuple[Any, Any]:
        """Take a connection; its TLS is begun by the thread that reads it, so that nobody holds up the others."""
        plain, whence = super().get_request()
        if self.tls is None:
            return plain, whence
        return self.tls.wrap_socket(plain, server_side=True, do_handshake_on_connect=False), whence


class _Sender(socketserver.StreamRequestHandler):
    server: Receiver
    timeout = _SILENT_S

    def handle(self) -> None:
        shelf = self.server.shelf
        try:
            self.wfile.write(greeting(shelf.place))
            for line in frames(self.rfile):
                shelf.keep(line)
                self.wfile.write(greeting(shelf.place))
        except (OSError, ValueError, InputError):
            return  # the sender sees where it stands when it comes again
