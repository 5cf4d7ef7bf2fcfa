"""What would the sample city's sensors say now? Fictional values for drills, alike for the same seed and time."""

import hashlib
import logging
import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from gis.crs import LonLat
from gis.database import Caller, Database
from gis.errors import OneMapError
from gis.provenance import Mode
from layers.sensors import devices, history
from layers.sensors.intake import take
from layers.sensors.messages import Batch, Reading
from layers.sensors.points import Points, connect_tags
from layers.sensors.thresholds import Rule

TICK_S = 5
"""Every tick those points speak whose turn it is; each keeps its own interval."""
SEED = 20260000
MODE: Mode = "drill"
_CYCLE = timedelta(minutes=40)
_LEAKING = timedelta(minutes=18)
"""The drill's leak comes back in every cycle, so that a desk left running always has something to show."""
_SPOT = timedelta(minutes=12)
_SPOT_LASTS = timedelta(seconds=150)
"""Now and then one other detector passes its threshold for a while."""
_LEAK_PPM = {"AT-1203": 18.4, "AT-1204": 6.2, "AT-1209": 9.1, "AT-1212": 2.2, "AT-1217": 3.1, "AT-1221": 0.7}
"""Peaks near the leak (fictional), the higher the nearer."""
_GATEWAYS = (("WG-DRILL-01", "演练化工一厂网关"), ("WG-DRILL-02", "演练园区网关"), ("WG-DRILL-03", "演练水文网关"))

_log = logging.getLogger("onemap.sensors")


@dataclass(frozen=True, slots=True)
class Source:
    """One point of the sample city: which gateway it hangs on, how often it speaks, around which value."""

    tag_id: str
    name: str
    gateway: str
    quantity: str
    interval_s: int
    usual: float
    rule: Rule


def adopt(connection: Connection) -> list[Source]:
    """Register the drill's gateways and their points, once, and give the points that speak."""
    rows = connection.execute(_TAGS, {"mode": MODE}).all()
    if not rows:
        return []
    known = {row.id for row in connection.execute(text("SELECT id FROM sensing.device"))}
    sources: list[Source] = []
    for number, (gateway, name) in enumerate(_GATEWAYS):
        ours = [row for row in rows if _group(row) == number]
        if not ours:
            continue
        if gateway not in known:
            place = LonLat(ours[0].longitude, ours[0].latitude)
            devices.register(
                connection,
                gateway,
                name,
                division_code=ours[0].division_code,
                mode=MODE,
                place=place,
                interval_s=max(60, min(row.interval_s for row in ours)),
            )
        connect_tags(connection, gateway, {row.name: row.id for row in ours})
        sources += [_source(row, gateway) for row in ours if row.has_spoken or row.status != "offline"]
    return sources


def value_of(source: Source, at: datetime, begun: datetime, seed: int = SEED) -> float:
    """
    Value of a point at a moment, in its own unit.

    Parameters
    ----------
    begun
        When the drill's leak began first.
    """
    wave = _wave(source, at, seed)
    value = source.usual * (1 + 0.35 * wave) if source.rule.alarm is None else _calm(source, wave)
    since = (at - begun) % _CYCLE
    if source.name in _LEAK_PPM and at >= begun and since < _LEAKING:
        # It builds up within a minute and dies away over the last three.
        rise = min(1.0, since / timedelta(seconds=60))
        fall = min(1.0, (_LEAKING - since) / timedelta(minutes=3))
        value += _LEAK_PPM[source.name] * min(rise, fall) * (0.86 + 0.14 * wave)
    elif source.rule.alarm is not None and source.quantity in ("combustible", "nh3", "h2s", "co"):
        slot = int(at.timestamp() // _SPOT.total_seconds())
        within = at.timestamp() % _SPOT.total_seconds()
        if _chance(seed, f"spot:{slot}") * 200 // 1 == _chance(seed, source.tag_id) * 200 // 1 and (
            within < _SPOT_LASTS.total_seconds()
        ):
            value += source.rule.alarm * (0.6 + 0.9 * math.sin(math.pi * within / _SPOT_LASTS.total_seconds()))
    return round(max(value, 0.0), 2)


