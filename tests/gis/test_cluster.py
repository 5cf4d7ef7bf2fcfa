"""Does the private cluster start once, stop last, survive kills and stay out of others' reach?"""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from gis.cluster import SOCKET_PATH_LIMIT, PrivateCluster
from gis.database import Database
from gis.errors import ConflictError, UnavailableError
from tests.killing import kill_server


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    place = Path(tempfile.mkdtemp(prefix="onemap-cluster-"))
    place.chmod(0o755)
    yield place / "cluster"
    PrivateCluster(place / "cluster").stop(even_if_kept=True)
    shutil.rmtree(place, ignore_errors=True)


def ask(cluster: PrivateCluster, statement: str) -> object:
    with psycopg.connect(cluster.conninfo(), autocommit=True) as connection:
        row = connection.execute(statement.encode()).fetchone()
    assert row is not None
    return row[0]


def postmaster(cluster: PrivateCluster) -> int:
    return int((cluster.data / "postmaster.pid").read_text().splitlines()[0])


@pytest.mark.protection("18")
def test_it_keeps_what_it_acknowledges(folder: Path) -> None:
    wanted = {
        "fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "data_checksums": "on",
        "data_sync_retry": "off", "server_encoding": "UTF8", "listen_addresses": "", "timezone": "UTC",
    }  # fmt: skip
    with PrivateCluster(folder) as cluster:
        assert {name: ask(cluster, f"SHOW {name}") for name in wanted} == wanted
        assert stat.S_IMODE(cluster.socket_folder.stat().st_mode) == 0o700
        assert stat.S_IMODE(cluster.data.stat().st_mode) == 0o700
    assert not cluster.is_running()


def test_racing_starts_make_one_server_and_the_last_user_stops_it(folder: Path) -> None:
    clusters = [PrivateCluster(folder) for _ in range(4)]
    threads = [threading.Thread(target=cluster.start) for cluster in clusters]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({postmaster(cluster) for cluster in clusters}) == 1
    assert [cluster.stop() for cluster in clusters] == [False, False, False, True]


def test_a_killed_user_leaves_no_claim(folder: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from gis.cluster import PrivateCluster\n"
        "cluster = PrivateCluster(Path(sys.argv[1])); cluster.start(); print('up', flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(folder)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        other = PrivateCluster(folder)
        with pytest.raises(ConflictError, match="another onemap process"):
            other.stop(even_if_kept=True)
        process.kill()
    assert other.is_running()
    other.start()
    assert other.stop() is True


def test_kept_cluster_stays_until_told(folder: Path) -> None:
    first = PrivateCluster(folder)
    first.start()
    first.keep()
    assert first.stop() is False
    with PrivateCluster(folder) as second:
        assert second.is_running()
    assert first.is_running()
    assert first.stop(even_if_kept=True) is True
    assert first.stop(even_if_kept=True) is False


def test_committed_rows_survive_a_kill_of_the_whole_server(folder: Path) -> None:
    cluster = PrivateCluster(folder)
    cluster.start()
    with psycopg.connect(cluster.conninfo(), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (id integer)")
        connection.execute("INSERT INTO kept SELECT generate_series(1, 1000)")
    kill_server(cluster.data)
    assert not cluster.is_running()
    assert (cluster.data / "postmaster.pid").exists()
    cluster.start()
    assert ask(cluster, "SELECT count(*) FROM kept") == 1000
    cluster.stop()


def test_a_server_that_reads_back_its_log_is_waited_for(folder: Path) -> None:
    """It starts itself anew when a child of it was killed, and takes nobody in until it has read its log back."""
    with PrivateCluster(folder) as cluster:
        beside = psycopg.connect(cluster.conninfo(), autocommit=True)
        with psycopg.connect(cluster.conninfo(), autocommit=True) as connection:
            connection.execute("CREATE TABLE long AS SELECT generate_series(1, 1000000) AS id")
            os.kill(connection.info.backend_pid, signal.SIGKILL)
        # Before the server has noticed it takes people in as ever, and throws them out a moment later.
        deadline = time.monotonic() + 60
        with pytest.raises(psycopg.OperationalError):
            while time.monotonic() < deadline:
                beside.execute("SELECT pg_sleep(0.01)")
        beside.close()
        other = PrivateCluster(folder)
        other.start()
        assert ask(other, "SELECT count(*) FROM long") == 1_000_000
        assert not other.stop()


def test_stale_pid_file_with_a_number_taken_by_another_program(folder: Path) -> None:
    cluster = PrivateCluster(folder)
    with cluster:
        lines = (cluster.data / "postmaster.pid").read_text().splitlines()
    lines[0] = str(os.getpid())
    (cluster.data / "postmaster.pid").write_text("\n".join(lines) + "\n")
    assert not cluster.is_running()
    with cluster:
        assert ask(cluster, "SELECT 1") == 1


def test_deep_folders_get_a_short_socket(folder: Path) -> None:
    deep = folder.parent / "很深的目录" / ("x" * 60) / "cluster"
    with PrivateCluster(deep) as cluster:
        assert len(os.fsencode(cluster.socket_folder)) < SOCKET_PATH_LIMIT
        short = cluster.socket_folder
        assert not short.is_relative_to(deep)
        assert ask(cluster, "SELECT 1") == 1
    assert not short.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts the server as somebody else")
def test_closed_parent_folder_moves_the_data_and_says_where(folder: Path) -> None:
    closed = folder.parent / "closed"
    closed.mkdir(mode=0o700)
    told: list[str] = []
    with PrivateCluster(closed / "cluster", tell=told.append) as cluster:
        assert ask(cluster, "SELECT 1") == 1
        assert cluster.home == Path((closed / "cluster" / "location").read_text().strip())
    assert any("cannot reach" in sentence for sentence in told)
    (closed / "cluster" / "location").unlink()  # the folder was thrown away and made again: the data are found
    with PrivateCluster(closed / "cluster") as again:
        assert again.home == cluster.home
    shutil.rmtree(cluster.home)


def test_half_made_data_folder_is_made_again(folder: Path) -> None:
    other = folder.parent / "half"
    making = other / "data.making"
    making.mkdir(parents=True)
    (making / "PG_VERSION").write_text("15\n")
    with PrivateCluster(other) as cluster:
        assert ask(cluster, "SELECT 1") == 1


def test_switched_off_fsync_is_refused(folder: Path) -> None:
    with PrivateCluster(folder) as cluster:
        with psycopg.connect(cluster.conninfo(), autocommit=True) as connection:
            connection.execute("CREATE ROLE plain LOGIN")
            connection.execute("ALTER SYSTEM SET full_page_writes = off")
            connection.execute("SELECT pg_reload_conf()")
        until = time.monotonic() + 60
        while ask(cluster, "SHOW full_page_writes") != "off":  # taken at the server's next breath
            assert time.monotonic() < until
            time.sleep(0.05)
        unsafe = Database(cluster.url("plain"))
        with pytest.raises(UnavailableError, match="full_page_writes is off"):
            unsafe.assert_sound()
        unsafe.close()
        with psycopg.connect(cluster.conninfo(), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM RESET full_page_writes")


def test_unusable_folder_is_one_sentence(folder: Path) -> None:
    blocked = folder.parent / "file"
    blocked.write_text("")
    with pytest.raises(UnavailableError, match="ONEMAP_DATA_DIR"):
        PrivateCluster(blocked / "cluster").start()
