"""Is every column described? (A23 of product.md: the dictionary is built from the schema.)"""

from sqlalchemy import text

from gis.database import Caller, Database
from layers import data_dictionary


def test_every_column_of_the_database_has_a_meaning(database: Database) -> None:
    with database.transaction(Caller.system()) as connection:
        found = data_dictionary.columns(connection)
    assert len(found) > 300
    silent = [f"{one.schema}.{one.table}.{one.column}" for one in found if not one.meaning]
    assert silent == [], "add COMMENT ON COLUMN in the migration that makes the column"


def test_no_schema_of_ours_is_left_out(database: Database) -> None:
    with database.transaction(Caller.system()) as connection:
        there = connection.execute(
            text(
                "SELECT DISTINCT schemaname FROM pg_tables"
                " WHERE schemaname !~ '^pg_' AND schemaname NOT IN ('information_schema', 'public')"
            )
        ).scalars()
        assert set(there) <= set(data_dictionary.SCHEMAS)


def test_the_dictionary_names_every_table(database: Database) -> None:
    with database.transaction(Caller.system()) as connection:
        found = data_dictionary.columns(connection)
    page = data_dictionary.as_markdown(found)
    assert page.count("### `") == len({(one.schema, one.table) for one in found})
    assert "| `uscc` | text | yes | 统一社会信用代码 GB 32100 Unified social credit code |" in page
