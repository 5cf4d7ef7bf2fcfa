"""Does one box find names, sounds, codes, addresses, divisions, coordinates and who holds a substance?"""

import pyproj
import pytest
from sqlalchemy import Connection
from sqlalchemy import text as sql

from gis.crs import GEOGRAPHIC, LonLat, gauss_kruger
from gis.database import Caller, Database
from gis.errors import InputError
from layers.coordinates import place_in
from layers.holders import substance_of
from layers.sample.city import SampleCity
from layers.search import search

PLANT = LonLat(118.7124, 31.4087)


@pytest.mark.parametrize(
    "text",
    [
        "118.7124, 31.4087", "31.4087 118.7124", "118.7124E 31.4087N", "N31.4087 E118.7124", "31.4087°N，118.7124°E",
        "东经118.7124 北纬31.4087", "经度118.7124 纬度31.4087", "(118.7124,31.4087)",
        "118°42′44.64″E 31°24′31.32″N", "31°24'31.32\"N, 118°42'44.64\"E", "东经118度42分44.64秒 北纬31度24分31.32秒",
        "118 42 44.64 31 24 31.32", "118°42.744′E 31°24.522′N", "118:42:44.64 31:24:31.32",
    ],
)  # fmt: skip
def test_degrees_in_any_notation_are_the_same_place(text: str) -> None:
    place = place_in(text)
    assert place is not None
    assert place.longitude == pytest.approx(PLANT.longitude, abs=1e-6)
    assert place.latitude == pytest.approx(PLANT.latitude, abs=1e-6)


def test_gauss_krueger_metres_with_their_zone() -> None:
    """3-degree zone 40 has its meridian at 120 degrees, 6-degree zone 20 at 117; EPSG's own projection is the judge."""
    for zone, meridian in ((40, 120.0), (20, 117.0)):
        turn = pyproj.Transformer.from_crs(GEOGRAPHIC, gauss_kruger(meridian), always_xy=True)
        east, north = turn.transform(*PLANT)
        for text in (f"{zone * 1_000_000 + east:.2f} {north:.2f}", f"X={north:.2f} Y={zone * 1_000_000 + east:.2f}"):
            place = place_in(text)
            assert place is not None
            assert place.longitude == pytest.approx(PLANT.longitude, abs=2e-7)
            assert place.latitude == pytest.approx(PLANT.latitude, abs=2e-7)


@pytest.mark.parametrize(
    "text", ["演练化工一厂", "18号", "1017", "12.3 45.6", "7782-50-5", "118°70′E 31°N", "科技路 18 31"]
)
def test_what_is_no_coordinate_of_the_country_is_left_alone(text: str) -> None:
    assert place_in(text) is None


@pytest.mark.parametrize("text", ["液氯", "氯气", "氯", "chlorine", "UN1017", "un 1017", "1017", "7782-50-5", "Cl2"])
def test_a_substance_has_many_names(text: str) -> None:
    assert substance_of(text) == "7782-50-5"


def test_a_substance_lists_its_holders_within_five_kilometres_nearest_first(
    reader: Connection, city: SampleCity
) -> None:
    """Against distances on the ellipsoid by pyproj, over the generated rows."""
    units = city.tables["hazard_source"]
    units = units[units["cas_number"] == "7782-50-5"]
    geod = pyproj.Geod(ellps="GRS80")
    far = [geod.inv(PLANT.longitude, PLANT.latitude, one.x, one.y)[2] for one in units.geometry]
    expected = [unit for metres, unit in sorted(zip(far, units["id"], strict=True)) if metres <= 5000]
    hits = [hit for hit in search(reader, "液氯", near=PLANT) if hit.matched == "holds"]
    assert [hit.id for hit in hits] == expected
    assert hits[0].stock_t == 18.6
    assert hits[0].distance_m == pytest.approx(min(far), rel=1e-6)
    everywhere = [hit for hit in search(reader, "液氯") if hit.matched == "holds"]
    assert len(everywhere) == len(units)


def test_names_sounds_codes_addresses(reader: Connection, city: SampleCity) -> None:
    firms = city.enterprises
    plant = firms.iloc[0]
    assert search(reader, plant["name"])[0].id == plant["id"]
    assert search(reader, plant["initials"])[0].id == plant["id"]
    assert search(reader, plant["uscc"])[0].matched == "uscc"
    assert search(reader, plant["uscc"][:10].lower(), 200)
    some = firms.iloc[4321]
    assert some["id"] in {hit.id for hit in search(reader, some["pinyin"], 200)}
    assert some["id"] in {hit.id for hit in search(reader, some["address"], 200)}


