"""Which arcs does an area, or a report on one road, close?"""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gis.crs import as_geographic
from gis.errors import InputError
from routing.flags import BRIDGE, TUNNEL
from routing.measure import area_m2
from routing.network import Network
from routing.profiles import Conditions
from routing.view import ClosureReport, View


@dataclass(frozen=True, slots=True)
class RoadReport:
    """
    A report on one road: closed, or slow.

    Attributes
    ----------
    way_id
        OpenStreetMap way; 0 to find the road by place.
    longitude, latitude
        A place on the road, used when `way_id` is 0.
    direction
        ``both``, ``forward`` (along the drawn line) or ``backward``.
    speed_factor
        0 closes; 0.5 halves the speed.
    reason
        Code or free text, repeated in the echo.
    valid_from, valid_until
        Time of validity (aware); None is open-ended.
    """

    way_id: int = 0
    longitude: float = float("nan")
    latitude: float = float("nan")
    direction: Literal["both", "forward", "backward"] = "both"
    speed_factor: float = 0.0
    reason: str = ""
    valid_from: datetime | None = None
    valid_until: datetime | None = None

    def valid_at(self, moment: datetime | None) -> bool:
        """Whether the report holds at `moment`; without a moment it holds."""
        if moment is None:
            return True
        after = self.valid_from is None or moment >= self.valid_from
        return after and (self.valid_until is None or moment < self.valid_until)


def open_view(network: Network, conditions: Conditions | None = None) -> View:
    """The network with nothing closed."""
    return View(network, np.zeros(network.arc_count, bool), conditions=conditions or Conditions())


def close(
    network: Network | View,
    areas: gpd.GeoDataFrame | None = None,
    *,
    reports: Iterable[RoadReport] | None = None,
    moment: datetime | None = None,
    keep_bridges_open: bool = False,
    conditions: Conditions | None = None,
) -> View:
    """
    Return a new view in which no arc that meets an area, and no reported road, can be used.

    The full line of every segment is tested, not its ends. Polygons of any size, with holes, and multipolygons count;
    a frame of lines or points is refused. Given a view, its closures stay.

    Parameters
    ----------
    areas
        Polygons with a CRS; an optional column ``name`` or ``level_name`` labels the echo.
    keep_bridges_open
        Leave bridges and tunnels open; without it a bridge over the area is closed too.

    Raises
    ------
    InputError
        No CRS, no polygons, coordinates that are not finite, or a report on a road that is not in the network.
    """
    base = network if isinstance(network, View) else open_view(network, conditions)
    graph = base.network
    closed = np.array(base.closed)
    sources: list[tuple[str, int]] = list(base.report.by_source)
    warnings: list[str] = list(base.report.warnings)
    area, shapes, bridges = base.area, 0, 0
    if areas is not None and len(areas):
        names, polygons, repaired = _polygons(areas)
        shapes = len(polygons)
        if repaired:
            warnings.append("repaired")
        for name, polygon in zip(names, polygons, strict=True):
            segments = segments_meeting(graph, polygon)
            over = (graph.flags[segments] & (BRIDGE | TUNNEL)) > 0
            bridges += int(over.sum())
            if keep_bridges_open:
                segments = segments[~over]
            arcs = graph.arcs_of(segments)
            closed[arcs] = True
            sources.append((name, len(arcs)))
            if len(arcs) == 0:
                warnings.append("no_arc_closed")
        joint = polygons[0] if shapes == 1 else shapely.union_all(polygons)
        area = joint if area is None else shapely.union(area, joint)
        shapely.prepare(area)
    slowed = dict(base.slowed)
    for report in reports or ():
        if report.valid_at(moment):
            arcs = _reported_arcs(graph, report)
            if report.speed_factor <= 0:
                closed[arcs] = True
            else:
                slowed.update((int(arc), max(1.0, 1.0 / report.speed_factor)) for arc in arcs)
            sources.append((report.reason or f"way {report.way_id}", len(arcs)))
    segments_closed = np.unique(graph.arc_segment[closed])
    return View(
        network=graph,
        closed=closed,
        area=area,
        report=ClosureReport(
            areas=base.report.areas + shapes,
            area_km2=_area_km2(area),
            segments=len(segments_closed),
            arcs=int(closed.sum()),
            length_km=float(np.asarray(graph.length_m)[segments_closed].sum()) / 1000,
            by_source=tuple(sources),
            warnings=tuple(dict.fromkeys(warnings)),
            bridges_closed=base.report.bridges_closed + bridges,
        ),
        conditions=conditions or base.conditions,
        slowed=tuple(slowed.items()),
    )


