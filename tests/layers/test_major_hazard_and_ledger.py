"""The working of GB 18218 from register and raster, and the ledger: does every line follow, does every tonne add up?"""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import shapely
from sqlalchemy import Connection, text

from gis.crs import LocalFrame, LonLat
from gis.errors import InputError, MissingError
from layers import ledger, major_hazard
from layers.gb18218 import TABLE_1
from layers.hazard_level import Holding, assess, working, written
from layers.sample.city import SampleCity


def test_the_lines_of_the_worked_case_are_those_a_person_writes() -> None:
    """H2S 2 t, PH3 2 t, Cl2 1 t, alpha 2 (product fixture of 6.5): 2/5·5 + 2/1·20 + 1/5·4 = 42.8, R = 85.6, level 2."""
    steps = working(assess([Holding("7783-06-4", "2"), Holding("7803-51-2", "2"), Holding("7782-50-5", "1")], 100))
    weighted = [step.values["weighted"] for step in steps if step.code == "weighted"]
    assert weighted == ["2", "40", "0.8"]
    grade = next(step for step in steps if step.code == "grade")
    assert (grade.values["alpha"], grade.values["sum"], grade.values["r"]) == ("2", "42.8", "85.6")
    assert steps[-1].values["level"] == 2
    assert {step.trust for step in steps if step.table} == {"one_source"}


def test_a_line_of_table_1_without_a_beta_asks_for_the_class() -> None:
    """Bromine is named in table 1 and not in table 3: nobody may guess its beta."""
    with pytest.raises(InputError, match="class"):
        assess([Holding("7726-95-6", "10")], 0)
    given = assess([Holding("7726-95-6", "10", "J2")], 0)
    assert given.lines[0].beta == 1
    assert given.lines[0].threshold_t == 20


def test_a_number_that_names_several_lines_is_not_chosen_for_you() -> None:
    """Ammonium nitrate stands twice, 5 t and 50 t."""
    with pytest.raises(InputError, match="1-43, 1-44"):
        assess([Holding("6484-52-2", "10")], 0)
    assert assess([Holding("1-44", "25", "W9.1")], 0).s == Fraction(1, 2)


def test_all_lines_of_table_1_are_there_in_order() -> None:
    assert [entry.number for entry in TABLE_1] == list(range(1, 86))


@pytest.mark.parametrize(("value", "text_of"), [(Fraction(1, 3), "0.333333"), (Fraction(999, 1000), "0.999")])
def test_fractions_are_written_out(value: Fraction, text_of: str) -> None:
    assert written(value) == text_of


def test_people_are_counted_by_exact_shares_of_cells(reader: Connection, city: SampleCity) -> None:
    """Against an integral of the same cells on a 5 m grid of points, which shares no code with it."""
    unit = city.tables["hazard_source"].iloc[0]
    firm = city.enterprises.set_index("id").loc[unit["enterprise_id"]].geometry
    place = LonLat(firm.x, firm.y)
    exact, source, as_of = major_hazard.people_near(reader, place)
    frame = LocalFrame(place)
    axis = np.arange(-800, 800, 5.0) + 2.5
    x, y = (part.ravel() for part in np.meshgrid(axis, axis))
    ring = (np.hypot(x, y) <= 800) & (np.hypot(x, y) > 300)
    lon, lat = frame.to_degrees(x[ring], y[ring])
    cells = city.population
    near = cells[shapely.intersects(cells.geometry.to_numpy(), shapely.box(lon.min(), lat.min(), lon.max(), lat.max()))]
    tree = shapely.STRtree(near.geometry.to_numpy())
    point, cell = tree.query(shapely.points(lon, lat), predicate="intersects")
    # A sample stands for 25 m2; a cell of 0.00105 x 0.0009 degrees is 99.7 m x 99.8 m here.
    box = shapely.bounds(near.geometry.to_numpy()[:1])[0]
    east, north = frame.to_metres([box[0], box[2]], [box[1], box[3]])
    area = (east[1] - east[0]) * (north[1] - north[0])
    expected = float((near["night"].to_numpy()[cell]).sum() * 25.0 / area)
    assert len(point)
    assert exact == pytest.approx(expected, rel=0.02, abs=1.5)
    assert source
    assert as_of is not None


def test_every_unit_of_the_city_is_worked_out_and_compared(reader: Connection, city: SampleCity) -> None:
    units = city.tables["hazard_source"]
    found = [major_hazard.work_out(reader, unit) for unit in units["id"]]
    assert all(one.steps[-1].code in ("level", "grade") for one in found)
    assert all(one.agrees == (one.result.level == one.registered_level) for one in found)
    chlorine = found[0]
    # 40 t of chlorine: q/Q = 8, beta 4, so R is 32 alpha, whatever alpha is.
    assert chlorine.result.s == 8
    assert chlorine.result.r == 32 * chlorine.result.alpha


