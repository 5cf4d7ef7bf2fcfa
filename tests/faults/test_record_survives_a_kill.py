"""Is an acknowledged entry still there after the database server was killed in the middle of writing?"""

import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from gis import migrate
from gis.cluster import PrivateCluster
from gis.database import APPLICATION_ROLE, Caller, Database
from gis.errors import OneMapError
from scenarios import log, verify, verify_rows
from scenarios.events import Note
from scenarios.log import Receipt
from tests.killing import kill_server

DRILL = Caller("演练导调", "000000", "999999", "drill")
# In `make test` the same is tried through HTTP, see test_killed_over_http.py.
pytestmark = pytest.mark.faults
KILLS = 3
WRITERS = 3
BETWEEN_S = 1.2


@pytest.fixture
def own_cluster() -> Iterator[PrivateCluster]:
    """A cluster of this test's own: nobody else's server is killed."""
    folder = Path(tempfile.mkdtemp(prefix="onemap-kill-"))
    folder.chmod(0o755)
    cluster = PrivateCluster(folder / "cluster")
    cluster.start()
    try:
        migrate.upgrade(cluster.url())
        yield cluster
    finally:
        cluster.stop(even_if_kept=True)
        shutil.rmtree(folder, ignore_errors=True)


class Writer(threading.Thread):
    """Writes note after note; keeps the key of a note until it has its receipt, as a browser does."""

    def __init__(self, address: str, incident: UUID, enough: threading.Event) -> None:
        super().__init__()
        self.address, self.incident, self.enough = address, incident, enough
        self.receipts: list[Receipt] = []
        self.keys: list[UUID] = []
        self.failures = 0

    def run(self) -> None:
        """Until told that it is enough."""
        database = Database(self.address)
        while not self.enough.is_set():
            self.keys.append(uuid4())
            while not self._send(database, self.keys[-1], len(self.keys)):
                self.failures += 1
                time.sleep(0.05)
        database.close()

    def _send(self, database: Database, key: UUID, number: int) -> bool:
        try:
            with database.transaction(DRILL) as connection:
                receipt = log.append(connection, self.incident, Note(f"第 {number} 行"), key=key)
        except (DBAPIError, OneMapError):
            return False
        self.receipts.append(receipt)
        return True


def _written_on(writers: list[Writer]) -> None:
    """Let each writer have some more receipts: a moment in which none was in the middle of it proves nothing."""
    time.sleep(BETWEEN_S)
    before, deadline = [len(writer.receipts) for writer in writers], time.monotonic() + 120
    while any(len(writer.receipts) < had + 3 for writer, had in zip(writers, before, strict=True)):
        assert all(writer.is_alive() for writer in writers) and time.monotonic() < deadline, "nobody writes"
        time.sleep(0.01)


def killed_while_writing(cluster: PrivateCluster, kills: int) -> tuple[UUID, list[Writer]]:
    """Let writers write while the server is killed again and again; give the incident and what they know."""
    address = cluster.url(APPLICATION_ROLE)
    incident = uuid4()
    database = Database(address)
    with database.transaction(DRILL) as connection:
        log.open_incident(connection, incident, "990102")
    database.close()
    enough = threading.Event()
    writers = [Writer(address, incident, enough) for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    try:
        for _ in range(kills):
            _written_on(writers)
            kill_server(cluster.data)
            cluster.start()
        _written_on(writers)
    finally:
        enough.set()
        for writer in writers:
            writer.join(60)
    return incident, writers


def checked(cluster: PrivateCluster, incident: UUID, writers: list[Writer]) -> tuple[list[verify.EntryRow], set[str]]:
    """Entries that are there, and the codes of what the verifier finds when it holds the receipts against them."""
    receipts = [receipt for writer in writers for receipt in writer.receipts]
    acknowledged = {(str(receipt.incident_id), receipt.seq): frozenset({receipt.hash}) for receipt in receipts}
    conninfo = Database(cluster.url(APPLICATION_ROLE)).conninfo
    with verify_rows.database_rows(conninfo, incident) as (heads, rows):
        entries = list(rows)
        found = verify.verify(heads, entries, acknowledged)
    return entries, {fault.code for fault in found.faults}


needs_proc = pytest.mark.skipif(
    not Path("/proc/self/task").exists(), reason="finds the server's processes through /proc"
)


@needs_proc
def test_what_was_acknowledged_is_there_and_nothing_is_there_twice(own_cluster: PrivateCluster) -> None:
    incident, writers = killed_while_writing(own_cluster, KILLS)
    entries, faults = checked(own_cluster, incident, writers)
    assert faults == set()
    assert sum(writer.failures for writer in writers) > 0, "no kill hit a writer: this test has proved nothing"
    keys = [key for writer in writers for key in writer.keys]
    assert sorted(row.idem_key for row in entries) == sorted(keys), "each note once, none lost, none twice"
    assert sum(len(writer.receipts) for writer in writers) == len(entries) > KILLS


PLANTED = """
ALTER SYSTEM SET synchronous_commit = off;
ALTER SYSTEM SET wal_writer_delay = '10s';
"""
UNGUARDED = """
CREATE OR REPLACE FUNCTION record.require_durable_commit() RETURNS void LANGUAGE plpgsql AS 'BEGIN END';
CREATE OR REPLACE FUNCTION record.commit_durably() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
"""


@needs_proc
@pytest.mark.parametrize("guarded", [False, True])
def test_planted_an_asynchronous_commit_loses_entries_unless_the_guards_stand(
    own_cluster: PrivateCluster, guarded: bool
) -> None:
    """The harness above has teeth: with the guards taken away it finds what is lost, and with them nothing is."""
    with psycopg.connect(own_cluster.conninfo(), autocommit=True) as raw:
        for statement in PLANTED.strip().splitlines():
            raw.execute(statement.encode())
        raw.execute("SELECT pg_reload_conf()")
    if not guarded:
        with psycopg.connect(own_cluster.conninfo(), autocommit=True) as raw:
            raw.execute(UNGUARDED.encode())
    incident, writers = killed_while_writing(own_cluster, 2)
    assert sum(len(writer.receipts) for writer in writers) > 0
    _, faults = checked(own_cluster, incident, writers)
    lost = faults & {"receipt_lost", "receipt_changed"}
    assert not lost if guarded else lost
