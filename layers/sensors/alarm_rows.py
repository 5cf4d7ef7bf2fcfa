"""How does a change of an alarm get into the register? The old row is closed and a new one added."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from hashlib import blake2b
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from gis.crs import GEOGRAPHIC_SRID
from gis.provenance import Mode

CHANNEL = "onemap_alarm"
"""NOTIFY channel; the payload is ``mode:division``, a hint that the alarms there changed."""
SOURCE = "物联接入"


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """
    One alarm as the register holds it.

    Attributes
    ----------
    kind
        gas, process, rain, water_level, event, video, silence, roll_call, camera, call.
    level, severity
        Level of the fold (1, 2; 3 = escalated by a person) and how urgent it is drawn, 0 to 3.
    state
        open | acknowledged | cleared (came back, nobody has looked) | closed.
    occurred_at, known_at
        First moment by the clock of the device, kept for good and never after the second; when it reached us.
    seen_to
        Newest observation behind this row.
    """

    id: str
    subject: str
    kind: str
    title: str
    place: str
    state: str
    level: int
    severity: int
    occurred_at: datetime
    known_at: datetime
    division_code: str
    mode: Mode
    longitude: float
    latitude: float
    tag_id: str | None = None
    value: float | None = None
    unit: str = ""
    threshold: float | None = None
    peak: float | None = None
    seen_to: datetime | None = None
    cleared_at: datetime | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    reason: str = ""
    escalated_at: datetime | None = None
    escalated_by: str | None = None
    incident_id: UUID | None = None
    row_id: int = 0

    @property
    def is_standing(self) -> bool:
        """Whether it has not come back yet."""
        return self.cleared_at is None


_FIELDS = tuple(one.name for one in fields(AlarmRow) if one.name not in ("longitude", "latitude", "row_id"))


def row_of(row: Any) -> AlarmRow:
    """Read one row of ``layers.alarm``, given with its ``longitude`` and ``latitude``."""
    values = {name: getattr(row, name) for name in (*_FIELDS, "longitude", "latitude", "row_id")}
    return AlarmRow(**values | {"subject": row.subject or ""})


def new_id(mode: str, subject: str, raised_at: datetime, used: Collection[str] = ()) -> str:
    """
    Name of a new alarm: the same for the same beginning, so that two processes cannot raise it twice.

    An alarm keeps its name when a late message moves its beginning, so the name of a moment may be in use already.
    """
    for attempt in count():
        said = f"{mode}|{subject}|{raised_at.timestamp():.6f}|{attempt}"
        name = f"GJ-{blake2b(said.encode(), digest_size=6).hexdigest()}"
        if name not in used:
            return name
    raise AssertionError("there is always another number")


def write(connection: Connection, rows: Iterable[AlarmRow]) -> list[AlarmRow]:
    """
    Add the rows that differ from what stands, closing their predecessors, and leave the hint for the screens.

    The caller holds the lock of whatever the alarms are about.
    """
    wanted = sorted({row.id: row for row in rows}.values(), key=lambda row: row.id)
    if not wanted:
        return []
    found = connection.execute(_STANDING, {"ids": [row.id for row in wanted]})
    standing = {(one.id, one.mode): one for one in map(row_of, found)}
    changed = [row for row in wanted if not _same(row, standing.get((row.id, row.mode)))]
    if not changed:
        return []
    before = [standing[key].row_id for row in changed if (key := (row.id, row.mode)) in standing]
    if before:
        connection.execute(_CLOSE, {"row_ids": before})
    connection.execute(_ADD, [_values(row) for row in changed])
    for mode, division in sorted({(row.mode, row.division_code) for row in changed}):
        connection.execute(_HINT, {"payload": f"{mode}:{division}"})
    return changed


def of_subjects(connection: Connection, mode: Mode, subjects: Sequence[str], tags: Sequence[str]) -> list[AlarmRow]:
    """Rows in force of these subjects, and those of the tags that nobody has filed under a subject yet."""
    rows = connection.execute(_OF_SUBJECTS, {"mode": mode, "subjects": list(subjects), "tags": list(tags)})
    return [row_of(row) for row in rows]


def _same(row: AlarmRow, other: AlarmRow | None) -> bool:
    return other is not None and replace(row, row_id=0) == replace(other, row_id=0)


def _values(row: AlarmRow) -> dict[str, Any]:
    ended = row.cleared_at
    # A reading that comes and goes at one moment was true for no time at all; the table wants a beginning and an end.
    valid_to = max(ended, row.occurred_at) if ended is not None else None
    return {name: getattr(row, name) for name in (*_FIELDS, "longitude", "latitude")} | {
        "subject": row.subject or None,
        "valid_to": None if valid_to == row.occurred_at else valid_to,
        "source": SOURCE,
        "srid": GEOGRAPHIC_SRID,
    }


_STANDING = text(
    "SELECT *, ST_X(geometry) AS longitude, ST_Y(geometry) AS latitude FROM layers.alarm"
    " WHERE id = ANY (CAST(:ids AS text[])) AND superseded_at IS NULL FOR UPDATE"
)
_CLOSE = text(
    "UPDATE layers.alarm SET superseded_at = clock_timestamp() WHERE row_id = ANY (CAST(:row_ids AS bigint[]))"
)
_OF_SUBJECTS = text(
    "SELECT *, ST_X(geometry) AS longitude, ST_Y(geometry) AS latitude FROM layers.alarm"
    " WHERE superseded_at IS NULL AND mode = :mode AND (subject = ANY (CAST(:subjects AS text[]))"
    " OR (subject IS NULL AND cleared_at IS NULL AND tag_id = ANY (CAST(:tags AS text[]))))"
    " ORDER BY occurred_at, id"
)
_ADD = text(
    "INSERT INTO layers.alarm (valid_from, valid_to, recorded_at, source_system, as_of, risk_rank, geometry, id,"
    " subject, kind, title, place, state, level, severity, occurred_at, known_at, division_code, mode, tag_id, value,"
    " unit, threshold, peak, seen_to, cleared_at, acknowledged_at, acknowledged_by, reason, escalated_at,"
    " escalated_by, incident_id)"
    " VALUES (:occurred_at, :valid_to, clock_timestamp(), :source, coalesce(:seen_to, :known_at), :severity * 10,"
    " ST_SetSRID(ST_MakePoint(:longitude, :latitude), CAST(:srid AS integer)), :id, :subject, :kind, :title, :place,"
    " :state, :level, :severity, :occurred_at, :known_at, :division_code, :mode, :tag_id, :value, :unit, :threshold,"
    " :peak, :seen_to, :cleared_at, :acknowledged_at, :acknowledged_by, :reason, :escalated_at, :escalated_by,"
    " :incident_id)"
)
_HINT = text("SELECT pg_notify('onemap_alarm', :payload)")
