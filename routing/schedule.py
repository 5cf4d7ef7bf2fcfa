"""When does each vehicle drive which road, so that no road takes more than it can?"""

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

UNHURRIED_MS = 2**39
"""Roads that close later than this, in 17 years, never close."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """
    Vehicles in time; one entry a group that moves together.

    Attributes
    ----------
    path, size, depart_ms, arrive_ms
        Shape ``(n_groups,)``.
    placed
        Vehicles of each path that got through; the rest would have met a closed road.
    used
        Vehicles that enter each used arc in each slot, shape ``(n_used, n_slots)``.
    used_arc
        Arc of the flow graph for each row of `used`.
    slack_ms
        Of each path, the least time between a vehicle leaving a road and that road closing; `UNHURRIED_MS` and more
        where no road of it ever closes.
    """

    path: NDArray[np.int64]
    size: NDArray[np.int64]
    depart_ms: NDArray[np.int64]
    arrive_ms: NDArray[np.int64]
    placed: NDArray[np.int64]
    used: NDArray[np.int32]
    used_arc: NDArray[np.int64]
    slack_ms: NDArray[np.int64]

    @property
    def last_ms(self) -> int:
        """Arrival of the last vehicle; very late when some did not get through."""
        return int(self.arrive_ms.max()) if len(self.arrive_ms) else 2**60

    @classmethod
    def empty(cls) -> "Schedule":
        """Nobody moves."""
        none = np.empty(0, np.int64)
        return cls(none, none, none, none, none, np.empty((0, 0), np.int32), none, none)


def play(
    time_ms: NDArray[np.int64],
    arcs: NDArray[np.int64],
    offset: NDArray[np.int64],
    count: NDArray[np.int64],
    release_ms: NDArray[np.int64],
    per_slot: NDArray[np.int64],
    opens_ms: NDArray[np.int64],
    closes_ms: NDArray[np.int64],
    slot_ms: int,
    slots: int,
    goal_ms: int = 0,
) -> Schedule:
    """
    Send vehicle after vehicle into the first slot of every road that still has room.

    A vehicle waits before a full road; a road is full when as many have entered in that slot as it takes. Who would be
    on a road after it closes does not start. Vehicles are taken in the order in which they would start if each path
    spread its vehicles evenly over the time left until `goal_ms`: long ways early, short ways late; without a goal all
    paths send one vehicle after the other.

    Parameters
    ----------
    time_ms, arcs, opens_ms, closes_ms
        Of each step of all paths, one path after the other.
    offset, count, release_ms
        Of each path: where its steps begin, its vehicles, its earliest start.
    per_slot
        Vehicles a slot, for each distinct arc in rising order.
    """
    used_arc, row = np.unique(arcs, return_inverse=True)
    length = np.add.reduceat(time_ms, offset[:-1]) if len(count) else np.empty(0, np.int64)
    owner = np.repeat(np.arange(len(count)), count)
    rank = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    if goal_ms > 0:
        spread = np.maximum(goal_ms - release_ms - length, 0)[owner] / np.maximum(count, 1)[owner]
    else:
        spread = np.full(len(owner), float(slot_ms))
    start = release_ms[owner] + (rank + 0.5) * spread
    order = owner[np.argsort(start, kind="stable")]
    path, size, depart, arrive, placed, used, slack = _play(
        row.astype(np.int64), offset, len(count), order, release_ms, time_ms, per_slot, opens_ms, closes_ms,
        slot_ms, slots,
    )  # fmt: skip
    return Schedule(path, size, depart, arrive, placed, used, used_arc, slack)


@numba.njit(cache=True)
def _play(row, offset, paths, order, release, time, per_slot, opens, closes, slot_ms, slots):  # type: ignore[no-untyped-def]
    used = np.zeros((len(per_slot), slots), np.int32)
    hint = np.zeros(len(per_slot), np.int32)
    total = len(order)
    path = np.empty(total, np.int64)
    size = np.ones(total, np.int64)
    depart = np.empty(total, np.int64)
    arrive = np.empty(total, np.int64)
    placed = np.zeros(paths, np.int64)
    slack = np.full(paths, np.int64(2**60))
    longest = 0
    for i in range(paths):
        longest = max(longest, offset[i + 1] - offset[i])
    entered = np.empty(longest, np.int64)
    g = 0
    for p in order:
        now = release[p]
        start = now
        fine = True
        spare = np.int64(2**60)
        for k in range(offset[p], offset[p + 1]):
            a = row[k]
            now = max(now, opens[k])
            slot = max(now // slot_ms, hint[a])
            while slot < slots and used[a, slot] >= per_slot[a]:
                slot += 1
            if slot >= slots or max(now, slot * slot_ms) + time[k] > closes[k]:
                fine = False
                break
            now = max(now, slot * slot_ms)
            if k == offset[p]:
                start = now
            entered[k - offset[p]] = slot
            now += time[k]
            spare = min(spare, closes[k] - now)
        if not fine:
            continue
        for k in range(offset[p], offset[p + 1]):
            a = row[k]
            used[a, entered[k - offset[p]]] += 1
            while hint[a] < slots and used[a, hint[a]] >= per_slot[a]:
                hint[a] += 1
        path[g], depart[g], arrive[g] = p, start, now
        g += 1
        placed[p] += 1
        slack[p] = min(slack[p], spare)
    return path[:g], size[:g], depart[:g], arrive[:g], placed, used, slack
