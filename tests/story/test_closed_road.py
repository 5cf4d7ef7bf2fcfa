"""When a road closes in the drill city: do routes and evacuation follow, and does everything else stay?"""

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import shapely
from shapely.geometry import shape

from gis.crs import LonLat
from gis.database import Caller
from gis.errors import ConflictError, InputError
from scenarios.desk import Desk, ReportIncident
from scenarios.roads.closures import ReportClosure
from scenarios.situation import Situation, situation_at

DRILL = Caller("演练值班员", "990100", "990200", "drill")
POLICE = Caller("演练交警", "990100", "990200", "drill")


@pytest.fixture(scope="module")
def leak(drill_city: Desk, city: Any) -> UUID:
    """The drill's chlorine leak, assessed."""
    told = ReportIncident.from_case(city.incident_case, place="演练化工园区", division_code="990102")
    incident_id = drill_city.report(told, DRILL).incident_id
    drill_city.assess(incident_id, DRILL)
    return incident_id


@pytest.fixture
def now(drill_city: Desk, leak: UUID) -> Situation:
    """The situation before the test, with nothing closed."""
    known = drill_city.situation(leak, caller=DRILL)
    for one in known.closures:
        if one.lifted_seq is None:
            drill_city.road.lift_closure(leak, one.closure_id, DRILL, seen_seq=known.seq)
    drill_city.road.follow(leak, DRILL)
    return drill_city.situation(leak, caller=DRILL)


def box_on(known: Situation, share: float = 0.5, half: float = 0.002) -> dict[str, Any]:
    """A square on the best route, away from its ends."""
    line = shape(best(known)["geometry"])
    at = line.interpolate(share, normalized=True)
    drawn: dict[str, Any] = json.loads(
        shapely.to_geojson(shapely.box(at.x - half, at.y - half, at.x + half, at.y + half))
    )
    return drawn


def best(known: Situation) -> dict[str, Any]:
    assert known.routes is not None
    found = [one for one in known.routes.routes["features"] if one["properties"]["status"] == "ok"]
    return min(found, key=lambda one: int(one["properties"]["rank"]))


def lines_of(known: Situation) -> list[Any]:
    assert known.routes is not None
    return [shape(one["geometry"]) for one in known.routes.routes["features"] if one.get("geometry")]


def test_a_closure_moves_the_routes_and_keeps_zones_and_people(
    drill_city: Desk, leak: UUID, now: Situation, artefact: Any
) -> None:
    area = box_on(now)
    assert any(line.intersects(shape(area)) for line in lines_of(now))
    drill_city.road.prepare(leak, DRILL)
    began = time.perf_counter()
    closure_id, receipt = drill_city.road.report_closure(
        leak, ReportClosure("area", "accident", geometry=area, text="演练：货车横在路上"), DRILL
    )
    doubted = drill_city.situation(leak, caller=DRILL)
    followed = drill_city.road.follow(leak, DRILL)
    seconds = time.perf_counter() - began
    assert followed is not None
    artefact("closure-follow.json", {"closure_to_new_routes_and_evacuation_s": round(seconds, 3), **followed.timings})

    assert doubted.run is not None and doubted.run.run_id == now.run.run_id  # type: ignore[union-attr]
    assert (doubted.run.stale_since, doubted.run.stale_why) == (receipt.seq, "roads")
    then = drill_city.situation(leak, caller=DRILL)
    run, before = then.run, now.run
    assert run is not None and before is not None
    assert run.based_on == before.run_id and run.run_id != before.run_id
    assert run.hazard is before.hazard or run.hazard == before.hazard
    assert run.exposure == before.exposure
    assert (run.stale_since, run.awaiting) == (None, ())
    old = next(one for one in then.runs if one.run_id == before.run_id)
    assert (old.superseded_by, old.stale_why) == (run.run_id, "roads")
    assert run.routes is not None and closure_id in run.routes.honoured
    assert not any(line.intersects(shape(area)) for line in lines_of(then)), "no route crosses the closed ground"
    first = next(entry for entry in then.entries if entry.seq == run.first_seq)
    assert receipt.seq in first.caused_by and before.first_seq in first.caused_by
    plan = run.evacuation
    assert plan is not None and plan.people is not None and plan.assigned is not None
    assert plan.assigned + sum(int(row["people"]) for row in plan.left_over) == plan.people
    assert sum(
        max(int(row["people"]) for row in plan.filling if row["shelter_id"] == key)
        for key in {row["shelter_id"] for row in plan.filling}
    ) == plan.assigned, "the shelters fill with exactly those who were assigned"  # fmt: skip


