"""Tile arithmetic against the reference indices (tile_indices.csv, tile_matrix.csv of the shared data)."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.crs import LonLat
from gis.errors import OutOfRangeError
from tianditu import grids


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def test_indices_equal_the_reference_table(shared_data: Path) -> None:
    rows = table(shared_data / "tianditu" / "tile_indices.csv")
    assert len(rows) == 21
    for row in rows:
        place, level = LonLat(float(row["lon"]), float(row["lat"])), int(row["z"])
        for matrix in ("c", "w"):
            tile = grids.locate(matrix, level, place)
            assert (tile.column, tile.row) == (int(row[f"{matrix}_col"]), int(row[f"{matrix}_row"]))


def test_sizes_and_resolutions_equal_the_reference_table(shared_data: Path) -> None:
    for row in table(shared_data / "tianditu" / "tile_matrix.csv"):
        level = int(row["z"])
        assert grids.size("c", level) == (int(row["c_cols"]), int(row["c_rows"]))
        assert grids.size("w", level) == (int(row["w_cols"]), int(row["w_rows"]))
        assert grids.resolution("c", level) == pytest.approx(float(row["c_deg_per_px"]), rel=1e-12)
        assert grids.resolution("w", level) == pytest.approx(float(row["w_m_per_px"]), rel=1e-12)


def test_qingdao_row_is_divided_by_360_not_180() -> None:
    # tianditu.md section 1: z 18, column 218657, row 39124 is 120.280 E 36.271 N; the wrong formula lands at 63.1 N.
    tile = grids.locate("c", 18, LonLat(120.280, 36.271))
    west, south, east, north = grids.bounds(grids.TileIndex("c", 18, 218657, 39124))
    assert abs(tile.column - 218657) <= 1
    assert abs(tile.row - 39124) <= 1
    assert 36.26 < south < north < 36.28
    assert 120.27 < west < east < 120.29


@given(
    st.sampled_from(["c", "w"]),
    st.integers(1, 18),
    st.floats(-179.9, 179.9),
    st.floats(-84, 84),
)
def test_a_tile_holds_the_place_it_was_found_for(matrix: grids.MatrixSet, level: int, lon: float, lat: float) -> None:
    west, south, east, north = grids.bounds(grids.locate(matrix, level, LonLat(lon, lat)))
    assert west - 1e-9 <= lon <= east + 1e-9
    assert south - 1e-9 <= lat <= north + 1e-9


@pytest.mark.parametrize("level", [0, 19])
def test_levels_that_do_not_exist_are_refused(level: int) -> None:
    with pytest.raises(OutOfRangeError, match="levels 1 to 18"):
        grids.size("c", level)


def test_a_tile_outside_the_matrix_is_refused() -> None:
    with pytest.raises(OutOfRangeError, match="outside the 4096 x 2048"):
        grids.checked(grids.TileIndex("c", 12, 6744, 100))
