"""
How fast are the roads, beside the best other engines, on the same weights in the same run?

Every engine gets the same new random area in the same round and the answers are compared with each other; ratios come
first because they hold on a loaded machine where milliseconds do not. Run: python -m benchmarks.routing [--large]
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import igraph
import networkx as nx
import numpy as np
import shapely
from scipy.sparse.csgraph import dijkstra

from benchmarks.routing_networks import DATA, tiled, wuhan
from gis.crs import GEOGRAPHIC, WGS84, LonLat
from routing import cache
from routing.approach import approach_point
from routing.assignment import assign
from routing.capacity import NEVER_MS, FlowGraph, vehicles_per_slot
from routing.clearance import clear
from routing.closures import close, open_view, segments_meeting
from routing.dispatch import ranking
from routing.engine_scipy import ScipyEngine
from routing.hazard import hazard_from
from routing.network import Network
from routing.paths import leaving
from routing.profiles import CLOSED, profile
from routing.timed import Forecast, timed_between
from routing.trees import times_from

CAR = profile("car")
Rows = list[tuple[str, str]]


def plume(network: Network, rng: np.random.Generator) -> tuple[gpd.GeoDataFrame, LonLat]:
    """A spindle of 2 to 6 km somewhere in the network, and its source."""
    node = int(rng.integers(network.node_count))
    at = np.asarray([network.node_lon[node], network.node_lat[node]], float)
    length = rng.uniform(2000, 6000) / 100_000
    along = np.linspace(0, 1, 33)
    side = 0.21 * length * np.sin(np.pi * along) ** 0.6
    points = np.vstack([np.column_stack([along * length, side]), np.column_stack([along * length, -side])[::-1]])
    angle = rng.uniform(0, 2 * np.pi)
    turn = np.asarray([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return gpd.GeoDataFrame(geometry=[shapely.Polygon(points @ turn.T + at)], crs=GEOGRAPHIC), LonLat(*at)


def clock(work: Callable[[], Any]) -> tuple[float, Any]:
    """Milliseconds and answer."""
    start = time.perf_counter()
    answer = work()
    return 1000 * (time.perf_counter() - start), answer


def spread(values: list[float]) -> str:
    """Median and 90th percentile."""
    return f"{np.median(values):.1f} ms (p90 {np.percentile(values, 90):.1f})"


def refresh(network: Network, rounds: int, slow: int) -> Rows:
    """New area, 200 teams ranked, 5 best routes: ours against a scipy reverse tree, igraph and networkx."""
    rng = np.random.default_rng(7)
    nodes = rng.choice(network.node_count, 200, replace=False)
    places = gpd.points_from_xy(np.asarray(network.node_lon)[nodes], np.asarray(network.node_lat)[nodes])
    teams = gpd.GeoDataFrame(
        {"id": [str(i) for i in range(200)], "name": "", "kind": "fire"}, geometry=places, crs=GEOGRAPHIC
    )
    graph = other = None
    if slow:
        graph = nx.MultiDiGraph()
        base = open_view(network).weights(CAR)
        graph.add_weighted_edges_from(
            zip(network.tail.tolist(), network.head.tolist(), base.tolist(), strict=True), "ms"
        )
        backward = graph.reverse(copy=False)
        del graph
        graph = backward
        other = igraph.Graph(
            n=network.node_count, edges=np.column_stack([network.tail, network.head]).tolist(), directed=True
        )
    times: dict[str, list[float]] = {"ours": [], "scipy": [], "networkx": [], "igraph": []}
    parts: dict[str, list[float]] = {"close": [], "weights": [], "rank": []}
    previous = None
    for number in range(-3, rounds):  # three rounds to warm up
        zone, scene = plume(network, rng)
        start = time.perf_counter()
        view = close(network, zone)
        closed = time.perf_counter()
        view.engine(CAR)
        weighed = time.perf_counter()
        found = ranking(view, teams, scene, profile=CAR, routes=5)
        end = time.perf_counter()
        target = approach_point(view, scene, CAR).snap
        if number < 0 or target is None:
            continue
        previous = view  # noqa: F841 - the last view stays in use, as on a screen
        times["ours"].append(1000 * (end - start))
        for key, value in zip(parts, (closed - start, weighed - closed, end - weighed), strict=True):
            parts[key].append(1000 * value)
        goal = int(network.tail[int(leaving(network, view.weights(CAR), target, int(CLOSED))[0][0])])

        def by_scipy(zone: Any = zone, goal: int = goal) -> Any:
            other_view = close(network, zone)
            engine = ScipyEngine(network, other_view.weights(CAR))
            return dijkstra(engine.backward, indices=goal, return_predecessors=True)[0][nodes]

        spent, tree = clock(by_scipy)
        times["scipy"].append(spent)
        check = view.engine(CAR).matrix(nodes, np.asarray([goal]))[:, 0]
        assert np.array_equal(check, tree), "engines differ"
        if number < slow and graph is not None and other is not None:
            shut = {(int(network.tail[a]), int(network.head[a])) for a in view.closed_arcs}

            def weight(a: int, b: int, edges: Any, shut: Any = shut) -> float | None:
                return None if (b, a) in shut else min(e["ms"] for e in edges.values())

            spent, lengths = clock(
                lambda goal=goal, weight=weight: nx.single_source_dijkstra(graph, goal, weight=weight)[0]
            )
            times["networkx"].append(spent)
            assert all(lengths.get(int(x), np.inf) == t for x, t in zip(nodes, tree, strict=True)), "engines differ"
            numbers = np.where(view.weights(CAR) == CLOSED, np.inf, view.weights(CAR).astype(float))
            spent, _ = clock(
                lambda goal=goal, numbers=numbers: other.distances([goal], nodes.tolist(), numbers.tolist(), mode="in")
            )
            times["igraph"].append(spent)
        assert len(found.frame) == 200
    ours = float(np.median(times["ours"]))
    rows = [
        (f"refresh on {network.name}: area, 200 teams ranked, 5 routes", spread(times["ours"])),
        ("  of it closing / weights / ranking", " / ".join(f"{np.median(parts[k]):.1f}" for k in parts) + " ms"),
    ]
    for key in ("scipy", "networkx", "igraph"):
        if times[key]:
            ratio = np.median(times[key]) / ours
            rows.append((f"  {key}, one reverse tree, no routes built", f"{ratio:.2f} x ours ({spread(times[key])})"))
    return rows


def matrix(network: Network, sources: int, targets: int) -> Rows:
    """Many-to-many with an area closed, against scipy's reverse trees."""
    rng = np.random.default_rng(3)
    view = close(network, plume(network, rng)[0])
    a, b = (rng.choice(network.node_count, k, replace=False) for k in (sources, targets))
    engine = view.engine(CAR)
    engine.matrix(a[:2], b[:2])
    ours, first = clock(lambda: engine.matrix(a, b))
    scipy_ms, second = clock(lambda: ScipyEngine(network, view.weights(CAR)).matrix(a, b))
    assert np.array_equal(first, second), "engines differ"
    return [
        (
            f"{sources} x {targets} matrix with exclusion on {network.name}",
            f"{ours:.0f} ms; scipy {scipy_ms / ours:.0f} x",
        )
    ]


