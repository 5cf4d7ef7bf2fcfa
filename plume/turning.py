"""Where does the gas come by while the wind turns? Zones from the frames of a changing wind."""

import geopandas as gpd
import numpy as np
import shapely

from gis.crs import LocalFrame
from plume import contours, frames, zones
from plume.case import Case

FRAMES = 90
CELLS = 400


def follow(case: Case, rows: gpd.GeoDataFrame, thresholds_kg_m3: dict[str, float]) -> gpd.GeoDataFrame:
    """
    The zones of a case redrawn around everything the cloud passes over as the wind of the series turns.

    Parameters
    ----------
    rows
        Zones along the first wind (``gis.columns.ZONES``), worst first.
    thresholds_kg_m3
        Level name -> concentration.

    Returns
    -------
    rows
        The same rows with `geometry` and `reach_m` of the turning wind; a level too small for the grid keeps its own.
    """
    done = frames.frames_of(case, count=FRAMES, cells=CELLS, model="gaussian")
    passed = done.concentration_mg_m3.max(axis=0).astype(float)
    frame = LocalFrame(case.incident.place)
    shapes: list[shapely.Geometry] = []
    reach: list[float] = []
    inner: shapely.Geometry = shapely.Polygon()
    for row in rows.itertuples():
        first = shapely.transform(row.geometry, lambda xy: np.column_stack(frame.to_metres(xy[:, 0], xy[:, 1])))
        area = contours.above(done.grid, passed, thresholds_kg_m3[row.level_name] * 1e6)
        whole = first if shapely.is_empty(area) else area
        if not shapely.is_empty(inner):
            whole = shapely.union(whole, shapely.buffer(inner, zones.NESTING_M))
        shapes.append(zones.to_degrees(whole, frame))
        reach.append(float(shapely.hausdorff_distance(whole, shapely.Point(0, 0))))
        inner = whole
    return rows.assign(geometry=gpd.GeoSeries(shapes, index=rows.index, crs=rows.crs), reach_m=reach)
