"""Which 60 000 enterprises does the city have, where, how large, in which risk sectors?"""

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from layers import pinyin, uscc
from layers.codes import MACHINERY, METALLURGY
from layers.sample import names, plan, sheet
from layers.sample.ground import Ground

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

COUNT = 60_000
PEOPLE = 1_385_000
SIZES = {"large": 90, "medium": 470}
ABOVE_SCALE = 4_923
SECTOR_COUNTS = {"hazmat": 193, "dust": 750, "ammonia": 18, "smelting": 574, "confined": 1_175}
RISK_COUNTS = {1: 14, 2: 63, 3: 218, 4: 455}
IN_CHEMICAL_PARK = 96

INDUSTRY_COUNTS = {
    "34": 8_240, "35": 5_900, "36": 4_100, "38": 6_000,  # machinery 24 240 = 40.4 %
    "31": 1_340, "32": 1_200, "33": 7_000,  # metallurgy 9 540 = 15.9 %
    "26": 2_420, "30": 4_000, "39": 6_000,  # with the above 46 200 = 77 % heavy
    "17": 3_300, "18": 1_500,  # textiles 4 800 = 8 %
    "14": 1_800, "20": 2_200, "29": 3_200, "23": 1_800,
}  # fmt: skip
"""Industry mix of the Changzhou reply (40.4 % machinery, 15.9 % metallurgy, 8 % textiles, 77 % heavy), made exact."""

SECTOR_TRADES = {
    "hazmat": ("26",),
    "dust": ("20", "33", "14", "36", "17", "29"),
    "ammonia": ("14",),
    "smelting": ("31", "32"),
    "confined": ("26", "31", "32", "14", "17", "30", "23"),
}

FIXED: tuple[tuple[str, str, str, float, float, int, int, tuple[str, ...], int | None, str], ...] = (
    # name, short name, industry, sheet x, y, people, on shift, sectors, risk level, address
    ("演练化工一厂", "演练化工一厂", "26", 600, 760, 412, 146, ("hazmat", "confined"), 2, "演练化工园区科技路 18 号"),
    ("演练涂料厂", "演练涂料厂", "26", 640, 716, 186, 64, ("hazmat", "dust", "confined"), 3,
        "演练化工园区园区一路 6 号"),
    ("演练储运二库", "演练储运二库", "26", 484, 854, 74, 22, ("hazmat",), 2, "演练化工园区园区七路 2 号"),
    ("演练合成材料厂", "演练合成材料厂", "26", 534, 700, 268, 95, ("hazmat", "confined"), 1,
        "演练化工园区园区三路 9 号"),
    ("演练助剂厂", "演练助剂厂", "26", 460, 700, 143, 51, ("hazmat",), 3, "演练化工园区园区一路 21 号"),
    ("演练气体厂", "演练气体厂", "26", 680, 820, 97, 30, ("hazmat",), 2, "演练化工园区园区五路 3 号"),
)  # fmt: skip
PLANT_USCC_NUMBER = 17


def found(rng: np.random.Generator, ground: Ground, roads: pd.DataFrame, middles: FloatArray) -> pd.DataFrame:
    """
    Found all enterprises.

    Parameters
    ----------
    roads, middles
        Road table with ``name`` and the edges' middle points ``(n, 2)`` in metres, for addresses.

    Returns
    -------
    firms
        Columns of ``layers.enterprise`` plus ``x``, ``y`` in metres; row 0 is the plant of the drill.
    """
    industry = np.repeat(list(INDUSTRY_COUNTS), list(INDUSTRY_COUNTS.values()))
    rng.shuffle(industry)
    fixed = len(FIXED)
    # The fixed ones are chemical firms and take the places of the first drawn ones.
    chemical = np.flatnonzero(industry == "26")
    for at in range(fixed):
        industry[chemical[at]], industry[at] = industry[at], industry[chemical[at]]
    size, above = _sizes(rng, fixed)
    sectors = _sectors(rng, industry, fixed)
    risk = _risk(rng, sectors, fixed)
    in_park = np.zeros(COUNT, bool)
    hazmat = np.flatnonzero(["hazmat" in owned for owned in sectors])
    in_park[hazmat[hazmat >= fixed][: IN_CHEMICAL_PARK - fixed]] = True
    people = _people(rng, size, above, fixed)
    on_shift = np.maximum(1, np.round(people * rng.uniform(0.25, 0.5, COUNT))).astype(np.int64)
    for at, row in enumerate(FIXED):
        on_shift[at] = row[6]
    is_hazmat = np.array(["hazmat" in owned for owned in sectors])
    spot = _places(rng, ground, industry, size, in_park, is_hazmat)
    name, short, full, first = _names(rng, industry, size, in_park)
    number = np.arange(1, COUNT + 1)
    number[[0, PLANT_USCC_NUMBER - 1]] = number[[PLANT_USCC_NUMBER - 1, 0]]
    named = roads["name"].to_numpy(object) != ""
    nearest = shapely.STRtree(shapely.points(middles[named])).nearest(shapely.points(spot))
    road = roads["name"].to_numpy(object)[named][nearest]
    address = [f"{street} {house} 号" for street, house in zip(road, rng.integers(1, 600, COUNT), strict=True)]
    for at, row in enumerate(FIXED):
        address[at] = row[9]
    return pd.DataFrame(
        {
            "id": [f"QY-{at:05d}" for at in range(1, COUNT + 1)],
            "name": name,
            "short_name": short,
            "pinyin": full,
            "initials": first,
            "uscc": uscc.numbered("91990000YL", number),
            "address": address,
            "industry": industry,
            "sectors": sectors,
            "size_class": size,
            "above_scale": above,
            "people": people,
            "on_shift": on_shift,
            "safety_head": [names.person(at) for at in range(1, COUNT + 1)],
            "duty_phone": [names.phone(at) for at in range(1, COUNT + 1)],
            "risk_level": pd.array(risk, dtype="Int64"),
            "x": spot[:, 0],
            "y": spot[:, 1],
        }
    )


