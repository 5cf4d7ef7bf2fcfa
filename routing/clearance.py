"""
How long until everybody is out, when roads take only so many vehicles a minute?

A plan that reserves one earliest path after the other (CCRP; Lu, George, Shekhar 2005) walks past ever more full slots.
Here the order is turned round: a static flow decides first how many vehicles use each road, with every road's capacity
counted over just the time in which it can be of use; the paths of that flow are then played out slot by slot. The same
static flow gives a time no plan can beat.
"""

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from routing.capacity import HORIZON_SLOTS, NEVER_MS, SLOT_S, FlowGraph
from routing.schedule import Schedule, play
from routing.trees import pop, push

SLOT_MS = SLOT_S * 1000


@dataclass(frozen=True, slots=True)
class Clearance:
    """
    A plan in time.

    Attributes
    ----------
    schedule
        Departure and arrival of every group, with its path.
    paths
        The ways taken, with block, shelter and vehicles of each.
    bound_s
        No plan on these capacities brings the last vehicle in earlier than this.
    stranded
        Vehicles of each block that no road brings out, shape ``(n_blocks,)``.
    """

    schedule: Schedule
    paths: "Paths"
    bound_s: float
    stranded: NDArray[np.int64]


def clear(
    graph: FlowGraph, vehicles: NDArray[np.int64], rooms: NDArray[np.int64], release_ms: NDArray[np.int64]
) -> Clearance:
    """
    Bring as many vehicles as possible to shelters, the last one early.

    Parameters
    ----------
    vehicles, rooms
        Of each block and shelter.
    release_ms
        When each block may start: staged departure.
    """
    early = _least(graph.first, graph.tail, graph.head, graph.time_ms, graph.block_node, release_ms, True)
    usable = rooms > 0
    zero = np.zeros(int(usable.sum()), np.int64)
    late = _least(graph.first, graph.tail, graph.head, graph.time_ms, graph.shelter_node[usable], zero, False)
    slack = Window(graph, early, late)
    most = slack.most(vehicles, rooms, HORIZON_SLOTS)
    low, high = 1, HORIZON_SLOTS
    while low < high and most > 0:
        middle = (low + high) // 2
        if slack.most(vehicles, rooms, middle) >= most:
            high = middle
        else:
            low = middle + 1
    best: tuple[tuple[int, int], Schedule, Paths] | None = None
    if most > 0:
        slack.shrink(vehicles, rooms, low, most)
        paths = slack.paths(vehicles, rooms, low)
        roads = paths.arcs if graph.lane is None else graph.lane[paths.arcs]
        for stretch in (1.0, 1.1):
            goal_ms = round(stretch * low * SLOT_MS)
            schedule = play(
                graph.time_ms[paths.arcs], roads, paths.offset, paths.count, release_ms[paths.block],
                graph.per_slot[np.unique(roads)], np.zeros(len(paths.arcs), np.int64), graph.closes_ms[paths.arcs],
                SLOT_MS, HORIZON_SLOTS, goal_ms,
            )  # fmt: skip
            score = (-int(schedule.placed.sum()), schedule.last_ms)
            if best is None or score < best[0]:
                best = (score, schedule, paths)
    if best is None:
        empty = np.empty(0, np.int64)
        nothing = Paths(empty, np.zeros(1, np.int64), empty, empty, empty)
        return Clearance(Schedule.empty(), nothing, 0.0, vehicles.copy())
    _, schedule, paths = best
    placed = np.bincount(paths.block, weights=schedule.placed, minlength=len(vehicles)).astype(np.int64)
    # The bound counts whole slots: the last vehicle may arrive at the start of the last one.
    bound_s = (low - 1) * float(SLOT_S)
    return Clearance(schedule, paths, bound_s, vehicles - placed)


@dataclass(frozen=True, slots=True)
class Paths:
    """Paths of a flow: arcs of path i stand at ``offset[i]:offset[i + 1]``; `count` vehicles take it."""

    arcs: NDArray[np.int64]
    offset: NDArray[np.int64]
    count: NDArray[np.int64]
    block: NDArray[np.int64]
    shelter: NDArray[np.int64]


