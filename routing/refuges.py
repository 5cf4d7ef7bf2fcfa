"""How many places does each shelter offer, and which must not be used?"""

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gis.crs import LocalFrame, LonLat
from routing.view import View

DOWNWIND_M = 10_000.0
"""How far downwind of the zone no shelter is used: a setting."""
DOWNWIND_HALF_ANGLE_DEG = 15.0


def rooms(
    view: View, shelters: gpd.GeoDataFrame, reserve: float, wind_from_deg: float | None, hazard_area: Any = None
) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    """
    Usable places of each shelter and the reason why one is excluded ("" for none).

    A shelter inside the closed ground, inside any forecast cloud, or downwind of the closed ground is never used.
    """
    capacity = shelters["capacity"].to_numpy(np.int64)
    taken = shelters["occupancy"].fillna(0).to_numpy(np.int64) if "occupancy" in shelters.columns else 0
    free = np.maximum(capacity - taken, 0)
    room = np.floor(free * (1.0 - reserve)).astype(np.int64)
    excluded = np.full(len(shelters), "", dtype=object)
    for i, point in enumerate(shelters.geometry):
        at = LonLat(float(point.x), float(point.y))
        if view.contains(*at):
            excluded[i] = "inside_closed_area"
        elif hazard_area is not None and shapely.intersects(hazard_area, point):
            excluded[i] = "inside_hazard"
        elif wind_from_deg is not None and view.area is not None and _downwind(view.area, at, wind_from_deg):
            excluded[i] = "downwind_of_zone"
        elif room[i] <= 0:
            excluded[i] = "full"
    room[excluded != ""] = 0
    return room, excluded


def _downwind(area: Any, at: LonLat, wind_from_deg: float) -> bool:
    """Whether somebody at the shelter who looks into the wind sees the zone within the sector."""
    frame = LocalFrame(at)
    bearings = np.radians(wind_from_deg + np.linspace(-DOWNWIND_HALF_ANGLE_DEG, DOWNWIND_HALF_ANGLE_DEG, 7))
    lon, lat = frame.to_degrees(DOWNWIND_M * np.sin(bearings), DOWNWIND_M * np.cos(bearings))
    sector = shapely.Polygon([tuple(at), *zip(lon.tolist(), lat.tolist(), strict=True)])
    return bool(shapely.intersects(area, sector))
