"""Is the audit whole? Every hash is computed a second time here, sharing nothing with the function that wrote it."""

import hashlib
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NOTHING = bytes(32)
Row = Mapping[str, Any]
Published = Mapping[tuple[str, int], str]
"""(day as ``YYYY-MM-DD``, number) -> hex hash, as heads that were given out earlier say."""


@dataclass(slots=True)
class Verification:
    """What was looked at and what is wrong with it; `forgotten_days` are those whose lines went after their time."""

    days: int = 0
    lines: int = 0
    forgotten_days: int = 0
    faults: list[str] = field(default_factory=list)


def check(
    heads: Iterable[Row], lines: Iterable[Row], published: Published | None = None, before: bytes | None = None
) -> Verification:
    """
    Recompute the chains.

    Parameters
    ----------
    heads
        Rows of access.audit_day by day, hashes as bytes.
    lines
        Rows of access.audit_entry by day and number.
    published
        Heads that must be met.
    before
        Last hash of the day before the first head; None where that is the first day of all.
    """
    found = Verification()
    by_day: dict[date, list[Row]] = {}
    for line in lines:
        by_day.setdefault(line["day"], []).append(line)
    seen: dict[tuple[str, int], str] = {}
    before = _NOTHING if before is None else before
    for head in heads:
        found.days += 1
        name, genesis = head["day"].isoformat(), _day_hash(head)
        if bytes(head["genesis_hash"]) != genesis:
            found.faults.append(f"{name}: the day does not begin with its own hash")
        if bytes(head["before_hash"]) != before:
            found.faults.append(f"{name}: it does not follow from the day before; a day is missing or was exchanged")
        seen[name, head["last_seq"]] = bytes(head["last_hash"]).hex()
        own = by_day.pop(head["day"], [])
        if head["forgotten_at"] is not None and not own:
            found.forgotten_days += 1
        else:
            _check_day(found, head, own, genesis, seen)
        before = bytes(head["last_hash"])
    found.faults += [f"{day.isoformat()}: lines of a day that has no head" for day in by_day]
    for (name, seq), wanted in (published or {}).items():
        have = seen.get((name, seq))
        if have is None:
            found.faults.append(f"{name}: line {seq} was published and is not there: the end was cut off")
        elif have != wanted:
            found.faults.append(f"{name}: line {seq} is not the one that was published")
    return found


def check_database(connection: Connection, published: Published | None = None) -> Verification:
    """Recompute the chains of the database the connection is of."""
    return check(*_read(connection, date.min), published)


def check_lately(connection: Connection, since: date) -> Verification:
    """Recompute the chains of the days from `since` on, and whether the first of them follows from the day before."""
    last = connection.execute(
        text("SELECT last_hash FROM access.audit_day WHERE day < :since ORDER BY day DESC LIMIT 1"), {"since": since}
    ).scalar_one_or_none()
    return check(*_read(connection, since), before=None if last is None else bytes(last))


def _read(connection: Connection, since: date) -> tuple[list[Row], Iterable[Row]]:
    """
    Heads from `since` on and their lines, both as they stood when the heads were read.

    Lines written in between are left out, or every look at a busy house would be an alarm; a line no head knows is not.
    """
    heads: list[Row] = [dict(head) for head in connection.execute(_HEADS_SINCE, {"since": since}).mappings()]
    known = {"days": [head["day"] for head in heads], "lasts": [head["last_seq"] for head in heads]}
    lines = connection.execute(_LINES_SINCE, {"since": since, **known}).mappings()
    return heads, (dict(line) for line in lines)


_HEADS_SINCE = text("SELECT * FROM access.audit_day WHERE day >= :since ORDER BY day")
_LINES_SINCE = text(
    "SELECT line.* FROM access.audit_entry AS line LEFT JOIN access.audit_day AS now ON now.day = line.day"
    " LEFT JOIN unnest(CAST(:days AS date[]), CAST(:lasts AS bigint[])) AS seen(day, last) ON seen.day = line.day"
    " WHERE line.day >= :since AND (now.day IS NULL OR line.seq > now.last_seq OR line.seq <= coalesce(seen.last, 0))"
    " ORDER BY line.day, line.seq"
)


