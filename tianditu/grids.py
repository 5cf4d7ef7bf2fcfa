"""Which tile holds this place, in either of Tianditu's two matrix sets?"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.crs import LonLat
from gis.errors import OutOfRangeError

MatrixSet = Literal["c", "w"]
"""``c``: longitude/latitude grid 经纬度 on CGCS2000; ``w``: spherical Mercator 球面墨卡托."""

LOWEST_LEVEL = 1
HIGHEST_LEVEL = 18
TILE_PX = 256
_MERCATOR_RADIUS_M = 6378137.0
_MERCATOR_LIMIT_DEG = 85.0511287798066


@dataclass(frozen=True, slots=True)
class TileIndex:
    """One tile: matrix set, level 1–18, column from the west, row from the north."""

    matrix: MatrixSet
    level: int
    column: int
    row: int


def size(matrix: MatrixSet, level: int) -> tuple[int, int]:
    """
    Columns and rows of a level.

    Raises
    ------
    OutOfRangeError
        The level is not offered. Level 0 of ``c`` does not exist; the grid starts with 2 x 1 tiles at level 1.
    """
    if not LOWEST_LEVEL <= level <= HIGHEST_LEVEL:
        raise OutOfRangeError(f"tile level {level}: Tianditu offers levels {LOWEST_LEVEL} to {HIGHEST_LEVEL}")
    columns = 1 << level
    return columns, columns // 2 if matrix == "c" else columns


def resolution(matrix: MatrixSet, level: int) -> float:
    """Ground size of one pixel: degrees for ``c``, metres at the equator for ``w``."""
    size(matrix, level)
    if matrix == "c":
        return 360.0 / TILE_PX / (1 << level)
    return float(2 * np.pi * _MERCATOR_RADIUS_M / TILE_PX / (1 << level))


def locate(matrix: MatrixSet, level: int, place: LonLat) -> TileIndex:
    """Tile that holds `place`; a place on the far edge belongs to the last tile."""
    columns, rows = size(matrix, level)
    column, row = _column_row(matrix, level, place.longitude, place.latitude)
    return TileIndex(matrix, level, min(int(column), columns - 1), min(int(row), rows - 1))


def position(
    matrix: MatrixSet, level: int, longitude: ArrayLike, latitude: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where places lie in the matrix, in tiles from the west and from the north, with their fractions; any shape."""
    lon, lat = np.asarray(longitude, float), np.asarray(latitude, float)
    column = (lon + 180) / 360 * 2**level
    if matrix == "c":
        # Divided by 360, not 180: the grid is square in degrees and only its upper half of rows exists.
        return column, (90 - lat) / 360 * 2**level
    bounded = np.radians(np.clip(lat, -_MERCATOR_LIMIT_DEG, _MERCATOR_LIMIT_DEG))
    return column, (1 - np.arcsinh(np.tan(bounded)) / np.pi) / 2 * 2**level


def covering(matrix: MatrixSet, level: int, bounds: tuple[float, float, float, float]) -> list[TileIndex]:
    """Tiles that touch west, south, east, north (degrees), row by row from the north."""
    west, south, east, north = bounds
    first = locate(matrix, level, LonLat(west, north))
    last = locate(matrix, level, LonLat(east, south))
    return [
        TileIndex(matrix, level, column, row)
        for row in range(first.row, last.row + 1)
        for column in range(first.column, last.column + 1)
    ]


def checked(index: TileIndex) -> TileIndex:
    """
    Return `index`, or refuse one outside the matrix.

    Upstream is believed to answer those with status 200 and a constant picture (unverified): never to be cached.
    """
    columns, rows = size(index.matrix, index.level)
    if not (0 <= index.column < columns and 0 <= index.row < rows):
        raise OutOfRangeError(
            f"tile {index.level}/{index.column}/{index.row}: outside the {columns} x {rows} tiles of '{index.matrix}'"
        )
    return index


def bounds(index: TileIndex) -> tuple[float, float, float, float]:
    """West, south, east, north of a tile in degrees."""
    columns, rows = size(checked(index).matrix, index.level)
    west, east = (index.column / columns * 360 - 180, (index.column + 1) / columns * 360 - 180)
    if index.matrix == "c":
        step = 180 / rows
        return west, 90 - (index.row + 1) * step, east, 90 - index.row * step
    return west, _mercator_latitude(index.row + 1, rows), east, _mercator_latitude(index.row, rows)


def _column_row(
    matrix: MatrixSet, level: int, longitude: ArrayLike, latitude: ArrayLike
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    column, row = position(matrix, level, longitude, latitude)
    return np.floor(column).astype(np.int64), np.floor(row).astype(np.int64)


def _mercator_latitude(row: int, rows: int) -> float:
    return float(np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * row / rows)))))
