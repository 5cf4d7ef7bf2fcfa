"""Does the interface for programs do what its document says?"""

import json
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest

from command_ui.server.errors import STATUS, status_of
from gis import errors

CASE = {
    "release": {"substance": "chlorine", "kind": "continuous", "rate_kg_s": 2.0, "duration_s": 600, "height_m": 0.0},
    "weather": {"wind_speed_m_s": 3.0, "wind_height_m": 10.0, "wind_from_deg": 225.0, "stability": "D",
                "temperature_c": 15.0, "relative_humidity": 0.5, "roughness_m": 0.03},
}  # fmt: skip
REPORT = {
    "title": "演练：液氯储罐泄漏",
    "longitude": 118.71,
    "latitude": 31.41,
    "occurred_at": "2026-11-24T14:00:00+08:00",
    "place": "演练化工一厂",
    "division_code": "990102",
    "case": CASE,
}


def key() -> dict[str, str]:
    return {"idempotency-key": str(uuid.uuid4())}


def report(client: Any, **more: Any) -> dict[str, Any]:
    answer = client.post("/api/v1/incidents", json=REPORT | more, headers=key())
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_report_then_situation_then_entries(served: Any) -> None:
    with served.sign_in() as client:
        receipt = report(client)
        assert receipt["seq"] == 1
        assert receipt["replayed"] is False
        address = f"/api/v1/incidents/{receipt['incident_id']}"
        situation = client.get(f"{address}/situation").json()
        assert situation["title"] == REPORT["title"]
        assert situation["head_hash"] == receipt["hash"]
        assert (situation["longitude"], situation["latitude"]) == (118.71, 31.41)
        assert situation["case"]["incident"]["longitude"] == 118.71
        entries = client.get(f"{address}/entries").json()
        assert [entry["kind"] for entry in entries["entries"]] == ["incident_reported"]
        assert entries["entries"][0]["actor"] == "duty"
        assert entries["entries"][0]["hash"] == receipt["hash"]
        listed = client.get("/api/v1/incidents").json()["incidents"]
        assert receipt["incident_id"] in [one["incident_id"] for one in listed]
        assert client.get(address).json()["division_code"] == "990102"


def test_location_leads_to_the_incident(served: Any) -> None:
    with served.sign_in() as client:
        answer = client.post("/api/v1/incidents", json=REPORT, headers=key())
        assert client.get(answer.headers["location"]).json()["incident_id"] == answer.json()["incident_id"]


def test_a_retry_is_recorded_once(served: Any) -> None:
    with served.sign_in() as client:
        same = key()
        body = REPORT | {"known_at": "2026-11-24T14:01:00+08:00"}
        first, again = (client.post("/api/v1/incidents", json=body, headers=same).json() for _ in range(2))
        assert again == first | {"replayed": True}
        other = client.post("/api/v1/incidents", json=body | {"title": "另一件事"}, headers=same)
        assert other.status_code in (409, 422)


def test_writes_without_idempotency_key_are_refused(served: Any) -> None:
    with served.sign_in() as client:
        for headers in ({}, {"idempotency-key": "1"}):
            answer = client.post("/api/v1/incidents", json=REPORT, headers=headers)
            assert answer.status_code == 422
            assert "idempotency-key" in answer.json()["message"].lower()


def test_actor_is_the_account_and_no_field(served: Any) -> None:
    with served.sign_in() as client:
        answer = client.post("/api/v1/incidents", json=REPORT | {"actor": "commander"}, headers=key())
        assert answer.status_code == 422
        assert "actor" in answer.json()["message"]


def test_all_faults_of_a_report_are_named_at_once(served: Any) -> None:
    with served.sign_in() as client:
        bad = REPORT | {"longitude": 181, "occurred_at": "2026-11-24T14:00:00", "nonsense": 1}
        message = client.post("/api/v1/incidents", json=bad, headers=key()).json()["message"]
        assert "longitude" in message
        assert "occurred_at" in message  # naive time
        assert "nonsense" in message


def test_faults_of_the_case_are_named(served: Any) -> None:
    with served.sign_in() as client:
        case = CASE | {"release": CASE["release"] | {"substance": "unobtainium", "rate_kg_s": -1}}
        answer = client.post("/api/v1/incidents", json=REPORT | {"case": case}, headers=key())
        assert answer.status_code == 422
        assert "unobtainium" in answer.json()["message"]
        assert "rate_kg_s" in answer.json()["message"]


