"""What lies within an area drawn by hand: counted again by shapely over the generated city, and its refusals."""

import numpy as np
import pyproj
import pytest
import shapely
from shapely.geometry import mapping
from sqlalchemy import Connection

from gis.errors import InputError
from layers import within
from layers.exposure import share_inside
from layers.sample.city import SampleCity

BOX = shapely.box(118.70, 31.40, 118.76, 31.45)


def test_everything_within_is_counted_as_shapely_counts_it(reader: Connection, city: SampleCity) -> None:
    found = within.within(reader, BOX)
    counted = {one.layer: one.count for one in found.layers}
    for layer in ("protection_target", "shelter"):
        places = city.tables[layer]["geometry"].to_numpy()
        assert counted[layer] == int(shapely.intersects(BOX, places).sum()) > 0
    share = share_inside(city.population["geometry"].to_numpy(), BOX)
    assert found.people_day == pytest.approx(float(share @ city.population["day"].to_numpy(float)), abs=1.0)
    assert found.people_night == pytest.approx(float(share @ city.population["night"].to_numpy(float)), abs=1.0)


def test_rows_are_the_first_by_name_and_lie_inside(reader: Connection) -> None:
    (enterprises,) = within.within(reader, BOX, ["enterprise"]).layers
    assert enterprises.count > within.ROWS == len(enterprises.rows)
    points = shapely.points([(row["longitude"], row["latitude"]) for row in enterprises.rows])
    assert shapely.intersects(BOX, points).all()
    assert len({row["id"] for row in enterprises.rows}) == within.ROWS


def test_all_that_is_near_a_point_is_within_its_distance(reader: Connection) -> None:
    place, radius_m = (118.73, 31.42), 1200.0
    area = within.area_of({"type": "Point", "coordinates": place}, radius_m)
    (found,) = within.within(reader, area, ["protection_target"]).layers
    geod = pyproj.Geod(ellps="GRS80")
    far = [geod.inv(*place, row["longitude"], row["latitude"])[2] for row in found.rows]
    assert found.count > 0 and max(far) <= radius_m * 1.001
    # Of a circle of 1200 m; the buffer's corners make it 0.2 % smaller (64 of them).
    assert within.within(reader, area, []).area_m2 == pytest.approx(np.pi * radius_m**2, rel=0.005)


def test_parts_of_an_area_add_up_to_the_whole(reader: Connection) -> None:
    """An invariant: every person and place of a box is in one of its halves."""
    west, south, east, north = BOX.bounds
    middle = (west + east) / 2 + 1e-7
    halves = [shapely.box(west, south, middle, north), shapely.box(middle, south, east, north)]
    whole = within.within(reader, BOX, ["protection_target"])
    parts = [within.within(reader, half, ["protection_target"]) for half in halves]
    assert sum(part.layers[0].count for part in parts) == whole.layers[0].count
    assert abs(sum(part.people_day for part in parts) - whole.people_day) <= 1
    assert sum(part.area_m2 for part in parts) == pytest.approx(whole.area_m2, rel=1e-6)


@pytest.mark.parametrize(
    ("drawn", "buffer_m", "said"),
    [
        ({"type": "Nonsense"}, 0.0, "no GeoJSON geometry"),
        ({}, 0.0, "no GeoJSON geometry"),
        ({"type": "Polygon", "coordinates": []}, 0.0, "empty"),
        ({"type": "Point", "coordinates": [118.7, 31.4]}, 0.0, "needs a distance"),
        ({"type": "Point", "coordinates": [31.4, 118.7]}, 100.0, "longitude first"),
        ({"type": "Point", "coordinates": [118.7, 31.4]}, -1.0, "is not between"),
        (mapping(shapely.box(100, 20, 120, 40)), 0.0, "larger than"),
        (mapping(shapely.Point(118.7, 31.4).buffer(0.01, quad_segs=2000)), 0.0, "corners; give at most"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_sentence(drawn: dict[str, object], buffer_m: float, said: str) -> None:
    with pytest.raises(InputError, match=said):
        within.area_of(drawn, buffer_m)


def test_a_crossing_outline_is_made_whole() -> None:
    corners = [[118.7, 31.4], [118.71, 31.41], [118.71, 31.4], [118.7, 31.41], [118.7, 31.4]]
    bow = {"type": "Polygon", "coordinates": [corners]}
    area = within.area_of(bow)
    assert area.is_valid and area.area > 0
