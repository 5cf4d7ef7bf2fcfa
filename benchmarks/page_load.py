"""
How heavy is the first page, and how soon is it there?

Run it against a running server (`make run` in another terminal):

    .venv/bin/python benchmarks/page_load.py --origin http://127.0.0.1:5006 --name duty --password …

It writes benchmarks/PAGE.md.
"""

import argparse
import os
import platform
import statistics
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

CHROMIUM = os.environ.get("ONEMAP_CHROMIUM", "/usr/bin/chromium")
SLOW = {"offline": False, "latency": 200, "downloadThroughput": 250_000, "uploadThroughput": 250_000}
"""2 Mbit/s with 200 ms round trip: the link of product requirement A20."""


@dataclass
class Visit:
    """What one page load cost."""

    seconds_to_ground: float = 0.0
    seconds_to_desk: float = 0.0
    seconds_to_tiles: float = 0.0
    bytes_by_kind: dict[str, int] = field(default_factory=dict)
    requests: int = 0
    hosts: set[str] = field(default_factory=set)


def kind_of(address: str) -> str:
    path = urlsplit(address).path
    for start, kind in (
        ("/static/", "libraries"),
        ("/components/", "own bundle"),
        ("/assets/parts/", "own bundle"),
        ("/assets/", "own assets"),
        ("/tiles/", "tiles"),
    ):
        if path.startswith(start):
            return kind
    return "page"


def visit(context: Any, origin: str, slow: bool) -> Visit:
    """Open the console once and wait until its parts and its first tiles are there."""
    page = context.new_page()
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    if slow:
        network.send("Network.emulateNetworkConditions", SLOW)
    done, kinds, tiles_at = Visit(), dict[str, str](), list[float]()

    def asked(event: dict[str, Any]) -> None:
        address = event["request"]["url"]
        if address.startswith("http"):
            kinds[event["requestId"]] = kind_of(address)
            done.hosts.add(urlsplit(address).netloc)
            done.requests += 1

    def loaded(event: dict[str, Any]) -> None:
        kind = kinds.get(event["requestId"])
        if kind:
            done.bytes_by_kind[kind] = done.bytes_by_kind.get(kind, 0) + int(event["encodedDataLength"])
        if kind == "tiles":
            tiles_at.append(time.perf_counter())

    def frame(event: dict[str, Any]) -> None:
        size = len(event["response"]["payloadData"])
        done.bytes_by_kind["websocket, unpacked"] = done.bytes_by_kind.get("websocket, unpacked", 0) + size

    network.on("Network.requestWillBeSent", asked)
    network.on("Network.loadingFinished", loaded)
    network.on("Network.webSocketFrameReceived", frame)
    began = time.perf_counter()
    page.goto(origin + "/", wait_until="commit")
    page.locator("canvas").first.wait_for(state="attached", timeout=60_000)
    done.seconds_to_ground = time.perf_counter() - began
    page.locator(".headline").first.wait_for(state="attached", timeout=60_000)
    done.seconds_to_desk = time.perf_counter() - began
    waited_until = time.perf_counter() + 60
    while time.perf_counter() < waited_until and (not tiles_at or time.perf_counter() - tiles_at[-1] < 1.5):
        page.wait_for_timeout(100)
    done.seconds_to_tiles = tiles_at[-1] - began if tiles_at else float("nan")
    page.close()
    return done


def first_bytes(client: httpx.Client, path: str, turns: int) -> list[float]:
    """Milliseconds to the first byte, sorted."""
    found = []
    for _ in range(turns):
        began = time.perf_counter()
        with client.stream("GET", path, headers={"accept": "text/html", "accept-encoding": "br"}) as answer:
            next(answer.iter_raw(), b"")
            answer.raise_for_status()
            found.append(1000 * (time.perf_counter() - began))
    return sorted(found)


