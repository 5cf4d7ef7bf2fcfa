"""Do fires and explosions agree with ALOHA and with measurements, and behave at their limits?"""

import csv
from pathlib import Path

import numpy as np
import pytest

from gis.errors import InputError, MissingError
from plume import properties
from plume.fire import blast, fireball, flammable, harm, jet, pool, radiation, tnt, zones
from plume.source.weather import SourceWeather

PROPANE, METHANE, TOLUENE = (properties.of(name) for name in ("propane", "methane", "toluene"))
NIGHT = SourceWeather(288.15, 5.0, "D", 0.6, 5)


def aloha(folder: Path, case: str, quantity: str) -> list[float]:
    with (folder / "plume" / "aloha_reference_outputs.csv").open(encoding="utf-8") as handle:
        return [
            float(row["aloha_value"])
            for row in csv.DictReader(handle)
            if row["case"] == case and row["quantity"] == quantity and row["aloha_value"][0].isdigit()
        ]


def reaches(source: radiation.HeatSource) -> list[float]:
    return [zones.heat_reach_m(source, level.si) for level in zones.HEAT_LEVELS]


# --- published cases


def test_bleve_within_3_percent_of_aloha(shared_data: Path) -> None:
    ball = fireball.fireball(PROPANE, 16037.0, NIGHT)
    assert reaches(ball) == pytest.approx(aloha(shared_data, "F3", "distance"), rel=0.03)
    assert [ball.diameter_m] == pytest.approx(aloha(shared_data, "F3", "fireball diameter"), rel=0.03)


def test_pool_fire_within_10_percent_of_aloha(shared_data: Path) -> None:
    fire = pool.pool_fire(TOLUENE, np.sqrt(80 / np.pi), NIGHT)
    assert reaches(fire) == pytest.approx(aloha(shared_data, "F1", "distance"), rel=0.10)
    assert [fire.flame_length_m] == pytest.approx(aloha(shared_data, "F1", "flame length"), rel=0.10)


def test_two_phase_jet_fire_within_10_percent_of_aloha(shared_data: Path) -> None:
    fire = jet.jet_fire(PROPANE, 1830 / 60, 0.05, NIGHT, aerosol=True)
    assert reaches(fire) == pytest.approx(aloha(shared_data, "F5", "distance"), rel=0.10)


def test_detonation_within_10_percent_of_aloha(shared_data: Path) -> None:
    # 4.6 kg within flammable limits centred 9.5 m downwind: what ALOHA's three distances imply
    explosion = blast.cloud_explosion(PROPANE, 4.6, congestion="high", detonation=True, centre_m=9.5)
    ours = [zones.blast_reach_m(explosion, level.si) + 9.5 for level in zones.BLAST_LEVELS]
    assert ours == pytest.approx(aloha(shared_data, "V4", "distance"), rel=0.10)


def test_congested_cloud_keeps_its_middle_zone() -> None:
    # ALOHA V2: 18 and 34 m. A program that took the nearest curve instead of interpolating lost the 3.5 psi zone.
    explosion = blast.cloud_explosion(PROPANE, 4.6, congestion="high", centre_m=9.5)
    worst, middle, far = (zones.blast_reach_m(explosion, level.si) for level in zones.BLAST_LEVELS)
    assert worst == 0.0
    assert middle + 9.5 == pytest.approx(18, rel=0.10)
    assert far + 9.5 == pytest.approx(34, rel=0.10)


def test_uncongested_spark_breaks_no_glass() -> None:
    explosion = blast.cloud_explosion(PROPANE, 4.6, congestion="low")
    assert zones.blast_reach_m(explosion, zones.BLAST_LEVELS[-1].si) == 0.0


def test_johnson_1089_radiometers() -> None:
    # natural gas 3.8 kg/s through 20 mm, lying; radiometers beside the flame (Johnson, Brightwell & Carsley 1994)
    fire = jet.jet_fire(METHANE, 3.8, 0.020, SourceWeather(288.15, 5.0, "D", 0.6), direction="downwind", height_m=3.0)
    points = [(15.0, y, 1.0) for y in (10.3, 14.3, 18.3, 22.3, 26.3)]
    ratio = fire.flux_w_m2(points) / 1000 / np.array([9.5, 5.8, 3.8, 2.6, 2.0])
    assert (ratio > 0.5).all() and (ratio < 2.0).all()


