"""Who leaves for which shelter, by which way, how long does it take, and who cannot go?"""

from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.columns import BLOCKS, SHELTERS
from gis.crs import GEOGRAPHIC, as_geographic
from gis.errors import InputError
from routing.assignment import assign
from routing.capacity import SLOT_S, vehicles_per_slot
from routing.evacuation_plan import ASSIGNMENT_COLUMNS, EvacuationPlan
from routing.hazard import FOREVER_MS, Hazard, places_covered_ms
from routing.in_time import latest_start_ms
from routing.leaving import Ways, ways
from routing.left_over import left_over_rows, staying
from routing.moves import Move, Outcome, assigned_moves, fastest_clearance, move_rows, play_moves, roads_out
from routing.profiles import Profile, profile
from routing.refuges import rooms
from routing.rescue import places_of
from routing.schedule import UNHURRIED_MS
from routing.timed import Forecast, timed_arrivals
from routing.view import View

__all__ = ["EvacuationPlan", "plan"]

WALKING_M_S = 1.2
"""Setting, trust "unverified": 1.0–1.4 m/s are in circulation, less for the old and for children."""
_CURVE_POINTS = 240
_FILLING_POINTS = 24


def plan(
    view: View,
    blocks: gpd.GeoDataFrame,
    shelters: gpd.GeoDataFrame,
    *,
    vehicle: str | Profile | None = None,
    reserve: float = 0.0,
    wind_from_deg: float | None = None,
    leave_zone: bool = True,
    hazard: Hazard | None = None,
    objective: Literal["time", "clearance"] = "time",
    people_per_vehicle: float = 2.5,
    walk_within_m: float = 0.0,
    contraflow: NDArray[np.integer] | None = None,
    leave_from_level: int = 1,
) -> EvacuationPlan:
    """
    Assign blocks to shelters, time the way out on roads of limited capacity, and list everybody who cannot go.

    Parameters
    ----------
    blocks, shelters
        `gis.columns.BLOCKS` and `SHELTERS`; blocks may carry ``release_s``, the second in which their stage starts;
        ``level``, the worst zone they lie in; ``indoor_dose`` and ``dose_limit`` in one unit, what staying indoors
        means there and from when on it is no answer.
    reserve
        Share of every shelter's free places kept empty, 0 to 0.9.
    wind_from_deg
        Excludes shelters downwind of the closed ground.
    leave_zone
        People inside the closed ground may leave it by the closed roads up to its edge; False leaves them where they
        are, listed with the advice to shelter in place.
    hazard
        Cloud frames: nobody is on a road while it is covered; who cannot get out in time is listed as cut off.
    objective
        ``time``: the exact least total travel time on empty roads. ``clearance``: ways and shelters chosen together so
        that the last vehicle arrives early; a road once covered counts as closed for good.
    walk_within_m
        People whose way is no longer than this walk, 0 for nobody.
    contraflow
        Arcs that take over the lanes of the opposite direction, which is closed to everybody.
    leave_from_level
        A policy, not physics: blocks whose ``level`` is below this are told to stay indoors and are not sent onto the
        roads. The default 1 sends everybody counted in a zone; 2 keeps an AEGL-1 zone indoors. Blocks without a level
        always leave.

    Raises
    ------
    InputError
        Missing columns, settings out of range, impossible coordinates.
    """
    blocks = as_geographic(BLOCKS.check(blocks)).reset_index(drop=True)
    shelters = as_geographic(SHELTERS.check(shelters)).reset_index(drop=True)
    _check(reserve, people_per_vehicle, walk_within_m, blocks, objective)
    kind = profile(vehicle)
    per_slot = vehicles_per_slot(view.network)
    if contraflow is not None and len(contraflow):
        view, per_slot = _reversed_lanes(view, per_slot, np.asarray(contraflow, np.int64))
    everybody = blocks["people"].to_numpy(np.int64)
    stays = staying(blocks, leave_from_level)
    people = np.where(stays, 0, everybody)
    staged = "release_s" in blocks.columns
    release = np.nan_to_num(blocks["release_s"].to_numpy(float)) if staged else np.zeros(len(blocks))
    release_ms = np.rint(release * 1000).astype(np.int64)
    room, excluded = rooms(view, shelters, reserve, wind_from_deg, None if hazard is None else hazard.area)
    homes = places_of(blocks)
    homes_ms = np.full(len(homes), FOREVER_MS) if hazard is None else places_covered_ms(hazard, homes)
    found = ways(view, homes, places_of(shelters), kind, leave_zone=leave_zone)
    times = np.where((excluded != "")[None, :], np.inf, found.times_s)
    if objective == "clearance":
        graph = roads_out(found, kind, per_slot, hazard, homes_ms)
        in_time = (latest_start_ms(graph, room > 0) >= release_ms) & (homes_ms > release_ms)
        times = np.where(in_time[:, None], times, np.inf)
        movable = np.where(np.isfinite(times).any(axis=1), people, 0)
        outcome = fastest_clearance(
            graph, found, movable, room, release_ms, people_per_vehicle, moving=hazard is not None
        )
        left = people - movable
        late = outcome.late
    else:
        forecast = None if hazard is None else Forecast(found.escape, hazard)
        if forecast is not None:
            timed = timed_arrivals(forecast, [p.snap for p in found.blocks], [p.snap for p in found.shelters], kind)
            times = np.where((excluded != "")[None, :] | (homes_ms <= release_ms)[:, None], np.inf, timed)
        solved = assign(times, people, room)
        moves = assigned_moves(found, solved.people, kind, people_per_vehicle, forecast, homes_ms)
        outcome = play_moves(_walkers(moves, found, walk_within_m), release_ms, len(blocks), per_slot, view.network)
        left, late = solved.left_over, outcome.late
    rows = move_rows(view, found, outcome.moves, blocks, shelters, kind)
    assignment = gpd.GeoDataFrame(rows, columns=ASSIGNMENT_COLUMNS, geometry="geometry", crs=GEOGRAPHIC)
    left_over = left_over_rows(
        view, blocks, np.where(stays, everybody, left), late, times, found, kind, hazard, homes_ms, stays=stays
    )
    clearance = _curve(outcome)
    taken = np.zeros(len(shelters), np.int64)
    np.add.at(taken, [m.shelter for m in outcome.moves], [m.people for m in outcome.moves])
    _prove(everybody, assignment, left_over, taken, room, outcome)
    inputs = {
        "reserve": reserve, "wind_from_deg": wind_from_deg, "leave_zone": leave_zone, "objective": objective,
        "people_per_vehicle": people_per_vehicle, "walk_within_m": walk_within_m, "hazard_frames": _count(hazard),
        "contraflow_arcs": 0 if contraflow is None else len(contraflow), "blocks": len(blocks),
        "leave_from_level": leave_from_level,
    }  # fmt: skip
    return EvacuationPlan(
        assignment=assignment,
        left_over=left_over,
        shelters=_shelter_frame(shelters, room, taken, excluded, found),
        clearance=clearance,
        filling=_filling(outcome, shelters),
        bottlenecks=_bottlenecks(view, outcome),
        totals=_totals(everybody, assignment, left_over, outcome, objective),
        provenance=view.provenance("routing.evacuation", inputs),
        proof={"people_conserved": True, "shelters_within_capacity": True, "roads_within_capacity": True},
    )


