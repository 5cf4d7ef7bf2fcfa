"""Where do the people in the zones leave from? Population cells gathered into blocks that lose nobody."""

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gis.columns import BLOCKS
from gis.crs import GEOGRAPHIC, FloatArray, LocalFrame, centre_of
from layers.apportion import largest_remainder
from layers.exposure import share_inside

SMALLEST_M = 300.0
MOST_BLOCKS = 60
"""More ways out than this cannot be read on a map or given to anybody as an order."""
GROWTH = 1.4


def blocks(people: gpd.GeoDataFrame, area: BaseGeometry, total: int, *, day: bool) -> gpd.GeoDataFrame:
    """
    Blocks (``gis.columns.BLOCKS``) of the people in `area`; whole numbers that sum to `total` exactly.

    Cells are gathered on a square mesh, as fine as `MOST_BLOCKS` allows; a block stands at its fullest cell.

    Parameters
    ----------
    people
        ``gis.columns.PEOPLE`` in lon/lat, like `area`.
    total
        People in the area as the exposure counted them, so that both say the same.
    """
    inside = people["day" if day else "night"].to_numpy(float) * share_inside(people.geometry.to_numpy(), area)
    held = np.flatnonzero(inside > 0)
    if not len(held) or total <= 0:
        return BLOCKS.empty(GEOGRAPHIC)
    shapes = people.geometry.to_numpy()[held]
    # A cell cut by the edge of the area is represented by its part inside.
    points = shapely.point_on_surface(shapely.intersection(shapes, area))
    east, north = LocalFrame(centre_of(people)).to_metres(shapely.get_x(points), shapely.get_y(points))
    owner = _gathered(east, north)
    number = int(owner.max()) + 1
    sums = np.bincount(owner, weights=inside[held], minlength=number)
    order = np.lexsort((-inside[held], owner))
    fullest = order[np.searchsorted(owner[order], np.arange(number))]
    frame = gpd.GeoDataFrame(
        {
            "id": [f"B{n:02d}" for n in range(1, number + 1)],
            "name": "",
            "people": largest_remainder(sums, total),
        },
        geometry=points[fullest],
        crs=people.crs,
    )
    return frame[frame["people"] > 0].reset_index(drop=True)


def _gathered(east_m: FloatArray, north_m: FloatArray) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """Number of the mesh square of each point, 0 … n - 1, on the finest mesh with few enough squares."""
    side_m = SMALLEST_M
    while True:
        squares = np.column_stack((np.floor(north_m / side_m), np.floor(east_m / side_m)))
        found, owner = np.unique(squares, axis=0, return_inverse=True)
        if len(found) <= MOST_BLOCKS:
            return np.asarray(owner.ravel(), np.int64)
        side_m *= GROWTH