def test_kingery_bulmash_reference_point() -> None:
    # 10 t at 500 m: 5.055 kPa in an independent implementation of Swisdak (1994)
    assert float(tnt.incident_overpressure_pa(500.0, 10_000.0)) == pytest.approx(5054.96, rel=1e-3)


def test_jet_share_radiated_by_hand() -> None:
    # Chamberlain: 0.21 exp(-0.00323 * 400) + 0.11 for natural gas
    assert jet.radiated_share(0.01604, 400.0) == pytest.approx(0.1677, abs=1e-4)
    assert jet.radiated_share(0.0441, 0.0) == pytest.approx(0.21 * np.sqrt(44.1 / 21) + 0.11)


def test_disk_seen_on_its_axis() -> None:
    # F = R^2/(R^2 + H^2) (Incropera, Fundamentals of Heat and Mass Transfer, table 13.2)
    surface = radiation.frustum(4.0, 4.0, 1e-6, ends=(False, True))
    seen, _ = radiation.view_factor(surface, [(0.0, 0.0, 3.0), (0.0, 0.0, 6.0)])
    assert seen == pytest.approx([4 / 13, 4 / 40], rel=0.02)


def test_upright_cylinder_seen_from_the_ground() -> None:
    surface = radiation.frustum(2.0, 2.0, 6.0, foot_m=(0.0, 0.0, 1e-9), ends=(False, False))
    seen, _ = radiation.view_factor(surface, [(4.0, 0.0, 0.0)])
    upright, flat = _mudan(6.0, 4.0)
    assert seen == pytest.approx(np.hypot(upright, flat), rel=0.02)


def _mudan(h: float, s: float) -> tuple[float, float]:
    """Upright and flat view factor of a cylinder of unit radius, height h, at s radii (Mudan 1984)."""
    a, b = (h**2 + s**2 + 1) / (2 * s), (1 + s**2) / (2 * s)
    ra, rb = np.sqrt((a + 1) * (s - 1) / ((a - 1) * (s + 1))), np.sqrt((s - 1) / (s + 1))
    upright = (
        np.arctan(h / np.sqrt(s**2 - 1)) / (np.pi * s)
        - h / (np.pi * s) * np.arctan(rb)
        + a * h / (np.pi * s * np.sqrt(a**2 - 1)) * np.arctan(ra)
    )
    flat = (b - 1 / s) / (np.pi * np.sqrt(b**2 - 1)) * np.arctan(np.sqrt((b + 1) * (s - 1) / ((b - 1) * (s + 1))))
    flat -= (a - 1 / s) / (np.pi * np.sqrt(a**2 - 1)) * np.arctan(ra)
    return float(upright), float(flat)


# --- harm


def test_lethal_flux_of_half_the_people() -> None:
    # probit 5 is one half: V = exp((5 + 36.38)/2.56) (Tsao & Perry)
    dose = np.exp((5 + 36.38) / 2.56)
    flux = (dose / 60.0) ** 0.75
    assert float(harm.heat_fatality(flux, 60.0)) == pytest.approx(0.5, abs=1e-6)
    assert float(harm.blast_fatality(np.exp((5 + 77.1) / 6.91), "lung")) == pytest.approx(0.5, abs=1e-6)


def test_models_of_harm_rise_and_end_at_one() -> None:
    flux = np.array([0.0, 2e3, 1e4, 5e4, 5e5])
    for name in harm.HEAT:
        shares = harm.heat_fatality(flux, 30.0, name)
        assert shares[0] == 0.0 and shares[-1] > 0.99
        assert (np.diff(shares) >= 0).all()
    pressure = np.array([1e3, 1e4, 1e5, 1e6])
    assert (np.diff(harm.blast_fatality(pressure)) > 0).all()


# --- invariants and limits


@pytest.mark.parametrize("wind", [0.0, 1.0, 5.0, 15.0])
def test_flames_stay_finite_in_any_wind(wind: float) -> None:
    weather = SourceWeather(288.15, wind)
    for fire in (pool.pool_fire(TOLUENE, 8.0, weather), jet.jet_fire(METHANE, 2.0, 0.05, weather)):
        flux = fire.flux_w_m2([(d, 0.0, 0.0) for d in (5.0, 20.0, 80.0, 300.0)])
        assert np.isfinite(flux).all()
        assert (np.diff(flux[1:]) < 0).all()


