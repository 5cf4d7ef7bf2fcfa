"""Does the desk's evacuation keep ahead of the cloud, and does it say so?"""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
import shapely
from shapely.geometry import shape

from gis.crs import LocalFrame
from plume import setting as plume_setting
from plume.case import read
from routing.closures import close
from scenarios.assessment import Assessment, assess
from scenarios.hazards.zones import foresee
from scenarios.roads.arrival import cloud_on_roads, seen_from
from scenarios.roads.leaving import LEAST_MARGIN_S, departure, evacuation
from scenarios.warming import SCENE, town

AMMONIA = {"kind": "continuous", "substance": "ammonia", "rate_kg_s": 4.0, "duration_s": 1800.0}
CHLORINE = {"kind": "continuous", "substance": "chlorine", "rate_kg_s": 0.4, "duration_s": 900.0}
TURNING = [
    {"time_s": 0.0, "wind_speed_m_s": 3.0, "wind_from_deg": 270.0},
    {"time_s": 600.0, "wind_speed_m_s": 3.0, "wind_from_deg": 230.0},
]


def written(release: dict[str, Any], **weather: Any) -> dict[str, Any]:
    return {
        "name": "演练",
        "incident": {
            "longitude": SCENE.longitude,
            "latitude": SCENE.latitude,
            "occurred_at": "2026-11-24T14:00:12+08:00",
        },
        "release": release,
        "weather": {"wind_speed_m_s": 3.0, "wind_from_deg": 270.0, "stability": "D", "temperature_c": 20.0, **weather},
    }


@pytest.mark.parametrize("release", [AMMONIA, CHLORINE])
@pytest.mark.parametrize("weather", [{}, {"wind_speed_m_s": 0.4}])
def test_wherever_the_model_holds_the_serious_level_the_road_counts_as_covered(
    release: dict[str, Any], weather: dict[str, Any]
) -> None:
    case = read(written(release, **weather))
    zones = foresee(written(release, **weather)).zones
    hazard = cloud_on_roads(case, zones)
    assert hazard is not None
    serious = shapely.union_all(zones.geometry[zones["level"] >= 2].to_numpy())
    assert shapely.symmetric_difference(hazard.area, serious).area < 1e-5 * serious.area
    setting = plume_setting.prepare(case)
    cloud = plume_setting.choose(setting, "auto").cloud
    limit = min(v for row, v in zip(setting.levels.rows, setting.thresholds_kg_m3(), strict=True) if row.level >= 2)
    rng = np.random.default_rng(4)
    reach = float(zones["reach_m"][zones["level"] >= 2].max())
    for _ in range(200):
        along, moment = rng.uniform(5.0, reach), rng.uniform(0.0, 4000.0)
        held = float(cloud.concentration_at(along, 0.0, case.output.height_m, moment)) >= limit
        lon, lat = LocalFrame(SCENE).to_degrees(along, 0.0)
        if held and shapely.intersects_xy(serious, lon, lat):
            assert hazard.covered_at(float(lon), float(lat), moment), (along, moment)


def test_a_cloud_in_a_turning_wind_comes_early_rather_than_late() -> None:
    case = written(AMMONIA, series=TURNING)
    hazard = cloud_on_roads(read(case), foresee(case).zones)
    assert hazard is not None
    straight = cloud_on_roads(read(written(AMMONIA)), foresee(written(AMMONIA)).zones)
    assert straight is not None
    assert min(one.from_s for one in hazard.frames) == 0
    assert max(one.until_s for one in hazard.frames) >= max(one.until_s for one in straight.frames)


def test_the_clock_starts_with_the_departure() -> None:
    hazard = cloud_on_roads(read(written(CHLORINE)), foresee(written(CHLORINE)).zones)
    assert hazard is not None
    later = seen_from(hazard, 300.0, 60.0)
    assert later is not None
    for before, after in zip([one for one in hazard.frames if one.until_s > 300.0], later.frames, strict=True):
        assert after.from_s == max(0.0, before.from_s - 360.0) and after.until_s == before.until_s - 300.0
    assert seen_from(hazard, 1e6) is None


def test_a_fire_has_no_cloud() -> None:
    case = written({"kind": "bleve", "substance": "propane", "mass_kg": 20_000.0})
    assert cloud_on_roads(read(case), foresee(case).zones) is None


def plans(*minutes: float) -> list[Assessment]:
    case = written(AMMONIA)
    start = read(case).incident.occurred_at
    return [assess(case, town(), day=True, departs_at=start + timedelta(minutes=late)) for late in minutes]


def test_who_waits_longer_leaves_with_fewer_and_nobody_is_lost() -> None:
    found = plans(0.0, 3.0, 8.0)
    for one, after_s in zip(found, (0.0, 180.0, 480.0), strict=True):
        leaving = one.evacuation
        assert leaving.totals["departs_s"] == after_s and leaving.totals["against_cloud"]
        assert leaving.assigned is not None and leaving.people is not None
        assert leaving.assigned + sum(row["people"] for row in leaving.left_over) == leaving.people
        for row in leaving.left_over:
            if row["reason"] in ("cut_off:hazard_arrives_first", "origin_closed:inside_hazard"):
                assert row["advice"] in ("shelter_in_place", "rescue_first")
                assert row["indoor_dose"] is not None and row["outdoor_ppm"] >= row["indoor_dose"]
    gone = [one.evacuation.assigned or 0 for one in found]
    assert gone[0] >= gone[1] >= gone[2]
    assert gone[2] < gone[0], "eight minutes are enough for the cloud to overtake somebody"


def test_on_every_way_the_last_vehicle_is_gone_before_the_cloud() -> None:
    """Played again on empty roads with nothing but the line, its time and the cloud: a check apart from the search."""
    case = written(AMMONIA)
    (found,) = plans(3.0)
    hazard = cloud_on_roads(read(case), foresee(case).zones)
    assert hazard is not None
    ways = [one for one in found.evacuation.assignment["features"] if one["geometry"]]
    assert ways
    told = [one["properties"]["margin_s"] for one in ways if one["properties"]["margin_s"] is not None]
    assert found.evacuation.totals["margin_s"] == (min(told) if told else None)
    assert all(margin >= LEAST_MARGIN_S for margin in told)
    for one in ways:
        line, spent = shape(one["geometry"]), one["properties"]["travel_time_s"]
        for share in np.linspace(0.0, 1.0, 40):
            at = line.interpolate(share, normalized=True)
            assert not hazard.covered_at(at.x, at.y, 180.0 + share * spent), one["properties"]


def test_after_the_cloud_has_gone_the_plan_is_that_of_the_release() -> None:
    case = read(written(CHLORINE))
    hazard = cloud_on_roads(case, foresee(written(CHLORINE)).zones)
    late = departure(case, hazard, case.incident.occurred_at + timedelta(days=2))
    assert late.after_s == 0.0 and late.cloud is not None
    assert departure(case, hazard, case.incident.occurred_at - timedelta(days=2)).after_s == 0.0


def test_without_a_cloud_no_margin_is_told() -> None:
    from scenarios.hazards.exposed import exposed

    ground, hazard = town(), foresee(written(AMMONIA))
    assert ground.network is not None
    view = close(ground.network, hazard.zones)
    plan = evacuation(view, ground, hazard.area, exposed(hazard, ground, day=True), 270.0, case=hazard.case)
    assert plan.totals["against_cloud"] is False and plan.totals["margin_s"] is None
