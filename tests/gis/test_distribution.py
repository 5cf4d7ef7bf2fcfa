"""Could the database be spread over servers by division? Every table has a place, and the statements run."""

from sqlalchemy import text

from gis import distribution
from gis.database import Caller, Database


def test_every_table_has_a_place_and_a_reason(database: Database) -> None:
    with database.transaction(Caller.system()) as connection:
        found = distribution.plan(connection)
        there = {one.table for one in found}
    assert [one.table for one in found if one.place == "undecided"] == []
    assert {one.table for one in found if one.place == "distributed"} >= {
        "layers.enterprise", "layers.register_row", "layers.population_cell", "layers.tag", "layers.inventory_ledger",
    }  # fmt: skip
    assert set(distribution.REFERENCE) <= there, "a reason for a table that is not there"


def test_the_statements_make_every_table_ready(database: Database, owner_database: Database) -> None:
    """Run and taken back: afterwards every unique index of a distributed table holds the division."""
    with owner_database.transaction(Caller.system()) as connection:
        before = [one for one in distribution.plan(connection) if one.place == "distributed"]
        assert any(one.lacking for one in before), "the test of the test: today's keys are of the row alone"
        for one in before:
            for statement in one.statements:
                connection.execute(text(statement))
        after = [one for one in distribution.plan(connection) if one.place == "distributed"]
        left = {one.table: one.lacking for one in after if one.lacking}
        connection.rollback()
    assert left == {}


def test_a_table_nobody_thought_of_is_told(owner_database: Database) -> None:
    with owner_database.transaction(Caller.system()) as connection:
        connection.execute(text("CREATE TABLE layers.forgotten (id text PRIMARY KEY)"))
        undecided = [one.table for one in distribution.plan(connection) if one.place == "undecided"]
        connection.rollback()
    assert undecided == ["layers.forgotten"]


def test_every_foreign_key_stays_on_one_server(database: Database, owner_database: Database) -> None:
    with database.transaction(Caller.system()) as connection:
        assert distribution.refused_references(connection) == []
    with owner_database.transaction(Caller.system()) as connection:  # the test of the test, taken back
        connection.execute(text("CREATE TABLE layers.far (id text PRIMARY KEY, division_code text)"))
        connection.execute(text("CREATE TABLE layers.near (of text REFERENCES layers.far (id), division_code text)"))
        refused = distribution.refused_references(connection)
        connection.rollback()
    assert refused == [
        "near_of_fkey: layers.near (distributed) points at layers.far (distributed) without division_code"
    ]