def test_wind_leans_the_pool_fire_downwind() -> None:
    fire = pool.pool_fire(TOLUENE, 8.0, NIGHT)
    down, up = fire.flux_w_m2([(25.0, 0.0, 0.0), (-25.0, 0.0, 0.0)])
    assert down > 2 * up
    left, right = fire.flux_w_m2([(10.0, 12.0, 0.0), (10.0, -12.0, 0.0)])
    assert left == pytest.approx(right, rel=1e-6)


def test_far_flux_carries_the_radiated_power() -> None:
    # far away a flame is a point: the flux over a sphere adds up to what is radiated (in dry air)
    dry = SourceWeather(288.15, 0.0, relative_humidity=0.0)
    fire = pool.pool_fire(TOLUENE, 5.0, dry)
    radiated = 0.3 * fire.burning_rate_kg_s * TOLUENE.need_heat_of_combustion()
    rng = np.random.default_rng(1)
    direction = rng.normal(size=(4000, 3))
    direction[:, 2] = np.abs(direction[:, 2])
    direction /= np.linalg.norm(direction, axis=1)[:, None]
    upper_half = fire.flux_w_m2(500.0 * direction).mean() * 2 * np.pi * 500.0**2
    assert 0.45 * radiated < upper_half < 0.75 * radiated  # the side radiates up and down, the top up


def test_transmissivity_falls_with_path_and_humidity() -> None:
    near, far = radiation.transmissivity(NIGHT, [10.0, 1000.0])
    assert 0 < far < near <= 1


def test_blast_curves_never_rise_with_distance() -> None:
    x = np.geomspace(0.36, 50, 200)
    for mach in (0.1, 0.2, 0.3, 0.5, 1.0, 5.2):
        assert (np.diff(blast.scaled_overpressure(x, mach)) <= 1e-12).all()
    stronger = [float(blast.scaled_overpressure(1.0, mach)) for mach in (0.2, 0.3, 0.5, 0.7, 2.0, 5.2)]
    assert (np.diff(stronger) > 0).all()


def test_eightfold_mass_doubles_the_reach_of_a_blast() -> None:
    one, eight = (tnt.solid_explosion(mass, tnt_equivalence=0.5) for mass in (1000.0, 8000.0))
    assert zones.blast_reach_m(eight, 7000.0) == pytest.approx(2 * zones.blast_reach_m(one, 7000.0), rel=1e-3)


class _Box:
    """Cloud of even concentration in a box: 40 m long, 10 m to each side, 3 m high."""

    def __init__(self, concentration: float) -> None:
        self.value = concentration

    def concentration(self, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        x, y, z = np.broadcast_arrays(np.asarray(x, float), np.asarray(y, float), np.asarray(z, float))
        return np.where((x <= 40) & (np.abs(y) <= 10) & (z <= 3), self.value, 0.0)


def test_flammable_mass_of_a_box() -> None:
    found = flammable.flammable_cloud(_Box(0.05), 0.04, 0.2)
    assert found.mass_kg == pytest.approx(0.05 * 40 * 20 * 3, rel=0.03)
    assert found.centre_m == pytest.approx(20.0, rel=0.05)
    assert flammable.flammable_cloud(_Box(0.5), 0.04, 0.2).mass_kg == 0.0  # too rich
    assert flammable.flammable_cloud(_Box(0.01), 0.04, 0.2) == flammable.FlammableCloud(0.0, 0.0, 0.0)  # too lean


# --- bad input


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda: pool.pool_fire(TOLUENE, 0.0, NIGHT), "diameter 0"),
        (lambda: jet.jet_fire(PROPANE, -1.0, 0.0, NIGHT), "rate -1.*hole diameter 0"),
        (lambda: fireball.fireball(PROPANE, 6e6, NIGHT), "at most"),
        (lambda: blast.cloud_explosion(PROPANE, 0.0, congestion="low"), "above 0"),
        (lambda: tnt.solid_explosion(10.0), "either"),
        (lambda: zones.own_levels([], "kPa"), "one to three"),
    ],
)
def test_bad_input_is_one_sentence(call, word: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match=word):
        call()


def test_what_does_not_burn_says_so() -> None:
    with pytest.raises(MissingError, match="heat of combustion"):
        pool.pool_fire(properties.of("chlorine"), 5.0, NIGHT)
