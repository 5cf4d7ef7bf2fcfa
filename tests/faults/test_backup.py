"""R10: does a backup come back, to the second that was asked for, and is what is missing told?"""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest

from command_ui.backups import MANIFEST, Restored, back_up, restore
from command_ui.settings import Settings
from gis import migrate
from gis.cluster import PrivateCluster
from gis.database import APPLICATION_ROLE, Caller, Database
from gis.errors import ConflictError, InputError, UnavailableError
from scenarios import log
from scenarios.events import Note
from scenarios.witness import Witness

DRILL = Caller("演练导调", "000000", "999999", "drill")
pytestmark = pytest.mark.timeout(1800)


def quiet(_step: str) -> None:
    """Tell nobody."""


@dataclass
class Story:
    """A database that was copied, written on, and lost; its archive and its witness are elsewhere."""

    folder: Path
    incident: UUID
    moment: datetime
    backup_s: float
    counts: tuple[int, int, int]
    """Entries at the copy, at the moment, at the end."""

    def settings(self, name: str) -> Settings:
        """A new data folder that archives into one of its own."""
        return Settings(data_dir=self.folder / name, archive_dir=self.folder / f"{name}-wal")

    def again(self, name: str, *, witnessed: bool = True, until: datetime | None = None,
              archive: Path | None = None) -> tuple[Restored, float]:  # fmt: skip
        """Restore into a new data folder; what came back and how long it took."""
        began = time.monotonic()
        found = restore(
            self.settings(name), self.folder / "backup", quiet, archive=archive, until=until,
            witness=self.folder / "outside" / "heads.jsonl" if witnessed else None,
        )  # fmt: skip
        return found, time.monotonic() - began


@pytest.fixture(scope="module")
def story() -> Iterator[Story]:
    """Twenty entries, a copy, fifteen more, a moment, ten more, and the house burns down."""
    folder = Path(tempfile.mkdtemp(prefix="onemap-r10-"))
    folder.chmod(0o755)
    settings = Settings(data_dir=folder / "lost", archive_dir=folder / "wal", witness_dir=folder / "outside")
    cluster = PrivateCluster(settings.cluster_dir, archive=settings.archive_dir)
    cluster.start()
    incident = uuid4()
    try:
        migrate.upgrade(cluster.url())
        database = Database(cluster.url(APPLICATION_ROLE))
        with database.transaction(DRILL) as connection:
            log.open_incident(connection, incident, "990102")

        def write(count: int) -> None:
            for number in range(count):
                log.append_once(database, DRILL, incident, Note(f"第 {number} 行（演练）"))

        witness = Witness(database, settings.witness_folder, settings.data_dir / "keys")
        write(20)
        witness.publish()
        began = time.monotonic()
        back_up(settings, folder / "backup", quiet)
        backup_s = time.monotonic() - began
        write(15)
        time.sleep(0.3)
        moment = datetime.now(UTC)
        time.sleep(0.3)
        write(10)
        witness.publish()
        database.close()
        with psycopg.connect(cluster.conninfo(), autocommit=True) as raw:
            row = raw.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchone()
            assert row is not None
        while not (folder / "wal" / str(row[0])).exists():
            time.sleep(0.1)
    finally:
        cluster.stop(even_if_kept=True)
    shutil.rmtree(cluster.folder)
    yield Story(folder, incident, moment, backup_s, (20, 35, 45))
    with suppress(OSError):
        shutil.rmtree(folder)


@pytest.mark.protection("26", "29")
def test_r10_a_backup_comes_back_to_the_second(story: Story, told: Callable[..., None]) -> None:
    found, seconds = story.again("until", until=story.moment, archive=story.folder / "wal")
    assert (found.entries, found.faults) == (story.counts[1], [])
    assert found.later == 1, "the head the witness saw later is told, and is no fault"
    told(
        "R10",
        "restored to a stated second, heads held against backup and witness",
        f"all {found.entries} entries up to it, none after; copy {story.backup_s:.1f} s, back {seconds:.1f} s",
    )
    # What came back is a house to work in, and it is never written over.
    cluster = PrivateCluster(story.settings("until").cluster_dir)
    with cluster:
        database = Database(cluster.url(APPLICATION_ROLE))
        assert log.append_once(database, DRILL, story.incident, Note("接着写（演练）")).seq == story.counts[1] + 1
        database.close()
    with pytest.raises(ConflictError, match="already"):
        story.again("until", archive=story.folder / "wal")


@pytest.mark.faults
def test_r10_everything_archived_comes_back(story: Story, told: Callable[..., None]) -> None:
    found, seconds = story.again("all", archive=story.folder / "wal")
    assert (found.entries, found.faults, found.later) == (story.counts[2], [], 0)
    told("R10", "restored to the end of the archive", f"{found.entries} of {story.counts[2]} entries, {seconds:.1f} s")


@pytest.mark.faults
def test_r10_the_copy_alone_is_told_what_it_lacks(story: Story) -> None:
    found, _ = story.again("copy")
    assert found.entries == story.counts[0]
    missed = [fault for fault in found.faults if "receipt_lost" in fault]
    assert any(str(story.incident) in fault for fault in missed), "a witness newer than the copy must be missed"
    unwitnessed, _ = story.again("copy-alone", witnessed=False)
    assert unwitnessed.faults == [], "planted: without the witness nobody would know"


@pytest.mark.faults
def test_planted_the_last_piece_of_the_archive_is_missing(story: Story) -> None:
    short = story.folder / "short"
    shutil.copytree(story.folder / "wal", short)
    pieces = sorted(path for path in short.iterdir() if len(path.name) == 24)
    pieces[-1].unlink()
    found, _ = story.again("short", archive=short)
    assert found.entries < story.counts[2]
    assert any("receipt_lost" in fault for fault in found.faults)


@pytest.mark.faults
@pytest.mark.parametrize(("away", "said"), [(timedelta(hours=-1), "older backup"), (timedelta(days=1), "ends with")])
def test_a_moment_out_of_reach_is_told_and_leaves_nothing_behind(story: Story, away: timedelta, said: str) -> None:
    """Whoever asks for the wrong moment, on the worst day of the year, asks again in the same folder."""
    name = f"unreached-{away.days}"
    with pytest.raises(InputError, match=said):
        story.again(name, until=story.moment + away, archive=story.folder / "wal")
    found, _ = story.again(name, until=story.moment, archive=story.folder / "wal")
    assert (found.entries, found.faults) == (story.counts[1], [])


def test_a_backup_that_is_not_what_was_written_is_refused(story: Story, tmp_path: Path) -> None:
    spoilt = tmp_path / "spoilt"
    shutil.copytree(story.folder / "backup", spoilt)
    settings = story.settings("spoilt")
    victim = max((spoilt / "base" / "base").rglob("*"), key=lambda path: path.stat().st_size if path.is_file() else 0)
    content = bytearray(victim.read_bytes())
    content[5000] ^= 1
    victim.write_bytes(content)
    with pytest.raises(UnavailableError, match="checksum mismatch"):
        restore(settings, spoilt, quiet)
    (spoilt / MANIFEST).write_text("{}", encoding="utf-8")
    with pytest.raises(InputError, match="not a whole backup"):
        restore(settings, spoilt, quiet)
    with pytest.raises(InputError, match="time zone"):
        story.again("naive", until=datetime(2026, 11, 22), archive=story.folder / "wal")  # noqa: DTZ001
    with pytest.raises(InputError, match="--archive"):
        story.again("bare", until=story.moment)
    with pytest.raises(ConflictError, match="not empty"):
        back_up(settings, story.folder / "backup", quiet)
