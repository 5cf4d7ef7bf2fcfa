"""Do the models reach field trials as well as they say? Prairie Grass and LNG spills, nothing fitted to them."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest

from plume import clouds, dense, properties, stability
from plume.release import Release
from plume.source import series
from plume.substances import find
from plume.weather import Weather

PRAIRIE_GRASS_ROUGHNESS_M = 0.006
LNG_FLUX_KG_M2_S = 0.167


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def scores(observed: list[float], predicted: list[float]) -> dict[str, float]:
    o, p = np.array(observed), np.array(predicted)
    logs = np.log(o / p)
    return {
        "n": float(o.size),
        "fb": float(2 * (o.mean() - p.mean()) / (o.mean() + p.mean())),
        "mg": float(np.exp(logs.mean())),
        "vg": float(np.exp((logs**2).mean())),
        "fac2": float(((p / o >= 0.5) & (p / o <= 2)).mean()),
    }


def prairie_grass(folder: Path, *, site: bool, friction_scale: float = 1.1) -> dict[str, float]:
    arcs = rows(folder / "plume" / "prairie_grass_arcs.csv")
    observed, predicted = [], []
    for trial in rows(folder / "plume" / "prairie_grass_trials.csv"):
        if not trial["wind_speed_2m_m_s"]:
            continue
        measured = (
            {
                "monin_obukhov_m": float(trial["monin_obukhov_L_m"]),
                "friction_velocity_m_s": float(trial["u_star_m_s"]) * friction_scale,
                "sigma_azimuth_deg": float(trial["sigma_azimuth_deg"]),
            }
            if site
            else {}
        )
        weather = Weather(
            float(trial["wind_speed_2m_m_s"]),
            2.0,
            0.0,
            trial["pg_class_golder"],  # type: ignore[arg-type]
            298.15,
            0.3,
            PRAIRIE_GRASS_ROUGHNESS_M,
            **measured,
        )
        rate = float(trial["q_g_s"]) / 1000
        term = series.continuous(rate, 600.0, 298.15)
        cloud = clouds.choose(Release(find("SO2"), term, 0.46), weather, 600.0, "gaussian").cloud
        for arc in arcs:
            if arc["run"] == trial["run"]:
                observed.append(float(arc["c_max_mg_m3"]) * 1e-6)
                predicted.append(float(cloud.concentration(float(arc["arc_m"]), 0.0, 1.5)))
    return scores(observed, predicted)


def test_prairie_grass_with_class_only(shared_data: Path) -> None:
    """Target A2: FAC2 >= .79; Briggs alone gives .763 on these 135 arcs (.79 on the whole series)."""
    found = prairie_grass(shared_data, site=False)
    assert found["n"] == 135
    assert found["fac2"] >= 0.79
    assert abs(found["fb"]) <= 0.25
    assert 0.8 <= found["mg"] <= 1.25
    assert found["vg"] <= 1.5


@pytest.mark.parametrize("friction_scale", [1.0, 1.1])
def test_prairie_grass_with_measured_air(shared_data: Path, friction_scale: float) -> None:
    """Target A2: FAC2 >= .92, VG <= 1.2; u* as printed and scaled to a von Karman constant of 0.4."""
    found = prairie_grass(shared_data, site=True, friction_scale=friction_scale)
    assert found["fac2"] >= 0.92
    assert abs(found["fb"]) <= 0.25
    assert 0.8 <= found["mg"] <= 1.25
    assert found["vg"] <= 1.2


def test_lng_spills_with_measured_air(shared_data: Path) -> None:
    """
    Target A3: FAC2 >= .80, MG .8-1.25, VG <= 1.6, met with DEGADIS' own constants and, in measured air, the mixing
    of the neutral plume. slabx reaches .828 / .98 / 1.59 with a different weather input.
    """
    arcs = rows(shared_data / "plume" / "lng_arcs.csv")
    observed, predicted = [], []
    for trial in rows(shared_data / "plume" / "lng_trials.csv"):
        obukhov, roughness = float(trial["L_m"]), float(trial["z0_m"])
        weather = Weather(
            float(trial["wind_speed_m_s"]),
            float(trial["wind_height_m"]),
            270.0,
            stability.from_obukhov(obukhov, roughness),
            float(trial["T_ground_C"]) + 273.15,
            float(trial["rh_pct"]) / 100,
            roughness,
            float(trial["p_mbar"]) * 100,
            monin_obukhov_m=obukhov,
            friction_velocity_m_s=float(trial["u_star_m_s"]),
        )
        rate = float(trial["rate_kg_s"])
        term = series.continuous(rate, float(trial["duration_s"]), properties.of("methane").boiling_point_k)
        pool_m = 2 * math.sqrt(rate / LNG_FLUX_KG_M2_S / math.pi)
        cloud = dense.cloud(Release(find("LNG"), term, 0.0, pool_m), weather, 10.0)
        for arc in arcs:
            if arc["trial"] == trial["trial"] and "leave out" not in arc["note"]:
                value = cloud.mole_fraction(float(arc["arc_m"]), 0.0, float(arc["sampler_height_m"]))
                observed.append(float(arc["c_max"]))
                predicted.append(100 * float(value))
    found = scores(observed, predicted)
    assert found["n"] == 29
    assert found["fac2"] >= 0.80
    assert 0.8 <= found["mg"] <= 1.25
    assert found["vg"] <= 1.6
