"""How does a road network get an offline base map under it?"""

from collections.abc import Hashable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from sqlalchemy import Connection, delete

from gis.columns import Columns
from gis.copying import copy_frame
from gis.crs import as_geographic
from gis.errors import InputError, MissingError
from layers.tables import Base

LINES = Columns("base lines", {"class": "text", "name": "text", "bridge": "bool", "tunnel": "bool"})
"""What a network's ``lines.parquet`` carries; classes as in OSM ``highway``, ``railway``, ``waterway``."""

CLASS: Mapping[str, str] = {
    "motorway": "motorway", "motorway_link": "motorway_link", "trunk": "ring", "trunk_link": "motorway_link",
    "primary": "primary", "primary_link": "secondary", "secondary": "secondary", "secondary_link": "tertiary",
    "tertiary": "tertiary", "tertiary_link": "tertiary", "service": "park_road", "rail": "rail", "light_rail": "rail",
    "subway": "rail", "tram": "rail", "stream": "stream", "river": "stream", "canal": "stream", "drain": "stream",
}  # fmt: skip
"""Class of the source -> class of ``layers.styles.BASE_LINES``; everything else is a minor street."""

MIN_ZOOM: Mapping[str, int] = {
    "motorway": 0, "ring": 6, "primary": 8, "rail": 8, "secondary": 10, "stream": 10, "motorway_link": 11,
        "tertiary": 10,
    "park_road": 12, "minor": 11,
}  # fmt: skip
NAMED_FROM: Mapping[str, int] = {
    "motorway": 10,
    "ring": 11,
    "primary": 12,
    "secondary": 13,
    "tertiary": 14,
    "minor": 15,
}
BETWEEN_NAMES_DEG: Mapping[str, float] = {
    "motorway": 0.04, "ring": 0.025, "primary": 0.02, "secondary": 0.018, "tertiary": 0.012, "minor": 0.01,
}  # fmt: skip


AREA_KIND: Mapping[str, str] = {"green": "park"}
"""Kind of a network's surfaces -> kind of ``layers.styles.BASE_AREAS`` where the two differ."""


def replace(
    connection: Connection,
    network: str,
    lines: gpd.GeoDataFrame,
    *,
    source: str,
    as_of: datetime,
    areas: gpd.GeoDataFrame | None = None,
) -> dict[str, int]:
    """
    Draw the base map of `network` anew, in the transaction of `connection`; other networks stay as they are.

    Parameters
    ----------
    lines
        Columns of `LINES`; parts are merged by class and name, and names are set along them.
    source, as_of
        What stands in the attribution; `as_of` with a time zone.
    areas
        Surfaces with ``kind`` (green, water, industrial, building …) and ``name``; none by default.

    Returns
    -------
    rows
        Table -> rows written.

    Raises
    ------
    InputError
        Missing columns, or a time without a zone.
    """
    if as_of.tzinfo is None:
        raise InputError(f"as_of {as_of.isoformat()} has no time zone; write it with one, such as +08:00")
    lines = as_geographic(LINES.check(lines))
    # Closed arcs and the like are of use to a search, not to a reader of maps.
    lines = lines[~lines["class"].isin(["barrier"])]
    drawn = _merged(lines)
    names = _names(drawn)
    for table in ("base_area", "base_line", "base_label"):
        target = Base.metadata.tables[f"layers.{table}"]
        connection.execute(delete(target).where(target.c.network == network))
    stamp = {"network": network, "source_system": source, "as_of": as_of}
    written = {"base_line": copy_frame(connection, "layers.base_line", drawn.assign(**stamp))}
    written["base_label"] = copy_frame(connection, "layers.base_label", names.assign(**stamp))
    if areas is not None:
        surfaces = as_geographic(areas)[["kind", "name", "geometry"]].assign(**stamp)
        surfaces["kind"] = surfaces["kind"].replace(AREA_KIND)
        surfaces["name"] = surfaces["name"].fillna("")
        surfaces["min_zoom"] = np.where(surfaces["kind"] == "building", 12, 0)
        written["base_area"] = copy_frame(connection, "layers.base_area", surfaces)
    return written


