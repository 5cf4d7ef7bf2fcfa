"""Is the way under a moving cloud the earliest there is? Compared with a search over every unit of time."""

import heapq
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.crs import GEOGRAPHIC
from gis.errors import InputError
from routing.closures import open_view
from routing.hazard import FOREVER_MS, Hazard, Intervals, hazard_from
from routing.network import Network
from routing.rescue import route
from routing.timed import covered_tuple, timed_route
from routing.timed_search import earliest, safe_states


def _oracle(
    n: int,
    arcs: list[tuple[int, int, int]],
    covered_arc: list[list],
    covered_node: list[list],
    start: int,
    goal: int,
    horizon: int,
) -> int | None:
    """Every (node, unit of time): drive if the whole traverse is free, or wait one unit where the node is free."""
    seen = set()
    queue = [(0, start)]
    while queue:
        now, node = heapq.heappop(queue)
        if (now, node) in seen or now > horizon:
            continue
        seen.add((now, node))
        if node == goal:
            return now
        for k, (a, b, w) in enumerate(arcs):
            if a == node and all(now + w <= s or now >= e for s, e in covered_arc[k]):
                heapq.heappush(queue, (now + w, b))
        if all(now + 1 <= s or now >= e for s, e in covered_node[node]):
            heapq.heappush(queue, (now + 1, node))
    return None


def _intervals(rows: list[list]) -> Intervals:
    first = np.concatenate([[0], np.cumsum([len(r) for r in rows])]).astype(np.int64)
    flat = [x for r in rows for x in r]
    return Intervals(first, np.asarray([s for s, _ in flat], np.int64), np.asarray([e for _, e in flat], np.int64))


def _merge(rows: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for s, e in sorted(rows):
        if merged and s <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], e))
        else:
            merged.append((s, e))
    return merged


@settings(deadline=None, max_examples=150)
@given(seed=st.integers(0, 2**32 - 1), reopens=st.booleans())
def test_earliest_arrival_is_exact(seed: int, reopens: bool) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, 9))
    pairs = [(a, b) for a in range(n) for b in range(n) if a != b and rng.random() < 0.4]
    arcs = sorted((a, b, int(rng.integers(1, 12))) for a, b in pairs)
    if not arcs:
        return

    def times(most: int) -> list[tuple[int, int]]:
        rows = []
        for _ in range(int(rng.integers(0, most + 1))):
            s = int(rng.integers(0, 40))
            rows.append((s, s + int(rng.integers(1, 15)) if reopens else FOREVER_MS))
        return _merge(rows)

    nodes = [times(1) if i else [] for i in range(n)]
    # A road is covered whenever one of its ends is: the cloud lies on the ground, not on arcs.
    roads = [_merge(times(2) + nodes[a] + nodes[b]) for a, b, _ in arcs]
    first = np.searchsorted([a for a, _, _ in arcs], np.arange(n + 1)).astype(np.int64)
    covered = covered_tuple(_intervals([*roads, []]))
    states = safe_states(n, _intervals(nodes))
    goal = n - 1
    found = earliest(
        np.asarray([b for _, b, _ in arcs], np.int32), first, np.arange(len(arcs), dtype=np.int32),
        np.asarray([w for _, _, w in arcs], np.uint32), np.int64(2**31 - 1), covered, states,
        np.asarray([states.first[0]], np.int64), np.asarray([0], np.int64), np.asarray([goal], np.int64),
        np.asarray([len(arcs)], np.int64), np.asarray([0], np.int64), np.int64(FOREVER_MS),
    )  # fmt: skip
    expected = _oracle(n, arcs, roads, nodes, 0, goal, 200)
    assert (None if found[5] < 0 else int(found[0])) == expected


def _cloud(*rows: tuple[shapely.Geometry, float, float]) -> Hazard:
    frame = gpd.GeoDataFrame(
        {"arrival_s": [r[1] for r in rows], "until_s": [r[2] for r in rows], "concentration": 2.0},
        geometry=[r[0] for r in rows],
        crs=GEOGRAPHIC,
    )
    return hazard_from(frame)


WALL = shapely.box(118.7085, 31.39, 118.7095, 31.43)
WEST, EAST = (118.7005, 31.40), (118.7185, 31.40)


def test_without_cloud_it_is_the_plain_route(town: Network) -> None:
    view = open_view(town)
    plain, timed = route(view, WEST, EAST), timed_route(view, Hazard(()), WEST, EAST)
    assert timed.travel_time_s == plain.travel_time_s
    assert timed.margin_s == float("inf")


def test_getting_through_before_the_cloud_with_its_margin(town: Network) -> None:
    view = open_view(town)
    plain = route(view, WEST, EAST)
    # The block under the wall ends at 118.710: 0.0095 degrees from the start, at 10 m/s.
    through_s = 0.0095 * 95_105.9 / 10
    timed = timed_route(view, _cloud((WALL, 300, np.inf)), WEST, EAST)
    assert timed.travel_time_s == plain.travel_time_s
    assert timed.margin_s == pytest.approx(300 - through_s, abs=0.1)