def test_a_lift_brings_the_old_routes_back(drill_city: Desk, leak: UUID, now: Situation) -> None:
    closure_id, receipt = drill_city.road.report_closure(
        leak, ReportClosure("area", "flooding", geometry=box_on(now)), DRILL
    )
    drill_city.road.follow(leak, DRILL)
    away = best(drill_city.situation(leak, caller=DRILL))
    drill_city.road.lift_closure(leak, closure_id, DRILL, seen_seq=receipt.seq, text="积水已退")
    drill_city.road.follow(leak, DRILL)
    back = drill_city.situation(leak, caller=DRILL)
    assert best(back)["geometry"] == best(now)["geometry"] != away["geometry"]
    lifted = next(one for one in back.closures if one.closure_id == closure_id)
    assert lifted.lifted_seq == back.entries[lifted.seq - 1].seq
    assert drill_city.road.follow(leak, DRILL) is None, "nothing changed, nothing is computed"
    again = drill_city.road.report_again(leak, closure_id, DRILL)
    renewed = drill_city.situation(leak, caller=DRILL).closures[-1]
    assert (renewed.first_seq, renewed.geometry, renewed.lifted_seq) == (again.seq, lifted.geometry, None)
    assert situation_at(back.entries) == back


def test_a_moved_closure_closes_the_new_ground_only(drill_city: Desk, leak: UUID, now: Situation) -> None:
    first, second = box_on(now, 0.4), box_on(now, 0.6)
    closure_id, receipt = drill_city.road.report_closure(leak, ReportClosure("area", "works", geometry=first), DRILL)
    drill_city.road.follow(leak, DRILL)
    drill_city.road.move_closure(leak, closure_id, second, DRILL, seen_seq=receipt.seq)
    drill_city.road.follow(leak, DRILL)
    then = drill_city.situation(leak, caller=DRILL)
    assert not any(line.intersects(shape(second)) for line in lines_of(then))
    with drill_city.database.transaction(DRILL) as connection:
        from routing.store import closures_at

        held = closures_at(connection, "sample")
    assert held.known_as == (closure_id,) and len(held.areas) == 1
    assert held.areas.geometry.iloc[0].equals_exact(shape(second), 2e-6), "rounded to a decimetre"


def test_a_road_is_closed_in_one_direction_or_whole(drill_city: Desk, leak: UUID, now: Situation) -> None:
    line = shape(best(now)["geometry"])
    middle = line.interpolate(0.5, normalized=True)
    place = LonLat(float(middle.x), float(middle.y))
    stretch = drill_city.road.road_at(leak, place, DRILL, whole=False)
    whole = drill_city.road.road_at(leak, place, DRILL, whole=True)
    assert stretch.name == whole.name and len(whole.stretches) >= len(stretch.stretches) == 1
    assert whole.length_m >= stretch.length_m
    used: dict[str, bool] = {}
    for direction in ("forward", "backward"):
        closure_id, receipt = drill_city.road.report_closure(
            leak, ReportClosure("road", "control", place=place, direction=direction), DRILL  # type: ignore[arg-type]
        )  # fmt: skip
        drill_city.road.follow(leak, DRILL)
        same = best(drill_city.situation(leak, caller=DRILL))["geometry"] == best(now)["geometry"]
        used[direction] = same
        drill_city.road.lift_closure(leak, closure_id, DRILL, seen_seq=receipt.seq)
        drill_city.road.follow(leak, DRILL)
    assert sorted(used.values()) == [False, True], "one direction is driven, the other is not"
    _, receipt = drill_city.road.report_closure(
        leak, ReportClosure("road", "damage", place=place, whole=True), DRILL
    )  # fmt: skip
    drill_city.road.follow(leak, DRILL)
    then = drill_city.situation(leak, caller=DRILL)
    assert best(then)["geometry"] != best(now)["geometry"]
    with pytest.raises(InputError, match="cannot be moved"):
        drill_city.road.move_closure(
            leak, then.closures[-1].closure_id, box_on(now), DRILL, seen_seq=then.seq
        )  # fmt: skip


