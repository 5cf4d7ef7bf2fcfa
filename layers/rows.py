"""Which rows of a layer stand, now or as we knew it then? The one place where a catalogue entry becomes a condition."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Table, and_, false, func, or_, select, true

from gis.errors import InputError, MissingError
from layers.catalogue import LayerSpec
from layers.risk_tables import Base  # beside `layers.tables` itself, so that both sets of tables are known


@dataclass(frozen=True, slots=True)
class Then:
    """
    A moment looked back at: what we knew at `known_at` of what was true at `valid_at`.

    Both aware; `valid_at` is `known_at` unless given. Intervals are half-open: a row closed at 10:32:00 is no longer
    known at 10:32:00. With `as_shown` a row without an end stands at once, as it did on the map of that moment.
    """

    known_at: datetime
    valid_at: datetime
    as_shown: bool = False

    @classmethod
    def at(cls, known_at: datetime, valid_at: datetime | None = None) -> "Then":
        """
        Build it.

        Raises
        ------
        InputError
            A time without a zone.
        """
        for when in (known_at, valid_at or known_at):
            if when.tzinfo is None:
                raise InputError(f"{when.isoformat()} has no time zone; write it with one, such as +08:00")
        return cls(known_at.astimezone(UTC), (valid_at or known_at).astimezone(UTC))

    @classmethod
    def shown(cls, moment: datetime) -> "Then":
        """
        What a map drawn at `moment` showed: a drill's rows too, whose clock may be ahead of ours.

        Raises
        ------
        InputError
            A time without a zone.
        """
        then = cls.at(moment)
        return cls(then.known_at, then.valid_at, as_shown=True)


def table_of(spec: LayerSpec) -> Table:
    """
    Table a layer reads.

    Raises
    ------
    MissingError
        The layer is not connected (未接入).
    """
    if not spec.connected:
        raise MissingError(f"layer '{spec.key}' is not connected yet (未接入); it has no rows to read")
    return Base.metadata.tables[f"layers.{spec.table}"]


def of_this_world(table: Table) -> ColumnElement[bool]:
    """Rows of the caller's world (live, drill or sim), as the transaction was opened: no query joins two."""
    # In a question of its own, so that the setting is read once and not for every row.
    return table.c.mode == select(func.current_setting("onemap.mode", True)).scalar_subquery()


def standing(table: Table, then: Then | None = None) -> ColumnElement[bool]:
    """
    Rows of the caller's world we hold to be true now: neither replaced by a correction nor ended.

    With `then` those that were known at that moment to be true at that moment, whatever we learnt later.
    """
    if then is None:
        return and_(
            of_this_world(table),
            table.c.superseded_at.is_(None),
            # A row without an end stands at once, also in a drill whose clock is ahead of ours.
            or_(
                table.c.valid_to.is_(None),
                and_(table.c.valid_from <= func.statement_timestamp(), table.c.valid_to > func.statement_timestamp()),
            ),
        )
    return and_(
        of_this_world(table),
        table.c.recorded_at <= then.known_at,
        or_(table.c.superseded_at.is_(None), table.c.superseded_at > then.known_at),
        or_(
            table.c.valid_from <= then.valid_at, and_(table.c.valid_to.is_(None), true() if then.as_shown else false())
        ),
        or_(table.c.valid_to.is_(None), table.c.valid_to > then.valid_at),
    )


def belongs(spec: LayerSpec, table: Table, then: Then | None = None) -> ColumnElement[bool]:
    """Standing rows that pass the layer's named filters."""
    conditions = [standing(table, then)]
    for name, value in spec.where.items():
        if name == "sector":
            conditions.append(table.c.sectors.contains([value]))
        elif name == "has_risk":
            conditions.append(table.c.risk_level.is_not(None))
        elif name == "quantities":
            assert isinstance(value, tuple)
            conditions.append(table.c.quantity.in_(value))
        elif name == "register":
            conditions.append(table.c.register == value)
        else:
            raise MissingError(f"layer '{spec.key}' names a filter '{name}' that nobody wrote")
    return and_(true(), *conditions)
