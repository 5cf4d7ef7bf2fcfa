"""T-26: of planted defects every one is found and named by its row; a clean file has none."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Connection

from gis.crs import LocalFrame, bd09_from_wgs84, gcj02_from_wgs84
from gis.database import Caller
from layers import uscc
from layers.importing import intake
from layers.importing.trial import Trial, Wishes
from layers.sample.city import CENTRE, MOMENT, SampleCity

DRILL = Caller("test", "990100", "990200", "drill")
NOW = MOMENT.astimezone(UTC)
HEADERS = {
    "name": "企业名称", "uscc": "统一社会信用代码", "address": "地址", "industry": "行业", "size_class": "规模",
    "people": "从业人数", "safety_head": "安全负责人", "duty_phone": "值守电话", "division": "行政区划",
    "as_of": "更新日期", "longitude": "经度", "latitude": "纬度",
}  # fmt: skip
METRES = LocalFrame(CENTRE)


@dataclass
class Planted:
    """A file under construction and what was done to it: row number as a person counts -> rules that must name it."""

    table: pd.DataFrame
    marks: dict[int, set[str]] = field(default_factory=dict)


def rows_of(city: SampleCity, rng: random.Random, count: int, *, known: bool) -> pd.DataFrame:
    """Rows as a county would send them; `known` ones are in the register, others are new firms between the old."""
    firms = city.enterprises.iloc[rng.sample(range(len(city.enterprises)), count)].reset_index(drop=True)
    names = dict(zip(city.tables["division"]["id"], city.tables["division"]["name"], strict=True))
    table = pd.DataFrame(
        {
            "name": firms["name"],
            "uscc": firms["uscc"],
            "address": firms["address"],
            "industry": firms["industry"],
            "size_class": firms["size_class"].map(
                {"large": "大型", "medium": "中型", "small": "小型", "micro": "微型"}
            ),
            "people": firms["people"].astype(str),
            "safety_head": firms["safety_head"],
            "duty_phone": firms["duty_phone"],
            "division": firms["division_code"].map(names),
            "as_of": [f"{NOW - timedelta(days=rng.randint(1, 300)):%Y-%m-%d}" for _ in range(count)],
            "longitude": firms.geometry.x.round(7),
            "latitude": firms.geometry.y.round(7),
        }
    )
    if known:
        table["as_of"] = f"{NOW + timedelta(hours=1):%Y-%m-%d %H:%M}"
        return table
    numbers = np.array(rng.sample(range(5_000_000, 9_000_000), count))
    table["uscc"] = uscc.numbered("91990000XL", numbers)
    table["name"] = [f"新设{number}{name[2:]}" for number, name in zip(numbers, table["name"], strict=True)]
    table["duty_phone"] = [f"1{number + 1_000_000_000}" for number in numbers]
    table["safety_head"] = [f"演练新员{number}" for number in numbers]
    table["address"] = [
        f"{text[:4]} 新设路 {number} 号" for text, number in zip(table["address"], numbers, strict=True)
    ]
    return table


def shifted(table: pd.DataFrame, row: int, east_m: float, north_m: float) -> tuple[float, float]:
    x, y = METRES.to_metres(float(table.at[row, "longitude"]), float(table.at[row, "latitude"]))
    lon, lat = METRES.to_degrees(x + east_m, y + north_m)
    return round(float(lon), 7), round(float(lat), 7)


def _uscc(table: pd.DataFrame, row: int, rng: random.Random) -> dict[str, Any]:
    code, at = table.at[row, "uscc"], rng.randrange(18)
    return {"uscc": code[:at] + rng.choice([one for one in uscc.ALPHABET if one != code[at]]) + code[at + 1 :]}


def _swapped(table: pd.DataFrame, row: int, _rng: random.Random) -> dict[str, Any]:
    return {"longitude": table.at[row, "latitude"], "latitude": table.at[row, "longitude"]}


def _outside(table: pd.DataFrame, row: int, rng: random.Random) -> dict[str, Any]:
    place = rng.choice([(121.47, 31.23), (116.40, 39.90), (118.70, 32.9), (117.5, 31.4)])
    return {"longitude": place[0] + rng.random() / 10, "latitude": place[1] + rng.random() / 10}


def _missing(table: pd.DataFrame, row: int, rng: random.Random) -> dict[str, Any]:
    column = rng.choice(
        ["name", "uscc", "address", "duty_phone", "safety_head", "longitude", "people", "division", "as_of"]
    )
    return {column: rng.choice(["", "  ", "无", "-"])}


def _stale(table: pd.DataFrame, row: int, rng: random.Random) -> dict[str, Any]:
    return {"as_of": f"{NOW - timedelta(days=rng.randint(400, 3000)):%Y/%m/%d}"}


def _datum(table: pd.DataFrame, row: int, rng: random.Random) -> dict[str, Any]:
    into = rng.choice([gcj02_from_wgs84, bd09_from_wgs84])
    lon, lat = into(float(table.at[row, "longitude"]), float(table.at[row, "latitude"]))
    return {"longitude": round(float(lon), 7), "latitude": round(float(lat), 7)}


CHANGES: dict[str, Callable[[pd.DataFrame, int, random.Random], dict[str, Any]]] = {
    "uscc": _uscc, "swapped": _swapped, "outside_division": _outside, "missing": _missing, "stale": _stale,
    "datum": _datum,
}  # fmt: skip
COPIES = ("duplicate_uscc", "duplicate_name", "duplicate_near")


def plant(clean: pd.DataFrame, rng: random.Random, each: dict[str, int], new: pd.DataFrame) -> Planted:
    """Spoil some rows of a clean table, one defect a row, and add copies of others at its end."""
    table = clean.astype(object).copy()
    spoilt = rng.sample(range(len(table)), sum(each.get(rule, 0) for rule in CHANGES))
    marks: dict[int, set[str]] = {}
    at = iter(spoilt)
    for rule, change in CHANGES.items():
        for _ in range(each.get(rule, 0)):
            row = next(at)
            for column, value in change(table, row, rng).items():
                table.at[row, column] = value
            marks[row + 2] = {rule}
    whole = [row for row in range(len(table)) if row not in set(spoilt)]
    copies = []
    spare = iter(range(len(new)))
    for rule in COPIES:
        for row in rng.sample(whole, each.get(rule, 0)):
            other, model = new.iloc[next(spare)], table.iloc[row]
            if rule == "duplicate_uscc":
                made = {**other, "uscc": model["uscc"], "longitude": other["longitude"]}
            elif rule == "duplicate_name":
                made = {
                    **other,
                    "name": rng.choice([model["name"], f" {model['name']} ", model["name"].replace("有限", "有 限")]),
                }
            else:
                lon, lat = shifted(table, row, rng.uniform(-12, 12), rng.uniform(-12, 12))
                kind = rng.randrange(3)
                renamed = (f"{model['name']}（二厂区）", f"{model['name']}分公司", model["name"][:-1])[kind]
                made = {**other, "name": renamed, "division": model["division"], "longitude": lon, "latitude": lat}
                if kind == 2:
                    made["duty_phone"] = model["duty_phone"]
            marks[len(table) + len(copies) + 2] = {rule}
            copies.append(made)
    return Planted(pd.concat([table, pd.DataFrame(copies, columns=table.columns)], ignore_index=True), marks)


def examined(connection: Connection, table: pd.DataFrame, folder: Path, **wishes: Any) -> Trial:
    path = folder / "county.csv"
    table.rename(columns=HEADERS).to_csv(path, index=False, encoding="gb18030")
    return intake.examine_file(connection, path, "enterprise", Wishes({}, "cgcs2000", **wishes), DRILL, now=NOW)


def named(trial: Trial) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for one in trial.told():
        found.setdefault(one["row"], set()).add(one["rule"])
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_two_hundred_planted_defects_are_all_found_and_nothing_else(
    ground: Connection, city: SampleCity, tmp_path: Path, seed: int
) -> None:
    rng = random.Random(seed)
    each = dict.fromkeys([*CHANGES, *COPIES], 22) | {"uscc": 24}
    clean = pd.concat([rows_of(city, rng, 1500, known=True), rows_of(city, rng, 500, known=False)], ignore_index=True)
    clean = clean.sample(frac=1, random_state=seed).reset_index(drop=True)
    # A wrong datum shows where the register knows the place, so those are planted among known firms.
    order = clean.index[clean["name"].str.startswith("新设")].tolist()
    planted = plant(clean, rng, each | {"datum": 0}, rows_of(city, rng, 100, known=False))
    known = [row for row in range(len(clean)) if row not in order and row + 2 not in planted.marks]
    copied = {text.strip() for text in planted.table["name"].astype(str)[len(clean) :]}
    for row in rng.sample([row for row in known if not any(clean.at[row, "name"][:6] in name for name in copied)], 22):
        for column, value in _datum(planted.table, row, rng).items():
            planted.table.at[row, column] = value
        planted.marks[row + 2] = {"datum"}
    assert len(planted.marks) == 200
    found = named(examined(ground, planted.table, tmp_path))
    missed = {row: rules for row, rules in planted.marks.items() if not rules <= found.get(row, set())}
    assert missed == {}
    assert set(found) == set(planted.marks)


@pytest.mark.parametrize("known", [True, False])
def test_a_clean_file_has_no_defect(ground: Connection, city: SampleCity, tmp_path: Path, known: bool) -> None:
    trial = examined(ground, rows_of(city, random.Random(3), 3000, known=known), tmp_path)
    assert trial.told() == []
    assert (trial.known, trial.new) == ((3000, 0) if known else (0, 3000))


@pytest.mark.parametrize(("into", "datum"), [(gcj02_from_wgs84, "gcj02"), (bd09_from_wgs84, "bd09")])
def test_a_whole_file_of_new_firms_in_another_datum_is_seen_against_the_roads(
    ground: Connection, city: SampleCity, tmp_path: Path, into: Any, datum: str
) -> None:
    """None of these firms is known: that they keep the wrong distances from the streets is all there is to see."""
    table = rows_of(city, random.Random(4), 400, known=False)
    table["longitude"], table["latitude"] = into(table["longitude"].to_numpy(float), table["latitude"].to_numpy(float))
    trial = examined(ground, table, tmp_path)
    assert trial.findings.counts()["datum"] == 400
    assert {one["facts"]["datum"] for one in trial.told() if one["rule"] == "datum"} == {datum}


def test_shops_along_the_road_are_not_taken_for_another_datum(
    ground: Connection, city: SampleCity, tmp_path: Path
) -> None:
    """They keep other distances than factories do, but no shift explains them better than chance."""
    rng = random.Random(5)
    table = rows_of(city, rng, 300, known=False)
    lines = city.roads.geometry.to_numpy()
    for row in range(len(table)):
        spot = lines[rng.randrange(len(lines))].interpolate(0.5, normalized=True)
        table.loc[row, ["longitude", "latitude"]] = [round(spot.x, 7), round(spot.y, 7)]
    table["division"] = "演练市"
    assert "datum" not in examined(ground, table, tmp_path).findings.counts()


def test_one_reporting_unit_in_another_datum_is_seen(ground: Connection, city: SampleCity, tmp_path: Path) -> None:
    table = rows_of(city, random.Random(6), 600, known=False)
    table["数据来源"] = ["甲镇"] * 450 + ["乙镇"] * 150
    late = table.index[450:]
    lon, lat = gcj02_from_wgs84(
        table.loc[late, "longitude"].to_numpy(float), table.loc[late, "latitude"].to_numpy(float)
    )
    table.loc[late, "longitude"], table.loc[late, "latitude"] = lon, lat
    trial = examined(ground, table, tmp_path)
    rows = {one["row"] - 2 for one in trial.told() if one["rule"] == "datum"}
    assert rows == set(late)


def test_rules_can_be_accepted_and_the_limit_moved(ground: Connection, city: SampleCity, tmp_path: Path) -> None:
    table = rows_of(city, random.Random(7), 50, known=False)
    table.loc[:9, "as_of"] = f"{NOW - timedelta(days=500):%Y-%m-%d}"
    assert int(examined(ground, table, tmp_path).aside.sum()) == 10
    assert int(examined(ground, table, tmp_path, accept=frozenset({"stale"})).aside.sum()) == 0
    assert examined(ground, table, tmp_path, stale_days=600).told() == []


def test_every_reason_carries_what_a_person_needs(ground: Connection, city: SampleCity, tmp_path: Path) -> None:
    table = rows_of(city, random.Random(8), 20, known=True)
    table.loc[3, "uscc"] = table.loc[3, "uscc"][:17] + ("0" if table.loc[3, "uscc"][17] != "0" else "1")
    table.loc[19] = table.loc[5]
    told = {(one["row"], one["rule"]): one for one in examined(ground, table, tmp_path).told()}
    assert told[5, "uscc"]["facts"]["expected"] == uscc.check_character(table.loc[3, "uscc"][:17])
    assert told[21, "duplicate_uscc"]["facts"]["other_row"] == 7
    assert datetime.now(UTC) > datetime(2020, 1, 1, tzinfo=UTC)
