"""Who has gone silent? Twice the interval without a word is offline: grey on the map, and one alarm."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, text

from layers.sensors.alarm_rows import AlarmRow, new_id, of_subjects, write

PATIENCE = 2.0
"""Intervals of silence after which a device counts as offline."""
NAMED_AT_MOST = 5
"""Points of one gateway that fall silent in one moment and still have an alarm each."""


def look(connection: Connection, now: datetime, listening_since: datetime | None = None) -> list[AlarmRow]:
    """
    Mark who went silent and who came back, raise and end their alarms, and copy what is latest to the map's register.

    A silent gateway is one alarm, whatever number of points hang on it. Only one process at a time looks; in another
    the call does nothing.

    Parameters
    ----------
    listening_since
        Since when we could hear anything: while we were deaf nobody was silent.
    """
    times = {"now": now, "patience": PATIENCE, "since": listening_since or datetime(1970, 1, 1, tzinfo=UTC)}
    if not connection.execute(_ALONE).scalar_one():
        return []
    connection.execute(_DEVICES, times)
    gone = list(connection.execute(_POINTS_GONE, times))
    back = list(connection.execute(_POINTS_BACK, times))
    silent = connection.execute(_DEVICES_SILENT, times)
    rows = [_raised(row, f"silence:device:{row.id}", f"网关离线 {row.name}", row.points, now) for row in silent]
    rows += _of_points(connection, [row for row in gone if row.device_status != "offline"], now)
    written = write(connection, rows) if rows else []
    written += _end(connection, now, [row.id for row in back])
    connection.execute(_TO_REGISTER)
    return written


def _of_points(connection: Connection, gone: list[Any], now: datetime) -> list[AlarmRow]:
    """
    Alarms of points whose gateway still speaks: each by its name, but many of one gateway together.

    A broken field bus silences a hundred points in one moment; a hundred alarms would hide the one that matters.
    """
    rows: list[AlarmRow] = []
    for device in dict.fromkeys(row.device_id for row in gone):
        ours = [row for row in gone if row.device_id == device]
        if len(ours) <= NAMED_AT_MOST:
            rows += [_raised(row, f"silence:point:{row.id}", f"测点离线 {row.name}", 0, now) for row in ours]
            continue
        subject = f"silence:points:{device}"
        if not any(one.cleared_at is None for one in of_subjects(connection, ours[0].mode, [subject], [])):
            together = _raised(ours[0], subject, f"测点离线 {len(ours)} 个", len(ours), now)
            rows.append(replace(together, tag_id=None, place=f"{ours[0].device_name} · {ours[0].name} 等"))
    return rows


def _raised(row: Any, subject: str, title: str, points: int, now: datetime) -> AlarmRow:
    return AlarmRow(
        id=new_id(row.mode, subject, row.silent_since),
        subject=subject,
        kind="silence",
        title=title[:120],
        place=f"{points} 个测点 · {row.place}" if points else row.place,
        state="open",
        level=1,
        severity=1,
        occurred_at=min(row.silent_since, now),
        known_at=now,
        division_code=row.division_code,
        mode=row.mode,
        longitude=row.longitude,
        latitude=row.latitude,
        tag_id=getattr(row, "tag_id", None),
        seen_to=row.silent_since,
    )


def _end(connection: Connection, now: datetime, points_back: list[int]) -> list[AlarmRow]:
    """End the alarms of those that speak again."""
    devices = list(connection.execute(_DEVICES_BACK))
    devices_whole = list(connection.execute(_DEVICES_WHOLE)) if points_back else []
    ended: list[AlarmRow] = []
    for mode in ("live", "drill", "sim"):
        subjects = [f"silence:device:{row.id}" for row in devices if row.mode == mode]
        subjects += [f"silence:point:{number}" for number in points_back]
        subjects += [f"silence:points:{row.id}" for row in devices_whole if row.mode == mode]
        for row in of_subjects(connection, mode, subjects, []) if subjects else []:
            if row.cleared_at is None:
                state = "closed" if row.acknowledged_at is not None else "cleared"
                ended.append(replace(row, cleared_at=max(now, row.occurred_at), state=state, level=0))
    return write(connection, ended)


_ALONE = text("SELECT pg_try_advisory_xact_lock(hashtext('sensing silence'))")
_DEVICES = text(
    "UPDATE sensing.device SET status ="
    " CASE WHEN greatest(last_seen_at, :since) + :patience * interval_s * interval '1 second' < :now"
    " THEN 'offline' ELSE 'live' END"
    " WHERE last_seen_at IS NOT NULL AND NOT disabled AND status IS DISTINCT FROM"
    " CASE WHEN greatest(last_seen_at, :since) + :patience * interval_s * interval '1 second' < :now"
    " THEN 'offline' ELSE 'live' END"
)
# Those without a standing alarm: raised once, and again only after they spoke and fell silent anew.
_DEVICES_SILENT = text("""
    SELECT device.id, device.name, device.mode, device.division_code, device.longitude, device.latitude,
           device.name AS place,
           greatest(device.last_seen_at, :since) + :patience * device.interval_s * interval '1 second' AS silent_since,
           (SELECT count(*) FROM sensing.point WHERE device_id = device.id AND kind = 'tag') AS points
    FROM sensing.device
    WHERE device.status = 'offline' AND NOT device.disabled AND NOT EXISTS (
        SELECT 1 FROM layers.alarm WHERE alarm.subject = 'silence:device:' || device.id AND alarm.mode = device.mode
        AND alarm.superseded_at IS NULL AND alarm.cleared_at IS NULL)
