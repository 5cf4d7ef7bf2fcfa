"""How long from each of these places to each of those?"""

from collections.abc import Sequence
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.crs import FloatArray, as_geographic
from routing.network import Network
from routing.on_foot import walkable
from routing.paths import direct
from routing.profiles import CLOSED, Profile, profile
from routing.rescue import Placed, place_many, places_of
from routing.snapping import Snap
from routing.view import View

_CLOSED = int(CLOSED)


def travel_matrix(
    view: View, origins: gpd.GeoDataFrame, destinations: gpd.GeoDataFrame, vehicle: str | Profile | None = None
) -> tuple[pd.DataFrame, dict[str, dict[str, str]]]:
    """
    Travel seconds between places, closures held.

    Returns
    -------
    table
        Rows by the ``id`` of the origins, columns by that of the destinations; NaN where there is no way.
    statuses
        ``{"from": {id: status}, "to": {id: status}}`` of places that are not on the network, with the reason.
    """
    kind = profile(vehicle)
    view = walkable(view, kind)
    rows = _placed(view, origins, kind, "origin")
    columns = _placed(view, destinations, kind, "destination")
    seconds = travel_times(view, [p.snap for p in rows], [p.snap for p in columns], kind)
    table = pd.DataFrame(
        np.where(np.isfinite(seconds), seconds, np.nan),
        index=pd.Index(origins["id"].astype(str), name="id"),
        columns=list(destinations["id"].astype(str)),
    )
    statuses = {
        side: {str(key): f"{p.status}:{p.reason}" for key, p in zip(frame["id"], placed, strict=True) if p.snap is None}
        for side, frame, placed in (("from", origins, rows), ("to", destinations, columns))
    }
    return table, statuses


def travel_times(
    view: View, origins: Sequence[Snap | None], destinations: Sequence[Snap | None], vehicle: Profile
) -> FloatArray:
    """
    Travel times in seconds, shape ``(n_origins, n_destinations)``; inf where there is no way or no place.

    Ends count as they lie on their segments, like in `routing.rescue.route`.
    """
    network, weights = view.network, view.weights(vehicle)
    off = _ends(network, weights, origins, leaving=True)
    onto = _ends(network, weights, destinations, leaving=False)
    result = np.full((len(origins), len(destinations)), np.inf)
    sources, from_index = np.unique(off.node, return_inverse=True)
    targets, to_index = np.unique(onto.node, return_inverse=True)
    if len(sources) and len(targets):
        times = view.engine(vehicle).matrix(sources, targets)
        rows = _least(times[from_index], off, len(origins))
        result = _least(rows.T[to_index], onto, len(destinations)).T / 1000
    _same_segment(result, network, weights, origins, destinations)
    return result


class _Ends(NamedTuple):
    """Ways off or onto places: the place each belongs to (sorted), the node at its far end, milliseconds to there."""

    owner: NDArray[np.int64]
    node: NDArray[np.int64]
    cost_ms: FloatArray


def _ends(network: Network, weights: NDArray[np.uint32], places: Sequence[Snap | None], *, leaving: bool) -> _Ends:
    """`routing.paths.leaving` or `entering` of many places in one go."""
    index = np.asarray([i for i, place in enumerate(places) if place is not None], np.int64)
    known = [place for place in places if place is not None]
    segment = np.asarray([place.segment for place in known], np.int64)
    fraction = np.asarray([place.fraction for place in known], float)
    offset, arcs_by_segment = network.segment_arcs
    counts = offset[segment + 1] - offset[segment]
    owner = np.repeat(np.arange(len(index)), counts)
    arc = arcs_by_segment[np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts - offset[segment], counts)]
    open_ = weights[arc] != CLOSED
    owner, arc = owner[open_], arc[open_]
    ahead = np.asarray(network.arc_forward)[arc] == leaving
    cost = np.rint(np.where(ahead, 1.0 - fraction[owner], fraction[owner]) * weights[arc])
    node = np.asarray(network.head if leaving else network.tail)[arc]
    return _Ends(index[owner], node.astype(np.int64), cost)


def _least(times: FloatArray, ends: _Ends, count: int) -> FloatArray:
    """Add the cost of each end to its row and keep, for each of `count` places, the best of its ends."""
    best = np.full((count, times.shape[1]), np.inf)
    if len(ends.owner):
        first = np.flatnonzero(np.diff(ends.owner, prepend=-1))
        best[ends.owner[first]] = np.minimum.reduceat(times + ends.cost_ms[:, None], first, axis=0)
    return best


def _same_segment(
    result: FloatArray,
    network: Network,
    weights: NDArray[np.uint32],
    origins: Sequence[Snap | None],
    destinations: Sequence[Snap | None],
) -> None:
    """Two places on one segment may be joined by it directly."""
    by_segment: dict[int, list[int]] = {}
    for j, end in enumerate(destinations):
        if end is not None:
            by_segment.setdefault(end.segment, []).append(j)
    for i, start in enumerate(origins):
        for j in by_segment.get(start.segment, []) if start is not None else []:
            end = destinations[j]
            assert start is not None and end is not None
            straight = direct(network, weights, start, end, _CLOSED)
            if straight is not None:
                result[i, j] = min(result[i, j], straight[0] / 1000)


def _placed(view: View, frame: gpd.GeoDataFrame, kind: Profile, end: str) -> list[Placed]:
    return place_many(view, places_of(as_geographic(frame)), kind, end)
