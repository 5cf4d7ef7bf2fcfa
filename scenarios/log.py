"""The append-only record: how does an entry get in, with which receipt, and how is it read?"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID
from weakref import ref

from pydantic_core import from_json
from sqlalchemy import Connection, Text, cast, select, text
from sqlalchemy.exc import DBAPIError

from gis.database import Caller, Database
from gis.errors import ConflictError, InputError, MissingError, OneMapError, RefusedError, UnavailableError
from gis.personal import are_shown
from gis.provenance import Mode
from scenarios.events import Entry, Event
from scenarios.line import Line
from scenarios.line import canonical as canonical
from scenarios.personal import veiled
from scenarios.tables import ENTRY, HEAD

CHANNEL = "onemap_log"
"""NOTIFY channel; the payload is the hint ``incident:seq``. Listen first, then catch up by seq, and poll anyway."""


_APPENDED = "onemap.appended"


@dataclass(frozen=True, slots=True)
class Receipt:
    """
    Proof for the caller that an entry is on disk once its transaction has committed: number, hash, the server's time.

    ``replayed`` is true when the idempotency key had been seen and the first receipt is returned once more.
    """

    incident_id: UUID
    seq: int
    hash: str
    recorded_at: datetime
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Head:
    """Where the chain of an incident stands."""

    incident_id: UUID
    code: str
    division_code: str
    mode: Mode
    opened_by: str
    opened_at: datetime
    seq: int
    hash: str
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """A line that waited for the network: what it says, its key, and when it was written by the clock there."""

    event: Event
    key: UUID
    occurred_at: datetime | None = None


class FeedCursor(NamedTuple):
    """How far a reader of the feed over all incidents has come; start at (0, 0)."""

    xid: int = 0
    pos: int = 0


def open_incident(connection: Connection, incident_id: UUID, division_code: str, *, hash_ver: int = 1) -> str:
    """
    Open the record of an incident and return its code; opening it again with the same fields returns the same code.

    Raises
    ------
    RefusedError
        The transaction names no actor or mode, or the division lies outside the caller's range.
    InputError
        The division code is malformed, or the id was used for another incident.
    """
    with _refusals():
        row = connection.execute(_OPEN, {"id": incident_id, "division": division_code, "ver": hash_ver}).one()
    return str(row.o_code)


def append(
    connection: Connection,
    incident_id: UUID,
    event: Event,
    *,
    key: UUID | None = None,
    occurred_at: datetime | None = None,
    caused_by: Sequence[int] = (),
    expected_seq: int | None = None,
) -> Receipt:
    """
    Append `event`; the receipt is good once the transaction of `connection` has committed.

    Should be the first write of its transaction, so that the feed keeps the order of ``seq``. Several appends to one
    incident in one transaction are recorded together or not at all.

    Parameters
    ----------
    key
        Idempotency key kept by the client over retries; None = a new one, so a retry would be a second entry.
    expected_seq
        Head the caller saw. Must be given for events that change the state of the command.

    Raises
    ------
    MissingError
        No such incident in the caller's range.
    ConflictError
        The head has moved since the caller looked.
    InputError
        The content is refused: malformed, too large, or the key was used for other content.
    RefusedError
        The transaction names no actor, or works in another mode than the incident.
    UnavailableError
        The server cannot promise that the entry survives a power cut.
    """
    line = Line.of(event, key, occurred_at, caused_by, expected_seq)
    connection.info[_APPENDED] = ref(connection.get_transaction())
    with _refusals():
        row = connection.execute(_APPEND, {"id": incident_id, **asdict(line)}).one()
    return _receipt(incident_id, row)


def has_appended(connection: Connection) -> bool:
    """Whether the transaction of `connection` has appended: what it reads may never have been, if it is rolled back."""
    appended = connection.info.get(_APPENDED)
    return appended is not None and appended() is connection.get_transaction()


def append_once(
    database: Database,
    caller: Caller,
    incident_id: UUID,
    event: Event,
    *,
    key: UUID | None = None,
    occurred_at: datetime | None = None,
    caused_by: Sequence[int] = (),
    expected_seq: int | None = None,
) -> Receipt:
    """
    Append `event` in a transaction of its own and in one round trip; the receipt is good at once.

    For parameters and errors see `append`. When the line to the database breaks, the entry is sent once more under the
    same key, so it is there once.
    """
    return append_line(database, caller, incident_id, Line.of(event, key, occurred_at, caused_by, expected_seq))


def append_line(database: Database, caller: Caller, incident_id: UUID, line: Line) -> Receipt:
    """Append what is written already; answer and errors as `append_once`."""
    values = (incident_id, line.expected, line.kind, line.key, line.occurred, line.caused_by, line.payload)
    with _refusals():
        (row,) = database.call(_APPEND_AS, caller, values)
    return _receipt(incident_id, row)


def append_many(
    database: Database, caller: Caller, incident_id: UUID, lines: Sequence[tuple[Caller, Line]]
) -> list[Receipt | OneMapError]:
    """
    Append lines of several authors in their order, under one commit and in one round trip that `caller` makes.

    Each is taken or refused by itself, as if it had come alone: the answer holds a receipt or why not, in their order.

    Raises
    ------
    UnavailableError, DBAPIError
        No line is recorded.
    """
    authors = [(one.actor, one.division_from, one.division_to, one.mode) for one, _ in lines]
    written = [
        (line.expected, line.kind, line.key, line.occurred, f"{{{','.join(map(str, line.caused_by))}}}", line.payload)
        for _, line in lines
    ]
    columns = (list(column) for column in (*zip(*authors, strict=True), *zip(*written, strict=True)))
    rows = database.call(_APPEND_MANY, caller, (incident_id, *columns))
    return [_refusal(row.o_state, row.o_sentence) if row.o_state else _receipt(incident_id, row) for row in rows]


def append_kept(
    database: Database, caller: Caller, incident_id: UUID, lines: Sequence[Kept]
) -> list[Receipt | InputError]:
    """
    Append lines that were kept while the line was cut, in their order and under one commit.

    Each is taken or refused by itself: the answer holds, in the same order, a receipt or what is wrong with the line.

    Raises
    ------
    MissingError, RefusedError, UnavailableError
        As `append`; no line is recorded then.
    """
    made: list[Line | InputError] = []
    for kept in lines:
        try:
            made.append(Line.of(kept.event, kept.key, kept.occurred_at, (), None))
        except InputError as error:
            made.append(error)
    sound = [line for line in made if isinstance(line, Line)]
    columns = ([line.kind for line in sound], [line.key for line in sound], [line.occurred for line in sound],
               [line.payload for line in sound])  # fmt: skip
    with _refusals():
        rows = iter(database.call(_APPEND_LINES, caller, (incident_id, *columns)) if sound else ())
    return [_outcome(incident_id, next(rows)) if isinstance(line, Line) else line for line in made]


def head(connection: Connection, incident_id: UUID) -> Head:
    """
    Where the chain of `incident_id` stands.

    Raises
    ------
    MissingError
        No such incident in the caller's range.
    """
    row = connection.execute(select(HEAD).where(HEAD.c.incident_id == incident_id)).one_or_none()
    if row is None:
        raise MissingError(f"there is no incident {incident_id}; `onemap log list` names them")
    return _head(row)


def heads(connection: Connection, *, mode: Mode | None = None) -> list[Head]:
    """Heads of all incidents in the caller's range, of one mode or of all, the last opened first."""
    statement = select(HEAD).order_by(HEAD.c.opened_at.desc(), HEAD.c.incident_id)
    if mode is not None:
        statement = statement.where(HEAD.c.mode == mode)
    return [_head(row) for row in connection.execute(statement)]


