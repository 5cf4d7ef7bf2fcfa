"""Does a puddle evaporate as ALOHA's do, keep its mass, and survive its boiling point?"""

import csv
import re
from pathlib import Path

import numpy as np
import pytest

from gis.errors import InputError
from plume import properties
from plume.source import brighton, hj169, kinds, outflow, puddle
from plume.source.weather import SourceWeather


def weather_of(text: str) -> SourceWeather:
    """ALOHA's two nights: D with 5/10 cloud and 60 % humidity, F clear with 80 %."""
    stability, wind, celsius = re.search(r"\b([DF]) ([\d.]+) ?m/s (\d+)C", text).groups()  # type: ignore[union-attr]
    mild = stability == "D"
    return SourceWeather(float(celsius) + 273.15, float(wind), stability, 0.6 if mild else 0.8, 5 if mild else 0)  # type: ignore[arg-type]


def rows(folder: Path, model: str) -> list[dict[str, str]]:
    with (folder / "plume" / "aloha_reference_outputs.csv").open(encoding="utf-8") as handle:
        return [row for row in csv.DictReader(handle) if row["aloha_model"] == model]


def check(row: dict[str, str], term: object) -> None:
    ours = (
        term.sustained_rate_kg_s() * 60 if row["quantity"].startswith("max") else term.total_mass_kg  # type: ignore[attr-defined]
    )
    assert ours == pytest.approx(float(row["aloha_value"]), rel=0.10), f"{row['case']} {row['quantity']}"


def test_standing_puddles_of_aloha(shared_data: Path) -> None:
    cases = [row for row in rows(shared_data, "puddle") if row["quantity"] != "vapour pressure"]
    assert len(cases) >= 18
    for row in cases:
        mass, area = re.search(r"(\d+) kg ?(?:on |/)(\d+) ?m2", row["inputs"]).groups()  # type: ignore[union-attr]
        bed = puddle.PuddleBed("concrete", float(area))
        check(row, puddle.spilled(properties.of(row["substance"]), float(mass), bed, weather_of(row["inputs"])))


def test_puddles_fed_by_a_tank_of_aloha(shared_data: Path) -> None:
    cases = rows(shared_data, "source")
    assert len(cases) == 6
    for row in cases:
        kind = kinds.TankLiquid(
            tank_diameter_m=2.5,
            tank_length_m=8,
            fill_fraction=0.8,
            hole_diameter_m=0.05,
            hole_bottom_m=0.1,
            largest_puddle_m2=10,
        )
        check(row, outflow.to_source_term(kind, properties.of(row["substance"]), weather_of(row["inputs"])))


# --- the list of faults other programs had


def test_drain_rate_is_never_the_airborne_rate() -> None:
    kind = kinds.TankLiquid(
        tank_diameter_m=2.5, tank_length_m=8, fill_fraction=0.8, hole_diameter_m=0.05, largest_puddle_m2=10
    )
    term = outflow.to_source_term(kind, properties.of("methanol"), SourceWeather(288.15, 5.0))
    assert term.peak_rate_kg_s < 1.5 / 20  # about 1.5 kg/s drain through 5 cm
    assert term.spilled_mass_kg > 20 * term.total_mass_kg
    assert "liquid_left_on_ground" in term.notes


@pytest.mark.parametrize("substance", ["chlorine", "ammonia", "propane"])
@pytest.mark.parametrize("surface", ["concrete", "water"])
def test_puddle_at_its_boiling_point_stays_finite(substance: str, surface: str) -> None:
    bed = puddle.PuddleBed(surface, 20.0)  # type: ignore[arg-type]
    term = puddle.spilled(properties.of(substance), 500.0, bed, SourceWeather(293.15, 3.0))
    assert np.isfinite(term.rate_kg_s).all()
    assert (term.temperature_k <= properties.of(substance).boiling_point_k + 0.5).all()
    assert term.total_mass_kg <= 500.0 * (1 + 1e-9)


def test_lighter_molecule_evaporates_faster_at_equal_vapour_pressure() -> None:
    light = brighton.transfer_coefficient(0.020, 5.0, 0.142, 4.0)
    heavy = brighton.transfer_coefficient(0.120, 5.0, 0.142, 4.0)
    assert light > heavy


def test_correction_of_volatile_liquids_is_one_for_none_and_held_at_four() -> None:
    assert brighton.volatile_factor(1e-6, 101325.0) == pytest.approx(1.0)
    assert brighton.volatile_factor(101325.0, 101325.0) == 4.0
    assert brighton.volatile_factor(5e5, 101325.0) == 4.0


# --- invariants


def test_spreading_puddle_keeps_its_mass_and_stops_at_5_mm() -> None:
    toluene = properties.of("toluene")
    term = puddle.spilled(toluene, 1000.0, puddle.PuddleBed(), SourceWeather(288.15, 5.0))
    area = np.pi * term.diameter_m**2 / 4
    assert area == pytest.approx(1000.0 / float(toluene.liquid_density_kg_m3(288.15)) / 0.005, rel=0.02)
    assert term.total_mass_kg <= term.spilled_mass_kg == pytest.approx(1000.0)


def test_small_spill_evaporates_wholly() -> None:
    term = puddle.spilled(properties.of("acetone"), 20.0, puddle.PuddleBed("soil", 20.0), SourceWeather(298.15, 5.0))
    assert term.total_mass_kg == pytest.approx(20.0, rel=1e-6)
    assert term.end_s < 3600


def test_sun_evaporates_more_than_night() -> None:
    bed = puddle.PuddleBed("soil", 20.0)
    night, noon = (
        puddle.spilled(properties.of("benzene"), 900.0, bed, SourceWeather(298.15, 3.0, "D", 0.5, 2, sun)).total_mass_kg
        for sun in (0.0, 60.0)
    )
    assert noon > 1.05 * night


def test_evaporation_follows_time_not_the_steps() -> None:
    bed, weather = puddle.PuddleBed("concrete", 10.0), SourceWeather(288.15, 5.0)
    hour = puddle.spilled(properties.of("acetone"), 1000.0, bed, weather)
    day = puddle.spilled(properties.of("acetone"), 1000.0, bed, weather, horizon_s=7200.0)
    assert float(day.released_kg(3600.0)) == pytest.approx(hour.total_mass_kg, rel=1e-3)


def test_hj169_mass_evaporation_by_hand() -> None:
    # D: n 0.25, a 4.685e-3; benzene at 25 °C 12.69 kPa (NIST), u 2 m/s, r 5 m
    weather = SourceWeather(298.15, 2.0, "D")
    by_hand = 4.685e-3 * 12690 * 0.07811 / (8.314 * 298.15) * 2 ** (1.75 / 2.25) * 5 ** (4.25 / 2.25)
    assert hj169.mass_evaporation_kg_s(properties.of("benzene"), 5.0, weather) == pytest.approx(by_hand, rel=0.02)


def test_hj169_sum_is_held_to_what_was_spilled() -> None:
    weather = SourceWeather(298.15, 3.0, "D")
    term = hj169.spilled(properties.of("chlorine"), 50.0, 30.0, weather, temperature_k=298.15)
    assert term.total_mass_kg == pytest.approx(50.0, rel=1e-9)
    assert term.released_kg(1.0) >= 50.0 * 0.17


def test_no_wind_is_refused() -> None:
    with pytest.raises(InputError, match="wind is 0"):
        puddle.spilled(properties.of("benzene"), 100.0, puddle.PuddleBed(), SourceWeather(288.15, 0.0))
