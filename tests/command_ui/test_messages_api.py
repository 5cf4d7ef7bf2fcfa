"""May somebody be told only by who may order, once, and is what came of it there for programs and in the record?"""

import json
import time
import uuid
from typing import Any

import pytest
from sqlalchemy import text

from gis.database import Caller, Database

REPORT = {"title": "演练：通信", "longitude": 118.70, "latitude": 31.40, "occurred_at": "2026-11-22T08:00:00+08:00",
          "division_code": "990102"}  # fmt: skip
TEXT = {"kind": "text", "text": "请开放避难场所", "name": "演练值守人", "phone": "13900001234"}

_SHOWN = text("SELECT actor, detail FROM access.audit_entry WHERE event = 'unmasked' AND object LIKE :on")


def key() -> dict[str, str]:
    return {"idempotency-key": str(uuid.uuid4())}


@pytest.fixture(scope="module")
def incident(served: Any) -> str:
    with served.sign_in() as client:
        made = client.post("/api/v1/incidents", json=REPORT, headers=key())
        assert made.status_code == 201, made.text
    return f"/api/v1/incidents/{made.json()['incident_id']}"


def test_a_message_of_an_exercise_is_marked_and_arrives_without_leaving(served: Any, incident: str) -> None:
    with served.sign_in() as client:
        same = key()
        made = client.post(f"{incident}/messages", json=TEXT, headers=same)
        assert made.status_code == 201, made.text
        message = made.json()["message"]
        assert (message["name"], message["way"], message["text"]) == ("T-01", "exercise", "【演练】请开放避难场所")
        assert client.post(f"{incident}/messages", json=TEXT, headers=same).json()["receipt"]["replayed"]
        until = time.monotonic() + 120
        while True:  # the sender of the server carries it
            (one,) = client.get(f"{incident}/messages").json()
            if one["state"] == "delivered":
                break
            assert time.monotonic() < until, one
            time.sleep(0.1)
        heard = {"outcome": "answered", "text": "收到"}
        answered = client.post(f"{incident}/messages/T-01/answer", json=heard, headers=key())
        assert answered.status_code == 201 and answered.json()["message"]["state"] == "answered"
        said = client.post(f"{incident}/messages/{message['message_id']}/again", headers=key())
        assert said.status_code == 409


def test_a_number_is_masked_until_somebody_says_why(served: Any, incident: str, database: Database) -> None:
    told = TEXT | {"text": "请速回电 13812345678"}
    with served.sign_in() as client:  # who may order may press the eye as well
        made = client.post(f"{incident}/messages", json=told, headers=key()).json()["message"]
        listed = client.get(f"{incident}/messages").text
        assert "13900001234" not in listed and "13812345678" not in listed and made["phone"] == "139****1234"
        assert "13812345678" not in client.get(f"{incident}/entries").text
        eye = f"{incident}/messages/{made['name']}/unmask"
        for why in ({}, {"reason": ""}, {"reason": "x"}):
            assert client.post(eye, json=why).status_code == 422
        shown = client.post(eye, json={"reason": "回拨核实到达时间"})
        assert shown.json()["values"] == {"phone": "13900001234", "text": "【演练】请速回电 13812345678"}
        assert client.post(f"{incident}/messages/T-99/unmask", json={"reason": "回拨核实"}).status_code == 404
        assert "13900001234" not in client.get(f"{incident}/messages").text  # the next look is masked again
    with served.sign_in("member") as viewer:
        assert viewer.post(eye, json={"reason": "回拨核实到达时间"}).status_code == 403
    with database.transaction(Caller.system()) as connection:
        said = connection.execute(_SHOWN, {"on": f"%/{made['name']}"}).all()
    assert [(row.actor, json.loads(row.detail)["reason"]) for row in said] == [("duty", "回拨核实到达时间")]


def test_only_who_may_order_tells_people_and_faults_are_named(served: Any, incident: str) -> None:
    with served.sign_in("member") as viewer:
        assert viewer.post(f"{incident}/messages", json=TEXT, headers=key()).status_code == 403
        assert viewer.get(f"{incident}/people").status_code == 403
        seen = viewer.get(f"{incident}/messages").json()
        assert all("13900001234" not in one["phone"] for one in seen)
    with served.sign_in() as client:
        for body in (TEXT | {"phone": "call me"}, TEXT | {"text": " "}, TEXT | {"kind": "fax"}):
            assert client.post(f"{incident}/messages", json=body, headers=key()).status_code == 422
        assert client.post(f"{incident}/messages", json=TEXT).status_code == 422  # without a key
        assert client.get(f"{incident}/people", params={"q": "x"}).json() == {"people": [], "gateway": False}


def test_an_order_is_issued_and_its_unit_told_and_a_decision_cites_a_card(served: Any, incident: str) -> None:
    with served.sign_in() as client:
        order = {"unit_name": "公安", "text": "封控外围", "issue": True, "notify": "text"}
        made = client.post(f"{incident}/orders", json=order, headers=key())
        assert made.status_code == 201, made.text
        told = [one for one in client.get(f"{incident}/messages").json() if one["occasion"] == "order"]
        assert [(one["to"], one["order"]) for one in told] == [("公安", made.json()["order"]["name"])]
    with served.sign_in("commander") as commander:
        seq = commander.get(f"{incident}/orders").json()["seq"]
        decision = {"role": "指挥长", "text": "就地避险", "reason": "剂量低", "expected_seq": seq}
        unknown = decision | {"cards": [{"card_id": "no-such-card", "version": 1}]}
        assert commander.post(f"{incident}/decisions", json=unknown, headers=key()).status_code == 404
        assert commander.get(f"{incident}/decisions").json() == []  # what cites nothing that is there is not written
