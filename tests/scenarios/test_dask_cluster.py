"""Does the risk of a city come out the same on a Dask cluster: a scheduler, two `dask worker`, one of them killed?"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pytest
from shapely import Point

from command_ui.settings import Settings
from gis.crs import GEOGRAPHIC
from scenarios.hazards import city_risk

pytestmark = pytest.mark.long


@dataclass(frozen=True)
class Cluster:
    """Address of the scheduler and its two workers, processes nobody of ours started by a library call."""

    address: str
    workers: tuple["subprocess.Popen[bytes]", "subprocess.Popen[bytes]"]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("dask")
    said = folder / "scheduler.json"
    started: list[subprocess.Popen[bytes]] = []

    def start(module: str, *options: str) -> "subprocess.Popen[bytes]":
        made = subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.{module}", "--scheduler-file", str(said), *options],
            cwd=Path(__file__).parents[2], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        started.append(made)
        return made

    try:
        start("dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--dashboard-address", "127.0.0.1:0")
        _until(said.is_file, "the scheduler")
        options = ("--nworkers", "1", "--nthreads", "1", "--host", "127.0.0.1", "--no-dashboard",
                   "--local-directory", str(folder))  # fmt: skip
        two = (start("dask_worker", *options), start("dask_worker", *options))
        address = json.loads(said.read_text())["address"]
        _until(lambda: _workers(address) == 2, "two workers")
        yield Cluster(address, two)
    finally:
        for one in reversed(started):
            one.terminate()
        for one in started:
            one.wait(timeout=30)


def _workers(address: str) -> int:
    from distributed import Client

    with Client(address, timeout=10) as client:  # type: ignore[no-untyped-call]
        return len(client.scheduler_info()["workers"])


def _until(there: "object", what: str) -> None:
    assert callable(there)
    for _ in range(600):
        if there():
            return
        time.sleep(0.1)
    raise AssertionError(f"{what} did not come")


def units() -> gpd.GeoDataFrame:
    places = [Point(118.70, 31.40), Point(118.72, 31.41)]
    table = {"id": ["U-1", "U-2"], "substance": ["液氯", "液氯"], "cas_number": "7782-50-5", "stock_t": 20.0}
    return gpd.GeoDataFrame(table, geometry=places, crs=GEOGRAPHIC)


WINDS = city_risk.binned(*city_risk.synthetic_year())


def test_the_cluster_gives_the_contours_of_one_machine(cluster: Cluster) -> None:
    assert Settings(dask_scheduler=cluster.address).dask_scheduler == cluster.address
    here = city_risk.individual_risk(units(), WINDS, workers=0)
    seen: list[float] = []
    there = city_risk.individual_risk(units(), WINDS, cluster=cluster.address, report=seen.append)
    assert there.members == here.members > 400
    assert there.peak_per_year == pytest.approx(here.peak_per_year)
    assert there.contours.geometry.geom_equals_exact(here.contours.geometry, 1e-9).all()
    assert len(seen) > 3, "it was shared out"


def test_a_worker_that_dies_costs_time_and_nothing_else(cluster: Cluster) -> None:
    here = city_risk.individual_risk(units(), WINDS, workers=0)
    dying = cluster.workers[0]

    def kill(share: float) -> None:
        if share < 1 and dying.poll() is None:
            dying.kill()

    there = city_risk.individual_risk(units(), WINDS, cluster=cluster.address, report=kill)
    assert dying.poll() is not None or dying.wait(timeout=10) is not None
    assert there.contours.geometry.geom_equals_exact(here.contours.geometry, 1e-9).all()


@pytest.mark.parametrize("address", ["http://10.0.0.5:8786", "tcp://10.0.0.5", "tcp://x:1;rm", "file:///etc/passwd"])
def test_no_other_kind_of_address_is_taken(address: str) -> None:
    with pytest.raises(ValueError, match="dask_scheduler"):
        Settings(dask_scheduler=address)
