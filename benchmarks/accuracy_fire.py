"""How near do sources, fires, blasts and houses come to ALOHA and to measured fires? One row a series."""

import csv
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from plume import case as cases
from plume import indoor, properties
from plume.fire import blast, fireball, ignition, jet, pool, zones
from plume.gaussian import GaussianPlume, Spread
from plume.source import kinds, outflow, puddle, series
from plume.source.weather import SourceWeather
from plume.weather import Weather

SHARED = Path(os.environ.get("ONEMAP_SHARED_DATA", Path(__file__).parent.parent.parent / "shared" / "data"))
FOOT, INCH, POUND = 0.3048, 0.0254, 0.45359237
NUMBER = re.compile(r"[-+.\deE]*|NaN")
DIESEL_J_KG = 42.6e6
"""Net heat of combustion of diesel, usual figure; no properties of it are frozen."""
Pair = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Score:
    """
    Ours against a reference, in the measures of Chang & Hanna (2004).

    Attributes
    ----------
    series, quantity, against
        What was compared with what.
    count
        Pairs.
    median, lowest, highest
        Ours over the reference.
    fac2, fb, mg
        Share within a factor of two; fractional bias and geometric mean bias (positive and above 1: ours is low).
    note
        What the reader must know.
    """

    series: str
    quantity: str
    against: str
    count: int
    median: float
    lowest: float
    highest: float
    fac2: float
    fb: float
    mg: float
    note: str = ""


def score(series_name: str, quantity: str, against: str, pairs: list[Pair], note: str = "") -> Score:
    """Score of (reference, ours) pairs."""
    observed, ours = np.array(pairs, float).T
    ratio = ours / observed
    return Score(
        series_name,
        quantity,
        against,
        len(pairs),
        float(np.median(ratio)),
        float(ratio.min()),
        float(ratio.max()),
        float(((ratio >= 0.5) & (ratio <= 2)).mean()),
        float(2 * (observed.mean() - ours.mean()) / (observed.mean() + ours.mean())),
        float(np.exp(-np.log(ratio).mean())),
        note,
    )


# --- ALOHA


def _rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "plume" / "aloha_reference_outputs.csv").open(encoding="utf-8") as handle:
        return [row for row in csv.DictReader(handle) if row["aloha_value"][0].isdigit()]


def _night(text: str) -> SourceWeather:
    stability, wind, celsius = re.search(r"\b([DF]) ([\d.]+) ?m/s (\d+)C", text).groups()
    mild = stability == "D"
    return SourceWeather(float(celsius) + 273.15, float(wind), stability, 0.6 if mild else 0.8, 5 if mild else 0)


def _rate_or_mass(row: dict[str, str], term: series.SourceTerm) -> float:
    return term.sustained_rate_kg_s() * 60 if row["quantity"].startswith("max") else term.total_mass_kg


def aloha_sources(folder: Path) -> Iterator[Score]:
    """Tanks and puddles."""
    standing: list[Pair] = []
    tanks: list[Pair] = []
    for row in _rows(folder):
        model, value = row["aloha_model"], float(row["aloha_value"])
        if model == "puddle" and row["quantity"] != "vapour pressure":
            mass, area = re.search(r"(\d+) kg ?(?:on |/)(\d+) ?m2", row["inputs"]).groups()
            bed = puddle.PuddleBed("concrete", float(area))
            term = puddle.spilled(properties.of(row["substance"]), float(mass), bed, _night(row["inputs"]))
            standing.append((value, _rate_or_mass(row, term)))
        if model in ("source", "source two-phase"):
            kind = kinds.TankLiquid(
                tank_diameter_m=2.5,
                tank_length_m=8,
                fill_fraction=0.8,
                hole_diameter_m=0.05,
                hole_bottom_m=0.1,
                largest_puddle_m2=10,
            )
            term = outflow.to_source_term(kind, properties.of(row["substance"]), _night(row["inputs"]))
            tanks.append((value, _rate_or_mass(row, term)))
        if model == "tank two-phase":
            kind = kinds.TankLiquid(
                tank_diameter_m=9.07 * FOOT,
                tank_length_m=70 * FOOT,
                fill_fraction=1,
                temperature_c=(70 - 32) / 1.8,
                hole_width_m=40 * INCH,
                hole_height_m=0.1 * INCH,
            )
            term = outflow.to_source_term(kind, properties.of("propane"), SourceWeather(294.26, 3.0))
            ours = {
                "max average sustained release rate": term.sustained_rate_kg_s() * 60 / POUND,
                "total amount released": term.total_mass_kg / POUND,
                "release duration": term.end_s / 60,
            }
            tanks.append((value, ours[row["quantity"]]))
    yield score("puddles", "rate and mass in 1 h", "ALOHA", standing)
    yield score("tanks", "rate, mass, duration", "ALOHA", tanks)


