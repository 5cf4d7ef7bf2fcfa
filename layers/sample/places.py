"""Whom must be protected, where do they go, and who comes to help?"""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from layers import pinyin
from layers.apportion import largest_remainder
from layers.sample import names, plan

FloatArray = NDArray[np.float64]

TARGET_COUNTS = {"school": 420, "kindergarten": 470, "hospital": 120, "nursing_home": 165}
SHELTERS = 64
TEAM_COUNTS = {"fire": 22, "hazmat": 5, "medical": 14, "rescue": 5}
VEHICLES = 138
STORES = 18

FIXED_TARGETS: tuple[tuple[str, str, float, float, int, int], ...] = (
    # name, kind, sheet x, y, people by day, by night
    ("演练练江三小", "school", 702.8, 634.6, 864, 4),
    ("演练滨江幼儿园", "kindergarten", 777.3, 620.5, 286, 2),
    ("演练市第二医院", "hospital", 798, 513, 318, 264),
    ("演练康宁养老院", "nursing_home", 912, 497, 124, 131),
    ("演练第三中学", "school", 926, 403.6, 996, 38),
    ("演练安和护理院", "nursing_home", 826, 764, 96, 102),
    ("演练练江五小", "school", 938, 772, 731, 3),
    ("演练市中心医院", "hospital", 1152.6, 697, 602, 498),
    ("演练滨江一小", "school", 590, 330, 912, 4),
)  # fmt: skip
FIXED_SHELTERS: tuple[tuple[str, str, float, float, int, bool], ...] = (
    # name, kind, sheet x, y, capacity, gas-tight
    ("演练市体育馆", "indoor", 612, 279, 2400, True),
    ("演练西岸公园", "outdoor", 446, 409, 3000, False),
    ("演练职教中心", "indoor", 950, 775, 1200, True),
    ("演练东湖中学", "indoor", 962, 401, 1500, True),
)  # fmt: skip
FIXED_TEAMS: tuple[tuple[str, str, float, float, int, int], ...] = (
    # name, kind, sheet x, y, people, vehicles
    ("演练园区消防站", "hazmat", 418, 905, 34, 6),
    ("演练城西消防站", "fire", 504, 532, 42, 7),
    ("演练市中心医院", "medical", 1152.6, 697, 28, 6),
    ("演练市危化救援支队", "hazmat", 1290, 760, 56, 9),
)  # fmt: skip

SUPPLIES: tuple[tuple[str, str, str, int, int], ...] = (
    # GB/T 38565 code down to the second level (99 = other below it), name, unit, least, most
    ("1019900", "瓶装水", "箱", 400, 4000), ("1029900", "折叠床", "张", 200, 2400), ("1039900", "棉被", "床", 300,
        3600),
    ("2019900", "正压式空气呼吸器", "套", 20, 160), ("2019900", "过滤式防毒面具", "具", 300, 3000),
    ("2019900", "重型防化服", "套", 8, 60), ("2029900", "便携式气体检测仪", "台", 10, 80), ("2039900", "移动照明灯组",
        "台", 6, 40),
    ("2049900", "抗溶性泡沫液", "t", 4, 60), ("2049900", "堵漏器材", "套", 4, 30), ("3019900", "石灰", "t", 10, 80),
    ("3029900", "围油栏", "m", 200, 1500), ("3019900", "沙袋", "条", 1000, 12000),
)  # fmt: skip


def drill_corridor() -> shapely.Polygon:
    """Ground downwind of the drill's source, kept free of drawn places so that the drill is about the named ones."""
    return shapely.Polygon(
        plan.metres(((570, 790), (620, 620), (860, 300), (1040, 150), (1240, 290), (1120, 420), (880, 640), (690, 800)))
    )


def _scatter(
    rng: np.random.Generator, count: int, xy: FloatArray, weight: FloatArray, clear_m: float = 0.0
) -> FloatArray:
    """Draw places by `weight`, outside the drill's corridor and at least `clear_m` from its source."""
    corridor = drill_corridor()
    shapely.prepare(corridor)
    barred = shapely.contains_xy(corridor, xy[:, 0], xy[:, 1]) | (np.hypot(xy[:, 0], xy[:, 1]) < clear_m)
    weight = np.where(barred, 0.0, weight)
    chosen = rng.choice(len(xy), count, replace=False, p=weight / weight.sum())
    return np.asarray(xy[chosen] + rng.uniform(-35.0, 35.0, (count, 2)))


