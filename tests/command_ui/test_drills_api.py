"""An exercise over HTTP: led by its cell, played by somebody who sees only his own part, judged, and printed."""

import io
import json
import re
import threading
import time
import uuid
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from openpyxl import load_workbook

from command_ui.access.policies import POLICIES
from command_ui.reports import seal
from gis.database import Caller
from gis.errors import MissingError
from scenarios import log
from scenarios.desk import Desk
from scenarios.exercise import reading

XLSX = {"content-type": "application/octet-stream"}
WAIT_S = 120


def key() -> dict[str, str]:
    return {"idempotency-key": str(uuid.uuid4())}


@pytest.fixture(scope="module")
def cell(served: Any) -> Any:
    """The exercise cell, signed in."""
    with served.sign_in("controller") as client:
        yield client


@pytest.fixture(scope="module")
def judge(served: Any) -> Any:
    """An evaluator, signed in."""
    with served.sign_in("evaluator") as client:
        yield client


@pytest.fixture(scope="module")
def drill() -> str:
    """A drill that came with the house."""
    return next(iter(reading.ready()))


@pytest.fixture(scope="module")
def run(cell: Any, drill: str) -> str:
    """Address of an exercise whose clock stands at the start."""
    made = cell.post("/api/v1/exercises", json={"drill": drill, "paused": True}, headers=key())
    assert made.status_code == 201, made.text
    return f"/api/v1/exercises/{made.json()['id']}"


def step(client: Any, run: str, kind: str, **more: Any) -> Any:
    return client.post(f"{run}/steps", json={"kind": kind, **more}, headers=key())


def phases(client: Any, run: str) -> dict[str, str]:
    return {one["id"]: one["phase"] for one in client.get(run).json()["injects"]}


def test_the_shelf_lists_every_drill_with_what_it_holds(served: Any, cell: Any, drill: str) -> None:
    own = Path(served.house.settings.data_dir) / "drills" / "broken-one"
    own.mkdir(parents=True, exist_ok=True)
    (own / "drill.toml").write_text("title = 3\n", encoding="utf-8")
    found = {one["name"]: one for one in cell.get("/api/v1/drills").json()}
    whole = reading.read(reading.ready()[drill])
    assert found[drill]["injects"] == len(whole.injects)
    assert found[drill]["title"]["zh"] == whole.title
    assert found[drill]["faults"] == []
    assert len(found["broken-one"]["faults"]) > 2, "every fault at once"


def test_the_cell_steers_and_every_inject_goes_out_once(cell: Any, run: str) -> None:
    look = cell.get(run).json()
    assert (look["state"], look["clock"]["elapsed_s"]) == ("paused", 0.0)
    first, second = (one["id"] for one in look["injects"][:2])
    assert step(cell, run, "pause").status_code == 409
    assert step(cell, run, "hold", inject=second).status_code == 201
    assert step(cell, run, "release", inject=first).status_code == 201
    assert step(cell, run, "release", inject=first).status_code == 409
    assert phases(cell, run)[second] == "held"
    assert step(cell, run, "unhold", inject=second).status_code == 201
    assert step(cell, run, "speed", speed=60).status_code == 201
    assert step(cell, run, "speed", speed=61).status_code == 422
    assert step(cell, run, "jump", to_s=look["injects"][1]["due_s"] + 1).status_code == 201
    deadline = time.monotonic() + WAIT_S
    while phases(cell, run)[second] not in ("open", "done", "failed"):
        assert time.monotonic() < deadline, "the server lets time pass by itself"
        time.sleep(0.2)
    sent = [one for one in cell.get(run).json()["injects"] if one["sent_s"] is not None]
    assert {first, second} <= {one["id"] for one in sent}
    assert next(one["how"] for one in sent if one["id"] == first) == "hand"