def aloha_fires(folder: Path) -> Iterator[Score]:
    """Fireball, pool fire, jet fire, cloud explosion."""
    rows, weather = _rows(folder), SourceWeather(288.15, 5.0, "D", 0.6, 5)
    propane, toluene = properties.of("propane"), properties.of("toluene")
    sources = {
        "F1": pool.pool_fire(toluene, np.sqrt(80 / np.pi), weather),
        "F3": fireball.fireball(propane, 16037.0, weather),
        "F5": jet.jet_fire(propane, 1830 / 60, 0.05, weather, aerosol=True),
    }
    names = {"F1": "pool fire", "F3": "BLEVE", "F5": "jet fire, two-phase"}
    for case, source in sources.items():
        pairs = [
            (float(row["aloha_value"]), zones.heat_reach_m(source, 1000 * float(row["level"].split()[0])))
            for row in rows
            if row["case"] == case and row["quantity"] == "distance"
        ]
        yield score(names[case], "distance to heat level", "ALOHA", pairs)
    for case, detonation in (("V2", False), ("V4", True)):
        explosion = blast.cloud_explosion(propane, 4.6, congestion="high", detonation=detonation, centre_m=9.5)
        pairs = [
            (
                float(row["aloha_value"]),
                9.5 + zones.blast_reach_m(explosion, zones.PSI_PA * float(row["level"].split()[0])),
            )
            for row in rows
            if row["case"] == case
        ]
        note = "mass 4.6 kg and offset 9.5 m as ALOHA's detonation implies"
        yield score(f"VCE, {'detonation' if detonation else 'congested, spark'}", "distance", "ALOHA", pairs, note)


def aloha_lit_clouds(folder: Path) -> Iterator[Score]:
    """The same explosions with mass and centre from our own dispersion."""
    case = cases.read(
        {
            "name": "ALOHA V2 and V4",
            "incident": {"longitude": 118.71, "latitude": 31.41, "occurred_at": "2026-01-01T02:00:00+08:00"},
            "release": {"kind": "continuous", "substance": "propane", "rate_kg_s": 1.0, "duration_s": 600.0},
            "weather": {"wind_speed_m_s": 5.0, "wind_from_deg": 225.0, "stability": "D", "temperature_c": 15.0},
        }
    )
    part = ignition.flammable_part(case)
    pairs: list[Pair] = []
    for name, detonation in (("V2", False), ("V4", True)):
        blown = ignition.explode(case, congestion="high", detonation=detonation).zones.set_index("level_name")
        pairs += [
            (float(row["aloha_value"]), float(blown["reach_m"][row["level"]]))
            for row in _rows(folder)
            if row["case"] == name
        ]
    note = (
        f"mass {part.mass_kg:.1f} kg centred {part.centre_m:.1f} m downwind by our own cloud; ALOHA implies 4.6 and 9.5"
    )
    yield score("VCE from the release", "distance", "ALOHA", pairs, note)


def aloha_indoor(folder: Path) -> Iterator[Score]:
    """Air changes and indoor peaks."""
    mild, cold = Weather(5.0, 10.0, 225.0, "D", 288.15), Weather(1.5, 10.0, 225.0, "F", 283.15)
    houses = {
        "IN-B1": (indoor.Building(1, shelter="unsheltered"), mild),
        "IN-B2": (indoor.Building(2, shelter="sheltered"), mild),
        "IN-W1": (indoor.Building(2, shelter="sheltered"), cold),
    }
    pairs: list[Pair] = []
    for row in _rows(folder):
        if row["aloha_model"] != "indoor":
            continue
        house, weather = houses[row["case"]]
        ours = indoor.air_changes_per_h(house, weather)
        if row["quantity"] == "indoor peak":
            spread = Spread(weather.stability)
            plume = GaussianPlume(series.continuous(1.0, 3600.0), weather.transport_speed_m_s(0.0), 0.0, spread)
            outdoor = float(plume.concentration(500.0, 0.0, 0.0)) * weather.ppm_per_kg_m3(0.0170305)
            lasting = indoor.exposure_s(3600.0, spread.x(500.0), plume.speed_m_s)
            ours = float(indoor.indoor_peak(outdoor, lasting, 3600 / ours))
        pairs.append((float(row["aloha_value"]), ours))
    yield score("indoor", "air changes and peaks", "ALOHA", pairs)


