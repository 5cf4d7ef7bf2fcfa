"""Do sums over a raster conserve its total?"""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from rasterio.transform import from_origin
from shapely.geometry import Point, box

from gis.crs import GEOGRAPHIC
from gis.errors import InputError, MissingError
from gis.raster import Grid, read, resample, write, zonal_sums

GPW = "routing/gpw_v411_2020_count_sao_miguel.tif"


def zones(*shapes: shapely.Geometry | None) -> gpd.GeoSeries:
    return gpd.GeoSeries(list(shapes), crs=GEOGRAPHIC)


def test_real_population_raster_conserves_its_total(shared_data: Path) -> None:
    grid = read(shared_data / GPW)
    with rasterio.open(shared_data / GPW) as source:
        truth = float(source.read(1, masked=True).sum(dtype=float))
    assert grid.total == pytest.approx(truth, rel=1e-12)
    assert grid.total > 100_000  # São Miguel has some 140 000 people
    middle = Point((grid.bounds[0] + grid.bounds[2]) / 2, (grid.bounds[1] + grid.bounds[3]) / 2)
    disc = middle.buffer(0.0613)
    outside = box(*grid.bounds).difference(disc)
    inside_sum, outside_sum = zonal_sums(grid, zones(disc, outside))
    assert inside_sum > 0
    assert inside_sum + outside_sum == pytest.approx(grid.total, rel=1e-12)


def test_window_is_part_of_the_whole(shared_data: Path) -> None:
    whole = read(shared_data / GPW)
    west, south, east, north = whole.bounds
    middle = (west + east) / 2
    left = read(shared_data / GPW, (west, south, middle, north))
    right = read(shared_data / GPW, (left.bounds[2], south, east, north))
    assert left.total + right.total == pytest.approx(whole.total, rel=1e-12)
    zone = zones(box(west + 0.013, south + 0.021, middle - 0.017, north - 0.009))
    assert zonal_sums(left, zone) == pytest.approx(zonal_sums(whole, zone), rel=1e-12)


GRIDS = arrays(np.float64, st.tuples(st.integers(1, 8), st.integers(1, 8)), elements=st.floats(0, 1000))


@settings(max_examples=60, deadline=None)
@given(GRIDS, st.floats(118, 118.4), st.floats(31, 31.4), st.floats(0.001, 0.5))
def test_disjoint_zones_and_outside_make_the_total(values: np.ndarray, x: float, y: float, radius: float) -> None:
    grid = Grid(values, 118.0, 31.4, 0.05, 0.05)
    inner, outer = Point(x, y).buffer(radius / 2), Point(x, y).buffer(radius)
    sums = zonal_sums(grid, zones(inner, outer.difference(inner), box(117, 30, 120, 32).difference(outer)))
    assert sums.sum() == pytest.approx(grid.total, rel=1e-9, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(GRIDS, st.floats(0.01, 0.2))
def test_resampling_conserves_the_total(values: np.ndarray, step: float) -> None:
    grid = Grid(values, 118.0, 31.4, 0.05, 0.05)
    again = resample(grid, 117.9, 31.6, step, (int(1.5 / step), int(1.5 / step)))
    assert again.total == pytest.approx(grid.total, rel=1e-9, abs=1e-9)


def test_share_of_an_edge_cell_is_its_area_inside() -> None:
    grid = Grid(np.array([[10.0, 20.0], [30.0, 40.0]]), 118.0, 31.0, 1.0, 1.0)
    assert zonal_sums(grid, zones(box(118.5, 30, 119, 31), box(0, 0, 1, 1), None)).tolist() == [5.0, 0.0, 0.0]
    assert grid.cells()["value"].tolist() == [10.0, 20.0, 30.0, 40.0]
    assert grid.cells().total_bounds.tolist() == [118.0, 29.0, 120.0, 31.0]


def test_written_grid_reads_back(tmp_path: Path) -> None:
    grid = Grid(np.arange(12.0).reshape(3, 4), 118.0, 31.4, 0.01, 0.02)
    write(grid, tmp_path / "people.tif")
    back = read(tmp_path / "people.tif")
    assert np.array_equal(back.values, grid.values)
    assert back.bounds == pytest.approx(grid.bounds)


def test_wrong_rasters_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="not there"):
        read(tmp_path / "none.tif")
    path = tmp_path / "metres.tif"
    profile = {"driver": "GTiff", "height": 2, "width": 2, "count": 1, "dtype": "float32", "crs": "EPSG:32650"}
    with rasterio.open(path, "w", **profile, transform=from_origin(0, 0, 100, 100)) as target:
        target.write(np.ones((2, 2), np.float32), 1)
    with pytest.raises(InputError, match="longitude/latitude"):
        read(path)
    write(Grid(np.ones((2, 2)), 118, 31, 0.1, 0.1), tmp_path / "small.tif")
    with pytest.raises(InputError, match="nothing of it"):
        read(tmp_path / "small.tif", (0, 0, 1, 1))
