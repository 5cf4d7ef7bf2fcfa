"""Does the log of the desk hold thousands of entries, and is a line typed while the network is cut there once?"""

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
import uvicorn

from command_ui.bootstrap import House
from command_ui.server.app import create_app
from command_ui.settings import Settings
from gis.database import Caller, Database
from scenarios import log
from scenarios.events import IncidentReported, Note
from tests.ports import free_port

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.long

OFFICER = Caller("duty", "990100", "990200", "drill")
ENTRIES = 5000
"""What the issue promises; the figure of a run is printed beside it."""
PATIENCE = 30_000


@pytest.fixture
def small_incident(city_database: Database) -> UUID:
    """Another open incident, to come from."""
    incident, at = uuid4(), datetime.now(UTC)
    with city_database.transaction(OFFICER) as connection:
        log.open_incident(connection, incident, "990102")
        reported = IncidentReported(
            "小事件（演练）", 118.71, 31.41, at - timedelta(hours=9), at - timedelta(hours=9), "phone"
        )
        log.append(connection, incident, reported)
    return incident


class Line:
    """A wire between browser and server that can be cut, or lose the answers that come back on it."""

    def __init__(self, server_port: int) -> None:
        self.server_port = server_port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])
        self.whole = True
        self.deaf = False
        self.swallowed = 0
        self._wires: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """End every connection and let none through."""
        self.whole = False
        for wire in list(self._wires):
            with suppress(OSError):
                wire.shutdown(socket.SHUT_RDWR)
            wire.close()
        self._wires.clear()

    def mend(self) -> None:
        """Let connections through again, answers too."""
        self.whole, self.deaf = True, False

    def end(self) -> None:
        """Close for good."""
        self.cut()
        self.listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            if not self.whole:
                near.close()
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self.server_port), timeout=10)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            self._wires |= {near, far}
            threading.Thread(target=self._carry, args=(near, far, False), daemon=True).start()
            threading.Thread(target=self._carry, args=(far, near, True), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, answers: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if answers and self.deaf and b"outcomes" in data:
                    self.swallowed += 1
                    break  # the server has written it down; nobody will ever hear of it
                target.sendall(data)
        for wire in (source, target):
            with suppress(OSError):
                wire.shutdown(socket.SHUT_RDWR)
            wire.close()
            self._wires.discard(wire)


@pytest.fixture(scope="module")
def long_incident(city_database: Database) -> UUID:
    """The open incident of the city, grown to thousands of entries."""
    mark = "第 {n} 行：巡查正常（演练）"
    with city_database.transaction(OFFICER) as connection:
        incident = log.heads(connection, mode="drill")[0]
    for start in range(incident.seq, ENTRIES, 100):
        numbers = range(start + 1, min(start + 100, ENTRIES) + 1)
        lines = [log.Kept(Note(mark.format(n=n)), uuid4()) for n in numbers]
        log.append_kept(city_database, OFFICER, incident.incident_id, lines)
    return incident.incident_id


@pytest.fixture(scope="module")
def wire(
    bundled: None, long_incident: UUID, city_database: Database, prepared: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Line]:
    """A server whose only address is the far end of a line that can be cut."""
    port = free_port()
    line = Line(port)
    folder = tmp_path_factory.mktemp("data")
    shutil.copytree(prepared.folder, folder, dirs_exist_ok=True)
    house = House(Settings(port=line.port, data_dir=folder), city_database)
    server = uvicorn.Server(uvicorn.Config(create_app(house), port=port, log_level="warning", ws="websockets-sansio"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 60
    while not server.started:
        assert thread.is_alive() and time.monotonic() < deadline
        time.sleep(0.05)
    yield line
    line.mend()
    server.should_exit = True
    thread.join(timeout=20)
    line.end()


@pytest.fixture(scope="module")
def desk_page(wire: Line, prepared: Any, browser: "Browser") -> Iterator["Page"]:
    """The duty desk through that line."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN", timezone_id="Asia/Shanghai")
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{wire.port}/")
    name, password = next(iter(prepared.accounts.items()))
    page.fill("#name", name)
    page.fill("#password", password)
    page.click("button[type=submit]")
    page.wait_for_selector(".headline", timeout=60_000)
    page.wait_for_selector(".callouts rect", state="attached", timeout=60_000)
    yield page
    context.close()


def open_log(page: "Page") -> None:
    page.keyboard.press("Escape")
    page.locator(".incident:not(:has-text('小事件'))").first.click()
    page.keyboard.press("5")
    page.wait_for_selector(".record-list .entry", timeout=PATIENCE)


def notes_of(database: Database, incident: UUID, mark: str) -> list[str]:
    with database.transaction(OFFICER) as connection:
        entries = log.read(connection, incident, ENTRIES)
    return [text for entry in entries if mark in (text := str(entry.payload.get("text", "")))]


def test_the_list_holds_only_what_is_seen_and_reaches_the_first_entry(
    desk_page: "Page", repository: Path, long_incident: UUID
) -> None:
    open_log(desk_page)
    assert desk_page.locator(".record-list .entry-page").count() >= ENTRIES // 50
    assert desk_page.locator(".record-list .entry").count() < 400
    assert desk_page.locator(".record-list .entry .seq").first.text_content() == f"#{ENTRIES}"
    desk_page.locator(".record-list").evaluate("list => list.closest('.scroll').scrollTo(0, 1e7)")
    desk_page.wait_for_selector(".record-list .seq:text-is('#1')", timeout=PATIENCE)
    assert desk_page.locator(".record-list .entry").count() < 400
    (repository / "artefacts").mkdir(exist_ok=True)
    desk_page.screenshot(path=repository / "artefacts" / "record-long.png")


def test_searching_reads_every_entry_on_the_server(desk_page: "Page") -> None:
    open_log(desk_page)
    desk_page.fill(".note-search input", "第 1234 行")
    desk_page.wait_for_selector(".note-search [role=status]:has-text('1')", timeout=PATIENCE)
    desk_page.wait_for_selector(".record-list .entry:has-text('第 1234 行')", timeout=PATIENCE)
    assert desk_page.locator(".record-list .entry").count() == 1
    desk_page.fill(".note-search input", "")
    desk_page.wait_for_selector(f".record-list .seq:text-is('#{ENTRIES}')", timeout=PATIENCE)


def test_the_timeline_draws_few_dots_and_looks_closer(desk_page: "Page") -> None:
    dots = desk_page.locator(".timeline svg.axis circle")
    assert 3 < dots.count() < 800
    whole = desk_page.locator(".timeline svg.axis").inner_html()
    desk_page.locator(".timeline svg.axis").hover()
    desk_page.mouse.wheel(0, -600)
    desk_page.wait_for_timeout(800)
    assert desk_page.locator(".timeline svg.axis").inner_html() != whole
    desk_page.locator(".timeline .btn:has-text('全程')").click()


def test_an_incident_of_five_thousand_entries_opens_whole(
    desk_page: "Page", small_incident: UUID, repository: Path
) -> None:
    """From the press on its card to list, map and timeline that show it; how long it took is written down."""
    open_log(desk_page)
    desk_page.wait_for_selector(".incident:has-text('小事件')", timeout=PATIENCE)
    long, short = [], []
    for _ in range(3):
        began = time.perf_counter()
        desk_page.locator(".incident:has-text('小事件')").click()
        desk_page.wait_for_selector(".inspector .name:has-text('小事件')", timeout=PATIENCE)
        desk_page.wait_for_selector(".record-list .seq:text-is('#1')", timeout=PATIENCE)
        short.append(time.perf_counter() - began)
        desk_page.wait_for_timeout(500)
        began = time.perf_counter()
        desk_page.locator(".incident:not(:has-text('小事件'))").first.click()
        desk_page.wait_for_selector(f".record-list .seq:text-is('#{ENTRIES}')", timeout=PATIENCE)
        desk_page.wait_for_selector(".timeline .chip:text-matches('全部 5\\\\d{3}')", timeout=PATIENCE)
        long.append(time.perf_counter() - began)
        desk_page.wait_for_timeout(500)
    folder = repository / "artefacts"
    folder.mkdir(exist_ok=True)
    figure = f"{ENTRIES} entries opened in {min(long):.2f} s, a single entry in {min(short):.2f} s, best of three\n"
    (folder / "incident-opened.txt").write_text(figure, encoding="utf-8")


def test_a_line_typed_while_the_network_is_cut_is_amber_then_there_once(
    desk_page: "Page", wire: Line, city_database: Database, long_incident: UUID, repository: Path
) -> None:
    open_log(desk_page)
    desk_page.keyboard.press("n")  # one key, and the field has the focus
    desk_page.keyboard.type("联网时写下（演练）")
    desk_page.keyboard.press("Enter")
    desk_page.wait_for_selector(".record-list .entry:has-text('联网时写下')", timeout=PATIENCE)
    wire.cut()
    desk_page.keyboard.type("断网时写下（演练）")
    desk_page.keyboard.press("Enter")
    amber = desk_page.wait_for_selector(".kept-line.waiting", timeout=60_000)
    assert amber is not None
    assert "待提交" in (amber.text_content() or "")
    desk_page.keyboard.type("断网时的第二行（演练）")
    desk_page.keyboard.press("Enter")
    desk_page.wait_for_timeout(6000)  # longer than a new attempt takes
    assert desk_page.locator(".kept-line.waiting").count() == 2
    desk_page.screenshot(path=repository / "artefacts" / "record-waiting.png")
    assert notes_of(city_database, long_incident, "断网") == []
    wire.mend()
    desk_page.reload()
    desk_page.wait_for_selector(".headline", timeout=60_000)
    open_log(desk_page)
    desk_page.wait_for_selector(".record-list .entry:has-text('断网时的第二行')", timeout=PATIENCE)
    desk_page.wait_for_selector(".kept-line", state="detached", timeout=PATIENCE)
    assert notes_of(city_database, long_incident, "断网") == ["断网时写下（演练）", "断网时的第二行（演练）"]
    assert notes_of(city_database, long_incident, "联网") == ["联网时写下（演练）"]


def test_a_line_whose_receipt_was_lost_is_sent_again_and_not_doubled(
    desk_page: "Page", wire: Line, city_database: Database, long_incident: UUID
) -> None:
    open_log(desk_page)
    wire.deaf = True
    desk_page.keyboard.press("n")
    desk_page.keyboard.type("回执丢失（演练）")
    desk_page.keyboard.press("Enter")
    deadline = time.monotonic() + 30
    while not wire.swallowed and time.monotonic() < deadline:
        desk_page.wait_for_timeout(100)
    assert wire.swallowed, "no receipt was lost: this test has proved nothing"
    assert notes_of(city_database, long_incident, "回执丢失") == ["回执丢失（演练）"], "the server has it"
    wire.mend()
    desk_page.wait_for_selector(".kept-line", state="detached", timeout=PATIENCE)
    assert notes_of(city_database, long_incident, "回执丢失") == ["回执丢失（演练）"]


def test_a_planted_fault_a_new_key_at_every_attempt_would_double_it(
    wire: Line, city_database: Database, long_incident: UUID
) -> None:
    """The proof that the test above has teeth: the same loss without the kept key writes the line twice."""
    for _ in range(2):
        log.append_once(city_database, OFFICER, long_incident, Note("换键重发（演练）"))
    assert len(notes_of(city_database, long_incident, "换键重发")) == 2


def test_half_a_line_survives_a_reload(desk_page: "Page") -> None:
    open_log(desk_page)
    desk_page.keyboard.press("n")
    desk_page.keyboard.type("写到一半")
    desk_page.reload()
    desk_page.wait_for_selector(".headline", timeout=60_000)
    open_log(desk_page)
    assert desk_page.input_value(".note-form input") == "写到一半"
    desk_page.fill(".note-form input", "")
    left = desk_page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('onemap:unsent'))")
    assert left == []
