"""Does a case file that names a fire, an explosion or any source run from end to end?"""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gis.columns import ZONES
from gis.errors import InputError, MissingError
from plume import case as cases
from plume import clouds, properties
from plume.fire import flammable, ignition
from plume.forecast import concentration_at, forecast


def written(release: dict[str, Any], **weather: Any) -> cases.Case:
    air = {"wind_speed_m_s": 4.0, "wind_from_deg": 225.0, "stability": "D", "temperature_c": 20.0} | weather
    return cases.read(
        {
            "name": "演练",
            "incident": {"longitude": 118.71, "latitude": 31.41, "occurred_at": "2026-05-01T10:00:00+08:00"},
            "release": release,
            "weather": air,
        }
    )


TANK = {"tank_diameter_m": 2.5, "tank_length_m": 8, "fill_fraction": 0.8, "hole_diameter_m": 0.05}
RELEASES = [
    {"kind": "tank_liquid", "substance": "苯", **TANK, "largest_puddle_m2": 50},
    {"kind": "tank_liquid", "substance": "液氯", **TANK},
    {"kind": "two_phase", "substance": "ammonia", **TANK},
    {
        "kind": "vessel_gas",
        "substance": "carbon monoxide",
        "volume_m3": 20,
        "pressure_bar": 20,
        "hole_diameter_m": 0.02,
    },
    {"kind": "puddle", "substance": "acrylonitrile", "mass_kg": 2000, "area_m2": 80},
    {"kind": "puddle", "substance": "acrolein", "mass_kg": 2000, "area_m2": 80, "method": "hj169"},
    {
        "kind": "pipe_rupture",
        "substance": "ammonia",
        "phase": "liquid",
        "pipe_diameter_m": 0.1,
        "pipe_length_m": 200,
        "pressure_bar": 12,
    },
    {
        "kind": "pipe_rupture",
        "substance": "hydrogen sulfide",
        "phase": "gas",
        "pipe_diameter_m": 0.1,
        "pipe_length_m": 2000,
        "pressure_bar": 10,
    },
    {
        "kind": "fire_smoke",
        "substance": "二氧化硫",
        "burning_rate_kg_s": 5,
        "duration_s": 3600,
        "sulfur_fraction": 0.02,
    },
]
FIRES = [
    {"kind": "pool_fire", "substance": "甲苯", "area_m2": 300},
    {"kind": "jet_fire", "substance": "propane", "rate_kg_s": 8, "hole_diameter_m": 0.05, "two_phase": True},
    {"kind": "bleve", "substance": "液化石油气", "mass_kg": 20000},
    {"kind": "cloud_explosion", "substance": "propane", "flammable_mass_kg": 800, "congestion": "high", "centre_m": 40},
    {"kind": "solid_explosion", "substance": "硝酸铵", "mass_kg": 5000, "tnt_equivalence": 0.3},
]


def name(release: dict[str, Any]) -> str:
    return f"{release['kind']}-{release['substance']}"


@pytest.mark.parametrize("release", RELEASES, ids=name)
def test_every_source_kind_runs_to_zones(release: dict[str, Any]) -> None:
    found = forecast(written(release))
    ZONES.check(found.zones)
    assert found.zones.geometry.is_valid.all()
    assert found.summary["total_mass_kg"] > 0
    assert found.summary["source_method"] not in ("continuous", "table")


@pytest.mark.parametrize("release", FIRES, ids=name)
def test_every_fire_kind_runs_to_zones(release: dict[str, Any]) -> None:
    found = forecast(written(release))
    ZONES.check(found.zones)
    assert len(found.zones) >= 1 and found.zones.geometry.is_valid.all()
    assert found.envelope.empty
    assert found.summary["reach_m"]
    assert found.provenance.model and found.provenance.as_json()["inputs_sha256"]


@pytest.mark.parametrize("release", FIRES, ids=name)
def test_receptors_of_a_fire_read_heat_or_blast(release: dict[str, Any]) -> None:
    case = written(release)
    reach = forecast(case).zones.iloc[-1]
    # Blast zones are circles about the cloud's centre; the farthest place lies straight downwind.
    there = concentration_at(case, downwind_m=np.array([reach["reach_m"], 5000.0]), crosswind_m=np.zeros(2))
    value = there["heat_flux_kw_m2" if reach["kind"] == "thermal" else "overpressure_kpa"]
    assert value[0] == pytest.approx(reach["threshold"], rel=0.05)
    assert value[1] < 0.2 * value[0]
    assert (there["concentration_ppm"] == 0).all()


