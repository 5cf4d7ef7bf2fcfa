"""Does the neutral plume agree with its published example and keep mass, symmetry and limits?"""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from plume import gaussian, sigma
from plume.gaussian import GaussianPlume, Spread
from plume.source import series
from plume.stability import CLASSES, StabilityClass


def plume(
    term: series.SourceTerm | None = None,
    stability: StabilityClass = "D",
    height_m: float = 0.0,
    lid_m: float | None = None,
) -> GaussianPlume:
    return GaussianPlume(term or series.continuous(1.0, 36_000.0), 3.0, height_m, Spread(stability), lid_m)


def test_ccps_page_97() -> None:
    """CCPS (1999) p. 97 as GasDispersion.jl computes it: 1.0346728e-4 kg/m3 with the DEGADIS set (tolerance 1e-3)."""
    x = 500.0
    sigma_y, sigma_z = sigma.crosswind(x, "F", "degadis"), sigma.vertical(x, "F", "degadis")
    value = gaussian.concentration(0.1, 2.0, 0.0, 0.0, 0.0, sigma_y, sigma_z)
    assert float(value) == pytest.approx(1.0346728324507407e-4, rel=1e-3)


def test_ccps_page_101() -> None:
    """
    CCPS (1999) p. 101 as GasDispersion.jl computes it: 3.5586711e-4 kg/m3 (tolerance 1e-3).

    0.1 kg/s for 10 s at 10 m, class F, 2 m/s, 500 m, 250 s; puff sigmas of Slade: .02 x^.89 and .05 x^.61.
    """
    x, sigma_y, sigma_z = 500.0, 0.02 * 500.0**0.89, 0.05 * 500.0**0.61
    along = math.erf((x - 2.0 * 240.0) / (math.sqrt(2) * 0.02 * 480.0**0.89)) / 2
    value = 0.1 / 2.0 * along * gaussian.crosswind_factor(0.0, sigma_y) * gaussian.vertical_factor(10.0, 10.0, sigma_z)
    assert float(value) == pytest.approx(3.5586710616e-4, rel=1e-3)


def test_closed_form_by_hand() -> None:
    """0.1 kg/s on ground, class F, 2 m/s, 500 m: sigmas .04 x/sqrt(1.05) = 19.518, .016 x/1.15 = 6.9565 (Briggs)."""
    x = 500.0
    value = gaussian.concentration(0.1, 2.0, 0.0, 0.0, 0.0, sigma.crosswind(x, "F"), sigma.vertical(x, "F"))
    assert float(value) == pytest.approx(0.1 / (math.pi * 2.0 * 19.518 * 6.9565), rel=1e-4)


@pytest.mark.parametrize("stability", CLASSES)
@pytest.mark.parametrize("lid_m", [None, 60.0, 400.0])
@pytest.mark.parametrize("height_m", [0.0, 25.0])
def test_flux_through_any_section_equals_the_rate(
    stability: StabilityClass, lid_m: float | None, height_m: float
) -> None:
    """plume.md 7, line 26: to 0.5 %, with and without a lid."""
    cloud = plume(stability=stability, height_m=height_m, lid_m=lid_m)
    for x in (50.0, 400.0, 3000.0, 12_000.0):
        depth = lid_m or height_m + 8 * float(sigma.vertical(x, stability))
        z = np.linspace(0.0, depth, 4001)
        width = 6 * float(sigma.crosswind(x, stability))
        y = np.linspace(-width, width, 801)
        across = np.trapezoid(cloud.per_rate(x, y, 0.0), y) / float(cloud.per_rate(x, 0.0, 0.0) or 1.0)
        along = np.trapezoid(cloud.per_rate(x, 0.0, z), z)
        if float(cloud.per_rate(x, 0.0, 0.0)) == 0.0:
            continue
        assert across * along * cloud.speed_m_s == pytest.approx(1.0, rel=5e-3)


def test_symmetry_and_linearity() -> None:
    cloud, double = plume(), plume(series.continuous(2.0, 36_000.0))
    y = np.linspace(0, 300, 7)
    assert np.array_equal(cloud.concentration(700.0, y, 1.5), cloud.concentration(700.0, -y, 1.5))
    assert double.concentration(700.0, y, 1.5) == pytest.approx(2 * cloud.concentration(700.0, y, 1.5))


