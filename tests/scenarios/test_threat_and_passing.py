"""Does the card of a place speak of the same cloud as the zones, and do the moments of the cloud fit its zones?"""

from typing import Any

import numpy as np
import pytest
import shapely
from shapely.geometry import shape

from gis.crs import LocalFrame, LonLat
from gis.errors import InputError
from plume import case as cases
from plume import forecast, probit, substances
from scenarios.hazards.passing import MOST_FRAMES, moments_s, passing
from scenarios.hazards.threat import at_place

SOURCE = LonLat(118.71, 31.41)  # 演练
CHLORINE = {"kind": "continuous", "substance": "氯", "rate_kg_s": 0.4, "duration_s": 1800.0}
AMMONIA = {"kind": "continuous", "substance": "氨", "rate_kg_s": 4.0, "duration_s": 1800.0}
FIREBALL = {"kind": "bleve", "substance": "丙烷", "mass_kg": 20_000.0}


def written(release: dict[str, Any], **weather: Any) -> dict[str, Any]:
    air = {"wind_speed_m_s": 3.0, "wind_from_deg": 270.0, "stability": "D", "temperature_c": 20.0}
    return {
        "name": "演练",
        "incident": {
            "longitude": SOURCE.longitude,
            "latitude": SOURCE.latitude,
            "occurred_at": "2026-11-24T14:00:12+08:00",
        },
        "release": release,
        "weather": air | weather,
    }


def east(metres: float, north: float = 0.0) -> LonLat:
    longitude, latitude = LocalFrame(SOURCE).to_degrees(metres, north)
    return LonLat(float(longitude), float(latitude))


@pytest.mark.parametrize("release", [CHLORINE, AMMONIA], ids=["heavy", "neutral"])
@pytest.mark.parametrize("place", [east(400.0), east(900.0, 40.0), east(1500.0, -60.0)])
def test_the_chart_peaks_at_the_concentration_of_the_place(release: dict[str, Any], place: LonLat) -> None:
    case = written(release)
    read = cases.read(case)
    there = forecast.concentration_at(
        read, longitude=place.longitude, latitude=place.latitude, height_m=read.output.height_m
    )
    found = at_place(case, place)
    largest = float(there["concentration_ppm"])
    assert max(found["course"]["outdoor_ppm"], default=0.0) == pytest.approx(largest, rel=0.02, abs=1e-9)
    assert found["numbers"]["peak_outdoor_ppm"] == pytest.approx(largest, rel=0.02, abs=1e-9)
    if largest > 1e-6:
        assert found["arrival_s"] == pytest.approx(float(there["arrival_s"]), rel=1e-4)


@pytest.mark.parametrize("release", [CHLORINE, AMMONIA, FIREBALL], ids=["heavy", "neutral", "fire"])
def test_the_level_reached_is_that_of_the_zone_around_the_place(release: dict[str, Any]) -> None:
    case = written(release)
    zones = forecast.forecast(cases.read(case)).zones
    assert len(zones)
    for row in zones.itertuples():
        for share, inside in ((0.9, True), (1.1, False)):
            place = east(float(row.reach_m) * share)
            around = [int(one.level) for one in zones.itertuples() if one.geometry.covers(shapely.Point(place))]
            assert (int(row.level) in around) is inside or release is FIREBALL
            assert at_place(case, place)["reached"] == max(around, default=None)


@pytest.mark.parametrize("release", [CHLORINE, AMMONIA], ids=["heavy", "neutral"])
def test_the_dose_grows_to_the_load_of_the_card(release: dict[str, Any]) -> None:
    found = at_place(written(release), east(600.0))
    course, numbers = found["course"], found["numbers"]
    assert course["dose_unit"] == "load" and len(course["dose_outdoor"]) == len(course["time_s"])
    for where in ("outdoor", "indoor"):
        dose = course[f"dose_{where}"]
        assert dose == sorted(dose) and dose[-1] == pytest.approx(numbers[f"load_{where}"], rel=0.02)
    assert course["dose_indoor"][-1] < course["dose_outdoor"][-1]


def test_without_an_exponent_the_dose_is_concentration_times_time() -> None:
    unknown = next(one.key for one in substances.known() if probit.of(one) is None)
    levels = [{"name": "演练", "value": 50.0, "unit": "ppm"}]
    course = at_place(written({**AMMONIA, "substance": unknown}) | {"output": {"levels": levels}}, east(200.0))[
        "course"
    ]
    assert course["dose_unit"] == "ppm_min"
    whole = np.trapezoid(course["outdoor_ppm"], course["time_s"]) / 60
    assert course["dose_outdoor"][-1] == pytest.approx(whole, rel=1e-3) and whole > 0


