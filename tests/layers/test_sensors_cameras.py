"""Are the nearest cameras the nearest, is their bearing geodesic, and do coverage and gaps fill the ring?"""

import math
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import shapely
from pyproj import Geod
from sqlalchemy import Connection, text

from gis.crs import LonLat, as_local
from gis.database import Caller, Database
from layers.sensors import cameras

SCENE = LonLat(118.7, 31.4)
GEOD = Geod(ellps="GRS80")


@pytest.fixture(scope="module")
def ground(database: Database) -> Iterator[Connection]:
    """Five cameras: bearing and metres from the scene, where they look, and one that is silent."""
    now = datetime.now(UTC)
    with database.transaction(Caller("test", "990100", "990200", "drill")) as connection:
        for name, bearing, metres, looks, view, reach, status in (
            ("north", 0.0, 100.0, 180.0, 60.0, 150.0, "live"),  # looks south, at the scene
            ("east", 90.0, 120.0, 90.0, 60.0, 150.0, "live"),  # looks away
            ("short", 180.0, 300.0, 0.0, 60.0, 150.0, "live"),  # looks here but does not reach
            ("dead", 270.0, 50.0, 90.0, 360.0, 200.0, "offline"),
            ("far", 45.0, 5_000.0, 225.0, 5.0, 9_000.0, "live"),
        ):
            longitude, latitude, _ = GEOD.fwd(SCENE.longitude, SCENE.latitude, bearing, metres)
            connection.execute(
                text(
                    "INSERT INTO layers.camera (id, valid_from, source_system, as_of, division_code, mode, name,"
                    " bearing_deg, view_deg, range_m, status, geometry) VALUES (:id, :at, 'test', :at, '990102',"
                    " 'drill', :id, :looks, :view, :reach, :status, ST_SetSRID(ST_MakePoint(:x, :y), 4490))"
                ),
                {
                    "id": name, "at": now, "looks": looks, "view": view, "reach": reach, "status": status,
                    "x": longitude, "y": latitude,
                },
            )  # fmt: skip
    with database.transaction(Caller("test", "990100", "990200", "drill")) as connection:
        yield connection


def test_the_nearest_come_first_with_geodesic_distance_and_bearing(ground: Connection) -> None:
    found = cameras.nearest(ground, SCENE, "drill", 4)
    assert [one.id for one in found] == ["dead", "north", "east", "short"]
    assert [round(one.distance_m) for one in found] == [50, 100, 120, 300]
    assert [round(one.bearing_deg) % 360 for one in found] == [270, 0, 90, 180]
    assert [one.looks_at_it for one in found] == [True, True, False, False]
    assert found[0].status == "offline"
    assert cameras.nearest(ground, SCENE, "live", 4) == []


def test_a_sector_has_the_area_of_its_share_of_the_circle() -> None:
    shape = cameras.sector(0, 0, 90, 60, 100)
    assert shape.area == pytest.approx(math.pi * 100**2 * 60 / 360, rel=0.01)
    assert shape.contains(shapely.Point(50, 0))
    assert not shape.contains(shapely.Point(-50, 0))
    assert cameras.sector(0, 0, 0, 360, 100).area == pytest.approx(math.pi * 100**2, rel=0.01)


def test_coverage_and_gaps_fill_the_ring_without_overlap(ground: Connection) -> None:
    frame = cameras.coverage(ground, SCENE, "drill", 1_000)
    assert list(frame["kind"]) == ["seen", "gap"]
    assert frame["area_m2"].sum() == pytest.approx(math.pi * 1_000**2, rel=0.002)
    local = as_local(frame, SCENE)
    assert shapely.intersection(local.geometry.iloc[0], local.geometry.iloc[1]).area < 1.0
    # The far camera reaches into the ring; the silent one counts for nothing.
    assert local.geometry.iloc[0].area > math.pi * 150**2 * 60 / 360 * 2


def test_without_cameras_all_of_the_ring_is_a_gap(ground: Connection) -> None:
    frame = cameras.coverage(ground, LonLat(110.0, 31.4), "drill", 500)
    assert list(frame["kind"]) == ["gap"]