def _named(frame: pd.DataFrame) -> pd.DataFrame:
    sounds = [pinyin.of_parts((name,)) for name in frame["name"]]
    return frame.assign(pinyin=[sound[0] for sound in sounds], initials=[sound[1] for sound in sounds])


def targets(rng: np.random.Generator, xy: FloatArray, residents: FloatArray) -> pd.DataFrame:
    """Schools, kindergartens, hospitals and homes: the named ones of the drill and others where people live."""
    rows: list[dict[str, object]] = []
    for name, kind, sheet_x, sheet_y, day, night in FIXED_TARGETS:
        x, y = plan.metres(((sheet_x, sheet_y),))[0]
        rows.append({"name": name, "kind": kind, "people": day, "people_night": night, "x": x, "y": y})
    patterns = {
        "school": ("{}小学", "{}中学", "{}实验小学"), "kindergarten": ("{}幼儿园", "{}第二幼儿园", "{}中心幼儿园"),
        "hospital": ("{}卫生院", "{}社区医院", "{}医院"), "nursing_home": ("{}敬老院", "{}养老院", "{}护理院"),
    }  # fmt: skip
    sizes = {
        "school": (280, 2200, 0.01),
        "kindergarten": (70, 420, 0.0),
        "hospital": (60, 900, 0.75),
        "nursing_home": (30, 260, 1.05),
    }
    for kind, count in TARGET_COUNTS.items():
        drawn = count - sum(row[1] == kind for row in FIXED_TARGETS)
        low, high, stay = sizes[kind]
        spot = _scatter(rng, drawn, xy, residents)
        heads = (low + (high - low) * rng.beta(1.4, 3.2, drawn)).astype(int)
        for at in range(drawn):
            word = names.PLACE_WORDS[at % len(names.PLACE_WORDS)]
            series = at // len(names.PLACE_WORDS)
            form = patterns[kind][series % len(patterns[kind])]
            lap = series // len(patterns[kind])
            stem = f"{names.MARK}{word}{names.numeral(lap + 1) if lap else ''}"
            rows.append(
                {
                    "name": form.format(stem),
                    "kind": kind,
                    "people": int(heads[at]),
                    "people_night": int(heads[at] * stay),
                    "x": spot[at, 0],
                    "y": spot[at, 1],
                }
            )
    frame = pd.DataFrame(rows)
    frame["id"] = [f"FH-{at:04d}" for at in range(1, len(frame) + 1)]
    frame["address"] = ""
    frame["phone"] = [names.phone(1_000_000 + at) for at in range(len(frame))]
    # Only hospitals have beds; between 8 and 16 of a hundred are free, without another draw of the city's dice.
    beds = (frame["people"] * 0.5).round().where(frame["kind"] == "hospital").astype("Int64")
    frame["beds"], frame["beds_free"] = beds, (beds * (8 + 2 * (frame.index % 5)) // 100)
    frame["risk_rank"] = (frame["people"] // 50).clip(upper=99)
    return _named(frame)


def shelters(rng: np.random.Generator, xy: FloatArray, residents: FloatArray) -> pd.DataFrame:
    """Shelters with capacity; the four named ones of the drill first."""
    rows: list[dict[str, object]] = []
    for name, kind, sheet_x, sheet_y, capacity, tight in FIXED_SHELTERS:
        x, y = plan.metres(((sheet_x, sheet_y),))[0]
        rows.append({"name": name, "kind": kind, "capacity": capacity, "indoor_gas_tight": tight, "x": x, "y": y})
    drawn = SHELTERS - len(rows)
    spot = _scatter(rng, drawn, xy, residents, clear_m=4200.0)
    forms = (
        ("体育馆", "indoor"),
        ("中心公园", "outdoor"),
        ("文化中心", "indoor"),
        ("广场", "outdoor"),
        ("会展馆", "indoor"),
    )
    for at in range(drawn):
        form, kind = forms[at % len(forms)]
        capacity = int(rng.integers(8, 60) * (100 if kind == "indoor" else 180) // 100 * 100)
        # The second lap of place words is shifted, so that no two shelters share word and form.
        word = names.PLACE_WORDS[(at + at // len(names.PLACE_WORDS)) % len(names.PLACE_WORDS)]
        rows.append(
            {
                "name": f"{names.MARK}{word}{form}",
                "kind": kind,
                "capacity": capacity,
                "indoor_gas_tight": kind == "indoor" and at % 3 == 0,
                "x": spot[at, 0],
                "y": spot[at, 1],
            }
        )
    frame = pd.DataFrame(rows)
    frame["id"] = [f"BN-{at:03d}" for at in range(1, len(frame) + 1)]
    frame["level"] = np.where(
        frame["capacity"] >= 2400, "city", np.where(frame["capacity"] >= 1200, "county", "township")
    )
    frame["occupancy"] = 0
    # Per-capita area of a stay of days, 2 m2; the standard's own figures are configured elsewhere.
    frame["effective_area_m2"] = frame["capacity"] * 2.0
    frame["manager"] = [names.person(70_000 + at) for at in range(len(frame))]
    frame["phone"] = [names.phone(2_000_000 + at) for at in range(len(frame))]
    frame["risk_rank"] = (frame["capacity"] // 100).clip(upper=99)
    return _named(frame)


def teams(rng: np.random.Generator, xy: FloatArray, residents: FloatArray) -> pd.DataFrame:
    """Fire, hazmat, medical and rescue teams with people and vehicles."""
    rows: list[dict[str, object]] = []
    for name, kind, sheet_x, sheet_y, people, vehicles in FIXED_TEAMS:
        x, y = plan.metres(((sheet_x, sheet_y),))[0]
        rows.append({"name": name, "kind": kind, "people": people, "vehicles": vehicles, "x": x, "y": y})
    forms = {"fire": "消防站", "hazmat": "危化处置队", "medical": "急救站", "rescue": "应急救援队"}
    sizes = {"fire": (18, 42), "hazmat": (16, 40), "medical": (8, 26), "rescue": (20, 60)}
    for kind, count in TEAM_COUNTS.items():
        drawn = count - sum(row[1] == kind for row in FIXED_TEAMS)
        spot = _scatter(rng, drawn, xy, np.sqrt(residents), clear_m=5500.0)
        for at in range(drawn):
            word = names.PLACE_WORDS[(at * 7 + 3 * len(kind)) % len(names.PLACE_WORDS)]
            rows.append(
                {
                    "name": f"{names.MARK}{word}{forms[kind]}",
                    "kind": kind,
                    "people": int(rng.integers(*sizes[kind])),
                    "vehicles": 0,
                    "x": spot[at, 0],
                    "y": spot[at, 1],
                }
            )
    frame = pd.DataFrame(rows)
    fixed = len(FIXED_TEAMS)
    left = VEHICLES - int(frame["vehicles"].sum()) - (len(frame) - fixed)
    frame.loc[fixed:, "vehicles"] = 1 + largest_remainder(frame["people"].to_numpy(float)[fixed:], left)
    frame["id"] = [f"DW-{at:03d}" for at in range(1, len(frame) + 1)]
    frame["status"] = "ready"
    frame["phone"] = [names.phone(3_000_000 + at) for at in range(len(frame))]
    frame["risk_rank"] = frame["people"]
    return _named(frame)


def stores(
    rng: np.random.Generator, xy: FloatArray, residents: FloatArray, today: date
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Stores and what lies in them."""
    spot = _scatter(rng, STORES, xy, np.sqrt(residents))
    words = names.PLACE_WORDS
    frame = pd.DataFrame(
        {
            "id": [f"WZ-{at:03d}" for at in range(1, STORES + 1)],
            "name": [f"{names.MARK}{words[(at * 5 + 2) % len(words)]}物资储备库" for at in range(STORES)],
            "owner": [
                f"{names.MARK}市应急物资保障中心" if at < 4 else f"{names.MARK}区县应急管理局" for at in range(STORES)
            ],
            "manager": [names.person(80_000 + at) for at in range(STORES)],
            "phone": [names.phone(4_000_000 + at) for at in range(STORES)],
            "risk_rank": 0,
            "x": spot[:, 0],
            "y": spot[:, 1],
        }
    )
    stock: list[dict[str, object]] = []
    for store in frame["id"]:
        for at in sorted(rng.choice(len(SUPPLIES), 9, replace=False)):
            code, name, unit, low, high = SUPPLIES[at]
            perishes = name in ("瓶装水", "抗溶性泡沫液", "过滤式防毒面具")
            stock.append(
                {
                    "id": f"{store}-{at:02d}",
                    "store_id": store,
                    "code": code,
                    "name": name,
                    "quantity": int(rng.integers(low, high)),
                    "unit": unit,
                    "readiness": "ready" if rng.random() < 0.93 else "in_repair",
                    "expires_on": today + timedelta(days=int(rng.integers(40, 1400))) if perishes else None,
                    "counted_on": today - timedelta(days=int(rng.integers(3, 80))),
                }
            )
    return _named(frame), pd.DataFrame(stock)
