"""Beyond one machine: the first database burns down; does the second one know everything that was acknowledged?"""

import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from gis import backup, migrate
from gis.cluster import PORT, PrivateCluster
from gis.database import APPLICATION_ROLE, Caller, Database
from gis.errors import OneMapError
from gis.replica import Replica
from scenarios import log, verify, verify_rows
from scenarios.events import Note
from tests.killing import kill_server

DRILL = Caller("演练导调", "000000", "999999", "drill")
pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]


class Pair:
    """A server and its standby, and the one address under which the program knows both."""

    def __init__(self, folder: Path) -> None:
        self.first, self.second = PrivateCluster(folder / "first"), PrivateCluster(folder / "second")
        self.first.start()
        migrate.upgrade(self.first.url())
        backup.take(self.first.url(), folder / "copy")
        self.second.adopt(folder / "copy", [])
        first = f"host={self.first.socket_folder} port={PORT} user=postgres application_name=second"
        with (self.second.data / "postgresql.auto.conf").open("a", encoding="utf-8") as configuration:
            configuration.write(f"\nprimary_conninfo = '{first}'\n")
        signal_file = self.second.data / "standby.signal"
        signal_file.touch()
        if not self.second.owner.is_self:
            os.chown(signal_file, self.second.owner.uid, self.second.owner.gid)
        self.second.start()

    @property
    def address(self) -> str:
        """Both servers; libpq goes to the one that takes writes."""
        hosts = quote(f"{self.first.socket_folder},{self.second.socket_folder}", safe="/")
        return (
            f"postgresql+psycopg://{APPLICATION_ROLE}@/onemap?host={hosts}&port={PORT},{PORT}"
            "&target_session_attrs=read-write"
        )

    def synchronous(self) -> None:
        """Acknowledge only what the second one has on disk too."""
        with psycopg.connect(self.first.conninfo(), autocommit=True) as raw:
            raw.execute("ALTER SYSTEM SET synchronous_standby_names = 'FIRST 1 (second)'")
            raw.execute("SELECT pg_reload_conf()")
            deadline = time.monotonic() + 120
            while raw.execute("SELECT sync_state FROM pg_stat_replication").fetchone() != ("sync",):
                assert time.monotonic() < deadline, "the standby never became synchronous"
                time.sleep(0.1)

    def burn(self) -> None:
        """The first one is gone, from one moment to the next."""
        kill_server(self.first.data)

    def promote(self) -> None:
        """The second one takes over."""
        with psycopg.connect(self.second.conninfo(), autocommit=True) as raw:
            assert raw.execute("SELECT pg_promote()").fetchone() == (True,)


@contextmanager
def pair() -> Iterator[Pair]:
    folder = Path(tempfile.mkdtemp(prefix="om2-"))
    folder.chmod(0o755)
    made = None
    try:
        made = Pair(folder)
        yield made
    finally:
        if made is not None:
            made.second.stop()
            made.first.stop()
        shutil.rmtree(folder, ignore_errors=True)


def failed_over(both: Pair, count: int, before_the_fire: Callable[[], None]) -> tuple[set[str], int, float]:
    """Write, burn, promote, write on; faults the verifier finds on the second, receipts, seconds of stillness."""
    incident: UUID = uuid4()
    database = Database(both.address)
    with database.transaction(DRILL) as connection:
        log.open_incident(connection, incident, "990102")
    receipts: dict[tuple[str, int], set[str]] = {}
    times: list[float] = []
    enough = threading.Event()
    lock = threading.Lock()

    def write() -> None:
        own = Database(both.address)
        number = 0
        while not enough.is_set():
            number += 1
            key = uuid4()
            while not enough.is_set():
                try:
                    receipt = log.append_once(own, DRILL, incident, Note(f"第 {number} 行（演练）"), key=key)
                except (OneMapError, DBAPIError):
                    time.sleep(0.05)
                    continue
                with lock:
                    receipts.setdefault((str(incident), receipt.seq), set()).add(receipt.hash)
                    times.append(time.monotonic())
                break
        own.close()

    hands = [threading.Thread(target=write) for _ in range(3)]
    for hand in hands:
        hand.start()
    while len(times) < count // 2:
        time.sleep(0.02)
    before_the_fire()
    deadline, then = time.monotonic() + 120, len(times)
    while len(times) < then + 20:  # what the second one may have missed
        assert time.monotonic() < deadline, "nobody writes any more"
        time.sleep(0.02)
    both.burn()
    burnt = time.monotonic()
    both.promote()
    while len(times) < count or times[-1] < burnt + 1:
        assert time.monotonic() - burnt < 120, "nobody writes to the second one"
        time.sleep(0.05)
    enough.set()
    for hand in hands:
        hand.join(30)
    database.close()
    held = {place: frozenset(hashes) for place, hashes in receipts.items()}
    with verify_rows.database_rows(both.second.conninfo(), incident) as (heads, entries):
        found = verify.verify(heads, entries, held)
    still = min(at for at in times if at > burnt + 0.05) - burnt
    return {fault.code for fault in found.faults}, len(held), still


@pytest.mark.protection("30", "31")
def test_a_synchronous_standby_takes_over_with_everything(told: Callable[..., None], scale: Any) -> None:
    with pair() as both:
        both.synchronous()
        faults, acknowledged, still = failed_over(both, scale.acknowledged // 5, lambda: None)
    told("R11", "the first of two databases burnt down, the synchronous standby promoted",
         f"{acknowledged} acknowledged, {faults or '0 lost'}; writing again after {still:.1f} s")  # fmt: skip
    assert faults == set()


def test_planted_a_standby_that_nobody_waits_for_has_lost_entries() -> None:
    with pair() as both:

        def fall_behind() -> None:
            with psycopg.connect(both.second.conninfo(), autocommit=True) as raw:
                raw.execute("ALTER SYSTEM SET primary_conninfo = ''")
                raw.execute("SELECT pg_reload_conf()")
                deadline = time.monotonic() + 120
                while raw.execute("SELECT 1 FROM pg_stat_wal_receiver").fetchone() is not None:
                    assert time.monotonic() < deadline, "the standby goes on listening"
                    time.sleep(0.05)

        faults, _, _ = failed_over(both, 400, fall_behind)
    assert faults & {"receipt_lost", "receipt_changed"}, "nothing was lost: the fault was not planted"


def test_the_standby_answers_readers_meanwhile() -> None:
    """What a read replica for tiles rests on: the caller's rights are set and obeyed where nothing can be written."""
    with pair() as both:
        incident = uuid4()
        first, second = Database(both.first.url(APPLICATION_ROLE)), Database(both.second.url(APPLICATION_ROLE))
        with first.transaction(DRILL) as connection:
            log.open_incident(connection, incident, "990102")
        deadline = time.monotonic() + 60
        while True:
            with second.transaction(DRILL) as connection:
                if incident in {head.incident_id for head in log.heads(connection)}:
                    break
            assert time.monotonic() < deadline
            time.sleep(0.05)
        with second.transaction(Caller("邻市", "990200", "990300", "drill")) as connection:
            assert log.heads(connection) == []
        # The reader of maps follows the second one, and goes to the first while it is away.
        maps = Replica(first, both.second.url(APPLICATION_ROLE))
        for is_there in (True, False):
            if not is_there:
                both.second.stop()
            with maps.transaction(DRILL) as connection:
                assert connection.execute(text("SELECT pg_is_in_recovery()")).scalar_one() is is_there
        for one in (maps, first, second):
            one.close()
