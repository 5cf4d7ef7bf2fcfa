"""Does the door to PostGIS carry the caller, keep frames whole and refuse unsafe databases?"""

from datetime import date

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point
from sqlalchemy import text

from gis.copying import copy_frame
from gis.crs import GEOGRAPHIC
from gis.database import Caller, Database, libpq_conninfo, psycopg_url, read_frame
from gis.errors import InputError, UnavailableError


def test_transaction_carries_the_caller_and_forgets_it(database: Database) -> None:
    caller = Caller("张三（演练）", "990100", "990200", "drill")
    asked = text(
        "SELECT current_setting('onemap.actor', true), current_setting('onemap.division_from', true), "
        "current_setting('onemap.division_to', true), current_setting('onemap.mode', true), "
        "current_setting('timezone'), current_user::text"
    )
    with database.transaction(caller) as connection:
        assert tuple(connection.execute(asked).one()) == (
            "张三（演练）", "990100", "990200", "drill", "UTC", "onemap_app",
        )  # fmt: skip
    # The same pooled connection, without a caller: the settings died with the transaction.
    with database.engine.connect() as connection:
        assert [value or "" for value in connection.execute(asked).one()][:4] == ["", "", "", ""]


def test_exception_rolls_back(owner_database: Database) -> None:
    with owner_database.transaction(Caller.system()) as connection:
        connection.execute(text("CREATE TABLE layers.once (id integer)"))
    with pytest.raises(ZeroDivisionError), owner_database.transaction(Caller.system()) as connection:
        connection.execute(text("INSERT INTO layers.once VALUES (1)"))
        raise ZeroDivisionError
    with owner_database.transaction(Caller.system()) as connection:
        assert connection.execute(text("SELECT count(*) FROM layers.once")).scalar_one() == 0


def test_frames_go_in_and_come_out_unchanged(owner_database: Database) -> None:
    frame = gpd.GeoDataFrame(
        {
            "id": ["a", "b", "c"],
            "number": [1, 2, 3],
            "ratio": [0.5, None, 1.25],
            "tags": [["化工", "仓储"], [], ["x\ty\\n"]],
            "more": [{"k": "值"}, {}, None],
            "said": ["", None, 'a "b",\n\\.\n'],
            "seen": pd.to_datetime(
                ["2026-11-01T08:00:00.123456+08:00", None, "1999-12-31"], format="ISO8601", utc=True
            ),
            "sure": [True, None, False],
            "day": [date(2026, 2, 28), None, date(2024, 2, 29)],
        },
        geometry=[Point(118.7, 31.4), None, Point(118.8, 31.5)],
        crs=GEOGRAPHIC,
    )
    with owner_database.transaction(Caller.system()) as connection:
        connection.execute(
            text(
                "CREATE TABLE layers.shapes (id text, number integer, ratio double precision, tags text[], more jsonb, "
                "said text, seen timestamptz, sure boolean, day date, "
                "geometry geometry(Point, 4490))"
            )
        )
        assert copy_frame(connection, "layers.shapes", frame) == 3
        back = read_frame(connection, "SELECT * FROM layers.shapes ORDER BY id")
    assert back.crs == GEOGRAPHIC
    assert list(back.columns) == list(frame.columns)
    assert back["tags"].tolist() == frame["tags"].tolist()
    assert back["more"].tolist() == [{"k": "值"}, {}, None]
    assert back["ratio"].isna().tolist() == [False, True, False]
    for column in ("said", "seen", "sure", "day"):
        assert back[column].isna().tolist() == [False, True, False]
        assert back[column].tolist()[::2] == frame[column].tolist()[::2]
    assert back.geometry.geom_equals(frame.geometry).tolist()[::2] == [True, True]
    assert back.geometry[1] is None


def test_empty_result_keeps_its_coordinate_system(database: Database) -> None:
    with database.transaction(Caller.system()) as connection:
        empty = read_frame(
            connection, "SELECT 1 AS a, ST_SetSRID(ST_Point(:x, 31), 4490) AS geometry WHERE false", {"x": 118}
        )
    assert len(empty) == 0
    assert empty.crs == GEOGRAPHIC


def test_statement_without_geometry_is_refused(database: Database) -> None:
    with database.transaction(Caller.system()) as connection, pytest.raises(InputError, match="no column 'geometry'"):
        read_frame(connection, "SELECT 1 AS a")


def test_superuser_is_refused_and_the_program_role_is_not(database: Database, superuser_url: str) -> None:
    database.assert_sound()
    unsafe = Database(superuser_url)
    with pytest.raises(UnavailableError, match="superuser"):
        unsafe.assert_sound()
    unsafe.close()


def test_superuser_in_the_clothes_of_the_program_is_refused(cluster, database_name: str) -> None:
    disguised = Database(cluster.url(database=database_name, acting_as="onemap_app"))
    with pytest.raises(UnavailableError, match="superuser"):
        disguised.assert_sound()
    disguised.close()


@pytest.mark.parametrize(
    "statement", ["CREATE TABLE layers.mine (id integer)", "CREATE TABLE public.mine (id integer)"]
)
def test_program_may_not_make_tables(database: Database, statement: str) -> None:
    with pytest.raises(Exception, match="permission denied"), database.transaction(Caller.system()) as connection:
        connection.execute(text(statement))


def test_unreachable_database_says_so() -> None:
    away = Database("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(UnavailableError, match="does not answer"), away.transaction(Caller.system()):
        pass
    away.close()


@pytest.mark.parametrize("url", ["mysql://a@b/c", "not an address", "sqlite:///x.db"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(InputError):
        psycopg_url(url)


def test_addresses_translate_to_libpq() -> None:
    assert libpq_conninfo("postgresql://me:p%40ss@db.example:5433/one?sslmode=require") == (
        "host=db.example port=5433 user=me password=p@ss dbname=one sslmode=require"
    )
