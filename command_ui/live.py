"""Who must look again, because an incident has moved on or an alarm has changed?"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from gis.database import Caller, Database
from gis.errors import UnavailableError

CHANNEL = "onemap_log"
"""Channel on which the record says, at commit, that an incident moved; the payload is only a hint."""

ALARM_CHANNEL = "onemap_alarm"
"""Channel on which a change of alarms is said at commit; the payload is ``mode:division``, a hint as well."""

ALARMS_ANYWAY_S = 30.0
"""Pages pull their alarms this often even when no hint came."""

POLL_EVERY_S = 5.0
"""A hint may be lost; looking anyway bounds what is missed."""

GATHERED_S = 0.03
"""How long further hints are waited for after the first; nobody sees the difference, and a burst costs a thirtieth."""

_log = logging.getLogger("onemap.live")


@dataclass(frozen=True, slots=True)
class Moved:
    """One incident moved: its newest entry has the number `seq`."""

    incident_id: UUID
    seq: int
    division_code: str
    mode: str
    is_sealed: bool = False
    """The record of an exercise that goes on: only whoever may read it is told."""


Callback = Callable[[Moved], None]
AlarmCallback = Callable[[], None]


class Live:
    """
    One LISTEN connection for the whole process, fanned out inside it.

    A hint wakes it; what happened is always read from the heads of the record (catch-up by seq), after every
    reconnect and every 5 s in any case. Callbacks run in the thread of the listener: they must only leave word.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._heads: dict[UUID, Moved] = {}
        self.state = 0
        """Changes with every move of any incident, before anybody is told of it."""
        self._subscribers: dict[int, tuple[Caller, Callback]] = {}
        self._alarm_subscribers: dict[int, tuple[Caller, AlarmCallback]] = {}
        self._alarms_told_at = 0.0
        self.alarm_state = 0
        """Changes with every change of alarms anywhere, before anybody is told of it, and every half minute."""
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._next_subscriber = 0
        self._caught_up_at = 0.0

    def start(self) -> None:
        """Begin to listen; a second call does nothing."""
        if self._thread is None:
            self._stopping.clear()
            self._thread = threading.Thread(target=self._run, name="onemap-live", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Stop listening and wait for the thread."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout=POLL_EVERY_S + 5)
            self._thread = None

    def revision(self, incident_id: UUID) -> int:
        """Give the number of the newest entry known of an incident; 0 when there is none."""
        head = self._heads.get(incident_id)
        return head.seq if head else 0

    def age_s(self) -> float:
        """Seconds since the heads were last read: what a banner 数据时间 goes by."""
        return time.monotonic() - self._caught_up_at if self._caught_up_at else float("inf")

    def subscribe(self, caller: Caller, callback: Callback) -> Callable[[], None]:
        """
        Call `callback` from now on whenever an incident of the caller's divisions and mode moved.

        Returns
        -------
        unsubscribe
            To be called when the listener goes away; calling it twice does no harm.
        """
        with self._lock:
            number = self._next_subscriber
            self._next_subscriber += 1
            self._subscribers[number] = (caller, callback)

        def unsubscribe() -> None:
            with self._lock:
                self._subscribers.pop(number, None)

        return unsubscribe

    def subscribe_alarms(self, caller: Caller, callback: AlarmCallback) -> Callable[[], None]:
        """Call `callback` whenever alarms of the caller's divisions and mode changed; returns how to end that."""
        with self._lock:
            number = self._next_subscriber
            self._next_subscriber += 1
            self._alarm_subscribers[number] = (caller, callback)

        def unsubscribe() -> None:
            with self._lock:
                self._alarm_subscribers.pop(number, None)

        return unsubscribe

    @property
    def subscribers(self) -> int:
        """How many listen now."""
        return len(self._subscribers)

    @property
    def gone(self) -> int:
        """How many of those who ever listened, to incidents or to alarms, have gone away."""
        with self._lock:
            return self._next_subscriber - len(self._subscribers) - len(self._alarm_subscribers)

    def _run(self) -> None:
        pause_s = 0.5
        while not self._stopping.is_set():
            try:
                with self._listening() as (connection, hints):
                    # Listen first, then catch up: what is committed in between is seen twice rather than never.
                    self._catch_up()
                    pause_s = 0.5
                    self._tell_of_alarms("")
                    while not self._stopping.is_set():
                        heard = next(hints)
                        if any(hint.channel == CHANNEL for hint in heard):
                            # A burst of entries costs one look at the heads, not one each: writers need the processor.
                            self._stopping.wait(GATHERED_S)
                            heard += self._also(connection)
                        for payload in {hint.payload for hint in heard if hint.channel == ALARM_CHANNEL}:
                            self._tell_of_alarms(payload)
                        # Where sensors never fall silent there is always a hint, of alarms only.
                        late = time.monotonic() - self._caught_up_at > POLL_EVERY_S
                        if not heard or late or any(hint.channel == CHANNEL for hint in heard):
                            self._catch_up()
                        if time.monotonic() - self._alarms_told_at > ALARMS_ANYWAY_S:
                            self._tell_of_alarms("")
            except (psycopg.Error, DBAPIError, UnavailableError) as error:
                _log.warning("the record cannot be followed, trying again in %.1f s: %s", pause_s, type(error).__name__)
                self._stopping.wait(pause_s)
                pause_s = min(pause_s * 2, POLL_EVERY_S)

    @contextmanager
    def _listening(self) -> Iterator[tuple[psycopg.Connection[Any], Iterator[list[Any]]]]:
        with psycopg.connect(self._database.conninfo, autocommit=True, connect_timeout=5) as connection:
            for channel in (ALARM_CHANNEL, CHANNEL):
                connection.execute(psycopg.sql.SQL("LISTEN {}").format(psycopg.sql.Identifier(channel)))

            def hints() -> Iterator[list[Any]]:
                while True:
                    # Short waits, so that stopping is quick; many hints at once count as one.
                    waited_until = time.monotonic() + POLL_EVERY_S
                    found: list[Any] = []
                    while not found and time.monotonic() < waited_until and not self._stopping.is_set():
                        # All that came in one packet: the next wait would never see the rest of it again.
                        found = list(connection.notifies(timeout=0.5, stop_after=1))
                    yield found

            yield connection, hints()

    @staticmethod
    def _also(connection: psycopg.Connection[Any]) -> list[Any]:
        """Hints that came in meanwhile."""
        return list(connection.notifies(timeout=0))

    def _catch_up(self) -> None:
        with self._database.transaction(Caller.system()) as connection:
            rows = connection.execute(_HEADS).all()
        self._caught_up_at = time.monotonic()
        for row in rows:
            moved = Moved(row.incident_id, row.last_seq, row.division_code, row.mode, row.is_sealed)
            before = self._heads.get(moved.incident_id)
            if before is None or before.seq < moved.seq:
                self._heads[moved.incident_id] = moved
                self._tell(moved)

    def _tell(self, moved: Moved) -> None:
        with self._lock:
            self.state += 1
            listeners = list(self._subscribers.values())
        for caller, callback in listeners:
            if caller.mode != moved.mode or (moved.is_sealed and not caller.sees_sealed):
                continue
            if caller.division_from <= moved.division_code < caller.division_to:
                try:
                    callback(moved)
                except (RuntimeError, ValueError):
                    # A page that closes at this very moment must not silence the others.
                    _log.debug("a listener was gone", exc_info=True)

    def _tell_of_alarms(self, payload: str) -> None:
        """Tell those whom a hint ``mode:division`` concerns; everybody when it is empty."""
        mode, _, division = payload.partition(":")
        if not payload:
            self._alarms_told_at = time.monotonic()
        with self._lock:
            self.alarm_state += 1
            listeners = list(self._alarm_subscribers.values())
        for caller, callback in listeners:
            if not payload or (caller.mode == mode and caller.division_from <= division < caller.division_to):
                try:
                    callback()
                except (RuntimeError, ValueError):
                    _log.debug("a listener was gone", exc_info=True)


_HEADS = text(
    "SELECT incident_id, last_seq, division_code, mode, incident_id IN (SELECT incident_id FROM record.sealed)"
    " AS is_sealed FROM record.incident_head"
)
