"""What is known of every incident, and how does one more entry come into its record? What every desk stands on."""

from collections import OrderedDict
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from uuid import UUID

from sqlalchemy import Connection

from gis.database import Caller, Database
from gis.errors import ConflictError, InputError
from gis.personal import are_shown
from scenarios import grade, log
from scenarios.alarmed import belong
from scenarios.events import AlarmLinked, CasualtiesReported, Correction, Entry, Event, Note, TeamArrived
from scenarios.log import Receipt
from scenarios.queue import IncidentSummary, summary
from scenarios.replay.course import Course
from scenarios.reports.policies import ReportingPolicy
from scenarios.reports.standing import StandingPolicies
from scenarios.roads.networks import Roads
from scenarios.situation import Situation
from scenarios.together import Together

COURSES_KEPT = 64
CORRECTED = frozenset({Note.code, TeamArrived.code})
"""Kinds that may be struck through: nothing follows from them but what a person says next."""
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class Journal:
    """
    The record of one database as situations, and the folder of road networks. Safe to share between threads.

    Only incidents of the caller's mode (live, drill, sim) are listed or written to: no query joins two modes.
    """

    def __init__(self, database: Database, networks_dir: Path) -> None:
        self.database = database
        self.networks_dir = networks_dir
        self.roads = Roads(networks_dir)
        self.policies = StandingPolicies(database)
        self.together = Together(database)
        self._courses: OrderedDict[UUID, Course] = OrderedDict()
        self._cards: dict[UUID, tuple[int, tuple[ReportingPolicy, ...], IncidentSummary]] = {}
        self._lock = Lock()

    # -- writing ---------------------------------------------------------------------------------------------------

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
        policies = self.policies.standing()
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
        policies = self.policies.standing()
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
