"""Does the heavy gas slump, dilute, end and depend on what it should, whatever the stations?"""

import math

import numpy as np
import pytest
from scipy.special import hyp2f1

from plume import clouds, dense, dense_layer, dense_source, mixing, properties, regime, similarity, wind, zones
from plume.release import Release
from plume.source import series
from plume.stability import StabilityClass
from plume.substances import find
from plume.weather import Weather


def weather(speed: float = 3.0, stability: StabilityClass = "D", roughness_m: float = 0.03) -> Weather:
    return Weather(speed, 10.0, 270.0, stability, 288.15, 0.5, roughness_m)


def chlorine(rate: float = 2.0, duration_s: float = 600.0, diameter_m: float = 0.0) -> Release:
    return Release(find("chlorine"), series.continuous(rate, duration_s, 288.15), 0.0, diameter_m)


def reach(release: Release, air: Weather, ppm: float = 20.0, averaging_s: float = 3600.0) -> float:
    threshold = ppm / air.ppm_per_kg_m3(release.substance.molar_mass_kg_mol)
    return zones.outlines(dense.cloud(release, air, averaging_s), [threshold])[0].reach_m


def test_entrainment_function_is_the_published_one() -> None:
    """plume.md 4.10: .88 + .099 Ri^1.04 + 1.4e-25 Ri^5.7; .88/(1 + .65 |Ri|^.6) below zero."""
    assert dense_layer.phi(0.0, 0.0) == pytest.approx(0.88)
    assert dense_layer.phi(10.0, 0.0) == pytest.approx(0.88 + 0.099 * 10**1.04 + 1.4e-25 * 10**5.7)
    assert dense_layer.phi(-1.0, 0.0) == pytest.approx(0.88 / 1.65)


def test_fetch_average_is_the_hypergeometric_closed_form() -> None:
    """DEGADIS 2.1: .88/2F1(1, 1/p; 1 + 1/p; -.099 Ri^1.04/.88), p = 1.04/(1 + alpha); SciPy's 2F1 as the judge."""
    air = dense.air_of(weather(), 600.0)
    line = mixing.line(chlorine(), weather(), 288.15, 1.0)
    gas = dense_layer.Gas(line.by_fraction, line.by_concentration, line.pure_kg_m3, line.air_kg_m3, 288.15, 500.0, 70.9)
    a1 = 1 + air.alpha
    scale = (
        9.81 * (line.pure_kg_m3 - line.air_kg_m3) / line.air_kg_m3 * air.height_m / air.friction_m_s**2 * air.gamma / a1
    )
    grown = air.karman * air.friction_m_s * a1**2 / air.speed_m_s / air.height_m / 3.1 * 2.15 / 1.15
    for fetch in (0.5, 5.0, 80.0):
        richardson = scale * (grown * fetch) ** (1 / a1)
        exact = 0.88 / hyp2f1(1, a1 / 1.04, 1 + a1 / 1.04, -0.099 * richardson**1.04 / 0.88)
        assert dense_source.fetch_phi(line.pure_kg_m3, fetch, air, gas) == pytest.approx(exact, rel=2e-3)


def test_mixing_line_ends_at_air_and_at_the_release() -> None:
    line = mixing.line(chlorine(), weather(), 288.15, 1.0)
    assert line.air_kg_m3 == pytest.approx(101_325 * 0.028965 / (8.314463 * 288.15), rel=1e-3)
    assert line.pure_kg_m3 == pytest.approx(101_325 * 0.070906 / (8.314463 * 288.15), rel=1e-3)


def test_cold_methane_is_as_heavy_as_its_temperature_says() -> None:
    """The molar mass is a lie for a cold cloud (plume.md 4.9): LNG vapour at 111.7 K weighs 1.75 kg/m3."""
    lng = Release(find("LNG"), series.continuous(100.0, 100.0, 111.7), 0.0, 25.0)
    line = mixing.line(lng, weather(), 111.7, 1.0)
    assert line.pure_kg_m3 == pytest.approx(1.75, rel=0.01)
    assert line.by_fraction[0].max() > 1.3
    assert regime.regime(lng, weather()).dense
    warm = Release(find("methane"), series.continuous(100.0, 100.0, 288.15), 0.0, 25.0)
    assert not regime.regime(warm, weather()).dense


