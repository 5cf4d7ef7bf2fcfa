"""Can independent clients read our data sets, and does a feed cut for ten minutes lose nothing and double nothing?"""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from gis.database import Caller, Database
from layers import changes, publishing

DRILL = Caller("loader", "990100", "990200", "drill")
BOX = (118.70, 31.40, 118.72, 31.42)


@pytest.fixture(scope="module")
def city(database: Database) -> Any:
    from layers.sample.city import generate
    from layers.sample.load import load

    made = generate()
    with database.transaction(DRILL) as connection:
        load(connection, made)
    return made


@pytest.fixture(scope="module")
def token(city: Any, served: Any) -> str:
    with served.client() as client:
        answer = client.post("/api/v1/sessions", json={"name": "duty", "password": served.passwords["duty"]})
        return str(answer.json()["token"])


@pytest.fixture(scope="module")
def client(served: Any, token: str) -> Iterator[Any]:
    with served.client() as opened:
        opened.headers["authorization"] = f"Bearer {token}"
        yield opened


def test_owslib_reads_collections_boxes_and_pages(served: Any, token: str, city: Any) -> None:
    """An independent client of OGC API Features; the truth is the generated city."""
    from owslib.ogcapi.features import Features

    service = Features(f"{served.origin}/ogc", headers={"authorization": f"Bearer {token}"})
    assert service.conformance()["conformsTo"][2].endswith("ogcapi-features-1/1.0/conf/core")
    assert set(service.feature_collections()) == set(publishing.DATASETS)
    assert len(publishing.DATASETS) == 18
    assert service.collection("enterprise")["extent"]["spatial"]["bbox"][0][0] > 100
    firms = city.enterprises.cx[BOX[0] : BOX[2], BOX[1] : BOX[3]]
    found = service.collection_items("enterprise", bbox=list(BOX), limit=5000)
    assert found["numberMatched"] == len(firms)
    assert {feature["id"] for feature in found["features"]} == set(firms["id"])
    one = service.collection_item("enterprise", firms["id"].iloc[0])
    assert one["properties"]["name"] == firms["name"].iloc[0]
    assert "duty_phone" not in one["properties"]
    assert "safety_head" not in one["properties"]


GDAL_CLIENT = """
import json, sys
import pyogrio
source, box = "OAPIF:" + sys.argv[1], tuple(json.loads(sys.argv[2]))
shelters = pyogrio.read_dataframe(source, layer="shelter", PAGE_SIZE=20)
near = pyogrio.read_dataframe(source, layer="enterprise", bbox=box, columns=["id"])
print(json.dumps({
    "layers": [str(name) for name, _ in pyogrio.list_layers(source)],
    "shelters": {row.id: [row.geometry.x, row.geometry.y] for row in shelters.itertuples()},
    "near": len(near),
}))
"""


def test_gdal_reads_a_collection_through_its_pages(served: Any, token: str, city: Any) -> None:
    """GDAL's OAPIF driver, in a process of its own as any client is, follows the next links: pages of 20."""
    done = subprocess.run(
        [sys.executable, "-c", GDAL_CLIENT, f"{served.origin}/ogc", json.dumps(BOX)],
        env=os.environ | {"GDAL_HTTP_AUTH": "BEARER", "GDAL_HTTP_BEARER": token, "GDAL_HTTP_TIMEOUT": "60"},
        capture_output=True,
        text=True,
        timeout=800,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    assert set(publishing.DATASETS) <= set(found["layers"])
    shelters = city.tables["shelter"].set_index("id").geometry
    assert set(found["shelters"]) == set(shelters.index)
    for row, (x, y) in found["shelters"].items():
        assert (x, y) == pytest.approx((shelters[row].x, shelters[row].y), abs=1e-6)
    assert found["near"] == len(city.enterprises.cx[BOX[0] : BOX[2], BOX[1] : BOX[3]])


def test_the_standard_is_kept(client: Any, city: Any) -> None:
    """Part 1: geo+json, unknown parameters are 400, a limit above ours is capped, links are followed to the end."""
    first = client.get("/ogc/collections/protection_target/items", params={"limit": 500})
    assert first.headers["content-type"].startswith("application/geo+json")
    assert client.get("/ogc/collections/shelter/items", params={"nonsense": "1"}).status_code == 400
    assert client.get("/ogc/collections/shelter/items", params={"bbox": "1,2,3"}).status_code == 400
    assert client.get("/ogc/collections/nothing/items").status_code == 404
    seen: list[str] = []
    page = first.json()
    while True:
        seen += [feature["id"] for feature in page["features"]]
        following = [link["href"] for link in page["links"] if link["rel"] == "next"]
        if not following:
            break
        page = client.get(following[0]).json()
    assert len(seen) == len(set(seen)) == page["numberMatched"] == len(city.tables["protection_target"])
    hospitals = client.get(
        "/ogc/collections/protection_target/items", params={"kind": "hospital", "limit": 9000}
    ).json()
    assert hospitals["numberMatched"] == int((city.tables["protection_target"]["kind"] == "hospital").sum())
    none = client.get("/ogc/collections/shelter/items", params={"datetime": "../1999-12-31T00:00:00Z"}).json()
    assert none["numberMatched"] == 0


def test_every_data_set_has_a_schema_its_rows_keep(client: Any) -> None:
    kinds = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "object": (dict, list)}
    for key in publishing.DATASETS:
        schema = client.get(f"/ogc/collections/{key}/schema").json()
        page = client.get(f"/ogc/collections/{key}/items", params={"limit": 3}).json()
        for feature in page["features"]:
            for name, value in feature["properties"].items():
                kind = schema["properties"][name]["type"]
                allowed = kinds[kind if isinstance(kind, str) else kind[0]]
                assert value is None or isinstance(value, allowed), (key, name, value)


