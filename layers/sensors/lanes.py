"""What is written first when more comes than can be written? Alarms, then telemetry, and then no more is taken."""

import logging
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy.exc import DBAPIError

from gis.database import Caller, Database
from gis.errors import OneMapError, UnavailableError
from layers.sensors import history, roll_calls, silence
from layers.sensors.intake import KEPT_DAYS, Answer, is_urgent, take
from layers.sensors.messages import Batch
from layers.sensors.points import Points

Lane = Literal["urgent", "telemetry"]
WAITING_AT_MOST = 2_000
"""Batches of one lane that may wait; the next one is turned away and its gateway tries again."""
ROWS_AT_ONCE = 2_000
"""Rows written in one transaction."""
LOOK_EVERY_S = 1.0
TIDY_EVERY_S = 3_600.0

_log = logging.getLogger("onemap.sensors")


class FullError(UnavailableError):
    """More is waiting than may wait; nothing of this batch was taken."""

    code = "too_many"

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"too many messages are waiting; send this one again in {retry_after_s} s")
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True)
class _Job:
    batch: Batch
    answer: "Future[Answer]"


class Lanes:
    """
    Two bounded queues, each with its own writer, and the look at who is silent. Start it once per process.

    Parameters
    ----------
    waiting_at_most
        Batches of one lane that may wait.
    kept_days
        Days of history that are kept; older readings are put aside and older days dropped.
    """

    def __init__(
        self, database: Database, *, waiting_at_most: int = WAITING_AT_MOST, kept_days: int = KEPT_DAYS
    ) -> None:
        self.points = Points()
        self.kept_days = kept_days
        self._database = database
        self._limit = waiting_at_most
        self._waiting: dict[Lane, deque[_Job]] = {"urgent": deque(), "telemetry": deque()}
        self._more = threading.Condition()
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin to write and to look; a second call does nothing."""
        if self._threads:
            return
        self._stopping.clear()
        works: tuple[tuple[str, Callable[[], None]], ...] = (
            ("urgent", lambda: self._write("urgent")),
            ("telemetry", lambda: self._write("telemetry")),
            ("look", self._look),
        )
        self._threads = [
            threading.Thread(target=work, name=f"onemap-sensors-{name}", daemon=True) for name, work in works
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Write what waits, then stop."""
        self._stopping.set()
        with self._more:
            self._more.notify_all()
        for thread in self._threads:
            thread.join(timeout=15)
        self._threads = []

    def submit(self, batch: Batch) -> "Future[Answer]":
        """
        Queue a batch; the answer comes once it is on disk.

        Raises
        ------
        FullError
            Too much is waiting in its lane; a batch that may raise an alarm never waits behind telemetry.
        """
        lane = self.lane_of(batch)
        job = _Job(batch, Future())
        with self._more:
            waiting = self._waiting[lane]
            if len(waiting) >= self._limit:
                raise FullError(1 if lane == "urgent" else 5)
            waiting.append(job)
            self._more.notify_all()
        return job.answer

    def lane_of(self, batch: Batch) -> Lane:
        """Lane of a batch: one whose points were not read yet may hold an alarm."""
        found = [self.points.known(batch.device_id, reading.code) for reading in batch.readings]
        unread = bool(found) and all(point is None for point in found)
        urgent = unread or any(is_urgent(point, reading) for point, reading in zip(found, batch.readings, strict=True))
        return "urgent" if urgent else "telemetry"

    def waiting(self, lane: Lane) -> int:
        """How many batches wait."""
        return len(self._waiting[lane])

    def _write(self, lane: Lane) -> None:
        while jobs := self._next(lane):
            try:
                with self._database.transaction(Caller.system()) as connection:
                    taken = take(connection, self.points, [job.batch for job in jobs], kept_days=self.kept_days)
            except (DBAPIError, OneMapError) as error:
                _log.warning("%d batches could not be written: %s", len(jobs), type(error).__name__)
                self.points.forget()
                self._fail(jobs)
                continue
            for job, answer in zip(jobs, taken.answers, strict=True):
                job.answer.set_result(answer)

    def _fail(self, jobs: list[_Job]) -> None:
        """One batch may have spoiled the others: each is tried alone, and only the guilty one is told so."""
        for job in jobs:
            try:
                with self._database.transaction(Caller.system()) as connection:
                    taken = take(connection, self.points, [job.batch], kept_days=self.kept_days)
            except (DBAPIError, OneMapError):
                job.answer.set_exception(UnavailableError("the message could not be written; send it again"))
            else:
                job.answer.set_result(taken.answers[0])

    def _next(self, lane: Lane) -> list[_Job]:
        """Wait for the next batches of a lane; empty when it is time to stop."""
        with self._more:
            waiting = self._waiting[lane]
            while not waiting:
                if self._stopping.is_set():
                    return []
                self._more.wait()
            jobs, rows = [], 0
            while waiting and rows < ROWS_AT_ONCE:
                job = waiting.popleft()
                rows += len(job.batch.readings)
                jobs.append(job)
            return jobs

    def _look(self) -> None:
        """Look every second who is silent, and now and then at the days."""
        tidied = float("-inf")
        waited = 0.0
        listening_since = datetime.now(UTC)
        while not self._stopping.wait(LOOK_EVERY_S):
            waited += LOOK_EVERY_S
            try:
                now = datetime.now(UTC)
                with self._database.transaction(Caller.system()) as connection:
                    silence.look(connection, now, listening_since)
                    roll_calls.mark_unanswered(connection, now)
                if waited - tidied > TIDY_EVERY_S:
                    tidied = waited
                    with self._database.transaction(Caller.system()) as connection:
                        history.prepare(connection, now.date())
                        history.tidy(connection, now.date(), self.kept_days)
            except (DBAPIError, OneMapError) as error:
                _log.warning("the sensors could not be looked after: %s", type(error).__name__)
                listening_since = datetime.now(UTC)
