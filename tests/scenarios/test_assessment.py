"""Is the chain honest where data are missing, exact where they are there, and the same every time?"""

import itertools
import json
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import shape

from gis.crs import GEOGRAPHIC
from gis.errors import InputError
from scenarios import drawing
from scenarios.assessment import Assessment, assess
from scenarios.events import payload_of
from scenarios.ground import Ground
from scenarios.hazards.zones import foresee
from scenarios.log import canonical
from scenarios.roads.blocks import MOST_BLOCKS, blocks
from scenarios.sources import widened

LONGITUDE, LATITUDE = 118.7124, 31.4087


def chlorine(**changes: Any) -> dict[str, Any]:
    case: dict[str, Any] = {
        "name": "演练",
        "incident": {"longitude": LONGITUDE, "latitude": LATITUDE, "occurred_at": "2026-11-24T14:00:12+08:00"},
        "release": {"substance": "chlorine", "kind": "continuous", "rate_kg_s": 0.4, "duration_s": 3600},
        "weather": {"wind_speed_m_s": 2.8, "wind_from_deg": 225.0, "stability": "D"},
    }
    for name, value in changes.items():
        table, _, key = name.partition("__")
        case[table] = {**case[table], key: value}
    return case


@pytest.fixture(scope="module")
def streets() -> Any:
    """A mesh of streets, 500 m apart, 12 km on a side around the scene."""
    from routing.importing import from_lines

    step = 0.005
    lon = LONGITUDE + step * (np.arange(25) - 12) + 0.0013
    lat = LATITUDE + step * (np.arange(25) - 12) + 0.0011
    lines = [shapely.LineString([(x, lat[0]), *((x, y) for y in lat[1:])]) for x in lon]
    lines += [shapely.LineString([(lon[0], y), *((x, y) for x in lon[1:])]) for y in lat]
    cut = []
    for line in lines:
        points = shapely.get_coordinates(line)
        cut += [shapely.LineString([a, b]) for a, b in itertools.pairwise(points)]
    frame = gpd.GeoDataFrame(
        {"highway": "residential", "name": ""}, index=range(len(cut)), geometry=cut, crs=GEOGRAPHIC
    )
    return from_lines(frame)


@pytest.fixture(scope="module")
def people() -> gpd.GeoDataFrame:
    """Cells of about 100 m with one person more in each row."""
    n, step = 120, 0.001
    west, south = LONGITUDE - 0.02, LATITUDE - 0.02
    i, j = np.meshgrid(np.arange(n), np.arange(n))
    cells = shapely.box(west + i * step, south + j * step, west + (i + 1) * step, south + (j + 1) * step).ravel()
    return gpd.GeoDataFrame({"day": j.ravel() * 1.0, "night": 3.0}, index=range(n * n), geometry=cells, crs=GEOGRAPHIC)


def timeless(found: Assessment) -> str:
    """Everything but the seconds, as text."""
    parts = [{**payload_of(part), "seconds": 0} for part in found.events("R-1")]
    return "".join(canonical(part) for part in parts)


def test_without_any_data_every_part_says_so() -> None:
    found = assess(chlorine(), Ground())
    assert (found.hazard.status, found.exposure.status, found.routes.status, found.evacuation.status) == (
        "ok",
        "no_data",
        "no_data",
        "no_data",
    )
    assert found.exposure.bands is None and found.exposure.total_day is None and found.exposure.facilities is None
    assert found.evacuation.people is None and found.evacuation.assigned is None
    assert json.dumps(found.as_json(), allow_nan=False)


def test_the_same_ground_gives_the_same_answer(streets: Any, people: gpd.GeoDataFrame) -> None:
    ground = Ground(people=people, network=streets)
    assert timeless(assess(chlorine(), ground)) == timeless(assess(chlorine(), ground))


def test_people_without_shelters_are_led_out_and_all_are_told(streets: Any, people: gpd.GeoDataFrame) -> None:
    found = assess(chlorine(), Ground(people=people, network=streets), day=False)
    exposure, leaving = found.exposure, found.evacuation
    assert exposure.bands is not None
    inside = sum(band["people_night"] for band in exposure.bands)
    assert inside + (exposure.outside_night or 0) == exposure.total_night == 3 * len(people)
    assert leaving.people == inside
    assert leaving.assignment["leads_to"] == "exit"
    sent = sum(feature["properties"]["people"] for feature in leaving.assignment["features"])
    assert sent == leaving.assigned
    assert sent + sum(row["people"] for row in leaving.left_over) == inside
    zones = shapely.union_all([shape(feature["geometry"]) for feature in found.hazard.zones["features"]])
    for feature in found.routes.routes["features"]:
        if feature["properties"]["status"] == "ok":
            assert not shape(feature["geometry"]).intersects(zones)


def test_where_no_level_is_reached_nobody_has_to_leave(streets: Any, people: gpd.GeoDataFrame) -> None:
    found = assess(chlorine(release__rate_kg_s=1e-12), Ground(people=people, network=streets))
    assert found.hazard.zones["features"] == []
    assert found.evacuation.status == "not_needed"
    assert found.exposure.total_day == found.exposure.outside_day
    assert found.routes.closed_count == 0
    assert found.routes.status == "ok"


