"""What does a PMTiles archive hold? PMTiles 3: spherical Mercator, rows counted from the north, one file."""

from itertools import islice
from pathlib import Path
from typing import Any

from gis.errors import InputError
from tianditu.grids import TileIndex
from tianditu.packages.archive import Contents

_DEGREES_E7 = 1e7
_HEAD_BYTES = 127


class PmtilesFile:
    """A PMTiles archive opened for reading; its pages come from the file when they are asked for."""

    def __init__(self, file: Path) -> None:
        from pmtiles.reader import MmapSource, Reader

        self.name = file.name
        with file.open("rb") as handle:
            if file.stat().st_size < _HEAD_BYTES:
                raise InputError(f"{file.name} is cut off: shorter than the head of a PMTiles archive")
            self._source = MmapSource(handle)  # the map outlives the handle
        self._reader = Reader(self._source)
        # The library raises bare exceptions for foreign versions.
        try:
            self._head: dict[str, Any] = self._reader.header()
        except Exception as error:
            raise InputError(f"{file.name} is no PMTiles archive of version 3") from error

    def contents(self) -> Contents:
        """
        Say what is in it.

        Raises
        ------
        InputError
            No tiles, or not pictures.
        """
        from pmtiles.tile import TileType

        head = self._head
        if head["tile_type"] not in (TileType.PNG, TileType.JPEG, TileType.WEBP):
            raise InputError(f"{self.name} holds no pictures (png, jpeg, webp) but {head['tile_type']}")
        if not head["addressed_tiles_count"]:
            raise InputError(f"{self.name} holds no tiles")
        said = self._reader.metadata()
        west, south, east, north = (
            head[name] / _DEGREES_E7 for name in ("min_lon_e7", "min_lat_e7", "max_lon_e7", "max_lat_e7")
        )
        return Contents(
            "pmtiles",
            "w",
            int(head["min_zoom"]),
            int(head["max_zoom"]),
            (west, south, east, north),
            int(head["addressed_tiles_count"]),
            str(said.get("name", "")),
            str(said.get("attribution", "")),
        )

    def tile(self, index: TileIndex) -> bytes | None:
        """Give a picture, or None where it has none."""
        if index.matrix != "w":
            return None
        found = self._reader.get(index.level, index.column, index.row)
        return bytes(found) if found else None

    def samples(self) -> list[bytes]:
        """Give a few of its pictures, whichever come first."""
        from pmtiles.reader import all_tiles

        return [bytes(picture) for _, picture in islice(all_tiles(self._source), 5)]

    def close(self) -> None:
        """Nothing to do: the map of the file goes with this object."""