class Window:
    """Static flows whose capacities are those of the time in which each arc can be of use."""

    def __init__(self, graph: FlowGraph, early_ms: NDArray[np.int64], late_ms: NDArray[np.int64]) -> None:
        self.graph = graph
        self.opens = early_ms[graph.tail]
        self.rest = late_ms[graph.head] + graph.time_ms
        self.through = self.opens + self.rest
        self.within_ms = NEVER_MS

    def capacities(self, slots: int) -> NDArray[np.int64]:
        """Vehicles each arc can take and still have them in by the end of `slots`."""
        until = np.minimum(slots * SLOT_MS - self.rest, self.graph.closes_ms - self.graph.time_ms)
        number = until // SLOT_MS - self.opens // SLOT_MS + 1
        number = np.where((self.through >= self.within_ms) | (until < self.opens), 0, number)
        return np.maximum(number, 0) * self.graph.per_slot

    def shrink(self, vehicles: NDArray[np.int64], rooms: NDArray[np.int64], slots: int, most: int) -> None:
        """
        Leave out roads that only long ways use, as long as the flow stays as large.

        The cheapest flow takes seconds on a whole city and a fraction of that on the roads that can matter.
        """
        reachable = self.through[self.through < NEVER_MS]
        low, high = int(reachable.min()), int(reachable.max()) + 1
        while high - low > 0.05 * high:
            self.within_ms = (low + high) // 2
            if self.most(vehicles, rooms, slots) >= most:
                high = self.within_ms
            else:
                low = self.within_ms
        self.within_ms = high

    def most(self, vehicles: NDArray[np.int64], rooms: NDArray[np.int64], slots: int) -> int:
        """Largest number of vehicles a static flow brings in."""
        from ortools.graph.python.max_flow import SimpleMaxFlow

        graph, source = self.graph, self.graph.node_count
        capacity = self.capacities(slots)
        use = np.flatnonzero(capacity)
        solver = SimpleMaxFlow()
        solver.add_arcs_with_capacity(graph.tail[use], graph.head[use], capacity[use])
        solver.add_arcs_with_capacity(np.full(len(vehicles), source), graph.block_node, vehicles)
        solver.add_arcs_with_capacity(graph.shelter_node, np.full(len(rooms), source + 1), rooms)
        if solver.solve(source, source + 1) != solver.OPTIMAL:
            raise RuntimeError("the flow solver found no optimum")
        return int(solver.optimal_flow())

    def paths(self, vehicles: NDArray[np.int64], rooms: NDArray[np.int64], slots: int) -> Paths:
        """The cheapest flow of that size, cut into paths."""
        from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

        graph, source = self.graph, self.graph.node_count
        capacity = self.capacities(slots)
        use = np.flatnonzero(capacity)
        solver = SimpleMinCostFlow()
        # Tenths of a second keep the products of cost scaling small; only the choice of roads depends on them.
        cost = np.maximum(1, graph.time_ms[use] // 100)
        roads = solver.add_arcs_with_capacity_and_unit_cost(graph.tail[use], graph.head[use], capacity[use], cost)
        nothing = np.zeros(len(rooms), np.int64)
        solver.add_arcs_with_capacity_and_unit_cost(graph.shelter_node, np.full(len(rooms), source), rooms, nothing)
        ends = np.concatenate([graph.block_node, [source]])
        solver.set_nodes_supplies(ends, np.concatenate([vehicles, [-int(vehicles.sum())]]))
        if solver.solve_max_flow_with_min_cost() != solver.OPTIMAL:
            raise RuntimeError("the flow solver found no optimum")
        flow = np.zeros(len(graph.tail), np.int64)
        flow[use] = solver.flows(roads)
        arcs, offset, count = _decompose(graph.first, graph.head, flow, graph.block_node, graph.shelter_node[0])
        block = graph.tail[arcs[offset[:-1]]] - graph.block_node[0]
        shelter = graph.head[arcs[offset[1:] - 1]] - graph.shelter_node[0]
        return Paths(arcs, offset, count, block, shelter)


@numba.njit(cache=True)
def _least(first, tail, head, time, nodes, costs, forward):  # type: ignore[no-untyped-def]
    """Free-flow times from (forward) or to (backward) any of some nodes on the flow graph."""
    n = len(first) - 1
    k = len(head)
    if forward:
        start, arcs, to = first, np.arange(k), head
    else:
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
        to = tail
    least = np.full(n, 2**41, np.int64)
    keys = np.empty(k + len(nodes) + 1, np.int64)
    items = np.empty(k + len(nodes) + 1, np.int32)
    size = 0
    for i in range(len(nodes)):
        least[nodes[i]] = costs[i]
        size = push(keys, items, size, costs[i], nodes[i])
    while size > 0:
        key, node, size = pop(keys, items, size)
        if key > least[node]:
            continue
        for j in range(start[node], start[node + 1]):
            arc = arcs[j]
            when = key + time[arc]
            if when < least[to[arc]]:
                least[to[arc]] = when
                size = push(keys, items, size, when, to[arc])
    return least


@numba.njit(cache=True)
def _decompose(first, head, flow, blocks, first_shelter):  # type: ignore[no-untyped-def]
    """Cut a flow without cycles into paths from blocks to shelters."""
    left = flow.copy()
    arcs = [np.int64(0) for _ in range(0)]
    offset = [np.int64(0)]
    count = [np.int64(0) for _ in range(0)]
    for b in blocks:
        while True:
            node, least, begin = b, np.int64(2**62), len(arcs)
            while node < first_shelter:
                step = -1
                for arc in range(first[node], first[node + 1]):
                    if left[arc] > 0:
                        step = arc
                        break
                if step < 0:
                    break
                least = min(least, left[step])
                arcs.append(np.int64(step))
                node = head[step]
            if len(arcs) == begin:
                break
            for i in range(begin, len(arcs)):
                left[arcs[i]] -= least
            offset.append(np.int64(len(arcs)))
            count.append(least)
    return np.array(arcs), np.array(offset), np.array(count)
