"""Where on the ground did a register change since its tiles were drawn?"""

from datetime import datetime

from sqlalchemy import Connection, func, or_, select, text

from layers import catalogue
from layers.rows import of_this_world, table_of

MOST = 5000
"""Rows beyond which a register is simply new."""

_NOW = text("SELECT CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text), statement_timestamp()")
_IS_TABLE = text("SELECT relkind IN ('r', 'p') FROM pg_class WHERE oid = to_regclass(:name)")
# The transaction that wrote a row last, by its age: numbers of transactions come round again, ages compare.
_WRITTEN_SINCE = text("age(xmin) <= age(CAST(CAST(:oldest AS text) AS xid))")

Place = tuple[float, float]


def mark(connection: Connection) -> str:
    """Give what `since` needs to know of this moment; ask before what is to hold at it."""
    oldest, at = connection.execute(_NOW).one()
    return f"{oldest}|{at.isoformat()}"


def since(connection: Connection, layer: str, marked: str) -> list[Place] | None:
    """
    Places on the pyramid, 0 to 1 from the west and the north, of every row that came, ended or began since a mark.

    Rather a place too many than one too few: what a transaction wrote that was open at the mark counts. None where that
    cannot be told, or where it is too much to tell: no table of points, or more than 5,000 rows.

    The program may add rows and close them, but neither delete one nor move it (rights of the tables), so a place that
    changed has a row that says so.
    """
    table = table_of(catalogue.layer(layer))
    is_table = connection.execute(_IS_TABLE, {"name": f"{table.schema}.{table.name}"}).scalar_one()
    if "world_x" not in table.c or not is_table:
        return None
    oldest, _, at = marked.partition("|")
    now, moment = func.statement_timestamp(), datetime.fromisoformat(at)
    statement = (
        select(table.c.world_x, table.c.world_y)
        .where(
            of_this_world(table),
            or_(
                _WRITTEN_SINCE,
                table.c.valid_to.between(moment, now),
                table.c.valid_to.is_not(None) & table.c.valid_from.between(moment, now),
            ),
        )
        .limit(MOST + 1)
    )
    # A row carries the lower half of its transaction's number.
    rows = connection.execute(statement, {"oldest": str(int(oldest) % 2**32)}).all()
    return None if len(rows) > MOST else [(row[0], row[1]) for row in rows if row[0] is not None]
