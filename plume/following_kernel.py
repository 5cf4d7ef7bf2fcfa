"""How much of a bent cloud lies over this place? Slices between the nodes of its centreline, compiled."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Float32Array = NDArray[np.float32]

WIDEST = 4.5
"""Beyond this many edge scales from the core nothing is left, exp(-20)."""
FAINTEST = 1e-12
"""Slices with less are not drawn, kg/m3: far below any level."""
TINY = 1e-9


@njit(cache=True)  # type: ignore[misc, unused-ignore]
def _across(off_m: float, core_m: float, edge_m: float) -> float:
    """Share of the axis at a distance from it."""
    beyond = max(off_m - core_m, 0.0) / edge_m
    return math.exp(-(beyond**2)) if beyond < WIDEST else 0.0


@njit(cache=True)  # type: ignore[misc, unused-ignore]
def _in_gap(east: float, north: float, k: int, nodes: FloatArray) -> bool:
    """Is the place in the gap outside the bend at node k: past the slice before it and short of the one after?"""
    before = (east - nodes[k, 0]) * (nodes[k, 0] - nodes[k - 1, 0]) + (north - nodes[k, 1]) * (
        nodes[k, 1] - nodes[k - 1, 1]
    )
    after = (east - nodes[k, 0]) * (nodes[k + 1, 0] - nodes[k, 0]) + (north - nodes[k, 1]) * (
        nodes[k + 1, 1] - nodes[k, 1]
    )
    return bool(before > 0 and after < 0)


@njit(cache=True)  # type: ignore[misc, unused-ignore]
def _bends(k: int, nodes: FloatArray) -> bool:
    """Does the way turn at node k?"""
    e0, n0 = nodes[k, 0] - nodes[k - 1, 0], nodes[k, 1] - nodes[k - 1, 1]
    e1, n1 = nodes[k + 1, 0] - nodes[k, 0], nodes[k + 1, 1] - nodes[k, 1]
    return bool(abs(e0 * n1 - n0 * e1) > TINY * (abs(e0) + abs(n0)) * (abs(e1) + abs(n1)))


@njit(cache=True)  # type: ignore[misc, unused-ignore]
def add_to_grid(
    field: Float32Array,
    east_m: float,
    north_m: float,
    cell_m: float,
    nodes: FloatArray,
    value: FloatArray,
    core: FloatArray,
    edge: FloatArray,
) -> None:
    """Raise `field` (rows, columns) to what the slices bring, cell by cell; nodes ``(n, 2)`` east and north, m."""
    rows, columns = field.shape
    for k in range(nodes.shape[0] - 1):
        if value[k] < FAINTEST and value[k + 1] < FAINTEST:
            continue
        way_e, way_n = nodes[k + 1, 0] - nodes[k, 0], nodes[k + 1, 1] - nodes[k, 1]
        length = math.hypot(way_e, way_n)
        if length <= TINY:
            continue
        way_e, way_n = way_e / length, way_n / length
        reach = max(core[k] + WIDEST * edge[k], core[k + 1] + WIDEST * edge[k + 1])
        south = min(nodes[k, 1], nodes[k + 1, 1]) - reach * abs(way_e)
        north = max(nodes[k, 1], nodes[k + 1, 1]) + reach * abs(way_e)
        first_row = max(math.ceil((south - north_m) / cell_m), 0)
        last_row = min(math.floor((north - north_m) / cell_m), rows - 1)
        for row in range(first_row, last_row + 1):
            y = north_m + row * cell_m - nodes[k, 1]
            # Where this row of cells crosses the strip: between its two ends and between its two flanks.
            low, high = -math.inf, math.inf
            if abs(way_e) > TINY:
                a, b = -way_n * y / way_e, (length - way_n * y) / way_e
                low, high = min(a, b), max(a, b)
            elif not 0 <= way_n * y <= length:
                continue
            if abs(way_n) > TINY:
                a, b = (way_e * y - reach) / way_n, (way_e * y + reach) / way_n
                low, high = max(low, min(a, b)), min(high, max(a, b))
            elif abs(y) > reach:
                continue
            if low > high:
                continue
            origin = nodes[k, 0] - east_m
            first = max(math.ceil((origin + low) / cell_m), 0)
            last = min(math.floor((origin + high) / cell_m), columns - 1)
            for column in range(first, last + 1):
                x = column * cell_m - origin
                share = min(max((x * way_e + y * way_n) / length, 0.0), 1.0)
                brought = (value[k] + share * (value[k + 1] - value[k])) * _across(
                    abs(way_e * y - way_n * x),
                    core[k] + share * (core[k + 1] - core[k]),
                    edge[k] + share * (edge[k + 1] - edge[k]),
                )
                if brought > field[row, column]:
                    field[row, column] = brought
    for k in range(1, nodes.shape[0] - 1):
        if value[k] < FAINTEST or not _bends(k, nodes):
            continue
        reach = core[k] + WIDEST * edge[k]
        first_row = max(math.ceil((nodes[k, 1] - reach - north_m) / cell_m), 0)
        last_row = min(math.floor((nodes[k, 1] + reach - north_m) / cell_m), rows - 1)
        first = max(math.ceil((nodes[k, 0] - reach - east_m) / cell_m), 0)
        last = min(math.floor((nodes[k, 0] + reach - east_m) / cell_m), columns - 1)
        for row in range(first_row, last_row + 1):
            for column in range(first, last + 1):
                east, north = east_m + column * cell_m, north_m + row * cell_m
                if _in_gap(east, north, k, nodes):
                    off = math.hypot(east - nodes[k, 0], north - nodes[k, 1])
                    brought = value[k] * _across(off, core[k], edge[k])
                    if brought > field[row, column]:
                        field[row, column] = brought


@njit(cache=True)  # type: ignore[misc, unused-ignore]
def add_to_places(
    found: FloatArray, places: FloatArray, nodes: FloatArray, value: FloatArray, core: FloatArray, edge: FloatArray
) -> None:
    """The same for single places ``(n, 2)``; `found` has shape ``(n,)``."""
    for k in range(nodes.shape[0] - 1):
        if value[k] < FAINTEST and value[k + 1] < FAINTEST:
            continue
        way_e, way_n = nodes[k + 1, 0] - nodes[k, 0], nodes[k + 1, 1] - nodes[k, 1]
        length = math.hypot(way_e, way_n)
        if length <= TINY:
            continue
        way_e, way_n = way_e / length, way_n / length
        bent = k > 0 and _bends(k, nodes)
        for place in range(places.shape[0]):
            x, y = places[place, 0] - nodes[k, 0], places[place, 1] - nodes[k, 1]
            share = (x * way_e + y * way_n) / length
            brought = 0.0
            if 0 <= share <= 1:
                brought = (value[k] + share * (value[k + 1] - value[k])) * _across(
                    abs(way_e * y - way_n * x),
                    core[k] + share * (core[k + 1] - core[k]),
                    edge[k] + share * (edge[k + 1] - edge[k]),
                )
            elif bent and share < 0 and _in_gap(places[place, 0], places[place, 1], k, nodes):
                brought = value[k] * _across(math.hypot(x, y), core[k], edge[k])
            found[place] = max(found[place], brought)
