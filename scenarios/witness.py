"""
Where did every chain stand, seen from outside the database? Signed heads, appended to a file of their own.

A chain alone cannot show that its tail was cut off. Every line of the witness names an incident, the number and hash of
its newest entry and the moment, is signed with Ed25519 (RFC 8032) and carries the digest of the line before, so that a
line taken out of the middle is missed too. The folder should belong to another user of the system, or be a mount that
only grows; a copy at the next level of government is better still.
"""

import base64
import fcntl
import hashlib
import json
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.exc import DBAPIError

from gis.database import Caller, Database
from gis.errors import OneMapError
from scenarios import log
from scenarios.events import IncidentClosed

EVERY_S = 60.0
GATHERED_S = 0.3
"""How long after the first word of a move further ones are waited for."""
DOMAIN = b"onemap:witness:1\0"
"""Set before every signed text, so that a signature of ours fits nothing else."""
FILE = "heads.jsonl"
PUBLIC_KEY = "witness.pub"
FIRST = "0" * 64
"""Digest that stands in the first line, which has none before it."""

_log = logging.getLogger("onemap.witness")


class Witness:
    """
    Publishes the heads of all incidents, every minute and whenever it is asked to.

    Parameters
    ----------
    folder
        Where the file and the public key lie.
    key_folder
        Where the private key lies, readable by its owner only; made at the first use.
    """

    def __init__(self, database: Database, folder: Path, key_folder: Path) -> None:
        self._database = database
        self._folder = folder
        self._key_folder = key_folder
        self._wanted = threading.Event()
        self._moved: deque[UUID] = deque(maxlen=1000)
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def file(self) -> Path:
        """The file of signed heads."""
        return self._folder / FILE

    def start(self) -> None:
        """Publish now and every minute from now on; a second call does nothing."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="onemap-witness", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Publish once more and end."""
        self._stopping.set()
        self._wanted.set()
        if self._thread is not None:
            self._thread.join(timeout=10)
            self._thread = None

    def moved(self, incident_id: UUID) -> None:
        """Leave word that an incident moved: if it was closed, its last head is published at once."""
        self._moved.append(incident_id)
        self._wanted.set()

    def publish(self) -> int:
        """
        Append a signed line for every head that moved since its last line; the number of lines.

        Several processes may publish into one file: each holds its lock while it reads the end and writes.

        Raises
        ------
        OneMapError
            The record cannot be read.
        OSError
            The file cannot be written.
        """
        key = signing_key(self._key_folder)
        self._folder.mkdir(parents=True, exist_ok=True)
        publish_key(key, self._folder)
        with self.file.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            # Read only now: heads read before the lock could be older than what another process has just written.
            with self._database.transaction(Caller.system()) as connection:
                heads = log.heads(connection)
            file.seek(0)
            known, previous = _ends(file.read())
            lines = []
            if known and not known.keys() & {str(head.incident_id) for head in heads}:
                # Another database than the one of the lines before, made anew in the same folder. It is said once,
                # signed like a head, and stays: whoever threw incidents away can be asked about it.
                line = signed(key, {"began": datetime.now(UTC).isoformat(), "left": len(known), "previous": previous})
                known, previous = {}, hashlib.sha256(line).hexdigest()
                lines.append(line + b"\n")
            for head in sorted(heads, key=lambda one: one.code):
                if known.get(str(head.incident_id)) == (head.seq, head.hash):
                    continue
                line = signed(
                    key,
                    {
                        "incident": str(head.incident_id),
                        "code": head.code,
                        "seq": head.seq,
                        "hash": head.hash,
                        "at": datetime.now(UTC).isoformat(),
                        "previous": previous,
                    },
                )
                previous = hashlib.sha256(line).hexdigest()
                lines.append(line + b"\n")
            file.write(b"".join(lines))
            file.flush()
            os.fsync(file.fileno())
        return len(lines)

    def _run(self) -> None:
        due = 0.0
        while True:
            try:
                if self._stopping.is_set() or time.monotonic() >= due or self._closed():
                    due = time.monotonic() + EVERY_S
                    self.publish()
            except (OneMapError, DBAPIError, OSError) as error:
                # The record goes on without its witness, and the next minute tries again; the log says since when.
                _log.error("heads could not be published: %s", error)
            if self._stopping.is_set():
                return
            if self._wanted.wait(max(0.0, due - time.monotonic())):
                # Incidents move in bursts: one look at the end of each, not one for every entry.
                self._stopping.wait(GATHERED_S)
            self._wanted.clear()

    def _closed(self) -> bool:
        """Whether one of the incidents that moved has ended."""
        moved = {self._moved.popleft() for _ in range(len(self._moved))}
        if not moved:
            return False
        with self._database.transaction(Caller.system()) as connection:
            return any(
                entry.kind == IncidentClosed.code
                for incident_id in moved
                for entry in log.read(connection, incident_id, max(0, log.head(connection, incident_id).seq - 1), 1)
            )


def signed(key: Ed25519PrivateKey, head: dict[str, Any]) -> bytes:
    """One line without its line feed: the head as canonical JSON (RFC 8785) with the signature of it."""
    text = log.canonical(head)
    signature = base64.b64encode(key.sign(DOMAIN + text.encode())).decode()
    return log.canonical(head | {"signature": signature}).encode()


def signing_key(folder: Path) -> Ed25519PrivateKey:
    """Read the private key of `folder`, making it at the first call; of several processes only one makes it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "witness.key"
    if not path.exists():
        made = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        draft = folder / f".witness.key.{os.getpid()}.{threading.get_ident()}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(made)
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    read = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(read, Ed25519PrivateKey):
        raise OneMapError(f"{path} is not an Ed25519 key; put it aside and a new one is made")
    return read


def publish_key(key: Ed25519PrivateKey, folder: Path) -> None:
    """Write the public key beside the file, where a verifier at another level finds it."""
    path = folder / PUBLIC_KEY
    text = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    if not path.exists() or path.read_bytes() != text:
        path.write_bytes(text)


def _ends(content: bytes) -> tuple[dict[str, tuple[int, str]], str]:
    """Last number and hash of each incident, and the digest of the last whole line."""
    known: dict[str, tuple[int, str]] = {}
    previous = FIRST
    for line in _whole(content):
        previous = hashlib.sha256(line).hexdigest()
        try:
            read = json.loads(line)
            if "began" in read:
                known.clear()
                continue
            known[read["incident"]] = (int(read["seq"]), str(read["hash"]))
        except (KeyError, TypeError, ValueError):
            continue  # what somebody wrote into the file is the verifier's to find; here it only starts no line anew
    return known, previous


def _whole(content: bytes) -> Iterable[bytes]:
    return content.split(b"\n")[:-1]
