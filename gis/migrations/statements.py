"""Where do the long statements of a migration stand? Beside it and frozen with it: no later change rewrites history."""

from importlib.resources import files

from sqlalchemy import Connection


def run(connection: Connection, migration: str, part: str) -> None:
    """
    Run ``sql/<migration>/<part>.sql`` as it stands: several statements in a file, colons and percents untouched.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    """
    driver = connection.connection.driver_connection
    assert driver is not None
    written = files("gis.migrations").joinpath("sql", migration, f"{part}.sql").read_text(encoding="utf-8")
    driver.execute(written)
