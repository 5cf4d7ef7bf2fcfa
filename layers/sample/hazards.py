"""Which units hold dangerous substances, how much, and of which GB 18218 level are they?"""

import json
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from layers import hazard_level
from layers.hazard_level import SUBSTANCES, Holding

FloatArray = NDArray[np.float64]

UNITS = 37
LEDGER_DAYS = 15
PLANT_UNITS: tuple[tuple[str, str, str, str, str, float, float], ...] = (
    # name, kind, CAS, design maximum t, stock t, metres east and north of the chlorine store
    ("液氯库", "storage", "7782-50-5", "40.0", "18.6", 0.0, 0.0),
    ("氨罐区", "storage", "7664-41-7", "60.0", "41.2", -165.0, -330.0),
    ("甲醇罐区", "storage", "67-56-1", "800", "512", 150.0, -300.0),
)
CHLORINE_STOCK_T = (24.2, 23.1, 31.0, 29.8, 28.1, 27.2, 26.0, 33.1, 32.0, 30.2, 28.4, 25.1, 24.0, 22.3, 18.6)
"""Closing stock of the chlorine store on the fifteen days before the drill."""

OTHER_UNITS: tuple[tuple[str, str, str, str, str], ...] = (
    ("液氯气化间", "production", "7782-50-5", "12", "8.1"), ("氯化装置", "production", "7782-50-5", "6.5", "5"),
    ("液氨储罐", "storage", "7664-41-7", "90", "61"), ("氨制冷机房", "production", "7664-41-7", "18", "15"),
    ("合成氨装置", "production", "7664-41-7", "45", "30"), ("光气化装置", "production", "75-44-5", "0.75", "0.4"),
    ("二氧化硫钢瓶间", "storage", "7446-09-5", "32", "21"), ("盐酸合成", "production", "7647-01-0", "46", "31"),
    ("环氧乙烷罐区", "storage", "75-21-8", "120", "77"), ("环氧乙烷加成装置", "production", "75-21-8", "24", "16"),
    ("硫化氢吸收", "production", "7783-06-4", "8", "5"), ("氟化氢储槽", "storage", "7664-39-3", "6", "3.4"),
    ("溴甲烷熏蒸库", "storage", "74-83-9", "15", "9"), ("氰化氢装置", "production", "74-90-8", "1.4", "0.6"),
    ("液化气储罐区", "storage", "68476-85-7", "800", "466"), ("液化气充装站", "storage", "68476-85-7", "180", "96"),
    ("液化天然气储罐", "storage", "74-82-8", "240", "171"), ("液化天然气气化站", "storage", "74-82-8", "120", "80"),
    ("乙炔站", "production", "74-86-2", "3.2", "1.8"), ("乙炔气瓶库", "storage", "74-86-2", "2.4", "1.6"),
    ("苯罐区", "storage", "71-43-2", "600", "380"), ("苯精制装置", "production", "71-43-2", "85", "70"),
    ("甲醇储罐", "storage", "67-56-1", "2400", "1650"), ("甲醇精馏", "production", "67-56-1", "650", "420"),
    ("汽油罐区", "storage", "86290-81-5", "6000", "4110"), ("汽油中转罐", "storage", "86290-81-5", "900", "560"),
    ("溶剂库", "storage", "W5.3", "1900", "1200"), ("涂料溶剂罐区", "storage", "W5.3", "1400", "830"),
    ("过氧化物库", "storage", "W7.2", "64", "38"), ("氧化剂仓库", "storage", "W9.2", "420", "260"),
    ("急性毒性品库", "storage", "J5", "780", "510"), ("易燃固体库", "storage", "W8", "96", "63"),
    ("遇水放出易燃气体品库", "storage", "W10", "260", "150"), ("氯乙酸装置", "production", "7782-50-5", "9", "6"),
)  # fmt: skip
CLASS_NAMES = {
    "W5.3": "易燃液体 W5.3", "W7.2": "有机过氧化物 W7.2", "W9.2": "氧化性固体 W9.2", "J5": "急性毒性 J5",
        "W8": "易燃固体 W8",
    "W10": "遇水放出易燃气体 W10",
}  # fmt: skip


