"""Do puffs hold their mass, agree with the plume, follow the wind and not depend on their interval?"""

import math

import numpy as np
import pytest

from gis.errors import InputError
from plume import puff, raster
from plume.gaussian import GaussianPlume, Spread
from plume.puff import Grid, PuffSource
from plume.source import series
from plume.weather import Weather, WindSample

AIR = Weather(3.0, 10.0, 225.0, "D")
SPEED = AIR.transport_speed_m_s(0.0)


def source(term: series.SourceTerm | None = None, east_m: float = 0.0) -> PuffSource:
    return PuffSource(east_m, 0.0, 0.0, term or series.continuous(1.0, 7200.0), Spread("D"))


def coordinates(grid: Grid, wind_from_deg: float) -> tuple[np.ndarray, np.ndarray]:
    east, north = np.meshgrid(grid.east, grid.north)
    towards = math.radians(wind_from_deg + 180)
    return east * math.sin(towards) + north * math.cos(towards), -east * math.cos(towards) + north * math.sin(towards)


def test_a_long_train_is_the_steady_plume() -> None:
    """plume.md 7, line 28."""
    grid = Grid(-200.0, -200.0, 15.0, 150, 150)
    field = puff.frames([source()], AIR, grid, [3600.0])[0]
    plume = GaussianPlume(series.continuous(1.0, 7200.0), SPEED, 0.0, Spread("D"))
    x, y = coordinates(grid, 225.0)
    steady = plume.per_rate(x, y, 0.0)
    core = (x > 60) & (x < 2200) & (np.abs(y) < 1.5 * plume.sigma_y(x))
    ratio = field[core] / steady[core]
    assert np.median(ratio) == pytest.approx(1.0, abs=0.01)
    assert np.percentile(np.abs(ratio - 1), 98) < 0.08


@pytest.mark.parametrize("stability", ["B", "D", "F"])
def test_halving_the_interval_changes_the_peak_by_less_than_five_per_cent(stability: str) -> None:
    """plume.md 7, line 21: FastGaussianPuff's peak moves threefold."""
    grid = Grid(15.0, 15.0, 30.0, 100, 100)
    peaks = []
    for interval in (40.0, 20.0, 10.0, 5.0):
        one = PuffSource(0.0, 0.0, 0.0, series.continuous(1.0, 7200.0), Spread(stability))  # type: ignore[arg-type]
        peaks.append(float(puff.frames([one], AIR, grid, [1800.0], puff_s=interval).max()))
    assert np.ptp(peaks) / min(peaks) < 0.05


def test_puffs_hold_the_released_mass() -> None:
    """plume.md 7, line 26: summed through the depth, a frame holds what was released so far."""
    term = series.table([0, 100, 250, 400], [1.0, 3.0, 0.5, 0.0])
    _, ends, masses = puff.puffs_of(term, 7.0)
    assert masses.sum() == pytest.approx(term.total_mass_kg, rel=1e-12)
    assert ends[-1] == 400.0
    grid = Grid(-300.0, -300.0, 20.0, 220, 220)
    x, _ = coordinates(grid, 225.0)
    run = SPEED * (1200.0 - 200.0)
    field = puff.frames([source(term)], AIR, grid, [1200.0])[0]
    sigma_z = Spread("D").z(np.maximum(x, 1.0))
    column = field * sigma_z * math.sqrt(math.pi / 2)
    # Each puff has the depth of its own distance; the cells' depth is that of theirs, so this holds to a few per cent.
    assert float(column.sum()) * grid.cell_m**2 == pytest.approx(term.total_mass_kg, rel=0.06)
    assert abs(float((column * x).sum() / column.sum()) - run) < 0.1 * run


def test_a_short_release_peaks_as_palazzi_says() -> None:
    one = source(series.continuous(1.0, 60.0))
    grid = Grid(700.0, 700.0, 10.0, 1, 1)
    times = np.arange(100.0, 900.0, 4.0)
    peak = float(puff.frames([one], AIR, grid, times).max())
    exact = GaussianPlume(one.term, SPEED, 0.0, one.spread).concentration(700.0 * math.sqrt(2), 0.0, 0.0)
    assert peak == pytest.approx(float(exact), rel=0.08)


def test_the_path_is_the_difference_of_the_wind_run() -> None:
    """After the wind has turned, the gas released before lies where both winds carried it."""
    air = Weather(3.0, 10.0, 270.0, "D", series=(WindSample(0, 3.0, 270.0), WindSample(600, 6.0, 180.0)))
    speed = air.transport_speed_m_s(0.0)
    grid = Grid(-500.0, -500.0, 25.0, 200, 200)
    field = puff.frames([source(series.instantaneous(10.0))], air, grid, [900.0])[0]
    row, column = np.unravel_index(field.argmax(), field.shape)
    assert grid.east[column] == pytest.approx(600 * speed, abs=40)
    assert grid.north[row] == pytest.approx(300 * 2 * speed, abs=40)


def test_sources_add_up() -> None:
    grid = Grid(0.0, 0.0, 50.0, 60, 60)
    both = puff.frames([source(), source(east_m=400.0)], AIR, grid, [1800.0])
    single = puff.frames([source()], AIR, grid, [1800.0]) + puff.frames([source(east_m=400.0)], AIR, grid, [1800.0])
    assert both == pytest.approx(single, rel=1e-5)


def test_degenerate_grids() -> None:
    """plume.md 7, line 20: one cell works, none is refused."""
    assert puff.frames([source()], AIR, Grid(500.0, 500.0, 10.0, 1, 1), [3600.0]).shape == (1, 1, 1)
    with pytest.raises(InputError, match="at least one cell"):
        puff.frames([source()], AIR, Grid(0.0, 0.0, 10.0, 0, 5), [60.0])


def test_nothing_before_the_release_and_nothing_upwind() -> None:
    grid = Grid(-1000.0, -1000.0, 20.0, 45, 45)  # all upwind of the source
    assert puff.frames([source()], AIR, grid, [0.0, 3600.0]).max() < 1e-12


@pytest.mark.parametrize("bearing", [0.0, 200.0, 225.0, 359.0])
def test_raster_is_the_plume(bearing: float) -> None:
    plume = GaussianPlume(series.continuous(1.0, 36_000.0), 3.0, 10.0, Spread("C"))
    grid = Grid(-1500.0, -1500.0, 10.0, 300, 300)
    field = raster.steady(plume, grid, bearing)
    x, y = coordinates(grid, bearing)
    exact = plume.concentration(x, y, 0.0)
    seen = exact > 1e-6 * exact.max()
    assert np.percentile(np.abs(field[seen] / exact[seen] - 1), 99.9) < 1e-3
