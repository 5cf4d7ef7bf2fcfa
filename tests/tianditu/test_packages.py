"""Are offline packages taken in, refused with a reason, and shown in the right place? The files are made here."""

import io
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image

from gis.crs import GEOGRAPHIC_SRID, WEB_MERCATOR_SRID, LonLat
from gis.errors import ConflictError, InputError, MissingError
from tianditu import grids
from tianditu.packages.library import Library

PLACE = LonLat(119.974, 31.811)
AREA = (119.9, 31.75, 120.05, 31.87)


def picture(index: grids.TileIndex) -> bytes:
    sink = io.BytesIO()
    Image.new("RGB", (256, 256), (index.column % 256, index.row % 256, index.level)).save(sink, "PNG")
    return sink.getvalue()


def tiles(matrix: grids.MatrixSet, levels: range = range(10, 14)) -> Iterator[grids.TileIndex]:
    for level in levels:
        yield from grids.covering(matrix, level, AREA)


def mbtiles(file: Path, *, form: str = "png", damaged: bool = False) -> Path:
    with closing(sqlite3.connect(file)) as made, made:
        made.execute("CREATE TABLE metadata (name TEXT, value TEXT)")
        made.execute("CREATE TABLE tiles (zoom_level INT, tile_column INT, tile_row INT, tile_data BLOB)")
        facts = {"name": "常州离线影像", "format": form, "bounds": ",".join(map(str, AREA)), "attribution": "某局 2026"}
        made.executemany("INSERT INTO metadata VALUES (?, ?)", facts.items())
        for index in tiles("w"):
            body = b"<html>403</html>" if damaged else picture(index)
            # MBTiles 1.3, "tile_row": counted from the south as in TMS
            south = (1 << index.level) - 1 - index.row
            made.execute("INSERT INTO tiles VALUES (?, ?, ?, ?)", (index.level, index.column, south, body))
    return file


def geopackage(
    file: Path,
    *,
    srs: int = GEOGRAPHIC_SRID,
    matrix: grids.MatrixSet = "c",
    own_corner: bool = False,
    stretch: float = 1.0,
) -> Path:
    """With `own_corner`, the grid begins at the area's corner and the levels at 0; else as MapProxy writes it."""
    edge = 180.0 if matrix == "c" else 20037508.3427892
    west, north = -edge, edge / 2 if matrix == "c" else edge
    lowest = 10
    if own_corner:
        first = grids.locate(matrix, lowest, LonLat(AREA[0], AREA[3]))
        span = grids.resolution(matrix, lowest) * 256
        west, north = west + first.column * span, north - first.row * span
    with closing(sqlite3.connect(file)) as made, made:
        made.execute(f"PRAGMA application_id = {0x47504B47}")
        made.execute("CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT, srs_id INT, organization_coordsys_id INT)")
        made.execute("INSERT INTO gpkg_spatial_ref_sys VALUES ('x', ?, ?)", (srs, srs))
        made.execute(
            "CREATE TABLE gpkg_contents (table_name TEXT, data_type TEXT, identifier TEXT, description TEXT, "
            "min_x REAL, min_y REAL, max_x REAL, max_y REAL, srs_id INT)"
        )
        made.execute(
            "INSERT INTO gpkg_contents VALUES ('瓦 片', 'tiles', '常州矢量', '政务版', ?, ?, ?, ?, ?)", (*AREA, srs)
        )
        made.execute("CREATE TABLE gpkg_tile_matrix_set (table_name TEXT, srs_id INT, min_x REAL, max_y REAL)")
        made.execute("INSERT INTO gpkg_tile_matrix_set VALUES ('瓦 片', ?, ?, ?)", (srs, west, north))
        made.execute(
            "CREATE TABLE gpkg_tile_matrix (table_name TEXT, zoom_level INT, tile_width INT, tile_height INT, "
            "pixel_x_size REAL)"
        )
        made.execute('CREATE TABLE "瓦 片" (zoom_level INT, tile_column INT, tile_row INT, tile_data BLOB)')
        for level in range(lowest, 14):
            zoom = level - lowest if own_corner else level
            size = grids.resolution(matrix, level) * stretch
            made.execute("INSERT INTO gpkg_tile_matrix VALUES ('瓦 片', ?, 256, 256, ?)", (zoom, size))
        for index in tiles(matrix):
            column, row, zoom = index.column, index.row, index.level
            if own_corner:
                zoom -= lowest
                column, row = column - (first.column << zoom), row - (first.row << zoom)
            made.execute('INSERT INTO "瓦 片" VALUES (?, ?, ?, ?)', (zoom, column, row, picture(index)))
    return file