def find(connection: Connection, name: str) -> Head:
    """
    Head of the incident with this id or code (YL-2026-0001).

    Raises
    ------
    MissingError
        No such incident in the caller's range.
    """
    wanted = name.strip()
    try:
        condition = HEAD.c.incident_id == UUID(wanted)
    except ValueError:
        condition = HEAD.c.code == wanted.upper()
    row = connection.execute(select(HEAD).where(condition)).one_or_none()
    if row is None:
        raise MissingError(f"there is no incident '{name}'; `onemap log list` names them")
    return _head(row)


def read(connection: Connection, incident_id: UUID, after_seq: int = 0, limit: int | None = None) -> list[Entry]:
    """
    Entries of an incident after `after_seq`, in order; gap-free by construction.

    Names and telephone numbers in them are masked unless the transaction shows personal data.
    """
    statement = select(ENTRY).where(ENTRY.c.incident_id == incident_id, ENTRY.c.seq > after_seq).order_by(ENTRY.c.seq)
    shown = are_shown(connection)
    return [_entry(row, shown) for row in connection.execute(statement.limit(limit))]


def read_numbers(connection: Connection, incident_id: UUID, numbers: Sequence[int]) -> list[Entry]:
    """Entries of an incident with these numbers, in order; numbers nobody gave yet are left out."""
    # As text: these are the large ones, runs of megabytes, and pydantic reads them in a third of the time.
    columns = [cast(one, Text).label("payload") if one.name == "payload" else one for one in ENTRY.c]
    wanted = select(*columns).where(ENTRY.c.incident_id == incident_id, ENTRY.c.seq.in_(numbers)).order_by(ENTRY.c.seq)
    shown = are_shown(connection)
    rows = connection.execute(wanted).all()
    return [replace(_entry(row, True), payload=_read_payload(row.kind, row.payload, shown)) for row in rows]


def outline(connection: Connection, incident_id: UUID) -> list[tuple[str, datetime]]:
    """Kind of every entry of an incident and when it was recorded, in order: what a timeline is drawn from."""
    wanted = select(ENTRY.c.kind, ENTRY.c.recorded_at).where(ENTRY.c.incident_id == incident_id).order_by(ENTRY.c.seq)
    return [(row.kind, row.recorded_at) for row in connection.execute(wanted)]


