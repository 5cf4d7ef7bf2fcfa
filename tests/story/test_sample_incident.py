"""The drill from the first alarm to the wind that turns, on real PostGIS, with every total checked."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import shapely
from shapely.geometry import Point, shape
from shapely.geometry.base import BaseGeometry

from gis.database import Caller
from scenarios import demo
from scenarios.desk import Desk
from scenarios.situation import Situation, situation_at, situation_hash
from scenarios.verify import Verification

DRILL = Caller("演练导调", "990100", "990200", "drill")


@pytest.fixture(scope="module")
def told(drill_city: Desk, city: Any) -> Situation:
    """The situation after the story was told."""
    began = city.moment
    case = {**city.incident_case, "incident": {**city.incident_case["incident"], "occurred_at": began}}
    incident = demo.stage(drill_city, case, DRILL, now=began + timedelta(minutes=4), roads="sample")
    return drill_city.situation(incident, caller=DRILL)


def test_the_queue_holds_two_incidents_with_their_clocks(drill_city: Desk, told: Situation, city: Any) -> None:
    younger, older = drill_city.incidents(DRILL)
    assert (younger.title, older.title) == ("演练化工一厂氯气泄漏", "环城北路货车侧翻")
    assert younger.code.startswith("YL-")
    assert younger.mode == "drill"
    assert [clock.code for clock in younger.clocks] == ["first_report_phone", "first_report_written", "first_team"]
    now = city.moment + timedelta(minutes=5)
    assert {clock.state(now) for clock in younger.clocks[:2]} == {"running"}
    states = {clock.code: clock.state(now) for clock in older.clocks}
    assert {states["first_report_phone"], states["first_report_written"]} == {"met"}
    # What was reported once goes on: the next deadline is already running.
    assert {code: state for code, state in states.items() if not code.startswith("first_report")} == {
        "supplement_window": "running"
    }
    assert told.known_at == city.moment + timedelta(minutes=2, seconds=56)


def test_the_alarms_are_linked(told: Situation) -> None:
    assert {alarm.quantity for alarm in told.alarms} == {"Cl₂ 18.4 ppm", "Cl₂ 3.1 ppm"}


def test_the_four_parts_of_the_run_hang_together(told: Situation) -> None:
    run = told.run
    assert run is not None
    assert [part.code for part in run.parts] == [
        "hazard_forecast",
        "exposure_assessed",
        "routes_proposed",
        "evacuation_proposed",
    ]
    assert {part.run_id for part in run.parts} == {run.run_id}
    assert {part.status for part in run.parts} == {"ok"}
    assert run.stale_since is None
    *parts, later = (entry for entry in told.entries if entry.payload.get("run_id") == run.run_id)
    assert [entry.caused_by for entry in parts] == [(1,), *[(entry.seq,) for entry in parts[:-1]]]
    assert later.kind == "confidence_forecast" and later.caused_by == (parts[0].seq,)
    assert run.confidence is not None and run.confidence.members >= 200


def test_nobody_is_lost(told: Situation, city: Any, area_of: Callable[[Any], BaseGeometry]) -> None:
    exposure, leaving = told.exposure, told.evacuation
    assert exposure is not None and exposure.bands is not None and leaving is not None
    for when, total, outside in (
        ("people_day", exposure.total_day, exposure.outside_day),
        ("people_night", exposure.total_night, exposure.outside_night),
    ):
        assert sum(band[when] for band in exposure.bands) + outside == total
    inside = sum(band["people_day"] for band in exposure.bands)
    assert inside > 0
    assert leaving.people == inside
    sent = sum(feature["properties"]["people"] for feature in leaving.assignment["features"])
    assert leaving.assigned == sent
    assert sent + sum(row["people"] for row in leaving.left_over) == inside
    assert told.zones is not None
    # Against a plain count of our own: people of all cells by the share of their area in the union of the zones.
    area = area_of(told.zones)
    cells = city.tables["population_cell"]
    squares = cells.geometry.to_numpy()
    share = shapely.area(shapely.intersection(squares, area)) / shapely.area(squares)
    assert inside == pytest.approx(float((cells["day"].to_numpy() * share).sum()), abs=1.0)


def test_shelters_take_no_more_than_they_hold_and_none_lies_in_a_zone(
    told: Situation, area_of: Callable[[Any], BaseGeometry]
) -> None:
    assert told.evacuation is not None
    area = area_of(told.zones)
    used = {row["id"]: row for row in told.evacuation.shelters if row["assigned"]}
    assert used
    for row in used.values():
        assert row["assigned"] <= row["usable"] <= row["capacity"]
        assert not area.intersects(Point(row["longitude"], row["latitude"]))
    sent: dict[str, int] = {}
    for feature in told.evacuation.assignment["features"]:
        properties = feature["properties"]
        sent[properties["shelter_id"]] = sent.get(properties["shelter_id"], 0) + properties["people"]
    assert sent == {key: row["assigned"] for key, row in used.items()}


def test_no_rescue_route_touches_a_zone_and_crews_come_upwind(
    told: Situation, area_of: Callable[[Any], BaseGeometry]
) -> None:
    assert told.routes is not None
    area = area_of(told.zones)
    routes = [feature for feature in told.routes.routes["features"] if feature["properties"]["status"] == "ok"]
    assert len(routes) >= 3
    for feature in routes:
        assert not shape(feature["geometry"]).intersects(area), feature["properties"]["name"]
    for approach in told.routes.routes["approach"].values():
        assert approach["off_wind_deg"] <= 90
        assert not area.intersects(Point(approach["longitude"], approach["latitude"]))
    assert told.routes.closed_count > 0


def test_who_leaves_the_zone_never_comes_back_into_it(told: Situation, area_of: Callable[[Any], BaseGeometry]) -> None:
    assert told.evacuation is not None
    area = area_of(told.zones)
    for feature in told.evacuation.assignment["features"]:
        way = shape(feature["geometry"])
        assert not area.intersects(Point(way.coords[-1]))
        stretches = way.intersection(area)
        parts = getattr(stretches, "geoms", [stretches])
        assert sum(1 for part in parts if part.length > 1e-7) <= 1, feature["properties"]["block_id"]


def test_the_targets_are_listed_in_the_order_the_cloud_reaches_them(
    told: Situation, city: Any, area_of: Callable[[Any], BaseGeometry]
) -> None:
    assert told.exposure is not None
    targets = told.exposure.facilities
    # Against the register itself: every protection target that lies in a zone is on the list, and nothing else.
    register, area = city.tables["protection_target"], area_of(told.zones)
    inside = set(register.loc[register.geometry.intersects(area), "name"])
    assert inside, "the sample leak reaches somebody"
    assert {target["name"] for target in targets} == inside
    arrivals = [target["arrival_s"] for target in targets]
    assert arrivals == sorted(arrivals)
    nearest = min(targets, key=lambda target: target["distance_m"])
    assert nearest["arrival_s"] == arrivals[0]


def test_every_part_says_where_it_comes_from(told: Situation) -> None:
    assert told.run is not None
    for part in told.run.parts:
        assert part.provenance["source"]
        assert part.provenance["inputs_sha256"]
        assert part.provenance["mode"] == "drill"


def test_the_roads_remember_that_they_are_a_drill_s(drill_city: Desk) -> None:
    network = drill_city.roads.named("sample")
    assert network.provenance.mode == "drill"
    assert network.provenance.as_of is not None


def test_telling_it_again_changes_nothing(drill_city: Desk, told: Situation, city: Any) -> None:
    case = city.incident_case
    incident = demo.stage(drill_city, case, DRILL, now=city.moment + timedelta(hours=1), roads="sample")
    again = drill_city.situation(incident, caller=DRILL)
    assert situation_hash(again) == situation_hash(told)
    assert len(drill_city.incidents(DRILL)) == 2


def test_replay_shows_what_was_known_then(told: Situation) -> None:
    hazard = next(entry for entry in told.entries if entry.kind == "hazard_forecast")
    then = situation_at(told.entries, hazard.recorded_at)
    assert then.zones is not None
    assert then.exposure is None
    before = situation_at(told.entries, hazard.recorded_at - timedelta(microseconds=1))
    assert before.run is None
    assert before.title == told.title


def test_when_the_wind_turns_the_old_run_is_flagged_and_kept(
    drill_city: Desk, told: Situation, verified: Callable[..., Verification]
) -> None:
    assert told.incident_id is not None and told.case is not None and told.run is not None
    turned = {**told.case, "weather": {**told.case["weather"], "wind_from_deg": 265.0}}
    changed = drill_city.change_case(told.incident_id, turned, "风向转变 40°", DRILL)
    stale = drill_city.situation(told.incident_id, caller=DRILL)
    assert stale.run is not None and stale.run.stale_since == changed.seq
    renewed = drill_city.assess(told.incident_id, DRILL, roads="sample")
    now = drill_city.situation(told.incident_id, caller=DRILL)
    assert [(run.run_id, run.superseded_by) for run in now.runs] == [
        (told.run.run_id, renewed.run_id),
        (renewed.run_id, None),
    ]
    assert now.run is not None and now.run.stale_since is None
    assert now.zones != told.zones
    found = verified(changed, *renewed.receipts)
    assert found.ok, found.faults
    assert found.receipts == 5
