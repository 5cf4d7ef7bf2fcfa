"""Did a register change since it was last asked, told without reading its rows?"""

from sqlalchemy import Connection, func, select, text

from layers import catalogue
from layers.rows import table_of

_CHANGES = text("SELECT CAST(sum(changes) AS text) FROM layers.register_stamp WHERE register = :register")


def stamp(connection: Connection, layer: str) -> str:
    """
    Text that is another one whenever `tiles.version` of the layer may be; empty where nobody keeps count of its writes.

    It counts the transactions that wrote the register (trigger of migration 0031) and names the last moment at which a
    row began or ended by the mere passing of time. Ask before the version it is to stand for: what is written in
    between is then asked for once too often, never once too little.
    """
    table = table_of(catalogue.layer(layer))
    changes = connection.execute(_CHANGES, {"register": table.name}).scalar_one()
    if changes is None:
        return ""
    now, ending = func.statement_timestamp(), table.c.valid_to.is_not(None)
    # Read from the end of an index each.
    ended = select(func.max(table.c.valid_to)).where(ending & (table.c.valid_to <= now)).scalar_subquery()
    begun = select(func.max(table.c.valid_from)).where(ending & (table.c.valid_from <= now)).scalar_subquery()
    seen = connection.execute(select(ended, begun)).one()
    return f"{changes} {seen[0]} {seen[1]}"
