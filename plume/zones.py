"""Where is the concentration above a level? Analytic outlines as valid polygons, worst within the next."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from gis.columns import ZONES
from gis.crs import GEOGRAPHIC, LocalFrame, LonLat
from plume.criteria import Level

FloatArray = NDArray[np.float64]

NEAREST_M = 0.05
FARTHEST_M = 200_000.0
SEARCH_POINTS = 600
OUTLINE_POINTS = 60
REFINE_ROUNDS = 12
REFINE_POINTS = 17
FINEST_M = 0.002
NESTING_M = 0.02
"""A zone holds the worse one with this margin, m."""
Z_95 = 1.959963984540054


class Cloud(Protocol):
    """What a dispersion model must answer so that zones can be drawn from it; x downwind of the source, m."""

    @property
    def start_m(self) -> float:
        """Where the cloud begins, m; negative when it reaches upwind of the source."""

    def half_width(self, downwind_m: ArrayLike, threshold_kg_m3: ArrayLike, height_m: float = 0.0) -> FloatArray:
        """Half-width above a threshold, m; 0 where the axis stays below."""

    def arrival_s(self, downwind_m: ArrayLike) -> FloatArray:
        """When the front passes, s."""

    def passage_s(self, downwind_m: ArrayLike) -> FloatArray:
        """How long the cloud stays, s."""

    def concentration(self, downwind_m: ArrayLike, crosswind_m: ArrayLike, height_m: ArrayLike) -> FloatArray:
        """Largest concentration in time, kg/m3."""

    def concentration_at(
        self, downwind_m: ArrayLike, crosswind_m: ArrayLike, height_m: ArrayLike, time_s: ArrayLike
    ) -> FloatArray:
        """Concentration at a moment after the release began, kg/m3."""

    def departure_s(self, downwind_m: ArrayLike) -> FloatArray:
        """When the rear has passed, s."""


@dataclass(frozen=True, slots=True)
class Outline:
    """
    Outline of one zone in the plume's own coordinates.

    Attributes
    ----------
    downwind_m, half_width_m
        Shape ``(n,)``; the outline is (x, +y) out and (x, -y) back. Empty when the level is nowhere reached.
    """

    downwind_m: FloatArray
    half_width_m: FloatArray

    @property
    def reach_m(self) -> float:
        """Farthest point downwind, m; 0 when empty."""
        return float(self.downwind_m[-1]) if self.downwind_m.size else 0.0

    @property
    def start_m(self) -> float:
        """Nearest point, m; 0 when empty."""
        return float(self.downwind_m[0]) if self.downwind_m.size else 0.0

    @property
    def greatest_half_width_m(self) -> float:
        """Greatest half-width, m; 0 when empty."""
        return float(self.half_width_m.max()) if self.downwind_m.size else 0.0


def outlines(cloud: Cloud, thresholds_kg_m3: Sequence[float], height_m: float = 0.0) -> list[Outline]:
    """
    Outlines of several thresholds, each on the union of all nodes so that a higher level lies within a lower one.

    The ends are found on a logarithmic search line and then refined, so neither a narrow nor a distant zone is
    stepped over.
    """
    search = _search_line(cloud.start_m)
    spans = [_span(cloud, threshold, height_m, search) for threshold in thresholds_kg_m3]
    nodes = np.unique(np.concatenate([_nodes(*span) for span in spans if span] or [np.empty(0)]))
    found = []
    for threshold, span in zip(thresholds_kg_m3, spans, strict=True):
        if span is None:
            found.append(Outline(np.empty(0), np.empty(0)))
            continue
        x = nodes[(nodes >= span[0]) & (nodes <= span[1])]
        y = cloud.half_width(x, threshold, height_m)
        y[[0, -1]] = 0.0 if span[0] > cloud.start_m else (y[0], 0.0)
        found.append(Outline(x, y))
    return found


def reach_of(cloud: Cloud, threshold_kg_m3: float, height_m: float = 0.0) -> tuple[float, float] | None:
    """First and last distance above a threshold, m; None when it is nowhere reached."""
    return _span(cloud, threshold_kg_m3, height_m, _search_line(cloud.start_m))


def _search_line(start_m: float) -> FloatArray:
    downwind = np.geomspace(NEAREST_M, FARTHEST_M, SEARCH_POINTS)
    if start_m >= 0:
        return start_m + downwind
    return np.concatenate((np.linspace(start_m, 0.0, SEARCH_POINTS // 4, endpoint=False), [0.0], downwind))


def _span(cloud: Cloud, threshold: float, height_m: float, search: FloatArray) -> tuple[float, float] | None:
    """First and last x above the threshold, refined between neighbours of the search line."""
    above = np.flatnonzero(cloud.half_width(search, threshold, height_m) > 0)
    if not above.size:
        return None
    first, last = above[0], above[-1]
    near = cloud.start_m if first == 0 else _edge(cloud, threshold, height_m, search[first - 1], search[first])
    far = search[last] if last == search.size - 1 else _edge(cloud, threshold, height_m, search[last + 1], search[last])
    return near, far


def _edge(cloud: Cloud, threshold: float, height_m: float, below_m: float, above_m: float) -> float:
    for _ in range(REFINE_ROUNDS):
        between = np.linspace(below_m, above_m, REFINE_POINTS)
        inside = cloud.half_width(between, threshold, height_m) > 0
        inside[-1] = True
        first = max(int(inside.argmax()), 1)
        below_m, above_m = float(between[first - 1]), float(between[first])
        if abs(above_m - below_m) < 1e-4 * max(1.0, abs(above_m)):
            break
    return above_m


def _nodes(first_m: float, last_m: float) -> FloatArray:
    """
    Nodes close together at both ends (where the outline turns) and evenly spread in the logarithm near the source.
    """
    turn = 0.5 * (1 - np.cos(np.linspace(0, math.pi, OUTLINE_POINTS)))
    nodes = first_m + (last_m - first_m) * turn
    if last_m > 0:
        nodes = np.concatenate((nodes, np.geomspace(max(first_m, last_m * 1e-3), last_m, OUTLINE_POINTS // 2)))
    return nodes[(nodes >= first_m) & (nodes <= last_m)]


def polygon(outline: Outline) -> shapely.Polygon:
    """The outline as a polygon (x downwind, y to the left), metres; empty when there is no zone."""
    x, y = outline.downwind_m, outline.half_width_m
    if x.size < 3 or not y.any():
        return shapely.Polygon()
    ring = np.concatenate((np.column_stack((x, y)), np.column_stack((x, -y))[::-1]))
    return _clean(shapely.Polygon(ring))


def circle(outline: Outline) -> shapely.Polygon:
    """Everything within the reach of the outline; empty when there is no zone."""
    return shapely.Point(0, 0).buffer(outline.reach_m, quad_segs=32) if outline.reach_m > 0 else shapely.Polygon()


def nested(shapes: Sequence[shapely.Polygon]) -> list[shapely.Polygon]:
    """
    The same shapes, worst first, each within the next by at least a hand's breadth.

    Outlines of two levels may share an edge (the rim of a blanket); after turning and projecting, rounding would let
    one cross.
    """
    found: list[shapely.Polygon] = []
    inner = shapely.Polygon()
    for shape in shapes:
        outer = shape
        if not inner.is_empty and not shape.is_empty:
            rim = shapely.buffer(inner, NESTING_M)
            if not shape.contains(rim):
                outer = _clean(shapely.union(shape, rim))
        found.append(outer)
        inner = outer if not outer.is_empty else inner
    return found


def _clean(area: shapely.Geometry) -> shapely.Polygon:
    """Valid and in one piece, without nodes a millimetre apart: slivers a rounding may leave are dropped."""
    whole = shapely.simplify(area if shapely.is_valid(area) else shapely.buffer(area, 0), FINEST_M)
    parts = [part for part in shapely.get_parts(whole) if isinstance(part, shapely.Polygon)]
    return max(parts, key=lambda part: part.area, default=shapely.Polygon())


def turned(area: shapely.Geometry, wind_from_deg: float) -> shapely.Geometry:
    """Plume coordinates -> metres east and north of the source for a wind from this bearing."""
    towards = math.radians(wind_from_deg + 180.0)
    along, across = np.array([math.sin(towards), math.cos(towards)]), np.array([-math.cos(towards), math.sin(towards)])
    return shapely.transform(area, lambda xy: xy[:, :1] * along + xy[:, 1:] * across)


def to_degrees(area: shapely.Geometry, frame: LocalFrame) -> shapely.Geometry:
    """
    Metres east and north of the frame's origin -> longitude and latitude; valid also after the rounding of degrees.
    """
    degrees = shapely.transform(area, lambda xy: np.column_stack(frame.to_degrees(xy[:, 0], xy[:, 1])))
    return degrees if shapely.is_valid(degrees) else shapely.buffer(degrees, 0)


def swept(outline: Outline, half_angle_deg: float) -> shapely.Polygon:
    """
    Area the zone covers when the wind turns by up to `half_angle_deg` to either side, plume coordinates.

    Every node is turned to both sides and the far end is closed by an arc about the source.
    """
    shape = polygon(outline)
    if shape.is_empty:
        return shape
    half = math.radians(min(half_angle_deg, 180.0))
    if half >= math.pi:
        return shapely.Point(0, 0).buffer(outline.reach_m, quad_segs=32)
    radius, bearing = (
        np.hypot(outline.downwind_m, outline.half_width_m),
        np.arctan2(outline.half_width_m, outline.downwind_m),
    )
    widest = int(radius.argmax())
    flank = bearing[: widest + 1] + half
    flank = np.minimum(np.maximum.accumulate(flank[::-1])[::-1], math.pi)
    arc = np.linspace(flank[-1], -flank[-1], 2 * OUTLINE_POINTS)
    r = np.concatenate((radius[: widest + 1], np.full(arc.size, radius[widest]), radius[: widest + 1][::-1]))
    angle = np.concatenate((flank, arc, -flank[::-1]))
    sector = shapely.Polygon(np.column_stack((r * np.cos(angle), r * np.sin(angle))))
    # A rim wider than the nesting's, so that the zone as drawn lies within its envelope.
    return _clean(shapely.buffer(shapely.unary_union([sector.buffer(0), shape]), 3 * NESTING_M))


def row_of(level: Level, averaging_s: float, arrival_s: float, reach_m: float) -> dict[str, Any]:
    """One zone's columns of ``gis.columns.ZONES`` but its geometry."""
    return {
        "kind": level.kind,
        "level": level.level,
        "level_name": level.name,
        "threshold": level.value,
        "unit": level.unit,
        "averaging_s": averaging_s,
        "trust": level.trust,
        "arrival_s": arrival_s,
        "reach_m": reach_m,
    }


