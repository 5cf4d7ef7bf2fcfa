"""By which rows of policy are reports due now? The house's own before those built in, read again every few seconds."""

import time
from threading import Lock

from gis.database import Caller, Database
from scenarios.reports import rows
from scenarios.reports.policies import POLICIES, ReportingPolicy

KEPT_S = 15.0


class StandingPolicies:
    """Rows in use. Safe between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = Lock()
        self._rows: tuple[ReportingPolicy, ...] = POLICIES
        self._until = 0.0

    def standing(self) -> tuple[ReportingPolicy, ...]:
        """Rows in use, at most `KEPT_S` old."""
        if time.monotonic() >= self._until:
            with self._database.transaction(Caller.system()) as connection:
                found = (*rows.policies(connection), *POLICIES)
            with self._lock:
                self._rows, self._until = found, time.monotonic() + KEPT_S
        return self._rows

    def forget(self) -> None:
        """Rows were changed: the next look reads them again."""
        self._until = 0.0