def messages(sources: Sequence[Source], at: datetime, begun: datetime, seed: int = SEED) -> list[Batch]:
    """Batches of one tick: the points whose turn it is, by gateway."""
    tick = int(at.timestamp()) // TICK_S
    found: dict[str, list[Reading]] = {}
    for source in sources:
        turns = max(1, source.interval_s // TICK_S)
        if tick % turns != int(_chance(seed, f"turn:{source.tag_id}") * turns):
            continue
        value = value_of(source, at, begun, seed)
        rows = found.setdefault(source.gateway, [])
        key = int.from_bytes(hashlib.blake2b(f"{source.tag_id}:{value!r}".encode(), digest_size=7).digest())
        rows.append(Reading(len(rows), "tag", source.name, at, key, value, {}))
    return [Batch(gateway, at, tuple(rows), sent_at=at) for gateway, rows in sorted(found.items())]


class Simulator:
    """Lets the sample city's sensors speak, from `start` to `stop`, in one thread of its own."""

    def __init__(self, database: Database, *, seed: int = SEED) -> None:
        self._database = database
        self._seed = seed
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to speak."""
        self._thread = threading.Thread(target=self._run, name="onemap-simulate", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Fall silent and wait for the thread."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout=15)
            self._thread = None

    def __enter__(self) -> "Simulator":
        """Start; see `start`."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop; see `stop`."""
        self.stop()

    def _run(self) -> None:
        points = Points()
        sources: list[Source] = []
        begun = datetime.now(UTC)
        while not self._stopping.is_set():
            try:
                with self._database.transaction(Caller.system()) as connection:
                    if not sources:
                        history.prepare(connection, begun.date())
                        sources = adopt(connection)
                        begun = connection.execute(_BEGUN, {"mode": MODE}).scalar_one() or begun
                    at = datetime.now(UTC).replace(microsecond=0)
                    take(connection, points, messages(sources, at, begun, self._seed))
            except (DBAPIError, OneMapError) as error:
                _log.warning("the simulated sensors could not speak: %s", type(error).__name__)
            self._stopping.wait(TICK_S - datetime.now(UTC).timestamp() % TICK_S)


def _group(row: Any) -> int:
    if row.quantity in ("rain", "water_level"):
        return 2
    return 0 if row.enterprise_id == "QY-00001" else 1


def _source(row: Any, gateway: str) -> Source:
    usual = row.last_value or 0.0
    if row.quantity not in ("pressure", "level", "temperature", "rain", "water_level"):
        usual = (row.threshold or 1.0) * 0.06
    rule = Rule.of(row.threshold, row.threshold_high, None)
    return Source(row.id, row.name, gateway, row.quantity, row.interval_s, usual, rule)


def _calm(source: Source, wave: float) -> float:
    """A value well below its threshold, whatever the register said last."""
    alarm = source.rule.alarm
    assert alarm is not None
    narrow = {"pressure": 0.015, "level": 0.01, "temperature": 0.03, "water_level": 0.02}.get(source.quantity, 0.5)
    return min(source.usual, 0.72 * alarm) * (1 + narrow * wave)


def _wave(source: Source, at: datetime, seed: int) -> float:
    """A smooth wandering between -1 and 1 with its own phase for every point."""
    phase = _chance(seed, f"phase:{source.tag_id}") * 2 * math.pi
    seconds = at.timestamp()
    jitter = _chance(seed, f"{source.tag_id}:{int(seconds)}") * 2 - 1
    return 0.5 * math.sin(seconds / 190 + phase) + 0.3 * math.sin(seconds / 53 + 2 * phase) + 0.2 * jitter


def _chance(seed: int, what: str) -> float:
    digest = hashlib.blake2b(f"{seed}:{what}".encode(), digest_size=6).digest()
    return int.from_bytes(digest) / 2**48


_TAGS = text("""
    SELECT tag.id, tag.name, tag.quantity, tag.threshold, tag.threshold_high, tag.interval_s, tag.last_value,
           tag.status, tag.enterprise_id, tag.division_code, ST_X(tag.geometry) AS longitude,
           ST_Y(tag.geometry) AS latitude,
           EXISTS (SELECT 1 FROM sensing.point JOIN sensing.latest ON latest.point_id = point.id
                   WHERE point.tag_id = tag.id) AS has_spoken
    FROM layers.tag
    WHERE tag.mode = :mode AND tag.superseded_at IS NULL AND tag.valid_to IS NULL ORDER BY tag.id
""")
_BEGUN = text(
    "SELECT min(occurred_at) FROM layers.alarm WHERE mode = :mode AND kind = 'gas' AND superseded_at IS NULL"
    " AND state IN ('open', 'acknowledged')"
)
