"""The room for looking back: the same desk, over a database that can only be read."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy import Connection

from gis.database import Caller
from gis.errors import InputError, MissingError
from gis.personal import are_shown
from scenarios import log
from scenarios.duty import DutyDesk
from scenarios.replay.course import STRIDE, Course
from scenarios.replay.moments import EVERY, Moments
from scenarios.replay.stretches import Stretches, read_settled
from scenarios.situation import Situation

PART = 2048
"""Entries read at once at most: a first moment is there before a long record is."""


@dataclass(frozen=True, slots=True)
class Span:
    """
    From when to when an incident can be looked at: moments at which its first and its last entry were recorded.

    ``known`` is the number of the last entry folded here so far.
    """

    head: log.Head
    first_at: datetime
    last_at: datetime
    known: int


class ReplayDesk(DutyDesk):
    """
    Any incident at any moment. Live is replay at now; here now is a moment like any other.

    Every command of `DutyDesk` is refused by the database, since its transactions are opened for reading: nothing
    is written, nothing is set off a second time, and looking leaves no trace in the record. It folds only as far as it
    is asked, so the first moments of a long incident are there at once, and further on it begins at the situation kept
    last before the moment (`moments`).
    """

    def __init__(self, live: DutyDesk) -> None:
        super().__init__(live.database.reading(), live.networks_dir)
        self.roads = live.roads  # networks are large and never change: one of each is enough
        self.moments = Moments(live.networks_dir.parent / "moments")
        self.stretches = Stretches(self.database, self.moments)

    def span(self, incident_id: UUID, caller: Caller) -> Span:
        """
        From when to when the incident can be looked at.

        Raises
        ------
        MissingError
            No such incident in the caller's range and world.
        """
        with self.database.transaction(caller) as connection:
            head = self._head(connection, incident_id, caller)
            course = Course() if are_shown(connection) else self._course_of(incident_id)
            self._grown(connection, head, 1, course)
        first = course.after(1).updated_at or head.opened_at
        return Span(head, first, head.last_at if head.seq else first, course.latest.seq)

    def at(
        self, incident_id: UUID, caller: Caller, *, moment: datetime | None = None, seq: int | None = None
    ) -> Situation:
        """
        What was known at a moment, or after the entry numbered `seq`; without either what is known now.

        Raises
        ------
        InputError
            Both are given, the moment has no time zone, or the number is below 0.
        MissingError
            No such incident in the caller's range and world.
        """
        if moment is not None and seq is not None:
            raise InputError("say a moment or the number of an entry, not both")
        if moment is not None and moment.tzinfo is None:
            raise InputError(f"moment {moment.isoformat()} has no time zone; write it with one, such as +08:00")
        if seq is not None and seq < 0:
            raise InputError(f"there is no entry {seq}: entries are numbered from 1, and 0 is before the first")
        with self.database.transaction(caller) as connection:
            head = self._head(connection, incident_id, caller)
            wanted = head.seq if seq is None else min(seq, head.seq)
            shown = are_shown(connection)  # what shows personal data is folded for the one who may see it
            course = Course() if shown else self._course_of(incident_id)
            if moment is not None:
                last = course.latest.updated_at
                is_known = course.latest.seq == head.seq or (last is not None and last > moment)
                wanted = course.seq_at(moment) if is_known else log.seq_at(connection, incident_id, moment, head.seq)
            if wanted > course.latest.seq and not shown:
                known = course.latest.seq
                course = self.stretches.before(connection, incident_id, wanted, known, caller) or course
            return self._grown(connection, head, wanted, course).after(wanted)

    def warm(self, incident_id: UUID, caller: Caller) -> int:
        """
        Make every seek short, and give the number of entries the incident has.

        What lies between situations kept is left as it is; without those the whole incident is folded, part by part.
        """
        kept = self.moments.numbers(incident_id)
        known, seq = -1, 0
        while known < seq:
            with self.database.transaction(caller) as connection:
                head = self._head(connection, incident_id, caller)
                if are_shown(connection) or (kept and head.seq - kept[-1] <= 2 * EVERY):
                    return head.seq
                course = self._course_of(incident_id)
                known = self._grown(connection, head, min(head.seq, course.latest.seq + PART), course).latest.seq
            seq = head.seq
        return seq

    def outline(self, incident_id: UUID, caller: Caller) -> list[tuple[str, datetime]]:
        """
        Kind of every entry and when it was recorded, in order.

        Raises
        ------
        MissingError
            No such incident in the caller's range and world.
        """
        with self.database.transaction(caller) as connection:
            self._head(connection, incident_id, caller)
            return log.outline(connection, incident_id)

    def _head(self, connection: Connection, incident_id: UUID, caller: Caller) -> log.Head:
        head = log.head(connection, incident_id)
        if head.mode != caller.mode:
            raise MissingError(f"there is no incident {incident_id}; `onemap log list` names them")
        return head

    def _grown(self, connection: Connection, head: log.Head, seq: int, course: Course) -> Course:
        """The course, folded at least as far as the entry `seq`."""
        while course.latest.seq < min(seq, head.seq):
            before = course.latest.seq
            limit = min(PART, -(-(seq - before) // STRIDE) * STRIDE)
            course.grow(partial(read_settled, connection, head.incident_id, limit=limit), before + 1)
            if course.latest.seq == before:
                break
        return course
