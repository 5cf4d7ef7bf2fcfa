"""Is the private database started again whatever the start before it fell over?"""

import logging
import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from gis.cluster import PrivateCluster
from gis.keeper import Keeper
from tests.killing import kill_server, server_of

PATIENCE_S = 120.0


@pytest.fixture
def cluster() -> Iterator[PrivateCluster]:
    """A running cluster of this test's own."""
    folder = Path(tempfile.mkdtemp(prefix="onemap-keeper-"))
    folder.chmod(0o755)
    made = PrivateCluster(folder / "cluster")
    made.start()
    try:
        yield made
    finally:
        made.stop(even_if_kept=True)
        shutil.rmtree(folder, ignore_errors=True)


def until(true: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def answers(cluster: PrivateCluster) -> bool:
    with suppress(psycopg.OperationalError), psycopg.connect(cluster.conninfo()):
        return True
    return False


def a_folder_where_its_settings_go(cluster: PrivateCluster) -> Callable[[], None]:
    """What a full disk does as well: the settings cannot be written."""
    place = cluster.data / "onemap.conf.making"
    place.mkdir()
    return place.rmdir


def no_version(cluster: PrivateCluster) -> Callable[[], None]:
    """An error nobody has thought of: a file of the server holds what is no number."""
    place = cluster.data / "PG_VERSION"
    held = place.read_bytes()
    place.write_bytes(b"\n")

    def put_back() -> None:
        place.write_bytes(held)

    return put_back


@pytest.mark.parametrize("obstacle", [a_folder_where_its_settings_go, no_version])
def test_a_start_that_fails_is_not_the_last_one(
    cluster: PrivateCluster, obstacle: Callable[[PrivateCluster], Callable[[], None]], caplog: pytest.LogCaptureFixture
) -> None:
    def tried() -> list[str]:
        return [one.message for one in caplog.records if "could not be started" in one.message]

    caplog.set_level(logging.ERROR, "onemap.database")
    with Keeper(cluster) as keeper:
        clear_away = obstacle(cluster)
        kill_server(cluster.data)
        until(tried, "it was never tried")
        time.sleep(1.5)  # several looks
        assert [one.name for one in threading.enumerate()].count("onemap-keeper") == 1
        assert not cluster.is_running()
        assert len(tried()) == len(set(tried())), "each fault is told once, not at every look"
        clear_away()
        until(lambda: answers(cluster), "nobody started it again")
        until(lambda: keeper.restarts == 1, "nor counted it")
        kill_server(cluster.data)  # and it goes on looking
        until(lambda: keeper.restarts == 2 and answers(cluster), "the second death went unnoticed")


def test_a_start_waits_for_the_children_of_a_killed_server(cluster: PrivateCluster) -> None:
    """They hear of its death a moment later; a start that gave up at once would hang on that moment."""
    with psycopg.connect(cluster.conninfo()) as held:
        child = held.info.backend_pid
        os.kill(child, signal.SIGSTOP)
        os.kill(server_of(cluster.data), signal.SIGKILL)
        until(lambda: not cluster.is_running(), "the server does not die")
        threading.Timer(2.0, os.kill, (child, signal.SIGKILL)).start()
        cluster.start()
        assert answers(cluster)


def test_a_server_on_its_way_out_is_started_again(cluster: PrivateCluster) -> None:
    """Stopped by somebody else it takes nobody in, and its process is there until everybody has left."""
    other = PrivateCluster(cluster.folder)
    with psycopg.connect(cluster.conninfo(), autocommit=True):  # such a stop waits for whoever is in it
        server = server_of(cluster.data)
        os.kill(server, signal.SIGTERM)
        until(lambda: not answers(cluster), "it still takes people in")
        assert cluster.is_running()
        threading.Timer(2.0, os.kill, (server, signal.SIGINT)).start()
        other.start()
    assert answers(cluster)
    assert server_of(cluster.data) != server
    assert not other.stop()
