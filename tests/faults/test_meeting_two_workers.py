"""Does a follower on the other process see what the presenter shows on his? A consultation knows no process."""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from websockets.sync.client import ClientConnection, unix_connect

VIEW = {
    "centre": [118.71, 31.41], "zoom": 12.5, "extent": [118.6, 31.3, 118.8, 31.5], "layers": ["shelter"],
    "moment": None, "selection": None, "pointer": None, "sent_ms": 0,
}  # fmt: skip


@contextmanager
def on_line(installation: Any, client: httpx.Client, place: str, room: str) -> Iterator[ClientConnection]:
    """The line of a consultation, at the process of the client."""
    origin = f"http://127.0.0.1:{installation.port}"
    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    address = f"ws://127.0.0.1:{installation.port}/consultations/{room}/line"
    with unix_connect(place, address, origin=origin, additional_headers={"cookie": cookie}, open_timeout=60) as line:
        yield line


def until(line: ClientConnection, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while True:
        message = json.loads(line.recv(timeout=max(0.01, deadline - time.monotonic())))
        if fits(message):
            return dict(message)


def key() -> dict[str, str]:
    return {"idempotency-key": str(uuid.uuid4())}


def test_a_follower_at_the_other_process_sees_the_presenter_and_the_other_way_round(installation: Any) -> None:
    with (
        installation.signed_in(0, "duty") as (duty, here),
        installation.signed_in(1, "binjiang") as (county, there),
    ):
        report = {"title": "演练：两个进程会商", "longitude": 118.71, "latitude": 31.41,
                  "occurred_at": "2026-11-22T08:00:00+08:00", "division_code": "990102"}  # fmt: skip
        incident = duty.post("/api/v1/incidents", json=report, headers=key()).json()["incident_id"]
        at = f"/api/v1/incidents/{incident}/consultations"
        made = duty.post(at, json={"topic": "演练：两个进程", "agenda": ["态势"], "seats": [],
                                   "presenter_name": "演练市指挥中心"}, headers=key())  # fmt: skip
        assert made.status_code == 201, made.text
        room = made.json()["room"]["consultation_id"]
        with on_line(installation, duty, here, room) as presenter, on_line(installation, county, there, room) as other:
            presenter.send(json.dumps({"say": "view", "view": VIEW}))
            seen = until(other, lambda one: one["kind"] == "view")
            # The registers are empty here: of a layer without a row he may see, a follower is told nothing.
            assert (seen["view"]["zoom"], seen["view"]["layers"]) == (12.5, [])
            both = until(presenter, lambda one: one["kind"] == "people" and len(one["people"]) == 2)
            assert {one["account"] for one in both["people"]} == {"duty", "binjiang"}
            # Who comes late, to either process, gets the view that stands.
            for client, place in ((duty, here), (county, there)):
                with on_line(installation, client, place, room) as late:
                    assert until(late, lambda one: one["kind"] == "view")["rev"] == seen["rev"]
            # The presenter's place is handed over through the record, and the new one is heard at the other process.
            to_county = {"account": "binjiang"}
            taken = county.put(f"{at}/{room}/presenter", json=to_county, headers=key())
            assert taken.status_code == 403, taken.text
            assert "presenter is on the line" in taken.text, "he is heard of at the other process, so nobody takes it"
            given = duty.put(f"{at}/{room}/presenter", json=to_county, headers=key())
            assert given.status_code == 200, given.text
            until(other, lambda one: one["kind"] == "people" and one["presenter"] == "binjiang")
            other.send(json.dumps({"say": "view", "view": VIEW | {"zoom": 14.0}}))
            shown = until(presenter, lambda one: one["kind"] == "view" and one["rev"] > seen["rev"])
            assert shown["view"]["zoom"] == 14.0
            presenter.send(json.dumps({"say": "view", "view": VIEW}))
            assert until(presenter, lambda one: one["kind"] == "refused"), "who handed it over shows nothing any more"
            assert duty.post(f"{at}/{room}/conclusion", json={"text": "完"}, headers=key()).status_code == 201
            until(other, lambda one: one["kind"] == "ended")
        said = [client.get(f"{at}/{room}").json() for client in (duty, county)]
        assert said[0] == said[1], "both processes say the same of the room"
