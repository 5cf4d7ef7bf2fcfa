"""How does plain scipy search? The floor that always works."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from gis.crs import FloatArray
from routing.engine import Ends, checked_nodes
from routing.network import Network
from routing.profiles import CLOSED


class ScipyEngine:
    """Dijkstra on the network's own arrays; a closed arc weighs inf, which scipy takes as no arc."""

    name = "scipy"

    def __init__(self, network: Network, weights: NDArray[np.uint32]) -> None:
        self.network = network
        self.weights = weights

    @cached_property
    def _data(self) -> FloatArray:
        return np.where(self.weights == CLOSED, np.inf, self.weights.astype(float))

    @cached_property
    def forward(self) -> csr_array:
        """Graph by tail; given as CSR because a graph of triplets would add up parallel arcs."""
        n = self.network.node_count
        return csr_array((self._data, np.asarray(self.network.head), np.asarray(self.network.first_arc)), shape=(n, n))

    @cached_property
    def backward(self) -> csr_array:
        """Graph by head; the order of arcs is kept with the network, so that a view costs one gather."""
        order, indices, indptr = reverse_order(self.network)
        n = self.network.node_count
        return csr_array((self._data[order], indices, indptr), shape=(n, n))

    def shortest(self, sources: Ends, targets: Ends) -> tuple[int, list[int]] | None:
        """See `Engine.shortest`."""
        if not sources or not targets:
            return None
        n = self.network.node_count
        start = checked_nodes([node for node, _ in sources], n)
        goal = checked_nodes([node for node, _ in targets], n)
        times, before = dijkstra(self.forward, indices=start, return_predecessors=True)
        total = times[:, goal] + np.asarray([c for _, c in sources])[:, None] + np.asarray([c for _, c in targets])
        i, j = np.unravel_index(int(np.argmin(total)), total.shape)
        if not np.isfinite(total[i, j]):
            return None
        return int(total[i, j]), self._arcs(before[i], int(start[i]), int(goal[j]))

    def matrix(self, sources: NDArray[np.integer], targets: NDArray[np.integer]) -> FloatArray:
        """See `Engine.matrix`; searches from whichever side has fewer nodes."""
        n = self.network.node_count
        start, goal = checked_nodes(sources, n), checked_nodes(targets, n)
        if not len(start) or not len(goal):
            return np.zeros((len(start), len(goal)))
        if len(start) <= len(goal):
            return np.vstack([dijkstra(self.forward, indices=s)[goal] for s in start])
        return np.vstack([dijkstra(self.backward, indices=t)[start] for t in goal]).T

    def _arcs(self, before: NDArray[np.integer], start: int, goal: int) -> list[int]:
        arcs: list[int] = []
        first, head = self.network.first_arc, self.network.head
        node = goal
        while node != start:
            tail = int(before[node])
            a, b = int(first[tail]), int(first[tail + 1])
            among = a + np.flatnonzero(np.asarray(head[a:b]) == node)
            arcs.append(int(among[np.argmin(self.weights[among])]))
            node = tail
        return arcs[::-1]


def reverse_order(network: Network) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]:
    """Arc order, tails and offsets of the reversed graph, kept with the network."""
    kept: tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]] | None = network.__dict__.get("reverse")
    if kept is None:
        order = np.argsort(network.head, kind="stable").astype(np.int64)
        counts = np.bincount(network.head, minlength=network.node_count)
        kept = (
            order,
            np.asarray(network.tail)[order].astype(np.int32),
            np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        )
        network.__dict__["reverse"] = kept
    return kept
