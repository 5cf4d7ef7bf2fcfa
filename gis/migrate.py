"""How does a database get, and keep, the shape this version of the program needs?"""

from collections.abc import Callable
from pathlib import Path

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from gis.database import OWNER_ROLE, first_line, psycopg_url
from gis.errors import RefusedError, UnavailableError

FOLDER = Path(__file__).parent / "migrations"
VERSION_SCHEMA = "ground"
LOCK_KEY = 0x6F6E656D6170
"""Advisory lock ("onemap" in ASCII) that makes a second migrating process wait for the first."""

RIGHTS = (
    "migrations need a login that may CREATE in the database, create roles (CREATEROLE) and, unless the extension is "
    "there already, create the extension postgis (superuser on most servers); name it in ONEMAP_MIGRATION_URL"
)


def _configuration(url: str) -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    configuration.set_main_option("path_separator", "os")
    configuration.attributes["url"] = psycopg_url(url)
    return configuration


def newest() -> str:
    """Revision this version of the program needs."""
    head = ScriptDirectory.from_config(_configuration("postgresql://")).get_current_head()
    assert head is not None
    return head


def current(url: str) -> str | None:
    """
    Revision the database is at; None when it was never migrated.

    Raises
    ------
    UnavailableError
        The database does not answer.
    """
    engine = create_engine(psycopg_url(url), connect_args={"connect_timeout": 10})
    try:
        with engine.connect() as connection:
            options = {"version_table_schema": VERSION_SCHEMA}
            known = connection.execute(text("SELECT to_regnamespace(:name)"), {"name": VERSION_SCHEMA}).scalar()
            return MigrationContext.configure(connection, opts=options).get_current_revision() if known else None
    except OperationalError as error:
        raise UnavailableError(f"the database does not answer: {first_line(error)}") from error
    finally:
        engine.dispose()


def upgrade(url: str, *, target: str = "head", tell: Callable[[str], None] | None = None) -> bool:
    """
    Bring the database at `url` to `target`; return whether anything had to be done.

    Parameters
    ----------
    url
        Login with the rights named in `RIGHTS`; every object ends up owned by ``onemap_owner``.
    tell
        Called with one sentence per migration applied.

    Raises
    ------
    UnavailableError
        The database does not answer.
    RefusedError
        The login lacks rights.
    """
    from alembic import command

    if target == "head" and current(url) == newest():
        return False
    configuration = _configuration(url)
    configuration.attributes["tell"] = tell
    try:
        command.upgrade(configuration, target)
    except OperationalError as error:
        raise UnavailableError(f"the database does not answer: {first_line(error)}") from error
    except ProgrammingError as error:
        if getattr(error.orig, "sqlstate", "") == "42501":
            raise RefusedError(f"{first_line(error)}: {RIGHTS}") from error
        raise
    return True


__all__ = ["LOCK_KEY", "OWNER_ROLE", "VERSION_SCHEMA", "current", "newest", "upgrade"]
