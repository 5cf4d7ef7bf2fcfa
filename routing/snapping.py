"""Where does a place meet the road?"""

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numba
import numpy as np
import shapely
from numpy.typing import NDArray

from gis.crs import FloatArray, LonLat
from routing.classes import BARRIER_CODE
from routing.measure import metres_per_degree
from routing.network import Network

MAX_SNAP_M = 1000.0
"""A place farther than this from any open road is not on the network."""
_CANDIDATES = 12


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


class Grid(NamedTuple):
    """Legs of all segments in square cells: a search by rings needs no tree and builds in milliseconds."""

    west: float
    south: float
    cell_lon: float
    cell_lat: float
    columns: int
    rows: int
    first: NDArray[np.int64]
    leg: NDArray[np.int64]
    east_m: float
    north_m: float
    leg_segment: NDArray[np.int32]


def grid_of(network: Network) -> Grid:
    """The network's grid, built once."""
    kept: Grid | None = network.__dict__.get("grid")
    if kept is None:
        kept = _build(network)
        network.__dict__["grid"] = kept
    return kept


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
    found, fractions, distances = _nearest(network, place, open_segments, max_distance_m)
    for segment, fraction, distance in zip(found, fractions, distances, strict=True):
        if segment < 0:
            break
        at = _point(network, int(segment), float(fraction))
        if forbidden is not None and _crosses(place, at, forbidden):
            continue
        return Snap(
            int(segment),
            float(fraction),
            at.longitude,
            at.latitude,
            float(distance),
            _side(network, int(segment), float(fraction), place, float(distance)),
            place,
        )
    return None


def nearest_segment(network: Network, longitude: float, latitude: float) -> int | None:
    """The segment nearest to a place within the snapping limit."""
    found = snap(network, LonLat(longitude, latitude).checked())
    return None if found is None else found.segment


def orphan_distance_m(network: Network, place: LonLat) -> float:
    """Distance to the nearest road that is not connected to the network; inf when there is none."""
    if not len(network.orphan_lon):
        return float("inf")
    east, north = (float(v[0]) for v in metres_per_degree(np.asarray([place.latitude])))
    x = (np.asarray(network.orphan_lon) - place.longitude) * east
    y = (np.asarray(network.orphan_lat) - place.latitude) * north
    return float(_least_distance(np.asarray(network.orphan_offset), x, y))


def _nearest(
    network: Network, place: LonLat, open_segments: NDArray[np.bool_] | None, limit_m: float
) -> tuple[NDArray[np.int64], FloatArray, FloatArray]:
    grid = grid_of(network)
    mask = np.asarray(network.road_class) != BARRIER_CODE if open_segments is None else open_segments
    east, north = (float(v[0]) for v in metres_per_degree(np.asarray([place.latitude])))
    found, legs, along, distance = _search(
        place.longitude,
        place.latitude,
        limit_m,
        mask,
        grid._replace(east_m=east, north_m=north),
        np.asarray(network.shape_lon),
        np.asarray(network.shape_lat),
        _CANDIDATES,
    )
    return found, _fractions(network, found, legs, along), distance


def _fractions(network: Network, found: NDArray[np.int64], legs: NDArray[np.int64], along: FloatArray) -> FloatArray:
    """Share of the segment's length at which each leg is met."""
    shares = np.zeros(len(found))
    for i, (segment, leg, part) in enumerate(zip(found, legs, along, strict=True)):
        if segment < 0:
            break
        lengths = _leg_lengths(network, int(segment))
        total = lengths.sum()
        k = int(leg - network.shape_offset[segment])
        shares[i] = (lengths[:k].sum() + part * lengths[k]) / total if total > 0 else 0.0
    return np.clip(shares, 0.0, 1.0)


def _leg_lengths(network: Network, segment: int) -> FloatArray:
    a, b = int(network.shape_offset[segment]), int(network.shape_offset[segment + 1])
    lon, lat = np.asarray(network.shape_lon[a:b]), np.asarray(network.shape_lat[a:b])
    east, north = metres_per_degree(lat[:1])
    return np.asarray(np.hypot(np.diff(lon) * east[0], np.diff(lat) * north[0]))


def _point(network: Network, segment: int, fraction: float) -> LonLat:
    line = cut_line(network, segment, 0.0, fraction)
    return LonLat(float(line[-1, 0]), float(line[-1, 1]))


def cut_line(network: Network, segment: int, start: float, end: float) -> FloatArray:
    """Vertices (lon, lat) of a part of a segment between two shares of its length; backwards when end < start."""
    if end < start:
        return cut_line(network, segment, end, start)[::-1]
    a, b = int(network.shape_offset[segment]), int(network.shape_offset[segment + 1])
    coords = np.column_stack([network.shape_lon[a:b], network.shape_lat[a:b]])
    if start <= 0.0 and end >= 1.0:
        return coords
    along = np.concatenate([[0.0], np.cumsum(_leg_lengths(network, segment))])
    if along[-1] <= 0:
        return coords[[0, -1]]
    share = along / along[-1]
    inner = (share > start) & (share < end)
    ends = [[np.interp(t, share, coords[:, 0]), np.interp(t, share, coords[:, 1])] for t in (start, end)]
    return np.vstack([ends[0], coords[inner], ends[1]])


def _crosses(place: LonLat, at: LonLat, area: Any) -> bool:
    return bool(shapely.intersects(area, shapely.LineString([place, at])))


def _side(
    network: Network, segment: int, fraction: float, place: LonLat, distance_m: float
) -> Literal["left", "right", "on"]:
    if distance_m < 0.5:
        return "on"
    near = cut_line(network, segment, max(0.0, fraction - 1e-3), min(1.0, fraction + 1e-3))
    dx, dy = near[-1] - near[0]
    cross = dx * (place.latitude - near[0, 1]) - dy * (place.longitude - near[0, 0])
    return "left" if cross > 0 else "right"


