"""What did a device send, row by row, and which rows cannot be read?"""

import base64
import binascii
import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from gis.errors import InputError

Kind = Literal["tag", "event", "video"]
LONGEST_BATCH = 500
"""Rows of one message."""
LONGEST_CODE = 100
LONGEST_WORDS = 1_000
LARGEST_PICTURE = 512 * 1024
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
_SOONEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
ALARM, CLEAR = 4, 0
"""State codes (scd) of the interface the shapes are modelled on: 4 alarm, 0 clear."""

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Detail:
    """What an event or video message says beside alarm and clear."""

    content: str
    value: float | None = None
    threshold: float | None = None
    picture: bytes | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """
    One row of a batch that could be read.

    Attributes
    ----------
    index
        Place in the batch, from 0.
    code
        Tag number (tnm), or ``event:`` with the event source (oname), or ``video:`` with the video code.
    key
        64-bit key of the message: from its own id, else from what it says, so that the same message counts once.
    value
        In the unit of the point; 1.0 and 0.0 for alarm and clear.
    """

    index: int
    kind: Kind
    code: str
    observed_at: datetime
    key: int
    value: float
    raw: Json
    detail: Detail | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """A row that was not taken: its place, a code and a sentence."""

    index: int
    code: str
    message: str
    raw: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Batch:
    """
    One message of a gateway.

    Attributes
    ----------
    message_id
        Id the gateway gave to the batch and keeps over retries; empty = none.
    sent_at
        The gateway's clock when it sent the batch; None when it did not say.
    """

    device_id: str
    received_at: datetime
    readings: tuple[Reading, ...]
    faults: tuple[Fault, ...] = ()
    message_id: str = ""
    sent_at: datetime | None = None


class TooManyError(InputError):
    """More rows than a message may hold."""

    code = "too_large"


def read(kind: Kind, body: Any, device_id: str, received_at: datetime) -> Batch:
    """
    Read the JSON of ``/observations`` (tag), ``/events`` (event) or ``/videos`` (video).

    Shapes: ``{wgbm, id, sent_at, rts: [{tnm, ts, val, id}]}``, ``{…, events: [{oname, ts, avx, scd, threshold,
    content, id}]}``, ``{…, videos: [{videoCode, ts, alarmType, content, img, id}]}``; ``qybm`` may stand beside.

    Raises
    ------
    InputError
        The batch as a whole cannot be read, or it names another gateway than the one that signed in.
    TooManyError
        More than `LONGEST_BATCH` rows.
    """
    name, one_row = _KINDS[kind]
    if not isinstance(body, Mapping):
        raise InputError(f"the message must be a JSON object with the list '{name}'")
    rows = body.get(name)
    if not isinstance(rows, Sequence) or isinstance(rows, str | bytes):
        raise InputError(f"'{name}' is missing or is not a list of rows")
    if len(rows) > LONGEST_BATCH:
        raise TooManyError(f"{len(rows)} rows in one message: send at most {LONGEST_BATCH}, the rest in the next one")
    gateway = body.get("wgbm")
    if gateway is not None and str(gateway) != device_id:
        raise InputError(f"wgbm '{str(gateway)[:64]}' is not the gateway whose token this is")
    readings, faults = [], []
    for index, row in enumerate(rows):
        try:
            if not isinstance(row, Mapping):
                raise _RowError("bad_row", "is not an object")
            readings.append(one_row(index, row))
        except _RowError as error:
            raw = dict(row) if isinstance(row, Mapping) else {"row": repr(row)[:200]}
            faults.append(Fault(index, error.code, f"row {index}: {error.sentence}", _short(raw)))
    sent_at = None
    if body.get("sent_at") is not None:
        try:
            sent_at = moment_of(body["sent_at"])
        except _RowError as error:
            raise InputError(f"sent_at {error.sentence}") from error
    return Batch(device_id, received_at, tuple(readings), tuple(faults), _id_of(body.get("id")), sent_at)


class _RowError(Exception):
    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


