"""Who carries the outbox to the neighbours, also after a cut and after a kill? A few threads of the server."""

import base64
import logging
import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from gis.database import HIGHEST_DIVISION, LOWEST_DIVISION, Caller
from gis.errors import OneMapError
from gis.provenance import Mode
from scenarios import witness
from scenarios.nodes import heads, outbox
from scenarios.nodes.gathering import Gatherer
from scenarios.nodes.heads import Asked, Push
from scenarios.nodes.line import HEADS, MESSAGES, BusyError, Line, LineError, RefusedThereError
from scenarios.nodes.neighbours import Neighbour, Neighbours, Own
from scenarios.nodes.outbox import Due, Receipt
from scenarios.nodes.receiving import DOCUMENT_LIMIT

if TYPE_CHECKING:
    from scenarios.desk import Desk

Sealer = Callable[[UUID, int, Caller], bytes]
"""Prints and seals the report that stands at an entry of an incident."""

_log = logging.getLogger("onemap.nodes")


@dataclass(frozen=True, slots=True)
class Pace:
    """
    How quickly everything happens, seconds.

    After a cut a line is tried again at the latest after ``longest_wait_s``, so it comes back within a minute of being
    healed; a row whose sender was killed is free again after ``lease_s``.
    """

    look_s: float = 1.0
    first_wait_s: float = 1.0
    longest_wait_s: float = 5.0
    timeout_s: float = 8.0
    heads_s: float = 60.0
    lease_s: float = 30.0
    receipts_s: float = 0.5
    """How long receipts are gathered before they are written down together."""
    at_once: int = 20
    most_attempts: int = 12
    """Answers "not now" to one row before a person must look."""

    def wait_s(self, failures: int) -> float:
        """Pause after so many failures in a row: doubling, capped, and never the same for two nodes."""
        whole = min(self.longest_wait_s, self.first_wait_s * 2.0 ** min(failures - 1, 16))
        return whole * random.uniform(0.7, 1.0)  # noqa: S311 - spreads load, guards nothing


