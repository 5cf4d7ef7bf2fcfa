"""How is a database of tiles read that somebody else made?"""

import sqlite3
import threading
from pathlib import Path
from typing import Any

from gis.errors import InputError


class SqliteFile:
    """A foreign SQLite file, read only; safe between threads."""

    def __init__(self, file: Path) -> None:
        self.name = file.name
        self._lock = threading.Lock()
        # immutable: no journal is written beside a file on a read-only disk. trusted_schema off: a view or trigger
        # of a stranger's file may call nothing.
        self._connection = sqlite3.connect(
            f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
        )
        self._connection.execute("PRAGMA trusted_schema=OFF")

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """
        Read rows.

        Raises
        ------
        InputError
            The file is damaged or lacks a table of its form.
        """
        try:
            with self._lock:
                return self._connection.execute(statement, values).fetchall()
        except (sqlite3.DatabaseError, UnicodeError) as error:
            raise InputError(f"{self.name}: {error}") from error

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()
