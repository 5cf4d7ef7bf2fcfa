"""Which points may a gateway speak about, and which thresholds hold there?"""

import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from gis.provenance import Mode
from layers.sensors.messages import Kind
from layers.sensors.thresholds import Rule

KEPT_FOR_S = 10.0
"""How long a process believes the thresholds it read."""
SOURCES_AT_MOST = 1_000
"""Event and video sources one gateway may bring with it."""
_ON_OR_OFF = Rule(alarm=0.5)


@dataclass(frozen=True, slots=True)
class Point:
    """A point with what its alarms say: place, unit, thresholds, interval in s, position in degrees."""

    id: int
    code: str
    kind: Kind
    device_id: str
    tag_id: str | None
    mode: Mode
    division_code: str
    name: str
    place: str
    quantity: str
    unit: str
    interval_s: int
    rule: Rule
    longitude: float
    latitude: float

    @property
    def subject(self) -> str:
        """What its alarms are filed under."""
        return f"point:{self.id}"


class Points:
    """Points of all gateways, read at need and believed for a few seconds; safe between threads."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Point] = {}
        self._read_at: dict[str, float] = {}
        self._lock = threading.Lock()

    def of_devices(self, connection: Connection, device_ids: Iterable[str]) -> Mapping[tuple[str, str], Point]:
        """Points of these gateways by (gateway, code)."""
        now = time.monotonic()
        stale = [one for one in set(device_ids) if now - self._read_at.get(one, -KEPT_FOR_S) >= KEPT_FOR_S]
        if stale:
            rows = connection.execute(_POINTS, {"devices": stale}).all()
            with self._lock:
                self._known = {key: one for key, one in self._known.items() if key[0] not in stale} | {
                    (row.device_id, row.code): _point(row) for row in rows
                }
                self._read_at |= dict.fromkeys(stale, now)
        return self._known

    def known(self, device_id: str, code: str) -> Point | None:
        """Give the point as last read, without asking the database."""
        return self._known.get((device_id, code))

    def forget(self) -> None:
        """Read everything anew at the next need."""
        with self._lock:
            self._read_at.clear()

    def add_sources(self, connection: Connection, wanted: Iterable[tuple[str, str, Kind]]) -> None:
        """Make event and video sources known that speak for the first time: (gateway, code, kind)."""
        rows = sorted(set(wanted))
        connection.execute(
            _ADD_SOURCES,
            {
                "devices": [device for device, _, _ in rows],
                "codes": [code for _, code, _ in rows],
                "kinds": [kind for _, _, kind in rows],
                "most": SOURCES_AT_MOST,
            },
        )
        self.forget()


def connect_tags(connection: Connection, device_id: str, tags: Mapping[str, str]) -> int:
    """Let a gateway speak for rows of the register: code in its messages -> id in ``layers.tag``; return how many."""
    done = connection.execute(
        text(
            "INSERT INTO sensing.point (device_id, code, tag_id) SELECT :device, code, tag"
            " FROM unnest(CAST(:codes AS text[]), CAST(:tags AS text[])) AS given (code, tag)"
            " ON CONFLICT (device_id, code) DO UPDATE SET tag_id = excluded.tag_id"
            " WHERE point.tag_id IS DISTINCT FROM excluded.tag_id"
        ),
        {"device": device_id, "codes": list(tags), "tags": list(tags.values())},
    )
    return int(done.rowcount)


_POINTS = text("SELECT * FROM sensing.known_point WHERE device_id = ANY (CAST(:devices AS text[]))")
_ADD_SOURCES = text("""
    INSERT INTO sensing.point (device_id, code, kind, name, tag_id)
    SELECT device, code, kind, split_part(code, ':', 2),
           (SELECT tag_id FROM sensing.point WHERE device_id = given.device AND code = split_part(given.code, ':', 2))
    FROM unnest(CAST(:devices AS text[]), CAST(:codes AS text[]), CAST(:kinds AS text[])) AS given (device, code, kind)
    WHERE (SELECT count(*) FROM sensing.point WHERE device_id = given.device AND kind <> 'tag') < :most
    ON CONFLICT (device_id, code) DO NOTHING
""")


def _point(row: Any) -> Point:
    rule = (
        Rule.of(row.threshold, row.threshold_high, row.hysteresis, rising=row.rising)
        if row.kind == "tag"
        else _ON_OR_OFF
    )
    names = [name for name in Point.__dataclass_fields__ if name != "rule"]
    return Point(rule=rule, **{name: getattr(row, name) for name in names})
