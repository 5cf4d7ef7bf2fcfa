"""How do people who are inside the zone get out of it, and never back in?"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.crs import FloatArray, LonLat
from routing.paths import entering, leaving
from routing.profiles import CLOSED, Profile
from routing.rescue import Placed, place, search, travel_times
from routing.snapping import Snap, snap
from routing.view import View

_CLOSED = int(CLOSED)


@dataclass(frozen=True, slots=True)
class Ways:
    """
    Travel times from blocks to shelters.

    Attributes
    ----------
    times_s
        Shape ``(n_blocks, n_shelters)``, inf where there is no way.
    inside
        Blocks that start inside the closed ground.
    blocks, shelters
        Where they meet the road.
    """

    times_s: FloatArray
    inside: NDArray[np.bool_]
    blocks: tuple[Placed, ...]
    shelters: tuple[Placed, ...]
    inner: View | None
    exits: NDArray[np.int64]
    to_exit: FloatArray
    from_exit: FloatArray


def ways(view: View, blocks: list[LonLat], shelters: list[LonLat], vehicle: Profile, *, leave_zone: bool) -> Ways:
    """
    Times from every block to every shelter.

    Blocks outside the closed ground use open roads only. Blocks inside it may, with `leave_zone`, drive on closed roads up
    to the first node outside the ground and on open roads from there: the way out, never a way through.
    """
    shelter_at = tuple(place(view, s, vehicle, "destination") for s in shelters)
    block_at = [place(view, b, vehicle, "origin") for b in blocks]
    inside = np.asarray([p.status == "origin_closed" for p in block_at], bool)
    times = travel_times(view, [p.snap for p in block_at], [p.snap for p in shelter_at], vehicle)
    if not (leave_zone and inside.any() and view.area is not None):
        return Ways(times, inside, tuple(block_at), shelter_at, None, np.empty(0, np.int64), times[:, :0], times[:0])
    network = view.network
    node_in = shapely.intersects_xy(view.area, np.asarray(network.node_lon), np.asarray(network.node_lat))
    usable = view.closed & node_in[network.tail]
    inner = View(network, ~usable, conditions=view.conditions, slowed=view.slowed)
    exits = np.unique(network.head[usable & ~node_in[network.head]]).astype(np.int64)
    rows = np.flatnonzero(inside)
    mask = np.zeros(network.segment_count, bool)
    mask[network.arc_segment[view.closed & (inner.weights(vehicle) != CLOSED)]] = True
    for i in rows:
        found = snap(network, blocks[i], open_segments=mask)
        block_at[i] = Placed(found, "origin_closed", "inside_closed_area")
    to_exit = _to_nodes(inner, [block_at[i].snap for i in rows], exits, vehicle)
    from_exit = _from_nodes(view, exits, [p.snap for p in shelter_at], vehicle)
    best = np.full((len(rows), len(shelters)), np.inf)
    for e in range(len(exits)):  # min-plus product, one exit at a time to keep memory flat
        np.minimum(best, to_exit[:, e : e + 1] + from_exit[e : e + 1], out=best)
    times[rows] = best
    full = np.full((len(blocks), len(exits)), np.inf)
    full[rows] = to_exit
    return Ways(times, inside, tuple(block_at), shelter_at, inner, exits, full, from_exit)


def way_out(view: View, found: Ways, block: int, shelter: int, vehicle: Profile) -> tuple[int, list[int]] | None:
    """Milliseconds and arcs from a block inside the zone to a shelter, by the best exit."""
    start, end = found.blocks[block].snap, found.shelters[shelter].snap
    if start is None or end is None or found.inner is None or not len(found.exits):
        return None
    total = found.to_exit[block] + found.from_exit[:, shelter]
    best = int(np.argmin(total))
    if not np.isfinite(total[best]):
        return None
    node = int(found.exits[best])
    network = view.network
    off = leaving(network, found.inner.weights(vehicle), start, _CLOSED)
    onto = entering(network, view.weights(vehicle), end, _CLOSED)
    first = found.inner.engine(vehicle).shortest([(n, c) for _, n, c in off], [(node, 0)])
    second = view.engine(vehicle).shortest([(node, 0)], [(n, c) for _, n, c in onto])
    if first is None or second is None:
        return None
    begin = next(a for a, n, _ in off if n == (int(network.tail[first[1][0]]) if first[1] else node))
    final = int(network.head[second[1][-1]]) if second[1] else node
    finish = next(a for a, n, _ in onto if n == final)
    return first[0] + second[0], [begin, *first[1], *second[1], finish]


def outside_proof(geometry: object, area: object, entered_outside: bool) -> str:
    """
    Check the way of somebody who starts in the zone: once out it stays out.

    ``leaves``: one stretch inside at the start and none after; ``outside``: never inside.

    Raises
    ------
    RuntimeError
        The way comes back into the area, or one that began outside enters it.
    """
    if area is None:
        return "no_area"
    within = shapely.intersection(geometry, area)
    if shapely.is_empty(within):
        return "outside"
    if entered_outside:
        raise RuntimeError("a route that meets the closed area was about to be returned")
    return "leaves"


def _to_nodes(view: View, starts: list[Snap | None], nodes: NDArray[np.int64], vehicle: Profile) -> FloatArray:
    """Seconds from snapped places to nodes."""
    network, weights = view.network, view.weights(vehicle)
    result = np.full((len(starts), len(nodes)), np.inf)
    off = [leaving(network, weights, s, _CLOSED) if s is not None else [] for s in starts]
    sources = np.unique([n for ends in off for _, n, _ in ends]).astype(np.int64)
    if len(sources) and len(nodes):
        times = view.engine(vehicle).matrix(sources, nodes)
        for i, ends in enumerate(off):
            for _, n, cost in ends:
                result[i] = np.minimum(result[i], (times[np.searchsorted(sources, n)] + cost) / 1000)
    return result


def _from_nodes(view: View, nodes: NDArray[np.int64], ends: list[Snap | None], vehicle: Profile) -> FloatArray:
    """Seconds from nodes to snapped places."""
    network, weights = view.network, view.weights(vehicle)
    result = np.full((len(nodes), len(ends)), np.inf)
    onto = [entering(network, weights, s, _CLOSED) if s is not None else [] for s in ends]
    targets = np.unique([n for one in onto for _, n, _ in one]).astype(np.int64)
    if len(targets) and len(nodes):
        times = view.engine(vehicle).matrix(nodes, targets)
        for j, one in enumerate(onto):
            for _, n, cost in one:
                result[:, j] = np.minimum(result[:, j], (times[:, np.searchsorted(targets, n)] + cost) / 1000)
    return result


def route_of(view: View, found: Ways, block: int, shelter: int, vehicle: Profile) -> tuple[int, list[int]] | None:
    """Milliseconds and arcs of the way the times matrix stands for."""
    start, end = found.blocks[block].snap, found.shelters[shelter].snap
    if start is None or end is None:
        return None
    if found.inside[block]:
        return way_out(view, found, block, shelter, vehicle)
    return search(view, start, end, vehicle)
