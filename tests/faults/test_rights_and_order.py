"""R8 order and R13 rights: does any order of messages end alike, and can nobody rewrite the record?"""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from gis.database import APPLICATION_ROLE, Caller, Database, libpq_conninfo
from layers.sensors.thresholds import Rule, Sample, Standing, fold, step
from scenarios import log
from scenarios.events import Note

DRILL = Caller("演练导调", "000000", "999999", "drill")
Raw = psycopg.Connection[Any]

# -- R13 ------------------------------------------------------------------------------------------------------------

REWRITES = (
    "UPDATE record.entry SET actor = 'x'", "DELETE FROM record.entry", "TRUNCATE record.entry",
    "UPDATE record.incident_head SET last_seq = 0", "DELETE FROM record.incident_head",
    "TRUNCATE record.incident_head CASCADE",
)  # fmt: skip
BYPASSES = (
    "INSERT INTO record.entry (incident_id) VALUES (gen_random_uuid())", "COPY record.entry FROM stdin",
    "SET session_replication_role = replica", "ALTER TABLE record.entry DISABLE TRIGGER ALL",
    "ALTER TABLE record.entry ENABLE TRIGGER no_change", "ALTER TABLE record.entry DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE record.entry NO FORCE ROW LEVEL SECURITY", "DROP TABLE record.entry", "DROP SCHEMA record CASCADE",
    "GRANT UPDATE ON record.entry TO PUBLIC", "SELECT nextval('record.entry_pos')",
    "CREATE OR REPLACE FUNCTION record.require_durable_commit() RETURNS void LANGUAGE plpgsql AS 'BEGIN END'",
)  # fmt: skip


@pytest.fixture
def superuser(superuser_url: str) -> Iterator[Raw]:
    """A superuser whose transaction is never committed."""
    with psycopg.connect(libpq_conninfo(superuser_url)) as connection:
        # Whoever is held to row-level security shall see rows, or he changes none and nobody refuses him.
        connection.execute(
            "SELECT set_config('onemap.division_from', '', true), set_config('onemap.division_to', 'A', true),"
            " set_config('onemap.mode', 'drill', true)"
        )
        yield connection
        connection.rollback()


@pytest.fixture
def written(database: Database) -> None:
    incident = uuid4()
    with database.transaction(DRILL) as connection:
        log.open_incident(connection, incident, "990102")
    log.append_once(database, DRILL, incident, Note("不可改（演练）"))


def succeeded(raw: Raw, role: str, statements: tuple[str, ...]) -> list[str]:
    """Statements that got through for a role; everything is taken back."""
    through = []
    for statement in statements:
        with raw.transaction(force_rollback=True):
            raw.execute(f"SET LOCAL ROLE {role}".encode())
            try:
                with raw.transaction():
                    if statement.startswith("COPY"):
                        with raw.cursor().copy(statement.encode()):
                            pass
                    elif raw.execute(statement.encode()).rowcount == 0:
                        continue  # nothing it could see, nothing it changed
            except psycopg.Error:
                continue
            # Who may not grant is only warned.
            granted = "SELECT has_table_privilege(current_user, 'record.entry', 'UPDATE')"
            if not statement.startswith("GRANT") or raw.execute(granted).fetchone() == (True,):
                through.append(statement)
    return through


def roles(raw: Raw) -> list[str]:
    """Every role of the house that is no superuser and does not own the record."""
    found = raw.execute(
        "SELECT rolname FROM pg_roles WHERE NOT rolsuper AND rolname NOT LIKE 'pg\\_%' AND rolname <> (SELECT"
        " pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'record.entry'::regclass)"
    )
    return [str(row[0]) for row in found]


@pytest.mark.protection("26")
@pytest.mark.usefixtures("written")
def test_r13_no_role_rewrites_the_record(superuser: Raw, told: Callable[..., None]) -> None:
    everybody = roles(superuser)
    assert APPLICATION_ROLE in everybody
    for role in everybody:
        assert succeeded(superuser, f'"{role}"', REWRITES + BYPASSES) == [], role
    # Owner and superuser change what they will by DDL; a plain statement of theirs is refused by triggers all the same.
    owner = superuser.execute("SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'record.entry'::regclass")
    names = [str(owner.fetchone()[0]), "postgres"]  # type: ignore[index]
    for mode in ("origin", "replica"):
        superuser.execute(f"SET LOCAL session_replication_role = {mode}".encode())
        for name in names:
            assert succeeded(superuser, f'"{name}"', REWRITES) == [], (name, mode)
    tried = len(everybody) * len(REWRITES + BYPASSES) + 2 * len(names) * len(REWRITES)
    told("R13", f"{len(everybody)} roles, the owner and the superuser try to rewrite, insert, copy and switch off",
         f"0 of {tried} attempts succeeded, those with session_replication_role = replica included")  # fmt: skip


@pytest.mark.usefixtures("written")
def test_planted_a_trigger_that_is_not_always_on_is_walked_round(superuser: Raw) -> None:
    for (name,) in superuser.execute(
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgrelid = 'record.entry'::regclass"
    ).fetchall():
        superuser.execute(f'ALTER TABLE record.entry ENABLE TRIGGER "{name}"'.encode())
    superuser.execute("SET LOCAL session_replication_role = replica")
    assert succeeded(superuser, "postgres", REWRITES[:2]) == list(REWRITES[:2])


@pytest.mark.usefixtures("written")
def test_planted_one_right_too_many_is_found(superuser: Raw) -> None:
    superuser.execute(f"GRANT UPDATE (last_seq), SELECT ON record.incident_head TO {APPLICATION_ROLE}".encode())
    superuser.execute("ALTER TABLE record.incident_head DISABLE TRIGGER ALL")
    assert succeeded(superuser, APPLICATION_ROLE, REWRITES) == ["UPDATE record.incident_head SET last_seq = 0"]


# -- R8 -------------------------------------------------------------------------------------------------------------

CHLORINE = Rule(1.0, 3.0, 0.2)
BEGIN = datetime(2026, 11, 22, 8, tzinfo=UTC)


def day(seed: int, count: int) -> list[Sample]:
    """Messages of one point within a day."""
    source = random.Random(seed)
    return [
        Sample(BEGIN + timedelta(seconds=source.randrange(86_400)), at, source.choice([0.1, 0.85, 1.2, 2.9, 5.0]))
        for at in range(count)
    ]


def test_r8_any_order_of_messages_ends_alike(scale: Any, told: Callable[..., None]) -> None:
    rounds = 5 if scale.kills < 5 else 200
    messages = day(5, 10_000)
    expected = fold(messages, CHLORINE)
    for seed in range(rounds):
        again = messages * 3
        random.Random(seed).shuffle(again)
        assert fold(again, CHLORINE) == expected, seed
    told("R8", f"a day of 10 000 messages, each three times, in {rounds} orders", "the same alarms in every order")


def test_planted_a_fold_in_the_order_of_arrival_is_found() -> None:
    def in_order_of_arrival(messages: list[Sample]) -> Standing:
        standing = Standing()
        for message in messages:
            standing, _ = step(standing, message, CHLORINE)
        return standing

    messages = day(5, 500)
    ends = set()
    for seed in range(20):
        again = messages * 3
        random.Random(seed).shuffle(again)
        ends.add(repr(in_order_of_arrival(again)))
    assert len(ends) > 1, "the order made no difference: the fault was not planted"
