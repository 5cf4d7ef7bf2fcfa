"""How is a part of a road's line cut out?"""

import numpy as np

from gis.crs import FloatArray
from routing.measure import metres_per_degree_at
from routing.network import Network


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


def _leg_lengths(network: Network, segment: int) -> FloatArray:
    a, b = int(network.shape_offset[segment]), int(network.shape_offset[segment + 1])
    lon, lat = np.asarray(network.shape_lon[a:b]), np.asarray(network.shape_lat[a:b])
    east, north = metres_per_degree_at(float(lat[0]))
    return np.asarray(np.hypot(np.diff(lon) * east, np.diff(lat) * north))
