"""What was reported closed, what does that mean on the roads, and which of it still holds?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry import shape as shape_of

from gis.crs import LocalFrame, LonLat
from gis.errors import InputError
from scenarios import drawing
from scenarios.event import Json
from scenarios.roads.events import ClosureReason, ClosureReported, ClosureShape, Direction, Stretch

if TYPE_CHECKING:
    from routing.network import Network
    from routing.store import Closures
    from routing.view import View

CLEAR_DEG = 1e-5
"""Roads this close (about 1 m) to a zone are closed too: then no rounding of a route can make it touch the zone."""
BARRIER_HALF_WIDTH_M = 6.0
"""A barrier drawn as a line closes what crosses it, also where the line is drawn a little beside the road."""
MOST_POINTS = 1000
LARGEST_KM = 60.0
KINDS: Mapping[ClosureShape, frozenset[str]] = {
    "area": frozenset({"Polygon", "MultiPolygon"}),
    "line": frozenset({"LineString"}),
    "road": frozenset({"LineString", "MultiLineString"}),
}


@dataclass(frozen=True, slots=True)
class Closure:
    """
    One closure as it is believed now.

    ``number`` counts the closures of the incident from 1. ``seq`` is the entry that last changed it, ``first_seq`` the
    report. ``lifted_seq`` is None while it is open.
    """

    closure_id: str
    number: int
    shape: ClosureShape
    geometry: Json
    reason: ClosureReason
    name: str
    text: str
    reported_by: str
    actor: str
    reported_at: datetime
    valid_from: datetime
    valid_until: datetime | None
    first_seq: int
    seq: int
    network: str = ""
    stretches: tuple[Stretch, ...] = ()
    lifted_seq: int | None = None

    def holds_at(self, moment: datetime) -> bool:
        """Whether roads are closed by it at `moment`."""
        ended = self.valid_until is not None and moment >= self.valid_until
        return self.lifted_seq is None and self.valid_from <= moment and not ended


@dataclass(frozen=True, slots=True)
class ReportClosure:
    """
    What a person or program says about a closure.

    ``geometry`` is GeoJSON lon/lat of an area or a barrier; a road is named by a ``place`` on it, the stretch there or
    the ``whole`` road of that name, in a ``direction`` as the stretch there is drawn. ``valid_from`` None is now.
    """

    shape: ClosureShape
    reason: ClosureReason
    geometry: Json | None = None
    place: LonLat | None = None
    whole: bool = False
    direction: Direction = "both"
    name: str = ""
    text: str = ""
    reported_by: str = ""
    valid_from: datetime | None = None
    valid_until: datetime | None = None


@dataclass(frozen=True)
class RoadFound:
    """A road under a click: its name, its line, its stretches, and where its forward direction heads, degrees."""

    name: str
    road_class: str
    geometry: Json
    length_m: float
    heading_deg: float
    one_way: bool
    stretches: tuple[Stretch, ...] = field(default_factory=tuple)


def checked_geometry(shape: ClosureShape, geometry: Json) -> Json:
    """
    Geometry of a closure, rounded like everything drawn.

    Raises
    ------
    InputError
        Another kind than the shape asks for, not valid, too many points, or larger than a city.
    """
    if geometry.get("type") not in KINDS[shape]:
        wanted = " or ".join(sorted(KINDS[shape]))
        raise InputError(f"geometry: a closure of shape '{shape}' is a {wanted}, not a {geometry.get('type')}")
    try:
        drawn = shape_of(geometry)
        points = shapely.get_coordinates(drawn)
    except (ValueError, TypeError, AttributeError, KeyError, IndexError, shapely.errors.ShapelyError) as error:
        raise InputError("geometry: this is not GeoJSON with longitude and latitude") from error
    faults = []
    if not len(points) or not np.isfinite(points).all():
        faults.append("geometry: it has no points, or some that are not numbers")
    elif np.abs(points[:, 0]).max() > 180 or np.abs(points[:, 1]).max() > 90:
        faults.append("geometry: longitude first, -180..180, then latitude, -90..90")
    elif len(points) > MOST_POINTS:
        faults.append(f"geometry: {len(points)} points; give at most {MOST_POINTS}")
    else:
        west, south, east, north = shapely.bounds(drawn)
        frame = LocalFrame(LonLat(float(west), float(south)))
        (x,), (y,) = frame.to_metres([east], [north])
        if max(float(x), float(y)) > LARGEST_KM * 1000:
            faults.append(f"geometry: wider than {LARGEST_KM:.0f} km; close what is closed, not the country")
        if shape == "area" and (not drawn.is_valid or drawn.area == 0):
            faults.append(f"geometry: the outline encloses no clear area ({shapely.is_valid_reason(drawn)})")
        if shape != "area" and drawn.length == 0:
            faults.append("geometry: the line has no length")
    if faults:
        raise InputError(faults)
    rounded = drawing.geometry(drawn)
    assert rounded is not None
    return rounded


def closed_area(shape: ClosureShape, geometry: Json) -> Any:
    """Ground closed by an area or a barrier, lon/lat; None for a road, which closes its stretches only."""
    drawn = shape_of(geometry)
    if shape == "area":
        return drawn
    if shape == "road":
        return None
    points = shapely.get_coordinates(drawn)
    frame = LocalFrame(LonLat(float(points[0, 0]), float(points[0, 1])))
    x, y = frame.to_metres(points[:, 0], points[:, 1])
    wide = shapely.buffer(shapely.linestrings(np.column_stack([x, y])), BARRIER_HALF_WIDTH_M, cap_style="flat")
    ring = shapely.get_coordinates(shapely.get_exterior_ring(wide))
    lon, lat = frame.to_degrees(ring[:, 0], ring[:, 1])
    return shapely.Polygon(np.column_stack([lon, lat]))


def closed_view(network: "Network", zones: gpd.GeoDataFrame | None, held: "Closures | None" = None) -> "View":
    """The network without what the zones cover, a hair around them, and what is reported closed."""
    from routing.closures import close

    view = close(network, kept_clear(zones))
    if held is None or (not len(held.areas) and not held.reports):
        return view
    areas = kept_clear(held.areas) if len(held.areas) else None
    return close(view, areas, reports=held.reports)


def kept_clear(zones: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame | None:
    """Ground no route may touch: the zones and a hair around them; None when there are none."""
    if zones is None or not len(zones):
        return None
    wider = shapely.buffer(zones.geometry.to_numpy(), CLEAR_DEG)
    return zones.set_geometry(gpd.GeoSeries(wider, index=zones.index, crs=zones.crs))


def road_at(network: "Network", place: LonLat, *, whole: bool) -> RoadFound:
    """
    Road under a click: the stretch from junction to junction, or the `whole` road of that name as it runs on.

    Raises
    ------
    InputError
        No road is near.
    """
    from routing.classes import CLASSES
    from routing.snapping import nearest_segment

    clicked = nearest_segment(network, *place)
    if clicked is None:
        raise InputError(f"no road is near {place.longitude:.5f}, {place.latitude:.5f}: click on a road")
    chain = _run_on(network, clicked) if whole else {clicked: True}
    segments = np.asarray(list(chain), np.int64)
    lines = network.segment_lines(segments)
    middles = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    along = list(chain.values())
    one_way = all(len(network.arcs_of(segments[[i]])) == 1 for i in range(len(segments)))
    ends = shapely.get_coordinates(lines[0])[[0, -1]]
    east, north = (ends[1] - ends[0]) * [np.cos(np.radians(ends[0, 1])), 1.0]
    drawn = drawing.geometry(shapely.line_merge(shapely.multilinestrings(lines)))
    assert drawn is not None
    return RoadFound(
        name=str(network.names[int(network.name_id[clicked])]),
        road_class=CLASSES[int(network.road_class[clicked])],
        geometry=drawn,
        length_m=round(float(np.asarray(network.length_m)[segments].sum()), 1),
        heading_deg=round(float(np.degrees(np.arctan2(east, north)) % 360), 1),
        one_way=one_way,
        stretches=tuple(
            Stretch(round(float(point.x), 7), round(float(point.y), 7), "forward" if same else "backward")
            for point, same in zip(middles, along, strict=True)
        ),
    )


def directed(found: RoadFound, direction: Direction) -> tuple[Stretch, ...]:
    """Stretches of a road closed both ways, along the way it heads, or against it."""
    turned = {"forward": "backward", "backward": "forward"}
    if direction == "both":
        return tuple(Stretch(one.longitude, one.latitude, "both") for one in found.stretches)
    if direction == "forward":
        return found.stretches
    return tuple(
        Stretch(one.longitude, one.latitude, turned[one.direction])  # type: ignore[arg-type]
        for one in found.stretches
    )


_STRAIGHT_ON_DEG = 60.0


def _run_on(network: "Network", first: int) -> dict[int, bool]:
    """Segments of the road of one name that run on from `first`, and whether each is drawn the same way round."""
    name = int(network.name_id[first])
    if not network.names[name]:
        return {first: True}
    same = np.flatnonzero(np.asarray(network.name_id) == name)
    lines = {int(s): shapely.get_coordinates(line) for s, line in zip(same, network.segment_lines(same), strict=True)}
    ends: dict[tuple[float, float], list[tuple[int, bool]]] = {}
    for segment, points in lines.items():
        ends.setdefault(_key(points[0]), []).append((segment, True))
        ends.setdefault(_key(points[-1]), []).append((segment, False))
    found, waiting = {first: True}, [first]
    while waiting:
        here = waiting.pop()
        for at_start in (True, False):
            points = lines[here]
            out = _bearing(points[1], points[0]) if at_start else _bearing(points[-2], points[-1])
            for other, begins in ends[_key(points[0] if at_start else points[-1])]:
                if other in found:
                    continue
                way = lines[other] if begins else lines[other][::-1]
                turn = abs((_bearing(way[0], way[1]) - out + 180) % 360 - 180)
                if turn <= _STRAIGHT_ON_DEG:
                    # Head to tail is the same way round: one begins where the other ends.
                    found[other] = found[here] == (begins != at_start)
                    waiting.append(other)
    return found


def _key(point: Any) -> tuple[float, float]:
    return round(float(point[0]), 7), round(float(point[1]), 7)


def _bearing(a: Any, b: Any) -> float:
    x = (b[0] - a[0]) * np.cos(np.radians((a[1] + b[1]) / 2))
    return float(np.degrees(np.arctan2(x, b[1] - a[1])) % 360)


def closure_of(event: ClosureReported, *, number: int, seq: int, actor: str, recorded_at: datetime) -> Closure:
    """Closure as its report says it."""
    return Closure(
        closure_id=event.closure_id, number=number, shape=event.shape, geometry=event.geometry, reason=event.reason,
        name=event.name, text=event.text, reported_by=event.reported_by, actor=actor, reported_at=recorded_at,
        valid_from=event.valid_from, valid_until=event.valid_until, first_seq=seq, seq=seq, network=event.network,
        stretches=event.stretches,
    )  # fmt: skip
