"""How do many puffs add up on a map grid? Compiled sums: slugs while young, elliptic puffs when grown."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Float32Array = NDArray[np.float32]

REACH_SIGMAS = 4.5
"""A puff is followed to this many standard deviations; what is left out is 1e-4 of its peak and below."""
MERGED_SIGMAS = 0.7
"""A puff is a slug while the piece of wind it fills is longer than this many sigma_y (no gaps near the source); shorter
neighbours are joined up to this length."""
ALIKE = 1e-6
"""Neighbours are joined when their mass per metre differs by less than this share."""
CERTAIN = 3.5
"""Beyond this argument the error function is 1 to 1e-6."""


@njit(cache=True)  # type: ignore[misc, unused-ignore]
def _grown(table: FloatArray, row: int, nearest: float, per_log: float, distance: float) -> float:
    """Value of a table that is even in the logarithm of the distance."""
    place = math.log(max(distance, nearest) / nearest) * per_log
    index = min(int(place), table.shape[1] - 2)
    share = min(place - index, 1.0)
    return float(table[row, index] * (1 - share) + table[row, index + 1] * share)


@njit(cache=True)  # type: ignore[misc, unused-ignore]
def merged(
    heads: FloatArray,
    tails: FloatArray,
    runs: FloatArray,
    masses: FloatArray,
    table: FloatArray,
    nearest: float,
    per_log: float,
) -> int:
    """
    Join neighbouring puffs of one rate while the piece of wind they fill stays well within their width; in place.

    The arrays run from the oldest to the youngest. Returns how many puffs are left.
    """
    kept = 0
    for p in range(masses.size):
        if masses[p] <= 0:
            continue
        if kept > 0:
            q = kept - 1
            own = runs[p, 1] - runs[p, 0]
            before = runs[q, 1] - runs[q, 0]
            sigma = _grown(table, 0, nearest, per_log, runs[p, 0])
            touching = abs(runs[q, 0] - runs[p, 1]) <= 1e-6 * (1 + runs[p, 1])
            alike = own > 0 and before > 0 and abs(masses[p] / own - masses[q] / before) <= ALIKE * masses[q] / before
            if touching and alike and own + before <= MERGED_SIGMAS * sigma:
                tails[q, 0], tails[q, 1] = tails[p, 0], tails[p, 1]
                runs[q, 0] = runs[p, 0]
                masses[q] += masses[p]
                continue
        heads[kept, 0], heads[kept, 1] = heads[p, 0], heads[p, 1]
        tails[kept, 0], tails[kept, 1] = tails[p, 0], tails[p, 1]
        runs[kept, 0], runs[kept, 1] = runs[p, 0], runs[p, 1]
        masses[kept] = masses[p]
        kept += 1
    return kept


@njit(cache=True)  # type: ignore[misc, unused-ignore]
def add_puffs(
    field: Float32Array,
    east0: float,
    north0: float,
    cell: float,
    heads: FloatArray,
    tails: FloatArray,
    runs: FloatArray,
    masses: FloatArray,
    count: int,
    table: FloatArray,
    nearest: float,
    per_log: float,
) -> None:
    """
    Add the first `count` puffs to one frame.

    Parameters
    ----------
    field
        Shape ``(ny, nx)``, kg/m3, changed in place; cell centres at ``east0 + i cell``, ``north0 + j cell``.
    heads, tails
        Ends of the piece of wind each puff fills, shape ``(n, 2)``, metres east and north.
    runs
        Distance the air has travelled from the source to tail and head, shape ``(n, 2)``, m.
    masses
        kg, shape ``(n,)``.
    table
        Rows sigma_y, sigma_x and vertical factor (1/m) at distances even in the logarithm from `nearest`.
    """
    for p in range(count):
        de, dn = heads[p, 0] - tails[p, 0], heads[p, 1] - tails[p, 1]
        length = math.sqrt(de * de + dn * dn)
        ue, un = (de / length, dn / length) if length > 0 else (1.0, 0.0)
        middle_run = 0.5 * (runs[p, 0] + runs[p, 1])
        sigma = _grown(table, 0, nearest, per_log, middle_run)
        if length > MERGED_SIGMAS * sigma:
            _add_slug(
                field, east0, north0, cell, heads[p], tails[p], middle_run, masses[p], ue, un, table, nearest, per_log
            )
            continue
        if middle_run <= 0:
            continue
        along = _grown(table, 1, nearest, per_log, middle_run)
        upright = _grown(table, 2, nearest, per_log, middle_run)
        _add_puff(
            field,
            cell,
            0.5 * (heads[p, 0] + tails[p, 0]) - east0,
            0.5 * (heads[p, 1] + tails[p, 1]) - north0,
            math.sqrt(along * along + length * length / 12),
            sigma,
            ue,
            un,
            masses[p] * upright,
        )


@njit(cache=True)  # type: ignore[misc, unused-ignore]
def _add_puff(
    field: Float32Array,
    cell: float,
    east: float,
    north: float,
    along: float,
    across: float,
    ue: float,
    un: float,
    amount: float,
) -> None:
    """
    An elliptic Gaussian, row by row from its ridge outwards: two multiplications a cell instead of an exponential.
    """
    ny, nx = field.shape
    a = 0.5 * (ue * ue / along**2 + un * un / across**2)
    b = 0.5 * ue * un * (1 / along**2 - 1 / across**2)
    c = 0.5 * (un * un / along**2 + ue * ue / across**2)
    peak = amount / (2 * math.pi * along * across)
    bend = math.exp(-2 * a * cell * cell)
    ridge = c - b * b / a
    faintest = math.exp(-0.5 * REACH_SIGMAS**2)
    high = REACH_SIGMAS * math.sqrt(along**2 * un**2 + across**2 * ue**2)
    j0, j1 = max(math.ceil((north - high) / cell), 0), min(math.floor((north + high) / cell) + 1, ny)
    for j in range(j0, j1):
        dy = j * cell - north
        if ridge * dy * dy > 0.5 * REACH_SIGMAS**2:
            continue
        first = round((east - b * dy / a) / cell)
        first = min(max(first, 0), nx - 1)
        dx = first * cell - east
        start = math.exp(-(a * dx * dx + 2 * b * dx * dy + c * dy * dy))
        if start < faintest:
            continue
        value, ratio = start, math.exp(-(a * (2 * dx * cell + cell * cell) + 2 * b * dy * cell))
        i = first
        while i < nx and value >= faintest:
            field[j, i] += np.float32(peak * value)
            value *= ratio
            ratio *= bend
            i += 1
        ratio = math.exp(a * (2 * dx * cell - cell * cell) + 2 * b * dy * cell)
        value = start * ratio
        ratio *= bend
        i = first - 1
        while i >= 0 and value >= faintest:
            field[j, i] += np.float32(peak * value)
            value *= ratio
            ratio *= bend
            i -= 1


@njit(cache=True)  # type: ignore[misc, unused-ignore]
def _add_slug(
    field: Float32Array,
    east0: float,
    north0: float,
    cell: float,
    head: FloatArray,
    tail: FloatArray,
    middle_run: float,
    mass: float,
    ue: float,
    un: float,
    table: FloatArray,
    nearest: float,
    per_log: float,
) -> None:
    """A piece of plume: every cell has the width of its own distance, so young pieces join without gaps."""
    ny, nx = field.shape
    length = math.hypot(head[0] - tail[0], head[1] - tail[1])
    middle_e, middle_n = 0.5 * (head[0] + tail[0]), 0.5 * (head[1] + tail[1])
    farthest = 1.5 * (middle_run + 0.5 * length)
    aside = REACH_SIGMAS * _grown(table, 0, nearest, per_log, farthest)
    ahead = REACH_SIGMAS * _grown(table, 1, nearest, per_log, farthest) + 0.5 * length
    wide, high = ahead * abs(ue) + aside * abs(un), ahead * abs(un) + aside * abs(ue)
    i0 = max(math.ceil((middle_e - wide - east0) / cell), 0)
    i1 = min(math.floor((middle_e + wide - east0) / cell) + 1, nx)
    j0 = max(math.ceil((middle_n - high - north0) / cell), 0)
    j1 = min(math.floor((middle_n + high - north0) / cell) + 1, ny)
    last = table.shape[1] - 2
    for j in range(j0, j1):
        y = north0 + j * cell - middle_n
        for i in range(i0, i1):
            x = east0 + i * cell - middle_e
            along, across = x * ue + y * un, -x * un + y * ue
            travelled = middle_run + along
            if travelled <= 0 or abs(across) > aside or abs(along) > ahead:
                continue
            # A cell holds the mean over itself: right at the source not the point's infinity.
            travelled = max(travelled, 0.5 * cell)
            place = math.log(max(travelled, nearest) / nearest) * per_log
            index = min(int(place), last)
            share = min(place - index, 1.0)
            width = table[0, index] * (1 - share) + table[0, index + 1] * share
            if abs(across) > REACH_SIGMAS * width:
                continue
            scale = 1 / (math.sqrt(2.0) * (table[1, index] * (1 - share) + table[1, index + 1] * share))
            begin, end = (along - 0.5 * length) * scale, (along + 0.5 * length) * scale
            # Well inside the piece the difference of the error functions is 1, well outside it is 0.
            if begin > CERTAIN or end < -CERTAIN:
                continue
            inside = 1.0 if begin < -CERTAIN and end > CERTAIN else 0.5 * (math.erf(end) - math.erf(begin))
            shape = math.exp(-0.5 * (across / width) ** 2) / (math.sqrt(2 * math.pi) * width)
            upright = table[2, index] * (1 - share) + table[2, index + 1] * share
            field[j, i] += np.float32(mass / length * inside * shape * upright)
