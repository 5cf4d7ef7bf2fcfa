"""Does every importer find what is in its file? Counts of data/routing/SOURCES.md, found by other means."""

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gis.errors import InputError, MissingError
from routing.classes import CODE
from routing.flags import BRIDGE, SPEED_INFERRED, TUNNEL
from routing.importing import from_lines, read
from routing.network import Network


def test_shanghai_counts(shanghai: Network) -> None:
    # SOURCES.md: 4,701 car ways; node level 21,786 / 34,679; largest part 20,679 / 33,455; simplified 4,588 / 10,023.
    report = shanghai.report
    assert report["car_ways"] == 4701
    assert report["node_level"] == {"nodes": 21786, "arcs": 34679}
    assert report["largest_part"] == {"nodes": 20679, "arcs": 33455}
    assert shanghai.node_count == pytest.approx(4588, rel=0.05)
    assert shanghai.arc_count == pytest.approx(10023, rel=0.05)


def test_liechtenstein_counts(liechtenstein: Network) -> None:
    # SOURCES.md: 2,388 car ways; 16,912 / 34,116; 16,808 / 33,953; 3,483 / 7,762; school 19, kindergarten 6 …
    report = liechtenstein.report
    assert report["car_ways"] == 2388
    assert report["node_level"] == {"nodes": 16912, "arcs": 34116}
    assert report["largest_part"] == {"nodes": 16808, "arcs": 33953}
    assert liechtenstein.node_count == pytest.approx(3483, rel=0.05)
    assert liechtenstein.arc_count == pytest.approx(7762, rel=0.05)
    places = report["places"]
    found = {
        k: places[k] for k in ("school", "kindergarten", "hospital", "fire_station", "police", "shelter", "industrial")
    }
    assert found == {
        "school": 19, "kindergarten": 6, "hospital": 1, "fire_station": 6, "police": 1, "shelter": 4, "industrial": 16,
    }  # fmt: skip
    # 9,001 by SOURCES.md, of which some are relations: those are not assembled.
    assert 8950 <= places["building"] <= 9001
    assert report["turn_restrictions"]["found"] == 3


def test_wuhan_counts(wuhan: Network) -> None:
    # SOURCES.md, recipe: 78,915 nodes, 158,782 arcs, 88,467 distinct undirected segments.
    assert (wuhan.node_count, wuhan.arc_count) == (78915, 158782)
    assert wuhan.report["distinct_segments"] == 88467


def test_capacity_network(shared_data: Path) -> None:
    # SOURCES.md: 22,259 nodes, 43,828 links, one component, 18,122 km; 24,534 links at 600 veh/h.
    network = read(shared_data / "routing" / "mount_alexander_matsim_network.xml.gz", crs="EPSG:28355")
    assert (network.node_count, network.arc_count) == (22259, 43828)
    assert np.asarray(network.length_m).sum() / 1000 == pytest.approx(18122, abs=1)
    assert int((np.asarray(network.capacity_veh_h) == 600).sum()) == 24534


def test_capacity_network_without_crs_says_so(shared_data: Path) -> None:
    with pytest.raises(InputError, match="names no coordinate system"):
        read(shared_data / "routing" / "mount_alexander_matsim_network.xml.gz")


def test_shanghai_tags(shanghai: Network) -> None:
    # 28 ways at 3 m; maxheight=default is no number; bridges and tunnels are kept.
    assert (np.asarray(shanghai.max_height_m) == 3).sum() >= 28
    # 112 bridge ways in the file; some lie outside the largest part.
    assert 100 <= len(np.unique(shanghai.way_id[(shanghai.flags & BRIDGE) > 0])) <= 112
    assert 60 <= len(np.unique(shanghai.way_id[(shanghai.flags & TUNNEL) > 0])) <= 85
    assert ((shanghai.flags & SPEED_INFERRED) == 0).sum() == shanghai.report["inferred"]["segments"] - shanghai.report[
        "inferred"
    ]["speed_by_class"]
    assert "南京西路" in shanghai.names


def test_attribution_travels(shanghai: Network) -> None:
    assert "OpenStreetMap contributors, ODbL 1.0" in shanghai.provenance.source


def test_lengths_agree_with_the_ellipsoid(shanghai: Network) -> None:
    import pyproj

    geod = pyproj.Geod(ellps="GRS80")
    which = np.arange(0, shanghai.segment_count, 50)
    for segment, line in zip(which, shanghai.segment_lines(which), strict=True):
        assert shanghai.length_m[segment] == pytest.approx(geod.geometry_length(line), rel=1e-5, abs=1e-3)


def test_lines_make_a_town(town: Network) -> None:
    assert (town.node_count, town.arc_count, town.segment_count) == (121, 440, 220)


def test_one_way_and_roundabout_and_reverse() -> None:
    square = [(118.7, 31.4), (118.701, 31.4), (118.701, 31.401), (118.7, 31.401), (118.7, 31.4)]
    frame = gpd.GeoDataFrame(
        {"highway": ["residential"] * 4, "oneway": ["yes", "yes", "-1", "yes"]},
        geometry=[
            shapely.LineString(square[0:2]),
            shapely.LineString(square[1:3]),
            shapely.LineString(square[2:4][::-1]),
            shapely.LineString(square[3:5]),
        ],
        crs="EPSG:4326",
    )
    network = from_lines(frame)
    assert network.arc_count == 4  # a ring driven one way round: every arc's head is the next one's tail
    assert sorted(network.head.tolist()) == sorted(network.tail.tolist())


