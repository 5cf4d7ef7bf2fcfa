"""How long does it take from some places to everywhere? One compiled search on the network's own arrays."""

import numba
import numpy as np
from numpy.typing import NDArray

from routing.network import Network
from routing.profiles import CLOSED

NEVER = np.int64(2**62)
"""Time of a node that cannot be reached."""


def times_from(
    network: Network, weights: NDArray[np.uint32], nodes: NDArray[np.integer], costs_ms: NDArray[np.integer]
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """
    Earliest time in ms from any of the start nodes (with the ms already spent there) to every node.

    Returns
    -------
    times, into
        Shape ``(n,)`` each: `NEVER` where there is no way; the arc by which each node is entered, -1 at starts.
    """
    return _tree(  # type: ignore[no-any-return]
        np.asarray(network.first_arc), np.asarray(network.head), weights, np.int64(CLOSED),
        np.asarray(nodes, np.int64), np.asarray(costs_ms, np.int64),
    )  # fmt: skip


def times_to(
    network: Network, weights: NDArray[np.uint32], nodes: NDArray[np.integer], costs_ms: NDArray[np.integer]
) -> NDArray[np.int64]:
    """Least time in ms from every node to any of the goal nodes (with the ms still to spend there), shape ``(n,)``."""
    from routing.engine_scipy import reverse_order

    order, tails, first = reverse_order(network)
    found = _tree(
        first, tails, weights[order], np.int64(CLOSED), np.asarray(nodes, np.int64), np.asarray(costs_ms, np.int64)
    )
    return found[0]  # type: ignore[no-any-return]


def widely_joined(network: Network, weights: NDArray[np.uint32], tail: int, head: int, enough: int) -> bool:
    """
    Whether at least `enough` nodes (or a tenth of a small network) can drive to `tail`, and as many be driven to from
    `head`: a place in a pocket that closures cut off is neither reached nor left.
    """
    from routing.engine_scipy import reverse_order

    order, tails, first = reverse_order(network)
    enough = min(enough, network.node_count // 10)
    arcs = np.arange(0)
    return bool(
        _count_from(first, tails, weights, order, np.int64(CLOSED), tail, enough) >= enough
        and _count_from(network.first_arc, network.head, weights, arcs, np.int64(CLOSED), head, enough) >= enough
    )


@numba.njit(cache=True)
def _count_from(first, head, weights, order, closed, node, enough):  # type: ignore[no-untyped-def]
    """Nodes that can be reached from a node, counted up to `enough`; `order` names the arcs where they are permuted."""
    seen = np.zeros(len(first) - 1, np.bool_)
    queue = np.empty(enough + 1, np.int64)
    seen[node], queue[0] = True, node
    begin, end = 0, 1
    while begin < end and end < enough:
        at = queue[begin]
        begin += 1
        for k in range(first[at], first[at + 1]):
            arc = order[k] if len(order) else k
            to = head[k]
            if np.int64(weights[arc]) < closed and not seen[to]:
                seen[to] = True
                queue[end] = to
                end += 1
                if end >= enough:
                    break
    return end


@numba.njit(cache=True)
def push(keys, items, size, key, item):  # type: ignore[no-untyped-def]
    """Put an entry into a binary heap held in two arrays; gives the new size."""
    i = size
    while i > 0:
        up = (i - 1) >> 1
        if keys[up] <= key:
            break
        keys[i], items[i] = keys[up], items[up]
        i = up
    keys[i], items[i] = key, item
    return size + 1


@numba.njit(cache=True)
def pop(keys, items, size):  # type: ignore[no-untyped-def]
    """Take the least entry off a heap; gives key, item, new size."""
    key, item = keys[0], items[0]
    size -= 1
    last_key, last_item = keys[size], items[size]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= size:
            break
        if child + 1 < size and keys[child + 1] < keys[child]:
            child += 1
        if keys[child] >= last_key:
            break
        keys[i], items[i] = keys[child], items[child]
        i = child
    keys[i], items[i] = last_key, last_item
    return key, item, size


@numba.njit(cache=True)
def _tree(first, head, weights, closed, nodes, costs):  # type: ignore[no-untyped-def]
    n = len(first) - 1
    times = np.full(n, 2**62, np.int64)
    into = np.full(n, -1, np.int32)
    keys = np.empty(len(head) + len(nodes) + 1, np.int64)
    items = np.empty(len(head) + len(nodes) + 1, np.int32)
    size = 0
    for i in range(len(nodes)):
        if costs[i] < times[nodes[i]]:
            times[nodes[i]] = costs[i]
            size = push(keys, items, size, costs[i], nodes[i])
    while size > 0:
        key, node, size = pop(keys, items, size)
        if key > times[node]:
            continue
        for arc in range(first[node], first[node + 1]):
            weight = np.int64(weights[arc])
            if weight >= closed:
                continue
            time = key + weight
            to = head[arc]
            if time < times[to]:
                times[to] = time
                into[to] = arc
                size = push(keys, items, size, time, to)
    return times, into
