"""What does an MBTiles file hold? MBTiles 1.3: spherical Mercator only, rows counted from the south."""

from pathlib import Path

from gis.errors import InputError
from tianditu.grids import TileIndex
from tianditu.packages.archive import Contents
from tianditu.packages.sqlite_file import SqliteFile

_WORLD = (-180.0, -85.0511, 180.0, 85.0511)


class MbtilesFile:
    """An MBTiles file opened for reading."""

    def __init__(self, file: Path) -> None:
        self._file = SqliteFile(file)

    def contents(self) -> Contents:
        """
        Say what is in it.

        Raises
        ------
        InputError
            No tiles, or not pictures.
        """
        said = {str(name): str(value) for name, value in self._file.rows("SELECT name, value FROM metadata")}
        if said.get("format", "png") not in ("png", "jpg", "jpeg", "webp"):
            raise InputError(
                f"{self._file.name} holds '{said['format']}' tiles; only pictures (png, jpg, webp) are drawn"
            )
        lowest, highest, tiles = self._file.rows("SELECT min(zoom_level), max(zoom_level), count(*) FROM tiles")[0]
        if not tiles:
            raise InputError(f"{self._file.name} holds no tiles")
        return Contents(
            "mbtiles",
            "w",
            int(lowest),
            int(highest),
            _bounds(said.get("bounds", ""), self._file.name),
            int(tiles),
            said.get("name", ""),
            said.get("attribution", ""),
        )

    def tile(self, index: TileIndex) -> bytes | None:
        """Give a picture, or None where it has none."""
        if index.matrix != "w":
            return None
        found = self._file.rows(
            "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?",
            index.level,
            index.column,
            (1 << index.level) - 1 - index.row,
        )
        return bytes(found[0][0]) if found else None

    def samples(self) -> list[bytes]:
        """Give a few of its pictures, whichever come first."""
        return [bytes(row[0]) for row in self._file.rows("SELECT tile_data FROM tiles LIMIT 5")]

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _bounds(text: str, name: str) -> tuple[float, float, float, float]:
    if not text:
        return _WORLD
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise InputError(f"{name}: bounds '{text}' are not west,south,east,north in degrees") from error
    return west, south, east, north
