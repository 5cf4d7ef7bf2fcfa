"""Which stretch of a long record must be folded for a look, when situations before it are kept?"""

from collections import OrderedDict
from dataclasses import replace
from threading import Lock
from uuid import UUID

from sqlalchemy import Connection

from gis.database import Caller, Database
from gis.errors import InputError
from scenarios import log
from scenarios.entries import WIDTH, Entries, Unread
from scenarios.events import Entry, Event, event_of
from scenarios.replay import written
from scenarios.replay.course import Course
from scenarios.replay.moments import Moments
from scenarios.situation import Situation

STRETCHES = 128
"""Stretches kept folded in memory, most of them shorter than `moments.EVERY` entries."""
INCIDENTS = 8
"""Incidents whose large events are kept read."""


class Stretches:
    """Pieces of long records that begin at a situation kept, folded as far as was asked; the oldest are let go."""

    def __init__(self, database: Database, moments: Moments) -> None:
        self.database = database
        self.moments = moments
        self._courses: OrderedDict[tuple[UUID, int], Course] = OrderedDict()
        self._events: OrderedDict[UUID, dict[int, Event]] = OrderedDict()
        self._lock = Lock()

    def before(self, connection: Connection, incident_id: UUID, seq: int, known: int, caller: Caller) -> Course | None:
        """Course that begins at the situation kept last before an entry and after those `known`; None without one."""
        for number in reversed(self.moments.numbers(incident_id)):
            if number > seq:
                continue
            if number <= known:
                break
            place = (incident_id, number)
            with self._lock:
                course = self._courses.get(place)
            if course is None:
                situation = self.situation(connection, incident_id, number, caller)
                if situation is None:
                    continue
                course = Course(situation)
            with self._lock:
                course = self._courses.setdefault(place, course)
                self._courses.move_to_end(place)
                while len(self._courses) > STRETCHES:
                    self._courses.popitem(last=False)
            return course
        return None

    def situation(self, connection: Connection, incident_id: UUID, number: int, caller: Caller) -> Situation | None:
        """
        The situation kept after an entry, if the record says the same of that entry; else it is thrown away.

        Its entries are read when somebody looks at them, in the name of `caller`.
        """
        kept = self.moments.load(incident_id, number)
        if kept is None:
            return None
        events = self._events_of(incident_id)
        try:
            missing = [seq for seq in written.numbers(kept.told) if seq not in events]
            there = {one.seq: one for one in log.read_numbers(connection, incident_id, [*missing, number])}
            for seq in missing:
                entry = there.get(seq)
                if entry is not None and (event := event_of(entry.kind, entry.payload)) is not None:
                    events[seq] = event
            found = written.read(kept.told, events, self.unread(incident_id, number, caller))
        except InputError as error:
            self.moments.throw_away(incident_id, number, str(error))
            return None
        last = there.get(number)
        said = (found.incident_id, found.seq, found.head_hash, found.updated_at)
        if last is None or kept.hash != last.hash or said != (incident_id, number, last.hash, last.recorded_at):
            self.moments.throw_away(incident_id, number, "the record says something else of the entry it stands on")
            return None
        return found

    def named(self, incident_id: UUID, number: int) -> written.Named:
        """The large events a situation kept names, after it was read."""
        kept, events = self.moments.load(incident_id, number), self._events_of(incident_id)
        wanted = written.numbers(kept.told) if kept is not None else []
        return written.Named({seq: events[seq] for seq in wanted if seq in events})

    def light(self, situation: Situation, caller: Caller) -> Situation:
        """The same situation without its entries in memory; they are read when somebody looks at them."""
        assert situation.incident_id is not None
        assert situation.seq % WIDTH == 0
        return replace(situation, entries=self.unread(situation.incident_id, situation.seq, caller))

    def unread(self, incident_id: UUID, count: int, caller: Caller) -> Entries:
        """The first `count` entries of an incident, a multiple of `WIDTH`, not read yet."""

        def read(after: int) -> tuple[Entry, ...]:
            with self.database.transaction(caller) as connection:
                return tuple(log.read(connection, incident_id, after, WIDTH))

        return Entries(tuple(Unread(after, read) for after in range(0, count, WIDTH)))

    def _events_of(self, incident_id: UUID) -> dict[int, Event]:
        with self._lock:
            events = self._events.setdefault(incident_id, {})
            self._events.move_to_end(incident_id)
            while len(self._events) > INCIDENTS:
                self._events.popitem(last=False)
        return events
