"""Is the ensemble repeatable, a probability, and the same on Dask?"""

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


def test_a_cluster_gives_the_same_answer() -> None:
    from dask.distributed import LocalCluster

    made = ensemble.members_of(ONE, 12)
    grid = ensemble.grid_of(made, 60)
    here = ensemble.exceedance(made, grid)
    with LocalCluster(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None) as cluster:
        there = ensemble.exceedance_by_many(made, grid, cluster=cluster.scheduler_address, chunk=5)
    assert there.probability == pytest.approx(here.probability, abs=1e-12)
    assert np.array_equal(there.reach_m, here.reach_m)


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
