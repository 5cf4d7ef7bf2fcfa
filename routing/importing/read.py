"""Which importer reads this file?"""

from collections.abc import Callable
from pathlib import Path

from gis.errors import InputError, MissingError
from routing.network import Network

Progress = Callable[[str, float], None]
FORMATS = (".osm.pbf", ".pbf", ".osm", ".osm.bz2", ".osm.gz", ".graphml", ".gpkg", ".parquet", ".geojson", ".xml.gz")
"""File endings read; ``.xml.gz`` is a MATSim network with capacities."""


def read(
    path: Path | str, progress: Progress | None = None, *, name: str | None = None, crs: str | None = None
) -> Network:
    """
    Read a road file into a network; the ending chooses the importer.

    `crs` is for the one format that may not name its own (MATSim).

    Raises
    ------
    MissingError
        No such file.
    InputError
        Unknown ending, or a file that does not hold what its ending promises.
    """
    path = Path(path)
    if not path.is_file():
        raise MissingError(f"there is no file {path}: give the path of a road file ({', '.join(FORMATS)})")
    say = progress or _silent
    title = name or path.name.split(".")[0]
    ending = path.name.lower()
    if ending.endswith((".pbf", ".osm", ".osm.bz2", ".osm.gz")):
        from routing.importing.osm import read_osm

        network = read_osm(path, title, say)
    elif ending.endswith(".graphml"):
        from routing.importing.graphs import read_graphml

        network = read_graphml(path, title, say)
    elif ending.endswith((".parquet", ".gpkg", ".geojson")):
        from routing.importing.files import read_lines_file

        network = read_lines_file(path, title, say)
    elif ending.endswith((".xml.gz", ".xml")):
        from routing.importing.matsim import read_matsim

        network = read_matsim(path, title, say, crs)
    else:
        raise InputError(f"{path.name}: this ending is not known; roads are read from {', '.join(FORMATS)}")
    say("done", 1.0)
    return network


def _silent(step: str, fraction: float) -> None:
    """Report nothing."""
