"""
What was measured in the field, and what does each model say there? Pairs of observed and predicted, trial by trial.
"""

import csv
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from plume import clouds, dense, properties, stability, wind, zones
from plume.gaussian import GaussianPlume, Spread
from plume.release import Release
from plume.sigma import SigmaChoice, resolved
from plume.source import series
from plume.substances import find
from plume.weather import Weather

LNG_FLUX_KG_M2_S = 0.167
"""Evaporation flux behind the pool area of the LNG trials (plume.md 3.3)."""
LNG_AVERAGING_S = 10.0
DENSE_AVERAGING_S = 10.0
ALOHA_AVERAGING_S = 3600.0
PRAIRIE_GRASS_ROUGHNESS_M = 0.006
FRICTION_SCALE = 1.10
"""u* of the Prairie Grass files was made with a von Karman constant of 0.35."""
PPM = re.compile(r"([\d.]+) ppm")


@dataclass(frozen=True, slots=True)
class Pair:
    """One observed maximum and what the model says there."""

    name: str
    observed: float
    predicted: float


def rows(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV as text."""
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def prairie_weather(trial: dict[str, str], *, site: bool, friction_scale: float = FRICTION_SCALE) -> Weather:
    """Weather of a Prairie Grass run: class and 2 m wind, and with `site` the measured u*, L and wind vane."""
    measured = (
        {
            "monin_obukhov_m": float(trial["monin_obukhov_L_m"]),
            "friction_velocity_m_s": float(trial["u_star_m_s"]) * friction_scale,
            "sigma_azimuth_deg": float(trial["sigma_azimuth_deg"]),
        }
        if site
        else {}
    )
    return Weather(
        float(trial["wind_speed_2m_m_s"]),
        2.0,
        float(trial["wind_dir_deg"]),
        trial["pg_class_golder"],  # type: ignore[arg-type]
        298.15,
        0.3,
        PRAIRIE_GRASS_ROUGHNESS_M,
        **measured,
    )


def prairie_grass(
    folder: Path, *, site: bool = False, wind_at_10_m: bool = False, which: SigmaChoice = "auto"
) -> Iterator[Pair]:
    """Arc maxima C/Q, s/m3, of every run that has weather."""
    arcs = rows(folder / "plume" / "prairie_grass_arcs.csv")
    for trial in rows(folder / "plume" / "prairie_grass_trials.csv"):
        if not trial["wind_speed_2m_m_s"]:
            continue
        weather, height = prairie_weather(trial, site=site), float(trial["release_height_m"])
        rate = float(trial["q_g_s"]) / 1000
        release = Release(find("sulfur dioxide"), series.continuous(rate, float(trial["duration_s"]), 298.15), height)
        cloud = clouds.choose(release, weather, 600.0, "gaussian", which).cloud
        if wind_at_10_m:
            speed = wind.power_law(weather.wind_speed_m_s, 2.0, 10.0, weather.stability)
            cloud = GaussianPlume(
                release.term, speed, height, Spread(weather.stability, resolved(which, height, weather.roughness_m))
            )
        for arc in arcs:
            if arc["run"] == trial["run"]:
                value = float(cloud.concentration(float(arc["arc_m"]), 0.0, float(arc["sampler_height_m"])))
                yield Pair(f"{arc['run']}/{arc['arc_m']}", float(arc["c_max_mg_m3"]) * 1e-6 / rate, value / rate)


def lng_weather(trial: dict[str, str], *, site: bool) -> Weather:
    """Weather of an LNG trial: class from L, and with `site` the measured u* and L themselves."""
    obukhov, roughness = float(trial["L_m"]), float(trial["z0_m"])
    measured = {"monin_obukhov_m": obukhov, "friction_velocity_m_s": float(trial["u_star_m_s"])} if site else {}
    return Weather(
        float(trial["wind_speed_m_s"]),
        float(trial["wind_height_m"]),
        270.0,
        stability.from_obukhov(obukhov, roughness),
        float(trial["T_ground_C"]) + 273.15,
        float(trial["rh_pct"]) / 100,
        roughness,
        float(trial["p_mbar"]) * 100,
        **measured,
    )


Model = Callable[[dict[str, str]], Callable[[float, float], float]]


def lng(folder: Path, model: Model) -> Iterator[Pair]:
    """Arc maxima of Burro and Coyote, mole per cent; `model` takes a trial and gives a function of arc and height."""
    arcs = [arc for arc in rows(folder / "plume" / "lng_arcs.csv") if "leave out" not in arc["note"]]
    for trial in rows(folder / "plume" / "lng_trials.csv"):
        at = model(trial)
        for arc in arcs:
            if arc["trial"] == trial["trial"]:
                value = at(float(arc["arc_m"]), float(arc["sampler_height_m"]))
                yield Pair(f"{arc['trial']}/{arc['arc_m']}", float(arc["c_max"]), value)


def our_lng(*, site: bool) -> Model:
    """The dense model of ``plume``."""

    def of_trial(trial: dict[str, str]) -> Callable[[float, float], float]:
        rate = float(trial["rate_kg_s"])
        diameter = 2 * math.sqrt(rate / LNG_FLUX_KG_M2_S / math.pi)
        boiling = properties.of("methane").boiling_point_k
        release = Release(find("LNG"), series.continuous(rate, float(trial["duration_s"]), boiling), 0.0, diameter)
        cloud = dense.cloud(release, lng_weather(trial, site=site), LNG_AVERAGING_S)
        return lambda arc_m, height_m: 100 * float(cloud.mole_fraction(arc_m, 0.0, height_m))

    return of_trial


def neutral_lng(trial: dict[str, str]) -> Callable[[float, float], float]:
    """A plain Gaussian plume, for comparison."""
    weather, rate = lng_weather(trial, site=False), float(trial["rate_kg_s"])
    release = Release(find("LNG"), series.continuous(rate, float(trial["duration_s"])), 0.0, 25.0)
    cloud = clouds.neutral(release, weather, LNG_AVERAGING_S)
    per_kg = weather.ppm_per_kg_m3(release.substance.molar_mass_kg_mol) * 1e-4
    return lambda arc_m, height_m: min(float(cloud.concentration(arc_m, 0.0, height_m)) * per_kg, 100.0)


def slabx_lng(trial: dict[str, str]) -> Callable[[float, float], float]:
    """The peer slabx on the same trial, as its README runs Burro 8; raises ImportError when it is not installed."""
    import numpy as np
    from slabx.core.plume import run_dispersion
    from slabx.core.source import EvaporatingPool
    from slabx.post.concentration import concentration_field
    from slabx.submodels.atmosphere import Atmosphere
    from slabx.thermo.base import LegacyThermo, Substance, water_backend

    fuel = Substance(
        name="LNG", mw=0.016043, cp_vapour=2238.0, cp_liquid=3348.5, dh_vap=509900.0, T_boil=111.7, rho_liquid=424.1
    )
    rate, duration = float(trial["rate_kg_s"]), float(trial["duration_s"])
    air = Atmosphere(
        u_ref=float(trial["wind_speed_m_s"]),
        z_ref=float(trial["wind_height_m"]),
        T=float(trial["T_ground_C"]) + 273.15,
        rh=float(trial["rh_pct"]),
        z0=float(trial["z0_m"]),
        inv_L=1 / float(trial["L_m"]),
        p=float(trial["p_mbar"]) * 100,
    )
    pool = EvaporatingPool(substance=fuel, rate=rate, area=rate / LNG_FLUX_KG_M2_S, duration=duration)
    course, _ = run_dispersion(pool, air, LegacyThermo(fuel), water_backend(), x_max=2000.0, n_puff_steps=40)

    def at(arc_m: float, height_m: float) -> float:
        field = concentration_field(course, air, z=height_m, t_avg=LNG_AVERAGING_S, t_release=duration)
        return 100 * float(np.interp(arc_m, field.x, field.peak))

    return at


def dense_toxic(folder: Path, *, at_ground: bool = False) -> Iterator[Pair]:
    """Jack Rabbit I T7 (vapour at ambient) and Desert Tortoise 4 (flashed aerosol, 19 % vapour), kg/m3."""
    arcs = rows(folder / "plume" / "dense_toxic_arcs.csv")
    for trial in rows(folder / "plume" / "dense_toxic_trials.csv"):
        substance = find(trial["substance"])
        aerosol = trial["trial"] == "DT4"
        measured = {"monin_obukhov_m": 1 / 0.0221} if aerosol else {}
        weather = Weather(
            float(trial["wind_speed_m_s"]),
            float(trial["wind_height_m"]),
            270.0,
            trial["stability"],  # type: ignore[arg-type]
            float(trial["T_K"]),
            0.213,
            float(trial["z0_m"]),
            float(trial["p_Pa"]),
            **measured,
        )
        released_k = properties.of(substance.key).boiling_point_k if aerosol else float(trial["T_K"])
        term = series.continuous(
            float(trial["rate_kg_s"]), float(trial["duration_s"]), released_k, vapour_fraction=0.19 if aerosol else 1.0
        )
        cloud = dense.cloud(Release(substance, term, float(trial["release_height_m"])), weather, DENSE_AVERAGING_S)
        for arc in arcs:
            if arc["trial"] == trial["trial"]:
                height = 0.0 if at_ground else float(arc["sampler_height_m"])
                value = float(cloud.concentration(float(arc["arc_m"]), 0.0, height))
                yield Pair(f"{arc['trial']}/{arc['arc_m']}", float(arc["c_max_kg_m3"]), value)


def aloha_zones(
    folder: Path, kind: str, model: clouds.ModelChoice, averaging_s: float = ALOHA_AVERAGING_S
) -> Iterator[Pair]:
    """Zone lengths of direct sources and puddles of known rate, m; `kind` as the file names ALOHA's model."""
    for row in rows(folder / "plume" / "aloha_reference_outputs.csv"):
        level = PPM.fullmatch(row["level"])
        if row["aloha_model"] != kind or level is None or row["quantity"] != "zone length":
            continue
        weather = aloha_weather(row["inputs"])
        release = aloha_release(row, weather.temperature_k)
        if release is None:
            continue
        cloud = clouds.choose(release, weather, averaging_s, model).cloud
        threshold = float(level.group(1)) / weather.ppm_per_kg_m3(release.substance.molar_mass_kg_mol)
        reach = zones.outlines(cloud, [threshold])[0].reach_m
        yield Pair(f"{row['case']} {row['substance']} {row['level']}", float(row["aloha_value"]), reach)


def aloha_weather(inputs: str) -> Weather:
    """Weather of ALOHA's inputs text."""
    found = re.search(r"\b([A-F]) (\d+(?:\.\d+)?) m/s", inputs)
    assert found is not None  # every row of these kinds names class and wind
    warm = re.search(r"(-?\d+)C", inputs)
    roughness = 1.0 if "urban" in inputs else 0.03
    kelvin = (float(warm.group(1)) if warm else 15.0) + 273.15
    return Weather(float(found.group(2)), 10.0, 270.0, found.group(1), kelvin, 0.8, roughness)  # type: ignore[arg-type]


def aloha_release(row: dict[str, str], air_k: float) -> Release | None:
    """Release of ALOHA's inputs text; None when it describes a tank instead of a rate."""
    inputs, substance = row["inputs"], find(row["substance"])
    if instant := re.search(r"instantaneous (\d+) kg", inputs):
        return Release(substance, series.instantaneous(float(instant.group(1)), air_k), 0.0)
    rate = re.search(r"([\d.]+) kg/(min|s)", inputs)
    if rate is None:
        return None
    minutes, area = re.search(r"(\d+) min\b", inputs), re.search(r"puddle (\d+) m2", inputs)
    height = re.search(r"source at (\d+) m", inputs)
    per_s = float(rate.group(1)) / (60 if rate.group(2) == "min" else 1)
    term = series.continuous(per_s, 60.0 * float(minutes.group(1) if minutes else 60), air_k)
    diameter = math.sqrt(4 * float(area.group(1)) / math.pi) if area else 0.0
    return Release(substance, term, float(height.group(1)) if height else 0.0, diameter)
