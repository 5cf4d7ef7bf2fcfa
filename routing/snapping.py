"""Where does a place meet the road?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.crs import FloatArray, LonLat
from routing.classes import BARRIER_CODE
from routing.grid import Nearest, least_distance, nearest
from routing.measure import metres_per_degree_at
from routing.network import Network

MAX_SNAP_M = 1000.0
"""A place farther than this from any open road is not on the network."""
ON_ROAD_M = 0.5
"""Nearer than this a place lies on the road, on neither side."""
_CANDIDATES = 8


@dataclass(frozen=True, slots=True)
class Snap:
    """
    A place on a road.

    Attributes
    ----------
    segment, fraction
        Segment and share of its length from the start of its line.
    longitude, latitude
        The point on the road.
    distance_m, side
        How far the place lies from it, and on which side of the drawn line.
    place
        The place itself.
    """

    segment: int
    fraction: float
    longitude: float
    latitude: float
    distance_m: float
    side: Literal["left", "right", "on"]
    place: LonLat


def snap(
    network: Network,
    place: LonLat,
    *,
    open_segments: NDArray[np.bool_] | None = None,
    forbidden: Any = None,
    max_distance_m: float = MAX_SNAP_M,
) -> Snap | None:
    """
    Nearest point of an open road, or None when there is none within `max_distance_m`.

    Parameters
    ----------
    open_segments
        Mask of the segments that may be used.
    forbidden
        Area (lon/lat) the straight way to the road must not touch.
    """
    return snap_many(network, [place], open_segments=open_segments, forbidden=forbidden, max_distance_m=max_distance_m)[
        0
    ]


def snap_many(
    network: Network,
    places: Sequence[LonLat],
    *,
    open_segments: NDArray[np.bool_] | None = None,
    forbidden: Any = None,
    max_distance_m: float = MAX_SNAP_M,
) -> list[Snap | None]:
    """`snap` of many places in one go."""
    if not places:
        return []
    mask = np.asarray(network.road_class) != BARRIER_CODE if open_segments is None else open_segments
    at = np.asarray(places, float)
    found = nearest(network, at[:, 0], at[:, 1], mask, max_distance_m, 1)
    result = _snaps(found, np.zeros(len(places), np.int64), places)
    if forbidden is None:
        return result
    # Further candidates are needed only where the way to the nearest road is forbidden.
    barred = np.flatnonzero((found.segment[:, 0] >= 0) & ~_free_links(forbidden, at, found)[:, 0])
    if len(barred):
        more = nearest(network, at[barred, 0], at[barred, 1], mask, max_distance_m, _CANDIDATES)
        free = _free_links(forbidden, at[barred], more)
        choice = np.where(free.any(axis=1), free.argmax(axis=1), -1)
        others = _snaps(more, choice, [places[i] for i in barred.tolist()])
        for i, other in zip(barred.tolist(), others, strict=True):
            result[i] = other
    return result


def _free_links(forbidden: Any, at: FloatArray, found: Nearest) -> NDArray[np.bool_]:
    """Whether the straight way from each place to each of its roads keeps out of the forbidden area."""
    free = found.segment >= 0
    start = np.broadcast_to(at[:, None, :], (*free.shape, 2))
    links = np.stack([start, np.stack([found.longitude, found.latitude], axis=-1)], axis=2)
    free[free] = ~shapely.intersects(forbidden, shapely.linestrings(links[free]))
    return free


def nearest_segment(network: Network, longitude: float, latitude: float) -> int | None:
    """The segment nearest to a place within the snapping limit."""
    found = snap(network, LonLat(longitude, latitude).checked())
    return None if found is None else found.segment


def orphan_distance_m(network: Network, place: LonLat) -> float:
    """Distance to the nearest road that is not connected to the network; inf when there is none."""
    if not len(network.orphan_lon):
        return float("inf")
    east, north = metres_per_degree_at(place.latitude)
    x = (np.asarray(network.orphan_lon) - place.longitude) * east
    y = (np.asarray(network.orphan_lat) - place.latitude) * north
    return float(least_distance(np.asarray(network.orphan_offset), x, y))


def _snaps(found: Nearest, choice: NDArray[np.int64], places: Sequence[LonLat]) -> list[Snap | None]:
    """The chosen candidate of each place, None where it is negative or there is none."""
    row, k = np.arange(len(places)), np.maximum(choice, 0)
    columns = [
        values[row, k].tolist()
        for values in (found.segment, found.share, found.longitude, found.latitude, found.distance_m, found.on_left)
    ]
    known = ((choice >= 0) & (found.segment[row, k] >= 0)).tolist()
    return [
        Snap(segment, share, lon, lat, distance, "on" if distance < ON_ROAD_M else "left" if left else "right", place)
        if there
        else None
        for there, place, segment, share, lon, lat, distance, left in zip(known, places, *columns, strict=True)
    ]
