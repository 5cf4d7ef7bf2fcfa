"""Do zones nest, close and turn with the wind, and does one case answer alike however it is asked?"""

import copy
import itertools
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gis.columns import ZONES
from gis.crs import LocalFrame, LonLat
from gis.errors import InputError
from plume import case, dose, moments
from plume.forecast import concentration_at, forecast
from plume.setting import prepare

BASE: dict[str, Any] = {
    "name": "演练",
    "incident": {"longitude": 118.71, "latitude": 31.41, "occurred_at": "2026-11-22T09:30:00+08:00"},
    "release": {"substance": "氨", "kind": "continuous", "rate_kg_s": 1.0, "duration_s": 1800.0},
    "weather": {"wind_speed_m_s": 3.0, "wind_from_deg": 225.0, "stability": "D"},
    "output": {"averaging_s": 3600},
}


def read(**parts: dict[str, Any]) -> case.Case:
    mapping = copy.deepcopy(BASE)
    for part, values in parts.items():
        mapping[part].update(values)
    return case.read(mapping)


@pytest.mark.parametrize("substance", ["ammonia", "chlorine", "phosgene"])
@pytest.mark.parametrize("stability", ["A", "D", "F"])
def test_zones_are_valid_nested_and_declared(substance: str, stability: str) -> None:
    done = forecast(read(release={"substance": substance}, weather={"stability": stability}))
    ZONES.check(done.zones)
    assert done.zones.is_valid.all()
    shapes = list(done.zones.geometry)
    assert list(done.zones["level"]) == sorted(done.zones["level"], reverse=True)
    for inner, outer in itertools.pairwise(shapes):
        assert outer.contains(inner)
    assert all(shape.geom_type == "Polygon" for shape in shapes)
    for zone, envelope in zip(shapes, done.envelope.geometry, strict=True):
        assert envelope.is_valid
        assert zone.difference(envelope).area < 1e-6 * zone.area


def test_the_cloud_goes_where_the_wind_goes() -> None:
    done = forecast(read(weather={"wind_from_deg": 225.0}))
    centre = done.zones.geometry.iloc[-1].centroid
    assert centre.x > 118.71
    assert centre.y > 31.41


def test_turning_wind_and_receptors_together_changes_nothing() -> None:
    """plume.md 7, line 29: to 1e-6."""
    frame = LocalFrame(LonLat(118.71, 31.41))
    values = []
    for bearing in (0.0, 37.0, 225.0, 301.5):
        towards = np.radians(bearing + 180)
        along, across = np.array([300.0, 900.0]), np.array([20.0, -60.0])
        east = along * np.sin(towards) - across * np.cos(towards)
        north = along * np.cos(towards) + across * np.sin(towards)
        longitude, latitude = frame.to_degrees(east, north)
        one = read(weather={"wind_from_deg": bearing})
        values.append(concentration_at(one, longitude=longitude, latitude=latitude, height_m=1.5)["concentration_ppm"])
    direct = concentration_at(read(), downwind_m=[300.0, 900.0], crosswind_m=[20.0, -60.0], height_m=1.5)
    for value in values:
        assert value == pytest.approx(direct["concentration_ppm"], rel=1e-6)


def test_zone_edge_holds_the_level() -> None:
    """What the outline says, the receptors say."""
    one = read(release={"substance": "ammonia"})
    done = forecast(one)
    for row in done.zones.itertuples():
        value = concentration_at(one, downwind_m=[row.reach_m], crosswind_m=[0.0])["concentration_ppm"][0]
        assert value == pytest.approx(row.threshold, rel=1e-3)


def test_ppm_at_ambient_conditions() -> None:
    """plume.md 7, line 18: mg/m3 to ppm with ambient temperature and pressure, whatever the gas's own."""
    cold = concentration_at(
        read(release={"temperature_c": -30.0}), downwind_m=[500.0], crosswind_m=[0.0], model="gaussian"
    )
    ratio = cold["concentration_ppm"][0] / cold["concentration_mg_m3"][0]
    assert ratio == pytest.approx(8.314463 * 288.15 / (101_325 * 0.0170305), rel=1e-3)