def test_waiting_for_the_road_to_reopen(town: Network) -> None:
    view = open_view(town)
    timed = timed_route(view, _cloud((WALL, 10, 600)), WEST, EAST)
    assert timed.status == "ok"
    rest_s = 0.0105 * 95_105.9 / 10  # from 118.708, where one waits, to the goal
    assert timed.travel_time_s == pytest.approx(600 + rest_s, abs=0.5)
    assert timed.reason == "waits"
    assert sum(s for _, _, s in timed.waits) == pytest.approx(
        timed.travel_time_s - route(view, WEST, EAST).travel_time_s, abs=0.01
    )


def test_cut_off_for_good(town: Network) -> None:
    view = open_view(town)
    cloud = _cloud((WALL, 0, np.inf))
    assert timed_route(view, cloud, WEST, EAST).status == "cut_off"
    crossing = timed_route(view, cloud, WEST, EAST, protected=True)
    assert (crossing.status, crossing.reason) == ("ok", "crosses_hazard")
    # Half of the block lies under the wall: 0.001 of 0.002 degrees, 9.5 s at concentration 2.
    assert crossing.dose == pytest.approx(2 * 0.001 * 95_105.9 / 10, rel=1e-2)
    assert timed_route(view, cloud, (118.709, 31.40), EAST).status == "origin_closed"
    assert timed_route(view, cloud, WEST, (118.709, 31.40)).status == "destination_closed"


def test_leaving_earlier_never_hurts_when_nothing_reopens(town: Network) -> None:
    view = open_view(town)
    cloud = _cloud(
        (shapely.box(118.704, 31.39, 118.706, 31.405), 40, np.inf),
        (WALL.difference(shapely.box(118.7, 31.415, 118.8, 31.5)), 90, np.inf),
    )
    arrivals = [timed_route(view, cloud, WEST, EAST, depart_s=d).travel_time_s + d for d in range(0, 120, 10)]
    finite = [a for a in arrivals if a == a]
    assert finite == sorted(finite)


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"x": [1]}, "need a column arrival_s"),
        ({"arrival_s": [np.nan]}, "is no number"),
        ({"arrival_s": [10.0], "until_s": [5.0]}, "is not after"),
    ],
)
def test_bad_frames_are_named(columns: dict[str, list], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        hazard_from(gpd.GeoDataFrame(columns, geometry=[WALL], crs=GEOGRAPHIC))


def test_snapshots_hold_until_the_next() -> None:
    frame = gpd.GeoDataFrame({"time_s": [0.0, 60.0, 60.0]}, geometry=[WALL] * 3, crs=GEOGRAPHIC)
    assert [(f.from_s, f.until_s) for f in hazard_from(frame).frames] == [(0, 60), (60, np.inf), (60, np.inf)]


def test_frames_of_a_grid(tmp_path: Path, town: Network) -> None:
    from scipy.io import netcdf_file

    from gis.crs import LocalFrame, LonLat
    from routing.frames import read_frames

    source = LonLat(118.71, 31.41)
    east, north = np.arange(-500.0, 501.0, 20.0), np.arange(500.0, -501.0, -20.0)
    inside = np.hypot(east[None, :], north[:, None]) < 200
    field = np.stack([np.zeros_like(inside, float), np.where(inside, 9.0, 1.0), np.zeros_like(inside, float)])
    path = tmp_path / "frames.nc"
    with netcdf_file(path, "w", version=2) as file:
        file.source_longitude, file.source_latitude = source
        for name, values, dims in (
            ("time", np.asarray([0.0, 60.0, 120.0]), ("time",)), ("y", north, ("y",)), ("x", east, ("x",)),
            ("concentration", field, ("time", "y", "x")),
        ):  # fmt: skip
            for dim, size in zip(dims, values.shape, strict=True):
                if dim not in file.dimensions:
                    file.createDimension(dim, size)
            variable = file.createVariable(name, "f8", dims)
            variable[:] = values
    hazard = read_frames(path, 5.0)
    assert [(f.from_s, f.until_s, f.concentration) for f in hazard.frames] == [(0.0, 120.0, 9.0)]
    lon, lat = shapely.get_coordinates(hazard.area).T
    away = np.hypot(*LocalFrame(source).to_metres(lon, lat))
    assert away.max() == pytest.approx(200, abs=30)
    assert timed_route(open_view(town), hazard, (118.71, 31.41), EAST, depart_s=30).status == "origin_closed"
    assert timed_route(open_view(town), hazard, (118.71, 31.41), EAST, depart_s=121).status == "ok"
    with pytest.raises(InputError, match="no frames in NetCDF"):
        broken = tmp_path / "broken.nc"
        broken.write_bytes(b"nothing")
        read_frames(broken, 1.0)
