"""How is any moment of an incident found without folding everything before it? By situations kept on the way."""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from datetime import datetime
from threading import Lock

from scenarios.entries import WIDTH
from scenarios.events import Entry
from scenarios.situation import Situation, advance

STRIDE = WIDTH
"""Entries between two situations kept: a seek folds fewer than this. Kept ones share what did not change."""


class Course:
    """
    The entries of one incident as far as they are known here, with the situation after every `STRIDE` of them.

    It only grows. Seeking waits for nobody: what is kept is never changed, and a growing course shows its old end until
    the new one is whole.

    Parameters
    ----------
    begin
        Where it begins, after a whole number of strides; nothing before can be asked of it.
    """

    def __init__(self, begin: Situation | None = None) -> None:
        self.latest = begin or Situation()
        self.begins = self.latest.seq
        if self.begins % STRIDE:
            raise ValueError(f"a course begins after a multiple of {STRIDE} entries, not after {self.begins}")
        self._kept: list[Situation] = [self.latest]
        self._recorded: list[datetime] = []
        self._lock = Lock()

    def grow(self, read: Callable[[int], Iterable[Entry]], until: int) -> None:
        """
        Take in the entries `read` gives after a number, unless the one numbered `until` is known already.

        Raises
        ------
        ValueError
            They do not follow what is known.
        """
        with self._lock:
            if self.latest.seq < until:
                self._take(tuple(read(self.latest.seq)))

    def apart(self) -> "Course":
        """Another course that knows what this one does and grows by itself: for entries that may yet be rolled back."""
        with self._lock:
            other = Course(self._kept[0])
            other._kept, other._recorded, other.latest = [*self._kept], [*self._recorded], self.latest
        return other

    def after(self, seq: int) -> Situation:
        """
        Situation after the entry numbered `seq`: 0 is before the first, beyond the last is the latest.

        Raises
        ------
        ValueError
            It lies before the beginning of this course.
        """
        latest = self.latest
        if seq >= latest.seq:
            return latest
        seq = max(seq, 0)
        if seq < self.begins:
            raise ValueError(f"entry {seq} lies before this course, which begins after entry {self.begins}")
        kept = self._kept[(seq - self.begins) // STRIDE]
        return advance(kept, latest.entries[kept.seq : seq])

    def at(self, moment: datetime) -> Situation:
        """Situation as it was known at `moment`: entries recorded later are left out."""
        return self.after(self.seq_at(moment))

    def seq_at(self, moment: datetime) -> int:
        """Number of the last entry recorded by `moment`; 0 before the first."""
        # The server's time never goes back within an incident, so the entries known are the first ones.
        return self.begins + bisect_right(self._recorded, moment)

    def _take(self, entries: tuple[Entry, ...]) -> None:
        situation, at = self.latest, 0
        while at < len(entries):
            room = STRIDE - situation.seq % STRIDE
            situation = advance(situation, entries[at : at + room])
            at += room
            if situation.seq % STRIDE == 0:
                self._kept.append(situation)
        self._recorded += [entry.recorded_at for entry in entries]
        self.latest = situation
