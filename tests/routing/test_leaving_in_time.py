"""Who gets out before the cloud, with how much time to spare, and who is told to stay?"""

import geopandas as gpd
import numpy as np
import shapely

from gis.crs import GEOGRAPHIC
from routing.capacity import vehicles_per_slot
from routing.closures import open_view
from routing.evacuation import plan
from routing.hazard import FOREVER_MS, hazard_from
from routing.in_time import latest_start_ms
from routing.leaving import ways
from routing.moves import roads_out
from routing.network import Network
from routing.profiles import profile
from routing.rescue import places_of
from routing.schedule import UNHURRIED_MS
from routing.timed import Forecast, timed_between


def _blocks(*rows: tuple[float, float, int]) -> gpd.GeoDataFrame:
    return _points("people", "b", rows)


def _shelters(*rows: tuple[float, float, int]) -> gpd.GeoDataFrame:
    return _points("capacity", "s", rows)


def _points(column: str, letter: str, rows: tuple[tuple[float, float, int], ...]) -> gpd.GeoDataFrame:
    ids = [f"{letter}{i}" for i in range(len(rows))]
    columns = {"id": ids, "name": ids, column: [row[2] for row in rows]}
    return gpd.GeoDataFrame(columns, geometry=[shapely.Point(row[:2]) for row in rows], crs=GEOGRAPHIC)


def test_what_leaves_in_time_is_what_a_search_forward_finds(town: Network) -> None:
    """The latest start of a block, from one search backwards, against a search forwards from that very moment."""
    kind = profile("car")
    rng = np.random.default_rng(17)
    for _ in range(12):
        west, south = 118.702 + rng.uniform(0, 0.012), 31.402 + rng.uniform(0, 0.012)
        rings = [shapely.box(west - k, south - k, west + k, south + k) for k in (0.0015, 0.003, 0.005)]
        frame = gpd.GeoDataFrame({"arrival_s": np.sort(rng.uniform(20, 200, 3))}, geometry=rings, crs=GEOGRAPHIC)
        hazard = hazard_from(frame)
        blocks = _blocks(*((118.701 + rng.uniform(0, 0.018), 31.401 + rng.uniform(0, 0.018), 10) for _ in range(6)))
        shelters = _shelters((118.7005, 31.4005, 100), (118.7195, 31.4195, 100))
        view = open_view(town)
        homes = places_of(blocks)
        found = ways(view, homes, places_of(shelters), kind, leave_zone=True)
        forever = np.full(len(homes), FOREVER_MS)
        latest = latest_start_ms(roads_out(found, kind, vehicles_per_slot(town), hazard, forever), np.ones(2, bool))
        forecast = Forecast(view, hazard)
        for block, last_ms in enumerate(latest.tolist()):
            start = found.blocks[block].snap
            assert start is not None
            for moment_ms, wanted in ((last_ms, True), (last_ms + 2, False)):
                if 0 <= moment_ms < UNHURRIED_MS:
                    gets_out = any(
                        timed_between(forecast, start, end.snap, kind, moment_ms / 1000) is not None
                        for end in found.shelters
                        if end.snap is not None
                    )
                    assert gets_out is wanted


def test_the_margin_is_that_of_the_last_vehicle(town: Network) -> None:
    """A wall of gas comes 400 s from now: as many drive as the road takes in the slots before it, the rest stay."""
    wall = gpd.GeoDataFrame(
        {"arrival_s": [400.0]}, geometry=[shapely.box(118.709, 31.39, 118.711, 31.43)], crs=GEOGRAPHIC
    )
    blocks, shelters = _blocks((118.7002, 31.41, 4000)), _shelters((118.7195, 31.4195, 5000))
    calm = plan(open_view(town), blocks, shelters, objective="clearance")
    assert calm.assignment["margin_s"].isna().all()
    for objective in ("time", "clearance"):
        found = plan(open_view(town), blocks, shelters, hazard=hazard_from(wall), objective=objective)  # type: ignore[arg-type]
        assert 0 < found.totals["assigned"] < 4000
        assert found.left_over["reason"].tolist() == ["cut_off:roads_full_before_hazard"]
        assert ((found.assignment["margin_s"] >= 0) & (found.assignment["margin_s"] < 400)).all()


def test_who_is_under_the_cloud_already_is_not_sent_to_a_free_road_beside_it(town: Network) -> None:
    spot = gpd.GeoDataFrame(
        {"arrival_s": [0.0]}, geometry=[shapely.box(118.7103, 31.4103, 118.7107, 31.4107)], crs=GEOGRAPHIC
    )
    for objective in ("time", "clearance"):
        found = plan(open_view(town), _blocks((118.7105, 31.4105, 30)), _shelters((118.7195, 31.4195, 500)),
                     hazard=hazard_from(spot), objective=objective)  # type: ignore[arg-type]  # fmt: skip
        assert found.left_over["reason"].tolist() == ["origin_closed:inside_hazard"]
