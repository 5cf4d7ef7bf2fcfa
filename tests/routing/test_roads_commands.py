"""Do the commands keep their contract: JSON keys, exit codes, one sentence for bad input?"""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from sqlalchemy import text
from typer.testing import CliRunner, Result

from command_ui.cli.main import app
from gis.crs import GEOGRAPHIC
from gis.database import Caller, Database
from routing import cache, store
from routing.network import Network


@pytest.fixture
def home(tmp_path: Path, shanghai: Network, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder that holds the network `shanghai`."""
    monkeypatch.setenv("ONEMAP_DATA_DIR", str(tmp_path))
    cache.save(shanghai, tmp_path / "networks" / "shanghai")
    return tmp_path


def _run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def _json(*words: object) -> Any:
    result = _run(*words, "--json")
    assert result.exit_code == 0, result.output

    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is not JSON")

    return json.loads(result.stdout, parse_constant=refuse)


@pytest.fixture
def zone(tmp_path: Path) -> Path:
    """A closed circle in the middle of the city."""
    path = tmp_path / "zone.geojson"
    gpd.GeoDataFrame(geometry=[shapely.Point(121.485, 31.23).buffer(0.008)], crs=GEOGRAPHIC).to_file(path)
    return path


def _csv(path: Path, rows: list[dict[str, object]]) -> Path:
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def test_build_list_show_remove(tmp_path: Path, shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONEMAP_DATA_DIR", str(tmp_path))
    built = _json("roads", "build", shared_data / "routing" / "shanghai_center.osm", "--name", "sh")
    assert built["report"]["largest_part"] == {"nodes": 20679, "arcs": 33455}
    assert [n["name"] for n in _json("roads", "list")] == ["sh"]
    assert "ODbL 1.0" in _run("roads", "show", "sh").stdout
    assert _run("roads", "remove", "sh").exit_code == 0
    assert _json("roads", "list") == []


def test_versions_lie_side_by_side(tmp_path: Path, shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONEMAP_DATA_DIR", str(tmp_path))
    folder = shared_data / "routing"
    for file in ("shanghai_center.osm", "liechtenstein.osm.pbf", "shanghai_center.osm", "shanghai_center.osm"):
        built = _json("roads", "build", folder / file, "--name", "roads", "--keep", 2)
        assert built["record"]["database"] == "none"
    listed = _json("roads", "list")
    assert [one["name"] for one in listed] == ["roads"]
    assert [(one["version"], one["use_as"]) for one in listed[0]["versions"]] == [
        (4, "roads"), (3, "roads@3"), (2, "roads@2"),
    ]  # fmt: skip
    way = _json("route", "roads@2", "--from", "9.52,47.14", "--to", "9.55,47.2")
    assert way["status"] == "ok"
    assert "cannot name a network" in _run("roads", "build", folder / "x.osm", "--name", "roads@9").stderr
    assert _run("roads", "remove", "roads").exit_code == 0
    assert list((tmp_path / "networks").iterdir()) == []


def test_building_is_recorded_and_drawn(
    tmp_path: Path, shared_data: Path, database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONEMAP_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("ONEMAP_DATABASE_URL", database_url)
    build = ("roads", "build", shared_data / "routing" / "liechtenstein.osm.pbf", "--name", "fl")
    built = _json(*build)
    way = int(cache.load(tmp_path / "networks" / "fl").way_id[0])
    words = ("roads", "edit", "fl", "--way", way, "--attribute", "max_height_m", "--reason", "演练：实测", "--value")
    told = [built["record"], _json(*words, 3.2), _json(*build)["record"]]
    for version, record in enumerate(told, 1):
        assert (record["version"], record["database"]) == (version, "recorded")
        assert record["base_map"]["base_line"] > 1000
        assert record["base_map"]["base_area"] > 8000
    for name, height in (("fl@1", float("nan")), ("fl@2", 3.2), ("fl", 3.2)):
        network = cache.load(tmp_path / "networks" / name)
        assert network.max_height_m[network.way_id == way] == pytest.approx(height, nan_ok=True)
    assert "give a number above 0" in _run(*words, 0).stderr
    assert "way 7 is not in network 'fl'" in _run(*words[:4], 7, *words[5:], 3).stderr
    with database.transaction(Caller.system()) as connection:
        assert [one.version for one in store.versions(connection, "fl")] == [3, 2, 1]
        drawn = connection.execute(text("SELECT count(*) FROM layers.base_line WHERE network = 'fl'")).scalar()
        assert drawn == told[-1]["base_map"]["base_line"]


def test_route(home: Path, zone: Path) -> None:
    ends = ("--from", "121.45,31.20", "--to", "121.52,31.26")
    found = _json("route", "shanghai", *ends, "--avoid", zone, "--profile", "fire_engine", "--alternatives", 2)
    assert {"status", "reason", "length_m", "travel_time_s", "geometry", "ways"} <= set(found)
    line = shapely.geometry.shape(found["geometry"])
    assert not line.intersects(gpd.read_file(zone).geometry.iloc[0])
    assert found["closures"]["arcs_closed"] > 0
    assert "OpenStreetMap" in found["provenance"]["source"]
    inside = _json("route", "shanghai", "--from", "121.485,31.23", "--to", "121.52,31.26", "--avoid", zone)
    assert (inside["status"], inside["geometry"], inside["length_m"]) == ("origin_closed", None, None)
    gpx = home / "way.gpx"
    assert "出发" in _run("route", "shanghai", *ends, "--directions", "zh", "--gpx", gpx).stdout
    assert gpx.read_text(encoding="utf-8").startswith("<?xml")


def test_the_hour_and_the_weather_slow_the_way_and_it_leaves_as_geojson(home: Path) -> None:
    ends = ("route", "shanghai", "--from", "121.45,31.20", "--to", "121.52,31.26")
    free, file, track = _json(*ends), home / "way.geojson", home / "ways.gpx"
    snow = _json(*ends, "--weather", "snow")
    assert snow["travel_time_s"] == pytest.approx(free["travel_time_s"] / 0.7, rel=1e-3)
    rush = _json(*ends, "--hour", 8, "--alternatives", 1, "--geojson", file, "--gpx", track)
    assert rush["travel_time_s"] > free["travel_time_s"]
    assert (rush["provenance"]["inputs"]["hour"], snow["provenance"]["inputs"]["weather_factor"]) == (8, 0.7)
    ways = json.loads(file.read_text(encoding="utf-8"))["features"]
    assert [way["properties"]["name"] for way in ways] == ["route", "alternative 1"]
    assert ways[0]["geometry"] == rush["geometry"]
    assert track.read_text(encoding="utf-8").count("<trk>") == 2


def test_route_under_a_cloud(home: Path) -> None:
    wall = shapely.box(121.478, 31.15, 121.482, 31.30)
    cloud = home / "cloud.geojson"
    ends = ("route", "shanghai", "--from", "121.45,31.22", "--to", "121.51,31.24", "--hazard", cloud)

    def laid(until_s: float | None) -> None:
        rows = {"arrival_s": [120.0], "until_s": [until_s], "concentration": [3.0]}
        gpd.GeoDataFrame(rows, geometry=[wall], crs=GEOGRAPHIC).to_file(cloud)

    laid(900.0)
    found = _json(*ends)
    assert (found["status"], found["reason"]) == ("ok", "waits")
    waited = sum(stop["seconds"] for stop in found["waits"])
    assert 0 < waited < 900
    later = _json(*ends, "--depart-s", 900)
    assert (later["waits"], later["dose"]) == ([], 0.0)
    # The first to arrive leaves at once and waits, or leaves late: nobody who leaves later arrives earlier.
    assert found["travel_time_s"] <= 900 + later["travel_time_s"]
    assert "wait" in _run(*ends).stdout
    laid(None)
    assert _json(*ends)["status"] == "cut_off"
    crossed = _json(*ends, "--protected")
    assert crossed["status"] == "ok"
    assert crossed["dose"] > 0


def test_dispatch(home: Path, zone: Path) -> None:
    rows = [
        {"id": "a", "longitude": 121.46, "latitude": 31.21, "kind": "fire"},
        {"id": "b", "longitude": 121.485, "latitude": 31.23, "kind": "medical"},
        {"id": "c", "longitude": 121.50, "latitude": 31.25, "kind": "hazmat"},
    ]
    teams = _csv(home / "teams.csv", rows)
    found = _json("dispatch", "shanghai", "--scene", "121.485,31.23", "--teams", teams, "--avoid", zone)
    assert sorted(t["id"] for t in found["teams"]) == ["a", "b", "c"]
    assert [t["rank"] for t in found["teams"]] == [1, 2, 0]
    assert found["teams"][2]["status"] == "origin_closed"
    assert found["teams"][0]["geometry"]["type"] == "LineString"
    assert "equipment" not in found
    words = ("dispatch", "shanghai", "--scene", "121.485,31.23", "--teams", teams, "--alternatives", 2)
    first = _json(*words)["teams"][0]
    assert all(way["travel_time_s"] >= first["travel_time_s"] for way in first["alternatives"])
    assert any(team["alternatives"] for team in _json(*words)["teams"])


def test_the_teams_bring_what_the_plan_asks_for_or_it_is_named(home: Path) -> None:
    rows = [
        {"id": "a", "longitude": 121.46, "latitude": 31.21, "kind": "fire", "equipment": "foam;ladder"},
        {"id": "b", "longitude": 121.48, "latitude": 31.23, "kind": "medical", "equipment": "stretcher"},
    ]
    words = ("dispatch", "shanghai", "--scene", "121.485,31.23", "--teams", _csv(home / "teams.csv", rows), "--needs")
    found = _json(*words, "foam=1,stretcher=2")["equipment"]
    assert (found["brought"], found["missing"]) == ({"foam": 1, "stretcher": 1}, {"stretcher": 1})
    assert sorted(found["teams"]) == ["a", "b"]
    assert "missing 1 stretcher" in _run(*words, "foam=1,stretcher=2").stdout
    assert "give kinds with numbers" in _run(*words, "foam=many").stderr


def test_matrix(home: Path) -> None:
    places = _csv(home / "p.csv", [{"id": i, "longitude": 121.45 + 0.01 * i, "latitude": 31.22} for i in range(3)])
    out = home / "m.csv"
    assert _json("matrix", "shanghai", "--from", places, "--to", places, "--out", out)["rows"] == 3
    table = pd.read_csv(out, index_col="id")
    assert table.shape == (3, 3)
    assert (table.to_numpy().diagonal() == 0).all()


def test_evacuate(home: Path, zone: Path) -> None:
    blocks = [{"id": i, "longitude": 121.475 + 0.004 * i, "latitude": 31.235, "people": 100} for i in range(6)]
    shelters = [{"id": i, "longitude": 121.45 + 0.03 * i, "latitude": 31.21, "capacity": 400} for i in range(3)]
    files = ("--blocks", _csv(home / "b.csv", blocks), "--shelters", _csv(home / "s.csv", shelters))
    found = _json("evacuate", "shanghai", *files, "--avoid", zone)
    sent = sum(r["people"] for r in found["assignment"])
    assert sent + sum(r["people"] for r in found["left_over"]) == found["totals"]["people"] == 600
    area = gpd.read_file(zone).geometry.iloc[0]
    assert not any(shapely.geometry.shape(r["geometry"]).intersects(area) for r in found["assignment"])
    out = _json("evacuate", "shanghai", *files, "--avoid", zone, "--leave-zone", "--objective", "clearance")
    assert out["totals"]["assigned"] >= sent
    cloud = home / "cloud.geojson"
    rings = [shapely.Point(121.485, 31.235).buffer(0.002 * k) for k in (1, 2, 4)]
    gpd.GeoDataFrame({"arrival_s": [0, 300, 900]}, geometry=rings, crs=GEOGRAPHIC).to_file(cloud)
    moving = _json("evacuate", "shanghai", *files, "--hazard", cloud)
    assert moving["totals"]["assigned"] + moving["totals"]["left_over"] == 600


def test_buses(home: Path, tmp_path: Path, zone: Path) -> None:
    blocks = _csv(tmp_path / "b.csv", [{"id": "b1", "longitude": 121.47, "latitude": 31.22, "people": 130}])
    shelters = _csv(tmp_path / "s.csv", [{"id": "s1", "longitude": 121.50, "latitude": 31.24, "capacity": 100}])
    fleet = _csv(tmp_path / "v.csv", [{"id": "v1", "longitude": 121.46, "latitude": 31.21, "seats": 45}])
    words = ("buses", "shanghai", "--blocks", blocks, "--shelters", shelters, "--buses", fleet, "--avoid", zone)
    found = _json(*words)
    assert (found["people"], found["fetched"]) == (130, 100)
    assert [row["round"] for row in found["rounds"]] == [1, 2, 3]
    assert found["left_over"] == [{"block_id": "b1", "people": 30, "reason": "no_bus_in_time_or_no_room"}]
    assert found["last_s"] == pytest.approx(max(row["arrive_s"] for row in found["rounds"]), abs=0.1)
    assert "left over: b1 30 people" in _run(*words).stdout


def test_reach_and_guard(home: Path, zone: Path) -> None:
    found = _json("reach", "shanghai", "--at", "121.47,31.23", "--minutes", "5,10,15")
    sizes = [f["properties"]["area_km2"] for f in found["features"]]
    assert sizes == sorted(sizes)
    assert len(sizes) == 3
    assert _json("guard", "shanghai", "--avoid", zone)["points"]


def test_people_reached_and_gaps_of_stations(home: Path) -> None:
    rows = [{"id": i, "longitude": 121.47 + 0.005 * i, "latitude": 31.23, "people": 10} for i in range(8)]
    homes = _csv(home / "homes.csv", rows)
    found = _json("reach", "shanghai", "--at", "121.47,31.23", "--minutes", "1,15", "--people", homes)
    near, far = (f["properties"]["people"] for f in found["features"])
    assert 0 <= near < far <= 80
    stations = _csv(home / "stations.csv", [{"id": "s", "longitude": 121.47, "latitude": 31.23}])
    words = ("gaps", "shanghai", "--stations", stations, "--people", homes)
    gaps = _json(*words, "--minutes", 1)["features"]
    sizes = [f["properties"]["area_km2"] for f in gaps]
    assert sizes == sorted(sizes, reverse=True)
    assert sum(f["properties"]["people"] for f in gaps) > 0
    assert " people at 121." in _run(*words, "--minutes", 1).stdout
    assert sum(f["properties"]["area_km2"] for f in _json(*words, "--minutes", 600)["features"]) < sum(sizes)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("route", "nowhere", "--from", "1,1", "--to", "2,2"), "no network 'nowhere' (known: shanghai)"),
        (("route", "shanghai", "--from", "31.2;121", "--to", "2,2"), "give longitude,latitude"),
        (("route", "shanghai", "--from", "31.2,121.4", "--to", "121.5,31.2"), "swapped"),
        (("route", "shanghai", "--from", "121.4,31.2", "--to", "121.5,31.2", "--profile", "tank"), "profile 'tank'"),
        (("reach", "shanghai", "--at", "121.4,31.2", "--weather", "hail"), "no weather 'hail'"),
        (("reach", "shanghai", "--at", "121.4,31.2", "--minutes", "5,x"), "give numbers like 5,10,15"),
        (("roads", "build", "/nowhere.osm", "--name", "x"), "there is no file"),
        (("roads", "build", "/nowhere.osm", "--name", "../x"), "cannot name a network"),
        (("guard", "shanghai", "--avoid", "/nowhere.geojson"), "there is no file"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_two(home: Path, words: tuple[str, ...], sentence: str) -> None:
    result = _run(*words)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert "Traceback" not in result.output


def test_all_faults_of_a_table_are_named(home: Path) -> None:
    rows = [
        {"id": "a", "longitude": 221.4, "latitude": 31.2, "people": 5},
        {"id": "a", "longitude": "x", "latitude": 31.2, "people": -3},
    ]
    blocks = _csv(home / "b.csv", rows)
    result = _run("evacuate", "shanghai", "--blocks", blocks, "--shelters", blocks)
    assert result.exit_code == 2
    for part in ("line 2", "line 3", "people '-3'", "id 'a' stands there more than once"):
        assert part in result.stderr


def test_faults_of_several_files_are_named_together(home: Path, zone: Path) -> None:
    bad = _csv(home / "bad.csv", [{"id": "a", "longitude": 121.47, "latitude": 31.2, "capacity": -3}])
    (home / "twisted.geojson").write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")
    result = _run("evacuate", "shanghai", "--blocks", bad, "--shelters", bad, "--avoid", home / "twisted.geojson",
                  "--profile", "tank")  # fmt: skip
    assert result.exit_code == 2
    for part in ("column 'people' is missing", "capacity '-3'", "twisted.geojson", "profile 'tank'"):
        assert part in result.stderr
    ends = _run("route", "shanghai", "--from", "here", "--to", "there")
    assert "--from 'here'" in ends.stderr
    assert "--to 'there'" in ends.stderr


def test_a_table_from_a_spreadsheet_is_read(home: Path) -> None:
    text = "id,longitude,latitude,kind,name\n消1,121.46,31.21,fire,演练消防一队\n"
    (home / "teams.csv").write_bytes(text.encode("gbk"))
    found = _json("dispatch", "shanghai", "--scene", "121.485,31.23", "--teams", home / "teams.csv")
    assert [(t["id"], t["name"], t["status"]) for t in found["teams"]] == [("消1", "演练消防一队", "ok")]
    (home / "empty.csv").write_bytes(b"")
    (home / "none.csv").write_text("id,longitude,latitude\n", encoding="utf-8")
    for name, sentence in (("empty.csv", "not a CSV table"), ("none.csv", "has no rows")):
        result = _run("dispatch", "shanghai", "--scene", "121.485,31.23", "--teams", home / name)
        assert result.exit_code == 2
        assert sentence in result.stderr


def test_every_command_shows_an_example() -> None:
    for words in (["route"], ["dispatch"], ["matrix"], ["evacuate"], ["reach"], ["gaps"], ["guard"], ["roads", "build"],
                  ["roads", "list"], ["roads", "edit"], ["roads", "fetch"]):  # fmt: skip
        assert "Example: onemap" in _run(*words, "--help").stdout.replace("\n", " ")


class _Overpass(BaseHTTPRequestHandler):
    """Answers an Overpass question with four streets."""

    asked: list[str]

    def _answer(self, question: str) -> None:
        type(self).asked.append(question)
        corners = [(118.70, 31.40), (118.71, 31.40), (118.71, 31.41), (118.70, 31.41)]
        nodes = [{"type": "node", "id": i + 1, "lon": x, "lat": y} for i, (x, y) in enumerate(corners)]
        ways = [
            {"type": "way", "id": 10 + i, "nodes": [i + 1, (i + 1) % 4 + 1],
             "tags": {"highway": "residential", "name": f"演练{i}路", "maxspeed": "30"}}
            for i in range(4)
        ]  # fmt: skip
        self._send({"version": 0.6, "elements": nodes + ways})

    def _send(self, answer: object) -> None:
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        self._answer(parse_qs(self.rfile.read(length).decode()).get("data", [""])[0])

    def do_GET(self) -> None:
        if "/search" not in self.path:
            self._answer(urlsplit(self.path).query)
            return
        west, south, east, north = 118.69, 31.39, 118.72, 31.42
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        known = parse_qs(urlsplit(self.path).query)["q"] == ["演练市"]
        place = {
            "place_id": 1, "osm_type": "relation", "osm_id": 1, "lat": "31.405", "lon": "118.705", "class": "boundary",
            "type": "administrative", "place_rank": 10, "importance": 0.5, "addresstype": "city", "name": "演练市",
            "display_name": "演练市", "boundingbox": [str(south), str(north), str(west), str(east)],
            "geojson": {"type": "Polygon", "coordinates": [ring]},
        }  # fmt: skip
        self._send([place] if known else [])

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def overpass() -> Iterator[str]:
    """Address of a map service of our own."""
    handler = type("Handler", (_Overpass,), {"asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/api"
    server.shutdown()
    server.server_close()
    assert any("highway" in question for question in handler.asked)


def test_fetch_from_a_service_of_ones_own(tmp_path: Path, overpass: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONEMAP_DATA_DIR", str(tmp_path))
    words = ("roads", "fetch", "118.695,31.395,118.715,31.415", "--name", "演练", "--overpass", overpass)
    found = _json(*words)
    assert found["counts"] == {"nodes": 4, "arcs": 8, "segments": 4}
    way = _json("route", "演练", "--from", "118.705,31.40", "--to", "118.71,31.405")
    assert way["status"] == "ok"
    assert way["ways"] == [10, 11]


def test_fetch_a_place_by_its_name(tmp_path: Path, overpass: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONEMAP_DATA_DIR", str(tmp_path))
    services = ("--overpass", overpass, "--nominatim", overpass)
    found = _json("roads", "fetch", "演练市", "--name", "city", *services)
    assert found["counts"] == {"nodes": 4, "arcs": 8, "segments": 4}
    unknown = _run("roads", "fetch", "无此地", "--name", "x", *services)
    assert unknown.exit_code == 2
    assert "knows no such place" in unknown.stderr


def test_a_service_that_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONEMAP_DATA_DIR", str(tmp_path))
    result = _run("roads", "fetch", "118.69,31.39,118.71,31.41", "--name", "x", "--overpass", "http://127.0.0.1:9/api")
    assert result.exit_code == 2
    assert "does not answer" in result.stderr