def test_a_barrier_drawn_across_a_road_closes_it(drill_city: Desk, leak: UUID, now: Situation) -> None:
    line = shape(best(now)["geometry"])
    at, on = line.interpolate(0.5, normalized=True), line.interpolate(0.503, normalized=True)
    east, north = on.x - at.x, on.y - at.y
    long = 0.0004 / (east**2 + north**2) ** 0.5
    barrier = {"type": "LineString", "coordinates": [[at.x - north * long, at.y + east * long],
                                                     [at.x + north * long, at.y - east * long]]}  # fmt: skip
    drill_city.road.report_closure(leak, ReportClosure("line", "obstacle", geometry=barrier), DRILL)
    drill_city.road.follow(leak, DRILL)
    assert not any(
        one.intersects(shape(barrier)) for one in lines_of(drill_city.situation(leak, caller=DRILL))
    )  # fmt: skip


def test_a_retry_is_recorded_once_and_two_officers_do_not_overwrite_each_other(
    drill_city: Desk, leak: UUID, now: Situation
) -> None:
    key, said = uuid4(), ReportClosure("area", "crowd", geometry=box_on(now))
    closure_id, first = drill_city.road.report_closure(leak, said, DRILL, key=key)
    assert drill_city.road.report_closure(leak, said, DRILL, key=key)[1].seq == first.seq
    moved = drill_city.road.move_closure(leak, closure_id, box_on(now, 0.55), DRILL, seen_seq=first.seq)
    drill_city.note(leak, "与封闭无关的一行", POLICE)
    with pytest.raises(ConflictError, match=f"entry {moved.seq}"):
        drill_city.road.lift_closure(leak, closure_id, POLICE, seen_seq=first.seq)
    drill_city.road.lift_closure(leak, closure_id, POLICE, seen_seq=moved.seq)
    with pytest.raises(ConflictError, match="lifted already"):
        drill_city.road.lift_closure(leak, closure_id, DRILL, seen_seq=10**6)
    drill_city.road.follow(leak, DRILL)


def test_a_closure_that_ends_by_the_clock_is_caught_up_with(drill_city: Desk, leak: UUID, now: Situation) -> None:
    for while_s in (2, 15, 60):  # it must hold while the routes follow, however slow the machine is
        until = datetime.now(UTC) + timedelta(seconds=while_s)
        drill_city.road.report_closure(
            leak, ReportClosure("area", "control", geometry=box_on(now), valid_until=until), DRILL
        )
        drill_city.road.follow(leak, DRILL)
        held = drill_city.situation(leak, caller=DRILL)
        caught_up = drill_city.road.catch_up(leak, DRILL)
        if datetime.now(UTC) < until:
            break
    assert caught_up is None
    while datetime.now(UTC) <= until:
        time.sleep(0.1)
    assert drill_city.road.catch_up(leak, DRILL) is not None
    then = drill_city.situation(leak, caller=DRILL)
    assert then.run is not None and held.run is not None and then.run.based_on == held.run.run_id
    assert best(then)["geometry"] == best(now)["geometry"]
    assert drill_city.road.catch_up(leak, DRILL) is None


