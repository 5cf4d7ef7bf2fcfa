"""Can a program enter, match and adopt plans, take supplies, cite cards and hand the duty over, each by its right?"""

import io
import uuid
from typing import Any

import pytest
from pypdf import PdfWriter

from gis.database import Caller
from scenarios.plans import cards, rows, sample

DRILL = Caller("test", "990100", "990200", "drill")
FILE = {"content-type": "application/octet-stream"}


def key() -> dict[str, str]:
    return {"idempotency-key": str(uuid.uuid4())}


@pytest.fixture(scope="module")
def incident(served: Any) -> str:
    with served.house.database.transaction(DRILL) as connection:
        rows.save_all(connection, sample.plans(), "test")
        cards.enter(connection)
    report = {"title": "演练：预案", "longitude": 118.70, "latitude": 31.40, "occurred_at": "2026-11-22T08:00:00+08:00",
              "division_code": "990102", "event_code": "hazmat_leak"}  # fmt: skip
    with served.sign_in() as client:
        made = client.post("/api/v1/incidents", json=report, headers=key())
        assert made.status_code == 201, made.text
    return f"/api/v1/incidents/{made.json()['incident_id']}"


def test_a_file_is_tried_mended_entered_and_its_paper_kept(served: Any, incident: str) -> None:
    good = sample.written("dust").replace(b"YA-DUST-CITY", b"YA-DUST-NEW")
    bad = good.replace(b"team_kind: fire", b"team_kind: navy")
    with served.sign_in() as client:
        tried = client.post("/api/v1/plans/trial?name=d.yaml", content=bad, headers=FILE).json()
        assert tried["plan"] is None
        assert [(one["column"], one["code"]) for one in tried["faults"]] == [("team_kind", "allowed")]
        refused = client.post("/api/v1/plans?name=d.yaml", content=bad, headers=FILE)
        assert refused.status_code == 422
        assert "column 'team_kind'" in refused.text
        assert client.post("/api/v1/plans/trial?name=d.yaml", content=good, headers=FILE).json()["state"] == "new"
        made = client.post("/api/v1/plans?name=d.yaml", content=good, headers=FILE)
        assert (made.status_code, made.json()["state"]) == (201, "new"), made.text
        at = "/api/v1/plans/YA-DUST-NEW/versions/1/paper"
        assert client.get(at).status_code == 404
        assert client.post(f"{at}?name=d.pdf", content=b"%PDF-1.7 x", headers=FILE).status_code == 422
        written, writer = io.BytesIO(), PdfWriter()
        writer.add_blank_page(200, 200)
        writer.write(written)
        assert client.post(f"{at}?name=d.pdf", content=written.getvalue(), headers=FILE).status_code == 201
        paper = client.get(at)
        assert (paper.headers["content-type"], paper.content) == ("application/pdf", written.getvalue())
        assert client.get("/api/v1/plans/YA-DUST-NEW").json()[0]["papers"][0]["name"] == "d.pdf"
    with served.sign_in("wall") as viewer:
        assert viewer.post("/api/v1/plans?name=d.yaml", content=good, headers=FILE).status_code == 403


def test_a_plan_is_matched_adopted_once_and_its_orders_are_there(served: Any, incident: str) -> None:
    with served.sign_in() as client:
        found = client.get(f"{incident}/plans").json()
        assert found["facts"]["event_type"] == "hazmat_leak"
        best = next(one for one in found["plans"] if one["id"] == "YA-HAZ-CITY")
        assert sum(one["points"] for one in best["criteria"]) == pytest.approx(best["score"])
        assert all(need["short"] == need["quantity"] for need in best["needs"])  # nobody stands in this register
        made = client.post(f"{incident}/plans/YA-HAZ-CITY", json={"version": 1, "reason": "演练"})
        assert made.status_code == 201, made.text
        again = client.post(f"{incident}/plans/YA-HAZ-CITY", json={"version": 1})
        assert again.json()["orders"] == made.json()["orders"]
        assert again.json()["receipt"]["replayed"]
        assert len(client.get(f"{incident}/orders").json()["orders"]) == len(best["tasks"])
        assert client.post(f"{incident}/plans/YA-NONE", json={}).status_code == 422
        assert client.post(f"{incident}/plans/YA-LPG-CITY", json={"version": 5}).status_code == 409
    with served.sign_in("expert") as expert:
        assert expert.post(f"{incident}/plans/YA-HAZ-CITY", json={}).status_code == 403


def test_cards_stock_and_hand_over(served: Any, incident: str) -> None:
    with served.sign_in() as client, served.sign_in("commander") as other:
        (card,) = client.get("/api/v1/cards", params={"cas": "7782-50-5"}).json()
        assert all(one["source"] for one in card["statements"])
        said = client.post(f"{incident}/cards/{card['id']}", json={"version": card["version"]})
        assert said.status_code == 201, said.text
        assert client.get("/api/v1/stock").json() == []
        taken = client.post(f"{incident}/supplies", json={"items": [{"stock_id": "X", "quantity": "2"}]}, headers=key())
        assert taken.status_code == 404
        assert client.post(f"{incident}/stand-down", headers=key()).json() == {"receipts": []}
        items = client.get("/api/v1/handovers/open-items").json()
        assert any(incident.endswith(one["incident_id"]) for one in items["incidents"])
        given = client.post("/api/v1/handovers", json={"notes": "演练"}, headers=key()).json()
        sign = f"/api/v1/handovers/{given['handover_id']}/takeover"
        assert client.post(sign, json={"hash": given["hash"]}).status_code == 403
        done = other.post(sign, json={"hash": given["hash"]})
        assert done.status_code == 201, done.text
        assert done.json()["taken_by"] == "commander"
