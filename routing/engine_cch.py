"""How do customizable contraction hierarchies search, and what must be checked before their native code runs?"""

import importlib.util
import threading
import weakref
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.crs import FloatArray
from routing.engine import Ends, checked_nodes
from routing.network import Network
from routing.profiles import CLOSED, Profile

CELL_DEG = 0.01
CELL_COSTS, ARC_COSTS = 320, 7
"""
Mending a metric costs about as much as making this many arcs anew, for each cell of about a square kilometre with a
changed arc and for each changed arc. Measured: 8,500 arcs of one area take 5 ms, 3,000 scattered over a city 23 ms,
all 159,000 anew 11 ms.
"""
_POOLED = 3


def available() -> bool:
    """Whether the wheel is installed."""
    return importlib.util.find_spec("pyroutingkit") is not None


def topology_of(network: Network) -> Any:
    """
    The network's contraction order: loaded from its verified cache, or built once (seconds) and kept.

    The arrays were checked by `Network.checked`: the library accepts ids out of range and dies later.
    """
    kept = network.__dict__.get("topology")
    if kept is None:
        import pyroutingkit

        kept = pyroutingkit.CCHTopology()
        folder: Path | None = network.__dict__.get("topology_folder")
        if folder is not None:
            kept.load(str(folder))
        if folder is None or kept.node_count != network.node_count or kept.arc_count != network.arc_count:
            network.checked()
            kept = pyroutingkit.CCHTopology()
            kept.build(
                np.asarray(network.tail, np.uint32),
                np.asarray(network.head, np.uint32),
                np.asarray(network.node_lat, np.float32),
                np.asarray(network.node_lon, np.float32),
                network.node_count,
            )
        network.__dict__["topology"] = kept
    return kept


class _Metric:
    """A metric with the weights it holds."""

    def __init__(self, topology: Any, cell_of_arc: NDArray[np.int32]) -> None:
        import pyroutingkit

        self.native = pyroutingkit.CCHMetric(topology)
        self.cell_of_arc = cell_of_arc
        self.weights: NDArray[np.uint32] | None = None
        self.lock = threading.Lock()

    def set(self, weights: NDArray[np.uint32]) -> str:
        """Take over `weights`; says whether it was mended (partial) or made anew (full)."""
        way = "kept"
        if self.weights is not None:
            changed = np.flatnonzero(self.weights != weights)
            cells = len(np.unique(self.cell_of_arc[changed]))
            if CELL_COSTS * cells + ARC_COSTS * len(changed) > len(weights):
                self.weights = None
            elif len(changed):
                self.native.update_weights(changed.astype(np.uint32), weights[changed])
                way = "partial"
        if self.weights is None:
            self.native.customize(weights)
            way = "full"
        self.weights = weights
        return way


class _Pool:
    """Metrics whose views are gone, ready to be mended for the next view of the same network."""

    def __init__(self, network: Network) -> None:
        self.topology = topology_of(network)
        self.cell_of_arc = _cells(network)
        self.free: list[_Metric] = []
        self.lock = threading.Lock()

    def take(self, weights: NDArray[np.uint32]) -> tuple[_Metric, str]:
        with self.lock:
            metric = self.free.pop() if self.free else _Metric(self.topology, self.cell_of_arc)
        return metric, metric.set(weights)

    def give_back(self, metric: _Metric) -> None:
        with self.lock:
            if len(self.free) < _POOLED:
                self.free.append(metric)


def _cells(network: Network) -> NDArray[np.int32]:
    """Square in which each arc begins; kept with the network."""
    kept: NDArray[np.int32] | None = network.__dict__.get("cell_of_arc")
    if kept is None:
        west, south, _, north = network.bounds
        rows = int((north - south) / CELL_DEG) + 1
        column = ((np.asarray(network.node_lon) - west) / CELL_DEG).astype(np.int32)
        row = ((np.asarray(network.node_lat) - south) / CELL_DEG).astype(np.int32)
        kept = network.__dict__["cell_of_arc"] = np.asarray((column * rows + row)[network.tail], np.int32)
    return kept


def _pool_of(network: Network, vehicle: Profile) -> _Pool:
    pools: dict[Profile, _Pool] = network.__dict__.setdefault("metric_pools", {})
    if vehicle not in pools:
        pools[vehicle] = _Pool(network)
    return pools[vehicle]


class CchEngine:
    """Queries and matrices on one set of weights; the engine owns its metric until it is gone."""

    name = "pyroutingkit"

    def __init__(self, network: Network, weights: NDArray[np.uint32], vehicle: Profile) -> None:
        self.node_count = network.node_count
        weights = np.ascontiguousarray(weights, dtype=np.uint32)
        if len(weights) != network.arc_count or int(weights.max()) > int(CLOSED) or int(weights.min()) < 1:
            raise ValueError("weights must be one per arc, 1 ms to 2^31 - 1 ms")
        pool = _pool_of(network, vehicle)
        self._metric, self.customized = pool.take(weights)
        weakref.finalize(self, pool.give_back, self._metric)

    def shortest(self, sources: Ends, targets: Ends) -> tuple[int, list[int]] | None:
        """See `Engine.shortest`."""
        start = checked_nodes([node for node, _ in sources], self.node_count)
        goal = checked_nodes([node for node, _ in targets], self.node_count)
        best: tuple[int, list[int]] | None = None
        with self._metric.lock:
            for s, (_, before) in zip(start, sources, strict=True):
                for t, (_, after) in zip(goal, targets, strict=True):
                    time_ms, _, arcs = self._metric.native.query(int(s), int(t))
                    if time_ms < int(CLOSED) and (best is None or before + time_ms + after < best[0]):
                        best = (before + int(time_ms) + after, [int(a) for a in arcs])
        return best

    def matrix(self, sources: NDArray[np.integer], targets: NDArray[np.integer]) -> FloatArray:
        """See `Engine.matrix`."""
        start, goal = checked_nodes(sources, self.node_count), checked_nodes(targets, self.node_count)
        if not len(start) or not len(goal):
            return np.zeros((len(start), len(goal)))
        with self._metric.lock:
            times = np.asarray(self._metric.native.distances_many_to_many(start, goal))
        return np.where(times >= CLOSED, np.inf, times.astype(float)).reshape(len(start), len(goal))
