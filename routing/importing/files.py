"""How is a GeoPackage, GeoParquet or GeoJSON file of roads read?"""

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pyogrio.errors

from gis.errors import InputError
from routing.importing.bare import from_bare_segments, is_bare
from routing.importing.lines import from_lines
from routing.importing.origin import origin
from routing.network import Network


def read_lines_file(path: Path, name: str, progress: Callable[[str, float], None]) -> Network:
    """
    Read a file of lines; one with only `u, v, highway` (street segments without tags) is read by the bare recipe.

    Raises
    ------
    InputError
        Not readable, no geometry, or no lines.
    """
    progress("reading", 0.1)
    try:
        if path.suffix == ".parquet":
            frame = gpd.read_parquet(path)
        else:
            layers = gpd.list_layers(path)["name"].tolist()
            frame = gpd.read_file(path, layer="edges" if "edges" in layers else layers[0])
    except (OSError, ValueError, pyogrio.errors.DataSourceError) as error:
        raise InputError(f"{path.name}: no roads can be read from it ({error})") from error
    if not isinstance(frame, gpd.GeoDataFrame):
        raise InputError(f"{path.name}: the file has no geometry column")
    provenance = origin(path, "routing.importing.files")
    if is_bare(frame):
        return from_bare_segments(frame, name, provenance, progress)
    return from_lines(frame, name, provenance=provenance, progress=progress)
