"""Are teams ranked, areas drawn, crossings guarded and turns told as they should be?"""

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely

from command_ui.directions import sentences
from gis.crs import GEOGRAPHIC, LonLat
from gis.errors import ConflictError, InputError
from routing.closing_points import closing_points
from routing.closures import close, open_view
from routing.directions import steps
from routing.dispatch import match_equipment, rank, ranking, refuse_double_booking
from routing.export import as_geojson, as_gpx
from routing.matrix import travel_matrix
from routing.network import Network
from routing.profiles import CLOSED, profile
from routing.reach import gaps, people_reached, reach, sample
from routing.rescue import place, route

Zone = Callable[[np.random.Generator, Network], gpd.GeoDataFrame]


def _teams(*places: tuple[float, float]) -> gpd.GeoDataFrame:
    ids = [f"t{i}" for i in range(len(places))]
    data = {"id": ids, "name": [f"演练{i}队" for i in ids], "kind": ["fire"] * len(ids)}
    return gpd.GeoDataFrame(data, geometry=[shapely.Point(p) for p in places], crs=GEOGRAPHIC)


def test_all_teams_are_ranked_and_none_is_lost(town: Network) -> None:
    zone = gpd.GeoDataFrame(geometry=[shapely.box(118.7085, 31.4085, 118.7135, 31.4135)], crs=GEOGRAPHIC)
    view = close(town, zone)
    teams = _teams((118.70, 31.40), (118.71, 31.41), (118.705, 31.405), (119.5, 31.4))
    found = ranking(view, teams, (118.711, 31.411), wind_from_deg=225.0)
    frame = found.frame
    assert sorted(frame["id"]) == ["t0", "t1", "t2", "t3"]
    assert frame["id"].tolist()[:2] == ["t2", "t0"]
    by_id = frame.set_index("id")
    assert by_id.loc["t1", "status"] == "origin_closed"
    assert by_id.loc["t3", "status"] == "no_route"
    approach = found.approach["fire_engine"]
    assert approach.off_wind_deg < 60
    assert not any(g.intersects(zone.geometry.iloc[0]) for g in frame.geometry.dropna())
    for key, one in found.routes.items():
        if one.status == "ok":
            assert by_id.loc[key, "travel_time_s"] == pytest.approx(one.travel_time_s)


def test_scene_in_the_open_is_driven_up_to(town: Network) -> None:
    frame = rank(open_view(town), _teams((118.70, 31.40)), (118.709, 31.4001))
    assert frame["travel_time_s"].iloc[0] == pytest.approx(0.009 * 95_106 / 10, rel=1e-2)


def test_crews_are_never_sent_into_a_pocket(town: Network) -> None:
    """The scene burns inside a ring of closed ground; the roads in its hole are open, but nobody gets there."""
    west, south = 118.70, 31.40
    x, y = west + 0.0101, south + 0.0101
    ring = shapely.Point(x, y).buffer(0.0062).difference(shapely.Point(x, y).buffer(0.0035))
    zone = gpd.GeoDataFrame(geometry=[shapely.union(ring, shapely.Point(x, y).buffer(0.0008))], crs=GEOGRAPHIC)
    teams, view = _teams((west, south)), close(town, zone)
    for scene in (LonLat(x, y), LonLat(x + 0.0019, y)):  # burning, and beside it in the hole
        found = ranking(view, teams, scene)
        target = found.approach["fire_engine"].snap
        assert target is not None
        assert shapely.distance(shapely.Point(x, y), shapely.Point(target.longitude, target.latitude)) > 0.0062
        assert found.frame["status"].tolist() == ["ok"]


def test_equipment_and_double_booking(town: Network) -> None:
    teams = _teams((118.70, 31.40), (118.705, 31.405), (118.709, 31.409))
    teams["equipment"] = [{"foam": 1}, "ladder", {"foam": 2, "detector": 1}]
    order = rank(open_view(town), teams, (118.72, 31.42))
    match = match_equipment(order, teams, {"foam": 3, "detector": 1, "boat": 1})
    assert match.teams == ("t2", "t0")
    assert dict(match.missing) == {"boat": 1}
    refuse_double_booking(["t1"], {"t2": "A"})
    with pytest.raises(ConflictError, match="t2 is engaged in A"):
        refuse_double_booking(["t1", "t2"], {"t2": "A"})


