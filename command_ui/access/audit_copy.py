"""How does each line of the audit get to another host, once and in order, however often the line between is cut?"""

import logging
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from command_ui.access.audit_frames import FIRST, Place, frame, greeting_of
from gis.database import Caller, Database
from gis.errors import InputError, OneMapError

SCHEMES = ("syslog+tcp", "syslog+tls", "keep+tcp", "keep+tls")
EVERY_S = 2.0
AT_ONCE = 500
_PATIENCE_S = 10.0
_CLAIM_S = 60
_log = logging.getLogger("onemap.audit")


@dataclass(frozen=True, slots=True)
class Target:
    """
    Where the copy goes.

    Attributes
    ----------
    keeps
        Whether `onemap audit keep` answers there: it says how far it has come, so that nothing is sent twice. Any other
        receiver of RFC 5424 lines confirms a batch by closing the connection after it has read it to the end; a batch
        whose confirmation was cut off comes again, each line with its number.
    """

    address: str
    host: str
    port: int
    keeps: bool
    tls: ssl.SSLContext | None

    @classmethod
    def of(cls, address: str, authority: Path | None = None) -> "Target":
        """
        Read an address such as `syslog+tls://log.example:6514`.

        Raises
        ------
        InputError
            It is none, or the certificate authority cannot be read.
        """
        parts = urlsplit(address)
        try:
            port = parts.port
        except ValueError:
            port = None
        if parts.scheme not in SCHEMES or not parts.hostname or port is None or parts.path.strip("/") or parts.username:
            raise InputError(f"ONEMAP_AUDIT_COPY: '{address}' is not like syslog+tls://log.example:6514")
        trust = None
        if parts.scheme.endswith("tls"):
            try:
                trust = ssl.create_default_context(cafile=str(authority) if authority else None)
            except OSError as error:
                raise InputError(f"ONEMAP_AUDIT_COPY_CA: {authority} cannot be read: {error}") from None
        return cls(address, parts.hostname, port, parts.scheme.startswith("keep"), trust)

    def connect(self) -> socket.socket:
        """Open a connection; with TLS the name of the host is checked."""
        plain = socket.create_connection((self.host, self.port), timeout=_PATIENCE_S)
        if self.tls is None:
            return plain
        try:
            return self.tls.wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise


@dataclass(frozen=True, slots=True)
class CopyState:
    """How far the copy has come: lines confirmed, lines still to come, and why the last attempt failed."""

    target: str
    lines: int
    behind: int
    copied_at: datetime | None
    fault: str


def state(connection: Connection, target: str) -> CopyState:
    """Say how far the copy has come."""
    return CopyState(**connection.execute(_STATE, {"target": target}).mappings().one())


