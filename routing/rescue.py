"""Which way from here to there, and if there is none, why?"""

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gis.crs import LonLat
from gis.errors import InputError
from routing.classes import BARRIER_CODE
from routing.closures import open_view
from routing.network import Network
from routing.on_foot import walkable
from routing.paths import (
    Route,
    as_place,
    direct,
    entering,
    geometry_of,
    leaving,
    length_of,
    proof_of,
    ways_of,
)
from routing.profiles import CLOSED, Conditions, Profile, profile, unknown_limits
from routing.snapping import MAX_SNAP_M, Snap, orphan_distance_m, snap, snap_many
from routing.view import View

_CLOSED = int(CLOSED)
UNCONNECTED_M = 50.0
"""A place beside an unconnected road is put on the network only within this distance."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A place on the network, or the status that says why it is not."""

    snap: Snap | None
    status: str = "ok"
    reason: str = ""


def route(
    view: View,
    origin: LonLat | tuple[float, float],
    destination: LonLat | tuple[float, float],
    vehicle: str | Profile | None = None,
    *,
    max_snap_m: float = MAX_SNAP_M,
) -> Route:
    """
    Fastest way that keeps out of everything the view closes.

    Never a silent way through a closed area: an end inside it, an end that cannot be reached because of it, and an end
    that no road reaches at all each have their own status.

    Raises
    ------
    InputError
        Coordinates that cannot be, or an unknown vehicle profile.
    """
    kind = profile(vehicle)
    view = walkable(view, kind)
    both = [as_place(origin), as_place(destination)]
    start, end = place_many(view, both, kind, ("origin", "destination"), max_snap_m)
    for placed in (start, end):
        if placed.snap is None:
            return Route(placed.status, placed.reason, origin=start.snap, destination=end.snap)  # type: ignore[arg-type]
    assert start.snap is not None and end.snap is not None
    return between(view, start.snap, end.snap, kind)


def between(view: View, origin: Snap, destination: Snap, vehicle: Profile) -> Route:
    """Fastest way between two places already on the network."""
    found = search(view, origin, destination, vehicle)
    if found is None:
        status, reason = why_not(view, origin, destination, vehicle)
        return Route(status, reason, origin=origin, destination=destination)  # type: ignore[arg-type]
    return finish(view, found[0], found[1], origin, destination)


def search(view: View, origin: Snap, destination: Snap, vehicle: Profile) -> tuple[int, list[int]] | None:
    """Milliseconds and arcs of the fastest way between two places on the network, or None."""
    network, weights = view.network, view.weights(vehicle)
    off = leaving(network, weights, origin, _CLOSED)
    onto = entering(network, weights, destination, _CLOSED)
    best: tuple[int, list[int]] | None = None
    straight = direct(network, weights, origin, destination, _CLOSED)
    if straight is not None:
        best = (straight[0], [straight[1]])
    if off and onto:
        found = view.engine(vehicle).shortest([(n, c) for _, n, c in off], [(n, c) for _, n, c in onto])
        if found is not None and (best is None or found[0] < best[0]):
            best = (found[0], _with_ends(network, found, off, onto))
    return best


def finish(view: View, time_ms: int, arcs: list[int], origin: Snap, destination: Snap) -> Route:
    """Dress arcs as a route: geometry, length, ways, data gaps, proof."""
    network = view.network
    index = np.asarray(arcs, np.int64)
    geometry = shapely.linestrings(geometry_of(network, index, origin, destination))
    segments = np.unique(np.asarray(network.arc_segment)[index])
    return Route(
        status="ok",
        travel_time_s=time_ms / 1000,
        length_m=length_of(network, index, origin, destination),
        arcs=tuple(arcs),
        geometry=geometry,
        ways=ways_of(network, index),
        origin=origin,
        destination=destination,
        unknown_limits=unknown_limits(network, segments),
        proof=proof_of(geometry, view.area),
    )


def place(view: View, at: LonLat, vehicle: Profile, end: str, max_snap_m: float = MAX_SNAP_M) -> Placed:
    """Put a place on the nearest open road it can reach without touching the closed ground."""
    return place_many(view, [at], vehicle, end, max_snap_m)[0]


def places_of(frame: gpd.GeoDataFrame) -> list[LonLat]:
    """
    Places of a frame of points in degrees.

    Raises
    ------
    InputError
        The first coordinates that cannot be longitude and latitude.
    """
    coords = shapely.get_coordinates(frame.geometry.to_numpy())
    if len(coords) != len(frame):
        raise InputError("every row needs one point")
    wrong = ~(np.isfinite(coords).all(axis=1) & (np.abs(coords[:, 0]) <= 180) & (np.abs(coords[:, 1]) <= 90))
    for i in np.flatnonzero(wrong):
        LonLat(float(coords[i, 0]), float(coords[i, 1])).checked()
    return [LonLat(x, y) for x, y in coords.tolist()]