def test_a_player_hears_his_own_part_and_nothing_of_what_is_to_come(served: Any, cell: Any, run: str) -> None:
    whole = cell.get(run).json()
    with served.sign_in("duty") as player:
        assert player.get(run).status_code == 403
        assert player.get(f"{run}/msel").status_code == 403
        assert player.get(f"{run}/after-action").status_code == 403
        assert step(player, run, "pause").status_code == 403
        assert player.post(f"{run}/marks", json={"item": "x", "points": 1}, headers=key()).status_code == 403
        assert player.post("/api/v1/exercises", json={"drill": whole["drill"]}, headers=key()).status_code == 403
        seen = player.get(f"{run}/roles/-").json()
        assert "expectations" not in str(seen)
        fired = {one["id"] for one in whole["injects"] if one["sent_s"] is not None}
        assert {one["id"] for one in seen["posts"]} <= fired
        assert seen["posts"], "the first injects were for the duty officer"
        assert player.get(f"{run}/roles/nobody").status_code == 404
        line = next(one for one in player.get("/api/v1/exercises").json() if one["id"] == whole["id"])
        assert line["score"] is None


def _addresses(exercise_id: str) -> list[str]:
    """Every address a program may read, with the exercise where an incident is named."""
    own = {"incident_id": exercise_id, "exercise_id": exercise_id, "entry": "1", "seq": "1", "name": "-", "role": "-"}
    made = []
    for policy in POLICIES:
        path = policy.path
        if "GET" not in policy.methods or not path.startswith(("/api/", "/ogc", "/tiles/")) or path.endswith("/feed"):
            continue
        made.append(re.sub(r"\{(\w+)(:path)?\}", lambda found: own.get(found[1], "x"), path))
    return made


def test_no_way_out_shows_a_player_what_is_to_come(served: Any, cell: Any, run: str) -> None:
    exercise_id = run.rsplit("/", 1)[1]
    coming = [one for one in cell.get(run).json()["injects"] if one["sent_s"] is None]
    secrets = {one["text"] for one in coming if len(one["text"]) > 7} | {one["expected"] for one in coming}
    secrets = {json.dumps(one, ensure_ascii=False)[1:-1] for one in secrets if one}
    assert len(secrets) > 5
    entries = f"/api/v1/incidents/{exercise_id}/entries"
    assert any(one in cell.get(entries).text for one in secrets), "the cell reads its own record"
    with served.sign_in("duty") as player:
        assert player.get(entries).status_code == 404
        for address in _addresses(exercise_id):
            answer = player.get(address)
            assert answer.status_code < 500, address
            told = answer.text + answer.text.encode().decode("unicode_escape", "ignore")
            assert not [one for one in secrets if one in told], address
        for one in coming[:3]:
            found = player.get("/api/v1/search", params={"q": one["title"]})
            assert exercise_id not in found.text
        note = {"kind": "note", "payload": {"text": "看得见吗"}, "expected_seq": None}
        assert player.post(entries, json=note, headers=key()).status_code == 404, "and he writes nothing into it"


def test_the_record_itself_is_closed_to_players_and_so_are_its_hints(served: Any, cell: Any, run: str) -> None:
    exercise_id = uuid.UUID(run.rsplit("/", 1)[1])
    player = Caller("duty", "990100", "990200", "drill")
    desk = Desk(served.house.database, served.house.settings.networks_dir)
    for look in (
        lambda: desk.situation(exercise_id, caller=player),
        lambda: desk.entries(exercise_id, caller=player),
        lambda: desk.replay.at(exercise_id, player),
    ):
        with pytest.raises(MissingError):
            look()
    with served.house.database.transaction(player) as connection:
        cursor, found = log.FeedCursor(), []
        while batch := log.feed(connection, cursor)[0]:
            cursor = log.feed(connection, cursor)[1]
            found += batch
        assert exercise_id not in {one.incident_id for one in found}
        assert exercise_id not in {one.incident_id for one in log.heads(connection)}
    heard: dict[str, set[uuid.UUID]] = {"player": set(), "cell": set()}
    told = threading.Event()
    live = served.app.state.live

    def by_cell(moved: Any) -> None:
        heard["cell"].add(moved.incident_id)
        if moved.incident_id == exercise_id:
            told.set()

    ends = [
        live.subscribe(player, lambda moved: heard["player"].add(moved.incident_id)),
        live.subscribe(replace(player, sees_sealed=True), by_cell),
    ]
    assert cell.post(f"{run}/notes", json={"text": "导调记一笔"}, headers=key()).status_code == 201
    assert told.wait(WAIT_S)
    for end in ends:
        end()
    assert exercise_id not in heard["player"]


