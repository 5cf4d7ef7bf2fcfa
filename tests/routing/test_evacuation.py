"""Is nobody lost, no shelter and no road overfull, nobody sent into the cloud, and the assignment the best there is?"""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from gis.crs import GEOGRAPHIC
from gis.errors import InputError
from routing.assignment import assign
from routing.capacity import NEVER_MS, FlowGraph
from routing.clearance import clear
from routing.closures import close, open_view
from routing.evacuation import plan
from routing.hazard import hazard_from
from routing.network import Network


def _blocks(*rows: tuple[float, float, int]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"id": [f"b{i}" for i in range(len(rows))], "name": [f"演练{i}区" for i in range(len(rows))],
         "people": [r[2] for r in rows]},
        geometry=[shapely.Point(r[:2]) for r in rows], crs=GEOGRAPHIC,
    )  # fmt: skip


def _shelters(*rows: tuple[float, float, int]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"id": [f"s{i}" for i in range(len(rows))], "name": [f"演练{i}所" for i in range(len(rows))],
         "capacity": [r[2] for r in rows]},
        geometry=[shapely.Point(r[:2]) for r in rows], crs=GEOGRAPHIC,
    )  # fmt: skip


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 2**32 - 1))
def test_assignment_is_the_optimum_of_the_linear_program(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 8)), int(rng.integers(1, 6))
    times = rng.integers(10, 2000, (n, m)).astype(float)
    times[rng.random((n, m)) < 0.2] = np.inf
    people, rooms = rng.integers(0, 300, n), rng.integers(0, 400, m)
    found = assign(times, people, rooms)
    assert (found.people >= 0).all()
    np.testing.assert_array_equal(found.people.sum(axis=1) + found.left_over, people)
    assert (found.people.sum(axis=0) <= rooms).all()
    # The same as a linear program: being left over costs more than any way.
    cost = np.where(np.isfinite(times), times, 0).ravel()
    upper = np.where(np.isfinite(times), np.inf, 0).ravel()
    big = 1e6
    rows = np.kron(np.eye(n), np.ones(m))
    a_eq = np.hstack([rows, np.eye(n)])
    a_ub = np.hstack([np.kron(np.ones(n), np.eye(m)), np.zeros((m, n))])
    bounds = [(0, u) for u in upper] + [(0, None)] * n
    best = linprog(np.concatenate([cost, np.full(n, big)]), a_ub, rooms, a_eq, people, bounds)
    assert found.total_person_s + big * found.left_over.sum() == pytest.approx(best.fun, rel=1e-9, abs=1e-3)


def _corridor(capacity: int, supply: int) -> FlowGraph:
    """Block -> a -> b -> shelter, one road of 60 s that takes `capacity` vehicles a minute."""
    tail, head = np.asarray([0, 1, 2]), np.asarray([1, 3, 0])
    del supply
    order = np.argsort(tail, kind="stable")
    times = np.asarray([60_000, 0, 0])[order]
    per_slot = np.asarray([capacity, 10**6, 10**6])[order]
    first = np.asarray([0, 1, 2, 3, 3], np.int64)
    return FlowGraph(
        first,
        tail[order],
        head[order],
        times,
        per_slot,
        np.arange(3),
        np.full(3, NEVER_MS),
        np.asarray([2]),
        np.asarray([3]),
    )


def test_one_road_by_hand() -> None:
    # 100 vehicles at 20 a minute enter in minutes 0..4; the last drives 60 s from minute 4 on: in at 300 s.
    graph = _corridor(20, 100)
    found = clear(graph, np.asarray([100]), np.asarray([1000]), np.asarray([0]))
    assert found.schedule.arrive_ms.max() == 300_000
    assert len(found.schedule.arrive_ms) == 100
    assert found.bound_s <= 300
    assert (found.schedule.used <= graph.per_slot[found.schedule.used_arc][:, None]).all()


