"""Which other engines can stand in for ours in the same task? Each on our weights, closures, placing and geometry."""

from abc import ABC, abstractmethod
from typing import Any

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra

from routing.engine import Ends
from routing.engine_scipy import ScipyEngine
from routing.network import Network
from routing.profiles import CLOSED


class ReverseTree(ABC):
    """
    One reverse tree from each goal answers all teams and all routes: the best a plain Dijkstra can do for one scene.

    `tree` gives milliseconds to the goal by node, and the node after each on the way there.
    """

    def __init__(self, network: Network, weights: NDArray[np.uint32]) -> None:
        self.network, self.weights = network, weights
        self.kept: dict[Any, Any] = {}

    @abstractmethod
    def tree(self, goal: int) -> tuple[Any, Any]:
        """Times and next nodes towards a goal, indexed by node."""

    def _of(self, goal: int) -> tuple[Any, Any]:
        if goal not in self.kept:
            self.kept[goal] = self.tree(goal)
        return self.kept[goal]

    def matrix(self, sources: NDArray[np.integer], targets: NDArray[np.integer]) -> Any:
        """See `routing.engine.Engine`."""
        columns = []
        for goal in targets.tolist():
            times = self._of(goal)[0]
            columns.append([times[node] for node in sources.tolist()])
        return np.asarray(columns, float).T

    def shortest(self, sources: Ends, targets: Ends) -> tuple[int, list[int]] | None:
        """See `routing.engine.Engine`."""
        best = min(
            (self._of(goal)[0][node] + before + after, node, goal)
            for node, before in sources
            for goal, after in targets
        )
        if not np.isfinite(best[0]):
            return None
        _, node, goal = best
        onward, arcs = self._of(goal)[1], []
        while node != goal:
            first, last = int(self.network.first_arc[node]), int(self.network.first_arc[node + 1])
            among = first + np.flatnonzero(np.asarray(self.network.head[first:last]) == onward[node])
            arcs.append(int(among[np.argmin(self.weights[among])]))
            node = int(onward[node])
        return int(best[0]), arcs


class ScipyTree(ReverseTree):
    """scipy's Dijkstra on the reversed arrays, closed arcs inf."""

    name = "scipy"

    def tree(self, goal: int) -> tuple[Any, Any]:
        """See `ReverseTree.tree`."""
        if "backward" not in self.kept:
            self.kept["backward"] = ScipyEngine(self.network, self.weights).backward
        return dijkstra(self.kept["backward"], indices=goal, return_predecessors=True)


class NetworkxTree(ReverseTree):
    """networkx on a graph of objects made beforehand, closed edges hidden by the weight function."""

    name = "networkx"

    def __init__(self, network: Network, weights: NDArray[np.uint32], graph: "nx.DiGraph[int]") -> None:
        super().__init__(network, weights)
        self.graph = graph
        closed = np.flatnonzero(weights == CLOSED)
        self.shut = set(zip(network.head[closed].tolist(), network.tail[closed].tolist(), strict=True))

    def tree(self, goal: int) -> tuple[Any, Any]:
        """See `ReverseTree.tree`."""
        shut = self.shut
        before, times = nx.dijkstra_predecessor_and_distance(
            self.graph, goal, weight=lambda a, b, edge: None if (a, b) in shut else edge["ms"]
        )
        n = self.network.node_count
        return (
            {node: times.get(node, np.inf) for node in range(n)} if len(times) < n else times,
            {node: found[0] for node, found in before.items() if found},
        )


def reversed_graph(network: Network, weights: NDArray[np.uint32]) -> "nx.DiGraph[int]":
    """The reversed network as objects; of parallel arcs the fastest, as nobody would drive another."""
    graph: nx.DiGraph[int] = nx.DiGraph()
    for tail, head, ms in zip(network.tail.tolist(), network.head.tolist(), weights.tolist(), strict=True):
        if not graph.has_edge(head, tail) or graph[head][tail]["ms"] > ms:
            graph.add_edge(head, tail, ms=ms)
    return graph
