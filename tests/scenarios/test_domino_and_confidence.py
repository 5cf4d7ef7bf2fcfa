"""What does a fire reach beside people, how sure are the zones, and does the record hold both?"""

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely.geometry import shape

from gis.crs import GEOGRAPHIC, LocalFrame, LonLat
from gis.database import HIGHEST_DIVISION, LOWEST_DIVISION, Caller, Database
from gis.errors import MissingError
from plume.fire.domino import HEAT_ESCALATION, time_to_failure_s
from scenarios.assessment import assess
from scenarios.desk import Desk, ReportIncident
from scenarios.ground import Ground
from scenarios.hazards.confidence import confidence

SCENE = LonLat(118.71, 31.41)  # 演练
DRILL = Caller("officer:drill", LOWEST_DIVISION, HIGHEST_DIVISION, "drill")
POOL = {"kind": "pool_fire", "substance": "methanol", "area_m2": 400.0}
CHARGE = {"kind": "solid_explosion", "mass_kg": 500.0, "tnt_equivalence": 1.0}
FIREBALL = {"kind": "bleve", "substance": "propane", "mass_kg": 20_000.0}
AMMONIA = {"kind": "continuous", "substance": "ammonia", "rate_kg_s": 4.0, "duration_s": 1800.0}
CHLORINE = {"kind": "continuous", "substance": "chlorine", "rate_kg_s": 0.4, "duration_s": 1800.0}


def written(release: dict[str, Any], **weather: Any) -> dict[str, Any]:
    air = {"wind_speed_m_s": 3.0, "wind_from_deg": 225.0, "stability": "D", "temperature_c": 20.0}
    return {
        "name": "演练",
        "incident": {
            "longitude": SCENE.longitude,
            "latitude": SCENE.latitude,
            "occurred_at": "2026-11-24T14:00:12+08:00",
        },
        "release": release,
        "weather": air | weather,
    }


def ledger(*distances_m: float) -> gpd.GeoDataFrame:
    """Hazard sources 演练 east of the scene, one at each distance."""
    lon, lat = LocalFrame(SCENE).to_degrees(list(distances_m), [0.0] * len(distances_m))
    count = len(distances_m)
    return gpd.GeoDataFrame(
        {
            "id": [f"D{at}" for at in range(count)],
            "name": [f"演练储罐{at}" for at in range(count)],
            "enterprise_name": "演练化工厂",
            "substance": ["液氯", "汽油", "演练物质"][:count] + ["液氨"] * max(0, count - 3),
            "cas_number": ["7782-50-5"] + [None] * (count - 1),
            "stock_t": 10.0,
            "design_max_t": 20.0,
            "hazard_level": 3,
        },
        geometry=gpd.points_from_xy(lon, lat),
        crs=GEOGRAPHIC,
    )


def domino_of(release: dict[str, Any], *distances_m: float) -> dict[str, Any]:
    found = assess(written(release), Ground(hazard_sources=ledger(*distances_m), mode="drill")).as_json()
    assert found["provenance"]["domino"]["mode"] == "drill"
    answer: dict[str, Any] = found["domino"]
    return answer


def test_a_blast_reaches_who_stands_near_and_names_the_criterion() -> None:
    domino = domino_of(CHARGE, 20.0, 100.0, 2000.0)
    assert [row["id"] for row in domino["reached"]] == ["D0", "D1"], "nearest first; 2 km lies outside every zone"
    near, far = domino["reached"]
    assert near["escalates"] and near["value"] >= near["threshold"] and near["unit"] == "kPa"
    assert not far["escalates"] and far["value"] < far["threshold"]
    assert near["after_s"] == pytest.approx(20.0 / 340.0, rel=0.01)
    assert domino["criteria"][0]["source"] and domino["criteria"][0]["trust"] == "one_source"


def test_what_burns_is_not_reached_by_itself() -> None:
    domino = domino_of(CHARGE, 2.0, 60.0)
    assert domino["own"] == ["D0"] and [row["id"] for row in domino["reached"]] == ["D1"]


def test_a_fireball_that_is_soon_over_carries_nothing_on() -> None:
    domino = domino_of(FIREBALL, 40.0)
    (row,) = domino["reached"]
    assert row["value"] > HEAT_ESCALATION.threshold and row["after_s"] > domino["burns_s"]
    assert not row["escalates"] and "fire_ends_before_failure" in domino["notes"]


