"""What leaves the house of a played exercise? A document whose hash is equal when it is played alike again."""

import hashlib
import math
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

import rfc8785

from scenarios.event import Json
from scenarios.events import Entry
from scenarios.exercise.deeds import CELL_ACTOR
from scenarios.exercise.passing import CELL, Now

if TYPE_CHECKING:
    from scenarios.desk import Desk

FORM = "onemap-exercise/1"
MARK = "演练 DRILL"
LARGEST_SHOWN = 2_000
"""Characters of an entry's content that are written out; of larger ones only the hash stands."""
_NAMES = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"  # records
    r"|\b[A-Z]-[0-9a-f]{12}\b"  # orders, decisions, closures, marks
    r"|\bGJ-[0-9a-f]{4,12}\b"  # alarms
    r"|\bR-\d{8}-\d{4}\b"  # runs
    r"|\b(?:YL|SJ|MN)-\d{4}-\d{4,}\b"  # codes of incidents
    r"|\b[0-9a-f]{64}\b"  # hashes
)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)")
_UNLIKE = frozenset({"seconds", "timings", "layers", "provenance", "inputs_sha256", "known_hash", "plan_hash"})
"""Fields that differ between two machines or two loads of the same city and say nothing of what was done."""


def document(desk: "Desk", now: Now) -> Json:
    """
    The exercise as a JSON document: ``content`` (what was played, by exercise time), its hash, and ``played``.

    Hashed is what players and injects did, in order and by exercise time, and how it was scored. Left out are clock
    times, random names (numbered in the order in which they appear), computing times and versions of layers; they and
    the heads of the records stand beside it, not under the hash.
    """
    exercise = now.exercise
    content = _content(desk, now)
    heads = [exercise.exercise_id, *(one.incident_id for one in exercise.incidents)]
    known = [desk.situation(one, caller=CELL) for one in heads]
    return {
        "form": FORM,
        "mark": MARK,
        "mode": "drill",
        "content": content,
        "content_sha256": content_hash(content),
        "played": {
            "exercise_id": str(exercise.exercise_id),
            "started_at": exercise.started_at.isoformat(),
            "started_by": exercise.started_by,
            "ended_at": exercise.ended_at.isoformat() if exercise.ended_at else None,
            "records": [{"id": str(one.incident_id), "seq": one.seq, "hash": one.head_hash} for one in known],
        },
    }


def content_hash(content: Json) -> str:
    """SHA-256 over the RFC 8785 form."""
    return hashlib.sha256(rfc8785.dumps(content)).hexdigest()


def _content(desk: "Desk", now: Now) -> Json:
    exercise, scores = now.exercise, now.scores
    alike = Alike()
    return {
        "drill": exercise.drill.name,
        "drill_sha256": exercise.drill_sha256,
        "length_s": exercise.drill.timing.length_s,
        "injects": [
            {"id": one.inject_id, "status": one.status, "how": one.how, "fired_s": one.fired_s, "fault": one.fault,
             "improvised": one.is_improvised, "changed": one.is_changed}
            for one in exercise.injects
        ],
        "timeline": [_line(entry, at_s, alike) for at_s, entry in _timeline(desk, now)],
        "deeds": [{"kind": one.kind, "at_s": one.at_s, "by": one.actor} for one in now.deeds],
        "scores": {
            "rows": [
                {"id": one.expectation.id, "result": one.result, "computed": one.computed, "called_s": one.called_s,
                 "due_s": one.due_s, "done_s": one.done_s, "points": one.points, "possible": one.possible}
                for one in scores.rows
            ],
            "capabilities": [
                {"capability": one.capability_id, "task": one.task_id, "suggested": one.suggested}
                for one in scores.capabilities
            ],
            "sheet": [{"item": one.item.id, "suggested": one.suggested} for one in scores.sheet],
            "points": scores.points, "possible": scores.possible, "missed": list(scores.missed),
        },
    }  # fmt: skip


def _timeline(desk: "Desk", now: Now) -> list[tuple[float, Entry]]:
    """Entries of the exercise and its incidents from start to end, in the order in which they were recorded."""
    exercise = now.exercise
    records = [exercise.exercise_id, *(one.incident_id for one in exercise.incidents)]
    entries = [entry for one in records for entry in desk.situation(one, caller=CELL).entries]
    last = exercise.ended_at
    inside = [
        one for one in entries if one.recorded_at >= exercise.started_at and (last is None or one.recorded_at <= last)
    ]
    inside.sort(key=lambda one: (one.recorded_at, records.index(one.incident_id), one.seq))
    return [(exercise.clock.elapsed_s(one.recorded_at), one) for one in inside]


def _line(entry: Entry, at_s: float, alike: "Alike") -> Json:
    said = alike.plain({} if entry.kind == "exercise_started" else entry.payload)
    text = rfc8785.dumps(said)
    line: Json = {
        "at_s": at_s, "kind": entry.kind, "by": "exercise" if entry.actor == CELL_ACTOR else entry.actor,
        "sha256": hashlib.sha256(text).hexdigest(),
    }  # fmt: skip
    return line | ({"said": said} if len(text) <= LARGEST_SHOWN else {})


class Alike:
    """Writes values so that two plays of one drill write the same: names are numbered as they come, times left out."""

    def __init__(self) -> None:
        self._numbers: dict[str, str] = {}

    def plain(self, value: Any) -> Any:
        """Plain form of a value of an entry."""
        if isinstance(value, dict):
            return {
                self._text(str(name)): self.plain(value[name]) for name in sorted(value) if str(name) not in _UNLIKE
            }
        if isinstance(value, list | tuple):
            return [self.plain(one) for one in value]
        if isinstance(value, datetime):
            return "<time>"
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, float):
            return _rounded(value)
        return value

    def _text(self, value: str) -> str:
        return _NAMES.sub(lambda found: self._named(found[0]), _MOMENT.sub("<time>", value))

    def _named(self, name: str) -> str:
        return self._numbers.setdefault(name, f"<{len(self._numbers) + 1}>")


def _rounded(value: float) -> float:
    """Six significant digits: what a machine's last bits decide is nothing anybody did."""
    if value == 0 or not math.isfinite(value):
        return 0.0
    return round(value, 5 - math.floor(math.log10(abs(value))))
