"""Does nobody see a row of another division or above their label, whatever the query, and does the index still work?"""

import random
import re
import threading
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from gis.database import Caller, Database
from layers import store, tiles

COUNTIES = ("990101", "990102", "990103", "990104")
POINTS = 4000
INSERT = text(
    "INSERT INTO layers.camera (id, valid_from, source_system, as_of, division_code, label, mode, name, bearing_deg,"
    " view_deg, range_m, status, geometry)"
    " SELECT 'C-' || n, now() - interval '1 day', '演练', now(), :codes[1 + n % 4]::text || '001',"
    "   (ARRAY['public','internal','restricted'])[1 + (n / 4) % 3], 'drill', 'c', 0, 60, 100, 'live',"
    "   ST_SetSRID(ST_MakePoint(118.5 + (n * 7919 % 1000) / 2000.0, 31.2 + (n * 104729 % 1000) / 2000.0), 4490)"
    " FROM generate_series(0, :points - 1) AS n".replace(":codes[1", "(CAST(:codes AS text[]))[1")
)


def caller(low: str, high: str, clearance: Any = "restricted") -> Caller:
    return Caller("tester", low, high, "drill", clearance)


CITY = caller("990100", "990200")


@pytest.fixture(scope="module")
def cameras(database: Database) -> Database:
    with database.transaction(CITY) as connection:
        connection.execute(INSERT, {"codes": list(COUNTIES), "points": POINTS})
    return database


def seen(database: Database, who: Caller) -> set[tuple[str, str]]:
    with database.transaction(who) as connection:
        return {
            (row[0][:6], row[1]) for row in connection.execute(text("SELECT division_code, label FROM layers.camera"))
        }


@pytest.mark.protection("10", "11")
def test_rows_are_those_of_the_range_and_what_is_public(cameras: Database) -> None:
    assert seen(cameras, CITY) == {(code, label) for code in COUNTIES for label in ("public", "internal", "restricted")}
    county = seen(cameras, caller("990102", "990103"))
    assert {label for code, label in county if code != "990102"} == {"public"}
    assert {label for code, label in county if code == "990102"} == {"public", "internal", "restricted"}
    assert {label for _, label in seen(cameras, caller("990100", "990200", "internal"))} == {"public", "internal"}
    assert {label for _, label in seen(cameras, caller("880000", "890000"))} == {"public"}


def test_a_transaction_for_nobody_sees_what_is_public(cameras: Database) -> None:
    with cameras.engine.connect() as connection, connection.begin():
        labels = connection.execute(text("SELECT DISTINCT label FROM layers.camera")).scalars().all()
    assert labels == ["public"]


@pytest.mark.parametrize("statement", ["INSERT", "UPDATE"])
def test_nobody_writes_into_another_division(cameras: Database, statement: str) -> None:
    county = caller("990102", "990103")
    if statement == "INSERT":
        with pytest.raises(DBAPIError, match="row-level security"), cameras.transaction(county) as connection:
            connection.execute(INSERT, {"codes": ["990101"] * 4, "points": 1})
        return
    with cameras.transaction(county) as connection:
        closed = connection.execute(
            text(
                "UPDATE layers.camera SET superseded_at = now() WHERE left(division_code, 6) = '990101'"
                " AND label <> 'public'"
            )
        )
        assert closed.rowcount == 0


def test_every_layer_table_is_guarded_and_forced(database: Database) -> None:
    with database.transaction(Caller.system()) as connection:
        bare = connection.execute(
            text(
                "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
                " AND a.attname = 'division_code'"
                " WHERE c.relnamespace = 'layers'::regnamespace AND c.relkind IN ('r', 'p')"
                " AND EXISTS (SELECT 1 FROM pg_attribute l WHERE l.attrelid = c.oid AND l.attname = 'label')"
                " AND NOT (c.relrowsecurity AND c.relforcerowsecurity)"
            )
        ).scalars()
        assert bare.all() == []


@pytest.mark.protection("10")
def test_the_owner_obeys_too(cameras: Database, owner_database: Database) -> None:
    assert {label for code, label in seen(owner_database, caller("990102", "990103")) if code != "990102"} == {"public"}