@pytest.mark.parametrize(
    ("release", "word"),
    [
        ({"kind": "tank_liquid", "substance": "氯", **TANK, "fill_fraction": None, "content_kg": 1e6}, "do not fit"),
        ({"kind": "tank_liquid", "substance": "氢", **TANK}, "treat it as a gas"),
        ({"kind": "puddle", "substance": "苯", "mass_kg": -5}, "release.mass_kg: -5 must be above 0"),
        ({"kind": "puddle", "substance": "苯", "mass_kg": 500, "content_kg": 100}, "more than the tank's content"),
        ({"kind": "bleve", "substance": "propane", "mass_kg": 500, "content_kg": 100}, "more than the tank's content"),
        ({"kind": "pool_fire", "substance": "苯"}, "either area_m2 or diameter_m"),
        ({"kind": "pool_fire", "substance": "没有的东西", "area_m2": 5}, "没有的东西"),
        ({"kind": "fire_smoke", "substance": "氯", "burning_rate_kg_s": 5, "duration_s": 60}, "smoke is computed"),
    ],
)
def test_bad_input_is_one_sentence(release: dict[str, Any], word: str) -> None:
    with pytest.raises(InputError, match=word) as caught:
        forecast(written({key: value for key, value in release.items() if value is not None}))
    assert len(caught.value.faults) == 1
    assert "\n" not in str(caught.value)


def test_fire_of_what_does_not_burn_is_refused() -> None:
    with pytest.raises(MissingError, match="no fire or explosion"):
        forecast(written({"kind": "pool_fire", "substance": "氯", "area_m2": 5}))


LEAK = {"kind": "continuous", "substance": "propane", "rate_kg_s": 1.0, "duration_s": 600.0}


def test_flammable_cloud_of_a_leak_grows_with_the_rate() -> None:
    small, large = (ignition.flammable_part(written(LEAK | {"rate_kg_s": rate})) for rate in (0.5, 5.0))
    assert 0 < small.mass_kg < large.mass_kg
    assert 0 < small.centre_m < small.reach_m < large.reach_m


def test_lit_cloud_breaks_glass_around_its_centre() -> None:
    done = ignition.explode(written(LEAK), congestion="high")
    assert done.zones["kind"].eq("overpressure").all() and 1 in set(done.zones["level"])
    assert done.summary["centre_m"] > 0


@pytest.mark.parametrize(
    ("release", "word"),
    [
        ({"kind": "pool_fire", "substance": "苯", "area_m2": 5}, "fire already"),
        (LEAK | {"rate_kg_s": 1e-6}, "nothing to explode"),
    ],
)
def test_what_cannot_be_lit_says_so(release: dict[str, Any], word: str) -> None:
    with pytest.raises(InputError, match=word):
        ignition.explode(written(release))


def test_cloud_without_flammable_limits_is_refused() -> None:
    with pytest.raises(MissingError, match="flammable limits"):
        ignition.flammable_part(written(LEAK | {"substance": "chlorine"}))


@pytest.mark.parametrize(("case", "detonation"), [("V2", False), ("V4", True)])
def test_lit_propane_leak_within_10_percent_of_aloha(shared_data: Path, case: str, detonation: bool) -> None:
    with (shared_data / "plume" / "aloha_reference_outputs.csv").open(encoding="utf-8") as handle:
        rows = [row for row in csv.DictReader(handle) if row["case"] == case]
    leak = written(LEAK, wind_speed_m_s=5.0, temperature_c=15.0)
    ours = ignition.explode(leak, congestion="high", detonation=detonation).zones.set_index("level_name")["reach_m"]
    for row in rows:
        if row["aloha_value"] == "not exceeded":
            assert row["level"] not in ours
        else:
            assert ours[row["level"]] == pytest.approx(float(row["aloha_value"]), rel=0.10), row["level"]


def test_flammable_cloud_is_averaged_over_ten_seconds() -> None:
    # methane is neutral: a 10 s plume is narrower and reaches its limits farther out than an hour's
    case = written(LEAK | {"substance": "methane"})
    release, weather = case.release.release(case.resolved_weather()), case.resolved_weather()
    fuel = properties.of("methane")
    lower, upper = fuel.need_flammable_limits()
    per_share = 1e6 / weather.ppm_per_kg_m3(fuel.molar_mass_kg_mol)
    brief, long = (
        flammable.flammable_cloud(
            clouds.choose(release, weather, averaging_s, "auto").cloud, lower * per_share, upper * per_share
        )
        for averaging_s in (10.0, 3600.0)
    )
    assert ignition.flammable_part(case) == brief
    assert brief.reach_m > 1.2 * long.reach_m


def test_evaporation_does_not_depend_on_the_terrain() -> None:
    spill = {"kind": "puddle", "substance": "丙酮", "mass_kg": 1000, "area_m2": 10}
    country, town = (
        (case := written(spill, roughness_m=z0)).release.release(case.resolved_weather()).term.total_mass_kg
        for z0 in (0.03, 1.0)
    )
    assert country == pytest.approx(town, rel=1e-9)
