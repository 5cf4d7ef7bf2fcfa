"""Does a whole city travel through the server: as tiles that add up, as dossiers, as an assessment?"""

import os
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from command_ui.access.roles import SignedIn, current
from command_ui.api.tile_store import Ahead, Block, Source, TileStore
from command_ui.api.tiles import store_of
from gis.database import Caller, Database

LAYER = "enterprise"
DRILL = Caller("loader", "990100", "990200", "drill")


@pytest.fixture(scope="module")
def city(database: Database) -> Any:
    """The sample city in this module's database."""
    from layers.sample.city import generate
    from layers.sample.load import load

    made = generate()
    with database.transaction(DRILL) as connection:
        load(connection, made)
    return made


@pytest.fixture(scope="module")
def town(city: Any, served: Any) -> Any:
    """The server with the city's ground and its roads."""
    from layers.sample.load import NETWORK
    from routing.cache import save
    from routing.importing import from_lines

    save(from_lines(city.roads), served.house.settings.networks_dir / NETWORK)
    return served


def varints(body: bytes, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int | bytes]]:
    """Fields of a protocol-buffers message: (field number, value)."""

    def varint(at: int) -> tuple[int, int]:
        value = shift = 0
        while True:
            byte = body[at]
            value |= (byte & 127) << shift
            at, shift = at + 1, shift + 7
            if byte < 128:
                return value, at

    at, end = start, len(body) if end is None else end
    while at < end:
        tag, at = varint(at)
        if tag & 7 == 0:
            value, at = varint(at)
            yield tag >> 3, value
        elif tag & 7 == 2:
            size, at = varint(at)
            yield tag >> 3, body[at : at + size]
            at += size
        else:
            size = 8 if tag & 7 == 1 else 4
            yield tag >> 3, body[at : at + size]
            at += size


def packed(body: bytes) -> list[int]:
    """Numbers of a packed field."""
    numbers, value, shift = [], 0, 0
    for byte in body:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            numbers.append(value)
            value = shift = 0
    return numbers


def properties(tile: bytes) -> Iterator[dict[str, Any]]:
    """Properties of every feature of a Mapbox Vector Tile (specification 2.1, read here by hand)."""
    for number, layer in varints(tile):
        if number != 3:
            continue
        fields = list(varints(layer))
        keys = [value.decode() for field, value in fields if field == 3]
        values = [next(iter(varints(value)))[1] for field, value in fields if field == 4]
        for field, feature in fields:
            if field == 2:
                tags = next((packed(value) for part, value in varints(feature) if part == 2), [])
                yield {keys[key]: values[value] for key, value in zip(tags[::2], tags[1::2], strict=True)}


def around(z: int) -> list[tuple[int, int]]:
    """Tiles of a zoom that cover the sample city (118.4-119.1 E, 31.1-31.8 N) with room to spare."""
    import math

    def column(longitude: float) -> int:
        return int((longitude + 180) / 360 * 2**z)

    def row(latitude: float) -> int:
        angle = math.radians(latitude)
        return int((1 - math.asinh(math.tan(angle)) / math.pi) / 2 * 2**z)

    columns, rows = range(column(118.3), column(119.2) + 1), range(row(31.9), row(31.0) + 1)
    return [(x, y) for x in columns for y in rows]


def middle(z: int) -> tuple[int, int]:
    """Tile in the middle of the city."""
    places = around(z)
    return (places[0][0] + places[-1][0]) // 2, (places[0][1] + places[-1][1]) // 2


@pytest.mark.parametrize("z", [5, 9, 11])
def test_counts_of_all_tiles_add_up_to_the_catalogue(town: Any, z: int) -> None:
    with town.sign_in() as client:
        whole = next(one for one in client.get("/api/v1/layers").json() if one["key"] == LAYER)["count"]
        assert whole == 60_000  # the scale of the sample city, a requirement and not a result
        total = 0
        for x, y in around(z):
            answer = client.get(f"/tiles/{LAYER}/{z}/{x}/{y}.mvt")
            assert answer.status_code == 200
            total += sum(int(one["count"]) for one in properties(answer.content))
        assert total == whole


