"""How are the gateways? Who speaks, who is silent, whose clock is wrong, and what was put aside?"""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from gis.database import Caller


@dataclass(frozen=True, slots=True)
class GatewayHealth:
    """
    One gateway.

    Attributes
    ----------
    points, answering
        Measuring points, and those that spoke within twice their interval.
    clock_ahead_s
        Its clock minus ours; None when it never said its time.
    aside
        Rows put aside in the last 24 h.
    """

    id: str
    name: str
    status: str
    points: int
    answering: int
    last_seen_at: datetime | None
    interval_s: int
    clock_ahead_s: float | None
    aside: int


def overview(connection: Connection, caller: Caller, now: datetime) -> list[GatewayHealth]:
    """Gateways of the caller's world and divisions, those in trouble first."""
    rows = connection.execute(
        _OVERVIEW,
        {
            "mode": caller.mode,
            "division_from": caller.division_from,
            "division_to": caller.division_to,
            "since": now - timedelta(days=1),
        },
    )
    return [GatewayHealth(**{one.name: getattr(row, one.name) for one in fields(GatewayHealth)}) for row in rows]


_OVERVIEW = text("""
    SELECT device.id, device.name, device.status, device.last_seen_at, device.interval_s, device.clock_ahead_s,
           count(point.id) FILTER (WHERE point.kind = 'tag') AS points,
           count(latest.point_id) FILTER (WHERE point.kind = 'tag' AND latest.status = 'live') AS answering,
           (SELECT count(*) FROM sensing.quarantine WHERE device_id = device.id AND received_at > :since) AS aside
    FROM sensing.device
    LEFT JOIN sensing.point ON point.device_id = device.id
    LEFT JOIN sensing.latest ON latest.point_id = point.id
    WHERE device.mode = :mode AND NOT device.disabled
      AND device.division_code >= :division_from AND device.division_code < :division_to
    GROUP BY device.id ORDER BY (device.status = 'offline') DESC, device.id
""")
