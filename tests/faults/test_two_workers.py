"""Do two processes on one port behave as one house? Whatever one is told, the other knows."""

import json
import re
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import unix_connect

from gis.database import APPLICATION_ROLE, Caller, Database
from scenarios import log
from scenarios.exercise import reading

DRILL = Caller("演练导调", "000000", "999999", "drill")
PATIENCE_S = 60.0
"""
Promised are the next moment for what was written and 5 s for a sign-in that ended; what a busy machine needs fails no
test. That it is the hint that tells, and not the look every few seconds, is shown in tests/command_ui/test_live.py.
"""


@contextmanager
def at(installation: Any, number: int, token: str | None = None, **more: str) -> Iterator[httpx.Client]:
    """A client of one of the two processes, by its own socket; `more` are headers."""
    from command_ui.settings import Settings
    from command_ui.worker import Worker, run_folder

    place = Worker(number, run_folder(Settings(data_dir=installation.folder))).socket_of(number)
    installation.wait_for_workers()  # one may have been killed by another module a moment ago
    headers = {"host": f"127.0.0.1:{installation.port}"} | {name.replace("_", "-"): said for name, said in more.items()}
    if token != "":
        headers["authorization"] = f"Bearer {token or installation.token}"
    with httpx.Client(
        transport=httpx.HTTPTransport(uds=str(place)), base_url="http://worker", headers=headers, timeout=60
    ) as client:
        yield client


def note(client: httpx.Client, incident: uuid.UUID, text: str, key: str = "") -> dict[str, Any]:
    answer = client.post(
        f"/api/v1/incidents/{incident}/entries",
        json={"kind": "note", "payload": {"text": text}},
        headers={"idempotency-key": key or str(uuid.uuid4())},
    )
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_what_one_writes_the_other_tells_at_once(installation: Any) -> None:
    incident = installation.open_incident()
    with at(installation, 0) as here, at(installation, 1) as there:
        for reader, writer, own in ((here, there, 1), (there, here, 2)):
            heard: list[dict[str, Any]] = []
            listening = threading.Event()

            def follow(
                reader: httpx.Client = reader, own: int = own, heard: Any = heard, listening: Any = listening
            ) -> None:
                # The opening of the incident itself may still be on its way: what was before is not asked for here.
                with reader.stream("GET", "/api/v1/feed", params={"most": 1000}) as stream:
                    for line in stream.iter_lines():
                        listening.set()
                        # What others left behind may still be told as well.
                        told = json.loads(line[6:]) if line.startswith("data: ") else {}
                        if told.get("incident_id") == str(incident) and told["seq"] >= own:
                            heard.append(told)
                            return

            thread = threading.Thread(target=follow)
            thread.start()
            assert listening.wait(PATIENCE_S)
            receipt = note(writer, incident, "另一个进程写的（演练）")
            thread.join(PATIENCE_S)
            assert [told["seq"] for told in heard] == [receipt["seq"]]
            path = f"/api/v1/incidents/{incident}/entries"
            assert reader.get(path).json() == writer.get(path).json()


def test_one_key_at_both_at_once_is_one_entry(installation: Any) -> None:
    incident = installation.open_incident()
    receipts: list[dict[str, Any]] = []

    def send(number: int, key: str) -> None:
        with at(installation, number) as client:
            receipts.append(note(client, incident, "同一句话（演练）", key))

    for _ in range(10):
        key = str(uuid.uuid4())
        pair = [threading.Thread(target=send, args=(number, key)) for number in (0, 1)]
        for thread in pair:
            thread.start()
        for thread in pair:
            thread.join(120)
    assert sorted(receipt["seq"] for receipt in receipts) == sorted([*range(1, 11), *range(1, 11)])
    assert sum(receipt["replayed"] for receipt in receipts) == 10


def test_a_sign_in_holds_at_both_and_ends_at_both(installation: Any) -> None:
    with at(installation, 0, "") as client:
        asked = {"name": "duty", "password": installation.passwords["duty"]}
        token = client.post("/api/v1/sessions", json=asked).json()["token"]
    with at(installation, 0, token) as here, at(installation, 1, token) as there:
        assert [client.get("/api/v1/session").status_code for client in (here, there)] == [200, 200]
        assert here.delete("/api/v1/session").status_code == 204
        began = time.monotonic()
        while there.get("/api/v1/session").status_code != 401:
            assert time.monotonic() - began < PATIENCE_S
            time.sleep(0.1)


@pytest.mark.faults
def test_guesses_at_both_are_counted_together(installation: Any) -> None:
    """From an address of its own, which only one process tells another: nobody else is kept waiting by this test."""
    guess = {"name": "nobody", "password": "wrong-wrong-wrong"}
    stranger = {"x_onemap_scheme": "http", "x_onemap_client": "203.0.113.7"}
    with at(installation, 0, "", **stranger) as here, at(installation, 1, "", **stranger) as there:
        said = [client.post("/api/v1/sessions", json=guess).status_code for _ in range(15) for client in (here, there)]
        assert said == [401] * 30
        assert [client.post("/api/v1/sessions", json=guess).status_code for client in (here, there)] == [429, 429]
    with at(installation, 1, "", **stranger | {"x_onemap_client": "203.0.113.8"}) as other:
        assert other.post("/api/v1/sessions", json=guess).status_code == 401