def moment_of(value: Any) -> datetime:
    """Aware time from ISO 8601 with a zone, or from whole milliseconds since 1970."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise _RowError("bad_time", "has no time that can be read: write ISO 8601 with a zone, or milliseconds")
    if isinstance(value, int):
        try:
            moment = datetime.fromtimestamp(value / 1000, UTC)
        except (OverflowError, OSError, ValueError) as error:
            raise _RowError("bad_time", f"names the time {value}, which no calendar holds") from error
    else:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError as error:
            raise _RowError("bad_time", f"names the time '{value[:40]}': write 2026-11-22T09:30:00+08:00") from error
        if moment.tzinfo is None:
            raise _RowError("bad_time", f"names the time '{value[:40]}' without a zone: write it with one, +08:00")
    if not _SOONEST <= moment < _LATEST:
        raise _RowError("bad_time", f"names the time {moment.isoformat()[:40]}, which cannot be meant")
    return moment.astimezone(UTC)


def _observation(index: int, row: Json) -> Reading:
    code, at, value = _code(row, "tnm"), moment_of(row.get("ts")), _number(row, "val")
    return Reading(index, "tag", code, at, _key(row, f"v:{value!r}"), value, dict(row))


def _event(index: int, row: Json) -> Reading:
    code, at = "event:" + _code(row, "oname"), moment_of(row.get("ts"))
    state = row.get("scd")
    if isinstance(state, bool) or state not in (ALARM, CLEAR):
        raise _RowError("bad_value", f"has scd {str(state)[:20]!r}: 4 is alarm, 0 is clear")
    detail = Detail(_words(row), _maybe(row, "avx"), _maybe(row, "threshold"))
    said = f"e:{state}:{detail.value!r}:{detail.threshold!r}:{detail.content}"
    return Reading(index, "event", code, at, _key(row, said), 1.0 if state == ALARM else 0.0, dict(row), detail)


def _video(index: int, row: Json) -> Reading:
    code, at = "video:" + _code(row, "videoCode"), moment_of(row.get("ts"))
    kind = str(row.get("alarmType", ""))[:40]
    if kind == "":
        raise _RowError("bad_value", "has no alarmType; 0 is clear")
    picture = _picture(row.get("img"))
    words = _words(row)
    said = f"v:{kind}:{words}:{hashlib.sha256(picture or b'').hexdigest()}"
    raw = {name: value for name, value in row.items() if name != "img"}
    value = 0.0 if kind == "0" else 1.0
    return Reading(index, "video", code, at, _key(row, said), value, raw, Detail(words or kind, picture=picture))


_KINDS: Mapping[Kind, tuple[str, Callable[[int, Json], Reading]]] = {
    "tag": ("rts", _observation),
    "event": ("events", _event),
    "video": ("videos", _video),
}


def _code(row: Json, name: str) -> str:
    code = row.get(name)
    if isinstance(code, int) and not isinstance(code, bool):
        code = str(code)
    if not isinstance(code, str) or not 1 <= len(code.strip()) <= LONGEST_CODE or not code.isprintable():
        raise _RowError("bad_row", f"has no {name} of 1 to {LONGEST_CODE} characters")
    return code.strip()


def _number(row: Json, name: str) -> float:
    value: Any = row.get(name)
    if isinstance(value, str):
        written = value
        try:
            value = float(written)
        except ValueError as error:
            raise _RowError("bad_value", f"has {name} '{written[:20]}', which is not a number") from error
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _RowError("bad_value", f"has no number in {name}")
    try:
        number = float(value)
    except OverflowError as error:
        raise _RowError("bad_value", f"has a number in {name} that is too large") from error
    if not math.isfinite(number):
        raise _RowError("bad_value", f"has a number in {name} that is not finite")
    return number


def _maybe(row: Json, name: str) -> float | None:
    return None if row.get(name) in (None, "") else _number(row, name)


def _words(row: Json) -> str:
    content = row.get("content", "")
    if not isinstance(content, str):
        raise _RowError("bad_row", "has a content that is not text")
    return content.strip()[:LONGEST_WORDS]


def _picture(value: Any) -> bytes | None:
    if value in (None, ""):
        return None
    if not isinstance(value, str):
        raise _RowError("bad_value", "has an img that is not base64")
    try:
        picture = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _RowError("bad_value", "has an img that is not base64") from error
    if len(picture) > LARGEST_PICTURE or not picture.startswith(_PICTURES):
        raise _RowError("bad_value", f"has an img that is no JPEG or PNG of at most {LARGEST_PICTURE // 1024} kB")
    return picture


def _id_of(value: Any) -> str:
    if value in (None, ""):
        return ""
    if not isinstance(value, str | int) or isinstance(value, bool) or len(str(value)) > LONGEST_CODE:
        raise InputError(f"id must be a text of at most {LONGEST_CODE} characters, kept over retries")
    return str(value)


def _key(row: Json, said: str) -> int:
    own = row.get("id")
    text = f"id:{own}" if isinstance(own, str | int) and not isinstance(own, bool) and own != "" else said
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), signed=True)


def _short(row: Json) -> dict[str, Any]:
    """The row as it is kept aside, without a picture and cut to a sensible length."""
    return {
        str(name)[:64]: value if isinstance(value, int | float) else str(value)[:200] for name, value in row.items()
    }