def test_tile_is_packed_tagged_and_not_sent_twice(town: Any) -> None:
    x, y = around(10)[5]
    with town.sign_in() as client:
        first = client.get(f"/tiles/{LAYER}/10/{x}/{y}.mvt")
        assert first.headers["content-encoding"] == "gzip"
        assert first.headers["content-type"] == "application/vnd.mapbox-vector-tile"
        assert "private" in first.headers["cache-control"]
        again = client.get(f"/tiles/{LAYER}/10/{x}/{y}.mvt", headers={"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_base_map_has_its_three_layers(town: Any) -> None:
    x, y = middle(11)
    with town.sign_in() as client:
        body = client.get(f"/tiles/base/11/{x}/{y}.mvt").content
        names = {next(value for field, value in varints(layer) if field == 1) for _, layer in varints(body)}
        assert {b"areas", b"lines"} <= names


def test_kept_tiles_belong_to_a_range_and_a_world(database: Database) -> None:
    drawn: list[tuple[str, str]] = []

    def draw(connection: Any, _layer: str, z: int, x: int, y: int, edge: int) -> Block:
        seen = connection.execute(
            text("SELECT current_setting('onemap.division_from'), current_setting('onemap.mode')")
        )
        drawn.append(tuple(seen.one()))
        return {(x, y): repr(drawn[-1]).encode()}

    store = TileStore(database, Source(draw, lambda _connection, _layer: "1"))
    people = [
        SignedIn("x", "x", "operator", "990100", "990200", "drill", "h", "t"),
        SignedIn("x", "x", "operator", "990102", "990103", "drill", "h", "t"),
        SignedIn("x", "x", "operator", "990100", "990200", "live", "h", "t"),
    ]
    bodies = []
    for person in [*people, *people]:
        mark = current.set(person)
        bodies.append(store.tile(LAYER, 0, 0, 0).packed)
        current.reset(mark)
    assert drawn == [("990100", "drill"), ("990102", "drill"), ("990100", "live")]
    assert bodies[:3] == bodies[3:]
    assert len(set(bodies)) == 3


def test_a_tile_in_memory_is_at_hand_for_its_own_range_only(database: Database) -> None:
    store = TileStore(database, Source(lambda _c, _l, _z, x, y, *_: {(x, y): b"tile"}, lambda *_: "1"))
    own, other = (SignedIn("x", "x", "operator", low, "990200", "drill", "h", "t") for low in ("990100", "990102"))
    past = datetime(2026, 11, 1, tzinfo=UTC)
    for moment in (None, past):
        mark = current.set(own)
        assert store.at_hand(LAYER, 0, 0, 0, moment) is None, "nothing was drawn"
        drawn = store.tile(LAYER, 0, 0, 0, moment)
        assert store.at_hand(LAYER, 0, 0, 0, moment) is drawn
        current.reset(mark)
        mark = current.set(other)
        assert store.at_hand(LAYER, 0, 0, 0, moment) is None, "a tile of another range"
        current.reset(mark)


def test_a_version_that_is_due_is_asked_for_and_not_served_for_ever(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = TileStore(database, Source(lambda _c, _l, _z, x, y, *_: {(x, y): b"tile"}, lambda *_: "1"))
    mark = current.set(SignedIn("x", "x", "operator", "990100", "990200", "drill", "h", "t"))
    store.tile(LAYER, 0, 0, 0)
    monkeypatch.setattr("command_ui.api.tile_store.FRESH_S", -1.0)
    assert store.at_hand(LAYER, 0, 0, 0) is None, "whoever finds it due asks"
    (turn,) = store._asking.values()
    with turn:
        assert store.at_hand(LAYER, 0, 0, 0) is not None, "the others go on with what is known meanwhile"
    current.reset(mark)


def test_kept_tiles_stay_within_their_bytes(database: Database) -> None:
    def draw(_connection: Any, _layer: str, _z: int, x: int, y: int, _edge: int) -> Block:
        return {(x, y): os.urandom(1000)}

    store = TileStore(database, Source(draw, lambda *_: "1"), kept_bytes=10_000)
    mark = current.set(SignedIn("x", "x", "operator", "990100", "990200", "drill", "h", "t"))
    for x in range(40):
        store.tile(LAYER, 6, x, 0)
    current.reset(mark)
    assert 5 <= len(store) <= 10


def test_neighbours_are_drawn_together_and_ahead(database: Database) -> None:
    asked: list[tuple[int, int, int, int]] = []

    def draw(_connection: Any, _layer: str, z: int, x: int, y: int, edge: int) -> Block:
        asked.append((z, x, y, edge))
        return {(x + at, y + row): f"{z}/{x + at}/{y + row}".encode() for at in range(edge) for row in range(edge)}

    store = TileStore(database, Source(draw, lambda *_: "1", lambda _layer, _z, _version: 4))
    person = SignedIn("x", "x", "operator", "990100", "990200", "drill", "h", "t")
    mark = current.set(person)
    try:
        found = {(x, y): store.tile(LAYER, 6, x, y).packed for x in range(52, 56) for y in range(24, 28)}
        assert asked == [(6, 52, 24, 4)], "sixteen neighbours are one question"
        assert len(set(found.values())) == 16
        ahead = Ahead(database, store, list, [LAYER], lambda *_: (0.829, 0.40, 0.832, 0.41))
        blocks = ahead.look(person.caller())
        assert blocks > 10
        assert len(asked) == 1 + blocks
        assert ahead.look(person.caller()) == 0, "nothing changed, so nothing is drawn again"
        before = len(asked)
        edge = 1 << 14
        store.tile(LAYER, 14, int(0.83 * edge), int(0.405 * edge))
        assert len(asked) == before, "it was there before anybody asked"
    finally:
        current.reset(mark)


def test_edit_shows_after_a_few_seconds(town: Any, owner_database: Database) -> None:
    with town.sign_in() as client:
        x, y = around(8)[0]
        tag = client.get(f"/tiles/rescue_team/8/{x}/{y}.mvt").headers["etag"]
        with owner_database.transaction(DRILL) as connection:
            moved = connection.execute(
                text(
                    "UPDATE layers.rescue_team SET superseded_at = greatest(now(), ingested_at) + interval '1 s'"
                    " WHERE superseded_at IS NULL"
                )
            ).rowcount
        assert moved > 0
        until = time.monotonic() + 60
        while any(list(properties(client.get(f"/tiles/rescue_team/8/{x}/{y}.mvt").content)) for x, y in around(8)):
            assert time.monotonic() < until, "the map still shows what is no more"
            time.sleep(0.2)
        assert tag


def test_a_change_leaves_every_other_tile_as_it_was(
    city: Any, database: Database, owner_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only tiles in which a row came or ended are drawn again, and what is kept is what would be drawn."""
    store, drawn = store_of(database), []
    source = store._source

    def draw(connection: Any, layer: str, z: int, x: int, y: int, edge: int) -> Block:
        drawn.append((z, x, y))
        return source.draw(connection, layer, z, x, y, edge)

    store._source = replace(source, draw=draw)
    monkeypatch.setattr("command_ui.api.tile_store.FRESH_S", -1.0)
    layer, zooms = "shelter", range(9, 13)
    asked = [(z, x, y) for z in zooms for x, y in around(z)]
    signed = current.set(SignedIn("x", "x", "operator", "990100", "990200", "drill", "h", "t"))
    try:
        before = {place: store.tile(layer, *place).etag for place in asked}
        drawn.clear()
        assert {place: store.tile(layer, *place).etag for place in asked} == before
        assert not drawn, "nothing changed"
        # A transaction that is open while the version is read, and is written down after it.
        with owner_database.transaction(DRILL) as connection:
            where = connection.execute(
                text(
                    "UPDATE layers.shelter SET superseded_at = greatest(now(), ingested_at) + interval '1 s'"
                    " WHERE id = 'BN-001' RETURNING world_x, world_y"
                )
            ).one()
            assert {place: store.tile(layer, *place).etag for place in asked} == before
        after = {place: store.tile(layer, *place).etag for place in asked}
        touched = {(z, int(where[0] * 2**z), int(where[1] * 2**z)) for z in zooms}
        assert {place for place in asked if after[place] != before[place]} == touched & set(asked)
        assert {(z, x - x % 4, y - y % 4) for z, x, y in touched} >= set(drawn), "a block of tiles at each zoom"
        anew = store_of(database)
        assert {place: anew.tile(layer, *place).etag for place in asked} == after
        assert len(store) == len(anew), "the tiles of the old version are gone"
    finally:
        current.reset(signed)


@pytest.mark.parametrize(
    "path",
    [
        "/tiles/nothing/0/0/0.mvt", "/tiles/enterprise/0/1/0.mvt", "/tiles/enterprise/3/8/8.mvt",
        "/tiles/layers.enterprise/0/0/0.mvt", "/tiles/account/0/0/0.mvt", "/tiles/base/2/9/9.mvt",
        "/tiles/enterprise'--/0/0/0.mvt", "/tiles/%2e%2e/0/0/0.mvt", "/tiles/http:%2f%2fevil.example/0/0/0.mvt",
    ],
)  # fmt: skip
def test_what_is_not_there_is_uniformly_not_found(town: Any, path: str) -> None:
    with town.sign_in() as client:
        answer = client.get(path)
        assert answer.status_code == 404
        assert answer.json() | {"request_id": ""} == {"code": "not_found", "message": "Not found.", "request_id": ""}


@pytest.mark.parametrize("z", ["-1", "21", "1.5", "x", "99999999999999999999"])
def test_zooms_that_are_none(town: Any, z: str) -> None:
    with town.sign_in() as client:
        assert client.get(f"/tiles/{LAYER}/{z}/0/0.mvt").status_code in (404, 422)


def test_many_at_once(town: Any) -> None:
    with town.sign_in() as client, ThreadPoolExecutor(16) as pool:
        asked = [(x, y) for x, y in around(11)] * 3

        def fetch(place: tuple[int, int]) -> int:
            return int(client.get(f"/tiles/{LAYER}/11/{place[0]}/{place[1]}.mvt").status_code)

        assert set(pool.map(fetch, asked)) == {200}


def test_search_and_dossier(town: Any, city: Any) -> None:
    with town.sign_in() as client:
        hits = client.get("/api/v1/search", params={"q": "演练", "limit": 5}).json()
        assert len(hits) == 5
        dossier = client.get(f"/api/v1/layers/{hits[0]['layer']}/{hits[0]['id']}").json()
        assert dossier["title"] == hits[0]["name"]
        assert all(field["source_system"] and field["as_of"] for field in dossier["fields"])
        assert client.get(f"/api/v1/layers/{LAYER}/nobody").status_code == 404
        assert client.get("/api/v1/layers/nothing/1").status_code == 404
        for q in ("", "x" * 81, "%00", "\u0007"):
            assert client.get("/api/v1/search", params={"q": q}).status_code in (200, 422), q


def test_report_is_assessed_and_recorded(town: Any, city: Any) -> None:
    case = dict(city.incident_case)
    place = case.pop("incident")
    body = {
        "title": case.pop("name"),
        "longitude": place["longitude"],
        "latitude": place["latitude"],
        "occurred_at": str(place["occurred_at"]),
        "case": case,
    }
    with town.sign_in("duty") as client:
        reported = client.post("/api/v1/incidents", json=body, headers={"idempotency-key": str(uuid.uuid4())})
        assert reported.status_code == 201, reported.text
        address = f"/api/v1/incidents/{reported.json()['incident_id']}"
        same = {"idempotency-key": str(uuid.uuid4())}
        first = client.post(f"{address}/assessments", json={}, headers=same)
        assert first.status_code == 201, first.text
        assert client.post(f"{address}/assessments", json={}, headers=same).json() == first.json()
        other = client.post(f"{address}/assessments", json={"roads": "elsewhere"}, headers=same)
        assert (other.status_code, other.json()["code"]) == (409, "conflict")

        situation = client.get(f"{address}/situation").json()
        run = situation["run"]
        assert run["run_id"] == first.json()["run_id"]
        assert len(situation["runs"]) == 1  # the retry started no second run
        exposure = run["exposure"]
        in_bands = sum(band["people_day"] for band in exposure["bands"])
        assert in_bands > 0
        assert in_bands + exposure["outside_day"] == exposure["total_day"]
        kinds = [entry["kind"] for entry in client.get(f"{address}/entries").json()["entries"]]
        assert kinds[0] == "incident_reported"
        assert {"hazard_forecast", "exposure_assessed", "routes_proposed", "evacuation_proposed"} <= set(kinds)
        assert {receipt["seq"] for receipt in first.json()["receipts"]} <= set(range(2, len(kinds) + 1))

    with town.sign_in("wall") as wall:
        refused = wall.post(f"{address}/assessments", json={}, headers={"idempotency-key": str(uuid.uuid4())})
        assert refused.status_code == 403
