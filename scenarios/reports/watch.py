"""Who notices that a deadline has passed? One thread of the server, which looks every few seconds."""

from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from gis.database import HIGHEST_DIVISION, LOWEST_DIVISION, Caller
from gis.errors import OneMapError
from gis.provenance import Mode
from scenarios.watch import Watch

if TYPE_CHECKING:
    from scenarios.desk import Desk

EVERY_S = 10.0
WORLDS: tuple[Mode, ...] = ("live", "drill")
"""A simulation has no duty room that could be late."""


class DeadlineWatch(Watch):
    """Records deadlines that passed, so that the record says it and every screen shows it; several may run at once."""

    def __init__(self, desk: "Desk") -> None:
        super().__init__("deadlines", self.look, EVERY_S)
        self._desk = desk

    def look(self) -> float:
        """Look at both worlds once, also where one is in trouble; how long to wait until the next look, in s."""
        trouble: OneMapError | DBAPIError | None = None
        for mode in WORLDS:
            system = Caller("system", LOWEST_DIVISION, HIGHEST_DIVISION, mode)
            try:
                self._desk.reports.note_missed(system)
                self._desk.orders.escalate(system)
            except (OneMapError, DBAPIError) as error:
                trouble = error
        if trouble is not None:
            raise trouble
        return EVERY_S
