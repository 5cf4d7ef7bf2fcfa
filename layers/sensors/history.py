"""What did a point say over time, and which days are kept?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection, text

from layers.sensors.thresholds import Rule, Sample

AHEAD_DAYS = 3
"""Days that have their partition before they begin."""
LONGEST_FOLD = timedelta(days=7)
"""How far back a late reading makes the alarms of its point be read again."""


def cover(connection: Connection, days: Iterable[date]) -> None:
    """Make sure that each of these days (UTC) has its partition."""
    names = {f"observation_{day:%Y%m%d}": day for day in days}
    there = {row.name for row in connection.execute(_THERE, {"names": list(names)})}
    for name in sorted(set(names) - there):
        connection.execute(_MAKE, {"first": names[name], "last": names[name]})


def prepare(connection: Connection, today: date) -> int:
    """Make the partitions of today and the coming days; return how many were missing."""
    last = today + timedelta(days=AHEAD_DAYS)
    return int(connection.execute(_MAKE, {"first": today, "last": last}).scalar_one())


def tidy(connection: Connection, today: date, kept_days: int) -> int:
    """Drop the days older than `kept_days`; return how many went. The database itself keeps a week in any case."""
    return int(connection.execute(_DROP, {"before": today - timedelta(days=kept_days)}).scalar_one())


def since_quiet(connection: Connection, point_id: int, rule: Rule, at: datetime) -> list[Sample]:
    """Observations of a point since the last value before `at` that was plainly normal."""
    first = rule.alarm if rule.alarm is not None else rule.high
    assert first is not None
    quiet = first - rule.hysteresis if rule.rising else first + rule.hysteresis
    rows = connection.execute(
        _SINCE_QUIET,
        {"point": point_id, "at": at, "back": at - LONGEST_FOLD, "quiet": quiet, "rising": rule.rising},
    )
    return [Sample(row.observed_at, row.message_key, row.value) for row in rows]


@dataclass(frozen=True, slots=True)
class Track:
    """Values of one point, oldest first, thinned to at most a given number by keeping each slot's worst."""

    point_id: int
    at: tuple[datetime, ...]
    value: tuple[float, ...]


def tracks(
    connection: Connection, point_ids: Sequence[int], until: datetime, minutes: int = 30, slots: int = 60
) -> dict[int, Track]:
    """Values of the last `minutes` before `until`, at most `slots` for each point."""
    begin = until - timedelta(minutes=minutes)
    rows = connection.execute(
        _TRACKS,
        {"points": list(point_ids), "begin": begin, "until": until, "width": minutes * 60 / slots},
    )
    found: dict[int, list[tuple[datetime, float]]] = {}
    for row in rows:
        found.setdefault(row.point_id, []).append((row.at.astimezone(UTC), row.value))
    return {
        number: Track(number, tuple(at for at, _ in line), tuple(value for _, value in line))
        for number, line in found.items()
    }


_THERE = text(
    "SELECT name FROM unnest(CAST(:names AS text[])) AS name WHERE to_regclass('sensing.' || name) IS NOT NULL"
)
_MAKE = text("SELECT sensing.make_partitions(:first, :last)")
_DROP = text("SELECT sensing.drop_partitions(:before)")
_SINCE_QUIET = text(
    "SELECT observed_at, message_key, value FROM sensing.observation WHERE point_id = :point AND observed_at >="
    " coalesce((SELECT max(observed_at) FROM sensing.observation WHERE point_id = :point AND observed_at < :at"
    "   AND observed_at >= :back AND CASE WHEN :rising THEN value <= :quiet ELSE value >= :quiet END), :back)"
    " AND observed_at >= :back ORDER BY observed_at, message_key"
)
_TRACKS = text(
    "SELECT point_id, max(observed_at) AS at, (array_agg(value ORDER BY abs(value) DESC))[1] AS value"
    " FROM sensing.observation"
    " WHERE point_id = ANY (CAST(:points AS integer[])) AND observed_at > :begin AND observed_at <= :until"
    " GROUP BY point_id, floor(extract(epoch FROM observed_at) / :width) ORDER BY point_id, at"
)