def frame_of(
    cloud: Cloud,
    levels: Sequence[Level],
    thresholds_kg_m3: Sequence[float],
    source: LonLat,
    wind_from_deg: float,
    averaging_s: float,
    height_m: float = 0.0,
    *,
    all_round: bool = False,
) -> tuple[gpd.GeoDataFrame, list[Outline]]:
    """
    Zones as a frame with the columns of ``gis.columns.ZONES`` (lon/lat, cumulative, worst first), and their outlines.

    A level that is nowhere reached has no row. In a calm the direction is unknown: with `all_round` every zone is the
    circle of
    its reach.
    """
    frame = LocalFrame(source)
    found = outlines(cloud, thresholds_kg_m3, height_m)
    rows = []
    shapes = nested([circle(outline) if all_round else polygon(outline) for outline in found])
    for level, outline, shape in zip(levels, found, shapes, strict=True):
        if shape.is_empty:
            continue
        row = row_of(level, averaging_s, float(cloud.arrival_s(max(outline.start_m, 0.0))), outline.reach_m)
        rows.append(row | {"geometry": to_degrees(turned(shape, wind_from_deg), frame)})
    if not rows:
        return ZONES.empty(GEOGRAPHIC), found
    return ZONES.check(gpd.GeoDataFrame(rows, geometry="geometry", crs=GEOGRAPHIC)), found
