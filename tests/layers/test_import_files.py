"""From a file to rows: every format, every trap in one sentence, good rows in, bad rows aside, and nothing twice."""

import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from openpyxl import Workbook
from sqlalchemy import Connection, text

from gis import personal
from gis.crs import GEOGRAPHIC, WGS84, gcj02_from_wgs84
from gis.database import Caller, Database
from gis.errors import ConflictError, InputError, MissingError
from layers import exporting, store
from layers.filters import Filter
from layers.importing import fields, history, intake, matching, reading
from layers.importing.intake import Imported
from layers.importing.trial import Wishes

LIVE = Caller("test", "000000", "999999", "live")
NOW = datetime(2026, 11, 24, tzinfo=UTC)
ROWS = [
    {"名称": "演练一号避难所", "容量": "1,200", "经度": "118.7124", "纬度": "31.4087", "类型": "室内"},
    {"名称": "演练二号避难所", "容量": "300", "经度": "118°43′0.0″", "纬度": "31.41", "类型": "室外"},
]


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    """A transaction that leaves nothing behind."""
    with pytest.raises(_UndoError), database.transaction(LIVE) as opened:
        yield opened
        raise _UndoError


class _UndoError(Exception):
    """Roll back."""


def bring(connection: Connection, path: Path, datum: Any = "cgcs2000", **more: Any) -> Imported:
    trial = intake.examine_file(connection, path, "shelter", Wishes({}, datum, **more), LIVE, now=NOW)
    return intake.commit(connection, trial, LIVE)


def csv(path: Path, rows: list[dict[str, str]], encoding: str = "utf-8") -> Path:
    pd.DataFrame(rows).to_csv(path, index=False, encoding=encoding)
    return path


def frame() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"名称": ["演练一号避难所", "演练二号避难所"], "容量": [1200, 300]},
        geometry=gpd.points_from_xy([118.7124, 118.7166667], [31.4087, 31.41], crs=GEOGRAPHIC),
    )


def excel(path: Path, rows: list[list[Any]]) -> Path:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def geojson(path: Path) -> Path:
    frame().set_crs(WGS84, allow_override=True).to_file(path, driver="GeoJSON")
    return path


def geopackage(path: Path) -> Path:
    frame().to_file(path, driver="GPKG")
    return path


def shapefile(path: Path) -> Path:
    folder = path.with_suffix("")
    folder.mkdir()
    frame().to_file(folder / "shelters.shp", driver="ESRI Shapefile", encoding="GB18030")
    with zipfile.ZipFile(path, "w") as archive:
        for part in folder.iterdir():
            if part.suffix != ".cpg":
                archive.write(part, f"内部/{part.name}")
    return path


SHEET: list[list[Any]] = [
    ["名称", "容量", "经度", "纬度"],
    ["演练一号避难所", 1200, 118.7124, 31.4087],
    ["演练二号避难所", 300.0, 118.7166667, 31.41],
    [],
]
MAKERS: dict[str, Callable[[Path], Path]] = {
    "utf-8.csv": lambda path: csv(path, ROWS),
    "bom.csv": lambda path: csv(path, ROWS, "utf-8-sig"),
    "gbk.csv": lambda path: csv(path, ROWS, "gbk"),
    "utf-16.csv": lambda path: csv(path, ROWS, "utf-16"),
    "sheet.xlsx": lambda path: excel(path, SHEET),
    "web.geojson": geojson,
    "office.gpkg": geopackage,
    "cadastre.zip": shapefile,
}  # fmt: skip


@pytest.mark.parametrize("name", MAKERS)
def test_every_format_gives_the_same_rows(connection: Connection, tmp_path: Path, name: str) -> None:
    path = MAKERS[name](tmp_path / name)
    done = bring(connection, path)
    assert (done.rows, done.added, done.aside) == (2, 2, 0)
    found = store.shelters(connection)
    assert dict(zip(found["name"], found["capacity"], strict=True)) == {"演练一号避难所": 1200, "演练二号避难所": 300}
    assert sorted(found.geometry.x) == pytest.approx([118.7124, 118.71667], abs=1e-5)
    again = bring(connection, path)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 2)


def test_degrees_of_web_maps_are_undone(connection: Connection, tmp_path: Path) -> None:
    lon, lat = gcj02_from_wgs84(118.7124, 31.4087)
    row = ROWS[0] | {"经度": f"{float(lon):.8f}", "纬度": f"{float(lat):.8f}"}
    bring(connection, csv(tmp_path / "web.csv", [row]), "gcj02")
    place = store.shelters(connection).geometry.iloc[0]
    assert (place.x, place.y) == pytest.approx((118.7124, 31.4087), abs=1e-7)


