"""
Who sees names and telephone numbers? Rows are masked where they leave the database, whoever asks and whatever he wrote.

PostgreSQL says of every column of an answer from which table it comes. Which columns are personal stands in the
database (``access.personal_column``), so a statement nobody thought of is masked too: nothing above this door can
forget it. A column that was computed has no table any more and is masked when it bears a declared name.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import psycopg
from sqlalchemy import Connection

from gis.masking import Keys, Kind, in_json, of_kind

_DECLARED = "onemap_personal"
_SHOWN = "onemap_personal_shown"


@dataclass(frozen=True, slots=True)
class Declared:
    """
    Personal columns of one database.

    Attributes
    ----------
    columns
        (table or view, number of the column) -> kind, or keys of a column that holds JSON.
    names
        Name of a column -> kind, for columns that were computed.
    """

    columns: Mapping[tuple[int, int], Kind | Keys] = field(default_factory=dict)
    names: Mapping[str, Kind] = field(default_factory=dict)

    @classmethod
    def read(cls, connection: "psycopg.Connection[Any]") -> "Declared":
        """Read what the database declares; nothing where it is not migrated yet."""
        found = connection.execute("SELECT to_regclass('access.personal_column')").fetchone()
        if found is None or found[0] is None:
            return cls()
        rows = connection.execute(_READ).fetchall()
        columns = {(int(table), int(number)): keys or kind for table, number, _, kind, keys in rows}
        names: dict[str, Kind] = {}
        for _, _, name, kind, keys in rows:
            if keys:
                names |= {key: cast(Kind, below) for key, below in keys.items() if isinstance(below, str)}
            else:
                names.setdefault(name, kind)
        return cls(columns, {name: kind for name, kind in names.items() if kind != "words"})


class MaskingCursor(psycopg.Cursor[Any]):
    """A cursor whose rows are masked unless its connection was told to show them."""

    _of: Any = None
    _masked: Sequence[tuple[int, "Kind | Keys"]] = ()

    def fetchone(self) -> Any:
        """Next row."""
        row = super().fetchone()
        masked = self._columns() if row is not None else ()
        return _veiled(row, masked) if masked else row

    def fetchmany(self, size: int = 0) -> list[Any]:
        """Some rows."""
        rows = super().fetchmany(size)
        masked = self._columns() if rows else ()
        return [_veiled(row, masked) for row in rows] if masked else rows

    def fetchall(self) -> list[Any]:
        """All rows left."""
        rows = super().fetchall()
        masked = self._columns() if rows else ()
        return [_veiled(row, masked) for row in rows] if masked else rows

    def _columns(self) -> Sequence[tuple[int, "Kind | Keys"]]:
        """Places of the masked columns in the present answer."""
        if getattr(self.connection, _SHOWN, False):
            return ()
        answer = self.pgresult
        if answer is not None and answer is not self._of:
            self._of, self._masked = answer, _masked(self.connection, answer)
        return self._masked


def attend(connection: "psycopg.Connection[Any]") -> None:
    """Tell a new connection what is personal in its database."""
    setattr(connection, _DECLARED, Declared.read(connection))


def let_see(connection: Any, shown: bool) -> None:
    """Say for the transaction that begins whether personal columns are shown; a pooled connection is told each time."""
    setattr(connection, _SHOWN, shown)


def are_shown(connection: Connection) -> bool:
    """Whether this transaction shows personal columns."""
    return bool(getattr(connection.connection.driver_connection, _SHOWN, False))


@contextmanager
def compared(connection: Connection) -> Iterator[None]:
    """
    Read as it stands, for comparing and dialling inside the house: what is read so is never handed out.

    Who may use it stands in tests/house/test_personal.py with the reason.
    """
    driver, before = connection.connection.driver_connection, are_shown(connection)
    let_see(driver, True)
    try:
        yield
    finally:
        let_see(driver, before)


def _masked(connection: Any, answer: Any) -> Sequence[tuple[int, Kind | Keys]]:
    declared: Declared | None = getattr(connection, _DECLARED, None)
    if declared is None or not declared.columns:
        return ()
    found: list[tuple[int, Kind | Keys]] = []
    for at in range(answer.nfields):
        table = answer.ftable(at)
        kind = (
            declared.columns.get((table, answer.ftablecol(at)))
            if table
            else declared.names.get((answer.fname(at) or b"").decode())
        )
        if kind is not None:
            found.append((at, kind))
    return found


def _veiled(row: Any, masked: Sequence[tuple[int, Kind | Keys]]) -> Any:
    values = list(row)
    for at, kind in masked:
        values[at] = of_kind(kind, values[at]) if isinstance(kind, str) else in_json(values[at], kind)
    return row._make(values) if hasattr(row, "_make") else tuple(values)


# A view hands on columns under the numbers of its own; its rule depends on the columns it reads.
_READ = """
WITH own AS (
    SELECT column_.attrelid, column_.attnum, column_.attname, said.kind, said.keys
    FROM access.personal_column AS said
    JOIN pg_attribute AS column_ ON column_.attrelid = to_regclass(said.place) AND column_.attname = said.name
        AND NOT column_.attisdropped
)
SELECT attrelid::bigint, attnum, attname::text, kind, keys FROM own
UNION
SELECT shown.attrelid::bigint, shown.attnum, shown.attname::text, own.kind, own.keys
FROM own
JOIN pg_depend AS needs ON needs.classid = 'pg_rewrite'::regclass AND needs.refclassid = 'pg_class'::regclass
    AND needs.refobjid = own.attrelid AND needs.refobjsubid = own.attnum
JOIN pg_rewrite AS rule ON rule.oid = needs.objid AND rule.ev_class <> own.attrelid
JOIN pg_attribute AS shown ON shown.attrelid = rule.ev_class AND shown.attname = own.attname AND NOT shown.attisdropped
"""
