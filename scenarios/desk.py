"""The desk of the duty room: commands go in, entries go into the record, receipts come back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from gis.crs import LonLat
from gis.database import Caller, Database
from gis.provenance import Mode
from scenarios.events import Entry, Event, Grade
from scenarios.intake import ReportIncident
from scenarios.log import Receipt
from scenarios.situation import Situation

if TYPE_CHECKING:
    from scenarios.assessment import Assessment

__all__ = ["Assessed", "Desk", "IncidentSummary", "ReportIncident"]

Progress = Callable[[str, float], None]
"""Called with the code of the step (hazard, exposure, closures, routes, evacuation, record) and the fraction done."""


@dataclass(frozen=True, slots=True)
class IncidentSummary:
    """One card of the queue."""

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


@dataclass(frozen=True, slots=True)
class Assessed:
    """What an assessment gave and the receipts of its entries."""

    incident_id: UUID
    run_id: str
    assessment: "Assessment"
    receipts: tuple[Receipt, ...]


class Desk:
    """
    The command room for one database and one folder of road networks. Safe to share between threads.

    Every call takes the `caller`; the actor written into the record is the caller's, never a field of a command. Only
    incidents of the caller's mode (live, drill, sim) are listed.
    """

    def __init__(self, database: Database, networks_dir: Path) -> None:
        self.database = database
        self.networks_dir = networks_dir

    def report(self, command: ReportIncident, caller: Caller) -> Receipt:
        """Open an incident; the receipt carries its ``incident_id``. Nothing is recorded when the case has a fault."""
        raise NotImplementedError

    def change_case(self, incident_id: UUID, case: Mapping[str, Any], reason: str, caller: Caller) -> Receipt:
        """Source or weather is believed to be different now; earlier runs become 待复核."""
        raise NotImplementedError

    def assess(
        self, incident_id: UUID, caller: Caller, progress: Progress | None = None, *, roads: str | None = None
    ) -> Assessed:
        """Run the whole chain on the incident's case and record its four parts together."""
        raise NotImplementedError

    def record(
        self,
        incident_id: UUID,
        event: Event,
        caller: Caller,
        *,
        occurred_at: datetime | None = None,
        caused_by: tuple[int, ...] = (),
        expected_seq: int | None = None,
        key: UUID | None = None,
    ) -> Receipt:
        """Append any event; kinds that change state need ``expected_seq``, else ConflictError or InputError."""
        raise NotImplementedError

    def note(self, incident_id: UUID, text: str, caller: Caller, *, key: UUID | None = None) -> Receipt:
        """Append a line typed by hand."""
        raise NotImplementedError

    def correct(self, incident_id: UUID, seq: int, reason: str, caller: Caller, *, text: str = "") -> Receipt:
        """Strike an entry through: a new entry refers to it by number and hash."""
        raise NotImplementedError

    def situation(
        self, incident_id: UUID, moment: datetime | None = None, *, caller: Caller | None = None
    ) -> Situation:
        """What was known at `moment` (None = now). MissingError when there is no such incident."""
        raise NotImplementedError

    def incidents(self, caller: Caller) -> list[IncidentSummary]:
        """Incidents of the caller's divisions and mode, open ones first, the latest known first."""
        raise NotImplementedError

    def entries(self, incident_id: UUID, after_seq: int = 0, *, caller: Caller | None = None) -> list[Entry]:
        """Entries of an incident after a number, in order."""
        raise NotImplementedError
