"""S12: does the program refuse to start on a database that could lose or show what it must not?"""

import psycopg
import pytest

from gis import soundness
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
