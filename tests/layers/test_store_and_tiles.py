"""The city in real PostGIS: filters give exact counts, tiles add up at every zoom, search and dossier find it."""

import math
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from gis.database import Caller, Database
from gis.errors import InputError, MissingError
from layers import base_tiles, exporting, filters, store, tiles, touched
from layers.catalogue import LAYERS
from layers.sample import load
from layers.sample.city import MOMENT, SampleCity
from tests.layers.mvt_reader import features

DRILL = Caller("test", "990100", "990200", "drill")


def test_filters_by_sector_give_the_exact_counts(ground: Connection) -> None:
    """T-02 on real rows."""
    counts = store.counts(ground)
    sectors = ("hazmat", "dust", "ammonia", "smelting", "confined")
    assert [counts[f"enterprise_{sector}"] for sector in sectors] == [193, 750, 18, 574, 1175]
    assert counts["enterprise"] == 60_000
    assert counts["four_colour"] == sum(store.risk_counts(ground).values()) == 750
    assert (counts["tag_gas"], counts["tag_water"]) == (218, 26)
    assert "earthquake" not in counts


def test_loading_again_adds_nothing(database: Database, city: SampleCity, ground: Connection) -> None:
    """A city that is there is left alone."""
    assert load.load(ground, city) == {}
    assert store.counts(ground)["enterprise"] == 60_000


def test_the_program_may_close_a_row_but_never_delete_or_rewrite_one(database: Database, ground: Connection) -> None:
    """A correction closes the old row; history stays."""
    for statement in (
        "DELETE FROM layers.enterprise WHERE id = 'QY-00002'",
        "UPDATE layers.enterprise SET name = 'x' WHERE id = 'QY-00002'",
        "TRUNCATE layers.enterprise",
    ):
        with pytest.raises(ProgrammingError, match="permission denied"), database.transaction(DRILL) as other:
            other.execute(text(statement))


def test_what_stands_is_what_is_counted(database: Database, ground: Connection) -> None:
    """A superseded row leaves every read and every tile; the row itself is still there."""
    with pytest.raises(_UndoError), database.transaction(DRILL) as connection:
        before = tiles.version(connection, "shelter")
        connection.execute(text("UPDATE layers.shelter SET superseded_at = now() WHERE id = 'BN-001'"))
        assert len(store.shelters(connection)) == 63
        assert store.counts(connection)["shelter"] == 63
        assert tiles.version(connection, "shelter") != before
        assert connection.execute(text("SELECT count(*) FROM layers.shelter")).scalar_one() == 64
        with pytest.raises(MissingError, match="no row 'BN-001' that stands"):
            store.dossier(connection, "shelter", "BN-001")
        raise _UndoError


def test_a_change_is_told_by_its_places(database: Database, ground: Connection) -> None:
    """What came, ended or began since a mark, nothing else; a whole new register is not told row by row."""
    with pytest.raises(_UndoError), database.transaction(DRILL) as connection:
        marked = touched.mark(connection)
        assert touched.since(connection, "shelter", marked) == []
        here = connection.execute(text("SELECT world_x, world_y FROM layers.shelter WHERE id = 'BN-001'")).one()
        connection.execute(text("UPDATE layers.shelter SET superseded_at = now() WHERE id = 'BN-001'"))
        assert touched.since(connection, "shelter", marked) == [tuple(here)]
        assert touched.since(connection, "rescue_team", marked) == []
        connection.execute(text("UPDATE layers.enterprise SET superseded_at = now()"))
        assert touched.since(connection, "enterprise", marked) is None, "more than 5,000 rows"
        assert touched.since(connection, "risk_unit", marked) is None, "a view has no rows of its own"
        assert touched.since(connection, "division", marked) is None, "surfaces lie in many tiles"
        raise _UndoError


