"""Do closures and edits survive in PostGIS, hold in their time, and stay on record when withdrawn?"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import shapely
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from gis.database import Caller, Database
from gis.errors import ConflictError, InputError, MissingError
from routing import cache, store
from routing.closures import RoadReport
from routing.network import Network

NOON = datetime(2025, 11, 22, 12, tzinfo=UTC)
LIVE = Caller("演练员", "000000", "999999")
DRILL = Caller("演练员", "000000", "999999", "drill")
BOX = shapely.box(118.703, 31.403, 118.709, 31.409)


def test_an_area_holds_in_its_time_and_its_world(database: Database, town: Network) -> None:
    with database.transaction(DRILL) as connection:
        store.add_closure(connection, "演练", "演练: 氯气", NOON, area=BOX, valid_until=NOON + timedelta(hours=1))
    with database.transaction(DRILL) as connection:
        assert not store.view_at(connection, town, NOON - timedelta(minutes=1)).closed.any()
        held = store.view_at(connection, town, NOON)
        assert held.closed.any()
        assert held.report.by_source[0][0] == "演练: 氯气"
        assert held.area.equals(BOX)
        assert not store.view_at(connection, town, NOON + timedelta(hours=1)).closed.any()
    with database.transaction(LIVE) as connection:
        assert not store.view_at(connection, town, NOON).closed.any()


def test_a_withdrawn_closure_stays_on_record(database: Database, town: Network) -> None:
    with database.transaction(LIVE) as connection:
        report = RoadReport(longitude=118.7008, latitude=31.4, direction="backward")
        number = store.add_closure(connection, "演练", "塌方", NOON, report=report)
    with database.transaction(LIVE) as connection:
        assert store.view_at(connection, town).closed.sum() == 1
        store.withdraw_closure(connection, number)
    with database.transaction(LIVE) as connection:
        assert not store.view_at(connection, town).closed.any()
        assert store.view_at(connection, town, datetime(2025, 11, 22, 12, 1, tzinfo=UTC)).closed.sum() == 1
        who = connection.execute(text("SELECT withdrawn_by FROM roads.closure WHERE id = :id"), {"id": number}).scalar()
        assert who == "演练员"
        with pytest.raises(ConflictError, match="already withdrawn"):
            store.withdraw_closure(connection, number)
        with pytest.raises(MissingError, match="no closure 999"):
            store.withdraw_closure(connection, 999)


def test_roads_as_somebody_saw_them_then(database: Database, shanghai: Network) -> None:
    before = datetime.now(UTC) - timedelta(seconds=5)
    with database.transaction(LIVE) as connection:
        number = store.add_closure(
            connection, shanghai.name, "塌方", NOON, area=shapely.box(121.48, 31.22, 121.49, 31.23)
        )
        store.add_edit(connection, shanghai.name, int(shanghai.way_id[7]), "speed_kmh", 5.0, "路面积水")
    with database.transaction(LIVE) as connection:
        recorded = connection.execute(text("SELECT now()")).scalar()
    with database.transaction(LIVE) as connection:
        store.withdraw_closure(connection, number)
    with database.transaction(LIVE) as connection:
        later = NOON + timedelta(hours=1)
        # It held at one o'clock, but nobody knew so before it was recorded; and it is known to be wrong now.
        assert not store.view_at(connection, shanghai, later, known_at=before).closed.any()
        assert store.view_at(connection, shanghai, later, known_at=recorded).closed.any()
        assert not store.view_at(connection, shanghai, later, known_at=datetime.now(UTC)).closed.any()
        assert store.with_edits(connection, shanghai, known_at=before) is shanghai
        assert store.with_edits(connection, shanghai, known_at=recorded) is not shanghai


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM roads.closure", "UPDATE roads.closure SET reason = 'x'", "UPDATE roads.version SET version = 9",
     "DELETE FROM roads.edit"],
)  # fmt: skip
def test_the_program_may_not_rewrite(database: Database, statement: str) -> None:
    with pytest.raises(DatabaseError, match="permission denied"), database.transaction(LIVE) as connection:
        connection.execute(text(statement))


def test_versions_count_up(database: Database, town: Network, tmp_path: Path) -> None:
    manifest = cache.read_manifest(cache.save(town, tmp_path / "演练", with_topology=False))
    with database.transaction(LIVE) as connection:
        for expected in (1, 2):
            assert store.record_version(connection, manifest).version == expected
    with database.transaction(LIVE) as connection:
        found = store.versions(connection, "演练")
    assert [v.version for v in found] == [2, 1]
    assert found[0].counts["nodes"] == town.node_count


def test_edits_change_the_view_not_the_file(database: Database, shanghai: Network) -> None:
    way = int(shanghai.way_id[100])
    with database.transaction(LIVE) as connection:
        store.add_edit(connection, shanghai.name, way, "speed_kmh", 5.0, "路面积水")
        store.add_edit(connection, shanghai.name, way, "max_height_m", 2.0, "限高架")
        edited = store.with_edits(connection, shanghai)
    mine = shanghai.way_id == way
    assert (edited.speed_kmh[mine] == 5).all()
    assert (edited.max_height_m[mine] == 2).all()
    arc = int(edited.arcs_of(mine.nonzero()[0])[0])
    assert edited.time_ms[arc] == pytest.approx(edited.arc_length_m[arc] / 5 * 3600, abs=1)
    assert (shanghai.speed_kmh[mine] != 5).all()


def test_faults_are_named_together(database: Database) -> None:
    with database.transaction(LIVE) as connection:
        with pytest.raises(InputError, match=r"needs a reason.*either an area or a report.*needs a time zone"):
            store.add_closure(connection, "x", " ", datetime(2026, 1, 1))  # noqa: DTZ001
        with pytest.raises(InputError, match=r"'colour' cannot be edited.*above 0"):
            store.add_edit(connection, "x", 1, "colour", -1, "r")
