"""Do the frozen properties agree with published values, and are they refused where they have no meaning?"""

import csv
import math
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from gis.errors import InputError, MissingError, OutOfRangeError
from gis.provenance import Trust
from plume import properties
from plume.substances import known, read_table

# Antoine constants of the NIST WebBook, log10(P/bar) = A - B/(T + C), T in K: (A, B, C, lowest, highest)
NIST_ANTOINE = {
    "benzene": (4.01814, 1203.835, -53.226, 287.7, 354.1),
    "methanol": (5.20409, 1581.341, -33.50, 288.1, 356.8),
    "acetone": (4.42448, 1312.253, -32.445, 259.2, 507.6),
    "ethanol": (5.24677, 1598.673, -46.424, 292.8, 366.6),
    "toluene": (4.14157, 1377.578, -50.507, 273.0, 323.0),
}
# NIST WebBook, saturation at 20 °C, bar
NIST_SATURATION_20C_BAR = {
    "ammonia": 8.575,
    "propane": 8.365,
    "chlorine": 6.77,
    "sulfur dioxide": 3.30,
    "n-butane": 2.08,
}


@pytest.mark.parametrize("substance", NIST_ANTOINE)
def test_vapour_pressure_from_5_to_35_c(substance: str) -> None:
    a, b, c, lowest, highest = NIST_ANTOINE[substance]
    temperature = np.arange(278.15, 308.2, 5.0)
    temperature = temperature[(temperature >= lowest) & (temperature <= highest)]
    published = 1e5 * 10 ** (a - b / (temperature + c))
    assert properties.of(substance).vapour_pressure_pa(temperature) == pytest.approx(published, rel=0.03)


@pytest.mark.parametrize(("substance", "bar"), NIST_SATURATION_20C_BAR.items())
def test_vapour_pressure_of_liquefied_gases(substance: str, bar: float) -> None:
    assert float(properties.of(substance).vapour_pressure_pa(293.15)) == pytest.approx(bar * 1e5, rel=0.02)


def test_vapour_pressure_against_aloha(shared_data: Path) -> None:
    with (shared_data / "plume" / "aloha_reference_outputs.csv").open(encoding="utf-8") as handle:
        rows = [row for row in csv.DictReader(handle) if row["quantity"] == "vapour pressure"]
    assert len(rows) >= 6
    for row in rows:
        celsius = float(row["inputs"].split()[-1].removesuffix("C"))
        ours = float(properties.of(row["substance"]).vapour_pressure_pa(celsius + 273.15)) / 101325
        assert ours == pytest.approx(float(row["aloha_value"]), rel=0.10), row["case"]


@pytest.mark.parametrize("substance", properties.known())
def test_vapour_pressure_is_one_atmosphere_at_the_boiling_point(substance: str) -> None:
    p = properties.of(substance)
    if "sublimes" in p.notes:
        pytest.skip("has no liquid at one atmosphere")
    assert float(p.vapour_pressure_pa(p.boiling_point_k)) == pytest.approx(101325, rel=0.04)
    assert p.boiling_temperature_k(101325) == pytest.approx(p.boiling_point_k, abs=1.0)


@pytest.mark.parametrize(
    ("substance", "temperature_k", "kg_m3"),
    # NIST WebBook, saturated liquid; the last two CRC Handbook
    [("propane", 294.26, 498.5), ("ammonia", 293.15, 610.2), ("chlorine", 288.15, 1424.0), ("benzene", 288.15, 884.3),
     ("toluene", 288.15, 871.6), ("methanol", 298.15, 786.6), ("acetone", 298.15, 784.5)],
)  # fmt: skip
def test_liquid_density(substance: str, temperature_k: float, kg_m3: float) -> None:
    assert float(properties.of(substance).liquid_density_kg_m3(temperature_k)) == pytest.approx(kg_m3, rel=0.01)


def test_latent_heat_and_heat_capacity_of_propane() -> None:
    propane = properties.of(
        "propane"
    )  # NIST WebBook: 425.6 kJ/kg at the boiling point, 344 kJ/kg and 2.66 kJ/(kg K) at 20 °C
    assert propane.latent_heat_at_boiling_j_kg == pytest.approx(425.6e3, rel=0.01)
    assert float(propane.latent_heat_j_kg(293.15)) == pytest.approx(344e3, rel=0.03)
    assert float(propane.liquid_heat_capacity_j_kg_k(293.15)) == pytest.approx(2660, rel=0.05)


@pytest.mark.parametrize(
    ("substance", "mj_kg"), [("propane", 46.35), ("methane", 50.0), ("n-butane", 45.7), ("hydrogen", 120.0)]
)
def test_heat_of_combustion(substance: str, mj_kg: float) -> None:
    # Perry's Handbook, net heats of combustion
    assert properties.of(substance).need_heat_of_combustion() == pytest.approx(mj_kg * 1e6, rel=0.01)


def test_every_substance_of_the_product_has_properties() -> None:
    assert {s.key for s in known()} == set(properties.known())
    assert len(properties.known()) >= 31


def test_every_row_carries_a_source_and_a_trust_code() -> None:
    for row in read_table("properties.csv"):
        assert row["source"] and row["status"] in get_args(Trust)
        assert math.isfinite(float(row["value"]))


@pytest.mark.parametrize("substance", ["carbon monoxide", "hydrogen", "methane"])
def test_no_vapour_pressure_above_the_critical_point(substance: str) -> None:
    with pytest.raises(OutOfRangeError, match="critical"):
        properties.of(substance).vapour_pressure_pa(293.0)


def test_trap_of_hydrogen_fluoride_is_told() -> None:
    fluoride = properties.of("hydrogen fluoride")
    assert "vapour_associates" in fluoride.notes
    assert fluoride.origins["latent_heat_at_boiling"].trust == "unverified"


def test_what_is_missing_says_so() -> None:
    with pytest.raises(MissingError, match="heat of combustion"):
        properties.of("chlorine").need_heat_of_combustion()
    with pytest.raises(MissingError, match="flammable"):
        properties.of("chlorine").need_flammable_limits()
    with pytest.raises(InputError):
        properties.of("unobtainium")


def test_properties_never_import_their_makers() -> None:
    text = Path(properties.__file__).read_text(encoding="utf-8")
    assert "import chemicals" not in text and "import thermo" not in text
