"""Does the record take entries in order, once, signed and durable, and does it let nobody change them?"""

import itertools
import threading
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from gis.database import Caller, Database, libpq_conninfo
from gis.errors import ConflictError, InputError, MissingError, RefusedError
from scenarios import log
from scenarios.events import IncidentClosed, Note
from scenarios.log import FeedCursor, Kept

DRILL = Caller("演练导调", "000000", "999999", "drill")


def opened(database: Database, caller: Caller = DRILL, division: str = "990102") -> UUID:
    incident = uuid4()
    with database.transaction(caller) as connection:
        log.open_incident(connection, incident, division)
    return incident


def noted(database: Database, incident: UUID, words: str = "一行", **more: object) -> log.Receipt:
    with database.transaction(DRILL) as connection:
        return log.append(connection, incident, Note(words), **more)  # type: ignore[arg-type]


def test_entries_are_numbered_chained_and_timed(database: Database) -> None:
    incident = opened(database)
    receipts = [noted(database, incident, f"第 {n} 行") for n in range(1, 6)]
    with database.transaction(DRILL) as connection:
        entries = log.read(connection, incident)
        head = log.head(connection, incident)
    assert [entry.seq for entry in entries] == [1, 2, 3, 4, 5]
    assert [entry.hash for entry in entries] == [receipt.hash for receipt in receipts]
    assert all(later.prev_hash == earlier.hash for earlier, later in itertools.pairwise(entries))
    assert all(later.recorded_at > earlier.recorded_at for earlier, later in itertools.pairwise(entries))
    assert (head.seq, head.hash) == (5, receipts[-1].hash)
    assert {entry.actor for entry in entries} == {"演练导调"}


def test_codes_count_up_by_mode(database: Database) -> None:
    live = Caller("值班员", "000000", "999999", "live")
    with database.transaction(live) as connection:
        first = log.open_incident(connection, uuid4(), "990102")
        second = log.open_incident(connection, uuid4(), "990103")
        assert first.startswith("SJ-")
        assert int(second[-4:]) == int(first[-4:]) + 1


def test_a_retry_is_answered_with_the_first_receipt(database: Database) -> None:
    incident, key = opened(database), uuid4()
    first = noted(database, incident, "只此一次", key=key)
    again = noted(database, incident, "只此一次", key=key)
    assert again.replayed and not first.replayed
    assert (again.seq, again.hash, again.recorded_at) == (first.seq, first.hash, first.recorded_at)
    with pytest.raises(InputError, match="used for other content"):
        noted(database, incident, "别的内容", key=key)
    with database.transaction(DRILL) as connection:
        assert len(log.read(connection, incident)) == 1


def test_one_round_trip_writes_what_a_transaction_writes(database: Database) -> None:
    incident, key = opened(database), uuid4()
    moment = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
    first = log.append_once(database, DRILL, incident, Note("一趟"), key=key, occurred_at=moment)
    again = noted(database, incident, "一趟", key=key, occurred_at=moment)
    assert (again.seq, again.hash, again.replayed) == (first.seq, first.hash, True)
    second = log.append_once(database, DRILL, incident, Note("因前一条"), caused_by=[1])
    with database.transaction(DRILL) as connection:
        entries = log.read(connection, incident)
    assert [(entry.actor, entry.occurred_at, entry.caused_by) for entry in entries] == [
        ("演练导调", moment, ()),
        ("演练导调", None, (1,)),
    ]
    with pytest.raises(ConflictError, match="stands at entry 2, not 1"):
        log.append_once(database, DRILL, incident, IncidentClosed("结束"), expected_seq=1)
    with pytest.raises(MissingError):
        log.append_once(database, Caller("邻区", "990103", "990104", "drill"), incident, Note("越界"))
    with pytest.raises(RefusedError, match="mode drill"):
        log.append_once(database, Caller("值班员", "000000", "999999", "live"), incident, Note("混入演练"))
    with psycopg.connect(libpq_conninfo(database.url)) as raw:
        assert raw.execute("SELECT current_setting('onemap.actor', true)").fetchone() in ((None,), ("",))
    with database.engine.connect() as pooled:
        left = pooled.execute(text("SELECT current_setting('onemap.actor', true)")).scalar()
        assert not left, "nobody's name stays behind on a pooled connection"
    assert second.seq == 2


def test_a_dead_connection_in_the_pool_is_replaced_and_nothing_written_twice(
    database: Database, superuser_url: str
) -> None:
    incident = opened(database)
    with psycopg.connect(libpq_conninfo(superuser_url), autocommit=True) as raw:
        for write in (
            lambda: log.append_once(database, DRILL, incident, Note("一趟")),
            lambda: noted(database, incident),
        ):
            in_threads(lambda: database.call("SELECT %s || %s || %s || %s", DRILL, []), 3)  # a few lie in the pool
            raw.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            write()
    with database.transaction(DRILL) as connection:
        assert len(log.read(connection, incident)) == 2


