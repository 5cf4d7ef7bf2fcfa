"""How does a row change without anything being overwritten? The old row is closed, a new one added."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

import pandas as pd
from psycopg import sql
from psycopg.errors import UniqueViolation
from sqlalchemy import Connection, Table
from sqlalchemy import text as statement

from gis.copying import Prepared, copy_frame, prepared
from gis.errors import ConflictError, InputError
from layers.tables import Base

KEPT_BY_THE_DATABASE = frozenset({"row_id", "world_x", "world_y", "superseded_at", "valid_to"})
OF_THE_ROW_ITSELF = frozenset({"valid_from", "recorded_at", "ingested_at", "source_system", "as_of", "label", "mode"})
"""Columns whose difference alone is no news about the thing itself."""
STAGE = "onemap_stage"


@dataclass(frozen=True, slots=True)
class Revised:
    """
    What a revision did.

    Attributes
    ----------
    added, changed, unchanged, ended
        Rows that were new, that replaced another, that said nothing new, and that the source no longer has.
    pairs
        ``(new row_id, old row_id)`` of everything written; None on the side there is none.
    """

    added: int
    changed: int
    unchanged: int
    ended: int = 0
    pairs: tuple[tuple[int | None, int | None], ...] = field(default=(), repr=False)


def revise(
    connection: Connection,
    table_name: str,
    frame: pd.DataFrame,
    *,
    since: bool = False,
    key: Sequence[str] = ("id",),
    end_missing: bool = False,
    compare: Sequence[str] | None = None,
    recorded_at: datetime | None = None,
) -> Revised:
    """
    Bring the standing rows of a layer's table to what `frame` says, in the transaction of `connection`.

    Parameters
    ----------
    frame
        Rows with ``id``, ``mode``, ``valid_from``, ``as_of``, ``source_system``, ``division_code`` and the columns they
        speak about, no id twice. A column left out keeps the value of the row that stands.
    since
        False: a correction; what we believed was wrong from the beginning. True: the world changed at the new row's
        ``valid_from``; the old value stays true before it.
    key
        Columns that name a thing within one world; further ones (``register``) beside ``id``.
    end_missing
        Whether standing rows of the same world (and register) that the frame does not name are ended.
    compare
        Columns whose difference is news; None = all of the frame except what a row says of itself.
    recorded_at
        When we learnt it (aware); None = now.

    Raises
    ------
    InputError
        The table has no such columns.
    """
    table = Base.metadata.tables[f"layers.{table_name}"]
    columns = [str(column) for column in frame.columns]
    unknown = [column for column in columns if column not in table.c or column in KEPT_BY_THE_DATABASE]
    if unknown:
        raise InputError([f"{table_name} has no column '{column}' to write" for column in unknown])
    news = [column for column in compare or columns if column not in OF_THE_ROW_ITSELF and column not in key]
    stamp = recorded_at or connection.execute(statement("SELECT clock_timestamp()")).scalar_one()
    _stage(connection, table, columns, frame)
    names = _Names(table, columns, list(key), news)
    driver = connection.connection.driver_connection
    assert driver is not None
    with driver.cursor() as cursor:
        # Two imports of one layer at once would each miss what the other adds.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('onemap revise ' || %s))", (table_name,))
        cursor.execute(names.find())
        cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(names.found))
        standing = int(cursor.fetchone()[0])
        cursor.execute(sql.SQL("SELECT old_row FROM {} WHERE differs").format(names.found))
        closing = [int(row[0]) for row in cursor.fetchall()]
        ending: list[int] = []
        if end_missing:
            cursor.execute(names.missing())
            ending = [int(row[0]) for row in cursor.fetchall()]
        cursor.execute(names.close(), (stamp, closing))
        pairs: list[tuple[int | None, int | None]] = [(None, row) for row in (*closing, *ending)]
        cursor.execute(names.close(), (stamp, ending))
        # The stretch before a change or an end stays true; a change dated before its beginning leaves none.
        if since:
            cursor.execute(names.keep_past(), (stamp, closing))
            pairs += [(int(row[0]), None) for row in cursor.fetchall()]
        if ending:
            cursor.execute(names.end(), (stamp, stamp, ending, stamp))
            pairs += [(int(row[0]), None) for row in cursor.fetchall()]
        cursor.execute(names.add(corrects=not since), (stamp,))
        pairs += [(int(row[0]), None) for row in cursor.fetchall()]
    added = len(frame) - standing
    return Revised(added, len(closing), standing - len(closing), len(ending), tuple(pairs))


def append(connection: Connection, table_name: str, frames: Iterable[pd.DataFrame]) -> Revised:
    """
    Add rows of things the table does not have, straight into it: half the time of `revise`, which looks for each.

    The next frame is made and turned into values in a thread while the database writes the last.

    Raises
    ------
    ConflictError
        One of them is there after all: somebody else brought it in meanwhile.
    """
    stamp = connection.execute(statement("SELECT clock_timestamp()")).scalar_one()
    driver = connection.connection.driver_connection
    assert driver is not None
    with driver.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('onemap revise ' || %s))", (table_name,))
        try:
            for part in _ahead(frames, stamp):
                copy_frame(connection, f"layers.{table_name}", part)
        except UniqueViolation as error:
            raise ConflictError("another import brought in some of these rows meanwhile; run it again") from error
        cursor.execute(
            sql.SQL("SELECT row_id FROM {} WHERE recorded_at = %s AND superseded_at IS NULL").format(
                sql.Identifier("layers", table_name)
            ),
            (stamp,),
        )
        pairs: list[tuple[int | None, int | None]] = [(int(row[0]), None) for row in cursor.fetchall()]
    return Revised(len(pairs), 0, 0, 0, tuple(pairs))


def _ahead(frames: Iterable[pd.DataFrame], stamp: datetime) -> Iterator[Prepared]:
    coming = iter(frames)

    def following() -> Prepared | None:
        frame = next(coming, None)
        return None if frame is None else prepared(frame.assign(recorded_at=stamp))

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(following)
        while (ready := waiting.result()) is not None:
            waiting = pool.submit(following)
            yield ready


def take_back(
    connection: Connection, table_name: str, pairs: Sequence[tuple[int | None, int | None]]
) -> tuple[int, dict[int, int]]:
    """
    Undo a revision: close the rows it added that still stand, and add again what it had closed.

    A row that was changed once more since then is left alone.

    Returns
    -------
    closed, again
        Number of rows closed, and row that had been closed -> the row that stands in its place now.
    """
    table = Base.metadata.tables[f"layers.{table_name}"]
    kept = [column.key for column in table.c if column.key not in (*KEPT_BY_THE_DATABASE, "recorded_at")]
    names: dict[str, sql.Composable] = {
        "table": sql.Identifier("layers", table_name),
        "kept": sql.SQL(", ").join(map(sql.Identifier, [*kept, "valid_to"])),
        "key": sql.SQL(", ").join(map(sql.Identifier, [key for key in ("mode", "register", "id") if key in table.c])),
    }
    driver = connection.connection.driver_connection
    assert driver is not None
    with driver.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('onemap revise ' || %s))", (table_name,))
        cursor.execute(
            sql.SQL(
                "UPDATE {table} SET superseded_at = clock_timestamp() WHERE row_id = ANY(%s) AND superseded_at IS NULL"
            ).format(**names),
            ([row for row, _ in pairs if row is not None],),
        )
        closed = int(cursor.rowcount)
        old = [row for _, row in pairs if row is not None]
        cursor.execute(
            sql.SQL(
                "INSERT INTO {table} ({kept}, recorded_at) SELECT {kept}, clock_timestamp() FROM {table} AS old "
                "WHERE old.row_id = ANY(%s) AND NOT EXISTS (SELECT FROM {table} AS now WHERE now.id = old.id "
                "AND now.mode = old.mode AND now.superseded_at IS NULL AND now.valid_to IS NULL) "
                "RETURNING row_id, ({key})::text"
            ).format(**names),
            (old,),
        )
        fresh = {str(key): int(row) for row, key in cursor.fetchall()}
        cursor.execute(
            sql.SQL("SELECT row_id, ({key})::text FROM {table} WHERE row_id = ANY(%s)").format(**names), (old,)
        )
        again = {int(row): fresh[str(key)] for row, key in cursor.fetchall() if str(key) in fresh}
    return closed, again


def _stage(connection: Connection, table: Table, columns: list[str], frame: pd.DataFrame) -> None:
    listed = sql.SQL(", ").join(map(sql.Identifier, columns))
    driver = connection.connection.driver_connection
    assert driver is not None
    with driver.cursor() as cursor:
        cursor.execute(sql.SQL("DROP TABLE IF EXISTS pg_temp.{}").format(sql.Identifier(STAGE)))
        cursor.execute(
            sql.SQL("CREATE TEMP TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA").format(
                sql.Identifier(STAGE), listed, sql.Identifier("layers", table.name)
            )
        )
    copy_frame(connection, f"pg_temp.{STAGE}", frame)
    with driver.cursor() as cursor:
        # Without figures the planner would join sixty thousand staged rows one by one.
        cursor.execute(sql.SQL("ANALYZE pg_temp.{}").format(sql.Identifier(STAGE)))


class _Names:
    """The statements of one revision, with every name quoted."""

    def __init__(self, table: Table, columns: list[str], key: list[str], news: list[str]) -> None:
        self.table = sql.Identifier("layers", table.name)
        self.stage = sql.Identifier("pg_temp", STAGE)
        self.found = sql.Identifier("pg_temp", f"{STAGE}_found")
        self.columns = columns
        self.key = ["mode", *key]
        self.news = news
        self.all = [
            column.key for column in table.c if column.key not in ("row_id", "world_x", "world_y", "superseded_at")
        ]

    def _joined(self) -> sql.Composable:
        same = [sql.SQL("old.{0} = new.{0}").format(sql.Identifier(column)) for column in self.key]
        return sql.SQL(" AND ").join([*same, sql.SQL("old.superseded_at IS NULL AND old.valid_to IS NULL")])

    def find(self) -> sql.Composable:
        """Pair staged rows with those that stand, and say which differ in what matters."""
        differ = [sql.SQL("old.{0} IS DISTINCT FROM new.{0}").format(sql.Identifier(column)) for column in self.news]
        return sql.SQL(
            "DROP TABLE IF EXISTS {found}; CREATE TEMP TABLE {name} ON COMMIT DROP AS "
            "SELECT old.row_id AS old_row, {key}, ({differ}) AS differs FROM {table} AS old JOIN {stage} AS new ON {on}"
        ).format(
            found=self.found,
            name=sql.Identifier(f"{STAGE}_found"),
            key=self._listed("new", self.key),
            differ=sql.SQL(" OR ").join(differ) if differ else sql.SQL("false"),
            table=self.table,
            stage=self.stage,
            on=self._joined(),
        )

    def missing(self) -> sql.Composable:
        """Standing rows of the staged worlds that no staged row names."""
        scope = [column for column in self.key if column != "id"]
        return sql.SQL(
            "SELECT old.row_id FROM {table} AS old WHERE old.superseded_at IS NULL AND old.valid_to IS NULL "
            "AND ({scope_old}) IN (SELECT DISTINCT {scope_new} FROM {stage} AS new) "
            "AND NOT EXISTS (SELECT FROM {stage} AS new WHERE {on})"
        ).format(
            table=self.table,
            stage=self.stage,
            scope_old=self._listed("old", scope),
            scope_new=self._listed("new", scope),
            on=self._joined(),
        )

    def close(self) -> sql.Composable:
        """Close rows by number at a moment."""
        return sql.SQL("UPDATE {} SET superseded_at = greatest(%s, recorded_at) WHERE row_id = ANY(%s)").format(
            self.table
        )

    def moment(self) -> sql.Composable:
        """Beginning of the staged row that replaces ``old``."""
        same = [sql.SQL("old.{0} = new.{0}").format(sql.Identifier(column)) for column in self.key]
        return sql.SQL("(SELECT new.valid_from FROM {} AS new WHERE {})").format(
            self.stage, sql.SQL(" AND ").join(same)
        )

    def keep_past(self) -> sql.Composable:
        """Add the old values again, ended where the new ones begin."""
        moment = self.moment()
        kept = [column for column in self.all if column not in ("recorded_at", "valid_to")]
        return sql.SQL(
            "INSERT INTO {table} ({names}, recorded_at, valid_to) SELECT {values}, %s, {moment} FROM {table} AS old "
            "WHERE old.row_id = ANY(%s) AND old.valid_from < {moment} RETURNING row_id"
        ).format(
            table=self.table,
            names=sql.SQL(", ").join(map(sql.Identifier, kept)),
            values=self._listed("old", kept),
            moment=moment,
        )

    def end(self) -> sql.Composable:
        """Add closed rows again, ended at a moment."""
        kept = [column for column in self.all if column not in ("recorded_at", "valid_to")]
        return sql.SQL(
            "INSERT INTO {table} ({names}, recorded_at, valid_to) SELECT {values}, %s, %s FROM {table} AS old "
            "WHERE old.row_id = ANY(%s) AND old.valid_from < %s RETURNING row_id"
        ).format(
            table=self.table,
            names=sql.SQL(", ").join(map(sql.Identifier, kept)),
            values=self._listed("old", kept),
        )

    def add(self, *, corrects: bool) -> sql.Composable:
        """Add what is new and what differs; columns the file does not speak of come from the row it replaces."""
        written = [column for column in self.all if column not in ("recorded_at", "valid_to", "ingested_at")]
        values = [self._value(column, corrects=corrects) for column in written]
        same = [sql.SQL("found.{0} = new.{0}").format(sql.Identifier(column)) for column in self.key]
        # A left-out column of a new row takes the table's default, which a SELECT cannot name: two statements in one.
        given = [column for column in written if column in self.columns]
        return sql.SQL(
            "WITH stamp AS (SELECT %s::timestamptz AS at), "
            "paired AS (SELECT new.*, found.old_row, found.differs FROM {stage} AS new "
            "LEFT JOIN {found} AS found ON {same}), "
            "fresh AS (INSERT INTO {table} ({given}, recorded_at) SELECT {given_values}, stamp.at FROM paired AS new "
            "CROSS JOIN stamp WHERE new.old_row IS NULL RETURNING row_id), "
            "again AS (INSERT INTO {table} ({written}, recorded_at) SELECT {values}, stamp.at FROM paired AS new "
            "CROSS JOIN stamp JOIN {table} AS old ON old.row_id = new.old_row WHERE new.differs RETURNING row_id) "
            "SELECT row_id FROM fresh UNION ALL SELECT row_id FROM again"
        ).format(
            stage=self.stage,
            found=self.found,
            same=sql.SQL(" AND ").join(same),
            table=self.table,
            given=sql.SQL(", ").join(map(sql.Identifier, given)),
            given_values=self._listed("new", given),
            written=sql.SQL(", ").join(map(sql.Identifier, written)),
            values=sql.SQL(", ").join(values),
        )

    def _value(self, column: str, *, corrects: bool) -> sql.Composable:
        if column not in self.columns or (corrects and column == "valid_from"):
            return sql.SQL("old.{}").format(sql.Identifier(column))
        return sql.SQL("new.{}").format(sql.Identifier(column))

    @staticmethod
    def _listed(alias: str, columns: Sequence[str]) -> sql.Composable:
        return sql.SQL(", ").join(
            sql.SQL("{}.{}").format(sql.Identifier(alias), sql.Identifier(column)) for column in columns
        )
