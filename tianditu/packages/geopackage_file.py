"""What does a GeoPackage of tiles hold, and which of its rows is which tile of the national grid?"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gis.crs import GEOGRAPHIC_SRID, WEB_MERCATOR_SRID, WGS84_SRID
from gis.errors import InputError
from tianditu.grids import HIGHEST_LEVEL, LOWEST_LEVEL, TILE_PX, MatrixSet, TileIndex, resolution
from tianditu.packages.archive import Contents
from tianditu.packages.sqlite_file import SqliteFile

_MERCATOR_EDGE_M = 20037508.3427892
_ORIGIN: dict[MatrixSet, tuple[float, float]] = {"c": (-180.0, 90.0), "w": (-_MERCATOR_EDGE_M, _MERCATOR_EDGE_M)}
_MATRIX_OF: dict[int, MatrixSet] = {GEOGRAPHIC_SRID: "c", WGS84_SRID: "c", WEB_MERCATOR_SRID: "w"}
_SAME = 1e-6
"""Relative difference up to which two resolutions are the same: published ones differ in the eighth figure."""


@dataclass(frozen=True, slots=True)
class _Level:
    """A zoom level of the file: its own number, and its first column and row in the national grid."""

    zoom: int
    column: int
    row: int


class GeopackageFile:
    """
    The first tile table of a GeoPackage (OGC 12-128r18, 2.2) opened for reading.

    Levels are told by pixel size and not by number, and the corner may lie anywhere on the grid: MapProxy writes the
    national numbers, other programs begin with 0 at the corner of their area.
    """

    def __init__(self, file: Path) -> None:
        self._file = SqliteFile(file)
        found = self._file.rows(
            "SELECT s.table_name, s.srs_id, s.min_x, s.max_y, c.identifier, c.description, r.organization_coordsys_id "
            "FROM gpkg_tile_matrix_set AS s JOIN gpkg_contents AS c USING (table_name) "
            "JOIN gpkg_spatial_ref_sys AS r ON r.srs_id = s.srs_id WHERE c.data_type = 'tiles' ORDER BY s.table_name"
        )
        if not found:
            raise InputError(f"{file.name} is a GeoPackage without tiles")
        table, srs, self._west, self._north, self._title, self._note, code = found[0]
        matrix = _MATRIX_OF.get(int(code), _MATRIX_OF.get(int(srs)))
        if matrix is None:
            raise InputError(f"{file.name}: its tiles are in coordinate system {code}; 4490 (c) or 3857 (w) is needed")
        self._matrix: MatrixSet = matrix
        self._table = '"' + str(table).replace('"', '""') + '"'
        self._levels = self._find_levels(str(table))

    def contents(self) -> Contents:
        """
        Say what is in it.

        Raises
        ------
        InputError
            No tiles, or tiles of another grid.
        """
        (tiles,) = self._file.rows(f"SELECT count(*) FROM {self._table}")[0]  # noqa: S608 - quoted above
        if not tiles or not self._levels:
            raise InputError(
                f"{self._file.name} holds no tiles of the national grid '{self._matrix}' "
                f"(256 pixels, levels {LOWEST_LEVEL} to {HIGHEST_LEVEL})"
            )
        (box,) = self._file.rows("SELECT min_x, min_y, max_x, max_y FROM gpkg_contents WHERE data_type = 'tiles'")[:1]
        west, south, east, north = (float(value) for value in box)
        if self._matrix == "w":
            (west, east), (south, north) = _degrees(np.array([west, east]), np.array([south, north]))
        return Contents(
            "geopackage",
            self._matrix,
            min(self._levels),
            max(self._levels),
            (float(west), float(south), float(east), float(north)),
            int(tiles),
            str(self._title or ""),
            str(self._note or ""),
        )

    def tile(self, index: TileIndex) -> bytes | None:
        """Give a picture, or None where it has none."""
        level = self._levels.get(index.level)
        if index.matrix != self._matrix or level is None:
            return None
        found = self._file.rows(
            f"SELECT tile_data FROM {self._table} WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?",  # noqa: S608
            level.zoom,
            index.column - level.column,
            index.row - level.row,
        )
        return bytes(found[0][0]) if found else None

    def samples(self) -> list[bytes]:
        """Give a few of its pictures, whichever come first."""
        return [bytes(row[0]) for row in self._file.rows(f"SELECT tile_data FROM {self._table} LIMIT 5")]  # noqa: S608 - quoted above

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _find_levels(self, table: str) -> dict[int, _Level]:
        levels = {}
        for zoom, width, height, size in self._file.rows(
            "SELECT zoom_level, tile_width, tile_height, pixel_x_size FROM gpkg_tile_matrix WHERE table_name = ?", table
        ):
            for level in range(LOWEST_LEVEL, HIGHEST_LEVEL + 1):
                ours = resolution(self._matrix, level)
                if (width, height) == (TILE_PX, TILE_PX) and abs(float(size) / ours - 1) < _SAME:
                    origin_x, origin_y = _ORIGIN[self._matrix]
                    column = (float(self._west) - origin_x) / (ours * TILE_PX)
                    row = (origin_y - float(self._north)) / (ours * TILE_PX)
                    if abs(column - round(column)) < 1e-3 and abs(row - round(row)) < 1e-3:
                        levels[level] = _Level(int(zoom), round(column), round(row))
        return levels


def _degrees(x_m: np.ndarray, y_m: np.ndarray) -> tuple[list[float], list[float]]:
    radius = _MERCATOR_EDGE_M / np.pi
    return np.degrees(x_m / radius).tolist(), np.degrees(np.arctan(np.sinh(y_m / radius))).tolist()