def _check(
    reserve: float, people_per_vehicle: float, walk_within_m: float, blocks: gpd.GeoDataFrame, objective: str
) -> None:
    faults = []
    if objective not in {"time", "clearance"}:
        faults.append(f"objective '{objective}': give time or clearance")
    if not 0.0 <= reserve <= 0.9:
        faults.append(f"reserve {reserve}: give a share from 0 to 0.9")
    if not 0.5 <= people_per_vehicle <= 100:
        faults.append(f"people per vehicle {people_per_vehicle}: give 0.5 to 100")
    if not walk_within_m >= 0:
        faults.append(f"walking distance {walk_within_m}: give metres >= 0")
    if len(blocks) and int(blocks["people"].min()) < 0:
        faults.append("a block has a negative number of people")
    if faults:
        raise InputError(faults)


def _count(hazard: Hazard | None) -> int:
    return 0 if hazard is None else len(hazard.frames)


def _walkers(moves: list[Move], found: Ways, within_m: float) -> list[Move]:
    """Turn short ways into walks along the same road."""
    if within_m <= 0:
        return moves
    from dataclasses import replace

    from routing.paths import length_of

    result = []
    for move in moves:
        start, end = found.blocks[move.block].snap, found.shelters[move.shelter].snap
        assert start is not None and end is not None
        length = length_of(found.escape.network, list(move.arcs), start, end)
        time_ms = round(length / WALKING_M_S * 1000)
        # Under a cloud the walk must also end before the first road of it is covered.
        in_time = min(move.closes_ms, default=0) >= time_ms and max(move.opens_ms, default=0) == 0
        if length <= within_m and in_time:
            spare = (min(move.closes_ms, default=UNHURRIED_MS) - time_ms) / 1000
            margin = float("nan") if np.isnan(move.margin_s) else spare if spare < UNHURRIED_MS / 2000 else float("inf")
            move = replace(move, on_foot=True, vehicles=0, time_ms=time_ms, margin_s=margin)
        result.append(move)
    return result


def _reversed_lanes(view: View, per_slot: NDArray[np.int64], arcs: NDArray[np.int64]) -> tuple[View, NDArray[np.int64]]:
    """Give arcs the lanes of their opposites and close those."""
    from dataclasses import replace

    network = view.network
    if len(arcs) and (arcs.min() < 0 or arcs.max() >= network.arc_count):
        raise InputError(f"contraflow: arc ids must lie in 0..{network.arc_count - 1}")
    # By road and direction, not by arc: copies made for turn restrictions are the same lanes.
    road = 2 * np.asarray(network.arc_segment, np.int64) + network.arc_forward
    given = np.isin(road, road[arcs])
    opposite = np.isin(road ^ 1, road[arcs]) & ~given
    taken = np.zeros(2 * network.segment_count, np.int64)
    taken[road[opposite]] = per_slot[opposite]
    capacity = per_slot + np.where(given, taken[road ^ 1], 0)
    return replace(view, closed=view.closed | opposite), capacity