def test_kept_lines_come_in_together_and_each_answers_for_itself(database: Database) -> None:
    incident, other = opened(database), uuid4()
    written = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
    lines = [Kept(Note(f"离线第 {n} 行"), uuid4(), written + timedelta(seconds=n)) for n in range(1, 6)]
    noted(database, incident, "键已用过", key=other)
    outcomes = log.append_kept(database, DRILL, incident, [*lines[:2], Kept(Note("另一内容"), other), *lines[2:]])
    receipts = [one for one in outcomes if isinstance(one, log.Receipt)]
    assert [receipt.seq for receipt in receipts] == [2, 3, 4, 5, 6]
    assert "used for other content" in str(outcomes[2])
    again = log.append_kept(database, DRILL, incident, lines)
    assert [(one.seq, one.replayed) for one in again if isinstance(one, log.Receipt)] == [
        (n, True) for n in (2, 3, 4, 5, 6)
    ]
    far = Kept(Note("时间有误"), uuid4(), datetime(1871, 1, 1, tzinfo=UTC))
    assert [type(one) for one in log.append_kept(database, DRILL, incident, [far, lines[0]])] == [
        InputError,
        log.Receipt,
    ]
    with database.transaction(DRILL) as connection:
        entries = log.read(connection, incident)
    assert [entry.seq for entry in entries] == [1, 2, 3, 4, 5, 6]
    assert entries[1].occurred_at == written + timedelta(seconds=1)
    with pytest.raises(MissingError):
        log.append_kept(database, DRILL, uuid4(), lines)


def test_expected_seq_refuses_whoever_saw_an_older_head(database: Database) -> None:
    incident = opened(database)
    seen = noted(database, incident).seq
    noted(database, incident, "有人先写了一行")
    with pytest.raises(ConflictError, match="stands at entry 2, not 1"), database.transaction(DRILL) as connection:
        log.append(connection, incident, IncidentClosed("结束"), expected_seq=seen)
    with pytest.raises(InputError, match="expected_seq"), database.transaction(DRILL) as connection:
        log.append(connection, incident, IncidentClosed("结束"))
    with database.transaction(DRILL) as connection:
        assert log.append(connection, incident, IncidentClosed("结束"), expected_seq=2).seq == 3


def test_a_race_on_one_head_has_one_winner(database: Database) -> None:
    incident = opened(database)
    outcomes: list[str] = []
    gate = threading.Barrier(6)

    def close_it() -> None:
        gate.wait()
        try:
            with database.transaction(DRILL) as connection:
                log.append(connection, incident, IncidentClosed("结束"), expected_seq=0)
            outcomes.append("won")
        except ConflictError:
            outcomes.append("refused")

    in_threads(close_it, 6)
    assert sorted(outcomes) == ["refused"] * 5 + ["won"]


def test_eight_writers_leave_no_gap_and_the_feed_shows_all_in_order(database: Database) -> None:
    incident = opened(database)
    with database.transaction(DRILL) as connection:
        entries, cursor = log.feed(connection, FeedCursor(), 100_000)
    in_threads(lambda: [noted(database, incident) for _ in range(12)], 8)
    with database.transaction(DRILL) as connection:
        assert [entry.seq for entry in log.read(connection, incident)] == list(range(1, 97))
        seen: list[int] = []
        while True:
            entries, cursor = log.feed(connection, cursor, 10)
            if not entries:
                break
            seen += [entry.seq for entry in entries if entry.incident_id == incident]
    assert seen == list(range(1, 97))


