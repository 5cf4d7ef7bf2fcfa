"""When was each entry, and of which kind? Kept once for all pages of a process that look at one incident."""

import threading
from array import array
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from scenarios.events import Entry, lane_of
from scenarios.situation import Situation


class Columns:
    """
    Columns of one incident's entries, which only grow: who knows fewer entries looks at the beginning of them.

    Columns and not rows: fifty thousand entries are a megabyte, and only what is asked for becomes a row. One page's
    own copy would be its heaviest part on a long record, and taking in each entry for each page its dearest work.
    """

    def __init__(self) -> None:
        self.at_ms = array("d")
        self.recorded_ms = array("d")
        self.kinds: list[str] = []
        self._lanes = array("b")
        self._names: list[str] = []
        self._counts = Counter[str]()
        self._span_ms = (float("inf"), float("-inf"))
        self._known: Sequence[Entry] = ()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self.kinds)

    def take_in(self, entries: Sequence[Entry]) -> bool:
        """Take in the entries that are new, from any thread; False, and nothing taken, where they are other ones."""
        with self._lock:
            common = min(len(entries), len(self._known))
            # Each entry carries the hash of all before it: where one is the same, everything before it is.
            if common and not _same(self._known[common - 1], entries[common - 1]):
                return False
            for entry in entries[common:] if common == len(self._known) else ():
                self._add(entry.kind, entry.occurred_at or entry.recorded_at, entry.recorded_at)
            if len(entries) > common:
                self._known = entries
            return True

    def add(self, kind: str, recorded_at: datetime) -> None:
        """Take in one entry more of which only this is known: enough for a timeline, not for a list."""
        with self._lock:
            self._add(kind, recorded_at, recorded_at)

    def _add(self, kind: str, at: datetime, recorded_at: datetime) -> None:
        lane, at_ms = lane_of(kind), at.timestamp() * 1000.0
        if lane not in self._names:
            self._names.append(lane)
        self.at_ms.append(at_ms)
        self.recorded_ms.append(recorded_at.timestamp() * 1000.0)
        self._lanes.append(self._names.index(lane))
        self._counts[kind] += 1
        self._span_ms = min(self._span_ms[0], at_ms), max(self._span_ms[1], at_ms)
        self.kinds.append(kind)  # last: as many as there are kinds are whole

    def counts(self, total: int) -> Counter[str]:
        """How many of each kind the first `total` entries are."""
        with self._lock:
            return Counter(self._counts) if total == len(self) else Counter(self.kinds[:total])

    def span_ms(self, total: int) -> tuple[float, float] | None:
        """Earliest and latest moment of the first `total` entries; None where there is none."""
        with self._lock:
            if total == 0:
                return None
            return self._span_ms if total == len(self) else (min(self.at_ms[:total]), max(self.at_ms[:total]))

    def moments_ms(self, total: int) -> NDArray[np.float64]:
        """Moments of the first `total` entries, ms, shape (total,)."""
        with self._lock:
            return np.array(self.at_ms[:total], dtype=np.float64)

    def by_lane(self, total: int, places: range | list[int]) -> list[tuple[str, NDArray[np.intp]]]:
        """Of some places among the first `total`, those of each lane, in the order in which the lanes appear."""
        with self._lock:
            codes = np.array(self._lanes[:total], dtype=np.int8)
            names = list(self._names)
        chosen = (
            np.arange(places.start, places.stop) if isinstance(places, range) else np.asarray(places, dtype=np.intp)
        )
        codes = codes[chosen]
        present, first = np.unique(codes, return_index=True)
        return [(names[present[at]], chosen[codes == present[at]]) for at in np.argsort(first)]


_shared: WeakValueDictionary[UUID, Columns] = WeakValueDictionary()
_sharing = threading.Lock()


def columns_of(situation: Situation) -> Columns:
    """Give the columns all pages on this incident share; some of its own where the entries are of another branch."""
    if situation.incident_id is None:
        return Columns()
    with _sharing:
        found = _shared.get(situation.incident_id)
        if found is None:
            found = _shared[situation.incident_id] = Columns()
    if not found.take_in(situation.entries):
        found = Columns()
        found.take_in(situation.entries)
    return found


def _same(one: Entry, other: Entry) -> bool:
    return one is other or (one.seq, one.hash, one.kind) == (other.seq, other.hash, other.kind)
