"""Is the ensemble repeatable, a probability, and the same on Dask?"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from gis.errors import InputError
from plume import case, ensemble
from plume.ensemble import Uncertainty
from plume.forecast import forecast

BASE: dict[str, Any] = {
    "incident": {"longitude": 118.71, "latitude": 31.41, "occurred_at": "2026-11-22T09:30:00+08:00"},
    "release": {"substance": "ammonia", "kind": "continuous", "rate_kg_s": 1.0, "duration_s": 1800.0},
    "weather": {"wind_speed_m_s": 3.0, "wind_from_deg": 225.0, "stability": "D"},
    "output": {"averaging_s": 3600},
}
ONE = case.read(BASE)


def test_no_uncertainty_gives_the_zone_itself() -> None:
    sure = Uncertainty(speed_log_sigma=0, rate_log_sigma=0, direction_sigma_deg=0, class_shift=0)
    made = ensemble.members_of(ONE, 3, uncertainty=sure)
    grid = ensemble.grid_of(made, 120)
    found = ensemble.exceedance(made, grid)
    reach = forecast(ONE).zones.set_index("level")["reach_m"]
    assert found.reach_m[0] == pytest.approx([reach[3], reach[2], reach[1]], rel=0.02)
    assert set(np.unique(found.probability.round(9))) <= {0.0, 1.0}
    area = forecast(ONE).zones.to_crs("+proj=tmerc +lat_0=31.41 +lon_0=118.71 +ellps=GRS80").area.iloc[-1]
    assert found.probability[-1].sum() * grid.cell_m**2 == pytest.approx(area, rel=0.08)


def test_probabilities_nest_and_repeat() -> None:
    made = ensemble.members_of(ONE, 40, seed=7)
    grid = ensemble.grid_of(made, 100)
    found = ensemble.exceedance(made, grid)
    assert found.probability.min() >= 0
    assert found.probability.max() <= 1 + 1e-9
    assert np.all(found.probability[0] <= found.probability[1] + 1e-9)
    again = ensemble.exceedance(ensemble.members_of(ONE, 40, seed=7), grid)
    assert np.array_equal(found.probability, again.probability)


def test_percentile_zones_are_valid_and_shrink() -> None:
    done = ensemble.forecast(ONE, 60, cells=150)
    assert done.zones.is_valid.all()
    for level, rows in done.zones.groupby("level"):
        shapes = rows.set_index("percentile").geometry
        if 10 in shapes and 50 in shapes:
            assert shapes[50].difference(shapes[10].buffer(1e-4)).is_empty, level
    for reach in done.reach_m.values():
        assert reach[10] <= reach[50] <= reach[90]


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """Address of a scheduler with two worker processes of its own, reached over TCP like any cluster."""
    distributed = pytest.importorskip("distributed", reason="Dask's distributed scheduler is not installed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address="127.0.0.1:0"
    ) as cluster:
        yield cluster.scheduler_address


def test_a_cluster_gives_the_same_answer(scheduler: str) -> None:
    """A year of winds in small: two sources, ten winds each, on processes behind a TCP address."""
    assert scheduler.startswith("tcp://")
    winds = np.linspace(1.5, 8.0, 10), np.linspace(0.0, 324.0, 10), ["D", "F"] * 5
    made = [
        member
        for east in (0.0, 800.0)
        for member in ensemble.members_of_winds(ONE, *winds, east_m=east)  # type: ignore[arg-type]
    ]
    grid = ensemble.grid_of(made, 60)
    seen: list[float] = []
    here = ensemble.exceedance(made, grid)
    there = ensemble.exceedance_by_many(made, grid, cluster=scheduler, chunk=6, report=seen.append)
    assert there.probability == pytest.approx(here.probability, abs=1e-12)
    assert np.array_equal(there.reach_m, here.reach_m)
    assert seen == pytest.approx([0.25, 0.5, 0.75, 1.0])


def test_without_an_address_local_processes_do_it() -> None:
    pytest.importorskip("distributed", reason="Dask's distributed scheduler is not installed")
    made = ensemble.members_of(ONE, 4)
    grid = ensemble.grid_of(made, 40)
    there = ensemble.exceedance_by_many(made, grid, workers=1, chunk=2)
    assert there.probability == pytest.approx(ensemble.exceedance(made, grid).probability, abs=1e-12)


def test_an_address_where_nobody_answers_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed", reason="Dask's distributed scheduler is not installed")
    monkeypatch.setattr(ensemble, "ANSWER_S", 1)
    made = ensemble.members_of(ONE, 1)
    with pytest.raises(InputError, match=r"no scheduler answers at tcp://127[.]0[.]0[.]1:9 within"):
        ensemble.exceedance_by_many(made, ensemble.grid_of(made, 10), cluster="tcp://127.0.0.1:9")


def test_no_members_is_refused() -> None:
    with pytest.raises(InputError, match="at least 1"):
        ensemble.members_of(ONE, 0)
    with pytest.raises(InputError, match="no members"):
        ensemble.exceedance([], ensemble.Grid(0, 0, 1, 2, 2))


def test_a_rose_of_winds_is_as_round_as_the_rose() -> None:
    bearings = list(np.arange(0.0, 360.0, 10.0))
    made = ensemble.members_of_winds(ONE, [3.0] * 36, bearings, ["D"] * 36)
    assert sum(member.weight for member in made) == pytest.approx(1.0)
    found = ensemble.exceedance(made, ensemble.grid_of(made, 101))
    lowest = found.probability[-1]
    assert lowest == pytest.approx(lowest.T, abs=0.08)
    with pytest.raises(InputError, match="as many directions"):
        ensemble.members_of_winds(ONE, [3.0], [], ["D"])
