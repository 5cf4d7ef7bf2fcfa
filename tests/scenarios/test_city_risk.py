"""Is individual risk the sum it is said to be, and is it stored with what it rests on?"""

from datetime import UTC, datetime

import geopandas as gpd
import numpy as np
import pytest
import shapely
from sqlalchemy import text

from gis.crs import GEOGRAPHIC
from gis.database import Caller, Database
from gis.errors import InputError
from scenarios.hazards import city_risk
from scenarios.hazards.city_risk import RELEASES, Winds

ONE_WIND = Winds((3.0,), (270.0,), ("D",), (1.0,), 1)
DRILL = Caller("risk", "990100", "990200", "drill")


def units(*places: tuple[float, float], substance: str = "氯", cas: str = "7782-50-5") -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"id": [f"U{at}" for at in range(len(places))], "substance": substance, "cas_number": cas, "stock_t": 20.0},
        geometry=[shapely.Point(*place) for place in places],
        crs=GEOGRAPHIC,
    )


def test_with_one_wind_the_peak_is_the_sum_of_the_frequencies() -> None:
    """Downwind of one unit whoever stands in both zones is lost in both releases: 5e-7 + 1e-5 a year."""
    found = city_risk.individual_risk(units((118.7, 31.4)), ONE_WIND, workers=0)
    assert found.peak_per_year == pytest.approx(sum(one.per_year for one in RELEASES))
    east = found.contours.geometry.iloc[0]
    west_edge, _, east_edge, _ = east.bounds
    assert east_edge - 118.7 > 10 * (118.7 - west_edge), "a west wind carries east"


def test_units_add_up() -> None:
    """Two units at one place are twice one; a share of the wind is a share of the risk."""
    two = city_risk.individual_risk(units((118.7, 31.4), (118.7, 31.4)), ONE_WIND, workers=0)
    half = Winds((3.0, 3.0), (270.0, 90.0), ("D", "D"), (0.5, 0.5), 2)
    turned = city_risk.individual_risk(units((118.7, 31.4)), half, workers=0)
    once = sum(one.per_year for one in RELEASES)
    assert two.peak_per_year == pytest.approx(2 * once)
    assert turned.peak_per_year == pytest.approx(once / 2, rel=1e-6) or turned.peak_per_year <= once


def test_contours_nest() -> None:
    found = city_risk.individual_risk(units((118.7, 31.4)), ONE_WIND, workers=0).contours
    assert list(found["frequency_per_year"]) == sorted(found["frequency_per_year"])
    areas = [shape.area for shape in found.geometry]
    assert areas == sorted(areas, reverse=True)


def test_the_made_up_year_is_the_same_for_a_seed_and_conserves_its_hours() -> None:
    first, again = city_risk.synthetic_year(), city_risk.synthetic_year()
    assert np.array_equal(first[0], again[0])
    winds = city_risk.binned(*first)
    assert winds.hours == 8760
    assert sum(winds.share) == pytest.approx(1.0)
    mean = sum(speed * share for speed, share in zip(winds.speed_m_s, winds.share, strict=True))
    assert mean == pytest.approx(float(first[0].mean()))


def test_what_has_no_toxic_level_is_named_and_not_guessed() -> None:
    with pytest.raises(InputError, match="toxic"):
        city_risk.individual_risk(units((118.7, 31.4), substance="汽油", cas="86290-81-5"), ONE_WIND, workers=0)


def test_contours_are_stored_with_their_run_and_replace_those_before(database: Database) -> None:
    found = city_risk.individual_risk(units((118.7, 31.4)), ONE_WIND, workers=0)
    for _ in range(2):
        with database.transaction(DRILL) as connection:
            rows = city_risk.store(
                connection, found, source="test", division_code="990100", mode="drill", at=datetime.now(UTC)
            )
    with database.transaction(DRILL) as connection:
        standing = connection.execute(
            text("SELECT frequency_per_year, run FROM layers.risk_contour WHERE superseded_at IS NULL ORDER BY 1")
        ).all()
    assert len(standing) == rows == len(found.contours)
    assert standing[0][1]["releases_trust"] == "unverified"
    assert "toxic_only" in standing[0][1]["notes"]
