"""Which of the three forms does a file of tiles have? It is known by what it holds, not by its ending."""

from pathlib import Path

from gis.errors import InputError
from tianditu.packages.archive import Archive
from tianditu.packages.geopackage_file import GeopackageFile
from tianditu.packages.mbtiles_file import MbtilesFile
from tianditu.packages.pmtiles_file import PmtilesFile

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
        return PmtilesFile(file)
    if head.startswith(_SQLITE):
        # OGC 12-128r18, 1.1.1.1.1: the application id of a GeoPackage is "GPKG" (or "GP10", "GP11" before 1.2).
        if head[68:70] == b"GP":
            return GeopackageFile(file)
        return MbtilesFile(file)
    raise InputError(f"{file.name} is no MBTiles, GeoPackage or PMTiles file")
