"""Which columns of a layer are personal, and how is one row read when somebody may see them?"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from gis.errors import InputError, MissingError
from gis.masking import Kind
from layers import catalogue
from layers.layer_spec import LayerSpec
from layers.rows import belongs, table_of

COLUMNS: Mapping[str, Mapping[str, Kind]] = {
    "enterprise": {"safety_head": "name", "duty_phone": "phone"},
    "protection_target": {"phone": "phone"},
    "shelter": {"manager": "name", "phone": "phone"},
    "rescue_team": {"phone": "phone"},
    "store": {"manager": "name", "phone": "phone"},
}
"""Table -> column -> kind; a test holds it against ``access.personal_column``, by which the rows are masked."""

ATTRIBUTES: Mapping[str, Kind] = {
    "person": "name", "phone": "phone", "duty_phone": "phone", "insurer_phone": "phone", "inspectors": "name",
    "owner": "party",
}  # fmt: skip
"""Attribute of a mirrored register -> kind: experts, wardens, persons in charge, inspectors."""


def columns_of(spec: LayerSpec) -> tuple[str, ...]:
    """
    Personal columns of a layer, in the order of its dossier.

    Examples
    --------
    >>> columns_of(catalogue.layer("enterprise")), columns_of(catalogue.layer("camera"))
    (('safety_head', 'duty_phone'), ())
    """
    declared = ATTRIBUTES if spec.mirrored else COLUMNS.get(spec.table, {})
    return tuple(column for column in spec.columns if column in declared)


def of_row(connection: Connection, layer: str, row_id: str) -> dict[str, Any]:
    """
    Personal columns of one standing row, as the transaction may see them.

    Raises
    ------
    MissingError
        No such layer, or no standing row of that id.
    InputError
        The layer holds nothing personal.
    """
    spec = catalogue.layer(layer)
    wanted = columns_of(spec)
    if not wanted:
        raise InputError(f"layer '{layer}' holds no personal data")
    table = table_of(spec)
    chosen = [table.c.attributes] if spec.mirrored else [table.c[column] for column in wanted]
    row = connection.execute(select(*chosen).where(belongs(spec, table) & (table.c.id == row_id))).mappings().first()
    if row is None:
        raise MissingError(f"layer '{layer}' has no row '{row_id}' that stands now; search for it by name")
    held = row["attributes"] if spec.mirrored else row
    return {column: held.get(column) for column in wanted}