def test_bridge_without_common_vertex_stays_apart() -> None:
    cross = [
        shapely.LineString([(118.7, 31.4), (118.702, 31.4)]),
        shapely.LineString([(118.701, 31.399), (118.701, 31.401)]),
    ]
    frame = gpd.GeoDataFrame({"highway": "primary", "bridge": ["no", "yes"]}, geometry=cross, crs="EPSG:4326")
    network = from_lines(frame)
    assert network.node_count == 2


@pytest.mark.parametrize("ending", [".gpkg", ".parquet", ".geojson"])
def test_files_of_lines(tmp_path: Path, town_frame: Callable[..., gpd.GeoDataFrame], ending: str) -> None:
    path = tmp_path / f"town{ending}"
    frame = town_frame(4, 4)
    if ending == ".parquet":
        frame.to_parquet(path)
    else:
        frame.to_file(path)
    network = read(path)
    assert (network.node_count, network.arc_count) == (16, 48)
    assert network.speed_kmh[0] == 36


def test_graphml_of_osmnx(tmp_path: Path, town: Network) -> None:
    import networkx as nx
    import osmnx

    graph = nx.MultiDiGraph(crs="EPSG:4326")
    for i in range(town.node_count):
        graph.add_node(i, x=float(town.node_lon[i]), y=float(town.node_lat[i]))
    for arc in range(town.arc_count):
        segment = int(town.arc_segment[arc])
        tags = {"highway": "residential", "maxspeed": "36", "oneway": False, "osmid": segment + 1}
        graph.add_edge(int(town.tail[arc]), int(town.head[arc]), length=float(town.length_m[segment]), **tags)
    path = tmp_path / "town.graphml"
    osmnx.save_graphml(graph, path)
    network = read(path)
    assert (network.node_count, network.arc_count, network.segment_count) == (121, 440, 220)
    assert sorted(network.time_ms.tolist()) == sorted(town.time_ms.tolist())


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("broken.osm.pbf", b"not a pbf", "damaged"),
        ("empty.osm", b"<osm version='0.6'></osm>", "no road of a class"),
        ("broken.graphml", b"<graphml", "no GraphML"),
        ("roads.txt", b"", "ending is not known"),
        ("broken.gpkg", b"xx", "no roads can be read"),
    ],
)
def test_bad_files_get_one_sentence(tmp_path: Path, name: str, content: bytes, sentence: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=sentence):
        read(path)


def test_missing_file() -> None:
    with pytest.raises(MissingError, match="there is no file"):
        read("/nowhere/roads.osm.pbf")


_OSM = """<osm version="0.6">
<way id="10"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="residential"/></way>
<way id="11"><nd ref="2"/><nd ref="4"/><tag k="highway" v="residential"/><tag k="maxspeed" v="30 mph"/></way>
<way id="12"><nd ref="3"/><nd ref="5"/><nd ref="4"/><tag k="highway" v="residential"/></way>
<way id="13"><nd ref="1"/><nd ref="4"/><tag k="highway" v="residential"/></way>
<node id="1" lon="118.700" lat="31.400"/><node id="2" lon="118.701" lat="31.400"/>
<node id="3" lon="118.702" lat="31.400"/><node id="4" lon="118.701" lat="31.401"/>
<node id="5" lon="118.702" lat="31.401">{tags}</node>
{relation}
</osm>"""


def test_nodes_after_ways_and_a_speed_in_miles(tmp_path: Path) -> None:
    path = tmp_path / "small.osm"
    path.write_text(_OSM.format(tags="", relation=""), encoding="utf-8")
    network = read(path)
    assert network.report["node_level"] == {"nodes": 5, "arcs": 12}
    assert network.speed_kmh[np.flatnonzero(network.way_id == 11)[0]] == pytest.approx(48.28, abs=0.01)


def test_bollard_stops_cars_but_not_walkers(tmp_path: Path) -> None:
    from routing.closures import open_view
    from routing.profiles import CLOSED

    path = tmp_path / "small.osm"
    path.write_text(_OSM.format(tags='<tag k="barrier" v="bollard"/>', relation=""), encoding="utf-8")
    network = read(path)
    assert network.report["barrier_nodes"] == 1
    view = open_view(network)
    barrier = np.asarray(network.road_class)[network.arc_segment] == CODE["barrier"]
    assert barrier.any()
    assert (view.weights("car")[barrier] == CLOSED).all()
    assert (view.weights("foot")[barrier] != CLOSED).all()


def test_turn_restriction_is_honoured_by_every_engine(tmp_path: Path) -> None:
    from routing.closures import open_view
    from routing.rescue import route

    relation = (
        '<relation id="1"><member type="way" ref="10" role="from"/><member type="node" ref="2" role="via"/>'
        '<member type="way" ref="11" role="to"/><tag k="type" v="restriction"/>'
        '<tag k="restriction" v="no_left_turn"/></relation>'
    )
    free, barred = tmp_path / "free.osm", tmp_path / "barred.osm"
    free.write_text(_OSM.format(tags="", relation=""), encoding="utf-8")
    barred.write_text(_OSM.format(tags="", relation=relation), encoding="utf-8")
    start, end = (118.7005, 31.4), (118.701, 31.4005)
    before = route(open_view(read(free)), start, end)
    network = read(barred)
    after = route(open_view(network), start, end)
    assert network.report["turn_restrictions_applied"] > 0
    assert before.status == after.status == "ok"
    assert after.travel_time_s > before.travel_time_s
    assert 10 not in after.ways[:-1] or after.ways[1:2] != (11,)