def seq_at(connection: Connection, incident_id: UUID, moment: datetime, last: int) -> int:
    """Number of the last entry recorded by `moment` among the first `last`; 0 before the first."""
    low, high = 0, last
    while low < high:
        # The server's time never goes back within an incident: three looks at some places find one of fifty thousand.
        places = sorted({low + max(1, (high - low) * part // _PLACES) for part in range(1, _PLACES + 1)})
        known = select(ENTRY.c.seq).where(
            ENTRY.c.incident_id == incident_id, ENTRY.c.seq.in_(places), ENTRY.c.recorded_at <= moment
        )
        low = max(connection.scalars(known), default=low)
        high = next((place - 1 for place in places if place > low), low)
    return low


def receipt_of(connection: Connection, incident_id: UUID, key: UUID) -> Receipt | None:
    """Receipt of the entry that was written under an idempotency key, or None: what a retry is answered with."""
    row = connection.execute(_UNDER_KEY, {"id": incident_id, "key": key}).one_or_none()
    return None if row is None else Receipt(incident_id, row.seq, bytes(row.hash).hex(), row.recorded_at, replayed=True)


def feed(connection: Connection, cursor: FeedCursor, limit: int = 500) -> tuple[list[Entry], FeedCursor]:
    """Entries of all incidents after `cursor` that can no longer change, and the cursor to go on from."""
    rows = connection.execute(_FEED, {"xid": str(cursor.xid), "pos": cursor.pos, "limit": limit}).all()
    if rows:
        cursor = FeedCursor(int(str(rows[-1].xid)), rows[-1].pos)
    shown = are_shown(connection)
    return [_entry(row, shown) for row in rows], cursor


_PLACES = 48
_OPEN = text("SELECT * FROM record.open_incident(:id, :division, CAST(:ver AS smallint))")
_APPEND = text(
    "SELECT * FROM record.append_entry(:id, :expected, :kind, :key, CAST(:occurred AS timestamptz), "
    "CAST(:caused_by AS bigint[]), :payload)"
)
_UNDER_KEY = text("SELECT seq, hash, recorded_at FROM record.entry WHERE incident_id = :id AND idem_key = :key")
_APPEND_AS = "SELECT * FROM record.append_as(%s, %s, %s, %s, %s, %s::bigint, %s, %s, %s::timestamptz, %s::bigint[], %s)"
_APPEND_LINES = (
    "SELECT * FROM record.append_lines(%s, %s, %s, %s, %s, %s::text[], %s::uuid[], %s::timestamptz[], %s::text[])"
)
_APPEND_MANY = (
    "SELECT * FROM record.append_many(%s, %s, %s, %s, %s, %s::text[], %s::text[], %s::text[], %s::text[], "
    "%s::bigint[], %s::text[], %s::uuid[], %s::timestamptz[], %s::text[], %s::text[])"
)
_FEED = text("SELECT * FROM record.feed_after(CAST(CAST(:xid AS text) AS xid8), :pos, :limit)")

_MEANING: dict[str, type[OneMapError]] = {
    "EG401": RefusedError,
    "EG403": RefusedError,
    "EG404": MissingError,
    "EG409": ConflictError,
    "EG422": InputError,
    "EG500": UnavailableError,
    "22P02": InputError,  # not JSON at all
    "22P05": InputError,  # a character the database cannot keep
    "23514": InputError,  # a CHECK of the table: time out of range, payload not an object
    "55P03": UnavailableError,  # waited too long for the incident's lock
}


def _receipt(incident_id: UUID, row: Any) -> Receipt:
    return Receipt(incident_id, row.o_seq, bytes(row.o_hash).hex(), row.o_recorded_at, row.o_replayed)


def _outcome(incident_id: UUID, row: Any) -> Receipt | InputError:
    return InputError(row.o_sentence) if row.o_state else _receipt(incident_id, row)


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn the refusals of the database into the house's errors; everything else stays what it is."""
    try:
        yield
    except DBAPIError as error:
        kind = _MEANING.get(getattr(error.orig, "sqlstate", None) or "")
        if kind is None:
            raise
        diagnosis = getattr(error.orig, "diag", None)
        sentence = getattr(diagnosis, "message_primary", None) or str(error.orig)
        raise _as_error(kind, sentence) from error


def _refusal(state: str, sentence: str) -> OneMapError:
    return _as_error(_MEANING[state], sentence)


def _as_error(kind: type[OneMapError], sentence: str) -> OneMapError:
    return kind(f"{sentence}: look at what changed, then decide again" if kind is ConflictError else sentence)


def _head(row: Any) -> Head:
    return Head(
        row.incident_id,
        row.code,
        row.division_code,
        row.mode,
        row.opened_by,
        row.opened_at,
        row.last_seq,
        bytes(row.last_hash).hex(),
        row.last_at,
    )


def _read_payload(kind: str, written: str, shown: bool) -> dict[str, Any]:
    payload: dict[str, Any] = from_json(written)
    return payload if shown else veiled(kind, payload)


def _entry(row: Any, shown: bool = False) -> Entry:
    return Entry(
        row.incident_id,
        row.seq,
        row.kind,
        row.actor,
        row.occurred_at,
        row.recorded_at,
        row.payload if shown else veiled(row.kind, row.payload),
        tuple(row.caused_by),
        bytes(row.prev_hash).hex(),
        bytes(row.hash).hex(),
    )
