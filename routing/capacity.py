"""How many vehicles does each road take in a minute, and where do blocks and shelters join?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routing.classes import VEHICLES_PER_LANE_HOUR
from routing.network import Network
from routing.paths import entering, leaving
from routing.profiles import CLOSED
from routing.snapping import Snap

SLOT_S = 60
HORIZON_SLOTS = 360


@dataclass(frozen=True, slots=True)
class FlowGraph:
    """
    Roads with capacities, plus one node for each block and each shelter.

    Nodes: the network's, then blocks, then shelters. Arcs sorted by tail.

    Attributes
    ----------
    first, tail, head
        CSR of the arcs.
    time_ms
        Free-flow time, shape ``(k,)``.
    per_slot
        Vehicles that may enter in one slot, at least 1.
    arc
        Arc of the network, also for the partial ones at both ends.
    closes_ms
        From when on the arc may not be used; a large number where it stays open.
    lane
        Arc of this graph with which each shares its room, because both are one road; None where none does.
    """

    first: NDArray[np.int64]
    tail: NDArray[np.int64]
    head: NDArray[np.int64]
    time_ms: NDArray[np.int64]
    per_slot: NDArray[np.int64]
    arc: NDArray[np.int64]
    closes_ms: NDArray[np.int64]
    block_node: NDArray[np.int64]
    shelter_node: NDArray[np.int64]
    lane: NDArray[np.int64] | None = None

    @property
    def node_count(self) -> int:
        """Nodes with blocks and shelters."""
        return len(self.first) - 1


NEVER_MS = 2**40


def vehicles_per_slot(network: Network, slot_s: int = SLOT_S) -> NDArray[np.int64]:
    """Vehicles that may enter each arc in one slot: the given capacity, else lanes x 1,200 an hour."""
    given = np.asarray(network.capacity_veh_h, float)
    hourly = np.where(np.isnan(given), np.asarray(network.lanes, float) * VEHICLES_PER_LANE_HOUR, given)
    return np.maximum(1, np.floor(hourly * slot_s / 3600)).astype(np.int64)[network.arc_segment]


def flow_graph(
    network: Network,
    weights: NDArray[np.uint32],
    blocks: list[Snap | None],
    shelters: list[Snap | None],
    *,
    per_slot: NDArray[np.int64] | None = None,
    closes_ms: NDArray[np.int64] | None = None,
) -> FlowGraph:
    """Join blocks and shelters to the open arcs; the first and last stretch keep the capacity of their road."""
    capacity = vehicles_per_slot(network) if per_slot is None else per_slot
    n = network.node_count
    open_arcs = np.flatnonzero(weights != CLOSED)
    block_node = n + np.arange(len(blocks))
    shelter_node = n + len(blocks) + np.arange(len(shelters))
    extra: list[tuple[int, int, int, int]] = []
    for i, at in enumerate(blocks):
        if at is not None:
            extra += [(n + i, node, ms, arc) for arc, node, ms in leaving(network, weights, at, int(CLOSED))]
    for i, at in enumerate(shelters):
        if at is not None:
            j = n + len(blocks) + i
            extra += [(node, j, ms, arc) for arc, node, ms in entering(network, weights, at, int(CLOSED))]
    more = np.asarray(extra, np.int64).reshape(-1, 4)
    tail = np.concatenate([np.asarray(network.tail, np.int64)[open_arcs], more[:, 0]])
    head = np.concatenate([np.asarray(network.head, np.int64)[open_arcs], more[:, 1]])
    time = np.concatenate([weights[open_arcs].astype(np.int64), more[:, 2]])
    arc = np.concatenate([open_arcs, more[:, 3]])
    order = np.argsort(tail, kind="stable")
    count = n + len(blocks) + len(shelters)
    first = np.concatenate([[0], np.cumsum(np.bincount(tail, minlength=count))]).astype(np.int64)
    arc = arc[order]
    closes = np.full(len(arc), NEVER_MS, np.int64) if closes_ms is None else closes_ms[arc]
    # The first and the last stretch of a block's or a shelter's way count for themselves.
    whole = (tail[order] < n) & (head[order] < n)
    road = np.where(whole, network.arc_lane[arc], network.arc_count + np.arange(len(arc)))
    _, one, row = np.unique(road, return_index=True, return_inverse=True)
    return FlowGraph(
        first, tail[order], head[order], time[order], capacity[arc], arc, closes, block_node, shelter_node, one[row]
    )
