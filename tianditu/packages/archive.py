"""What is in a file of tiles, whichever of the three forms it has?"""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from gis.errors import InputError
from tianditu.grids import MatrixSet, TileIndex


@dataclass(frozen=True, slots=True)
class Contents:
    """
    What a file says about itself.

    Attributes
    ----------
    bounds
        West, south, east, north in degrees.
    tiles
        Tiles it holds.
    """

    form: str
    matrix: MatrixSet
    lowest_level: int
    highest_level: int
    bounds: tuple[float, float, float, float]
    tiles: int
    title: str
    attribution: str


class Archive(Protocol):
    """A file of tiles opened for reading; safe between threads."""

    def contents(self) -> Contents:
        """Say what is in it."""
        ...

    def tile(self, index: TileIndex) -> bytes | None:
        """Give a picture, or None where it has none."""
        ...

    def samples(self) -> list[bytes]:
        """Give a few of its pictures, whichever come first."""
        ...

    def close(self) -> None:
        """Close the file."""
        ...


_SQLITE = b"SQLite format 3\0"
_PMTILES = b"PMTiles"


def open_archive(file: Path) -> Archive:
    """
    Open a file of tiles by what it holds, not by its ending.

    Raises
    ------
    InputError
        Not a file of tiles, or of tiles this program does not draw.
    """
    try:
        with file.open("rb") as handle:
            head = handle.read(72)
    except OSError as error:
        raise InputError(f"{file}: cannot be read: {error.strerror}") from error
    if head.startswith(_PMTILES):
        from tianditu.packages.pmtiles_file import PmtilesFile

        return PmtilesFile(file)
    if head.startswith(_SQLITE):
        # OGC 12-128r18, 1.1.1.1.1: the application id of a GeoPackage is "GPKG" (or "GP10", "GP11" before 1.2).
        if head[68:70] == b"GP":
            from tianditu.packages.geopackage_file import GeopackageFile

            return GeopackageFile(file)
        from tianditu.packages.mbtiles_file import MbtilesFile

        return MbtilesFile(file)
    raise InputError(f"{file.name} is no MBTiles, GeoPackage or PMTiles file")
