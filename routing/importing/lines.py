"""How do lines with OpenStreetMap-like tags (a generated city, a survey, a table) become a network?"""

from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gis.crs import as_geographic
from gis.errors import InputError
from gis.provenance import Provenance
from routing import tags as say
from routing.assemble import Segments, assemble
from routing.classes import CAR_CLASSES, CODE
from routing.flags import ONEWAY_INFERRED
from routing.importing.counts import raw_counts
from routing.importing.cut import cut_at_junctions
from routing.network import Network

JOIN_DEGREES = 1e-6
"""Vertices closer than this (about 0.1 m) are one node."""


def from_lines(
    frame: gpd.GeoDataFrame,
    name: str = "roads",
    *,
    provenance: Provenance | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> Network:
    """
    Build a network from lines; any column named like an OpenStreetMap tag is read as that tag.

    Needs a column ``highway`` (or ``class``); may hold ``oneway, maxspeed, lanes, bridge, tunnel, maxheight, maxweight,
    maxwidth, access, name, junction, osmid``. Lines join where they share a vertex; a bridge over a road without a
    common vertex stays apart.

    Raises
    ------
    InputError
        No CRS, no class column, no line of a class cars use.
    """
    if progress:
        progress("reading", 0.2)
    frame = as_geographic(frame)
    if "highway" not in frame.columns and "class" in frame.columns:
        frame = frame.rename(columns={"class": "highway"})
    if "highway" not in frame.columns:
        raise InputError("these roads have no column 'highway' (or 'class'): name the class of each road")
    frame = frame[frame["highway"].map(_first).isin(CAR_CLASSES).to_numpy()].explode(ignore_index=True)
    frame = frame[(frame.geom_type == "LineString").to_numpy() & ~frame.is_empty.to_numpy()]
    if frame.empty:
        raise InputError("no line of a class cars use (motorway … service) was found")
    coords, owner = shapely.get_coordinates(frame.geometry.to_numpy(), return_index=True)
    sizes = np.bincount(owner).astype(np.int64)
    grid = np.rint(coords / JOIN_DEGREES).astype(np.int64)
    _, node = np.unique(grid[:, 0] * 1_000_000_000 + grid[:, 1], return_inverse=True)
    node_count = int(node.max()) + 1
    if progress:
        progress("building the graph", 0.5)
    rows = [_row(record) for record in frame.drop(columns=frame.geometry.name).to_dict("records")]
    names: dict[str, int] = {"": 0}
    name_id = np.asarray([names.setdefault(row["name"], len(names)) for row in rows], np.int32)
    oneway = np.asarray([row["oneway"] for row in rows], np.int8)
    cut = cut_at_junctions(node, coords[:, 0], coords[:, 1], sizes, node_count, np.arange(node_count), {})
    of = cut.way

    def column(key: str, dtype: Any) -> Any:
        return np.asarray([row[key] for row in rows], dtype)[of]

    last = np.cumsum(sizes) - 1
    step = np.ones(len(node), bool)
    step[last] = False
    a = np.flatnonzero(step)
    direction = np.repeat(oneway, sizes)[a]
    tail = np.concatenate([node[a[direction >= 0]], node[a[direction <= 0] + 1]])
    head = np.concatenate([node[a[direction >= 0] + 1], node[a[direction <= 0]]])
    return assemble(
        Segments(
            node_lon=cut.node_lon,
            node_lat=cut.node_lat,
            start=cut.start,
            end=cut.end,
            shape_offset=cut.shape_offset,
            shape_lon=cut.shape_lon,
            shape_lat=cut.shape_lat,
            oneway=oneway[of],
            road_class=column("class", np.uint8),
            speed_kmh=column("speed", np.float32),
            lanes=column("lanes", np.uint8),
            max_height_m=column("height", np.float32),
            max_weight_t=column("weight", np.float32),
            max_width_m=column("width", np.float32),
            way_id=column("way", np.int64),
            name_id=name_id[of],
            flags=column("flags", np.uint32),
            names=list(names),
            capacity_veh_h=column("capacity", np.float32),
        ),
        name,
        {"format": "lines", "car_ways": len(rows), **raw_counts(node_count, tail, head)},
        provenance or Provenance(source="lines handed in", model="routing.importing.lines", version="1"),
    )


def _row(record: dict[Any, Any]) -> dict[str, Any]:
    """Numbers of one line's tags."""
    tags = {str(key): str(_first(value)) for key, value in record.items() if _said(_first(value))}
    if tags.get("oneway") in {"True", "False"}:
        tags["oneway"] = tags["oneway"].lower()
    for key in ("bridge", "tunnel"):
        if tags.get(key) in {"True", "False"}:
            tags[key] = "yes" if tags[key] == "True" else "no"
    oneway, inferred = say.oneway(tags)
    way = tags.get("osmid") or tags.get("way_id") or "0"
    return {
        "class": CODE[tags["highway"]],
        "oneway": oneway,
        "speed": say.speed_kmh(tags.get("maxspeed")),
        "lanes": say.lanes_per_direction(tags, oneway),
        "height": say.metres(tags.get("maxheight")),
        "weight": say.tonnes(tags.get("maxweight")),
        "width": say.metres(tags.get("maxwidth")),
        "capacity": float(tags.get("capacity_veh_h", "nan")),
        "way": int(float(way)) if way.replace(".", "", 1).isdigit() else 0,
        "name": tags.get("name", ""),
        "flags": say.way_flags(tags) | (ONEWAY_INFERRED if inferred else 0),
    }


def _first(value: Any) -> Any:
    """Merged edges carry lists; the first entry speaks for the edge."""
    return value[0] if isinstance(value, list | tuple | np.ndarray) and len(value) else value


def _said(value: Any) -> bool:
    return value is not None and value == value and value != "" and not (isinstance(value, list) and not value)
