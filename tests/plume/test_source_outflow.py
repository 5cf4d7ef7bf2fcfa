"""Do leaks agree with published outflow, keep their mass, and fall as the container empties?"""

import csv
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from gis.errors import InputError, OutOfRangeError
from plume import properties
from plume.source import flashing, gas, kinds, liquid, outflow, smoke
from plume.source.tank import Hole, Tank
from plume.source.weather import SourceWeather

FOOT, INCH, POUND = 0.3048, 0.0254, 0.45359237
ADIABATIC = 1e-6
MILD = SourceWeather(288.15, 5.0, "D", 0.6, 5)
LYING = Tank("horizontal_cylinder", 2.5, 8.0)


def aloha(folder: Path, case: str, quantity: str) -> float:
    with (folder / "plume" / "aloha_reference_outputs.csv").open(encoding="utf-8") as handle:
        (value,) = (
            row["aloha_value"]
            for row in csv.DictReader(handle)
            if row["case"] == case and row["quantity"].startswith(quantity)
        )
    return float(value)


# --- published cases


def test_liquid_jet_of_ccps_1999_page_40() -> None:
    rate = liquid.flow_hj169(np.pi * 0.01**2 / 4, 120935.0368, 101325.0, 490.0, 0.0, 0.63)
    assert float(rate) == pytest.approx(0.21691154763598, rel=1e-3)


def test_gas_jet_of_ccps_1999_page_47() -> None:
    mass = 8.90 * 8.31446261815324 * 298.0 / 501e3
    rate = gas.flow(np.pi * 0.01**2 / 4, 501e3, 298.0, mass, 1.15, discharge=0.85)
    assert float(rate) == pytest.approx(0.09002799947, rel=1e-3)


def test_choked_and_unchoked_flow_meet() -> None:
    border = 101325.0 / gas.critical_ratio(1.4)
    below, above = gas.flow(1e-3, [border * (1 - 1e-9), border * (1 + 1e-9)], 288.0, 0.029, 1.4)
    assert below == pytest.approx(above, rel=1e-6)


def test_propane_tank_of_aloha_example_2(shared_data: Path) -> None:
    tank = Tank("horizontal_cylinder", 9.07 * FOOT, 70 * FOOT)
    hole = Hole.slot(40 * INCH, 0.1 * INCH)
    term = flashing.from_tank(properties.of("propane"), tank, hole, tank.volume_m3, 294.26)
    assert term.sustained_rate_kg_s() * 60 / POUND == pytest.approx(aloha(shared_data, "EX2", "max"), rel=0.10)
    assert term.total_mass_kg / POUND == pytest.approx(aloha(shared_data, "EX2", "total"), rel=0.10)
    assert term.end_s / 60 == pytest.approx(aloha(shared_data, "EX2", "release duration"), rel=0.10)


def test_chlorine_tank_of_aloha(shared_data: Path) -> None:
    kind = kinds.TankLiquid(
        tank_diameter_m=2.5, tank_length_m=8, fill_fraction=0.8, hole_diameter_m=0.05, hole_bottom_m=0.1
    )
    term = outflow.to_source_term(kind, properties.of("chlorine"), MILD)
    assert term.method == "two_phase_aloha"
    assert term.sustained_rate_kg_s() * 60 == pytest.approx(aloha(shared_data, "TANK-chlorine-D", "max"), rel=0.10)


def test_smoke_by_hj169_by_hand() -> None:
    assert smoke.sulfur_dioxide_kg_s(10.0, 0.02) == pytest.approx(0.4)
    assert smoke.carbon_monoxide_kg_s(1000.0, 0.015, 0.85) == pytest.approx(29.7075)


# --- invariants


def test_half_full_lying_cylinder_and_sphere() -> None:
    for tank in (LYING, Tank("sphere", 3.0), Tank("vertical_cylinder", 3.0, 7.0)):
        assert float(tank.volume_below_m3(tank.height_m / 2)) == pytest.approx(tank.volume_m3 / 2)
        volumes = tank.volume_m3 * np.array([0.0, 0.1, 0.37, 0.9, 1.0])
        assert tank.volume_below_m3(tank.level_of_m(volumes)) == pytest.approx(volumes, abs=1e-6)


def test_hole_half_covered_passes_half() -> None:
    area, head = Hole.circle(0.2, 0.5).covered([0.4, 0.6, 2.0])
    assert area == pytest.approx(np.pi * 0.01 * np.array([0.0, 0.5, 1.0]))
    assert head == pytest.approx([0.0, 0.05, 1.4])


@pytest.mark.parametrize("pressure_pa", [None, 1.5e5])
def test_drained_mass_is_the_volume_above_the_hole(pressure_pa: float | None) -> None:
    drained = liquid.drain(
        LYING,
        Hole.circle(0.05, 0.4),
        0.8 * LYING.volume_m3,
        800.0,
        288.0,
        vapour_pressure_pa=2e4,
        tank_pressure_pa=pressure_pa,
    )
    above = 800.0 * (0.8 * LYING.volume_m3 - float(LYING.volume_below_m3(0.4)))
    assert drained.mass_kg == pytest.approx(above, rel=0.02)
    assert (np.diff(drained.rate_kg_s) <= 1e-12).all()


