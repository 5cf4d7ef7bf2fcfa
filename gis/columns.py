"""Which columns must a frame carry to cross a border between rooms?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import pandas as pd

from gis.errors import InputError

ColumnKind = Literal["text", "number", "integer", "bool", "any"]


@dataclass(frozen=True, slots=True)
class Columns:
    """
    Declared columns of a GeoDataFrame that crosses a border.

    Attributes
    ----------
    name
        What the frame is, for the error sentence.
    kinds
        Column name -> kind. Further columns are welcome.
    geometry_types
        Allowed shapely type names; empty means any.
    """

    name: str
    kinds: Mapping[str, ColumnKind]
    geometry_types: frozenset[str] = frozenset()

    def check(self, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """
        Return `frame` unchanged, or raise one error naming every fault.

        Raises
        ------
        InputError
            Missing columns, wrong kinds, no CRS, or wrong geometry types.
        """
        faults = [f"{self.name}: column '{column}' is missing" for column in self.kinds if column not in frame.columns]
        for column, kind in self.kinds.items():
            if column in frame.columns and not _is_kind(frame[column], kind):
                faults.append(f"{self.name}: column '{column}' must be {kind}, is {frame[column].dtype}")
        if "geometry" not in frame.columns:
            faults.append(f"{self.name}: no geometry column")
        else:
            if frame.crs is None:
                faults.append(f"{self.name}: no CRS; say which datum the coordinates are in")
            if self.geometry_types:
                found = set(frame.geometry.geom_type.dropna().unique()) - self.geometry_types
                faults.extend(f"{self.name}: geometry of type {bad} is not allowed" for bad in sorted(found))
        if faults:
            raise InputError(faults)
        return frame

    def empty(self, crs: str) -> gpd.GeoDataFrame:
        """Build a frame without rows that passes `check`."""
        dtypes = {"text": "object", "number": "float64", "integer": "int64", "bool": "bool", "any": "object"}
        data = {column: pd.Series([], dtype=dtypes[kind]) for column, kind in self.kinds.items()}
        return gpd.GeoDataFrame(data, geometry=gpd.GeoSeries([], crs=crs), crs=crs)


def _is_kind(series: pd.Series, kind: ColumnKind) -> bool:
    if kind == "any" or series.empty:
        return True
    if kind == "number":
        return pd.api.types.is_numeric_dtype(series)
    if kind == "integer":
        return pd.api.types.is_integer_dtype(series)
    if kind == "bool":
        return pd.api.types.is_bool_dtype(series)
    return pd.api.types.is_string_dtype(series) or pd.api.types.is_object_dtype(series)


_AREAS = frozenset({"Polygon", "MultiPolygon"})
_POINTS = frozenset({"Point"})

ZONES = Columns(
    "zones",
    {
        "kind": "text",  # toxic | flammable | thermal | overpressure
        "level": "integer",  # 3 is the worst; level 3 lies within 2 within 1
        "level_name": "text",  # "AEGL-3"
        "threshold": "number",
        "unit": "text",  # ppm | mg/m3 | kW/m2 | kPa | fraction
        "averaging_s": "number",
        "trust": "text",  # provenance.Trust of the threshold
        "arrival_s": "number",  # first arrival anywhere in the zone, seconds after release start
        "reach_m": "number",  # largest distance from the source
        "geometry": "any",
    },
    _AREAS,
)
"""Cumulative hazard zones, lon/lat: what `plume` gives and `layers.exposure`, `routing.closures` take."""

PEOPLE = Columns("people", {"day": "number", "night": "number", "geometry": "any"})
"""Population cells (polygons) or places (points) with people by day and by night."""

FACILITIES = Columns("facilities", {"id": "text", "name": "text", "kind": "text", "people": "number"}, _POINTS)
"""Protection targets 防护目标: school, hospital, home for the aged, market …"""

TEAMS = Columns("teams", {"id": "text", "name": "text", "kind": "text"}, _POINTS)
"""Response teams 处置力量: fire, hazmat, medical …"""

SHELTERS = Columns("shelters", {"id": "text", "name": "text", "capacity": "integer"}, _POINTS)
"""Shelters 避难场所; an optional column `occupancy` counts places already taken."""

BLOCKS = Columns("blocks", {"id": "text", "name": "text", "people": "integer"}, _POINTS)
"""Places people leave from in an evacuation."""
