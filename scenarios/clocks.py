"""By when must whom be told, and how much time is left? Rows of policy, clocks computed from the situation."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from scenarios.situation import Situation

ClockState = Literal["running", "met", "met_late", "overdue"]
SUPPLEMENT_DAYS = 30
SUPPLEMENT_DAYS_ROAD_OR_FIRE = 7
"""Order 493 art. 13: changed casualties are reported again within 30 days of the accident, road and fire within 7."""


@dataclass(frozen=True, slots=True)
class ReportingPolicy:
    """
    One row of the policy: within how many minutes of 接报 a first report is due, by which channel.

    ``division`` is a prefix of the division code ("" = everywhere); the longest prefix wins for its channel.
    """

    division: str
    channel: Literal["phone", "written"]
    minutes: int
    basis: str


POLICIES: tuple[ReportingPolicy, ...] = (
    ReportingPolicy("", "written", 60, "order_493_art_9"),
    # Local rules of 15, 20 and 30 minutes were seen; the sample city takes the strictest.
    ReportingPolicy("9901", "phone", 15, "sample_city_policy"),
)


@dataclass(frozen=True, slots=True)
class Clock:
    """
    One deadline.

    Attributes
    ----------
    code
        ``first_report_phone``, ``first_report_written`` or ``first_team``.
    basis
        The policy row, or for ``first_team`` the run the time of arrival comes from.
    subject
        Name of the team expected; empty for reports.
    """

    code: str
    started_at: datetime
    due_at: datetime
    met_at: datetime | None
    basis: str
    subject: str = ""

    def state(self, now: datetime) -> ClockState:
        """
        Where the clock stands at `now`. A limit of 60 min is met at 59:59 and 60:00 and missed at 60:01 (不超过).
        """
        if self.met_at is not None:
            return "met" if _whole_seconds(self.met_at - self.due_at) <= 0 else "met_late"
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
    Deadlines of an incident: first report by telephone and in writing, arrival of the first team.

    Report clocks start at ``known_at`` of this level, never at ``occurred_at``; the team's clock at the proposal.
    """
    if situation.known_at is None:
        return ()
    found = []
    for policy in policies_for(situation.division_code, policies):
        sent = [r.sent_at for r in situation.reports if r.stage == "first" and r.channel == policy.channel]
        due = situation.known_at + timedelta(minutes=policy.minutes)
        code = f"first_report_{policy.channel}"
        found.append(Clock(code, situation.known_at, due, min(sent, default=None), policy.basis))
    team = _first_team(situation)
    return (*found, team) if team is not None else tuple(found)


def policies_for(division_code: str, policies: tuple[ReportingPolicy, ...] = POLICIES) -> tuple[ReportingPolicy, ...]:
    """Rows that hold in a division, one a channel, the shortest time first."""
    best: dict[str, ReportingPolicy] = {}
    for policy in policies:
        known = best.get(policy.channel)
        if division_code.startswith(policy.division) and (known is None or len(policy.division) > len(known.division)):
            best[policy.channel] = policy
    return tuple(sorted(best.values(), key=lambda policy: policy.minutes))


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