KINDS: dict[str, dict[str, Any]] = {
    "report": {"report": {"seriously_injured": 2}},
    "sensor": {"sensor": {"tag": "", "value": 9.0}},
    "weather": {"weather": {"wind_from_deg": 200}},
    "road": {"road": {"reason": "obstacle"}},
    "hospital": {"hospital": {"name": "演练市第二医院", "beds_free": 3}},
    "camera": {"camera": {"camera": ""}},
    "call": {},
    "message": {},
    "team": {"team": {"unit": "不存在的队伍", "reason": "车辆故障"}},
}


def test_the_controller_improvises_any_kind_and_puts_what_comes_otherwise(served: Any, cell: Any, run: str) -> None:
    whole = cell.get(run).json()
    role, place = whole["players"][0]["id"], whole["place"]
    means = {one["kind"]: one for one in reversed(cell.get(f"{run}/means").json())}

    for kind, table in KINDS.items():
        if kind == "sensor":
            table = {"sensor": {"tag": means["tag"]["name"] if "tag" in means else "AT-1", "value": 9.0}}
        if kind == "camera":
            table = {"camera": {"camera": means["camera"]["id"] if "camera" in means else "CAM-1"}}
        inject = {"kind": kind, "title": f"临机 {kind}", "to": [role], "text": f"临机内容 {kind}",
                  "longitude": place["longitude"], "latitude": place["latitude"], **table}  # fmt: skip
        made = cell.post(f"{run}/injects", json={"inject": inject, "reason": "考验应变"}, headers=key())
        assert made.status_code == 201, (kind, made.text)

    listed = {one["title"]: one for one in cell.get(run).json()["injects"] if one["improvised"]}
    assert set(listed) == {f"临机 {kind}" for kind in KINDS}
    assert all(one["sent_s"] is not None for one in listed.values()), "now means now, also while the clock stands"
    later = {"kind": "message", "title": "稍后一条", "to": [role], "when": {"by_hand": True}}
    again = key()
    first = cell.post(f"{run}/injects", json={"inject": later}, headers=again).json()
    assert cell.post(f"{run}/injects", json={"inject": later}, headers=again).json()["seq"] == first["seq"]
    waiting = next(one for one in cell.get(run).json()["injects"] if one["title"] == "稍后一条")
    elapsed_s = cell.get(run).json()["clock"]["elapsed_s"]
    changed = {"title": "改期一条", "to": [role], "text": "改了说法", "when": {"at_s": int(elapsed_s) + 600}}
    address = f"{run}/injects/{waiting['id']}"
    assert cell.patch(address, json={"inject": changed, "reason": "推后"}, headers=key()).status_code == 200
    now = next(one for one in cell.get(run).json()["injects"] if one["id"] == waiting["id"])
    assert (now["title"], now["changed"], now["due_s"]) == ("改期一条", True, int(elapsed_s) + 600)
    past = changed | {"when": {"at_s": 0}}
    assert cell.patch(address, json={"inject": past}, headers=key()).status_code == 409
    fired = listed["临机 message"]["id"]
    refused = cell.patch(f"{run}/injects/{fired}", json={"inject": changed}, headers=key())
    assert refused.status_code == 409 and "fired" in refused.json()["message"]
    wrong = {"kind": "road", "title": "没有位置", "to": ["nobody"]}
    faults = cell.post(f"{run}/injects", json={"inject": wrong}, headers=key())
    assert faults.status_code == 422 and all(one in faults.text for one in ("nobody", "longitude", "road"))
    kinds = [one["kind"] for one in cell.get(f"/api/v1/incidents/{run.rsplit('/', 1)[1]}/entries").json()["entries"]]
    assert kinds.count("inject_improvised") == len(KINDS) + 1 and "inject_changed" in kinds
    book = load_workbook(io.BytesIO(cell.get(f"{run}/msel").content))["MSEL"]
    column = [cell_.value for cell_ in book[1]].index("来源")
    origins = [row[column].value for row in book.iter_rows(min_row=2)]
    assert origins.count("临机") == len(KINDS) + 1
    with served.sign_in("duty") as player:
        assert player.post(f"{run}/injects", json={"inject": later}, headers=key()).status_code == 403
        assert player.patch(address, json={"inject": changed}, headers=key()).status_code == 403
        assert player.get(f"{run}/means").status_code == 403
        heard = {one["title"] for one in player.get(f"{run}/roles/{role}").json()["posts"]}
        assert "临机 message" in heard and "改期一条" not in heard


