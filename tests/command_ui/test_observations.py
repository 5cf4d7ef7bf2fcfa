"""Can a gateway hand in messages over real HTTP, and is it told plainly what was taken and what was not?"""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from gis.crs import LonLat
from gis.database import Caller
from layers.sensors import devices, history
from layers.sensors.intake import take as take_for_good
from layers.sensors.lanes import Lanes
from layers.sensors.messages import read
from layers.sensors.points import connect_tags

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="module", autouse=True)
def _now() -> None:
    """The present of the module and not of the collection, which in a long run lies half an hour back."""
    global NOW
    NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="module")
def gateway(served: Any) -> tuple[str, str]:
    """A registered gateway with one detector: its number and its token."""
    with served.house.database.transaction(Caller.system()) as connection:
        history.prepare(connection, (NOW - timedelta(days=1)).date())
        connection.execute(
            text(
                "INSERT INTO layers.tag (id, valid_from, source_system, as_of, division_code, mode, name, place,"
                " quantity, unit, threshold, threshold_high, interval_s, status, geometry) VALUES ('CD-1', :at, 'test',"
                " :at, '990102', 'drill', 'AT-1', '液氯库', 'cl2', 'ppm', 1, 3, 30, 'live',"
                " ST_SetSRID(ST_MakePoint(118.7, 31.4), 4490))"
            ),
            {"at": NOW},
        )
        token = devices.register(
            connection, "WG-1", "演练网关", division_code="990102", mode="drill", place=LonLat(118.7, 31.4)
        )
        connect_tags(connection, "WG-1", {"AT-1": "CD-1"})
    return "WG-1", token


@pytest.fixture
def device(served: Any, gateway: tuple[str, str]) -> Iterator[httpx.Client]:
    """The gateway as a program: a token and nothing else."""
    with httpx.Client(base_url=served.origin, headers={"authorization": f"Bearer {gateway[1]}"}, timeout=120) as client:
        yield client


def body(*values: float, begin_s: int = 60, **more: Any) -> dict[str, Any]:
    rows = [
        {"tnm": "AT-1", "ts": (NOW - timedelta(seconds=begin_s - at)).isoformat(), "val": value}
        for at, value in enumerate(values)
    ]
    return {"wgbm": "WG-1", "rts": rows, **more}


def test_a_batch_is_taken_once_and_the_answer_says_what_became_of_each_row(device: httpx.Client) -> None:
    message = body(0.1, 0.2, id="b-1", sent_at=NOW.isoformat())
    message["rts"].insert(1, {"tnm": "AT-9", "ts": NOW.isoformat(), "val": 1})
    answer = device.post("/api/v1/observations", json=message)
    assert answer.status_code == 202, answer.text
    said = answer.json()
    assert (said["accepted"], said["duplicate"], said["late"], said["replayed"]) == (2, 0, 0, False)
    assert [(row["index"], row["code"]) for row in said["aside"]] == [(1, "unknown_point")]
    again = device.post("/api/v1/observations", json=message).json()
    assert (again["accepted"], again["replayed"]) == (2, True)
    assert device.post("/api/v1/observations", json=body(0.1, 0.2)).json()["duplicate"] == 2


def test_an_event_and_a_picture_are_taken(device: httpx.Client) -> None:
    event = {"oname": "火焰", "ts": NOW.isoformat(), "avx": 1, "scd": 4, "threshold": 1, "content": "火焰报警"}
    assert device.post("/api/v1/events", json={"events": [event]}).json()["accepted"] == 1
    video = {"videoCode": "34020000001320000001", "ts": NOW.isoformat(), "alarmType": "smoke", "img": "iVBORw0KGgo="}
    assert device.post("/api/v1/videos", json={"videos": [video]}).json()["accepted"] == 1
    bad = device.post("/api/v1/videos", json={"videos": [video | {"img": "aHR0cDovL3g="}]}).json()
    assert bad["aside"][0]["code"] == "bad_value"


def test_too_much_is_refused_with_one_sentence(device: httpx.Client) -> None:
    answer = device.post("/api/v1/observations", json={"rts": [{}] * 501})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert answer.json()["message"] == "501 rows in one message: send at most 500, the rest in the next one"
    answer = device.post("/api/v1/observations", content=b'{"rts": "' + b"x" * 1_000_001 + b'"}')
    assert answer.status_code == 413
    assert answer.json()["message"].count(".") == 1


