"""
Does the map stay smooth while it is dragged, and does the page keep its size over half an hour of work?

Run it against a running server (`make run` in another terminal):

    .venv/bin/python benchmarks/page_pan.py --origin http://127.0.0.1:5006 --password … --minutes 30

It writes benchmarks/PAN.md.
"""

import argparse
import json
import os
import platform
import random
import statistics
import time
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

CHROMIUM = os.environ.get("ONEMAP_CHROMIUM", "/usr/bin/chromium")
CENTRE = (700, 380)
FRAMES = "devtools.timeline,disabled-by-default-devtools.timeline.frame"
EVERYTHING_ON = """() => {
  // Every layer the tree can show, as a person would tick them.
  const map = window.onemapMap
  for (const layer of map.getLayers().getArray()) layer.setVisible(true)
  return map.getLayers().getLength()
}"""


def sign_in(page: Any, origin: str, name: str, password: str) -> None:
    """Open the desk and wait until its labels stand."""
    page.goto(f"{origin}/")
    page.fill("#name", name)
    page.fill("#password", password)
    page.click("button[type=submit]")
    page.wait_for_selector(".headline", timeout=60_000)
    page.wait_for_selector(".callouts rect", state="attached", timeout=60_000)
    page.wait_for_timeout(3000)


def drag(page: Any, across: int, down: int, steps: int = 40) -> None:
    """Drag the map by so many pixels, as a hand does."""
    page.mouse.move(*CENTRE)
    page.mouse.down()
    page.mouse.move(CENTRE[0] + across, CENTRE[1] + down, steps=steps)
    page.mouse.up()


def frame_times(page: Any, network: Any, turns: int) -> list[float]:
    """Milliseconds between the frames the browser drew while the map was dragged to and fro."""
    network.send("Tracing.start", {"categories": FRAMES, "transferMode": "ReportEvents"})
    events: list[dict[str, Any]] = []
    finished: list[bool] = []
    network.on("Tracing.dataCollected", lambda found: events.extend(found["value"]))
    network.on("Tracing.tracingComplete", lambda _found: finished.append(True))
    for turn in range(turns):
        drag(page, 220 if turn % 2 else -220, 60 if turn % 4 < 2 else -60)
    network.send("Tracing.end")
    while not finished:
        page.wait_for_timeout(50)
    drawn = sorted(event["ts"] / 1000 for event in events if event["name"] == "DrawFrame")
    # Rests between two drags are no frames of a drag: what is longer than a quarter second lies between them.
    return [gap for gap in (later - earlier for earlier, later in pairwise(drawn)) if 0 < gap < 250]


def heap_mb(network: Any) -> float:
    """JavaScript heap in use after a collection, MB."""
    for _ in range(3):
        network.send("HeapProfiler.collectGarbage")
    metrics = {one["name"]: one["value"] for one in network.send("Performance.getMetrics")["metrics"]}
    return float(metrics["JSHeapUsedSize"]) / 1e6


def work(page: Any, chance: random.Random) -> None:
    """One minute's kind of work: drag, zoom, draw an area, open and close tools."""
    for _ in range(4):
        drag(page, chance.randint(-250, 250), chance.randint(-150, 150), steps=12)
    page.mouse.wheel(0, chance.choice((-300, 300)))
    page.wait_for_timeout(500)
    page.keyboard.press("s")
    page.wait_for_timeout(200)
    page.mouse.click(660, 330)
    page.mouse.move(760, 420, steps=5)
    page.mouse.click(760, 420)
    page.wait_for_timeout(1200)
    page.keyboard.press("Escape")
    for key in ("l", "Escape", "m", "Escape", "2", "5", "2"):
        page.keyboard.press(key)
        page.wait_for_timeout(150)


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--origin", default="http://127.0.0.1:5006")
    parser.add_argument("--name", default="duty")
    parser.add_argument("--password", required=True)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--turns", type=int, default=24)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "PAN.md")
    given = parser.parse_args()

    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        flags = ["--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-component-update"]
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, chromium_sandbox=False, args=flags)
        page = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN").new_page()
        sign_in(page, given.origin, given.name, given.password)
        network = page.context.new_cdp_session(page)
        network.send("Performance.enable")
        shown = frame_times(page, network, given.turns)
        layers = page.evaluate(EVERYTHING_ON)
        page.wait_for_timeout(4000)
        everything = frame_times(page, network, given.turns)
        chance, sizes = random.Random(7), []
        began = time.monotonic()
        work(page, chance)  # what is loaded once on first use is no growth
        while True:
            sizes.append((time.monotonic() - began, heap_mb(network)))
            if time.monotonic() - began > 60 * given.minutes:
                break
            for _ in range(4):
                work(page, chance)
        chromium.close()
    first, last = statistics.median(size for _, size in sizes[:3]), statistics.median(size for _, size in sizes[-3:])

    def said(name: str, gaps: list[float]) -> str:
        ordered = sorted(gaps)
        return (
            f"| {name} | {len(gaps)} | {statistics.median(ordered):.1f} | "
            f"{ordered[int(0.95 * (len(ordered) - 1))]:.1f} | {ordered[-1]:.0f} |"
        )

    lines = [
        "# Dragging the map, and half an hour of it",
        "",
        f"Measured {datetime.now(UTC):%Y-%m-%d %H:%M} UTC by `benchmarks/page_pan.py`, server and browser together on",
        f"{os.cpu_count()} cores at load average {os.getloadavg()[0]:.1f} ({platform.system()}), Chromium headless",
        "without a GPU at 1440x900, sample city. Frame times are between the frames the browser's own trace says it",
        "drew while the map was dragged; the goal is a median of 16.7 ms and 50 ms at the 95th percentile.",
        "",
        "| layers | frames | median ms | p95 ms | longest ms |",
        "|---|---|---|---|---|",
        said("as the desk opens", shown),
        said(f"all {layers} of the map", everything),
        "",
        f"Memory: {sizes[-1][0] / 60:.0f} minutes of dragging, zooming, drawing areas and opening tools took the",
        f"page's JavaScript heap from {first:.1f} to {last:.1f} MB ({100 * (last / first - 1):+.1f} %; goal at most",
        f"+20 %), read after garbage collection at {len(sizes)} moments; the largest was",
        f"{max(size for _, size in sizes):.1f} MB.",
        "",
    ]
    given.out.write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))
    print(json.dumps([[round(at), round(size, 1)] for at, size in sizes]))


if __name__ == "__main__":
    main()