def test_county_sees_its_own_and_not_the_neighbour_s(served: Any) -> None:
    with served.sign_in("duty") as city, served.sign_in("binjiang") as county:
        own = report(city, division_code="990102")["incident_id"]
        foreign = report(city, division_code="990103")["incident_id"]
        assert county.get(f"/api/v1/incidents/{own}/situation").status_code == 200
        listed = {one["incident_id"] for one in county.get("/api/v1/incidents").json()["incidents"]}
        assert own in listed
        assert foreign not in listed
        nobody = str(uuid.uuid4())
        for path in ("", "/situation", "/entries"):
            not_yours = county.get(f"/api/v1/incidents/{foreign}{path}")
            not_there = county.get(f"/api/v1/incidents/{nobody}{path}")
            assert not_yours.status_code == not_there.status_code == 404
            assert not_yours.json() | {"request_id": ""} == not_there.json() | {"request_id": ""}


def test_county_cannot_report_for_the_neighbour(served: Any) -> None:
    with served.sign_in("binjiang") as county:
        answer = county.post("/api/v1/incidents", json=REPORT | {"division_code": "990103"}, headers=key())
        assert answer.status_code in (403, 422)


def test_moment_leaves_out_what_came_later(served: Any) -> None:
    with served.sign_in() as client:
        receipt = report(client)
        at = datetime.fromisoformat(receipt["recorded_at"])
        address = f"/api/v1/incidents/{receipt['incident_id']}/situation"
        before = client.get(address, params={"moment": (at - timedelta(microseconds=1)).isoformat()}).json()
        assert (before["seq"], before["title"]) == (0, "")
        assert client.get(address, params={"moment": at.isoformat()}).json()["seq"] == 1
        assert client.get(address, params={"moment": "2026-11-24T14:00:00"}).status_code == 422


def test_nothing_new_costs_no_body(served: Any) -> None:
    with served.sign_in() as client:
        address = f"/api/v1/incidents/{report(client)['incident_id']}"
        for path in ("/situation", "/entries", "/entries?after=1"):
            first = client.get(address + path)
            again = client.get(address + path, headers={"if-none-match": first.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("below", ["", "/situation", "/entries", "/.."])
def test_every_answer_about_incidents_has_a_tag_that_moves_with_it(served: Any, below: str) -> None:
    with served.sign_in() as client:
        one = f"/api/v1/incidents/{report(client)['incident_id']}"
        address = "/api/v1/incidents" if below == "/.." else one + below
        tag = client.get(address).headers["etag"]
        held = client.get(address, headers={"if-none-match": f'"older", {tag}'})
        assert (held.status_code, held.content) == (304, b"")
        assert held.headers["etag"] == tag
        note = {"kind": "note", "payload": {"text": "又一行"}}
        assert client.post(f"{one}/entries", json=note, headers=key()).status_code == 201
        moved = client.get(address, headers={"if-none-match": tag})
        assert moved.status_code == 200
        assert moved.headers["etag"] != tag


def test_pages_of_the_list_join_without_gap_or_double(served: Any) -> None:
    with served.sign_in() as client:
        for _ in range(3):
            report(client, case=None)
        whole = [one["incident_id"] for one in client.get("/api/v1/incidents").json()["incidents"]]
        joined: list[str] = []
        cursor = ""
        while cursor is not None:
            page = client.get("/api/v1/incidents", params={"limit": 2, "cursor": cursor}).json()
            joined += [one["incident_id"] for one in page["incidents"]]
            cursor = page["next_cursor"]
        assert joined == whole
        assert client.get("/api/v1/incidents?cursor=!!").status_code == 422


# Words a person may type; the interface hands them back as words, whatever they look like.
WORDS = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "'; DROP TABLE record.entry; --",
    "{{7*7}} ${7*7} <%= 7*7 %>",
    "=HYPERLINK(\"http://evil.example\")",
    "演练\u202e倒写\u2028行",
    "😀𠮷",
]  # fmt: skip


@pytest.mark.parametrize("words", WORDS)
def test_words_come_back_as_they_were(served: Any, words: str) -> None:
    with served.sign_in() as client:
        incident_id = report(client, title=words, text=words, place=words, case=None)["incident_id"]
        answer = client.get(f"/api/v1/incidents/{incident_id}/situation")
        assert answer.headers["content-type"] == "application/json"
        assert answer.json()["title"] == words
        assert answer.json()["place_text"] == words


BAD_BODIES = [
    (b"", 422),
    (b"{", 422),
    (b"nul", 422),
    (b"[" * 33 + b"]" * 33, 422),
    (b'{"a":' * 100_000, 422),
    (b'{"title": NaN}', 422),
    (b'{"title": 1e999}', 422),
    (b'{"title": "a", "title": "b"}', 422),
    (b'{"title": "\\ud800"}', 422),
    (b'{"title": "\\u0000"}', 422),
    (b"\xff\xfe{\x00}\x00", 422),
    (b'{"n": ' + b"9" * 5000 + b"}", 422),
    (json.dumps(REPORT | {"longitude": "118.7a"}).encode(), 422),
    (json.dumps([REPORT]).encode(), 422),
]


@pytest.mark.parametrize(("body", "status"), BAD_BODIES, ids=range(len(BAD_BODIES)))
def test_unreadable_bodies_are_refused(served: Any, body: bytes, status: int) -> None:
    with served.sign_in() as client:
        headers = key() | {"content-type": "application/json"}
        answer = client.post("/api/v1/incidents", content=body, headers=headers)
        assert answer.status_code == status, answer.text
        assert set(answer.json()) == {"code", "message", "request_id"}


def test_a_bracket_in_a_text_is_not_depth(served: Any) -> None:
    with served.sign_in() as client:
        report(client, text='[{"' * 200 + "\\" * 7, case=None)


def test_other_media_types_are_refused(served: Any) -> None:
    with served.sign_in() as client:
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""):
            headers = key() | {"content-type": kind}
            assert client.post("/api/v1/incidents", content=b"{}", headers=headers).status_code in (415, 422)


