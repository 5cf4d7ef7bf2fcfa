"""Which tiles were looked at before, and are they still fresh?"""

import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gis.errors import UnavailableError
from tianditu.grids import TileIndex
from tianditu.verdict import PictureKind, is_whole, picture_kind

_SCHEMA = """
CREATE TABLE IF NOT EXISTS tile (
    layer TEXT NOT NULL, matrix TEXT NOT NULL, level INTEGER NOT NULL, column INTEGER NOT NULL, row INTEGER NOT NULL,
    picture BLOB NOT NULL, bytes INTEGER NOT NULL, fetched_at REAL NOT NULL, used_at REAL NOT NULL,
    PRIMARY KEY (layer, matrix, level, column, row)
);
-- Holds all that counting and eviction ask for, so that neither reads a picture.
CREATE INDEX IF NOT EXISTS tile_used ON tile (used_at, bytes);
"""
_ONE = "layer = ? AND matrix = ? AND level = ? AND column = ? AND row = ?"
_KEPT_AFTER_EVICTION = 0.9
_COUNT_EVERY = 500
"""Pictures kept between two counts of the whole; other processes that share the file are noticed then."""
_TOUCH_EVERY_S = 3600.0
"""Being used is written down at most so often: reading must not cost a write each time."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A tile from the cache; `age_s` since it was fetched, `fresh` while that is below the expiry."""

    picture: bytes
    kind: PictureKind
    age_s: float
    fresh: bool


class TileCache:
    """
    Pictures on the disk in one SQLite file: bounded, with expiry, least recently used go first.

    A transaction per tile makes every write whole or not at all, also when the process is killed; several processes
    may share the file. Safe between threads. Expired pictures stay until room is needed: an old map is better than
    none when the server is gone.

    Parameters
    ----------
    limit_bytes
        Bound on the pictures together; the file is somewhat larger.
    fresh_s
        Age up to which a picture is given without asking the server again.
    """

    def __init__(self, file: Path, limit_bytes: int, fresh_s: float, clock: Callable[[], float] = time.time) -> None:
        self._file = file
        self._limit_bytes = limit_bytes
        self._fresh_s = fresh_s
        self._clock = clock
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._total = 0
        self._kept_since_count = _COUNT_EVERY

    def get(self, layer: str, index: TileIndex) -> Kept | None:
        """Give a tile, fresh or not; None when it was never kept."""
        with self._open() as connection:
            found = connection.execute(
                f"SELECT picture, fetched_at, used_at FROM tile WHERE {_ONE}",  # noqa: S608 - a constant
                _key(layer, index),
            ).fetchone()
            if found is None:
                return None
            picture, fetched_at, used_at = found
            kind, now = picture_kind(picture), self._clock()
            if kind is None:
                return None
            if now - used_at > _TOUCH_EVERY_S:
                connection.execute(f"UPDATE tile SET used_at = ? WHERE {_ONE}", (now, *_key(layer, index)))  # noqa: S608
            return Kept(picture, kind, now - fetched_at, now - fetched_at < self._fresh_s)

    def keep(self, layer: str, index: TileIndex, picture: bytes) -> None:
        """
        Keep a picture that was judged to be one.

        Raises
        ------
        ValueError
            It is no whole picture: an error page must never get in here, whoever calls.
        """
        if not is_whole(picture):
            raise ValueError(f"not a whole picture: {len(picture)} bytes for {layer} {index.level}")
        now = self._clock()
        with self._open() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO tile VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*_key(layer, index), picture, len(picture), now, now),
            )
            self._evict(connection, len(picture))

    def size(self) -> tuple[int, int]:
        """Tiles kept and their bytes."""
        with self._open() as connection:
            count, total = connection.execute("SELECT count(*), coalesce(sum(bytes), 0) FROM tile").fetchone()
            return int(count), int(total)

    def clear(self) -> None:
        """Forget every tile."""
        with self._open() as connection:
            connection.execute("DELETE FROM tile")
            self._kept_since_count = _COUNT_EVERY

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _evict(self, connection: sqlite3.Connection, added: int) -> None:
        self._kept_since_count += 1
        self._total += added
        if self._kept_since_count >= _COUNT_EVERY:
            (self._total,) = connection.execute("SELECT coalesce(sum(bytes), 0) FROM tile").fetchone()
            self._kept_since_count = 0
        if self._total <= self._limit_bytes:
            return
        wanted = self._limit_bytes * _KEPT_AFTER_EVICTION
        leaving = []
        for rowid, size in connection.execute("SELECT rowid, bytes FROM tile ORDER BY used_at"):
            if self._total <= wanted:
                break
            leaving.append((rowid,))
            self._total -= size
        connection.executemany("DELETE FROM tile WHERE rowid = ?", leaving)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                if self._connection is None:
                    self._connection = self._connect()
                with self._connection:
                    yield self._connection
            except sqlite3.DatabaseError as error:
                raise UnavailableError(
                    f"the tile cache {self._file} cannot be used ({error}); delete the file, it is only a cache"
                ) from error

    def _connect(self) -> sqlite3.Connection:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._file, timeout=5, check_same_thread=False)
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            # A cache may lose its last tiles in a power cut, never its soundness.
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.executescript(_SCHEMA)
        except sqlite3.DatabaseError:
            connection.close()
            with contextlib.suppress(OSError):
                # Half a file from a full disk: a cache heals by starting anew.
                self._file.unlink()
            raise
        return connection


def _key(layer: str, index: TileIndex) -> tuple[str, str, int, int, int]:
    return layer, index.matrix, index.level, index.column, index.row
