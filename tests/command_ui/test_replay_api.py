"""May a program look back at an incident and ask what if, and does neither leave a trace or reach too far?"""

import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

ZONED = {"type": "Polygon", "coordinates": [[[118.7, 31.4], [118.71, 31.4], [118.71, 31.41], [118.7, 31.4]]]}
CASE = {
    "release": {"substance": "chlorine", "kind": "continuous", "rate_kg_s": 0.4, "duration_s": 600},
    "weather": {"wind_speed_m_s": 2.8, "wind_from_deg": 225.0, "stability": "D"},
}


def key() -> dict[str, str]:
    return {"idempotency-key": str(uuid.uuid4())}


@pytest.fixture(scope="module")
def incident(served: Any) -> str:
    """Address of an assessed incident with a few words after it."""
    report = {"title": "演练：回放", "longitude": 118.71, "latitude": 31.41, "case": CASE,
              "occurred_at": "2026-11-22T08:00:00+08:00", "division_code": "990102"}  # fmt: skip
    with served.sign_in() as client:
        made = client.post("/api/v1/incidents", json=report, headers=key())
        assert made.status_code == 201, made.text
        at = f"/api/v1/incidents/{made.json()['incident_id']}"
        run = client.post(f"{at}/assessments", json={}, headers=key())
        assert run.status_code == 201, run.text
        for body in (
            {"kind": "note", "payload": {"text": "一行（演练）"}},
            {"kind": "casualties_reported", "payload": {"dead": 1}},
        ):
            assert client.post(f"{at}/entries", json=body, headers=key()).status_code == 201
        # How sure the zones are comes to the record after the answer; here nothing may come between two questions.
        until = time.monotonic() + 240
        while "confidence_forecast" not in {one["kind"] for one in client.get(f"{at}/entries").json()["entries"]}:
            assert time.monotonic() < until, "the confidence of the zones never came"
            time.sleep(0.1)
    return at


def test_any_moment_is_told_and_live_is_replay_at_now(served: Any, incident: str) -> None:
    with served.sign_in() as client:
        span = client.get(f"{incident}/replay").json()
        assert span["entries"] >= 7 and span["first_at"] < span["last_at"]
        now = client.get(f"{incident}/replay/situation", params={"with_hash": True}).json()
        live = client.get(f"{incident}/situation").json()
        assert {name: now[name] for name in live} == live
        assert len(now["state_hash"]) == 64
        first = client.get(f"{incident}/replay/situation", params={"seq": 1}).json()
        assert (first["seq"], first["run"], first["casualties"]) == (1, None, None)
        same = client.get(f"{incident}/replay/situation", params={"moment": span["first_at"]}).json()
        assert same["seq"] == 1
        before = client.get(f"{incident}/replay/situation", params={"seq": 0}).json()
        assert before["status"] == "unknown"


def test_two_moments_differ_by_what_came_between(served: Any, incident: str) -> None:
    with served.sign_in() as client:
        span = client.get(f"{incident}/replay").json()
        found = client.get(f"{incident}/replay/differences", params={"before": span["first_at"]}).json()
        lines = {line["code"]: line for line in found["lines"]}
        assert lines["toll.dead"]["values"] == [None, 1]
        assert lines["reach"]["values"][0] is None and lines["reach"]["values"][1] > 100
        assert (found["before_seq"], found["after_seq"]) == (1, span["entries"])
        same = client.get(
            f"{incident}/replay/differences", params={"before": span["last_at"], "after": span["last_at"]}
        ).json()
        assert not any(line["differs"] for line in same["lines"])


def test_what_if_answers_simulated_and_records_nothing(served: Any, incident: str) -> None:
    with served.sign_in() as client:
        span = client.get(f"{incident}/replay").json()
        asked = {"moment": span["last_at"], "wind_from_deg": 45.0, "release": {"rate_kg_s": 0.8}, "closed": [ZONED]}
        answer = client.post(f"{incident}/what-if", json=asked)
        assert answer.status_code == 200, answer.text
        said = answer.json()
        lines = {line["code"]: line["values"] for line in said["lines"]}
        assert said["mode"] == "sim" and said["imagined"]["run"]["run_id"].startswith("W-")
        assert lines["wind_from"] == [225.0, 225.0, 45.0]
        assert lines["reach"][2] > lines["reach"][0] == lines["reach"][1]
        assert client.get(f"{incident}/replay").json() == span, "nothing was recorded"
        assert not any(run["run_id"].startswith("W-") for run in client.get(f"{incident}/situation").json()["runs"])


@pytest.mark.parametrize(
    ("asked", "fault"),
    [
        ({}, "nothing is changed"),
        ({"wind_from_deg": 400}, "wind_from_deg"),
        ({"wind_from_deg": 10, "moment": "2020-01-01T00:00:00+08:00"}, "nothing was known"),
        ({"release": {"colour": "green"}}, "colour"),
        ({"closed": [{"type": "Point", "coordinates": [0, 0]}]}, "geometry"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_what_cannot_be_imagined_is_said(served: Any, incident: str, asked: dict[str, Any], fault: str) -> None:
    with served.sign_in() as client:
        moment = client.get(f"{incident}/replay").json()["last_at"]
        answer = client.post(f"{incident}/what-if", json={"moment": moment} | asked)
        assert answer.status_code == 422 and fault in answer.text


def test_who_may_look_may_look_back_but_not_compute(served: Any, incident: str) -> None:
    with served.sign_in("wall") as client:
        assert client.get(f"{incident}/replay").status_code == 200
        moment = datetime.now(UTC) + timedelta(seconds=1)
        asked = {"moment": moment.isoformat(), "wind_from_deg": 45.0}
        assert client.post(f"{incident}/what-if", json=asked).status_code == 403
        for path in ("replay", "replay/situation", f"replay/differences?before={span_of(moment)}", "replay/file"):
            assert client.get(f"/api/v1/incidents/{uuid.uuid4()}/{path}").status_code == 404
    with served.client() as client:
        assert client.get(f"{incident}/replay").status_code in (401, 303)


def span_of(moment: datetime) -> str:
    return moment.isoformat().replace("+", "%2B")


def test_a_tile_shows_the_layer_as_it_was_known(served: Any) -> None:
    with served.sign_in() as client:
        early = client.get("/tiles/shelter/12/3398/1668.mvt", params={"known_at": "2020-01-01T00:00:00+08:00"})
        assert early.status_code == 200 and early.content == b""
        assert "max-age=3600" in early.headers["cache-control"]
        assert client.get("/tiles/shelter/12/3398/1668.mvt", params={"known_at": "yesterday"}).status_code == 422
