"""Are grids of crowded layers read once, for one range each, and brought along with what changes?"""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, text

from command_ui.access.roles import SignedIn, current
from command_ui.api.tile_grids import Grids, GridSource
from command_ui.api.tiles import store_of
from gis.database import Caller, Database
from layers import tiles
from layers.tile_grid import Grid

CITY = Caller("loader", "990100", "990200", "drill")
LAYER = "enterprise"
PLACES = [(z, int(0.82979 * 2**z), int(0.40788 * 2**z)) for z in (6, 8, 10, 12, 13)]
"""Tiles over the middle of the city."""


@pytest.fixture(scope="module")
def city(database: Database) -> None:
    """The sample city in this module's database."""
    from layers.sample.city import generate
    from layers.sample.load import load

    with database.transaction(CITY) as connection:
        load(connection, generate())


def test_a_grid_is_read_once_and_follows_an_edit(
    city: None, database: Database, owner_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, read, renewed = store_of(database), [], []
    source = store._source.grids

    def reading(connection: Connection, layer: str) -> Grid:
        read.append(layer)
        return source.read(connection, layer)

    def renewing(connection: Connection, layer: str, grid: Grid, places: Any) -> Grid:
        renewed.append(list(places))
        return source.renewed(connection, layer, grid, places)

    store._grids = Grids(database, replace(source, read=reading, renewed=renewing))
    monkeypatch.setattr("command_ui.api.tile_store.FRESH_S", -1.0)
    signed = current.set(SignedIn("x", "x", "operator", "990100", "990200", "drill", "h", "t"))
    try:
        before = {place: store.tile(LAYER, *place).etag for place in PLACES}
        assert read == [LAYER], "one question to the register for five zooms"
        with database.transaction(CITY) as connection:
            for z, x, y in PLACES:
                assert store.tile(LAYER, z, x, y).etag == _etag(tiles.tile(connection, LAYER, z, x, y))
        with owner_database.transaction(CITY) as connection:
            for z, x, y in PLACES[-1:]:
                closed = connection.execute(_CLOSE, {"z": float(1 << z), "x": x, "y": y}).rowcount
        assert closed == 1
        after = {place: store.tile(LAYER, *place).etag for place in PLACES}
        assert all(after[place] != before[place] for place in PLACES), "one less, at every zoom"
        assert read == [LAYER], "not read again"
        assert [len(places) for places in renewed] == [1]
        with database.transaction(CITY) as connection:
            for z, x, y in PLACES:
                assert after[z, x, y] == _etag(tiles.tile(connection, LAYER, z, x, y))
        with owner_database.transaction(CITY) as connection:
            connection.execute(text("UPDATE layers.enterprise SET valid_to = valid_to"))
            connection.execute(_CLOSE, {"z": 1.0, "x": 0, "y": 0})
        for place in PLACES:
            store.tile(LAYER, *place)
        assert read == [LAYER, LAYER], "a register written anew is read anew, once"
    finally:
        current.reset(signed)


def test_a_grid_belongs_to_a_range_and_stays_within_its_bytes(city: None, database: Database) -> None:
    source = GridSource(lambda *_: True, tiles.grid_of)
    grids = Grids(database, source, kept_bytes=1)
    county = Caller("test", "990102", "990103", "drill", "internal")

    def scope(caller: Caller) -> tuple[str, str, str, str, str]:
        return (LAYER, caller.mode, caller.division_from, caller.division_to, caller.clearance)

    whole, part = grids.of(CITY, scope(CITY), "1", 8), grids.of(county, scope(county), "1", 8)
    assert whole is not None
    assert part is not None
    assert len(part.codes) < len(whole.codes)
    assert len(grids) == 1, "the longest unused is dropped"
    assert grids.of(county, scope(county), "1", 8) is part
    assert grids.of(county, scope(county), "2", 8) is not part, "another version"


def test_what_cannot_be_told_is_dropped(database: Database) -> None:
    grids = Grids(database, GridSource(lambda *_: True, tiles.grid_of))
    scope = ("camera", "drill", "990100", "990200", "restricted")
    with database.transaction(CITY) as connection:
        for before, touched, kept in (("1", [], 1), ("0", [], 0), ("1", None, 0)):
            grids.of(CITY, scope, "1", 8)
            grids.carry(connection, lambda one: one == scope, before, "1", touched)
            assert len(grids) == kept


_CLOSE = text(
    "UPDATE layers.enterprise SET superseded_at = greatest(now(), ingested_at) WHERE row_id = (SELECT max(row_id)"
    " FROM layers.enterprise WHERE superseded_at IS NULL AND mode = 'drill'"
    " AND floor(world_x * :z) = :x AND floor(world_y * :z) = :y)"
)


def _etag(body: bytes) -> str:
    import hashlib

    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'