def pmtiles(file: Path) -> Path:
    from pmtiles.tile import Compression, TileType, zxy_to_tileid
    from pmtiles.writer import write

    with write(file) as archive:
        for index in sorted(tiles("w"), key=lambda one: zxy_to_tileid(one.level, one.column, one.row)):
            archive.write_tile(zxy_to_tileid(index.level, index.column, index.row), picture(index))
        west, south, east, north = (int(value * 1e7) for value in AREA)
        archive.finalize(
            {
                "tile_type": TileType.PNG, "tile_compression": Compression.NONE, "min_zoom": 10, "max_zoom": 13,
                "min_lon_e7": west, "min_lat_e7": south, "max_lon_e7": east, "max_lat_e7": north,
                "center_zoom": 11, "center_lon_e7": west, "center_lat_e7": south,
            },
            {"name": "常州离线地形", "attribution": "某局 2026"},
        )  # fmt: skip
    return file


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    made = Library(tmp_path / "packages")
    yield made
    made.close()


@pytest.mark.parametrize(
    ("make", "layer", "matrix", "form"),
    [(mbtiles, "img", "w", "mbtiles"), (geopackage, "vec", "c", "geopackage"), (pmtiles, "ter", "w", "pmtiles")],
)
def test_a_package_shows_its_pictures_where_they_belong(
    library: Library, tmp_path: Path, make: object, layer: str, matrix: grids.MatrixSet, form: str
) -> None:
    assert callable(make)
    package = library.add(make(tmp_path / f"{layer}_{matrix}_changzhou.db"), approval="苏S(2026)001号")
    assert (package.layer, package.matrix, package.form) == (layer, matrix, form)
    assert (package.lowest_level, package.highest_level, package.tiles) == (10, 13, len(list(tiles(matrix))))
    assert package.bounds == pytest.approx(AREA, abs=1e-6)
    assert library.packages() == (package,)
    for index in tiles(matrix):
        assert library.tile(layer, index) == picture(index)
    assert library.tile(layer, grids.locate(matrix, 12, LonLat(100.0, 31.0))) is None
    assert library.tile(layer, grids.locate(matrix, 9, PLACE)) is None
    assert library.tile("cva", grids.locate(matrix, 12, PLACE)) is None
    other: grids.MatrixSet = "c" if matrix == "w" else "w"
    assert library.tile(layer, grids.locate(other, 12, PLACE)) is None


def test_a_geopackage_may_begin_at_its_own_corner_with_its_own_numbers(library: Library, tmp_path: Path) -> None:
    library.add(geopackage(tmp_path / "own.gpkg", own_corner=True), layer="vec")
    library.add(geopackage(tmp_path / "web.gpkg", srs=WEB_MERCATOR_SRID, matrix="w"), layer="img")
    for index in tiles("c"):
        assert library.tile("vec", index) == picture(index)
    for index in tiles("w"):
        assert library.tile("img", index) == picture(index)


def test_packages_are_listed_and_removed_and_survive_a_restart(library: Library, tmp_path: Path) -> None:
    source = mbtiles(tmp_path / "img_w_2026.mbtiles")
    library.add(source)
    source.unlink()
    again = Library(tmp_path / "packages")
    assert [one.id for one in again.packages()] == ["img_w_2026"]
    assert again.tile("img", grids.locate("w", 12, PLACE)) is not None
    with pytest.raises(ConflictError, match="remove it first"):
        again.add(mbtiles(tmp_path / "img_w_2026.mbtiles"))
    again.remove("img_w_2026")
    assert again.packages() == () and again.tile("img", grids.locate("w", 12, PLACE)) is None
    assert list((tmp_path / "packages").iterdir()) == []
    with pytest.raises(MissingError, match="no package"):
        again.remove("img_w_2026")
    again.close()


def test_what_cannot_be_shown_is_refused_with_the_reason_and_leaves_nothing(library: Library, tmp_path: Path) -> None:
    text = tmp_path / "vec_w.mbtiles"
    text.write_text("no tiles")
    empty = tmp_path / "img.pmtiles"
    empty.write_bytes(b"PMTiles")
    cases = [
        (text, {}, "no MBTiles, GeoPackage or PMTiles"),
        (tmp_path / "absent.mbtiles", {}, "which base map"),
        (tmp_path / "vec_absent.mbtiles", {}, "cannot be read"),
        (empty, {}, "cut off"),
        (mbtiles(tmp_path / "img_damaged.mbtiles", damaged=True), {}, "no whole PNG"),
        (mbtiles(tmp_path / "vec_vectors.mbtiles", form="pbf"), {}, "'pbf' tiles"),
        (mbtiles(tmp_path / "nameless.mbtiles"), {}, "--layer"),
        (mbtiles(tmp_path / "nameless2.mbtiles"), {"layer": "img", "name": "../x"}, "package name"),
        (mbtiles(tmp_path / "nameless3.mbtiles"), {"layer": "js-blue"}, "not published in"),
        (geopackage(tmp_path / "vec_96dpi.gpkg", stretch=1.058), {}, "national grid"),
        (geopackage(tmp_path / "vec_utm.gpkg", srs=32650), {}, "coordinate system 32650"),
    ]
    for file, options, reason in cases:
        with pytest.raises(InputError, match=reason):
            library.add(file, **options)
    assert library.packages() == ()
    assert not (tmp_path / "packages").exists()
    with pytest.raises(MissingError, match="no base map"):
        library.add(mbtiles(tmp_path / "nameless4.mbtiles"), layer="roads")
