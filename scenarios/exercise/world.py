"""What does an inject change in the drill's own world? Detectors, weather, cameras and the queue of alarms."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import Connection, text

from gis.crs import LonLat
from gis.errors import MissingError
from layers import revision
from layers.sensors import alarm_rows, alarms, devices, history
from layers.sensors.alarm_rows import AlarmRow
from layers.sensors.intake import take
from layers.sensors.messages import Batch, Reading
from layers.sensors.points import Points, connect_tags
from scenarios.exercise.deeds import AlarmSeen
from scenarios.exercise.drill import WeatherNow

SILENT_AFTER_S = 86_400
"""Interval of an exercise's gateway: it speaks when an inject says so, and its silence alarms nobody."""
WORLD = "drill"


@dataclass(frozen=True, slots=True)
class Detector:
    """A measuring point of the drill's register."""

    tag_id: str
    name: str
    division_code: str
    longitude: float
    latitude: float


@dataclass(frozen=True, slots=True)
class Thing:
    """Something of the drill's registers an inject can act on: a detector, a camera, a hospital."""

    kind: str
    id: str
    name: str
    longitude: float
    latitude: float


def nearby(connection: Connection, place: LonLat, most: int = 12) -> list[Thing]:
    """Detectors, cameras and hospitals of the world of drills nearest to a place, the nearest first of each."""
    asked = {"mode": WORLD, "longitude": place.longitude, "latitude": place.latitude, "most": most}
    return [
        Thing(kind, row.id, row.name, row.longitude, row.latitude)
        for kind, query in _NEARBY.items()
        for row in connection.execute(query, asked)
    ]


def gateway_of(exercise_id: UUID) -> str:
    """Gateway that speaks for an exercise; its alarms are those of the exercise."""
    return f"WG-EX-{exercise_id.hex[:12]}"


def source_of(exercise_id: UUID) -> str:
    """What rows an exercise wrote into the register call their source."""
    return f"exercise:{exercise_id.hex[:12]}"


def detector(connection: Connection, named: str) -> Detector | None:
    """The measuring point of the world of drills with this number or id."""
    row = connection.execute(_TAG, {"name": named, "mode": WORLD}).first()
    return Detector(row.id, row.name, row.division_code, row.longitude, row.latitude) if row is not None else None


def speak(
    connection: Connection, exercise_id: UUID, message_id: str, found: Detector, value: float, at: datetime
) -> list[str]:
    """
    Let a detector say a value through the same intake as every gateway; gives the ids of its standing alarms.

    The same message counts once. The gateway is the exercise's own and belongs to the world of drills.
    """
    gateway = gateway_of(exercise_id)
    try:
        devices.find(connection, gateway)
    except MissingError:
        devices.register(
            connection, gateway, "演练导调网关", division_code=found.division_code, mode="drill",
            place=LonLat(found.longitude, found.latitude), interval_s=SILENT_AFTER_S,
        )  # fmt: skip
    connect_tags(connection, gateway, {found.name: found.tag_id})
    connection.execute(_SPEAKS_SELDOM, {"gateway": gateway, "interval_s": SILENT_AFTER_S})
    history.prepare(connection, at.date())
    reading = Reading(0, "tag", found.name, at, 0, value, {"tnm": found.name, "val": value})
    take(connection, Points(), [Batch(gateway, at, (reading,), message_id=message_id, sent_at=at)])
    return [row.id for row in _alarms(connection, exercise_id) if row.cleared_at is None and row.tag_id == found.tag_id]


def weather_turns(
    connection: Connection, exercise_id: UUID, place: LonLat, said: WeatherNow, at: datetime
) -> str | None:
    """Revise the observation of the drill's station nearest to a place; gives its id, None without stations."""
    row = connection.execute(
        _STATION, {"mode": WORLD, "longitude": place.longitude, "latitude": place.latitude}
    ).mappings().first()  # fmt: skip
    if row is None:
        return None
    changed = {
        name: value
        for name, value in (
            ("wind_from_deg", said.wind_from_deg), ("wind_speed_m_s", said.wind_speed_m_s),
            ("temperature_c", said.temperature_c), ("stability", said.stability or None),
        )
        if value is not None
    }  # fmt: skip
    _revise(connection, "weather_observation", exercise_id, row, {**changed, "observed_at": at}, at)
    return str(row["id"])