def _sizes(rng: np.random.Generator, fixed: int) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    order = rng.permutation(np.arange(fixed, COUNT))
    size = np.full(COUNT, "micro", object)
    above = np.zeros(COUNT, bool)
    large, medium = SIZES["large"], SIZES["medium"] - 1
    size[order[:large]] = "large"
    size[order[large : large + medium]] = "medium"
    small_above = ABOVE_SCALE - large - medium - fixed
    rest = order[large + medium :]
    size[rest[:small_above]] = "small"
    above[order[: large + medium + small_above]] = True
    size[rest[small_above : small_above + 9_500]] = "small"
    size[:fixed] = "small"
    size[0] = "medium"
    above[:fixed] = True
    return size, above


def _people(rng: np.random.Generator, size: NDArray[np.object_], above: NDArray[np.bool_], fixed: int) -> IntArray:
    """Employees within the limits of each size class (from 1000, 300-999, 20-299, below 20), summing to `PEOPLE`."""
    people = np.empty(COUNT, np.int64)
    for kind, low, high, shape in (("large", 1000, 5200, 1.4), ("medium", 300, 999, 1.0), ("micro", 2, 19, 0.7)):
        rows = size == kind
        people[rows] = low + (rng.beta(1.0, shape * 2, rows.sum()) * (high - low)).astype(np.int64)
    small = size == "small"
    draw = np.exp(rng.normal(np.where(above, np.log(85), np.log(38)), 0.55))
    people[small] = np.clip(draw[small], 20, 299).astype(np.int64)
    for at, row in enumerate(FIXED):
        people[at] = row[5]
    free_small = np.flatnonzero(small & (np.arange(COUNT) >= fixed))
    free_micro = np.flatnonzero(size == "micro")
    missing = PEOPLE - int(people.sum())
    # Move the small and the micro firms together, one head at a time, until the sum is exact.
    while missing:
        step = 1 if missing > 0 else -1
        room = np.concatenate([free_small, free_micro])
        limit = np.where(size[room] == "micro", 19 if step > 0 else 2, 299 if step > 0 else 20)
        room = room[people[room] != limit]
        chosen = rng.permutation(room)[: abs(missing)]
        people[chosen] += step
        missing -= step * len(chosen)
    return people


def _sectors(rng: np.random.Generator, industry: NDArray[np.object_], fixed: int) -> list[list[str]]:
    """A set of sectors per firm, each sector with its exact count; confined spaces are likelier in firms of another."""
    owned: list[list[str]] = [[] for _ in range(COUNT)]
    for at, row in enumerate(FIXED):
        owned[at] = list(row[7])
    for sector, wanted in SECTOR_COUNTS.items():
        have = sum(sector in row for row in owned[:fixed])
        able = np.flatnonzero(np.isin(industry, SECTOR_TRADES[sector]))
        able = able[able >= fixed]
        if sector == "confined":
            taken = np.array([bool(owned[at]) for at in able])
            weight = np.where(taken, 6.0, 1.0)
            chosen = rng.choice(able, wanted - have, replace=False, p=weight / weight.sum())
        else:
            chosen = rng.choice(able, wanted - have, replace=False)
        for at in chosen:
            owned[at].append(sector)
    return owned


