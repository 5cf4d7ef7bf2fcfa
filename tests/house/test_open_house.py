"""Does the house open on its own cluster and on a real server, and never with too many rights?"""

import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url, text

from command_ui.bootstrap import open_house
from command_ui.settings import Settings, load_settings
from gis import migrate
from gis.cluster import PrivateCluster
from gis.database import Caller
from gis.errors import RefusedError, UnavailableError


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="onemap-house-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def server(place: Path) -> Iterator[PrivateCluster]:
    """A cluster that plays the bureau's own server: passwords are asked of everybody but its superuser."""
    cluster = PrivateCluster(place / "server")
    cluster.start()
    rules = "local all postgres trust\nlocal all all scram-sha-256\n"
    (cluster.data / "pg_hba.conf").write_text(rules, encoding="utf-8")
    with psycopg.connect(cluster.conninfo(), autocommit=True) as connection:
        connection.execute("SELECT pg_reload_conf()")
    yield cluster
    cluster.stop()


def database(server: PrivateCluster, name: str) -> None:
    with psycopg.connect(server.conninfo(database="postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())


def settings(place: Path, name: str, **more: str) -> Settings:
    folder = place / f"data-{name}"
    return load_settings(environment={"ONEMAP_DATA_DIR": str(folder), **{f"ONEMAP_{k}": v for k, v in more.items()}})


MIGRATIONS = Path(migrate.__file__).parent / "migrations" / "versions"


def who(chosen: Settings) -> str:
    with open_house(chosen) as house, house.database.transaction(Caller.system()) as connection:
        return str(connection.execute(text("SELECT session_user")).scalar_one())


def test_private_cluster_starts_migrates_and_stops(place: Path) -> None:
    told: list[str] = []
    chosen = settings(place, "private")
    with open_house(chosen, tell=told.append) as house:
        assert house.cluster is not None
        assert house.cluster.is_running()
        assert migrate.current(house.database.url) == migrate.newest()
        assert chosen.networks_dir.is_dir()
    assert not house.cluster.is_running()
    assert sum("applied" in sentence for sentence in told) == len(list(MIGRATIONS.glob("[0-9]*.py")))
    told.clear()
    assert who(chosen) == "onemap_app"
    assert not any("applied" in sentence for sentence in told)


def test_administrators_login_is_used_to_migrate_only(place: Path, server: PrivateCluster) -> None:
    database(server, "one")
    chosen = settings(place, "one", DATABASE_URL=server.url(database="one"))
    assert who(chosen) == "onemap_app"
    password_file = chosen.data_dir / "onemap_app.password"
    assert stat.S_IMODE(password_file.stat().st_mode) == 0o600
    assert who(chosen) == "onemap_app"  # and again, with the password kept
    password_file.unlink()  # lost: a new one is made
    assert who(chosen) == "onemap_app"


def test_administrator_without_superuser_can_migrate_when_the_extensions_are_there(
    place: Path, server: PrivateCluster
) -> None:
    database(server, "two")
    with psycopg.connect(server.conninfo(database="two"), autocommit=True) as connection:
        connection.execute("CREATE ROLE chief LOGIN CREATEROLE PASSWORD 'geheim'")
        connection.execute("ALTER DATABASE two OWNER TO chief")
        connection.execute("CREATE EXTENSION postgis")
    url = make_url(server.url("chief", database="two")).set(password="geheim").render_as_string(hide_password=False)
    assert who(settings(place, "two", DATABASE_URL=url)) == "onemap_app"


def test_program_login_needs_a_migrated_database(place: Path, server: PrivateCluster) -> None:
    database(server, "three")
    with psycopg.connect(server.conninfo(database="three"), autocommit=True) as connection:
        connection.execute(
            "DO $$ BEGIN CREATE ROLE onemap_app LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
        )
        connection.execute("ALTER ROLE onemap_app PASSWORD 'lang und geheim'")
    address = make_url(server.url("onemap_app", database="three")).set(password="lang und geheim")
    url = address.render_as_string(hide_password=False)
    with pytest.raises(RefusedError, match="ONEMAP_MIGRATION_URL"):
        who(settings(place, "three", DATABASE_URL=url))
    both = settings(place, "three", DATABASE_URL=url, MIGRATION_URL=server.url(database="three"))
    assert who(both) == "onemap_app"
    assert who(settings(place, "three", DATABASE_URL=url)) == "onemap_app"


def test_login_without_rights_is_told_which_it_needs(place: Path, server: PrivateCluster) -> None:
    database(server, "four")
    with psycopg.connect(server.conninfo(), autocommit=True) as connection:
        connection.execute("CREATE ROLE guest LOGIN PASSWORD 'gast'")
    url = make_url(server.url("guest", database="four")).set(password="gast").render_as_string(hide_password=False)
    with pytest.raises(RefusedError, match="CREATEROLE"):
        who(settings(place, "four", DATABASE_URL=url))


def test_server_that_is_away_is_one_sentence(place: Path) -> None:
    with pytest.raises(UnavailableError, match="does not answer"):
        who(settings(place, "five", DATABASE_URL="postgresql://me@127.0.0.1:1/none"))
