"""Which files were handed in, how far is their examination, and what came of it?"""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy.exc import DBAPIError

from command_ui.access.roles import SignedIn
from gis.database import Database
from gis.errors import InputError, MissingError, OneMapError
from layers.importing import intake, reading
from layers.importing.intake import Imported
from layers.importing.trial import Trial, Wishes

_log = logging.getLogger("onemap.data")

KEPT_S = 3600.0
"""A file nobody has asked for so long is deleted; whoever comes back hands it in again."""
MOST_FILES = 20
"""Files one person may have waiting."""


@dataclass
class Upload:
    """
    A file handed in by somebody, under a name of ours.

    Attributes
    ----------
    name
        What the person calls it: shown, its ending believed, never used as a path.
    state
        ``ready``, ``running`` (an examination or an import), ``examined``, ``imported`` or ``failed``.
    """

    key: str
    name: str
    path: Path
    owner: str
    at: float = field(default_factory=time.monotonic)
    state: str = "ready"
    step: str = ""
    share: float = 0.0
    layer: str = ""
    wishes: Wishes | None = None
    trial: Trial | None = None
    done: Imported | None = None
    fault: OneMapError | None = None


class DataJobs:
    """
    Files of this process by key; examinations run one at a time, because each needs a whole core.

    Parameters
    ----------
    worker
        Number of this process among several; every key begins with it, so that the others know whom to ask.
    """

    def __init__(self, database: Database, folder: Path, *, worker: int = 0) -> None:
        self._worker = worker
        self._database = database
        self._folder = folder
        self._uploads: dict[str, Upload] = {}
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._watch: threading.Timer | None = None
        # What a process left that was killed, or one of a number there is no more: nobody knows its key.
        for left in folder.glob("?" * 32 + ".*"):
            with suppress(FileNotFoundError):
                if left.name.startswith(f"{worker:02x}") or left.stat().st_mtime < time.time() - 24 * KEPT_S:
                    left.unlink()

    def new(self, name: str, person: SignedIn) -> Upload:
        """
        Make room for a file, which goes when nobody has asked for it for an hour.

        Raises
        ------
        InputError
            A kind of file that is not read, or too many files waiting.
        """
        ending = Path(name).suffix.lower()
        if ending not in reading.FORMATS:
            raise InputError(f"{name[:80]}: this kind of file is not read; use {', '.join(sorted(reading.FORMATS))}")
        with self._lock:
            own = [one for one in self._uploads.values() if one.owner == person.name]
        for oldest in sorted(own, key=lambda one: one.at)[: max(0, len(own) - MOST_FILES + 1)]:
            self._forget(oldest)
        self._folder.mkdir(parents=True, exist_ok=True)
        key = f"{self._worker:02x}{uuid4().hex[2:]}"
        upload = Upload(key, Path(name).name[:120], self._folder / f"{key}{ending}", person.name)
        with self._lock:
            self._uploads[key] = upload
        self._look_again()
        return upload

    def of(self, key: str, person: SignedIn) -> Upload:
        """
        Give a file by its key.

        Raises
        ------
        MissingError
            Not there, or another person's.
        """
        upload = self._uploads.get(key)
        if upload is None or upload.owner != person.name:
            raise MissingError("this file is no longer here; hand it in again")
        upload.at = time.monotonic()
        return upload

    def examine(self, upload: Upload, layer: str, wishes: Wishes, person: SignedIn, *, write: bool = False) -> None:
        """
        Examine a file, and with `write` import it, in a thread of its own; `Upload.state` says how far it is.

        Raises
        ------
        InputError
            It is being examined already.
        """
        with self._lock:
            if upload.state == "running":
                raise InputError("this file is being examined already; wait for it")
            upload.state, upload.step, upload.share = "running", "waiting", 0.0
            upload.layer, upload.wishes, upload.fault, upload.done = layer, wishes, None, None
        threading.Thread(target=self._run, args=(upload, layer, wishes, person, write), daemon=True).start()

    def _run(self, upload: Upload, layer: str, wishes: Wishes, person: SignedIn, write: bool) -> None:
        def tell(step: str, share: float) -> None:
            upload.step, upload.share = step, share

        caller = person.caller()
        try:
            with self._turn, self._database.transaction(caller) as connection:
                trial = intake.examine_file(
                    connection, upload.path, layer, wishes, caller, name=upload.name, progress=tell
                )
                done = intake.commit(connection, trial, caller, progress=tell) if write else None
            upload.trial, upload.done = trial, done
            upload.state = "imported" if write else "examined"
        except OneMapError as error:
            upload.fault, upload.state = error, "failed"
        finally:
            if upload.state == "running":
                # Whatever it was stands in the server's log; the page must not wait for ever.
                upload.fault, upload.state = InputError("the file could not be examined"), "failed"

    def forget(self, upload: Upload) -> None:
        """Drop a file."""
        self._forget(upload)

    def _look_again(self) -> None:
        """Look through the files after a while, and again as long as there are any."""
        with self._lock:
            if self._watch is None and self._uploads:
                self._watch = threading.Timer(KEPT_S / 12, self._forget_old)
                self._watch.daemon = True
                self._watch.start()

    def _forget_old(self) -> None:
        late = time.monotonic() - KEPT_S
        for upload in [one for one in list(self._uploads.values()) if one.at < late and one.state != "running"]:
            self._forget(upload)
        with self._lock:
            self._watch = None
        self._look_again()

    def _forget(self, upload: Upload) -> None:
        with self._lock:
            self._uploads.pop(upload.key, None)
        upload.path.unlink(missing_ok=True)


class Remembered:
    """A value that takes long to make, made beside and kept for a while for each asker's scope."""

    def __init__(self, fresh_s: float) -> None:
        self._fresh_s = fresh_s
        self._kept: dict[tuple[str, ...], tuple[float, Any]] = {}
        self._making: set[tuple[str, ...]] = set()
        self._lock = threading.Lock()

    def get(self, scope: tuple[str, ...], make: Callable[[], Any]) -> tuple[Any, bool]:
        """Give the last value of a scope (None at first) and whether a newer one is being made now."""
        with self._lock:
            held = self._kept.get(scope)
            fresh = held is not None and time.monotonic() - held[0] <= self._fresh_s
            if not fresh and scope not in self._making:
                self._making.add(scope)
                threading.Thread(target=self._make, args=(scope, make), daemon=True).start()
            return (held[1] if held else None), scope in self._making

    def _make(self, scope: tuple[str, ...], make: Callable[[], Any]) -> None:
        try:
            value = make()
            with self._lock:
                self._kept[scope] = (time.monotonic(), value)
        except (OneMapError, DBAPIError) as error:
            # Nobody waits in this thread to be told: the value stays old, and the next to ask starts another try.
            _log.warning("a value of %s could not be made: %s", scope, error)
        finally:
            with self._lock:
                self._making.discard(scope)

    def forget(self) -> None:
        """Something was written: what is kept is old, and stays only until it is made anew."""
        with self._lock:
            self._kept = {scope: (-1e9, value) for scope, (_, value) in self._kept.items()}
