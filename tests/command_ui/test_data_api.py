"""The data interface over HTTP: hand in, examine, import, take back, count and export, with rights and limits."""

import csv
import io
import re
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from gis.database import Caller, Database
from layers import revision
from layers.sample import load
from layers.sample.city import SampleCity

DRILL = Caller("test", "990100", "990200", "drill")
FILE = "名称,容量,经度,纬度,行政区划\n演练甲避难所,500,118.7124,31.4087,滨江区\n演练乙避难所,600,31.41,118.72,滨江区\n"


@pytest.fixture(scope="module")
def ready(served: Any, database: Database, city: SampleCity) -> Any:
    """A server whose database holds the divisions and shelters of the city."""
    with database.transaction(DRILL) as connection:
        load.load(connection, city)
    assert revision
    return served


def wait(client: httpx.Client, key: str) -> dict[str, Any]:
    for _ in range(900):
        state: dict[str, Any] = client.get(f"/api/v1/uploads/{key}").json()
        if state["state"] != "running":
            return state
        time.sleep(0.1)
    raise AssertionError("still running")


def settled(client: httpx.Client) -> dict[str, Any]:
    for _ in range(300):
        answer: dict[str, Any] = client.get("/api/v1/quality").json()
        if not answer["examining"]:
            return answer
        time.sleep(0.4)
    raise AssertionError("still examining")


def hand_in(client: httpx.Client, content: bytes = FILE.encode("gbk"), name: str = "区县.csv") -> httpx.Response:
    return client.post("/api/v1/uploads", params={"name": name, "layer": "shelter"}, content=content)


def test_a_file_goes_in_and_comes_out_again(ready: Any, tmp_path: Path) -> None:
    with ready.sign_in() as client:
        seen = hand_in(client).json()
        assert (seen["rows"], seen["encoding"], seen["matches"]["容量"]["column"]) == (2, "gb18030", "capacity")
        chosen = {"layer": "shelter", "mapping": {}, "datum": "cgcs2000"}
        assert client.post(f"/api/v1/uploads/{seen['key']}/trial", json=chosen).status_code == 202
        state = wait(client, seen["key"])
        assert (state["state"], state["trial"]["good"], state["trial"]["counts"]) == ("examined", 1, {"swapped": 1})
        assert "颠倒" in state["trial"]["told"][0]["said"][0]
        report = client.get(f"/api/v1/uploads/{seen['key']}/report").text
        assert report.startswith("\ufeff行号") and report.count("\n") == 2
        assert client.get("/api/v1/layers/shelter/count").json()["count"] == 64
        client.post(f"/api/v1/uploads/{seen['key']}/import", json=chosen)
        done = wait(client, seen["key"])["done"]
        assert (done["added"], done["aside"]) == (1, 1)
        counted = client.get("/api/v1/layers/shelter/count", params={"where": "name~演练甲避难所"}).json()
        assert counted == {"layer": "shelter", "count": 1, "titles": {"name": ["名称", "Name"]}}
        sent = client.get("/api/v1/layers/shelter/export", params={"where": "name~演练甲避难所", "format": "csv"})
        assert sent.headers["x-row-count"] == "1"
        assert "演练甲避难所" in sent.content.decode("utf-8-sig")
        defects = client.get("/api/v1/quality", params={"layer": "shelter"}).json()["defects"]
        assert [(one["state"], one["rules"], one["owner"]) for one in defects] == [
            ("aside", ["swapped"], "市应急管理局")
        ]
        # One of the sample shelters stands 110 m outside its county: 64 good of 65 and one aside, rounded down.
        scores = {one["layer"]: one for one in settled(client)["scores"]}
        assert (scores["shelter"]["rows"], scores["shelter"]["aside"], scores["shelter"]["score"]) == (65, 1, 96)
        assert scores["enterprise"]["score"] == 100
        undone = client.post(f"/api/v1/imports/{done['import_id']}/undo", json={})
        assert undone.json() == {"closed": 1}
        assert client.post(f"/api/v1/imports/{done['import_id']}/undo", json={}).status_code == 409
        assert client.get("/api/v1/layers/shelter/count").json()["count"] == 64


@pytest.mark.parametrize(
    "where",
    ["", "name~学校", "capacity>=1000", "level=fixed", "name~没有这样的名字", "capacity>=500 and capacity<2000"],
)
def test_a_table_has_as_many_rows_as_the_filter_counts(ready: Any, where: str) -> None:
    """T-22, its first sentence; print and fonts are held by test_mapprint and test_report_papers."""
    with ready.sign_in() as client:
        wanted = {"where": where} if where else {}
        counted = client.get("/api/v1/layers/shelter/count", params=wanted)
        sent = client.get("/api/v1/layers/shelter/export", params=wanted | {"format": "csv"})
        assert counted.status_code == sent.status_code
        if counted.status_code == 200:
            _, *rows = list(csv.reader(io.StringIO(sent.content.decode("utf-8-sig"))))
            assert len(rows) == counted.json()["count"] == int(sent.headers["x-row-count"])
            assert rows or where


