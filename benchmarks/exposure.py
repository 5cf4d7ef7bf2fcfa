"""How long does counting people in three zones take, beside rasterstats and exactextract on the same raster?"""

import sys
import time
from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gis import raster
from gis.columns import FACILITIES
from gis.crs import GEOGRAPHIC, LocalFrame, LonLat
from layers import exposure

EDGE = 663
STEP_EAST_DEG, STEP_NORTH_DEG = 0.00105, 0.0009
"""About 100 m at 31 degrees north; 663 x 663 cells are 4 390 km2."""
CORNER = (118.4, 31.1)
SOURCE = LonLat(118.75, 31.4)
RUNS = 15


def city() -> raster.Grid:
    """A seeded grid of counts."""
    values = np.random.default_rng(1).poisson(6, (EDGE, EDGE)).astype(float)
    return raster.Grid(values, CORNER[0], CORNER[1] + EDGE * STEP_NORTH_DEG, STEP_EAST_DEG, STEP_NORTH_DEG)


def plume(length_m: float, width_m: float, corners: int = 240) -> Any:
    """A teardrop downwind of `SOURCE`."""
    frame, turn = LocalFrame(SOURCE), np.radians(37)
    along = np.linspace(0, length_m, corners // 2)
    across = 2 * width_m * np.sqrt(along / length_m) * np.sqrt(np.clip(1 - along / length_m, 0, None))
    x, y = np.r_[along, along[::-1]], np.r_[across, -across[::-1]]
    degrees = frame.to_degrees(x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn))
    return shapely.make_valid(shapely.Polygon(np.column_stack(degrees)))


def zones() -> gpd.GeoDataFrame:
    """Three nested zones of 1.5, 5 and 15 km."""
    rows = [
        {
            "kind": "toxic", "level": level, "level_name": f"AEGL-{level}", "threshold": 1.0, "unit": "ppm",
            "averaging_s": 3600.0, "trust": "one_source", "arrival_s": 0.0, "reach_m": reach,
        }
        for level, reach in ((3, 1500.0), (2, 5000.0), (1, 15000.0))
    ]  # fmt: skip
    shapes = [plume(1500, 150), plume(5000, 600), plume(15000, 2200)]
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=GEOGRAPHIC)


def timed(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Median and worst of `RUNS` runs in ms after one to warm up, and the last answer."""
    answer, took = work(), []
    for _ in range(RUNS):
        began = time.perf_counter()
        answer = work()
        took.append(1000 * (time.perf_counter() - began))
    return float(np.median(took)), float(np.max(took)), answer


def main() -> None:
    """Print one line a program: median, worst, and the people it finds in the three zones."""
    grid, drawn = city(), zones()
    cells = grid.cells(keep_empty=True)
    people = cells.rename(columns={"value": "day"}).assign(night=cells["value"])
    nobody = FACILITIES.empty(GEOGRAPHIC)
    lines: list[tuple[str, float, float, list[float]]] = []

    median, worst, found = timed(lambda: exposure.count(drawn, people, nobody, day=True))
    lines.append(("layers.exposure.count (cells)", median, worst, found.bands["cumulative_day"].tolist()))
    inside = int(found.bands["people_day"].sum())
    print(f"{EDGE * EDGE:,} cells, {found.total_day:,} people; bands + outside = {inside + found.outside_day:,}")
    median, worst, sums = timed(lambda: raster.zonal_sums(grid, drawn.geometry))
    lines.append(("gis.raster.zonal_sums (raster)", median, worst, list(sums)))
    lines += _exactextract(grid, drawn)
    lines += _rasterstats(grid, drawn)
    for name, median, worst, sums in lines:
        print(f"{name:<34}{median:9.1f} ms{worst:9.1f} ms   {', '.join(f'{value:.2f}' for value in sums)}")
    assert found.total_day == inside + found.outside_day


def _exactextract(grid: raster.Grid, drawn: gpd.GeoDataFrame) -> list[tuple[str, float, float, list[float]]]:
    try:
        from exactextract import exact_extract
        from exactextract.raster import NumPyRasterSource
    except ImportError:
        print("exactextract is not installed here: absent from this run")
        return []
    west, south, east, north = grid.bounds
    source = NumPyRasterSource(grid.values, xmin=west, ymin=south, xmax=east, ymax=north)
    median, worst, found = timed(lambda: exact_extract(source, drawn, "sum"))
    return [("exactextract (fractional)", median, worst, [one["properties"]["sum"] for one in found])]


def _rasterstats(grid: raster.Grid, drawn: gpd.GeoDataFrame) -> list[tuple[str, float, float, list[float]]]:
    try:
        from rasterstats import zonal_stats
    except ImportError:
        print("rasterstats is not installed here: absent from this run")
        return []
    from rasterio.transform import from_origin

    transform = from_origin(grid.west, grid.north, grid.step_x, grid.step_y)
    shapes = list(drawn.geometry)
    median, worst, found = timed(lambda: zonal_stats(shapes, grid.values, affine=transform, stats=["sum"], nodata=-1))
    return [("rasterstats (whole cells)", median, worst, [one["sum"] for one in found])]


if __name__ == "__main__":
    sys.exit(main())
