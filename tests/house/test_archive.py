"""Does the write-ahead log go to the archive whoever starts the database, and is it told when it does not?"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from command_ui.database_check import rows
from command_ui.settings import Settings
from gis import migrate
from gis.cluster import PrivateCluster
from gis.soundness import Finding


@pytest.fixture(scope="module")
def settings() -> Iterator[Settings]:
    folder = Path(tempfile.mkdtemp(prefix="onemap-archive-"))
    folder.chmod(0o755)
    made = Settings(data_dir=folder / "data", archive_dir=folder / "wal")
    yield made
    PrivateCluster(made.cluster_dir).stop(even_if_kept=True)
    shutil.rmtree(folder, ignore_errors=True)


def onemap(settings: Settings, *words: str) -> str:
    environment = {
        **os.environ,
        "ONEMAP_DATA_DIR": str(settings.data_dir),
        "ONEMAP_ARCHIVE_DIR": str(settings.archive_dir),
    }
    program = Path(sys.executable).parent / "onemap"
    done = subprocess.run([program, *words], env=environment, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr
    return done.stdout


def told(settings: Settings) -> Finding:
    (found,) = [one for one in rows(settings) if one.subject.startswith("archive")]
    return found


def test_a_database_that_is_started_by_hand_is_archived_as_well(settings: Settings) -> None:
    assert settings.archive_dir is not None
    onemap(settings, "db", "start")
    onemap(settings, "db", "migrate")
    cluster = PrivateCluster(settings.cluster_dir)
    with psycopg.connect(cluster.conninfo(), autocommit=True) as raw:
        assert raw.execute("SHOW archive_mode").fetchone() == ("on",)
        (piece,) = raw.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchone() or ("",)
        deadline = time.monotonic() + 120
        while not (settings.archive_dir / piece).exists():
            assert time.monotonic() < deadline, "the piece never came"
            time.sleep(0.05)
    assert told(settings).weight == "good"
    assert str(settings.archive_dir) in onemap(settings, "db", "check")
    # No room, or no right to write there: the server keeps its log and goes on trying.
    settings.archive_dir.rename(settings.archive_dir.with_name("away"))
    with psycopg.connect(cluster.conninfo(), autocommit=True) as raw:
        raw.execute("CREATE TABLE more AS SELECT 1")
        raw.execute("SELECT pg_switch_wal()")
    deadline = time.monotonic() + 120
    while told(settings).value != "stuck":
        assert time.monotonic() < deadline, "nobody tells that the archive is stuck"
        time.sleep(0.2)
    settings.archive_dir.with_name("away").rename(settings.archive_dir)
    assert onemap(settings, "db", "stop") == "stopped\n"


def test_a_server_that_runs_without_the_archive_that_is_set_is_told(settings: Settings) -> None:
    with PrivateCluster(settings.cluster_dir) as cluster:
        migrate.upgrade(cluster.url())
        found = told(settings)
    assert (found.value, found.weight) == ("off", "slow")
    assert "db stop" in found.sentence
