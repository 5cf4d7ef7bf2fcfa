"""The desk of the duty room: commands go in, entries go into the record, receipts come back."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4, uuid5

from sqlalchemy import Connection

from gis.database import LOWEST_DIVISION, Caller, Database
from gis.errors import ConflictError, InputError, MissingError
from gis.personal import are_shown
from scenarios import grade, log, running
from scenarios.alarmed import belong
from scenarios.consultation.desk import ConsultationDesk
from scenarios.decisions.desk import DecisionDesk
from scenarios.events import (
    AlarmLinked,
    CaseChanged,
    CasualtiesReported,
    ConfidenceForecast,
    Correction,
    Entry,
    Event,
    IncidentReported,
    Note,
    TeamArrived,
)
from scenarios.exercise.desk import ExerciseDesk
from scenarios.intake import ReportIncident, checked_case, faults_of, plain_case
from scenarios.log import Receipt
from scenarios.marks.desk import MarkDesk
from scenarios.messages.desk import MessageDesk
from scenarios.orders.desk import OrderDesk
from scenarios.plans.cards import CardDesk
from scenarios.plans.desk import PlanDesk
from scenarios.queue import IncidentSummary, summary
from scenarios.replay.course import Course
from scenarios.reports.desk import ReportDesk
from scenarios.reports.policies import ReportingPolicy
from scenarios.resources.desk import ResourceDesk
from scenarios.roads.desk import RoadDesk
from scenarios.roads.networks import Roads
from scenarios.roads.teams import TeamDesk
from scenarios.running import Assessed, Progress, Wishes
from scenarios.shifts.desk import ShiftDesk
from scenarios.situation import Situation
from scenarios.sources import Files
from scenarios.together import Together

if TYPE_CHECKING:
    from scenarios.replay.desk import ReplayDesk

__all__ = ["Assessed", "Desk", "IncidentSummary", "ReportIncident", "Wishes"]

REPORTS = UUID("6f0f3f5a-5b1d-5e7c-9d61-0f5f3a6f9a11")
"""Namespace in which the key of a report names the incident it opened, so that a retry finds it again."""
COURSES_KEPT = 64
CORRECTED = frozenset({Note.code, TeamArrived.code})
"""Kinds that may be struck through: nothing follows from them but what a person says next."""
MEMBERS = 200
"""Members of the ensemble that says how sure a zone is."""


class Desk:
    """
    The command room for one database and one folder of road networks. Safe to share between threads.

    The actor written into the record is the caller's, never a field of a command. Only incidents of the caller's mode
    (live, drill, sim) are listed or written to: no query joins two modes.
    """

    def __init__(self, database: Database, networks_dir: Path) -> None:
        self.database = database
        self.networks_dir = networks_dir
        self.roads = Roads(networks_dir)
        self.road = RoadDesk(self)
        self.teams = TeamDesk(self)
        self.orders = OrderDesk(self)
        self.decisions = DecisionDesk(self)
        self.marks = MarkDesk(self)
        self.reports = ReportDesk(self)
        self.resources = ResourceDesk(self)
        self.plans = PlanDesk(self)
        self.cards = CardDesk(self)
        self.shifts = ShiftDesk(self)
        self.consultations = ConsultationDesk(self)
        self.exercises = ExerciseDesk(self)
        self.messages = MessageDesk(self)
        self.together = Together(database)
        self._courses: OrderedDict[UUID, Course] = OrderedDict()
        self._cards: dict[UUID, tuple[int, tuple[ReportingPolicy, ...], IncidentSummary]] = {}
        self._lock = Lock()

    @cached_property
    def replay(self) -> "ReplayDesk":
        """The same room for looking back: nothing can be recorded there."""
        from scenarios.replay.desk import ReplayDesk  # a desk itself, so it cannot be there before this one

        return ReplayDesk(self)

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
        wishes = Wishes(roads, files, day, self.exercises.moment_in(incident_id, caller))
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
        """
        Append any event; kinds that change state need ``expected_seq``.

        A report of casualties is followed, in the same transaction, by the grade it suggests.

        Raises
        ------
        MissingError, ConflictError, InputError, RefusedError
            See `scenarios.log.append`.
        """
        if not isinstance(event, CasualtiesReported):
            receipt = self.together.append(
                caller,
                incident_id,
                event,
                key=key,
                occurred_at=occurred_at,
                caused_by=caused_by,
                expected_seq=expected_seq,
            )
            found = (event.alarm,) if isinstance(event, AlarmLinked) else ()
            return belong(self.database, caller, receipt, found)
        with self.database.transaction(caller) as connection:
            receipt = log.append(
                connection,
                incident_id,
                event,
                key=key,
                occurred_at=occurred_at,
                caused_by=caused_by,
                expected_seq=expected_seq,
            )
            if not receipt.replayed:
                log.append(connection, incident_id, grade.suggest(event), caused_by=(receipt.seq,))
            return receipt

    def note(self, incident_id: UUID, text: str, caller: Caller, *, key: UUID | None = None) -> Receipt:
        """Append a line typed by hand."""
        if not text.strip():
            raise InputError("the note is empty: write what happened")
        return self.record(incident_id, Note(text.strip()), caller, key=key)

    def correct(
        self, incident_id: UUID, seq: int, reason: str, caller: Caller, *, text: str = "", key: UUID | None = None
    ) -> Receipt:
        """
        Strike an entry through: a new entry refers to it by number and hash, says why and what is right.

        Raises
        ------
        InputError
            No reason, no such entry, or one that something follows from: that is put right where it was said.
        ConflictError
            It is struck through already.
        """
        if not reason.strip():
            raise InputError("a correction needs its reason")
        with self.database.transaction(caller) as connection:
            wrong = log.read(connection, incident_id, seq - 1, 1)
            if not wrong or wrong[0].seq != seq:
                raise InputError(f"there is no entry {seq} to correct")
            if wrong[0].kind not in CORRECTED:
                raise InputError(f"entry {seq} is put right by an entry of its own kind ({wrong[0].kind}), not struck")
            struck = {one for one, _ in self.fold(connection, incident_id).struck}
            event = Correction(seq, wrong[0].hash, reason.strip(), text.strip())
            receipt = log.append(connection, incident_id, event, key=key, caused_by=(seq,))
            if not receipt.replayed and seq in struck:
                raise ConflictError(f"entry {seq} is struck through already")
            return receipt

    # -- reading ---------------------------------------------------------------------------------------------------

    def situation(
        self, incident_id: UUID, moment: datetime | None = None, *, caller: Caller | None = None
    ) -> Situation:
        """
        What was known at `moment` (None = now). Give the `caller`: without one the program itself asks.

        Raises
        ------
        MissingError
            No such incident in the caller's range.
        """
        with self.database.transaction(caller or Caller.system()) as connection:
            course = self._course(connection, log.head(connection, incident_id))
        return course.latest if moment is None else course.at(moment)

    def incidents(self, caller: Caller) -> list[IncidentSummary]:
        """Incidents of the caller's divisions and mode, open ones first, the latest known first."""
        policies = self.reports.policies()
        with self.database.transaction(caller) as connection:
            cards = [(head, self._card(connection, head, policies)) for head in log.heads(connection, mode=caller.mode)]
            # The record of an exercise is no incident: nobody ever reported one in it.
            found = [
                card
                for head, card in cards
                if card.status != "unknown" or self._fold(connection, head).exercise is None
            ]
        return sorted(found, key=lambda card: (card.status != "open", -(card.known_at or _BEGINNING).timestamp()))

    def open_situations(self, caller: Caller) -> list[tuple[IncidentSummary, Situation]]:
        """What is known of every open incident of the caller's divisions and mode, read in one transaction."""
        policies = self.reports.policies()
        with self.database.transaction(caller) as connection:
            heads = log.heads(connection, mode=caller.mode)
            cards = [(head, self._card(connection, head, policies)) for head in heads]
            return [(card, self._fold(connection, head)) for head, card in cards if card.status == "open"]

    def _card(self, connection: Connection, head: log.Head, policies: tuple[ReportingPolicy, ...]) -> IncidentSummary:
        """
        Card of an incident; one that has not moved is not made again.

        Years of closed incidents are more than folds are kept for: without this each look would fold them anew.
        """
        kept = None if are_shown(connection) else self._cards.get(head.incident_id)
        if kept is None or kept[0] != head.seq or kept[1] != policies:
            kept = (head.seq, policies, summary(head, self._fold(connection, head), policies))
            if not are_shown(connection):
                self._cards[head.incident_id] = kept
        return kept[2]

    def entries(self, incident_id: UUID, after_seq: int = 0, *, caller: Caller | None = None) -> list[Entry]:
        """
        Entries of an incident after a number, in order.

        Raises
        ------
        MissingError
            No such incident in the caller's range.
        """
        with self.database.transaction(caller or Caller.system()) as connection:
            log.head(connection, incident_id)
            return log.read(connection, incident_id, after_seq)

    def fold(self, connection: Connection, incident_id: UUID) -> Situation:
        """
        Situation as the transaction sees it, for a decision that must stand on exactly this.

        Raises
        ------
        MissingError
            No such incident in the caller's range.
        """
        return self._fold(connection, log.head(connection, incident_id))

    def _fold(self, connection: Connection, head: log.Head) -> Situation:
        return self._course(connection, head).latest

    def _course(self, connection: Connection, head: log.Head) -> Course:
        """What was folded before plus the entries since; reading `head` has checked the caller's right."""
        # What shows personal data is folded for the one who may see it and kept for nobody.
        course = Course() if are_shown(connection) else self._course_of(head.incident_id)
        if log.has_appended(connection):
            course = course.apart()
        course.grow(lambda after: log.read(connection, head.incident_id, after), head.seq)
        return course

    def _course_of(self, incident_id: UUID) -> Course:
        with self._lock:
            course = self._courses.setdefault(incident_id, Course())
            self._courses.move_to_end(incident_id)
            while len(self._courses) > COURSES_KEPT:
                self._courses.popitem(last=False)
        return course


def incident_opened_by(key: UUID) -> UUID:
    """Id of the incident that a report with this idempotency key opens, or has opened."""
    return uuid5(REPORTS, key.hex)


_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def _division_of(caller: Caller) -> str:
    """First division of the caller's range: where a report without a place code is filed."""
    return caller.division_from[:12].ljust(len(LOWEST_DIVISION), "0")


def _first_known_at(connection: Connection, incident_id: UUID) -> datetime | None:
    """When the same report was first recorded, so that a retry without the time says the same thing again."""
    first = log.read(connection, incident_id, 0, 1)
    return datetime.fromisoformat(str(first[0].payload["known_at"])) if first else None
