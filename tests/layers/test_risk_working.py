"""Does a colour come with its whole rule, every input by name, and what nobody may look into said as such?"""

import pytest
import shapely
from sqlalchemy import Connection, text

from gis.database import Caller, Database
from gis.errors import MissingError
from layers import risk, risk_working, tiles, unseen
from layers.risk_working import explain
from layers.sample.city import SampleCity
from layers.tile_address import Address
from tests.layers.mvt_reader import features


def test_rule_and_database_have_the_same_steps(reader: Connection) -> None:
    for _, least in risk.LEAST:
        for score in (least, least + 0.01, max(0.0, least - 0.01)):
            told = reader.execute(text("SELECT layers.risk_colour(CAST(:score AS numeric))"), {"score": score}).scalar()
            assert told == risk.colour_of(score), score


@pytest.mark.parametrize("kind", ["unit", "grid", "township"])
def test_one_step_holds_and_it_is_the_colour_on_the_map(reader: Connection, kind: risk.Kind) -> None:
    for found in risk.coloured(reader, kind):
        why = explain(reader, kind, found.id)
        assert [step.colour for step in why.steps if step.applies] == [found.colour], found
        assert [step.value for step in why.steps[:4]] == [100.0, 50.0, 10.0, 0.0], "the whole rule, not its one step"
        if kind != "unit":
            assert sum(part.adds for part in why.parts) == pytest.approx(found.score, abs=1e-9), found
            assert why.seen == "whole"


def test_an_area_names_what_lies_in_it(reader: Connection, city: SampleCity) -> None:
    """Held against point in polygon over the generated frames."""
    worst = risk.coloured(reader, "township")[0]
    place = city.tables["division"].query("id == @worst.id").iloc[0].geometry
    units, firms = city.tables["hazard_source"], city.enterprises
    shapely.prepare(place)
    here = set(units["id"][shapely.covers(place, units.geometry.to_numpy())])
    risky = set(firms["id"][shapely.covers(place, firms.geometry.to_numpy()) & firms["risk_level"].isin([1, 2, 3])])
    parts = explain(reader, "township", worst.id).parts
    assert here and {part.id for part in parts if part.layer == "risk_unit"} == here
    assert risky and {part.id for part in parts if part.layer == "four_colour"} == risky
    assert parts[0].adds == max(part.adds for part in parts if part.layer == "risk_unit"), "the heaviest on top"


def test_the_working_of_a_unit_is_that_of_the_published_standard(reader: Connection) -> None:
    """40 t of chlorine: Q is 5 t and beta 4 in tables 1 and 3 of GB 18218-2018, alpha 2 from 100 people on."""
    why = explain(reader, "unit", "WX-001")
    by_code = {line.code: line.values for line in why.lines}
    assert (by_code["ratio"]["q"], by_code["ratio"]["threshold"], by_code["sum"]["s"]) == ("40", "5", "8")
    assert (by_code["weighted"]["beta"], by_code["alpha"]["alpha"], by_code["grade"]["r"]) == ("4", "2", "64")
    assert by_code["colour"] == {"score": "64", "colour": 2, "sign": "≥", "least": "50"}
    assert why.agrees is True and why.trust == "one_source" and why.sources and why.newest


def test_an_area_with_nothing_in_it_says_so(reader: Connection) -> None:
    bare = next(found for found in risk.coloured(reader, "township") if found.score == 0)
    why = explain(reader, "township", bare.id)
    assert [line.code for line in why.lines] == ["empty", "colour.none"] and why.parts == ()
    firms_only = next(
        found for found in risk.coloured(reader, "township") if found.score > 0 and found.working.startswith("ΣR 0 ")
    )
    assert explain(reader, "township", firms_only.id).lines[0].code == "units.none"


def test_what_a_county_may_not_look_into_has_no_colour_and_no_step(database: Database, reader: Connection) -> None:
    elsewhere = next(
        found for found in risk.coloured(reader, "township") if found.id.startswith("990105") and found.colour == 1
    )
    with database.transaction(Caller("county", "990102", "990103", "drill")) as county:
        why = explain(county, "township", elsewhere.id)
        assert (why.seen, why.of.colour, why.lines, why.parts) == ("none", None, (), ())
        assert not any(step.applies for step in why.steps), "a zero that was not seen is not a zero"
        own = next(found for found in risk.coloured(county, "township") if found.colour == 1)
        assert explain(county, "township", own.id).seen == "whole"
        part = [found.id for found in risk.coloured(county, "grid") if explain(county, "grid", found.id).seen == "part"]
        assert part, "squares on the county's edge are not whole"


@pytest.mark.parametrize("layer", ["risk_grid", "risk_township"])
def test_the_map_tells_what_a_county_may_not_see_from_where_nothing_counts(database: Database, layer: str) -> None:
    """Exactly the townships of others lie in a layer of the tile of their own; whoever sees all has none."""
    z, x, y = 8, 212, 104
    with database.transaction(Caller("county", "990102", "990103", "drill")) as county:
        drawn = features(tiles.tile(county, layer, z, x, y))
        others = set(unseen.townships(county, Address(z, x, y).bounds()).id)
        assert unseen.some(county)
        every = county.execute(text("SELECT count(*) FROM layers.division WHERE level = 'township'")).scalar_one()
        blank = [one for one in drawn[layer] if one.get("risk_level") is None]
        if layer == "risk_township":
            own = {found.id for found in risk.coloured(county, "township") if found.id.startswith("990102")}
            assert len(others) == every - len(own) and not others & own
            assert {one["id"] for one in blank} > others, "the pale ones hold some of his own too"
    assert others and {one["id"] for one in drawn["unseen"]} == others
    assert all(one["unseen"] is True for one in drawn["unseen"])
    with database.transaction(Caller("city", "990100", "990200", "drill")) as city:
        assert features(tiles.tile(city, layer, z, x, y))["unseen"] == [] and not unseen.some(city)


def test_a_registered_r_that_does_not_follow_is_seen(reader: Connection) -> None:
    """Also without substances: nothing can be worked out, and the card says that instead of nothing."""
    kept = (
        "valid_from, as_of, division_code, label, mode, name, enterprise_id, enterprise_name, unit_kind, substance,"
        " un_number, cas_number, design_max_t, stock_t, people_within_500m, s_value, is_major, hazard_level, geometry"
    )
    copy = (
        f"INSERT INTO layers.hazard_source (id, source_system, substances, r_value, {kept}) SELECT :id, 'test',"
        f" CASE WHEN :bare THEN '[]' ELSE substances END, r_value + 7, {kept} FROM layers.hazard_source"
        " WHERE id = 'WX-001' AND superseded_at IS NULL"
    )
    with reader.begin_nested() as savepoint:
        for new, bare_row in (("WX-ODD", False), ("WX-BARE", True)):
            reader.execute(text(copy), {"id": new, "bare": bare_row})
        odd, bare = explain(reader, "unit", "WX-ODD"), explain(reader, "unit", "WX-BARE")
        assert odd.agrees is False and (odd.registered_r, odd.worked_r) == (71.0, 64.0)
        assert bare.agrees is None and [line.code for line in bare.lines] == ["registered", "colour"]
        savepoint.rollback()


def test_what_is_no_unit_square_or_township_is_missing(reader: Connection) -> None:
    for kind, row_id in (("unit", "nothing"), ("grid", "WG-1"), ("township", "990102")):
        with pytest.raises(MissingError, match=row_id):
            explain(reader, kind, row_id)  # type: ignore[arg-type]
    assert set(risk_working.LAYERS.values()) == {"unit", "grid", "township"}