def area_to_arcs(network: Network) -> Rows:
    """Polygon to segments, per 100,000 segments."""
    rng = np.random.default_rng(4)
    spent = []
    for _ in range(12):
        zone = plume(network, rng)[0].geometry.iloc[0]
        spent.append(clock(lambda zone=zone: segments_meeting(network, zone))[0])
    scaled = [t * 1e5 / network.segment_count for t in spent[2:]]
    return [(f"area to segments on {network.name}, per 10^5 segments", spread(scaled))]


def moving(network: Network) -> Rows:
    """One-to-one under a growing cloud against the static search by the same code and one-to-all Dijkstra."""
    rng = np.random.default_rng(6)
    ratios, under = [], []
    view = open_view(network)
    from routing.rescue import place

    for number in range(12):
        zone, scene = plume(network, rng)
        rings = [shapely.affinity.scale(zone.geometry.iloc[0], k, k, origin=(*scene, 0)) for k in (0.3, 0.6, 1.0)]
        frame = gpd.GeoDataFrame({"arrival_s": [0.0, 300.0, 900.0]}, geometry=rings, crs=GEOGRAPHIC)
        forecast, still = (
            Forecast(view, hazard_from(frame)),
            Forecast(view, hazard_from(frame.iloc[:0].assign(arrival_s=[]))),
        )
        ends = []
        for _ in range(2):
            node = int(rng.integers(network.node_count))
            ends.append(
                place(view, LonLat(float(network.node_lon[node]), float(network.node_lat[node])), CAR, "origin").snap
            )
        if ends[0] is None or ends[1] is None:
            continue
        static, _ = clock(lambda ends=ends, still=still: timed_between(still, ends[0], ends[1], CAR))
        timed, _ = clock(lambda ends=ends, forecast=forecast: timed_between(forecast, ends[0], ends[1], CAR))
        if number > 1:
            ratios.append(timed / static)
            under.append(timed)
    seeds = np.asarray([0])
    tree, _ = clock(lambda: times_from(network, view.weights(CAR), seeds, seeds))
    return [
        (f"route under a moving cloud on {network.name}", f"{np.median(ratios):.2f} x the same search without cloud"),
        ("  its time; one-to-all Dijkstra beside it", f"{spread(under)}; {tree:.1f} ms"),
    ]


