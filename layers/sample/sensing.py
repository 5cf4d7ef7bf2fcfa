"""Which sensors, cameras and weather stations watch the city, and which alarms stand?"""

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.sample import names, plan

FloatArray = NDArray[np.float64]

GAS_TAGS = 218
GAS_OFFLINE = 6
CAMERAS = 188
CAMERAS_OFFLINE = 2
WATER_TAGS = 26
CALLED = "100****0001 · 第 2 次"
"""The post that was called in vain, as its alarm names it: the number as it leaves the database."""

FIXED_TAGS: tuple[tuple[str, str, str, str, float, float, float, float, float], ...] = (
    # name, place, quantity, unit, threshold, high threshold, value, sheet x, y
    ("AT-1203", "液氯库东侧", "cl2", "ppm", 1.0, 3.0, 0.0, 616, 748), ("AT-1204", "液氯库西侧", "cl2", "ppm", 1.0,
        3.0, 0.0, 586, 752),
    ("AT-1217", "环城西路", "cl2", "ppm", 1.0, 3.0, 0.0, 692, 676), ("AT-1221", "练江二桥", "cl2", "ppm", 1.0, 3.0,
        0.0, 846, 744),
    ("AT-0718", "演练涂料厂", "combustible", "%LEL", 10.0, 25.0, 0.0, 640, 712),
    ("AT-1209", "液氯库北侧", "cl2", "ppm", 1.0, 3.0, 0.0, 600, 738), ("AT-1212", "园区东门", "cl2", "ppm", 1.0, 3.0,
        0.0, 662, 724),
)  # fmt: skip
PROCESS_TAGS: tuple[tuple[str, str, str, str, float, float], ...] = (
    ("PT-07", "液氯储罐", "pressure", "MPa", 0.9, 0.62), ("LT-07", "液氯储罐", "level", "%", 85.0, 46.0),
    ("TT-07", "液氯储罐", "temperature", "℃", 40.0, 14.1),
)  # fmt: skip
STATIONS: tuple[tuple[str, str, float, float, float, float, float, float], ...] = (
    # id, name, sheet x, y, wind from, wind speed, temperature, humidity
    ("QX-01", "演练城北气象站", 1120, -180, 221, 2.6, 13.9, 0.63), ("QX-02", "演练化工园区气象站", 560, 690, 225, 2.8,
        14.2, 0.61),
    ("QX-03", "演练高新气象站", 1990, 470, 228, 3.0, 14.4, 0.60), ("QX-04", "演练西山雨量站", 300, 250, 219, 3.4, 12.8,
        0.66),
)  # fmt: skip


def tags(rng: np.random.Generator, firms: pd.DataFrame, moment: datetime) -> pd.DataFrame:
    """Gas detectors of the hazmat firms, process values of the plant, rain and water gauges, with their last values."""
    rows: list[dict[str, object]] = []
    for name, place, quantity, unit, low, high, value, sheet_x, sheet_y in FIXED_TAGS:
        x, y = plan.metres(((sheet_x, sheet_y),))[0]
        rows.append(
            {
                "name": name, "enterprise_id": "QY-00001" if "12" in name else None, "place": place,
                    "quantity": quantity,
                "unit": unit, "threshold": low, "threshold_high": high, "interval_s": 30, "last_value": value, "x": x,
                    "y": y,
            }
        )  # fmt: skip
    hazmat = firms[[("hazmat" in owned or "ammonia" in owned) for owned in firms["sectors"]]]
    chosen = hazmat.iloc[rng.integers(0, len(hazmat), GAS_TAGS - len(FIXED_TAGS))]
    kinds = (
        ("combustible", "%LEL", 10.0, 25.0),
        ("nh3", "ppm", 25.0, 50.0),
        ("h2s", "ppm", 7.0, 14.0),
        ("co", "ppm", 24.0, 48.0),
        ("cl2", "ppm", 1.0, 3.0),
    )
    drift = rng.normal(0, 55, (len(chosen), 2))
    for at, firm in enumerate(chosen.itertuples(index=False)):
        quantity, unit, low, high = kinds[int(rng.choice(5, p=(0.45, 0.2, 0.15, 0.1, 0.1)))]
        rows.append(
            {
                "name": f"AT-{2001 + at}", "enterprise_id": firm.id, "place": firm.short_name, "quantity": quantity,
                "unit": unit, "threshold": low, "threshold_high": high, "interval_s": 60,
                "last_value": round(float(abs(rng.normal(0, 0.08)) * low), 2), "x": firm.x + drift[at, 0],
                    "y": firm.y + drift[at, 1],
            }
        )  # fmt: skip
    for name, place, quantity, unit, low, value in PROCESS_TAGS:
        rows.append(
            {
                "name": name, "enterprise_id": "QY-00001", "place": place, "quantity": quantity, "unit": unit,
                    "threshold": low,
                "threshold_high": None, "interval_s": 30, "last_value": value, "x": 4.0, "y": -6.0,
            }
        )  # fmt: skip
    river = plan.river_line()
    for at in range(WATER_TAGS):
        is_rain = at % 2 == 0
        spot = river.interpolate((at + 0.5) / WATER_TAGS, normalized=True)
        x = spot.x + (rng.normal(0, 3800) if is_rain else 0.0)
        rows.append(
            {
                "name": f"{'YL' if is_rain else 'SW'}-{at + 1:02d}", "enterprise_id": None,
                "place": f"{names.MARK}{names.PLACE_WORDS[at]}{'雨量点' if is_rain else '水位点'}",
                "quantity": "rain" if is_rain else "water_level", "unit": "mm/h" if is_rain else "m",
                "threshold": 16.0 if is_rain else 5.2, "threshold_high": 30.0 if is_rain else 6.0, "interval_s": 300,
                "last_value": round(float(rng.uniform(0, 2) if is_rain else rng.uniform(2.8, 3.6)), 1), "x": x,
                    "y": spot.y,
            }
        )  # fmt: skip
    frame = pd.DataFrame(rows)
    frame["id"] = [f"CD-{at:04d}" for at in range(1, len(frame) + 1)]
    frame["status"] = "live"
    # Silent detectors stay on the map, grey, with their last value and its time.
    silent = rng.choice(np.arange(len(FIXED_TAGS), GAS_TAGS), GAS_OFFLINE, replace=False)
    frame.loc[silent, "status"] = "offline"
    age = np.where(
        frame["status"] == "offline", rng.integers(3_000, 40_000, len(frame)), rng.integers(1, 29, len(frame))
    )
    frame["last_at"] = [moment - timedelta(seconds=int(seconds)) for seconds in age]
    frame["risk_rank"] = np.where(frame["status"] == "offline", 1, 5)
    return frame


