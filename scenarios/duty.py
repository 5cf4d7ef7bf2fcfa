"""What does the duty room do with an incident? Reported, assessed, put right here; other matters have their desks."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4, uuid5

from sqlalchemy import Connection

from gis.database import LOWEST_DIVISION, Caller, Database
from gis.errors import InputError, MissingError
from scenarios import log, running
from scenarios.alarmed import belong
from scenarios.consultation.desk import ConsultationDesk
from scenarios.decisions.desk import DecisionDesk
from scenarios.events import CaseChanged, ConfidenceForecast, IncidentReported
from scenarios.exercise.played import Played
from scenarios.intake import ReportIncident, checked_case, faults_of, plain_case
from scenarios.journal import Journal
from scenarios.log import Receipt
from scenarios.marks.desk import MarkDesk
from scenarios.messages.desk import MessageDesk
from scenarios.orders.desk import OrderDesk
from scenarios.plans.cards import CardDesk
from scenarios.plans.desk import PlanDesk
from scenarios.reports.desk import ReportDesk
from scenarios.resources.desk import ResourceDesk
from scenarios.roads.desk import RoadDesk
from scenarios.roads.teams import TeamDesk
from scenarios.running import Assessed, Progress, Wishes
from scenarios.shifts.desk import ShiftDesk
from scenarios.sources import Files

REPORTS = UUID("6f0f3f5a-5b1d-5e7c-9d61-0f5f3a6f9a11")
"""Namespace in which the key of a report names the incident it opened, so that a retry finds it again."""
MEMBERS = 200
"""Members of the ensemble that says how sure a zone is."""


class DutyDesk(Journal):
    """
    The command room for one database and one folder of road networks. Safe to share between threads.

    The actor written into the record is the caller's, never a field of a command.
    """

    def __init__(self, database: Database, networks_dir: Path) -> None:
        super().__init__(database, networks_dir)
        self.played = Played(self)
        self.road = RoadDesk(self, self.played)
        self.teams = TeamDesk(self, self.road)
        self.orders = OrderDesk(self)
        self.decisions = DecisionDesk(self)
        self.consultations = ConsultationDesk(self)
        self.marks = MarkDesk(self, self.consultations)
        self.reports = ReportDesk(self)
        self.resources = ResourceDesk(self, self.teams)
        self.plans = PlanDesk(self, self.orders)
        self.cards = CardDesk(self)
        self.shifts = ShiftDesk(self, self.orders)
        self.messages = MessageDesk(self)

    # -- commands --------------------------------------------------------------------------------------------------

    def report(self, command: ReportIncident, caller: Caller) -> Receipt:
        """
        Open an incident and record how it was reported; the receipt carries its ``incident_id``.

        Raises
        ------
        InputError
            Every fault of the report and of its case; nothing is recorded then.
        """
        faults = faults_of(command)
        if faults:
            raise InputError(faults)
        division = command.division_code or _division_of(caller)
        incident_id = incident_opened_by(command.key) if command.key else uuid4()
        with self.database.transaction(caller) as connection:
            known_at = command.known_at or _first_known_at(connection, incident_id) or datetime.now(UTC)
            log.open_incident(connection, incident_id, division)
            reported = IncidentReported(
                title=command.title.strip(),
                longitude=command.longitude,
                latitude=command.latitude,
                occurred_at=command.occurred_at,
                known_at=known_at,
                channel=command.channel,
                place=command.place,
                division_code=division,
                event_code=command.event_code,
                reported_by=command.reported_by,
                text=command.text,
                case=plain_case(command.case) if command.case is not None else None,
                alarms=command.alarms,
            )
            receipt = log.append(connection, incident_id, reported, key=command.key, occurred_at=command.occurred_at)
        return belong(self.database, caller, receipt, command.alarms)

    def change_case(self, incident_id: UUID, case: Mapping[str, Any], reason: str, caller: Caller) -> Receipt:
        """Source or weather is believed to be different now; earlier runs become 待复核."""
        return self.record(incident_id, CaseChanged(checked_case(case), reason), caller)

    def assess(
        self,
        incident_id: UUID,
        caller: Caller,
        progress: Progress | None = None,
        *,
        roads: str | None = None,
        files: Files | None = None,
        day: bool | None = None,
    ) -> Assessed:
        """
        Run the whole chain on the case believed now and record its four parts together, caused by that case.

        Parameters
        ----------
        roads, files, day
            See `scenarios.running.Wishes`.

        Raises
        ------
        InputError
            There is no case yet, or it or a file has faults, or no such network covers the place; nothing is recorded.
        MissingError
            No such incident.
        """
        known = self.situation(incident_id, caller=caller)
        if known.case is None:
            raise InputError("nothing is known about the release yet: give substance, amount and weather first")
        wishes = Wishes(roads, files, day, self.played.moment_in(incident_id, caller))
        found = running.compute(self.database, self.roads, known.case, caller, wishes, progress)
        assessed = running.record(self.database, incident_id, found, known.case_seq, caller, progress)
        if self.situation(incident_id, caller=caller).closures != known.closures:
            self.road.follow(incident_id, caller, anyway=True)  # a closure came in while the run was computed
        return assessed

    def report_and_assess(
        self, command: ReportIncident, caller: Caller, progress: Progress | None = None, *, wishes: Wishes | None = None
    ) -> Assessed:
        """
        Report an incident with its case and assess it; nothing is recorded unless the whole chain ran.

        Raises
        ------
        InputError
            Every fault of the report, its case and the files, or a network that is not there or lies elsewhere.
        """
        faults = faults_of(command)
        if command.case is None:
            faults.append("case: missing; without release and weather there is nothing to assess")
        if faults or command.case is None:
            raise InputError(faults)
        found = running.compute(self.database, self.roads, command.case, caller, wishes or Wishes(), progress)
        reported = self.report(command, caller)
        assessed = running.record(self.database, reported.incident_id, found, reported.seq, caller, progress)
        return replace(assessed, receipts=(reported, *assessed.receipts))

    def add_confidence(
        self, incident_id: UUID, run_id: str, caller: Caller, *, members: int = MEMBERS
    ) -> tuple[ConfidenceForecast, Receipt] | None:
        """
        Record how sure the zones of a run are: a second step, for afterwards, so that nobody waits for the first.

        None where there is nothing to add: a fire or explosion, or it is in the record already.

        Raises
        ------
        MissingError
            No such incident, or no such run in it.
        """
        runs = self.situation(incident_id, caller=caller).runs
        run = next((one for one in runs if one.run_id == run_id), None)
        if run is None:
            raise MissingError(f"incident {incident_id} has no run {run_id}")
        return running.record_confidence(self.database, incident_id, run, caller, members)


def incident_opened_by(key: UUID) -> UUID:
    """Id of the incident that a report with this idempotency key opens, or has opened."""
    return uuid5(REPORTS, key.hex)


def _division_of(caller: Caller) -> str:
    """First division of the caller's range: where a report without a place code is filed."""
    return caller.division_from[:12].ljust(len(LOWEST_DIVISION), "0")


def _first_known_at(connection: Connection, incident_id: UUID) -> datetime | None:
    """When the same report was first recorded, so that a retry without the time says the same thing again."""
    first = log.read(connection, incident_id, 0, 1)
    return datetime.fromisoformat(str(first[0].payload["known_at"])) if first else None
