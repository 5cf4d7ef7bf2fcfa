"""Who mends what by when? A defect or hidden danger is given to a unit, taken, done and checked (整改)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import uuid4

import pandas as pd
from psycopg.errors import UniqueViolation
from sqlalchemy import Connection, Table, func, select

from gis.database import Caller
from gis.errors import ConflictError, InputError, MissingError
from layers import catalogue
from layers.revision import revise
from layers.rows import belongs, of_this_world, standing, table_of
from layers.tables import Base

State = Literal["assigned", "received", "done", "closed", "withdrawn"]
Origin = Literal["defect", "ticket"]
OPEN: tuple[State, ...] = ("assigned", "received", "done")
STEPS: Mapping[State, tuple[State, ...]] = {
    "assigned": ("received", "done", "withdrawn"),
    "received": ("done", "withdrawn"),
    # What is said to be done is looked at by whoever gave the task: closed, or given back.
    "done": ("closed", "assigned", "withdrawn"),
    "closed": (),
    "withdrawn": (),
}
"""From each state the ones that may follow."""
LONGEST_WHAT, LONGEST_OWNER, LONGEST_NOTE = 500, 100, 500
LONGEST_TERM = timedelta(days=366)
TICKETS = "hidden_danger"
"""The register of hidden-danger tickets; everything else that is to be mended is a defect of the data."""
_ASIDE = "aside-"
SOURCE = "整改派发"


@dataclass(frozen=True, slots=True)
class Rectification:
    """
    A task as it stands.

    Attributes
    ----------
    subject_layer, subject_id
        Row to be mended; an id ``aside-N`` is a row kept aside from an import.
    state
        See `STEPS`; `since` is when it came into that state, `note` what was said then, `actor` by which account.
    longitude, latitude
        Of the subject; None where it has no place.
    """

    id: str
    origin: Origin
    subject_layer: str
    subject_id: str
    subject_name: str
    what: str
    owner: str
    due_at: datetime
    state: State
    note: str
    actor: str
    assigned_at: datetime
    assigned_by: str
    division_code: str
    since: datetime
    longitude: float | None = None
    latitude: float | None = None

    def is_overdue(self, now: datetime) -> bool:
        """Whether it should have been done by now."""
        return self.state in ("assigned", "received") and now > self.due_at


@dataclass(frozen=True, slots=True)
class Subject:
    """What a task is about: name, division and place of a row."""

    name: str
    division_code: str
    longitude: float | None
    latitude: float | None


def assign(
    connection: Connection, caller: Caller, layer: str, subject_id: str, *, what: str, owner: str, due_at: datetime,
    note: str = "", now: datetime | None = None,
) -> Rectification:  # fmt: skip
    """
    Give a defect or hidden danger to a unit.

    Raises
    ------
    InputError
        Nothing to do is said, no unit, or a term that is over or longer than a year; every fault is named.
    MissingError
        No such row in the caller's world and divisions.
    ConflictError
        It is being mended already.
    """
    now = now or datetime.now(UTC)
    what, owner, note = what.strip(), owner.strip(), note.strip()
    faults = []
    if not 1 <= len(what) <= LONGEST_WHAT:
        faults.append(f"say in 1 to {LONGEST_WHAT} characters what is to be mended")
    if not 1 <= len(owner) <= LONGEST_OWNER:
        faults.append(f"name the unit that answers for it in 1 to {LONGEST_OWNER} characters")
    if len(note) > LONGEST_NOTE:
        faults.append(f"the note has {len(note)} characters; write at most {LONGEST_NOTE}")
    if due_at.tzinfo is None or not now < due_at <= now + LONGEST_TERM:
        faults.append("the term must be ahead of now and within a year, with its time zone")
    if faults:
        raise InputError(faults)
    subject = subject_of(connection, caller, layer, subject_id)
    made = Rectification(
        f"ZG-{now:%y%m%d}-{uuid4().hex[:6]}", "ticket" if layer == TICKETS else "defect", layer, subject_id,
        subject.name, what, owner, due_at.astimezone(UTC), "assigned", note, caller.actor, now, caller.actor,
        subject.division_code, now, subject.longitude, subject.latitude,
    )  # fmt: skip
    # Two that press at once wait here for each other, so that the second is told of the first.
    connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"rectify {layer} {subject_id}"))))
    for one in listing(connection, caller, layer=layer, subject_id=subject_id, states=OPEN):
        raise ConflictError(f"'{subject.name}' is being mended already: {one.id}, {one.owner}")
    _write(connection, caller, made)
    return made


def step(
    connection: Connection, caller: Caller, number: str, state: State, note: str = "", *,
    due_at: datetime | None = None, now: datetime | None = None,
) -> Rectification:  # fmt: skip
    """
    Bring a task into its next state; doing so twice is once. With `due_at` a task given back gets a new term.

    Raises
    ------
    MissingError
        No such task in the caller's world and divisions.
    ConflictError
        That state cannot follow the present one.
    InputError
        The note is too long, or the new term is over.
    """
    now = now or datetime.now(UTC)
    if len(note.strip()) > LONGEST_NOTE:
        raise InputError(f"the note has {len(note.strip())} characters; write at most {LONGEST_NOTE}")
    if due_at is not None and (due_at.tzinfo is None or not now < due_at <= now + LONGEST_TERM):
        raise InputError("the new term must be ahead of now and within a year, with its time zone")
    connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"rectify {number}"))))
    before = one(connection, caller, number)
    if before.state == state:
        return before
    if state not in STEPS[before.state]:
        raise ConflictError(f"{number} is {before.state}; it cannot become {state}")
    after = replace(
        before, state=state, note=note.strip(), actor=caller.actor, since=now,
        due_at=due_at.astimezone(UTC) if due_at is not None and state == "assigned" else before.due_at,
    )  # fmt: skip
    _write(connection, caller, after)
    return after


def listing(
    connection: Connection, caller: Caller, *, states: Sequence[str] = (), layer: str = "", subject_id: str = "",
    limit: int = 1000,
) -> list[Rectification]:  # fmt: skip
    """Tasks of the caller's world and divisions: open ones by their term, then the others, the latest first."""
    table = _table()
    here = standing(table) & table.c.valid_to.is_(None) & _mine(table, caller)
    if states:
        here &= table.c.state.in_(list(states))
    if layer:
        here &= table.c.subject_layer == layer
    if subject_id:
        here &= table.c.subject_id == subject_id
    rows = connection.execute(
        select(table)
        .where(here)
        .order_by(table.c.state.in_(OPEN).desc(), table.c.due_at, table.c.valid_from.desc(), table.c.id)
        .limit(limit)
    ).mappings()
    return [_read(row) for row in rows]