# --- measured fires


def _table(path: Path, header_line: int) -> dict[str, np.ndarray]:
    with path.open(encoding="utf-8") as handle:
        lines = list(csv.reader(handle))
    names = [name.strip() for name in lines[header_line]]
    numbers = [line for line in lines[header_line + 1 :] if all(NUMBER.fullmatch(cell.strip()) for cell in line)]
    body = [[float(cell) if cell.strip() not in ("", "NaN") else np.nan for cell in line] for line in numbers]
    return dict(zip(names, np.array(body).T, strict=True))


def _tests(folder: Path) -> dict[str, dict[str, str]]:
    with (folder / "plume" / "fire_tests.csv").open(encoding="utf-8") as handle:
        return {row["test"]: row for row in csv.DictReader(handle)}


def _weather(test: dict[str, str]) -> SourceWeather:
    height = float(test["wind_height_m"])
    at_ten = float(test["wind_m_s"]) * (10 / height) ** 0.142
    return SourceWeather(
        float(test["T_C"]) + 273.15,
        at_ten,
        "D",
        float(test["rh_pct"]) / 100,
        pressure_pa=float(test["p_Pa"] or 101325),
    )


def _place(
    distance_m: float, bearing_deg: float, wind_from_deg: float, up_m: float = 1.5
) -> tuple[float, float, float]:
    """Receiver at a compass bearing from the pool, in wind coordinates."""
    angle = np.radians(bearing_deg - (wind_from_deg + 180.0))
    return float(distance_m * np.cos(angle)), float(distance_m * np.sin(angle)), up_m


def montoir(folder: Path) -> Iterator[Score]:
    """LNG pool of 35 m: flux by bearing, flame length, tilt."""
    tests, folder = _tests(folder), folder / "plume" / "fire_exp"
    flux = _table(folder / "Montoir_LNG_Fires__Montoir02.csv", 1)
    length = _table(folder / "Montoir_LNG_Fires__Montoir02_Flame_Height.csv", 0)
    tilt = _table(folder / "Montoir_LNG_Fires__Montoir02_Flame_Tilt.csv", 0)
    heat: list[Pair] = []
    lengths: list[Pair] = []
    tilts: list[Pair] = []
    for phase in range(1, 5):
        test = tests[f"Montoir02 P{phase}"]
        fire = pool.pool_fire(
            properties.of("methane"), 35.0, _weather(test), burning_flux=float(test["burn_flux_kg_m2_s"])
        )
        for bearing in (0, 33, 61, 90, 120, 225, 270, 315):
            for distance, seen in zip(flux[f"r_{bearing}"], flux[f"HF_p{phase}_{bearing}"], strict=True):
                if np.isfinite(distance) and np.isfinite(seen):
                    point = _place(float(distance), bearing, float(test["wind_from_deg"]))
                    heat.append((float(seen), float(fire.flux_w_m2([point])[0]) / 1000))
        lengths.append((float(length[f"P{phase}"][0]), fire.flame_length_m))
        tilts.append((float(tilt[f"P{phase}"][0]), float(np.degrees(fire.tilt_rad))))
    yield score("Montoir, LNG pool 35 m", "heat flux", "measured", heat, "burning flux as measured")
    yield score("Montoir, LNG pool 35 m", "flame length", "measured", lengths)
    yield score("Montoir, LNG pool 35 m", "tilt", "measured", tilts)


