"""Which team is there first, and by which way?"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np

from gis.columns import TEAMS
from gis.crs import LonLat, as_geographic
from gis.errors import ConflictError
from gis.provenance import Provenance
from routing.approach import Approach, approach_point
from routing.matrix import travel_times
from routing.on_foot import walkable
from routing.paths import Route, as_place
from routing.profiles import Profile, profile
from routing.rescue import Placed, base_open, between, place_many, places_of
from routing.view import View

PROFILE_OF_KIND = {
    "fire": "fire_engine",
    "hazmat": "fire_engine",
    "rescue": "fire_engine",
    "medical": "ambulance",
    "ambulance": "ambulance",
    "bus": "bus",
}
"""Vehicle a kind of team comes with when the caller names none; everything else drives a car."""
_NAMED = 10
"""Teams that cannot come for which the closed road is looked up by name: each look costs about a route."""


def rank(
    view: View,
    teams: gpd.GeoDataFrame,
    scene: LonLat | tuple[float, float],
    *,
    wind_from_deg: float | None = None,
    profile: str | Profile | None = None,
    stand_off_m: float | None = None,
    routes: int | None = None,
) -> gpd.GeoDataFrame:
    """
    Rank all teams by driving time to the scene's approach point; nobody is left out. The frame of `ranking`.

    Parameters
    ----------
    teams
        `gis.columns.TEAMS`; points with any CRS.
    wind_from_deg
        Puts the approach point upwind.
    routes
        How many of the fastest get a geometry; None means all.

    Returns
    -------
    ranking
        Columns ``id, name, kind, status, reason, rank, travel_time_s, length_m, geometry``, first the fastest; teams
        without a way follow with their status. ``attrs`` holds the approach point and the provenance as plain JSON.

    Raises
    ------
    InputError
        Missing columns, impossible coordinates, unknown profile.
    """
    return ranking(
        view, teams, scene, wind_from_deg=wind_from_deg, profile=profile, stand_off_m=stand_off_m, routes=routes
    ).frame


@dataclass(frozen=True, slots=True)
class Ranking:
    """
    All teams by time.

    Attributes
    ----------
    frame
        See `rank`.
    approach
        The point driven to, by profile name.
    routes
        Route by team id, for the fastest and for all that cannot come.
    provenance
        Network, closures and parameters.
    """

    frame: gpd.GeoDataFrame
    approach: Mapping[str, Approach]
    routes: Mapping[str, Route]
    provenance: Provenance


def ranking(
    view: View,
    teams: gpd.GeoDataFrame,
    scene: LonLat | tuple[float, float],
    *,
    wind_from_deg: float | None = None,
    profile: str | Profile | None = None,
    stand_off_m: float | None = None,
    routes: int | None = None,
) -> Ranking:
    """Rank teams like `rank`, with the routes and the approach points themselves."""
    teams = as_geographic(TEAMS.check(teams))
    at = as_place(scene)
    kinds = _profiles(teams, profile)
    view = walkable(view, kinds[0]) if profile is not None and kinds else view
    targets = {
        kind: approach_point(view, at, kind, wind_from_deg=wind_from_deg, stand_off_m=stand_off_m)
        for kind in dict.fromkeys(kinds)
    }
    spots = places_of(teams)
    places = [Placed(None)] * len(teams)
    for kind in targets:
        rows = [i for i, k in enumerate(kinds) if k is kind]
        for i, placed in zip(rows, place_many(view, [spots[i] for i in rows], kind, "origin"), strict=True):
            places[i] = placed
    times = np.full(len(teams), np.inf)
    for kind, target in targets.items():
        rows = [i for i, k in enumerate(kinds) if k is kind]
        if target.snap is not None:
            times[rows] = travel_times(view, [places[i].snap for i in rows], [target.snap], kind)[:, 0]
    order = np.argsort(times, kind="stable")
    wanted = len(teams) if routes is None else routes
    found: dict[int, Route] = {}
    for position, i in enumerate(order.tolist()):
        if np.isfinite(times[i]) and position < wanted:
            found[i] = _route(view, places[i], targets[kinds[i]], kinds[i])
    found.update(_cannot(view, [int(i) for i in order if not np.isfinite(times[i])], places, targets, kinds))
    provenance = view.provenance(
        "routing.dispatch",
        {"scene": list(at), "wind_from_deg": wind_from_deg, "stand_off_m": stand_off_m, "teams": len(teams)},
    )
    frame = _frame(teams, order, times, found, kinds)
    approach = {kind.name: target for kind, target in targets.items()}
    frame.attrs["provenance"] = provenance.as_json()
    frame.attrs["approach"] = {name: target.as_json() for name, target in approach.items()}
    ids = _texts(teams["id"])
    by_id = {ids[i]: one for i, one in found.items()}
    return Ranking(frame, approach, by_id, provenance)


@dataclass(frozen=True, slots=True)
class EquipmentMatch:
    """
    What the plan asks for against what the chosen teams bring.

    Attributes
    ----------
    brought, missing
        Pieces by kind of equipment.
    teams
        Ids of the teams taken, in order of arrival.
    """

    brought: Mapping[str, int]
    missing: Mapping[str, int]
    teams: tuple[str, ...]


def match_equipment(ranking: gpd.GeoDataFrame, teams: gpd.GeoDataFrame, needs: Mapping[str, int]) -> EquipmentMatch:
    """
    Take teams in order of arrival until the needs are met; a team that brings nothing still missing is passed over.

    `teams` has a column ``equipment``: a mapping of pieces by kind, or a list of kinds (one piece each).
    """
    stock = {str(row["id"]): _pieces(row.get("equipment")) for row in teams.to_dict("records")}
    missing = {kind: int(n) for kind, n in needs.items() if n > 0}
    brought: dict[str, int] = {}
    chosen: list[str] = []
    for key in ranking.loc[ranking["status"] == "ok", "id"]:
        pieces = stock.get(str(key), {})
        useful = {kind: n for kind, n in pieces.items() if missing.get(kind, 0) > 0}
        if not useful:
            continue
        chosen.append(str(key))
        for kind, n in useful.items():
            brought[kind] = brought.get(kind, 0) + n
            missing[kind] -= min(n, missing[kind])
    return EquipmentMatch(brought, {k: n for k, n in missing.items() if n > 0}, tuple(chosen))


def refuse_double_booking(wanted: Iterable[str], engaged: Mapping[str, str]) -> None:
    """
    Raise when a team asked for is already engaged.

    Raises
    ------
    ConflictError
        Names every such team and the incident it serves.
    """
    taken = [f"team {team} is engaged in {engaged[team]}" for team in wanted if team in engaged]
    if taken:
        raise ConflictError("; ".join(taken) + ": release it there first")


def _profiles(teams: gpd.GeoDataFrame, given: str | Profile | None) -> list[Profile]:
    if given is not None:
        return [profile(given)] * len(teams)
    return [profile(PROFILE_OF_KIND.get(str(kind), "car")) for kind in teams["kind"]]


def _cannot(
    view: View, rows: list[int], places: list[Placed], targets: dict[Profile, Approach], kinds: list[Profile]
) -> dict[int, Route]:
    """Why teams cannot come; the road that cuts off is looked up by name for the first of them only."""
    found: dict[int, Route] = {}
    lost: dict[Profile, list[int]] = {}
    for i in rows:
        start, end = places[i].snap, targets[kinds[i]].snap
        if start is None or end is None or len(found) < _NAMED:
            found[i] = _route(view, places[i], targets[kinds[i]], kinds[i])
        else:
            lost.setdefault(kinds[i], []).append(i)
    for kind, some in lost.items():
        free = travel_times(base_open(view), [places[i].snap for i in some], [targets[kind].snap], kind)[:, 0]
        for i, seconds in zip(some, free, strict=True):
            cut = bool(np.isfinite(seconds))
            found[i] = Route("cut_off" if cut else "no_route", "closed_road" if cut else "roads_not_connected")
    return found


def _route(view: View, placed: Placed, target: Approach, kind: Profile) -> Route:
    if placed.snap is None:
        return Route(placed.status, placed.reason)  # type: ignore[arg-type]
    if target.snap is None:
        return Route("destination_closed", "no_open_road_near_scene", origin=placed.snap)
    return between(view, placed.snap, target.snap, kind)


def _frame(
    teams: gpd.GeoDataFrame,
    order: Any,
    times: Any,
    found: dict[int, Route],
    kinds: list[Profile],
) -> gpd.GeoDataFrame:
    ids, names, sorts = (_texts(teams[c]) for c in ("id", "name", "kind"))
    rows = order.tolist()
    ways = [found.get(i) for i in rows]
    arrives = [bool(np.isfinite(times[i])) for i in rows]
    return gpd.GeoDataFrame(
        {
            "id": [ids[i] for i in rows],
            "name": [names[i] for i in rows],
            "kind": [sorts[i] for i in rows],
            "profile": [kinds[i].name for i in rows],
            "status": ["ok" if one is None else one.status for one in ways],
            "reason": ["" if one is None else one.reason for one in ways],
            "rank": [position + 1 if ok else 0 for position, ok in enumerate(arrives)],
            "travel_time_s": np.where(arrives, times[order], np.nan),
            "length_m": np.asarray([np.nan if one is None else one.length_m for one in ways], float),
        },
        geometry=[None if one is None else one.geometry for one in ways],
        crs=teams.crs,
    )


def _texts(column: Any) -> list[str]:
    return [str(value) for value in column.tolist()]


def _pieces(value: Any) -> dict[str, int]:
    if isinstance(value, Mapping):
        return {str(k): int(n) for k, n in value.items()}
    if isinstance(value, str):
        value = [part.strip() for part in value.split(";") if part.strip()]
    pieces: dict[str, int] = {}
    for kind in value if isinstance(value, list | tuple) else ():
        pieces[str(kind)] = pieces.get(str(kind), 0) + 1
    return pieces