def test_plan_conserves_and_keeps_reserve(town: Network) -> None:
    blocks = _blocks((118.705, 31.405, 300), (118.707, 31.407, 200), (118.709, 31.405, 150))
    shelters = _shelters((118.719, 31.419, 400), (118.701, 31.401, 200))
    found = plan(open_view(town), blocks, shelters, reserve=0.25)
    assert found.totals["people"] == 650
    assert found.totals["assigned"] + found.totals["left_over"] == 650
    assert found.shelters["assigned"].tolist() == [300, 150]
    assert found.left_over["people"].sum() == 200
    assert set(found.left_over["reason"]) == {"no_capacity"}
    assert int(found.clearance["people_out"].iloc[-1]) == 450
    assert found.clearance["time_s"].is_monotonic_increasing
    assert found.totals["clearance_50_s"] <= found.totals["clearance_90_s"] <= found.totals["clearance_100_s"]


def test_clearance_by_hand(town: Network) -> None:
    # 300 people, 2.5 a vehicle = 120 vehicles, from the end of a street: two arcs leave, but the shelter lies along one
    # road of two lanes for both directions = 1 lane = 20 vehicles a minute. 120 / 20 = minutes 0..5, then the drive.
    found = plan(open_view(town), _blocks((118.7002, 31.40, 300)), _shelters((118.7198, 31.40, 500)))
    drive_s = 0.0196 * 95_106 / 10
    assert found.totals["clearance_100_s"] == pytest.approx(5 * 60 + drive_s, abs=1.0)
    assert found.bottlenecks["full_slots"].max() == 6


def test_staged_departure_moves_the_curve(town: Network) -> None:
    blocks, shelters = _blocks((118.7002, 31.40, 100), (118.7002, 31.404, 100)), _shelters((118.7198, 31.40, 500))
    together = plan(open_view(town), blocks, shelters)
    staged = plan(open_view(town), blocks.assign(release_s=[0.0, 900.0]), shelters)
    assert staged.totals["clearance_50_s"] <= together.totals["clearance_90_s"]
    assert staged.totals["clearance_100_s"] >= 900


def test_contraflow_doubles_the_road(town: Network) -> None:
    view = open_view(town)
    blocks, shelters = _blocks((118.7002, 31.40, 1000)), _shelters((118.7198, 31.40, 5000))
    plain = plan(view, blocks, shelters)
    arcs = np.flatnonzero(np.asarray(town.node_lat)[town.tail] + np.asarray(town.node_lat)[town.head] < 2 * 31.4001)
    east = arcs[np.asarray(town.node_lon)[town.head[arcs]] > np.asarray(town.node_lon)[town.tail[arcs]]]
    turned = plan(view, blocks, shelters, contraflow=east)
    assert turned.totals["clearance_100_s"] < 0.7 * plain.totals["clearance_100_s"]
    assert turned.provenance.inputs["contraflow_arcs"] == len(east)


ZONE = gpd.GeoDataFrame(geometry=[shapely.box(118.7065, 31.4065, 118.7135, 31.4135)], crs=GEOGRAPHIC)


def test_zone_shelters_and_downwind_are_never_used(town: Network) -> None:
    view = close(town, ZONE)
    shelters = _shelters((118.71, 31.41, 500), (118.7195, 31.4195, 500), (118.701, 31.401, 500))
    found = plan(view, _blocks((118.703, 31.418, 100)), shelters, wind_from_deg=225.0)
    assert found.shelters["reason"].tolist() == ["inside_closed_area", "downwind_of_zone", ""]
    assert found.shelters["assigned"].tolist() == [0, 0, 100]


def test_leaving_the_zone_and_staying_in_it(town: Network) -> None:
    view = close(town, ZONE)
    blocks, shelters = _blocks((118.71, 31.41, 80), (118.701, 31.410, 60)), _shelters((118.719, 31.402, 500))
    leaving = plan(view, blocks, shelters)
    by_block = leaving.assignment.set_index("block_id")
    assert by_block.loc["b0", "reason"] == "leaves_zone"
    assert by_block.loc["b1", "reason"] == ""
    assert not by_block.loc["b1", "geometry"].intersects(ZONE.geometry.iloc[0])
    # Out once, never in again: what lies in the zone is one piece at the beginning of the line.
    within = by_block.loc["b0", "geometry"].intersection(ZONE.geometry.iloc[0])
    assert shapely.line_merge(within).geom_type == "LineString"
    staying = plan(view, blocks, shelters, leave_zone=False)
    assert staying.left_over.drop(columns="indoor_dose").to_dict("records") == [
        {"block_id": "b0", "name": "演练0区", "people": 80, "reason": "origin_closed:inside_closed_area",
         "advice": "shelter_in_place"}
    ]  # fmt: skip


