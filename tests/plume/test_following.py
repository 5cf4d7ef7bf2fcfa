"""Does a bent cloud stay the cloud it was in a steady wind, and go where the wind of the series takes it?"""

import itertools
import math
from typing import Any

import numpy as np
import pytest
import shapely

from gis.crs import LocalFrame, LonLat
from plume import case, clouds, following, forecast, frames, moments, threat
from plume import setting as setting_of
from plume.puff import Grid

SOURCE = LonLat(121.47, 31.23)
HEAVY = {"substance": "chlorine", "kind": "continuous", "rate_kg_s": 2.0, "duration_s": 1800.0}
LIGHT = {"substance": "ammonia", "kind": "continuous", "rate_kg_s": 1.0, "duration_s": 1800.0}


def written(release: dict[str, Any], *winds: tuple[float, float, float]) -> case.Case:
    """A case; `winds` are time, speed and bearing."""
    series = [{"time_s": t, "wind_speed_m_s": u, "wind_from_deg": d} for t, u, d in winds]
    air: dict[str, Any] = {"wind_speed_m_s": 3.0, "wind_from_deg": 270.0, "stability": "D"}
    return case.read(
        {
            "incident": {"longitude": 121.47, "latitude": 31.23, "occurred_at": "2026-11-22T09:30:00+08:00"},
            "release": release,
            "weather": air | ({"series": series} if series else {}),
        }
    )


def at(metres_east: float, metres_north: float) -> dict[str, np.ndarray]:
    longitude, latitude = LocalFrame(SOURCE).to_degrees(np.array([metres_east]), np.array([metres_north]))
    return {"longitude": np.asarray(longitude), "latitude": np.asarray(latitude)}


@pytest.mark.parametrize("release", [HEAVY, LIGHT])
def test_a_series_that_does_not_turn_is_the_steady_wind(release: dict[str, Any]) -> None:
    steady, series = written(release), written(release, (0, 3.0, 270.0), (600, 3.0, 270.0))
    places = {"downwind_m": np.array([100.0, 400.0, 1000.0, 1000.0]), "crosswind_m": np.array([0.0, 20.0, 0.0, -80.0])}
    plain = forecast.concentration_at(steady, **places, with_load=True)
    bent = forecast.concentration_at(series, **places, with_load=True)
    assert bent["concentration_kg_m3"] == pytest.approx(plain["concentration_kg_m3"], rel=0.02)
    assert bent["toxic_load"] == pytest.approx(plain["toxic_load"], rel=0.05)
    assert bent["arrival_s"] == pytest.approx(plain["arrival_s"], rel=0.15, abs=30.0)


@pytest.mark.parametrize("substance", ["chlorine", "ammonia"])
def test_the_peak_of_a_passing_puff_is_not_stepped_over(substance: str) -> None:
    puff = {"substance": substance, "kind": "instantaneous", "mass_kg": 500.0}
    places = {"downwind_m": np.array([150.0, 300.0, 900.0]), "crosswind_m": np.zeros(3)}
    plain = forecast.concentration_at(written(puff), **places)["concentration_kg_m3"]
    bent = forecast.concentration_at(written(puff, (0, 3.0, 270.0)), **places)["concentration_kg_m3"]
    assert bent == pytest.approx(plain, rel=0.06)


@pytest.mark.parametrize("release", [HEAVY, LIGHT])
def test_turning_map_and_wind_together_changes_nothing(release: dict[str, Any]) -> None:
    """plume.md 7, line 29, to the rounding of degrees."""
    straight = written(release, (0, 3.0, 270.0), (400, 3.0, 300.0))
    turned = written(release, (0, 3.0, 180.0), (400, 3.0, 210.0))
    turned = turned.model_copy(update={"weather": turned.weather.model_copy(update={"wind_from_deg": 180.0})})
    one = forecast.concentration_at(straight, downwind_m=np.array([700.0]), crosswind_m=np.array([-60.0]))
    other = forecast.concentration_at(turned, downwind_m=np.array([700.0]), crosswind_m=np.array([-60.0]))
    assert other["concentration_kg_m3"] == pytest.approx(one["concentration_kg_m3"], rel=1e-6)


@pytest.mark.parametrize("release", [HEAVY, LIGHT])
def test_after_the_wind_has_turned_the_new_lee_is_hit(release: dict[str, Any]) -> None:
    """West wind for ten minutes, then from the south: places north of the source are threatened, later."""
    turning = written(release, (0, 3.0, 270.0), (600, 3.0, 180.0))
    north, east = at(0.0, 500.0), at(500.0, 0.0)
    assert forecast.concentration_at(written(release), **north)["concentration_ppm"][0] < 1e-6
    there = forecast.concentration_at(turning, **north)
    before = forecast.concentration_at(turning, **east)
    assert there["concentration_ppm"] == pytest.approx(before["concentration_ppm"], rel=0.1)
    assert there["arrival_s"][0] > 600.0 + 500.0 / 6.0 > before["arrival_s"][0]
    place = LonLat(float(north["longitude"][0]), float(north["latitude"][0]))
    found = threat.at(turning, place, height_m=0.0)
    assert found.numbers["peak_outdoor_ppm"] == pytest.approx(float(there["concentration_ppm"][0]), rel=1e-9)
    assert found.arrival_s == pytest.approx(float(there["arrival_s"][0]))


