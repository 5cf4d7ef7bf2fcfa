"""S12: does the program refuse to start on a database that could lose or show what it must not?"""

import psycopg
import pytest

from gis import soundness
from gis.cluster import PrivateCluster
from gis.database import Caller, Database, libpq_conninfo
from gis.errors import UnavailableError

FLIPPED = [
    ("ALTER TABLE layers.alarm ENABLE ROW LEVEL SECURITY; ALTER TABLE layers.alarm NO FORCE ROW LEVEL SECURITY",
     "ALTER TABLE layers.alarm FORCE ROW LEVEL SECURITY", "layers.alarm is not forced"),
    ("ALTER TABLE record.entry NO FORCE ROW LEVEL SECURITY", "ALTER TABLE record.entry FORCE ROW LEVEL SECURITY",
     "record.entry is not forced"),
    ("ALTER TABLE record.entry ENABLE TRIGGER no_change", "ALTER TABLE record.entry ENABLE ALWAYS TRIGGER no_change",
     "no_change of record.entry"),
    ("ALTER TABLE access.audit_entry DISABLE TRIGGER stays",
     "ALTER TABLE access.audit_entry ENABLE ALWAYS TRIGGER stays", "stays of access.audit_entry"),
    ("ALTER TABLE layers.alarm DISABLE ROW LEVEL SECURITY", "ALTER TABLE layers.alarm ENABLE ROW LEVEL SECURITY",
     "layers.alarm is not on"),
    ("ALTER TABLE layers.alarm OWNER TO onemap_app",
     "ALTER TABLE layers.alarm OWNER TO onemap_owner; GRANT SELECT, INSERT ON layers.alarm TO onemap_app;"
     " GRANT UPDATE (valid_to, superseded_at) ON layers.alarm TO onemap_app", "belong to onemap_app"),
    ("ALTER FUNCTION access.audit(text, text, text, text, text, text, text, text) RESET search_path",
     "ALTER FUNCTION access.audit(text, text, text, text, text, text, text, text)"
     " SET search_path = pg_catalog, pg_temp",
     "no search_path"),
    ("INSERT INTO access.personal_column VALUES ('layers.store', 'renamed', 'phone', NULL, 'test')",
     "DELETE FROM access.personal_column WHERE name = 'renamed'", "layers.store.renamed is declared"),
    ("GRANT INSERT ON access.audit_entry TO onemap_app", "REVOKE INSERT ON access.audit_entry FROM onemap_app",
     "access.audit_entry may be written"),
]  # fmt: skip


def test_a_fresh_database_is_sound(database: Database) -> None:
    database.assert_sound()


@pytest.mark.parametrize(("flip", "back", "said"), FLIPPED, ids=[said for _, _, said in FLIPPED])
def test_each_assertion_flipped_once_is_named(
    database: Database, superuser_url: str, flip: str, back: str, said: str
) -> None:
    with psycopg.connect(libpq_conninfo(superuser_url), autocommit=True) as administrator:
        administrator.execute(flip.encode())
        try:
            with pytest.raises(UnavailableError, match=said):
                database.assert_sound()
        finally:
            administrator.execute(back.encode())
    database.assert_sound()


def test_the_owner_is_no_role_to_work_as(owner_database: Database) -> None:
    with pytest.raises(UnavailableError, match="onemap_owner"):
        owner_database.assert_sound()


@pytest.mark.protection("06")
def test_a_password_everybody_tries_is_refused(database: Database) -> None:
    assert soundness.weak_secret("postgres")
    assert not soundness.weak_secret("k7Qz-93hf-2mwp")
    assert not soundness.weak_secret(None)
    weak = Database(database.url)
    weak.engine.url = weak.engine.url.set(password="onemap")
    with pytest.raises(UnavailableError, match="everybody tries"):
        weak.assert_sound()
    weak.close()


def test_what_counts_at_the_commit_is_durable(database: Database) -> None:
    with database.transaction(Caller.system()) as connection:
        from sqlalchemy import text

        connection.execute(text("SET LOCAL synchronous_commit = off"))
        connection.execute(text("SELECT access.audit('change', 'ok', 'x', '', '', '', '', '{}')"))
        assert connection.execute(text("SHOW synchronous_commit")).scalar_one() == "on"


def test_the_check_shows_everything_and_marks_what_is_only_slow(
    database: Database, database_url: str, superuser_url: str
) -> None:
    from command_ui.database_check import of

    found = of(database_url, superuser_url)
    assert [one for one in found if one.weight == "fault"] == []
    said = {one.subject: one.value for one in found}
    wanted = {"fsync", "full_page_writes", "synchronous_commit", "migration", "leakproof", "extension postgis"}
    assert wanted <= set(said)
    mark = "ALTER FUNCTION geometry_overlaps(geometry, geometry) {}LEAKPROOF"
    with psycopg.connect(libpq_conninfo(superuser_url), autocommit=True) as administrator:
        administrator.execute(mark.format("NOT ").encode())
        try:
            (slow,) = [one for one in of(database_url, superuser_url) if one.subject == "leakproof"]
            assert slow.weight == "slow"
            assert "geometry_overlaps" in slow.value
            database.assert_sound()
        finally:
            administrator.execute(mark.format("").encode())


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes"])
def test_a_server_that_could_lose_entries_is_refused(
    database: Database, cluster: PrivateCluster, setting: str, database_url: str
) -> None:
    """Both may be changed while the server runs, and then the next start of the program refuses."""
    from command_ui.database_check import of

    with psycopg.connect(cluster.conninfo(database="postgres"), autocommit=True) as administrator:
        try:
            administrator.execute(f"ALTER SYSTEM SET {setting} = off".encode())
            administrator.execute("SELECT pg_reload_conf()")
            _until(database, setting, "off")
            with pytest.raises(UnavailableError, match=f"{setting} is off"):
                database.assert_sound()
            assert [one.subject for one in of(database_url, cluster.url()) if one.weight == "fault"][-1:] != []
        finally:
            administrator.execute(f"ALTER SYSTEM RESET {setting}".encode())
            administrator.execute("SELECT pg_reload_conf()")
            _until(database, setting, "on")
    database.assert_sound()


def _until(database: Database, setting: str, wanted: str) -> None:
    """The server takes a new setting at its next breath; how long that is nobody knows."""
    import time

    from sqlalchemy import text

    for _ in range(600):
        with database.transaction(Caller.system()) as connection:
            if connection.execute(text("SELECT current_setting(:name)"), {"name": setting}).scalar_one() == wanted:
                return
        time.sleep(0.05)
    raise AssertionError(f"{setting} did not become {wanted}")
