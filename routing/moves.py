"""Which ways do the assigned people take, and when do they arrive on roads that fill up?"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.crs import FloatArray
from routing.capacity import HORIZON_SLOTS, NEVER_MS, SLOT_S, FlowGraph, flow_graph
from routing.clearance import Paths, clear
from routing.hazard import FOREVER_MS, Hazard, first_covered_ms
from routing.leaving import Ways, outside_proof, route_of
from routing.network import Network
from routing.paths import geometry_of, length_of, ways_of
from routing.profiles import Profile
from routing.schedule import UNHURRIED_MS, Schedule, play
from routing.timed import Forecast, timed_between
from routing.view import View


@dataclass(frozen=True, slots=True)
class Move:
    """
    People of one block on one way to one shelter.

    Attributes
    ----------
    arcs, opens_ms, closes_ms
        Arcs in order and the time in which each may be used.
    time_ms
        On empty roads, waiting for a road to reopen included.
    margin_s
        Least time between the last vehicle leaving a road and the cloud's arrival there; inf where the cloud never
        comes, NaN without a cloud.
    """

    block: int
    shelter: int
    people: int
    vehicles: int
    arcs: tuple[int, ...]
    steps_ms: tuple[int, ...]
    opens_ms: tuple[int, ...]
    closes_ms: tuple[int, ...]
    time_ms: int
    margin_s: float = float("nan")
    on_foot: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    Moves played out in time.

    Attributes
    ----------
    moves
        With the people that get through.
    late
        People of each block that no longer got through, shape ``(n_blocks,)``.
    time_s, people, shelter
        Arrivals in order, people of each, and the shelter they come to.
    schedule, arc_of_row
        Vehicles by road and slot; network arc of each row of ``schedule.used``; `limit` vehicles a slot.
    bound_s
        No plan is faster; NaN where it was not asked for.
    """

    moves: list[Move]
    late: NDArray[np.int64]
    time_s: FloatArray
    people: NDArray[np.int64]
    schedule: Schedule
    arc_of_row: NDArray[np.int64]
    limit: NDArray[np.int64]
    bound_s: float
    shelter: NDArray[np.int64]


def assigned_moves(
    found: Ways,
    sent: NDArray[np.int64],
    vehicle: Profile,
    people_per_vehicle: float,
    forecast: Forecast | None,
    homes_ms: NDArray[np.int64],
) -> list[Move]:
    """
    The fastest way of each block to each of its shelters, under the cloud where there is one.

    Nobody waits at home for a free road longer than `homes_ms`, when the cloud comes there.
    """
    network = found.escape.network
    weights = found.escape.weights(vehicle)
    moves = []
    for b, s in zip(*(k.tolist() for k in np.nonzero(sent)), strict=True):
        people = int(sent[b, s])
        start, end = found.blocks[b].snap, found.shelters[s].snap
        assert start is not None and end is not None
        vehicles = int(np.ceil(people / people_per_vehicle))
        if forecast is None:
            way = route_of(found, b, s, vehicle)
            if way is None:
                raise RuntimeError("people were assigned to a shelter no way leads to")
            steps = _steps(network, weights, way[1], start, end)
            opens, closes = (0,) * len(steps), (NEVER_MS,) * len(steps)
            moves.append(Move(b, s, people, vehicles, tuple(way[1]), steps, opens, closes, way[0]))
        else:
            timed = timed_between(forecast, start, end, vehicle)
            if timed is None:
                raise RuntimeError("people were assigned to a shelter the cloud cuts off")
            steps = tuple(round((leave - entry) * 1000) for _, entry, leave in timed.timeline)
            gaps = [_gap(forecast, int(network.arc_segment[a]), round(entry * 1000)) for a, entry, _ in timed.timeline]
            gaps[0] = (gaps[0][0], min(gaps[0][1], int(homes_ms[b])))
            moves.append(
                Move(
                    b, s, people, vehicles, timed.arcs, steps, tuple(g[0] for g in gaps), tuple(g[1] for g in gaps),
                    round(timed.travel_time_s * 1000), timed.margin_s,
                )
            )  # fmt: skip
    return moves


