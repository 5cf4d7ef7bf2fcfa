"""Does a page on the line of an incident hear what another process records, and is the line back when its own dies?"""

import json
import os
import signal
import socket
import struct
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import ClientConnection, connect, unix_connect

BACK_S = 5.0
"""Goal until a line is back; it is told, and fails no test."""
SOONEST_S, LATEST_S = 0.5, 8.0
"""How long a page waits before it tries again, and at most after it has tried for a while: page/liveline.js."""


def report(client: httpx.Client) -> str:
    told = {"title": "演练：两个进程一条线", "longitude": 118.71, "latitude": 31.41,
            "occurred_at": "2026-11-22T08:00:00+08:00", "division_code": "990102"}  # fmt: skip
    answer = client.post("/api/v1/incidents", json=told, headers={"idempotency-key": str(uuid.uuid4())})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["incident_id"])


def note(client: httpx.Client, incident: str, text: str) -> int:
    answer = client.post(
        f"/api/v1/incidents/{incident}/entries",
        json={"kind": "note", "payload": {"text": text}},
        headers={"idempotency-key": str(uuid.uuid4())},
    )
    assert answer.status_code == 201, answer.text
    return int(answer.json()["seq"])


@contextmanager
def on_line(installation: Any, client: httpx.Client, incident: str, place: str = "") -> Iterator[ClientConnection]:
    """The line of an incident, of the process of that socket or of whichever takes the port."""
    host = f"127.0.0.1:{installation.port}"
    said = {
        "origin": f"http://{host}",
        "additional_headers": {"cookie": "; ".join(f"{name}={value}" for name, value in client.cookies.items())},
        "max_size": None,
        "open_timeout": 60,
    }
    address = f"ws://{host}/incidents/{incident}/line?language=zh"
    opened: Any = unix_connect(place, address, **said) if place else connect(address, **said)
    with opened as line:
        line.send("whole")
        yield line


def heard(line: ClientConnection, seq: int, within_s: float = 60.0) -> tuple[dict[str, Any], float]:
    """The first message that has come as far as an entry, and when it came."""
    deadline = time.monotonic() + within_s
    while True:
        message = json.loads(line.recv(timeout=max(0.01, deadline - time.monotonic())))
        if message["rev"] >= seq:
            return message, time.monotonic()


def texts(message: dict[str, Any]) -> list[str]:
    """What the newest rows of the record say; in a step they stand by themselves."""
    record = message["record"]
    rows = record["rows"] if message["kind"] == "step" else json.loads(record["list"])["newest"]["rows"]
    return [json.dumps(row, ensure_ascii=False) for row in rows]


def process_behind(place: str) -> int:
    """Id of the process that listens at a unix socket."""
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(place)
        credentials = line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return int(struct.unpack("3i", credentials)[0])


def test_a_line_at_one_process_hears_what_goes_through_the_other(installation: Any) -> None:
    with installation.signed_in(0, "duty") as (duty, here), installation.signed_in(1, "duty") as (same, there):
        incident = report(duty)
        with (
            on_line(installation, duty, incident, here) as first,
            on_line(installation, same, incident, there) as second,
        ):
            heard(first, 1), heard(second, 1)
            for number, (writer, text) in enumerate(((same, "由另一进程写入"), (duty, "再由这一进程写入"))):
                seq = note(writer, incident, f"{text}（演练）")
                for line in (first, second):
                    message, _ = heard(line, seq)
                    assert any(text in row for row in texts(message)), (number, message["kind"])


def test_who_may_not_see_the_incident_hears_nothing_at_either(installation: Any) -> None:
    with installation.signed_in(0, "duty") as (duty, here), installation.signed_in(1, "duty") as (_, there):
        incident = report(duty)
        with httpx.Client() as stranger:
            for place in (here, there):
                with pytest.raises(InvalidHandshake), on_line(installation, stranger, incident, place):
                    pass


@pytest.mark.faults
def test_a_process_dies_and_its_line_is_back_at_the_other(installation: Any, told: Callable[..., None]) -> None:
    taken: list[float] = []
    for _ in range(3):  # always the first one: the other has stood for a while, as it would
        with installation.signed_in(0, "duty") as (duty, here), installation.signed_in(1, "duty") as (other, _place):
            incident = report(duty)
            with on_line(installation, duty, incident, here) as line:
                heard(line, 1)
                os.kill(process_behind(here), signal.SIGKILL)
                killed = time.monotonic()
                with pytest.raises(ConnectionClosed):
                    while True:
                        line.recv(10)
            seq = note(other, incident, "这一行写在一个进程死去之后（演练）")
            taken.append(back(installation, duty, incident, seq) - killed)
        installation.wait_for_workers()
    told("R11", "one of two processes killed on which a page's line hung, an entry written at the other meanwhile",
         f"{len(taken)} times; heard on a new line after at most {max(taken):.1f} s (goal {BACK_S:.0f} s)")  # fmt: skip


def back(installation: Any, client: httpx.Client, incident: str, seq: int) -> float:
    """When a new line, tried for as a page does, has told of an entry."""
    wait_s, deadline = SOONEST_S, time.monotonic() + 60
    while time.monotonic() < deadline:
        time.sleep(wait_s)
        with suppress(OSError, InvalidHandshake, ConnectionClosed), on_line(installation, client, incident) as line:
            message, at = heard(line, seq)
            assert any("一个进程死去之后" in row for row in texts(message))
            return at
        wait_s = min(2 * wait_s, LATEST_S)
    raise AssertionError("the line did not come back")


@pytest.mark.faults
def test_planted_a_process_that_hears_nothing_of_the_other_is_found(fresh_installation: Any, tmp_path: Any) -> None:
    """Python reads a module of this name at every start: nobody is told any more that an incident has moved."""
    deaf = "import command_ui.live as live\nlive.Live.subscribe = lambda self, caller, callback: lambda: None\n"
    (tmp_path / "sitecustomize.py").write_text(deaf, encoding="utf-8")
    fresh_installation.start("--workers", "2", PYTHONPATH=str(tmp_path))
    with (
        fresh_installation.signed_in(0, "duty") as (duty, here),
        fresh_installation.signed_in(1, "duty") as (other, _),
    ):
        incident = report(duty)
        with on_line(fresh_installation, duty, incident, here) as line:
            heard(line, 1)
            seq = note(other, incident, "没有人听见（演练）")
            with pytest.raises(TimeoutError):
                heard(line, seq, within_s=8.0)