def _shelter_frame(shelters: gpd.GeoDataFrame, room: Any, taken: Any, excluded: Any, found: Ways) -> gpd.GeoDataFrame:
    reason = [
        why or (f"{p.status}:{p.reason}" if p.snap is None else "")
        for why, p in zip(excluded, found.shelters, strict=True)
    ]
    return gpd.GeoDataFrame(
        {
            "id": shelters["id"].astype(str),
            "name": shelters["name"].astype(str),
            "capacity": shelters["capacity"].to_numpy(np.int64),
            "usable": room,
            "assigned": taken,
            "excluded": [bool(r) for r in reason],
            "reason": reason,
        },
        geometry=list(shelters.geometry),
        crs=GEOGRAPHIC,
    )


def _curve(outcome: Outcome) -> pd.DataFrame:
    """People arrived by time, thinned to some hundred points; the last point is kept."""
    people = np.cumsum(outcome.people)
    step = max(1, len(people) // _CURVE_POINTS)
    keep = np.unique(np.minimum(np.arange(step - 1, len(people) + step, step), len(people) - 1))
    keep = keep[keep >= 0]
    return pd.DataFrame({"time_s": outcome.time_s[keep], "people_out": people[keep]})


def _filling(outcome: Outcome, shelters: gpd.GeoDataFrame) -> pd.DataFrame:
    """People in each shelter by time, some points a shelter."""
    ids, parts = shelters["id"].astype(str).to_numpy(), [pd.DataFrame(columns=["time_s", "shelter_id", "people"])]
    for s in np.unique(outcome.shelter):
        here = np.flatnonzero(outcome.shelter == s)
        inside = np.cumsum(outcome.people[here])
        step = max(1, len(here) // _FILLING_POINTS)
        keep = np.unique(np.append(np.arange(0, len(here), step), len(here) - 1))
        parts.append(pd.DataFrame({"time_s": outcome.time_s[here][keep], "shelter_id": ids[s], "people": inside[keep]}))
    return pd.concat(parts[1:] or parts, ignore_index=True)


def _bottlenecks(view: View, outcome: Outcome, most: int = 10) -> gpd.GeoDataFrame:
    """Roads that were full in most slots."""
    network = view.network
    full = (outcome.schedule.used >= outcome.limit[:, None]).sum(axis=1) if len(outcome.limit) else np.empty(0, int)
    order = [i for i in np.argsort(-full, kind="stable")[:most] if full[i] > 0]
    arcs = outcome.arc_of_row[order].astype(np.int64) if order else np.empty(0, np.int64)
    segments = np.asarray(network.arc_segment)[arcs]
    return gpd.GeoDataFrame(
        {
            "name": [network.names[network.name_id[s]] for s in segments],
            "way_id": [int(network.way_id[s]) for s in segments],
            "arc": arcs,
            "full_slots": [int(full[i]) for i in order],
        },
        geometry=list(network.segment_lines(segments)) if len(segments) else [],
        crs=GEOGRAPHIC,
    )


def _prove(people: Any, assignment: Any, left_over: Any, taken: Any, room: Any, outcome: Outcome) -> None:
    """Totals conserve, no shelter and no road takes more than it can: a fault here is one of this program."""
    if int(assignment["people"].sum()) + int(left_over["people"].sum()) != int(people.sum()):
        raise RuntimeError("people were lost between blocks and shelters")
    if int(outcome.people.sum()) != int(assignment["people"].sum()):
        raise RuntimeError("the clearance curve does not add up to the people assigned")
    if (taken > room).any():
        raise RuntimeError("a shelter was given more people than it has places")
    if len(outcome.limit) and (outcome.schedule.used > outcome.limit[:, None]).any():
        raise RuntimeError("a road was given more vehicles than it takes in a slot")


def _totals(people: Any, assignment: Any, left: Any, outcome: Outcome, objective: str) -> dict[str, Any]:
    sent, stay = int(assignment["people"].sum()), int(left["people"].sum())
    out = np.cumsum(outcome.people)
    share: dict[str, Any] = {}
    for percent in (50, 90, 100):
        at = int(np.searchsorted(out, sent * percent / 100))
        share[f"clearance_{percent}_s"] = float(outcome.time_s[at]) if sent and at < len(out) else None
    return {
        "people": int(people.sum()),
        "assigned": sent,
        "left_over": stay,
        "on_foot": int(assignment.loc[assignment["mode"] == "foot", "people"].sum()),
        "vehicles": int(assignment["vehicles"].sum()),
        "person_hours": round(float((assignment["people"] * assignment["travel_time_s"]).sum()) / 3600, 3),
        "objective": objective,
        "slot_s": SLOT_S,
        "bound_s": outcome.bound_s if np.isfinite(outcome.bound_s) else None,
        **share,
    }
