"""P6 in small: pages are opened and closed for minutes. What stays behind in the server, and does its memory grow?"""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from benchmarks.viewer import Viewer, sign_in
from command_ui import sample
from command_ui.bootstrap import House
from command_ui.settings import Settings
from gis import migrate
from gis.cluster import PrivateCluster
from gis.database import APPLICATION_ROLE, Database
from tests.ports import free_port

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800)]
LONG = os.environ.get("ONEMAP_FAULTS") == "long"
WARM, PAGES = (60, 240) if LONG else (40, 80)
AT_ONCE = 4
WAYS = ("/", "/", "/alarms", "/", "/plans", "/", "/data", "/drill")
"""Pages that are opened in turn; the desk is the one everybody has open."""
LET_GO_S = 30.0
"""A page whose websocket is gone is freed after 15 s, looked for every 5."""
TILE = "command_ui.api.tile_store.Tile"
GROWTH, GROWTH_KB = 0.05, 20.0
"""At most this share more than after warming up, or so much for each page that was closed."""

WATCHED = """
import ctypes, gc, json, os, signal, sys
from collections import Counter
from pathlib import Path

def tell(*_):
    gc.unfreeze()  # what the server has put out of the collector's sight counts too
    for _ in range(3):
        gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    types = Counter(f"{type(one).__module__}.{type(one).__qualname__}" for one in gc.get_objects())
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    said = {"rss_kb": pages * os.sysconf("SC_PAGESIZE") // 1024, "files": len(os.listdir("/proc/self/fd")),
            "threads": len(os.listdir("/proc/self/task")), "types": dict(types.most_common(4000))}
    place = Path(os.environ["ONEMAP_TOLD"])
    place.with_suffix(".part").write_text(json.dumps(said))
    place.with_suffix(".part").replace(place)

signal.signal(signal.SIGUSR2, tell)
from command_ui.cli import main
{planted}
sys.argv = ["onemap", "serve"]
main()
"""
KEEPING = """
from bokeh.server.contexts import ApplicationContext
real, held = ApplicationContext._discard_session, []
async def discard(self, session, should_discard):
    held.append((session, session.document, bytearray(100_000)))
    return await real(self, session, should_discard)
ApplicationContext._discard_session = discard
"""


@dataclass(frozen=True)
class Told:
    """What the server says of itself after it has tidied up."""

    rss_kb: int
    files: int
    threads: int
    types: dict[str, int]

    def grown(self, before: "Told", least: int) -> dict[str, int]:
        """Types of which there are at least so many more."""
        found = {name: count - before.types.get(name, 0) for name, count in self.types.items()}
        return dict(sorted(((n, c) for n, c in found.items() if c >= least), key=lambda one: -one[1])[:40])


@pytest.fixture(scope="module")
def city() -> Iterator[tuple[Path, dict[str, str]]]:
    """A data folder with the sample city on a cluster of its own, and its accounts."""
    folder = Path(tempfile.mkdtemp(prefix="onemap-soak-"))
    folder.chmod(0o755)
    cluster = PrivateCluster(folder / "cluster")
    cluster.start()
    try:
        migrate.upgrade(cluster.url())
        database = Database(cluster.url(APPLICATION_ROLE))
        accounts = dict(sample.prepare(House(Settings(data_dir=folder), database), tell=lambda _step: None))
        database.close()
        yield folder, accounts
    finally:
        cluster.stop(even_if_kept=True)
        shutil.rmtree(folder, ignore_errors=True)


