"""How do entries of one incident that wait for one another reach the record under one commit?"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from gis.database import Caller, Database
from gis.errors import OneMapError
from scenarios import log
from scenarios.events import Event
from scenarios.line import Line
from scenarios.log import Receipt

MOST = 64
"""Entries of one commit; what came later waits for the next."""


@dataclass(slots=True, eq=False)
class _Waiting:
    """
    One entry whose author waits. Woken with an outcome, or to carry `batch`, or with neither: then it goes alone.
    """

    caller: Caller
    line: Line
    woken: threading.Event = field(default_factory=threading.Event)
    outcome: Receipt | OneMapError | None = None
    batch: "list[_Waiting] | None" = None


class Together:
    """
    Appends of single entries. Nobody waits for company: an entry that finds its incident free goes at once.

    What comes meanwhile would wait for the row of the incident anyway; it goes in together, in the order it came, as
    soon as that row is free. Each entry keeps its own author, number, hash, receipt and idempotency key; one that is
    refused is refused alone. Nobody gets a receipt before the commit that holds the entry.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._queues: dict[UUID, list[_Waiting]] = {}
        self._lock = threading.Lock()

    def waiting(self, incident_id: UUID) -> int:
        """How many authors wait for a commit of an incident or for their turn."""
        with self._lock:
            queue = self._queues.get(incident_id)
            return 0 if queue is None else 1 + len(queue)

    def append(
        self,
        caller: Caller,
        incident_id: UUID,
        event: Event,
        *,
        key: UUID | None = None,
        occurred_at: datetime | None = None,
        caused_by: Sequence[int] = (),
        expected_seq: int | None = None,
    ) -> Receipt:
        """Append `event`; parameters, answer and errors are those of `scenarios.log.append_once`."""
        own = _Waiting(caller, Line.of(event, key, occurred_at, caused_by, expected_seq))
        with self._lock:
            queue = self._queues.get(incident_id)
            if queue is None:
                self._queues[incident_id] = []
            else:
                queue.append(own)
        if queue is None:
            try:
                return log.append_line(self._database, caller, incident_id, own.line)
            finally:
                self._hand_on(incident_id)
        own.woken.wait()
        if own.batch is not None:
            try:
                self._carry(incident_id, own.batch)
            finally:
                self._hand_on(incident_id)
                for one in own.batch:
                    one.woken.set()
        if own.outcome is None:
            return log.append_line(self._database, caller, incident_id, own.line)
        if isinstance(own.outcome, OneMapError):
            raise own.outcome
        return own.outcome

    def _carry(self, incident_id: UUID, batch: list[_Waiting]) -> None:
        """Append all of a batch; where the batch as a whole does not go, each goes alone and hears its own reason."""
        if len(batch) == 1:
            return
        try:
            outcomes = log.append_many(
                self._database, batch[0].caller, incident_id, [(one.caller, one.line) for one in batch]
            )
        except (OneMapError, DBAPIError):
            return
        for one, outcome in zip(batch, outcomes, strict=True):
            one.outcome = outcome

    def _hand_on(self, incident_id: UUID) -> None:
        """Wake the first of those who wait, to carry them all; nobody waits: the incident is free."""
        with self._lock:
            queue = self._queues[incident_id]
            if not queue:
                del self._queues[incident_id]
                return
            batch, self._queues[incident_id] = queue[:MOST], queue[MOST:]
        batch[0].batch = batch
        batch[0].woken.set()
