"""R9: the disk is full. Is it said plainly, is nothing acknowledged lost, and does it go on once there is room?"""

import os
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import DBAPIError

from gis import migrate
from gis.cluster import PrivateCluster
from gis.database import APPLICATION_ROLE, Caller, Database
from gis.errors import OneMapError, UnavailableError
from gis.keeper import Keeper
from scenarios import log, verify, verify_rows
from scenarios.events import Note
from scenarios.verify import Verification

DRILL = Caller("演练导调", "000000", "999999", "drill")
SIZE_MB = 320
REFUSED = 25
"""It stays full for so many lines and five seconds: long enough for the server to stop and to be started in vain."""


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A disk of memory, far too small."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("a small disk can only be made by root")
    folder = Path(tempfile.mkdtemp(prefix="onemap-small-"))
    folder.chmod(0o755)
    options = ["-t", "tmpfs", "-o", f"size={SIZE_MB}m,mode=755", "tmpfs", str(folder)]
    made = subprocess.run(["mount", *options], capture_output=True, text=True, check=False)
    if made.returncode != 0:
        folder.rmdir()
        pytest.skip(f"no small disk can be mounted here: {made.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=False)
    folder.rmdir()


@dataclass(frozen=True)
class Filled:
    """What became of a disk that ran full: receipts, refusals, what the verifier finds on the receipts."""

    acknowledged: int
    refused: int
    found: Verification


def written_again(cluster: PrivateCluster, database: Database, incident: UUID) -> log.Receipt:
    """
    First line after there is room again.

    Out of room for its write-ahead log the server reads it back and goes on, or stops for good and its keeper starts
    it; while it reads back it takes nobody in, and one attempt, sent whenever the test comes by, says nothing of it.
    """
    for wait_s in (*[0.1] * 50, *[1.0] * 120):
        try:
            return log.append_once(database, DRILL, incident, Note("有空间了（演练）"))
        except UnavailableError:
            time.sleep(wait_s)
    raise AssertionError(f"the database did not come back within two minutes: {cluster.last_words()}")


def filled(small_disk: Path, *, hopeful: bool = False) -> Filled:
    """Write until the disk is full, make room, write on; a hopeful program takes a refusal for a receipt."""
    cluster = PrivateCluster(small_disk / "cluster")
    cluster.start()
    keeper = Keeper(cluster)  # as in the house: what stops for good on a full disk is started until it stays
    try:
        keeper.start()
        migrate.upgrade(cluster.url())
        database = Database(cluster.url(APPLICATION_ROLE))
        incident, refused = uuid4(), 0
        receipts: dict[tuple[str, int], frozenset[str]] = {}
        with database.transaction(DRILL) as connection:
            log.open_incident(connection, incident, "990102")
        stone = small_disk / "stone"
        free = shutil.disk_usage(small_disk).free
        with stone.open("wb") as file:
            for _ in range(max(0, free // 2**20 - 6)):
                file.write(os.urandom(2**20))
        for number in range(400):
            try:
                receipt = log.append_once(database, DRILL, incident, Note(f"{number} 演练 {secrets.token_hex(40_000)}"))
            except (OneMapError, DBAPIError):
                refused += 1
                if hopeful:
                    receipts[str(incident), len(receipts) + 1] = frozenset({"00" * 32})
                if refused >= REFUSED:
                    break
                time.sleep(0.2)
                continue
            receipts[str(incident), receipt.seq] = frozenset({receipt.hash})
        stone.unlink()
        after = written_again(cluster, database, incident)
        receipts[str(incident), after.seq] = receipts.get((str(incident), after.seq), frozenset()) | {after.hash}
        with verify_rows.database_rows(database.conninfo, incident) as (heads, rows):
            found = verify.verify(heads, rows, receipts)
        database.close()
        return Filled(len(receipts), refused, found)
    finally:
        keeper.stop()
        cluster.stop()


def test_r9_a_full_disk_loses_nothing_and_is_left_behind(small_disk: Path, told: Callable[..., None]) -> None:
    done = filled(small_disk)
    assert done.refused, "the disk never became full: this test has proved nothing"
    told("R9", f"a disk of {SIZE_MB} MB runs full while lines of 80 kB are written",
         f"{done.acknowledged} acknowledged, {done.refused} refused, {done.found.faults_found} faults; writes again by "
         "itself")  # fmt: skip
    assert done.found.ok, done.found.faults


@pytest.mark.faults
def test_planted_a_program_that_takes_a_refusal_for_a_receipt_is_found(small_disk: Path) -> None:
    done = filled(small_disk, hopeful=True)
    assert done.refused
    assert {fault.code for fault in done.found.faults} & {"receipt_lost", "receipt_changed"}
