"""Can a program write, keep, send and print a report, and does every number in it lead back to an entry?"""

import io
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pypdf
import pytest

from command_ui.reports import fonts, seal
from gis.errors import UnavailableError

REPORT = {
    "title": "液氨泄漏（演练）", "longitude": 118.7124, "latitude": 31.4087, "occurred_at": "2026-11-24T14:00:12+08:00",
    "channel": "phone", "place": "冷库（演练）", "division_code": "990102", "reported_by": "企业值班室（演练）",
}  # fmt: skip


def key() -> dict[str, str]:
    return {"idempotency-key": str(uuid.uuid4())}


@pytest.fixture(scope="module")
def client(served: Any) -> Iterator[httpx.Client]:
    with served.sign_in() as signed_in:
        yield signed_in


@pytest.fixture
def incident(client: httpx.Client) -> str:
    made = client.post("/api/v1/incidents", json=REPORT, headers=key())
    assert made.status_code == 201, made.text
    return str(made.json()["incident_id"])


def test_a_report_is_drafted_kept_sent_answered_and_followed(client: httpx.Client, incident: str) -> None:
    place = f"/api/v1/incidents/{incident}/reports"
    draft = client.get(f"{place}/draft").json()
    assert (draft["stage"], draft["stage_text"], draft["filled_from"]) == ("first", "首报", 1)
    typed = {"edits": {"unit": {"text": "演练冷库", "filled": ""}}, "sent_to": "市应急局（演练）"}
    kept = client.put(f"{place}/draft", json=typed | {"form": "incident", "revision": 0})
    assert kept.json()["revision"] == 1
    assert client.put(f"{place}/draft", json=typed | {"form": "incident", "revision": 0}).status_code == 409
    again = client.get(f"{place}/draft").json()
    assert next(one for one in again["fields"] if one["code"] == "unit")["lines"][0]["text"] == "演练冷库"
    retried = key()
    sent = client.post(place, json=typed, headers=retried)
    assert sent.status_code == 201, sent.text
    assert client.post(place, json=typed, headers=retried).json()["seq"] == sent.json()["seq"]
    assert client.post(place, json=typed | {"stage": "first"}, headers=key()).status_code == 409
    assert client.post(place, json={"edits": {}}, headers=key()).status_code == 422, "sent to nobody"
    entry = sent.json()["seq"]
    toll = {"kind": "casualties_reported", "payload": {"dead": 1}}
    assert client.post(f"/api/v1/incidents/{incident}/entries", json=toll, headers=key()).status_code == 201
    follow = client.get(f"{place}/draft").json()
    assert (follow["stage_text"], follow["number"]) == ("续报一", 1)
    changed = next(one for one in follow["fields"] if one["code"] == "toll")["lines"][0]
    assert (changed["changed"], changed["sources"]) == (True, [entry + 1])
    answered = client.post(
        f"{place}/{entry}/answers", json={"answered_by": "市应急局值班室（演练）", "text": "已收到"}, headers=key()
    )
    assert answered.status_code == 201
    listed = client.get(place).json()
    assert [one["entry"] for one in listed["reports"]] == [entry]
    assert listed["reports"][0]["answers"][0]["answered_by"] == "市应急局值班室（演练）"
    assert {one["code"]: one["met_at"] is not None for one in listed["deadlines"]} == {
        "first_report_phone": False, "first_report_written": True, "follow_up_written": False,
        "supplement_window": False,
    }  # fmt: skip
    word_for_word = client.get(f"{place}/{entry}").json()
    assert (word_for_word["entry"], word_for_word["filled_from"]) == (entry, 1)


def test_nobody_sees_what_is_not_his(client: httpx.Client, served: Any, incident: str) -> None:
    assert client.get(f"/api/v1/incidents/{uuid.uuid4()}/reports/draft").status_code == 404
    assert client.get(f"/api/v1/incidents/{incident}/reports/99").status_code == 404
    assert client.get(f"/api/v1/incidents/{incident}/reports/1/file").status_code == 404
    with served.client() as stranger:
        assert stranger.get(f"/api/v1/incidents/{incident}/reports").status_code == 401


def test_the_sealed_file_of_a_sent_report_holds(client: httpx.Client, served: Any, incident: str) -> None:
    try:
        fonts.faces()
    except UnavailableError:
        pytest.skip("this machine has no font with Chinese characters")
    place = f"/api/v1/incidents/{incident}/reports"
    sent = client.post(place, json={"sent_to": "市应急局（演练）"}, headers=key()).json()
    made = client.get(f"{place}/{sent['seq']}/file", params={"format": "sealed"}, timeout=180)
    assert made.status_code == 200, made.text
    assert made.headers["content-disposition"].endswith('-sealed.pdf"')
    (found,) = seal.check(made.content, served.house.settings.data_dir / "keys" / seal.CERTIFICATE)
    assert found.ok
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made.content)).pages)
    assert sent["hash"][:32] in text.replace("\n", "")
    assert client.get(f"{place}/draft/file", params={"format": "docx"}, timeout=180).content[:2] == b"PK"
    assert client.get(f"{place}/draft/file", params={"format": "sealed"}).status_code == 422


def test_the_daily_issue_is_numbered_and_named_in_the_record(client: httpx.Client, incident: str) -> None:
    head = key()
    issue = client.post("/api/v1/bulletins", json={"sent_to": "市委办（演练）"}, headers=head)
    assert issue.status_code == 201, issue.text
    same = client.post("/api/v1/bulletins", json={"sent_to": "市委办（演练）"}, headers=head)
    assert same.json()["number"] == issue.json()["number"]
    forms = [one["form"] for one in client.get(f"/api/v1/incidents/{incident}/reports").json()["reports"]]
    assert forms == ["daily"]
    assert client.get("/api/v1/bulletins").json()[0]["issue_id"] == issue.json()["issue_id"]


def test_the_rows_of_policy_can_be_read(client: httpx.Client) -> None:
    rows = client.get("/api/v1/reporting-policies").json()
    assert ("", "written", 60) in {(row["division"], row["channel"], row["minutes"]) for row in rows}


def test_the_alert_of_a_drill_is_an_exercise_and_can_be_checked(client: httpx.Client, incident: str) -> None:
    for asked in ({}, {"envelope": "true"}):
        made = client.get(f"/api/v1/incidents/{incident}/alert", params=asked)
        assert made.status_code == 200, made.text
        assert "Actual" not in made.text
        found = client.post("/api/v1/alerts/check", json={"content": made.text}).json()
        assert found["status"] == "Exercise"
        assert found["alert"]["info"][0]["areas"][0]["circles"][0]["centre"] == [118.7124, 31.4087]
    refused = client.post("/api/v1/alerts/check", json={"content": "<!DOCTYPE a><a/>"})
    assert (refused.status_code, "DOCTYPE" in refused.json()["message"]) == (422, True)