def phoenix(folder: Path) -> Iterator[Score]:
    """LNG on water, 20.7 m: flux by side, flame length, tilt."""
    test, folder = _tests(folder)["Phoenix01"], folder / "plume" / "fire_exp"
    fire = pool.pool_fire(properties.of("methane"), 20.7, _weather(test), burning_flux=float(test["burn_flux_kg_m2_s"]))
    flux = _table(folder / "Phoenix_LNG_Fires__Phoenix01_HF.csv", 0)
    heat = []
    for side, bearing in (("North", 0), ("East", 90), ("South", 180), ("West", 270)):
        for distance, seen in zip(flux[f"Pos-{side}-Wide"], flux[f"{side}-Wide"], strict=True):
            point = _place(float(distance), bearing, float(test["wind_from_deg"]))
            heat.append((float(seen), float(fire.flux_w_m2([point])[0]) / 1000))
    yield score("Phoenix 1, LNG on water", "heat flux", "measured", heat, "burning flux as measured")
    length = float(_table(folder / "Phoenix_LNG_Fires__Phoenix01_Flame_Height.csv", 0)["L_F"][0])
    tilt = float(_table(folder / "Phoenix_LNG_Fires__Phoenix01_Flame_Tilt.csv", 0)["tilt"][0])
    yield score("Phoenix 1, LNG on water", "flame length", "measured", [(length, fire.flame_length_m)])
    yield score("Phoenix 1, LNG on water", "tilt", "measured", [(tilt, float(np.degrees(fire.tilt_rad)))])


def trenches(folder: Path) -> Iterator[Score]:
    """LNG trenches of Croce, as a round pool of the same area."""
    tests, folder = _tests(folder), folder / "plume" / "fire_exp"
    heat: list[Pair] = []
    lengths: list[Pair] = []
    for name, test in tests.items():
        if not name.startswith("Croce"):
            continue
        size = float(np.sqrt(4 * float(test["length_m"]) * float(test["width_m"]) / np.pi))
        fire = pool.pool_fire(
            properties.of("methane"), size, _weather(test), burning_flux=float(test["burn_flux_kg_m2_s"])
        )
        flux = _table(folder / f"BGC_GRI_LNG_Fires__{name}_HF2.csv", 1)
        for way, side, (x, y) in (
            ("r-up", "Upwind", (-1, 0)),
            ("r-lat", "Lateral", (0, 1)),
            ("r-down", "Downwind", (1, 0)),
        ):
            for distance, seen in zip(flux[way], flux[side], strict=True):
                if np.isfinite(distance) and np.isfinite(seen):
                    heat.append((float(seen), float(fire.flux_w_m2([(x * distance, y * distance, 1.5)])[0]) / 1000))
        steady = _table(folder / f"BGC_GRI_LNG_Fires__{name}_HF.csv", 0)
        lengths.append((float(steady["L_F"][0]), fire.flame_length_m))
    note = "trench 5 to 30 times longer than wide, taken as round"
    yield score("Croce, LNG trenches", "heat flux", "measured", heat, note)
    yield score("Croce, LNG trenches", "mean flame length", "measured", lengths, note)


def diesel(folder: Path) -> Iterator[Score]:
    """Diesel pools of 3 to 6 m (CERTEC): flux at one radiometer, flame length."""
    tests, folder = _tests(folder), folder / "plume" / "fire_exp"
    places = {"01_D3": (8.77, 2.0, 0.1), "07_D6": (17.89, 2.0, 1.0), "14_D4": (11.83, 2.0, 0.1)}
    heat: list[Pair] = []
    lengths: list[Pair] = []
    for name, point in places.items():
        test = tests[f"CERTEC_{name}"]
        fire = pool.pool_fire(
            properties.of("toluene"),
            float(test["diameter_m"]),
            _weather(test),
            burning_flux=float(test["burn_flux_kg_m2_s"]),
            heat_of_combustion_j_kg=DIESEL_J_KG,
        )
        seen = _table(folder / f"CERTEC_Pool_Fires__CERTEC_{name}_rad.csv", 0)
        across = (0.0, float(np.hypot(*point[:2])), point[2])  # the bearing of the wind is not on record
        heat.append((float(np.nanmean(seen["HF_wide"])), float(fire.flux_w_m2([across])[0]) / 1000))
        lengths.append((float(np.nanmean(seen["L_F"])), fire.flame_length_m))
    note = "wind bearing unknown, taken across; smoke is left out of the model"
    yield score("CERTEC, diesel pools", "heat flux", "measured", heat, note)
    yield score("CERTEC, diesel pools", "flame length", "measured", lengths)


