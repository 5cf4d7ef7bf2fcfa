"""What was imported, and what is kept aside?"""

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select

from layers.tables import Base

SHOWN = 200


def imports(connection: Connection, limit: int = SHOWN) -> list[dict[str, Any]]:
    """
    Imports of the caller's world, the latest first: ``id, layer, file_name, datum, began_at, rows, added, changed,
    unchanged, aside, actor, undone_at, undone_by``.
    """
    table = Base.metadata.tables["layers.data_import"]
    names = (
        "id", "layer", "file_name", "datum", "began_at", "rows", "added", "changed", "unchanged", "aside", "actor",
        "undone_at", "undone_by",
    )  # fmt: skip
    found = connection.execute(
        select(*[table.c[name] for name in names])
        .where(table.c.mode == func.current_setting("onemap.mode", True))
        .order_by(table.c.began_at.desc())
        .limit(limit)
    ).mappings()
    return [dict(row) for row in found]


def aside(
    connection: Connection, layer: str = "", rule: str = "", import_id: UUID | None = None, limit: int = SHOWN
) -> list[dict[str, Any]]:
    """
    Rows kept aside in the caller's world and divisions, the latest first: ``id, import_id, layer, row_number, name,
    division_code, owner, rules, reasons, raw, kept_at, longitude, latitude``.
    """
    table = Base.metadata.tables["layers.import_aside"]
    names = (
        "id", "import_id", "layer", "row_number", "name", "division_code", "owner", "rules", "reasons", "raw",
        "kept_at",
    )  # fmt: skip
    here = (
        (table.c.mode == func.current_setting("onemap.mode", True))
        & table.c.settled_at.is_(None)
        & (table.c.division_code >= func.current_setting("onemap.division_from", True))
        & (table.c.division_code < func.current_setting("onemap.division_to", True))
    )
    if layer:
        here &= table.c.layer == layer
    if rule:
        here &= table.c.rules.contains([rule])
    if import_id is not None:
        here &= table.c.import_id == import_id
    found = connection.execute(
        select(
            *[table.c[name] for name in names],
            func.ST_X(table.c.geometry).label("longitude"),
            func.ST_Y(table.c.geometry).label("latitude"),
        )
        .where(here)
        .order_by(table.c.id.desc())
        .limit(limit)
    ).mappings()
    return [dict(row) for row in found]