def test_enthalpy_is_conserved_along_the_mixing_line() -> None:
    """Half air, half methane vapour at 111.7 K, dry: (m1 cp1 T1 + m2 cp2 T2)/(m1 cp1 + m2 cp2)."""
    air = Weather(3.0, 10.0, 270.0, "D", 288.15, 0.0)
    lng = Release(find("LNG"), series.continuous(100.0, 100.0, 111.7), 0.0, 25.0)
    line = mixing.line(lng, air, 111.7, 1.0)
    cp = line.heat_capacity_j_kg_k
    position = math.sqrt(0.5) * (mixing.NODES - 1)
    temperature = float(np.interp(position, np.arange(mixing.NODES), line.by_fraction[1]))
    assert temperature == pytest.approx((1006.3 * 288.15 + cp * 111.7) / (1006.3 + cp), abs=0.5)


def test_mass_passes_every_station() -> None:
    """plume.md 7, line 26: c u H 2B = take-up rate at every station of the march."""
    cloud = dense.cloud(chlorine(5.0, 1e5), weather(), 3600.0)
    run = cloud.runs[0]
    rows = run.rows
    a1 = 1 + cloud.alpha
    effective_height = math.gamma(1 / a1) * rows[:, dense_layer.DEPTH] / a1
    core, edge = rows[:, dense_layer.CORE], rows[:, dense_layer.EDGE]
    width = core + 0.5 * math.sqrt(math.pi) * edge
    flux = rows[:, dense_layer.CENTRE] * rows[:, dense_layer.SPEED] * effective_height * 2 * width
    assert flux == pytest.approx(np.full(flux.size, run.take_up_kg_s), rel=5e-3)
    assert run.take_up_kg_s * run.duration_s == pytest.approx(5.0 * 1e5, rel=1e-9)


@pytest.mark.parametrize("obukhov_m", [-500.0, 1e9, 200.0, 50.0, 20.0])
def test_a_cloud_no_longer_heavy_grows_as_the_neutral_plume_of_the_same_air(obukhov_m: float) -> None:
    """
    Mean height of a 10 g/s trace against van Ulden's (`similarity.grow`), the closure that meets Prairie Grass; the two
    differ by a power law for the wind instead of a logarithm.
    """
    friction, roughness = 0.3, 0.006
    speed = friction / 0.4 * float(wind.profile(2.0, roughness, obukhov_m))
    air = Weather(
        speed, 2.0, 270.0, "D", 298.15, 0.3, roughness, monin_obukhov_m=obukhov_m, friction_velocity_m_s=friction
    )
    run = dense.cloud(chlorine(0.01, 36_000.0), air, 600.0)
    rows, s = run.runs[0].rows, 1 + run.alpha
    mean = rows[:, dense_layer.DEPTH] * math.gamma(2 / s) / math.gamma(1 / s)
    neutral = similarity.grow(similarity.MeasuredAir(friction, obukhov_m, roughness, 5.0), 0.0)
    for x in (50.0, 100.0, 200.0):
        grown = float(np.interp(x, rows[:, dense_layer.X], mean))
        assert grown == pytest.approx(float(np.interp(x, neutral.distance_m, neutral.mean_height_m)), rel=0.1)


def test_a_passive_layer_deepens_whatever_its_width() -> None:
    """
    DEGADIS' SSG: d(rho u H)/dx = rho_a k u* (1 + alpha)/phi once the core is used up: two averaging times, one depth.
    """
    depths = []
    for averaging in (10.0, 180.0):
        rows = dense.cloud(chlorine(0.01, 36_000.0), weather(5.0), averaging).runs[0].rows
        assert rows[-1, dense_layer.CORE] == 0.0
        depths.append(float(np.interp(400.0, rows[:, dense_layer.X], rows[:, dense_layer.DEPTH])))
    assert depths[0] == pytest.approx(depths[1], rel=0.02)


def test_averaging_above_three_minutes_is_not_credited() -> None:
    """The rule of the neutral plume (`sigma.averaging_factor`), for the same reason."""
    assert reach(chlorine(), weather(), averaging_s=3600.0) == reach(chlorine(), weather(), averaging_s=180.0)
    assert reach(chlorine(), weather(), averaging_s=10.0) > reach(chlorine(), weather(), averaging_s=180.0)