def test_data_that_cover_only_a_part_are_told(people: gpd.GeoDataFrame) -> None:
    inside = assess(chlorine(), Ground(people=people)).exposure
    half = people[people.geometry.to_numpy()[0].bounds[1] + 0.03 > shapely.bounds(people.geometry.to_numpy())[:, 1]]
    part = assess(chlorine(), Ground(people=half.reset_index(drop=True))).exposure
    assert "people_data_cover_part_of_zones" not in inside.notes
    assert "people_data_cover_part_of_zones" in part.notes


@pytest.mark.parametrize(
    ("written", "by_day"),
    [
        ("2026-11-24T14:00:00+08:00", True),
        ("2026-11-24T06:00:00+00:00", True),
        ("2026-11-24T23:30:00+08:00", False),
        ("2026-11-24T15:30:00+00:00", False),
    ],
)
def test_day_and_night_follow_the_sun_not_the_way_the_time_is_written(written: str, by_day: bool) -> None:
    assert assess(chlorine(incident__occurred_at=written), Ground()).exposure.day is by_day


def test_a_fireball_goes_the_same_way_and_knows_no_concentration(streets: Any, people: gpd.GeoDataFrame) -> None:
    school = {"id": ["a"], "name": ["演练小学"], "kind": ["school"], "people": [10.0]}
    place = gpd.GeoDataFrame(school, geometry=[shapely.Point(LONGITUDE, LATITUDE + 0.001)], crs=GEOGRAPHIC)
    case = {**chlorine(), "release": {"substance": "propane", "kind": "bleve", "mass_kg": 20_000}}
    found = assess(case, Ground(people=people, facilities=place, network=streets))
    assert {feature["properties"]["kind"] for feature in found.hazard.zones["features"]} == {"thermal"}
    assert found.exposure.facilities is not None
    (target,) = found.exposure.facilities
    assert target["arrival_s"] == 0
    assert "concentration_ppm" not in target
    assert found.evacuation.people == sum(band["people_day"] for band in found.exposure.bands or ())


def test_a_case_with_faults_is_refused_whole() -> None:
    with pytest.raises(InputError) as refusal:
        foresee(chlorine(release__rate_kg_s=-1, weather__stability="Q"))
    assert "rate_kg_s" in str(refusal.value)
    assert "stability" in str(refusal.value)


def test_every_part_fits_into_one_entry_of_the_record(streets: Any, people: gpd.GeoDataFrame) -> None:
    found = assess(chlorine(release__rate_kg_s=2.0), Ground(people=people, network=streets))
    for part in found.events("R-20261124-0001"):
        assert len(canonical(payload_of(part)).encode()) < 1_048_576


@settings(max_examples=25, deadline=None)
@given(st.floats(-0.01, 0.03), st.floats(-0.01, 0.03), st.floats(0.001, 0.05), st.booleans())
def test_blocks_lose_nobody_and_stay_readable(
    people: gpd.GeoDataFrame, east: float, north: float, size: float, day: bool
) -> None:
    area = shapely.Point(LONGITUDE + east, LATITUDE + north).buffer(size)
    share = shapely.area(shapely.intersection(people.geometry.to_numpy(), area)) / shapely.area(
        people.geometry.to_numpy()
    )
    total = round(float((people["day" if day else "night"].to_numpy() * share).sum()))
    found = blocks(people, area, total, day=day)
    assert int(found["people"].sum()) == total
    assert len(found) <= MOST_BLOCKS
    assert all(area.buffer(1e-9).intersects(point) for point in found.geometry)
    assert found["id"].is_unique


@given(st.floats(allow_nan=True, allow_infinity=True), st.integers(), st.text(max_size=5))
def test_plain_values_can_always_be_written(number: float, whole: int, words: str) -> None:
    value = drawing.plain(
        {"a": np.float64(number), "b": [np.int64(whole % 2**31), words, None], "c": np.array([number])}
    )
    json.dumps(value, allow_nan=False)


def test_rounding_moves_nothing_by_more_than_a_tenth_of_a_metre() -> None:
    frame = gpd.GeoDataFrame(geometry=[shapely.Point(LONGITUDE, LATITUDE).buffer(0.01)], crs=GEOGRAPHIC)
    drawn = drawing.rounded(frame)
    gap = shapely.hausdorff_distance(drawn.geometry.iloc[0], frame.geometry.iloc[0])
    assert gap < 1e-6
    assert drawn.geometry.is_valid.all()


def test_bounds_grow_on_every_side_by_the_margin() -> None:
    west, south, east, north = widened((118.7, 31.4, 118.8, 31.5), 5000.0)
    assert west < 118.7 - 0.05 and east > 118.8 + 0.05
    assert 31.4 - south == pytest.approx(5000 / 110_900, rel=0.01)
    assert north - 31.5 == pytest.approx(5000 / 110_900, rel=0.01)
