"""Which rows of a long record does the page show now? It gets what is looked at, never the whole."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from command_ui.console import chronicle
from command_ui.console.record_columns import Columns, columns_of
from command_ui.words import Language, say
from scenarios.events import Entry, lane_of
from scenarios.situation import Situation

Json = dict[str, Any]

PAGE = 50
"""Rows of one page of the list; page 0 holds the first entries, so a full page never changes its rows."""
ASKED_AT_ONCE = 4 * PAGE
ALONE = 240
"""Dots of one lane drawn one by one; where there are more, those that would lie on each other become one."""
ROOM = 120
"""Places of one lane where more entries than that are drawn."""
SAME_MOMENT_MS = 500.0


@dataclass(slots=True)
class Rows:
    """What one browser page knows of an incident's entries: the beginning of the columns all pages share."""

    incident_id: UUID | None = None
    total: int = 0
    columns: Columns = field(default_factory=Columns)
    situation: Situation = field(default_factory=Situation)

    def follow(self, situation: Situation) -> None:
        """Take in the entries that are new."""
        entries = situation.entries
        if situation.incident_id != self.incident_id or not self.columns.take_in(entries):
            self.columns = columns_of(situation)
        self.incident_id, self.total, self.situation = situation.incident_id, len(entries), situation

    def add(self, kind: str, recorded_at: datetime) -> None:
        """Take in one entry more of which only this is known: enough for the timeline, not for the list."""
        self.columns.add(kind, recorded_at)
        self.total += 1

    def summary(self) -> Json:
        """What stands above the list and the timeline: how many of which group, and from when to when."""
        counts: dict[str, int] = {}
        for kind, count in self.columns.counts(self.total).items():
            group = chronicle.group_of(kind)
            counts[group] = counts.get(group, 0) + count
        low, high = self.columns.span_ms(self.total) or (None, None)
        return {
            "incident": str(self.incident_id) if self.incident_id else "",
            "total": self.total,
            "counts": counts,
            "struck": len(self.situation.struck),
            "from_ms": low,
            "until_ms": high,
        }

    def page_rows(self, first: int, count: int, group: str, words: str, language: Language) -> Json:
        """
        Rows `first` … of the entries of a group that hold some words, in the order of the record.

        Every word must stand somewhere in what is said of the entry: its number, kind, author or text.
        """
        places = self._places(group, words, language)
        chosen = places[max(0, first) : max(0, first) + min(max(0, count), ASKED_AT_ONCE)]
        return {"total": len(places), "first": max(0, first), "rows": self._rows(chosen)}

    def newest(self) -> Json:
        """The last two pages whole, so that the list is there without a question."""
        first = self._newest_first()
        return {"total": self.total, "first": first, "rows": self._rows(range(first, self.total))}

    def _newest_first(self) -> int:
        return max(0, (self.total - 1) // PAGE - 1) * PAGE

    def since(self, before: int) -> Json:
        """What came after the first `before` entries: rows of the list, dots of the timeline, where the list begins."""
        total = self.total
        found: Json = {"first": self._newest_first(), "rows": self._rows(range(before, total))}
        if total > ALONE and before // PAGE != total // PAGE:
            # Where dots are gathered, new ones lie beside the heaps until the heaps are made again.
            return found | {"dots": self.dots(None, None, "all"), "again": True}
        return found | {"dots": [self._dot(lane_of(self.columns.kinds[at]), at, at, 1) for at in range(before, total)]}

    def dots(
        self, from_ms: float | None, until_ms: float | None, group: str, words: str = "", language: Language = "zh"
    ) -> list[Json]:
        """Dots of a group that hold some words, between two moments; in a crowded lane one stands for several."""
        total, places = self.total, self._places(group, words, language)
        span = self.columns.span_ms(total)
        if span is None:
            return []
        low = span[0] if from_ms is None else from_ms
        high = span[1] if until_ms is None else until_ms
        moments = self.columns.moments_ms(total)
        found: list[Json] = []
        for lane, own in self.columns.by_lane(total, places):
            between = own[(moments[own] >= low) & (moments[own] <= high)]
            found += [self._dot(lane, *heap) for heap in _gathered(between, moments, low, high)]
        return found

    def _dot(self, lane: str, first: int, last: int, count: int) -> Json:
        return {
            "lane": lane,
            "at_ms": self.columns.at_ms[first],
            "until_ms": self.columns.at_ms[last],
            "count": count,
            "seq": first + 1,
            "kind": self.columns.kinds[first],
            "tone": None,
        }

    def neighbour(self, direction: int, here_ms: float) -> float | None:
        """Moment at which the entry before or after was recorded; entries of the same moment count as one."""
        recorded_ms = self.columns.recorded_ms
        if direction < 0:
            place = bisect_left(recorded_ms, here_ms - SAME_MOMENT_MS, hi=self.total)
            return recorded_ms[place - 1] if place else None
        place = bisect_right(recorded_ms, here_ms + SAME_MOMENT_MS, hi=self.total)
        return recorded_ms[place] if place < self.total else None

    def _places(self, group: str, words: str, language: Language) -> range | list[int]:
        wanted = words.casefold().split()
        if group == "all" and not wanted:
            return range(self.total)
        kinds = self.columns.kinds[: self.total]
        places = [place for place, kind in enumerate(kinds) if group in ("all", chronicle.group_of(kind))]
        if not wanted:
            return places
        entries = self.situation.entries
        return [place for place in places if all(word in _said(entries[place], language) for word in wanted)]

    def _rows(self, places: "range | list[int]") -> list[Json]:
        struck = {refers_to for refers_to, _ in self.situation.struck}
        orders = {one.order_id: one.name for one in self.situation.orders.all}
        entries = [self.situation.entries[place] for place in places]
        # Which order a line is about is said by its number, as people say it.
        return [
            chronicle.row_of(one, struck) | {"about": orders.get(str(one.payload.get("order_id") or ""), "")}
            for one in entries
        ]


def _gathered(
    places: NDArray[np.intp], moments: NDArray[np.float64], low: float, high: float
) -> list[tuple[int, int, int]]:
    """Give first, last and number of the entries of each dot: each by itself, or all of one of `ROOM` places."""
    if len(places) <= ALONE:
        return [(place, place, 1) for place in places.tolist()]
    width = max(high - low, 1.0) / ROOM
    rooms = ((moments[places] - low) / width).astype(np.int64)
    _, first, counts = np.unique(rooms, return_index=True, return_counts=True)
    _, from_behind = np.unique(rooms[::-1], return_index=True)
    last = len(rooms) - 1 - from_behind
    order = np.argsort(first)
    return list(zip(places[first[order]].tolist(), places[last[order]].tolist(), counts[order].tolist(), strict=True))


def _said(entry: Entry, language: Language) -> str:
    """Everything a person reads of an entry, in small letters."""
    row = chronicle.row_of(entry, frozenset())
    values = " ".join(str(value) for value in row["values"].values())
    kind = say(f"event.{entry.kind}", language)
    return f"#{entry.seq} {kind} {entry.actor} {row['text']} {values}".casefold()
