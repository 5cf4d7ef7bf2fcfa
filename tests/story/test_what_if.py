"""When something is imagined otherwise: does the same chain answer beside what happened, and never in the record?"""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import shapely
from shapely.geometry import shape

from gis.database import Caller
from gis.errors import InputError
from scenarios.desk import Desk, ReportIncident
from scenarios.replay.branch import Changes, imagine
from scenarios.situation import Situation, situation_hash

DRILL = Caller("演练导调", "990100", "990200", "drill")


@pytest.fixture(scope="module")
def leak(drill_city: Desk, city: Any) -> UUID:
    """The drill's chlorine leak, assessed, and a word after it."""
    told = ReportIncident.from_case(city.incident_case, place="演练化工园区", division_code="990102")
    incident_id = drill_city.report(told, DRILL).incident_id
    drill_city.assess(incident_id, DRILL)
    drill_city.note(incident_id, "现场已警戒（演练）", DRILL)
    return incident_id


@pytest.fixture(scope="module")
def now(drill_city: Desk, leak: UUID) -> Situation:
    return drill_city.situation(leak, caller=DRILL)


@pytest.fixture(scope="module")
def assessed_at(now: Situation) -> datetime:
    assert now.updated_at is not None
    return now.updated_at


def values(branch: Any, code: str) -> tuple[Any, ...]:
    return next(tuple(line.values) for line in branch.lines if line.code == code)


def test_another_wind_moves_the_cloud_and_is_in_no_record(
    drill_city: Desk, leak: UUID, now: Situation, assessed_at: datetime
) -> None:
    assert now.weather is not None
    turned = (float(now.weather["wind_from_deg"]) + 180) % 360
    branch = imagine(drill_city.replay, leak, DRILL, assessed_at, Changes(wind_from_deg=turned))
    after = drill_city.situation(leak, caller=DRILL)
    assert (after.seq, situation_hash(after)) == (now.seq, situation_hash(now))
    assert situation_hash(branch.known) == situation_hash(now)
    assert branch.imagined.run is not None and branch.imagined.run.run_id.startswith("W-")
    assert {part.provenance.get("mode") for part in branch.imagined.run.parts if part.provenance} == {"sim"}
    assert all(not entry.hash for entry in branch.imagined.entries[now.seq :])
    assert values(branch, "wind_from") == (now.weather["wind_from_deg"], now.weather["wind_from_deg"], turned)
    here, there = (
        shapely.union_all([shape(one["geometry"]) for one in each.zones["features"]])  # type: ignore[index]
        for each in (now, branch.imagined)
    )
    assert here.intersection(there).area < 0.4 * here.area
    assert values(branch, "people")[0] == values(branch, "people")[1]


def test_the_same_branch_twice_says_the_same(drill_city: Desk, leak: UUID, assessed_at: datetime) -> None:
    changes = Changes(release={"rate_kg_s": 0.2})
    one, two = (imagine(drill_city.replay, leak, DRILL, assessed_at, changes) for _ in range(2))
    assert one.lines == two.lines


def test_a_closed_road_costs_time_and_a_late_order_costs_margin(
    drill_city: Desk, leak: UUID, now: Situation, assessed_at: datetime
) -> None:
    assert now.routes is not None
    ways = [one for one in now.routes.routes["features"] if one["properties"]["status"] == "ok"]
    quickest = min(ways, key=lambda one: float(one["properties"]["travel_time_s"]))
    middle = shape(quickest["geometry"]).interpolate(0.5, normalized=True)
    area = json.loads(shapely.to_geojson(shapely.box(*middle.buffer(0.002).bounds)))
    branch = imagine(drill_city.replay, leak, DRILL, assessed_at, Changes(closed=[area]))
    team = str(quickest["properties"]["name"])
    seconds = next(line.values for line in branch.lines if (line.code, line.subject) == ("team", team))
    assert seconds[2] is None or seconds[2] > seconds[0]
    assert values(branch, "people")[0] == values(branch, "people")[2], "a road moves no cloud"
    assert [one.closure_id for one in branch.imagined.closures] == ["W-1"]
    without = imagine(
        drill_city.replay, leak, DRILL, assessed_at, Changes(without_teams=[str(quickest["properties"]["id"])])
    )
    assert values(without, "first_team")[2] > values(without, "first_team")[0]
    assert now.occurred_at is not None
    late = imagine(
        drill_city.replay, leak, DRILL, assessed_at, Changes(evacuate_at=now.occurred_at + timedelta(minutes=25))
    )
    assert (
        late.imagined.evacuation is not None
        and late.imagined.evacuation.totals["departs_s"] != now.evacuation.totals["departs_s"]
    )  # type: ignore[union-attr]


def test_every_fault_of_a_branch_comes_at_once(drill_city: Desk, leak: UUID, assessed_at: datetime) -> None:
    line = {"type": "LineString", "coordinates": [[118.7, 31.4], [118.8, 31.4]]}
    with pytest.raises(InputError) as refusal:
        changes = Changes(wind_speed_m_s=-3, closed=[line], opened=["c-9"], release={"colour": "green"})
        imagine(drill_city.replay, leak, DRILL, assessed_at, changes)
    for part in ("wind_speed_m_s", "colour", "closed: geometry", "no closure c-9"):
        assert part in str(refusal.value)
    with pytest.raises(InputError, match="nothing is changed"):
        imagine(drill_city.replay, leak, DRILL, assessed_at, Changes())
