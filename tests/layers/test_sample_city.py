"""The sample city: every figure of the Changzhou reply to the last one, and roads that lead everywhere."""

from collections import Counter

import geopandas as gpd
import numpy as np
import pytest
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from command_ui.sample import ALREADY_RUNNING
from layers import pinyin, uscc
from layers.codes import INDUSTRIES, MACHINERY, METALLURGY, TEXTILES
from layers.hazard_level import Holding, assess
from layers.sample import names, people
from layers.sample.city import SampleCity, generate

# 常州市 reply of 2020: enterprises by risk sector, by size, employees, industry mix.
SECTORS = {"hazmat": 193, "dust": 750, "ammonia": 18, "smelting": 574, "confined": 1175}


def test_sector_counts_are_exact(city: SampleCity) -> None:
    """T-02: 193 / 750 / 18 / 574 / 1 175, as sets that overlap."""
    owned = city.enterprises["sectors"]
    assert Counter(sector for row in owned for sector in row) == SECTORS
    assert all(len(set(row)) == len(row) for row in owned)
    assert any(len(row) > 1 for row in owned)


def test_size_classes_and_employees_are_exact(city: SampleCity) -> None:
    """60 000 firms, 4 923 above scale, 90 large, 470 medium, over 90 % small and micro, 1 385 000 people."""
    firms = city.enterprises
    sizes = firms["size_class"].value_counts()
    assert len(firms) == 60_000
    assert (sizes["large"], sizes["medium"]) == (90, 470)
    assert int(firms["above_scale"].sum()) == 4_923
    assert firms.loc[firms["size_class"].isin(["large", "medium"]), "above_scale"].all()
    assert (sizes["small"] + sizes["micro"]) / len(firms) > 0.9
    assert int(firms["people"].sum()) == 1_385_000
    for size, low, high in (("large", 1000, 10**6), ("medium", 300, 999), ("small", 20, 299), ("micro", 1, 19)):
        assert firms.loc[firms["size_class"] == size, "people"].between(low, high).all(), size


def test_industry_mix(city: SampleCity) -> None:
    """40.4 % machinery, 15.9 % metallurgy, 8 % textiles, 77 % heavy industry."""
    share = city.enterprises["industry"].value_counts(normalize=True)
    assert share[list(MACHINERY)].sum() == pytest.approx(0.404)
    assert share[list(METALLURGY)].sum() == pytest.approx(0.159)
    assert share[list(TEXTILES)].sum() == pytest.approx(0.08)
    assert share[[code for code, (_, _, heavy) in INDUSTRIES.items() if heavy]].sum() == pytest.approx(0.77)


def test_names_and_codes_are_fictional_unique_and_well_formed(city: SampleCity) -> None:
    """Every firm says 演练, every credit code has a right check character and a division that does not exist."""
    firms = city.enterprises
    assert firms["name"].str.startswith(names.MARK).all()
    assert firms["name"].is_unique
    assert firms["uscc"].is_unique
    assert all(uscc.is_valid(code) for code in firms["uscc"])
    assert firms["uscc"].str[2:4].eq("99").all()
    assert firms["duty_phone"].str.fullmatch(r"100\d{8}").all()
    for table, frame in city.tables.items():
        assert frame["source_system"].eq("演练数据").all(), table
        assert frame["mode"].eq("drill").all(), table
        assert frame["division_code"].str.fullmatch(r"9901\d\d").all(), table
    first = firms.iloc[:200]
    assert [pinyin.initials(name) for name in first["name"]] == first["initials"].tolist()


def test_people_sum_to_the_stated_totals(city: SampleCity) -> None:
    """By day the employees stand in the cells of their firms; both totals are whole and exact."""
    cells = city.population
    assert len(cells) == people.CELLS
    assert int(cells["night"].sum()) == people.NIGHT_TOTAL
    assert int(cells["day"].sum()) == people.DAY_AT_HOME_TOTAL + 1_385_000
    assert (cells[["day", "night"]] >= 0).all().all()


def test_registers_have_the_scale_of_the_screens(city: SampleCity) -> None:
    """Counts shown in the layer tree, and vehicles in all."""
    expected = {
        "hazard_source": 37, "protection_target": 1175, "shelter": 64, "rescue_team": 46, "store": 18, "camera": 188,
        "weather_observation": 4,
    }  # fmt: skip
    assert {table: len(city.tables[table]) for table in expected} == expected
    assert int(city.tables["rescue_team"]["vehicles"].sum()) == 138
    assert {"fire", "hazmat", "medical"} <= set(city.tables["rescue_team"]["kind"])
    levels = city.enterprises["risk_level"].value_counts()
    assert levels.to_dict() == {1: 14, 2: 63, 3: 218, 4: 455}
    assert city.tables["shelter"]["name"].is_unique


