"""Which coordinate system is this, and how do I get to another? The only module that names an EPSG code."""

from collections.abc import Iterable
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pyproj
from numpy.typing import ArrayLike, NDArray

from gis.errors import InputError

FloatArray = NDArray[np.float64]

GEOGRAPHIC = "EPSG:4490"
"""CGCS2000 longitude/latitude: what is stored and what crosses every border, longitude first."""
GEOGRAPHIC_SRID = 4490
WGS84 = "EPSG:4326"
"""OpenStreetMap and GPS. Differs from CGCS2000 by centimetres, below anything drawn here; relabelled, never shifted."""
WEB_MERCATOR = "EPSG:3857"
"""Only for tiles on the wire; never for a length or an area."""
WEB_MERCATOR_SRID = 3857


class LonLat(NamedTuple):
    """A place: longitude first, always. Degrees, CGCS2000."""

    longitude: float
    latitude: float

    def checked(self) -> "LonLat":
        """
        Return self, or raise when the numbers cannot be a longitude and a latitude.

        Raises
        ------
        InputError
            Out of range, not finite, or probably swapped.
        """
        if not (np.isfinite(self.longitude) and np.isfinite(self.latitude)):
            raise InputError(f"longitude {self.longitude}, latitude {self.latitude}: both must be finite numbers")
        if abs(self.latitude) > 90 and abs(self.longitude) <= 90:
            raise InputError(f"latitude {self.latitude} is impossible: longitude and latitude look swapped")
        if abs(self.longitude) > 180 or abs(self.latitude) > 90:
            place = f"longitude {self.longitude}, latitude {self.latitude}"
            raise InputError(f"{place}: outside -180..180, -90..90 degrees")
        return self


def local_metric_crs(origin: LonLat) -> pyproj.CRS:
    """
    Metric CRS centred on `origin`: x east, y north, metres; scale error below 1e-4 within 100 km.

    Transverse Mercator with its own central meridian and scale 1, on the CGCS2000 ellipsoid.
    """
    return pyproj.CRS.from_proj4(
        f"+proj=tmerc +lat_0={origin.latitude!r} +lon_0={origin.longitude!r} +k=1 +x_0=0 +y_0=0 "
        "+ellps=GRS80 +units=m +no_defs"
    )


class LocalFrame:
    """Metres east and north of an origin, and back. Vectorised; build once per origin."""

    def __init__(self, origin: LonLat) -> None:
        self.origin = origin.checked()
        self.crs = local_metric_crs(self.origin)
        # TM needs no datum shift from its own ellipsoid's degrees; the pipeline below is pure projection.
        self._projection = pyproj.Proj(self.crs)

    def to_metres(self, longitude: ArrayLike, latitude: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Degrees (any broadcastable shapes) -> metres east, metres north."""
        x, y = self._projection(np.asarray(longitude, float), np.asarray(latitude, float))
        return np.asarray(x), np.asarray(y)

    def to_degrees(self, east_m: ArrayLike, north_m: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Metres east and north -> longitude, latitude in degrees."""
        lon, lat = self._projection(np.asarray(east_m, float), np.asarray(north_m, float), inverse=True)
        return np.asarray(lon), np.asarray(lat)


def as_geographic(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """
    Return `frame` in CGCS2000 longitude/latitude; WGS 84 is relabelled, everything else is transformed.

    Raises
    ------
    InputError
        The frame has no CRS.
    """
    if frame.crs is None:
        raise InputError("this data has no CRS: say which datum its coordinates are in (wgs84, cgcs2000, gcj02, bd09)")
    if frame.crs == pyproj.CRS(GEOGRAPHIC):
        return frame
    if frame.crs == pyproj.CRS(WGS84):
        return frame.set_crs(GEOGRAPHIC, allow_override=True)
    return frame.to_crs(WGS84).set_crs(GEOGRAPHIC, allow_override=True)


def as_local(frame: gpd.GeoDataFrame, origin: LonLat) -> gpd.GeoDataFrame:
    """Return `frame` in metres around `origin`, for lengths, areas and buffers."""
    geographic = as_geographic(frame)
    return geographic.to_crs(local_metric_crs(origin))


def centre_of(frame: gpd.GeoDataFrame) -> LonLat:
    """Middle of the bounding box of `frame`, which must have rows."""
    west, south, east, north = as_geographic(frame).total_bounds
    return LonLat((west + east) / 2, (south + north) / 2)


def bounds_of(points: Iterable[LonLat]) -> tuple[float, float, float, float]:
    """West, south, east, north of some places."""
    array = np.asarray(list(points), float)
    return (float(array[:, 0].min()), float(array[:, 1].min()), float(array[:, 0].max()), float(array[:, 1].max()))
