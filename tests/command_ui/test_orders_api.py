"""May a program give, carry out and decide only what its role allows, once, and with every refusal in its status?"""

import hashlib
import io
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PIL import Image

from command_ui.access.roles import SignedIn
from command_ui.console.store import Store
from scenarios.desk import Desk


def photograph() -> bytes:
    taken = io.BytesIO()
    Image.new("RGB", (40, 30), "#884422").save(taken, "JPEG")
    return taken.getvalue()


JPEG = photograph()
ORDER = {"unit_id": "DW-001", "unit_name": "演练园区消防站", "text": "西门集结，堵漏侦检", "within_s": 600}
OPTIONS = [{"title": "甲 改派", "chosen": True, "figures": {"暴露人数": "118"}}, {"title": "乙 就地避险"}]
DECIDED = {"role": "指挥长", "text": "职教中心 930 人改派", "reason": "14:40 起处于影响区", "options": OPTIONS}


def key() -> dict[str, str]:
    return {"idempotency-key": str(uuid.uuid4())}


@pytest.fixture(scope="module")
def incident(served: Any) -> str:
    return reported(served)


def reported(served: Any) -> str:
    report = {"title": "演练：指令", "longitude": 118.70, "latitude": 31.40, "occurred_at": "2026-11-22T08:00:00+08:00",
              "division_code": "990102"}  # fmt: skip
    with served.sign_in() as client:
        made = client.post("/api/v1/incidents", json=report, headers=key())
        assert made.status_code == 201, made.text
    return f"/api/v1/incidents/{made.json()['incident_id']}"


def test_an_order_is_given_at_the_desk_and_carried_out_by_its_team(served: Any, incident: str) -> None:
    with served.sign_in() as desk, served.sign_in("field") as team:
        same = key()
        made = desk.post(f"{incident}/orders", json=ORDER | {"issue": True}, headers=same)
        assert made.status_code == 201, made.text
        order = made.json()["order"]
        assert (order["name"], order["state"], order["next"]) == (
            "Z-01",
            "issued",
            ["acknowledged", "cannot", "withdrawn"],
        )
        again = desk.post(f"{incident}/orders", json=ORDER | {"issue": True}, headers=same).json()
        assert again["receipt"]["replayed"] and again["order"]["order_id"] == order["order_id"]
        assert [one["name"] for one in desk.get(f"{incident}/orders").json()["orders"]] == ["Z-01"]

        view = team.get("/api/v1/field").json()
        (shown,) = [one for one in view["incidents"] if incident.endswith(one["incident_id"])]
        assert view["unit_id"] == "DW-001" and [one["name"] for one in shown["orders"]] == ["Z-01"]

        made_at = (datetime.now(UTC) - timedelta(minutes=2)).isoformat()
        body = {"to": "acknowledged", "way": "field", "made_at": made_at, "keep": True,
                "at": {"longitude": 118.7081, "latitude": 31.4093, "accuracy_m": 6}}  # fmt: skip
        once = key()
        step = team.post(f"{incident}/orders/Z-01/steps", json=body, headers=once)
        assert step.status_code == 201 and step.json()["took"], step.text
        assert team.post(f"{incident}/orders/Z-01/steps", json=body, headers=once).json()["receipt"]["replayed"]
        (_, signed) = desk.get(f"{incident}/orders/Z-01").json()["steps"]
        assert datetime.fromisoformat(signed["made_at"]) == datetime.fromisoformat(made_at)
        assert signed["recorded_at"] > signed["made_at"] and signed["actor"] == "field"

        for to, status in (("done", 409), ("under_way", 201), ("done", 201), ("withdrawn", 403)):
            answer = team.post(f"{incident}/orders/Z-01/steps", json={"to": to, "reason": "演练"}, headers=key())
            assert answer.status_code == status, (to, answer.text)
        late = team.post(f"{incident}/orders/Z-01/steps", json=body | {"text": "已到"}, headers=key()).json()
        assert not late["took"] and late["order"]["notes"][0]["tried"] == "acknowledged"


def test_a_team_carries_out_only_what_it_was_told(served: Any, incident: str) -> None:
    with served.sign_in() as desk, served.sign_in("field") as team, served.sign_in("expert") as expert:
        other = ORDER | {"unit_id": "DW-002", "unit_name": "演练城西消防站", "issue": True}
        name = desk.post(f"{incident}/orders", json=other, headers=key()).json()["order"]["name"]
        step = {"to": "acknowledged"}
        assert team.post(f"{incident}/orders/{name}/steps", json=step, headers=key()).status_code == 404
        assert team.post(f"{incident}/orders", json=ORDER, headers=key()).status_code == 403
        assert expert.post(f"{incident}/orders", json=ORDER, headers=key()).status_code == 403
        assert expert.post(f"{incident}/orders/{name}/steps", json=step, headers=key()).status_code == 403
        assert desk.post(f"{incident}/orders/{name}/steps", json={"to": "cannot"}, headers=key()).status_code == 422
        assert desk.post(f"{incident}/orders/Z-99/steps", json=step, headers=key()).status_code == 404
        assert desk.post(f"{incident}/orders", json=ORDER).status_code == 422  # no Idempotency-Key
        assert desk.post(f"{incident}/orders", json=ORDER | {"colour": 1}, headers=key()).status_code == 422


