"""Which roads are nearest to a place? Compiled search on a grid of cells."""

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from gis.crs import FloatArray
from routing.measure import metres_per_degree
from routing.network import Network


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
    leg_segment: NDArray[np.int32]


def grid_of(network: Network) -> Grid:
    """The network's grid, built once."""
    kept: Grid | None = network.__dict__.get("grid")
    if kept is None:
        kept = _build(network)
        network.__dict__["grid"] = kept
    return kept


class Nearest(NamedTuple):
    """For each place its nearest roads, shape ``(n, k)`` each; segment -1 where there are fewer."""

    segment: NDArray[np.int64]
    share: FloatArray
    longitude: FloatArray
    latitude: FloatArray
    distance_m: FloatArray
    on_left: NDArray[np.bool_]


def nearest(
    network: Network, longitude: FloatArray, latitude: FloatArray, mask: NDArray[np.bool_], limit_m: float, wanted: int
) -> Nearest:
    """The `wanted` nearest segments among `mask` of each place, by distance to the line."""
    east_m, north_m = metres_per_degree(latitude)
    return Nearest(
        *_nearest(
            longitude, latitude, east_m, north_m, limit_m, mask, grid_of(network),
            np.asarray(network.shape_lon), np.asarray(network.shape_lat), np.asarray(network.shape_offset), wanted,
        )
    )  # fmt: skip


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
    return Grid(west, south, size / per_lon, size / per_lat, columns, rows, first, leg, owner)


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
def _search(lon0, lat0, east_m, north_m, limit_m, mask, grid, lon, lat, wanted):  # type: ignore[no-untyped-def]
    """The `wanted` nearest open segments by rings of cells around the place; -1 where there are fewer."""
    found = np.full(wanted, -1, np.int64)
    legs = np.zeros(wanted, np.int64)
    along = np.zeros(wanted)
    best = np.full(wanted, np.inf)
    cell_m = min(grid.cell_lon * east_m, grid.cell_lat * north_m)
    c0 = int(np.floor((lon0 - grid.west) / grid.cell_lon))
    r0 = int(np.floor((lat0 - grid.south) / grid.cell_lat))
    rings = int(limit_m / cell_m) + 2
    for ring in range(rings):
        if best[wanted - 1] <= (ring - 1) * cell_m:
            break
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
                    ax = (lon[i] - lon0) * east_m
                    ay = (lat[i] - lat0) * north_m
                    bx = (lon[i + 1] - lon0) * east_m
                    by = (lat[i + 1] - lat0) * north_m
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
def _nearest(longitude, latitude, east, north, limit_m, mask, grid, lon, lat, offset, wanted):  # type: ignore[no-untyped-def]
    n = len(longitude)
    segment = np.full((n, wanted), -1, np.int64)
    share, at_lon, at_lat = np.zeros((n, wanted)), np.zeros((n, wanted)), np.zeros((n, wanted))
    distance, left = np.full((n, wanted), np.inf), np.zeros((n, wanted), np.bool_)
    for p in range(n):
        found, legs, along, best = _search(
            longitude[p], latitude[p], east[p], north[p], limit_m, mask, grid, lon, lat, wanted
        )
        for k in range(wanted):
            s = found[k]
            if s < 0:
                break
            i, t = legs[k], along[k]
            # Lengths on one scale for the whole segment, as `cutting.cut_line` counts them.
            before, total = 0.0, 0.0
            for j in range(offset[s], offset[s + 1] - 1):
                length = np.hypot((lon[j + 1] - lon[j]) * east[p], (lat[j + 1] - lat[j]) * north[p])
                if j < i:
                    before += length
                elif j == i:
                    before += t * length
                total += length
            dx, dy = lon[i + 1] - lon[i], lat[i + 1] - lat[i]
            segment[p, k], distance[p, k] = s, best[k]
            share[p, k] = 0.0 if total == 0.0 else min(1.0, before / total)
            at_lon[p, k], at_lat[p, k] = lon[i] + t * dx, lat[i] + t * dy
            left[p, k] = dx * (latitude[p] - lat[i]) - dy * (longitude[p] - lon[i]) > 0
    return segment, share, at_lon, at_lat, distance, left


@numba.njit(cache=True)
def least_distance(offset, x, y):  # type: ignore[no-untyped-def]
    """Least distance from the origin to ragged lines."""
    best = np.inf
    for s in range(len(offset) - 1):
        for i in range(offset[s], offset[s + 1] - 1):
            dx, dy = x[i + 1] - x[i], y[i + 1] - y[i]
            square = dx * dx + dy * dy
            t = 0.0 if square == 0.0 else min(1.0, max(0.0, -(x[i] * dx + y[i] * dy) / square))
            best = min(best, np.hypot(x[i] + t * dx, y[i] + t * dy))
    return best