def test_time_that_passes_changes_what_stands(database: Database, ground: Connection) -> None:
    """A row whose end comes changes the version and is told, though nobody wrote it."""
    in_time = False
    for while_s in (0.3, 5.0, 60.0):  # the first looks must come before the end, however slow the machine is
        with pytest.raises(_UndoError), database.transaction(DRILL) as connection:
            ends_at = connection.execute(
                text(
                    "UPDATE layers.shelter SET valid_to = clock_timestamp() + make_interval(secs => :while_s)"
                    " WHERE id = 'BN-001' AND valid_from < now() RETURNING valid_to"
                ),
                {"while_s": while_s},
            ).scalar_one()
            version = tiles.version(connection, "shelter")
            _, at = touched.mark(connection).split("|")
            youngest = f"{connection.execute(text('SELECT pg_current_xact_id()::text::bigint + 1')).scalar_one()}|{at}"
            early = touched.since(connection, "shelter", youngest)
            in_time = connection.execute(text("SELECT clock_timestamp()")).scalar_one() < ends_at
            if in_time:
                assert early == []
                connection.execute(text("SELECT pg_sleep(:while_s + 0.1)"), {"while_s": while_s})
                assert tiles.version(connection, "shelter") != version
                assert len(touched.since(connection, "shelter", youngest) or ()) == 1
            raise _UndoError
        if in_time:
            break
    assert in_time


class _UndoError(Exception):
    """Roll the transaction back."""


@pytest.mark.parametrize("zoom", range(17))
@pytest.mark.parametrize("layer", ["enterprise", "enterprise_dust", "protection_target", "camera"])
def test_counts_in_tiles_add_up_at_every_zoom(ground: Connection, layer: str, zoom: int) -> None:
    """A17a: whatever the thinning, the numbers of all tiles of a zoom are the layer's rows."""
    edge = min(1 << max(0, zoom - 10), 1 << zoom)
    blocks = {(x - x % edge, y - y % edge) for x, y in _tiles_over_the_city(zoom)}
    total = sum(
        feature["count"]
        for x, y in blocks
        for body in tiles.block(ground, layer, zoom, x, y, edge).values()
        for feature in features(body)[layer]
    )
    assert total == store.counts(ground)[layer]


def test_a_crowded_tile_is_thinned_between_city_and_street_and_nowhere_else(ground: Connection) -> None:
    """What the map asks for, up to zoom 8 and from 14 on, keeps a point in each 1/256 of its edge."""
    for zoom, thinned in ((8, False), (9, True), (13, True), (14, False)):
        place = _tile_at(118.7124, 31.4087, zoom)
        drawn = features(tiles.tile(ground, "enterprise", zoom, *place))["enterprise"]
        assert sum(feature["count"] for feature in drawn) >= len(drawn)
        assert not thinned or len(drawn) <= tiles.CROWD
    block = tiles.block(ground, "enterprise", 10, *(part - part % 4 for part in _tile_at(118.7124, 31.4087, 10)), 4)
    assert max(len(features(body).get("enterprise", [])) for body in block.values()) <= tiles.CROWD


@pytest.mark.parametrize("layer", ["enterprise", "protection_target", "tag_gas", "division", "population_cell"])
def test_a_block_holds_what_its_tiles_hold(ground: Connection, layer: str) -> None:
    """Neighbours drawn together are, byte by byte, the tiles drawn alone."""
    for zoom in (0, 5, 12):
        edge = min(4, 1 << zoom)
        x, y = _tile_at(118.7124, 31.4087, zoom)
        x, y = x - x % edge, y - y % edge
        found = tiles.block(ground, layer, zoom, x, y, edge)
        assert len(found) == edge * edge
        for place, body in found.items():
            assert tiles.tile(ground, layer, zoom, *place) == body


@pytest.mark.parametrize("zoom", [6, 10, 13])
@pytest.mark.parametrize(
    ("layer", "only"),
    [
        ("enterprise", ["people>=100", "*化工"]),
        ("protection_target", ["kind=school|hospital"]),
        ("shelter", ["division_code=990102"]),
    ],
)
def test_filtered_tiles_hold_what_the_filter_counts(ground: Connection, layer: str, only: list[str], zoom: int) -> None:
    """What the map shows of a filter is what the list counts and the file holds."""
    wanted = filters.read_filter(only)
    total = sum(
        feature["count"]
        for x, y in _tiles_over_the_city(zoom)
        for feature in features(tiles.tile(ground, layer, zoom, x, y, wanted=wanted))[layer]
    )
    assert total == exporting.count(ground, layer, wanted)
    assert 0 < total < store.counts(ground)[layer]


