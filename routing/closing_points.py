"""Which crossings must be guarded so that nobody drives into the zone? A minimum cut on the ring around it."""

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from gis.crs import GEOGRAPHIC
from routing.classes import CLASSES
from routing.measure import metres_per_degree
from routing.network import Network
from routing.on_foot import plain_nodes
from routing.profiles import CLOSED
from routing.view import View

RING_M = 1500.0
"""Guards are looked for within this distance of the zone."""
_MANY = 100_000


def closing_points(view: View, *, ring_m: float = RING_M) -> gpd.GeoDataFrame:
    """
    The fewest places that stop every way for cars from outside the ring into the closed ground.

    A place is a crossing (every road through it is stopped there) or, where a road comes in from far away, a point on
    that road before the zone. By Menger's theorem no smaller set does it (max-flow min-cut on split nodes).

    Returns
    -------
    points
        Columns ``number, kind (crossing | road), name, class, node, arcs, geometry``, the biggest roads first;
        ``attrs["provenance"]``.
    """
    network = view.network
    chosen: list[tuple[str, int]] = []
    if view.area is not None and len(view.closed_arcs):
        chosen = _cut(view, ring_m)
    rows = [_row(network, kind, which) for kind, which in chosen]
    rows.sort(key=lambda r: (r["order"], r["name"]))
    for number, row in enumerate(rows, start=1):
        row["number"] = number
    columns = ["number", "kind", "name", "class", "node", "arcs", "geometry"]
    frame = gpd.GeoDataFrame(
        [{c: r[c] for c in columns} for r in rows], columns=columns, geometry="geometry", crs=GEOGRAPHIC
    )
    frame.attrs["provenance"] = view.provenance("routing.closing_points", {"ring_m": ring_m}).as_json()
    return frame


def _cut(view: View, ring_m: float) -> list[tuple[str, int]]:
    """Nodes ("crossing") and entering arcs ("road") of a minimum cut."""
    network = view.network
    lon, lat = np.asarray(network.node_lon), np.asarray(network.node_lat)
    _, south, _, north = shapely.bounds(view.area)
    per_lon, per_lat = (float(v[0]) for v in metres_per_degree(np.asarray([(south + north) / 2])))
    ring = shapely.buffer(view.area, ring_m / max(per_lon, per_lat))
    inside = _within(view.area, lon, lat)
    near = _within(ring, lon, lat) & ~inside
    # Real arcs a car could take if nobody stopped it; closures themselves do not stop cars, guards do.
    from routing.closures import open_view

    # A turn restriction stops nobody who does not keep to it: every road counts once, from its crossing.
    plain = plain_nodes(network)
    tail, head = np.asarray(network.tail), plain[network.head]
    drivable = (open_view(network).weights("car") != CLOSED) & (plain[tail] == tail)
    meets = np.zeros(network.arc_count, bool)
    meets[view.closed_arcs] = True
    enters = drivable & meets & ~inside[tail]
    ring_arcs = drivable & ~meets & (near[tail] | near[head]) & ~inside[tail] & ~inside[head]

    # Node numbers: 2i where one comes in, 2i + 1 where one goes out; all nodes beyond the ring are the source.
    local = np.full(network.node_count, -1, np.int64)
    members = np.flatnonzero(near)
    local[members] = np.arange(len(members))
    source, sink = 2 * len(members), 2 * len(members) + 1

    def out_of(nodes: NDArray[np.integer]) -> NDArray[np.integer]:
        return np.where(local[nodes] >= 0, 2 * local[nodes] + 1, source)

    def into(nodes: NDArray[np.integer]) -> NDArray[np.integer]:
        return np.where(local[nodes] >= 0, 2 * local[nodes], source)

    ring_ids, enter_ids = np.flatnonzero(ring_arcs), np.flatnonzero(enters)
    a = np.concatenate([2 * np.arange(len(members)), out_of(tail[ring_ids]), out_of(tail[enter_ids])])
    b = np.concatenate([2 * np.arange(len(members)) + 1, into(head[ring_ids]), np.full(len(enter_ids), sink)])
    limit = np.concatenate([np.ones(len(members)), np.full(len(ring_ids), _MANY), np.ones(len(enter_ids))])
    keep = a != b
    size = sink + 1
    # Triplets add up here, which is right for capacities: two parallel ways in need two stops.
    graph = csr_array((limit[keep].astype(np.int32), (a[keep], b[keep])), shape=(size, size))
    graph.sum_duplicates()
    flow = maximum_flow(graph, source, sink).flow
    rest = csr_array(graph - flow)
    rest.data = np.maximum(rest.data, 0)
    rest.eliminate_zeros()
    order = breadth_first_order(rest, source, directed=True, return_predecessors=False)
    side = np.zeros(size, bool)
    side[order] = True
    crossings = members[side[2 * np.arange(len(members))] & ~side[2 * np.arange(len(members)) + 1]]
    roads = enter_ids[side[out_of(tail[enter_ids])]]
    one_each: dict[int, int] = {}
    for arc in roads.tolist():
        one_each.setdefault(int(network.arc_segment[arc]), arc)
    return [("crossing", int(n)) for n in crossings] + [("road", a) for a in one_each.values()]


def _within(area: Any, lon: NDArray[np.floating], lat: NDArray[np.floating]) -> NDArray[np.bool_]:
    west, south, east, north = shapely.bounds(area)
    mask = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    hit = np.flatnonzero(mask)
    mask[hit] = shapely.intersects_xy(area, lon[hit], lat[hit])
    return np.asarray(mask)


def _row(network: Network, kind: str, which: int) -> dict[str, object]:
    if kind == "crossing":
        node = which
        plain = plain_nodes(network)
        original = plain[network.tail] == network.tail
        ends_here = (network.tail == which) | (plain[network.head] == which)
        arcs: NDArray[np.int64] = np.flatnonzero(original & ends_here)
        point = shapely.Point(float(network.node_lon[node]), float(network.node_lat[node]))
    else:
        node, arcs = int(network.tail[which]), np.asarray([which], np.int64)
        point = shapely.Point(float(network.node_lon[node]), float(network.node_lat[node]))
    segments = np.unique(np.asarray(network.arc_segment)[arcs])
    names = dict.fromkeys(network.names[network.name_id[s]] for s in segments)
    best = int(np.asarray(network.road_class)[segments].min())
    return {
        "number": 0,
        "kind": kind,
        "name": " / ".join(name for name in names if name),
        "class": CLASSES[best],
        "order": best,
        "node": node,
        "arcs": len(arcs),
        "geometry": point,
    }
