"""Which coordinate system is this, and how do I get to another? The only module that names an EPSG code."""

from collections.abc import Callable, Iterable
from functools import cache
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import ArrayLike, NDArray

from gis.datum import Datum as Datum
from gis.errors import InputError

GEOGRAPHIC = "EPSG:4490"
"""CGCS2000 longitude/latitude: what is stored and what crosses every border, longitude first."""
GEOGRAPHIC_SRID = 4490
WGS84 = "EPSG:4326"
"""OpenStreetMap and GPS. Differs from CGCS2000 by centimetres, below anything drawn here; relabelled, never shifted."""
WGS84_SRID = 4326
WEB_MERCATOR = "EPSG:3857"
"""Only for tiles on the wire; never for a length or an area."""
WEB_MERCATOR_SRID = 3857

FloatArray = NDArray[np.float64]
Shift = Callable[[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]


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
        f"+proj=tmerc +lat_0={float(origin.latitude)!r} +lon_0={float(origin.longitude)!r} +k=1 +x_0=0 +y_0=0 "
        "+ellps=GRS80 +units=m +no_defs"
    )


def equal_area_crs(origin: LonLat) -> pyproj.CRS:
    """Metric CRS around `origin` that keeps areas exactly (Lambert azimuthal), for areas only."""
    centre = f"+lat_0={float(origin.latitude)!r} +lon_0={float(origin.longitude)!r}"
    return pyproj.CRS.from_proj4(f"+proj=laea {centre} +ellps=GRS80 +units=m +no_defs")


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


@cache
def _known(name: str) -> pyproj.CRS:
    return pyproj.CRS(name)


