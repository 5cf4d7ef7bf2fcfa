"""查岗: which duty posts were called, who answered in time, and who did not?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Protocol

from sqlalchemy import Connection, text

from gis import personal
from gis.database import Caller
from gis.errors import InputError, MissingError, OneMapError
from layers.sensors.alarm_rows import AlarmRow, new_id, of_subjects, write

State = Literal["called", "answered", "late", "unanswered"]
SHORTEST, LONGEST = timedelta(seconds=30), timedelta(hours=1)
MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Post:
    """A duty post that can be called."""

    enterprise_id: str
    name: str
    phone: str
    division_code: str
    longitude: float
    latitude: float


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log of a call: called, sent, send_failed, answered or unanswered."""

    at: datetime
    what: str
    who: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class RollCall:
    """A call and what came of it so far; ``answered_at`` and ``answered_by`` are those of the first answer."""

    id: int
    enterprise_id: str
    name: str
    phone: str
    attempt: int
    called_at: datetime
    due_at: datetime
    called_by: str
    state: State
    answered_at: datetime | None = None
    answered_by: str = ""
    words: str = ""


class Line(Protocol):
    """How a call reaches a post: a telephone gateway, or nobody, and then the officer dials himself."""

    def ring(self, post: Post, call_id: int) -> None:
        """
        Pass the call on.

        Raises
        ------
        OneMapError
            It could not be passed on; the log says so and the officer dials.
        """


class ByHand:
    """No gateway: the number stands on the screen."""

    def ring(self, post: Post, call_id: int) -> None:
        """Do nothing."""


def state_of(due_at: datetime, entries: Iterable[Entry], now: datetime) -> tuple[State, Entry | None]:
    """
    State of a call as a fold over its log, in whatever order the lines came in, and its first answer.

    An answer after the time is late and stays late; without one the post has not answered.
    """
    answers = sorted((one for one in entries if one.what == "answered"), key=lambda one: one.at)
    if answers:
        return ("answered" if answers[0].at <= due_at else "late"), answers[0]
    return ("called" if now <= due_at else "unanswered"), None


def posts(connection: Connection, caller: Caller) -> list[Post]:
    """Duty posts of the enterprises with major hazards in the caller's divisions, the worst first."""
    rows = connection.execute(_POSTS, _scope(caller))
    return [Post(**{name: getattr(row, name) for name in Post.__dataclass_fields__}) for row in rows]


def call(
    connection: Connection,
    wanted: Sequence[Post],
    within: timedelta,
    line: Line | None = None,
    *,
    now: datetime | None = None,
) -> list[int]:
    """
    Call these posts, in the name and world of the transaction, and start their timers; return the calls' numbers.

    Raises
    ------
    InputError
        Nobody to call, too many at once, or a time outside half a minute to an hour.
    """
    if not wanted:
        raise InputError("nobody is chosen: choose the duty posts to call")
    if len(wanted) > MOST_AT_ONCE:
        raise InputError(f"{len(wanted)} posts at once; call at most {MOST_AT_ONCE}")
    if not SHORTEST <= within <= LONGEST:
        raise InputError(f"{within.total_seconds():.0f} s to answer: choose 30 s to 1 h")
    moment = now or datetime.now(UTC)
    numbers = []
    for post in _dialled(connection, wanted):
        number = connection.execute(
            _CALL,
            {
                "enterprise": post.enterprise_id,
                "name": post.name,
                "phone": post.phone,
                "at": moment,
                "due": moment + within,
                "division": post.division_code,
                "longitude": post.longitude,
                "latitude": post.latitude,
            },
        ).scalar_one()
        _note(connection, number, Entry(moment, "called"))
        if line is not None and not isinstance(line, ByHand):
            try:
                line.ring(post, number)
            except OneMapError as error:
                _note(connection, number, Entry(moment, "send_failed", words=str(error)[:200]))
            else:
                _note(connection, number, Entry(moment, "sent"))
        numbers.append(int(number))
    return numbers


def answer(
    connection: Connection, caller: Caller, number: int, who: str, words: str = "", *, now: datetime | None = None
) -> RollCall:
    """
    Write down that a post answered; its alarm, if there is one, ends.

    Raises
    ------
    MissingError
        No such call in the caller's world and divisions.
    """
    found = _one(connection, caller, number)
    moment = now or datetime.now(UTC)
    _note(connection, number, Entry(moment, "answered", who.strip()[:120], words.strip()[:500]))
    for row in of_subjects(connection, caller.mode, [f"call:{number}"], []):
        if row.cleared_at is None:
            ended = "closed" if row.acknowledged_at else "cleared"
            write(connection, [replace(row, state=ended, cleared_at=max(moment, row.occurred_at))])
    return replace(found, state="answered" if moment <= found.due_at else "late", answered_at=moment, answered_by=who)


def listing(connection: Connection, caller: Caller, now: datetime, limit: int = 200) -> list[RollCall]:
    """Calls of the last day in the caller's world and divisions, the newest first, with what came of them."""
    rows = connection.execute(_LIST, {**_scope(caller), "since": now - timedelta(days=1), "limit": limit}).all()
    return _folded(connection, rows, now)