""")
_DEVICES_BACK = text("""
    SELECT device.id, device.mode FROM sensing.device JOIN layers.alarm
        ON alarm.subject = 'silence:device:' || device.id AND alarm.mode = device.mode
    WHERE device.status = 'live' AND alarm.superseded_at IS NULL AND alarm.cleared_at IS NULL
""")
_DEVICES_WHOLE = text("""
    SELECT device.id, device.mode FROM sensing.device WHERE NOT EXISTS (
        SELECT 1 FROM sensing.latest JOIN sensing.point ON point.id = latest.point_id
        WHERE point.device_id = device.id AND latest.status = 'offline')
""")
# The points of a gateway that was shut out on purpose are grey and alarm nobody.
_POINTS_GONE = text("""
    UPDATE sensing.latest SET status = 'offline' FROM sensing.known_point AS point
    JOIN sensing.device ON device.id = point.device_id
    WHERE point.id = latest.point_id AND point.kind = 'tag' AND latest.status = 'live'
      AND greatest(latest.heard_at, :since) + :patience * point.interval_s * interval '1 second' < :now
    RETURNING point.id, point.tag_id, point.mode, point.device_id, device.name AS device_name,
              CASE WHEN device.disabled THEN 'offline' ELSE point.device_status END AS device_status,
              point.division_code, point.name, point.place, point.longitude, point.latitude,
              greatest(latest.heard_at, :since) + :patience * point.interval_s * interval '1 second' AS silent_since
""")
_POINTS_BACK = text("""
    UPDATE sensing.latest SET status = 'live' FROM sensing.known_point AS point
    WHERE point.id = latest.point_id AND latest.status = 'offline'
      AND greatest(latest.heard_at, :since) + :patience * point.interval_s * interval '1 second' >= :now
    RETURNING point.id
""")
# The register is what the map, the dossier and the state of the feed read. Two gateways may speak for one row of it (an
# exercise's own beside the usual one): the newest word stands.
_TO_REGISTER = text("""
    UPDATE layers.tag SET last_value = newest.value, last_at = newest.observed_at, status = newest.status
    FROM (
        SELECT DISTINCT ON (point.tag_id, device.mode) point.tag_id, device.mode, latest.value, latest.observed_at,
               latest.status
        FROM sensing.latest JOIN sensing.point ON point.id = latest.point_id
        JOIN sensing.device ON device.id = point.device_id
        WHERE point.kind = 'tag' AND point.tag_id IS NOT NULL
        ORDER BY point.tag_id, device.mode, latest.observed_at DESC
    ) AS newest
    WHERE tag.id = newest.tag_id AND tag.mode = newest.mode AND tag.superseded_at IS NULL AND tag.valid_to IS NULL
      AND (tag.last_at IS DISTINCT FROM newest.observed_at OR tag.status IS DISTINCT FROM newest.status)
""")
