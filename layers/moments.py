"""At which moments did a layer change, so that nobody draws it anew for a moment at which it did not?"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, func, literal, or_, select, union_all

from layers import catalogue
from layers.rows import of_this_world, table_of

OVERWRITTEN = frozenset({"tag"})
"""Tables whose rows carry the latest reading itself: what they said before stands in the readings, not in the layer."""


def is_kept(layer: str) -> bool:
    """Whether the layer can be drawn as it was known at an earlier moment."""
    spec = catalogue.layer(layer)
    return spec.connected and not spec.mirrored and spec.table not in OVERWRITTEN


def first(connection: Connection, layer: str) -> datetime | None:
    """When the first row of the caller's world was recorded; None where there is none."""
    table = table_of(catalogue.layer(layer))
    found: datetime | None = connection.execute(
        select(func.min(table.c.recorded_at)).where(of_this_world(table))
    ).scalar_one()
    return found


def changes(connection: Connection, layers: Iterable[str], since: datetime, until: datetime) -> list[datetime]:
    """
    Moments after `since` and up to `until` at which rows of the layers came or ceased to stand, in order.

    Raises
    ------
    MissingError
        No such layer.
    """
    tables = {spec.table: table_of(spec) for spec in map(catalogue.layer, layers) if is_kept(spec.key)}
    parts = []
    for table in tables.values():
        parts += [
            select(column.label("at")).where(of_this_world(table), column > since, column <= until)
            for column in (table.c.recorded_at, table.c.superseded_at)
        ]
        # What is true from a moment on, or no longer, changes the map without anybody writing.
        ends = or_(table.c.superseded_at.is_(None), table.c.superseded_at > since)
        parts.append(
            select(table.c.valid_to.label("at")).where(
                of_this_world(table), ends, table.c.valid_to > since, table.c.valid_to <= until
            )
        )
    if not parts:
        return []
    every = union_all(*parts).subquery()
    # Rows of one import come one after the other within a second: one moment stands for them, the last of them.
    second = func.date_trunc(literal("second"), every.c.at)
    found = connection.execute(select(func.max(every.c.at)).group_by(second).order_by(second))
    return [row[0] for row in found]
