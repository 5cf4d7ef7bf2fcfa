"""How long is a line given in degrees?"""

import math
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.crs import FloatArray

_DEGREE = math.radians(1.0)
_A = 6378137.0  # GRS80 semi-major axis, m
_E2 = 0.00669438002290  # GRS80 first eccentricity squared


def metres_per_degree(latitude: NDArray[np.floating]) -> tuple[FloatArray, FloatArray]:
    """
    Metres per degree of longitude and of latitude on the GRS80 ellipsoid.

    From the radii of curvature in the prime vertical and in the meridian (Torge, Geodesy, eq. 4.13 and 4.14).
    """
    phi = np.radians(np.asarray(latitude, float))
    w2 = 1.0 - _E2 * np.sin(phi) ** 2
    east = _A / np.sqrt(w2) * np.cos(phi)
    north = _A * (1.0 - _E2) / w2**1.5
    return np.radians(1.0) * east, np.radians(1.0) * north


def metres_per_degree_at(latitude: float) -> tuple[float, float]:
    """`metres_per_degree` of one latitude, without the cost of arrays."""
    phi = math.radians(latitude)
    w2 = 1.0 - _E2 * math.sin(phi) ** 2
    return _DEGREE * _A / math.sqrt(w2) * math.cos(phi), _DEGREE * _A * (1.0 - _E2) / w2**1.5


def leg_lengths_m(lon0: FloatArray, lat0: FloatArray, lon1: FloatArray, lat1: FloatArray) -> FloatArray:
    """Length in metres of straight legs between points; error below 1e-6 for legs up to some kilometres."""
    east, north = metres_per_degree((lat0 + lat1) / 2)
    return np.asarray(np.hypot((lon1 - lon0) * east, (lat1 - lat0) * north))


def line_lengths_m(offset: NDArray[np.int64], lon: FloatArray, lat: FloatArray) -> FloatArray:
    """Lengths in metres of ragged lines: vertices of line i stand at ``offset[i]:offset[i + 1]``."""
    lon, lat = np.asarray(lon, float), np.asarray(lat, float)
    legs = np.zeros(len(lon))
    if len(lon) > 1:
        legs[1:] = leg_lengths_m(lon[:-1], lat[:-1], lon[1:], lat[1:])
    legs[offset[:-1]] = 0.0  # a step from one line to the next is not a leg
    along = np.concatenate([[0.0], np.cumsum(legs)])
    return np.asarray(along[offset[1:]] - along[offset[:-1]])


def area_m2(shape: Any) -> float:
    """
    Area in square metres of a polygon given in degrees.

    Integrates M N cos(latitude) in closed form (Snyder, Map Projections, USGS 1395, eq. 3-12 for the authalic q).
    """
    e = np.sqrt(_E2)

    def equal_area(coords: FloatArray) -> FloatArray:
        sin = np.sin(np.radians(coords[:, 1]))
        y = _A**2 * (1 - _E2) / 2 * (sin / (1 - _E2 * sin**2) + np.arctanh(e * sin) / e)
        return np.column_stack([np.radians(coords[:, 0]), y])

    return float(shapely.area(shapely.transform(shape, equal_area)))