@pytest.mark.parametrize(
    ("geometry", "fault"),
    [
        ({"type": "Point", "coordinates": [118.7, 31.4]}, "Polygon"),
        ({"type": "Polygon", "coordinates": [[[118.7, 31.4], [118.71, 31.41], [118.71, 31.4], [118.7, 31.41],
                                              [118.7, 31.4]]]}, "encloses"),
        ({"type": "Polygon", "coordinates": [[[31.4, 118.7], [31.5, 118.7], [31.5, 118.8], [31.4, 118.7]]]}, "first"),
        ({"type": "Polygon", "coordinates": [[[110, 30], [119, 30], [119, 33], [110, 30]]]}, "wider"),
        ({"type": "Polygon", "coordinates": "everywhere"}, "GeoJSON"),
    ],
)  # fmt: skip
def test_a_closure_that_is_none_is_refused_and_nothing_is_recorded(
    drill_city: Desk, leak: UUID, geometry: dict[str, Any], fault: str
) -> None:
    before = drill_city.situation(leak, caller=DRILL).seq
    with pytest.raises(InputError, match=fault):
        drill_city.road.report_closure(leak, ReportClosure("area", "other", geometry=geometry), DRILL)
    assert drill_city.situation(leak, caller=DRILL).seq == before


def test_no_team_is_sent_twice(drill_city: Desk, leak: UUID, now: Situation, city: Any) -> None:
    team = str(best(now)["properties"]["id"])
    other = drill_city.report(ReportIncident.from_case(city.incident_case, place="另一处"), DRILL).incident_id
    drill_city.assess(other, DRILL)
    key = uuid4()
    taken = drill_city.teams.take(leak, team, DRILL, key=key)
    assert drill_city.teams.take(leak, team, DRILL, key=key).seq == taken.seq, "a retry is no second booking"
    with pytest.raises(ConflictError, match=f"{team} is engaged in incident"):
        drill_city.teams.take(other, team, POLICE)
    assert drill_city.situation(other, caller=DRILL).taken == ()
    drill_city.teams.give_back(leak, team, DRILL)
    drill_city.teams.take(other, team, POLICE)
    with pytest.raises(ConflictError):
        drill_city.teams.give_back(leak, team, DRILL)


def test_the_way_of_a_team_has_directions_and_really_different_alternatives(
    drill_city: Desk, leak: UUID, now: Situation
) -> None:
    from command_ui.directions import sentences

    for feature in now.routes.routes["features"][:4]:  # type: ignore[union-attr]
        facts = feature["properties"]
        way = drill_city.teams.way(leak, facts["id"], DRILL)
        assert way.status == facts["status"]
        assert way.travel_time_s == pytest.approx(facts["travel_time_s"], abs=0.01)
        assert sentences(way.steps, "zh")[-1].endswith("到达目的地。")
        main = shape(way.geometry)
        for other in way.alternatives:
            shared = shape(other["geometry"]).intersection(shapely.buffer(main, 1e-7)).length
            assert shared / shape(other["geometry"]).length < 0.65


def test_other_plans_are_compared_and_nothing_is_recorded(drill_city: Desk, leak: UUID, now: Situation) -> None:
    plans = {kind: drill_city.teams.what_if(leak, kind, DRILL) for kind in ("staged", "contraflow", "time")}  # type: ignore[arg-type]
    own = now.evacuation.totals  # type: ignore[union-attr]
    assert plans["time"]["totals"]["clearance_100_s"] >= own["clearance_100_s"]
    assert plans["staged"]["totals"]["clearance_100_s"] >= own["clearance_100_s"]
    for plan in plans.values():
        assert plan["totals"]["assigned"] + plan["totals"]["left_over"] == own["people"]
    assert drill_city.situation(leak, caller=DRILL).seq == now.seq


@pytest.fixture
def artefact(repository: Path) -> Any:
    """Write measured figures under artefacts/, which git ignores."""

    def write(name: str, figures: dict[str, Any]) -> None:
        folder = repository / "artefacts"
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(json.dumps(figures, indent=1), encoding="utf-8")

    return write
