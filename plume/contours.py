"""Where on a grid is a field at least this high? Smooth polygons without crumbs."""

import itertools

import contourpy
import numpy as np
import shapely
from numpy.typing import NDArray

from plume.puff import Grid

FloatArray = NDArray[np.float64]

SLIVER_CELLS = 2.0
"""Parts smaller than this many cells are noise of the sampling, not places."""
SIMPLIFIED_CELLS = 0.2


def above(grid: Grid, field: FloatArray, level: float) -> shapely.MultiPolygon:
    """
    Area where the field, shape ``(rows, columns)``, is at least `level`; metres east and north, empty when nowhere.

    Inclusive of the grid's rim: what touches it is closed along it.
    """
    lines = contourpy.contour_generator(grid.east, grid.north, np.asarray(field, float), fill_type="OuterOffset")
    areas = []
    for ring, ends in zip(*lines.filled(level, np.inf), strict=True):
        parts = [ring[begin:end] for begin, end in itertools.pairwise(ends)]
        areas.append(shapely.Polygon(parts[0], parts[1:]))
    whole = shapely.unary_union(shapely.make_valid(areas))
    least = SLIVER_CELLS * grid.cell_m**2
    smooth = shapely.make_valid(shapely.simplify(whole, SIMPLIFIED_CELLS * grid.cell_m))
    kept = [part for part in shapely.get_parts(smooth) if part.geom_type == "Polygon" and part.area > least]
    return shapely.MultiPolygon(kept)
