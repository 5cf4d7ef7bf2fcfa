"""Which closures, teams, crossings and times of the evacuation travel to the browser?"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import shapely
from shapely.geometry import shape

from command_ui.console.small import geojson
from scenarios.roads.closures import Closure
from scenarios.roads.needs import Needs, first_needs, matched
from scenarios.roads.teams import Engaged
from scenarios.situation import Run, Situation

Json = dict[str, Any]
BOTTLENECKS = 8
FILLING_STEPS = 40
"""Moments at which the shelters are shown filling."""


def roads_of(situation: Situation, moment: datetime | None, *, can_close: bool, can_send: bool) -> Json:
    """Closures of the incident that are not lifted, oldest first, and what the person may do about them."""
    now = moment or datetime.now(UTC)
    open_now = situation.status == "open" and moment is None
    return {
        "seq": situation.seq,
        "can_close": can_close and open_now and situation.incident_id is not None,
        "can_send": can_send and open_now,
        "closures": [closure_of(one, now) for one in situation.closures if one.lifted_seq is None],
        "closures_ever": len(situation.closures),
    }


def closure_of(one: Closure, now: datetime) -> Json:
    """One closure with its exact outline (it is edited), where its label points, and whether it holds now."""
    drawn = shape(one.geometry)
    ended = one.valid_until is not None and now >= one.valid_until
    middle = drawn.point_on_surface() if one.shape == "area" else _middle(drawn)
    return {
        "id": one.closure_id,
        "number": one.number,
        "shape": one.shape,
        "geometry": one.geometry,
        "reason": one.reason,
        "name": one.name,
        "text": one.text,
        "reported_by": one.reported_by,
        "actor": one.actor,
        "since": one.valid_from.isoformat(),
        "until": one.valid_until.isoformat() if one.valid_until else None,
        "state": "expired" if ended else "open" if one.holds_at(now) else "later",
        "seq": one.seq,
        "whole": len(one.stretches) > 1,
        "one_way": bool(one.stretches) and one.stretches[0].direction != "both",
        "label_at": [middle.x, middle.y],
    }


def _middle(lines: shapely.Geometry) -> shapely.Point:
    longest = max(getattr(lines, "geoms", [lines]), key=lambda part: part.length)
    middle: shapely.Point = longest.interpolate(0.5, normalized=True)
    return middle


def teams_of(run: Run, situation: Situation, engaged: Mapping[str, Engaged]) -> Json:
    """Ranked teams beyond those drawn, who is taken where, and what the first needs lack."""
    assert run.routes is not None
    further = [
        {name: one.get(name) for name in ("id", "name", "kind", "rank", "status", "travel_time_s", "length_m")}
        for one in run.routes.routes.get("further_teams", [])
    ]
    drawn = [feature["properties"] for feature in run.routes.routes.get("features", [])]
    needs = _needs(situation) if run.routes.teams_are == "given" else None
    return {
        "further": further,
        "assumed": run.routes.teams_are == "assumed_entry",
        "taken": {
            one.team_id: {
                "title": one.title,
                "here": one.incident_id == situation.incident_id,
                "arrived": any(it.team_id == one.team_id for it in situation.arrived),
            }
            for one in engaged.values()
        },
        "match": matched(needs, [*drawn, *further]),
        "match_by": needs and {"source": needs.source, "trust": needs.trust},
    }


def _needs(situation: Situation) -> Needs | None:
    """What the plans adopted ask for; the first needs of the table while none was."""
    wanted = situation.planning.teams_wanted
    if not wanted:
        return first_needs(situation.case)
    titles = dict.fromkeys(one.plan.title for one in situation.planning.adopted)
    return Needs(wanted, source=" · ".join(titles), trust="one_source")


def guards_of(run: Run) -> list[Json]:
    """Crossings to guard, as numbered."""
    features = ((run.routes.closing_points if run.routes else None) or {}).get("features", [])
    return [
        {
            "number": one["properties"]["number"],
            "kind": one["properties"]["kind"],
            "name": one["properties"]["name"],
            "class": one["properties"]["class"],
            "longitude": one["geometry"]["coordinates"][0],
            "latitude": one["geometry"]["coordinates"][1],
        }
        for one in features
        if one.get("geometry")
    ]


def clearance_of(run: Run) -> Json:
    """Curve of people out, its marks, the shelters filling, the roads that hold it up, and everybody left over."""
    assert run.evacuation is not None
    plan = run.evacuation
    last_s = float(plan.clearance[-1]["time_s"]) if plan.clearance else 0.0
    slot_s = float(plan.totals.get("slot_s") or 60.0)
    return {
        "awaited": "evacuation" in run.awaiting,
        "seconds": plan.seconds,
        "totals": dict(plan.totals),
        "curve": [[one["time_s"], one["people_out"]] for one in plan.clearance],
        "filling": _filling(plan.filling, last_s),
        "bottlenecks": _roads_by_name((plan.bottlenecks or {}).get("features", []), slot_s),
        "left": [
            {
                "id": one.get("block_id"),
                "people": one.get("people"),
                "reason": one.get("reason"),
                "advice": one.get("advice"),
                "longitude": one.get("longitude"),
                "latitude": one.get("latitude"),
                "outdoor_ppm": one.get("outdoor_ppm"),
                "indoor_ppm": one.get("indoor_dose"),
            }
            for one in plan.left_over
        ],
    }


def _roads_by_name(features: list[Json], slot_s: float) -> list[Json]:
    """Full stretches of one name as one road, with the longest time any of them was full."""
    roads: dict[str, list[Json]] = {}
    for at, one in enumerate(features):
        if one.get("geometry"):
            roads.setdefault(one["properties"]["name"] or f"#{at}", []).append(one)
    found = [
        {
            "name": some[0]["properties"]["name"],
            "full_s": max(float(one["properties"]["full_slots"]) for one in some) * slot_s,
            "geometry": geojson(shapely.union_all([shape(one["geometry"]) for one in some])),
        }
        for some in roads.values()
    ]
    return sorted(found, key=lambda road: -float(road["full_s"]))[:BOTTLENECKS]


def _filling(rows: tuple[Json, ...], last_s: float) -> Json:
    """People in each shelter at regular moments: ``times_s`` and, by shelter id, as many figures."""
    if not rows or last_s <= 0:
        return {"times_s": [], "people": {}}
    times = [round(last_s * step / FILLING_STEPS) for step in range(FILLING_STEPS + 1)]
    times[-1] = round(last_s) + 1
    people: dict[str, list[int]] = {}
    for row in rows:
        series = people.setdefault(str(row["shelter_id"]), [0] * len(times))
        for at, time_s in enumerate(times):
            if time_s >= row["time_s"]:
                series[at] = max(series[at], int(row["people"]))
    return {"times_s": times, "people": people}
