"""Does everybody who cannot leave carry what staying indoors means?"""

from typing import Any

import geopandas as gpd
import numpy as np
import pytest

from gis.crs import GEOGRAPHIC, LocalFrame, LonLat
from plume.case import read
from scenarios.hazards.indoors import with_doses
from scenarios.hazards.threat import at_place
from scenarios.roads.leaving import evacuation
from scenarios.warming import SCENE, town

AMMONIA = {"kind": "continuous", "substance": "ammonia", "rate_kg_s": 4.0, "duration_s": 1800.0}
FIREBALL = {"kind": "bleve", "substance": "propane", "mass_kg": 20_000.0}


def written(release: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": "演练",
        "incident": {
            "longitude": SCENE.longitude,
            "latitude": SCENE.latitude,
            "occurred_at": "2026-11-24T14:00:12+08:00",
        },
        "release": release,
        "weather": {"wind_speed_m_s": 3.0, "wind_from_deg": 270.0, "stability": "D", "temperature_c": 20.0},
    }


def blocks(*east_m: float) -> gpd.GeoDataFrame:
    lon, lat = LocalFrame(SCENE).to_degrees(list(east_m), [0.0] * len(east_m))
    names = [f"B{at}" for at in range(len(east_m))]
    points = gpd.points_from_xy(lon, lat)
    return gpd.GeoDataFrame({"id": names, "name": names, "people": 10}, geometry=points, crs=GEOGRAPHIC)


def test_indoors_is_what_the_card_of_the_place_says() -> None:
    case = written(AMMONIA)
    told = with_doses(blocks(400.0, 1200.0), read(case))
    for row in told.itertuples():
        numbers = at_place(case, LonLat(row.geometry.x, row.geometry.y))["numbers"]
        assert row.outdoor_ppm == pytest.approx(numbers["peak_outdoor_ppm"], rel=0.05)
        assert row.indoor_dose == pytest.approx(numbers["peak_indoor_ppm"], rel=0.05)
        assert row.indoor_dose < row.outdoor_ppm
    assert told["cloud_s"].is_monotonic_increasing
    assert set(told["dose_limit"]) == {220.0}, "AEGL-2 of ammonia for 30 min, US EPA"


def test_upwind_nothing_comes() -> None:
    told = with_doses(blocks(-500.0), read(written(AMMONIA)))
    assert told["indoor_dose"].item() == 0 and np.isnan(told["cloud_s"].item())


def test_a_fire_leaves_the_blocks_as_they_are() -> None:
    assert "indoor_dose" not in with_doses(blocks(100.0), read(written(FIREBALL))).columns


def test_who_cannot_leave_is_told_and_rescued_first_where_the_house_is_no_shelter() -> None:
    from routing.closures import close
    from scenarios.hazards.exposed import exposed
    from scenarios.hazards.zones import foresee

    ground = town()
    full = gpd.GeoDataFrame(
        {"id": ["S"], "name": ["S"], "capacity": [0]}, geometry=gpd.points_from_xy([-0.01], [0.0]), crs=GEOGRAPHIC
    )
    hazard = foresee(written(AMMONIA))
    cramped = type(ground)(people=ground.people, shelters=full, network=ground.network, mode="sim")
    assert ground.network is not None
    view = close(ground.network, hazard.zones)
    plan = evacuation(view, cramped, hazard.area, exposed(hazard, cramped, day=True), 270.0, case=hazard.case)
    assert plan.left_over
    for row in plan.left_over:
        assert row["outdoor_ppm"] >= row["indoor_dose"] >= 0 and row["dose_limit"] == 220.0
        if row["advice"] == "rescue_first":
            assert row["indoor_dose"] > row["dose_limit"]