def cameras(rng: np.random.Generator, firms: pd.DataFrame) -> pd.DataFrame:
    """Cameras of the plant, of the chemical park and of other hazmat firms."""
    hazmat = firms[["hazmat" in owned for owned in firms["sectors"]]]
    chosen = np.concatenate([np.zeros(8, int), rng.integers(0, len(hazmat), CAMERAS - 8)])
    rows = hazmat.iloc[chosen]
    frame = pd.DataFrame(
        {
            "id": [f"SP-{at:04d}" for at in range(1, CAMERAS + 1)],
            "name": (
                rows["short_name"] + "视频" + (rows.groupby("id").cumcount() + 1).astype(str).str.zfill(2)
            ).to_numpy(object),
            "enterprise_id": rows["id"].to_numpy(object),
            "bearing_deg": rng.integers(0, 72, CAMERAS) * 5.0,
            "view_deg": rng.choice([55.0, 70.0, 90.0], CAMERAS),
            "range_m": rng.choice([80.0, 120.0, 200.0], CAMERAS),
            "status": "live",
            "risk_rank": 0,
            "x": rows["x"].to_numpy() + rng.normal(0, 60, CAMERAS),
            "y": rows["y"].to_numpy() + rng.normal(0, 60, CAMERAS),
        }
    )
    frame.loc[rng.choice(np.arange(8, CAMERAS), CAMERAS_OFFLINE, replace=False), "status"] = "offline"
    return frame


def weather(moment: datetime) -> pd.DataFrame:
    """What the four stations saw last: the south-westerly of the drill."""
    rows = []
    for station, name, sheet_x, sheet_y, wind_from, speed, temperature, humidity in STATIONS:
        x, y = plan.metres(((sheet_x, sheet_y),))[0]
        rows.append(
            {
                "id": station, "station_id": station, "station_name": name,
                    "observed_at": moment - timedelta(seconds=46),
                "wind_from_deg": float(wind_from), "wind_speed_m_s": speed, "temperature_c": temperature,
                "relative_humidity": humidity, "stability": "D", "status": "live", "risk_rank": 0, "x": x, "y": y,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def alarms(tag_table: pd.DataFrame, moment: datetime) -> pd.DataFrame:
    """The drill's alarms, newest first; seconds are counted from the drill's first alarm."""
    number = dict(zip(tag_table["name"], tag_table["id"], strict=True))
    rows: list[dict[str, object]] = []
    for tag, kind, title, place, value, unit, threshold, severity, state, seconds, sheet_x, sheet_y in (
        ("AT-1203", "gas", "Cl₂ 18.4 ppm", "AT-1203 · 液氯库东侧", 18.4, "ppm", 1.0, 3, "open", 328, 616, 748),
        ("AT-1217", "gas", "Cl₂ 3.1 ppm", "AT-1217 · 环城西路", 3.1, "ppm", 1.0, 3, "open", 320, 692, 676),
        (None, "camera", "视频离线 2 路", "园区南门、罐区 03", None, "", None, 1, "open", 238, 560, 905),
        (None, "roll_call", "查岗未应答 演练储运二库", CALLED, None, "", None, 1, "acknowledged", 108, 484, 854),
        ("YL-01", "rain", "雨量 12 mm/h", "西山雨量站", 12.0, "mm/h", 16.0, 0, "acknowledged", -552, 300, 250),
        ("AT-0718", "gas", "可燃气 12 %LEL", "AT-0718 · 演练涂料厂", 12.0, "%LEL", 10.0, 2, "cleared", -812, 640, 712),
        (None, "call", "电话接报", "12350 · 气味投诉 · 南圩镇", None, "", None, 0, "cleared", -1207, 430, 1060),
    ):  # fmt: skip
        x, y = plan.metres(((sheet_x, sheet_y),))[0]
        occurred = moment + timedelta(seconds=seconds)
        rows.append(
            {
                "tag_id": number.get(tag) if tag else None, "kind": kind, "title": title, "place": place,
                    "value": value,
                "unit": unit, "threshold": threshold, "severity": severity, "state": state, "occurred_at": occurred,
                "known_at": occurred + timedelta(seconds=2), "risk_rank": severity * 10, "x": x, "y": y,
            }
        )  # fmt: skip
    frame = pd.DataFrame(rows)
    frame["id"] = [f"GJ-{at:04d}" for at in range(1, len(frame) + 1)]
    return frame
