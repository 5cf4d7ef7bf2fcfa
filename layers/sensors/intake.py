"""How do messages of gateways become observations, latest values and alarms? Each counts once, in any order."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

from layers.sensors import history
from layers.sensors.alarm_rows import AlarmRow
from layers.sensors.messages import Batch, Reading
from layers.sensors.points import Point, Points
from layers.sensors.raising import Found, raise_alarms
from layers.sensors.thresholds import ALARM, HIGH, Episode, Sample, Standing, fold

LATE_AFTER = timedelta(minutes=10)
"""A reading that took longer to reach us is marked late; it counts for alarms but moves no latest value back."""
FUTURE_AFTER = timedelta(minutes=5)
"""A reading dated further ahead is put aside: its clock is wrong and it would stand as the latest for ever."""
KEPT_DAYS = 180


@dataclass(frozen=True, slots=True)
class Answer:
    """
    What became of one batch: rows taken, known already, late among the taken; ``aside`` says why others were not.

    ``replayed`` is true when the id of the batch had been seen and the first answer is given once more.
    """

    accepted: int
    duplicate: int
    late: int
    aside: tuple[tuple[int, str, str], ...]
    received_at: datetime
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """Answers in the order of the batches, and the alarms that changed."""

    answers: tuple[Answer, ...]
    alarms: tuple[AlarmRow, ...]


Key = tuple[int, datetime, int]


def take(connection: Connection, points: Points, batches: Sequence[Batch], *, kept_days: int = KEPT_DAYS) -> Taken:
    """
    Write all batches in the transaction of `connection`; answers hold once it has committed.

    Raises
    ------
    DBAPIError
        Nothing of any batch was written.
    """
    first = _answered_before(connection, batches)
    new = [batch for batch in batches if (batch.device_id, batch.message_id) not in first]
    sources = [
        (batch.device_id, reading.code, reading.kind)
        for batch in new
        for reading in batch.readings
        if reading.kind != "tag"
    ]
    known = points.of_devices(connection, [batch.device_id for batch in new])
    if any((device, code) not in known for device, code, _ in sources):
        points.add_sources(connection, sources)
        known = points.of_devices(connection, [batch.device_id for batch in new])
    rows: dict[Key, tuple[Point, Reading, datetime]] = {}
    asides: list[list[tuple[int, str, str]]] = []
    keys: list[list[Key]] = []
    quarantined: list[dict[str, Any]] = []
    for batch in new:
        aside = [(fault.index, fault.code, fault.message) for fault in batch.faults]
        quarantined += [_put_aside(batch, fault.code, fault.raw) for fault in batch.faults]
        of_batch: list[Key] = []
        for reading in batch.readings:
            point = known.get((batch.device_id, reading.code))
            refusal = _refusal(point, reading, batch.received_at, kept_days)
            if refusal is not None or point is None:
                code, sentence = refusal or ("unknown_point", "")
                aside.append((reading.index, code, f"row {reading.index}: {sentence}"))
                quarantined.append(_put_aside(batch, code, reading.raw))
                continue
            key = (point.id, reading.observed_at, reading.key)
            of_batch.append(key)
            rows.setdefault(key, (point, reading, batch.received_at))
        asides.append(sorted(aside))
        keys.append(of_batch)
    if quarantined:
        connection.execute(_QUARANTINE, quarantined)
    fresh, alarms = _write(connection, rows) if rows else (set(), [])
    _hear(connection, new)
    answers = dict(first)
    counted = set[Key]()
    by_batch: list[Answer] = []
    places = {id(batch): at for at, batch in enumerate(new)}
    for batch in batches:
        at = places.get(id(batch))
        if at is None:
            by_batch.append(replace(answers[batch.device_id, batch.message_id], replayed=True))
            continue
        taken = [key for key in dict.fromkeys(keys[at]) if key in fresh and key not in counted]
        counted |= set(taken)
        late = sum(_is_late(rows[key][1], batch.received_at) for key in taken)
        answer = Answer(len(taken), len(keys[at]) - len(taken), late, tuple(asides[at]), batch.received_at)
        by_batch.append(answer)
        if batch.message_id:
            _keep_receipt(connection, batch, answer)
    return Taken(tuple(by_batch), tuple(alarms))


def is_urgent(point: Point | None, reading: Reading) -> bool:
    """Whether a reading may raise an alarm, and so must not wait behind telemetry."""
    return reading.kind != "tag" or (point is not None and point.rule.level(reading.value) > 0)


def _refusal(point: Point | None, reading: Reading, received_at: datetime, kept_days: int) -> tuple[str, str] | None:
    if point is None:
        return "unknown_point", f"'{reading.code}' is no point of this gateway; register it first"
    ahead = reading.observed_at - received_at
    if ahead > FUTURE_AFTER:
        return "future", f"dated {ahead.total_seconds():.0f} s ahead of our clock; set the clock of the device"
    if reading.observed_at < received_at - timedelta(days=kept_days):
        return "too_old", f"older than the {kept_days} days that are kept"
    return None


def _write(
    connection: Connection, rows: Mapping[Key, tuple[Point, Reading, datetime]]
) -> tuple[set[Key], list[AlarmRow]]:
    """Insert what is not there yet and fold it; return the keys that were new and the alarms that changed."""
    # Locked in the order of their numbers before anything is written, so that two writers never wait for each other.
    touched = sorted({key[0] for key in rows})
    connection.execute(_LOCK, {"ids": touched})
    history.cover(connection, {key[1].date() for key in rows})
    columns = list(zip(*rows, strict=True))
    inserted = connection.execute(
        _INSERT,
        {
            "points": list(columns[0]),
            "times": list(columns[1]),
            "keys": list(columns[2]),
            "values": [reading.value for _, reading, _ in rows.values()],
            "received": [received for _, _, received in rows.values()],
            "late": [_is_late(reading, received) for _, reading, received in rows.values()],
        },
    )
    fresh = {(row.point_id, row.observed_at, row.message_key) for row in inserted}
    if not fresh:
        return fresh, []
    _keep_details(connection, [(key, *rows[key]) for key in fresh if rows[key][1].detail is not None])
    by_point: dict[int, list[Sample]] = defaultdict(list)
    for key in fresh:
        by_point[key[0]].append(Sample(key[1], key[2], rows[key][1].value))
    points = {key[0]: rows[key][0] for key in fresh}
    received_at = max(rows[key][2] for key in fresh)
    latest = {row.point_id: row for row in connection.execute(_LATEST, {"ids": list(by_point)})}
    found: list[Found] = []
    newest: list[dict[str, Any]] = []
    for number, samples in by_point.items():
        samples.sort()
        standing, episodes, after = _fold(connection, points[number], latest.get(number), samples)
        if episodes:
            found.append(Found(points[number], tuple(episodes), after))
        newest.append(_latest_row(number, samples[-1], latest.get(number), standing, received_at))
    connection.execute(_UPSERT, newest)
    return fresh, raise_alarms(connection, found, received_at) if found else []


def _fold(
    connection: Connection, point: Point, latest: Any, samples: Sequence[Sample]
) -> tuple[Standing, list[Episode], datetime | None]:
    """Where the fold stands after `samples`, the alarms that may have changed, and the moment all of them are after."""
    rule = point.rule
    if rule.alarm is None and rule.high is None:
        return Standing(), [], None
    before = _standing_of(latest)
    if latest is None or samples[0].at > latest.observed_at:
        standing, episodes = fold(samples, rule, before)
        # Most values change nothing: they stay normal, or are no worse than what the alarm has seen.
        # An event brings words, so it is looked at in any case.
        changed = [] if point.kind == "tag" and episodes == [before.episode] else episodes
        return standing, changed, latest.observed_at if latest is not None else None
    # Not later than what is known: read again between the moments that settle the level whatever came before.
    around = history.stretch(connection, point.id, rule, samples[0].at, samples[-1].at)
    standing, episodes = fold(around.samples, rule)
    return standing if around.is_newest else before, episodes, around.after


def _standing_of(latest: Any) -> Standing:
    if latest is None or latest.level == 0:
        return Standing()
    worst = HIGH if latest.high_at is not None else ALARM
    episode = Episode(latest.raised_at, latest.raised_value, latest.level, worst, latest.peak, latest.high_at)
    return Standing(latest.level, episode)


def _latest_row(number: int, sample: Sample, before: Any, standing: Standing, received_at: datetime) -> dict[str, Any]:
    stays = before is not None and (before.observed_at, before.message_key) > (sample.at, sample.key)
    episode = standing.episode
    return {
        "point_id": number,
        "observed_at": before.observed_at if stays else sample.at,
        "message_key": before.message_key if stays else sample.key,
        "value": before.value if stays else sample.value,
        "received_at": before.received_at if stays else received_at,
        "heard_at": max(received_at, before.heard_at) if before is not None else received_at,
        "level": standing.level,
        "raised_at": episode.raised_at if episode else None,
        "raised_value": episode.raised_value if episode else None,
        "high_at": episode.high_at if episode else None,
        "peak": episode.peak if episode else None,
    }


def _is_late(reading: Reading, received_at: datetime) -> bool:
    return received_at - reading.observed_at > LATE_AFTER


def _put_aside(batch: Batch, code: str, raw: Mapping[str, Any]) -> dict[str, Any]:
    message = json.dumps(dict(raw), ensure_ascii=False, default=str).replace("\\u0000", "")
    return {"device": batch.device_id, "reason": code, "message": message, "received": batch.received_at}


def _answered_before(connection: Connection, batches: Sequence[Batch]) -> dict[tuple[str, str], Answer]:
    named = [batch for batch in batches if batch.message_id]
    if not named:
        return {}
    found = connection.execute(
        _RECEIPTS, {"devices": [one.device_id for one in named], "ids": [one.message_id for one in named]}
    )
    answers = {}
    for row in found:
        kept = dict(row.answer)
        kept["aside"] = tuple((index, code, sentence) for index, code, sentence in kept["aside"])
        kept["received_at"] = datetime.fromisoformat(kept["received_at"])
        answers[row.device_id, row.message_id] = Answer(**kept)
    return answers


def _keep_receipt(connection: Connection, batch: Batch, answer: Answer) -> None:
    kept = asdict(answer) | {"received_at": answer.received_at.astimezone(UTC).isoformat()}
    connection.execute(
        _KEEP_RECEIPT,
        {
            "device": batch.device_id,
            "id": batch.message_id,
            "received": batch.received_at,
            "answer": json.dumps(kept, ensure_ascii=False),
        },
    )


def _keep_details(connection: Connection, found: Sequence[tuple[Key, Point, Reading, datetime]]) -> None:
    rows = [
        {
            "point": key[0],
            "at": key[1],
            "key": key[2],
            "received": received,
            "value": reading.detail.value,
            "threshold": reading.detail.threshold,
            "content": reading.detail.content,
            "picture": reading.detail.picture,
        }
        for key, _, reading, received in found
        if reading.detail is not None
    ]
    if rows:
        connection.execute(_DETAIL, rows)


def _hear(connection: Connection, batches: Sequence[Batch]) -> None:
    """Take note that these gateways spoke, and how far their clocks are from ours."""
    newest: dict[str, Batch] = {}
    for batch in batches:
        if batch.device_id not in newest or newest[batch.device_id].received_at <= batch.received_at:
            newest[batch.device_id] = batch
    for name in sorted(newest):
        batch = newest[name]
        ahead = (batch.sent_at - batch.received_at).total_seconds() if batch.sent_at is not None else None
        connection.execute(_HEARD, {"device": name, "at": batch.received_at, "ahead": ahead})


_LOCK = text("SELECT 1 FROM sensing.point WHERE id = ANY (CAST(:ids AS integer[])) ORDER BY id FOR NO KEY UPDATE")
_INSERT = text(
    "INSERT INTO sensing.observation (point_id, observed_at, message_key, value, received_at, late)"
    " SELECT * FROM unnest(CAST(:points AS integer[]), CAST(:times AS timestamptz[]), CAST(:keys AS bigint[]),"
    " CAST(:values AS double precision[]), CAST(:received AS timestamptz[]), CAST(:late AS boolean[]))"
    " ON CONFLICT DO NOTHING RETURNING point_id, observed_at, message_key"
)
_LATEST = text("SELECT * FROM sensing.latest WHERE point_id = ANY (CAST(:ids AS integer[]))")
_UPSERT = text(
    "INSERT INTO sensing.latest (point_id, observed_at, message_key, value, received_at, heard_at, level, raised_at,"
    " raised_value, high_at, peak) VALUES (:point_id, :observed_at, :message_key, :value, :received_at, :heard_at,"
    " :level, :raised_at, :raised_value, :high_at, :peak) ON CONFLICT (point_id) DO UPDATE SET"
    " observed_at = excluded.observed_at, message_key = excluded.message_key, value = excluded.value,"
    " received_at = excluded.received_at, heard_at = excluded.heard_at, level = excluded.level,"
    " raised_at = excluded.raised_at, raised_value = excluded.raised_value, high_at = excluded.high_at,"
    " peak = excluded.peak"
)
_QUARANTINE = text(
    "INSERT INTO sensing.quarantine (device_id, reason, message, received_at)"
    " VALUES (:device, :reason, CAST(:message AS jsonb), :received)"
)
_RECEIPTS = text(
    "SELECT device_id, message_id, answer FROM sensing.receipt WHERE (device_id, message_id) IN"
    " (SELECT * FROM unnest(CAST(:devices AS text[]), CAST(:ids AS text[])))"
)
_KEEP_RECEIPT = text(
    "INSERT INTO sensing.receipt (device_id, message_id, received_at, answer)"
    " VALUES (:device, :id, :received, CAST(:answer AS jsonb)) ON CONFLICT DO NOTHING"
)
_DETAIL = text(
    "INSERT INTO sensing.event (point_id, observed_at, message_key, received_at, value, threshold, content, picture)"
    " VALUES (:point, :at, :key, :received, :value, :threshold, :content, :picture) ON CONFLICT DO NOTHING"
)
_HEARD = text(
    "UPDATE sensing.device SET last_seen_at = greatest(last_seen_at, :at),"
    # One that was never heard lives from its first word on; whether one fell silent and came back says the next look.
    " status = CASE status WHEN 'new' THEN 'live' ELSE status END,"
    " clock_ahead_s = coalesce(:ahead, clock_ahead_s) WHERE id = :device"
)