def mark_unanswered(connection: Connection, now: datetime) -> list[AlarmRow]:
    """Raise one alarm for each call whose time ran out without an answer."""
    raised = []
    for row in connection.execute(_RUN_OUT, {"now": now}):
        _note(connection, row.id, Entry(now, "unanswered"))
        subject = f"call:{row.id}"
        raised.append(
            AlarmRow(
                id=new_id(row.mode, subject, row.due_at),
                subject=subject,
                kind="roll_call",
                title=f"查岗未应答 {row.name}"[:120],
                place=f"{row.phone} · 第 {row.attempt} 次",
                state="open",
                level=1,
                severity=2 if row.attempt > 1 else 1,
                occurred_at=row.due_at,
                known_at=now,
                division_code=row.division_code,
                mode=row.mode,
                longitude=row.longitude,
                latitude=row.latitude,
                seen_to=row.due_at,
            )
        )
    return write(connection, raised)


def _one(connection: Connection, caller: Caller, number: int) -> RollCall:
    rows = connection.execute(_ONE, {**_scope(caller), "id": number}).all()
    if not rows:
        raise MissingError(f"there is no roll-call {number}")
    return _folded(connection, rows, datetime.now(UTC))[0]


def _folded(connection: Connection, rows: Sequence[Any], now: datetime) -> list[RollCall]:
    entries: dict[int, list[Entry]] = {}
    for line in connection.execute(_ENTRIES, {"ids": [row.id for row in rows]}):
        entries.setdefault(line.roll_call_id, []).append(Entry(line.at, line.what, line.who, line.words))
    calls = []
    for row in rows:
        state, first = state_of(row.due_at, entries.get(row.id, []), now)
        calls.append(
            RollCall(
                row.id,
                row.enterprise_id,
                row.name,
                row.phone,
                row.attempt,
                row.called_at,
                row.due_at,
                row.called_by,
                state,
                first.at if first else None,
                first.who if first else "",
                first.words if first else "",
            )
        )
    return calls


def _dialled(connection: Connection, wanted: Sequence[Post]) -> list[Post]:
    """The same posts with their numbers as they stand: what was chosen on a screen was masked there."""
    with personal.compared(connection):
        rows = connection.execute(_NUMBERS, {"ids": [post.enterprise_id for post in wanted]}).all()
    numbers = {row.id: row.duty_phone for row in rows}
    return [replace(post, phone=numbers.get(post.enterprise_id, post.phone)) for post in wanted]


def _note(connection: Connection, number: int, entry: Entry) -> None:
    connection.execute(
        _NOTE, {"id": number, "at": entry.at, "what": entry.what, "who": entry.who, "words": entry.words}
    )


def _scope(caller: Caller) -> dict[str, str]:
    return {"mode": caller.mode, "division_from": caller.division_from, "division_to": caller.division_to}


_POSTS = text("""
    SELECT id AS enterprise_id, short_name AS name, duty_phone AS phone, division_code, ST_X(geometry) AS longitude,
           ST_Y(geometry) AS latitude
    FROM layers.enterprise
    WHERE superseded_at IS NULL AND valid_to IS NULL AND hazard_level IS NOT NULL AND mode = :mode
      AND division_code >= :division_from AND division_code < :division_to
    ORDER BY hazard_level, id LIMIT 200
""")
_NUMBERS = text("""
    SELECT id, duty_phone FROM layers.enterprise
    WHERE id = ANY (CAST(:ids AS text[])) AND superseded_at IS NULL AND valid_to IS NULL
      AND mode = current_setting('onemap.mode')
""")
# The attempt counts the calls of the last two hours: who did not answer is called again.
_CALL = text("""
    INSERT INTO sensing.roll_call (enterprise_id, name, phone, attempt, called_at, due_at, division_code, longitude,
                                   latitude)
    SELECT :enterprise, :name, :phone,
           1 + (SELECT count(*) FROM sensing.roll_call AS before WHERE before.enterprise_id = :enterprise
                AND before.mode = current_setting('onemap.mode')
                AND before.called_at > CAST(:at AS timestamptz) - interval '2 hours'),
           :at, :due, :division, :longitude, :latitude
    RETURNING id
""")
_NOTE = text(
    "INSERT INTO sensing.roll_call_entry (roll_call_id, at, what, who, words) VALUES (:id, :at, :what, :who, :words)"
)
_LIST = text("""
    SELECT * FROM sensing.roll_call WHERE mode = :mode AND division_code >= :division_from
    AND division_code < :division_to AND called_at > :since ORDER BY called_at DESC, id LIMIT :limit
""")
_ONE = text("""
    SELECT * FROM sensing.roll_call WHERE mode = :mode AND division_code >= :division_from
    AND division_code < :division_to AND id = :id
""")
_ENTRIES = text(
    "SELECT roll_call_id, at, what, who, words FROM sensing.roll_call_entry"
    " WHERE roll_call_id = ANY (CAST(:ids AS bigint[])) ORDER BY id"
)
_RUN_OUT = text("""
    SELECT * FROM sensing.roll_call WHERE due_at < :now AND called_at > :now - interval '1 day' AND NOT EXISTS (
        SELECT 1 FROM sensing.roll_call_entry AS entry
        WHERE entry.roll_call_id = roll_call.id AND entry.what IN ('answered', 'unanswered'))
    ORDER BY id
""")