def test_matrix_is_the_routes(shanghai: Network, random_zone: Zone) -> None:
    rng = np.random.default_rng(8)
    view = close(shanghai, random_zone(rng, shanghai))
    west, south, east, north = shanghai.bounds

    def draw(k: int) -> gpd.GeoDataFrame:
        points = gpd.points_from_xy(rng.uniform(west, east, k), rng.uniform(south, north, k))
        return gpd.GeoDataFrame({"id": [str(i) for i in range(k)]}, geometry=points, crs=GEOGRAPHIC)

    a, b = draw(12), draw(9)
    table, statuses = travel_matrix(view, a, b)
    for i in range(12):
        for j in range(9):
            one = route(view, (a.geometry[i].x, a.geometry[i].y), (b.geometry[j].x, b.geometry[j].y))
            if one.status == "ok":
                assert table.iloc[i, j] == pytest.approx(one.travel_time_s)
            else:
                assert np.isnan(table.iloc[i, j])
    assert all(":" in why for side in statuses.values() for why in side.values())


def test_reach_against_distances_by_hand(town: Network) -> None:
    # From a crossing at 10 m/s: one minute is 600 m of road, in block distance.
    areas = reach(open_view(town), [(118.71, 31.41)], [1, 2])
    assert areas["minutes"].tolist() == [1.0, 2.0]
    one, two = areas.geometry
    assert two.buffer(1e-9).contains(one)
    assert one.contains(shapely.Point(118.71 + 580 / 95_106, 31.41))
    assert not one.contains(shapely.Point(118.71 + 720 / 95_106, 31.41))
    # In a grid of spacings a and b the reached length within R is the sum over streets; checked by sampling a graph.
    graph = nx.Graph()
    for s in range(town.segment_count):
        arc = town.arcs_of(np.asarray([s]))[0]
        graph.add_edge(int(town.tail[arc]), int(town.head[arc]), w=float(town.length_m[s]))
    start = int(np.argmin(np.hypot(np.asarray(town.node_lon) - 118.71, np.asarray(town.node_lat) - 31.41)))
    far = nx.single_source_dijkstra_path_length(graph, start, weight="w")
    total = sum(min(w, max(0.0, 600 - far[a]) + max(0.0, 600 - far[b])) for a, b, w in graph.edges(data="w"))
    assert areas["road_km"].iloc[0] == pytest.approx(total / 1000, rel=0.03)


def test_reach_from_two_stations_and_its_gaps(town: Network) -> None:
    view = open_view(town)
    stations = [(118.70, 31.40), (118.72, 31.42)]
    both = reach(view, stations, [1.5])
    single = [reach(view, [s], [1.5]) for s in stations]
    assert both["road_km"].iloc[0] == pytest.approx(sum(s["road_km"].iloc[0] for s in single), rel=1e-6)
    late = gaps(view, stations, 1.5, "car")
    total = float(np.asarray(town.length_m).sum()) / 1000
    assert late["road_km"].sum() + both["road_km"].iloc[0] == pytest.approx(total, rel=1e-6)


def test_people_reached_by_share_of_the_cell(town: Network) -> None:
    areas = reach(open_view(town), [(118.71, 31.41)], [1])
    cell = shapely.box(118.7095, 31.4095, 118.7105, 31.4105)
    far = shapely.box(118.75, 31.45, 118.76, 31.46)
    people = gpd.GeoDataFrame({"day": [100.0, 7.0], "night": [50.0, 7.0]}, geometry=[cell, far], crs=GEOGRAPHIC)
    counted = people_reached(areas, people)
    assert 0 < counted["people_day"].iloc[0] <= 100
    assert counted["people_night"].iloc[0] == pytest.approx(counted["people_day"].iloc[0] / 2)


