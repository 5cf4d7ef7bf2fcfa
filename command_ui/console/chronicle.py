"""How does the record read on the page? Entries with codes to say, and the moments that are still expected."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from command_ui.console import consult_words
from command_ui.words.speaking import both
from gis.clock import DUTY_ZONE
from layers.signs.catalogue import signs
from scenarios.clocks import POLICIES, ReportingPolicy, clocks
from scenarios.events import Entry
from scenarios.situation import Situation

Json = dict[str, Any]

_GROUP = {
    "incident_reported": "sense",
    "alarm_linked": "sense",
    "case_changed": "sense",
    "casualties_reported": "sense",
    "closure_reported": "sense",
    "closure_moved": "sense",
    "closure_lifted": "sense",
    "hazard_forecast": "run",
    "exposure_assessed": "run",
    "routes_proposed": "run",
    "evacuation_proposed": "run",
    "confidence_forecast": "run",
    "grade_suggested": "run",
    "grade_confirmed": "decision",
    "response_level_set": "decision",
    "decision_recorded": "decision",
    "order_reviewed": "decision",
    "field_reported": "sense",
    "report_sent": "report",
    "report_answered": "report",
    "deadline_missed": "report",
}
EXPECTED_TARGETS = 6
"""Arrivals of the cloud written on the timeline, the earliest first."""


NEWEST = 12
"""Entries handed to pages that show the latest ones only."""


def newest_of(situation: Situation) -> list[Json]:
    """Latest entries of the situation, oldest first, each with the code of its sentence and the values in it."""
    struck = {refers_to for refers_to, _ in situation.struck}
    return [row_of(entry, struck) for entry in situation.entries[-NEWEST:]]


def group_of(kind: str) -> str:
    """Group by which entries are counted and chosen; what nobody grouped lies among the notes."""
    return _GROUP.get(kind, "note")


def row_of(entry: Entry, struck: Collection[int]) -> Json:
    """
    One entry as the page shows it.

    Parameters
    ----------
    struck
        Numbers of the entries a later one struck through.
    """
    code, values = _sentence(entry.kind, entry.payload)
    return {
        "seq": entry.seq,
        "kind": entry.kind,
        "lane": entry.lane,
        "group": group_of(entry.kind),
        "actor": entry.actor,
        "occurred_at": entry.occurred_at.isoformat() if entry.occurred_at else None,
        "recorded_at": entry.recorded_at.isoformat(),
        "hash": entry.hash,
        "struck": entry.seq in struck,
        "code": code,
        "values": values,
        "short": "" if entry.kind != "note" else "event.note",
        "text": str(entry.payload.get("text") or entry.payload.get("reason") or ""),
    }


def _sentence(kind: str, payload: Mapping[str, Any]) -> tuple[str, Json]:
    match kind:
        case "incident_reported":
            return f"entry.{kind}", {"title": payload.get("title", "")}
        case "hazard_forecast":
            features = (payload.get("zones") or {}).get("features", [])
            reach_m = max((float(one["properties"].get("reach_m") or 0) for one in features), default=0.0)
            return f"entry.{kind}", {"count": len(features), "reach": f"{reach_m / 1000:.2f} km"}
        case "confidence_forecast" if payload.get("reach_m"):
            name, reach = list(payload["reach_m"].items())[-1]
            low, high = (f"{float(reach[share]) / 1000:.2f} km" for share in ("p10", "p90"))
            return f"entry.{kind}", {"count": payload.get("members"), "name": name, "low": low, "high": high}
        case "exposure_assessed" if payload.get("bands") is not None:
            day, night = (sum(int(one[when]) for one in payload["bands"]) for when in ("people_day", "people_night"))
            return f"entry.{kind}", {"day": f"{day:,}", "night": f"{night:,}"}
        case "routes_proposed":
            features = (payload.get("routes") or {}).get("features", [])
            usable = sum(1 for one in features if one["properties"].get("status") == "ok")
            return f"entry.{kind}", {"count": usable, "closed": payload.get("closed_count", 0)}
        case "evacuation_proposed" if payload.get("people") is not None:
            return f"entry.{kind}", {
                "people": f"{payload['people']:,}",
                "assigned": f"{payload.get('assigned') or 0:,}",
            }
        case "grade_suggested" | "grade_confirmed":
            return f"grade.{payload.get('grade')}", {}
        case "response_level_set":
            return f"response.{payload.get('level') or 'none'}", {}
        case "closure_reported":
            return f"closure.reason.{payload.get('reason')}", {}
        case "order_moved":
            return f"order.state.{payload.get('to')}", {}
        case "order_escalated":
            return f"entry.{kind}.{payload.get('timer')}", {}
        case "order_drafted":
            return "entry.order", {"unit": payload.get("unit_name", ""), "text": payload.get("text", "")}
        case "decision_recorded":
            return "entry.decision", {"text": payload.get("text", ""), "reason": payload.get("reason", "")}
        case "message_put":
            said = {name: payload.get(name, "") for name in ("name", "text")}
            return f"entry.{kind}.{payload.get('kind')}", said
        case "message_moved":
            said = {name: payload.get(name, "") for name in ("text", "reason")}
            return f"entry.{kind}.{payload.get('to')}", said
        case "casualties_reported":
            return "overview.toll", dict(payload)
        case "evacuation_counted":
            return f"entry.{kind}", {name: payload.get(name, 0) for name in ("people", "sheltered")}
        case "team_taken" | "team_given_back" | "team_arrived":
            return f"entry.{kind}", {"name": payload.get("name", "")}
        case "report_sent" if payload.get("title"):
            return f"entry.{kind}", {"title": payload["title"], "to": payload.get("sent_to", "")}
        case "report_answered":
            return f"entry.{kind}", {"who": payload.get("answered_by", ""), "refers_to": payload.get("report_seq")}
        case "deadline_missed":
            due = datetime.fromisoformat(str(payload["due_at"])).astimezone(DUTY_ZONE)
            return f"entry.{kind}", {"clock": both(f"deadline.{payload['clock']}"), "due": f"{due:%H:%M:%S}"}
        case "mark_placed" | "mark_changed":
            sign = signs().get(str(payload.get("symbol")))
            label = f" {payload['label']}" if payload.get("label") else ""
            words = {"zh": sign.zh + label, "en": sign.en + label} if sign else str(payload.get("symbol"))
            return f"entry.{kind}", {"name": words}
        case "plan_adopted":
            count = len(payload.get("tasks", ()))
            return f"entry.{kind}", {"title": payload["title"], "version": payload["version"], "count": count}
        case "card_cited":
            return f"entry.{kind}", {"title": payload["title"], "version": payload["version"]}
        case "supply_committed" | "supply_returned":
            said = {name: payload.get(name, "") for name in ("name", "quantity", "unit")}
            return f"entry.{kind}", said | {"store": payload.get("store_name", "")}
        case "mark_removed" | "mark_restored":
            return f"entry.{kind}", {}
        case _ if kind.startswith("consultation_"):
            return consult_words.sentence(kind, payload)
        case "correction":
            said = {name: payload.get(name, "") for name in ("refers_to", "reason", "text")}
            return "entry.correction.text" if payload.get("text") else "entry.correction", said
        case _:
            return "", {}


def expected_of(situation: Situation, scene: Json, policies: tuple[ReportingPolicy, ...] = POLICIES) -> list[Json]:
    """What the timeline shows ahead: arrivals of the cloud at targets, deadlines, the first team."""
    coming = [
        {
            "lane": "sense",
            "tone": "warn",
            "at": one["arrival_at"],
            "code": "timeline.arrival",
            "values": {"name": one["name"]},
        }
        for one in (scene.get("exposure") or {}).get("facilities", [])
        if one.get("arrival_at")
    ][:EXPECTED_TARGETS]
    if coming:
        coming[-1]["code"] = "timeline.arrival_last"
    names = {"first_report_phone": "timeline.phone", "first_report_written": "timeline.written"}
    for clock in clocks(situation, policies):
        if clock.met_at is not None or clock.is_window:
            continue
        code = "timeline.follow_up" if clock.cause else names.get(clock.code, "timeline.team")
        tone = "rescue" if code == "timeline.team" else "warn"
        coming.append({"lane": "act", "tone": tone, "at": clock.due_at.isoformat(), "code": code, "values": {}})
    return coming


def clocks_of(situation: Situation, policies: tuple[ReportingPolicy, ...] = POLICIES) -> list[Json]:
    """Clocks of the incident card."""
    shown = []
    for clock in clocks(situation, policies):
        if clock.is_window:
            continue  # days, not minutes: it stands on the report page
        minutes = round((clock.due_at - clock.started_at).total_seconds() / 60)
        shown.append(
            {
                "code": f"clock.{clock.code}",
                "values": {"minutes": minutes, "hours": round(minutes / 60), "subject": clock.subject},
                "start_at": clock.started_at.isoformat(),
                "due_at": clock.due_at.isoformat(),
                "done_at": clock.met_at.isoformat() if clock.met_at else None,
                "due_code": "clock.expected" if clock.code == "first_team" else "clock.due",
                "report": "" if clock.code == "first_team" else clock.code.rpartition("_")[2],
            }
        )
    return shown


def missed_of(situation: Situation, policies: tuple[ReportingPolicy, ...] = POLICIES) -> list[Json]:
    """Deadlines the record says were missed and that nothing has met since: whoever commands must see them."""
    place = situation.place
    return [
        {
            "tone": "danger",
            "code": "notice.missed",
            "detail": "notice.missed.detail",
            "values": {
                "clock": both(f"deadline.{clock.code}"),
                "due": f"{clock.due_at.astimezone(DUTY_ZONE):%H:%M:%S}",
            },
            "at": clock.due_at.isoformat(),
            "longitude": place.longitude if place else None,
            "latitude": place.latitude if place else None,
        }
        for clock in clocks(situation, policies)
        if clock.met_at is None and (clock.code, clock.due_at) in situation.reporting.missed
    ]


def notices_of(scene: Json, now: datetime) -> list[Json]:
    """What the last assessment asks a person to look at, the urgent first; every line follows from a figure in it."""
    incident, found = scene["incident"], list[Json]()
    place = {"longitude": incident["longitude"], "latitude": incident["latitude"]}
    if "run" not in scene:
        return [{"tone": "danger", "code": "notice.no_run", "detail": "notice.no_run.detail",
                 "values": {"title": incident["title"]}, "at": incident["known_at"]} | place]  # fmt: skip
    at = scene["run"]["at"]
    if scene["run"]["review"]:
        found.append(
            {"tone": "warn", "code": "notice.review", "detail": "notice.review.detail", "values": {}, "at": at}
        )
    for part, status in scene["run"]["parts"].items():
        if status in ("no_data", "failed"):
            found.append({"tone": "warn", "code": "notice.no_data", "detail": "notice.no_data.detail", "at": at,
                          "values": {"part": part}})  # fmt: skip
    levels = {zone["level"]: zone["name"] for zone in scene.get("zones", [])}
    for one in (scene.get("exposure") or {}).get("facilities", [])[:4]:
        arrival = datetime.fromisoformat(one["arrival_at"]) if one.get("arrival_at") else None
        reached = arrival is not None and arrival <= now
        found.append(
            {
                "tone": "danger" if int(one["level"]) >= 2 and not reached else "warn",
                "code": "notice.target.fire" if (scene.get("exposure") or {}).get("at_once") else "notice.target",
                "detail": "notice.target.detail",
                "values": {
                    "name": one["name"],
                    "level": levels.get(one["level"], ""),
                    "people": f"{int(one.get('people') or 0):,}",
                },
                "at": one.get("arrival_at"),
                "due_at": one.get("arrival_at"),
                "longitude": one.get("longitude"),
                "latitude": one.get("latitude"),
            }
        )
    for one in [one for one in (scene.get("domino") or {}).get("reached", []) if one.get("escalates")][:3]:
        found.append({"tone": "danger", "code": "notice.domino", "detail": "notice.domino.detail", "at": at,
                      "values": {"name": one.get("name"), "distance": f"{one['distance_m']:.0f} m",
                                 "value": f"{one['value']:.3g} {one['unit'].replace('m2', 'm²')}"},
                      "longitude": one.get("longitude"), "latitude": one.get("latitude")})  # fmt: skip
    plan = scene.get("evacuation") or {}
    if plan.get("left_over_people"):
        found.append({"tone": "danger", "code": "notice.left_over", "detail": "notice.left_over.detail",
                      "values": {"people": f"{plan['left_over_people']:,}"}, "at": at})  # fmt: skip
    for one in [one for one in plan.get("shelters", []) if one.get("excluded")][:3]:
        found.append({"tone": "warn", "code": "notice.shelter", "detail": f"shelter.reason.{one.get('reason')}",
                      "values": {"name": one.get("name")}, "at": at,
                      "longitude": one.get("longitude"), "latitude": one.get("latitude")})  # fmt: skip
    for one in [one for one in scene.get("routes", []) if one.get("status") != "ok"][:3]:
        found.append({"tone": "warn", "code": "notice.route", "detail": f"route.{one.get('status')}",
                      "values": {"name": one.get("name")}, "at": at})  # fmt: skip
    return sorted(found, key=lambda one: {"danger": 0, "warn": 1}.get(str(one["tone"]), 2))