class Copier:
    """Sends what is new every few seconds; of several processes one at a time. `stop` waits for a batch under way."""

    def __init__(self, database: Database, target: Target, *, every_s: float = EVERY_S) -> None:
        self._database = database
        self._target = target
        self._every_s = every_s
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin."""
        self._thread = threading.Thread(target=self._run, name="onemap-audit-copy", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._over.set()
        if self._thread is not None:
            self._thread.join(timeout=2 * _PATIENCE_S)

    def once(self) -> int:
        """
        Send one batch; return how many lines the receiver confirmed.

        Raises
        ------
        OSError
            The receiver is away or does not answer as it should.
        """
        place = self._claim()
        if place is None:
            return 0  # another process is at it
        reached, sent = place, 0
        fault = ""
        try:
            reached, sent = self._deliver(place)
        except (OSError, ValueError) as error:
            fault = f"{type(error).__name__}: {error}"[:500]
            raise
        finally:
            with self._database.transaction(Caller.system()) as connection:
                done = {"day": reached.day, "seq": reached.seq, "sent": sent, "fault": fault}
                connection.execute(_RELEASE, {"target": self._target.address, **done})
        return sent

    def _run(self) -> None:
        while not self._over.wait(self._every_s):
            try:
                while self.once() == AT_ONCE and not self._over.is_set():
                    pass
            except (OSError, ValueError, OneMapError, SQLAlchemyError) as error:
                _log.warning("the copy of the audit waits: %s", type(error).__name__)

    def _claim(self) -> Place | None:
        with self._database.transaction(Caller.system()) as connection:
            connection.execute(_BEGIN, {"target": self._target.address})
            row = connection.execute(_CLAIM, {"target": self._target.address, "held": _CLAIM_S}).first()
        return Place(row.day, row.seq) if row is not None else None

    def _deliver(self, place: Place) -> tuple[Place, int]:
        if not self._target.keeps:
            lines = self._after(place)
            if not lines:
                return place, 0
            with self._target.connect() as line:
                line.sendall(b"".join(frame(one) for one in lines))
                _read_to_the_end(line)
            return _place(lines[-1]), len(lines)
        with self._target.connect() as line, line.makefile("rb") as answers:
            held = greeting_of(answers.readline(200))
            if held > self._newest():
                raise ValueError(f"the receiver holds line {held}, which this database has not")
            lines = self._after(held)
            if not lines:
                return held, 0
            line.sendall(b"".join(frame(one) for one in lines))
            reached = held
            while reached != _place(lines[-1]):
                reached = greeting_of(answers.readline(200))
        return reached, len(lines)

    def _after(self, place: Place) -> Sequence[dict[str, object]]:
        with self._database.transaction(Caller.system()) as connection:
            rows = connection.execute(_NEXT, {"day": place.day, "seq": place.seq, "most": AT_ONCE}).mappings()
            return [dict(row) for row in rows]

    def _newest(self) -> Place:
        with self._database.transaction(Caller.system()) as connection:
            row = connection.execute(_NEWEST).first()
        return Place(row.day, row.last_seq) if row is not None else FIRST


def lines_of(connection: Connection, days: int) -> Iterator[dict[str, object]]:
    """Every line of the last `days` days in order, as the database holds it."""
    for row in connection.execute(_ALL, {"days": days}).mappings():
        yield dict(row)


def _place(line: dict[str, object]) -> Place:
    day, seq = line["day"], line["seq"]
    assert isinstance(day, date)
    assert isinstance(seq, int)
    return Place(day, seq)


def _read_to_the_end(line: socket.socket) -> None:
    """Say that nothing follows and wait until the receiver, having read it all, closes too."""
    if isinstance(line, ssl.SSLSocket):
        line.unwrap().close()
        return
    line.shutdown(socket.SHUT_WR)
    while line.recv(4096):
        pass


_STATE = text(
    "SELECT CAST(:target AS text) AS target, coalesce(copy.lines, 0) AS lines, copy.copied_at,"
    " coalesce(copy.fault, '') AS fault, (SELECT count(*) FROM access.audit_entry AS line"
    "   WHERE (line.day, line.seq) > (coalesce(copy.day, '2000-01-01'), coalesce(copy.seq, 0))) AS behind"
    " FROM (SELECT 1) AS one LEFT JOIN access.audit_copy AS copy ON copy.target = :target"
)
_BEGIN = text("INSERT INTO access.audit_copy (target) VALUES (:target) ON CONFLICT DO NOTHING")
_CLAIM = text(
    "UPDATE access.audit_copy SET claimed_until = clock_timestamp() + make_interval(secs => :held)"
    " WHERE target = :target AND claimed_until < clock_timestamp() RETURNING day, seq"
)
_RELEASE = text(
    "UPDATE access.audit_copy SET claimed_until = clock_timestamp(), day = :day, seq = :seq, lines = lines + :sent,"
    " fault = :fault, copied_at = CASE WHEN :fault = '' THEN clock_timestamp() ELSE copied_at END"
    " WHERE target = :target"
)
_NEXT = text(
    "SELECT * FROM access.audit_entry WHERE (day, seq) > (CAST(:day AS date), CAST(:seq AS bigint))"
    " ORDER BY day, seq LIMIT :most"
)
_ALL = text(
    "SELECT * FROM access.audit_entry"
    " WHERE day > (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date - CAST(:days AS int) ORDER BY day, seq"
)
_NEWEST = text("SELECT day, last_seq FROM access.audit_day ORDER BY day DESC LIMIT 1")