def test_draining_time_of_an_open_upright_tank() -> None:
    # Torricelli: t = (At/(Cd A)) sqrt(2 h/g) for a tank open to the air (Streeter, Fluid Mechanics)
    tank, hole = Tank("vertical_cylinder", 2.0, 4.0), Hole(1e-3)
    drained = liquid.drain(tank, hole, tank.volume_m3, 800.0, 288.0, vapour_pressure_pa=0, tank_pressure_pa=101325.0)
    exact = np.pi / (0.65 * 1e-3) * np.sqrt(2 * 4.0 / 9.80665)
    assert drained.edges_s[-1] == pytest.approx(exact, rel=0.02)


@pytest.mark.parametrize("emptying", ["adiabatic", "isothermal"])
def test_vessel_releases_what_it_held_above_the_air(emptying: gas.Emptying) -> None:
    methane = properties.of("methane")
    term = gas.from_vessel(methane, 10.0, 50e5, 288.15, 3e-4, emptying=emptying)
    n = methane.gamma if emptying == "adiabatic" else 1.0
    density = 50e5 * methane.molar_mass_kg_mol / (8.31446 * 288.15) / methane.compressibility(288.15, 50e5)
    assert term.total_mass_kg == pytest.approx(10 * density * (1 - (101325 / 50e5) ** (1 / n)), rel=1e-5)
    assert (np.diff(term.rate_kg_s) < 0).all()


def test_broken_pipe_releases_its_inventory() -> None:
    methane = properties.of("methane")
    term = gas.from_broken_pipe(methane, 0.3, 5000.0, 40e5, 288.15)
    density = 40e5 * methane.molar_mass_kg_mol / (8.31446 * 288.15) / methane.compressibility(288.15, 40e5)
    assert term.total_mass_kg == pytest.approx(np.pi * 0.15**2 * 5000 * density, rel=1e-5)


def test_tank_cools_as_it_empties_and_keeps_its_mass() -> None:
    chlorine = properties.of("chlorine")
    content = 0.8 * LYING.volume_m3
    term = flashing.from_tank(chlorine, LYING, Hole.circle(0.05, 0.0), content, 293.15)
    assert term.total_mass_kg == pytest.approx(content * float(chlorine.liquid_density_kg_m3(293.15)), rel=ADIABATIC)
    assert (np.diff(term.rate_kg_s) < 0).all()
    assert (term.vapour_fraction < 0.5).all()


def test_longer_pipe_lets_less_through_down_to_equilibrium() -> None:
    propane = properties.of("propane")
    flows = [
        flashing.from_tank(propane, LYING, Hole.circle(0.05, 0.0, length), 20.0, 293.15).peak_rate_kg_s
        for length in (0.0, 0.05, 0.1, 0.2)
    ]
    assert flows[0] > flows[1] > flows[2]
    assert flows[3] == pytest.approx(flows[2])


def test_gas_cannot_cool_below_its_boiling_point() -> None:
    ammonia = properties.of("ammonia")
    temperature, vapour = gas.expanded(ammonia, 300.0, 10e5, 101325.0)
    assert float(temperature) == pytest.approx(ammonia.boiling_point_k)
    assert 0.9 < float(vapour) < 1.0


def test_hj169_two_phase_quality_lies_between_liquid_and_gas() -> None:
    propane = properties.of("propane")
    rate, share = flashing.flow_hj169(propane, 1e-3, 8e5, 293.15)
    assert 0.0 < share < 0.3
    assert rate < float(liquid.flow_hj169(1e-3, 8e5, 101325.0, 500.0, 0.0, 0.8))