def test_tiles_are_those_of_the_map(client: Any) -> None:
    tileset = client.get("/ogc/collections/enterprise/tiles/WebMercatorQuad").json()
    template = next(link["href"] for link in tileset["links"] if link["rel"] == "item")
    tile = client.get(template.format(tileMatrix=8, tileRow=104, tileCol=212))
    assert tile.status_code == 200
    assert tile.content == client.get("/tiles/enterprise/8/212/104.mvt").content


def test_nobody_reads_another_district(database: Database, city: Any) -> None:
    """The rows of one county for its own officer, none in another world; no restricted row for anybody."""
    county = Caller("county", "990102", "990103", "drill")
    with database.transaction(county) as connection:
        page = publishing.items(connection, "enterprise", limit=10)
        assert page.matched == int((city.enterprises["division_code"] == "990102").sum())
        assert all(feature["properties"]["division_code"] == "990102" for feature in page.features)
    with database.transaction(Caller("live", "990100", "990200", "live")) as connection:
        assert publishing.items(connection, "enterprise").matched == 0
    with database.transaction(DRILL) as connection:
        before = publishing.items(connection, "shelter").matched
        _add(connection, "SH-SECRET", label="restricted")
        assert publishing.items(connection, "shelter").matched == before


def test_without_sign_in_nothing_is_read(served: Any) -> None:
    with served.client() as stranger:
        assert stranger.get("/ogc/collections").status_code == 401
        assert stranger.get("/api/v1/changes").status_code == 401


def test_a_cut_link_loses_nothing_and_doubles_nothing(client: Any, database: Database, superuser_url: str) -> None:
    """
    Ten minutes of a cut link: rows are written by overlapping transactions, one of which commits late and out of order.
    The reader asks on from its cursor, once with a repeated page, and ends with exactly the rows that were written.
    """
    _calm(superuser_url)
    cursor = _drain(client, "0-0")[1]
    slow = psycopg.connect(superuser_url.replace("postgresql+psycopg", "postgresql"), autocommit=False)
    slow.execute("SELECT set_config('onemap.mode', 'drill', true)")
    slow.execute(_INSERT % {"id": "SH-SLOW", "label": "internal"})  # begun first, committed last
    written = {"SH-SLOW"}
    for number in range(25):
        with database.transaction(DRILL) as connection:
            _add(connection, f"SH-CUT-{number}")
        written.add(f"SH-CUT-{number}")
    held, cursor_now = _drain(client, cursor)
    assert held == [], "what came after an open transaction waits for it"
    slow.commit()
    slow.close()
    _calm(superuser_url)
    first = client.get("/api/v1/changes", params={"after": cursor_now, "limit": 7, "dataset": "shelter"}).json()
    again = client.get("/api/v1/changes", params={"after": cursor_now, "limit": 7, "dataset": "shelter"}).json()
    assert first == again, "asking again from the same cursor is the same answer"
    rest, end = _drain(client, first["next"], limit=7)
    got = [change["id"] for change in [*first["changes"], *rest]]
    assert sorted(got) == sorted(written)
    assert all(change["feature"]["properties"]["name"] for change in rest if change["action"] == "put")
    receipt = {"cursor": end, "rows": len(got)}
    assert client.post("/api/v1/changes/receipts", json=receipt).json()["is_new"]
    assert not client.post("/api/v1/changes/receipts", json=receipt).json()["is_new"]
    assert client.get("/api/v1/changes/receipts").json()[0]["rows"] == 26
    with database.transaction(DRILL) as connection:
        connection.execute(text("UPDATE layers.shelter SET superseded_at = now() WHERE id = 'SH-CUT-3'"))
    _calm(superuser_url)
    ended = _drain(client, end)[0]
    assert [(change["id"], change["action"]) for change in ended] == [("SH-CUT-3", "end")]


