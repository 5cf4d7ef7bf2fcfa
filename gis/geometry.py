"""How are shapes repaired, cut and built, all at once and in metres?"""

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from gis.crs import LocalFrame, LonLat, equal_area_crs

Shapes = NDArray[np.object_]
ARC_STEP_DEG = 2.0
"""Corners of an arc every two degrees: the chord lies at most 0.02 % of the radius inside the circle."""


def repair(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """
    Return `frame` with valid shapes of the dimension they came with; rows left without a shape are dropped.

    A bow-tie becomes two triangles; a line that falls out of a repaired polygon is thrown away.
    """
    shapes = frame.geometry.to_numpy()
    faulty = ~shapely.is_valid(shapes) & ~shapely.is_missing(shapes)
    if faulty.any():
        repaired = shapes.copy()
        repaired[faulty] = shapely.make_valid(shapes[faulty])
        repaired[faulty] = _of_dimension(repaired[faulty], shapely.get_dimensions(shapes[faulty]))
        frame = frame.set_geometry(gpd.GeoSeries(repaired, index=frame.index, crs=frame.crs))
        shapes = repaired
    return frame[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]


def _of_dimension(shapes: Shapes, dimensions: NDArray[np.integer]) -> Shapes:
    """Keep the parts of each shape that have its dimension (0 points, 1 lines, 2 areas); an empty shape if none has."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    keep = shapely.get_dimensions(parts) == dimensions[owner]
    answer = np.full(len(shapes), shapely.GeometryCollection(), dtype=object)
    for index in np.unique(owner[keep]):  # only the shapes that were broken come here
        chosen = parts[keep & (owner == index)]
        answer[index] = chosen[0] if len(chosen) == 1 else shapely.union_all(chosen)
    return answer


def clip(frame: gpd.GeoDataFrame, area: shapely.Geometry) -> gpd.GeoDataFrame:
    """
    Return the rows of `frame` that touch `area`, their shapes cut to it; index and order are kept.

    `area` is in the coordinates of `frame`. Shapes wholly inside are not rebuilt.
    """
    near = np.sort(frame.sindex.query(area, predicate="intersects"))
    found = frame.iloc[near]
    shapes = found.geometry.to_numpy().copy()
    shapely.prepare(area)
    crossing = ~shapely.covers(area, shapes)
    dimensions = shapely.get_dimensions(shapes[crossing])
    shapes[crossing] = _of_dimension(shapely.intersection(shapes[crossing], area), dimensions)
    found = found.set_geometry(gpd.GeoSeries(shapes, index=found.index, crs=frame.crs))
    return found[~shapely.is_empty(shapes)]


def sectors(
    origin: LonLat,
    outer_m: ArrayLike,
    *,
    inner_m: ArrayLike = 0.0,
    from_deg: ArrayLike = 0.0,
    width_deg: ArrayLike = 360.0,
) -> Shapes:
    """
    Build sectors of rings around `origin`, longitude/latitude; all arguments broadcast to ``(n,)``.

    Parameters
    ----------
    outer_m, inner_m
        Radii in metres, ``0 <= inner < outer``.
    from_deg, width_deg
        First bearing, clockwise from north, and how far it opens clockwise; 360 gives a disc or ring.
    """
    outer, inner, start, width = np.broadcast_arrays(
        *(np.atleast_1d(np.asarray(x, float)) for x in (outer_m, inner_m, from_deg, width_deg))
    )
    frame = LocalFrame(origin)
    return np.array(
        [_sector(frame, *numbers) for numbers in zip(outer, inner, start, width, strict=True)], dtype=object
    )


def _sector(frame: LocalFrame, outer_m: float, inner_m: float, from_deg: float, width_deg: float) -> shapely.Polygon:
    if not 0 <= inner_m < outer_m:
        raise ValueError(f"a ring needs 0 <= inner < outer, got {inner_m} and {outer_m} m")
    whole = width_deg >= 360
    steps = max(2, int(np.ceil(min(width_deg, 360) / ARC_STEP_DEG)) + 1)
    bearing = np.radians(from_deg + np.linspace(0, min(width_deg, 360), steps))
    if whole:
        bearing = bearing[:-1]

    def arc(radius_m: float) -> NDArray[np.float64]:
        return np.column_stack(frame.to_degrees(radius_m * np.sin(bearing), radius_m * np.cos(bearing)))

    if whole:
        return shapely.Polygon(arc(outer_m), [arc(inner_m)] if inner_m > 0 else None)
    inside = arc(inner_m)[::-1] if inner_m > 0 else np.array([frame.origin])
    return shapely.Polygon(np.vstack([arc(outer_m), inside]))


def area_m2(shapes: gpd.GeoSeries) -> NDArray[np.float64]:
    """
    True area of longitude/latitude shapes on the ellipsoid, ``(n,)`` square metres.

    Lambert's equal-area projection keeps areas exactly, wherever its centre.
    """
    west, south, east, north = shapes.total_bounds
    if not np.isfinite(west):
        return np.zeros(len(shapes))
    equal_area = equal_area_crs(LonLat((west + east) / 2, (south + north) / 2))
    return np.asarray(shapes.to_crs(equal_area).area.to_numpy(), dtype=float)
