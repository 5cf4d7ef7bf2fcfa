"""Where do crews come in and people go out when no teams and shelters are known? Assumed, and labelled so."""

import geopandas as gpd
import numpy as np
import shapely

from gis.columns import BLOCKS, SHELTERS, TEAMS
from gis.crs import GEOGRAPHIC, FloatArray, LocalFrame, LonLat
from routing.classes import CLASSES
from routing.view import View

ENTRIES = 8
EXITS = 24
EXIT_DISTANCE_M = 300.0
STARTS = 24
MAIN_CLASSES = ("motorway", "trunk", "primary", "secondary", "tertiary")
HOME_CLASSES = ("residential", "living_street", "unclassified", "tertiary", "secondary")
UNLIMITED = 1_000_000


def entry_points(view: View, scene: LonLat) -> gpd.GeoDataFrame:
    """
    Teams assumed to come in at the edge of the network on a main road, one from each of eight directions.

    Frame of ``gis.columns.TEAMS`` with kind ``assumed_entry``; the id tells the bearing from the scene in degrees.
    """
    network = view.network
    nodes = _nodes_on(view, MAIN_CLASSES)
    if not len(nodes):
        nodes = np.arange(network.node_count)
    east, north = LocalFrame(scene).to_metres(np.asarray(network.node_lon)[nodes], np.asarray(network.node_lat)[nodes])
    distance = np.hypot(east, north)
    sector = np.round(np.degrees(np.arctan2(east, north)) / (360 / ENTRIES)).astype(int) % ENTRIES
    chosen = [
        members[np.argmax(distance[members])] for s in range(ENTRIES) if len(members := np.flatnonzero(sector == s))
    ]
    bearings = [int(sector[i] * 360 / ENTRIES) for i in chosen]
    frame = gpd.GeoDataFrame(
        {"id": [f"entry_{bearing:03d}" for bearing in bearings], "name": "", "kind": "assumed_entry"},
        geometry=gpd.points_from_xy(*_places(view, nodes[chosen])) if chosen else [],
        crs=GEOGRAPHIC,
    )
    return frame if len(frame) else TEAMS.empty(GEOGRAPHIC)


def exit_points(view: View) -> gpd.GeoDataFrame:
    """
    Places just outside the closed ground, all round it, as shelters without a limit: ways out, not roofs.

    Frame of ``gis.columns.SHELTERS``; those downwind are excluded later by the evacuation itself.
    """
    if view.area is None or view.area.is_empty:
        return SHELTERS.empty(GEOGRAPHIC)
    centre = view.area.centroid
    frame = LocalFrame(LonLat(centre.x, centre.y))
    local = shapely.transform(view.area, lambda xy: np.column_stack(frame.to_metres(xy[:, 0], xy[:, 1])))
    ring = shapely.convex_hull(local).buffer(EXIT_DISTANCE_M).exterior
    points = shapely.line_interpolate_point(ring, np.arange(EXITS) / EXITS, normalized=True)
    lon, lat = frame.to_degrees(shapely.get_x(points), shapely.get_y(points))
    return gpd.GeoDataFrame(
        {"id": [f"exit_{n:02d}" for n in range(1, EXITS + 1)], "name": "", "capacity": UNLIMITED},
        geometry=gpd.points_from_xy(lon, lat),
        crs=GEOGRAPHIC,
    )


def start_points(view: View) -> gpd.GeoDataFrame:
    """
    Street corners inside the closed ground from which a way out is shown when nobody knows how many people live there.

    Frame of ``gis.columns.BLOCKS`` whose `people` of 1 stands for "somebody"; callers show no number for it.
    """
    network = view.network
    nodes = _nodes_on(view, HOME_CLASSES)
    if view.area is None or not len(nodes):
        return BLOCKS.empty(GEOGRAPHIC)
    lon, lat = _places(view, nodes)
    nodes = nodes[shapely.intersects_xy(view.area, lon, lat)]
    if not len(nodes):
        return BLOCKS.empty(GEOGRAPHIC)
    east, north = LocalFrame(network.centre).to_metres(*_places(view, nodes))
    side_m = 200.0
    while True:
        squares = np.column_stack((np.floor(north / side_m), np.floor(east / side_m)))
        _, first = np.unique(squares, axis=0, return_index=True)
        if len(first) <= STARTS:
            break
        side_m *= 1.3
    chosen = nodes[np.sort(first)]
    return gpd.GeoDataFrame(
        {"id": [f"S{n:02d}" for n in range(1, len(chosen) + 1)], "name": "", "people": 1},
        geometry=gpd.points_from_xy(*_places(view, chosen)),
        crs=GEOGRAPHIC,
    )


def _nodes_on(view: View, classes: tuple[str, ...]) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """Nodes at which a road of one of the classes begins."""
    network = view.network
    codes = [code for code, road in enumerate(CLASSES) if getattr(road, "name", road) in classes]
    wanted = np.isin(np.asarray(network.road_class)[network.arc_segment], codes)
    return np.unique(np.asarray(network.tail)[wanted]).astype(np.int64)


def _places(view: View, nodes: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> tuple[FloatArray, FloatArray]:
    return np.asarray(view.network.node_lon)[nodes], np.asarray(view.network.node_lat)[nodes]