class Sender:
    """
    Gathers what must go out and carries it to every neighbour until it has been received there.

    Several processes may run one on the same database: rows are claimed, so none is sent by two of them at once.

    Parameters
    ----------
    witness_keys
        Folder of the key the heads are signed with.
    seal
        None = reports go without a sealed document.
    """

    def __init__(
        self, desk: "Desk", own: Own, neighbours: Neighbours, witness_keys: Path, *, seal: Sealer | None = None,
        pace: Pace | None = None,
    ) -> None:  # fmt: skip
        self._desk = desk
        self._own = own
        self._neighbours = neighbours
        self._witness_keys = witness_keys
        self._seal = seal
        self.pace = pace or Pace()
        self._gatherer = Gatherer(desk, own)
        self._lines: dict[str, Line] = {}
        self._told: dict[str, dict[UUID, int]] = {}
        self._running: dict[str, Future[None]] = {}
        self._wanted = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin; a node without a name has nobody to speak with and starts nothing. A second call does nothing."""
        if self._own.name and self._thread is None:
            self._thread = threading.Thread(target=self._run, name="onemap-nodes", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Finish what is in hand and end; what was not sent stays where it is."""
        self._stopping.set()
        self._wanted.set()
        if self._thread is not None:
            self._thread.join(timeout=self.pace.timeout_s * 2 + 5)
            self._thread = None
        for line in self._lines.values():
            line.close()

    def nudge(self) -> None:
        """Look at once: something was recorded, or a person asked for another attempt."""
        self._wanted.set()

    def carry_once(self, name: str) -> None:
        """Gather, then carry what is due to one neighbour, now and in this thread, whatever the last failure was."""
        with self._desk.database.transaction(_system()) as connection:
            everybody = self._neighbours.all(connection)
            connection.execute(text("UPDATE nodes.line SET open_until = NULL WHERE name = :name"), {"name": name})
        while self._gatherer.gather(everybody):
            pass
        self._carry(next(one for one in everybody if one.name == name))

    # -- the loop --------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        with ThreadPoolExecutor(8, thread_name_prefix="onemap-node") as pool:
            while not self._stopping.is_set():
                try:
                    self._look(pool)
                except (OneMapError, DBAPIError) as error:
                    _log.warning("the outbox cannot be looked at: %s", error)
                self._wanted.wait(self.pace.look_s)
                self._wanted.clear()

    def _look(self, pool: ThreadPoolExecutor) -> None:
        with self._desk.database.transaction(_system()) as connection:
            everybody = self._neighbours.all(connection)
        if not everybody:
            return
        while self._gatherer.gather(everybody) and not self._stopping.is_set():
            pass
        for one in everybody:
            busy = self._running.get(one.name)
            if busy is None or busy.done():
                self._running[one.name] = pool.submit(self._carried, one)

    def _carried(self, to: Neighbour) -> None:
        try:
            self._carry(to)
        except (OneMapError, DBAPIError) as error:
            _log.warning("nothing could be carried to %s: %s", to.name, error)

    # -- one neighbour ---------------------------------------------------------------------------------------------

    def _carry(self, to: Neighbour) -> None:
        if not self._may_try(to):
            return
        line = self._line(to)
        try:
            if self._heads_due(to):
                self._exchange_heads(line)
            while not self._stopping.is_set() and self._send_some(line):
                pass
        except LineError as error:
            self._failed(to, error)

    def _line(self, to: Neighbour) -> Line:
        line = self._lines.get(to.name)
        if line is None or line.to != to:
            if line is not None:
                line.close()
            line = self._lines[to.name] = Line(self._own, to, timeout_s=self.pace.timeout_s)
        return line

    def _may_try(self, to: Neighbour) -> bool:
        with self._desk.database.transaction(_system()) as connection:
            return bool(connection.execute(_MAY_TRY, {"name": to.name}).scalar_one_or_none())

    def _heads_due(self, to: Neighbour) -> bool:
        """Whether heads are exchanged now, and by this process; after a failure they are the probe of the line."""
        with self._desk.database.transaction(_system()) as connection:
            return connection.execute(_HEADS_DUE, {"name": to.name, "every": self.pace.heads_s}).first() is not None

    def _exchange_heads(self, line: Line) -> None:
        key = witness.signing_key(self._witness_keys)
        told = self._told.setdefault(line.to.name, {})
        with self._desk.database.transaction(_system()) as connection:
            lines = heads.moved(connection, key, told)
        asked = self._push(line, Push(at=datetime.now(UTC), public_key=heads.public_pem(key), heads=lines, answers=[]))
        told.update(heads.told(lines))
        if asked:
            with self._desk.database.transaction(_system()) as connection:
                shown = heads.answers(connection, asked)
            self._push(line, Push(at=datetime.now(UTC), public_key=heads.public_pem(key), heads=[], answers=shown))

    def _push(self, line: Line, push: Push) -> list[Asked]:
        try:
            answer = line.post(HEADS, push.model_dump(mode="json"))
            asked = [Asked.model_validate(one) for one in answer.body.get("asked", [])]
        except (BusyError, RefusedThereError, ValidationError, TypeError) as error:
            raise LineError("away", f"'{line.to.name}' takes no heads: {error}") from error
        self._reached(line.to, answer.clock_off_s)
        return asked[: heads.MOST_ASKED]

    def _send_some(self, line: Line) -> bool:
        """Send what is due; False when there is nothing left for now."""
        with self._desk.database.transaction(_system()) as connection:
            held = outbox.claim(connection, line.to.name, self.pace.at_once, self.pace.lease_s)
        until = time.monotonic() + self.pace.lease_s - self.pace.timeout_s - 2
        # A commit for each receipt would take longer than the carrying. Rows of a process that is killed with some in
        # hand are sent again when its lease ends, and the same receipts come.
        receipts: list[Receipt] = []
        written_at = time.monotonic()
        try:
            for place, due in enumerate(held):
                rest = [one.id for one in held[place:]]
                if self._stopping.is_set() or time.monotonic() > until:
                    # Sealing took long: let go of the rest before the lease ends, or another process sends it too.
                    self._write(partial(outbox.give_back, row_ids=rest))
                    return not self._stopping.is_set()
                try:
                    receipt = self._send(line, due)
                except LineError as error:
                    self._write(partial(outbox.give_back, row_ids=rest, fault=str(error), tried=due.id))
                    raise
                receipts += [receipt] if receipt is not None else []
                if time.monotonic() - written_at > self.pace.receipts_s:
                    self._keep(line, receipts)
                    receipts, written_at = [], time.monotonic()
        finally:
            self._keep(line, receipts)
        return len(held) == self.pace.at_once

    def _keep(self, line: Line, receipts: Sequence[Receipt]) -> None:
        """Write receipts down, and with them that the line stands."""
        if receipts:
            with self._desk.database.transaction(_system()) as connection:
                outbox.delivered(connection, receipts)
                connection.execute(_REACHED, {"name": line.to.name, "off": line.clock_off_s})

    def _send(self, line: Line, due: Due) -> Receipt | None:
        """Send one row; its receipt, or None where it was refused for now or for good, which is written down."""
        document = due.document
        if due.document_state == "wanted":
            document = self._sealed(due)
            self._write(lambda connection: outbox.keep_document(connection, due, document))
        body = {
            "said": due.said,
            "document": base64.b64encode(document).decode() if document is not None else "",
            "sent_at": datetime.now(UTC).isoformat(),
        }
        try:
            answer = line.post(MESSAGES, body)
        except BusyError as error:
            attempts = due.attempts + 1
            said = str(error)
            if attempts >= self.pace.most_attempts:
                self._write(lambda connection: outbox.bury(connection, due.id, said))
            else:
                wait = self.pace.wait_s(attempts)
                self._write(lambda connection: outbox.postpone(connection, due.id, said, wait))
            return None
        except RefusedThereError as error:
            said = str(error)
            self._write(lambda connection: outbox.bury(connection, due.id, said))
            return None
        return Receipt(due.id, datetime.fromisoformat(str(answer.body["received_at"])))

    def _sealed(self, due: Due) -> bytes | None:
        """Sealed document of a report, or None: it goes without rather than not at all."""
        if self._seal is None or due.seq is None:
            return None
        try:
            made = self._seal(due.incident_id, due.seq, _system(due.mode))
        except (OneMapError, OSError) as error:
            _log.warning("report %s goes without its sealed document: %s", due.message_id, error)
            return None
        return made if len(made) <= DOCUMENT_LIMIT else None

    # -- how the line stands ---------------------------------------------------------------------------------------

    def _reached(self, to: Neighbour, clock_off_s: float) -> None:
        self._write(lambda connection: connection.execute(_REACHED, {"name": to.name, "off": clock_off_s}))

    def _failed(self, to: Neighbour, error: LineError) -> None:
        with self._desk.database.transaction(_system()) as connection:
            failures = connection.execute(_FAILED, {"name": to.name, "trouble": error.trouble}).scalar_one()
            wait = self.pace.wait_s(failures)
            connection.execute(_OPEN, {"name": to.name, "wait": wait})
        if failures in (1, 3) or failures % 50 == 0:
            _log.warning("line to %s, failure %d: %s", to.name, failures, error)

    def _write(self, work: Callable[[Connection], object]) -> None:
        with self._desk.database.transaction(_system()) as connection:
            work(connection)


def _system(mode: Mode = "live") -> Caller:
    return Caller("system", LOWEST_DIVISION, HIGHEST_DIVISION, mode)


_MAY_TRY = text("SELECT open_until IS NULL OR open_until <= clock_timestamp() FROM nodes.line WHERE name = :name")
_HEADS_DUE = text(
    "UPDATE nodes.line SET heads_at = clock_timestamp() WHERE name = :name AND (heads_at IS NULL OR failures > 0 "
    "OR heads_at < clock_timestamp() - make_interval(secs => :every)) RETURNING name"
)
_REACHED = text(
    "UPDATE nodes.line SET tried_at = clock_timestamp(), reached_at = clock_timestamp(), failures = 0, "
    "open_until = NULL, trouble = '', clock_off_s = :off WHERE name = :name"
)
_FAILED = text(
    "UPDATE nodes.line SET tried_at = clock_timestamp(), failures = failures + 1, trouble = :trouble "
    "WHERE name = :name RETURNING failures"
)
_OPEN = text("UPDATE nodes.line SET open_until = clock_timestamp() + make_interval(secs => :wait) WHERE name = :name")