def test_evaluators_judge_with_reasons_and_the_last_word_stands(cell: Any, judge: Any, run: str) -> None:
    look = judge.get(run).json()
    assert step(judge, run, "pause").status_code == 403
    mark = {"capability": look["capabilities"][0]["id"], "rating": "P"}
    assert cell.post(f"{run}/ratings", json=mark, headers=key()).status_code == 403
    capability = look["capabilities"][0]
    for rating in ("S", "M"):
        body = {"capability": capability["id"], "rating": rating, "reason": "演练"}
        assert judge.post(f"{run}/ratings", json=body, headers=key()).status_code == 201
    expectation = capability["tasks"][0]["hopes"][0]["id"]
    refused = judge.post(f"{run}/judgements", json={"expectation": expectation, "verdict": "met", "reason": ""},
                        headers=key())  # fmt: skip
    assert refused.status_code == 422
    body = {"expectation": expectation, "verdict": "met", "reason": "席位口头报告"}
    assert judge.post(f"{run}/judgements", json=body, headers=key()).status_code == 201
    improvement = {"finding": "improvement", "text": "首报模板未预填"}
    assert judge.post(f"{run}/findings", json=improvement, headers=key()).status_code == 422
    improvement |= {"owner": "演练值班室", "due": "2026-12-31"}
    assert judge.post(f"{run}/findings", json=improvement, headers=key()).status_code == 422, "no root cause"
    improvement |= {"cause": "模板在换班后未随预案更新"}
    assert judge.post(f"{run}/findings", json=improvement, headers=key()).status_code == 201
    strength = {"finding": "strength", "text": "报警确认迅速"}
    assert judge.post(f"{run}/findings", json=strength, headers=key()).status_code == 201
    assert cell.post(f"{run}/notes", json={"text": "09:48 参演席位到齐"}, headers=key()).status_code == 201
    if look["sheet"]:
        item = look["sheet"][0]
        body = {"item": item["id"], "points": item["points"] + 1}
        assert judge.post(f"{run}/marks", json=body, headers=key()).status_code == 422
        body = {"item": item["id"], "points": item["points"], "comment": "到位"}
        assert judge.post(f"{run}/marks", json=body, headers=key()).status_code == 201
    after = cell.get(run).json()
    assert after["capabilities"][0]["rating"] == "M"
    assert after["improvements"][0]["owner"] == "演练值班室"
    assert after["improvements"][0]["cause"] == "模板在换班后未随预案更新"
    judged = next(one for one in after["capabilities"][0]["tasks"][0]["hopes"] if one["id"] == expectation)
    assert (judged["state"], judged["judged"]["reason"]) == ("met", "席位口头报告")
    assert cell.get(run, params={"language": "en"}).json()["roles"] != after["roles"]
    _taken_back(cell, judge, run, improvement)


