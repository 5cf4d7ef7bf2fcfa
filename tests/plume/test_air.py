"""Do stability, wind and sigma follow their published tables?"""

import math
from datetime import UTC, datetime

import numpy as np
import pytest

from gis.crs import LonLat
from plume import sigma, stability, wind


@pytest.mark.parametrize(
    ("speed", "expected"),
    [(2.0, "B"), (2.01, "B"), (3.0, "B"), (3.01, "C"), (5.0, "C"), (5.01, "D"), (6.0, "D"), (6.5, "D")],
)
def test_wind_bounds_belong_to_the_lower_band(speed: float, expected: str) -> None:
    """plume.md 7, line 1; moderate sun (4.5)."""
    assert stability.from_sky(speed, 0, 45) == expected


def test_key_of_turner() -> None:
    assert [stability.from_sky(u, 0, 70) for u in (1, 2.5, 4, 5.5, 8)] == ["A", "B", "B", "C", "C"]
    assert [stability.from_sky(u, 0, 20) for u in (1, 2.5, 4, 5.5, 8)] == ["B", "C", "D", "D", "D"]
    assert [stability.from_sky(u, 6, -10) for u in (1, 2.5, 4, 5.5, 8)] == ["F", "E", "D", "D", "D"]
    assert [stability.from_sky(u, 2, -10) for u in (1, 2.5, 4, 5.5, 8)] == ["F", "F", "E", "D", "D"]


def test_cloud_weakens_the_sun() -> None:
    assert stability.from_sky(1, 6, 70) == "B"  # strong, one step weaker
    assert stability.from_sky(4, 8, 70) == "D"  # strong, two steps weaker: slight


def test_sun_stands_overhead_where_it_should() -> None:
    """At the equinox the noon sun stands at 90 minus the latitude; at midsummer 23.44 degrees higher."""
    noon = datetime(2026, 3, 20, 4, 7, tzinfo=UTC)  # 120 E, equation of time about -7.5 min
    assert stability.solar_elevation_deg(LonLat(120.0, 31.0), noon) == pytest.approx(59.0, abs=0.5)
    midsummer = datetime(2026, 6, 21, 4, 2, tzinfo=UTC)
    assert stability.solar_elevation_deg(LonLat(120.0, 31.0), midsummer) == pytest.approx(90 - 31 + 23.44, abs=0.5)
    assert stability.solar_elevation_deg(LonLat(120.0, 31.0), datetime(2026, 6, 21, 16, 0, tzinfo=UTC)) < 0


def test_obukhov_lengths_of_the_classes() -> None:
    """Two sources, plume.md 4.3: at z0 = 1 m the length is the coefficient itself."""
    assert [stability.obukhov_of(name, 1.0) for name in ("A", "B", "C", "E", "F")] == [
        -11.43,
        -25.98,
        -123.4,
        123.4,
        25.98,
    ]
    assert math.isinf(stability.obukhov_of("D", 0.03))


def test_class_from_obukhov_length() -> None:
    assert stability.from_obukhov(math.inf, 0.03) == "D"
    assert stability.from_obukhov(8.3, 0.006) == "F"  # Prairie Grass 32
    assert stability.from_obukhov(-5.2, 0.006) == "A"  # Prairie Grass 16


def test_log_profile_is_the_textbook_one_in_neutral_air() -> None:
    ratio = float(wind.at_height(5.0, 10.0, 2.0, 0.03, math.inf)) / 5.0
    assert ratio == pytest.approx(math.log(2.03 / 0.03) / math.log(10.03 / 0.03))


def test_transport_wind_is_read_at_three_metres_or_the_release() -> None:
    """plume.md 7, line 14."""
    at_3 = float(wind.at_height(5.0, 10.0, 3.0, 0.03, math.inf))
    assert wind.transport_speed(5.0, 10.0, 0.0, 0.03, math.inf) == pytest.approx(at_3)
    assert wind.transport_speed(5.0, 10.0, 30.0, 0.03, math.inf) > 5.0
    assert wind.transport_speed(4.0, 2.0, 0.5, 0.03, math.inf) == 4.0


def test_briggs_rural_d_is_the_right_one() -> None:
    """plume.md 6: reprints have 0.00015 where 0.0015 is right."""
    assert float(sigma.vertical(1000.0, "D")) == pytest.approx(60 / math.sqrt(2.5))


def test_isc3_at_the_joints() -> None:
    """EPA-454/B-95-003b by hand: D at 1 km is 32.093 m from either piece; sigma_y of D from the tangent."""
    assert float(sigma.vertical(1000.0, "D", "isc3")) == pytest.approx(32.093, rel=1e-6)
    assert float(sigma.vertical(1000.01, "D", "isc3")) == pytest.approx(32.093, rel=1e-4)
    assert float(sigma.crosswind(1000.0, "D", "isc3")) == pytest.approx(
        465.11628 * math.tan(math.radians(8.3330)), rel=1e-5
    )
    assert float(sigma.vertical(9e4, "A", "isc3")) == 5000.0


@pytest.mark.parametrize("which", ["briggs", "isc3", "tno", "degadis"])
def test_plumes_are_wider_when_the_air_mixes_more(which: sigma.SigmaSet) -> None:
    for function in (sigma.crosswind, sigma.vertical):
        values = [float(function(800.0, name, which)) for name in stability.CLASSES]
        assert values == sorted(values, reverse=True)
        assert np.all(np.asarray(function([-5.0, 0.0], "D", which)) <= 1e-6)


def test_ten_seconds_narrow_a_plume_as_in_aloha() -> None:
    """plume.md 4.6: (10/180)^0.2 = 0.561."""
    assert sigma.averaging_factor(10) == pytest.approx(0.561, abs=5e-4)
    assert sigma.averaging_factor(180) == sigma.averaging_factor(3600) == 1.0


def test_curves_of_short_grass_hold_near_the_ground_on_smooth_land_only() -> None:
    """Wieringa's classes: sea .0002, smooth .005, open .03, rough .25 m; ALOHA's open country and town stay Briggs."""
    assert sigma.resolved("auto", 0.5, 0.006) == "isc3"
    assert [sigma.resolved("auto", 0.5, z0) for z0 in (0.0002, 0.03, 0.25, 1.0)] == ["briggs"] * 4
    assert sigma.resolved("auto", 50.0, 0.006) == "briggs"
    assert sigma.resolved("tno", 0.5, 0.006) == "tno"
