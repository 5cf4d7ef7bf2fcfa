"""Do coordinates survive every door: offsets of web maps, Gauss-Kruger, local metres?"""

import csv
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import LineString, Point

from gis import crs
from gis.errors import InputError

# Central places, from any atlas, to 0.01 degrees: (name, longitude, latitude).
INSIDE = [
    ("北京", 116.40, 39.90), ("哈尔滨", 126.64, 45.76), ("漠河", 122.54, 52.97), ("抚远", 134.30, 48.36),
    ("珲春", 130.37, 42.86), ("延吉", 129.51, 42.91), ("丹东", 124.39, 40.12), ("集安", 126.19, 41.13),
    ("上海", 121.47, 31.23), ("三亚", 109.51, 18.25), ("喀什", 75.99, 39.47), ("霍尔果斯", 80.42, 44.21),
    ("拉萨", 91.11, 29.65), ("景洪", 100.80, 22.01), ("凭祥", 106.77, 22.10), ("满洲里", 117.43, 49.59),
    ("二连浩特", 111.98, 43.65), ("绥芬河", 131.16, 44.40), ("黑河", 127.50, 50.24), ("腾冲", 98.49, 25.02),
]  # fmt: skip
OUTSIDE = [
    ("Seoul", 126.98, 37.57), ("Pyongyang", 125.75, 39.03), ("Vladivostok", 131.89, 43.12), ("Hanoi", 105.85, 21.03),
    ("Bangkok", 100.50, 13.75), ("Ulaanbaatar", 106.92, 47.92), ("Blagoveshchensk", 127.75, 50.40),
    ("Kathmandu", 85.32, 27.72), ("Almaty", 76.89, 43.24), ("Khabarovsk", 135.40, 48.48), ("Chongjin", 129.78, 41.79),
    ("Tokyo", 139.69, 35.69), ("Vientiane", 102.63, 17.97), ("Berlin", 13.40, 52.52), ("Quito", -78.47, -0.18),
]  # fmt: skip


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def test_offsets_agree_with_six_independent_libraries_both_ways(shared_data: Path) -> None:
    table = rows(shared_data / "tianditu" / "gcj_bd_vectors.csv")
    assert len(table) == 13
    column = {name: np.array([float(row[name]) for row in table]) for name in table[0] if name != "place"}
    wgs, gcj, bd = ((column[f"{name}_lon"], column[f"{name}_lat"]) for name in ("wgs", "gcj", "bd"))
    for function, start, end in (
        (crs.gcj02_from_wgs84, wgs, gcj), (crs.wgs84_from_gcj02, gcj, wgs), (crs.bd09_from_gcj02, gcj, bd),
        (crs.gcj02_from_bd09, bd, gcj), (crs.bd09_from_wgs84, wgs, bd), (crs.wgs84_from_bd09, bd, wgs),
    ):  # fmt: skip
        # The table has nine decimals; the goal is 1e-7 degrees.
        np.testing.assert_allclose(function(*start), end, rtol=0, atol=2e-9, err_msg=function.__name__)


@pytest.mark.parametrize(("name", "longitude", "latitude"), INSIDE)
def test_chinese_places_are_shifted_by_hundreds_of_metres(name: str, longitude: float, latitude: float) -> None:
    east, north = crs.LocalFrame(crs.LonLat(longitude, latitude)).to_metres(*crs.gcj02_from_wgs84(longitude, latitude))
    assert 100 < np.hypot(east, north) < 1000, name


@pytest.mark.parametrize(("name", "longitude", "latitude"), OUTSIDE)
def test_places_abroad_are_untouched(name: str, longitude: float, latitude: float) -> None:
    assert crs.gcj02_from_wgs84(longitude, latitude) == (longitude, latitude), name
    assert crs.wgs84_from_gcj02(longitude, latitude) == (longitude, latitude), name


@given(st.floats(74, 134), st.floats(18.5, 53))
def test_there_and_back_is_the_same_place(longitude: float, latitude: float) -> None:
    there = crs.gcj02_from_wgs84(longitude, latitude)
    np.testing.assert_allclose(crs.wgs84_from_gcj02(*there), (longitude, latitude), rtol=0, atol=1e-11)
    baidu = crs.bd09_from_gcj02(*there)
    np.testing.assert_allclose(crs.gcj02_from_bd09(*baidu), there, rtol=0, atol=1e-11)


def test_frames_change_datum_and_keep_index_and_columns() -> None:
    frame = gpd.GeoDataFrame(
        {"name": ["点", "线"]},
        geometry=[Point(119.974, 31.811), LineString([(119.974, 31.811), (120, 31.8)])],
        index=[7, 9],
    ).set_crs(crs.GEOGRAPHIC)
    shifted = crs.into_datum(frame, "bd09")
    assert shifted.crs is None
    assert frame.geometry[7].x == 119.974
    back = crs.from_datum(shifted, "bd09")
    assert back.crs == crs.GEOGRAPHIC
    assert list(back.index) == [7, 9]
    assert back.geometry.geom_equals_exact(frame.geometry, 1e-10).all()


