"""How do people without cars get out: which bus fetches whom, in how many rounds, and who is left?"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from gis.columns import BLOCKS, SHELTERS
from gis.crs import as_geographic
from gis.errors import InputError
from gis.provenance import Provenance
from routing.leaving import ways
from routing.matrix import travel_times
from routing.profiles import profile
from routing.refuges import rooms
from routing.rescue import place_many, places_of
from routing.view import View

BOARDING_S = 180.0
"""Time to get on and off together, a round: a setting, trust "unverified"."""
ROUND_COLUMNS = ["bus_id", "round", "block_id", "shelter_id", "people", "depart_s", "pick_up_s", "arrive_s"]


@dataclass(frozen=True, slots=True)
class BusPlan:
    """
    Rounds of buses.

    Attributes
    ----------
    rounds
        ``bus_id, round, block_id, shelter_id, people, depart_s, pick_up_s, arrive_s``, by time of departure.
    left_over
        ``block_id, people, reason``: who is not fetched; the totals conserve.
    last_s
        Arrival of the last bus, NaN without any.
    provenance
        Network, closures and parameters.
    """

    rounds: pd.DataFrame
    left_over: pd.DataFrame
    last_s: float
    provenance: Provenance


def bus_rounds(
    view: View,
    blocks: gpd.GeoDataFrame,
    shelters: gpd.GeoDataFrame,
    buses: gpd.GeoDataFrame,
    *,
    deadline_s: float = 6 * 3600.0,
    leave_zone: bool = False,
    boarding_s: float = BOARDING_S,
) -> BusPlan:
    """
    Fetch people without cars in rounds: whoever is first free takes the block whose last people would wait longest.

    A heuristic (list scheduling, longest job first; Graham 1969: at most 4/3 of the best for equal buses), not an
    optimum. A bus leaves its block full where enough people wait and drives to the nearest shelter with room.

    Parameters
    ----------
    blocks
        `gis.columns.BLOCKS`; `people` are those without a car.
    buses
        Points with ``id`` and whole ``seats`` >= 1.
    deadline_s
        No bus arrives later.
    leave_zone
        Buses may fetch people from inside the closed ground and leave it by its roads.

    Raises
    ------
    InputError
        Missing columns, no seats.
    """
    blocks = as_geographic(BLOCKS.check(blocks)).reset_index(drop=True)
    shelters = as_geographic(SHELTERS.check(shelters)).reset_index(drop=True)
    buses = as_geographic(buses).reset_index(drop=True)
    faults = [f"buses: column '{c}' is missing" for c in ("id", "seats") if c not in buses.columns]
    if not faults and len(buses) and int(buses["seats"].min()) < 1:
        faults.append("a bus has no seats")
    if faults:
        raise InputError(faults)
    kind = profile("bus")
    room, excluded = rooms(view, shelters, 0.0, None)
    found = ways(view, places_of(blocks), places_of(shelters), kind, leave_zone=leave_zone)
    escape = found.escape
    to_shelter = np.where((excluded != "")[None, :], np.inf, found.times_s)
    block_snaps = [p.snap for p in found.blocks]
    shelter_snaps = [p.snap for p in found.shelters]
    depots = [p.snap for p in place_many(view, places_of(buses), kind, "origin")]
    first_leg = travel_times(escape, depots, block_snaps, kind)
    back_leg = travel_times(escape, shelter_snaps, block_snaps, kind)

    waiting = blocks["people"].to_numpy(np.int64).copy()
    free_s = np.zeros(len(buses))
    at: list[int | None] = [None] * len(buses)  # the shelter a bus stands at, None at its depot
    count = np.zeros(len(buses), np.int64)
    seats = buses["seats"].to_numpy(np.int64) if len(buses) else np.empty(0, np.int64)
    done = np.zeros(len(buses), bool)
    rows = []
    while waiting.any() and not done.all():
        bus = int(np.argmin(np.where(done, np.inf, free_s)))
        stands = at[bus]
        out = first_leg[bus] if stands is None else back_leg[stands]
        goal = np.where(room > 0, to_shelter, np.inf)
        best = goal.argmin(axis=1) if goal.shape[1] else np.zeros(len(blocks), np.int64)
        on = goal[np.arange(len(blocks)), best] if goal.shape[1] else np.full(len(blocks), np.inf)
        arrive = free_s[bus] + out + boarding_s + on
        possible = (waiting > 0) & (arrive <= deadline_s)
        if not possible.any():
            done[bus] = True
            continue
        # Rounds still to drive for the block, each as long as this one: the most work goes first.
        work = np.where(possible, np.ceil(waiting / seats[bus]) * (out + on + boarding_s), -np.inf)
        block = int(np.argmax(work))
        shelter = int(best[block])
        people = int(min(waiting[block], seats[bus], room[shelter]))
        count[bus] += 1
        rows.append(
            {
                "bus_id": str(buses["id"].iloc[bus]),
                "round": int(count[bus]),
                "block_id": str(blocks["id"].iloc[block]),
                "shelter_id": str(shelters["id"].iloc[shelter]),
                "people": people,
                "depart_s": float(free_s[bus]),
                "pick_up_s": float(free_s[bus] + out[block]),
                "arrive_s": float(arrive[block]),
            }
        )
        waiting[block] -= people
        room[shelter] -= people
        free_s[bus], at[bus] = arrive[block], shelter
    left = [
        {
            "block_id": str(blocks["id"].iloc[b]),
            "people": int(waiting[b]),
            "reason": "no_way" if not np.isfinite(to_shelter[b]).any() else "no_bus_in_time_or_no_room",
        }
        for b in np.flatnonzero(waiting)
    ]
    rounds = pd.DataFrame(rows, columns=ROUND_COLUMNS).sort_values("depart_s", kind="stable", ignore_index=True)
    return BusPlan(
        rounds,
        pd.DataFrame(left, columns=["block_id", "people", "reason"]),
        float(rounds["arrive_s"].max()) if len(rounds) else float("nan"),
        view.provenance("routing.buses", {"buses": len(buses), "deadline_s": deadline_s, "boarding_s": boarding_s}),
    )
