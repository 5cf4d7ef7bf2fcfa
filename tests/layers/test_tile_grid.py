"""Does a tile counted from a grid hold what the same tile read row by row holds, for every caller, after every edit?"""

import math
import re

import numpy as np
import pytest
from sqlalchemy import Connection, text

from gis.database import Caller, Database
from layers import store, tile_grid, tiles, touched
from layers.tile_address import Address
from layers.tile_grid import Grid

CITY = Caller("test", "990100", "990200", "drill")
COUNTY = Caller("test", "990102", "990103", "drill", "internal")
EDGES = (118.53, 31.28, 119.00, 31.58)


class _UndoError(Exception):
    """Roll the transaction back."""


@pytest.mark.parametrize("layer", ["enterprise", "enterprise_dust", "protection_target", "camera"])
def test_a_counted_tile_is_byte_by_byte_the_one_that_was_read(ground: Connection, layer: str) -> None:
    grid = tiles.grid_of(ground, layer)
    for zoom in range(tile_grid.DEEPEST + 1):
        edge = min(1 << max(0, zoom - 10), 1 << zoom)
        west, north = (part - part % edge for part in _tile_at(EDGES[0], EDGES[3], zoom))
        read = tiles.block(ground, layer, zoom, west, north, edge)
        assert tiles.block(ground, layer, zoom, west, north, edge, grid=grid) == read
        assert any(read.values()) or zoom > 10, "there is something to compare"
    x, y = _tile_at(118.7124, 31.4087, tile_grid.DEEPEST)
    middle = tiles.block(ground, layer, tile_grid.DEEPEST, x, y, 1, grid=grid)
    assert middle == tiles.block(ground, layer, tile_grid.DEEPEST, x, y, 1)


@pytest.mark.parametrize("zoom", range(tile_grid.DEEPEST + 1))
def test_its_counts_add_up_at_every_zoom(ground: Connection, zoom: int) -> None:
    grid = tiles.grid_of(ground, "enterprise")
    west, north = _tile_at(EDGES[0], EDGES[3], zoom)
    east, south = _tile_at(EDGES[2], EDGES[1], zoom)
    cells = [grid.cells(Address(zoom, x, y), 4) for x in range(west, east + 1) for y in range(north, south + 1)]
    assert sum(int(one.counts.sum()) for one in cells) == store.counts(ground)["enterprise"] == 60_000


def test_a_grid_holds_what_its_caller_may_see(database: Database, ground: Connection) -> None:
    """A county sees its own rows and public ones of others, and nothing above its clearance."""
    with pytest.raises(_UndoError), database.transaction(CITY) as connection:
        for number, (division, label) in enumerate(
            [("990102", "internal"), ("990102", "restricted"), ("990105", "internal"), ("990105", "public")]
        ):
            connection.execute(
                _CAMERA, {"id": f"G-{number}", "division": division, "label": label, "at": 118.73 + number / 1000}
            )
        of_the_city = tiles.grid_of(connection, "camera")
        _become(connection, COUNTY)
        grid = tiles.grid_of(connection, "camera")
        assert len(grid.codes) == store.counts(connection)["camera"]
        seen = set(connection.execute(text("SELECT row_id FROM layers.camera WHERE superseded_at IS NULL")).scalars())
        assert _rows_of(grid) == seen
        assert seen < _rows_of(of_the_city)
        names = set(connection.execute(text("SELECT id FROM layers.camera WHERE id LIKE 'G-%'")).scalars())
        assert names == {"G-0", "G-3"}
        # Handed another's grid by mistake, the database still gives no row this caller may not see.
        x, y = _tile_at(118.73, 31.41, 12)
        drawn = tiles.block(connection, "camera", 12, x, y, 1, grid=of_the_city)[x, y]
        assert set(re.findall(rb"G-\d", drawn)) == {b"G-0", b"G-3"}
        raise _UndoError


