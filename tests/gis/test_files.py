"""Does nothing enter whose coordinates are not understood, and does every format come back as it went?"""

from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import Point, box

from gis.crs import GEOGRAPHIC, gcj02_from_wgs84
from gis.errors import InputError, MissingError
from gis.files import read, write


@pytest.fixture
def frame() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"name": ["演练一厂", "演练二厂"], "people": [12, 340]},
        geometry=[Point(118.7124, 31.4087), Point(118.75, 31.5)],
        crs=GEOGRAPHIC,
    )


@pytest.mark.parametrize("ending", ["csv", "geojson", "gpkg", "parquet", "shp"])
def test_every_format_comes_back_as_it_went(frame: gpd.GeoDataFrame, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"危险源.{ending}"
    write(frame, path)
    back = read(path, datum="cgcs2000" if ending in ("csv", "geojson") else None)
    assert back.crs == GEOGRAPHIC
    assert back["name"].tolist() == frame["name"].tolist()
    assert back["people"].tolist() == frame["people"].tolist()
    assert back.geometry.geom_equals_exact(frame.geometry, 1e-8).all()


@pytest.mark.parametrize("ending", ["csv", "geojson"])
def test_formats_that_do_not_say_must_be_told(frame: gpd.GeoDataFrame, tmp_path: Path, ending: str) -> None:
    write(frame, tmp_path / f"a.{ending}")
    with pytest.raises(InputError, match="say cgcs2000, wgs84, gcj02 or bd09"):
        read(tmp_path / f"a.{ending}")


def test_declared_web_map_coordinates_land_on_the_true_place(frame: gpd.GeoDataFrame, tmp_path: Path) -> None:
    lon, lat = gcj02_from_wgs84(frame.geometry.x, frame.geometry.y)
    shifted = frame.set_geometry(gpd.GeoSeries(gpd.points_from_xy(lon, lat), crs=GEOGRAPHIC))
    write(shifted, tmp_path / "amap.gpkg")  # labelled as CGCS2000, which is not true
    assert read(tmp_path / "amap.gpkg", datum="gcj02").geometry.geom_equals_exact(frame.geometry, 1e-9).all()


def test_projected_drawings_are_brought_to_degrees(frame: gpd.GeoDataFrame, tmp_path: Path) -> None:
    frame.to_crs("EPSG:4549").to_file(tmp_path / "drawing.gpkg")
    back = read(tmp_path / "drawing.gpkg")
    assert back.crs == GEOGRAPHIC
    assert back.geometry.geom_equals_exact(frame.geometry, 1e-8).all()
    with pytest.raises(InputError, match="are not gcj02 degrees"):
        read(tmp_path / "drawing.gpkg", datum="gcj02")


def test_office_csv_in_gb18030_with_chinese_headings(tmp_path: Path) -> None:
    path = tmp_path / "台账.csv"
    path.write_bytes("名称,经度,纬度\n演练仓库,118.7,31.4\n".encode("gb18030"))
    back = read(path, datum="wgs84")
    assert back["名称"].tolist() == ["演练仓库"]
    assert back.geometry[0] == Point(118.7, 31.4)


def test_faults_in_a_csv_are_named_with_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("name,lon,lat\na,118.7,31.4\nb,,31.4\nc,here,31.4\n", encoding="utf-8")
    with pytest.raises(InputError, match="2 rows, first in lines 3, 4"):
        read(path, datum="wgs84")
    path.write_text("name,lon,lat\na,31.4,118.7\n", encoding="utf-8")
    with pytest.raises(InputError, match="swapped"):
        read(path, datum="wgs84")
    path.write_text("name,east,north\na,1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match="no coordinate columns among name, east, north"):
        read(path, datum="wgs84")


def test_areas_go_through_csv_as_text(tmp_path: Path) -> None:
    areas = gpd.GeoDataFrame({"id": ["a"]}, geometry=[box(118, 31, 119, 32)], crs=GEOGRAPHIC)
    write(areas, tmp_path / "areas.csv")
    assert read(tmp_path / "areas.csv", datum="cgcs2000").geometry[0].equals(areas.geometry[0])


def test_text_that_a_spreadsheet_would_run_is_disarmed(tmp_path: Path) -> None:
    risky = gpd.GeoDataFrame(
        {"name": ["=1+1", "-甲", "安全"], "n": [-1, 2, 3]}, geometry=[Point(1, 1)] * 3, crs=GEOGRAPHIC
    )
    write(risky, tmp_path / "a.csv")
    lines = (tmp_path / "a.csv").read_text(encoding="utf-8-sig").splitlines()[1:]
    assert [line.split(",")[:2] for line in lines] == [["'=1+1", "-1"], ["'-甲", "2"], ["安全", "3"]]


def test_unusable_files_are_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="not there"):
        read(tmp_path / "none.gpkg")
    (tmp_path / "a.xyz").write_text("")
    with pytest.raises(InputError, match="not read"):
        read(tmp_path / "a.xyz")
    (tmp_path / "broken.gpkg").write_bytes(b"nothing")
    with pytest.raises(InputError, match="not readable as gpkg"):
        read(tmp_path / "broken.gpkg")