def test_reach_leaves_closed_ground_out(town: Network) -> None:
    zone = gpd.GeoDataFrame(geometry=[shapely.box(118.7085, 31.4085, 118.7135, 31.4135)], crs=GEOGRAPHIC)
    view = close(town, zone)
    areas = reach(view, [(118.70, 31.40)], [10])
    assert areas.geometry.iloc[0].intersection(zone.geometry.iloc[0]).area < 1e-12
    inside = reach(view, [(118.711, 31.411)], [10])
    assert inside["status"].iloc[0] == "origin_closed"
    placed = place(view, LonLat(118.70, 31.40), profile("car"), "origin")
    assert placed.snap is not None
    assert np.isinf(sample(view, [placed.snap], profile("car")).seconds).any()


@pytest.mark.parametrize("seed", range(6))
def test_guards_stop_every_way_in_and_none_is_too_many(shanghai: Network, random_zone: Zone, seed: int) -> None:
    rng = np.random.default_rng(seed)
    view = close(shanghai, random_zone(rng, shanghai))
    points = closing_points(view)
    drivable = open_view(shanghai).weights("car") != CLOSED
    inside = shapely.intersects_xy(view.area, np.asarray(shanghai.node_lon), np.asarray(shanghai.node_lat))
    ring = shapely.buffer(view.area, 1500 / 95_000)
    near = shapely.intersects_xy(ring, np.asarray(shanghai.node_lon), np.asarray(shanghai.node_lat))
    guarded = set(points.loc[points["kind"] == "crossing", "node"].tolist())
    roads = points.loc[points["kind"] == "road"]
    graph = nx.DiGraph()
    stopped = 0
    for arc in np.flatnonzero(drivable).tolist():
        a, b = int(shanghai.tail[arc]), int(shanghai.head[arc])
        if a in guarded or b in guarded or inside[a]:
            continue
        if view.closed[arc]:
            if a in set(roads["node"]):
                stopped += 1
                continue
            graph.add_edge(a if near[a] else "out", "zone")
        elif not inside[b]:
            graph.add_edge(a if near[a] else "out", b if near[b] else "out")
    if graph.has_node("zone") and graph.has_node("out"):
        assert not nx.has_path(graph, "out", "zone")
    assert stopped >= len(roads)


def test_a_town_square_needs_as_many_guards_as_it_has_entries(town: Network) -> None:
    # A zone over the two southern rows of the town: every north-south street leads in, eleven in all.
    zone = gpd.GeoDataFrame(geometry=[shapely.box(118.69, 31.39, 118.73, 31.4025)], crs=GEOGRAPHIC)
    assert len(closing_points(close(town, zone), ring_m=800)) == 11


def test_directions_by_hand(town: Network) -> None:
    found = route(open_view(town), (118.7005, 31.40), (118.71, 31.4055))
    turns = [s.turn for s in steps(town, found)]
    assert turns[0] == "depart"
    assert turns[-1] == "arrive"
    assert set(turns[1:-1]) <= {"left", "right"}
    assert sum(s.distance_m for s in steps(town, found)) == pytest.approx(found.length_m, rel=1e-4)
    chinese, english = (sentences(steps(town, found), tongue) for tongue in ("zh", "en"))
    assert chinese[0].startswith("1. 向东出发，沿演练东西路0行驶")
    assert english[-1].endswith("Arrive.")
    with pytest.raises(InputError, match="give zh or en"):
        sentences([], "fr")


def test_export(town: Network) -> None:
    found = route(open_view(town), (118.7005, 31.40), (118.71, 31.4055))
    none = route(open_view(town), (118.7005, 31.40), (119.9, 31.4055))
    tree = ET.fromstring(as_gpx({"演练<1>": found, "none": none}))
    space = {"g": "http://www.topografix.com/GPX/1/1"}
    assert len(tree.findall("g:trk", space)) == 1
    assert len(tree.findall(".//g:trkpt", space)) == len(found.geometry.coords)
    document = json.loads(json.dumps(as_geojson({"a": found, "b": none})))
    assert [f["geometry"] is None for f in document["features"]] == [False, True]
    assert "OpenStreetMap" in document["attribution"]
