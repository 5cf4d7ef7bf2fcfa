"""What did a point say over time, and which days are kept?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection, text

from layers.sensors.thresholds import Rule, Sample

AHEAD_DAYS = 3
"""Days that have their partition before they begin."""


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


@dataclass(frozen=True, slots=True)
class Stretch:
    """
    Observations of a point between two moments that settle its level whatever came before.

    Attributes
    ----------
    after
        The samples are later than this; None = from the first one that is kept.
    is_newest
        Whether nothing later is known.
    """

    samples: tuple[Sample, ...]
    after: datetime | None
    is_newest: bool


def stretch(connection: Connection, point_id: int, rule: Rule, first: datetime, last: datetime) -> Stretch:
    """
    Read what a point said around `first` to `last`: no other observation can change the alarms of that time.

    A moment settles the level when the last of its values is plainly normal. Several values may bear one time, so an
    alarm may end and another begin at one moment: cutting there would tear it from its beginning.
    """
    sign, mark, strict = rule.quiet
    asked = {"point": point_id, "first": first, "last": last, "sign": sign, "mark": mark, "strict": strict}
    after = connection.execute(_SETTLED_BEFORE, asked).scalar()
    until = connection.execute(_SETTLED_AFTER, asked).scalar()
    rows = connection.execute(_STRETCH, asked | {"after": after, "until": until})
    samples = tuple(Sample(row.observed_at, row.message_key, row.value) for row in rows)
    return Stretch(samples, after, until is None)


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
# Values of one moment count in the order of their keys, as in the fold; the last of them decides.
_SETTLED_BEFORE = text("""
    SELECT observed_at FROM (
        SELECT DISTINCT ON (observed_at) observed_at, :sign * value AS value FROM sensing.observation
        WHERE point_id = :point AND observed_at < :first ORDER BY observed_at DESC, message_key DESC
    ) AS moment WHERE CASE WHEN :strict THEN value < :mark ELSE value <= :mark END
    ORDER BY observed_at DESC LIMIT 1
""")
_SETTLED_AFTER = text("""
    SELECT observed_at FROM (
        SELECT DISTINCT ON (observed_at) observed_at, :sign * value AS value FROM sensing.observation
        WHERE point_id = :point AND observed_at > :last ORDER BY observed_at, message_key DESC
    ) AS moment WHERE CASE WHEN :strict THEN value < :mark ELSE value <= :mark END
    ORDER BY observed_at LIMIT 1
""")
_STRETCH = text("""
    SELECT observed_at, message_key, value FROM sensing.observation
    WHERE point_id = :point AND observed_at > coalesce(CAST(:after AS timestamptz), '-infinity')
      AND observed_at <= coalesce(CAST(:until AS timestamptz), 'infinity')
    ORDER BY observed_at, message_key
""")
_TRACKS = text(
    "SELECT point_id, max(observed_at) AS at, (array_agg(value ORDER BY abs(value) DESC))[1] AS value"
    " FROM sensing.observation"
    " WHERE point_id = ANY (CAST(:points AS integer[])) AND observed_at > :begin AND observed_at <= :until"
    " GROUP BY point_id, floor(extract(epoch FROM observed_at) / :width) ORDER BY point_id, at"
)