class Watched:
    """A server that says what it holds."""

    def __init__(self, folder: Path, accounts: dict[str, str], planted: str) -> None:
        self.port = free_port()
        self.origin, self.accounts = f"http://127.0.0.1:{self.port}", accounts
        self.place, self.log = folder / "told.json", folder / "said.txt"
        environment = {**os.environ, "ONEMAP_DATA_DIR": str(folder), "ONEMAP_PORT": str(self.port),
                       "ONEMAP_TOLD": str(self.place)}  # fmt: skip
        program = WATCHED.replace("{planted}", planted)
        with self.log.open("wb") as said:
            self.process = subprocess.Popen([sys.executable, "-c", program], env=environment, stdout=said, stderr=said)
        deadline = time.monotonic() + 180
        while not self._answers():
            assert self.process.poll() is None and time.monotonic() < deadline, self.log.read_text()[-2000:]
            time.sleep(0.2)
        time.sleep(5)  # what is compiled and drawn ahead begins now

    def _answers(self) -> bool:
        with suppress(httpx.HTTPError):
            return httpx.get(f"{self.origin}/healthz", timeout=3).status_code == 200
        return False

    def told(self) -> Told:
        """Ask it."""
        self.place.unlink(missing_ok=True)
        os.kill(self.process.pid, signal.SIGUSR2)
        deadline = time.monotonic() + 60
        while not self.place.exists():
            assert time.monotonic() < deadline, "the server does not answer the signal"
            time.sleep(0.1)
        return Told(**json.loads(self.place.read_text()))

    def settled(self) -> Told:
        """Ask it once tiles are no longer drawn ahead: that cache has a bound, and fills up in the first minutes."""
        before, deadline = self.told(), time.monotonic() + 300
        while True:
            time.sleep(10)
            now = self.told()
            if now.types.get(TILE, 0) == before.types.get(TILE, 0) or time.monotonic() > deadline:
                return now
            before = now

    def opened(self, count: int) -> int:
        """Open and close so many pages, a few at a time, and wait until they are let go."""

        async def entered(viewer: Viewer, way: str) -> None:
            try:
                await viewer.open(way)
            except httpx.RemoteProtocolError:  # the server closed the idle line this request was about to use
                await viewer.open(way)

        async def work() -> int:
            name, password = next(iter(self.accounts.items()))
            client = await sign_in(self.origin, name, password)
            done = 0
            try:
                while done < count:
                    viewers = [Viewer(self.origin, client) for _ in range(AT_ONCE)]
                    ways = [WAYS[(done + at) % len(WAYS)] for at in range(AT_ONCE)]
                    await asyncio.gather(*(entered(one, way) for one, way in zip(viewers, ways, strict=True)))
                    await asyncio.gather(*(one.close() for one in viewers))
                    done += AT_ONCE
            finally:
                await client.aclose()
            return done

        done = asyncio.run(work())
        time.sleep(LET_GO_S)
        return done

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextmanager
def watched(folder: Path, accounts: dict[str, str], planted: str = "") -> Iterator[Watched]:
    made = Watched(folder, accounts, planted)
    try:
        yield made
    finally:
        made.stop()


def pages_held(told: Told, empty: Told) -> dict[str, int]:
    """Documents, sessions and pages that are there beyond what a server holds that nobody has opened a page of."""
    wanted = ("bokeh.document.document.Document", "bokeh.server.session.ServerSession")
    found = {name: count for name, count in told.types.items() if name in wanted or name.endswith("Page")}
    return {name: count - empty.types.get(name, 0) for name, count in found.items() if count > empty.types.get(name, 0)}


def test_p6_what_is_opened_and_closed_leaves_nothing(
    bundled: None, city: tuple[Path, dict[str, str]], told: Callable[..., None]
) -> None:
    with watched(*city) as server:
        empty = server.told()
        server.opened(WARM)
        before = server.settled()
        began = time.monotonic()
        count = server.opened(PAGES)
        seconds = time.monotonic() - began
        after = server.settled()
    grown_kb = after.rss_kb - before.rss_kb
    share = grown_kb / before.rss_kb
    told(
        "P6",
        f"{count} pages opened and closed in {seconds:.0f} s after {WARM} to warm up",
        f"{before.rss_kb / 1024:.0f} -> {after.rss_kb / 1024:.0f} MB ({100 * share:+.1f} %, {grown_kb / count:.0f} kB "
        f"for each); files {before.files} -> {after.files}, threads {before.threads} -> {after.threads}; "
        f"pages still held {sum(pages_held(after, empty).values())}",
    )
    grown = after.grown(before, count // 2)
    sys.stderr.write("".join(f"  {number:+7d} {name}\n" for name, number in grown.items()))
    assert not pages_held(after, empty), "pages that were closed are still there"
    assert share <= GROWTH or grown_kb / count <= GROWTH_KB, grown
    assert after.files <= before.files + 8
    assert after.threads <= before.threads + 8


def test_planted_a_page_that_somebody_keeps_is_found(bundled: None, city: tuple[Path, dict[str, str]]) -> None:
    with watched(*city, planted=KEEPING) as server:
        empty = server.told()
        server.opened(8)
        assert pages_held(server.told(), empty)