def _taken_back(cell: Any, judge: Any, run: str, body: Any) -> None:
    """What was found by mistake is struck through with its reason, counts no longer, and stays in the record."""
    made = judge.post(f"{run}/findings", json=body | {"text": "疏散组未到位"}, headers=key()).json()
    back, why = f"{run}/withdrawals", {"entry": made["seq"], "reason": "记错席位"}
    assert cell.post(back, json=why, headers=key()).status_code == 403, "who leads does not judge"
    assert judge.post(back, json=why | {"reason": " "}, headers=key()).status_code == 422
    assert judge.post(back, json=why | {"entry": 1}, headers=key()).status_code == 404, "no observation"
    once = key()
    first = judge.post(back, json=why, headers=once)
    assert first.status_code == 201 and judge.post(back, json=why, headers=once).json()["seq"] == first.json()["seq"]
    assert judge.post(back, json=why, headers=key()).status_code == 409
    kept, wrong = cell.get(run).json()["improvements"]
    assert (kept["withdrawn"], wrong["text"], wrong["withdrawn"]["reason"]) == (None, "疏散组未到位", "记错席位")


def test_the_list_goes_out_and_comes_back_as_another_drill(served: Any, cell: Any, run: str, drill: str) -> None:
    out = cell.get(f"/api/v1/drills/{drill}/msel")
    assert out.status_code == 200
    assert load_workbook(io.BytesIO(out.content)).sheetnames == ["MSEL", "说明"]
    assert cell.get(f"{run}/msel", params={"language": "en"}).headers["content-disposition"].endswith('.xlsx"')
    base = f"/api/v1/drills/{drill}/msel"
    made = cell.post(f"{base}?name=afternoon.xlsx", content=out.content, headers=XLSX).json()
    assert (made["name"], made["faults"]) == ("afternoon", [])
    assert made["injects"] == len(reading.read(reading.ready()[drill]).injects)
    assert "afternoon" in {one["name"] for one in cell.get("/api/v1/drills").json()}
    faults = cell.post(base, content=b"no workbook", headers=XLSX).json()
    assert faults["name"] == ""
    assert "Excel" in faults["faults"][0]["message"]
    with served.sign_in("duty") as player:
        assert player.post(base, content=out.content, headers=XLSX).status_code == 403


def test_the_report_is_printed_marked_and_sealed(served: Any, cell: Any, run: str) -> None:
    assert step(cell, run, "end").status_code == 201
    assert step(cell, run, "resume").status_code == 409
    number = cell.get(run).json()["number"]
    word = cell.get(f"{run}/after-action", params={"format": "docx"})
    assert word.status_code == 200, word.text
    with zipfile.ZipFile(io.BytesIO(word.content)) as packed:
        said = packed.read("word/document.xml").decode()
        heading = "".join(packed.read(one).decode() for one in packed.namelist() if "header" in one)
        assert [one for one in packed.namelist() if one.startswith("word/media/")], "the time chart"
    assert all(one in said for one in ("首报模板未预填", "模板在换班后未随预案更新", "演练值班室", "2026-12-31"))
    assert "疏散组未到位" in said and "记错席位" in said, "what was taken back stands among the notes, with the reason"
    assert "临机" in said, "what was improvised is told apart"
    assert "演练" in heading
    paper = cell.get(f"{run}/after-action", params={"format": "sealed"})
    assert paper.headers["content-disposition"].endswith(f'AAR-{number}-sealed.pdf"')
    (found,) = seal.check(paper.content, Path(served.house.settings.data_dir) / "keys" / seal.CERTIFICATE)
    assert found.ok
    text = _text_of(paper.content)
    assert "模板在换班后未随预案更新" in text and "根本原因" in text
    assert "报警确认迅速" in text
    assert "所据记录" in text, "every sign printed is in the fonts cut for it"
    assert cell.get(run).json()["state"] == "ended"
    pages = _pages_of(paper.content)
    assert all("演练" in one for one in pages), "the mark stands on every page"
    assert all(number in one for one in pages), "the head of the record too"
    english = cell.get(f"{run}/after-action", params={"format": "pdf", "language": "en"})
    assert "Strengths" in _text_of(english.content)
    with served.sign_in("duty") as player:
        assert player.get(run).status_code == 200, "a finished exercise is a lesson"


