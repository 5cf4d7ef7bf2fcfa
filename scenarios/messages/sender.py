"""Who carries messages to the gateway and hears what became of them, also after a cut and after a kill? One thread."""

import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import uuid5

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from gis.database import HIGHEST_DIVISION, LOWEST_DIVISION, Caller
from gis.errors import OneMapError
from gis.provenance import Mode
from scenarios import log
from scenarios.messages import outbox
from scenarios.messages.events import MessageMoved
from scenarios.messages.fold import named
from scenarios.messages.gateway import (
    Gateway,
    GatewayDownError,
    GatewayRefusedError,
    GatewayUnknownError,
    Outcome,
    Outgoing,
    Rehearsal,
)
from scenarios.messages.outbox import Due
from scenarios.messages.states import may_follow
from scenarios.nodes.sender import Pace

if TYPE_CHECKING:
    from scenarios.desk import Desk

MOST_ROUNDS = 3
"""How often a failure that may pass is tried by itself; then a person must look."""
FOLLOWED_S = 72 * 3600.0
"""How long an answer is waited for."""
LONGEST_LOOK_S = 60.0
"""An answer is asked for at the latest after this, so that it stands on the screen within a minute."""

_log = logging.getLogger("onemap.messages")


class MessageSender:
    """
    Hands messages over and writes down what became of them.

    Several processes may run one on the same database: rows are claimed, so none is handled by two of them at once, and
    a gateway gets the same key for every attempt.

    Parameters
    ----------
    gateway
        Where live messages go; None = nowhere, they wait until there is one. Exercises never reach it.
    """

    def __init__(self, desk: "Desk", gateway: Gateway | None, *, pace: Pace | None = None) -> None:
        self._desk = desk
        self._gateway = gateway
        self._rehearsal = Rehearsal()
        self.pace = pace or Pace(look_s=2.0, longest_wait_s=60.0)
        self._wanted = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin; a second call does nothing."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="onemap-messages", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Finish what is in hand and end; what has not gone stays where it is."""
        self._stopping.set()
        self._wanted.set()
        if self._thread is not None:
            self._thread.join(timeout=self.pace.timeout_s * 2 + 5)
            self._thread = None

    def nudge(self) -> None:
        """Look at once: something was recorded."""
        self._wanted.set()

    def carry_once(self) -> int:
        """Handle what is due now, in this thread; how many rows that were."""
        with self._desk.database.transaction(_system()) as connection:
            held = outbox.claim(connection, self.pace.at_once, self.pace.lease_s)
        until = time.monotonic() + self.pace.lease_s - self.pace.timeout_s - 2
        down: GatewayDownError | None = None
        for due in held:
            if self._stopping.is_set() or time.monotonic() > until:
                self._wait(due, "", 0.0, tried=False)
            elif down is not None and due.mode == "live":
                # The gateway did not answer a moment ago: the others wait as well, and not one by one.
                self._wait(due, str(down), self.pace.wait_s(due.attempts + 1), tried=False)
            else:
                down = self._carried(due) or down
        return len(held)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                while self.carry_once() == self.pace.at_once and not self._stopping.is_set():
                    pass
            except (OneMapError, DBAPIError) as error:
                _log.warning("messages could not be looked at: %s", error)
            self._wanted.wait(self.pace.look_s)
            self._wanted.clear()

    # -- one message -------------------------------------------------------------------------------------------------

    def _carried(self, due: Due) -> GatewayDownError | None:
        gateway = self._gateway if due.mode == "live" else self._rehearsal
        try:
            if gateway is None:
                raise GatewayDownError("no gateway is set")
            if due.state == "waiting":
                self._take(due, gateway.hand_over(Outgoing(due.key, due.kind, due.phone, due.name, due.said)))
            else:
                self._take(due, gateway.look(due.key))
        except GatewayDownError as error:
            wait, said = self.pace.wait_s(due.attempts + 1), str(error)
            if due.attempts in (0, 3) or due.attempts % 50 == 49:
                _log.warning("message %s waits: %s", due.message_id, error)
            self._wait(due, said, wait)
            return error
        except GatewayUnknownError:
            self._write(lambda connection: outbox.lost(connection, due.id))
        except GatewayRefusedError as error:
            self._take(due, Outcome("failed", str(error)))
        return None

    def _take(self, due: Due, outcome: Outcome) -> None:
        """Write down what the gateway says and when it is asked again, both or neither."""
        with self._desk.database.transaction(_system(due.mode)) as connection:
            known = self._desk.fold(connection, due.incident_id)
            message = named(known.messages, due.message_id)
            if message is None or message.round != due.round:
                outbox.end(connection, due.id)
                return
            again = outcome.state == "failed" and outcome.retry and due.round < MOST_ROUNDS
            if outcome.state != "queued" and may_follow(message.state, outcome.state):
                event = MessageMoved(
                    due.message_id, outcome.state, outcome.reason, outcome.text, outcome.duration_s, outcome.at,
                    message.put.way, final=not again,
                )  # fmt: skip
                log.append(
                    connection, due.incident_id, event, key=uuid5(due.key, outcome.state), caused_by=(message.seq,)
                )
            if again:
                wait = self.pace.wait_s(due.round) * 2
                outbox.next_round(
                    connection, due.id, due.incident_id, due.message_id, due.round + 1, wait, outcome.reason
                )
            elif outcome.state in ("answered", "failed") or due.mode != "live" or self._is_old(due):
                outbox.end(connection, due.id, outcome.reason if outcome.state == "failed" else "")
            else:
                looks = due.attempts if due.state == "following" else 0
                wait = min(LONGEST_LOOK_S, self.pace.first_wait_s * 1.5 ** min(looks, 20))
                outbox.handed_over(connection, due.id, wait)

    @staticmethod
    def _is_old(due: Due) -> bool:
        return due.handed_at is not None and time.time() - due.handed_at.timestamp() > FOLLOWED_S

    def _wait(self, due: Due, fault: str, wait_s: float, *, tried: bool = True) -> None:
        self._write(lambda connection: outbox.postpone(connection, due.id, fault, wait_s, tried=tried))

    def _write(self, work: Callable[[Connection], object]) -> None:
        with self._desk.database.transaction(_system()) as connection:
            work(connection)


def _system(mode: Mode = "live") -> Caller:
    return Caller("system", LOWEST_DIVISION, HIGHEST_DIVISION, mode)