def jets(folder: Path) -> Iterator[Score]:
    """Natural-gas jets: Loughborough 2 and Johnson 1089."""
    test = _tests(folder)["jet2"]
    weather = SourceWeather(288.15, float(test["wind_m_s"]), "D", 0.5)
    fire = jet.jet_fire(properties.of("methane"), 9.6, 0.0356, weather, direction="downwind", height_m=3.25)
    places = [(0, 30), (0, 20), (5, 20), (0, -15), (0, -20), (5, -20), (0, -30), (5, -30), (0, -40)]
    table = _table(folder / "plume" / "fire_exp" / "Loughborough_Jet_Fires__jet2.csv", 0)
    ours = fire.flux_w_m2([(x + 15.45, y, 1.0) for x, y in places]) / 1000
    heat = [(float(table[f"R{i + 1}"][0]), float(value)) for i, value in enumerate(ours)]
    note = "taken along the wind; the wind blew 27 degrees off and the jet struck a pipe"
    yield score("Loughborough jet 2", "heat flux", "measured", heat, note)
    yield score("Loughborough jet 2", "flame length", "measured", [(float(table["L_F"][0]), fire.flame_length_m)], note)
    second = jet.jet_fire(
        properties.of("methane"), 3.8, 0.020, SourceWeather(288.15, 5.0, "D", 0.6), direction="downwind", height_m=3.0
    )
    seen = second.flux_w_m2([(15.0, y, 1.0) for y in (10.3, 14.3, 18.3, 22.3, 26.3)]) / 1000
    pairs = list(zip((9.5, 5.8, 3.8, 2.6, 2.0), seen.tolist(), strict=True))
    yield score("Johnson 1089", "heat flux", "measured", pairs, "wind not on record, 5 m/s taken")


def fireballs(folder: Path) -> Iterator[Score]:
    """Natural-gas fireballs of Shell: largest flux in time."""
    weather, pairs = SourceWeather(288.15, 3.0, "D", 0.7), []
    for name, mass in (("Exp_2", 681.0), ("Exp_4", 1251.0)):
        ball = fireball.fireball(properties.of("methane"), mass, weather)
        table = _table(folder / "plume" / "fire_exp" / f"Shell_LNG_Fireballs__{name}.csv", 0)
        for distance in (40, 70, 100):
            if f"HF{distance}" in table:
                seen = float(np.nanmax(table[f"HF{distance}"]))
                pairs.append((seen, float(ball.flux_w_m2([(distance, 0, 0)])[0]) / 1000))
    yield score("Shell, gas fireballs", "peak heat flux", "measured", pairs, "weather not on record")


def flame_heights(folder: Path) -> Iterator[Score]:
    """Heskestad's correlation, pool 1 m wide."""
    path = folder / "plume" / "fire_exp" / "Heskestad_Flame_Height__Heskestad_Correlation_2.csv"
    table = _table(path, 0)
    pairs = [
        (float(values[0]), float(pool.heskestad_length_m(1104.0 * float(name.removeprefix("Q*=")), 1.0)))
        for name, values in table.items()
        if name.startswith("Q*")
    ]
    yield score("Heskestad", "flame height over Q*", "correlation", pairs)


def scores(folder: Path = SHARED) -> list[Score]:
    """Every score, in the order of the report; empty without the reference data."""
    if not (folder / "plume").is_dir():
        return []
    parts = (
        aloha_sources,
        aloha_fires,
        aloha_lit_clouds,
        aloha_indoor,
        montoir,
        phoenix,
        trenches,
        diesel,
        jets,
        fireballs,
        flame_heights,
    )
    return [one for part in parts for one in part(folder)]


def as_markdown(found: list[Score]) -> str:
    """Table for the accuracy report."""
    lines = [
        "| series | quantity | against | n | ours/reference: median (range) | FAC2 | FB | MG | note |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {s.series} | {s.quantity} | {s.against} | {s.count} | {s.median:.2f} ({s.lowest:.2f}–{s.highest:.2f}) | "
        f"{s.fac2:.2f} | {s.fb:+.2f} | {s.mg:.2f} | {s.note} |"
        for s in found
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    print(as_markdown(scores()))