def test_changes_come_by_transaction_and_not_by_its_digits(client: Any, superuser_url: str) -> None:
    """Transaction 9 is before 10: sorted as text, a page that ends between them loses one or gives it twice."""
    with psycopg.connect(superuser_url.replace("postgresql+psycopg", "postgresql"), autocommit=True) as owner:
        for xid in (10, 9, 11):
            owner.execute(
                "INSERT INTO exchange.change (xid, dataset, row_id, id, action, division_code, label, mode)"
                " VALUES (CAST(%s::text AS xid8), 'shelter', 1, %s, 'end', '990102', 'internal', 'drill')",
                (str(xid), f"SH-X{xid}"),
            )
        asked, got = "0-0", []
        for _ in range(3):
            page = client.get("/api/v1/changes", params={"after": asked, "limit": 1, "dataset": "shelter"}).json()
            got += [change["id"] for change in page["changes"]]
            asked = page["next"]
        owner.execute("DELETE FROM exchange.change WHERE id LIKE 'SH-X%'")
    assert got == ["SH-X9", "SH-X10", "SH-X11"]


def test_readers_that_run_while_rows_are_written_miss_none(client: Any, database: Database, superuser_url: str) -> None:
    """Four writers at once and a reader that never waits: the reader's rows are the writers' rows, each once."""
    _calm(superuser_url)
    cursor = _drain(client, "0-0")[1]

    def write(writer: int) -> None:
        for number in range(12):
            with database.transaction(DRILL) as connection:
                _add(connection, f"SH-W{writer}-{number}")

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(4)]
    for thread in threads:
        thread.start()
    got: list[str] = []
    while any(thread.is_alive() for thread in threads):
        found, cursor = _drain(client, cursor, limit=5)
        got += [change["id"] for change in found]
    _calm(superuser_url)
    found, cursor = _drain(client, cursor)
    got += [change["id"] for change in found]
    assert sorted(got) == sorted(f"SH-W{writer}-{number}" for writer in range(4) for number in range(12))


def test_a_cursor_of_somebody_else_is_refused(client: Any) -> None:
    assert client.get("/api/v1/changes", params={"after": "abc"}).status_code == 422
    assert changes.START == "0-0"


def _calm(superuser_url: str) -> None:
    """
    Wait until every transaction begun before has ended.

    What the server writes by itself holds the feed back as well: it tells nothing that is younger than the oldest one
    still open anywhere in the cluster.
    """
    until = time.monotonic() + 60
    with psycopg.connect(superuser_url.replace("postgresql+psycopg", "postgresql"), autocommit=True) as looking:
        (mine,) = looking.execute("SELECT pg_current_xact_id()::text::bigint").fetchone() or (0,)
        oldest = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint > %s"
        while not (looking.execute(oldest, (mine,)).fetchone() or (False,))[0]:
            assert time.monotonic() < until, "a transaction from before does not end"
            time.sleep(0.02)


def _drain(client: Any, cursor: str, limit: int = 1000) -> tuple[list[Any], str]:
    got: list[Any] = []
    while True:
        answer = client.get("/api/v1/changes", params={"after": cursor, "limit": limit, "dataset": "shelter"})
        assert answer.status_code == 200, answer.text
        batch = answer.json()
        got += batch["changes"]
        cursor = batch["next"]
        if not batch["more"]:
            return got, cursor


_INSERT = (
    "INSERT INTO layers.shelter (id, valid_from, source_system, as_of, division_code, label, mode, name, pinyin, "
    "initials, level, kind, capacity, effective_area_m2, indoor_gas_tight, manager, phone, geometry) VALUES "
    "('%(id)s', '2026-01-01Z', 'test', '2026-11-01Z', '990102', '%(label)s', 'drill', '试验', 'shiyan', 'sy', 'city', "
    "'indoor', 10, 20, false, '演练员', '10000000000', ST_SetSRID(ST_MakePoint(118.7, 31.4), 4490))"
)


def _add(connection: Any, row_id: str, label: str = "internal") -> None:
    connection.execute(text(_INSERT % {"id": row_id, "label": label}))
