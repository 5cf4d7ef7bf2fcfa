"""How do settings become an open house: a running, migrated, safe database behind one object?"""

import os
import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import make_url

from command_ui.settings import Settings
from gis import migrate
from gis.cluster import PrivateCluster
from gis.database import APPLICATION_ROLE, Database, libpq_conninfo, psycopg_url
from gis.errors import RefusedError, UnavailableError
from gis.keeper import Keeper
from gis.replica import Replica

if TYPE_CHECKING:
    from tianditu.proxy import TileProxy
    from tianditu.services.national import NationalPlaces


def _quiet(_step: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class House:
    """
    What everything above the rooms is built from; made once per process and passed down.

    Attributes
    ----------
    settings
        What was set from outside.
    database
        Door to PostGIS as the role of the program.
    cluster
        The private cluster behind it; None when a real server is used.
    """

    settings: Settings
    database: Database
    cluster: PrivateCluster | None = None

    @cached_property
    def base_maps(self) -> "TileProxy":
        """National base maps; built when first asked for, used on the server's event loop and closed there."""
        from command_ui.basemaps import configuration
        from tianditu.proxy import TileProxy

        return TileProxy(configuration(self.settings))

    @cached_property
    def places(self) -> "NationalPlaces":
        """National place services, with the keys of the base maps; asked only where a setting says so."""
        from tianditu.services.national import NationalPlaces

        return NationalPlaces(self.base_maps.configuration, self.base_maps.keys)

    @cached_property
    def map_database(self) -> Database:
        """Where tiles are read from: the copy that is set, else the database itself."""
        copy = self.settings.tiles_url
        return Replica(self.database, copy.get_secret_value()) if copy is not None else self.database

    def close(self) -> None:
        """Close the pool and leave the private cluster, which stops when nobody else uses it."""
        self.map_database.close()
        self.database.close()
        if self.cluster is not None:
            self.cluster.stop()

    def __enter__(self) -> "House":
        """Return self."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close; see `close`."""
        self.close()


def open_house(settings: Settings, *, tell: Callable[[str], None] = _quiet) -> House:
    """
    Start or find the database, migrate it when it is behind, and refuse it when it is not safe.

    Parameters
    ----------
    tell
        Called with one sentence per step.

    Raises
    ------
    UnavailableError
        No database, or an unsafe one.
    RefusedError
        The login may not migrate.
    """
    make_data_folder(settings)
    if settings.database_url is not None:
        database = Database(_prepare_server(settings, tell))
        try:
            database.assert_sound()
        except BaseException:
            database.close()
            raise
        return House(settings, database)
    cluster = PrivateCluster(settings.cluster_dir, archive=settings.archive_dir, tell=tell)
    cluster.start()
    try:
        migrate.upgrade(cluster.url(), tell=tell)
        database = Database(cluster.url(APPLICATION_ROLE))
        database.assert_sound()
    except BaseException:
        cluster.stop()
        raise
    return House(settings, database, cluster)


def keeping(house: House) -> AbstractContextManager[object]:
    """Start the private cluster again whenever it was killed; a real server has keepers of its own."""
    return Keeper(house.cluster) if house.cluster is not None else nullcontext()


def make_data_folder(settings: Settings) -> None:
    """
    Make the data folder and its parts.

    Raises
    ------
    UnavailableError
        It cannot be made or written.
    """
    try:
        for folder in (settings.data_dir, settings.networks_dir):
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnavailableError(
            f"cannot make the data folder {settings.data_dir}: {error}; set ONEMAP_DATA_DIR"
        ) from error


def migration_url(settings: Settings) -> str | None:
    """Login for migrations on a real server; None for the private cluster."""
    chosen = settings.migration_url or settings.database_url
    return psycopg_url(chosen.get_secret_value()) if chosen is not None else None


def _prepare_server(settings: Settings, tell: Callable[[str], None]) -> str:
    """Migrate a real server when needed and return the address the program itself logs in with."""
    given = psycopg_url(settings.database_url.get_secret_value()) if settings.database_url else ""
    administrator = migration_url(settings) or given
    is_program = make_url(given).username == APPLICATION_ROLE
    if migrate.current(given) != migrate.newest():
        if is_program and settings.migration_url is None:
            raise RefusedError(
                f"the database must be migrated and {APPLICATION_ROLE} may not do that: set ONEMAP_MIGRATION_URL to a "
                "login that may, or run `onemap db migrate` with it"
            )
        migrate.upgrade(administrator, tell=tell)
    return (
        given
        if is_program
        else _program_login(given, administrator, settings.data_dir / f"{APPLICATION_ROLE}.password")
    )


def _program_login(given: str, administrator: str, password_file: Path) -> str:
    """
    Address of `given` for the role of the program, whose password we keep in `password_file`.

    An administrator's login would pass row-level security and could edit the log, so the program never works with it.
    """
    import psycopg
    from psycopg import sql

    if not password_file.exists():
        descriptor = os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
            handle.write(secrets.token_urlsafe(32))
    password = password_file.read_text(encoding="utf-8").strip()
    program = make_url(given).set(username=APPLICATION_ROLE, password=password)
    address = program.render_as_string(hide_password=False)
    if _answers(address):
        return address
    with psycopg.connect(libpq_conninfo(administrator), autocommit=True) as connection:
        # The verifier is computed here: the password itself never crosses the wire or reaches a log.
        verifier = connection.pgconn.encrypt_password(password.encode(), APPLICATION_ROLE.encode(), b"scram-sha-256")
        statement = sql.SQL("ALTER ROLE {} PASSWORD {}")
        connection.execute(statement.format(sql.Identifier(APPLICATION_ROLE), sql.Literal(verifier.decode())))
    if not _answers(address):
        raise UnavailableError(
            f"the database does not let {APPLICATION_ROLE} log in from here: allow it in pg_hba.conf (scram-sha-256), "
            f"or give ONEMAP_DATABASE_URL a login as {APPLICATION_ROLE}"
        )
    return address


def _answers(address: str) -> bool:
    import psycopg

    try:
        psycopg.connect(libpq_conninfo(address), connect_timeout=10).close()
    except psycopg.OperationalError:
        return False
    return True


__all__ = ["House", "keeping", "make_data_folder", "migration_url", "open_house"]
