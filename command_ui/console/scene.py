"""What of an incident travels to the browser? Its situation as small JSON: numbers and codes, geometries lon/lat."""

from datetime import datetime, timedelta
from typing import Any

from command_ui.console.history import earlier_zones
from command_ui.console.scene_confidence import confidence_of
from command_ui.console.scene_domino import domino_of, names_of
from command_ui.console.scene_hazard import burns, hazard_of
from command_ui.console.scene_ways import evacuation_of, routes_of
from gis.clock import DUTY_ZONE
from scenarios.events import Computed, ExposureAssessed
from scenarios.situation import Run, Situation

Json = dict[str, Any]


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
    review = (run.stale_why or "case") if run.stale_since is not None else None
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
        if run.hazard.domino is not None:
            scene["domino"] = domino_of(run.hazard.domino)
        if run.confidence is not None and run.confidence.status == "ok":
            scene["confidence"] = confidence_of(run.confidence)
        # A cloud is followed by members; a fire has none, and what is not there yet may still be asked for.
        scene["may_doubt"] = not burns(run.hazard) and run.confidence is None and bool(scene["zones"])
    if run.exposure is not None and run.exposure.bands is not None:
        scene["exposure"] = exposure_of(run.exposure, situation)
    if run.routes is not None and run.routes.status != "no_data":
        scene |= routes_of(run, bool(review))
    if run.evacuation is not None and run.evacuation.status != "failed":
        scene["evacuation"] = evacuation_of(run, bool(review) or "evacuation" in run.awaiting)
    # Runs made because roads changed keep the zones of the run before: one outline stands for all of them.
    own = {id(one.hazard): one for one in situation.runs if one.hazard is not None and one.hazard is not run.hazard}
    older = [(short_run(old, situation), old) for old in own.values()]
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
        # Whoever decided last commands: nobody is said to be there who has not acted.
        "commander": situation.decisions[-1].actor if situation.decisions else None,
        "longitude": situation.place.longitude if situation.place else None,
        "latitude": situation.place.latitude if situation.place else None,
        "occurred_at": _iso(situation.occurred_at),
        "known_at": _iso(situation.known_at),
        "channel": situation.channel,
        "reported_by": reported.get("reported_by"),
        "text": reported.get("text"),
        "release": _named(case.get("release")),
        "weather": case.get("weather"),
        "grade": situation.accident_grade,
        "grade_suggested": suggested.grade if suggested else None,
        "response_level": situation.response_level,
        "casualties": casualties
        and {name: getattr(casualties, name) for name in ("dead", "seriously_injured", "missing")},
    }


def _named(release: Json | None) -> Json | None:
    return None if release is None else release | {"substance_name": names_of(release.get("substance"))}


def exposure_of(exposure: ExposureAssessed, situation: Situation) -> Json:
    """People by disjoint band with totals, and targets with the moment the cloud reaches them."""
    start = situation.occurred_at
    hazard = situation.run.hazard if situation.run is not None else None
    # Heat and blast are there at once: an arrival would count down to nothing.
    at_once = hazard is not None and burns(hazard)
    facilities = []
    for one in exposure.facilities or ():
        arrival_s = None if at_once else one.get("arrival_s")
        arrival_at = start + timedelta(seconds=float(arrival_s)) if start and arrival_s is not None else None
        facilities.append(dict(one) | {"arrival_at": _iso(arrival_at)})
    facilities.sort(key=lambda one: (one["arrival_at"] is None, one["arrival_at"] or "", -int(one.get("people") or 0)))
    bands = exposure.bands or ()
    return {
        "day": exposure.day,
        "at_once": at_once,
        "bands": [{"level": one["level"], "day": one["people_day"], "night": one["people_night"]} for one in bands],
        # The union of disjoint bands is their sum; the totals of the event also count those outside every zone.
        "total_day": sum(int(one["people_day"]) for one in bands),
        "total_night": sum(int(one["people_night"]) for one in bands),
        "facilities": facilities,
    }


def short_run(run: Run, situation: Situation) -> str:
    """Number of a run as people say it: R-20261124-0002."""
    number = next(at for at, one in enumerate(situation.runs, 1) if one.run_id == run.run_id)
    return f"R-{run.recorded_at.astimezone(DUTY_ZONE):%Y%m%d}-{number:04d}"


def _parts(run: Run) -> list[tuple[str, Computed]]:
    named = (("hazard", run.hazard), ("exposure", run.exposure), ("routes", run.routes), ("evacuation", run.evacuation))
    return [(name, part) for name, part in named if part is not None]


def _iso(when: datetime | None) -> str | None:
    return when.isoformat() if when else None
