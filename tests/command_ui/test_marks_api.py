"""May a program draw on the map, change it, take it away and put it back, and may a viewer only look?"""

import uuid
from typing import Any

import pytest

from command_ui.plotting.reading import read_marks

POST = {"symbol": "D10100", "geometry": {"type": "Point", "coordinates": [118.71, 31.41]}, "label": "现场指挥部"}


def key() -> dict[str, str]:
    return {"idempotency-key": str(uuid.uuid4())}


@pytest.fixture(scope="module")
def incident(served: Any) -> str:
    """Address of an incident nobody has assessed."""
    report = {"title": "演练：标绘", "longitude": 118.71, "latitude": 31.41,
              "occurred_at": "2026-11-22T08:00:00+08:00", "division_code": "990102"}  # fmt: skip
    with served.sign_in() as client:
        made = client.post("/api/v1/incidents", json=report, headers=key())
        assert made.status_code == 201, made.text
    return f"/api/v1/incidents/{made.json()['incident_id']}"


def test_a_mark_is_drawn_changed_removed_and_restored(served: Any, incident: str) -> None:
    with served.sign_in() as client:
        same = key()
        made = client.post(f"{incident}/marks", json=POST, headers=same)
        assert made.status_code == 201, made.text
        mark, seq = made.json()["mark_id"], made.json()["receipt"]["seq"]
        again = client.post(f"{incident}/marks", json=POST, headers=same).json()
        assert again["mark_id"] == mark and again["receipt"]["replayed"]
        at = f"{incident}/marks/{mark}"
        changed = client.patch(at, json=POST | {"label": "前指", "expected_seq": seq}, headers=key())
        assert changed.status_code == 200, changed.text
        late = client.delete(at, params={"expected_seq": seq}, headers=key())
        assert late.status_code == 409 and "changed" in late.json()["message"]
        now = changed.json()["receipt"]["seq"]
        removed = client.delete(at, params={"expected_seq": now}, headers=key())
        assert removed.status_code == 200, removed.text
        gone = client.get(f"{incident}/marks").json()[0]
        assert gone["removed_seq"] == removed.json()["receipt"]["seq"] and gone["label"] == "前指"
        assert client.get(f"{incident}/marks.geojson").json()["features"] == []
        back = client.post(f"{at}/restored", params={"expected_seq": gone["seq"]}, headers=key())
        assert back.status_code == 201, back.text
        one = client.get(f"{incident}/marks").json()[0]
        assert one["removed_seq"] is None and one["version"] == 4 and one["author"] == "duty"


def test_every_fault_is_named_and_nothing_is_recorded(served: Any, incident: str) -> None:
    with served.sign_in() as client:
        before = len(client.get(f"{incident}/marks").json())
        bad = client.post(f"{incident}/marks", json=POST | {"symbol": "E30100"}, headers=key())
        assert bad.status_code == 422 and "LineString" in bad.text
        assert client.post(f"{incident}/marks", json=POST | {"symbol": "X1"}, headers=key()).status_code == 422
        assert len(client.get(f"{incident}/marks").json()) == before


def test_marks_leave_as_files_and_come_back(served: Any, incident: str) -> None:
    with served.sign_in() as client:
        for kind in ("geojson", "kml", "svg"):
            text = client.get(f"{incident}/marks.{kind}").text
            assert len(read_marks(f"x.{kind}", text.encode()).marks) >= 1
        body = {"name": "x.kml", "content": client.get(f"{incident}/marks.kml").text}
        before = len(client.get(f"{incident}/marks").json())
        trial = client.post(f"{incident}/marks/file", json=body, headers=key()).json()
        assert trial["good"] >= 1 and trial["mark_ids"] == []
        assert len(client.get(f"{incident}/marks").json()) == before
        taken = client.post(f"{incident}/marks/file", json=body | {"trial": False}, headers=key()).json()
        assert len(taken["mark_ids"]) == trial["good"]
        hostile = {"name": "x.kml", "content": '<!DOCTYPE k [<!ENTITY a "b">]><kml>&a;</kml>', "trial": True}
        refused = client.post(f"{incident}/marks/file", json=hostile, headers=key())
        assert refused.status_code == 422 and "DOCTYPE" in refused.text


def test_signs_are_listed_with_what_may_be_believed_of_them(served: Any) -> None:
    with served.sign_in() as client:
        table = client.get("/api/v1/signs").json()
        assert len(table["signs"]) == 72 and "own drawing" in table["trust"]["glyph"]
        picture = client.get("/api/v1/signs/A20400.svg")
        assert picture.headers["content-type"].startswith("image/svg+xml") and "危化品" in picture.text
        assert client.get("/api/v1/signs/E30100.svg").status_code == 404
