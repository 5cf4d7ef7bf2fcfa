"""Which alarm row belongs to which episode of a point, and what does it say?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from layers.codes import GAS_QUANTITIES, WATER_QUANTITIES
from layers.sensors.alarm_rows import AlarmRow, new_id, of_subjects, write
from layers.sensors.points import Point
from layers.sensors.thresholds import HIGH, Acknowledgement, Episode, acknowledged_by, state_of

SYMBOLS = {"cl2": "Cl₂", "nh3": "NH₃", "h2s": "H₂S", "co": "CO", "combustible": "可燃气"}
_KIND_WORDS = {
    "pressure": "压力",
    "level": "液位",
    "temperature": "温度",
    "rain": "雨量",
    "water_level": "水位",
    "wind": "风速",
}


@dataclass(frozen=True, slots=True)
class Found:
    """
    Every alarm of a point that begins or is under way after a moment; None = every alarm there is.

    Rows of alarms that were over at that moment are not looked at: they are as they were.
    """

    point: Point
    episodes: tuple[Episode, ...]
    after: datetime | None


def raise_alarms(connection: Connection, found: Sequence[Found], received_at: datetime) -> list[AlarmRow]:
    """
    Write the alarms of these episodes; the caller holds the locks of the points.

    An episode takes the standing row it overlaps, so an alarm keeps its name and first moment however late a message
    comes; what nobody has a row for yet becomes a new alarm. A later message may split an alarm or move its ends, but
    never joins two, so every row finds its episode.
    """
    written: list[AlarmRow] = []
    for mode in sorted({one.point.mode for one in found}):
        ours = [one for one in found if one.point.mode == mode]
        subjects = [one.point.subject for one in ours]
        tags = [one.point.tag_id for one in ours if one.point.tag_id and one.point.kind == "tag"]
        rows = of_subjects(connection, mode, subjects, tags)
        acknowledgements = of_acknowledgements(connection, subjects)
        said = _said(connection, [one for one in ours if one.point.kind != "tag"])
        used = {row.id for row in rows}
        for one in ours:
            point = one.point
            free = [row for row in rows if _is_of(row, one)]
            for episode in one.episodes:
                taken = next((row for row in free if _overlap(row, episode)), None)
                if taken is not None:
                    free.remove(taken)
                covering = acknowledged_by(episode, acknowledgements.get(point.subject, ()))
                name = taken.id if taken is not None else new_id(mode, point.subject, episode.raised_at, used)
                used.add(name)
                words = said.get((point.id, episode.raised_at), "")
                written.append(_row(name, point, episode, taken, covering, received_at, words))
    return write(connection, written)


def _is_of(row: AlarmRow, one: Found) -> bool:
    is_ours = row.subject == one.point.subject or (not row.subject and row.tag_id == one.point.tag_id)
    return is_ours and (one.after is None or row.cleared_at is None or row.cleared_at > one.after)


def _said(connection: Connection, found: Sequence[Found]) -> dict[tuple[int, datetime], str]:
    """Words of the newest event message of each episode, by point and beginning: they become the alarm's title."""
    asked = [(one.point.id, episode.raised_at, episode.cleared_at) for one in found for episode in one.episodes]
    if not asked:
        return {}
    points, begins, ends = (list(column) for column in zip(*asked, strict=True))
    rows = connection.execute(_WORDS, {"points": points, "begins": begins, "ends": ends})
    return {(row.point, row.begins): row.content for row in rows}


def of_acknowledgements(connection: Connection, subjects: Sequence[str]) -> dict[str, list[Acknowledgement]]:
    """Acknowledgements by subject, oldest first."""
    rows = connection.execute(_ACKNOWLEDGEMENTS, {"subjects": list(subjects)})
    found: dict[str, list[Acknowledgement]] = {}
    for row in rows:
        found.setdefault(row.subject, []).append(
            Acknowledgement(row.covers_from, row.covers_to, row.level, row.actor, row.at, row.reason)
        )
    return found


def _overlap(row: AlarmRow, episode: Episode) -> bool:
    # Ends included: two readings of one moment may raise an alarm and end it.
    ended = episode.cleared_at
    return (ended is None or row.occurred_at <= ended) and (
        row.cleared_at is None or row.cleared_at >= episode.raised_at
    )


def _row(
    name: str,
    point: Point,
    episode: Episode,
    taken: AlarmRow | None,
    covering: Acknowledgement | None,
    received_at: datetime,
    words: str,
) -> AlarmRow:
    known = min(taken.known_at, received_at) if taken is not None else received_at
    # What stood before its first message came to us keeps its moment over every message after that one, and a device
    # whose clock is ahead saw nothing later than we heard of it.
    first = min(episode.raised_at, taken.occurred_at if taken is not None else known, known)
    state = state_of(episode, covering)
    level = 3 if taken is not None and taken.escalated_at is not None else episode.worst
    return AlarmRow(
        id=name,
        subject=point.subject,
        kind=kind_of(point),
        title=_title(point, episode.peak, words),
        place=f"{point.name} · {point.place}",
        state=state,
        level=level,
        severity=3 if episode.worst == HIGH else 2,
        occurred_at=first,
        known_at=known,
        division_code=point.division_code,
        mode=point.mode,
        longitude=point.longitude,
        latitude=point.latitude,
        tag_id=point.tag_id,
        value=episode.raised_value,
        unit=point.unit,
        threshold=point.rule.alarm if episode.worst != HIGH or point.rule.high is None else point.rule.high,
        peak=episode.peak,
        seen_to=episode.seen_to,
        cleared_at=episode.cleared_at,
        acknowledged_at=covering.at if covering else None,
        acknowledged_by=covering.actor if covering else None,
        reason=covering.reason if covering else "",
        escalated_at=taken.escalated_at if taken is not None else None,
        escalated_by=taken.escalated_by if taken is not None else None,
        incident_id=taken.incident_id if taken is not None else None,
    )


def kind_of(point: Point) -> str:
    """Kind of the alarms of a point."""
    if point.kind != "tag":
        return point.kind
    if point.quantity in GAS_QUANTITIES:
        return "gas"
    return point.quantity if point.quantity in WATER_QUANTITIES else "process"


def _title(point: Point, peak: float, words: str) -> str:
    if point.kind != "tag":
        return (words or point.name)[:120]
    name = SYMBOLS.get(point.quantity) or _KIND_WORDS.get(point.quantity) or point.quantity or point.name
    return f"{name} {peak:.3g} {point.unit}".strip()


_WORDS = text("""
    SELECT DISTINCT ON (asked.point, asked.begins) asked.point, asked.begins, event.content
    FROM unnest(CAST(:points AS integer[]), CAST(:begins AS timestamptz[]), CAST(:ends AS timestamptz[]))
        AS asked (point, begins, ends)
    JOIN sensing.event ON event.point_id = asked.point AND event.observed_at >= asked.begins
        AND event.observed_at <= coalesce(asked.ends, 'infinity')
    JOIN sensing.observation USING (point_id, observed_at, message_key)
    WHERE observation.value > 0 AND event.content <> ''
    ORDER BY asked.point, asked.begins, event.observed_at DESC, event.message_key DESC
""")
_ACKNOWLEDGEMENTS = text(
    "SELECT subject, covers_from, covers_to, level, actor, at, reason FROM sensing.acknowledgement"
    " WHERE subject = ANY (CAST(:subjects AS text[])) ORDER BY at, id"
)