def test_a_boundary_moves_the_ring(reader: Connection, city: SampleCity) -> None:
    unit = city.tables["hazard_source"].iloc[0]
    wide = shapely.box(unit.geometry.x - 0.02, unit.geometry.y - 0.02, unit.geometry.x + 0.02, unit.geometry.y + 0.02)
    assumed = major_hazard.work_out(reader, unit["id"])
    known = major_hazard.work_out(reader, unit["id"], wide)
    assert known.boundary_assumed_m is None
    assert known.people_exact > assumed.people_exact


def test_the_ledgers_of_the_city_balance(reader: Connection, city: SampleCity) -> None:
    for unit in city.tables["hazard_source"]["id"]:
        found = ledger.balance(reader, unit)
        assert found.balanced
        assert len(found.days) == 15
        assert found.stock_t == Decimal(str(city.tables["hazard_source"].set_index("id").loc[unit, "stock_t"]))


def test_an_imbalance_and_a_stock_above_design_are_flagged(reader: Connection) -> None:
    """Opening 10 t, in 5 t, out 2 t, closing 12 t: one tonne is missing; design maximum 11 t."""
    _plant_ledger(reader, "WX-901", "11", [("2026-11-01", "0", "0", "10"), ("2026-11-02", "5", "2", "12")])
    found = ledger.balance(reader, "WX-901")
    assert found.days[1].imbalance_t == Decimal(-1)
    assert not found.balanced
    assert found.over_design
    assert "WX-901" in {row["id"] for row in ledger.above_design(reader)}
    assert ledger.balance(reader, "WX-901", declared_loss=Decimal("0.1")).balanced


def test_nothing_moves_that_the_ledgers_do_not_book(reader: Connection, city: SampleCity) -> None:
    """Per site and day the consignments sent are at most what went out, those received at most what came in."""
    books = city.tables["inventory_ledger"].set_index(["hazard_source_id", "ledger_day"])
    moved = ledger.flows(reader)
    assert len(moved) > 10
    moved["quantity_t"] = moved["quantity_t"].astype(float)
    for side, column in (("from_id", "out_t"), ("to_id", "in_t")):
        for key, mass in moved.groupby([side, "moved_on"])["quantity_t"].sum().items():
            assert mass <= float(books.loc[key, column]) + 1e-9
    assert (moved["from_id"] != moved["to_id"]).all()
    only = ledger.flows(reader, "7782-50-5")
    assert set(only["substance"]) <= {"液氯"}


def test_an_unknown_unit_is_named(reader: Connection) -> None:
    with pytest.raises(MissingError, match="WX-999"):
        ledger.balance(reader, "WX-999")
    with pytest.raises(MissingError, match="WX-999"):
        major_hazard.work_out(reader, "WX-999")


def _plant_ledger(connection: Connection, unit: str, design: str, days: list[tuple[Any, ...]]) -> None:
    row = {
        "valid_from": "2026-01-01T00:00:00Z", "source_system": "test", "as_of": "2026-11-02T00:00:00Z",
        "division_code": "990102", "label": "internal", "mode": "drill",
    }  # fmt: skip
    connection.execute(
        text(
            "INSERT INTO layers.hazard_source (id, valid_from, source_system, as_of, division_code, label, mode, name, "
            "enterprise_id, enterprise_name, unit_kind, substance, un_number, cas_number, design_max_t, stock_t, "
            "substances, people_within_500m, s_value, r_value, is_major, geometry) VALUES (:id, :valid_from, "
            ":source_system, :as_of, :division_code, :label, :mode, '试验罐', 'x', '试验', 'storage', '液氯', '1017', "
            "'7782-50-5', :design, 0, '[]', 0, 0, 0, false, ST_SetSRID(ST_MakePoint(118.7, 31.4), 4490))"
        ),
        row | {"id": unit, "design": design},
    )
    for day, came, went, stock in days:
        connection.execute(
            text(
                "INSERT INTO layers.inventory_ledger (id, valid_from, source_system, as_of, division_code, label, mode,"
                " "
                "hazard_source_id, substance, ledger_day, in_t, out_t, stock_t) VALUES (:id, :valid_from, "
                ":source_system, :as_of, :division_code, :label, :mode, :unit, '液氯', :day, :came, :went, :stock)"
            ),
            row | {"id": f"{unit}-{day}", "unit": unit, "day": day, "came": came, "went": went, "stock": stock},
        )
