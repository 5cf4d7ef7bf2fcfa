"""What of orders and decisions travels to the browser, and what do they ask somebody to look at?"""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from command_ui.api import order_shapes as shapes
from scenarios.orders.doubts import doubts
from scenarios.orders.timers import policy_for

if TYPE_CHECKING:
    from command_ui.access.roles import SignedIn
    from scenarios.duty import DutyDesk
    from scenarios.situation import Situation

Json = dict[str, Any]
SHOWN_NOTICES = 4
TEAMS_OFFERED = 24


def orders_of(known: "Situation", desk: "DutyDesk", person: "SignedIn", moment: datetime | None) -> Json:
    """Orders, decisions, doubts and words of the field as the inspector draws them, with what this person may do."""
    policies = desk.orders.policies
    now = moment is None and known.status == "open"
    decisions = []
    for one in known.decisions:
        written = shapes.decision_out(one, known).model_dump(mode="json")
        # The versions of all layers stay on the server; the card says how many there are.
        decisions.append(written | {"layers": len(written["layers"])})
    run = known.run
    return {
        "seq": known.seq,
        "updated_at": known.updated_at.isoformat() if known.updated_at else None,
        "list": [shapes.order_out(one, known, policies).model_dump(mode="json") for one in known.orders.all],
        "decisions": decisions,
        "doubts": [shapes.doubt_out(one, known).model_dump(mode="json") for one in doubts(known)],
        "words": [shapes.word_out(one).model_dump(mode="json") for one in known.orders.words],
        "units": _units(known),
        "run_id": run.run_id if run is not None and run.stale_since is None else None,
        "acknowledge_s": policy_for(known.division_code, policies).acknowledge_within_s,
        "may": {
            "order": now and person.may("order"),
            "carry_out": now and person.may("carry_out"),
            "decide": now and person.may("decide"),
            "report": now and person.may("report"),
        },
        "toll": _toll(known),
        "held": {"teams": len(known.taken), "supplies": len(known.supplies)},
    }


def notices_of(orders: Json, now: datetime) -> list[Json]:
    """What orders and the field ask a person to look at, the urgent first."""
    found: list[Json] = []
    for word in orders["words"]:
        if word["urgent"] and word["answered_seq"] is None:
            found.append(_notice("danger", "help", word["recorded_at"], name=word["unit_name"], text=word["text"]))
            if word["at"]:
                found[-1] |= {"longitude": word["at"]["longitude"], "latitude": word["at"]["latitude"]}
    doubted = [one for one in orders["doubts"] if one["told"]]
    found += [
        _notice("danger", "doubt", one["since"], name=one["name"], reason=one["reason"] or one["why"])
        for one in doubted[:SHOWN_NOTICES]
    ]
    for order in orders["list"]:
        late = [
            one for one in order["timers"]
            if one["met_at"] is None and not one["ended"] and datetime.fromisoformat(one["due_at"]) < now
        ]  # fmt: skip
        for timer in late[:1]:
            code = f"overdue.{timer['code']}"
            found.append(_notice("danger", code, timer["due_at"], name=order["name"], unit=order["unit_name"]))
        if order["state"] == "cannot" and order["doubt"] is None and order["steps"]:
            last = order["steps"][-1]
            found.append(
                _notice("warn", "cannot", last["recorded_at"], name=order["name"], unit=order["unit_name"],
                        reason=last["reason"])
            )  # fmt: skip
    return found[: 3 * SHOWN_NOTICES]


def _notice(tone: str, code: str, at: str | None, **values: object) -> Json:
    return {"tone": tone, "code": f"notice.order.{code}", "detail": f"notice.order.{code}.detail", "values": values,
            "at": at}  # fmt: skip


def _units(known: "Situation") -> list[Json]:
    """Teams an order may go to, those already taken first, then by travel time."""
    features = known.routes.routes.get("features", []) if known.routes else []
    teams = {
        str(one["properties"].get("id")): {
            "id": str(one["properties"].get("id")),
            "name": str(one["properties"].get("name", "")),
            "kind": str(one["properties"].get("kind", "")),
            "status": one["properties"].get("status"),
            "travel_time_s": one["properties"].get("travel_time_s"),
            "taken": False,
        }
        for one in features
    }
    if known.routes is not None and known.routes.teams_are != "given":
        teams = {}
    for one in known.taken:
        kind = teams.get(one.team_id, {}).get("kind", "")
        teams[one.team_id] = {"id": one.team_id, "name": one.name, "kind": kind, "status": "ok", "taken": True,
                              "travel_time_s": one.travel_time_s}  # fmt: skip
    ranked = sorted(
        teams.values(),
        key=lambda one: (not one["taken"], one["status"] != "ok", one["travel_time_s"] or 1e9, one["name"]),
    )
    return ranked[:TEAMS_OFFERED]


def _toll(known: "Situation") -> Json:
    """Casualties as reported now and the grade the table suggests for them, with the figures that decided it."""
    toll, suggested = known.casualties, known.accident_grade_suggested
    names = ("dead", "seriously_injured", "slightly_injured", "missing", "trapped", "loss_yuan")
    return {
        "figures": {name: getattr(toll, name) for name in names} if toll else None,
        "suggested": suggested.grade if suggested else None,
        "with_missing": suggested.grade_with_missing if suggested else None,
        "rule": suggested.rule if suggested else "",
        "reasons": [dict(one) for one in suggested.reasons] if suggested else [],
        "grade": known.accident_grade,
        "evacuated": _evacuated(known),
        "response_level": known.response_level,
    }


def _evacuated(known: "Situation") -> Json | None:
    """How far the evacuation is as counted last."""
    last = known.evacuated
    if last is None:
        return None
    return {"people": last.people, "sheltered": last.sheltered, "waiting": last.waiting, "source": last.source,
            "at": last.counted_at.isoformat()}  # fmt: skip
