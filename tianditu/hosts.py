"""How does each server answer now, and may it be asked again yet?"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from tianditu.verdict import State

FAILURES_TO_OPEN = 3
"""Failures one after another that open the circuit; one slow tile is no reason."""
FIRST_PAUSE_S = 8.0
LONGEST_PAUSE_S = 120.0
BLOCKED_PAUSE_S = 20.0
"""After the firewall's page (418): asking on only confirms its suspicion."""

_FAULTS: frozenset[State] = frozenset({"timeout", "offline", "broken", "cut_off", "not_a_tile"})


@dataclass(frozen=True, slots=True)
class HostHealth:
    """
    State of one server.

    Attributes
    ----------
    host
        Its name and port, without path or query.
    state
        What its last answers meant.
    since
        When that began; None before the first answer.
    retry_s
        Seconds until it is asked again; 0 when it may be asked now.
    detail
        Its own words, shortened; never a key.
    """

    host: str
    state: State | None
    since: datetime | None
    retry_s: float
    detail: str


class Circuit:
    """
    Circuit breaker 熔断 of one server: closed, open for a growing pause, then one request to see.

    Safe between threads; the clock is handed in so that tests need not wait.
    """

    def __init__(self, address: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.host = urlsplit(address).netloc
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._pauses = 0
        self._open_until = 0.0
        self._trying = False
        self._state: State | None = None
        self._since: datetime | None = None
        self._detail = ""

    def allows(self) -> bool:
        """Whether a request may be sent; after a pause only one may, until its answer is told."""
        with self._lock:
            if self._failures < FAILURES_TO_OPEN:
                return True
            if self._clock() < self._open_until or self._trying:
                return False
            self._trying = True
            return True

    def is_open(self) -> bool:
        """Whether requests are held back now; asks nothing and changes nothing."""
        with self._lock:
            return self._failures >= FAILURES_TO_OPEN and self._clock() < self._open_until

    def tell(self, state: State, detail: str = "") -> bool:
        """
        Say what an answer meant; a refused key is the key's fault and leaves the circuit closed.

        Returns
        -------
        changed
            Whether the state of this server is another one now.
        """
        with self._lock:
            self._trying = False
            if state in ("not_found", "placeholder"):
                return False  # the server is well, it only has no such tile
            if state in _FAULTS:
                self._failures += 1
                if self._failures >= FAILURES_TO_OPEN:
                    pause = min(FIRST_PAUSE_S * 2**self._pauses, LONGEST_PAUSE_S)
                    if self._clock() >= self._open_until:  # answers to requests sent together count once
                        self._pauses += 1
                        self._open_until = self._clock() + pause
            elif state == "no_key":
                self._failures = FAILURES_TO_OPEN
                self._open_until = self._clock() + BLOCKED_PAUSE_S
            else:
                self._failures = self._pauses = 0
                self._open_until = 0.0
            self._detail = detail
            if state == self._state:
                return False
            self._state, self._since = state, datetime.now(UTC)
            return True

    def cancel(self) -> None:
        """Take back a request that was allowed and never sent."""
        with self._lock:
            self._trying = False

    def retry_s(self) -> float:
        """Seconds until it may be asked again."""
        with self._lock:
            return max(0.0, self._open_until - self._clock()) if self._failures >= FAILURES_TO_OPEN else 0.0

    def health(self) -> HostHealth:
        """State for the page and the administrator."""
        retry_s = self.retry_s()
        with self._lock:
            return HostHealth(self.host, self._state, self._since, retry_s, self._detail)


class Standing:
    """
    How a publisher as a whole answers: one slow tile of one of its eight servers is no news, three in a row are.

    Safe between threads.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults = 0
        self._state: State | None = None
        self._since: datetime | None = None

    def tell(self, state: State) -> bool:
        """Say what an answer of any of its servers meant; returns whether its state is another one now."""
        with self._lock:
            if state in ("not_found", "placeholder"):
                return False
            self._faults = self._faults + 1 if state in _FAULTS else 0
            if state in _FAULTS and self._faults < FAILURES_TO_OPEN and self._state is not None:
                return False
            if state == self._state:
                return False
            self._state, self._since = state, datetime.now(UTC)
            return True

    @property
    def state(self) -> State | None:
        """What its last answers meant; None before the first."""
        return self._state

    @property
    def since(self) -> datetime | None:
        """When that began."""
        return self._since