CODE = re.compile(r"[a-z][a-z0-9]*([_.][a-z0-9]+)*")


def test_no_table_that_leaves_shows_a_code(ready: Any) -> None:
    """Every layer, listed and exported, in Chinese: what is a code is said in words."""
    found = []
    with ready.sign_in() as client:
        layers = [one for one in client.get("/api/v1/layers").json() if one["connected"] and one["count"]]
        assert len(layers) > 20
        for layer in layers:
            listed = client.get(f"/api/v1/layers/{layer['key']}/rows", params={"limit": 200}).json()
            for at, column in enumerate(listed["columns"]):
                values = {row[at] for row in listed["rows"] if isinstance(row[at], str)}
                if column != "单位":
                    found += [(layer["key"], column, value) for value in values if CODE.fullmatch(value)]
        sent = client.get("/api/v1/layers/tag_gas/export", params={"format": "csv"}).content.decode("utf-8-sig")
        grid = client.get("/api/v1/layers/risk_grid/rows", params={"limit": 500}).json()
        colours = {row[grid["columns"].index("四色风险")] for row in grid["rows"]}
        assert colours <= {"重大", "较大", "一般", "低", None} and len(colours) > 2
        assert "可燃气" in sent and "演练" in sent and "combustible" not in sent
    assert found == []


def test_words_that_left_come_back_as_codes(ready: Any) -> None:
    """A team's state leaves as a word and is the same row when its file comes back."""
    with ready.sign_in() as client:
        wanted = {"where": "status=ready", "format": "csv"}
        sent = client.get("/api/v1/layers/rescue_team/export", params=wanted).content
        assert "待命" in sent.decode("utf-8-sig")
        seen = client.post("/api/v1/uploads", params={"name": "队伍.csv", "layer": "rescue_team"}, content=sent).json()
        chosen = {"layer": "rescue_team", "mapping": {}, "datum": "cgcs2000"}
        client.post(f"/api/v1/uploads/{seen['key']}/import", json=chosen)
        done = wait(client, seen["key"])["done"]
        assert (done["added"], done["changed"]) == (0, 0) and done["unchanged"] > 0


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.exe", b"MZ", "this kind of file is not read"),
        ("a.csv", b"", "the file is empty"),
        ("a.xlsx", b"PK", "damaged"),
        ("../../etc/passwd.csv", b"x\n1\n", "passwd.csv"),
    ],
)
def test_traps_are_refused_in_one_sentence(ready: Any, name: str, content: bytes, said: str) -> None:
    with ready.sign_in() as client:
        answer = hand_in(client, content, name)
        if answer.status_code == 200:
            assert answer.json()["name"] == said
            return
        assert answer.status_code == 422
        assert said in answer.json()["message"]
        assert "/" not in answer.json()["message"].split(":")[0]


def test_only_who_may_report_brings_files_in_and_nobody_sees_anothers(ready: Any) -> None:
    with ready.sign_in() as client, ready.sign_in("commander") as other, ready.client() as stranger:
        key = hand_in(client).json()["key"]
        assert other.get(f"/api/v1/uploads/{key}").status_code == 404
        assert stranger.get("/api/v1/layers/shelter/export").status_code == 401
        del client.headers["x-csrf-token"]
        assert hand_in(client).status_code == 403
    viewers = [name for name in ready.passwords if name not in ("duty", "commander")]
    refused: list[int] = []
    for name in viewers:
        with ready.sign_in(name) as client:
            if "report" in str(client.get("/api/v1/session").json()):
                continue
            refused.append(client.get("/api/v1/layers/enforcement/export").status_code)
    assert set(refused) <= {200, 403}


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/api/v1/layers/shelter/count?where=colour%3Dred", "no column 'colour'"),
        ("/api/v1/layers/shelter/count?bounds=1,2", "west,south,east,north"),
        ("/api/v1/layers/nowhere/count", "Not found"),
        ("/api/v1/quality?rule=odd", "no rule 'odd'"),
        ("/api/v1/layers/supply_stock/export?format=gpkg", "has no places"),
    ],
)
def test_faulty_questions_are_answered_plainly(ready: Any, path: str, said: str) -> None:
    with ready.sign_in() as client:
        answer = client.get(path)
        assert answer.status_code in (404, 422)
        assert said in answer.json()["message"]


def test_a_moment_can_be_asked_for(ready: Any) -> None:
    with ready.sign_in() as client:
        answer = client.get("/api/v1/layers/shelter/count", params={"known_at": "2020-01-01T00:00:00+08:00"})
        assert answer.json()["count"] == 0
