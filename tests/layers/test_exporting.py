"""What leaves the house: as many rows as were counted, none that runs as a formula, readable by common tools."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
from openpyxl import load_workbook
from sqlalchemy import Connection, text

from gis.errors import InputError, MissingError
from layers import exporting, filters
from layers.catalogue import LAYERS
from layers.filters import Filter, read_conditions
from layers.rows import Then

RANGE = text("SELECT set_config('onemap.division_from', :low, true), set_config('onemap.division_to', :high, true)")
HAZMAT = Filter(read_conditions(["sectors=hazmat"]))


def told(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("layer", "written", "expected"),
    [
        ("enterprise", ["sectors=hazmat"], 193),
        ("enterprise", ["sectors=dust"], 750),
        ("enterprise", ["sectors!=hazmat"], 59_807),
        ("enterprise", [], 60_000),
        ("enterprise_hazmat", [], 193),
        ("four_colour", [], 750),
        ("enterprise", ["sectors~危化"], 193),
        ("enterprise", ["sectors=危化品生产"], 193),
        ("enterprise", ["sectors!=Hazardous-chemicals production"], 59_807),
        ("enterprise", ["uscc=91990000YL0000017R"], 1),
        ("hazard_source", [], 37),
    ],
)
def test_count_is_what_the_filter_shows(ground: Connection, layer: str, written: list[str], expected: int) -> None:
    wanted = Filter(read_conditions(written))
    assert exporting.count(ground, layer, wanted) == expected
    assert len(exporting.rows(ground, layer, wanted)) == expected


@pytest.mark.parametrize(
    "written",
    [
        ["people>=300", "size_class=large|medium"],
        ["name~化工", "division_code=990102"],
        ["above_scale=是", "risk_level=1|2"],
        ["as_of>2020-01-01"],
    ],
)
def test_conditions_mean_what_they_say(ground: Connection, written: list[str]) -> None:
    """Counted in SQL, and by pandas over the whole export."""
    if written == ["as_of>2020-01-01"]:
        with pytest.raises(InputError, match="has no column 'as_of'"):
            exporting.count(ground, "enterprise", Filter(read_conditions(written)))
        return
    every = exporting.rows(ground, "enterprise", Filter())
    tests = {
        "people>=300": every["people"] >= 300,
        "size_class=large|medium": every["size_class"].isin(["large", "medium"]),
        "name~化工": every["name"].str.contains("化工"),
        "division_code=990102": every["division_code"] == "990102",
        "above_scale=是": every["above_scale"],
        "risk_level=1|2": every["risk_level"].isin([1, 2]),
    }
    meant = pd.concat([tests[one] for one in written], axis=1).all(axis=1)
    assert exporting.count(ground, "enterprise", Filter(read_conditions(written))) == int(meant.sum()) > 0


def test_a_rectangle_and_a_part_of_the_name(ground: Connection) -> None:
    box = (118.70, 31.40, 118.72, 31.42)
    found = exporting.rows(ground, "enterprise", Filter(bounds=box))
    assert found.geometry.within(
        gpd.GeoSeries.from_wkt(["POLYGON((118.7 31.4,118.72 31.4,118.72 31.42,118.7 31.42,118.7 31.4))"]).iloc[0]
    ).all()
    assert 0 < len(exporting.rows(ground, "enterprise", Filter(bounds=box, text="演练化工一厂"))) < len(found)
    assert exporting.count(ground, "enterprise", Filter(text="100%_")) == 0


def test_every_layer_can_be_counted_and_listed(ground: Connection) -> None:
    for spec in LAYERS:
        if spec.connected:
            assert exporting.count(ground, spec.key, Filter()) == len(exporting.rows(ground, spec.key, Filter())), (
                spec.key
            )


def test_registers_are_filtered_by_their_own_columns(ground: Connection) -> None:
    every = exporting.rows(ground, "standardisation", Filter())
    good = pd.to_numeric(every["goals"]) >= 80
    assert exporting.count(ground, "standardisation", Filter(read_conditions(["goals>=80"]))) == int(good.sum()) > 0
    soon = Filter(read_conditions(["due_on<=2026-12-24"]))
    assert set(exporting.rows(ground, "licence", soon)["due_on"].astype(str)) >= {"2026-12-24"}
    assert "2026-12-25" not in set(exporting.rows(ground, "licence", soon)["due_on"].astype(str))


@pytest.mark.parametrize(
    ("written", "sentence"),
    [(["colour=red"], "has no column 'colour'"), (["people>=many"], "does not fit"), (["people~1"], "holds no text"),
     (["nonsense"], "is no condition"), (["name=a"] * 21, "are more than 20")],
)  # fmt: skip
def test_a_faulty_filter_says_so(ground: Connection, written: list[str], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        exporting.count(ground, "enterprise", Filter(read_conditions(written)))


@pytest.mark.parametrize("kind", exporting.FORMATS)
def test_every_format_holds_what_was_counted(ground: Connection, tmp_path: Path, kind: exporting.Format) -> None:
    path = tmp_path / f"hazmat.{kind}"
    exporting.write(exporting.rows(ground, "enterprise", HAZMAT), "enterprise", path, kind)
    if kind == "csv":
        assert path.read_bytes().startswith(b"\xef\xbb\xbf")
        rows = told(path)
        assert len(rows) == 193
        first = next(row for row in rows if row["企业名称"] == "演练化工一厂")
        assert (first["统一社会信用代码"], first["模式"], first["职工人数"]) == ("91990000YL0000017R", "drill", "412")
        assert (first["风险行业"], first["规模"], first["规模以上"]) == ("危化品生产;有限空间", "中型", "是")
        assert (first["行业类别"], first["四色风险"]) == ("化学原料和化学制品制造", "较大")
    elif kind == "xlsx":
        sheet = load_workbook(path).active
        assert sheet.max_row == 194
    else:
        # GDAL itself, as QGIS would.
        assert pyogrio.read_info(path)["features"] == 193
        found = gpd.read_file(path)
        assert set(found["uscc"].str.len()) == {18}
        assert found.crs.to_epsg() == (4490 if kind == "gpkg" else 4326)
        assert found.geometry.x.between(118, 119.5).all()


def test_nothing_leaves_that_a_spreadsheet_would_run(ground: Connection, tmp_path: Path) -> None:
    """OWASP ASVS 5.0, 1.2.10: = + - @ tab and CR, in every text column of CSV and Excel."""
    frame = exporting.rows(ground, "enterprise", HAZMAT).head(6)
    risky = ["=1+1", "+86 519", "-2", "@SUM(A1)", "\tx", "\rx"]
    frame["name"] = frame["address"] = frame["safety_head"] = risky
    exporting.write(frame, "enterprise", tmp_path / "a.csv", "csv")
    for row in told(tmp_path / "a.csv"):
        for column in ("企业名称", "地址", "安全负责人"):
            assert row[column].startswith("'")
    exporting.write(frame, "enterprise", tmp_path / "a.xlsx", "xlsx")
    for cells in load_workbook(tmp_path / "a.xlsx").active.iter_rows(min_row=2):
        assert all(cell.data_type != "f" for cell in cells)
        assert str(cells[1].value).startswith("'")
    assert exporting.guarded("演练-1") == "演练-1"


def test_an_export_tells_what_was_known_then(ground: Connection) -> None:
    before = Then.at(datetime.now(UTC) - timedelta(days=1), datetime(2026, 6, 1, tzinfo=UTC))
    assert exporting.count(ground, "shelter", Filter(), before) == 0
    stamp = ground.execute(text("SELECT clock_timestamp()")).scalar_one()
    assert exporting.count(ground, "shelter", Filter(), Then.at(stamp, datetime(2026, 6, 1, tzinfo=UTC))) == 64


def test_layers_without_places_leave_as_tables_only(ground: Connection, tmp_path: Path) -> None:
    frame = exporting.rows(ground, "supply_stock", Filter())
    exporting.write(frame, "supply_stock", tmp_path / "s.csv", "csv", "en")
    assert "GB/T 38565 code" in (tmp_path / "s.csv").read_text(encoding="utf-8-sig").splitlines()[0]
    with pytest.raises(InputError, match="has no places"):
        exporting.write(frame, "supply_stock", tmp_path / "s.gpkg", "gpkg")
    with pytest.raises(MissingError):
        exporting.count(ground, "nowhere", Filter())


def test_a_county_takes_out_its_own_rows_only(ground: Connection) -> None:
    whole = exporting.rows(ground, "enterprise", Filter())
    try:
        ground.execute(RANGE, {"low": "990102", "high": "990103"})
        county = exporting.rows(ground, "enterprise", Filter())
    finally:
        ground.execute(RANGE, {"low": "990100", "high": "990200"})
    assert set(county["division_code"]) == {"990102"}
    assert len(county) == int((whole["division_code"] == "990102").sum())
    assert filters.columns_of(LAYERS[0])[0] == "id"
