"""Are shapes repaired without loss, cut where they should be and true to size?"""

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, Polygon, box

from gis.crs import GEOGRAPHIC, LonLat
from gis.geometry import area_m2, clip, repair, sectors


def test_bow_tie_becomes_two_triangles_and_empty_shapes_go() -> None:
    frame = gpd.GeoDataFrame(
        {"id": ["tie", "none", "good", "empty"]},
        geometry=[Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]), None, box(0, 0, 1, 1), Polygon()],
        index=[4, 5, 6, 7],
    ).set_crs(GEOGRAPHIC)
    answer = repair(frame)
    assert list(answer.index) == [4, 6]
    assert answer.is_valid.all()
    assert answer.geometry[4].area == pytest.approx(0.5)
    assert not frame.is_valid[4]  # the input is left as it was


def test_repair_keeps_the_dimension() -> None:
    spike = Polygon([(0, 0), (1, 0), (1, 1), (1, 0), (2, 0), (2, -1), (0, -1)])
    frame = gpd.GeoDataFrame(geometry=[spike, LineString([(0, 0), (1, 1)])], crs=GEOGRAPHIC)
    assert set(repair(frame).geom_type) <= {"Polygon", "MultiPolygon", "LineString"}
    assert repair(frame).geometry[0].geom_type in ("Polygon", "MultiPolygon")


def test_clip_cuts_only_what_crosses() -> None:
    inside, crossing, away = box(1, 1, 2, 2), box(9, 9, 11, 11), box(20, 20, 21, 21)
    line = LineString([(5, -5), (5, 5)])
    frame = gpd.GeoDataFrame({"id": list("abcd")}, geometry=[crossing, inside, away, line], crs=GEOGRAPHIC)
    answer = clip(frame, box(0, 0, 10, 10))
    assert answer["id"].tolist() == ["a", "b", "d"]
    assert answer.geometry[0].equals(box(9, 9, 10, 10))
    assert answer.geometry[1] is frame.geometry[1]
    assert answer.geometry[3].equals(LineString([(5, 0), (5, 5)]))


def test_clip_drops_shapes_that_only_touch_the_edge() -> None:
    frame = gpd.GeoDataFrame(geometry=[box(10, 0, 11, 1), box(0, 0, 1, 1)], crs=GEOGRAPHIC)
    assert list(clip(frame, box(0, 0, 10, 10)).index) == [1]


@settings(max_examples=40)
@given(st.floats(-170, 170), st.floats(-75, 75), st.floats(10, 20_000))
def test_disc_has_the_area_of_a_circle(longitude: float, latitude: float, radius_m: float) -> None:
    disc = gpd.GeoSeries(sectors(LonLat(longitude, latitude), radius_m), crs=GEOGRAPHIC)
    # A regular polygon of 180 corners has sin(2 pi/180) / (2 pi/180) = 0.9998 of the circle's area.
    assert area_m2(disc)[0] == pytest.approx(np.pi * radius_m**2, rel=5e-4)


def test_ring_and_quarter_add_up() -> None:
    origin = LonLat(118.7, 31.4)
    disc, ring, hole = (
        gpd.GeoSeries(sectors(origin, o, inner_m=i), crs=GEOGRAPHIC) for o, i in ((900, 0), (900, 300), (300, 0))
    )
    assert area_m2(ring)[0] == pytest.approx(area_m2(disc)[0] - area_m2(hole)[0], rel=1e-9)
    quarters = gpd.GeoSeries(sectors(origin, 900, from_deg=[0, 90, 180, 270], width_deg=90), crs=GEOGRAPHIC)
    assert area_m2(quarters).sum() == pytest.approx(area_m2(disc)[0], rel=1e-9)
    assert quarters.is_valid.all()


def test_bearings_run_clockwise_from_north() -> None:
    origin = LonLat(118.7, 31.4)
    east = sectors(origin, 1000, from_deg=45, width_deg=90)[0]
    assert east.contains(Point(origin.longitude + 0.005, origin.latitude))
    assert not east.contains(Point(origin.longitude - 0.005, origin.latitude))
    assert not east.contains(Point(origin.longitude, origin.latitude + 0.005))


def test_impossible_ring_is_refused() -> None:
    with pytest.raises(ValueError, match="inner < outer"):
        sectors(LonLat(118.7, 31.4), 100, inner_m=200)


def test_area_agrees_with_the_geodesic_area() -> None:
    county = shapely.segmentize(box(119.1, 31.2, 119.6, 31.7), 0.01)
    geodesic_m2, _ = pyproj.Geod(ellps="GRS80").geometry_area_perimeter(county)
    assert area_m2(gpd.GeoSeries([county], crs=GEOGRAPHIC))[0] == pytest.approx(abs(geodesic_m2), rel=1e-5)
    assert area_m2(gpd.GeoSeries([], crs=GEOGRAPHIC)).shape == (0,)
