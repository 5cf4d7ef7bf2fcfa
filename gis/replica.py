"""Where are maps read from when the first database should be left to those who write? From a copy that follows it."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from gis.database import Caller, Database
from gis.errors import UnavailableError

AGAIN_S = 10.0
"""After a copy did not answer, the first database is read for so long before the copy is tried again."""

_log = logging.getLogger("onemap.database")


class Replica(Database):
    """
    Reads from a streaming standby, as whoever asks and with his rights; from the first database while it is away.

    What was written shows a moment later than in the first one: for tiles and registers, never for the record.

    Parameters
    ----------
    first
        The database that takes the writes.
    url
        Address of the standby.
    """

    def __init__(self, first: Database, url: str) -> None:
        super().__init__(url)
        self._first = first
        self._away_until = 0.0

    @contextmanager
    def transaction(self, caller: Caller) -> Iterator[Connection]:
        """Open a transaction that only reads, in the name of `caller`."""
        opened = None
        if time.monotonic() >= self._away_until:
            try:
                opened = self._begun(caller)
            except UnavailableError as error:
                self._away_until = time.monotonic() + AGAIN_S
                _log.warning("the copy for reading does not answer, the first database is read: %s", error)
        if opened is None:
            with self._first.transaction(caller) as connection:
                yield connection
            return
        connection, begun = opened
        with connection, begun:
            yield connection
