"""R2: the power goes. Is what was acknowledged on the disk, and not merely in the memory of the system?"""

import os
import shutil
import struct
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from gis import migrate
from gis.cluster import PrivateCluster
from gis.database import APPLICATION_ROLE, Caller, Database
from gis.errors import OneMapError
from gis.postgres import find_programs
from scenarios import log, verify, verify_rows
from scenarios.events import Note
from tests.killing import kill_server

DRILL = Caller("演练导调", "000000", "999999", "drill")
SOURCE = Path(__file__).parent / "power_cut.c"
HEAD = struct.Struct("=QQQ")
"""Offset, length of what was replaced, size of the file: `struct record` of power_cut.c."""
pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800)]


class Powered:
    """A server whose files go back, when the power is cut, to what it had synced."""

    def __init__(self, folder: Path) -> None:
        self.cluster = PrivateCluster(folder / "cluster")
        self.cluster.start()
        migrate.upgrade(self.cluster.url())
        self.cluster.stop(even_if_kept=True)
        self.library, self.journals = folder / "power_cut.so", folder / "journals"
        command = ["cc", "-shared", "-fPIC", "-O2", "-o", str(self.library), str(SOURCE), "-ldl"]
        made = subprocess.run(command, capture_output=True, text=True, check=False)
        assert made.returncode == 0, made.stderr
        self.journals.mkdir()
        self.journals.chmod(0o777)
        self.put_back = 0
        """Writes that were never synced, and so are gone."""

    def start(self) -> bool:
        """Start the server with the library in it; whether it came up."""
        owner, data = self.cluster.owner, self.cluster.data
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C", "LD_PRELOAD": str(self.library),
                       "POWER_CUT_DATA": str(data), "POWER_CUT_JOURNALS": str(self.journals)}  # fmt: skip
        identity = {} if owner.is_self else {"user": owner.uid, "group": owner.gid, "extra_groups": []}
        (data / "postmaster.pid").unlink(missing_ok=True)
        for left in self.cluster.socket_folder.iterdir():
            left.unlink()  # a dead server's socket, and its lock
        programs = find_programs(owner)
        command = [
            programs["pg_ctl"], "start", "-D", data, "-l", self.cluster.home / "start.log", "-w", "-s", "-t", "60",
            "-o", f"-c unix_socket_directories='{self.cluster.socket_folder}'",
        ]  # fmt: skip
        options: Any = {"env": environment, "cwd": "/", "capture_output": True, **identity}
        return subprocess.run(list(map(str, command)), check=False, **options).returncode == 0

    def cut(self) -> None:
        """Every process gone at once, and with them all that was never synced."""
        kill_server(self.cluster.data)
        files = {path.stat().st_ino: path for path in self.cluster.data.rglob("*") if path.is_file()}
        for journal in self.journals.iterdir():
            if path := files.get(int(journal.name)):
                self._roll_back(path, journal.read_bytes())
            journal.unlink()

    def _roll_back(self, path: Path, journal: bytes) -> None:
        steps, at = [], 0
        while at + HEAD.size <= len(journal):
            offset, length, size = HEAD.unpack_from(journal, at)
            at += HEAD.size
            if at + length > len(journal):
                break  # killed while it wrote this down: the write itself never came
            steps.append((offset, journal[at : at + length], size))
            at += length
        with path.open("r+b") as file:
            for offset, replaced, size in reversed(steps):
                file.seek(offset)
                file.write(replaced)
                file.truncate(size)
        self.put_back += len(steps)

    def remove(self) -> None:
        with suppress(OSError, ValueError, AssertionError):
            self.cut()


@pytest.fixture
def powered() -> Iterator[Powered]:
    if shutil.which("cc") is None or not Path("/proc/self/task").exists():
        pytest.skip("needs a C compiler and /proc")
    folder = Path(tempfile.mkdtemp(prefix="onemap-power-"))
    folder.chmod(0o755)
    made = Powered(folder)
    yield made
    made.remove()
    shutil.rmtree(folder, ignore_errors=True)