def one(connection: Connection, caller: Caller, number: str) -> Rectification:
    """
    Give a task as it stands.

    Raises
    ------
    MissingError
        None of that number in the caller's world and divisions.
    """
    table = _table()
    row = (
        connection.execute(
            select(table).where(
                standing(table) & table.c.valid_to.is_(None) & _mine(table, caller) & (table.c.id == number)
            )
        )
        .mappings()
        .first()
    )
    if row is None:
        raise MissingError(f"there is no task '{number[:40]}'")
    return _read(row)


def history(connection: Connection, caller: Caller, number: str) -> list[Rectification]:
    """
    Every state a task was in, oldest first, as we know it now.

    Raises
    ------
    MissingError
        None of that number.
    """
    one(connection, caller, number)
    table = _table()
    rows = connection.execute(
        select(table)
        .where(of_this_world(table) & table.c.superseded_at.is_(None) & (table.c.id == number))
        .order_by(table.c.valid_from, table.c.row_id)
    ).mappings()
    return [_read(row) for row in rows]


def subject_of(connection: Connection, caller: Caller, layer: str, subject_id: str) -> Subject:
    """
    Look up what a task is to be about.

    Raises
    ------
    MissingError
        No such row in the caller's world and divisions, or no such layer.
    """
    if subject_id.startswith(_ASIDE):
        table = Base.metadata.tables["layers.import_aside"]
        number = subject_id.removeprefix(_ASIDE)
        here = (table.c.layer == layer) & of_this_world(table) & table.c.settled_at.is_(None)
        here &= table.c.id == (int(number) if number.isdecimal() and len(number) < 18 else -1)
    else:
        spec = catalogue.layer(layer)
        table = table_of(spec)
        here = belongs(spec, table) & (table.c.id == subject_id)
    columns = [
        table.c.name.label("name") if "name" in table.c else table.c.id.label("name"),
        table.c.division_code,
        *([func.ST_PointOnSurface(table.c.geometry).label("place")] if "geometry" in table.c else []),
    ]
    found = select(*columns).where(here & _mine(table, caller)).subquery()
    place = [func.ST_X(found.c.place), func.ST_Y(found.c.place)] if "place" in found.c else []
    row = connection.execute(select(found.c.name, found.c.division_code, *place)).first()
    if row is None:
        raise MissingError(f"layer '{layer}' has no row '{subject_id[:40]}' to be mended")
    return Subject(row[0], row[1], *(row[2:] or (None, None)))


def _table() -> Table:
    return Base.metadata.tables["layers.rectification"]


def _mine(table: Table, caller: Caller) -> Any:
    return (table.c.division_code >= caller.division_from) & (table.c.division_code < caller.division_to)


_KEPT = tuple(field.name for field in fields(Rectification) if field.name != "since")


def _read(row: Mapping[Any, Any]) -> Rectification:
    return Rectification(**{name: row[name] for name in _KEPT}, since=row["valid_from"])


def _write(connection: Connection, caller: Caller, task: Rectification) -> None:
    values = {name: getattr(task, name) for name in _KEPT}
    frame = pd.DataFrame(
        [values | {"mode": caller.mode, "valid_from": task.since, "as_of": task.since, "source_system": SOURCE}],
        dtype=object,
    )
    try:
        revise(connection, "rectification", frame, since=True)
    except UniqueViolation as error:
        raise ConflictError(f"'{task.subject_name}' is being mended already") from error
