"""The door to PostGIS: who is asking, in which transaction, and how do frames come out?"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from sqlalchemy import Connection, Engine, Executable, RootTransaction, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from gis import personal, soundness
from gis.crs import GEOGRAPHIC
from gis.errors import InputError, RefusedError, UnavailableError
from gis.generations import Generations
from gis.provenance import Mode

APPLICATION_ROLE = "onemap_app"
OWNER_ROLE = "onemap_owner"

LOWEST_DIVISION = "000000"
HIGHEST_DIVISION = "999999"
"""No code of GB/T 2260 reaches it, so the half-open range below it is the whole country."""


@dataclass(frozen=True, slots=True)
class Caller:
    """
    Who asks, and for which part of the country; written into every transaction for row-level security.

    Attributes
    ----------
    actor
        Name of the account, from the sign-in, never from a request body.
    division_from, division_to
        Half-open range of 6-digit division codes (GB/T 2260) the caller may see.
    mode
        Which world the caller works in: live, drill or sim.
    clearance
        Highest label of rows the caller may see.
    sees_sealed
        Whether records that are sealed while they go on (the record of an exercise) are there for the caller.
    sees_personal
        Whether names and telephone numbers leave the database as they stand; nobody's by nature, not even the
        program's own, see `seeing_personal`.
    """

    actor: str
    division_from: str
    division_to: str
    mode: Mode = "live"
    clearance: Literal["public", "internal", "restricted"] = "restricted"
    sees_sealed: bool = False
    sees_personal: bool = False

    @classmethod
    def system(cls) -> "Caller":
        """The program itself: everything."""
        return cls("system", LOWEST_DIVISION, HIGHEST_DIVISION, sees_sealed=True)

    def of_the_whole_country(self) -> "Caller":
        """Give the same caller with every division and label in sight: for sums, never for rows that are shown."""
        return replace(self, division_from=LOWEST_DIVISION, division_to=HIGHEST_DIVISION, clearance="restricted")

    def seeing_personal(self) -> "Caller":
        """Give the same caller for a transaction that shows personal data: checked for the right, and written down."""
        return replace(self, sees_personal=True)


_SET_CALLER = (
    "SELECT set_config('onemap.actor', %s, true), set_config('onemap.division_from', %s, true), "
    "set_config('onemap.division_to', %s, true), set_config('onemap.mode', %s, true), "
    "set_config('onemap.clearance', %s, true), set_config('onemap.sealed', %s, true)"
)


_READ_ONLY = "25006"
"""SQLSTATE of a write in a transaction that may only read."""
_LOOKING = "this is a look at the record: nothing can be recorded from here; go to the live desk"


class Database:
    """
    One engine with its pool. Nothing is asked before the first transaction.

    Parameters
    ----------
    url
        SQLAlchemy address, ``postgresql+psycopg://…``; plain ``postgresql://`` is understood too.
    """

    _set_caller = _SET_CALLER

    def __init__(self, url: str, *, pool_size: int = 8) -> None:
        self.url = psycopg_url(url)
        self.engine: Engine = create_engine(
            self.url,
            pool_size=pool_size,
            max_overflow=8,
            # No ping before use: that would be a round trip more for everything. The first statement of a transaction
            # finds a dead connection just as well, see `transaction` and `call`.
            pool_recycle=1800,
            # Parameters may hold personal data; they stay out of error texts and logs.
            hide_parameters=True,
            connect_args={"connect_timeout": 10, "cursor_factory": personal.MaskingCursor},
        )
        event.listen(self.engine, "connect", _prepare)
        self._generations = Generations(self.engine)

    @property
    def conninfo(self) -> str:
        """Address in libpq's own form, for a bare psycopg connection such as a LISTEN."""
        return libpq_conninfo(self.url)

    @contextmanager
    def transaction(self, caller: Caller) -> Iterator[Connection]:
        """
        Open a transaction in the name of `caller`; commit at the end, roll back on an exception.

        The caller's settings die with the transaction (``set_config(…, true)``), so a pooled connection never carries
        one person's range to the next.

        Raises
        ------
        UnavailableError
            The database does not answer.
        """
        connection, begun = self._begun(caller)
        with connection, begun:
            yield connection

    def _begun(self, caller: Caller) -> tuple[Connection, RootTransaction]:
        """Connection in a transaction that knows its caller; one that died in the pool is replaced."""
        values = (*_settings_of(caller), caller.clearance, "shown" if caller.sees_sealed else "")
        for again in (True, False):
            try:
                connection = self.engine.connect()
            except OperationalError as error:
                raise UnavailableError(f"the database does not answer: {first_line(error)}") from error
            try:
                begun = connection.begin()
                personal.let_see(connection.connection.driver_connection, caller.sees_personal)
                connection.exec_driver_sql(self._set_caller, values)
            except DBAPIError as error:
                connection.close()
                if not error.connection_invalidated:
                    raise
                if not again:
                    raise UnavailableError(f"the database does not answer: {first_line(error)}") from error
            except BaseException:
                connection.close()
                raise
            else:
                return connection, begun
        raise AssertionError("the second attempt has returned or raised")

    def call(self, statement: str, caller: Caller, values: Sequence[Any]) -> list[Any]:
        """
        Run one statement that is a transaction by itself, in one round trip, and return its rows.

        Only for functions of the database that take the caller as their first four values, set him for their own
        transaction, and may be sent twice: when the line breaks, the statement is sent once more, because nobody
        knows whether the first one arrived.

        Parameters
        ----------
        statement
            With ``%s`` for each value; four for the caller come first.

        Raises
        ------
        UnavailableError
            The database does not answer.
        DBAPIError
            The statement was refused.
        """
        import psycopg
        from psycopg.rows import namedtuple_row

        for again in (True, False):
            try:
                pooled = self.engine.raw_connection()
            except (OperationalError, psycopg.OperationalError) as error:
                raise UnavailableError(f"the database does not answer: {first_line(error)}") from error
            driver = pooled.driver_connection
            assert isinstance(driver, psycopg.Connection)
            try:
                driver.autocommit = True
                personal.let_see(driver, caller.sees_personal)
                with driver.cursor(row_factory=namedtuple_row) as cursor:
                    return cursor.execute(statement.encode(), (*_settings_of(caller), *values), prepare=True).fetchall()
            except psycopg.Error as error:
                if not driver.closed:
                    raise DBAPIError.instance(
                        None, None, error, psycopg.Error, hide_parameters=True, dialect=self.engine.dialect
                    ) from error
                self._generations.end(pooled.info)  # what ended this connection has probably ended its neighbours
                pooled.invalidate()
                if not again:
                    raise UnavailableError(f"the database does not answer: {first_line(error)}") from error
            finally:
                if not driver.closed:
                    driver.autocommit = False
                pooled.close()
        raise AssertionError("the second attempt has returned or raised")

    def assert_sound(self) -> None:
        """
        Refuse to work on a database that could lose what was acknowledged or that ignores rights.

        Raises
        ------
        UnavailableError
            One sentence for each reason, see `soundness.faults`; a password in the address that everybody tries.
        """
        with self.transaction(Caller.system()) as connection:
            faults = soundness.faults(connection, application_role=APPLICATION_ROLE, owner_role=OWNER_ROLE)
        if soundness.weak_secret(self.engine.url.password):
            faults.append("the address of the database carries a password everybody tries; set one of its own")
        if faults:
            raise UnavailableError("this database is not safe to use: " + "; ".join(faults))

    def reading(self) -> "ReadingDatabase":
        """Give the same database to somebody who may only look; it shares the pool."""
        return ReadingDatabase(self)

    def close(self) -> None:
        """Close all pooled connections."""
        self.engine.dispose()


