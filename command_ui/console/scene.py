"""What of an incident travels to the browser? Its situation as small JSON: numbers and codes, geometries lon/lat."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import shapely
from shapely.geometry import shape

from command_ui.console.history import earlier_zones
from plume.regime import NEAR
from scenarios.events import Computed, ExposureAssessed, HazardForecast, RoutesProposed
from scenarios.situation import Run, Situation

Json = dict[str, Any]

DRAWN_ROUTES = 5
"""Rescue routes drawn on the map, best first; all of them stand in the list."""
DRAWN_SHELTERS_EXCLUDED = 3
DRAWN_MOVES = 10
"""Evacuation lines drawn, one a shelter and as wide as all who go there; all people stay in the figures."""
MAJOR_ROADS = frozenset({"motorway", "trunk", "primary", "secondary"})
_LINE_DEG = 4e-5  # about 4 m: below one pixel wherever a whole route is seen
_DIGITS = 6
DUTY_ZONE = ZoneInfo("Asia/Shanghai")


def scene_of(
    situation: Situation, *, code: str, division: str, mode: str, moment: datetime | None, can_run: bool, can_note: bool
) -> Json:
    """
    Everything the map and the inspector draw for one incident at one moment.

    Parameters
    ----------
    moment
        The moment looked at, or None when the page follows the present.
    """
    run = situation.run
    scene: Json = {
        "incident": incident_of(situation, code=code, division=division, mode=mode),
        "runs": len(situation.runs),
        "can_run": can_run and moment is None and situation.status == "open" and situation.case is not None,
        "can_note": can_note and moment is None,
    }
    if run is None:
        return scene
    review = "case" if run.stale_since is not None else None
    scene["run"] = {
        "id": run.run_id,
        "short": short_run(run, situation),
        "at": _iso(run.recorded_at),
        "review": review,
        "state": "review" if review else "replay" if moment is not None else "drill" if mode == "drill" else "live",
        "parts": {name: part.status for name, part in _parts(run)},
    }
    if run.hazard is not None:
        scene |= hazard_of(run.hazard, situation)
    if run.exposure is not None and run.exposure.bands is not None:
        scene["exposure"] = exposure_of(run.exposure, situation)
    if run.routes is not None and run.routes.status != "no_data":
        scene |= routes_of(run, bool(review))
    if run.evacuation is not None and run.evacuation.status != "failed":
        scene["evacuation"] = evacuation_of(run, bool(review))
    older = [(short_run(old, situation), old) for old in situation.runs[:-1] if old.hazard is not None]
    if older:
        scene["history"] = earlier_zones(older)
    return scene


def incident_of(situation: Situation, *, code: str, division: str, mode: str) -> Json:
    """The facts reported, the source and weather believed now, and what is confirmed about grade and response."""
    reported = next((entry.payload for entry in situation.entries if entry.kind == "incident_reported"), {})
    case = situation.case or {}
    suggested = situation.accident_grade_suggested
    casualties = situation.casualties
    return {
        "id": str(situation.incident_id),
        "number": code,
        "title": situation.title,
        "place": situation.place_text,
        "division": division,
        "mode": mode,
        "status": situation.status,
        "longitude": situation.place.longitude if situation.place else None,
        "latitude": situation.place.latitude if situation.place else None,
        "occurred_at": _iso(situation.occurred_at),
        "known_at": _iso(situation.known_at),
        "channel": situation.channel,
        "reported_by": reported.get("reported_by"),
        "text": reported.get("text"),
        "release": case.get("release"),
        "weather": case.get("weather"),
        "grade": situation.accident_grade,
        "grade_suggested": suggested.grade if suggested else None,
        "response_level": situation.response_level,
        "casualties": casualties
        and {name: getattr(casualties, name) for name in ("dead", "seriously_injured", "missing")},
    }


def hazard_of(hazard: HazardForecast, situation: Situation) -> Json:
    """Zones with the band each adds, where its label points, the outermost envelope, and what the run rests on."""
    features = sorted(hazard.zones.get("features", []), key=lambda one: one["properties"]["level"], reverse=True)
    zones, inner = [], None
    for feature in features:
        properties, area = feature["properties"], shape(feature["geometry"])
        if area.is_empty:
            continue
        band = area if inner is None else area.difference(inner)
        inner = area if inner is None else area.union(inner)
        tip, away = _tip(area, situation)
        zones.append(
            {
                "level": properties["level"],
                "kind": properties.get("kind", "toxic"),
                "name": properties.get("level_name"),
                "threshold": properties.get("threshold"),
                "unit": properties.get("unit"),
                "averaging_s": properties.get("averaging_s") or 3600,
                "trust": properties.get("trust"),
                "arrival_s": properties.get("arrival_s"),
                "reach_m": properties.get("reach_m"),
                "geometry": _geometry(area),
                "band": _geometry(band),
                "label_at": tip,
                "away": away,
            }
        )
    return {"zones": zones, "envelope": _outermost(hazard.envelope), "basis": basis_of(hazard)}


def basis_of(hazard: HazardForecast) -> Json:
    """Model, inputs, limits and fingerprint of a run, as codes."""
    summary, provenance = hazard.summary, hazard.provenance
    release = dict(hazard.case.get("release", {}))
    inputs = source_facts(release, summary)
    if summary.get("wind_speed_m_s") is not None:
        speed = _short(summary["wind_speed_m_s"])
        inputs.append({"code": "basis.wind", "values": {"from": _short(summary["wind_from_deg"]), "speed": speed}})
    if summary.get("stability"):
        inputs.append({"code": "basis.stability", "values": {"value": summary["stability"]}})
    notes = list(dict.fromkeys([*hazard.notes, *provenance.get("notes", [])]))
    return {
        "model": provenance.get("model", ""),
        "version": provenance.get("version", ""),
        "inputs": inputs,
        "method": summary.get("source_method", ""),
        "regime": regime_of(summary),
        "unverified": any(code.startswith(("unverified", "level_unverified")) for code in notes),
        "notes": [_note(code) for code in [*notes, "no_terrain"]],
        "fingerprint": provenance.get("inputs_sha256", ""),
    }


def source_facts(release: Mapping[str, Any], summary: Mapping[str, Any]) -> list[Json]:
    """What was released, as said to us and as computed from it, as codes."""
    facts: list[Json] = [
        {"code": "basis.substance", "values": {"name": summary.get("substance_zh") or release.get("substance")}},
        {"code": f"release.{release.get('kind', 'continuous')}", "values": {}},
    ]
    if release.get("rate_kg_s") and isinstance(release["rate_kg_s"], int | float):
        facts.append({"code": "basis.rate", "values": {"value": _short(release["rate_kg_s"])}})
    elif release.get("mass_kg"):
        facts.append({"code": "basis.mass", "values": {"value": _short(release["mass_kg"])}})
    elif summary.get("peak_rate_kg_s"):
        facts.append({"code": "basis.peak", "values": {"value": _short(summary["peak_rate_kg_s"])}})
    if summary.get("duration_s"):
        facts.append({"code": "basis.duration", "values": {"value": _short(summary["duration_s"] / 60)}})
    if summary.get("total_mass_kg") and not release.get("mass_kg"):
        facts.append({"code": "basis.total", "values": {"value": _short(summary["total_mass_kg"])}})
    return facts


def regime_of(summary: Mapping[str, Any]) -> list[Json]:
    """Heavy or neutral, by which number, and whether that was close; nothing for a fire or explosion."""
    number, limit = summary.get("richardson"), summary.get("richardson_limit")
    if number is None or not limit or summary.get("regime") not in ("dense", "neutral"):
        return []
    said = [{"code": f"regime.{summary['regime']}", "values": {"value": _short(number), "limit": _short(limit)}}]
    if limit / NEAR < number < limit * NEAR:
        said.append({"code": "regime.near", "values": {}})
    return said


def exposure_of(exposure: ExposureAssessed, situation: Situation) -> Json:
    """People by disjoint band with totals, and targets with the moment the cloud reaches them."""
    start = situation.occurred_at
    facilities = []
    for one in exposure.facilities or ():
        arrival_s = one.get("arrival_s")
        arrival_at = start + timedelta(seconds=float(arrival_s)) if start and arrival_s is not None else None
        facilities.append(dict(one) | {"arrival_at": _iso(arrival_at)})
    facilities.sort(key=lambda one: (one["arrival_at"] is None, one["arrival_at"] or "", -int(one.get("people") or 0)))
    bands = exposure.bands or ()
    return {
        "day": exposure.day,
        "bands": [{"level": one["level"], "day": one["people_day"], "night": one["people_night"]} for one in bands],
        # The union of disjoint bands is their sum; the totals of the event also count those outside every zone.
        "total_day": sum(int(one["people_day"]) for one in bands),
        "total_night": sum(int(one["people_night"]) for one in bands),
        "facilities": facilities,
    }


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
        route["geometry"] = _geometry(shape(route["geometry"]).simplify(_LINE_DEG)) if route["drawn"] else None
    return {"routes": routes, "teams_total": len(routes), "closed": closed_of(run.routes)}


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
    return _geometry(shapely.union_all([shape(one["geometry"]) for one in features])) if features else None


def evacuation_of(run: Run, review: bool) -> Json:
    """Flows to shelters, what each shelter takes, and who is left over and why: no person is lost on the way."""
    assert run.evacuation is not None
    plan = run.evacuation
    found = [dict(one["properties"]) | {"geometry": one["geometry"], "review": review}
             for one in plan.assignment.get("features", []) if one.get("geometry")]  # fmt: skip
    moves = _drawn_moves(found)
    names = {str(one["id"]): str(one.get("name") or one["id"]) for one in plan.shelters}
    # A reason may carry its detail after a colon; the detail is what a person wants to read.
    shelters = [dict(one) | {"reason": str(one.get("reason") or "").rpartition(":")[2]} for one in plan.shelters]
    excluded_shown = 0
    for one in sorted(shelters, key=lambda one: -int(one.get("assigned") or 0)):
        one["shown"] = bool(one.get("assigned")) or (
            bool(one.get("excluded")) and excluded_shown < DRAWN_SHELTERS_EXCLUDED
        )
        excluded_shown += int(one["shown"] and bool(one.get("excluded")))
    left: dict[str, int] = {}
    for one in plan.left_over:
        reason = str(one.get("reason")).partition(":")[0]
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
    }


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
        drawn.append(kept | {"people": people, "geometry": _geometry(shape(busiest["geometry"]).simplify(_LINE_DEG))})
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


def short_run(run: Run, situation: Situation) -> str:
    """Number of a run as people say it: R-20261124-0002."""
    number = next(at for at, one in enumerate(situation.runs, 1) if one.run_id == run.run_id)
    return f"R-{run.recorded_at.astimezone(DUTY_ZONE):%Y%m%d}-{number:04d}"


def _parts(run: Run) -> list[tuple[str, Computed]]:
    named = (("hazard", run.hazard), ("exposure", run.exposure), ("routes", run.routes), ("evacuation", run.evacuation))
    return [(name, part) for name, part in named if part is not None]


def _tip(area: shapely.Geometry, situation: Situation) -> tuple[list[float], list[float]]:
    """The point of an outline farthest from the source, and the direction (screen x, y) to set its label off to."""
    source = situation.place
    points = shapely.get_coordinates(area)
    if source is None or len(points) == 0:
        middle = shapely.centroid(area)
        return [float(shapely.get_x(middle)), float(shapely.get_y(middle))], [0.0, -1.0]
    offset = points - [source.longitude, source.latitude]
    at = int((offset**2).sum(axis=1).argmax())
    length = float((offset[at] ** 2).sum() ** 0.5) or 1.0
    return [float(points[at][0]), float(points[at][1])], [float(offset[at][0] / length), float(-offset[at][1] / length)]


def _outermost(envelope: Json | None) -> list[Json]:
    features = [one for one in (envelope or {}).get("features", []) if one.get("geometry")]
    if not features:
        return []
    widest = max(features, key=lambda one: shape(one["geometry"]).area)
    area = shape(widest["geometry"])
    points = shapely.get_coordinates(area)
    top = points[int(points[:, 1].argmax())]
    return [
        {
            "geometry": _geometry(area),
            "confidence": widest["properties"].get("confidence"),
            "label_at": [float(top[0]), float(top[1])],
        }
    ]


def _geometry(area: shapely.Geometry) -> Json:
    # A millionth of a degree is a decimetre: more digits only make the message longer.
    rounded = shapely.set_precision(area, 10.0**-_DIGITS, mode="pointwise")
    drawn: Json = json.loads(shapely.to_geojson(rounded))
    return drawn


def _first_point(geometry: Json | None) -> tuple[float | None, float | None]:
    if not geometry:
        return (None, None)
    points = shapely.get_coordinates(shape(geometry))
    return (float(points[0][0]), float(points[0][1])) if len(points) else (None, None)


def _note(code: str) -> Json:
    name, _, value = code.partition(":")
    return {"code": name, "values": {"value": value}}


def _short(value: float) -> str:
    return f"{float(value):.3g}"


def _iso(when: datetime | None) -> str | None:
    return when.isoformat() if when else None