@pytest.mark.parametrize(
    ("kind", "substance"),
    [
        (kinds.TankLiquid(tank_diameter_m=2, tank_length_m=5, fill_fraction=0.5, hole_diameter_m=0.03), "methanol"),
        (
            kinds.TankLiquid(
                tank_shape="sphere", tank_diameter_m=6, content_kg=4e4, hole_diameter_m=0.03, method="hj169"
            ),
            "benzene",
        ),
        (kinds.TwoPhase(tank_diameter_m=2, tank_length_m=5, fill_fraction=0.5, hole_diameter_m=0.03), "ammonia"),
        (kinds.VesselGas(volume_m3=5, pressure_bar=30, hole_diameter_m=0.01), "carbon monoxide"),
        (kinds.Puddle(mass_kg=500, area_m2=20), "acetone"),
        (kinds.Puddle(mass_kg=500, area_m2=20, method="hj169"), "chlorine"),
        (kinds.PipeRupture(phase="gas", pipe_diameter_m=0.2, pipe_length_m=800, pressure_bar=16), "methane"),
        (
            kinds.PipeRupture(
                phase="liquid",
                pipe_diameter_m=0.1,
                pipe_length_m=300,
                pressure_bar=9,
                pumped_kg_s=5,
                valve_closing_s=60,
            ),
            "ammonia",
        ),
        (kinds.FireSmoke(burning_rate_kg_s=2, duration_s=1800, sulfur_fraction=0.03), "sulfur dioxide"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_every_kind_gives_a_term_within_its_horizon(kind: kinds.AnyKind, substance: str) -> None:
    term = outflow.to_source_term(kind, properties.of(substance), MILD)
    assert term.integral_kg() == pytest.approx(term.total_mass_kg, rel=1e-6)
    assert term.end_s <= kind.horizon_s + 1e-9
    assert term.reference and term.method


# --- bad input


@pytest.mark.parametrize(
    ("build", "word"),
    [
        (lambda: kinds.TankLiquid(tank_diameter_m=2, tank_length_m=5, hole_diameter_m=0.1), "fill_fraction or content"),
        (lambda: kinds.TankLiquid(tank_diameter_m=2, fill_fraction=1, hole_diameter_m=0.1), "tank_length_m"),
        (lambda: kinds.TankLiquid(tank_diameter_m=2, tank_length_m=5, fill_fraction=1), "hole_diameter_m or both"),
        (lambda: kinds.Puddle(mass_kg=100, content_kg=50), "more than the tank"),
        (lambda: kinds.Puddle(mass_kg=-1), "greater than 0"),
        (lambda: kinds.VesselGas(volume_m3=1, pressure_bar=5, hole_diameter_m=0.1, colour="red"), "Extra inputs"),
    ],
)
def test_case_file_faults(build, word: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValidationError, match=word):
        build()


def _chlorine(kind: kinds.AnyKind) -> None:
    outflow.to_source_term(kind, properties.of("chlorine"), MILD)


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (
            lambda: _chlorine(
                kinds.TankLiquid(tank_diameter_m=2, tank_length_m=5, content_kg=90_000, hole_diameter_m=0.05)
            ),
            "do not fit",
        ),
        (lambda: _chlorine(kinds.VesselGas(volume_m3=1, pressure_bar=1, hole_diameter_m=0.1)), "not above the air"),
        (lambda: _chlorine(kinds.VesselGas(volume_m3=1, pressure_bar=20, hole_diameter_m=0.1)), "is liquid above"),
        (lambda: _chlorine(kinds.FireSmoke(burning_rate_kg_s=1, duration_s=9)), "smoke is computed for"),
        (
            lambda: outflow.to_source_term(
                kinds.TwoPhase(tank_diameter_m=2, tank_length_m=5, fill_fraction=1, hole_diameter_m=0.05),
                properties.of("benzene"),
                MILD,
            ),
            "does not flash",
        ),
        (
            lambda: outflow.to_source_term(
                kinds.TankLiquid(
                    tank_diameter_m=2, tank_length_m=5, fill_fraction=0.1, hole_diameter_m=0.05, hole_bottom_m=1.5
                ),
                properties.of("benzene"),
                MILD,
            ),
            "nothing would run out",
        ),
        (lambda: outflow.check_content(2000.0, 1000.0), "more than"),
    ],
)
def test_impossible_sources_are_one_sentence(call, word: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match=word):
        call()


def test_liquid_hydrogen_at_ambient_is_refused() -> None:
    kind = kinds.TankLiquid(tank_diameter_m=2, tank_length_m=5, fill_fraction=1, hole_diameter_m=0.05)
    with pytest.raises(OutOfRangeError, match="treat it as a gas"):
        outflow.to_source_term(kind, properties.of("hydrogen"), MILD)


def test_carbon_dioxide_leaves_as_snow_and_gas() -> None:
    kind = kinds.TwoPhase(
        tank_diameter_m=2, tank_length_m=5, fill_fraction=0.8, hole_diameter_m=0.05, temperature_c=-20
    )
    term = outflow.to_source_term(kind, properties.of("carbon dioxide"), MILD)
    assert term.temperature_k[0] == pytest.approx(194.7, abs=0.5)
    assert "sublimes" in term.notes


@pytest.mark.parametrize("substance", properties.known())
@pytest.mark.parametrize("celsius", [-20.0, 15.0, 40.0])
def test_a_leaking_tank_of_anything_is_computed_or_refused_in_words(substance: str, celsius: float) -> None:
    kind = kinds.TankLiquid(tank_diameter_m=2, tank_length_m=5, fill_fraction=0.8, hole_diameter_m=0.03)
    weather = SourceWeather(celsius + 273.15, 2.0, "D")
    try:
        term = outflow.to_source_term(kind, properties.of(substance), weather)
    except OutOfRangeError as refused:
        assert substance in str(refused)
    else:
        assert np.isfinite(term.rate_kg_s).all()
        assert term.spilled_mass_kg >= term.total_mass_kg * (1 - 1e-9)
