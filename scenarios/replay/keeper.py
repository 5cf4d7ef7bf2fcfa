"""Who keeps situations of a record while it grows, and who looks whether they are right?"""

import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from gis.database import Caller
from gis.errors import OneMapError
from gis.provenance import Mode
from scenarios import log
from scenarios.entries import Entries
from scenarios.replay.desk import ReplayDesk
from scenarios.replay.moments import EVERY
from scenarios.replay.written import Named
from scenarios.situation import Situation, advance

WORLDS: tuple[Mode, ...] = ("live", "drill", "sim")
LOOK_S = 60.0
"""How often it looks by itself: a word of a move is a hint and may get lost."""

_log = logging.getLogger("onemap.replay")


class Keeper:
    """
    Keeps the situation after every `EVERY` entries of every incident, in a thread of its own.

    It reads the record through the door for looking back and writes files beside it; nobody waits for it. What it keeps
    can be thrown away at any moment and is made again.
    """

    def __init__(self, replay: ReplayDesk) -> None:
        self.replay = replay
        self._reached: dict[UUID, int] = {}
        self._wanted = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Keep what is missing now, and what comes; a second call does nothing."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="onemap-keeper", daemon=True)
            self._wanted.set()
            self._thread.start()

    def stop(self) -> None:
        """End; what is being written is written."""
        self._stopping.set()
        self._wanted.set()
        if self._thread is not None:
            self._thread.join(timeout=10)
            self._thread = None

    def moved(self, incident_id: UUID, seq: int) -> None:
        """Leave word that an incident has an entry of this number."""
        if seq // EVERY > self._reached.get(incident_id, 0) // EVERY:
            self._wanted.set()

    def keep_all(self) -> int:
        """
        Keep what is missing of every incident; the number of situations written.

        Raises
        ------
        OneMapError
            The record cannot be read.
        OSError
            A file cannot be written.
        """
        with self.replay.database.transaction(Caller.system()) as connection:
            heads = log.heads(connection)
        return sum(self.keep(head) for head in heads)

    def keep(self, head: log.Head) -> int:
        """Keep what is missing of one incident; the number of situations written. Errors as `keep_all`."""
        if head.seq // EVERY <= self._reached.get(head.incident_id, 0) // EVERY:
            return 0
        wanted = range(EVERY, head.seq + 1, EVERY)
        there = set(self.replay.moments.numbers(head.incident_id))
        missing = [number for number in wanted if number not in there]
        caller, situation, named = replace(Caller.system(), mode=head.mode), Situation(), Named()
        for number in missing:
            if self._stopping.is_set():
                break
            if situation.seq != number - EVERY:
                situation, named = self._before(head.incident_id, number, caller)
            while situation.seq < number:
                situation = self._on(situation, named, head.incident_id, caller)
            try:
                self.replay.moments.keep(situation, named)
            except TypeError as error:
                _log.warning("no situation of %s is kept after entry %d: %s", head.code, number, error)
        if not self._stopping.is_set():
            self._reached[head.incident_id] = head.seq
        return len(missing)

    def check(self, incident_id: UUID, caller: Caller) -> Iterator[tuple[int, bool]]:
        """
        Fold an incident from its beginning and hold every situation kept against that; (entry, whether it is the same).

        One that is not is thrown away.
        """
        situation, named = Situation(), Named()
        for number in self.replay.moments.numbers(incident_id):
            while situation.seq < number:
                before = situation.seq
                situation = self._on(situation, named, incident_id, caller)
                if situation.seq == before:
                    return
            with self.replay.database.transaction(caller) as connection:
                kept = self.replay.stretches.situation(connection, incident_id, number, caller)
            same = kept is not None and replace(kept, entries=Entries()) == replace(situation, entries=Entries())
            if kept is not None and not same:
                self.replay.moments.throw_away(incident_id, number, "the fold from the beginning gives another one")
            yield number, same

    def _before(self, incident_id: UUID, number: int, caller: Caller) -> tuple[Situation, Named]:
        """The last situation kept before an entry, or the beginning."""
        for one in reversed(self.replay.moments.numbers(incident_id)):
            if one >= number:
                continue
            with self.replay.database.transaction(caller) as connection:
                found = self.replay.stretches.situation(connection, incident_id, one, caller)
            if found is not None:
                return found, Named()
        return Situation(), Named()

    def _on(self, situation: Situation, named: Named, incident_id: UUID, caller: Caller) -> Situation:
        """The situation `EVERY` entries later."""
        with self.replay.database.transaction(caller) as connection:
            entries = log.read(connection, incident_id, situation.seq, EVERY)
        named.take(entries)
        later = advance(situation, entries)
        return later if later.seq % EVERY else self.replay.stretches.light(later, caller)

    def _run(self) -> None:
        self.replay.moments.tidy()
        while True:
            self._wanted.wait(LOOK_S)
            self._wanted.clear()
            if self._stopping.is_set():
                return
            try:
                self.keep_all()
            except (OneMapError, DBAPIError, OSError) as error:
                _log.warning("situations of long records cannot be kept just now: %s", error)
                self._stopping.wait(30.0)
                self._wanted.set()
