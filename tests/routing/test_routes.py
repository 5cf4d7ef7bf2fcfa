"""Do routes keep out of everything closed, take the time Dijkstra says, and tell plainly when there is none?"""

import importlib.util
import os
from collections.abc import Callable

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis.crs import GEOGRAPHIC, LonLat
from gis.errors import InputError
from routing.alternatives import MAX_SHARED, alternatives, shared
from routing.closures import RoadReport, close, open_view, with_conditions
from routing.engine_cch import CchEngine, available
from routing.engine_scipy import ScipyEngine
from routing.grid import grid_of
from routing.importing.lines import from_lines
from routing.matrix import travel_times
from routing.network import Network
from routing.paths import length_of
from routing.profiles import CLOSED, PROFILES, Conditions, profile, weights_ms
from routing.rescue import route
from routing.snapping import snap
from routing.trees import NEVER, times_from, times_to
from routing.view import View

Zone = Callable[[np.random.Generator, Network], gpd.GeoDataFrame]
# 1,000 cases: ROUTING_EXAMPLES=1000 pytest tests/routing/test_routes.py
EXAMPLES = int(os.environ.get("ROUTING_EXAMPLES", "25"))
quiet = settings(
    deadline=None,
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def _graph(view: View, vehicle: str = "car") -> nx.MultiDiGraph:
    """The oracle: the same weights as an object graph."""
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(range(view.network.node_count))
    weights = view.weights(vehicle)
    for arc in np.flatnonzero(weights != CLOSED).tolist():
        graph.add_edge(int(view.network.tail[arc]), int(view.network.head[arc]), key=arc, ms=int(weights[arc]))
    return graph


def _polygon(*points: tuple[float, float]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[shapely.Polygon(points)], crs=GEOGRAPHIC)


def test_a_straight_way_by_hand(town: Network) -> None:
    # Ten blocks of 0.002 degrees along a parallel at 31.4 N: 0.02 x 95 106 m a degree = 1 902 m at 36 km/h.
    found = route(open_view(town), (118.70, 31.40), (118.72, 31.40))
    assert found.status == "ok"
    assert found.length_m == pytest.approx(0.02 * 95_105.9, rel=1e-4)
    assert found.travel_time_s == pytest.approx(found.length_m / 10, rel=1e-3)
    assert found.proof == "no_area"


def test_a_way_within_one_segment(town: Network) -> None:
    found = route(open_view(town), (118.7003, 31.40), (118.7013, 31.40))
    assert found.length_m == pytest.approx(0.001 * 95_105.9, rel=1e-3)
    assert len(found.arcs) == 1
    back = route(open_view(town), (118.7013, 31.40), (118.7003, 31.40))
    assert back.length_m == pytest.approx(found.length_m)
    same = route(open_view(town), (118.7003, 31.40), (118.7003, 31.40))
    assert (same.status, same.length_m) == ("ok", 0.0)


@quiet
@given(seed=st.integers(0, 2**32 - 1))
def test_no_route_meets_a_random_zone_and_times_are_dijkstras(shanghai: Network, random_zone: Zone, seed: int) -> None:
    rng = np.random.default_rng(seed)
    zone = random_zone(rng, shanghai)
    view = close(shanghai, zone)
    area = shapely.union_all(zone.geometry)
    closed = set(view.closed_arcs.tolist())
    # Independent of the boxes and the index: every segment against the area, one by one.
    expected = shapely.intersects(area, shanghai.segment_lines())
    np.testing.assert_array_equal(view.closed, expected[shanghai.arc_segment])
    west, south, east, north = shanghai.bounds
    scipy_engine = ScipyEngine(shanghai, view.weights())
    for _ in range(4):
        ends = [LonLat(rng.uniform(west, east), rng.uniform(south, north)) for _ in range(2)]
        found = route(view, *ends)
        if found.status != "ok":
            assert found.geometry is None
            assert found.reason
            continue
        assert not closed & set(found.arcs)
        assert not area.intersects(found.geometry)
        assert found.proof == "outside"
        assert found.origin is not None
        assert found.destination is not None
        view_by_scipy = View(shanghai, view.closed, view.area, view.report)
        view_by_scipy._engines[profile("car")] = scipy_engine
        again = travel_times(view_by_scipy, [found.origin], [found.destination], profile("car"))
        assert found.travel_time_s == pytest.approx(float(again[0, 0]), abs=1e-9)
        assert found.length_m == pytest.approx(length_of(shanghai, list(found.arcs), found.origin, found.destination))


def test_engines_agree_with_networkx(shanghai: Network, random_zone: Zone) -> None:
    rng = np.random.default_rng(11)
    view = close(shanghai, random_zone(rng, shanghai))
    graph, weights = _graph(view), view.weights()
    engines = [ScipyEngine(shanghai, weights)] + (
        [CchEngine(shanghai, view.weights("car"), profile("car"))] if available() else []
    )
    for source in rng.integers(0, shanghai.node_count, 5).tolist():
        oracle = nx.single_source_dijkstra_path_length(graph, source, weight="ms")
        expected = np.asarray([oracle.get(i, np.inf) for i in range(shanghai.node_count)], float)
        targets = rng.integers(0, shanghai.node_count, 40)
        for engine in engines:
            np.testing.assert_array_equal(engine.matrix(np.asarray([source]), targets)[0], expected[targets])
            best = engine.shortest([(source, 0)], [(int(targets[0]), 7)])
            if np.isfinite(expected[targets[0]]):
                assert best is not None
                assert best[0] == expected[targets[0]] + 7
                assert int(weights[best[1]].astype(np.int64).sum()) == expected[targets[0]]
            else:
                assert best is None
        tree, _ = times_from(shanghai, weights, np.asarray([source]), np.asarray([0]))
        np.testing.assert_array_equal(np.where(tree >= NEVER, np.inf, tree.astype(float)), expected)
        back = times_to(shanghai, weights, targets[:1], np.asarray([0]))
        assert (np.inf if back[source] >= NEVER else float(back[source])) == expected[targets[0]]


@pytest.mark.skipif(
    importlib.util.find_spec("routingkit_cch") is None, reason="the second CCH binding is not installed"
)
def test_two_bindings_agree(shanghai: Network, random_zone: Zone) -> None:
    import routingkit_cch

    rng = np.random.default_rng(5)
    view = close(shanghai, random_zone(rng, shanghai))
    weights = view.weights()
    order = routingkit_cch.compute_order_inertial(
        shanghai.node_count, shanghai.tail.tolist(), shanghai.head.tolist(),
        shanghai.node_lat.tolist(), shanghai.node_lon.tolist(),
    )  # fmt: skip
    topology = routingkit_cch.CCH(order, shanghai.tail.tolist(), shanghai.head.tolist(), False)
    metric = routingkit_cch.CCHMetric(topology, weights.tolist())
    query = routingkit_cch.CCHQuery(metric)
    engine = CchEngine(shanghai, view.weights("car"), profile("car"))
    for source, target in rng.integers(0, shanghai.node_count, (100, 2)).tolist():
        ours = engine.shortest([(source, 0)], [(target, 0)])
        theirs = query.run(source, target).distance
        assert (None if ours is None else ours[0]) == theirs


def test_views_do_not_disturb_each_other(shanghai: Network, random_zone: Zone) -> None:
    rng = np.random.default_rng(2)
    before = open_view(shanghai)
    pair = (121.45, 31.20), (121.52, 31.26)
    first = route(before, *pair)
    for _ in range(6):
        view = close(shanghai, random_zone(rng, shanghai))
        route(view, *pair)
        assert not before.closed.any()
        assert route(before, *pair).travel_time_s == first.travel_time_s
        del view


def test_statuses(town: Network) -> None:
    wall = close(town, _polygon((118.7085, 31.39), (118.7095, 31.39), (118.7095, 31.43), (118.7085, 31.43)))
    inside = (118.709, 31.405)
    west, east = (118.702, 31.404), (118.716, 31.404)
    assert route(wall, inside, east).status == "origin_closed"
    assert route(wall, west, inside).status == "destination_closed"
    cut = route(wall, west, east)
    assert cut.status == "cut_off"
    assert cut.reason.startswith("closed_road:演练东西路")
    assert cut.as_json()["geometry"] is None
    far = route(wall, west, (118.9, 31.9))
    assert (far.status, "farther" in far.reason) == ("no_route", True)
    both = route(wall, inside, inside)
    assert both.status == "origin_closed"


def test_a_long_segment_crossing_a_narrow_zone_is_closed(town: Network) -> None:
    # Both ends of the block stand outside the strip; its line does not.
    strip = close(town, _polygon((118.7008, 31.3999), (118.7012, 31.3999), (118.7012, 31.4001), (118.7008, 31.4001)))
    assert strip.report.segments == 1
    assert strip.report.arcs == 2


def test_a_hole_stays_open(town: Network) -> None:
    ring = shapely.Polygon(
        [(118.703, 31.403), (118.717, 31.403), (118.717, 31.417), (118.703, 31.417)],
        [[(118.707, 31.407), (118.713, 31.407), (118.713, 31.413), (118.707, 31.413)]],
    )
    view = close(town, gpd.GeoDataFrame(geometry=[ring], crs=GEOGRAPHIC))
    inner = route(view, (118.709, 31.410), (118.711, 31.410))
    assert inner.status == "ok"
    assert route(view, (118.709, 31.410), (118.701, 31.401)).status == "cut_off"


def test_echo_of_what_was_applied(town: Network) -> None:
    view = close(town, _polygon((118.9, 31.9), (118.91, 31.9), (118.91, 31.91)))
    assert view.report.as_json()["warnings"] == ["no_arc_closed"]
    zone = _polygon((118.703, 31.403), (118.709, 31.403), (118.709, 31.409), (118.703, 31.409))
    report = close(town, zone).report
    assert report.area_km2 == pytest.approx(0.006 * 95.1 * 0.006 * 110.88, rel=2e-3)
    assert report.arcs == 2 * report.segments > 0


@pytest.mark.parametrize(
    ("shape", "sentence"),
    [
        (shapely.LineString([(118.7, 31.4), (118.8, 31.4)]), "is a LineString"),
        (shapely.Polygon(), "is empty"),
        (shapely.Polygon([(118.7, 31.4), (118.8, 31.4), (118.7, 31.4)]), "encloses nothing"),
    ],
)
def test_bad_areas_are_named(town: Network, shape: shapely.Geometry, sentence: str) -> None:
    frame = gpd.GeoDataFrame({"name": ["演练区"]}, geometry=[shape], crs=GEOGRAPHIC)
    with pytest.raises(InputError, match=f"'演练区' {sentence}"):
        close(town, frame)


def test_a_twisted_outline_is_mended_and_said(town: Network) -> None:
    bow = _polygon((118.703, 31.403), (118.709, 31.409), (118.709, 31.403), (118.703, 31.409))
    assert "repaired" in close(town, bow).report.warnings


def test_one_sided_report_and_its_time(town: Network) -> None:
    from datetime import UTC, datetime

    there, back = ((118.7003, 31.40), (118.7013, 31.40)), ((118.7013, 31.40), (118.7003, 31.40))
    line = next(
        r for r in range(town.segment_count) if tuple(town.segment_lines(np.asarray([r]))[0].coords[0]) == (118.7, 31.4)
    )
    assert line >= 0
    late = datetime(2026, 11, 22, 12, tzinfo=UTC)
    report = RoadReport(longitude=118.7008, latitude=31.4, direction="forward", reason="演练", valid_from=late)
    early = close(town, reports=[report], moment=datetime(2026, 11, 22, 11, tzinfo=UTC))
    assert not early.closed.any()
    view = close(town, reports=[report], moment=late)
    assert view.closed.sum() == 1
    assert route(view, *back).length_m < 100
    assert route(view, *there).length_m > 500
    slow = close(town, reports=[RoadReport(longitude=118.7008, latitude=31.4, speed_factor=0.5)])
    assert route(slow, *there).travel_time_s == pytest.approx(
        2 * route(open_view(town), *there).travel_time_s, rel=1e-3
    )
    with pytest.raises(InputError, match="way 99 is not in network"):
        close(town, reports=[RoadReport(way_id=99)])


def test_low_bridge_stops_the_fire_engine(shanghai: Network) -> None:
    low = np.flatnonzero((np.asarray(shanghai.max_height_m) < 3.6) & (np.asarray(shanghai.max_height_m) > 1.6))
    assert len(low)
    view = open_view(shanghai)
    arcs = shanghai.arcs_of(low)
    assert (view.weights("fire_engine")[arcs] == CLOSED).all()
    assert (view.weights("car")[arcs] != CLOSED).all()
    unknown = route(view, (121.45, 31.20), (121.52, 31.26), "fire_engine").unknown_limits
    assert 0 < unknown["no_height_limit_known"] <= unknown["segments"]


def test_every_profile_answers(shanghai: Network) -> None:
    view = open_view(shanghai)
    times = {name: route(view, (121.45, 31.20), (121.50, 31.25), name).travel_time_s for name in PROFILES}
    assert times["foot"] > times["car"]
    with pytest.raises(InputError, match="no vehicle profile 'tank'"):
        route(view, (121.45, 31.20), (121.50, 31.25), "tank")


def test_walkers_ignore_one_way_signs() -> None:
    from routing.importing import from_lines

    ring = [(118.7, 31.4), (118.705, 31.4), (118.705, 31.405), (118.7, 31.405), (118.7, 31.4)]
    lines = [shapely.LineString(ring[i : i + 2]) for i in range(4)]
    frame = gpd.GeoDataFrame({"highway": ["residential"] * 4, "oneway": "yes"}, geometry=lines, crs=GEOGRAPHIC)
    view = open_view(from_lines(frame))
    start, end = (118.704, 31.4), (118.701, 31.4)
    assert route(view, start, end).length_m > 1500
    assert route(view, start, end, "foot").length_m == pytest.approx(0.003 * 95_106, rel=1e-3)


def test_a_lorry_keeps_out_where_and_when_lorries_may_not_pass(town_frame: Callable[..., gpd.GeoDataFrame]) -> None:
    frame = town_frame(2, 2)
    bans = {0: {"hgv": "no"}, 1: {"hgv:conditional": "no @ (07:00-09:00)"}, 2: {"hazmat": "no"}}
    for column in ("hgv", "hgv:conditional", "hazmat"):
        frame[column] = [bans.get(row, {}).get(column) for row in range(len(frame))]
    network = from_lines(frame, "演练")

    def shut(kind: str, hour: int | None) -> int:
        weights = weights_ms(network, profile(kind), None if hour is None else Conditions(hour=hour))
        return len(np.unique(np.asarray(network.arc_segment)[weights == CLOSED]))

    assert shut("hazmat_tanker", 12) == 2
    assert shut("hazmat_tanker", 8) == 3
    assert shut("hazmat_tanker", None) == 3, "without an hour a road with hours is shut"
    for kind in ("car", "fire_engine", "ambulance", "bus"):
        assert shut(kind, 8) == 0


def test_rush_hour_and_rain_slow_down(shanghai: Network) -> None:
    view = open_view(shanghai)
    free = route(view, (121.45, 31.20), (121.52, 31.26)).travel_time_s
    wet = route(with_conditions(view, Conditions(weather_factor=0.8)), (121.45, 31.20), (121.52, 31.26)).travel_time_s
    rush = route(with_conditions(view, Conditions(hour=8)), (121.45, 31.20), (121.52, 31.26)).travel_time_s
    assert wet == pytest.approx(free / 0.8, rel=1e-3)
    assert rush > 1.2 * free
    with pytest.raises(InputError, match=r"hour 31.*weather factor 3"):
        with_conditions(view, Conditions(31, 3))


def test_alternatives_are_really_different(shanghai: Network) -> None:
    view = open_view(shanghai)
    best = route(view, (121.45, 31.20), (121.52, 31.26))
    others = alternatives(view, best, profile("car"), 3)
    assert others
    routes = [best, *others]
    for i, one in enumerate(routes):
        assert one.travel_time_s >= best.travel_time_s
        for other in routes[:i]:
            assert shared(one, other, shanghai) <= MAX_SHARED


@quiet
@given(seed=st.integers(0, 2**32 - 1))
def test_snapping_is_to_the_nearest_segment(shanghai: Network, seed: int) -> None:
    from routing.measure import metres_per_degree

    rng = np.random.default_rng(seed)
    west, south, east, north = shanghai.bounds
    place = LonLat(rng.uniform(west, east), rng.uniform(south, north))
    mask = rng.random(shanghai.segment_count) < rng.choice([0.02, 0.5, 1.0])
    found = snap(shanghai, place, open_segments=mask, max_distance_m=3000)
    per_lon, per_lat = (float(v[0]) for v in metres_per_degree(np.asarray([place.latitude])))
    lines = shapely.transform(shanghai.segment_lines(np.flatnonzero(mask)), lambda c: (c - place) * (per_lon, per_lat))
    nearest = float(shapely.distance(lines, shapely.Point(0, 0)).min())
    if found is None:
        assert nearest > 3000
    else:
        assert found.distance_m == pytest.approx(nearest, abs=1e-6)
    assert grid_of(shanghai).first[-1] >= shanghai.segment_count


def test_snapping_never_crosses_into_the_zone(town: Network) -> None:
    # The nearest road lies just across a closed strip; the way to the road must not pass it.
    strip = _polygon((118.6995, 31.40005), (118.7205, 31.40005), (118.7205, 31.4002), (118.6995, 31.4002))
    view = close(town, strip)
    place = LonLat(118.7033, 31.4004)
    found = route(view, place, (118.715, 31.415))
    assert found.origin is not None
    assert not strip.geometry.iloc[0].intersects(
        shapely.LineString([place, (found.origin.longitude, found.origin.latitude)])
    )


def test_sides(town: Network) -> None:
    along = snap(town, LonLat(118.7011, 31.40003))
    assert along is not None
    assert along.side == "left"
    assert along.distance_m == pytest.approx(0.00003 * 110_880, rel=1e-2)


def test_ids_out_of_range_never_reach_native_code(town: Network) -> None:
    engine = open_view(town).engine()
    for bad in (-1, town.node_count):
        with pytest.raises(InputError, match="node id"):
            engine.matrix(np.asarray([0]), np.asarray([bad]))
        with pytest.raises(InputError, match="node id"):
            engine.shortest([(bad, 0)], [(0, 0)])
