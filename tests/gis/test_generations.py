"""Are the neighbours of a dead connection replaced, those in use at that moment included, and none left open?"""

import psycopg
from sqlalchemy import text

from gis.database import Caller, Database, libpq_conninfo

DRILL = Caller("演练导调", "000000", "999999", "drill")
ECHO = "SELECT %s::text AS actor, %s::text AS low, %s::text AS high, %s::text AS world"
BY_CALL = f"{ECHO}, pg_backend_pid() AS pid"
PID = text("SELECT pg_backend_pid()")


def living(superuser_url: str, pids: set[int]) -> set[int]:
    with psycopg.connect(libpq_conninfo(superuser_url), autocommit=True) as raw:
        return {pid for (pid,) in raw.execute("SELECT pid FROM pg_stat_activity WHERE pid = ANY(%s)", (list(pids),))}


def test_what_was_in_use_when_another_died_is_replaced_when_next_taken(database: Database, superuser_url: str) -> None:
    held, *others = [database.engine.connect() for _ in range(4)]
    in_use = held.execute(PID).scalar_one()
    resting = {one.execute(PID).scalar_one() for one in others}
    for one in others:
        one.close()
    with psycopg.connect(libpq_conninfo(superuser_url), autocommit=True) as raw:
        raw.execute("SELECT pg_terminate_backend(pid, 5000) FROM unnest(%s::int[]) AS pid", (list(resting),))
    assert database.call(ECHO, DRILL, ())[0].actor == DRILL.actor, "the second attempt has a connection that lives"
    assert held.execute(PID).scalar_one() == in_use, "whoever is at work goes on"
    held.close()
    again = [database.engine.connect() for _ in range(4)]
    taken = {one.execute(PID).scalar_one() for one in again}
    for one in again:
        one.close()
    assert not taken & (resting | {in_use})
    assert living(superuser_url, resting | {in_use}) == set(), "nothing is left open"


def test_lines_that_live_are_kept(database: Database) -> None:
    first, again = ({database.call(BY_CALL, DRILL, ())[0].pid for _ in range(8)} for _ in range(2))
    assert first == again
