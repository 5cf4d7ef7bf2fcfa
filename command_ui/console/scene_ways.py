"""Which ways in and out are drawn, which roads are closed, and who is left over?"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import shapely
from shapely.geometry import shape

from command_ui.console.scene_roads import clearance_of, guards_of
from command_ui.console.small import LINE_DEG, geojson
from scenarios.events import RoutesProposed
from scenarios.situation import Run

Json = dict[str, Any]

DRAWN_ROUTES = 5
"""Rescue routes drawn on the map, best first; all of them stand in the list."""
DRAWN_SHELTERS_EXCLUDED = 3
DRAWN_MOVES = 10
"""Evacuation lines drawn, one a shelter and as wide as all who go there; all people stay in the figures."""
MAJOR_ROADS = frozenset({"motorway", "trunk", "primary", "secondary"})


def routes_of(run: Run, review: bool) -> Json:
    """Ranked routes with the place each team starts from, and the closed roads as one geometry."""
    assert run.routes is not None
    routes = []
    for feature in run.routes.routes.get("features", []):
        properties, geometry = dict(feature["properties"]), feature.get("geometry")
        first = _first_point(geometry)
        routes.append(
            properties | {"review": review, "geometry": geometry, "longitude": first[0], "latitude": first[1]}
        )
    routes.sort(key=lambda one: (one.get("status") != "ok", one.get("rank") or 1e9))
    for at, route in enumerate(routes):
        route["drawn"] = at < DRAWN_ROUTES and route.get("status") == "ok"
        # the list needs no line, and a line costs the websocket dearly
        route["geometry"] = geojson(shape(route["geometry"]).simplify(LINE_DEG)) if route["drawn"] else None
    return {
        "routes": routes,
        "teams_total": len(routes),
        "closed": closed_of(run.routes),
        "guards": guards_of(run),
    }


def closed_of(routes: RoutesProposed) -> Json:
    """Closed roads as two geometries, those a driver would take and the small ones, with the name of the foremost."""
    features = [one for one in routes.closed_roads.get("features", []) if one.get("geometry")]
    major = [one for one in features if one["properties"].get("road_class") in MAJOR_ROADS]
    minor = [one for one in features if one not in major]
    label_at, name = None, ""
    if features:
        # A bridge says more than any street: where it is closed, a whole bank is cut off.
        foremost = next((one for one in features if str(one["properties"].get("name")).endswith("桥")), features[0])
        line = shape(foremost["geometry"])
        longest = max(getattr(line, "geoms", [line]), key=lambda part: part.length)
        middle = longest.interpolate(0.5, normalized=True)
        label_at, name = [middle.x, middle.y], str(foremost["properties"].get("name") or "")
    return {
        "count": routes.closed_count,
        "name": name,
        "label_at": label_at,
        "major": _together(major),
        "minor": _together(minor),
    }


def _together(features: list[Json]) -> Json | None:
    return geojson(shapely.union_all([shape(one["geometry"]) for one in features])) if features else None


def evacuation_of(run: Run, review: bool) -> Json:
    """Flows to shelters, what each shelter takes, and who is left over and why: no person is lost on the way."""
    assert run.evacuation is not None
    plan = run.evacuation
    found = [dict(one["properties"]) | {"geometry": one["geometry"], "review": review}
             for one in plan.assignment.get("features", []) if one.get("geometry")]  # fmt: skip
    moves = _drawn_moves(found)
    names = {str(one["id"]): str(one.get("name") or one["id"]) for one in plan.shelters}
    margins = _margins(found)
    # A reason may carry its detail after a colon; the detail is what a person wants to read.
    shelters = [dict(one) | {"reason": str(one.get("reason") or "").rpartition(":")[2],
                             "margin_s": margins.get(str(one["id"]))} for one in plan.shelters]  # fmt: skip
    excluded_shown = 0
    for one in sorted(shelters, key=lambda one: -int(one.get("assigned") or 0)):
        one["shown"] = bool(one.get("assigned")) or (
            bool(one.get("excluded")) and excluded_shown < DRAWN_SHELTERS_EXCLUDED
        )
        excluded_shown += int(one["shown"] and bool(one.get("excluded")))
    left: dict[str, int] = {}
    for one in plan.left_over:
        reason = str(one.get("reason"))
        left[reason] = left.get(reason, 0) + int(one.get("people") or 0)
    return {
        "people": plan.people,
        "assigned": plan.assigned,
        "moves": moves,
        "flows": _flows(found, names, review),
        "shelters": sorted(shelters, key=lambda one: -int(one.get("assigned") or 0)),
        "left_over": [
            {"reason": reason, "people": people} for reason, people in sorted(left.items(), key=lambda part: -part[1])
        ],
        "left_over_people": sum(left.values()),
        "staying": _staying(plan.left_over),
        "departure": _departure(run),
        "clearance": clearance_of(run),
    }


def _margins(found: list[Json]) -> dict[str, float]:
    """Shortest time before the cloud on any way to each shelter; no entry where it meets none of them."""
    margins: dict[str, float] = {}
    for one in found:
        if one.get("margin_s") is not None:
            key = str(one.get("shelter_id"))
            margins[key] = min(float(one["margin_s"]), margins.get(key, float("inf")))
    return margins


def _staying(rows: Iterable[Json]) -> list[Json]:
    """People left over by what they are told, most first."""
    told: dict[str, int] = {}
    for one in rows:
        advice = str(one.get("advice") or "")
        told[advice] = told.get(advice, 0) + int(one.get("people") or 0)
    return [{"advice": advice, "people": people} for advice, people in sorted(told.items(), key=lambda part: -part[1])]


def _departure(run: Run) -> Json | None:
    """When people set out and how much time the cloud leaves them; None for a plan that knows no moving cloud."""
    totals = run.evacuation.totals if run.evacuation is not None else {}
    occurred_at = (run.hazard.case if run.hazard is not None else {}).get("incident", {}).get("occurred_at")
    if not totals.get("against_cloud") or occurred_at is None:
        return None
    after_s = float(totals.get("departs_s") or 0.0)
    at = datetime.fromisoformat(str(occurred_at)) + timedelta(seconds=after_s)
    return {"at": at.isoformat(), "after_s": after_s, "margin_s": totals.get("margin_s")}


def _drawn_moves(found: list[Json]) -> list[Json]:
    """One line a shelter, that of its largest group, with lines no finer than the map can show."""
    by_shelter: dict[str, list[Json]] = {}
    for move in found:
        by_shelter.setdefault(str(move.get("shelter_id")), []).append(move)
    drawn: list[Json] = []
    for group in by_shelter.values():
        busiest = max(group, key=lambda move: int(move.get("people") or 0))
        kept = {name: busiest.get(name) for name in ("shelter_id", "travel_time_s", "review")}
        people = sum(int(move.get("people") or 0) for move in group)
        drawn.append(kept | {"people": people, "geometry": geojson(shape(busiest["geometry"]).simplify(LINE_DEG))})
    return sorted(drawn, key=lambda move: -int(move["people"]))[:DRAWN_MOVES]


def _flows(moves: Iterable[Json], names: Mapping[str, str], review: bool) -> list[Json]:
    """One label a shelter: all people going there, the longest time, at the middle of its busiest route."""
    by_shelter: dict[str, list[Json]] = {}
    for move in moves:
        by_shelter.setdefault(str(move.get("shelter_id")), []).append(move)
    flows: list[Json] = []
    for shelter, group in by_shelter.items():
        busiest = max(group, key=lambda move: int(move.get("people") or 0))
        middle = shape(busiest["geometry"]).interpolate(0.45, normalized=True)
        flows.append(
            {
                "shelter_id": shelter,
                "name": names.get(shelter, shelter),
                "people": sum(int(move.get("people") or 0) for move in group),
                "travel_time_s": max(float(move.get("travel_time_s") or 0) for move in group),
                "label_at": [middle.x, middle.y],
                "review": review,
            }
        )
    flows.sort(key=lambda flow: -int(flow["people"]))
    return [flow | {"rank": at + 1} for at, flow in enumerate(flows)]


def _first_point(geometry: Json | None) -> tuple[float | None, float | None]:
    if not geometry:
        return (None, None)
    points = shapely.get_coordinates(shape(geometry))
    return (float(points[0][0]), float(points[0][1])) if len(points) else (None, None)
