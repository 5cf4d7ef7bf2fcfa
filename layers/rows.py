"""Which rows of a layer stand now? The one place where a catalogue entry becomes a condition."""

from sqlalchemy import ColumnElement, Table, and_, true

from gis.errors import MissingError
from layers.catalogue import LayerSpec
from layers.tables import Base


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


def standing(table: Table) -> ColumnElement[bool]:
    """Rows we hold to be true now: neither replaced by a correction nor ended."""
    return and_(table.c.superseded_at.is_(None), table.c.valid_to.is_(None))


def belongs(spec: LayerSpec, table: Table) -> ColumnElement[bool]:
    """Standing rows that pass the layer's named filters."""
    conditions = [standing(table)]
    for name, value in spec.where.items():
        if name == "sector":
            conditions.append(table.c.sectors.contains([value]))
        elif name == "has_risk":
            conditions.append(table.c.risk_level.is_not(None))
        elif name == "quantities":
            assert isinstance(value, tuple)
            conditions.append(table.c.quantity.in_(value))
        else:
            raise MissingError(f"layer '{spec.key}' names a filter '{name}' that nobody wrote")
    return and_(true(), *conditions)