def lng(speed: float) -> tuple[Release, Weather]:
    """A spill of 116 kg/s for 107 s on 30 m in dry desert air, as in Burro 8 (light wind) and Burro 7 (strong)."""
    air = Weather(speed, 2.0, 270.0, "E", 306.0, 0.05, 2e-4, 94_100.0, 16.2, speed / 23.6)
    boiling = properties.of("methane").boiling_point_k
    return Release(find("LNG"), series.continuous(116.0, 107.0, boiling), 0.0, 29.8), air


def test_ground_heat_is_the_larger_of_natural_and_forced_convection() -> None:
    """By hand, DEGADIS SURFAC: 18 (1.2/.025)^(2/3) 100^(4/3) in light air; 1.22 rho cp u*^2/u dT in a strong wind."""
    air = dense.air_of(lng(1.75)[1], 10.0)._replace(ground_k=306.0)
    gentle = dense_layer.ground_heat(1.2, 25.0, 1100.0, 206.0, 0.5, air)
    assert gentle == pytest.approx(18 * (1.2 / 25.0) ** (2 / 3) * 100 ** (4 / 3), rel=1e-9)
    storm = air._replace(friction_m_s=1.0)
    speed = air.speed_m_s * (0.5 / air.height_m) ** air.alpha
    assert dense_layer.ground_heat(1.2, 25.0, 1100.0, 206.0, 0.5, storm) == pytest.approx(
        1.22 * 1.2 * 1100.0 / speed * 100.0, rel=1e-9
    )
    assert dense_layer.ground_heat(1.2, 25.0, 1100.0, 310.0, 0.5, air) == 0.0


def test_a_blanket_in_light_wind_is_warmed_by_the_ground_and_gives_back_what_was_released() -> None:
    release, air = lng(1.75)
    run = dense.cloud(release, air, 10.0).runs[0]
    first = run.rows[0]
    boiling = properties.of("methane").boiling_point_k
    assert run.radius_m > 2 * 14.9
    assert boiling < first[dense_layer.TEMPERATURE] <= 306.0
    assert run.take_up_kg_s * run.duration_s == pytest.approx(116.0 * 107.0, rel=1e-9)


def test_over_the_blanket_the_gas_is_well_mixed_up_to_its_height() -> None:
    release, air = lng(1.75)
    cloud = dense.cloud(release, air, 10.0)
    run = cloud.runs[0]
    x, height = 0.5 * run.radius_m, run.blanket_height_m
    assert 0.1 < height < 5.0
    within = cloud.concentration(x, 0.0, np.array([0.0, 0.5, 1.0]) * height)
    assert within == pytest.approx(np.full(3, within[0]))
    assert cloud.concentration(x, 0.0, 3 * height) < within[0]


def test_moles_of_gas_at_air_temperature_are_those_of_the_gas_law_and_of_a_cold_cloud_fewer() -> None:
    cloud = dense.cloud(chlorine(), weather(), 600.0)
    per_kg = weather().ppm_per_kg_m3(0.070906)
    x = np.array([20.0, 200.0, 2000.0])
    assert cloud.mole_fraction(x, 0.0, 0.0) * 1e6 == pytest.approx(cloud.concentration(x, 0.0, 0.0) * per_kg, rel=2e-3)
    release, air = lng(5.0)
    cold = dense.cloud(release, air, 10.0)
    warm_ppm = cold.concentration(30.0, 0.0, 0.0) * air.ppm_per_kg_m3(0.016043)
    assert 0 < cold.mole_fraction(30.0, 0.0, 0.0) < 1 < warm_ppm * 1e-6
    far = cold.mole_fraction(1500.0, 0.0, 0.0) * 1e6
    assert far == pytest.approx(cold.concentration(1500.0, 0.0, 0.0) * air.ppm_per_kg_m3(0.016043), rel=0.02)


def test_duration_is_read() -> None:
    """plume.md 7, line 3."""
    lengths = [reach(chlorine(2.0, seconds), weather(), 2.0) for seconds in (6.0, 60.0, 600.0)]
    assert lengths == sorted(lengths)
    assert lengths[1] > 1.2 * lengths[0]


def test_reduced_gravity_falls_and_the_outline_closes() -> None:
    """plume.md 7, line 4."""
    cloud = dense.cloud(chlorine(), weather(), 3600.0)
    excess = cloud.runs[0].rows[:, dense_layer.DENSITY] - cloud.mixing.air_kg_m3
    assert np.all(np.diff(excess) <= 1e-9)
    outline = zones.outlines(cloud, [6e-5])[0]
    assert outline.half_width_m[-1] == 0.0
    assert outline.half_width_m[-2] < 0.5 * outline.greatest_half_width_m