def test_error_table() -> None:
    assert status_of(errors.InputError("x")) == 422
    assert status_of(errors.OutOfRangeError("x")) == 422
    assert status_of(errors.MissingError("x")) == 404
    assert status_of(errors.ConflictError("x")) == 409
    assert status_of(errors.RefusedError("x")) == 403
    assert status_of(errors.UnavailableError("x")) == 503
    children = {
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.OneMapError)
    }
    assert children == set(STATUS)


def test_errors_have_one_shape_and_a_person_gets_a_page(served: Any) -> None:
    with served.sign_in() as client:
        answer = client.get("/api/v1/incidents/not-a-uuid")
        assert answer.json()["request_id"] == answer.headers["x-request-id"]
        page = client.get("/nowhere", headers={"accept": "text/html"})
        assert page.status_code == 404
        assert "没有找到" in page.text
        assert page.headers["x-request-id"] in page.text


def test_document_names_every_route_and_no_foreign_host(served: Any) -> None:
    with served.sign_in() as client:
        document = client.get("/api/v1/openapi.json").json()
        assert all(path.startswith(("/api/v1/", "/ogc")) for path in document["paths"])
        assert {"/api/v1/incidents", "/api/v1/incidents/{incident_id}/entries"} <= set(document["paths"])
        # names of conformance classes are addresses nobody is asked to open
        named = set(re.findall(r"https?://[^/\"]+", json.dumps(document)))
        assert named <= {"http://www.opengis.net"}


@contextmanager
def feed_of(client: Any, writer: Any) -> Iterator[Callable[[str], list[str]]]:
    """
    Listen to the feed; gives a function that waits for an incident and says what was heard so far.

    What was recorded before may still be on its way when somebody begins to listen, so others may be heard too.
    """
    heard: list[str] = []
    listening, over = threading.Event(), threading.Event()

    def listen() -> None:
        with client.stream("GET", "/api/v1/feed") as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            for line in stream.iter_lines():
                if line == ": listening":
                    listening.set()
                if line.startswith("data: "):
                    heard.append(json.loads(line[6:])["incident_id"])
                if over.is_set():
                    return

    def until(incident_id: str) -> list[str]:
        deadline = time.monotonic() + 60
        while incident_id not in heard:
            assert time.monotonic() < deadline, "it was not heard"
            time.sleep(0.02)
        return list(heard)

    thread = threading.Thread(target=listen)
    thread.start()
    try:
        assert listening.wait(60)
        yield until
    finally:
        over.set()
        report(writer, case=None)  # one line more, on which the listener ends
        thread.join(60)


def test_feed_says_what_moved(served: Any) -> None:
    with served.sign_in() as listener, served.sign_in() as writer, feed_of(listener, writer) as until:
        incident_id = report(writer, case=None)["incident_id"]
        assert until(incident_id).count(incident_id) == 1


def test_feed_of_a_county_is_silent_about_the_neighbour(served: Any) -> None:
    with served.sign_in("binjiang") as county, served.sign_in() as city, feed_of(county, city) as until:
        foreign = report(city, case=None, division_code="990103")["incident_id"]
        own = report(city, case=None, division_code="990102")["incident_id"]
        assert foreign not in until(own)


def test_substances_by_any_name(served: Any) -> None:
    with served.sign_in() as client:
        for name in ("chlorine", "氯", "7782-50-5", "1017"):
            assert client.get(f"/api/v1/substances/{name}").json()["cas"] == "7782-50-5", name
        assert client.get("/api/v1/substances/unobtainium").status_code == 404
        assert "7782-50-5" in [one["cas"] for one in client.get("/api/v1/substances").json()]


def append(client: Any, incident_id: str, kind: str, payload: dict[str, Any], **more: Any) -> Any:
    body = {"kind": kind, "payload": payload} | more
    return client.post(f"/api/v1/incidents/{incident_id}/entries", json=body, headers=key())