def row(name: str, seen: Visit) -> str:
    """One line of the table of visits."""
    kinds = ("page", "libraries", "own bundle", "own assets", "tiles")
    sizes = " | ".join(f"{seen.bytes_by_kind.get(kind, 0) / 1000:.0f}" for kind in kinds)
    total = sum(seen.bytes_by_kind.get(kind, 0) for kind in kinds) / 1000
    socket = seen.bytes_by_kind.get("websocket, unpacked", 0) / 1000
    times = f"{seen.seconds_to_ground:.2f} | {seen.seconds_to_desk:.2f} | {seen.seconds_to_tiles:.2f}"
    return f"| {name} | {seen.requests} | {sizes} | **{total:.0f}** | {socket:.0f} | {times} |"


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--origin", default="http://127.0.0.1:5006")
    parser.add_argument("--name", default="duty")
    parser.add_argument("--password", required=True)
    parser.add_argument("--turns", type=int, default=20)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "PAGE.md")
    given = parser.parse_args()

    from playwright.sync_api import sync_playwright

    visits: list[tuple[str, Visit]] = []
    with sync_playwright() as playwright:
        flags = ["--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-component-update"]
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, chromium_sandbox=False, args=flags)
        for slow in (False, True):
            context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
            page = context.new_page()
            page.goto(given.origin + "/sign-in")
            page.fill("#name", given.name)
            page.fill("#password", given.password)
            # The session is taken over without opening the console, so that nothing is in the browser's cache yet.
            page.route("**/*", lambda route: route.abort() if route.request.method == "GET" else route.continue_())
            page.click("button[type=submit]", no_wait_after=True)
            page.wait_for_timeout(1500)
            page.close()
            link = "2 Mbit/s, 200 ms" if slow else "local"
            visits.append((f"first visit, {link}", visit(context, given.origin, slow)))
            visits.append((f"second visit, {link}", visit(context, given.origin, slow)))
            cookies = {cookie["name"]: cookie["value"] for cookie in context.cookies()}
            context.close()
        chromium.close()
    with httpx.Client(base_url=given.origin, cookies=cookies, timeout=30) as client:
        page_ms = first_bytes(client, "/", given.turns)
        sign_in_ms = first_bytes(httpx.Client(base_url=given.origin), "/sign-in", given.turns)
        static_ms = first_bytes(client, "/static/js/bokeh.min.js", given.turns)
        tile_ms = first_bytes(client, "/tiles/enterprise/11/1699/835.mvt", given.turns)
    hosts = sorted(set().union(*(seen.hosts for _, seen in visits)))
    lines = [
        "# The first page: weight and time",
        "",
        f"Measured {datetime.now(UTC):%Y-%m-%d %H:%M} UTC by `benchmarks/page_load.py`, server and browser together on",
        f"{os.cpu_count()} cores at load average {os.getloadavg()[0]:.1f} ({platform.system()}, Python",
        f"{platform.python_version()}), sample city loaded, Chromium headless at 1440x900. Sizes are what crossed the",
        "wire, in kB (1000 bytes); the websocket's column is its text before packing. Ground: the map's canvas stands.",
        "Desk: queue, map and what is known of the incident stand. Tiles: the last tile of the first view is there.",
        "",
        "| visit | requests | page | libraries | bundle | assets | tiles | sum kB | websocket kB "
        "| ground s | desk s | tiles s |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
        *(row(name, seen) for name, seen in visits),
        "",
        f"Hosts asked: {', '.join(hosts)} — our own only.",
        "",
        "| time to first byte, ms | p50 | p95 |",
        "|---|---|---|",
        *(
            f"| {name} | {statistics.median(found):.1f} | {found[int(0.95 * (len(found) - 1))]:.1f} |"
            for name, found in (
                ("`/` (builds a page)", page_ms),
                ("`/sign-in`", sign_in_ms),
                ("`/static/js/bokeh.min.js`", static_ms),
                ("tile of 60 000 enterprises at z11, kept", tile_ms),
            )
        ),
        "",
    ]
    given.out.write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
