"""What stands on a card of the event queue?"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gis.crs import LonLat
from gis.provenance import Mode
from scenarios.clocks import POLICIES, Clock, ReportingPolicy, clocks
from scenarios.events import Grade
from scenarios.log import Head
from scenarios.situation import Situation


@dataclass(frozen=True, slots=True)
class IncidentSummary:
    """One card of the queue. ``clocks`` say what is due when; ``Clock.state(now)`` and ``left_s(now)`` do the rest."""

    incident_id: UUID
    code: str  # "YL-2026-0114"
    title: str
    division_code: str
    mode: Mode
    status: str  # open | closed
    place: LonLat | None
    place_text: str
    occurred_at: datetime | None
    known_at: datetime | None
    seq: int
    updated_at: datetime | None
    accident_grade: Grade | None
    accident_grade_suggested: Grade | None
    response_level: int | None
    run_id: str | None
    run_is_stale: bool
    calls_for_help: int
    """What the field asked for and nobody has answered."""
    clocks: tuple[Clock, ...] = ()


def summary(head: Head, situation: Situation, policies: tuple[ReportingPolicy, ...] = POLICIES) -> IncidentSummary:
    """Card of an incident from its head, its situation and the rows of policy in use."""
    suggested = situation.accident_grade_suggested
    run = situation.run
    return IncidentSummary(
        incident_id=head.incident_id,
        code=head.code,
        title=situation.title,
        division_code=head.division_code,
        mode=head.mode,
        status=situation.status,
        place=situation.place,
        place_text=situation.place_text,
        occurred_at=situation.occurred_at,
        known_at=situation.known_at,
        seq=situation.seq,
        updated_at=situation.updated_at,
        accident_grade=situation.accident_grade,
        accident_grade_suggested=suggested.grade if suggested else None,
        response_level=situation.response_level,
        run_id=run.run_id if run else None,
        run_is_stale=bool(run and run.stale_since),
        calls_for_help=sum(1 for one in situation.orders.words if one.said.urgent and one.answered_seq is None),
        clocks=clocks(situation, policies),
    )