def test_beside_a_fire_the_chance_to_die_grows_with_the_seconds() -> None:
    found = at_place(written(FIREBALL), east(200.0))
    killed = found["course"]["fatality"]
    assert killed == sorted(killed) and killed[-1] == pytest.approx(found["numbers"]["fatality"], rel=0.01)


def test_upwind_nothing_comes_and_there_is_no_course() -> None:
    found = at_place(written(CHLORINE), east(-2000.0))
    assert found["course"]["time_s"] == [] and found["reached"] is None and found["advice"] is None
    assert found["negligible"]


def test_far_in_the_wings_as_good_as_nothing_comes() -> None:
    case = written(AMMONIA)
    assert at_place(case, east(400.0, 900.0))["negligible"]
    assert not at_place(case, east(400.0))["negligible"]


def test_a_fire_has_no_concentration() -> None:
    found = at_place(written(FIREBALL), east(30.0))
    assert "heat_flux_kw_m2" in found["numbers"] and "peak_outdoor_ppm" not in found["numbers"]
    assert passing(written(FIREBALL))["frames"] == []


@pytest.mark.parametrize("until_s", [1.0, 59.0, 240.0, 5000.0, 86_400.0, 1e6])
def test_moments_are_round_few_and_enough(until_s: float) -> None:
    times = moments_s(until_s)
    assert 1 <= len(times) <= MOST_FRAMES
    assert times[-1] >= until_s
    assert times == sorted(times)


@pytest.mark.parametrize("release", [CHLORINE, AMMONIA], ids=["heavy", "neutral"])
def test_every_moment_lies_within_the_zones_of_the_passage(release: dict[str, Any]) -> None:
    case = written(release)
    whole = {int(row.level): row.geometry for row in forecast.forecast(cases.read(case)).zones.itertuples()}
    frames = passing(case)["frames"]
    assert len(frames) >= 5
    for frame in frames:
        for zone in frame["zones"]:
            area = shape(zone["geometry"])
            assert area.is_valid
            assert area.difference(whole[zone["level"]]).area <= 0.02 * whole[zone["level"]].area
    largest = max(shape(zone["geometry"]).area for frame in frames for zone in frame["zones"] if zone["level"] == 1)
    assert largest == pytest.approx(whole[1].area, rel=0.1), "at some moment the cloud fills its widest zone"
    assert frames[-1]["zones"] == [] or len(frames[-1]["zones"]) < len(frames[0]["zones"])


def test_bands_of_a_moment_do_not_overlap_and_add_up() -> None:
    for frame in passing(written(CHLORINE))["frames"]:
        bands = [shape(zone["band"]) for zone in frame["zones"] if zone["band"]]
        if not bands:
            continue
        union = shapely.union_all([shape(zone["geometry"]) for zone in frame["zones"]])
        assert sum(band.area for band in bands) == pytest.approx(union.area, rel=0.01)


def test_in_a_turning_wind_the_cloud_leaves_its_first_direction() -> None:
    turning = written(
        AMMONIA,
        series=[
            {"time_s": 0, "wind_speed_m_s": 3.0, "wind_from_deg": 270.0},
            {"time_s": 600, "wind_speed_m_s": 3.0, "wind_from_deg": 180.0},
        ],
    )
    areas = [
        [shape(zone["geometry"]) for zone in frame["zones"] if zone["level"] == 1]
        for frame in passing(turning)["frames"]
    ]
    drawn = [area[0] for area in areas if area]
    assert drawn[0].bounds[3] < east(0.0, 400.0).latitude
    assert max(area.bounds[3] for area in drawn) > east(0.0, 800.0).latitude


def test_in_a_calm_the_cloud_stands_all_round() -> None:
    frames = passing(written(AMMONIA, wind_speed_m_s=0.3))["frames"]
    west, south, right, north = shape(frames[2]["zones"][0]["geometry"]).bounds
    assert west < SOURCE.longitude < right and south < SOURCE.latitude < north


def test_faults_are_told() -> None:
    with pytest.raises(InputError, match="rate_kg_s"):
        at_place(written(CHLORINE | {"rate_kg_s": -1.0}), east(100.0))
    with pytest.raises(InputError, match="rate_kg_s"):
        passing(written(CHLORINE | {"rate_kg_s": -1.0}))