def camera_fails(connection: Connection, exercise_id: UUID, camera: str, at: datetime) -> dict[str, Any] | None:
    """Mark a camera of the drill's register as silent; gives its row, None where there is no such camera."""
    row = connection.execute(_CAMERA, {"mode": WORLD, "id": camera}).mappings().first()
    if row is None:
        return None
    _revise(connection, "camera", exercise_id, row, {"status": "offline"}, at)
    return dict(row)


def hospital_fills(connection: Connection, exercise_id: UUID, named: str, beds_free: int, at: datetime) -> str | None:
    """Say how many beds a hospital of the drill's register has left; gives its id, None where none is so named."""
    row = connection.execute(_HOSPITAL, {"mode": WORLD, "name": named}).mappings().first()
    if row is None:
        return None
    beds = beds_free if row["beds"] is None else min(beds_free, int(row["beds"]))
    _revise(connection, "protection_target", exercise_id, row, {"beds_free": beds}, at)
    return str(row["id"])


def alarm(
    connection: Connection, exercise_id: UUID, inject_id: str, kind: str, title: str, place: str, point: LonLat,
    division_code: str, at: datetime,
) -> str:  # fmt: skip
    """Put a card into the queue of alarms of the world of drills (a call, a lost camera), once; gives its id."""
    subject = f"exercise:{exercise_id}:{inject_id}"
    connection.execute(_ALONE, {"subject": subject})
    standing = alarm_rows.of_subjects(connection, "drill", [subject], [])
    if standing:
        return standing[0].id
    row = AlarmRow(
        id=alarm_rows.new_id("drill", subject, at), subject=subject, kind=kind, title=title[:120], place=place[:120],
        state="open", level=1, severity=1, occurred_at=at, known_at=at, division_code=division_code, mode="drill",
        longitude=point.longitude, latitude=point.latitude, seen_to=at,
    )  # fmt: skip
    alarm_rows.write(connection, [row])
    return row.id


def alarms_seen(connection: Connection, exercise_id: UUID) -> list[AlarmSeen]:
    """Alarms of an exercise somebody acknowledged, with when and by whom."""
    return [
        AlarmSeen(row.id, row.title, row.acknowledged_at, row.acknowledged_by)
        for row in _alarms(connection, exercise_id)
        if row.acknowledged_at is not None and row.acknowledged_by
    ]


def standing_alarms(connection: Connection, exercise_id: UUID) -> list[AlarmRow]:
    """Alarms of an exercise that are not over, the oldest first."""
    return [row for row in _alarms(connection, exercise_id) if row.state != "closed"]


def restore(connection: Connection, exercise_id: UUID, at: datetime) -> None:
    """End the alarms of an exercise and put back what its injects changed in the register; may be done twice."""
    over = []
    for row in standing_alarms(connection, exercise_id):
        ended = row.cleared_at or max(at, row.occurred_at)
        over.append(replace(row, state="closed", cleared_at=ended, level=0 if row.level < 3 else row.level))
    alarm_rows.write(connection, over)
    devices.disable(connection, gateway_of(exercise_id))
    # From here on the register shows again what the detectors' own gateways say.
    connection.execute(_LET_GO, {"gateway": gateway_of(exercise_id)})
    for table, query in _CHANGED.items():
        for before in connection.execute(query, {"mode": WORLD, "source": source_of(exercise_id)}).mappings().all():
            kept = {name: before[name] for name in _SPOKEN[table]}
            _revise(connection, table, exercise_id, before, kept, at, source=before["source_system"])


_SPOKEN = {
    "weather_observation": ("wind_from_deg", "wind_speed_m_s", "temperature_c", "stability", "observed_at"),
    "camera": ("status",),
    "protection_target": ("beds_free",),
}


def _alarms(connection: Connection, exercise_id: UUID) -> list[AlarmRow]:
    rows = connection.execute(
        _ALARMS, {"mode": WORLD, "gateway": gateway_of(exercise_id), "own": f"exercise:{exercise_id}:%"}
    )
    return [alarm_rows.row_of(row) for row in rows]