def test_the_cloud_cuts_off_and_shelter_in_place_is_advised(town: Network) -> None:
    wall, spot = shapely.box(118.7085, 31.39, 118.7095, 31.43), shapely.box(118.7115, 31.4115, 118.7125, 31.4125)
    frame = gpd.GeoDataFrame({"arrival_s": [60.0, 0.0]}, geometry=[wall, spot], crs=GEOGRAPHIC)
    cloud = hazard_from(frame)
    blocks = _blocks((118.7002, 31.41, 90), (118.7078, 31.402, 50), (118.712, 31.412, 20))
    shelters = _shelters((118.7195, 31.4195, 500))
    for objective in ("time", "clearance"):
        found = plan(open_view(town), blocks, shelters, hazard=cloud, objective=objective)  # type: ignore[arg-type]
        left = found.left_over.groupby("block_id")["people"].sum().to_dict()
        assert left["b0"] == 90
        assert left["b2"] == 20
        assert set(found.left_over["advice"]) == {"shelter_in_place"}
        assert found.totals["assigned"] + found.totals["left_over"] == 160
    margins = plan(open_view(town), blocks, shelters, hazard=cloud).assignment["margin_s"]
    assert (margins >= 0).all()


def test_who_cannot_go_stays_unless_indoors_is_no_answer_either(town: Network) -> None:
    wall = gpd.GeoDataFrame(
        {"arrival_s": [0.0]}, geometry=[shapely.box(118.709, 31.39, 118.711, 31.43)], crs=GEOGRAPHIC
    )
    blocks = _blocks((118.7002, 31.41, 90), (118.7002, 31.418, 40), (118.7150, 31.402, 50))
    blocks = blocks.assign(indoor_dose=[3.0, 12.0, np.nan], dose_limit=10.0)
    for objective in ("time", "clearance"):
        found = plan(open_view(town), blocks, _shelters((118.7195, 31.4195, 500)), hazard=hazard_from(wall),
                     objective=objective)  # type: ignore[arg-type]  # fmt: skip
        left = found.left_over.set_index("block_id")
        assert left["advice"].to_dict() == {"b0": "shelter_in_place", "b1": "rescue_first"}
        assert left["indoor_dose"].to_dict() == {"b0": 3.0, "b1": 12.0}
        assert found.totals["assigned"] == 50


def test_policy_says_from_which_level_people_leave(town: Network) -> None:
    blocks = _blocks((118.705, 31.405, 300), (118.707, 31.407, 200), (118.709, 31.405, 150)).assign(
        level=[3, 1, np.nan]
    )
    shelters = _shelters((118.719, 31.419, 900))
    everybody = plan(open_view(town), blocks, shelters)
    assert everybody.totals["assigned"] == 650
    found = plan(open_view(town), blocks, shelters, leave_from_level=2)
    assert found.totals["assigned"] + found.totals["left_over"] == found.totals["people"] == 650
    assert found.left_over.drop(columns="indoor_dose").to_dict("records") == [
        {"block_id": "b1", "name": "演练1区", "people": 200, "reason": "stays:below_policy_level",
         "advice": "shelter_in_place"}
    ]  # fmt: skip
    assert found.provenance.inputs["leave_from_level"] == 2
    with pytest.raises(InputError, match=r"leave_from_level 7.*'level' must hold numbers"):
        plan(open_view(town), blocks.assign(level="high"), shelters, leave_from_level=7)


def test_near_ones_walk(town: Network) -> None:
    blocks = _blocks((118.7002, 31.40, 100), (118.7002, 31.418, 100))
    found = plan(open_view(town), blocks, _shelters((118.7030, 31.40, 500)), walk_within_m=500)
    modes = found.assignment.set_index("block_id")["mode"].to_dict()
    assert modes == {"b0": "foot", "b1": "car"}
    assert found.totals["on_foot"] == 100