@pytest.mark.parametrize("zoom", [11, 12, 13])
def test_people_in_tiles_add_up(ground: Connection, city: SampleCity, zoom: int) -> None:
    """Cells put together at low zooms lose nobody."""
    found = [
        feature
        for x, y in _tiles_over_the_city(zoom)
        for feature in features(tiles.tile(ground, "population_cell", zoom, x, y))["population_cell"]
    ]
    assert sum(feature["day"] for feature in found) == int(city.population["day"].sum())
    assert sum(feature["night"] for feature in found) == int(city.population["night"].sum())


def test_a_thinned_tile_keeps_the_riskiest_and_stays_small(ground: Connection) -> None:
    """At z8 the whole city is one or two tiles, each below 400 KB, and the worst hazard of the city is on them."""
    sizes = []
    levels: set[int] = set()
    for x, y in _tiles_over_the_city(8):
        body = tiles.tile(ground, "enterprise", 8, x, y)
        sizes.append(len(body))
        levels |= {feature["hazard_level"] for feature in features(body)["enterprise"] if "hazard_level" in feature}
    assert max(sizes) <= 400_000
    assert min(levels) == 1


def test_names_come_only_from_their_zoom(ground: Connection) -> None:
    """Enterprises are named from z13."""
    for zoom, named in ((12, False), (13, True)):
        x, y = _tile_at(118.7124, 31.4087, zoom)
        drawn = features(tiles.tile(ground, "enterprise", zoom, x, y))["enterprise"]
        assert all(("name" in feature) == named for feature in drawn)


def test_every_connected_layer_has_tiles_and_the_base_map_its_layers(ground: Connection) -> None:
    """Nothing in the catalogue breaks, and what is not connected says so."""
    x, y = _tile_at(118.7124, 31.4087, 14)
    for spec in LAYERS:
        if spec.connected:
            assert isinstance(tiles.tile(ground, spec.key, 14, x, y), bytes)
        else:
            with pytest.raises(MissingError, match="未接入"):
                tiles.tile(ground, spec.key, 14, x, y)
    base = features(base_tiles.base_tile(ground, 13, *_tile_at(118.7124, 31.4087, 13)))
    assert set(base) == {"areas", "lines", "labels"}
    assert {"industrial", "building", "tank"} <= {feature["kind"] for feature in base["areas"]}
    assert {"park_road", "ring"} <= {feature["class"] for feature in base["lines"]}
    assert "演练化工园区" in {feature["text"] for feature in base["labels"]}
    low = features(base_tiles.base_tile(ground, 8, *_tile_at(118.7124, 31.4087, 8)))
    assert "minor" not in {feature["class"] for feature in low["lines"]}


@pytest.mark.parametrize(("z", "x", "y"), [(-1, 0, 0), (3, 8, 0), (3, 0, -1), (25, 0, 0)])
def test_there_is_no_such_tile(ground: Connection, z: int, x: int, y: int) -> None:
    """An address outside the pyramid is refused."""
    with pytest.raises(InputError, match="there is no tile"):
        tiles.tile(ground, "shelter", z, x, y)


@pytest.mark.parametrize(
    ("typed", "expected", "matched"),
    [
        ("演练化工一厂", "演练化工一厂", "name"),
        ("化工一厂", "演练化工一厂", "name"),
        ("ylhgyc", "演练化工一厂", "initials"),
        ("YLHGYC", "演练化工一厂", "initials"),
        ("huagongyichang", "演练化工一厂", "pinyin"),
        ("91990000YL0000017R", "演练化工一厂", "uscc"),
        ("91990000yl0000017", "演练化工一厂", "uscc"),
        ("科技路 18 号", "演练化工一厂", "address"),
        ("练江三小", "演练练江三小", "name"),
        ("ylljsx", "演练练江三小", "initials"),
        ("市体育馆", "演练市体育馆", "name"),
        ("城西消防", "演练城西消防站", "name"),
    ],
)
def test_search_finds_it_first(ground: Connection, typed: str, expected: str, matched: str) -> None:
    """A02: by name, part, initials, pinyin, credit code or address; benchmarks/search.py says how soon."""
    hits = store.search(ground, typed)
    assert (hits[0].name, hits[0].matched) == (expected, matched)


