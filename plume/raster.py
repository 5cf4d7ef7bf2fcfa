"""What is the concentration on a whole map, fast? A steady neutral plume on a grid at any bearing."""

import math

import numpy as np
from numpy.typing import NDArray

from plume.gaussian import GaussianPlume
from plume.puff import Grid

FloatArray = NDArray[np.float64]

WEDGE_SIGMAS = 5.5
"""Cells further aside hold less than 3e-7 of the axis and are left at 0."""
NEAREST_M = 0.1
NODES = 4000


def steady(plume: GaussianPlume, grid: Grid, wind_from_deg: float, height_m: float = 0.0) -> FloatArray:
    """
    Largest concentration in time in every cell, kg/m3.

    Widths and axis values are tabulated once along the wind and read for the cells within 5.5 sigma_y of the axis;
    the rest is 0.

    Returns
    -------
    concentration_kg_m3
        Shape ``(rows, columns)``.
    """
    from plume import raster_kernel  # compiled code: loaded only when a raster is asked for

    towards = math.radians(wind_from_deg + 180.0)
    far = float(np.hypot(np.abs(grid.east[[0, -1]]).max(), np.abs(grid.north[[0, -1]]).max())) + grid.cell_m
    distance = np.geomspace(NEAREST_M, far, NODES)
    axis = plume.concentration(distance, 0.0, height_m)
    width = plume.sigma_y(distance)
    field = np.zeros((grid.rows, grid.columns))
    raster_kernel.fill(
        field,
        grid.east_m,
        grid.north_m,
        grid.cell_m,
        math.sin(towards),
        math.cos(towards),
        axis,
        1 / (math.sqrt(2) * width),
        float((width / distance).max()) * WEDGE_SIGMAS,
        WEDGE_SIGMAS / math.sqrt(2),
        NEAREST_M,
        (NODES - 1) / math.log(far / NEAREST_M),
    )
    return field
