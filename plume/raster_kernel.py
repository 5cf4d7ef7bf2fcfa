"""How is one steady plume laid over a grid? Compiled, only the wedge downwind."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@njit(cache=True, fastmath=True)  # type: ignore[misc, unused-ignore]
def fill(
    field: FloatArray,
    east0: float,
    north0: float,
    cell: float,
    ue: float,
    un: float,
    axis: FloatArray,
    narrow: FloatArray,
    slope: float,
    beyond: float,
    nearest: float,
    per_log: float,
) -> None:
    """
    Fill the cells of the wedge in place: axis value times exp(-(y narrow)^2), linear between nodes even in the
    logarithm.

    `slope` bounds |y|/x of the wedge; `beyond` ends it at so many 1/narrow.
    """
    rows, columns = field.shape
    last = axis.size - 2
    for j in range(rows):
        n = north0 + j * cell
        for i in range(columns):
            e = east0 + i * cell
            along = e * ue + n * un
            aside = abs(n * ue - e * un)
            if along <= nearest or aside > slope * along:
                continue
            place = math.log(along / nearest) * per_log
            index = min(int(place), last)
            share = place - index
            y = aside * (narrow[index] * (1 - share) + narrow[index + 1] * share)
            if y > beyond:
                continue
            field[j, i] = (axis[index] * (1 - share) + axis[index + 1] * share) * math.exp(-y * y)