def place_many(
    view: View,
    places: Sequence[LonLat],
    vehicle: Profile,
    end: str | tuple[str, ...],
    max_snap_m: float = MAX_SNAP_M,
) -> list[Placed]:
    """`place` of many places in one go; `end` names the end of the way they are, one for all or each its own."""
    if not places:
        return []
    ends = (end,) * len(places) if isinstance(end, str) else end
    at = np.asarray(places, float)
    inside = np.zeros(len(places), bool) if view.area is None else shapely.intersects_xy(view.area, at[:, 0], at[:, 1])
    found = snap_many(
        view.network,
        places,
        open_segments=open_segments(view, vehicle),
        forbidden=view.area,
        max_distance_m=max_snap_m,
    )
    return [
        Placed(None, f"{which}_closed", "inside_closed_area")
        if hidden
        else _placed(view, one, where, which, max_snap_m)
        for hidden, one, where, which in zip(inside, found, places, ends, strict=True)
    ]


def _placed(view: View, found: Snap | None, at: LonLat, end: str, max_snap_m: float) -> Placed:
    if found is None:
        anywhere = snap(view.network, at, max_distance_m=max_snap_m)
        if anywhere is not None and view.closed.any():
            return Placed(None, f"{end}_closed", "all_near_roads_closed")
        return Placed(None, "no_route", f"{end}_farther_than_{max_snap_m:.0f}_m_from_any_road")
    if found.distance_m > UNCONNECTED_M and orphan_distance_m(view.network, at) < found.distance_m / 2:
        return Placed(None, "no_route", f"{end}_on_road_not_connected_to_network")
    return Placed(found)


def open_segments(view: View, vehicle: Profile) -> NDArray[np.bool_]:
    """Segments on which the vehicle may start or end; barriers are no place to stop. Kept with the view."""
    kept: dict[Profile, NDArray[np.bool_]] = view.__dict__.setdefault("open_segments", {})
    if vehicle not in kept:
        network = view.network
        if len(view.closed_arcs) and base_open(view) is not view:
            # Only the segments with a closed arc can differ from the network without closures.
            mask = open_segments(base_open(view), vehicle).copy()
            touched = np.unique(network.arc_segment[view.closed_arcs])
            arcs = network.arcs_of(touched)
            mask[touched] = False
            mask[network.arc_segment[arcs[view.weights(vehicle)[arcs] != CLOSED]]] = True
        else:
            mask = np.zeros(network.segment_count, bool)
            mask[network.arc_segment[view.weights(vehicle) != CLOSED]] = True
        kept[vehicle] = mask & (np.asarray(network.road_class) != BARRIER_CODE)
    return kept[vehicle]


def base_open(view: View) -> View:
    """The network of a view with nothing closed, under the same conditions; kept with the network."""
    kept: dict[Conditions, View] = view.network.__dict__.setdefault("open_views", {})
    if view.conditions not in kept:
        kept[view.conditions] = open_view(view.network, view.conditions)
    return kept[view.conditions]


def why_not(view: View, origin: Snap, destination: Snap, vehicle: Profile) -> tuple[str, str]:
    """Tell a closure that cuts off from a network that never connected, and name what cuts off."""
    if view.closed.any():
        found = search(base_open(view), origin, destination, vehicle)
        if found is not None:
            blocked = [arc for arc in found[1] if view.closed[arc]]
            names = [view.network.names[view.network.name_id[view.network.arc_segment[a]]] for a in blocked]
            named = next((name for name in names if name), "")
            return "cut_off", f"closed_road:{named}" if named else "closed_road"
    if vehicle.name != "car" and search(base_open(view), origin, destination, profile("car")) is not None:
        return "no_route", "vehicle_limits"
    return "no_route", "roads_not_connected"


def _with_ends(
    network: Network,
    found: tuple[int, list[int]],
    off: list[tuple[int, int, int]],
    onto: list[tuple[int, int, int]],
) -> list[int]:
    """Put the partial arcs at both ends around the arcs between nodes."""
    arcs = found[1]
    for arc_off, node, _ in off:
        if arcs and int(network.tail[arcs[0]]) != node:
            continue
        for arc_onto, goal, _ in onto:
            if (int(network.head[arcs[-1]]) if arcs else node) != goal:
                continue
            if arcs or node == goal:
                return [arc_off, *arcs, arc_onto]
    raise RuntimeError("a search ended where it was not asked to")
