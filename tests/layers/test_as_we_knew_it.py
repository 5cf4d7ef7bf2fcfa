"""What did we know then? Corrections and changes close rows and add others; every earlier answer can be had again."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from sqlalchemy import Connection, text

from gis.database import Caller, Database
from gis.errors import InputError
from layers import revision, store
from layers.store import Then

TWENTY_PAST = datetime(2030, 5, 4, 2, 20, tzinfo=UTC)
"""10:20 in the duty room."""
LIVE = Caller("test", "000000", "999999", "live")


@pytest.fixture
def connection(database: Database):  # type: ignore[no-untyped-def]
    """A transaction that leaves nothing behind."""
    with pytest.raises(_UndoError), database.transaction(LIVE) as opened:
        yield opened
        raise _UndoError


class _UndoError(Exception):
    """Roll back."""


def shelter(name: str = "一号避难所", capacity: int = 100, row: str = "S-1", **more: object) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "id": row, "name": name, "pinyin": "", "initials": "", "level": "city", "kind": "indoor",
                "capacity": capacity, "occupancy": 0, "effective_area_m2": 100.0, "indoor_gas_tight": False,
                "manager": "演练员", "phone": "1", "valid_from": TWENTY_PAST - timedelta(days=30),
                "source_system": "test", "as_of": TWENTY_PAST, "division_code": "990102", "label": "public",
                "mode": "live", "geometry": "SRID=4490;POINT(118.7 31.4)",
            } | more
        ]
    )  # fmt: skip


def capacity(connection: Connection, then: Then | None = None) -> list[int]:
    return store.shelters(connection, then=then)["capacity"].tolist()


def test_as_we_knew_it_at_10_32(connection: Connection) -> None:
    """A correction at 10:40 does not change what was known at 10:32, and both can be read at any later time."""
    at = lambda minute: TWENTY_PAST + timedelta(minutes=minute)  # noqa: E731
    revision.revise(connection, "shelter", shelter(capacity=100), recorded_at=at(0))
    done = revision.revise(connection, "shelter", shelter(capacity=60), recorded_at=at(20))
    assert (done.added, done.changed, done.unchanged) == (0, 1, 0)
    assert capacity(connection, Then.at(at(-1))) == []
    assert capacity(connection, Then.at(at(0))) == [100]
    assert capacity(connection, Then.at(at(12))) == [100]
    assert capacity(connection, Then.at(at(20))) == [60]
    # It was wrong from the beginning: what we know now of last week is the corrected value.
    assert capacity(connection, Then.at(at(30), at(0) - timedelta(days=7))) == [60]
    assert capacity(connection, Then.at(at(12), at(0) - timedelta(days=7))) == [100]
    assert capacity(connection) == [60]
    assert connection.execute(text("SELECT count(*) FROM layers.shelter")).scalar_one() == 2


def test_a_change_keeps_the_past_true(connection: Connection) -> None:
    """From noon the hall holds fewer: before noon the old figure stays true, also by what we know today."""
    noon = TWENTY_PAST + timedelta(hours=2)
    revision.revise(connection, "shelter", shelter(capacity=100), recorded_at=TWENTY_PAST)
    later = shelter(capacity=40, valid_from=noon)
    revision.revise(connection, "shelter", later, since=True, recorded_at=noon + timedelta(hours=1))
    known = noon + timedelta(hours=2)
    assert capacity(connection, Then.at(known, noon - timedelta(minutes=1))) == [100]
    assert capacity(connection, Then.at(known, noon)) == [40]
    assert capacity(connection, Then.at(noon + timedelta(minutes=30))) == [100]


def test_the_same_again_is_no_news(connection: Connection) -> None:
    """A second run adds nothing, whatever its date; a column left out keeps its value."""
    revision.revise(connection, "shelter", shelter(), recorded_at=TWENTY_PAST)
    again = revision.revise(connection, "shelter", shelter(as_of=TWENTY_PAST + timedelta(days=1)))
    assert (again.added, again.changed, again.unchanged, again.pairs) == (0, 0, 1, ())
    partly = shelter(capacity=5)[["id", "mode", "valid_from", "as_of", "source_system", "division_code", "capacity"]]
    done = revision.revise(connection, "shelter", partly)
    assert done.changed == 1
    row = connection.execute(text("SELECT name, capacity FROM layers.shelter WHERE superseded_at IS NULL")).one()
    assert tuple(row) == ("一号避难所", 5)


def test_what_the_source_no_longer_has_is_ended_and_stays_in_history(connection: Connection) -> None:
    """Two rows, then one: the other ends, and is still there for an earlier moment."""
    both = pd.concat([shelter(row="S-1"), shelter(row="S-2", name="二号避难所")])
    began = TWENTY_PAST - timedelta(days=3650)
    both["valid_from"] = began
    revision.revise(connection, "shelter", both, recorded_at=began)
    done = revision.revise(connection, "shelter", shelter(row="S-1", valid_from=began), end_missing=True)
    assert (done.unchanged, done.ended) == (1, 1)
    assert store.shelters(connection)["id"].tolist() == ["S-1"]
    assert store.shelters(connection, then=Then.at(began + timedelta(days=1)))["id"].tolist() == ["S-1", "S-2"]
    # By what we know now it was still true the day before it ended.
    today = datetime.now(UTC) + timedelta(minutes=1)
    assert store.shelters(connection, then=Then.at(today, began + timedelta(days=1)))["id"].tolist() == ["S-1", "S-2"]


def test_a_revision_can_be_taken_back(connection: Connection) -> None:
    """What it added is closed, what it closed stands again, and the record of both stays."""
    revision.revise(connection, "shelter", shelter(capacity=100), recorded_at=TWENTY_PAST - timedelta(days=2000))
    both = pd.concat([shelter(capacity=60), shelter(row="S-2")])
    done = revision.revise(connection, "shelter", both)
    assert (done.added, done.changed) == (1, 1)
    closed, again = revision.take_back(connection, "shelter", done.pairs)
    assert (closed, len(again)) == (2, 1)
    assert capacity(connection) == [100]
    assert connection.execute(text("SELECT count(*) FROM layers.shelter")).scalar_one() == 4


def test_worlds_never_meet(database: Database) -> None:
    """The same id in two worlds is two things; each caller sees his own."""
    with database.transaction(LIVE) as connection:
        revision.revise(connection, "shelter", pd.concat([shelter(capacity=1), shelter(capacity=2, mode="drill")]))
    for mode, expected in (("live", [1]), ("drill", [2]), ("sim", [])):
        with database.transaction(Caller("test", "000000", "999999", mode)) as connection:  # type: ignore[arg-type]
            assert capacity(connection) == expected
            assert store.counts(connection)["shelter"] == len(expected)


def test_a_moment_needs_a_zone(connection: Connection) -> None:
    with pytest.raises(InputError, match="has no time zone"):
        Then.at(datetime(2026, 11, 24, 10, 32))  # noqa: DTZ001


def test_only_columns_of_the_table_are_written(connection: Connection) -> None:
    with pytest.raises(InputError, match="no column 'colour'"):
        revision.revise(connection, "shelter", shelter(colour="red"))