@pytest.mark.parametrize("broken", [{}, {"rts": 5}, {"wgbm": "WG-2", "rts": []}, {"rts": [], "sent_at": "now"}])
def test_a_message_that_cannot_be_read_is_named(device: httpx.Client, broken: dict[str, Any]) -> None:
    answer = device.post("/api/v1/observations", json=broken)
    assert answer.status_code == 422
    assert len(answer.json()["message"]) > 20


def test_only_gateways_may_hand_in_and_they_may_do_nothing_else(served: Any, device: httpx.Client) -> None:
    with served.sign_in() as person, served.client() as stranger:
        assert person.post("/api/v1/observations", json=body(0.1)).status_code == 403
        assert stranger.post("/api/v1/observations", json=body(0.1)).status_code == 401
        wrong = {"authorization": "Bearer omd_" + "x" * 43}
        assert stranger.post("/api/v1/observations", json=body(0.1), headers=wrong).status_code == 401
    for path in ("/api/v1/incidents", "/api/v1/layers", "/api/v1/search?q=1", "/tiles/tag_gas/10/848/417.mvt", "/"):
        assert device.get(path).status_code == 403, path


def test_many_gateways_at_once_lose_and_double_nothing(served: Any, gateway: tuple[str, str]) -> None:
    _, token = gateway
    said: list[int] = []

    def send(part: int) -> None:
        with httpx.Client(base_url=served.origin, headers={"authorization": f"Bearer {token}"}, timeout=120) as client:
            for turn in range(5):
                message = body(*[0.3] * 20, begin_s=3_000 + (part % 3) * 100 + turn * 20)
                said.append(client.post("/api/v1/observations", json=message).json()["accepted"])

    threads = [threading.Thread(target=send, args=(part,)) for part in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(said) == 300, "six senders, each message sent twice: three hundred different rows"


def test_a_full_queue_turns_telemetry_away_but_never_an_alarm(
    served: Any, gateway: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lanes: Lanes = served.app.state.lanes
    name, token = gateway
    lanes.stop()
    alarm_is_written = threading.Event()

    def take(*asked: Any, **more: Any) -> Any:
        """Telemetry stands still until the alarm is written: an alarm behind it would never be."""
        if threading.current_thread().name.endswith("-telemetry"):
            assert alarm_is_written.wait(120)
        return take_for_good(*asked, **more)

    monkeypatch.setattr("layers.sensors.lanes.take", take)
    waiting = []
    try:
        while lanes.waiting("telemetry") < lanes._limit:
            at = len(waiting)
            waiting.append(lanes.submit(read("tag", body(0.2, begin_s=7_000 + at), name, datetime.now(UTC))))
        with httpx.Client(base_url=served.origin, headers={"authorization": f"Bearer {token}"}, timeout=120) as client:
            answer = client.post("/api/v1/observations", json=body(0.2, begin_s=59))
            assert (answer.status_code, answer.json()["code"]) == (429, "too_many")
            assert int(answer.headers["retry-after"]) >= 1
            # Behind two thousand waiting batches an alarm is the first to be written.
            alarm = lanes.submit(read("tag", body(2.5, begin_s=1), name, datetime.now(UTC)))
            assert lanes.waiting("urgent") == 1
            lanes.start()
            assert alarm.result(timeout=60).accepted == 1
            alarm_is_written.set()
            assert client.post("/api/v1/observations", json=body(0.2, begin_s=58)).status_code in (202, 429)
        assert all(one.result(timeout=120).accepted == 1 for one in waiting)
    finally:
        alarm_is_written.set()
        lanes.start()


def test_the_interface_describes_its_gateway_routes(served: Any) -> None:
    with served.sign_in() as client:
        paths = client.get("/api/v1/openapi.json").json()["paths"]
    for path in ("observations", "events", "videos"):
        described = paths[f"/api/v1/{path}"]["post"]
        assert {"202", "413", "429"} <= set(described["responses"])
        assert "wgbm" in json.dumps(described, ensure_ascii=False)
