"""By when must whom be told, and how much time is left? Clocks computed from the situation and the rows of policy."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from gis.clock import DUTY_ZONE
from scenarios.reports.fold import Sent
from scenarios.reports.policies import DAY, POLICIES, ReportingPolicy, policies_for
from scenarios.situation import Situation

__all__ = ["POLICIES", "Clock", "ClockState", "ReportingPolicy", "clocks", "policies_for", "supplement_until"]

ClockState = Literal["running", "met", "met_late", "overdue"]
SUPPLEMENT_DAYS = 30
SUPPLEMENT_DAYS_ROAD_OR_FIRE = 7
"""Order 493 art. 13: changed casualties are reported again within 30 days of the accident, road and fire within 7."""


@dataclass(frozen=True, slots=True)
class Clock:
    """
    One deadline.

    Attributes
    ----------
    code
        ``first_report_phone``, ``first_report_written``, ``follow_up_phone``, ``follow_up_written``,
        ``supplement_window`` or ``first_team``.
    basis
        The policy row, or for ``first_team`` the run the time of arrival comes from.
    subject
        Name of the team expected; empty for reports.
    cause
        Number of the entry that opened it; None where that is the report itself.
    is_window
        A time in which something is still to be done when it happens: it closes and is never overdue.
    source
        What the policy row says of itself.
    """

    code: str
    started_at: datetime
    due_at: datetime
    met_at: datetime | None
    basis: str
    subject: str = ""
    cause: int | None = None
    is_window: bool = False
    source: str = ""

    def state(self, now: datetime) -> ClockState:
        """
        Where the clock stands at `now`. A limit of 60 min is met at 59:59 and 60:00 and missed at 60:01 (不超过).
        """
        if self.met_at is not None:
            return "met" if _whole_seconds(self.met_at - self.due_at) <= 0 else "met_late"
        if self.is_window:
            return "running" if now <= self.due_at else "met"
        return "running" if _whole_seconds(now - self.due_at) <= 0 else "overdue"

    def left_s(self, now: datetime) -> int:
        """Whole seconds left; negative when overdue."""
        return -_whole_seconds(now - self.due_at)

    def fraction_used(self, now: datetime) -> float:
        """Part of the time that is gone, 0..1."""
        total = (self.due_at - self.started_at).total_seconds()
        return min(max((now - self.started_at).total_seconds() / total, 0.0), 1.0) if total > 0 else 1.0


def clocks(situation: Situation, policies: tuple[ReportingPolicy, ...] = POLICIES) -> tuple[Clock, ...]:
    """
    Deadlines of an incident: first report by telephone and in writing, what changed casualties ask for, the first team.

    Report clocks start at ``known_at`` of this level, never at ``occurred_at``; the window of supplements counts from
    the accident; the team's clock from the proposal.
    """
    if situation.known_at is None:
        return ()
    found = [
        *_first_reports(situation, policies),
        *_forwarding(situation, policies),
        *_follow_ups(situation, policies),
    ]
    window = _window(situation, policies)
    team = _first_team(situation)
    return (*found, *(one for one in (window, team) if one is not None))


def _rows(situation: Situation, policies: tuple[ReportingPolicy, ...], kind: str) -> tuple[ReportingPolicy, ...]:
    assert situation.known_at is not None
    suggested = situation.accident_grade_suggested
    return policies_for(
        situation.division_code,
        policies,
        kind=kind,  # type: ignore[arg-type]
        grade=situation.accident_grade or (suggested.grade if suggested else None),
        event=situation.reporting.event_code,
        day=situation.known_at.astimezone(DUTY_ZONE).date(),
    )


def _first_reports(situation: Situation, policies: tuple[ReportingPolicy, ...]) -> list[Clock]:
    found = []
    assert situation.known_at is not None
    for row in _rows(situation, policies, "first"):
        sent = [
            one.report.sent_at
            for one in _incident_reports(situation)
            if one.report.stage == "first" and one.report.channel == row.channel
        ]
        due = situation.known_at + timedelta(minutes=row.minutes)
        code = f"first_report_{row.channel}"
        met = min(sent, default=None)
        found.append(Clock(code, situation.known_at, due, met, row.basis, source=row.source))
    return found


def _forwarding(situation: Situation, policies: tuple[ReportingPolicy, ...]) -> list[Clock]:
    """What another level of government reported to us goes on to the next one up; any report of ours does it."""
    found: list[Clock] = []
    assert situation.known_at is not None
    if situation.channel != "other_level":
        return found
    for row in _rows(situation, policies, "forward"):
        sent = [one.report.sent_at for one in _incident_reports(situation) if one.report.channel == row.channel]
        due = situation.known_at + timedelta(minutes=row.minutes)
        code = f"forward_{row.channel}"
        found.append(Clock(code, situation.known_at, due, min(sent, default=None), row.basis, source=row.source))
    return found


def _follow_ups(situation: Situation, policies: tuple[ReportingPolicy, ...]) -> list[Clock]:
    """Casualties that changed after the first report ask for another; the first change not yet reported counts."""
    found = []
    for row in _rows(situation, policies, "follow_up"):
        sent = [one for one in _incident_reports(situation) if one.report.channel == row.channel]
        first = next((one.seq for one in sent if one.report.stage == "first"), None)
        changes = [one for one in situation.reporting.toll_changes if first is not None and one.seq > first]
        if not changes:
            continue
        last = max(one.seq for one in sent)
        open_ones = [one for one in changes if one.seq > last]
        change = open_ones[0] if open_ones else changes[-1]
        met = next((one.report.sent_at for one in sent if one.seq > change.seq), None)
        due = change.at + timedelta(minutes=row.minutes)
        code = f"follow_up_{row.channel}"
        found.append(Clock(code, change.at, due, met, row.basis, cause=change.seq, source=row.source))
    return found


def _window(situation: Situation, policies: tuple[ReportingPolicy, ...]) -> Clock | None:
    """Until when changed casualties are still reported; it opens with the first casualties."""
    rows = _rows(situation, policies, "supplement")
    if situation.occurred_at is None or not rows or not situation.reporting.toll_changes:
        return None
    row = rows[0]
    due = situation.occurred_at + timedelta(minutes=row.minutes)
    cause = situation.reporting.toll_changes[0].seq
    return Clock(
        "supplement_window",
        situation.occurred_at,
        due,
        None,
        row.basis,
        str(row.minutes // DAY),
        cause,
        True,
        row.source,
    )


def _incident_reports(situation: Situation) -> tuple[Sent, ...]:
    return situation.reporting.of_form("incident")


def supplement_until(occurred_at: datetime, *, road_or_fire: bool) -> datetime:
    """Until when changed casualties must be reported again; counted from the accident, not from when we knew."""
    return occurred_at + timedelta(days=SUPPLEMENT_DAYS_ROAD_OR_FIRE if road_or_fire else SUPPLEMENT_DAYS)


def _first_team(situation: Situation) -> Clock | None:
    run = situation.run
    if run is None or run.routes is None or run.routes.teams_are != "given":
        return None
    reachable = [
        feature["properties"]
        for feature in run.routes.routes["features"]
        if feature["properties"].get("status") == "ok" and feature["properties"].get("travel_time_s") is not None
    ]
    if not reachable:
        return None
    first = min(reachable, key=lambda properties: float(properties["travel_time_s"]))
    due = run.recorded_at + timedelta(seconds=float(first["travel_time_s"]))
    met = min((team.arrived_at for team in situation.arrived), default=None)
    return Clock("first_team", run.recorded_at, due, met, run.run_id, str(first.get("name", "")))


def _whole_seconds(span: timedelta) -> int:
    return int(span.total_seconds() // 1)
