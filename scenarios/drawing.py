"""How do frames become the GeoJSON that is recorded, sent and drawn? Longitude first, rounded to a tenth of a metre."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import shapely.geometry

from gis.crs import as_geographic
from gis.geometry import repair
from gis.provenance import Provenance
from scenarios.events import Json

DECIMALS = 6
"""1e-6 degree is 0.11 m or less: finer than any source of this house."""


def rounded(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """
    `frame` in CGCS2000 degrees with its coordinates rounded as they are recorded.

    What is recorded is also what is computed with afterwards, so that an entry can be checked against itself.
    """
    degrees = as_geographic(frame)
    shapes = shapely.transform(degrees.geometry.to_numpy(), lambda xy: np.round(xy, DECIMALS))
    drawn = degrees.set_geometry(gpd.GeoSeries(shapes, index=degrees.index, crs=degrees.crs))
    return repair(drawn) if not bool(shapely.is_valid(shapes).all()) else drawn


def feature_collection(frame: gpd.GeoDataFrame, **members: Any) -> Json:
    """
    GeoJSON of a frame: every other column becomes a property, NaN becomes null.

    Parameters
    ----------
    members
        Further members of the collection (RFC 7946 §6.1), such as a status.
    """
    drawn = as_geographic(frame)
    table = pd.DataFrame(drawn.drop(columns=drawn.geometry.name))
    features = [
        {"type": "Feature", "geometry": geometry(shape), "properties": plain(row)}
        for shape, row in zip(drawn.geometry, table.to_dict("records"), strict=True)
    ]
    return {"type": "FeatureCollection", **members, "features": features}


def geometry(shape: Any) -> Json | None:
    """GeoJSON geometry with rounded coordinates; None for nothing."""
    if shape is None or shape.is_empty:
        return None
    mapping: Json = shapely.geometry.mapping(shape)
    return {"type": mapping["type"], "coordinates": _positions(mapping["coordinates"])}


def rows(table: pd.DataFrame) -> tuple[Json, ...]:
    """Rows of a table as plain JSON; a column ``geometry`` of points becomes longitude and latitude."""
    if isinstance(table, gpd.GeoDataFrame) and "geometry" in table.columns:
        points = as_geographic(table).geometry
        table = pd.DataFrame(table.drop(columns="geometry"))
        if len(table):
            table = table.assign(longitude=points.x.round(DECIMALS), latitude=points.y.round(DECIMALS))
    return tuple(plain(row) for row in table.to_dict("records"))


def plain(value: Any) -> Any:
    """
    JSON form of numbers, arrays, times and mappings: NaN and infinity become null, numpy numbers become Python's.

    Numbers are cut to nine significant digits, far below what any model here means.
    """
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(part) for part in value]
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, bool | str | int):
        return value
    if isinstance(value, float):
        return float(f"{value:.9g}") if math.isfinite(value) else None
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return str(value)


def origin(provenance: Provenance) -> Json:
    """Provenance as it is recorded."""
    written: Json = plain(provenance.as_json())
    return written


def _positions(coordinates: Iterable[Any]) -> list[Any]:
    return [
        _positions(part) if isinstance(part, list | tuple) else round(float(part), DECIMALS) for part in coordinates
    ]