def test_hazard_units_carry_what_the_calculator_says(city: SampleCity) -> None:
    """R, level and the design maximum of every unit; stock never above it."""
    for unit in city.tables["hazard_source"].itertuples():
        code = unit.cas_number or unit.substance.split()[-1]
        result = assess([Holding(code, unit.design_max_t)], unit.people_within_500m)
        assert float(result.r) == pytest.approx(unit.r_value, abs=1e-4)
        assert result.level == unit.hazard_level
        assert result.is_major
        assert float(unit.stock_t) <= float(unit.design_max_t)


def test_the_ledger_balances(city: SampleCity) -> None:
    """T-30: each day's stock is the day before plus in minus out, and the last is the stock in the register."""
    ledger = city.tables["inventory_ledger"]
    register = city.tables["hazard_source"].set_index("id")["stock_t"].astype(float)
    for unit, days in ledger.groupby("hazard_source_id"):
        stock = days["stock_t"].to_numpy(float)
        moved = days["in_t"].to_numpy(float) - days["out_t"].to_numpy(float)
        assert np.allclose(np.diff(stock), moved[1:], atol=1e-6)
        assert stock[-1] == pytest.approx(register[unit])


def test_roads_lead_everywhere(city: SampleCity) -> None:
    """Ends are shared to the bit, one-ways are kept, and from any corner every other can be reached."""
    lines = city.roads.geometry.to_numpy()
    first = shapely.get_coordinates(shapely.get_point(lines, 0))
    last = shapely.get_coordinates(shapely.get_point(lines, -1))
    _, node = np.unique(np.vstack([first, last]), axis=0, return_inverse=True)
    head, tail = node[: len(lines)], node[len(lines) :]
    both = (city.roads["oneway"] == "no").to_numpy()
    sources, targets = np.concatenate([head, tail[both]]), np.concatenate([tail, head[both]])
    graph = coo_array((np.ones(len(sources)), (sources, targets)), shape=(node.max() + 1,) * 2)
    parts, _ = connected_components(graph, directed=True, connection="strong")
    assert parts == 1
    assert 15_000 <= len(sources) <= 40_000
    assert (~both).sum() > 100
    surface = ~city.roads["highway"].str.startswith("motorway")
    bridges = city.roads[(city.roads["bridge"] == "yes") & surface]
    assert {"练江一桥", "练江二桥", "南环大桥"} <= set(bridges["name"])
    assert len(bridges) <= 8


def test_roads_cross_the_river_only_on_bridges(city: SampleCity) -> None:
    """Water under a road means a bridge."""
    water = city.base_areas.query("kind == 'water' and name == '练江'").geometry.iloc[0]
    wet = city.roads[shapely.intersects(water.buffer(-0.0003), city.roads.geometry.to_numpy())]
    assert (wet["bridge"] == "yes").all()


def test_the_drill_lies_upwind_of_homes(city: SampleCity) -> None:
    """The case is a chlorine leak in the chemical park, and the named targets lie to the north-east of it."""
    case = city.incident_case
    assert case["release"]["substance"] == "chlorine"
    park = gpd.GeoDataFrame(city.tables["admin_zone"]).query("kind == 'chemical_park'").geometry.iloc[0]
    scene = shapely.Point(case["incident"]["longitude"], case["incident"]["latitude"])
    assert park.contains(scene)
    targets = city.tables["protection_target"].set_index("name").geometry
    for name in ("演练练江三小", "演练滨江幼儿园", "演练市第二医院", "演练康宁养老院", "演练第三中学"):
        assert targets[name].x > scene.x
        assert targets[name].y > scene.y


def test_the_same_seed_gives_the_same_city(city: SampleCity) -> None:
    """To the last digit, and another seed another city."""
    again = generate()
    for table, frame in city.tables.items():
        assert frame.drop(columns="geometry", errors="ignore").equals(
            again.tables[table].drop(columns="geometry", errors="ignore")
        ), table
    assert shapely.equals_exact(city.roads.geometry.to_numpy(), again.roads.geometry.to_numpy()).all()
    other = generate(seed=7)
    assert not city.enterprises["people"].equals(other.enterprises["people"])
    assert int(other.enterprises["people"].sum()) == 1_385_000


def test_nothing_of_a_freshly_loaded_city_lies_ahead_of_the_clock(city: SampleCity) -> None:
    # It is loaded so long after its own moment; a minute is cut off before that, so it may be up to a minute more.
    loaded = city.moment + ALREADY_RUNNING
    for name, column in (
        ("alarm", "occurred_at"),
        ("alarm", "known_at"),
        ("tag", "last_at"),
        ("weather_observation", "observed_at"),
    ):
        assert city.tables[name][column].max() <= loaded, (name, column)
    told = city.tables["alarm"]
    assert (told["occurred_at"] <= told["known_at"]).all()
