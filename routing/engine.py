"""Who searches? One interface, two engines that give the same times."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gis.crs import FloatArray
from gis.errors import InputError

Ends = Sequence[tuple[int, int]]
"""Nodes with the milliseconds already spent (sources) or still to spend (targets) there."""


class Engine(Protocol):
    """Shortest times on one set of weights."""

    name: str

    def shortest(self, sources: Ends, targets: Ends) -> tuple[int, list[int]] | None:
        """
        Least total time in ms from any source to any target, costs at both ends included, and its arcs in order.

        None when no target can be reached.
        """
        ...

    def matrix(self, sources: NDArray[np.integer], targets: NDArray[np.integer]) -> FloatArray:
        """Times in ms between nodes, shape ``(n_sources, n_targets)``, inf where there is no way."""
        ...


def checked_nodes(nodes: NDArray[np.integer] | Sequence[int], node_count: int) -> NDArray[np.uint32]:
    """
    Node ids as uint32, or raise: native code behind does not look.

    Raises
    ------
    InputError
        An id below 0 or at least `node_count`.
    """
    array = np.asarray(nodes, np.int64)
    if array.size and (array.min() < 0 or array.max() >= node_count):
        raise InputError(f"a node id is outside 0..{node_count - 1}")
    return array.astype(np.uint32)
