"""A photograph on a poor line: is a silent line given up in time, and is nothing lost or doubled when it is back?"""

import io
import os
import re
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from PIL import Image

from gis.database import Caller, Database
from scenarios import log

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
DRILL = Caller("演练导调", "990100", "990200", "drill")
LONGEST_CALL_S = 10.0
"""R4 of the reliability rules: no call hangs longer. One that moves does not hang."""
STEP_BYTES = 4096


class Wire:
    """A SOCKS line to the server whose way up can be made silent, or slow, while it is used."""

    def __init__(self) -> None:
        self.silent = False
        self.bytes_a_second = 0
        self._listening = socket.socket()
        # Small, so that what is not through yet is not hidden in a buffer of this machine.
        self._listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2 * STEP_BYTES)
        # Packets as on a real line: with those of the loopback the browser's side would swallow the photograph whole.
        self._listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1400)
        self._listening.bind(("127.0.0.1", 0))
        self._listening.listen(64)
        self.port = int(self._listening.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        try:
            near.recv(262)
            near.sendall(b"\x05\x00")
            asked = near.recv(262)
            host = socket.inet_ntoa(asked[4:8]) if asked[3] == 1 else asked[5 : 5 + asked[4]].decode()
            far = socket.create_connection((host, int.from_bytes(asked[-2:], "big")))
            near.sendall(b"\x05\x00\x00\x01" + bytes(6))
        except (OSError, IndexError):  # a line the browser opened to have it ready, and let go
            near.close()
            return
        threading.Thread(target=self._pipe, args=(far, near, False), daemon=True).start()
        self._pipe(near, far, True)

    def _pipe(self, source: socket.socket, sink: socket.socket, up: bool) -> None:
        try:
            while part := source.recv(STEP_BYTES if up else 65536):
                while self.silent:
                    time.sleep(0.05)
                if up and self.bytes_a_second:
                    time.sleep(len(part) / self.bytes_a_second)
                sink.sendall(part)
        except OSError:
            pass
        for one in (source, sink):
            one.close()


@pytest.fixture(scope="module")
def ordered(city: tuple[str, dict[str, str]]) -> None:
    """The team has an order: who has none has nothing to report about."""
    origin, accounts = city
    with httpx.Client(base_url=origin, headers={"origin": origin}, timeout=60) as desk:
        token = desk.get("/sign-in").text.split('name="form_token" value="', 1)[1].split('"', 1)[0]
        entered = desk.post("/sign-in", data={"form_token": token, "name": "duty", "password": accounts["duty"]})
        assert entered.status_code == 303, entered.text
        desk.headers["x-csrf-token"] = desk.get("/api/v1/session").json()["csrf_token"]
        incident = desk.get("/api/v1/incidents").json()["incidents"][0]["incident_id"]
        order = {"unit_id": "DW-001", "unit_name": "演练园区消防站", "text": "西门集结", "issue": True}
        made = desk.post(
            f"/api/v1/incidents/{incident}/orders", json=order, headers={"idempotency-key": str(uuid.uuid4())}
        )
        assert made.status_code == 201, made.text


@pytest.fixture
def wire() -> Iterator[Wire]:
    made = Wire()
    yield made
    made.close()


@pytest.fixture
def phone(browser: "Browser", city: tuple[str, dict[str, str]], wire: Wire, ordered: None) -> Iterator["Page"]:
    """The phone of a team, signed in, behind the poor line."""
    origin, accounts = city
    size: Any = {"width": 390, "height": 844}
    line: Any = {"server": f"socks5://127.0.0.1:{wire.port}", "bypass": "<-loopback>"}
    context = browser.new_context(viewport=size, has_touch=True, locale="zh-CN", proxy=line, service_workers="block")
    page = context.new_page()
    page.goto(f"{origin}/")
    page.fill("#name", "field")
    page.fill("#password", accounts["field"])
    page.click("button[type=submit]")
    page.wait_for_selector(".band.on", timeout=60_000)
    page.wait_for_selector(".card", timeout=60_000)
    yield page
    context.close()


def picture(side_px: int) -> bytes:
    """A JPEG that cannot be pressed together: noise."""
    made = io.BytesIO()
    Image.frombytes("RGB", (side_px, side_px), os.urandom(3 * side_px * side_px)).save(made, "JPEG", quality=90)
    return made.getvalue()


def hand_in(page: "Page", words: str, photo: bytes) -> None:
    page.locator("nav .nav").nth(2).click()
    page.locator(".sheet textarea").fill(words)
    page.set_input_files("#photo", {"name": "现场.jpg", "mimeType": "image/jpeg", "buffer": photo})
    page.locator(".sheet button[type=submit]").click()
    page.wait_for_selector(".sheet", state="detached")


def entries(database: Database, words: str) -> list[Any]:
    """What the record holds of these words, over every open incident."""
    with database.transaction(DRILL) as connection:
        return [
            one
            for head in log.heads(connection, mode="drill")
            for one in log.read(connection, head.incident_id)
            if one.payload.get("text") == words
        ]


def waiting(page: "Page") -> int:
    return int(
        page.evaluate(
            "() => new Promise((done) => { const asked = indexedDB.open('onemap-field'); asked.onsuccess = () => {"
            " const all = asked.result.transaction('acts').objectStore('acts').getAll();"
            " all.onsuccess = () => { asked.result.close(); done(all.result.length) } } })"
        )
    )


def until(page: "Page", true: Any, within_s: float) -> float:
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < within_s, f"not within {within_s} s"
        page.wait_for_timeout(200)
    return time.monotonic() - began


def test_the_limit_is_within_what_is_allowed(repository: Path) -> None:
    source = (repository / "command_ui" / "field" / "page" / "sending.js").read_text(encoding="utf-8")
    found = re.search(r"SILENCE_MS = (\d+)", source)
    assert found and int(found[1]) / 1000 < LONGEST_CALL_S


def test_a_silent_line_is_given_up_and_the_photograph_goes_when_it_is_back(
    phone: "Page", wire: Wire, city_database: Database
) -> None:
    given_up: list[str] = []
    phone.on("requestfailed", lambda one: given_up.append(one.url) if "attachments" in one.url else None)
    wire.silent = True
    hand_in(phone, "断线前拍的一张照片", picture(300))
    until(phone, lambda: given_up, 60)
    assert waiting(phone) == 1
    wire.silent = False
    until(phone, lambda: waiting(phone) == 0, 90)
    kept = entries(city_database, "断线前拍的一张照片")
    assert len(kept) == 1 and len(kept[0].payload["attachments"]) == 1


def test_a_slow_line_brings_a_photograph_that_takes_longer_than_any_silence(
    phone: "Page", wire: Wire, city_database: Database
) -> None:
    photo = picture(700)
    tried: list[str] = []
    phone.on("request", lambda one: tried.append(one.url) if "attachments" in one.url else None)
    wire.bytes_a_second = len(photo) // 14  # longer than a call may be silent, even where a buffer takes it at once
    hand_in(phone, "慢线上的一张照片", photo)
    until(phone, lambda: tried, 60)
    until(phone, lambda: waiting(phone) == 0, 240)
    kept = entries(city_database, "慢线上的一张照片")
    assert len(kept) == 1 and len(kept[0].payload["attachments"]) == 1
    assert len(tried) <= 4, "each attempt is given more time"