class ReadingDatabase(Database):
    """
    A door through which nothing can be written: the database itself refuses it, whatever code stands behind the door.

    A transaction that has begun to read cannot be turned back into one that writes.
    """

    _set_caller = "SELECT set_config('transaction_read_only', 'on', true), " + _SET_CALLER.removeprefix("SELECT ")

    def __init__(self, whole: Database) -> None:
        self.url = whole.url
        self.engine = whole.engine

    @contextmanager
    def transaction(self, caller: Caller) -> Iterator[Connection]:
        """
        Open a transaction in the name of `caller` in which nothing can be written.

        Raises
        ------
        RefusedError
            Somebody tried.
        UnavailableError
            The database does not answer.
        """
        try:
            with super().transaction(caller) as connection:
                yield connection
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) != _READ_ONLY:
                raise
            raise RefusedError(_LOOKING) from error

    def call(self, statement: str, caller: Caller, values: Sequence[Any]) -> list[Any]:  # noqa: ARG002
        """
        Refuse: what is reached this way records something.

        Raises
        ------
        RefusedError
            Always.
        """
        raise RefusedError(_LOOKING)

    def reading(self) -> "ReadingDatabase":
        """Give self."""
        return self

    def close(self) -> None:
        """Leave the pool to whom it belongs."""


