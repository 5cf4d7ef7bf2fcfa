"""In how many members of an ensemble is this cell within the zone? Compiled counting."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@njit(cache=True)  # type: ignore[misc, unused-ignore]
def add_zone(
    counts: FloatArray,
    east0: float,
    north0: float,
    cell: float,
    source_east: float,
    source_north: float,
    towards: float,
    start: float,
    nearest: float,
    per_log: float,
    width: FloatArray,
    weight: float,
) -> None:
    """
    Add `weight` to every cell within one zone, in place.

    Parameters
    ----------
    counts
        Shape ``(rows, columns)``.
    start, nearest, per_log, width
        Half-width at ``start + nearest exp(k/per_log)``, k = 0, 1 ...; shape ``(n,)``; 0 outside the zone.
    towards
        Bearing the wind blows to, radians from north.
    """
    rows, columns = counts.shape
    ue, un = math.sin(towards), math.cos(towards)
    widest = width.max()
    if widest <= 0:
        return
    from_node = to_node = -1
    for k in range(width.size):
        if width[k] > 0:
            to_node = min(k + 1, width.size - 1)
            if from_node < 0:
                from_node = max(k - 1, 0)
    first, last = start + nearest * math.exp(from_node / per_log), start + nearest * math.exp(to_node / per_log)
    # The four corners of the zone's box give the cells to look at.
    low_e = low_n = 1e18
    high_e = high_n = -1e18
    for along in (first, last):
        for across in (-float(widest), float(widest)):
            corner_e = source_east + along * ue - across * un
            corner_n = source_north + along * un + across * ue
            low_e, high_e = min(low_e, corner_e), max(high_e, corner_e)
            low_n, high_n = min(low_n, corner_n), max(high_n, corner_n)
    i0, i1 = max(math.ceil((low_e - east0) / cell), 0), min(math.floor((high_e - east0) / cell) + 1, columns)
    j0, j1 = max(math.ceil((low_n - north0) / cell), 0), min(math.floor((high_n - north0) / cell) + 1, rows)
    for j in range(j0, j1):
        n = north0 + j * cell - source_north
        for i in range(i0, i1):
            e = east0 + i * cell - source_east
            along = e * ue + n * un
            aside = abs(n * ue - e * un)
            if along < first or along > last or aside > widest:
                continue
            place = math.log(max(along - start, nearest) / nearest) * per_log
            index = min(int(place), width.size - 2)
            share = place - index
            half = width[index] * (1 - share) + width[index + 1] * share
            if aside < half:
                counts[j, i] += weight
