"""Do the colours follow from the declared rule, and does one unit's R recolour its township?"""

import pytest
import shapely
from sqlalchemy import Connection, text

from layers import risk, tiles
from layers.sample.city import SampleCity


def test_townships_are_scored_by_the_rule_from_the_rows(reader: Connection, city: SampleCity) -> None:
    """Worked out anew in Python from the generated frames, by point in polygon."""
    units = city.tables["hazard_source"]
    units = units[units["is_major"]]
    firms = city.enterprises[city.enterprises["risk_level"].isin([1, 2, 3])]
    places = city.tables["division"].query("level == 'township'")
    weights = {1: 20, 2: 5, 3: 1}
    found = {one.id: one for one in risk.coloured(reader, "township")}
    assert len(found) == len(places)
    for place in places.itertuples():
        shapely.prepare(place.geometry)
        score = float(units["r_value"][shapely.covers(place.geometry, units.geometry.to_numpy())].astype(float).sum())
        inside = firms["risk_level"][shapely.covers(place.geometry, firms.geometry.to_numpy())]
        score += sum(weights[int(level)] for level in inside)
        assert found[place.id].score == pytest.approx(score, abs=1e-6), place.name
        assert found[place.id].colour == risk.colour_of(found[place.id].score)


def test_units_and_squares_add_up(reader: Connection, city: SampleCity) -> None:
    units = risk.coloured(reader, "unit")
    assert len(units) == len(city.tables["hazard_source"])
    assert units[0].working.startswith("R = ")
    squares = risk.coloured(reader, "grid")
    firms = city.enterprises["risk_level"].value_counts()
    majors = city.tables["hazard_source"].query("is_major")["r_value"].astype(float).sum()
    whole = majors + 20 * firms[1] + 5 * firms[2] + firms[3]
    assert sum(square.score for square in squares) == pytest.approx(whole)
    assert all(square.colour == risk.colour_of(square.score) for square in squares)


def test_one_units_r_recolours_its_township(reader: Connection) -> None:
    before = {one.id: one for one in risk.coloured(reader, "township")}
    pale = next(one for one in before.values() if (one.colour or 5) >= 3)
    moved = reader.execute(
        text(
            "INSERT INTO layers.hazard_source (id, valid_from, source_system, as_of, division_code, label, mode, name, "
            "enterprise_id, enterprise_name, unit_kind, substance, un_number, cas_number, design_max_t, stock_t, "
            "substances, people_within_500m, s_value, r_value, is_major, hazard_level, geometry) SELECT 'WX-RISK', "
            "valid_from, 'test', as_of, division_code, label, mode, '试验', 'x', '试验', 'storage', '液氯', '1017', "
            "'7782-50-5', 70, 0, '[]', 200, 14, 112, true, 1, ST_PointOnSurface(geometry) FROM layers.division "
            "WHERE id = :id AND superseded_at IS NULL RETURNING id"
        ),
        {"id": pale.id},
    ).scalar_one()
    assert moved == "WX-RISK"
    after = risk.one(reader, "township", pale.id)
    assert after.colour == 1
    assert after.score == pytest.approx(pale.score + 112)
    assert "112" in after.working or f"{pale.score + 112:g}" in after.working


@pytest.mark.parametrize("view", ["risk_grid", "risk_township"])
def test_the_number_of_a_views_rows_is_asked_once_a_question(reader: Connection, view: str) -> None:
    """Once a row it cost 29 ms each: ten seconds for 117 squares beside other work, asked every three."""
    question = text(f"EXPLAIN (VERBOSE, COSTS OFF) SELECT max(row_id) FROM layers.{view}")
    plan = list(reader.execute(question).scalars())
    assert any("InitPlan" in line for line in plan) and any("risk_stamp()" in line for line in plan)
    assert not [line for line in plan if "max(" in line and "risk_stamp" in line]


def test_the_number_moves_when_a_unit_does(reader: Connection) -> None:
    before = tiles.version(reader, "risk_grid")
    reader.execute(
        text("UPDATE layers.hazard_source SET superseded_at = now() WHERE id = 'WX-001' AND superseded_at IS NULL")
    )
    assert tiles.version(reader, "risk_grid") != before