def test_what_cannot_be_kept_is_refused_with_a_sentence(database: Database) -> None:
    incident = opened(database)
    with pytest.raises(InputError, match="U\\+0000"):
        noted(database, incident, "a\x00b")
    with pytest.raises(InputError, match="bytes"):
        noted(database, incident, "长" * 400_000)
    with pytest.raises(InputError, match="time zone"):
        noted(database, incident, occurred_at=datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(InputError):
        noted(database, incident, occurred_at=datetime(1871, 1, 1, tzinfo=UTC))
    with pytest.raises(InputError, match="caused_by"):
        noted(database, incident, caused_by=[1])
    with pytest.raises(MissingError):
        noted(database, uuid4())
    with database.transaction(DRILL) as connection:
        assert log.head(connection, incident).seq == 0


def test_occurred_at_keeps_its_moment_whatever_the_zone(database: Database) -> None:
    incident = opened(database)
    moment = datetime(2026, 11, 24, 14, 0, 12, 345678, tzinfo=timezone(timedelta(hours=8)))
    noted(database, incident, occurred_at=moment)
    with database.transaction(DRILL) as connection:
        (entry,) = log.read(connection, incident)
    assert entry.occurred_at == moment
    assert entry.recorded_at.tzinfo is not None


# -- rights --------------------------------------------------------------------------------------------------------


def test_nobody_writes_without_a_name_or_into_another_world(database: Database, database_url: str) -> None:
    incident = opened(database)
    with (
        pytest.raises(RefusedError, match="no actor"),
        database.transaction(Caller(" ", "000000", "999999", "drill")) as connection,
    ):
        log.append(connection, incident, Note("无名"))
    with (
        pytest.raises(RefusedError, match="mode drill"),
        database.transaction(Caller("值班员", "000000", "999999", "live")) as connection,
    ):
        log.append(connection, incident, Note("混入演练"))
    with psycopg.connect(libpq_conninfo(database_url)) as raw:
        assert raw.execute("SELECT count(*) FROM record.entry").fetchone() == (0,), "nobody's transaction sees nothing"


def test_another_division_neither_sees_nor_writes(database: Database) -> None:
    incident = opened(database, division="990102")
    neighbour = Caller("邻区", "990103", "990104", "drill")
    with database.transaction(neighbour) as connection:
        assert incident not in {head.incident_id for head in log.heads(connection)}
    with pytest.raises(MissingError), database.transaction(neighbour) as connection:
        log.append(connection, incident, Note("越界"))
    with pytest.raises(RefusedError, match="range"), database.transaction(neighbour) as connection:
        log.open_incident(connection, uuid4(), "990102")
    county = Caller("本区", "990102", "990103", "drill")
    with database.transaction(county) as connection:
        assert log.append(connection, incident, Note("本区")).seq == 1


CHANGES = (
    "UPDATE record.entry SET actor = 'x'",
    "DELETE FROM record.entry",
    "TRUNCATE record.entry",
    "UPDATE record.incident_head SET last_seq = 0",
    "DELETE FROM record.incident_head",
    "TRUNCATE record.incident_head CASCADE",
)


@pytest.fixture
def written(database: Database) -> None:
    noted(database, opened(database))


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize(
    "statement",
    [
        *CHANGES,
        "INSERT INTO record.entry (incident_id) VALUES (gen_random_uuid())",
        "SELECT nextval('record.entry_pos')",
        "SELECT last FROM record.incident_number",
        "SET session_replication_role = replica",
        "ALTER TABLE record.entry DISABLE TRIGGER ALL",
        "ALTER TABLE record.entry DISABLE ROW LEVEL SECURITY",
        "CREATE FUNCTION record.x() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    ],
)
def test_the_program_may_not(database: Database, statement: str) -> None:
    with pytest.raises(DBAPIError) as refusal, database.transaction(DRILL) as connection:
        connection.execute(text(statement))
    assert getattr(refusal.value.orig, "sqlstate", None) == "42501"


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize("role", ["origin", "replica"])
@pytest.mark.parametrize("statement", CHANGES)
def test_triggers_stop_even_the_superuser_in_replica_mode(superuser_url: str, statement: str, role: str) -> None:
    with psycopg.connect(libpq_conninfo(superuser_url)) as raw:
        raw.execute("SELECT set_config('session_replication_role', %s, true)", [role])
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match=r"append-only|only moves forward"):
            raw.execute(statement)


def test_every_guard_is_always_on_and_every_door_has_a_fixed_search_path(owner_database: Database) -> None:
    with owner_database.transaction(DRILL) as connection:
        guards = connection.execute(
            text(
                "SELECT tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal "
                "AND tgrelid IN ('record.entry'::regclass, 'record.incident_head'::regclass)"
            )
        ).all()
        doors = connection.execute(
            text("SELECT proname, proconfig FROM pg_proc WHERE prosecdef AND pronamespace = 'record'::regnamespace")
        ).all()
        forced = connection.execute(
            text(
                "SELECT relforcerowsecurity FROM pg_class "
                "WHERE oid IN ('record.entry'::regclass, 'record.incident_head'::regclass)"
            )
        ).scalars()
        assert all(forced)
    assert len(guards) == 7
    assert {enabled for _, enabled in guards} == {"A"}
    assert {name for name, _ in doors} == {"open_incident", "append_entry", "seal"}
    assert all(any(item.startswith("search_path=pg_catalog, pg_temp") for item in config) for _, config in doors)


def test_the_commit_is_synchronous_even_when_the_caller_switches_it_off(database: Database) -> None:
    incident = opened(database)
    with database.transaction(DRILL) as connection:
        connection.execute(text("SET LOCAL synchronous_commit = off"))
        log.append(connection, incident, Note("先关后写"))
        assert connection.execute(text("SHOW synchronous_commit")).scalar_one() == "on"
        connection.execute(text("SET LOCAL synchronous_commit = off"))
        # What the commit itself will see: the deferred guard runs last.
        connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        assert connection.execute(text("SHOW synchronous_commit")).scalar_one() == "on"


def test_listeners_hear_incident_and_number(database: Database) -> None:
    incident = opened(database)
    with psycopg.connect(database.conninfo, autocommit=True) as listener:
        listener.execute("LISTEN onemap_log")
        noted(database, incident)
        assert log.CHANNEL == "onemap_log"
        (heard,) = listener.notifies(timeout=60, stop_after=1)
    assert heard.payload == f"{incident}:1"


def in_threads(work: object, count: int) -> None:
    threads = [threading.Thread(target=work) for _ in range(count)]  # type: ignore[arg-type]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(250)
    assert not any(thread.is_alive() for thread in threads)
