"""Are workplaces counted by the hour, and is nobody lost?"""

from datetime import datetime, timedelta, timezone

import geopandas as gpd
import pytest
import shapely
from sqlalchemy import Connection

from gis.columns import ZONES
from gis.crs import GEOGRAPHIC
from gis.errors import InputError
from layers import presence

CHINA = timezone(timedelta(hours=8))


@pytest.mark.parametrize(
    ("hour", "whole"),
    [((24, 7, 59), False), ((24, 8, 0), True), ((24, 17, 59), True), ((24, 18, 0), False), ((28, 10, 0), False)],
)  # fmt: skip
def test_the_working_day_begins_and_ends_by_the_clock_of_china(hour: tuple[int, int, int], whole: bool) -> None:
    """24 November 2026 is a Tuesday, the 28th a Saturday."""
    day, hours, minutes = hour
    assert presence.is_working_time(datetime(2026, 11, day, hours, minutes, tzinfo=CHINA)) is whole


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(InputError, match="time zone"):
        presence.is_working_time(datetime(2026, 11, 24, 10))  # noqa: DTZ001 - that is the fault


def test_by_day_the_workplaces_hold_every_employee_of_the_city(reader: Connection) -> None:
    """138.5 万人 (product.md section 3), exactly."""
    noon = presence.workplaces(reader, datetime(2026, 11, 24, 12, tzinfo=CHINA))
    night = presence.workplaces(reader, datetime(2026, 11, 24, 2, tzinfo=CHINA))
    assert int(noon["present"].sum()) == 1_385_000
    assert int(night["present"].sum()) == int(noon["night"].sum()) < 1_385_000
    assert noon.crs == GEOGRAPHIC


def test_bounds_are_kept(reader: Connection) -> None:
    box = (118.70, 31.40, 118.72, 31.42)
    found = presence.workplaces(reader, datetime(2026, 11, 24, 12, tzinfo=CHINA), box)
    assert len(found) > 0
    assert shapely.covers(shapely.box(*box), found.geometry.to_numpy()).all()


def test_people_at_work_in_bands_add_up_and_follow_the_hour(reader: Connection) -> None:
    """Bands are disjoint; a workplace in the worse zone is in that one alone."""
    outer, inner = shapely.box(118.68, 31.38, 118.76, 31.44), shapely.box(118.70, 31.40, 118.72, 31.42)
    zone = {"kind": "toxic", "threshold": 1.0, "unit": "ppm", "averaging_s": 3600.0, "trust": "one_source"}
    zone |= {"arrival_s": 0.0, "reach_m": 1.0}
    zones = gpd.GeoDataFrame(
        [zone | {"level": 1, "level_name": "AEGL-1"}, zone | {"level": 3, "level_name": "AEGL-3"}],
        geometry=[outer, inner], crs=GEOGRAPHIC,
    )  # fmt: skip
    noon, night = datetime(2026, 11, 24, 12, tzinfo=CHINA), datetime(2026, 11, 24, 2, tzinfo=CHINA)
    by_day, by_night = presence.in_zones(reader, zones, noon), presence.in_zones(reader, zones, night)
    everybody = presence.workplaces(reader, noon, tuple(map(float, outer.bounds)))
    assert [one.level for one in by_day] == [3, 1]
    assert sum(one.present for one in by_day) == int(everybody["day"].sum())
    assert sum(one.present for one in by_night) == int(everybody["night"].sum())
    assert sum(one.workplaces for one in by_day) == len(everybody)
    assert presence.in_zones(reader, ZONES.empty(GEOGRAPHIC), noon) == []
