"""How do files become frames and frames files, with nothing entering whose coordinates are not understood?"""

from pathlib import Path
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

from gis.crs import WGS84, Datum, as_geographic, from_datum
from gis.errors import InputError, MissingError

Kind = Literal["csv", "geojson", "gpkg", "parquet", "shapefile"]
KINDS: dict[str, Kind] = {
    ".csv": "csv",
    ".geojson": "geojson",
    ".json": "geojson",
    ".gpkg": "gpkg",
    ".parquet": "parquet",
    ".shp": "shapefile",
}
SAYS_NOTHING: frozenset[Kind] = frozenset({"csv", "geojson"})
"""Formats whose files do not say what their degrees mean: the caller must."""

LONGITUDE_NAMES = ("longitude", "lon", "lng", "long", "x", "经度")
LATITUDE_NAMES = ("latitude", "lat", "y", "纬度")
WKT_NAMES = ("wkt", "geometry")
ENCODINGS = ("utf-8-sig", "gb18030")
"""Tried in this order; text saved by Chinese office programs is often GB 18030."""


def read(
    path: Path,
    *,
    datum: Datum | None = None,
    layer: str | None = None,
    longitude: str | None = None,
    latitude: str | None = None,
) -> gpd.GeoDataFrame:
    """
    Read a file of points, lines or areas into CGCS2000 degrees.

    Parameters
    ----------
    datum
        What the degrees mean: cgcs2000, wgs84, gcj02 or bd09. Required for CSV and GeoJSON, which cannot say; for other
        formats it overrules a longitude/latitude label, because files from web maps are often labelled WGS 84.
    layer
        Layer of a GeoPackage that has several.
    longitude, latitude
        Names of the coordinate columns of a CSV; found by their usual names when left out.

    Raises
    ------
    MissingError
        No such file.
    InputError
        Unknown format, unreadable, no coordinate system and no `datum`, or coordinates that are not degrees.
    """
    if not path.exists():
        raise MissingError(f"{path} is not there")
    kind = KINDS.get(path.suffix.lower())
    if kind is None:
        raise InputError(f"{path.name}: format '{path.suffix}' is not read; use {', '.join(KINDS)}")
    if datum is None and kind in SAYS_NOTHING:
        raise InputError(
            f"{path.name}: a {kind} file does not say what its degrees mean; say cgcs2000, wgs84, gcj02 or bd09"
        )
    frame = _read(path, kind, layer=layer, longitude=longitude, latitude=latitude)
    if datum is None:
        if frame.crs is None:
            raise InputError(f"{path.name}: it has no coordinate system; say cgcs2000, wgs84, gcj02 or bd09")
        return as_geographic(frame)
    if frame.crs is not None and not frame.crs.is_geographic:
        raise InputError(f"{path.name}: it is in {frame.crs.name}, so its coordinates are not {datum} degrees")
    _check_degrees(frame, path.name)
    return from_datum(frame, datum)


def write(frame: gpd.GeoDataFrame, path: Path) -> None:
    """
    Write `frame` in CGCS2000 degrees, in the format its name ends in; GeoJSON carries WGS 84 as RFC 7946 asks.

    Raises
    ------
    InputError
        Unknown format.
    """
    kind = KINDS.get(path.suffix.lower())
    degrees = as_geographic(frame)
    if kind == "csv":
        points = degrees.geometry.geom_type.eq("Point").all()
        table = pd.DataFrame(degrees.drop(columns=degrees.geometry.name))
        if points:
            table = table.assign(longitude=degrees.geometry.x, latitude=degrees.geometry.y)
        else:
            table = table.assign(wkt=degrees.geometry.to_wkt(rounding_precision=9))
        _guard_formulas(table).to_csv(path, index=False, encoding="utf-8-sig")
    elif kind == "parquet":
        degrees.to_parquet(path)
    elif kind == "geojson":
        degrees.set_crs(WGS84, allow_override=True).to_file(path, driver="GeoJSON", engine="pyogrio")
    elif kind is not None:
        driver = {"gpkg": "GPKG", "shapefile": "ESRI Shapefile"}[kind]
        options = {"encoding": "UTF-8"} if kind == "shapefile" else {}
        degrees.to_file(path, driver=driver, engine="pyogrio", **options)
    else:
        raise InputError(f"{path.name}: format '{path.suffix}' is not written; use {', '.join(KINDS)}")