def test_search_takes_wildcards_as_text(ground: Connection) -> None:
    """A percent sign is not "everything"."""
    assert store.search(ground, "%") == []
    assert store.search(ground, "演练_") == []
    with pytest.raises(InputError):
        store.search(ground, "   ")


def test_dossier_carries_source_and_age_on_every_field(ground: Connection) -> None:
    """The plant of the drill, with its units worst first, as the target picture shows it."""
    found = store.dossier(ground, "enterprise", "QY-00001")
    assert found.title == "演练化工一厂"
    assert found.division_names[:2] == ("演练市", "滨江区")
    assert found.zone_name == "演练化工园区"
    assert all(field.source_system == "演练数据" and field.as_of < MOMENT for field in found.fields)
    # R of 40 t chlorine, 60 t ammonia, 800 t methanol with alpha 2: 64, 24, 3.2 (hand-worked from GB 18218).
    assert [(unit["name"], float(unit["r_value"]), unit["hazard_level"]) for unit in found.units] == [
        ("液氯库", 64.0, 2), ("氨罐区", 24.0, 3), ("甲醇罐区", 3.2, 4),
    ]  # fmt: skip
    assert found.checks == {"uscc": True, "stock_below_design": True, "inside_division": True}
    assert found.nearest_target is not None
    with pytest.raises(MissingError):
        store.dossier(ground, "enterprise", "QY-99999")


def test_frames_have_their_declared_columns(ground: Connection) -> None:
    """People, facilities, teams and shelters pass their border checks and honour bounds."""
    assert len(store.people(ground)) == 48_212
    near = (118.70, 31.39, 118.76, 31.46)
    for read in (store.facilities, store.teams, store.shelters, store.hazard_sources):
        everywhere, here = read(ground), read(ground, near)
        assert 0 < len(here) < len(everywhere)
        west, south, east, north = here.total_bounds
        assert near[0] <= west <= east <= near[2]
        assert near[1] <= south <= north <= near[3]


def test_feeds_say_what_state_they_are_in(ground: Connection) -> None:
    """Drill rows never look live, silent sources are counted, missing ones are named."""
    feeds = {feed.layer: feed for feed in store.feeds(ground, datetime(2026, 11, 24, 6, 6, tzinfo=UTC))}
    assert len(feeds) == len(LAYERS)
    assert (feeds["tag_gas"].answering, feeds["tag_gas"].rows) == (212, 218)
    assert (feeds["camera"].answering, feeds["camera"].rows) == (186, 188)
    assert feeds["shelter"].state == "drill"
    assert feeds["earthquake"].state == "not_connected"


def test_alarms_of_a_drill_stay_in_the_drill(ground: Connection) -> None:
    """Newest first; the live world has none of them."""
    alarms = store.alarms(ground, "drill")
    assert alarms["title"].iloc[0] == "Cl₂ 18.4 ppm"
    assert alarms["occurred_at"].is_monotonic_decreasing
    assert len(store.alarms(ground, "live")) == 0


def test_nearest_station_that_answers(ground: Connection) -> None:
    """The wind at the plant is that of the park's own station."""
    seen = store.weather(ground, 118.7124, 31.4087)
    assert seen is not None
    assert (seen["station_id"], seen["wind_from_deg"], seen["wind_speed_m_s"]) == ("QX-02", 225.0, 2.8)


def _tile_at(longitude: float, latitude: float, zoom: int) -> tuple[int, int]:
    edge = 1 << zoom
    row = (1 - math.asinh(math.tan(math.radians(latitude))) / math.pi) / 2
    return int((longitude + 180) / 360 * edge), int(row * edge)


def _tiles_over_the_city(zoom: int) -> list[tuple[int, int]]:
    west, north = _tile_at(118.53, 31.58, zoom)
    east, south = _tile_at(119.00, 31.28, zoom)
    return [(x, y) for x in range(west, east + 1) for y in range(north, south + 1)]