def _risk(rng: np.random.Generator, sectors: list[list[str]], fixed: int) -> list[int | None]:
    """Four-colour levels for 750 firms, the graver ones among those with more sectors."""
    risk: list[int | None] = [None] * COUNT
    left = dict(RISK_COUNTS)
    for at, row in enumerate(FIXED):
        level = row[8]
        if level is not None:
            risk[at] = level
            left[level] -= 1
    gravity = np.array([3.0 * ("hazmat" in row) + 1.5 * ("smelting" in row) + len(row) for row in sectors])
    able = np.flatnonzero(gravity > 0)
    able = able[able >= fixed]
    order = able[np.argsort(-(gravity[able] + rng.gumbel(0, 0.8, len(able))), kind="stable")]
    begin = 0
    for level, count in left.items():
        for at in order[begin : begin + count]:
            risk[int(at)] = level
        begin += count
    return risk


def _places(
    rng: np.random.Generator,
    ground: Ground,
    industry: NDArray[np.object_],
    size: NDArray[np.object_],
    in_park: NDArray[np.bool_],
    is_hazmat: NDArray[np.bool_],
) -> FloatArray:
    """A place for every firm: near a building, the larger and the heavier the likelier in an industrial park."""
    centre = shapely.get_coordinates(shapely.centroid(ground.buildings))
    work = np.array([quarter.work for quarter in sheet.QUARTERS] + [0.06])[ground.quarter]
    estate = np.array([quarter.density < 0.1 for quarter in sheet.QUARTERS] + [False])[ground.quarter]
    in_plots = shapely.contains_xy(plan.chemical_park(), centre[:, 0], centre[:, 1])
    work = np.where(in_plots, 0.0, work) * np.sqrt(shapely.area(ground.buildings))
    heavy = np.isin(industry, (*MACHINERY, *METALLURGY, "26", "30", "39"))
    wants_estate = rng.random(COUNT) < np.where(np.isin(size, ["large", "medium"]), 0.85, np.where(heavy, 0.5, 0.28))
    # Makers of hazardous chemicals may stand only in an industrial park.
    wants_estate |= is_hazmat
    spot = np.empty((COUNT, 2))
    for rows, weight in ((wants_estate, work * estate), (~wants_estate, work * ~estate)):
        chosen = rng.choice(len(centre), int(rows.sum()), p=weight / weight.sum())
        spot[rows] = centre[chosen] + rng.normal(0, 14, (int(rows.sum()), 2))
    plots = centre[in_plots]
    # Firms of the chemical park share its plots; the plant of the drill keeps its own yard to itself.
    away = np.hypot(plots[:, 0], plots[:, 1]) > 330
    spot[in_park] = plots[away][rng.integers(0, int(away.sum()), int(in_park.sum()))] + rng.normal(
        0, 9, (int(in_park.sum()), 2)
    )
    for at, row in enumerate(FIXED):
        spot[at] = plan.metres(((row[3], row[4]),))[0]
    return spot


def _names(
    rng: np.random.Generator, industry: NDArray[np.object_], size: NDArray[np.object_], in_park: NDArray[np.bool_]
) -> tuple[list[str], list[str], list[str], list[str]]:
    """Unique fictional names with their pinyin: no two firms of one industry share brand and trade."""
    brands = [first + second for first in names.BRAND_FIRST for second in names.BRAND_SECOND]
    brand_sound = [pinyin.of_parts((brand,)) for brand in brands]
    mark_sound = pinyin.of_parts((names.MARK,))
    name = [""] * COUNT
    short = [""] * COUNT
    full = [""] * COUNT
    first = [""] * COUNT
    for code, trades in names.TRADES.items():
        rows = np.flatnonzero(industry == code)
        draw = rng.permutation(len(brands) * len(trades))[: len(rows)]
        for at, number in zip(rows.tolist(), draw.tolist(), strict=True):
            brand, trade = number % len(brands), trades[number // len(brands)]
            suffix = "有限公司" if in_park[at] else names.SUFFIX[size[at]]
            tail_sound = pinyin.of_parts((trade + suffix,))
            name[at] = f"{names.MARK}{brands[brand]}{trade}{suffix}"
            short[at] = f"{names.MARK}{brands[brand]}{trade}"
            full[at] = mark_sound[0] + brand_sound[brand][0] + tail_sound[0]
            first[at] = mark_sound[1] + brand_sound[brand][1] + tail_sound[1]
    for at, row in enumerate(FIXED):
        name[at], short[at] = row[0], row[1]
        full[at], first[at] = pinyin.of_parts((row[0],))
    return name, short, full, first