def test_a_changed_row_closes_the_old_one_and_keeps_what_the_file_does_not_say(
    connection: Connection, tmp_path: Path
) -> None:
    bring(connection, csv(tmp_path / "a.csv", [ROWS[0] | {"负责人": "演练员甲"}]))
    done = bring(connection, csv(tmp_path / "b.csv", [ROWS[0] | {"容量": "900"}]))
    assert (done.added, done.changed) == (0, 1)
    with personal.compared(connection):
        row = connection.execute(
            text("SELECT capacity, manager FROM layers.shelter WHERE superseded_at IS NULL AND valid_to IS NULL")
        ).one()
    assert tuple(row) == (900, "演练员甲")
    assert (
        connection.execute(text("SELECT count(*) FROM layers.shelter WHERE superseded_at IS NOT NULL")).scalar_one()
        == 1
    )


def test_what_left_masked_does_not_come_back_as_the_number(connection: Connection, tmp_path: Path) -> None:
    """An exported file, edited and handed in again: the mask in it says nothing, a new number does."""
    bring(connection, csv(tmp_path / "a.csv", [ROWS[0] | {"负责人": "演练员甲", "电话": "10012345678"}]))
    out = tmp_path / "out.csv"
    exporting.write(exporting.rows(connection, "shelter", Filter()), "shelter", out, "csv")
    sent = pd.read_csv(out, dtype=str, encoding="utf-8-sig")
    assert sent["电话"][0] == "100****5678" and sent["负责人"][0] == "演**"
    again = bring(connection, out)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 1)

    def held() -> tuple[Any, ...]:
        with personal.compared(connection):
            return tuple(connection.execute(text(
                "SELECT capacity, manager, phone FROM layers.shelter WHERE superseded_at IS NULL AND valid_to IS NULL"
            )).one())  # fmt: skip

    edited = sent.assign(容量="900")
    edited.to_csv(out, index=False)
    assert bring(connection, out).changed == 1
    assert held() == (900, "演练员甲", "10012345678")
    sent.assign(容量="900", 电话="10087654321").to_csv(out, index=False)
    assert bring(connection, out).changed == 1
    assert held() == (900, "演练员甲", "10087654321")


def test_bad_rows_are_kept_aside_once_with_every_reason(connection: Connection, tmp_path: Path) -> None:
    bad = {"名称": "", "容量": "很多", "经度": "31.4", "纬度": "118.7", "类型": "室内"}
    path = csv(tmp_path / "some.csv", [*ROWS, bad])
    done = bring(connection, path)
    assert (done.added, done.aside, done.aside_new) == (2, 1, 1)
    (aside,) = history.aside(connection)
    assert aside["rules"] == ["missing", "swapped", "value"]
    assert aside["row_number"] == 4
    assert aside["raw"]["容量"] == "很多"
    again = bring(connection, path)
    assert (again.added, again.aside_new, again.repeated) == (0, 0, True)
    assert again.import_id == done.import_id
    assert len(history.aside(connection)) == len(history.imports(connection)) == 1


def test_an_import_can_be_taken_back_once(connection: Connection, tmp_path: Path) -> None:
    first = bring(connection, csv(tmp_path / "a.csv", ROWS[:1]))
    second = bring(connection, csv(tmp_path / "b.csv", [ROWS[0] | {"容量": "900"}, ROWS[1], {"名称": ""}]))
    assert intake.undo(connection, second.import_id, LIVE) == 3  # two new rows and the ended stretch of the old value
    assert store.shelters(connection)["capacity"].tolist() == [1200]
    assert history.aside(connection) == []
    with pytest.raises(ConflictError, match="was taken back"):
        intake.undo(connection, second.import_id, LIVE)
    assert intake.undo(connection, first.import_id, LIVE) == 1
    assert store.counts(connection)["shelter"] == 0
    with pytest.raises(MissingError, match="there is no import"):
        intake.undo(connection, first.import_id, Caller("x", "000000", "999999", "drill"))


def bomb(path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 50_000_000)
    return path