FILES = ("marks.geojson", "marks.kml", "marks.svg", "routes.geojson", "closing-points.csv", "briefing", "replay/file",
         "map", "reports/draft/file?format=docx", "reports/draft/file?format=pdf")  # fmt: skip


def test_no_file_of_a_drills_incident_leaves_without_its_mark(served: Any) -> None:
    with served.sign_in("duty") as player:
        report = {"title": "泄漏推演文件", "longitude": 118.71, "latitude": 31.41,
                  "occurred_at": "2026-11-22T08:00:00+08:00", "division_code": "990102"}  # fmt: skip
        incident = player.post("/api/v1/incidents", json=report, headers=key()).json()["incident_id"]
        for name in FILES:
            answer = player.get(f"/api/v1/incidents/{incident}/{name}")
            assert answer.status_code == 200, (name, answer.text[:200])
            kind = answer.headers["content-type"]
            if "pdf" in kind:
                pages = _pages_of(answer.content)
                assert pages and all("演练" in one for one in pages), name
            elif "word" in kind:
                with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
                    heads = [packed.read(one).decode() for one in packed.namelist() if "header" in one]
                assert heads and all("演练" in one for one in heads if "<w:t" in one), name
            else:
                assert "演练" in answer.text.replace("演练市", ""), name


def _pages_of(content: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(content)
    return ["".join(page.get_textpage().get_text_range().split()) for page in document]


def _text_of(content: bytes) -> str:
    return "".join(_pages_of(content))


def test_the_files_of_a_drill_are_checked_and_nothing_is_kept(served: Any, cell: Any, drill: str) -> None:
    folder = reading.ready()[drill]
    files = {one.name: one.read_text(encoding="utf-8") for one in folder.glob("*.toml")}
    sound = cell.post("/api/v1/drills/check", json={"name": drill, "files": files}).json()
    assert sound["faults"] == [] and sound["sha256"] == reading.read(folder).sha256
    files["injects.toml"] = files["injects.toml"].replace('kind = "sensor"', 'kind = "sensors"', 1)
    (fault, *_) = cell.post("/api/v1/drills/check", json={"name": drill, "files": files}).json()["faults"]
    assert fault["file"] == "injects.toml" and fault["line"] > 0 and fault["key"].endswith(".kind")
    with served.sign_in("duty") as player:
        assert player.post("/api/v1/drills/check", json={"files": files}).status_code == 403


def test_only_the_cell_takes_the_export_before_the_end_and_only_drills_are_joined(
    served: Any, cell: Any, run: str
) -> None:
    made = cell.get(f"{run}/export").json()
    assert made["mark"] == "演练 DRILL" and made["mode"] == "drill"
    assert len(made["content_sha256"]) == 64 and made["content"]["timeline"][0]["kind"] == "exercise_started"
    missing = cell.post(f"{run}/incidents", json={"incident_id": str(uuid.uuid4())}, headers=key())
    assert missing.status_code == 404
    with served.sign_in("duty") as player:
        assert player.get(f"{run}/export").status_code in (200, 403)
        assert (
            player.post(f"{run}/incidents", json={"incident_id": str(uuid.uuid4())}, headers=key()).status_code == 403
        )
