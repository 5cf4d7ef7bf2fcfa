"""Who leaves for which shelter, by which way, how long does it take, and who cannot go?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis.columns import BLOCKS, SHELTERS
from gis.crs import GEOGRAPHIC, FloatArray, LonLat, as_geographic
from gis.errors import InputError
from gis.provenance import Provenance
from routing.assignment import assign
from routing.leaving import Ways, outside_proof, route_of, ways
from routing.paths import geometry_of, length_of, ways_of
from routing.profiles import Profile, profile
from routing.refuges import rooms
from routing.rescue import why_not
from routing.view import View

ASSIGNMENT_COLUMNS = (
    "block_id", "shelter_id", "people", "travel_time_s", "length_m", "status", "reason", "mode", "geometry",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class EvacuationPlan:
    """
    An evacuation.

    Attributes
    ----------
    assignment
        One row for each block and shelter: ``block_id, shelter_id, people, travel_time_s, length_m, status, reason, mode,
        geometry``; `travel_time_s` on empty roads. `reason` is ``leaves_zone`` where the way starts inside the zone.
    left_over
        ``block_id, name, people, reason, advice``: everybody who is not in `assignment`; nobody is lost.
    shelters
        ``id, name, capacity, reserve, assigned, excluded, reason``.
    clearance
        ``time_s, people_out``: people arrived by then, with road capacities unless `totals` says otherwise.
    totals
        People, assigned, left over, clearance times for 50, 90 and 100 % …
    bottlenecks
        ``name, way_id, full_slots, geometry``: roads that were full longest.
    provenance
        Network, closures and parameters.
    """

    assignment: gpd.GeoDataFrame
    left_over: pd.DataFrame
    shelters: gpd.GeoDataFrame
    clearance: pd.DataFrame
    totals: Mapping[str, Any]
    bottlenecks: gpd.GeoDataFrame
    provenance: Provenance
    proof: Mapping[str, Any] = field(default_factory=dict)


def plan(
    view: View,
    blocks: gpd.GeoDataFrame,
    shelters: gpd.GeoDataFrame,
    *,
    vehicle: str | Profile | None = None,
    reserve: float = 0.0,
    wind_from_deg: float | None = None,
    leave_zone: bool = True,
) -> EvacuationPlan:
    """
    Assign blocks to shelters exactly and time the way out.

    Parameters
    ----------
    blocks, shelters
        `gis.columns.BLOCKS` and `SHELTERS`.
    reserve
        Share of every shelter's free places kept empty, 0 to 0.9.
    wind_from_deg
        Excludes shelters downwind of the closed ground.
    leave_zone
        People inside the closed ground may leave it by the closed roads up to its edge; False leaves them where they are,
        listed with the advice to shelter in place.

    Raises
    ------
    InputError
        Missing columns, a reserve out of range, impossible coordinates.
    """
    blocks = as_geographic(BLOCKS.check(blocks)).reset_index(drop=True)
    shelters = as_geographic(SHELTERS.check(shelters)).reset_index(drop=True)
    if not 0.0 <= reserve <= 0.9:
        raise InputError(f"reserve {reserve}: give a share from 0 to 0.9")
    kind = profile(vehicle)
    people = blocks["people"].to_numpy(np.int64)
    room, excluded = rooms(view, shelters, reserve, wind_from_deg)
    found = ways(view, _places(blocks), _places(shelters), kind, leave_zone=leave_zone)
    times = np.where((excluded != "")[None, :], np.inf, found.times_s)
    solved = assign(times, people, room)
    assignment = _assignment_frame(view, blocks, shelters, solved.people, times, found, kind)
    left = _left_over(view, blocks, solved.left_over, times, found, kind)
    taken = solved.people.sum(axis=0)
    clearance = _free_flow_clearance(assignment)
    return EvacuationPlan(
        assignment=assignment,
        left_over=left,
        shelters=_shelter_frame(shelters, room, taken, excluded, found),
        clearance=clearance,
        totals=_totals(people, assignment, left, clearance),
        bottlenecks=gpd.GeoDataFrame({"name": [], "way_id": [], "full_slots": []}, geometry=[], crs=GEOGRAPHIC),
        provenance=view.provenance(
            "routing.evacuation", {"reserve": reserve, "wind_from_deg": wind_from_deg, "leave_zone": leave_zone}
        ),
    )


def _places(frame: gpd.GeoDataFrame) -> list[LonLat]:
    return [LonLat(float(p.x), float(p.y)).checked() for p in frame.geometry]


def _assignment_frame(
    view: View,
    blocks: gpd.GeoDataFrame,
    shelters: gpd.GeoDataFrame,
    sent: NDArray[np.int64],
    times: FloatArray,
    found: Ways,
    kind: Profile,
) -> gpd.GeoDataFrame:
    rows = []
    for b, s in zip(*np.nonzero(sent), strict=True):
        way = route_of(view, found, int(b), int(s), kind)
        start, end = found.blocks[b].snap, found.shelters[s].snap
        if way is None or start is None or end is None:
            raise RuntimeError("people were assigned to a shelter no way leads to")
        geometry = shapely.LineString(geometry_of(view.network, way[1], start, end))
        proof = outside_proof(geometry, view.area, not found.inside[b])
        rows.append(
            {
                "block_id": str(blocks["id"].iloc[b]),
                "shelter_id": str(shelters["id"].iloc[s]),
                "people": int(sent[b, s]),
                "travel_time_s": float(times[b, s]),
                "length_m": length_of(view.network, way[1], start, end),
                "status": "ok",
                "reason": "leaves_zone" if proof == "leaves" else "",
                "mode": kind.name,
                "ways": list(ways_of(view.network, way[1])),
                "geometry": geometry,
            }
        )
    columns = [*ASSIGNMENT_COLUMNS[:-1], "ways", "geometry"]
    return gpd.GeoDataFrame(rows, columns=columns, geometry="geometry", crs=GEOGRAPHIC)


def _left_over(
    view: View, blocks: gpd.GeoDataFrame, left: NDArray[np.int64], times: FloatArray, found: Ways, kind: Profile
) -> pd.DataFrame:
    """Everybody without a place, with the reason and what to do instead."""
    rows = []
    for b in np.flatnonzero(left):
        reachable = bool(np.isfinite(times[b]).any())
        placed = found.blocks[b]
        if reachable:
            reason = "no_capacity"
        elif found.inside[b]:
            reason = "origin_closed"
        elif placed.snap is None:
            reason = f"{placed.status}:{placed.reason}"
        else:
            end = next((p.snap for p in found.shelters if p.snap is not None), None)
            reason = ":".join(why_not(view, placed.snap, end, kind)) if end is not None else "no_shelter_open"
        rows.append(
            {
                "block_id": str(blocks["id"].iloc[b]),
                "name": str(blocks["name"].iloc[b]),
                "people": int(left[b]),
                "reason": reason,
                "advice": "more_shelters" if reason == "no_capacity" else "shelter_in_place",
            }
        )
    return pd.DataFrame(rows, columns=["block_id", "name", "people", "reason", "advice"])


def _shelter_frame(
    shelters: gpd.GeoDataFrame, room: NDArray[np.int64], taken: NDArray[np.int64], excluded: Any, found: Ways
) -> gpd.GeoDataFrame:
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


def _free_flow_clearance(assignment: gpd.GeoDataFrame) -> pd.DataFrame:
    """Arrivals on empty roads, all starting at once: a lower bound, not a forecast."""
    rows = assignment[["travel_time_s", "people"]].sort_values("travel_time_s")
    return pd.DataFrame(
        {"time_s": rows["travel_time_s"].to_numpy(float), "people_out": rows["people"].cumsum().to_numpy()}
    )


def _totals(people: Any, assignment: Any, left: Any, clearance: pd.DataFrame) -> dict[str, Any]:
    sent, stay = int(assignment["people"].sum()), int(left["people"].sum())
    if sent + stay != int(people.sum()):
        raise RuntimeError("people were lost between blocks and shelters")
    share = {}
    for percent in (50, 90, 100):
        enough = clearance[clearance["people_out"] >= sent * percent / 100]
        share[f"clearance_{percent}_s"] = float(enough["time_s"].iloc[0]) if len(enough) else None
    return {"people": int(people.sum()), "assigned": sent, "left_over": stay, **share}