def test_gauss_kruger_matches_epsg_vectors(shared_data: Path) -> None:
    checked = 0
    for row in rows(shared_data / "tianditu" / "cgcs2000_gk_vectors.csv"):
        if "3-degree" not in row["crs"]:
            continue
        ours = crs.gauss_kruger(float(row["lon"]), zone_number="zone" in row["crs"])
        if ours.to_epsg() != int(row["epsg"]):
            continue  # the table also has neighbouring zones
        place = gpd.GeoSeries([Point(float(row["lon"]), float(row["lat"]))], crs=crs.GEOGRAPHIC).to_crs(ours)[0]
        assert place.x == pytest.approx(float(row["easting_Y"]), abs=1e-3)
        assert place.y == pytest.approx(float(row["northing_X"]), abs=1e-3)
        checked += 1
    assert checked >= 6


def test_grid_metres_come_north_first_and_lead_back(shared_data: Path) -> None:
    checked = 0
    for row in rows(shared_data / "tianditu" / "cgcs2000_gk_vectors.csv"):
        place = crs.LonLat(float(row["lon"]), float(row["lat"]))
        if "3-degree" not in row["crs"]:
            continue
        with_zone = "zone" in row["crs"]
        northing, easting = float(row["northing_X"]), float(row["easting_Y"])
        if crs.gauss_kruger(place.longitude, zone_number=with_zone).to_epsg() == int(row["epsg"]):
            assert crs.grid_metres(place, zone_number=with_zone) == pytest.approx((northing, easting), abs=1e-3)
        # the way back also from the neighbouring zone the table has
        meridian = None if with_zone else int(row["crs"].rsplit("CM ", 1)[1].rstrip("E"))
        assert crs.place_from_grid(northing, easting, meridian_deg=meridian) == pytest.approx(place, abs=1e-8)
        checked += 1
    assert checked >= 10


@pytest.mark.parametrize(
    ("northing_m", "easting_m", "meridian_deg", "reason"),
    [
        (40497159.4, 3520784.6, None, "swapped"),
        (497159.4, 3520784.6, 120, "swapped"),
        (3520784.6, 497159.4, None, "no zone number"),
        (3520784.6, 40497159.4, 117, "zone 40"),
        (3520784.6, 21497159.4, None, "no 3-degree zone"),
        (352078.6, 40497159.4, None, "China lies"),
    ],
)
def test_doubtful_grid_metres_are_asked_back(
    northing_m: float, easting_m: float, meridian_deg: int | None, reason: str
) -> None:
    with pytest.raises(InputError, match=reason):
        crs.place_from_grid(northing_m, easting_m, meridian_deg=meridian_deg)


def test_every_gauss_kruger_zone_is_the_registered_one(shared_data: Path) -> None:
    for row in rows(shared_data / "tianditu" / "cgcs2000_epsg.csv"):
        if row["zone_width_deg"] == "3":
            ours = crs.gauss_kruger(float(row["central_meridian"]), zone_number=bool(row["zone_prefix"]))
            assert ours.to_epsg() == int(row["epsg"]), row["name"]
    with pytest.raises(InputError, match="Gauss-Kruger"):
        crs.gauss_kruger(13.4)


@given(st.floats(-170, 170), st.floats(-80, 80), st.floats(-5e4, 5e4), st.floats(-5e4, 5e4))
def test_local_metres_are_true_lengths(longitude: float, latitude: float, east_m: float, north_m: float) -> None:
    frame = crs.LocalFrame(crs.LonLat(longitude, latitude))
    lon, lat = frame.to_degrees(east_m, north_m)
    np.testing.assert_allclose(frame.to_metres(lon, lat), (east_m, north_m), rtol=0, atol=1e-4)
    *_, geodesic_m = pyproj.Geod(ellps="GRS80").inv(longitude, latitude, lon, lat)
    assert geodesic_m == pytest.approx(np.hypot(east_m, north_m), rel=1e-4, abs=1e-3)


def test_swapped_coordinates_are_named() -> None:
    with pytest.raises(InputError, match="swapped"):
        crs.LonLat(31.2, 121.4).checked()
    with pytest.raises(InputError, match="outside"):
        crs.LonLat(200.0, 31.0).checked()
    with pytest.raises(InputError, match="finite"):
        crs.LonLat(float("nan"), 31.0).checked()


def test_frame_without_datum_is_refused() -> None:
    with pytest.raises(InputError, match="which datum"):
        crs.as_geographic(gpd.GeoDataFrame(geometry=[Point(1, 2)]))
