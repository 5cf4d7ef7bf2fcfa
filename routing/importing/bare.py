"""How are street segments read that carry nothing but a class, when even their direction must be inferred?"""

import dataclasses
from collections.abc import Callable

import geopandas as gpd
import numpy as np
import shapely

from gis.crs import as_geographic
from gis.errors import InputError
from gis.provenance import Provenance
from routing.assemble import Segments, assemble
from routing.classes import CAR_CLASSES, CODE
from routing.flags import ONEWAY_INFERRED
from routing.importing.counts import raw_counts
from routing.network import Network

JOIN_M = 0.1


def is_bare(frame: gpd.GeoDataFrame) -> bool:
    """Whether the frame holds node ids and a class, but neither direction nor speed, in a metric CRS."""
    columns = set(frame.columns)
    return (
        {"u", "v", "highway"} <= columns
        and not columns & {"oneway", "maxspeed", "name", "lanes"}
        and frame.crs is not None
        and frame.crs.is_projected
    )


def from_bare_segments(
    frame: gpd.GeoDataFrame, name: str, provenance: Provenance, progress: Callable[[str, float], None]
) -> Network:
    """
    Build a network from two-ended lines, joined where their ends agree to 0.1 m.

    Node ids in the file are not trusted to be the ends of the line. Motorways, trunks and every link are taken as
    one-way along the line (their drawing direction is right in 99.9 % of the cases that can be checked); primary and
    secondary roads stay two-way although some are halves of divided roads: routes look better there than they are.

    Raises
    ------
    InputError
        No segment of a class cars use.
    """
    frame = frame[frame["highway"].isin(CAR_CLASSES).to_numpy()].explode(ignore_index=True)
    if frame.empty:
        raise InputError("no segment of a class cars use (motorway … service) was found")
    line = frame.geometry.to_numpy()
    first, last = shapely.get_point(line, 0), shapely.get_point(line, -1)
    ends = np.concatenate([shapely.get_coordinates(first), shapely.get_coordinates(last)])
    grid = np.rint(ends / JOIN_M).astype(np.int64)
    # np.unique sorts by (x, y): the numbering of the published recipe.
    _, index, node = np.unique(grid, axis=0, return_index=True, return_inverse=True)
    node = node.reshape(-1)
    start, end = node[: len(frame)], node[len(frame) :]
    keep = start != end
    frame, start, end = frame[keep], start[keep], end[keep]
    progress("building the graph", 0.4)
    geographic = as_geographic(frame)
    coords, owner = shapely.get_coordinates(geographic.geometry.to_numpy(), return_index=True)
    offset = np.concatenate([[0], np.cumsum(np.bincount(owner))]).astype(np.int64)
    node_count = len(index)
    node_lon, node_lat = np.empty(node_count), np.empty(node_count)
    node_lon[start], node_lat[start] = coords[offset[:-1]].T
    node_lon[end], node_lat[end] = coords[offset[1:] - 1].T
    for array, fill in ((node_lon, coords[0, 0]), (node_lat, coords[0, 1])):
        array[~np.isin(np.arange(node_count), np.concatenate([start, end]))] = fill
    highway = frame["highway"].astype(str)
    oneway = (highway.isin(["motorway", "trunk"]) | highway.str.endswith("_link")).to_numpy()
    s = len(frame)
    both = ~oneway
    tail, head = np.concatenate([start, end[both]]), np.concatenate([end, start[both]])
    unknown = np.full(s, np.nan, np.float32)
    network = assemble(
        Segments(
            node_lon=node_lon,
            node_lat=node_lat,
            start=start,
            end=end,
            shape_offset=offset,
            shape_lon=coords[:, 0].copy(),
            shape_lat=coords[:, 1].copy(),
            oneway=oneway.astype(np.int8),
            road_class=highway.map(CODE).to_numpy(np.uint8),
            speed_kmh=unknown,
            lanes=np.zeros(s, np.uint8),
            max_height_m=unknown,
            max_weight_t=unknown,
            max_width_m=unknown,
            way_id=np.zeros(s, np.int64),
            name_id=np.zeros(s, np.int32),
            flags=np.where(oneway, ONEWAY_INFERRED, 0).astype(np.uint32),
            names=[""],
            length_m=shapely.length(frame.geometry.to_numpy()),
        ),
        name,
        {"format": "bare_segments", "car_ways": s, **raw_counts(node_count, tail, head)},
        provenance,
    )
    pairs = np.sort(np.column_stack([network.tail, network.head]), axis=1)
    network.report["distinct_segments"] = len(np.unique(pairs, axis=0))
    return dataclasses.replace(network, provenance=provenance)
