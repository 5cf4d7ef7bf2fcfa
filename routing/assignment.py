"""Which shelter takes whom? The exact least total travel time under capacities."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.crs import FloatArray
from gis.errors import InputError


@dataclass(frozen=True, slots=True)
class Assignment:
    """
    People sent from each block to each shelter.

    Attributes
    ----------
    people
        Shape ``(n_blocks, n_shelters)``.
    left_over
        People of each block for whom no place was left, shape ``(n_blocks,)``.
    total_person_s
        Least possible sum of people times travel seconds: proven optimal by the solver.
    """

    people: NDArray[np.int64]
    left_over: NDArray[np.int64]
    total_person_s: int


def assign(travel_time_s: FloatArray, people: ArrayLike, capacity: ArrayLike) -> Assignment:
    """
    Assign people to shelters: as many as possible, and among those plans the least total travel time.

    Minimum-cost flow by cost scaling (Goldberg 1997) in OR-tools; integers throughout, so the optimum is exact for
    times in whole seconds.

    Parameters
    ----------
    travel_time_s
        Shape ``(n_blocks, n_shelters)``; inf where there is no way.
    people, capacity
        Whole numbers, shapes ``(n_blocks,)`` and ``(n_shelters,)``.

    Raises
    ------
    InputError
        Negative people or capacity, or shapes that do not fit.
    """
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

    times = np.asarray(travel_time_s, float)
    supply, room = np.asarray(people, np.int64), np.asarray(capacity, np.int64)
    if times.shape != (len(supply), len(room)):
        raise InputError(f"travel times have shape {times.shape}, not {(len(supply), len(room))}")
    if (supply < 0).any() or (room < 0).any():
        raise InputError("people and capacity must not be negative")
    result = np.zeros(times.shape, np.int64)
    blocks, shelters = np.nonzero(np.isfinite(times) & (supply[:, None] > 0) & (room[None, :] > 0))
    total = int(supply.sum())
    if not len(blocks) or total == 0:
        return Assignment(result, supply.copy(), 0)
    cost = np.rint(times[blocks, shelters]).astype(np.int64)
    # Being left over costs more than any chain of swaps could save, so capacity is used up first.
    left = int(cost.max() + 1) * (min(len(supply), len(room)) + 1)
    n, m = times.shape
    sink, nowhere = n + m, n + m + 1
    solver = SimpleMinCostFlow()
    pair = solver.add_arcs_with_capacity_and_unit_cost(blocks, n + shelters, supply[blocks], cost)
    solver.add_arcs_with_capacity_and_unit_cost(n + np.arange(m), np.full(m, sink), room, np.zeros(m, np.int64))
    rest = solver.add_arcs_with_capacity_and_unit_cost(np.arange(n), np.full(n, nowhere), supply, np.full(n, left))
    solver.add_arcs_with_capacity_and_unit_cost(
        np.asarray([nowhere]), np.asarray([sink]), np.asarray([total]), np.asarray([0])
    )
    solver.set_nodes_supplies(np.arange(n + m + 2), np.concatenate([supply, np.zeros(m, np.int64), [-total, 0]]))
    status = solver.solve()
    if status != solver.OPTIMAL:
        raise RuntimeError(f"the assignment solver ended with status {status}")
    result[blocks, shelters] = solver.flows(pair)
    left_over = np.asarray(solver.flows(rest), np.int64)
    return Assignment(result, left_over, int((result[blocks, shelters] * cost).sum()))