def test_nothing_upwind_and_no_infinity_at_the_source() -> None:
    """plume.md 7, line 27."""
    values = plume().concentration(np.array([-100.0, -1e-9, 0.0, 1e-6]), 0.0, 0.0)
    assert np.all(values[:3] == 0)
    assert np.isfinite(values).all()


def test_palazzi_peaks_at_the_passage_not_at_shut_off() -> None:
    """plume.md 7, line 2: the largest value in time is at x/u + tr/2; evaluated at tr it is short by far."""
    release_s, x = 60.0, 1500.0
    cloud = plume(series.continuous(1.0, release_s))
    times = np.linspace(0.0, 1200.0, 12_001)
    course = cloud.concentration_at(x, 0.0, 0.0, times)
    assert float(cloud.concentration(x, 0.0, 0.0)) == pytest.approx(course.max(), rel=1e-6)
    assert times[course.argmax()] == pytest.approx(x / cloud.speed_m_s + release_s / 2, abs=0.1)
    assert float(cloud.concentration_at(x, 0.0, 0.0, release_s)) < 0.05 * course.max()


def test_a_long_release_tends_to_the_steady_plume_and_a_short_one_to_the_puff() -> None:
    """plume.md 7, line 28."""
    x = 900.0
    steady = float(plume().per_rate(x, 0.0, 0.0))
    ratios = [float(plume(series.continuous(1.0, t)).concentration(x, 0.0, 0.0)) / steady for t in (30, 120, 600, 6000)]
    assert ratios == sorted(ratios)
    assert ratios[-1] == pytest.approx(1.0, abs=1e-9)
    puff = float(plume(series.instantaneous(5.0)).concentration(x, 0.0, 0.0))
    assert float(plume(series.continuous(5.0, 1.0)).concentration(x, 0.0, 0.0)) == pytest.approx(puff, rel=1e-3)


def test_dose_of_a_short_release_is_that_of_its_mass() -> None:
    """What passes a point in all is Q tr times the steady value, whatever the spread along the wind."""
    cloud = plume(series.continuous(2.0, 90.0))
    total, _ = quad(lambda t: float(cloud.concentration_at(800.0, 0.0, 0.0, t)), 0, 2000, points=[267, 357], limit=200)
    assert total == pytest.approx(180.0 * float(cloud.per_rate(800.0, 0.0, 0.0)), rel=1e-3)


def test_a_changing_rate_is_summed_step_by_step() -> None:
    term = series.table([0, 60, 120, 600], [4.0, 4.0, 1.0, 0.0])
    cloud, alone = plume(term), plume(series.continuous(4.0, 120.0))
    x = 400.0
    assert float(cloud.concentration(x, 0.0, 0.0)) >= float(alone.concentration(x, 0.0, 0.0)) * (1 - 1e-9)
    times = np.linspace(0, 1500, 15_001)
    assert float(cloud.concentration(x, 0.0, 0.0)) == pytest.approx(
        cloud.concentration_at(x, 0.0, 0.0, times).max(), rel=0.01
    )


def test_lid_mixes_evenly_far_downwind() -> None:
    cloud = plume(stability="B", lid_m=100.0)
    x = 20_000.0
    column = cloud.per_rate(x, 0.0, np.array([0.0, 50.0, 99.0, 101.0]))
    assert column[:3] == pytest.approx(np.full(3, column[0]))
    assert column[3] == 0.0


def test_area_source_is_wider_and_weaker_near_and_the_same_far() -> None:
    point, area = (
        plume(),
        GaussianPlume(series.continuous(1.0, 36_000.0), 3.0, 0.0, Spread("D", initial_y_m=sigma.area_source(25.0))),
    )
    assert float(area.concentration(30.0, 0.0, 0.0)) < 0.5 * float(point.concentration(30.0, 0.0, 0.0))
    assert float(area.concentration(9000.0, 0.0, 0.0)) == pytest.approx(
        float(point.concentration(9000.0, 0.0, 0.0)), rel=1e-3
    )


@settings(max_examples=40, deadline=None)
@given(
    x=st.floats(1.0, 20_000.0),
    y=st.floats(-3000, 3000),
    z=st.floats(0, 300),
    height=st.floats(0, 100),
    stability=st.sampled_from(CLASSES),
)
def test_concentration_is_finite_and_never_negative(
    x: float, y: float, z: float, height: float, stability: StabilityClass
) -> None:
    value = float(plume(stability=stability, height_m=height).concentration(x, y, z))
    assert math.isfinite(value)
    assert value >= 0
