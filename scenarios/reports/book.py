"""Where in the record does a thing stand? Entries found by kind and run, so that a sentence can name its source."""

from datetime import datetime

from scenarios.events import Entry
from scenarios.situation import Situation


class Book:
    """
    The entries of a situation, looked up. Built once a report.

    ``after`` is the number of the last entry already reported: what happened later is what a follow-up tells.
    """

    def __init__(self, situation: Situation, after: int = 0) -> None:
        self.situation = situation
        self.after = after
        self.struck = {refers_to for refers_to, _ in situation.struck}
        self._by_kind: dict[str, list[Entry]] = {}
        for entry in situation.entries:
            self._by_kind.setdefault(entry.kind, []).append(entry)

    def every(self, *kinds: str, new: bool = False) -> list[Entry]:
        """Entries of these kinds that stand, in order; only those since the last report where `new` is wanted."""
        found = [
            entry
            for kind in kinds
            for entry in self._by_kind.get(kind, [])
            if entry.seq not in self.struck and (not new or entry.seq > self.after)
        ]
        return sorted(found, key=lambda entry: entry.seq)

    def last(self, *kinds: str) -> tuple[int, ...]:
        """Number of the last entry of these kinds, as a tuple; empty where there is none."""
        found = self.every(*kinds)
        return (found[-1].seq,) if found else ()

    def of_run(self, kind: str, run_id: str) -> tuple[int, ...]:
        """Number of the entry of a run's part, as a tuple."""
        return tuple(entry.seq for entry in self._by_kind.get(kind, []) if entry.payload.get("run_id") == run_id)[:1]


def happened(entry: Entry) -> datetime:
    """When it happened, as far as anybody said; else when it was written down."""
    return entry.occurred_at or entry.recorded_at


def moment(when: datetime | str) -> dict[str, str]:
    """Write a moment as a value of a sentence."""
    return {"at": when if isinstance(when, str) else when.isoformat()}


def term(code: str) -> dict[str, str]:
    """Write a word as a value of a sentence."""
    return {"term": code}