def test_an_edit_renews_the_cells_it_touched(database: Database, ground: Connection) -> None:
    """What came, what was closed and what ended by the clock; the rest is not read again."""
    with pytest.raises(_UndoError), database.transaction(CITY) as connection:
        before = tiles.grid_of(connection, "enterprise")
        marked = touched.mark(connection)
        connection.execute(
            text(
                "UPDATE layers.enterprise SET superseded_at = now() WHERE row_id IN"
                " (SELECT row_id FROM layers.enterprise ORDER BY risk_rank DESC LIMIT 200)"
            )
        )
        connection.execute(
            text(
                "UPDATE layers.enterprise SET valid_to = clock_timestamp() + interval '0.2 s'"
                " WHERE id = 'QY-30000' AND valid_from < now()"
            )
        )
        connection.execute(text("SELECT pg_sleep(0.3)"))
        places = touched.since(connection, "enterprise", marked)
        assert places is not None
        assert len(places) == 201
        renewed = tiles.grid_renewed(connection, "enterprise", before, places)
        anew = tiles.grid_of(connection, "enterprise")
        assert len(anew.codes) == len(before.codes) - 201
        assert np.array_equal(renewed.codes, anew.codes)
        assert _rows_of(renewed) == _rows_of(anew)
        back = _rows_of(before) - _rows_of(renewed)
        assert len(back) == 201
        raise _UndoError


def test_a_new_row_comes_into_the_grid(database: Database, ground: Connection) -> None:
    with pytest.raises(_UndoError), database.transaction(CITY) as connection:
        before = tiles.grid_of(connection, "camera")
        marked = touched.mark(connection)
        connection.execute(_CAMERA, {"id": "G-9", "division": "990102", "label": "internal", "at": 118.73})
        places = touched.since(connection, "camera", marked)
        assert places is not None
        renewed = tiles.grid_renewed(connection, "camera", before, places)
        assert len(renewed.codes) == len(before.codes) + 1
        assert np.array_equal(renewed.codes, tiles.grid_of(connection, "camera").codes)
        assert tiles.grid_renewed(connection, "camera", renewed, []) is renewed
        raise _UndoError


def test_only_crowded_layers_of_points_and_only_low_zooms_are_counted() -> None:
    assert tiles.wants_grid("enterprise", 6, tiles.GRID_ROWS)
    assert not tiles.wants_grid("enterprise", 6, tiles.GRID_ROWS - 1)
    assert not tiles.wants_grid("enterprise", tile_grid.DEEPEST + 1, 1_000_000)
    assert not tiles.wants_grid("division", 6, 1_000_000)
    assert not tiles.wants_grid("enterprise", 6, tile_grid.MOST_ROWS + 1)


_CAMERA = text(
    "INSERT INTO layers.camera (id, valid_from, source_system, as_of, division_code, mode, name, bearing_deg, view_deg,"
    " range_m, status, risk_rank, label, geometry) VALUES (:id, now() - interval '1 s', 'test', now(), :division,"
    " 'drill', '演练探头', 0, 60, 200, 'live', 90, :label, ST_SetSRID(ST_MakePoint(:at, 31.41), 4490))"
)


def _become(connection: Connection, caller: Caller) -> None:
    for name in ("division_from", "division_to", "clearance"):
        connection.execute(
            text("SELECT set_config('onemap.' || :n, :v, true)"), {"n": name, "v": getattr(caller, name)}
        )


def _rows_of(grid: Grid) -> set[int]:
    ranks = -(-grid.weights // tile_grid.RANK_STEP)
    return set((ranks * tile_grid.RANK_STEP - grid.weights).tolist())


def _tile_at(longitude: float, latitude: float, zoom: int) -> tuple[int, int]:
    edge = 1 << zoom
    row = (1 - math.asinh(math.tan(math.radians(latitude))) / math.pi) / 2
    return int((longitude + 180) / 360 * edge), int(row * edge)