def fastest_clearance(
    graph: FlowGraph,
    found: Ways,
    people: NDArray[np.int64],
    rooms: NDArray[np.int64],
    release_ms: NDArray[np.int64],
    people_per_vehicle: float,
    *,
    moving: bool,
) -> Outcome:
    """
    Ways and shelters chosen together so that the last vehicle arrives early; a road once covered stays closed.

    `people` are those who can still get out, shape ``(n_blocks,)``; margins are told under a `moving` cloud.
    """
    vehicles = np.ceil(people / people_per_vehicle).astype(np.int64)
    # Whoever meets no road cannot be moved; the flow must not count him.
    vehicles[[p.snap is None for p in found.blocks]] = 0
    places = np.floor(rooms / people_per_vehicle).astype(np.int64)
    places[[p.snap is None for p in found.shelters]] = 0
    answer = clear(graph, vehicles, places, release_ms)
    paths, schedule = answer.paths, answer.schedule
    load = people_by_path(people, vehicles, rooms, paths, schedule.placed)
    moves = []
    for i in range(len(paths.count)):
        span = slice(int(paths.offset[i]), int(paths.offset[i + 1]))
        arcs = paths.arcs[span]
        if load[i] == 0:
            continue
        steps = tuple(int(t) for t in graph.time_ms[arcs])
        moves.append(
            Move(
                int(paths.block[i]), int(paths.shelter[i]), int(load[i]), int(schedule.placed[i]),
                tuple(int(a) for a in graph.arc[arcs]), steps, (0,) * len(steps),
                tuple(int(c) for c in graph.closes_ms[arcs]), sum(steps),
                _margin_s(schedule, i) if moving else float("nan"),
            )
        )  # fmt: skip
    late = people - np.bincount(paths.block, weights=load, minlength=len(people)).astype(np.int64)
    order = np.argsort(schedule.arrive_ms, kind="stable")
    each = _people_by_group(load, schedule)
    return Outcome(
        moves, late, schedule.arrive_ms[order] / 1000, each[order], schedule,
        graph.arc[schedule.used_arc], graph.per_slot[schedule.used_arc], answer.bound_s,
        np.asarray(paths.shelter)[schedule.path][order],
    )  # fmt: skip