def cut_while_writing(powered: Powered, cuts: int, enough: int) -> tuple[bool, set[str], int]:
    """Whether it always came back, what the verifier finds on the receipts, and how many there are."""
    incident, receipts, lock = uuid4(), {}, threading.Lock()
    address = powered.cluster.url(APPLICATION_ROLE)
    first = Database(address)
    with first.transaction(DRILL) as connection:
        log.open_incident(connection, incident, "990102")
    first.close()
    ended = threading.Event()

    def write() -> None:
        own = Database(address)
        while not ended.is_set():
            key = uuid4()
            while not ended.is_set():
                try:
                    receipt = log.append_once(own, DRILL, incident, Note("行（演练）"), key=key)
                except (OneMapError, DBAPIError):
                    time.sleep(0.05)
                    continue
                with lock:
                    receipts.setdefault((str(incident), receipt.seq), set()).add(receipt.hash)
                break
        own.close()

    hands = [threading.Thread(target=write) for _ in range(3)]
    for hand in hands:
        hand.start()
    back = True
    try:
        for number in range(1, cuts + 1):
            deadline = time.monotonic() + 300
            while len(receipts) < enough * number // cuts and time.monotonic() < deadline:
                time.sleep(0.05)
            powered.cut()
            back = powered.start()
            if not back:
                break
    finally:
        ended.set()
        for hand in hands:
            hand.join(60)
    return back, _faults(powered, incident, receipts) if back else set(), len(receipts)


def _faults(powered: Powered, incident: UUID, receipts: dict[tuple[str, int], set[str]]) -> set[str]:
    held = {place: frozenset(hashes) for place, hashes in receipts.items()}
    try:
        with verify_rows.database_rows(powered.cluster.conninfo(), incident) as (heads, entries):
            return {fault.code for fault in verify.verify(heads, entries, held).faults}
    except (psycopg.Error, OneMapError) as error:
        return {f"unreadable: {type(error).__name__}"}


def test_r2_what_was_acknowledged_is_there_after_the_power_went(
    powered: Powered, scale: Any, told: Callable[..., None]
) -> None:
    cuts, enough = (10, 2_000) if scale.kills > 5 else (2, 200)
    assert powered.start()
    back, faults, acknowledged = cut_while_writing(powered, cuts, enough)
    told(
        "R2",
        f"{cuts} x power cut: every process killed, and all that was never synced taken back",
        f"{acknowledged} acknowledged, {sorted(faults) or '0 lost'}; {powered.put_back} writes had not been synced",
    )
    assert back, "the database did not come back"
    assert faults == set()
    assert powered.put_back > 0, "nothing was taken back: no power was cut"


def test_planted_a_server_that_does_not_sync_is_found(powered: Powered) -> None:
    unguarded = """
        CREATE OR REPLACE FUNCTION record.require_durable_commit() RETURNS void LANGUAGE plpgsql AS 'BEGIN END';
        CREATE OR REPLACE FUNCTION record.commit_durably() RETURNS trigger LANGUAGE plpgsql
            AS 'BEGIN RETURN NULL; END';
    """
    assert powered.start()
    with psycopg.connect(powered.cluster.conninfo(), autocommit=True) as raw:
        raw.execute(unguarded.encode())
        raw.execute("CHECKPOINT")
        raw.execute("ALTER SYSTEM SET fsync = off")
        raw.execute("SELECT pg_reload_conf()")
        deadline = time.monotonic() + 60
        while raw.execute("SHOW fsync").fetchone() != ("off",):
            assert time.monotonic() < deadline
            time.sleep(0.05)
    time.sleep(1)  # the others hear of it when they next look
    back, faults, acknowledged = cut_while_writing(powered, 1, 200)
    assert acknowledged > 0
    assert not back or faults, "nothing was lost: the fault was not planted"