def _revise(
    connection: Connection, table: str, exercise_id: UUID, row: Any, changed: dict[str, Any], at: datetime, *,
    source: str = "",
) -> None:  # fmt: skip
    said = {
        "id": row["id"], "mode": WORLD, "division_code": row["division_code"],
        "valid_from": max(at, row["valid_from"] + timedelta(microseconds=1)), "as_of": at,
        "source_system": source or source_of(exercise_id), **changed,
    }  # fmt: skip
    revision.revise(connection, table, pd.DataFrame([said]), since=True)


__all__ = [
    "Detector", "Thing", "alarm", "alarms", "alarms_seen", "camera_fails", "detector", "gateway_of",
    "hospital_fills", "nearby", "restore", "source_of", "speak", "standing_alarms", "weather_turns",
]  # fmt: skip

_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended(:subject, 0))")
_SPEAKS_SELDOM = text(
    "UPDATE sensing.point SET interval_s = :interval_s WHERE device_id = :gateway AND interval_s IS NULL"
)
_LET_GO = text("UPDATE sensing.point SET tag_id = NULL WHERE device_id = :gateway AND tag_id IS NOT NULL")
_TAG = text(
    "SELECT id, name, division_code, ST_X(geometry) AS longitude, ST_Y(geometry) AS latitude FROM layers.tag"
    " WHERE (name = :name OR id = :name) AND mode = :mode AND superseded_at IS NULL AND valid_to IS NULL"
    " ORDER BY id LIMIT 1"
)
_STATION = text(
    "SELECT * FROM layers.weather_observation WHERE mode = :mode AND superseded_at IS NULL AND valid_to IS NULL"
    " ORDER BY ST_Distance(geometry, ST_SetSRID(ST_MakePoint(:longitude, :latitude), ST_SRID(geometry))), id LIMIT 1"
)
_CAMERA = text(
    "SELECT *, ST_X(geometry) AS longitude, ST_Y(geometry) AS latitude FROM layers.camera"
    " WHERE id = :id AND mode = :mode AND superseded_at IS NULL AND valid_to IS NULL"
)
_HOSPITAL = text(
    "SELECT * FROM layers.protection_target WHERE (name = :name OR id = :name) AND kind = 'hospital' AND mode = :mode"
    " AND superseded_at IS NULL AND valid_to IS NULL ORDER BY id LIMIT 1"
)
_ALARMS = text(
    "SELECT alarm.*, ST_X(alarm.geometry) AS longitude, ST_Y(alarm.geometry) AS latitude FROM layers.alarm"
    " WHERE alarm.superseded_at IS NULL AND alarm.mode = :mode AND (alarm.subject LIKE :own OR alarm.subject IN"
    " (SELECT 'point:' || id FROM sensing.point WHERE device_id = :gateway)) ORDER BY alarm.occurred_at, alarm.id"
)
_NEAR = """
    SELECT id, name, ST_X(geometry) AS longitude, ST_Y(geometry) AS latitude FROM layers.{table}
    WHERE mode = :mode AND superseded_at IS NULL AND valid_to IS NULL {only}
    ORDER BY geometry <-> ST_SetSRID(ST_MakePoint(:longitude, :latitude), ST_SRID(geometry)), id LIMIT :most
"""
_NEARBY = {
    "tag": text(_NEAR.format(table="tag", only="")),
    "camera": text(_NEAR.format(table="camera", only="")),
    "hospital": text(_NEAR.format(table="protection_target", only="AND kind = 'hospital'")),
}
_BEFORE = """
    SELECT DISTINCT ON (old.id) old.* FROM layers.{table} AS old JOIN layers.{table} AS now
        ON now.id = old.id AND now.mode = old.mode AND now.superseded_at IS NULL AND now.valid_to IS NULL
    WHERE old.mode = :mode AND now.source_system = :source AND old.source_system NOT LIKE 'exercise:%'
    ORDER BY old.id, old.recorded_at DESC
"""
_CHANGED = {table: text(_BEFORE.format(table=table)) for table in _SPOKEN}