def test_a_turn_by_a_right_angle_bends_the_way_and_keeps_its_length() -> None:
    """By hand: a slice 400 s old when the wind turned, 200 s ago, has gone (u 400) east and (u 200) north."""
    one = written(LIGHT, (0, 3.0, 270.0), (1000, 3.0, 180.0))
    setting = setting_of.prepare(one)
    plume = setting_of.choose(setting, "gaussian").cloud
    strand = plume.parts()[0]
    cut = following.slices(strand, following.Course(setting.weather), 1200.0, 0.0, 10_000.0)
    speed = 1.0 / float(strand.travel_s(1.0))
    way = np.abs(cut.nodes).sum(axis=1)
    assert np.interp(600.0 * speed, way, cut.nodes[:, 0]) == pytest.approx(400.0 * speed, rel=1e-3)
    assert np.interp(600.0 * speed, way, cut.nodes[:, 1]) == pytest.approx(200.0 * speed, rel=1e-3)
    steps = [math.dist(a, b) for a, b in itertools.pairwise(cut.nodes)]
    assert sum(steps) == pytest.approx(10_000.0, rel=0.01)


@pytest.mark.parametrize("release", [HEAVY, LIGHT])
def test_twice_the_rate_is_twice_the_gas_of_a_neutral_plume_and_more_of_a_heavy_one(release: dict[str, Any]) -> None:
    winds = ((0, 3.0, 270.0), (500, 3.0, 300.0))
    places = {"downwind_m": np.array([400.0, 800.0]), "crosswind_m": np.array([-30.0, -100.0])}
    once = forecast.concentration_at(written(release, *winds), **places, model="auto")["concentration_kg_m3"]
    twice = forecast.concentration_at(
        written(release | {"rate_kg_s": 2 * release["rate_kg_s"]}, *winds), **places, model="auto"
    )["concentration_kg_m3"]
    if release is LIGHT:
        assert twice == pytest.approx(2 * once, rel=1e-9)
    assert np.all(twice > 1.1 * once)


def test_zones_of_a_heavy_gas_follow_the_wind_and_stay_nested() -> None:
    turning = forecast.forecast(written(HEAVY, (0, 3.0, 270.0), (600, 3.0, 210.0)))
    steady = forecast.forecast(written(HEAVY))
    assert turning.summary["model"] == "dense"
    rows = turning.zones.geometry
    assert rows.is_valid.all()
    for inner, outer in itertools.pairwise(rows):
        assert outer.buffer(1e-9).contains(inner)
    longitude, latitude = LocalFrame(SOURCE).to_degrees(
        1000 * math.sin(math.radians(30)), 1000 * math.cos(math.radians(30))
    )
    assert rows.iloc[-1].contains(shapely.Point(float(longitude), float(latitude)))
    assert not steady.zones.geometry.iloc[-1].contains(shapely.Point(float(longitude), float(latitude)))
    assert not any("first_wind" in note for note in turning.summary["notes"])


def test_zones_at_a_moment_follow_the_wind_too() -> None:
    """Ten minutes of west wind, then south: the worst zone of the time slider turns from east to north."""
    turning = written(HEAVY, (0, 3.0, 270.0), (600, 3.0, 180.0))
    rows = moments.zones_at(turning, [590.0, 1500.0])
    rows = rows[rows["level"] == 3].set_index("time_s")
    east, north = (LocalFrame(SOURCE).to_degrees(e, n) for e, n in ((300.0, 0.0), (0.0, 300.0)))
    before, after = rows.geometry.loc[590.0], rows.geometry.loc[1500.0]
    assert before.contains(shapely.Point(*map(float, east))) and not before.contains(shapely.Point(*map(float, north)))
    assert after.contains(shapely.Point(*map(float, north))) and not after.contains(shapely.Point(*map(float, east)))
    still = moments.zones_at(written(HEAVY, (0, 3.0, 270.0)), [900.0]).to_crs(32651).area
    plain = moments.zones_at(written(HEAVY), [900.0]).to_crs(32651).area
    assert still.to_numpy() == pytest.approx(plain.to_numpy(), rel=0.05)


def test_slices_on_a_grid_are_the_cloud_in_a_steady_wind() -> None:
    """The same field as the cloud's own formula, cell by cell, once it stands."""
    setting = setting_of.prepare(written(HEAVY))
    chosen = clouds.choose(setting.release, setting.weather, setting.averaging_s, "dense")
    grid = Grid(-50.0, -300.0, 10.0, 120, 61)
    field = following.on_grid(chosen.cloud.parts(), setting.weather, grid, np.array([1500.0]), 0.0)[0]
    x, y = np.meshgrid(grid.east, grid.north)
    exact = chosen.cloud.concentration_at(x, y, 0.0, 1500.0)
    seen = exact > 1e-7
    assert field[seen] == pytest.approx(exact[seen], rel=0.03)
    assert frames.frames_of(written(HEAVY, (0, 3.0, 270.0)), count=3, cells=60).concentration_mg_m3.max() > 10.0