def assignment() -> Rows:
    """300 x 60 exact assignment against networkx network simplex."""
    rng = np.random.default_rng(5)
    cost = rng.integers(60, 3600, (300, 60)).astype(float)
    people, rooms = rng.integers(50, 600, 300), np.full(60, 2300)
    assign(cost, people, rooms)
    ours, found = clock(lambda: assign(cost, people, rooms))
    graph = nx.DiGraph()
    for i in range(300):
        graph.add_node(("b", i), demand=-int(people[i]))
        for j in range(60):
            graph.add_edge(("b", i), ("s", j), weight=int(cost[i, j]))
    for j in range(60):
        graph.add_edge(("s", j), "sink", capacity=2300, weight=0)
    graph.add_node("sink", demand=int(people.sum()))
    theirs, (best, _) = clock(lambda: nx.network_simplex(graph))
    assert best == found.total_person_s, "not the optimum"
    return [
        ("assignment 300 x 60, proven optimum", f"{ours:.1f} ms; networkx simplex {theirs / ours:.0f} x, same optimum")
    ]


def reference_clearance(network: Network) -> Rows:
    """The reference evacuation: 94,712 people, 38,006 vehicles, 300 blocks, 60 shelters, 107,283 arcs."""
    points = gpd.GeoSeries(gpd.points_from_xy(network.node_lon, network.node_lat), crs=WGS84)
    metric = points.to_crs(points.estimate_utm_crs())
    x, y = metric.x.to_numpy(), metric.y.to_numpy()
    centre = np.asarray([np.median(x), np.median(y)])
    along = np.linspace(0, 1, 65)
    side = 1250 * np.sin(np.pi * along) ** 0.6
    shape = np.vstack([np.column_stack([along * 6000, side]), np.column_stack([along * 6000, -side])[::-1]])
    turn = np.asarray([[np.cos(0.6), -np.sin(0.6)], [np.sin(0.6), np.cos(0.6)]])
    cloud = shapely.Polygon(shape @ turn.T + centre)
    away = np.hypot(x - centre[0], y - centre[1])
    inside = np.flatnonzero(shapely.intersects_xy(cloud, x, y))
    beyond = np.flatnonzero(~shapely.intersects_xy(cloud.buffer(800), x, y) & (away < 11_000))
    rng = np.random.default_rng(5)
    blocks, shelters = rng.choice(inside, 300, replace=False), rng.choice(beyond, 60, replace=False)
    people = rng.integers(50, 600, 300)
    vehicles = np.ceil(people / 2.5).astype(np.int64)
    use = np.flatnonzero(away[network.tail] <= 13_000)
    n = network.node_count
    tail = np.concatenate([np.asarray(network.tail)[use], n + np.arange(300), shelters])
    head = np.concatenate([np.asarray(network.head)[use], blocks, n + 300 + np.arange(60)])
    spent = np.concatenate([np.asarray(network.time_ms)[use], np.zeros(360)]).astype(np.int64)
    limit = np.concatenate([vehicles_per_slot(network)[use], np.full(360, 10**6)]).astype(np.int64)
    order = np.argsort(tail, kind="stable")
    first = np.concatenate([[0], np.cumsum(np.bincount(tail, minlength=n + 360))]).astype(np.int64)
    graph = FlowGraph(
        first, tail[order], head[order], spent[order], limit[order], order, np.full(len(order), NEVER_MS),
        n + np.arange(300), n + 300 + np.arange(60),
    )  # fmt: skip
    rooms, release = np.full(60, 887), np.zeros(300, np.int64)
    clear(graph, vehicles[:], rooms, release)
    ours, found = clock(lambda: clear(graph, vehicles, rooms, release))
    assert not found.stranded.any()
    assert (found.schedule.used <= graph.per_slot[found.schedule.used_arc][:, None]).all()
    last = found.schedule.last_ms / 60_000
    return [
        (
            f"clearance of {int(people.sum()):,} people in {int(vehicles.sum()):,} vehicles",
            f"{ours / 1000:.1f} s; last arrival {last:.1f} min (plain CCRP 61.3), bound {found.bound_s / 60:.0f} min",
        )
    ]