def _settings_of(caller: Caller) -> tuple[str, str, str, str]:
    """The first four values of every function reached by `Database.call`, and of `Database._set_caller`."""
    return caller.actor, caller.division_from, caller.division_to, caller.mode


def _prepare(connection: Any, _record: object) -> None:
    """Settings of a new connection: UTC, decimals as floats (no money here), and which columns are personal."""
    from psycopg.types.numeric import FloatLoader

    connection.adapters.register_loader("numeric", FloatLoader)
    autocommit = connection.autocommit
    connection.autocommit = True
    connection.execute("SET TIME ZONE 'UTC'")
    personal.attend(connection)
    connection.autocommit = autocommit


def psycopg_url(url: str) -> str:
    """
    Return `url` with the psycopg driver named, password kept.

    Raises
    ------
    InputError
        Not an address of a PostgreSQL database.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise InputError("the database address is malformed; write postgresql://user:password@host/name") from error
    if parsed.drivername not in ("postgresql", "postgres", "postgresql+psycopg"):
        raise InputError(f"database address begins with '{parsed.drivername}': only postgresql:// works")
    return parsed.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def libpq_conninfo(url: str) -> str:
    """Turn a SQLAlchemy address into libpq's ``key=value`` form."""
    from psycopg.conninfo import make_conninfo

    parsed = make_url(psycopg_url(url))
    parts: dict[str, Any] = {
        "host": parsed.host,
        "port": parsed.port,
        "user": parsed.username,
        "password": parsed.password,
        "dbname": parsed.database,
        **{key: value for key, value in parsed.query.items() if isinstance(value, str)},
    }
    return make_conninfo(**{key: value for key, value in parts.items() if value not in (None, "")})


def first_line(error: BaseException) -> str:
    """First line of the driver's own message, without SQLAlchemy's wrapping."""
    cause = getattr(error, "orig", None) or error
    lines = str(cause).strip().splitlines()
    return lines[0] if lines else type(cause).__name__


def read_frame(
    connection: Connection, statement: str | Executable, params: Mapping[str, Any] | None = None
) -> gpd.GeoDataFrame:
    """
    Run `statement` and return its rows as a frame in CGCS2000 degrees.

    Parameters
    ----------
    statement
        SQL with ``:name`` parameters. Its column ``geometry`` (PostGIS geometry in EPSG:4490) becomes the geometry.

    Raises
    ------
    InputError
        The statement has no column ``geometry``.
    """
    result = connection.execute(text(statement) if isinstance(statement, str) else statement, dict(params or {}))
    columns = list(result.keys())
    if "geometry" not in columns:
        raise InputError(f"the statement gives no column 'geometry', only {', '.join(columns)}")
    rows = result.fetchall()
    place = columns.index("geometry")
    # Taken from the rows, not from the frame: pandas would turn a missing geometry among hex texts into NaN.
    shapes = shapely.from_wkb(np.array([row[place] for row in rows], dtype=object))
    frame = pd.DataFrame.from_records([tuple(row) for row in rows], columns=columns, exclude=["geometry"])
    answer = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, index=frame.index, crs=GEOGRAPHIC))
    return answer[columns]