def check_copy(lines: Iterable[Row]) -> Verification:
    """
    Recompute the chains of a copy that has no heads: links, hashes, numbers; a line that came twice must be the same.

    The copy may begin in the middle of a day; from there on nothing may be missing.
    """
    found = Verification()
    seen: dict[tuple[date, int], bytes] = {}
    before: Row | None = None
    for line in lines:
        place, own = (line["day"], line["seq"]), bytes(line["hash"])
        name = f"copy, {line['day'].isoformat()} line {line['seq']}"
        if place in seen:
            if seen[place] != own:
                found.faults.append(f"{name}: it came twice, and not the same")
            continue
        seen[place] = own
        found.lines += 1
        if own not in (_line_hash(1, line), _line_hash(2, line)):
            found.faults.append(f"{name}: its content is not what was hashed")
        if before is not None and before["day"] == line["day"]:
            if line["seq"] != before["seq"] + 1:
                found.faults.append(f"{name}: line {before['seq'] + 1} was expected; one is missing")
            elif bytes(line["prev_hash"]) != bytes(before["hash"]):
                found.faults.append(f"{name}: it does not follow from the line before it")
        elif before is not None and line["seq"] != 1:
            found.faults.append(f"{name}: the day does not begin with its first line")
        before = line
    found.days = len({day for day, _ in seen})
    return found


def _check_day(
    found: Verification, head: Row, lines: list[Row], genesis: bytes, seen: dict[tuple[str, int], str]
) -> None:
    name = head["day"].isoformat()
    link, at = genesis, head["opened_at"]
    for number, line in enumerate(lines, start=1):
        found.lines += 1
        place = f"{name} line {line['seq']}"
        if line["seq"] != number:
            found.faults.append(f"{place}: line {number} was expected; one is missing or doubled")
            return
        if bytes(line["prev_hash"]) != link:
            found.faults.append(f"{place}: it does not follow from the line before it")
        if line["at"] <= at:
            found.faults.append(f"{place}: its time lies before that of the line before it")
        link, at = _line_hash(head["hash_ver"], line), line["at"]
        if bytes(line["hash"]) != link:
            found.faults.append(f"{place}: its content is not what was hashed")
            link = bytes(line["hash"])
        seen[name, number] = link.hex()
    if len(lines) != head["last_seq"] or link != bytes(head["last_hash"]):
        found.faults.append(f"{name}: the head names line {head['last_seq']}, the day has {len(lines)}")


def _digest(version: int, content: bytes) -> bytes:
    return hashlib.new("sm3" if version == 2 else "sha256", content).digest()


def _text(value: str) -> bytes:
    raw = value.encode()
    return struct.pack(">i", len(raw)) + raw


def _time(value: datetime) -> bytes:
    return b"\x01" + struct.pack(">q", (value - _EPOCH) // timedelta(microseconds=1))


def _day_hash(head: Row) -> bytes:
    content = (
        _text("onemap.audit-day.1"),
        struct.pack(">h", head["hash_ver"]),
        _text(head["day"].isoformat()),
        _time(head["opened_at"]),
        bytes(head["before_hash"]),
    )
    return _digest(head["hash_ver"], b"".join(content))


def _line_hash(version: int, line: Row) -> bytes:
    names = ("actor", "role", "event", "outcome", "object", "address", "request_id")
    content = (
        _text("onemap.audit.1"),
        struct.pack(">h", version),
        _text(line["day"].isoformat()),
        struct.pack(">q", line["seq"]),
        _time(line["at"]),
        *(_text(line[name]) for name in names),
        _digest(version, line["detail"].encode()),
        bytes(line["prev_hash"]),
    )
    return _digest(version, b"".join(content))
