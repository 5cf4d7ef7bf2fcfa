"""Until when may people start and still be out before the cloud?"""

import numba
import numpy as np
from numpy.typing import NDArray

from routing.capacity import NEVER_MS, FlowGraph
from routing.trees import pop, push

TOO_LATE_MS = -1


def latest_start_ms(graph: FlowGraph, usable: NDArray[np.bool_]) -> NDArray[np.int64]:
    """
    Latest start of each block by which some usable shelter is reached on empty roads, shape ``(n_blocks,)``.

    An arc may be driven while it is left before it closes; one that has closed stays closed. `UNHURRIED_MS` and more
    where no road of a way ever closes, `TOO_LATE_MS` where there is no way, or none at any time. One search serves all.
    """
    latest = _latest(
        graph.first, graph.tail, graph.head, graph.time_ms, graph.closes_ms, graph.shelter_node[usable], NEVER_MS * 2
    )
    return np.asarray(latest[graph.block_node])


@numba.njit(cache=True)
def _latest(first, tail, head, time, closes, goals, never):  # type: ignore[no-untyped-def]
    """Widest-path search from the goals backwards: a node's label is the latest moment at which one may be there."""
    n = len(first) - 1
    k = len(head)
    start = np.zeros(n + 1, np.int64)
    for a in range(k):
        start[head[a] + 1] += 1
    for i in range(n):
        start[i + 1] += start[i]
    arcs = np.empty(k, np.int64)
    at = start[:-1].copy()
    for a in range(k):
        arcs[at[head[a]]] = a
        at[head[a]] += 1
    latest = np.full(n, -1, np.int64)
    keys = np.empty(k + len(goals) + 1, np.int64)
    items = np.empty(k + len(goals) + 1, np.int32)
    size = 0
    for goal in goals:
        latest[goal] = never
        size = push(keys, items, size, -never, goal)
    while size > 0:
        key, node, size = pop(keys, items, size)
        if -key < latest[node]:
            continue
        for j in range(start[node], start[node + 1]):
            arc = arcs[j]
            when = min(-key, closes[arc]) - time[arc]
            if when > latest[tail[arc]]:
                latest[tail[arc]] = when
                size = push(keys, items, size, -when, tail[arc])
    return latest