def place(rng: np.random.Generator, firms: pd.DataFrame, cells_xy: FloatArray, residents: FloatArray) -> pd.DataFrame:
    """
    Put the units into hazardous-chemicals firms and grade them.

    Parameters
    ----------
    cells_xy, residents
        Middles ``(n, 2)`` in metres of the population cells and the people who live there.

    Returns
    -------
    units
        Columns of ``layers.hazard_source`` plus ``x``, ``y``; the first is the chlorine store of the drill.
    """
    hazmat = np.array(["hazmat" in owned for owned in firms["sectors"]])
    owners = np.concatenate([np.arange(1, 6), rng.choice(np.flatnonzero(hazmat)[6:], 29, replace=False)])
    tree = cKDTree(cells_xy)
    rows = []
    for at in range(UNITS):
        if at < len(PLANT_UNITS):
            name, kind, cas, design, stock, east, north = PLANT_UNITS[at]
            owner = 0
        else:
            name, kind, cas, design, stock = OTHER_UNITS[at - len(PLANT_UNITS)]
            owner, east, north = int(owners[at - len(PLANT_UNITS)]), 18.0, -12.0
        firm = firms.iloc[owner]
        x, y = float(firm["x"]) + east, float(firm["y"]) + north
        # 500 m outside the boundary, taken as 800 m around the works: its site is about 600 m across.
        near = tree.query_ball_point((float(firm["x"]), float(firm["y"])), 800.0)
        people = int(residents[near].sum())
        result = hazard_level.assess([Holding(cas, design)], people)
        line = result.lines[0]
        entry = SUBSTANCES.get(cas)
        substance = entry.short_name if entry else CLASS_NAMES[cas]
        rows.append(
            {
                "id": f"WX-{at + 1:03d}",
                "name": name,
                "enterprise_id": firm["id"],
                "enterprise_name": firm["short_name"],
                "unit_kind": kind,
                "substance": "液氯" if cas == "7782-50-5" else "液氨" if cas == "7664-41-7" else substance,
                "un_number": entry.un if entry else "",
                "cas_number": cas if entry else "",
                "design_max_t": design,
                "stock_t": stock,
                "substances": json.dumps(
                    [
                        {
                            "substance": substance,
                            "code": cas,
                            "design_max_t": design,
                            "stock_t": stock,
                            "threshold_t": float(line.threshold_t),
                            "beta": float(line.beta),
                            "ratio": round(float(line.ratio), 4),
                            "alpha": float(result.alpha),
                        }
                    ],
                    ensure_ascii=False,
                ),
                "people_within_500m": people,
                "s_value": round(float(result.s), 4),
                "r_value": round(float(result.r), 4),
                "is_major": result.is_major,
                "hazard_level": result.level,
                "risk_rank": 100 - 10 * result.level if result.level else 0,
                "x": x,
                "y": y,
            }
        )
    units = pd.DataFrame(rows)
    units["hazard_level"] = units["hazard_level"].astype("Int64")
    return units


def ledger(rng: np.random.Generator, units: pd.DataFrame, today: date) -> pd.DataFrame:
    """In, out and closing stock of every unit on the last days; each day balances: stock = stock before + in - out."""
    rows = []
    for unit in units.itertuples(index=False):
        final = float(str(unit.stock_t))
        ceiling = float(str(unit.design_max_t))
        if unit.id == "WX-001":
            stocks = np.array(CHLORINE_STOCK_T)
        else:
            walk = final + np.cumsum(rng.normal(0, 0.05 * ceiling, LEDGER_DAYS))[::-1]
            stocks = np.round(np.clip(walk - walk[-1] + final, 0.05 * ceiling, 0.97 * ceiling), 1)
            stocks[-1] = final
        before = np.concatenate([[stocks[0]], stocks[:-1]])
        change = np.round(stocks - before, 3)
        for at in range(LEDGER_DAYS):
            day = today - timedelta(days=LEDGER_DAYS - 1 - at)
            rows.append(
                {
                    "id": f"{unit.id}-{day:%Y%m%d}",
                    "hazard_source_id": unit.id,
                    "substance": unit.substance,
                    "ledger_day": day,
                    "in_t": round(max(change[at], 0.0), 3),
                    "out_t": round(max(-change[at], 0.0), 3),
                    "stock_t": round(float(stocks[at]), 3),
                }
            )
    return pd.DataFrame(rows)
