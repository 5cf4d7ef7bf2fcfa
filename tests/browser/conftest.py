"""What do the tests of the page share? A real server on the sample city, a signed-in page, and pictures."""

import shutil
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
import uvicorn

from command_ui import bundle, sample
from command_ui.bootstrap import House
from command_ui.server.app import create_app
from command_ui.settings import Settings
from gis.cluster import PrivateCluster
from gis.database import APPLICATION_ROLE, Database

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, ViewportSize

TEMPLATE = "onemap_template"
START_S = 120
FIRST_VIEW_MS = 120_000
PATIENCE_MS = 60_000
"""How long is waited for what the page draws in a second: a limit is only paid for by what never comes."""
VIEW = """() => { const view = window.onemapMap.getView()
  return [view.getAnimating(), view.getInteracting(), ...view.getCenter(), view.getResolution()] }"""
VIEWPORT: "ViewportSize" = {"width": 1440, "height": 900}


@pytest.fixture(scope="session")
def bundled() -> None:
    """Make sure that the browser gets what stands in the tree."""
    bundle.build()


@dataclass(frozen=True, slots=True)
class Prepared:
    """The sample city with its open incident: a database to clone, a data folder to copy, the accounts in it."""

    database: str
    folder: Path
    accounts: dict[str, str]


@pytest.fixture(scope="session")
def prepared(
    cluster: PrivateCluster, tmp_path_factory: pytest.TempPathFactory, administer: Callable[[str], None]
) -> Prepared:
    """Made once for all modules; each works on a clone of its own, so none sees what another changed."""
    name, folder = f"prepared_{uuid.uuid4().hex[:12]}", tmp_path_factory.mktemp("prepared")
    administer(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    database = Database(cluster.url(APPLICATION_ROLE, database=name))
    accounts = dict(sample.prepare(House(Settings(data_dir=folder), database), tell=lambda _step: None))
    database.close()
    return Prepared(name, folder, accounts)


@pytest.fixture(scope="module")
def city_database(cluster: PrivateCluster, prepared: Prepared, administer: Callable[[str], None]) -> Iterator[Database]:
    """Clone of the sample city that this module's server works on."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    administer(f"CREATE DATABASE {name} TEMPLATE {prepared.database}")
    opened = Database(cluster.url(APPLICATION_ROLE, database=name))
    yield opened
    opened.close()
    administer(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def city(
    bundled: None, city_database: Database, prepared: Prepared, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, dict[str, str]]]:
    """Address of a server on a clone of the sample city with its open incident, and its accounts."""
    # Taken now and handed over: a port that is only looked up may be another's when the server asks for it.
    door = socket.create_server(("127.0.0.1", 0))
    port = int(door.getsockname()[1])
    folder = tmp_path_factory.mktemp("data")
    shutil.copytree(prepared.folder, folder, dirs_exist_ok=True)
    house, accounts = House(Settings(port=port, data_dir=folder), city_database), prepared.accounts
    server = uvicorn.Server(uvicorn.Config(create_app(house), port=port, log_level="warning", ws="websockets-sansio"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + START_S
    while not server.started:
        assert thread.is_alive() and time.monotonic() < deadline, "the server did not start"
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}", accounts
    server.should_exit = True
    thread.join(timeout=60)


@pytest.fixture(scope="module")
def asked_hosts() -> set[str]:
    """Every host, with its port, that the page asked for since the module began."""
    return set()


@pytest.fixture(scope="module")
def said() -> list[str]:
    """Errors the browser wrote since the module began."""
    return []


@pytest.fixture(scope="module")
def opened(
    city: tuple[str, dict[str, str]], browser: "Browser", asked_hosts: set[str], said: list[str]
) -> Iterator["Page"]:
    """The duty desk after signing in as the operator; one page for the module, because opening is the costliest act."""
    origin, accounts = city
    context = browser.new_context(viewport=VIEWPORT, locale="zh-CN", timezone_id="Asia/Shanghai")
    context.on("request", lambda request: asked_hosts.update(_host(request.url)))
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.on("websocket", lambda socket: asked_hosts.update(_host(socket.url)))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
    page.goto(f"{origin}/")
    name, password = next(iter(accounts.items()))
    page.fill("#name", name)
    page.fill("#password", password)
    page.click("button[type=submit]")
    page.wait_for_selector(".headline", timeout=FIRST_VIEW_MS)
    page.wait_for_selector(".callouts rect", state="attached", timeout=FIRST_VIEW_MS)
    page.wait_for_timeout(2000)
    yield page
    context.close()


@pytest.fixture(scope="session")
def come_true() -> Callable[[Callable[[], Any]], Any]:
    """
    Wait until something on a page holds, and give it: the server and the browser take their time.

    Asked from outside, for the page's own policy forbids the browser to wait for a piece of script.
    """

    def wait(holds: Callable[[], Any]) -> Any:
        until = time.monotonic() + PATIENCE_MS / 1000
        while not (found := holds()):
            assert time.monotonic() < until, "it did not come true"
            time.sleep(0.05)
        return found

    return wait


@pytest.fixture(scope="session")
def stand_still() -> Callable[["Page"], None]:
    """Wait until the map has come to rest: what is clicked at lies where it was asked for."""

    def wait(page: "Page") -> None:
        until, before = time.monotonic() + PATIENCE_MS / 1000, None
        while (now := page.evaluate(VIEW)) != before or now[0]:
            assert time.monotonic() < until, "the map does not come to rest"
            before = now
            time.sleep(0.25)

    return wait


@pytest.fixture
def desk(opened: "Page") -> "Page":
    """The page with whatever the test before left open put away."""
    opened.set_viewport_size(VIEWPORT)
    for _ in range(2):
        opened.keyboard.press("Escape")
    if opened.locator(".badge.b-sim.press").count():
        opened.locator(".badge.b-sim.press").click()
    opened.locator(".tools button").nth(2).click()
    opened.wait_for_timeout(700)
    return opened


@pytest.fixture
def said_wrong(said: list[str]) -> list[str]:
    """Errors the browser writes while the test runs."""
    said.clear()
    return said


@pytest.fixture
def keep(opened: "Page", repository: Path) -> Callable[[str], None]:
    """Keep a picture of the page under artefacts/, which git ignores."""
    folder = repository / "artefacts"
    folder.mkdir(exist_ok=True)

    def shoot(name: str) -> None:
        opened.screenshot(path=folder / f"{name}.png")

    return shoot


def _host(url: str) -> set[str]:
    address = urlsplit(url)
    return {address.netloc} if address.scheme in ("http", "https", "ws", "wss") else set()