def test_a_call_for_help_stands_on_the_card_of_its_incident_until_it_is_answered(served: Any) -> None:
    incident = reported(served)
    duty = SignedIn("duty", "值班员", "operator", "990100", "990200", "drill", "h", "t")
    store = Store(served.house, Desk(served.house.database, served.house.settings.networks_dir), duty)

    def calls() -> list[int]:
        """What the queue shows while another incident is looked at."""
        (card,) = [one for one in store.cards(store.incidents(), "zh", "") if incident.endswith(one["id"])]
        return [one["values"]["count"] for one in card["badges"] if one["code"] == "badge.help"]

    said = {"way": "field", "text": "两人中毒"}
    with served.sign_in() as desk, served.sign_in("field") as team:
        team.post(f"{incident}/field-reports", json=said, headers=key()).raise_for_status()
        assert calls() == [], "said, and no help asked for"
        first = team.post(f"{incident}/field-reports", json=said | {"urgent": True}, headers=key()).json()["seq"]
        second = team.post(f"{incident}/field-reports", json=said | {"urgent": True}, headers=key()).json()["seq"]
        assert calls() == [2]
        for number, left in ((first, [1]), (second, [])):
            answer = desk.post(f"{incident}/field-reports/{number}/answer", json={"text": "已派"}, headers=key())
            assert answer.status_code == 201, answer.text
            assert calls() == left


def test_a_draft_is_rewritten_only_by_who_saw_it_as_it_is(served: Any, incident: str) -> None:
    with served.sign_in() as desk, served.sign_in("field") as team:
        made = desk.post(f"{incident}/orders", json=ORDER, headers=key()).json()
        name, seq = made["order"]["name"], made["receipt"]["seq"]
        assert (
            team.post(f"{incident}/orders/{name}/steps", json={"to": "acknowledged"}, headers=key()).status_code == 409
        )
        new = ORDER | {"text": "改到东门", "expected_seq": seq}
        assert desk.put(f"{incident}/orders/{name}", json=new, headers=key()).json()["order"]["text"] == "改到东门"
        assert desk.put(f"{incident}/orders/{name}", json=new, headers=key()).status_code == 409
        assert desk.post(f"{incident}/orders/{name}/steps", json={"to": "withdrawn"}, headers=key()).status_code == 201


def test_a_photograph_is_kept_by_hash_and_given_back_as_what_it_is(served: Any, incident: str) -> None:
    with served.sign_in("field") as team, served.sign_in() as desk:
        sent = team.post(f"{incident}/attachments?name=a.jpg", content=JPEG, headers={"content-type": "image/jpeg"})
        assert sent.status_code == 201, sent.text
        kept = sent.json()
        assert kept["sha256"] == hashlib.sha256(JPEG).hexdigest() and kept["media_type"] == "image/jpeg"
        address = f"{incident}/attachments/{kept['sha256']}"
        assert desk.get(address).status_code == 404  # nobody has named it yet
        said = {"text": "泄漏点在阀门", "attachments": [kept], "urgent": True, "way": "field"}
        word = team.post(f"{incident}/field-reports", json=said, headers=key())
        assert word.status_code == 201, word.text
        got = desk.get(address)
        assert got.content == JPEG and got.headers["content-type"] == "image/jpeg"
        assert "sandbox" in got.headers["content-security-policy"]
        (heard,) = desk.get(f"{incident}/field-reports").json()
        assert heard["unit_id"] == "DW-001" and heard["urgent"] and heard["answered_seq"] is None
        assert (
            desk.post(
                f"{incident}/field-reports/{heard['seq']}/answer", json={"text": "已派增援"}, headers=key()
            ).status_code
            == 201
        )
        assert desk.get(f"{incident}/field-reports").json()[0]["answered_seq"] is not None
        assert (
            team.post(f"{incident}/attachments", content=b"<svg/>", headers={"content-type": "image/png"}).status_code
            == 422
        )


def test_only_who_decides_decides_and_what_was_known_then_can_be_seen(served: Any, incident: str) -> None:
    with served.sign_in() as desk, served.sign_in("commander") as commander:
        seq = commander.get(incident).json()["seq"]
        body = DECIDED | {"expected_seq": seq, "view": {"zoom": 13}}
        assert desk.post(f"{incident}/decisions", json=body, headers=key()).status_code == 403
        made = commander.post(f"{incident}/decisions", json=body, headers=key())
        assert made.status_code == 201, made.text
        decision = made.json()["decision"]
        assert (decision["name"], decision["hash"], decision["struck_by"]) == (
            "D-01",
            made.json()["receipt"]["hash"],
            None,
        )
        assert commander.post(f"{incident}/decisions", json=body, headers=key()).status_code == 409
        then = commander.get(f"{incident}/decisions/D-01/situation").json()
        assert then["seq"] <= made.json()["receipt"]["seq"]
        late = DECIDED | {"expected_seq": 2**40, "taken_at": (datetime.now(UTC) - timedelta(hours=1)).isoformat()}
        assert commander.post(f"{incident}/decisions", json=late, headers=key()).status_code == 422
        struck = commander.post(f"{incident}/decisions/D-01/strike", json={"reason": "误记"}, headers=key())
        assert struck.status_code == 201
        assert commander.get(f"{incident}/decisions").json()[0]["struck_by"] == struck.json()["seq"]
        assert (
            commander.post(f"{incident}/decisions/D-01/strike", json={"reason": "误"}, headers=key()).status_code == 409
        )


def test_an_incident_of_another_division_does_not_exist(served: Any) -> None:
    report = {"title": "演练：别处", "longitude": 118.6, "latitude": 31.3, "division_code": "990103",
              "occurred_at": "2026-11-22T08:00:00+08:00"}  # fmt: skip
    with served.sign_in() as desk, served.sign_in("binjiang") as other:
        address = desk.post("/api/v1/incidents", json=report, headers=key()).headers["location"]
        for path in ("orders", "decisions", "doubts", "field-reports"):
            assert desk.get(f"{address}/{path}").status_code == 200
            assert other.get(f"{address}/{path}").status_code == 404
        assert other.post(f"{address}/orders", json=ORDER, headers=key()).status_code == 404