def _build(network: Network) -> Grid:
    lon, lat = np.asarray(network.shape_lon), np.asarray(network.shape_lat)
    west, south, east, north = network.bounds
    per_lon, per_lat = (float(v[0]) for v in metres_per_degree(np.asarray([(south + north) / 2])))
    # About two legs a cell in a city; never more than four million cells for a thin country.
    width, height = max((east - west) * per_lon, 1.0), max((north - south) * per_lat, 1.0)
    size = max(150.0, float(np.sqrt(width * height / 4e6)))
    columns, rows = int(width / size) + 1, int(height / size) + 1
    owner = np.repeat(np.arange(network.segment_count, dtype=np.int32), np.diff(network.shape_offset))
    first, leg = _fill(lon, lat, owner, west, south, size / per_lon, size / per_lat, columns, rows)
    return Grid(west, south, size / per_lon, size / per_lat, columns, rows, first, leg, per_lon, per_lat, owner)


@numba.njit(cache=True)
def _fill(lon, lat, owner, west, south, cell_lon, cell_lat, columns, rows):  # type: ignore[no-untyped-def]
    """Counting sort of legs into the cells their boxes touch."""
    first = np.zeros(columns * rows + 1, np.int64)
    for turn in range(2):
        if turn == 1:
            for c in range(columns * rows):
                first[c + 1] += first[c]
            leg = np.empty(first[-1], np.int64)
            place = first[:-1].copy()
        for i in range(len(lon) - 1):
            if owner[i] != owner[i + 1]:
                continue
            c0 = int((min(lon[i], lon[i + 1]) - west) / cell_lon)
            c1 = int((max(lon[i], lon[i + 1]) - west) / cell_lon)
            r0 = int((min(lat[i], lat[i + 1]) - south) / cell_lat)
            r1 = int((max(lat[i], lat[i + 1]) - south) / cell_lat)
            for r in range(max(0, r0), min(rows - 1, r1) + 1):
                for c in range(max(0, c0), min(columns - 1, c1) + 1):
                    if turn == 0:
                        first[r * columns + c + 1] += 1
                    else:
                        leg[place[r * columns + c]] = i
                        place[r * columns + c] += 1
    return first, leg


@numba.njit(cache=True)
def _search(lon0, lat0, limit_m, mask, grid, lon, lat, wanted):  # type: ignore[no-untyped-def]
    """The `wanted` nearest open segments by rings of cells around the place; -1 where there are fewer."""
    found = np.full(wanted, -1, np.int64)
    legs = np.zeros(wanted, np.int64)
    along = np.zeros(wanted)
    best = np.full(wanted, np.inf)
    cell_m = min(grid.cell_lon * grid.east_m, grid.cell_lat * grid.north_m)
    c0 = int(np.floor((lon0 - grid.west) / grid.cell_lon))
    r0 = int(np.floor((lat0 - grid.south) / grid.cell_lat))
    rings = int(limit_m / cell_m) + 2
    for ring in range(rings):
        if best[wanted - 1] <= (ring - 1) * cell_m:
            break
        # Four good candidates within a safe ring are enough; the rest only matter when links are forbidden.
        for r in range(r0 - ring, r0 + ring + 1):
            if r < 0 or r >= grid.rows:
                continue
            edge = r == r0 - ring or r == r0 + ring
            step = 1 if edge else max(1, 2 * ring)
            for c in range(c0 - ring, c0 + ring + 1, step):
                if c < 0 or c >= grid.columns:
                    continue
                cell = r * grid.columns + c
                for k in range(grid.first[cell], grid.first[cell + 1]):
                    i = grid.leg[k]
                    segment = grid.leg_segment[i]
                    if not mask[segment]:
                        continue
                    ax = (lon[i] - lon0) * grid.east_m
                    ay = (lat[i] - lat0) * grid.north_m
                    bx = (lon[i + 1] - lon0) * grid.east_m
                    by = (lat[i + 1] - lat0) * grid.north_m
                    dx, dy = bx - ax, by - ay
                    square = dx * dx + dy * dy
                    t = 0.0 if square == 0.0 else min(1.0, max(0.0, -(ax * dx + ay * dy) / square))
                    d = np.hypot(ax + t * dx, ay + t * dy)
                    if d > limit_m or d >= best[wanted - 1]:
                        continue
                    spot = wanted - 1
                    for j in range(wanted):
                        if found[j] == segment:
                            spot = j
                            break
                    if d >= best[spot]:
                        continue
                    while spot > 0 and best[spot - 1] > d:
                        best[spot], found[spot] = best[spot - 1], found[spot - 1]
                        legs[spot], along[spot] = legs[spot - 1], along[spot - 1]
                        spot -= 1
                    best[spot], found[spot], legs[spot], along[spot] = d, segment, i, t
    return found, legs, along, best


@numba.njit(cache=True)
def _least_distance(offset, x, y):  # type: ignore[no-untyped-def]
    """Least distance from the origin to ragged lines."""
    best = np.inf
    for s in range(len(offset) - 1):
        for i in range(offset[s], offset[s + 1] - 1):
            dx, dy = x[i + 1] - x[i], y[i + 1] - y[i]
            square = dx * dx + dy * dy
            t = 0.0 if square == 0.0 else min(1.0, max(0.0, -(x[i] * dx + y[i] * dy) / square))
            best = min(best, np.hypot(x[i] + t * dx, y[i] + t * dy))
    return best
