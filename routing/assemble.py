"""How do road segments become a graph?"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from gis.crs import FloatArray
from gis.errors import InputError
from gis.provenance import Provenance
from routing import flags as bit
from routing.classes import BARRIER_CODE, assumed_lanes, assumed_speed_table
from routing.measure import line_lengths_m
from routing.network import Network
from routing.turns import Turn, expand


@dataclass(slots=True)
class Segments:
    """
    Undirected road segments as an importer hands them over; one entry per segment unless said otherwise.

    `oneway` is 1 along the line, -1 against it, 0 both ways. NaN (numbers) and 0 (lanes) mean unknown.
    `time_ms` may give the driving time along the line and wins over length and speed where not NaN.
    """

    node_lon: FloatArray
    node_lat: FloatArray
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    shape_offset: NDArray[np.int64]
    shape_lon: FloatArray
    shape_lat: FloatArray
    oneway: NDArray[np.int8]
    road_class: NDArray[np.uint8]
    speed_kmh: NDArray[np.float32]
    lanes: NDArray[np.uint8]
    max_height_m: NDArray[np.float32]
    max_weight_t: NDArray[np.float32]
    max_width_m: NDArray[np.float32]
    way_id: NDArray[np.int64]
    name_id: NDArray[np.int32]
    flags: NDArray[np.uint32]
    names: list[str]
    capacity_veh_h: NDArray[np.float32] | None = None
    length_m: FloatArray | None = None
    turns: list[Turn] = field(default_factory=list)


def assemble(segments: Segments, name: str, report: dict[str, Any], provenance: Provenance) -> Network:
    """
    Build the graph of the largest strongly connected part and finish `report` with what was inferred and dropped.

    Raises
    ------
    InputError
        No road left, or coordinates that are not finite.
    """
    s = len(segments.start)
    if s == 0:
        raise InputError(f"network '{name}': the file holds no road a car may drive")
    if not (np.isfinite(segments.shape_lon).all() and np.isfinite(segments.shape_lat).all()):
        raise InputError(f"network '{name}': some road coordinates are not finite numbers")
    flags = segments.flags.astype(np.uint32).copy()
    speed = segments.speed_kmh.astype(np.float32).copy()
    silent = ~(speed > 0)
    speed[silent] = assumed_speed_table()[segments.road_class[silent]]
    flags[silent] |= bit.SPEED_INFERRED
    lanes = segments.lanes.copy()
    no_lanes = lanes == 0
    lanes[no_lanes] = assumed_lanes(speed[no_lanes])
    flags[no_lanes] |= bit.LANES_INFERRED
    flags[segments.oneway != 0] |= bit.ONEWAY

    forward = np.flatnonzero(segments.oneway >= 0)
    backward = np.flatnonzero(segments.oneway <= 0)
    tail = np.concatenate([segments.start[forward], segments.end[backward]])
    head = np.concatenate([segments.end[forward], segments.start[backward]])
    arc_segment = np.concatenate([forward, backward])
    arc_forward = np.concatenate([np.ones(len(forward), bool), np.zeros(len(backward), bool)])

    n = len(segments.node_lon)
    keep_node = largest_part(n, tail, head)
    keep_arc = keep_node[tail] & keep_node[head]
    used = np.zeros(s, bool)
    used[arc_segment[keep_arc]] = True
    orphan = np.flatnonzero(~used & (segments.road_class != BARRIER_CODE))
    lost_nodes = len(np.setdiff1d(np.concatenate([segments.start, segments.end]), np.flatnonzero(keep_node)))

    # Renumber nodes and segments, then sort the arcs by tail, head.
    new_node = np.cumsum(keep_node) - 1
    new_segment = np.cumsum(used) - 1
    turned = expand(
        new_node[tail[keep_arc]],
        new_node[head[keep_arc]],
        new_segment[arc_segment[keep_arc]],
        arc_forward[keep_arc],
        int(keep_node.sum()),
        _kept_turns(segments.turns, used, new_segment, keep_node, new_node),
    )
    node_lon = segments.node_lon[keep_node][turned.node_origin]
    node_lat = segments.node_lat[keep_node][turned.node_origin]
    order = np.lexsort((turned.head, turned.tail))
    tail, head = turned.tail[order], turned.head[order]
    arc_segment, arc_forward = turned.arc_segment[order], turned.arc_forward[order]
    guard_arc = np.argsort(order)[turned.guard_arc]
    by_arc = np.argsort(guard_arc)
    n = len(node_lon)
    first_arc = np.concatenate([[0], np.cumsum(np.bincount(tail, minlength=n))]).astype(np.int64)

    offset, lon, lat = take_lines(segments.shape_offset, segments.shape_lon, segments.shape_lat, np.flatnonzero(used))
    orphan_offset, orphan_lon, orphan_lat = take_lines(
        segments.shape_offset, segments.shape_lon, segments.shape_lat, orphan
    )
    length = segments.length_m[used] if segments.length_m is not None else line_lengths_m(offset, lon, lat)
    speed, lanes, flags = speed[used], lanes[used], flags[used]
    seconds = length / (speed / 3.6)
    time_ms = np.clip(np.rint(seconds * 1000), 1, 2**30).astype(np.uint32)[arc_segment]
    capacity = (
        segments.capacity_veh_h[used].astype(np.float32)
        if segments.capacity_veh_h is not None
        else np.full(len(length), np.nan, np.float32)
    )
    report = {
        **report,
        "kept": {
            "nodes": n,
            "arcs": len(head),
            "segments": int(used.sum()),
            "length_km": round(float(length.sum()) / 1000, 1),
        },
        "dropped": {
            "nodes_outside_largest_part": lost_nodes,
            "segments_outside_largest_part": len(orphan),
        },
        "inferred": {
            **report.get("inferred", {}),
            "segments": int(used.sum()),
            "speed_by_class": int(((flags & bit.SPEED_INFERRED) > 0).sum()),
            "lanes_by_speed": int(((flags & bit.LANES_INFERRED) > 0).sum()),
            "oneway_by_class": int(((flags & bit.ONEWAY_INFERRED) > 0).sum()),
            "no_height_limit_known": int(np.isnan(segments.max_height_m[used]).sum()),
            "no_weight_limit_known": int(np.isnan(segments.max_weight_t[used]).sum()),
            "no_width_limit_known": int(np.isnan(segments.max_width_m[used]).sum()),
        },
        "turn_restrictions_applied": turned.applied,
        "turn_restrictions_guarded": turned.guarded,
    }
    return Network(
        name=name,
        node_lon=node_lon,
        node_lat=node_lat,
        first_arc=first_arc,
        tail=tail.astype(np.int32),
        head=head.astype(np.int32),
        time_ms=time_ms,
        arc_segment=arc_segment.astype(np.int32),
        arc_forward=arc_forward,
        length_m=np.asarray(length),
        speed_kmh=speed,
        road_class=segments.road_class[used],
        lanes=lanes,
        max_height_m=segments.max_height_m[used],
        max_weight_t=segments.max_weight_t[used],
        max_width_m=segments.max_width_m[used],
        capacity_veh_h=capacity,
        way_id=segments.way_id[used],
        name_id=segments.name_id[used],
        flags=flags,
        shape_offset=offset,
        shape_lon=lon,
        shape_lat=lat,
        orphan_offset=orphan_offset,
        orphan_lon=orphan_lon,
        orphan_lat=orphan_lat,
        names=tuple(segments.names),
        guard_arc=guard_arc[by_arc].astype(np.int32),
        guard_hours=turned.guard_hours[by_arc],
        report=report,
        provenance=provenance,
    ).checked()


def largest_part(node_count: int, tail: NDArray[np.integer], head: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Mask of the nodes in the largest strongly connected part."""
    graph = csr_array((np.ones(len(tail), np.int8), (tail, head)), shape=(node_count, node_count))
    _, label = connected_components(graph, directed=True, connection="strong")
    return np.asarray(label == np.bincount(label).argmax())


def take_lines(
    offset: NDArray[np.int64], lon: FloatArray, lat: FloatArray, which: NDArray[np.integer]
) -> tuple[NDArray[np.int64], FloatArray, FloatArray]:
    """Copy some of a set of ragged lines."""
    counts = offset[which + 1] - offset[which]
    new_offset = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    position = np.arange(new_offset[-1]) + np.repeat(offset[which] - new_offset[:-1], counts)
    return new_offset, lon[position], lat[position]


def _kept_turns(
    turns: list[Turn],
    used: NDArray[np.bool_],
    new_segment: NDArray[np.integer],
    keep_node: NDArray[np.bool_],
    new_node: NDArray[np.integer],
) -> list[Turn]:
    """Turns whose node and segments survived, renumbered."""
    return [
        t._replace(
            from_segment=int(new_segment[t.from_segment]),
            via_node=int(new_node[t.via_node]),
            to_segments=tuple(int(new_segment[x]) for x in t.to_segments if used[x]),
            via_segments=tuple(int(new_segment[x]) for x in t.via_segments),
        )
        for t in turns
        if used[t.from_segment]
        and keep_node[t.via_node]
        and any(used[x] for x in t.to_segments)
        and all(used[x] for x in t.via_segments)
    ]
