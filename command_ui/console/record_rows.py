"""Which rows of a long record does the page show now? It gets what is looked at, never the whole."""

from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from command_ui.console import chronicle
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
    """
    Columns of one incident's entries, as long as the situation they follow; one for each browser page.

    Columns and not rows: fifty thousand entries are some megabytes, and only what is asked for becomes a row.
    """

    incident_id: UUID | None = None
    at_ms: list[float] = field(default_factory=list)
    recorded_ms: list[float] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    lanes: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    situation: Situation = field(default_factory=Situation)

    def follow(self, situation: Situation) -> None:
        """Take in the entries that are new."""
        if situation.incident_id != self.incident_id or len(situation.entries) < len(self.at_ms):
            self.incident_id = situation.incident_id
            for column in (self.at_ms, self.recorded_ms, self.kinds, self.lanes, self.groups):
                column.clear()
        for entry in situation.entries[len(self.at_ms) :]:
            self.add(entry.kind, entry.occurred_at, entry.recorded_at)
        self.situation = situation

    def add(self, kind: str, occurred_at: datetime | None, recorded_at: datetime) -> None:
        """Take in one entry more of which only this is known: enough for the timeline, not for the list."""
        self.at_ms.append(_ms(occurred_at or recorded_at))
        self.recorded_ms.append(_ms(recorded_at))
        self.kinds.append(kind)
        self.lanes.append(lane_of(kind))
        self.groups.append(chronicle.group_of(kind))

    def summary(self) -> Json:
        """What stands above the list and the timeline: how many of which group, and from when to when."""
        return {
            "incident": str(self.incident_id) if self.incident_id else "",
            "total": len(self.at_ms),
            "counts": dict(Counter(self.groups)),
            "struck": len(self.situation.struck),
            "from_ms": min(self.at_ms, default=None),
            "until_ms": max(self.at_ms, default=None),
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
        total, first = len(self.at_ms), self._newest_first()
        return {"total": total, "first": first, "rows": self._rows(range(first, total))}

    def _newest_first(self) -> int:
        return max(0, (len(self.at_ms) - 1) // PAGE - 1) * PAGE

    def since(self, before: int) -> Json:
        """What came after the first `before` entries: rows of the list, dots of the timeline, where the list begins."""
        total = len(self.at_ms)
        found: Json = {"first": self._newest_first(), "rows": self._rows(range(before, total))}
        if total > ALONE and before // PAGE != total // PAGE:
            # Where dots are gathered, new ones lie beside the heaps until the heaps are made again.
            return found | {"dots": self.dots(None, None, "all"), "again": True}
        return found | {"dots": [self._dot(self.lanes[place], [place]) for place in range(before, total)]}

    def dots(
        self, from_ms: float | None, until_ms: float | None, group: str, words: str = "", language: Language = "zh"
    ) -> list[Json]:
        """Dots of a group that hold some words, between two moments; in a crowded lane one stands for several."""
        low = min(self.at_ms, default=0.0) if from_ms is None else from_ms
        high = max(self.at_ms, default=0.0) if until_ms is None else until_ms
        lanes: dict[str, list[int]] = {}
        for place in self._places(group, words, language):
            if low <= self.at_ms[place] <= high:
                lanes.setdefault(self.lanes[place], []).append(place)
        found: list[Json] = []
        for lane, places in lanes.items():
            found += [self._dot(lane, part) for part in _gathered(places, self.at_ms, low, high)]
        return found

    def _dot(self, lane: str, part: list[int]) -> Json:
        return {
            "lane": lane,
            "at_ms": self.at_ms[part[0]],
            "until_ms": self.at_ms[part[-1]],
            "count": len(part),
            "seq": part[0] + 1,
            "kind": self.kinds[part[0]],
            "tone": None,
        }

    def neighbour(self, direction: int, here_ms: float) -> float | None:
        """Moment at which the entry before or after was recorded; entries of the same moment count as one."""
        if direction < 0:
            place = bisect_left(self.recorded_ms, here_ms - SAME_MOMENT_MS)
            return self.recorded_ms[place - 1] if place else None
        place = bisect_right(self.recorded_ms, here_ms + SAME_MOMENT_MS)
        return self.recorded_ms[place] if place < len(self.recorded_ms) else None

    def _places(self, group: str, words: str, language: Language) -> range | list[int]:
        wanted = words.casefold().split()
        if group == "all" and not wanted:
            return range(len(self.groups))
        places = [place for place, own in enumerate(self.groups) if group in ("all", own)]
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


def _gathered(places: list[int], at_ms: list[float], low: float, high: float) -> list[list[int]]:
    """Groups of entries drawn as one dot: each by itself, or those of one of `ROOM` places together."""
    if len(places) <= ALONE:
        return [[place] for place in places]
    width = max(high - low, 1.0) / ROOM
    gathered: dict[int, list[int]] = {}
    for place in places:
        gathered.setdefault(int((at_ms[place] - low) / width), []).append(place)
    return list(gathered.values())


def _said(entry: Entry, language: Language) -> str:
    """Everything a person reads of an entry, in small letters."""
    row = chronicle.row_of(entry, frozenset())
    values = " ".join(str(value) for value in row["values"].values())
    kind = say(f"event.{entry.kind}", language)
    return f"#{entry.seq} {kind} {entry.actor} {row['text']} {values}".casefold()


def _ms(when: datetime) -> float:
    return when.timestamp() * 1000.0