def cold_start(network: Network) -> Rows:
    """Load from the verified cache and answer, against networkx reading GraphML."""
    with tempfile.TemporaryDirectory() as folder:
        place = cache.save(network, Path(folder) / "n")
        load, loaded = clock(lambda: cache.load(place))
        ready, _ = clock(lambda: open_view(loaded).engine(CAR))
        return [(f"load {network.name} verified; ready to search", f"{load:.0f} ms; {load + ready:.0f} ms")]


def valhalla() -> Rows:
    """Liechtenstein: a route round an excluded polygon, Valhalla against ours, each with its own costs."""
    import valhalla as peer
    from valhalla.config import get_config

    from routing.importing import read
    from routing.rescue import route

    network = read(DATA / "liechtenstein.osm.pbf")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "tiles").mkdir()
        config = get_config(tile_extract="", tile_dir=f"{folder}/tiles", verbose=False)
        config["mjolnir"].pop("tile_extract", None)
        config["mjolnir"]["timezone"] = config["mjolnir"]["admin"] = ""
        path = Path(folder) / "valhalla.json"
        path.write_text(json.dumps(config), encoding="utf-8")
        import subprocess

        subprocess.run(
            [Path(peer.__file__).parent / "bin" / "valhalla_build_tiles", "-c", path, DATA / "liechtenstein.osm.pbf"],
            check=True, capture_output=True,
        )  # fmt: skip
        actor = peer.Actor(str(path))
        rng = np.random.default_rng(9)
        theirs, ours = [], []
        for _ in range(30):
            zone, _ = plume(network, rng)
            ends = [int(rng.integers(network.node_count)) for _ in range(2)]
            places = [(float(network.node_lon[i]), float(network.node_lat[i])) for i in ends]
            ask = {
                "locations": [{"lon": x, "lat": y} for x, y in places], "costing": "auto", "directions_type": "none",
                "exclude_polygons": [[list(p) for p in zone.geometry.iloc[0].exterior.coords]],
            }  # fmt: skip
            try:
                spent, _ = clock(lambda ask=ask: actor.route(ask))
            except RuntimeError:
                continue
            theirs.append(spent)
            ours.append(clock(lambda zone=zone, places=places: route(close(network, zone), *places))[0])
    ratio = np.median(theirs) / np.median(ours)
    return [
        (
            f"route round an area, Liechtenstein: pyvalhalla {peer.__version__}",
            f"{ratio:.1f} x ours ({spread(theirs)}; ours {spread(ours)})",
        )
    ]


def main() -> None:
    """Run everything and print it as a table."""
    city = wuhan()
    rows = refresh(city, 20, 3)
    for part in (lambda: matrix(city, 500, 100), lambda: area_to_arcs(city), lambda: moving(city), assignment,
                 lambda: reference_clearance(city), lambda: cold_start(city), valhalla):  # fmt: skip
        try:
            rows += part()
        except (ImportError, OSError, RuntimeError) as error:
            rows.append((getattr(part, "__name__", "part"), f"not run: {error}"))
    if "--large" in sys.argv:
        large = tiled(city)
        rows += [*refresh(large, 12, 0), *area_to_arcs(large), *cold_start(large), *matrix(large, 500, 20)]
    print("| what | measured |\n|---|---|")
    for what, value in rows:
        print(f"| {what} | {value} |")


if __name__ == "__main__":
    main()
