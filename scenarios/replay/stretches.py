"""Which stretch of a long record must be folded for a look, when situations before it are kept?"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from threading import Lock
from uuid import UUID
from weakref import WeakValueDictionary

from sqlalchemy import Connection, select

from gis.database import Caller, Database
from gis.errors import InputError
from scenarios import log
from scenarios.entries import WIDTH, Entries, Unread
from scenarios.events import Computed, Entry, Event, HazardForecast, event_of
from scenarios.replay import unread, written
from scenarios.replay.course import Course
from scenarios.replay.moments import Moments
from scenarios.situation import Situation
from scenarios.tables import ENTRY

STRETCHES = 48
"""Stretches kept folded in memory, most of them shorter than `moments.EVERY` entries."""
INCIDENTS = 8
"""Incidents whose large events and blocks of entries are shared by their stretches."""
EARLIER = 3
"""Runs before the last whose zones are drawn beside it."""


class Stretches:
    """Pieces of long records that begin at a situation kept, folded as far as was asked; the oldest are let go."""

    def __init__(self, database: Database, moments: Moments) -> None:
        self.database = database
        self.moments = moments
        self._courses: OrderedDict[tuple[UUID, int], Course] = OrderedDict()
        self._shared: OrderedDict[UUID, _Shared] = OrderedDict()
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
        events = self._of(incident_id).events
        try:
            there = self._read(connection, incident_id, written.numbers(kept.told), number, events, caller)
            found = written.read(kept.told, events, self.unread(incident_id, number, caller))
        except InputError as error:
            self.moments.throw_away(incident_id, number, str(error))
            return None
        said = (found.incident_id, found.seq, found.head_hash, found.updated_at)
        if there is None or kept.hash != there.hash or said != (incident_id, number, there.hash, there.recorded_at):
            self.moments.throw_away(incident_id, number, "the record says something else of the entry it stands on")
            return None
        return found

    def light(self, situation: Situation, caller: Caller) -> Situation:
        """The same situation without its entries in memory; they are read when somebody looks at them."""
        assert situation.incident_id is not None
        assert situation.seq % WIDTH == 0
        return replace(situation, entries=self.unread(situation.incident_id, situation.seq, caller))

    def unread(self, incident_id: UUID, count: int, caller: Caller) -> Entries:
        """The first `count` entries of an incident, a multiple of `WIDTH`, not read yet; stretches share them."""
        blocks = self._of(incident_id).blocks

        def read(after: int) -> tuple[Entry, ...]:
            with self.database.transaction(caller) as connection:
                return tuple(read_settled(connection, incident_id, after, WIDTH))

        return Entries(tuple(blocks.setdefault(after, Unread(after, read)) for after in range(0, count, WIDTH)))

    def _read(
        self, connection: Connection, incident_id: UUID, wanted: list[int], number: int, events: dict[int, Event],
        caller: Caller,
    ) -> Entry | None:  # fmt: skip
        """
        Put the large events `wanted` into `events`, those that are looked at first already read; the entry `number`.

        A run is a megabyte and there are fifty of them in a long incident, of which a page draws the last.
        """
        missing = [seq for seq in wanted if seq not in events]
        for seq, code in (_kinds(connection, incident_id, missing) if missing else {}).items():
            if code in written.large():
                events[seq] = unread.unread(
                    written.large()[code], seq, partial(self._event, incident_id, seq, caller)
                )  # fmt: skip
        ahead = _ahead([events[seq] for seq in wanted if seq in events])
        empty = [seq for seq in map(unread.number_of, ahead) if seq is not None and not unread.is_read(events[seq])]
        last = None
        for entry in log.read_numbers(connection, incident_id, [*empty, number]):
            last = entry if entry.seq == number else last
            if entry.seq in empty:
                unread.fill(events[entry.seq], _event_of(entry))
        return last

    def _event(self, incident_id: UUID, seq: int, caller: Caller) -> Event:
        with self.database.transaction(caller) as connection:
            (entry,) = log.read_numbers(connection, incident_id, [seq])
        return _event_of(entry)

    def _of(self, incident_id: UUID) -> "_Shared":
        with self._lock:
            shared = self._shared.setdefault(incident_id, _Shared())
            self._shared.move_to_end(incident_id)
            while len(self._shared) > INCIDENTS:
                self._shared.popitem(last=False)
        return shared


def read_settled(connection: Connection, incident_id: UUID, after_seq: int, limit: int | None = None) -> list[Entry]:
    """Entries as `log.read` gives them, the positions in their runs in the form of `unread.settled`."""
    return [
        replace(entry, payload=unread.settled(entry.payload)) if entry.kind in written.large() else entry
        for entry in log.read(connection, incident_id, after_seq, limit)
    ]


@dataclass(slots=True)
class _Shared:
    """
    What all stretches of one incident hold together.

    A block is kept as long as a stretch has it, and read once for all of them.
    """

    events: dict[int, Event] = field(default_factory=dict)
    blocks: "WeakValueDictionary[int, Unread]" = field(default_factory=WeakValueDictionary)


def _kinds(connection: Connection, incident_id: UUID, numbers: Sequence[int]) -> dict[int, str]:
    """Number -> kind of the entries of an incident with these numbers; numbers nobody gave yet are left out."""
    wanted = select(ENTRY.c.seq, ENTRY.c.kind).where(ENTRY.c.incident_id == incident_id, ENTRY.c.seq.in_(numbers))
    return {row.seq: row.kind for row in connection.execute(wanted)}


def _event_of(entry: Entry) -> Event:
    event = event_of(entry.kind, entry.payload)
    assert event is not None, "its kind was known when its place was taken"
    return event


def _ahead(events: list[Event]) -> list[Event]:
    """Those a page looks at whatever is drawn: small ones, and of the parts of runs the last."""
    found: dict[str, int] = {}
    ahead = []
    for event in reversed(events):
        found[event.code] = found.get(event.code, 0) + 1
        most = (1 + EARLIER if isinstance(event, HazardForecast) else 1) if isinstance(event, Computed) else len(events)
        if found[event.code] <= most:
            ahead.append(event)
    return ahead