def words(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


TRAPS: dict[str, tuple[Callable[[Path], Path], str]] = {
    "empty.csv": (lambda path: words(path, b""), "the file is empty"),
    "header.csv": (lambda path: words(path, "名称,容量\n".encode()), "there are headers but no rows"),
    "bomb.xlsx": (bomb, "it unpacks to 50 MB"),
    "bomb.zip": (bomb, "it unpacks to 50 MB"),
    "false.xlsx": (lambda path: words(path, b"not a workbook"), "damaged or not what its ending says"),
    "program.exe": (lambda path: words(path, b"MZ"), "this kind of file is not read"),
    "binary.csv": (lambda path: words(path, b"a,b\n1,\x00\n"), "zero bytes"),
    "latin.csv": (lambda path: words(path, b"\xff\xff\xff,a\n1,2\n"), "neither UTF-8 nor GB 18030"),
    "ragged.csv": (lambda path: words(path, "名称,容量\n甲,1\n乙,2,3,4\n".encode()), "not readable as a table"),
    "huge.csv": (lambda path: csv(path, [ROWS[0] | {"名称": "长" * 6000}]), "row 2, column '名称' is 6,000 characters"),
    "wide.csv": (lambda path: csv(path, [{f"列{n}": "1" for n in range(300)}]), "300 columns are more than 200"),
    "other.csv": (lambda path: csv(path, [{"甲": "1", "乙": "2"}]), "no header is '名称'"),
    "flat.geojson": (lambda path: words(path, json.dumps({"type": "FeatureCollection", "features": []}).encode()),
                     "its features have no geometry"),
    "two.zip": (lambda path: _zip(path, ("a.shp", "b.shp")), "it packs 2 shapefiles"),
    "bare.zip": (lambda path: _zip(path, ("a.shp",)), "without its .dbf"),
}  # fmt: skip


def _zip(path: Path, names: tuple[str, ...]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(f"../../{name}", b"x")
    return path


@pytest.mark.parametrize("name", TRAPS)
def test_every_trap_is_one_clear_sentence(connection: Connection, tmp_path: Path, name: str) -> None:
    make, sentence = TRAPS[name]
    with pytest.raises(InputError, match=sentence) as raised:
        bring(connection, make(tmp_path / name))
    assert name in str(raised.value) or "header" in sentence
    assert "Traceback" not in str(raised.value)


def test_a_file_that_cannot_say_its_datum_is_not_guessed(connection: Connection, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not say what its degrees mean"):
        bring(connection, csv(tmp_path / "a.csv", ROWS), None)
    assert bring(connection, geopackage(tmp_path / "b.gpkg"), None).added == 2


def test_rows_with_formulas_are_named_by_their_cell(connection: Connection, tmp_path: Path) -> None:
    path = excel(
        tmp_path / "f.xlsx", [["名称", "容量", "经度", "纬度"], ["甲", 1, 118.7, 31.4], ["乙", "=1+1", 118.7, 31.4]]
    )
    assert reading.read(path).formulas == {1: "B3"}
    done = bring(connection, path)
    assert (done.added, done.aside) == (1, 1)
    assert {"cell": "B3"} in [one["facts"] for one in history.aside(connection)[0]["reasons"]]
    risky = csv(tmp_path / "f.csv", [ROWS[0] | {"名称": "=HYPERLINK(1)"}])
    assert reading.read(risky).formulas == {0: "名称"}


@pytest.mark.parametrize(
    ("headers", "column", "header"),
    [
        (["企业全称", "统一社会信用代码"], "name", "企业全称"),
        (["单位名称*", "credit_code"], "uscc", "credit_code"),
        (["Company", "lng", "LAT"], "longitude", "lng"),
        (["名称", "经度（°）", "纬度(°)"], "latitude", "纬度(°)"),
        (["企业名称", "24小时值守电话"], "duty_phone", "24小时值守电话"),
        (["企业名称", "所属区县名称"], "division_code", "所属区县名称"),
    ],
)
def test_headers_are_matched_in_both_languages(headers: list[str], column: str, header: str) -> None:
    assert matching.match(headers, fields.fields_of("enterprise")).columns[column] == header


def test_a_mapping_names_every_fault(tmp_path: Path) -> None:
    taken = fields.fields_of("shelter")
    with pytest.raises(InputError) as raised:
        matching.match(["甲", "乙"], taken, {"甲": "name", "丙": "phone", "乙": "nothing"})
    assert len(raised.value.faults) == 2
    path = tmp_path / "map.toml"
    path.write_text('datum = "gcj02"\n[columns]\n"甲" = "name"\n', encoding="utf-8")
    assert matching.read_mapping(path) == matching.MappingFile({"甲": "name"}, "gcj02")
    path.write_text('datum = "mars"\n', encoding="utf-8")
    with pytest.raises(InputError, match="datum is 'mars'"):
        matching.read_mapping(path)


def test_mirrored_registers_are_not_filled_by_hand() -> None:
    with pytest.raises(InputError, match="onemap layers sync licence"):
        fields.fields_of("licence")


def test_a_workbook_with_one_row_is_read(tmp_path: Path) -> None:
    from layers.importing.reading import read

    assert read(excel(tmp_path / "one.xlsx", [["名称", "容量"], ["甲", 1]])).table.shape == (1, 2)
