"""What do all tests share? One PostGIS cluster a session, one fresh migrated database a module, one browser."""

import importlib.util
import json
import os
import platform
import shutil
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, settings

from gis import migrate
from gis.cluster import PrivateCluster
from gis.database import APPLICATION_ROLE, OWNER_ROLE, Database

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Request

    from layers.sample.city import SampleCity

ROOT = Path(__file__).parent.parent
TEMPLATE = "onemap_template"
# What lands is judged by examples that stay the same, and never by the clock; `make fuzz` and ONEMAP_RANDOM=1 look for
# new ones.
# Nor is how long an invention took: where a machine pauses is no property of what is invented.
UNHURRIED = [HealthCheck.too_slow]
settings.register_profile("same", deadline=None, derandomize=True, suppress_health_check=UNHURRIED)
settings.register_profile("new", deadline=None, print_blob=True, suppress_health_check=UNHURRIED)
settings.load_profile("new" if {"ONEMAP_RANDOM", "ONEMAP_PARSED"} & os.environ.keys() else "same")


@pytest.fixture(scope="session")
def repository() -> Path:
    """Root of the source tree."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of reference data that is not part of the project; tests that need it are skipped without it."""
    folder = Path(os.environ.get("ONEMAP_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no reference data at {folder}; set ONEMAP_SHARED_DATA")
    return folder


@pytest.fixture(scope="session")
def city() -> "SampleCity":
    """The sample city of the default seed, made once for all rooms; frames are shared, so copy before changing."""
    from layers.sample.city import generate

    return generate()


@pytest.fixture(scope="session")
def cluster() -> Iterator[PrivateCluster]:
    """A running private cluster in a folder of its own, with the migrated template database."""
    # Not below pytest's own folder, which is closed to the ordinary user the server runs as.
    folder = Path(tempfile.mkdtemp(prefix="onemap-test-"))
    folder.chmod(0o755)
    running = PrivateCluster(folder / "cluster")
    running.start()
    try:
        _administer(running, f"CREATE DATABASE {TEMPLATE}")
        migrate.upgrade(running.url(database=TEMPLATE))
        yield running
    finally:
        running.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def database_name(cluster: PrivateCluster) -> Iterator[str]:
    """Name of a fresh clone of the template, dropped after the module."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    _administer(cluster, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    yield name
    _administer(cluster, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def database_url(cluster: PrivateCluster, database_name: str) -> str:
    """Address of this module's database for the role of the program."""
    return cluster.url(APPLICATION_ROLE, database=database_name)


@pytest.fixture(scope="module")
def owner_url(cluster: PrivateCluster, database_name: str) -> str:
    """Address of this module's database with the rights of the owner: may do what the program may not."""
    return cluster.url(database=database_name, acting_as=OWNER_ROLE)


@pytest.fixture(scope="module")
def superuser_url(cluster: PrivateCluster, database_name: str) -> str:
    """Address of this module's database for the superuser, against whom little helps but witnesses."""
    return cluster.url(database=database_name)


@pytest.fixture(scope="module")
def database(database_url: str) -> Iterator[Database]:
    """This module's database, as the program sees it."""
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def owner_database(owner_url: str) -> Iterator[Database]:
    """This module's database with the rights of the owner."""
    opened = Database(owner_url)
    yield opened
    opened.close()


def _administer(cluster: PrivateCluster, statement: str) -> None:
    import psycopg

    for left in reversed(range(12)):
        with psycopg.connect(cluster.conninfo(database="postgres"), autocommit=True) as connection:
            try:
                connection.execute(statement.encode())
            except psycopg.errors.ObjectInUse:
                # Whoever has just closed the template may still be on his way out; the server waits five seconds.
                if not left:
                    raise
            else:
                return


@pytest.fixture(scope="session")
def administer(cluster: PrivateCluster) -> Callable[[str], None]:
    """Make and drop databases: `administer("CREATE DATABASE …")`."""
    return partial(_administer, cluster)


@pytest.fixture
def told(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Leave a line for benchmarks/RELIABILITY.md: `told("R1", "what was done", "what came of it")`."""

    def tell(identity: str, what: str, result: str) -> None:
        path = os.environ.get("ONEMAP_RELIABILITY")
        if path:
            line = {"id": identity, "what": what, "result": result, "test": request.node.nodeid,
                    "at": datetime.now(UTC).isoformat(timespec="minutes"), "cores": os.cpu_count(),
                    "load": round(os.getloadavg()[0], 1),
                    "system": f"{platform.system()}, Python {platform.python_version()}"}  # fmt: skip
            with Path(path).open("a", encoding="utf-8") as file:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
        sys.stderr.write(f"{identity}: {what}: {result}\n")

    return tell


CHROMIUM_FLAGS = (
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """
    The system's Chromium, headless; the test fails, not skips, where it is missing.

    One a module: Playwright keeps an event loop running in this thread until it is closed, and the tests of other
    modules start loops of their own.
    """
    from playwright.sync_api import sync_playwright

    places = (
        os.environ.get("ONEMAP_CHROMIUM"),
        "/usr/bin/chromium",
        shutil.which("chromium"),
        shutil.which("google-chrome"),
    )
    program = next((place for place in places if place and Path(place).exists()), None)
    if program is None:
        pytest.fail("no Chromium found: apt-get install chromium, or set ONEMAP_CHROMIUM to the program")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=program, headless=True, chromium_sandbox=False, args=list(CHROMIUM_FLAGS)
        )
        yield opened
        opened.close()


@pytest.fixture
def requested_hosts() -> set[str]:
    """Every host (with port) the pages of this test asked for, filled while they run."""
    return set()


@pytest.fixture
def browser_page(browser: "Browser", requested_hosts: set[str]) -> Iterator["Page"]:
    """A page with a fresh profile at 1440x900 whose requests are written into `requested_hosts`."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN", timezone_id="Asia/Shanghai")

    def note(request: "Request") -> None:
        address = urlsplit(request.url)
        if address.scheme in ("http", "https", "ws", "wss"):
            requested_hosts.add(address.netloc)

    context.on("request", note)
    page = context.new_page()
    page.set_default_timeout(60_000)  # a limit is only paid for by what never comes
    page.on("websocket", lambda socket: requested_hosts.add(urlsplit(socket.url).netloc))
    yield page
    context.close()


@pytest.fixture(scope="session")
def tianditu_fakes() -> ModuleType:
    """The module with the server that answers like Tianditu; by path, because tests are no package."""
    place = Path(__file__).parent / "fakes" / "tianditu_server.py"
    specification = importlib.util.spec_from_file_location("tianditu_server", place)
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = module  # dataclasses look their module up there
    specification.loader.exec_module(module)
    return module


@pytest.fixture
def fake_tianditu(tianditu_fakes: ModuleType) -> Iterator[Any]:
    """A fresh server that answers like Tianditu, with the recorded reply shapes where they are at hand."""
    samples = Path(os.environ.get("ONEMAP_SHARED_DATA", ROOT.parent / "shared" / "data")) / "tianditu" / "samples"
    server = tianditu_fakes.FakeTianditu(samples if samples.is_dir() else None)
    yield server
    server.kill()