def _read(
    path: Path, kind: Kind, *, layer: str | None, longitude: str | None, latitude: str | None
) -> gpd.GeoDataFrame:
    try:
        if kind == "csv":
            return _read_csv(path, longitude, latitude)
        if kind == "parquet":
            return gpd.read_parquet(path)
        return gpd.read_file(path, engine="pyogrio", **({"layer": layer} if layer else {}))
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError, OSError) as error:
        raise InputError(f"{path.name}: not readable as {kind}: {str(error).splitlines()[0]}") from error


def _read_csv(path: Path, longitude: str | None, latitude: str | None) -> gpd.GeoDataFrame:
    content = path.read_bytes()
    for encoding in ENCODINGS:
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        break
    else:
        raise InputError(f"{path.name}: its text is neither UTF-8 nor GB 18030")
    table = pd.read_csv(path, encoding=encoding, dtype_backend="numpy_nullable")
    names = {str(column).strip().lower(): str(column) for column in table.columns}
    wkt = next((names[name] for name in WKT_NAMES if name in names), None)
    x = longitude or next((names[name] for name in LONGITUDE_NAMES if name in names), None)
    y = latitude or next((names[name] for name in LATITUDE_NAMES if name in names), None)
    if x in table.columns and y in table.columns:
        numbers = table[[x, y]].apply(pd.to_numeric, errors="coerce").astype("Float64").to_numpy(float, na_value=np.nan)
        faulty = np.flatnonzero(~np.isfinite(numbers).all(axis=1))
        if faulty.size:
            lines = ", ".join(str(row + 2) for row in faulty[:10])
            raise InputError(f"{path.name}: no usable coordinates in {faulty.size} rows, first in lines {lines}")
        geometry = gpd.points_from_xy(numbers[:, 0], numbers[:, 1])
        return gpd.GeoDataFrame(table.drop(columns=[x, y]), geometry=geometry)
    if wkt is not None:
        shapes = gpd.GeoSeries.from_wkt(table[wkt].astype(object))
        return gpd.GeoDataFrame(table.drop(columns=[wkt]), geometry=shapes)
    found = ", ".join(map(str, table.columns))
    raise InputError(f"{path.name}: no coordinate columns among {found}; name them longitude and latitude")


def _check_degrees(frame: gpd.GeoDataFrame, name: str) -> None:
    bounds = frame.total_bounds
    if not np.isfinite(bounds).all():
        return
    west, south, east, north = bounds
    if west < -180 or east > 180 or south < -90 or north > 90:
        swapped = south >= -180 and north <= 180 and west >= -90 and east <= 90
        hint = "longitude and latitude look swapped" if swapped else "these are not degrees"
        raise InputError(f"{name}: coordinates reach from {west:g}, {south:g} to {east:g}, {north:g}: {hint}")


def _guard_formulas(table: pd.DataFrame) -> pd.DataFrame:
    """Put an apostrophe before text that a spreadsheet would run as a formula (OWASP ASVS 5.0, 1.2.10)."""
    guarded = table.copy()
    for column in guarded.columns[[not pd.api.types.is_numeric_dtype(kind) for kind in guarded.dtypes]]:
        values = guarded[column]
        risky = values.map(lambda value: isinstance(value, str) and value[:1] in tuple("=+-@\t\r\0")).astype(bool)
        guarded[column] = values.where(~risky, "'" + values.astype(str))
    return guarded
