"""
Where do situations of a long record lie ready, so that no process folds tens of thousands of entries for one look?

They are derived: files in a folder anybody may delete. One is believed only if this very program wrote it, its text is
whole, and the entry it stands on has the same hash in the record; else it is thrown away and the record is folded.
"""

import hashlib
import json
import logging
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from uuid import UUID

import pydantic

from scenarios.entries import WIDTH
from scenarios.replay.written import Named, Written, write
from scenarios.situation import Situation

EVERY = WIDTH
"""Entries between two situations kept: a first look reads and folds fewer than this."""

_log = logging.getLogger("onemap.replay")


@dataclass(frozen=True, slots=True)
class Kept:
    """A situation as it lies in its file, its text checked, the record not yet asked about its entry."""

    seq: int
    hash: str
    told: Written


class Moments:
    """The situations kept of all incidents, one folder for each program that writes some."""

    def __init__(self, folder: Path) -> None:
        self._all = folder
        self.folder = folder / program()

    def numbers(self, incident_id: UUID) -> list[int]:
        """After which entries a situation is kept, ascending."""
        with suppress(OSError):
            files = list((self.folder / str(incident_id)).iterdir())
            return sorted(int(one.stem) for one in files if one.suffix == ".json" and one.stem.isdecimal())
        return []

    def keep(self, situation: Situation, named: Named) -> int:
        """
        Write a situation down; the bytes it took.

        Raises
        ------
        TypeError
            It holds a value that would not be read back as the same.
        OSError
            The file cannot be written.
        """
        assert situation.incident_id is not None
        body = write(situation, named)
        told = {"seq": situation.seq, "hash": situation.head_hash}
        header = told | {"sha256": _digest(situation.incident_id, situation.seq, situation.head_hash, body)}
        place = self._file(situation.incident_id, situation.seq)
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = place.with_suffix(f".{os.getpid()}.draft")
        text = f"{json.dumps(header)}\n{body}".encode()
        # Nothing is lost with it, so it is not forced to the disk; a torn one is noticed by its digest.
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(text)
        draft.replace(place)
        return len(text)

    def load(self, incident_id: UUID, seq: int) -> Kept | None:
        """The situation kept after an entry; one that is not whole is thrown away, and None is given."""
        try:
            header, _, body = self._file(incident_id, seq).read_text(encoding="utf-8").partition("\n")
            said = json.loads(header)
            if said["seq"] != seq or said["sha256"] != _digest(incident_id, seq, said["hash"], body):
                raise ValueError("its digest is another")
            return Kept(seq, str(said["hash"]), dict(json.loads(body)))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            self.throw_away(incident_id, seq, f"it cannot be read: {error}")
            return None

    def throw_away(self, incident_id: UUID, seq: int, why: str) -> None:
        """Delete a situation that is not to be believed, and say so in the program's log."""
        _log.warning("the situation kept of incident %s after entry %d is thrown away: %s", incident_id, seq, why)
        with suppress(OSError):
            self._file(incident_id, seq).unlink()

    def forget(self, incident_id: UUID | None = None) -> None:
        """Delete what is kept of one incident, or everything; it is made again from the record."""
        shutil.rmtree(self._all if incident_id is None else self.folder / str(incident_id), ignore_errors=True)

    def tidy(self) -> None:
        """Delete what other versions of the program kept."""
        with suppress(OSError):
            for one in self._all.iterdir():
                if one != self.folder:
                    shutil.rmtree(one, ignore_errors=True)

    def _file(self, incident_id: UUID, seq: int) -> Path:
        return self.folder / str(incident_id) / f"{seq}.json"


def _digest(incident_id: UUID, seq: int, head_hash: str, body: str) -> str:
    return hashlib.sha256(f"onemap:moment:1\0{incident_id} {seq} {head_hash}\n{body}".encode()).hexdigest()


@cache
def program() -> str:
    """Name of the program that folds here: another fold, reading or masking of entries has another name."""
    house = Path(__file__).parents[2]
    digest = hashlib.sha256(pydantic.VERSION.encode())
    for file in sorted([*(house / "scenarios").rglob("*.py"), *(house / "gis").glob("*.py")]):
        digest.update(file.relative_to(house).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]
