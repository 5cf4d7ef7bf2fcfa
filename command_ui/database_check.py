"""What does `onemap db check` look at, beside what the start of the server looks at?"""

from sqlalchemy import text

from command_ui.bootstrap import migration_url
from command_ui.settings import Settings, load_settings
from gis import migrate, soundness
from gis.cluster import PrivateCluster
from gis.database import APPLICATION_ROLE, OWNER_ROLE, Caller, Database
from gis.errors import UnavailableError
from gis.soundness import Finding


def rows(settings: Settings | None = None) -> list[Finding]:
    """
    Everything found, as the program sees the database: faults are what the server refuses to start on.

    Raises
    ------
    UnavailableError
        The database does not answer; the private cluster does not run.
    """
    settings = settings or load_settings()
    if settings.database_url is not None:
        address = settings.database_url.get_secret_value()
        return of(address, migration_url(settings) or address)
    cluster = PrivateCluster(settings.cluster_dir)
    if not cluster.is_running():
        raise UnavailableError("the private cluster does not run; start it with `onemap db start`")
    return [*of(cluster.url(APPLICATION_ROLE), cluster.url()), _archive(settings, cluster)]


def of(address: str, migration_address: str = "") -> list[Finding]:
    """Look at one database by the address the program signs in with."""
    database = Database(address, pool_size=1)
    try:
        found = [_migration(migration_address or address)]
        with database.transaction(Caller.system()) as connection:
            found += soundness.findings(connection, application_role=APPLICATION_ROLE, owner_role=OWNER_ROLE)
            if connection.execute(text("SELECT to_regclass('record.incident_head')")).scalar_one() is not None:
                heads = connection.execute(_HEADS).one()
                found.append(Finding("records", f"{heads.records} open or closed, {heads.entries} entries"))
                for code in connection.execute(_TORN).scalars():
                    sentence = f"the head of {code} is not its last entry: run `onemap log verify {code}`"
                    found.append(Finding(f"record {code}", "torn", sentence, "fault"))
        if soundness.weak_secret(database.engine.url.password):
            sentence = "the address of the database carries a password everybody tries; set one of its own"
            found.append(Finding("password of the database", "a default one", sentence, "fault"))
    finally:
        database.close()
    return found


def _archive(settings: Settings, cluster: PrivateCluster) -> Finding:
    """Whether the write-ahead log goes where it is to go: without it nobody comes back to a stated moment."""
    import psycopg

    subject = "archive of the write-ahead log"
    if settings.archive_dir is None:
        return Finding(subject, "none (ONEMAP_ARCHIVE_DIR)")
    with psycopg.connect(cluster.conninfo()) as connection:
        row = connection.execute(_ARCHIVED).fetchone()
    assert row is not None
    mode, failing, kept = row
    if mode != "on":
        sentence = "the server was started without ONEMAP_ARCHIVE_DIR: `onemap db stop`, then start it again with it"
        return Finding(subject, "off", sentence, "slow")
    if failing is not None:
        sentence = f"{failing} could not be written to {settings.archive_dir}: look at its room and its rights"
        return Finding(subject, "stuck", sentence, "slow")
    return Finding(subject, f"{settings.archive_dir}, {kept} pieces since the start")


def _migration(address: str) -> Finding:
    at = migrate.current(address)
    newest = migrate.newest()
    if at == newest:
        return Finding("migration", newest)
    sentence = f"the database is at migration {at}, this version needs {newest}: run `onemap db migrate`"
    return Finding("migration", str(at), sentence, "fault")


_ARCHIVED = (
    "SELECT current_setting('archive_mode'), CASE WHEN last_failed_time > coalesce(last_archived_time, '-infinity')"
    " THEN last_failed_wal END, archived_count FROM pg_stat_archiver"
)
_HEADS = text("SELECT count(*) AS records, coalesce(sum(last_seq), 0) AS entries FROM record.incident_head")
_TORN = text(
    "SELECT head.code FROM record.incident_head AS head LEFT JOIN record.entry AS last"
    " ON last.incident_id = head.incident_id AND last.seq = head.last_seq"
    " WHERE head.last_seq > 0 AND last.hash IS DISTINCT FROM head.last_hash ORDER BY 1 LIMIT 20"
)