def test_a_lasting_fire_tells_when_the_neighbour_may_fail() -> None:
    found = domino_of({"kind": "pool_fire", "substance": "n-butane", "area_m2": 2000.0}, 32.0)
    (row,) = found["reached"]
    assert row["value"] >= 37.5 and row["escalates"] and 60.0 < row["after_s"] < 3600.0
    assert "unverified_time_to_failure" in found["notes"]


def test_time_to_failure_falls_with_the_flux_and_is_longer_under_pressure() -> None:
    flux = np.array([15.0, 37.5, 100.0])
    cold, tight = time_to_failure_s(flux, 100.0, False), time_to_failure_s(flux, 100.0, True)
    assert (np.diff(cold) < 0).all() and (np.diff(tight) < 0).all() and (tight > cold).all()
    assert np.isinf(time_to_failure_s(0.5, 100.0, False))


def test_without_a_ledger_nothing_is_said_to_be_safe() -> None:
    found = assess(written(POOL), Ground()).as_json()["domino"]
    assert found["status"] == "no_data" and found["notes"] == ["no_hazard_sources"]


def test_a_gas_has_no_domino_key() -> None:
    assert "domino" not in assess(written(AMMONIA), Ground(hazard_sources=ledger(50.0))).as_json()


def test_wider_percentiles_hold_the_narrower_and_the_same_case_gives_the_same_zones() -> None:
    found = confidence(written(AMMONIA), "R-1", members=60)
    again = confidence(written(AMMONIA), "R-1", members=60)
    assert found is not None and again is not None and found.zones == again.zones
    areas = {
        (one["properties"]["level"], one["properties"]["percentile"]): shape(one["geometry"])
        for one in found.zones["features"]
    }
    for level in (1, 2):
        wide, middle = (areas[level, share] for share in (10, 50))
        assert wide.is_valid and middle.is_valid and wide.area > middle.area
        assert middle.difference(wide).area < 0.02 * middle.area
    reach = found.reach_m["AEGL-1"]
    assert reach["p10"] < reach["p50"] < reach["p90"]


def test_in_a_calm_the_members_point_everywhere() -> None:
    found = confidence(written(AMMONIA, wind_speed_m_s=0.3), "R-1", members=80)
    assert found is not None and "calm_wind_direction_unknown" in found.notes
    bounds = shapely.total_bounds([shape(one["geometry"]) for one in found.zones["features"]])
    assert bounds[0] < SCENE.longitude < bounds[2] and bounds[1] < SCENE.latitude < bounds[3]


def test_a_fire_has_no_members() -> None:
    assert confidence(written(POOL), "R-1", members=10) is None


def test_the_record_holds_the_second_step_once_and_caused_by_the_run(database: Database, tmp_path: Any) -> None:
    desk = Desk(database, tmp_path)
    run = desk.report_and_assess(ReportIncident.from_case(written(CHLORINE), division_code="990101"), DRILL)
    assert desk.situation(run.incident_id, caller=DRILL).run.confidence is None  # type: ignore[union-attr]
    added = desk.add_confidence(run.incident_id, run.run_id, DRILL, members=20)
    assert added is not None
    assert desk.add_confidence(run.incident_id, run.run_id, DRILL, members=20) is None, "it is there already"
    known = desk.situation(run.incident_id, caller=DRILL)
    assert known.run is not None and known.run.confidence is not None and known.run.confidence.members == 20
    entry = known.entries[-1]
    assert entry.kind == "confidence_forecast" and entry.caused_by == (known.run.first_seq,)
    with pytest.raises(MissingError, match="no run"):
        desk.add_confidence(run.incident_id, "R-0", DRILL)


def test_the_entry_of_a_fire_holds_what_it_reaches(database: Database, tmp_path: Any) -> None:
    desk = Desk(database, tmp_path)
    run = desk.report_and_assess(ReportIncident.from_case(written(POOL), division_code="990101"), DRILL)
    known = desk.situation(run.incident_id, caller=DRILL)
    assert known.run is not None and known.run.hazard is not None and known.run.hazard.domino is not None
    assert known.run.hazard.domino["criteria"][0]["threshold"] == 37.5
    assert desk.add_confidence(run.incident_id, run.run_id, DRILL) is None