def test_answer_does_not_depend_on_the_stations() -> None:
    """plume.md 7, line 5: a march ten times finer (by faking a faint end) leaves the axis where it was."""
    cloud = dense.cloud(chlorine(), weather(), 3600.0)
    coarse = cloud.concentration(np.geomspace(50, 5000, 30), 0.0, 0.0)
    fine = cloud.concentration(np.geomspace(50, 5000, 300), 0.0, 0.0)
    assert np.interp(np.geomspace(50, 5000, 30), np.geomspace(50, 5000, 300), fine) == pytest.approx(coarse, rel=2e-3)


def test_a_small_source_keeps_its_small_zone() -> None:
    assert (
        5.0 < reach(Release(find("benzene"), series.continuous(0.006, 3600.0), 0.0), weather(1.5, "F"), 200.0) < 100.0
    )


def test_friction_depends_on_stability() -> None:
    """plume.md 7, line 6."""
    friction = [dense.air_of(weather(3.0, name), 600.0).friction_m_s for name in ("A", "D", "F")]
    assert friction == sorted(friction, reverse=True)
    lengths = [reach(chlorine(), weather(3.0, name)) for name in ("B", "D", "F")]
    assert lengths == sorted(lengths)


def test_more_wind_and_more_gas() -> None:
    assert reach(chlorine(4.0), weather()) > reach(chlorine(2.0), weather())
    assert reach(chlorine(), weather(8.0)) < reach(chlorine(), weather(3.0)) * 1.2


@pytest.mark.parametrize("averaging_s", [10.0, 600.0, 3600.0])
def test_concentration_is_symmetric_finite_and_falls_to_the_side(averaging_s: float) -> None:
    cloud = dense.cloud(chlorine(), weather(), averaging_s)
    x = np.array([-200.0, -1.0, 0.0, 5.0, 100.0, 2000.0])[:, None]
    y = np.linspace(0, 400, 40)
    value = cloud.concentration(x, y, 1.5)
    assert np.isfinite(value).all()
    assert np.all(np.diff(value, axis=1) <= 1e-12)
    assert np.array_equal(value, cloud.concentration(x, -y, 1.5))
    assert np.all(value[0] == 0)


def test_the_test_of_hj169() -> None:
    """By hand: 2 kg/s chlorine, 15 °C, 3 m/s: V = 2/2.999 = .667 m3/s, D = 1 m, (9.81 .667 1.448)^(1/3)/3 = .705."""
    found = regime.regime(chlorine(), weather())
    assert found.richardson == pytest.approx(0.705, abs=0.005)
    assert found.dense
    light = Release(find("ammonia"), series.continuous(1.0, 600.0, 288.15), 0.0)
    assert regime.regime(light, weather()).richardson == 0.0


def test_near_the_limit_both_are_run_and_the_larger_is_taken() -> None:
    air = weather(5.0)
    rate = next(q for q in np.geomspace(1e-3, 10, 400) if regime.regime(chlorine(float(q)), air).richardson > 1 / 6)
    chosen = clouds.choose(chlorine(float(rate)), air, 3600.0, "auto")
    assert chosen.model == "larger_of_both"
    assert "near_dense_limit_larger_taken" in chosen.notes
    parts = [clouds.choose(chlorine(float(rate)), air, 3600.0, name).cloud for name in ("dense", "gaussian")]  # type: ignore[arg-type]
    x = np.array([20.0, 200.0, 2000.0])
    each = [part.concentration(x, 0.0, 0.0) for part in parts]
    assert np.array_equal(chosen.cloud.concentration(x, 0.0, 0.0), np.maximum(*each))


def test_molar_mass_comes_from_the_substance() -> None:
    """plume.md 7, line 22: pyELDQM has SO2's molar mass built in."""
    lines = [
        mixing.line(Release(find(name), series.continuous(1.0, 60.0, 288.15), 0.0), weather(), 288.15, 1.0)
        for name in ("Cl2", "SO2")
    ]
    assert lines[0].pure_kg_m3 / lines[1].pure_kg_m3 == pytest.approx(70.906 / 64.0638, rel=1e-3)