def test_flammable_levels_are_averaged_over_ten_seconds() -> None:
    """
    plume.md 7, line 17; ALOHA V1R1: 30 / 96 m for propane, 41 / 102 m for methane at 60 % / 10 % LEL, 1 kg/s, D, 5
    m/s.
    """
    for substance, lengths in (("propane", (30.0, 96.0)), ("methane", (41.0, 102.0))):
        done = forecast(
            read(
                release={"substance": substance, "duration_s": 600.0},
                weather={"wind_speed_m_s": 5.0},
                output={"levels": "LEL"},
            )
        )
        assert set(done.zones["averaging_s"]) == {10.0}
        assert list(done.zones["reach_m"]) == pytest.approx(list(lengths), rel=0.15)


def test_receptors_need_no_level() -> None:
    one = read(release={"substance": "methane"})
    assert concentration_at(one, downwind_m=[100.0], crosswind_m=[0.0])["concentration_ppm"][0] > 0
    with pytest.raises(InputError, match="no AEGL value for methane"):
        forecast(one)


def test_lng_is_cold_and_heavy_unless_said_otherwise() -> None:
    levels = {"levels": "LEL"}
    assert forecast(read(release={"substance": "LNG", "rate_kg_s": 50.0}, output=levels)).summary["model"] == "dense"
    assert (
        forecast(read(release={"substance": "methane", "rate_kg_s": 50.0}, output=levels)).summary["model"]
        == "gaussian"
    )


def test_calm_wind_is_all_round_and_finite() -> None:
    """plume.md 7, line 19: no zero field, no infinity; zero wind itself is refused."""
    one = read(weather={"wind_speed_m_s": 0.3})
    done = forecast(one)
    assert "calm_wind_direction_unknown" in done.summary["notes"]
    values = concentration_at(one, downwind_m=[100, -100, 0, 0], crosswind_m=[0, 0, 100, 0], height_m=0.0)
    ppm = values["concentration_ppm"]
    assert np.isfinite(ppm).all()
    assert ppm[:3] == pytest.approx(np.full(3, ppm[0]))
    assert ppm[0] > 0
    shape = done.zones.geometry.iloc[0]
    assert shape.contains(done.zones.geometry.iloc[0].centroid)
    with pytest.raises(InputError, match="wind_speed_m_s: 0 must be above 0"):
        read(weather={"wind_speed_m_s": 0})


def test_a_level_above_the_pure_gas_has_no_zone() -> None:
    levels = [{"name": "impossible", "value": 2e6, "unit": "ppm"}, {"name": "low", "value": 10.0, "unit": "ppm"}]
    done = forecast(read(output={"levels": levels}))
    assert list(done.zones["level_name"]) == ["low"]
    assert "level_not_reached:impossible" in done.summary["notes"]


def test_a_lid_below_the_release_is_refused() -> None:
    with pytest.raises(InputError, match="above the lid"):
        forecast(read(release={"height_m": 60.0}, weather={"mixing_height_m": 50.0}))


def test_exposure_picks_the_level_when_no_averaging_is_given() -> None:
    mapping = copy.deepcopy(BASE) | {"output": {}}
    mapping["release"] = {**BASE["release"], "substance": "chlorine", "duration_s": 1700.0}
    assert {row.minutes for row in prepare(case.read(mapping)).levels.rows} == {30}


def test_toxic_load_of_a_long_release_is_concentration_times_time() -> None:
    one = read(release={"duration_s": 3600.0})
    got = concentration_at(one, downwind_m=[300.0], crosswind_m=[0.0], with_load=True)
    assert got["toxic_load"][0] == pytest.approx(got["concentration_mg_m3"][0] ** 2 * 60.0, rel=0.02)
    assert np.isnan(
        concentration_at(read(release={"substance": "benzene"}), downwind_m=[9.0], crosswind_m=[0.0], with_load=True)[
            "toxic_load"
        ][0]
    )


