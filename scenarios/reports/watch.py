"""Who notices that a deadline has passed? One thread of the server, which looks every few seconds."""

import logging
import threading
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from gis.database import HIGHEST_DIVISION, LOWEST_DIVISION, Caller
from gis.errors import OneMapError
from gis.provenance import Mode

if TYPE_CHECKING:
    from scenarios.desk import Desk

EVERY_S = 10.0
WORLDS: tuple[Mode, ...] = ("live", "drill")
"""A simulation has no duty room that could be late."""

_log = logging.getLogger("onemap.deadlines")


class DeadlineWatch:
    """Records deadlines that passed, so that the record says it and every screen shows it; several may run at once."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Look now and every few seconds from now on; a second call does nothing."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="onemap-deadlines", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout=10)
            self._thread = None

    def _run(self) -> None:
        while not self._stopping.wait(EVERY_S):
            for mode in WORLDS:
                try:
                    system = Caller("system", LOWEST_DIVISION, HIGHEST_DIVISION, mode)
                    self._desk.reports.note_missed(system)
                    self._desk.orders.escalate(system)
                    self._desk.messages.tell_overdue(system)
                except (OneMapError, DBAPIError) as error:
                    _log.warning("deadlines could not be looked at: %s", error)
