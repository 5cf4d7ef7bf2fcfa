"""How many lines of which outcome fell when, and who was refused most? What the chart of the audit is drawn from."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, text

from command_ui.access import audit
from gis.clock import DUTY_ZONE

Unit = Literal["hour", "day"]
USUAL = timedelta(days=7)
BY_HOUR = timedelta(days=3)
"""Up to this span the chart counts by hour, beyond it by day of duty."""
MOST_SLOTS = 400
MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Slot:
    """Lines of an hour or a day by outcome; refusals that were merged count as often as they happened."""

    at: datetime
    ok: int
    refused: int
    failed: int


@dataclass(frozen=True, slots=True)
class Counted:
    """What a chart needs: slots without gaps, and who, where from and what was refused most."""

    unit: Unit
    slots: tuple[Slot, ...]
    accounts: tuple[tuple[str, int], ...]
    addresses: tuple[tuple[str, int], ...]
    objects: tuple[tuple[str, int], ...]


def counted(connection: Connection, wanted: audit.Wanted, now: datetime) -> Counted:
    """
    Count the lines that fit, without a beginning those of the last week; `now` aware.

    A span of more than `MOST_SLOTS` days is counted from its end.
    """
    until = wanted.until or now
    since = max(wanted.since or until - USUAL, until - timedelta(days=MOST_SLOTS))
    unit: Unit = "hour" if until - since <= BY_HOUR else "day"
    values = wanted.values() | {"since": since, "until": until, "unit": unit, "most": MOST_NAMED}
    found = {row.slot: row for row in connection.execute(_SLOTS, values)}
    step = timedelta(hours=1) if unit == "hour" else timedelta(days=1)
    local = since.astimezone(DUTY_ZONE).replace(minute=0, second=0, microsecond=0)
    at = local if unit == "hour" else local.replace(hour=0)
    slots = []
    while at < until:
        row = found.get(at.replace(tzinfo=None))
        slots.append(Slot(at, row.ok, row.refused, row.failed) if row is not None else Slot(at, 0, 0, 0))
        at += step
    named = [
        tuple((row.name, row.times) for row in connection.execute(_MOST[column], values))
        for column in ("actor", "address", "object")
    ]
    return Counted(unit, tuple(slots), *named)


_TIMES = "coalesce((detail::jsonb ->> 'times')::bigint, 1)"
_SLOTS = text(
    "SELECT date_trunc(:unit, at AT TIME ZONE 'Asia/Shanghai') AS slot,"  # noqa: S608 - constants of our own
    f" coalesce(sum({_TIMES}) FILTER (WHERE outcome = 'ok'), 0)::bigint AS ok,"
    f" coalesce(sum({_TIMES}) FILTER (WHERE outcome = 'refused'), 0)::bigint AS refused,"
    f" coalesce(sum({_TIMES}) FILTER (WHERE outcome = 'failed'), 0)::bigint AS failed"
    f" FROM access.audit_entry WHERE {audit.FILTER} GROUP BY 1"
)
_MOST = {
    column: text(
        f"SELECT {column} AS name, sum({_TIMES})::bigint AS times FROM access.audit_entry"  # noqa: S608 - as above
        f" WHERE {audit.FILTER} AND outcome = 'refused' AND {column} <> '' GROUP BY 1"
        " ORDER BY 2 DESC, 1 LIMIT :most"
    )
    for column in ("actor", "address", "object")
}