def test_arrival_and_departure_follow_the_wind() -> None:
    one = read(release={"duration_s": 600.0})
    speed = forecast(one).summary["transport_speed_m_s"]
    got = concentration_at(one, downwind_m=[1200.0], crosswind_m=[0.0])
    assert got["arrival_s"][0] == pytest.approx(1200.0 / speed)
    assert got["departure_s"][0] - got["arrival_s"][0] == pytest.approx(600.0)


def test_course_of_a_place_rises_and_falls() -> None:
    from plume.setting import choose

    setting = prepare(read(release={"duration_s": 300.0}))
    cloud = choose(setting, "auto").cloud
    got = dose.course(cloud, 1000.0, 0.0, 1.5)
    assert got.concentration_kg_m3[0] < 0.01 * got.concentration_kg_m3.max()
    assert got.concentration_kg_m3[-1] < 0.01 * got.concentration_kg_m3.max()


def test_zones_at_a_moment_grow_and_go() -> None:
    one = read(release={"duration_s": 300.0, "substance": "chlorine"})
    now = moments.zones_at(one, [60.0, 600.0])
    reach = {(row.level, row.time_s): row.reach_m for row in now.itertuples()}
    assert reach[1, 60.0] < reach[1, 600.0]
    whole = forecast(one).zones.set_index("level")["reach_m"]
    assert all(value <= whole[level] * 1.01 for (level, _), value in reach.items())
    assert now.is_valid.all()


def test_importing_plume_opens_no_socket_and_reads_only_its_own_files(repository: Path) -> None:
    """plume.md 7, line 23."""
    script = """
import sys
import numpy, pandas, geopandas, scipy.special, scipy.optimize, scipy.io, pydantic
import shapely, pyproj, gis.crs, gis.columns
bad = []

def watch(event, args):
    if event.startswith("socket."):
        bad.append(event)
    if event == "open" and "plume" in str(args[0]) and not str(args[0]).endswith((".py", ".pyc", ".csv")):
        bad.append(str(args[0]))

sys.addaudithook(watch)
import plume.forecast, plume.case, plume.frames
print(bad)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=repository)
    assert done.stdout.strip() == "[]"


def test_zones_follow_a_wind_that_turns() -> None:
    series = [
        {"time_s": 0, "wind_speed_m_s": 3.0, "wind_from_deg": 270.0},
        {"time_s": 600, "wind_speed_m_s": 3.0, "wind_from_deg": 180.0},
    ]
    one = read(weather={"wind_from_deg": 270.0, "series": series}, release={"duration_s": 1800.0})
    steady = forecast(read(weather={"wind_from_deg": 270.0}, release={"duration_s": 1800.0}))
    done = forecast(one)
    assert done.zones.is_valid.all()
    for inner, outer in itertools.pairwise(done.zones.geometry):
        assert outer.contains(inner)
    frame = LocalFrame(LonLat(118.71, 31.41))
    _, north = frame.to_metres(*done.zones.geometry.iloc[-1].bounds[2:])
    _, straight = frame.to_metres(*steady.zones.geometry.iloc[-1].bounds[2:])
    assert north > straight + 500  # the second wind carries it north
    assert done.zones["reach_m"].iloc[-1] > 500
    for zone, envelope in zip(done.zones.geometry, done.envelope.geometry, strict=True):
        assert zone.difference(envelope).area < 1e-6 * zone.area


def test_a_series_that_does_not_turn_changes_little() -> None:
    still = [{"time_s": 0, "wind_speed_m_s": 3.0, "wind_from_deg": 225.0}]
    turning, steady = forecast(read(weather={"series": still})), forecast(read())
    assert list(turning.zones["reach_m"][1:]) == pytest.approx(list(steady.zones["reach_m"][1:]), rel=0.06)