def test_who_is_signed_out_at_one_loses_the_line_of_his_page_at_the_other(installation: Any) -> None:
    from command_ui.settings import Settings
    from command_ui.worker import Worker, run_folder

    origin = f"http://127.0.0.1:{installation.port}"
    with at(installation, 0, "", origin=origin) as here, at(installation, 1, "", origin=origin) as there:
        form = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', here.get("/sign-in").text))
        answer = here.post("/sign-in", data=form | {"name": "duty", "password": installation.passwords["duty"]})
        assert answer.status_code == 303, answer.text
        page = here.get("/guide", headers={"accept": "text/html"}).text
        token = re.search(r'"token":"([^"]+)"', page)
        assert token is not None
        cookie = "; ".join(f"{name}={value}" for name, value in here.cookies.items())
        place = Worker(0, run_folder(Settings(data_dir=installation.folder))).socket_of(0)
        with unix_connect(
            str(place), f"ws://127.0.0.1:{installation.port}/guide/ws", subprotocols=["bokeh", token[1]],
            origin=origin, additional_headers={"cookie": cookie}, max_size=None,
        ) as line:  # fmt: skip
            assert json.loads(line.recv(PATIENCE_S))["msgtype"] == "ACK"
            there.cookies.update(here.cookies)
            csrf = there.get("/api/v1/session").json()["csrf_token"]
            assert there.delete("/api/v1/session", headers={"x-csrf-token": csrf}).status_code == 204
            began = time.monotonic()
            with pytest.raises(ConnectionClosed):
                while True:
                    line.recv(max(0.1, began + PATIENCE_S - time.monotonic()))


@pytest.mark.faults
def test_what_works_in_the_background_of_both_is_done_once(installation: Any) -> None:
    """Both processes let exercise time pass and look at deadlines; the record must not show that there are two."""
    cell_token = installation.sign_in("controller")
    with at(installation, 0, cell_token) as here, at(installation, 1, cell_token) as there:
        begun = here.post("/api/v1/exercises", json={"drill": next(iter(reading.ready())), "speed": 60},
                          headers={"idempotency-key": str(uuid.uuid4())})  # fmt: skip
        assert begun.status_code == 201, begun.text
        path = f"/api/v1/exercises/{begun.json()['id']}"
        deadline = time.monotonic() + 2 * PATIENCE_S
        while sum(one["sent_s"] is not None for one in there.get(path).json()["injects"]) < 5:
            assert time.monotonic() < deadline, "nobody lets time pass"
            time.sleep(0.3)
        ended = there.post(f"{path}/steps", json={"kind": "end"}, headers={"idempotency-key": str(uuid.uuid4())})
        assert ended.status_code == 201, ended.text
    database = Database(installation.cluster.url(APPLICATION_ROLE))
    with database.transaction(DRILL) as connection:
        entries = log.read(connection, uuid.UUID(begun.json()["id"]))
    database.close()
    for kind in ("inject_fired", "inject_delivered"):
        acted = [str(entry.payload["inject_id"]) for entry in entries if entry.kind == kind]
        assert len(acted) >= 5
        assert len(acted) == len(set(acted)), f"{kind}: twice for {sorted(acted)}"


def test_a_file_handed_to_one_is_examined_through_the_other(installation: Any) -> None:
    table = "名称,经度,纬度\n演练仓库,118.70,31.40\n".encode()
    with at(installation, 0) as here, at(installation, 1) as there:
        seen = []
        for taker, other in ((here, there), (there, here)):
            key = taker.post("/api/v1/uploads", params={"name": "a.csv"}, content=table).json()["key"]
            seen.append(key[:2])
            told = other.get(f"/api/v1/uploads/{key}").json()
            assert told == taker.get(f"/api/v1/uploads/{key}").json()
            chosen = {"layer": "enterprise", "datum": "cgcs2000"}
            assert other.post(f"/api/v1/uploads/{key}/trial", json=chosen).status_code == 202
            # Rights are checked by the process that answers, on the headers that came.
            with at(installation, 1, "") as nobody:
                assert nobody.get(f"/api/v1/uploads/{key}").status_code == 401
        assert seen == ["00", "01"]
        assert here.get(f"/api/v1/uploads/ff{uuid.uuid4().hex[2:]}").status_code == 404


def test_nobody_outside_may_say_how_he_came(installation: Any) -> None:
    """The headers with which one process tells another of its client are taken off whatever comes from outside."""
    with httpx.Client(base_url=f"http://127.0.0.1:{installation.port}", timeout=PATIENCE_S) as client:
        answer = client.get("/sign-in", headers={"x-onemap-scheme": "https", "x-onemap-client": "10.0.0.1"})
    assert answer.status_code == 200
    assert "__Host-" not in answer.headers["set-cookie"], "it was believed to have come by TLS"


@pytest.mark.parametrize("count", ["0", "17"])
def test_a_number_of_processes_nobody_means_is_refused(count: str) -> None:
    import subprocess
    import sys

    program = Path(sys.executable).parent / "onemap"
    done = subprocess.run([program, "serve", "--workers", count], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
