"""How is the earliest way found while roads close and open again? One label for each node and safe interval."""

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from routing.hazard import FOREVER_MS, Intervals
from routing.trees import pop, push


class States(NamedTuple):
    """Safe intervals of the nodes: of node i the states ``first[i]:first[i + 1]`` with `start` and `end` in ms."""

    first: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    node: NDArray[np.int64]


def safe_states(count: int, covered: Intervals) -> States:
    """Turn covered intervals into the safe ones between them; time begins at 0."""
    first, start, end, node = _gaps(count, covered.first, covered.start, covered.end, FOREVER_MS)
    return States(first, start, end, node)


@numba.njit(cache=True)
def _gaps(count, first, start, end, forever):  # type: ignore[no-untyped-def]
    total = count + len(start)
    begin = np.zeros(count + 1, np.int64)
    from_ms = np.empty(total, np.int64)
    until = np.empty(total, np.int64)
    node = np.empty(total, np.int64)
    k = 0
    for i in range(count):
        now = 0
        for j in range(first[i], first[i + 1]):
            if start[j] > now:
                from_ms[k], until[k], node[k] = now, start[j], i
                k += 1
            now = max(now, end[j])
        if now < forever:
            from_ms[k], until[k], node[k] = now, forever, i
            k += 1
        begin[i + 1] = k
    return begin, from_ms[:k], until[:k], node[:k]


@numba.njit(cache=True)
def earliest(  # type: ignore[no-untyped-def]
    head,
    first_arc,
    segment,
    weights,
    closed,
    covered,
    states,
    seeds,
    seed_times,
    goals,
    goal_segments,
    goal_times,
    forever,
):
    """
    Earliest arrival under covered intervals, waiting allowed at a node for as long as it is safe.

    One label for each node and safe interval is exact: within an interval, being earlier never hurts, because one may
    wait (safe interval path planning; Phillips and Likhachev 2011). `seeds` are states; `goals` nodes from which part
    of a road leads to the goal.

    Returns arrival at the goal (forever where there is none), label times, entering arc, previous state, departure from
    the previous state, the goal's last state, entry index and departure.
    """
    count = len(states.start)
    label = np.full(count, 2**62, np.int64)
    into = np.full(count, -1, np.int64)
    before = np.full(count, -1, np.int64)
    left = np.zeros(count, np.int64)
    room = len(seeds) + 1024
    keys, items = np.empty(room, np.int64), np.empty(room, np.int64)
    size = 0
    for i in range(len(seeds)):
        if seed_times[i] < label[seeds[i]]:
            label[seeds[i]] = seed_times[i]
            left[seeds[i]] = -1 - i
            size = push(keys, items, size, seed_times[i], seeds[i])
    is_goal = np.zeros(len(first_arc) - 1, np.bool_)
    for g in goals:
        is_goal[g] = True
    best, best_state, best_goal, best_depart = forever, -1, -1, np.int64(0)
    while size > 0:
        now, state, size = pop(keys, items, size)
        if now > label[state]:
            continue
        if now >= best:
            break
        node = states.node[state]
        leave_by = states.end[state]
        if is_goal[node]:
            for g in range(len(goals)):
                if goals[g] != node:
                    continue
                s = goal_segments[g]
                a, b = covered.first[s], covered.first[s + 1]
                for nth in range(b - a + 1):
                    until = forever if nth == b - a else covered.start[a + nth]
                    since = np.int64(0) if nth == 0 else covered.end[a + nth - 1]
                    depart = max(now, since)
                    if depart <= leave_by and depart + goal_times[g] <= until:
                        if depart + goal_times[g] < best:
                            best = depart + goal_times[g]
                            best_state, best_goal, best_depart = state, g, depart
                        break
        for arc in range(first_arc[node], first_arc[node + 1]):
            weight = np.int64(weights[arc])
            if weight >= closed:
                continue
            s = segment[arc]
            a, b = covered.first[s], covered.first[s + 1]
            to = head[arc]
            for nth in range(b - a + 1):
                until = forever if nth == b - a else covered.start[a + nth]
                since = np.int64(0) if nth == 0 else covered.end[a + nth - 1]
                depart = max(now, since)
                if depart > leave_by:
                    break
                arrive = depart + weight
                if arrive > until or arrive >= best:
                    continue
                # The node is safe whenever a road that ends there is not covered: find that interval.
                target = states.first[to]
                while target < states.first[to + 1] and states.end[target] < arrive:
                    target += 1
                if target >= states.first[to + 1] or states.start[target] > arrive:
                    continue
                if arrive < label[target]:
                    label[target] = arrive
                    into[target] = arc
                    before[target] = state
                    left[target] = depart
                    if size + 1 >= len(keys):
                        more_keys, more_items = np.empty(2 * len(keys), np.int64), np.empty(2 * len(keys), np.int64)
                        more_keys[:size], more_items[:size] = keys[:size], items[:size]
                        keys, items = more_keys, more_items
                    size = push(keys, items, size, arrive, target)
    return best, label, into, before, left, best_state, best_goal, best_depart
