"""Is a hidden danger given, taken, done and closed over the interface, and by whom may that be?"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from gis.database import Caller, Database

DRILL = Caller("test", "990100", "990200", "drill")


@pytest.fixture(scope="module")
def ticket(owner_database: Database) -> str:
    """A hidden-danger ticket in the register."""
    with owner_database.transaction(DRILL) as connection:
        connection.execute(
            text(
                "INSERT INTO layers.register_row (id, valid_from, source_system, as_of, division_code, mode, register,"
                " name, uscc, kind, state, attributes) VALUES ('YH-1', now() - interval '1 day', 'test', now(),"
                " '990102', 'drill', 'hidden_danger', '演练：罐区围堰开裂', '', '重大', 'open', '{}')"
            )
        )
    return "YH-1"


def task(row: str, **more: Any) -> dict[str, Any]:
    due = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    return {"layer": "hidden_danger", "id": row, "what": "修补围堰", "owner": "演练化工一厂", "due_at": due} | more


def test_a_hidden_danger_is_given_taken_done_and_closed(served: Any, ticket: str) -> None:
    with served.sign_in() as client:
        answer = client.post("/api/v1/rectifications", json=task(ticket))
        assert answer.status_code == 201, answer.text
        made = answer.json()
        assert (made["state"], made["origin"], made["subject_name"]) == ("assigned", "ticket", "演练：罐区围堰开裂")
        assert 2 * 86_400 < made["left_s"] <= 3 * 86_400
        assert client.post("/api/v1/rectifications", json=task(ticket)).status_code == 409
        for state in ("received", "done", "closed"):
            steps = client.post(f"/api/v1/rectifications/{made['id']}/steps", json={"state": state})
            assert (steps.status_code, steps.json()["state"]) == (200, state)
        told = client.get(f"/api/v1/rectifications/{made['id']}").json()
        assert [one["state"] for one in told] == ["assigned", "received", "done", "closed"]
        assert [one["id"] for one in client.get("/api/v1/rectifications").json()] == [made["id"]]
        assert client.get("/api/v1/rectifications", params={"overdue": True}).json() == []


def test_who_may_not_gives_none(served: Any, ticket: str) -> None:
    with served.sign_in("wall") as client:
        assert client.get("/api/v1/rectifications").status_code == 200
        assert client.post("/api/v1/rectifications", json=task(ticket)).status_code == 403


@pytest.mark.parametrize(
    ("change", "status"),
    [({"id": "none"}, 404), ({"due_at": "2020-01-01T00:00:00+08:00"}, 422), ({"what": ""}, 422), ({"odd": 1}, 422)],
)
def test_what_cannot_be_given(served: Any, ticket: str, change: dict[str, Any], status: int) -> None:
    with served.sign_in() as client:
        assert client.post("/api/v1/rectifications", json=task(ticket, **change)).status_code == status
        assert client.get("/api/v1/rectifications/ZG-1").status_code in (404, 422)