def test_entries_are_appended_by_who_may(served: Any) -> None:
    with served.sign_in("duty") as duty, served.sign_in("commander") as commander:
        incident_id = report(duty)["incident_id"]
        assert append(duty, incident_id, "note", {"text": "已电话核实"}).json()["seq"] == 2
        casualties = append(duty, incident_id, "casualties_reported", {"dead": 3, "seriously_injured": 1})
        assert casualties.json()["seq"] == 3  # and the grade it suggests follows
        level = {"level": 3, "reason": "演练"}
        assert append(duty, incident_id, "response_level_set", level, expected_seq=4).status_code == 403
        assert append(commander, incident_id, "response_level_set", level).status_code == 422  # expected_seq is missing
        stale = append(commander, incident_id, "response_level_set", level, expected_seq=2)
        assert (stale.status_code, stale.json()["code"]) == (409, "conflict")
        assert append(commander, incident_id, "response_level_set", level, expected_seq=4).status_code == 201
        situation = duty.get(f"/api/v1/incidents/{incident_id}/situation").json()
        assert situation["response_level"] == 3
        assert situation["casualties"]["dead"] == 3
        assert situation["accident_grade"] is None  # a rule suggests, a person grades
        # Order 493, article 3: 3 to 9 dead is a larger accident 较大事故.
        assert situation["accident_grade_suggested"]["grade"] == "larger"


def test_kept_lines_come_in_once_however_often_they_are_sent(served: Any) -> None:
    with served.sign_in() as client:
        address = f"/api/v1/incidents/{report(client)['incident_id']}"
        lines = [
            {
                "key": str(uuid.uuid4()),
                "payload": {"text": f"断网时写下的第 {n} 行"},
                "occurred_at": REPORT["occurred_at"],
            }
            for n in range(3)
        ]
        spoilt = {"key": str(uuid.uuid4()), "payload": {"words": "无此字段"}}
        body = {"lines": [*lines[:1], spoilt, *lines[1:]]}
        first = client.post(f"{address}/kept-lines", json=body).json()["outcomes"]
        again = client.post(f"{address}/kept-lines", json=body).json()["outcomes"]
        assert [one["receipt"] and one["receipt"]["seq"] for one in first] == [2, None, 3, 4]
        assert "text" in first[1]["fault"]
        assert [one["receipt"] and one["receipt"]["replayed"] for one in again] == [True, None, True, True]
        entries = client.get(f"{address}/entries").json()["entries"]
        assert [entry["payload"].get("text") for entry in entries[1:]] == [line["payload"]["text"] for line in lines]
        closing = {"key": str(uuid.uuid4()), "kind": "incident_closed", "payload": {"reason": "结束"}}
        assert client.post(f"{address}/kept-lines", json={"lines": [closing]}).status_code == 422
        assert client.post(f"/api/v1/incidents/{uuid.uuid4()}/kept-lines", json={"lines": lines}).status_code == 404


def test_a_changed_case_is_checked_like_the_first(served: Any) -> None:
    with served.sign_in() as client:
        incident_id = report(client)["incident_id"]
        case = client.get(f"/api/v1/incidents/{incident_id}/situation").json()["case"]
        turned = case | {"weather": case["weather"] | {"wind_from_deg": 265.0}}
        assert append(client, incident_id, "case_changed", {"case": turned, "reason": "风向转变"}).status_code == 201
        wrong = case | {"weather": case["weather"] | {"wind_from_deg": 500.0}}
        refused = append(client, incident_id, "case_changed", {"case": wrong, "reason": "x"})
        assert refused.status_code == 422
        assert "wind_from_deg" in refused.json()["message"]


@pytest.mark.parametrize("kind", ["incident_reported", "hazard_forecast", "correction", "nonsense", "grade_suggested"])
def test_kinds_with_ways_of_their_own_are_refused(served: Any, kind: str) -> None:
    with served.sign_in("commander") as client:
        incident_id = report(client, case=None)["incident_id"]
        assert append(client, incident_id, kind, {}).status_code == 422


def test_every_kind_tells_its_payload(served: Any) -> None:
    with served.sign_in() as client:
        kinds = {one["kind"]: one for one in client.get("/api/v1/kinds").json()}
        assert kinds["note"]["payload"]["required"] == ["text"]
        assert kinds["response_level_set"]["needs_expected_seq"] is True
        unknown = append(client, report(client, case=None)["incident_id"], "note", {"text": "x", "more": 1})
        assert unknown.status_code == 422
        assert "more" in unknown.json()["message"]


def test_nobody_writes_into_the_neighbour_s_record(served: Any) -> None:
    with served.sign_in("duty") as city, served.sign_in("binjiang") as county:
        foreign = report(city, case=None, division_code="990103")["incident_id"]
        assert append(county, foreign, "note", {"text": "x"}).status_code == 404