def test_faults_are_named_together(town: Network) -> None:
    with pytest.raises(InputError, match=r"reserve 2.*people per vehicle 0"):
        plan(
            open_view(town), _blocks((118.71, 31.41, 1)), _shelters((118.72, 31.42, 1)), reserve=2, people_per_vehicle=0
        )


@settings(deadline=None, max_examples=8)
@given(seed=st.integers(0, 2**32 - 1))
def test_random_plans_conserve(shanghai: Network, seed: int) -> None:
    rng = np.random.default_rng(seed)
    west, south, east, north = shanghai.bounds
    k = int(rng.integers(1, 25))
    blocks = _blocks(
        *[(rng.uniform(west, east), rng.uniform(south, north), int(rng.integers(0, 400))) for _ in range(k)]
    )
    shelters = _shelters(
        *[(rng.uniform(west, east), rng.uniform(south, north), int(rng.integers(0, 2500))) for _ in range(6)]
    )
    x, y = rng.uniform(west, east), rng.uniform(south, north)
    zone = gpd.GeoDataFrame(geometry=[shapely.Point(x, y).buffer(rng.uniform(0.002, 0.02))], crs=GEOGRAPHIC)
    view = close(shanghai, zone)
    for objective in ("time", "clearance"):
        found = plan(view, blocks, shelters, objective=objective)  # type: ignore[arg-type]
        sent = found.assignment.groupby("block_id")["people"].sum().reindex(blocks["id"]).fillna(0)
        left = found.left_over.groupby("block_id")["people"].sum().reindex(blocks["id"]).fillna(0)
        np.testing.assert_array_equal((sent + left).to_numpy(), blocks["people"].to_numpy())
        assert (found.shelters["assigned"] <= found.shelters["usable"]).all()
        outside = found.assignment.loc[found.assignment["reason"] != "leaves_zone", "geometry"]
        assert not any(g.intersects(zone.geometry.iloc[0]) for g in outside)


def test_a_capacity_given_by_the_file_is_used(shared_data: Path) -> None:
    from routing.capacity import vehicles_per_slot
    from routing.importing import read

    network = read(shared_data / "routing" / "mount_alexander_matsim_network.xml.gz", crs="EPSG:28355")
    per_slot = vehicles_per_slot(network)
    np.testing.assert_array_equal(np.unique(per_slot), np.unique(np.maximum(1, network.capacity_veh_h // 60)))


def test_buses_fetch_in_rounds(town: Network) -> None:
    from routing.buses import bus_rounds

    blocks = _blocks((118.7002, 31.40, 90), (118.71, 31.41, 20))
    buses = gpd.GeoDataFrame({"id": ["x"], "seats": [40]}, geometry=[shapely.Point(118.7198, 31.40)], crs=GEOGRAPHIC)
    found = bus_rounds(open_view(town), blocks, _shelters((118.7198, 31.40, 500)), buses)
    # 90 people with 40 seats: three rounds, and one for the others.
    assert len(found.rounds) == 4
    assert found.rounds["people"].sum() == 110
    far = found.rounds.loc[found.rounds["block_id"] == "b0"].iloc[0]
    drive_s = 0.0196 * 95_106 / 10
    assert far["arrive_s"] - far["depart_s"] == pytest.approx(2 * drive_s + 180, abs=1)
    assert (found.rounds["depart_s"].to_numpy()[1:] == found.rounds["arrive_s"].to_numpy()[:-1]).all()
    late = bus_rounds(open_view(town), blocks, _shelters((118.7198, 31.40, 500)), buses, deadline_s=700)
    assert late.rounds["people"].sum() + late.left_over["people"].sum() == 110
    assert len(late.left_over)
    with pytest.raises(InputError, match="column 'seats' is missing"):
        bus_rounds(open_view(town), blocks, _shelters((118.7198, 31.40, 500)), buses.drop(columns="seats"))
