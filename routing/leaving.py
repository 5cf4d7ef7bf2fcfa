"""How do people who are inside the zone get out of it, and never back in?"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.crs import FloatArray, LonLat
from routing.matrix import travel_times
from routing.profiles import CLOSED, Profile
from routing.rescue import Placed, place_many, search
from routing.snapping import snap
from routing.view import View


@dataclass(frozen=True, slots=True)
class Ways:
    """
    Where blocks and shelters meet the road, and the view on which ways between them are searched.

    Attributes
    ----------
    escape
        The view with the roads out of the zone open; the plain view where nobody may leave.
    times_s
        Shape ``(n_blocks, n_shelters)``, inf where there is no way.
    inside
        Blocks that start inside the closed ground.
    """

    escape: View
    times_s: FloatArray
    inside: NDArray[np.bool_]
    blocks: tuple[Placed, ...]
    shelters: tuple[Placed, ...]


def escape_view(view: View) -> View:
    """
    Open the closed arcs that begin inside the closed ground.

    Whoever is inside may drive out; nobody gets in: an arc that begins outside and meets the ground stays closed.
    """
    if view.area is None:
        return view
    network = view.network
    lon, lat = np.asarray(network.node_lon), np.asarray(network.node_lat)
    west, south, east, north = shapely.bounds(view.area)
    inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    near = np.flatnonzero(inside)
    inside[near] = shapely.intersects_xy(view.area, lon[near], lat[near])
    return View(
        network,
        view.closed & ~inside[network.tail],
        area=None,
        report=view.report,
        conditions=view.conditions,
        slowed=view.slowed,
    )


def ways(view: View, blocks: list[LonLat], shelters: list[LonLat], vehicle: Profile, *, leave_zone: bool) -> Ways:
    """
    Times from every block to every shelter.

    Blocks outside the closed ground use open roads only. Blocks inside it may, with `leave_zone`, drive on closed roads
    up to the first node outside the ground and on open roads from there: the way out, never a way through.
    """
    shelter_at = tuple(place_many(view, shelters, vehicle, "destination"))
    block_at = place_many(view, blocks, vehicle, "origin")
    inside = np.asarray([view.contains(*b) for b in blocks], bool)
    escape = escape_view(view) if leave_zone and inside.any() else view
    if escape is not view:
        mask = np.zeros(view.network.segment_count, bool)
        mask[view.network.arc_segment[view.closed & (escape.weights(vehicle) != CLOSED)]] = True
        for i in np.flatnonzero(inside):
            block_at[i] = Placed(
                snap(view.network, blocks[i], open_segments=mask), "origin_closed", "inside_closed_area"
            )
    times = travel_times(escape, [p.snap for p in block_at], [p.snap for p in shelter_at], vehicle)
    return Ways(escape, times, inside, tuple(block_at), shelter_at)


def route_of(found: Ways, block: int, shelter: int, vehicle: Profile) -> tuple[int, list[int]] | None:
    """Milliseconds and arcs of the way the times matrix stands for."""
    start, end = found.blocks[block].snap, found.shelters[shelter].snap
    if start is None or end is None:
        return None
    return search(found.escape, start, end, vehicle)


def outside_proof(geometry: Any, area: Any, began_inside: bool) -> str:
    """
    Check a way against the closed ground with shapely, independently of the engine.

    ``outside``: never inside; ``leaves``: it began inside, and no later part comes back after the ground was left by a
    whole road segment.

    Raises
    ------
    RuntimeError
        A way that began outside meets the ground: a fault of this program, never to be shown as a route.
    """
    if area is None:
        return "no_area"
    if not shapely.intersects(area, geometry):
        return "outside"
    if not began_inside:
        raise RuntimeError("a route that meets the closed area was about to be returned")
    return "leaves"