@pytest.mark.parametrize("part", ["金属", "制品", "电气"])
def test_two_characters_find_exactly_the_names_that_hold_them(reader: Connection, city: SampleCity, part: str) -> None:
    """The index by pairs of characters may lose none: compared with a plain search of the generated names."""
    holding = {row.id for row in city.enterprises.itertuples() if part in row.name}
    found = [hit for hit in search(reader, part, 200) if hit.layer == "enterprise" and hit.matched == "name"]
    assert {hit.id for hit in found} <= holding
    assert len(found) == min(200, len(holding)) or len(search(reader, part, 200)) == 200


def test_a_rare_word_is_found_with_all_its_rows(reader: Connection, city: SampleCity) -> None:
    names = city.enterprises["name"]
    word = names.iloc[777][2:6]
    holding = {row.id for row in city.enterprises.itertuples() if word in row.name}
    found = {hit.id for hit in search(reader, word, 200) if hit.layer == "enterprise" and hit.matched == "name"}
    assert len(holding) < 200
    assert found == holding


def test_divisions_by_name_code_and_sound(reader: Connection) -> None:
    by_name = search(reader, "滨江区")[0]
    assert by_name.layer == "division"
    assert search(reader, by_name.id)[0].id == by_name.id
    assert by_name.id in {hit.id for hit in search(reader, "bjq") if hit.layer == "division"}


@pytest.mark.parametrize("written", ["AT-1203", "at-1203"])
def test_a_detector_is_found_by_its_number(reader: Connection, city: SampleCity, written: str) -> None:
    tags = city.tables["tag"]
    (expected,) = tags[tags["name"] == "AT-1203"]["id"]
    first = search(reader, written)[0]
    assert (first.layer, first.id, first.matched) == ("tag_gas", expected, "name")


def test_units_cameras_and_parks_are_found_by_their_names(reader: Connection, city: SampleCity) -> None:
    for layer, table in (("camera", "camera"), ("admin_zone", "admin_zone"), ("hazard_source", "hazard_source")):
        row = city.tables[table].iloc[0]
        found = {hit.id: hit for hit in search(reader, row["name"], 200) if hit.layer == layer}
        assert row["id"] in found
        place = row.geometry.representative_point()
        assert found[row["id"]].longitude == pytest.approx(place.x, abs=0.05)
    unit = city.tables["hazard_source"].iloc[0]
    of_the_plant = [hit for hit in search(reader, unit["enterprise_name"], 200) if hit.layer == "hazard_source"]
    assert unit["id"] in {hit.id for hit in of_the_plant} and {hit.matched for hit in of_the_plant} == {"address"}


def test_a_unit_that_holds_what_was_asked_for_stands_there_once(reader: Connection) -> None:
    found = [hit.id for hit in search(reader, "液氯", 200, near=PLANT) if hit.layer == "hazard_source"]
    assert found and len(found) == len(set(found))


def test_wildcards_are_text(reader: Connection) -> None:
    assert search(reader, "%_%") == []
    with pytest.raises(InputError):
        search(reader, "   ")


def test_two_characters_are_asked_of_their_index_under_jurisdiction(ground: Connection, superuser_url: str) -> None:
    question = (
        "EXPLAIN (COSTS OFF) SELECT id FROM layers.enterprise WHERE superseded_at IS NULL"
        " AND layers.bigrams(name) @> ARRAY['恒泽'] AND name LIKE '%恒泽%'"
    )

    def plan() -> str:
        return "\n".join(ground.execute(sql(question)).scalars())

    administrator = Database(superuser_url)
    mark = "ALTER FUNCTION layers.bigrams(text) {}LEAKPROOF"
    assert "Bitmap Index Scan on enterprise_name_bigrams" in plan()
    # The planted fault: a function in a condition that is not LEAKPROOF keeps the planner from the index.
    try:
        with administrator.transaction(Caller.system()) as connection:
            connection.execute(sql(mark.format("NOT ")))
        assert "enterprise_name_bigrams" not in plan()
    finally:
        with administrator.transaction(Caller.system()) as connection:
            connection.execute(sql(mark.format("")))
        administrator.close()
