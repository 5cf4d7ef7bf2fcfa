"""How far does one get in some minutes, who lives there, and where does nobody get in time?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import rasterio.features
import shapely
from affine import Affine
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, binary_erosion

from gis.columns import PEOPLE
from gis.crs import GEOGRAPHIC, FloatArray, LonLat, as_geographic
from gis.errors import InputError
from routing.measure import area_m2, leg_lengths_m, metres_per_degree
from routing.network import Network
from routing.on_foot import walkable
from routing.paths import arcs_on, leaving
from routing.profiles import CLOSED, Profile, profile
from routing.rescue import Placed, place
from routing.snapping import Snap
from routing.trees import NEVER, times_from
from routing.view import View

CELL_M = 50.0
"""Cell of the picture an area is drawn from; the area ends about one cell beside the road."""
_WIDEN = 3
"""Cells a road is widened by before it is thinned again: blocks up to 250 m across are filled."""
_CLOSED = int(CLOSED)
COLUMNS = ("minutes", "status", "reason", "area_km2", "road_km", "geometry")


@dataclass(frozen=True, slots=True)
class Samples:
    """Points along the roads: place, metres of road each stands for, seconds from the nearest start (inf: never)."""

    longitude: FloatArray
    latitude: FloatArray
    metres: FloatArray
    seconds: FloatArray


def reach(
    view: View,
    places: Sequence[LonLat | tuple[float, float]],
    minutes: Sequence[float],
    vehicle: str | Profile | None = None,
) -> gpd.GeoDataFrame:
    """
    Areas reached within each limit from the nearest of some places: one search from many starts.

    Roads are cut where time runs out and the area is drawn from the roads, never as a hull around nodes; ground that is
    closed is left out.

    Returns
    -------
    areas
        Columns ``minutes, status, reason, area_km2, road_km, geometry``; ``attrs["provenance"]``.

    Raises
    ------
    InputError
        No place, or a limit that is not a positive number.
    """
    limits = _limits(minutes)
    kind = profile(vehicle)
    view = walkable(view, kind)
    placed = _placed(view, places, kind)
    provenance = view.provenance(
        "routing.reach", {"minutes": limits, "places": [list(p) for p in places], "profile": kind.name}
    )
    if all(p.snap is None for p in placed):
        rows = [(limit, placed[0].status, placed[0].reason, 0.0, 0.0, None) for limit in limits]
    else:
        points = sample(view, [p.snap for p in placed if p.snap is not None], kind)
        rows = [(limit, "ok", "", *_area(points, limit * 60, view.area)) for limit in limits]
    frame = gpd.GeoDataFrame(rows, columns=list(COLUMNS), geometry="geometry", crs=GEOGRAPHIC)
    frame.attrs["provenance"] = provenance.as_json()
    return frame


def people_reached(areas: gpd.GeoDataFrame, people: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """
    Add ``people_day`` and ``people_night`` to reached areas; a cell counts by the share of it that is reached.

    `people` is a `gis.columns.PEOPLE` frame of cells or places.
    """
    people = as_geographic(PEOPLE.check(people))
    shapes = people.geometry.to_numpy()
    whole = shapely.area(shapes)
    result = areas.copy()
    for column, source in (("people_day", "day"), ("people_night", "night")):
        values = people[source].to_numpy(float)
        counted = []
        for area in areas.geometry:
            if area is None:
                counted.append(0.0)
                continue
            shapely.prepare(area)
            hit = np.flatnonzero(shapely.intersects(area, shapes))
            part = np.ones(len(hit))
            solid = whole[hit] > 0
            part[solid] = shapely.area(shapely.intersection(area, shapes[hit][solid])) / whole[hit][solid]
            counted.append(float((values[hit] * part).sum()))
        result[column] = counted
    return result


def gaps(
    view: View, stations: Sequence[LonLat | tuple[float, float]], minutes: float, vehicle: str | Profile = "fire_engine"
) -> gpd.GeoDataFrame:
    """
    Areas along roads that no station reaches in time: coverage gaps, largest first.

    Columns ``area_km2, road_km, geometry``.
    """
    limit = _limits([minutes])[0] * 60
    kind = profile(vehicle)
    snaps = [p.snap for p in _placed(view, stations, kind) if p.snap is not None]
    points = sample(view, snaps, kind)
    late = points.seconds > limit
    flipped = Samples(points.longitude, points.latitude, points.metres, np.where(late, 0.0, np.inf))
    area_km2, road_km, shape = _area(flipped, 1.0, view.area)
    del area_km2
    parts = list(shapely.get_parts(shape)) if shape is not None else []
    total = sum(area_m2(g) for g in parts) or 1.0
    rows = [(area_m2(g) / 1e6, road_km * area_m2(g) / total, g) for g in parts]
    rows.sort(key=lambda r: -r[0])
    return gpd.GeoDataFrame(rows, columns=["area_km2", "road_km", "geometry"], geometry="geometry", crs=GEOGRAPHIC)


def sample(view: View, starts: Sequence[Snap], kind: Profile) -> Samples:
    """Seconds to points every half cell along all roads."""
    network, weights = view.network, view.weights(kind)
    seeds = [(node, cost) for s in starts for _, node, cost in leaving(network, weights, s, _CLOSED)]
    nodes, costs = (np.asarray([x[k] for x in seeds], np.int64) for k in (0, 1))
    times, _ = times_from(network, weights, nodes, costs)
    along = _along(network, times, weights)
    for start in starts:
        _from_start(along, network, weights, start)
    return _points(network, along)


@dataclass(slots=True)
class _Along:
    """By segment: ms at its start and end, and ms to drive it either way; `extra` holds starts on a segment itself."""

    at_start: FloatArray
    at_end: FloatArray
    forward: FloatArray
    backward: FloatArray
    extra: list[tuple[int, float, float, bool]]


def _along(network: Network, times: NDArray[np.int64], weights: NDArray[np.uint32]) -> _Along:
    s = network.segment_count
    result = _Along(np.full(s, np.inf), np.full(s, np.inf), np.zeros(s), np.zeros(s), [])
    reached = np.where(times >= NEVER, np.inf, times.astype(float))[network.tail]
    for ahead, at, cost in (
        (True, result.at_start, result.forward),
        (False, result.at_end, result.backward),
    ):
        # Of several arcs on one segment a guard may shut one and leave the others open.
        arcs = np.flatnonzero((np.asarray(network.arc_forward) == ahead) & (weights != CLOSED))
        segment = np.asarray(network.arc_segment)[arcs]
        np.minimum.at(at, segment, reached[arcs])
        cost[segment] = weights[arcs]
    return result


def _from_start(along: _Along, network: Network, weights: NDArray[np.uint32], start: Snap) -> None:
    for arc in arcs_on(network, start.segment):
        if int(weights[arc]) != _CLOSED:
            along.extra.append((start.segment, start.fraction, float(weights[arc]), bool(network.arc_forward[arc])))


def _points(network: Network, along: _Along) -> Samples:
    offset = np.asarray(network.shape_offset)
    lon, lat = np.asarray(network.shape_lon), np.asarray(network.shape_lat)
    owner = np.repeat(np.arange(network.segment_count), np.diff(offset))
    leg = np.flatnonzero(owner[:-1] == owner[1:])
    length = leg_lengths_m(lon[leg], lat[leg], lon[leg + 1], lat[leg + 1])
    segment = owner[leg]
    total = np.bincount(segment, weights=length, minlength=network.segment_count)
    before = np.cumsum(length) - length
    first_leg = np.searchsorted(segment, np.arange(network.segment_count))
    before -= before[np.minimum(first_leg[segment], len(leg) - 1)]
    pieces = np.maximum(1, np.ceil(length / (CELL_M / 2))).astype(np.int64)
    at = np.repeat(np.arange(len(leg)), pieces)
    step = np.arange(len(at)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    part = (step + 0.5) / pieces[at]
    s = segment[at]
    share = (before[at] + part * length[at]) / np.maximum(total[s], 1e-9)
    ms = np.minimum(along.at_start[s] + share * along.forward[s], along.at_end[s] + (1 - share) * along.backward[s])
    for which, fraction, cost, ahead in along.extra:
        own = np.flatnonzero(s == which)
        distance = (share[own] - fraction) * (1 if ahead else -1)
        ms[own] = np.minimum(ms[own], np.where(distance >= 0, distance * cost, np.inf))
    i = leg[at]
    return Samples(
        lon[i] + part * (lon[i + 1] - lon[i]), lat[i] + part * (lat[i + 1] - lat[i]), length[at] / pieces[at], ms / 1000
    )


def _area(points: Samples, limit_s: float, closed: Any) -> tuple[float, float, Any]:
    """Area in km², road in km and shape of the points reached within a limit."""
    hit = points.seconds <= limit_s
    if not hit.any():
        return 0.0, 0.0, None
    lon, lat = points.longitude[hit], points.latitude[hit]
    # One grid for all limits, so that a longer time never reaches less.
    every = points.latitude
    per_lon, per_lat = (float(v[0]) for v in metres_per_degree(np.asarray([(every.min() + every.max()) / 2])))
    dx, dy = CELL_M / per_lon, CELL_M / per_lat
    left, top = float(points.longitude.min()), float(every.max())
    column, row = ((lon - left) / dx).astype(int), ((top - lat) / dy).astype(int)
    margin = _WIDEN + 2
    column0, row0 = int(column.min()) - margin, int(row.min()) - margin
    picture = np.zeros((int(row.max()) - row0 + margin + 1, int(column.max()) - column0 + margin + 1), bool)
    picture[row - row0, column - column0] = True
    # Wider than needed and back again: the blocks between reached roads are reached too.
    picture = binary_dilation(picture, np.ones((3, 3)), iterations=_WIDEN)
    picture = binary_erosion(picture, np.ones((3, 3)), iterations=_WIDEN - 1).astype(np.uint8)
    transform = Affine(dx, 0, left + column0 * dx, 0, -dy, top - row0 * dy)
    rings = [
        shapely.geometry.shape(geometry)
        for geometry, value in rasterio.features.shapes(picture, mask=picture > 0, transform=transform)
        if value
    ]
    shape = shapely.union_all(rings)
    if closed is not None:
        shape = shapely.difference(shape, closed)
    return area_m2(shape) / 1e6, float(points.metres[hit].sum()) / 1000, shape


def _limits(minutes: Sequence[float]) -> list[float]:
    faults = [f"limit {m:g} min: give a number above 0" for m in minutes if not (np.isfinite(m) and 0 < m <= 1440)]
    if not minutes:
        faults.append("no time limit given")
    if faults:
        raise InputError(faults)
    return [float(m) for m in minutes]


def _placed(view: View, places: Sequence[LonLat | tuple[float, float]], kind: Profile) -> list[Placed]:
    if not places:
        raise InputError("no place to start from was given")
    return [place(view, LonLat(float(p[0]), float(p[1])).checked(), kind, "origin") for p in places]
