"""Does the cheap stamp of a register move whenever its version does: two who write, a rollback, time that passes?"""

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import Connection, DateTime, Interval, cast, func, insert, literal, select, text

from command_ui.api.tiles import store_of
from gis.database import Caller, Database
from layers import register_stamp, tiles
from layers.catalogue import LAYERS
from layers.sample.city import SampleCity
from layers.sample.load import load
from layers.tables import Base

DRILL = Caller("test", "990100", "990200", "drill")
LAYER = "shelter"
_OWN = {"id", "valid_from", "valid_to", "row_id", "recorded_at", "ingested_at", "superseded_at", "world_x", "world_y"}
_CLOSE = text("UPDATE layers.shelter SET superseded_at = greatest(now(), recorded_at) WHERE id = 'KEPT'")


def _both(database: Database, caller: Caller = DRILL) -> tuple[str, str]:
    with database.transaction(caller) as connection:
        return register_stamp.stamp(connection, LAYER), tiles.version(connection, LAYER)


@pytest.fixture(scope="module")
def loaded(database: Database, city: SampleCity) -> Database:
    """The sample city, and no connection held open over the module."""
    with database.transaction(DRILL) as connection:
        load(connection, city)
    return database


@pytest.fixture
def add(loaded: Database) -> Callable[..., None]:
    """Writes a shelter like one of those there are, which ends after a while if one is given."""
    table = Base.metadata.tables["layers.shelter"]
    kept = [column for column in table.c if column.name not in _OWN and column.computed is None]

    def adding(connection: Connection, name: str, lives: str | None = None) -> None:
        ends = cast(None, DateTime(timezone=True)) if lives is None else func.now() + cast(lives, Interval)
        like = select(literal(name), func.now(), ends, *kept).where(table.c.mode == "drill").limit(1)
        names = ["id", "valid_from", "valid_to", *[column.name for column in kept]]
        connection.execute(insert(table).from_select(names, like))

    return adding


def test_every_register_of_points_is_stamped_but_those_that_speak_with_every_reading(loaded: Database) -> None:
    with loaded.transaction(DRILL) as connection:
        points = [spec.key for spec in LAYERS if spec.geometry == "point" and spec.connected]
        stamped = {key for key in points if register_stamp.stamp(connection, key)}
    # The views of the risk and the readings of sensors are asked as before.
    assert {spec.table for spec in LAYERS if spec.key in set(points) - stamped} == {"tag", "risk_unit"}
    assert {"enterprise", "camera", "hazard_source", "expert"} <= stamped


def test_a_write_moves_it_and_a_rollback_does_not(database: Database, add: Callable[..., None]) -> None:
    before = _both(database)
    assert _both(database) == before
    with pytest.raises(RuntimeError), database.transaction(DRILL) as connection:
        add(connection, "ROLLED-BACK")
        raise RuntimeError
    assert _both(database) == before
    with database.transaction(DRILL) as connection:
        add(connection, "KEPT")
        with pytest.raises(RuntimeError), connection.begin_nested():
            add(connection, "ROLLED-BACK-TOO")
            raise RuntimeError
    after = _both(database)
    assert after[0] != before[0] and after[1] != before[1]
    with database.transaction(DRILL) as connection:
        connection.execute(_CLOSE)
    assert _both(database)[0] != after[0], "a row that is closed is a change too"


def test_a_store_asks_for_the_version_only_where_the_stamp_moved(
    database: Database, add: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("command_ui.api.tile_store.FRESH_S", -1.0)
    asked: list[str] = []

    def version(connection: Connection, layer: str) -> str:
        asked.append(layer)
        return tiles.version(connection, layer)

    stores = [store_of(database), store_of(database)]  # two processes hold one each
    for store in stores:
        store._source = replace(store._source, version=version)
        first = store.version_of(DRILL, LAYER)
        assert store.version_of(DRILL, LAYER) == store.version_of(DRILL, LAYER) == first
    assert asked == [LAYER] * 2, "once each, however often it is looked at"
    with database.transaction(DRILL) as connection:
        add(connection, "SEEN-BY-BOTH")
    for store in stores:
        assert store.version_of(DRILL, LAYER) == store.version_of(DRILL, LAYER) != first
    assert asked == [LAYER] * 4


def test_who_commits_last_is_seen_though_he_began_first(database: Database, add: Callable[..., None]) -> None:
    """The lower numbers come last: no maximum of anything would move."""
    begun, other_done, seen = threading.Event(), threading.Event(), []

    def slow() -> None:
        with database.transaction(DRILL) as connection:
            add(connection, "FIRST-BEGUN")
            begun.set()
            assert other_done.wait(60)

    thread = threading.Thread(target=slow)
    thread.start()
    assert begun.wait(60)
    seen.append(_both(database))
    with database.transaction(DRILL) as connection:
        add(connection, "FIRST-DONE")
    seen.append(_both(database))
    other_done.set()
    thread.join(60)
    seen.append(_both(database))
    assert len({stamp for stamp, _ in seen}) == len({version for _, version in seen}) == 3


def test_time_that_passes_moves_it_where_a_row_ends(database: Database, add: Callable[..., None]) -> None:
    in_time = False
    for while_s in (0.5, 5.0, 60.0):  # the first look must come before the end, however slow the machine is
        with database.transaction(DRILL) as connection:
            add(connection, f"SHORT-LIVED-{while_s}", f"{while_s} seconds")
            before = register_stamp.stamp(connection, LAYER), tiles.version(connection, LAYER)
            spent = text("SELECT extract(epoch FROM clock_timestamp() - now())::float")
            in_time = connection.execute(spent).scalar_one() < while_s
            if in_time:
                connection.execute(text("SELECT pg_sleep(:while_s + 0.1)"), {"while_s": while_s})
                after = register_stamp.stamp(connection, LAYER), tiles.version(connection, LAYER)
                assert after[0] != before[0] and after[1] != before[1], "nobody wrote it meanwhile"
                break
    assert in_time
    assert _both(database)[0] == after[0]


def test_many_writes_are_put_together_and_the_sum_goes_on(database: Database, loaded: Database) -> None:
    nothing = text("UPDATE layers.shelter SET valid_to = valid_to WHERE id = 'NOBODY'")
    kept = text("SELECT count(*), sum(changes) FROM layers.register_stamp WHERE register = 'shelter'")
    sums, rows = [], []
    for _ in range(300):
        with database.transaction(DRILL) as connection:
            connection.execute(nothing)
        with database.transaction(DRILL) as connection:
            count, total = connection.execute(kept).one()
        sums.append(int(total))
        rows.append(count)
    assert sums == list(range(sums[0], sums[0] + 300)), "each commit counts once"
    assert max(rows) <= 257 + 1
