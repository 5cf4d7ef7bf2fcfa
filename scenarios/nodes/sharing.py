"""What may go to which node? Jurisdiction and label decide, and a person where they say nothing."""

from collections.abc import Mapping
from typing import Any

from scenarios.nodes.neighbours import Label, Neighbour

LABEL_OF: Mapping[str, Label] = {
    "incident_reported": "internal",
    "alarm_linked": "internal",
    "case_changed": "internal",
    "hazard_forecast": "internal",
    "confidence_forecast": "internal",
    "exposure_assessed": "internal",
    "routes_proposed": "internal",
    "evacuation_proposed": "internal",
    "casualties_reported": "internal",
    "grade_suggested": "internal",
    "grade_confirmed": "internal",
    "response_level_set": "public",
    "team_arrived": "internal",
    "evacuation_counted": "internal",
    "incident_closed": "public",
    "closure_reported": "public",
    "closure_moved": "public",
    "closure_lifted": "public",
    "decision_recorded": "internal",
    "order_drafted": "internal",
    "order_rewritten": "internal",
    "order_moved": "internal",
    "order_noted": "internal",
    "order_escalated": "internal",
    "order_reviewed": "internal",
    "plan_adopted": "internal",
    "report_sent": "internal",
    "report_answered": "internal",
    "deadline_missed": "internal",
}
"""Label of each kind of entry; a kind that is not here is restricted: lines typed by hand, words from the field."""

UPWARD = frozenset(LABEL_OF)
DOWNWARD = frozenset(
    {
        "incident_reported", "case_changed", "hazard_forecast", "response_level_set", "grade_confirmed",
        "casualties_reported", "evacuation_proposed", "closure_reported", "closure_moved", "closure_lifted",
        "order_drafted", "order_rewritten", "order_moved", "order_noted", "incident_closed",
    }
)  # fmt: skip
"""Kinds that go to a level below, or beside; what a level decided within its own house stays there."""

REPORTS_UP = frozenset({"report_sent", "grade_confirmed", "response_level_set"})
"""Kinds with which an incident goes up: it was reported, graded, or a response was started."""
ORDERS = frozenset(
    {"order_drafted", "order_rewritten", "order_moved", "order_noted", "order_escalated", "order_reviewed"}
)


def label_of(kind: str, corrected: str = "") -> Label:
    """Label of an entry; a correction has that of the entry it strikes."""
    return LABEL_OF.get(corrected if kind == "correction" else kind, "restricted")


def may_go(neighbour: Neighbour, kind: str, *, corrected: str = "", addressed: bool = False) -> bool:
    """
    Tell whether an entry of a shared incident may go to a neighbour.

    Parameters
    ----------
    corrected
        Kind of the entry a correction strikes.
    addressed
        Whether it is about an order given to this very neighbour, which must be able to read it.
    """
    if addressed and kind in ORDERS:
        return True
    allowed = UPWARD if neighbour.relation == "above" else DOWNWARD
    return (corrected if kind == "correction" else kind) in allowed and neighbour.may_have(label_of(kind, corrected))


def goes_up(neighbour: Neighbour, kind: str, payload: Mapping[str, Any], division: str) -> bool:
    """Tell whether an entry takes its incident up to a neighbour that answers for its division."""
    if neighbour.relation != "above" or not neighbour.covers(division) or kind not in REPORTS_UP:
        return False
    return kind != "response_level_set" or payload.get("level") is not None


def goes_down(neighbour: Neighbour, kind: str, payload: Mapping[str, Any], division: str) -> bool:
    """Tell whether an entry takes its incident down to the neighbour in whose division it lies."""
    if neighbour.relation != "below" or neighbour.level == "enterprise" or not neighbour.covers(division):
        return False
    return kind == "response_level_set" or (kind == "order_moved" and payload.get("to") == "issued")


def is_addressed(neighbour: Neighbour, draft: Mapping[str, Any]) -> bool:
    """Tell whether an order is given to a neighbour: by its name as the unit, or by what people call it."""
    return draft.get("unit_id") == neighbour.name or draft.get("unit_name") == neighbour.title
