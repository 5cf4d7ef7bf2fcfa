"""One process of callers over a small pool: prints how many rows of others it saw; run by test_pool_at_length."""

import random
import sys
import threading
from contextlib import suppress
from typing import Any

import psycopg
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from gis.database import Caller, Database
from gis.personal import are_shown

COUNTIES = ("990101", "990102", "990103", "990104")
LEFT = text(
    "SELECT (SELECT count(*) FROM layers.camera WHERE label <> 'public'),"
    " coalesce(current_setting('onemap.actor', true), ''), coalesce(current_setting('onemap.sealed', true), '')"
)
PLAIN = (
    "SELECT set_config('onemap.division_from', '990100', false), set_config('onemap.division_to', '990200', false),"
    " set_config('onemap.clearance', 'restricted', false)"
)


class OwnError(Exception):
    """What the callers of this test raise in the middle of their work."""


def main(url: str, seed: int, requests: int, planted: bool) -> None:
    """Print `requests foreign`."""
    pool = Database(url, pool_size=5)
    foreign, done = [0] * 5, [0] * 5

    def work(number: int) -> None:
        chance = random.Random(seed * 100 + number)
        for _ in range(requests // 5):
            code = chance.choice(COUNTIES)
            who = Caller(f"of-{code}", code, str(int(code) + 1), "drill", sees_sealed=chance.random() < 0.5)
            with suppress(OwnError, DBAPIError, psycopg.Error):
                _one(pool, who.seeing_personal() if chance.random() < 0.3 else who, chance.random(), planted)
            done[number] += 1
            # Whoever gets the connection next, in the name of nobody, and then in the name of one county.
            with pool.engine.connect() as connection, connection.begin():
                rows, actor, sealed = connection.execute(LEFT).one()
                foreign[number] += rows + bool(actor) + bool(sealed)
            other = Caller("other", "990104", "990105", "drill")
            with pool.transaction(other) as connection:
                seen = connection.execute(text("SELECT division_code FROM layers.camera WHERE label <> 'public'"))
                foreign[number] += sum(not one.startswith("990104") for one in seen.scalars())
                foreign[number] += are_shown(connection)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(5)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    pool.close()
    sys.stdout.write(f"{sum(done)} {sum(foreign)}\n")


def _one(pool: Database, who: Caller, kind: float, planted: bool) -> None:
    """One request: it ends well, by an error of ours, of the database, by a time-out, or cancelled from outside."""
    with pool.transaction(who) as connection:
        if planted:
            connection.execute(text(PLAIN))
        if kind < 0.15:
            raise OwnError
        if kind < 0.3:
            connection.execute(text("SELECT 1 / 0"))
        if kind < 0.4:
            connection.execute(text("SET LOCAL statement_timeout = '1ms'"))
            connection.execute(text("SELECT pg_sleep(0.2)"))
        if kind < 0.5:
            driver: Any = connection.connection.driver_connection
            late = threading.Timer(0.005, driver.cancel)
            late.start()
            try:
                connection.execute(text("SELECT pg_sleep(0.2)"))
            finally:
                late.join()  # or it would cancel what the next caller asks
        if kind < 0.52:
            driver = connection.connection.driver_connection
            driver.close()
        connection.execute(text("SELECT count(*) FROM layers.camera"))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "planted")
