"""How long is what sensors said kept, who may change it, and which gateway may say something?"""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from gis.crs import LonLat
from gis.database import Caller, Database
from gis.errors import InputError
from layers.sensors import devices, history

NOW = datetime.now(UTC).replace(microsecond=0)
PLACE = LonLat(118.71, 31.41)


@pytest.fixture(scope="module")
def sensing(database: Database) -> Database:
    """A database with the days the tests speak about."""
    with database.transaction(Caller.system()) as connection:
        history.prepare(connection, (NOW - timedelta(days=1)).date())
    return database


def test_days_have_partitions_and_old_ones_go_but_a_week_stays(sensing: Database) -> None:
    with sensing.transaction(Caller.system()) as connection:
        today = NOW.date()
        history.cover(connection, [today - timedelta(days=200), today - timedelta(days=20)])
        assert history.prepare(connection, today) >= 1
        assert history.prepare(connection, today) == 0
        assert history.tidy(connection, today, 180) == 1
        assert history.tidy(connection, today, 180) == 0
    with (
        pytest.raises(DBAPIError, match="younger than 7 days stay"),
        sensing.transaction(Caller.system()) as connection,
    ):
        history.tidy(connection, NOW.date(), 1)


def test_the_program_may_not_rewrite_what_was_observed(sensing: Database) -> None:
    for statement in (
        "DELETE FROM sensing.observation",
        "UPDATE sensing.observation SET value = 0",
        "UPDATE sensing.acknowledgement SET actor = 'nobody'",
        "DROP TABLE sensing.observation",
    ):
        refused = pytest.raises(DBAPIError, match=r"permission denied|must be owner")
        with refused, sensing.transaction(Caller.system()) as connection:
            connection.execute(text(statement))


def test_a_token_opens_until_the_gateway_is_disabled(sensing: Database) -> None:
    with sensing.transaction(Caller.system()) as inside:
        opens_until_disabled(inside)


def opens_until_disabled(inside: Connection) -> None:
    token = devices.register(inside, "WG-KEY", "网关", division_code="990102", mode="drill", place=PLACE)
    found = devices.find_by_token(inside, token)
    assert found is not None
    assert found.id == "WG-KEY"
    assert devices.find_by_token(inside, token + "x") is None
    newer = devices.register(inside, "WG-KEY", "网关", division_code="990102", mode="drill", place=PLACE)
    assert devices.find_by_token(inside, token) is None
    devices.disable(inside, "WG-KEY")
    assert devices.find_by_token(inside, newer) is None
    stored_bytes = inside.execute(text("SELECT token_sha256 FROM sensing.device WHERE id = 'WG-KEY'")).scalar_one()
    assert newer.encode() not in bytes(stored_bytes)
    with pytest.raises(InputError):
        devices.register(inside, "a b", "x", division_code="990102", mode="drill", place=PLACE)
