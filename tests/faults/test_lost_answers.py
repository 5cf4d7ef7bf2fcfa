"""The hardest case for a log: the entry is on disk and nobody hears of it. Is it there once, and would we notice?"""

import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import DBAPIError

from gis.cluster import PORT, PrivateCluster
from gis.database import APPLICATION_ROLE, Caller, Database
from gis.errors import OneMapError
from scenarios import log, verify, verify_rows
from scenarios.events import Note
from scenarios.log import Receipt

DRILL = Caller("演练导调", "000000", "999999", "drill")
LINES = 150
EVERY = 7
"""Of so many answers that carry a receipt, one is lost."""


class CutWire:
    """Stands between the program and the server's socket and now and then ends a connection with the answer in hand."""

    def __init__(self, real: Path, folder: Path) -> None:
        self.real = real
        self.lost = 0
        self._answers = 0
        self._lock = threading.Lock()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(folder / f".s.PGSQL.{PORT}"))
        self.listener.listen(32)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX)
            far.connect(str(self.real))
            threading.Thread(target=self._carry, args=(near, far, False), daemon=True).start()
            threading.Thread(target=self._carry, args=(far, near, True), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, answers: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                # The command tag of what was committed; a refusal or a mere look carries none of ours.
                if answers and b"SELECT 1" in data and self._is_lost():
                    break
                target.sendall(data)
        for wire in (source, target):
            with suppress(OSError):
                wire.shutdown(socket.SHUT_RDWR)
            wire.close()

    def _is_lost(self) -> bool:
        with self._lock:
            self._answers += 1
            lost = self._answers % EVERY == 0
            self.lost += lost
            return lost


@pytest.fixture
def wire(cluster: PrivateCluster) -> Iterator[tuple[CutWire, Path]]:
    """The cut wire and the folder of its socket, whose path must be short."""
    folder = Path(tempfile.mkdtemp(prefix="omcut-"))
    made = CutWire(cluster.socket_folder / f".s.PGSQL.{PORT}", folder)
    yield made, folder
    made.listener.close()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def through(wire: tuple[CutWire, Path], database_name: str) -> Iterator[Database]:
    """The database behind the cut wire."""
    host = quote(str(wire[1]), safe="/")
    opened = Database(f"postgresql+psycopg://{APPLICATION_ROLE}@/{database_name}?host={host}&port={PORT}")
    yield opened
    opened.close()


def write(database: Database, incident: UUID, number: int, *, keep_key: bool) -> tuple[Receipt, int]:
    """One line until it is acknowledged; a careful client keeps the key, a careless one makes a new one."""
    key, attempts = uuid4(), 0
    while True:
        attempts += 1
        try:
            return log.append_once(database, DRILL, incident, Note(f"第 {number} 行"), key=key), attempts
        except (OneMapError, DBAPIError):
            if not keep_key:
                key = uuid4()


def opened(database: Database) -> UUID:
    incident = uuid4()
    with database.transaction(DRILL) as connection:
        log.open_incident(connection, incident, "990102")
    return incident


def texts(database: Database, incident: UUID) -> list[str]:
    with database.transaction(DRILL) as connection:
        return [str(entry.payload["text"]) for entry in log.read(connection, incident)]


def test_an_answer_lost_on_the_way_doubles_nothing(
    database: Database, through: Database, wire: tuple[CutWire, Path]
) -> None:
    incident = opened(database)
    receipts = [write(through, incident, number, keep_key=True)[0] for number in range(LINES)]
    assert wire[0].lost > LINES // EVERY // 2, "hardly an answer was lost: this test has proved nothing"
    assert sum(receipt.replayed for receipt in receipts) > 0, "some were answered by their key"
    assert texts(database, incident) == [f"第 {number} 行" for number in range(LINES)]
    acknowledged = {(str(one.incident_id), one.seq): frozenset({one.hash}) for one in receipts}
    with verify_rows.database_rows(database.conninfo, incident) as (heads, entries):
        found = verify.verify(heads, entries, acknowledged)
    assert found.ok, found.faults


def test_several_kept_lines_whose_answer_was_lost_are_there_once(
    database: Database, through: Database, wire: tuple[CutWire, Path]
) -> None:
    incident = opened(database)
    for start in range(0, 60, 5):
        lines = [log.Kept(Note(f"第 {n} 行"), uuid4()) for n in range(start, start + 5)]
        for _ in range(3):  # as a desk does that never heard
            with suppress(OneMapError, DBAPIError):
                log.append_kept(through, DRILL, incident, lines)
    assert texts(database, incident) == [f"第 {n} 行" for n in range(60)]


def test_planted_a_new_key_at_every_attempt_doubles_lines(
    database: Database, through: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the test above must find, if a client or `Database.call` were careless."""
    incident = opened(database)
    real = Database.call

    def careless(self: Database, statement: str, caller: Caller, values: tuple) -> list:  # type: ignore[type-arg]
        return real(self, statement.replace("%s, %s::timestamptz", "gen_random_uuid(), %s::timestamptz"), caller, (
            *values[:3], *values[4:]))  # fmt: skip

    monkeypatch.setattr(Database, "call", careless)
    for number in range(60):
        write(through, incident, number, keep_key=False)
    written = texts(database, incident)
    assert len(written) > len(set(written)), "nothing was doubled: the fault was not planted"
