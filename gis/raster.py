"""What does a raster say inside a shape, without losing or inventing anything?"""

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gis.crs import GEOGRAPHIC, WGS84, FloatArray
from gis.errors import InputError, MissingError

MAX_CELLS = 25_000_000
"""More than this in one window is refused: it would take 200 MB and is never what an incident needs."""

EDGE = 1e-6
"""Cells; a window that reaches less than this into a cell does not touch it."""


@dataclass(frozen=True, slots=True)
class Grid:
    """
    Counts (people, for instance) on a regular longitude/latitude grid, north up.

    Attributes
    ----------
    values
        Shape ``(rows, columns)``, first row in the north; what a cell holds, not a density; no-data is 0.
    west, north
        Outer corner of the first cell, degrees.
    step_x, step_y
        Size of a cell, degrees, both positive.
    """

    values: FloatArray
    west: float
    north: float
    step_x: float
    step_y: float

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the outer edges."""
        rows, columns = self.values.shape
        return self.west, self.north - rows * self.step_y, self.west + columns * self.step_x, self.north

    @property
    def total(self) -> float:
        """Sum over all cells."""
        return float(self.values.sum())

    def edges(self) -> tuple[FloatArray, FloatArray]:
        """Longitudes of the ``columns + 1`` cell edges, eastward, and latitudes of the ``rows + 1``, southward."""
        rows, columns = self.values.shape
        return self.west + self.step_x * np.arange(columns + 1), self.north - self.step_y * np.arange(rows + 1)

    def cells(self, *, keep_empty: bool = False) -> gpd.GeoDataFrame:
        """One square a cell with its `value`; cells holding nothing are left out unless wanted."""
        x, y = self.edges()
        row, column = np.nonzero(np.ones_like(self.values) if keep_empty else self.values)
        shapes = shapely.box(x[column], y[row + 1], x[column + 1], y[row])
        return gpd.GeoDataFrame({"value": self.values[row, column]}, geometry=shapes, crs=GEOGRAPHIC)


def read(path: Path, bounds: tuple[float, float, float, float] | None = None) -> Grid:
    """
    Read the cells of a count raster that touch `bounds` (west, south, east, north), all of them when None.

    Raises
    ------
    MissingError
        No such file.
    InputError
        Not a north-up raster in longitude/latitude, nothing of it inside `bounds`, or too many cells.
    """
    import rasterio
    from rasterio.windows import Window

    if not path.exists():
        raise MissingError(f"raster {path} is not there")
    with rasterio.open(path) as source:
        if source.crs is None or pyproj.CRS(source.crs.to_wkt()) not in (pyproj.CRS(WGS84), pyproj.CRS(GEOGRAPHIC)):
            raise InputError(f"raster {path}: must be in longitude/latitude, is in {source.crs}")
        transform = source.transform
        if transform.b or transform.d or transform.a <= 0 or transform.e >= 0:
            raise InputError(f"raster {path}: must be north up and not turned")
        step_x, step_y = transform.a, -transform.e
        left, top, right, bottom = 0, 0, source.width, source.height
        if bounds is not None:
            west, south, east, north = bounds
            # A bound on a cell edge, give or take rounding, must not drag in the next cell.
            left = max(left, int(np.floor((west - transform.c) / step_x + EDGE)))
            right = min(right, int(np.ceil((east - transform.c) / step_x - EDGE)))
            top = max(top, int(np.floor((transform.f - north) / step_y + EDGE)))
            bottom = min(bottom, int(np.ceil((transform.f - south) / step_y - EDGE)))
        if right <= left or bottom <= top:
            raise InputError(f"raster {path}: nothing of it lies in {bounds}; it covers {tuple(source.bounds)}")
        if (right - left) * (bottom - top) > MAX_CELLS:
            raise InputError(f"raster {path}: {(right - left) * (bottom - top)} cells asked for, at most {MAX_CELLS}")
        window = Window(left, top, right - left, bottom - top)
        values = source.read(1, window=window, masked=True).filled(0).astype(float)
    values[~np.isfinite(values)] = 0.0
    return Grid(values, transform.c + left * step_x, transform.f - top * step_y, step_x, step_y)


def write(grid: Grid, path: Path) -> None:
    """Write `grid` as a compressed GeoTIFF in CGCS2000 longitude/latitude."""
    import rasterio
    from rasterio.transform import from_origin

    rows, columns = grid.values.shape
    transform = from_origin(grid.west, grid.north, grid.step_x, grid.step_y)
    profile = {"driver": "GTiff", "height": rows, "width": columns, "count": 1, "dtype": "float64", "crs": GEOGRAPHIC}
    with rasterio.open(path, "w", **profile, transform=transform, compress="deflate") as target:
        target.write(grid.values, 1)


def zonal_sums(grid: Grid, zones: gpd.GeoSeries) -> FloatArray:
    """
    Sum of `grid` inside each of `zones` (longitude/latitude), shape ``(len(zones),)``.

    A cell on the edge counts by the exact share of its area inside, so that disjoint zones and what lies outside them
    add up to the total of the grid; overlapping zones count shared cells once each.
    """
    return np.array([float((share * values).sum()) for share, values in (_shares(grid, zone) for zone in zones)])


def _shares(grid: Grid, zone: BaseGeometry | None) -> tuple[FloatArray, FloatArray]:
    """Share inside `zone` of each cell in its bounding box, and the value of each, both ``(rows, columns)``."""
    nothing = np.zeros((0, 0))
    if zone is None or zone.is_empty:
        return nothing, nothing
    x, y = grid.edges()
    west, south, east, north = zone.bounds
    rows, columns = grid.values.shape
    left, right = _span((west - grid.west) / grid.step_x, (east - grid.west) / grid.step_x, columns)
    top, bottom = _span((grid.north - north) / grid.step_y, (grid.north - south) / grid.step_y, rows)
    if right <= left or bottom <= top:
        return nothing, nothing
    shapely.prepare(zone)
    boxes = shapely.box(
        x[None, left:right], y[top + 1 : bottom + 1, None], x[None, left + 1 : right + 1], y[top:bottom, None]
    )
    share = shapely.contains_properly(zone, boxes).astype(float)
    edge = (share == 0) & shapely.intersects(zone, boxes)
    share[edge] = shapely.area(shapely.intersection(boxes[edge], zone)) / (grid.step_x * grid.step_y)
    return share, grid.values[top:bottom, left:right]


def _span(first: float, last: float, count: int) -> tuple[int, int]:
    """Half-open range of cells between two fractional positions."""
    return max(0, int(np.floor(first))), min(count, int(np.ceil(last)))


def resample(grid: Grid, west: float, north: float, step: float, shape: tuple[int, int]) -> Grid:
    """
    Share the counts of `grid` out over another grid by overlap; what both cover keeps its sum.

    Parameters
    ----------
    west, north, step, shape
        Corner, cell size in degrees and ``(rows, columns)`` of the new grid.
    """
    x, y = grid.edges()
    new_x = np.asarray(west + step * np.arange(shape[1] + 1), dtype=float)
    new_y = np.asarray(north - step * np.arange(shape[0] + 1), dtype=float)
    across = _overlap(x[:-1], x[1:], new_x[:-1], new_x[1:])
    down = _overlap(-y[:-1], -y[1:], -new_y[:-1], -new_y[1:])
    return Grid(down @ grid.values @ across.T, west, north, step, step)


def _overlap(start: FloatArray, end: FloatArray, new_start: FloatArray, new_end: FloatArray) -> NDArray[np.float64]:
    """Share of each old interval that lies in each new one, ``(new, old)``."""
    shared = np.minimum(end, new_end[:, None]) - np.maximum(start, new_start[:, None])
    return np.asarray(np.clip(shared, 0, None) / (end - start), dtype=float)
