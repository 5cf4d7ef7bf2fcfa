"""What is open at the change of shift? Gathered from the record and from the sensors, nothing typed."""

from datetime import datetime

from gis.database import Caller
from scenarios.clocks import clocks
from scenarios.event import Json
from scenarios.journal import Journal
from scenarios.orders.doubts import doubts
from scenarios.orders.states import RUNNING
from scenarios.orders.timers import OrderPolicy, policy_for, timers

SILENT_SHOWN = 50


def gather(journal: Journal, order_policies: tuple[OrderPolicy, ...], caller: Caller, now: datetime) -> Json:
    """
    Open items of the caller's divisions at `now`.

    Returns
    -------
    items
        ``at, incidents, clocks, orders, doubts, messages, held, silent, alarms``: lists of plain rows. ``clocks`` are
        those of reports and of orders; ``doubts`` everything 待复核; ``messages`` those that have reached nobody yet.
    """
    policies = journal.policies.standing()
    parts = ("incidents", "clocks", "orders", "doubts", "messages", "held")
    items: Json = {"at": now.isoformat(), **{name: [] for name in parts}}
    for card in journal.incidents(caller):
        if card.status != "open":
            continue
        known = journal.situation(card.incident_id, caller=caller)
        named = {"incident_id": str(card.incident_id), "incident": card.code}
        items["incidents"].append(
            named | {"title": card.title, "known_at": card.known_at.isoformat() if card.known_at else None,
                     "grade": known.accident_grade, "response_level": known.response_level, "seq": known.seq,
                     "hash": known.head_hash}
        )  # fmt: skip
        items["clocks"] += [
            named | {"code": one.code, "due_at": one.due_at.isoformat(), "overdue": one.due_at < now,
                     "subject": one.subject, "basis": one.basis}
            for one in clocks(known, policies) if one.met_at is None and not one.is_window
        ]  # fmt: skip
        items["orders"] += [
            named | {"order": one.name, "order_id": one.order_id, "unit": one.draft.unit_name, "text": one.draft.text,
                     "state": one.state}
            for one in known.orders.all if one.state in RUNNING or one.state == "draft"
        ]  # fmt: skip
        policy = policy_for(known.division_code, order_policies)
        items["clocks"] += [
            named | {"code": f"order_{timer.code}", "due_at": timer.due_at.isoformat(), "overdue": timer.due_at < now,
                     "subject": order.name, "basis": timer.policy.basis}
            for order in known.orders.all if order.state in RUNNING
            for timer in timers(order, policy) if timer.met_at is None and not timer.ended
        ]  # fmt: skip
        items["doubts"] += [
            named | {"thing": one.thing, "name": one.name, "run_id": one.run_id, "why": one.why, "told": one.told}
            for one in doubts(known)
        ]
        items["messages"] += [
            named | {"name": one.name, "kind": one.put.kind, "to": one.put.name, "text": one.put.text,
                     "state": one.state}
            for one in known.messages if one.is_open
        ]  # fmt: skip
        items["held"] += [named | {"kind": "team", "name": one.name, "quantity": "1"} for one in known.taken]
        items["held"] += [
            named | {"kind": "supply", "name": one.name, "quantity": f"{one.quantity} {one.unit}"}
            for one in known.supplies
        ]
    return items | _sensing(journal, caller, now)


def _sensing(journal: Journal, caller: Caller, now: datetime) -> Json:
    from layers import store

    with journal.database.transaction(caller) as connection:
        alarms = store.alarms(connection, caller.mode, 500)
    alarms = alarms[alarms["state"] == "open"]
    silent = alarms[alarms["kind"] == "silence"].head(SILENT_SHOWN)
    others = alarms[alarms["kind"] != "silence"].head(SILENT_SHOWN)

    def rows(frame: "object") -> list[Json]:
        return [
            {"id": str(one["id"]), "title": str(one["title"]), "place": str(one["place"]),
             "since": one["occurred_at"].isoformat()}
            for one in frame.to_dict("records")  # type: ignore[attr-defined]
        ]  # fmt: skip

    return {"silent": rows(silent), "alarms": rows(others), "asked_at": now.isoformat()}


__all__ = ["gather"]