def play_moves(
    moves: list[Move], release_ms: NDArray[np.int64], blocks: int, per_slot: NDArray[np.int64], network: Network
) -> Outcome:
    """Put chosen ways on roads of limited capacity; who walks is not counted there."""
    driving = [m for m in moves if not m.on_foot]
    arcs = network.arc_lane[np.asarray([a for m in driving for a in m.arcs], np.int64)]
    offset = np.concatenate([[0], np.cumsum([len(m.arcs) for m in driving])]).astype(np.int64)
    count = np.asarray([m.vehicles for m in driving], np.int64)
    release = np.asarray([release_ms[m.block] for m in driving], np.int64)
    used_arc = np.unique(arcs)
    schedule = play(
        np.asarray([t for m in driving for t in m.steps_ms], np.int64), arcs, offset, count, release,
        per_slot[used_arc], np.asarray([t for m in driving for t in m.opens_ms], np.int64),
        np.asarray([t for m in driving for t in m.closes_ms], np.int64), SLOT_S * 1000, HORIZON_SLOTS,
    )  # fmt: skip
    load = np.asarray([m.people for m in driving], np.int64)
    through = np.zeros(len(driving), np.int64)
    full = schedule.placed == count
    through[full] = load[full]
    some = ~full & (schedule.placed > 0)
    through[some] = np.minimum(load[some], load[some] * schedule.placed[some] // np.maximum(count[some], 1))
    kept = [
        replace(m, people=int(n), vehicles=int(v), margin_s=min(m.margin_s, _margin_s(schedule, i)))
        for i, (m, n, v) in enumerate(zip(driving, through, schedule.placed, strict=True))
    ]
    late = np.zeros(blocks, np.int64)
    np.add.at(late, [m.block for m in driving], load - through)
    walkers = [m for m in moves if m.on_foot]
    times = np.concatenate([schedule.arrive_ms, [release_ms[m.block] + m.time_ms for m in walkers]]) / 1000
    each = np.concatenate([_people_by_group(through, schedule), [m.people for m in walkers]]).astype(np.int64)
    goal = np.asarray([m.shelter for m in driving], np.int64)[schedule.path]
    goal = np.concatenate([goal, np.asarray([m.shelter for m in walkers], np.int64)])
    order = np.argsort(times, kind="stable")
    return Outcome(
        [m for m in kept if m.people > 0] + walkers, late, times[order], each[order], schedule, used_arc,
        per_slot[used_arc], float("nan"), goal[order],
    )  # fmt: skip


def move_rows(
    view: View, found: Ways, moves: list[Move], blocks: Any, shelters: Any, vehicle: Profile
) -> list[dict[str, Any]]:
    """Rows of the assignment; every line is proved against the closed ground."""
    network = view.network
    rows = []
    for move in moves:
        start, end = found.blocks[move.block].snap, found.shelters[move.shelter].snap
        assert start is not None and end is not None
        arcs = list(move.arcs)
        geometry = shapely.LineString(geometry_of(network, arcs, start, end))
        proof = outside_proof(geometry, view.area, bool(found.inside[move.block]))
        rows.append(
            {
                "block_id": str(blocks["id"].iloc[move.block]),
                "shelter_id": str(shelters["id"].iloc[move.shelter]),
                "people": move.people,
                "vehicles": 0 if move.on_foot else move.vehicles,
                "travel_time_s": move.time_ms / 1000,
                "length_m": length_of(network, arcs, start, end),
                "status": "ok",
                "reason": "leaves_zone" if proof == "leaves" else "",
                "mode": "foot" if move.on_foot else vehicle.name,
                "margin_s": move.margin_s,
                "ways": list(ways_of(network, arcs)),
                "geometry": geometry,
            }
        )
    return rows


def _steps(network: Any, weights: Any, arcs: list[int], start: Any, end: Any) -> tuple[int, ...]:
    """Milliseconds on each arc of a way, the partial ones at both ends included."""
    if len(arcs) == 1:
        return (round(abs(end.fraction - start.fraction) * int(weights[arcs[0]])),)
    forward = network.arc_forward
    first = 1.0 - start.fraction if forward[arcs[0]] else start.fraction
    last = end.fraction if forward[arcs[-1]] else 1.0 - end.fraction
    middle = [int(weights[a]) for a in arcs[1:-1]]
    return (round(first * int(weights[arcs[0]])), *middle, round(last * int(weights[arcs[-1]])))


def _gap(forecast: Forecast, segment: int, entry_ms: int) -> tuple[int, int]:
    """The free time around a planned entry: from the end of the last covering to the start of the next."""
    a, b = int(forecast.covered.first[segment]), int(forecast.covered.first[segment + 1])
    opens, closes = 0, FOREVER_MS
    for k in range(a, b):
        if int(forecast.covered.end[k]) <= entry_ms:
            opens = int(forecast.covered.end[k])
        else:
            closes = int(forecast.covered.start[k])
            break
    return opens, closes


def _margin_s(schedule: Schedule, path: int) -> float:
    slack = int(schedule.slack_ms[path])
    return slack / 1000 if slack < UNHURRIED_MS else float("inf")


def roads_out(
    found: Ways, vehicle: Profile, per_slot: NDArray[np.int64], hazard: Hazard | None, homes_ms: NDArray[np.int64]
) -> FlowGraph:
    """
    Roads with capacities between blocks and shelters; each closes when the cloud first comes.

    The first stretch also closes at `homes_ms`, when the cloud comes to the block.
    """
    closes = None if hazard is None else first_covered_ms(found.escape.network, hazard)
    graph = flow_graph(
        found.escape.network,
        found.escape.weights(vehicle),
        [p.snap for p in found.blocks],
        [p.snap for p in found.shelters],
        per_slot=per_slot,
        closes_ms=closes,
    )
    block = graph.tail - graph.block_node[:1].sum()
    leaves = (block >= 0) & (block < len(homes_ms))
    early = graph.closes_ms.copy()
    early[leaves] = np.minimum(early[leaves], homes_ms[block[leaves]])
    return replace(graph, closes_ms=early)


def people_by_path(
    people: NDArray[np.int64],
    vehicles: NDArray[np.int64],
    rooms: NDArray[np.int64],
    paths: Paths,
    placed: NDArray[np.int64],
) -> NDArray[np.int64]:
    """
    Share out each block's people over its vehicles evenly; the vehicles that do not get through keep theirs.

    Parameters
    ----------
    people, vehicles
        Of each block.
    rooms
        Places of each shelter; its vehicles, each with the mean of its block, do not exceed them.
    placed
        Vehicles of each path that get through.

    Returns
    -------
    load
        People on each path; no shelter gets more than its places. Who was rounded up into a full shelter rides with
        another vehicle of the block that was rounded down, or stays and is listed.
    """
    load = np.zeros(len(paths.count), np.int64)
    taken = np.zeros(len(people), np.int64)
    for i in range(len(paths.count)):
        b = int(paths.block[i])
        before, after = taken[b], taken[b] + int(placed[i])
        # The k-th vehicle of a block carries the k-th even share, rounded so that the shares add up.
        load[i] = after * people[b] // vehicles[b] - before * people[b] // vehicles[b]
        taken[b] = after
    block, shelter = np.asarray(paths.block), np.asarray(paths.shelter)
    mean = placed * people[block] / np.maximum(vehicles[block], 1)
    free = rooms - np.bincount(shelter, weights=load, minlength=len(rooms)).astype(np.int64)
    for i in np.flatnonzero((free[shelter] < 0) & (load > mean)).tolist():
        if free[shelter[i]] >= 0:
            continue
        load[i] -= 1
        free[shelter[i]] += 1
        spare = np.flatnonzero((block == block[i]) & (load < mean) & (free[shelter] > 0))
        if len(spare):
            load[spare[0]] += 1
            free[shelter[spare[0]]] -= 1
    return load


def _people_by_group(load: NDArray[np.int64], schedule: Schedule) -> NDArray[np.int64]:
    """People in each vehicle, so that they add up to the people on its way."""
    rank = np.zeros(len(schedule.path), np.int64)
    seen = np.zeros(len(load), np.int64)
    for g, p in enumerate(schedule.path):
        rank[g] = seen[p]
        seen[p] += 1
    total = np.maximum(schedule.placed, 1)[schedule.path]
    people = load[schedule.path]
    return np.asarray((rank + 1) * people // total - rank * people // total)