def of_folder(folder: Path) -> dict[str, Any]:
    """
    Read what `replace` needs from a built network: ``lines``, ``areas``, ``source`` and ``as_of`` by those names.

    Raises
    ------
    MissingError
        No such network, or one that was saved without lines.
    """
    path = folder / "lines.parquet"
    if not path.is_file():
        raise MissingError(
            f"there is no network '{folder.name}' with lines to draw; build it with `onemap roads build`"
        )
    surfaces = [gpd.read_parquet(folder / "areas.parquet")] if (folder / "areas.parquet").is_file() else []
    if (folder / "buildings.parquet").is_file():
        surfaces.append(gpd.read_parquet(folder / "buildings.parquet").assign(kind="building", name=""))
    return {
        "lines": gpd.read_parquet(path),
        "areas": pd.concat(surfaces, ignore_index=True) if surfaces else None,
        "source": folder.name,
        "as_of": datetime.fromtimestamp(path.stat().st_mtime, UTC),
    }


def _merged(lines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Join pieces that meet and share class, name, bridge and tunnel: fewer rows, longer strokes."""
    table = pd.DataFrame(
        {
            "class": lines["class"].map(CLASS).fillna("minor").to_numpy(object),
            "name": lines["name"].fillna("").to_numpy(object),
            "bridge": lines["bridge"].to_numpy(bool),
            "tunnel": lines["tunnel"].to_numpy(bool),
            "line": lines.geometry.to_numpy(),
        }
    )
    keys: list[tuple[Hashable, ...]] = []
    shapes: list[shapely.Geometry] = []
    for key, group in table.groupby(["class", "name", "bridge", "tunnel"], sort=True):
        parts = shapely.get_parts(group["line"].to_numpy(object))
        merged = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(parts)))
        keys.extend([key] * len(merged))
        shapes.extend(merged)
    frame = pd.DataFrame(keys, columns=["class", "name", "bridge", "tunnel"])
    frame["min_zoom"] = frame["class"].map(MIN_ZOOM)
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, crs=lines.crs))


def _names(drawn: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """A name for each stretch of road, turned to lie on it and never upside down."""
    named = drawn[(drawn["name"] != "") & drawn["class"].isin(list(NAMED_FROM))]
    lines = named.geometry.to_numpy()
    length = shapely.length(lines)
    spacing = named["class"].map(BETWEEN_NAMES_DEG).to_numpy(float)
    count = np.where(length > spacing / 5, np.maximum(1, (length / spacing).astype(int)), 0)
    row = np.repeat(np.arange(len(lines)), count)
    step = np.concatenate([np.arange(number) for number in count]) if len(count) else np.zeros(0)
    share = (step + 0.5) / count[row]
    spot = shapely.line_interpolate_point(lines[row], share, normalized=True)
    ahead = shapely.line_interpolate_point(lines[row], np.minimum(share * length[row] + 3e-4, length[row]))
    behind = shapely.line_interpolate_point(lines[row], np.maximum(share * length[row] - 3e-4, 0.0))
    way = shapely.get_coordinates(ahead) - shapely.get_coordinates(behind)
    squeeze = np.cos(np.radians(shapely.get_y(spot)))
    angle = (np.degrees(np.arctan2(way[:, 1], way[:, 0] * squeeze)) + 90) % 180 - 90
    classes = named["class"].to_numpy(object)[row]
    return gpd.GeoDataFrame(
        {
            "kind": "road",
            "text": named["name"].to_numpy(object)[row],
            "rank": [5 if name != "minor" else 7 for name in classes],
            "angle_deg": np.round(angle, 1),
            "min_zoom": [NAMED_FROM[name] for name in classes],
            "max_zoom": 22,
        },
        geometry=gpd.GeoSeries(spot, crs=drawn.crs),
    )