def as_geographic(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """
    Return `frame` in CGCS2000 longitude/latitude; WGS 84 is relabelled, everything else is transformed.

    Raises
    ------
    InputError
        The frame has no CRS.
    """
    crs = frame.crs  # asked once: a frame looks through its columns for it
    if crs is None:
        raise InputError("this data has no CRS: say which datum its coordinates are in (wgs84, cgcs2000, gcj02, bd09)")
    if crs == _known(GEOGRAPHIC):
        return frame
    if crs == _known(WGS84):
        return frame.set_crs(GEOGRAPHIC, allow_override=True)
    return frame.to_crs(WGS84).set_crs(GEOGRAPHIC, allow_override=True)


def as_local(frame: gpd.GeoDataFrame, origin: LonLat) -> gpd.GeoDataFrame:
    """Return `frame` in metres around `origin`, for lengths, areas and buffers."""
    geographic = as_geographic(frame)
    return geographic.to_crs(local_metric_crs(origin))


def centre_of(frame: gpd.GeoDataFrame) -> LonLat:
    """Middle of the bounding box of `frame`, which must have rows."""
    west, south, east, north = as_geographic(frame).total_bounds
    return LonLat(float(west + east) / 2, float(south + north) / 2)


def bounds_of(points: Iterable[LonLat]) -> tuple[float, float, float, float]:
    """West, south, east, north of some places."""
    array = np.asarray(list(points), float)
    return (float(array[:, 0].min()), float(array[:, 1].min()), float(array[:, 0].max()), float(array[:, 1].max()))


def gauss_kruger(longitude: float, *, zone_number: bool = False) -> pyproj.CRS:
    """
    CGCS2000 3-degree Gauss-Kruger system of a place, as cadastral and planning drawings use it.

    Parameters
    ----------
    zone_number
        Whether eastings carry the zone number in front (40 497 159 instead of 497 159).

    Raises
    ------
    InputError
        The place lies outside the zones of China (73.5 to 136.5 degrees east).

    Notes
    -----
    EPSG calls northing "X" and puts it first; geopandas and `LocalFrame` give easting first, always.
    """
    zone = int(np.floor(longitude / 3 + 0.5))
    if not 25 <= zone <= 45:
        raise InputError(
            f"longitude {longitude}: the 3-degree Gauss-Kruger zones reach from 73.5 to 136.5 degrees east"
        )
    return pyproj.CRS.from_epsg((4513 if zone_number else 4534) + zone - 25)


_NORTHING_M = (1_900_000.0, 6_100_000.0)
"""Northings of China, 18 to 54 degrees; no easting, with or without its zone number, lies in this range."""
_ZONE_STEP_M = 1_000_000.0


def grid_metres(place: LonLat, *, zone_number: bool = False) -> tuple[float, float]:
    """
    Northing X and easting Y of a place in its 3-degree zone, in that order, as Chinese drawings write them.

    Examples
    --------
    >>> [round(value, 4) for value in grid_metres(LonLat(119.97, 31.81), zone_number=True)]
    [3520784.6479, 40497159.3755]
    """
    to_grid = pyproj.Transformer.from_crs(
        GEOGRAPHIC, gauss_kruger(place.longitude, zone_number=zone_number), always_xy=True
    )
    easting_m, northing_m = to_grid.transform(place.longitude, place.latitude)
    return float(northing_m), float(easting_m)


def place_from_grid(northing_m: float, easting_m: float, *, meridian_deg: int | None = None) -> LonLat:
    """
    Place of a northing X and an easting Y in a 3-degree zone.

    Parameters
    ----------
    easting_m
        With the zone number in front (40 497 159), or without it; then `meridian_deg` says which zone is meant.
    meridian_deg
        Central meridian; not needed when the easting carries the zone number.

    Raises
    ------
    InputError
        Swapped, without a zone, of two zones at once, or outside the zones: asked back, never guessed.
    """
    low, high = _NORTHING_M
    if low <= easting_m <= high and not low <= northing_m <= high:
        raise InputError(
            f"northing X {northing_m:.1f}, easting Y {easting_m:.1f}: they look swapped; X counts north from the "
            "equator (2 to 6 million in China), Y east"
        )
    if not low <= northing_m <= high:
        raise InputError(f"northing X {northing_m:.1f}: China lies between {low:.0f} and {high:.0f} metres")
    zone = int(easting_m // _ZONE_STEP_M)
    if zone == 0 and meridian_deg is None:
        raise InputError(f"easting Y {easting_m:.1f} carries no zone number: say which central meridian is meant")
    if zone and meridian_deg is not None and zone * 3 != meridian_deg:
        raise InputError(f"easting Y {easting_m:.1f} is of zone {zone}, whose central meridian is not {meridian_deg}")
    if zone and not 25 <= zone <= 45:
        raise InputError(f"easting Y {easting_m:.1f}: zone {zone} is no 3-degree zone of China (25 to 45)")
    system = gauss_kruger(zone * 3 if zone else float(meridian_deg or 0), zone_number=bool(zone))
    from_grid = pyproj.Transformer.from_crs(system, GEOGRAPHIC, always_xy=True)
    longitude, latitude = from_grid.transform(easting_m, northing_m)
    return LonLat(float(longitude), float(latitude)).checked()


# -- the offsets of Chinese web maps ------------------------------------------------------------------------------

_KRASSOVSKY_M = 6378245.0
_ECCENTRICITY_2 = 0.00669342162296594323
_INVERSE_STEPS = 5  # 6e-14 degrees left after five, 5e-5 (5.5 m) after the single step most published snippets make

_SERVICE_AREA = (
    # Where the offset is applied: a coarse outline, some 20 km off the borders. It is no statement about borders.
    (73.5, 39.4), (73.9, 38.4), (74.9, 37.2), (75.9, 36.6), (76.0, 35.9), (77.8, 35.4), (78.3, 34.5), (79.0, 33.2),
    (78.5, 32.4), (78.8, 31.3), (80.3, 30.4), (81.3, 30.0), (82.2, 30.2), (84.1, 29.1), (85.8, 28.1), (87.0, 27.9),
    (88.7, 27.9), (89.0, 27.2), (89.7, 28.1), (91.6, 27.7), (93.9, 26.8), (95.4, 27.9), (97.3, 27.8), (97.5, 28.4),
    (98.5, 27.6), (98.6, 25.9), (97.5, 24.5), (97.6, 23.9), (98.8, 23.9), (99.3, 22.9), (99.2, 22.1), (100.1, 21.4),
    (101.1, 21.5), (101.7, 21.1), (101.8, 22.4), (102.4, 22.7), (103.0, 22.5), (104.0, 22.5), (105.3, 23.3),
    (106.6, 22.9), (106.7, 21.97), (108.05, 21.5), (108.3, 20.5), (108.0, 18.3), (109.5, 17.8), (111.5, 19.5),
    (114.5, 21.7), (117.5, 22.8), (119.6, 21.5), (121.3, 21.6), (122.3, 24.9), (122.3, 30.0), (123.0, 37.5),
    (121.6, 38.4), (123.6, 39.5), (124.25, 39.9), (125.2, 40.55), (126.0, 40.9), (126.4, 41.2), (126.9, 41.7),
    (128.1, 41.95), (129.2, 42.1), (129.75, 42.45), (130.1, 42.95), (130.6, 42.4), (131.0, 42.9), (131.3, 43.5),
    (131.2, 44.7), (131.9, 45.3), (133.1, 45.1), (134.0, 46.5), (134.8, 47.7), (135.1, 48.45), (134.3, 48.42),
    (132.6, 47.85), (131.0, 47.75), (130.6, 48.9), (127.9, 49.6), (127.6, 50.15), (127.52, 50.28), (127.2, 50.7),
    (126.0, 52.8), (123.6, 53.6), (120.9, 53.35), (119.9, 52.6), (120.7, 52.0), (119.2, 50.3), (117.8, 49.55),
    (116.6, 49.85), (115.6, 47.9), (118.5, 47.9), (119.8, 46.8), (116.6, 46.3), (114.5, 45.4), (112.0, 45.1),
    (111.8, 43.7), (109.6, 42.45), (105.0, 41.6), (101.0, 42.65), (96.4, 42.75), (95.4, 44.25), (91.0, 45.2),
    (90.8, 46.9), (88.0, 48.5), (87.3, 49.15), (85.8, 48.3), (85.6, 47.2), (83.0, 47.2), (82.4, 45.4), (80.4, 45.05),
    (80.2, 42.2), (76.9, 41.0), (75.0, 40.4),
)  # fmt: skip


@cache
def _service_area() -> shapely.Polygon:
    area = shapely.Polygon(_SERVICE_AREA)
    shapely.prepare(area)
    return area


def _offset(longitude: FloatArray, latitude: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Degrees by which GCJ-02 lies east and north of WGS 84 (the published series, valid everywhere)."""
    x, y = longitude - 105.0, latitude - 35.0
    pi = np.pi
    common = 20 * np.sin(6 * pi * x) + 20 * np.sin(2 * pi * x)
    north = -100 + 2 * x + 3 * y + 0.2 * y**2 + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    north += (common + 20 * np.sin(pi * y) + 40 * np.sin(pi * y / 3)) * 2 / 3
    north += (160 * np.sin(pi * y / 12) + 320 * np.sin(pi * y / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x**2 + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
    east += (common + 20 * np.sin(pi * x) + 40 * np.sin(pi * x / 3)) * 2 / 3
    east += (150 * np.sin(pi * x / 12) + 300 * np.sin(pi * x / 30)) * 2 / 3
    phi = np.radians(latitude)
    m = 1 - _ECCENTRICITY_2 * np.sin(phi) ** 2
    north_deg = north * 180 / (_KRASSOVSKY_M * (1 - _ECCENTRICITY_2) / m**1.5 * pi)
    east_deg = east * 180 / (_KRASSOVSKY_M / np.sqrt(m) * np.cos(phi) * pi)
    return east_deg, north_deg


def gcj02_from_wgs84(longitude: ArrayLike, latitude: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """
    True degrees -> 火星坐标, any broadcastable shapes; outside China nothing is changed.

    >>> [round(float(value), 9) for value in gcj02_from_wgs84(119.974, 31.811)]
    [119.978750025, 31.808959005]
    """
    lon, lat = np.broadcast_arrays(np.asarray(longitude, float), np.asarray(latitude, float))
    east, north = _offset(lon, lat)
    inside = shapely.contains_xy(_service_area(), lon, lat)
    return np.where(inside, lon + east, lon), np.where(inside, lat + north, lat)


def wgs84_from_gcj02(longitude: ArrayLike, latitude: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """火星坐标 -> true degrees, iterated (left over: 1e-13 degrees); outside China nothing is changed."""
    lon, lat = np.broadcast_arrays(np.asarray(longitude, float), np.asarray(latitude, float))
    true_lon, true_lat = lon, lat
    for _ in range(_INVERSE_STEPS):
        east, north = _offset(true_lon, true_lat)
        true_lon, true_lat = lon - east, lat - north
    # The true place decides, as on the way there, so that the two ways fit together at the edge.
    inside = shapely.contains_xy(_service_area(), true_lon, true_lat)
    return np.where(inside, true_lon, lon), np.where(inside, true_lat, lat)


_BAIDU_RATE = np.pi * 3000.0 / 180.0


def bd09_from_gcj02(longitude: ArrayLike, latitude: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """火星坐标 -> 百度坐标."""
    x, y = np.broadcast_arrays(np.asarray(longitude, float), np.asarray(latitude, float))
    radius = np.hypot(x, y) + 2e-5 * np.sin(y * _BAIDU_RATE)
    angle = np.arctan2(y, x) + 3e-6 * np.cos(x * _BAIDU_RATE)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def gcj02_from_bd09(longitude: ArrayLike, latitude: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """百度坐标 -> 火星坐标, iterated: the usual closed form leaves up to 1e-7 degrees."""
    lon, lat = np.broadcast_arrays(np.asarray(longitude, float), np.asarray(latitude, float))
    x, y = lon - 0.0065, lat - 0.006
    for _ in range(_INVERSE_STEPS):
        there_lon, there_lat = bd09_from_gcj02(x, y)
        x, y = x + lon - there_lon, y + lat - there_lat
    return x, y


def wgs84_from_bd09(longitude: ArrayLike, latitude: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """百度坐标 -> true degrees."""
    return wgs84_from_gcj02(*gcj02_from_bd09(longitude, latitude))


def bd09_from_wgs84(longitude: ArrayLike, latitude: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """True degrees -> 百度坐标; only for handing to a Baidu service, never for keeping."""
    return bd09_from_gcj02(*gcj02_from_wgs84(longitude, latitude))


_TO_TRUE: dict[Datum, Shift] = {"gcj02": wgs84_from_gcj02, "bd09": wgs84_from_bd09}
_FROM_TRUE: dict[Datum, Shift] = {"gcj02": gcj02_from_wgs84, "bd09": bd09_from_wgs84}


def from_datum(frame: gpd.GeoDataFrame, datum: Datum) -> gpd.GeoDataFrame:
    """Return `frame`, whose degrees mean `datum` whatever its CRS label says, in CGCS2000 degrees."""
    if (shift := _TO_TRUE.get(datum)) is None:
        return frame.set_crs(GEOGRAPHIC, allow_override=True)
    return _shifted(frame, shift).set_crs(GEOGRAPHIC, allow_override=True)


def into_datum(frame: gpd.GeoDataFrame, datum: Datum) -> gpd.GeoDataFrame:
    """Return `frame` with degrees meaning `datum`; without a CRS for gcj02 and bd09, which no register knows."""
    degrees = as_geographic(frame)
    if (shift := _FROM_TRUE.get(datum)) is None:
        return degrees if datum == "cgcs2000" else degrees.set_crs(WGS84, allow_override=True)
    return _shifted(degrees, shift).set_crs(None, allow_override=True)


def _shifted(frame: gpd.GeoDataFrame, shift: Shift) -> gpd.GeoDataFrame:
    moved = shapely.transform(frame.geometry.to_numpy(), lambda xy: np.column_stack(shift(xy[:, 0], xy[:, 1])))
    return frame.set_geometry(gpd.GeoSeries(moved, index=frame.index, crs=frame.crs))
