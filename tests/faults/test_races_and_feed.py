"""R5 races, R6 feed, R7 clock: do the rules of the record hold against everybody at once, and against time itself?"""

import random
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from gis.database import Caller, Database, libpq_conninfo
from gis.errors import ConflictError, OneMapError
from scenarios import log, verify, verify_rows
from scenarios.events import Note, ResponseLevelSet
from scenarios.log import FeedCursor

DRILL = Caller("演练导调", "000000", "999999", "drill")
Replaced = Callable[..., None]


def opened(database: Database) -> UUID:
    incident = uuid4()
    with database.transaction(DRILL) as connection:
        log.open_incident(connection, incident, "990102")
    return incident


@pytest.fixture
def replaced(superuser_url: str) -> Iterator[Replaced]:
    """Change the text of the function that appends, and put it back: where faults are planted."""
    with psycopg.connect(libpq_conninfo(superuser_url), autocommit=True) as raw:
        row = raw.execute("SELECT pg_get_functiondef('record.append_entry'::regproc)").fetchone()
        assert row is not None
        whole = str(row[0])

        def change(*pairs: tuple[str, str]) -> None:
            changed = whole
            for before, after in pairs:
                assert before in changed, before
                changed = changed.replace(before, after)
            raw.execute(changed.encode())

        yield change
        raw.execute(whole.encode())


# -- R5 -------------------------------------------------------------------------------------------------------------