def test_tiles_and_counts_hold_nothing_foreign(cameras: Database) -> None:
    county = caller("990102", "990103", "internal")
    with cameras.transaction(county) as connection:
        own = connection.execute(text("SELECT count(*) FROM layers.camera")).scalar_one()
        assert store.counts(connection)["camera"] == own
        drawn = tiles.tile(connection, "camera", 13, *_tile_at(13))
    numbers = [int(one) for one in re.findall(rb"C-(\d+)", drawn)]
    assert len(numbers) > 5
    assert all(number % 4 == 1 or (number // 4) % 3 == 0 for number in numbers), "a foreign row in a tile"
    assert not [number for number in numbers if (number // 4) % 3 == 2], "a restricted row in a tile"
    with cameras.transaction(CITY) as connection:
        assert store.counts(connection)["camera"] == POINTS > own


def _tile_at(z: int) -> tuple[int, int]:
    import math

    longitude, latitude, edge = 118.75, 31.45, 1 << z
    row = (1 - math.asinh(math.tan(math.radians(latitude))) / math.pi) / 2 * edge
    return int((longitude + 180) / 360 * edge), int(row)


def test_a_small_rectangle_still_uses_the_spatial_index(cameras: Database, superuser_url: str) -> None:
    question = (
        "EXPLAIN (COSTS OFF) SELECT count(*) FROM layers.camera WHERE superseded_at IS NULL"
        " AND geometry && ST_MakeEnvelope(118.6, 31.3, 118.61, 31.31, 4490)"
    )

    def plan() -> str:
        with cameras.transaction(CITY) as connection:
            connection.execute(text("SET LOCAL enable_seqscan = off"))
            return "\n".join(connection.execute(text(question)).scalars())

    assert "camera_geometry_idx" in plan()
    # The planted fault: without the mark the planner may not use the index on the rectangle.
    administrator = Database(superuser_url)
    mark = "ALTER FUNCTION geometry_overlaps(geometry, geometry) {}LEAKPROOF"
    try:
        with administrator.transaction(Caller.system()) as connection:
            connection.execute(text(mark.format("NOT ")))
        assert "Index Cond: (geometry &&" not in plan()
    finally:
        with administrator.transaction(Caller.system()) as connection:
            connection.execute(text(mark.format("")))
        administrator.close()
    assert "Index Cond: (geometry &&" in plan()


_NOT_PUBLIC = text("SELECT count(*) FROM layers.camera WHERE label <> 'public'")


def leaks(database: Database, statement: str) -> int:
    """S11: foreign rows seen by callers of four counties over five connections, with exceptions in mid-transaction."""
    pool = Database(database.url, pool_size=5)
    foreign = [0]

    def work(number: int) -> None:
        chance = random.Random(number)
        for _ in range(250):
            code = chance.choice(COUNTIES)
            who = caller(code, str(int(code) + 1))
            try:
                with pool.transaction(who) as connection:
                    if statement:
                        connection.execute(text(statement), {"low": "990100", "high": "990200"})
                    if chance.random() < 0.2:
                        raise ZeroDivisionError
                    if chance.random() < 0.2:
                        connection.execute(text("SELECT 1 / 0"))
            except (ZeroDivisionError, DBAPIError):
                pass
            with pool.engine.connect() as connection, connection.begin():
                found = connection.execute(
                    text("SELECT count(*) FROM layers.camera WHERE label <> 'public'")
                ).scalar_one()
                foreign[0] += found

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    pool.close()
    return foreign[0]


@pytest.mark.protection("10")
def test_a_pooled_connection_carries_nobody_to_the_next(cameras: Database) -> None:
    assert leaks(cameras, "") == 0


def test_a_plain_set_would_have_leaked(cameras: Database) -> None:
    planted = (
        "SELECT set_config('onemap.division_from', :low, false), set_config('onemap.division_to', :high, false),"
        " set_config('onemap.clearance', 'restricted', false)"
    )
    assert leaks(cameras, planted) > 0