def with_conditions(view: View, conditions: Conditions) -> View:
    """The same closures at another hour or in other weather."""
    return dataclasses.replace(view, conditions=conditions.checked())


def segments_meeting(network: Network, area: Any) -> NDArray[np.int64]:
    """
    Segments whose line meets an area (lon/lat, any polygon), sorted.

    Boxes first in one pass over plain arrays, then the prepared area against the few lines left.
    """
    west, south, east, north = shapely.bounds(area)
    left, low, right, high = network.segment_boxes
    near = np.flatnonzero((right >= west) & (left <= east) & (high >= south) & (low <= north))
    if not len(near):
        return near
    shapely.prepare(area)
    return np.asarray(near[shapely.intersects(area, network.segment_lines(near))])


def _polygons(areas: gpd.GeoDataFrame) -> tuple[list[str], list[Any], bool]:
    """Names and valid polygons of a frame, and whether one had to be mended."""
    frame = as_geographic(areas)
    geometry = frame.geometry.to_numpy()
    columns = set(frame.columns.tolist())
    label = next((c for c in ("name", "level_name", "id") if c in columns), None)
    names = [str(v) for v in frame[label]] if label else [f"area {i + 1}" for i in range(len(frame))]
    faults: list[str] = []
    shapes: list[Any] = []
    kept: list[str] = []
    repaired = False
    for name, shape in zip(names, geometry, strict=True):
        if shape is None or shape.is_empty:
            faults.append(f"closed area '{name}' is empty")
            continue
        if shape.geom_type not in {"Polygon", "MultiPolygon", "GeometryCollection"}:
            faults.append(f"closed area '{name}' is a {shape.geom_type}: give polygons")
            continue
        if not np.isfinite(shapely.get_coordinates(shape)).all():
            faults.append(f"closed area '{name}' has coordinates that are not finite")
            continue
        if not shape.is_valid:
            mended = shapely.make_valid(shape)
            # A twisted outline stays closed as a whole: the lines of its outline are kept, not only its lobes.
            shape, repaired = mended, True
            if shapely.area(mended) == 0:
                faults.append(f"closed area '{name}' encloses nothing ({shapely.is_valid_reason(shape)})")
                continue
        shapes.append(shape)
        kept.append(name)
    if faults:
        raise InputError(faults)
    return kept, shapes, repaired


def _area_km2(area: Any) -> float:
    return 0.0 if area is None or area.is_empty else area_m2(area) / 1e6


def _reported_arcs(network: Network, report: RoadReport) -> NDArray[np.int64]:
    if report.way_id:
        segments: NDArray[np.int64] = np.flatnonzero(np.asarray(network.way_id) == report.way_id)
        if not len(segments):
            raise InputError(f"road report: way {report.way_id} is not in network '{network.name}'")
    else:
        from routing.snapping import nearest_segment

        found = nearest_segment(network, report.longitude, report.latitude)
        if found is None:
            raise InputError(
                f"road report at {report.longitude}, {report.latitude}: no road of network '{network.name}' is near"
            )
        segments = np.asarray([found], np.int64)
    arcs = network.arcs_of(segments)
    if report.direction != "both":
        along = np.asarray(network.arc_forward)[arcs]
        arcs = arcs[along if report.direction == "forward" else ~along]
    return arcs