def race(database: Database, runners: int, rounds: int) -> tuple[list[int], int, int]:
    """
    Let everybody decide on the same head, round after round.

    Returns the number of winners of each round, the refusals, and those of them that do not name the present head.
    """
    incident = opened(database)
    winners, refused, unclear = [], 0, 0
    lock = threading.Lock()
    for number in range(rounds):
        gate, won = threading.Barrier(runners), []

        def decide(gate: threading.Barrier = gate, won: list[int] = won, number: int = number) -> None:
            nonlocal refused, unclear
            gate.wait()
            try:
                receipt = log.append_once(
                    database, DRILL, incident, ResponseLevelSet(level=2, reason="演练"), expected_seq=number
                )
            except ConflictError as error:
                with lock:
                    refused += 1
                    unclear += f"at entry {number + 1}" not in str(error)
            else:
                won.append(receipt.seq)

        threads = [threading.Thread(target=decide) for _ in range(runners)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(300)
        winners.append(len(won))
        if len(won) != 1:
            break
    return winners, refused, unclear


def test_r5_of_two_hundred_who_decide_on_one_head_one_wins(
    database_url: str, scale: Any, told: Callable[..., None]
) -> None:
    database = Database(database_url)
    runners, rounds = (40, 5) if scale.kills < 5 else (200, 50)
    winners, refused, unclear = race(database, runners, rounds)
    database.close()
    told("R5", f"{runners} writers decide on one head at once, {rounds} rounds",
         f"winners a round: {sorted(set(winners))}; {refused} refused, each told where the head stands")  # fmt: skip
    assert winners == [1] * rounds
    assert refused == rounds * (runners - 1)
    assert unclear == 0


def test_planted_a_look_at_the_head_before_its_lock_lets_two_win(database_url: str, replaced: Replaced) -> None:
    check = "IF p_expected IS NOT NULL AND p_expected <> head.last_seq THEN"
    early = (
        "IF p_expected IS NOT NULL AND p_expected <> (SELECT last_seq FROM record.incident_head "
        "WHERE incident_id = p_incident) THEN RAISE EXCEPTION 'stands elsewhere' USING ERRCODE = 'EG409'; END IF; "
        "PERFORM pg_advisory_xact_lock_shared(4711); FOR waited IN 1..600 LOOP EXIT WHEN (SELECT count(*) > 1 "
        "FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND granted); PERFORM pg_sleep(0.1); END LOOP; "
        "PERFORM pg_advisory_xact_lock("
    )  # whoever has looked waits until another one has, however long that takes
    replaced((check, "IF false THEN"), ("PERFORM pg_advisory_xact_lock(", early))
    database = Database(database_url)
    winners, _, _ = race(database, 8, 3)
    database.close()
    assert max(winners) > 1, "the fault was not planted"


# -- R6 -------------------------------------------------------------------------------------------------------------

BY_PLACE = text("SELECT pos, xid::text AS xid, incident_id, seq FROM record.entry WHERE pos > :pos ORDER BY pos")
BY_PLACE_AND_MARK = text(
    "SELECT pos, xid::text AS xid, incident_id, seq FROM record.entry WHERE pos > :pos "
    "AND xid < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY pos"
)


def calm(database: Database, xid: int) -> None:
    """
    Wait until no transaction older than this one runs.

    The oldest one is that of the whole cluster: whatever the server does by itself holds readers back as well, and
    what they see while it does hangs on the moment.
    """
    until = time.monotonic() + 60
    while True:
        with database.transaction(DRILL) as connection:
            oldest = connection.execute(text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text")).scalar_one()
        if int(oldest) >= xid:
            return
        assert time.monotonic() < until, "a transaction from before does not end"
        time.sleep(0.02)


def begun(connection: Connection) -> int:
    """Number of this transaction, which it takes at the latest now."""
    return int(connection.execute(text("SELECT pg_current_xact_id()::text")).scalar_one())


def entangled(database: Database, database_url: str, early_first: bool) -> list[set[tuple[UUID, int]]]:
    """
    Two transactions whose ids, places and commits come in different orders; what three readers saw of both.

    The readers: a cursor on the place, the same below the oldest running transaction, and ours on the pair.
    """
    first, second = opened(database), opened(database)
    with database.transaction(DRILL) as connection:
        cursor = FeedCursor()
        while True:
            entries, moved = log.feed(connection, cursor)
            cursor = moved
            if not entries:
                break
        place = connection.execute(text("SELECT coalesce(max(pos), 0) FROM record.entry")).scalar_one()
    places, marks, pairs = [place, set()], [place, set()], [cursor, set()]

    def look() -> None:
        with database.transaction(DRILL) as connection:
            for at, statement in ((places, BY_PLACE), (marks, BY_PLACE_AND_MARK)):
                for row in connection.execute(statement, {"pos": at[0]}):
                    at[0] = row.pos
                    at[1].add((row.incident_id, row.seq))
            entries, pairs[0] = log.feed(connection, pairs[0])
            pairs[1].update((entry.incident_id, entry.seq) for entry in entries)

    other = Database(database_url)
    with database.transaction(DRILL) as slow:
        if early_first:
            log.append(slow, first, Note("先取号、后提交（演练）"))
            with other.transaction(DRILL) as quick:
                log.append(quick, second, Note("后取号、先提交（演练）"))
            calm(database, begun(slow))
            look()
        else:
            with other.transaction(DRILL) as early:
                begun(early)  # an early id, a late place, an early commit
                log.append(slow, first, Note("号大位小、后提交（演练）"))
                log.append(early, second, Note("号小位大、先提交（演练）"))
            calm(database, begun(slow))
            look()
        last = begun(slow)
    calm(database, last + 1)
    look()
    other.close()
    wanted = {(first, 1), (second, 1)}
    return [wanted - seen for seen in (places[1], marks[1], pairs[1])]


@pytest.mark.parametrize("early_first", [True, False])
def test_r6_the_pair_as_cursor_loses_nothing_where_simpler_ones_do(
    database: Database, database_url: str, early_first: bool
) -> None:
    by_place, by_mark, by_pair = entangled(database, database_url, early_first)
    assert by_place, "planted: a cursor on the sequence passes over an entry for ever"
    assert bool(by_mark) is not early_first, "planted: the often-published repair does so in the other order"
    assert not by_pair


def test_r6_every_reader_sees_every_entry_once_and_in_order(
    database: Database, database_url: str, scale: Any, told: Callable[..., None]
) -> None:
    many = scale.acknowledged if scale.kills < 5 else 10 * scale.acknowledged
    writers, each = 4, many // 4
    shared, alone = [opened(database) for _ in range(3)], [opened(database) for _ in range(4)]
    finished = threading.Event()
    seen: list[list[tuple[UUID, int]]] = [[] for _ in range(3)]
    with database.transaction(DRILL) as connection:
        begin = FeedCursor()
        while (step := log.feed(connection, begin))[0]:
            begin = step[1]

    def write(number: int) -> None:
        chance, own = random.Random(number), Database(database_url)
        for _ in range(each):
            with own.transaction(DRILL) as connection:
                incident = chance.choice(shared)
                if chance.random() < 0.3:
                    # Who takes an id before he appends can be overtaken within an incident: so one of his own.
                    incident = alone[number]
                    connection.execute(text("SELECT pg_current_xact_id()"))
                    time.sleep(chance.random() * 0.01)
                log.append(connection, incident, Note("行（演练）"))
                if chance.random() < 0.1:
                    time.sleep(chance.random() * 0.01)
        own.close()

    def read(number: int) -> None:
        chance, cursor = random.Random(100 + number), begin
        own = Database(database_url)
        quiet, until = 0, float("inf")
        # Whatever else runs in the cluster holds entries back for a moment; three looks more find what comes twice.
        while quiet < 3 or (len(seen[number]) < writers * each and time.monotonic() < until):
            if chance.random() < 0.05:
                own.close()  # a reader that loses its line goes on with its cursor
                own = Database(database_url)
            with own.transaction(DRILL) as connection:
                entries, cursor = log.feed(connection, cursor, limit=chance.randint(1, 50))
            seen[number] += [(entry.incident_id, entry.seq) for entry in entries]
            quiet = quiet + 1 if finished.is_set() and not entries else 0
            if quiet == 1 and until == float("inf"):
                until = time.monotonic() + 60
        own.close()

    readers = [threading.Thread(target=read, args=(number,)) for number in range(3)]
    hands = [threading.Thread(target=write, args=(number,)) for number in range(writers)]
    for thread in (*readers, *hands):
        thread.start()
    for thread in hands:
        thread.join(900)
    finished.set()
    for thread in readers:
        thread.join(180)
    for one in seen:
        assert len(one) == len(set(one)) == writers * each
        for incident in (*shared, *alone):
            numbers = [seq for at, seq in one if at == incident]
            assert numbers == sorted(numbers)
    told("R6", f"{writers} writers, {writers * each} entries with late commits, 3 readers that lose their line",
         "each reader saw each entry once and every incident in order")  # fmt: skip


def test_planted_ids_of_another_cluster_hide_entries_until_they_are_reset(
    database: Database, superuser_url: str
) -> None:
    """After a logical restore the old transaction ids are ahead of the new cluster's; physical backups keep them."""
    incident = opened(database)
    with database.transaction(DRILL) as connection:
        log.append(connection, incident, Note("搬来的（演练）"))
    with psycopg.connect(libpq_conninfo(superuser_url)) as raw:
        raw.execute("ALTER TABLE record.entry DISABLE TRIGGER no_change")
        raw.execute("UPDATE record.entry SET xid = '9000000000' WHERE incident_id = %s", [incident])
        raw.execute("SET LOCAL onemap.division_from = ''; SET LOCAL onemap.division_to = 'A'")
        counted = "SELECT count(*) FROM record.feed_after('0', 0, 100000) WHERE incident_id = %s"
        assert raw.execute(counted, [incident]).fetchone() == (0,)
        raw.execute("UPDATE record.entry SET xid = '0' WHERE incident_id = %s", [incident])
        assert raw.execute(counted, [incident]).fetchone() == (1,)
        raw.rollback()


# -- R7 -------------------------------------------------------------------------------------------------------------

JUMPS_S = (0, 3_600, -3_600, 86_400, -86_400, 0)
FALSE_CLOCK = """
CREATE SCHEMA IF NOT EXISTS planted;
CREATE TABLE IF NOT EXISTS planted.clock (off interval);
CREATE OR REPLACE FUNCTION planted.now() RETURNS timestamptz LANGUAGE sql VOLATILE SECURITY DEFINER AS
    $$ SELECT clock_timestamp() + (SELECT off FROM planted.clock) $$;
GRANT USAGE ON SCHEMA planted TO PUBLIC; GRANT ALL ON planted.clock TO PUBLIC;
DELETE FROM planted.clock; INSERT INTO planted.clock VALUES ('0');
"""


def with_jumps(database: Database, superuser_url: str) -> tuple[list[str], set[str]]:
    """Texts in the order of the record, and what the verifier says, after a clock that jumped about."""
    incident = opened(database)
    written = []
    with psycopg.connect(libpq_conninfo(superuser_url), autocommit=True) as raw:
        for jump in JUMPS_S:
            raw.execute("UPDATE planted.clock SET off = make_interval(secs => %s)", [jump])
            for number in range(3):
                written.append(f"{jump} {number}")
                log.append_once(database, DRILL, incident, Note(written[-1]))
    with database.transaction(DRILL) as connection:
        entries = log.read(connection, incident)
    with verify_rows.database_rows(database.conninfo, incident) as (heads, rows):
        found = verify.verify(heads, rows)
    assert [str(entry.payload["text"]) for entry in entries] == written, "order is the number, never the time"
    by_time = [entry.seq for entry in sorted(entries, key=lambda entry: entry.recorded_at)]
    return ([] if by_time == [entry.seq for entry in entries] else ["reordered"]), {one.code for one in found.faults}


def test_r7_a_clock_that_jumps_reorders_nothing(
    database: Database, superuser_url: str, replaced: Replaced, told: Callable[..., None]
) -> None:
    with psycopg.connect(libpq_conninfo(superuser_url), autocommit=True) as raw:
        raw.execute(FALSE_CLOCK.encode())
    replaced(("clock_timestamp()", "planted.now()"))
    assert with_jumps(database, superuser_url) == ([], set())
    told("R7", "the server's clock jumps by an hour and a day, both ways", "order and chain unchanged, times rise")


def test_planted_a_record_that_believes_the_clock_is_found(
    database: Database, superuser_url: str, replaced: Replaced
) -> None:
    with psycopg.connect(libpq_conninfo(superuser_url), autocommit=True) as raw:
        raw.execute(FALSE_CLOCK.encode())
    replaced(("greatest(clock_timestamp(), head.last_at + interval '1 microsecond')", "planted.now()"))
    try:
        assert with_jumps(database, superuser_url) == (["reordered"], {"time"})
    except (DBAPIError, OneMapError) as refusal:
        # The guard of the head refuses a time that does not rise: found as well, and sooner.
        assert "only moves forward" in str(refusal)
