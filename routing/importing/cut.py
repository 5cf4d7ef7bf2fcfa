"""Where is a way cut into segments, and how is a barrier kept?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.crs import FloatArray


@dataclass(frozen=True, slots=True)
class Cut:
    """Segments between junctions; `way` names the way of each, connectors through barriers follow at the end."""

    way: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    shape_offset: NDArray[np.int64]
    shape_lon: FloatArray
    shape_lat: FloatArray
    node_lon: FloatArray
    node_lat: FloatArray
    barrier_bits: NDArray[np.uint32]
    barriers_split: int


def cut_at_junctions(
    node: NDArray[np.int64],
    lon: FloatArray,
    lat: FloatArray,
    sizes: NDArray[np.int64],
    node_count: int,
    node_ref: NDArray[np.int64],
    barriers: dict[int, int],
) -> Cut:
    """
    Cut ways wherever they share a node, end, or meet a barrier; loops are cut once more in their middle.

    A barrier node becomes one node per segment end plus connectors of no length, marked with the barrier's flag, so
    that each profile decides who passes. Vertices of way i stand one after another, `sizes` of them.
    """
    owner = np.repeat(np.arange(len(sizes)), sizes)
    last = np.cumsum(sizes) - 1
    first = last - sizes + 1
    use = np.bincount(node, minlength=node_count)
    flag = np.zeros(node_count, np.uint32)
    for ref, bits in barriers.items():
        index = int(np.searchsorted(node_ref, ref))
        if index < len(node_ref) and node_ref[index] == ref:
            flag[index] = bits
    cut = (use[node] >= 2) | (flag[node] > 0)
    cut[first] = cut[last] = True
    # A segment that comes back to its own start is cut in its middle, or it could not be entered from one side only.
    start, end = _spans(cut, last)
    loop = (node[start] == node[end]) & (end - start >= 2)
    cut[(start[loop] + end[loop]) // 2] = True
    start, end = _spans(cut, last)
    alive = node[start] != node[end]
    start, end = start[alive], end[alive]

    counts = end - start + 1
    offset = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    position = np.arange(offset[-1]) + np.repeat(start - offset[:-1], counts)
    node_lon, node_lat = np.empty(node_count), np.empty(node_count)
    node_lon[node], node_lat[node] = lon, lat
    s_node, e_node = node[start].copy(), node[end].copy()

    # Split the barrier nodes: every segment end gets its own copy, joined to the old node by a connector.
    ends = [(s_node, np.flatnonzero(flag[s_node])), (e_node, np.flatnonzero(flag[e_node]))]
    hits = sum(len(which) for _, which in ends)
    bar_from = np.concatenate([array[which] for array, which in ends]).astype(np.int64)
    bar_to = node_count + np.arange(hits)
    step = 0
    for array, which in ends:
        array[which] = bar_to[step : step + len(which)]
        step += len(which)
    line_lon = np.concatenate([lon[position], np.repeat(node_lon[bar_from], 2)])
    line_lat = np.concatenate([lat[position], np.repeat(node_lat[bar_from], 2)])
    return Cut(
        way=owner[start],
        start=np.concatenate([s_node, bar_from]),
        end=np.concatenate([e_node, bar_to]),
        shape_offset=np.concatenate([offset, offset[-1] + 2 * np.arange(1, hits + 1)]),
        shape_lon=line_lon,
        shape_lat=line_lat,
        node_lon=np.concatenate([node_lon, node_lon[bar_from]]),
        node_lat=np.concatenate([node_lat, node_lat[bar_from]]),
        barrier_bits=flag[bar_from],
        barriers_split=len(np.unique(bar_from)),
    )


def _spans(cut: NDArray[np.bool_], last: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Start and end positions of the pieces between cuts; no piece runs from one way into the next."""
    at = np.flatnonzero(cut)
    is_last = np.zeros(len(cut), bool)
    is_last[last] = True
    begins = ~is_last[at]
    return at[begins], at[np.flatnonzero(begins) + 1]
