"""
What do hours of opening and closing pages leave behind in the server's memory?

Run it against a running server on the sample city, on the same machine (`make run` in another terminal):

    .venv/bin/python -m benchmarks.churn --password … --hours 8

Pages of every kind are opened and closed, four at a time. Growth counts from the moment the caches are warm. What a
page costs for ever is the slope of the second half, after Theil and Sen, so that one reading at a bad moment does not
decide. It adds one section to benchmarks/LOAD.md.
"""

import argparse
import asyncio
import os
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import httpx
import numpy as np
import uvloop
from scipy.stats import theilslopes
from websockets import WebSocketException

from benchmarks.resident import resident_mb, server_process
from benchmarks.viewer import Viewer, sign_in

WAYS = ("/", "/", "/alarms", "/", "/plans", "/", "/data", "/drill")
"""The desk is the page everybody has open."""
AT_ONCE = 4
WARM_PAGES = 240
"""Until here caches with a bound fill up: tiles drawn ahead, compiled templates, parts of the page."""
LET_GO_S = 60.0
"""A closed page is freed after 15 s, looked for every 5; the heap is given back a while later."""
READ_EVERY_S = 30.0
ROWS = 12
GOAL = 0.05


@dataclass(frozen=True, slots=True)
class Reading:
    """Memory of the server at one moment."""

    at_s: float
    pages: int
    mb: float


async def _one(origin: str, client: httpx.AsyncClient, way: str) -> str:
    """Open and close one page; gives what went wrong, or nothing."""
    viewer = Viewer(origin, client)
    try:
        try:
            await viewer.open(way)
        except httpx.RemoteProtocolError:  # the server closed the idle line this request was about to use
            await viewer.open(way)
    except (OSError, RuntimeError, TimeoutError, httpx.HTTPError, WebSocketException) as error:
        return f"{type(error).__name__}: {error}"
    finally:
        await viewer.close()
    return ""


async def churn(given: argparse.Namespace, tell: Callable[[Reading], None]) -> tuple[list[Reading], list[str]]:
    """Open and close until the time is over; readings from the start on, and what went wrong."""
    client = await sign_in(given.origin, given.name, given.password)
    began = time.monotonic()
    readings: list[Reading] = []
    faults: list[str] = []
    done, ways = 0, count()

    def read() -> None:
        readings.append(Reading(time.monotonic() - began, done, resident_mb(given.pid)))
        tell(readings[-1])

    read()
    while time.monotonic() - began < given.hours * 3600:
        four = [_one(given.origin, client, WAYS[next(ways) % len(WAYS)]) for _ in range(AT_ONCE)]
        faults += [fault for fault in await asyncio.gather(*four) if fault]
        done += AT_ONCE
        await asyncio.sleep(given.pause)
        if time.monotonic() - began - readings[-1].at_s >= READ_EVERY_S:
            read()
    await client.aclose()
    await asyncio.sleep(LET_GO_S)
    read()
    return readings, faults


def section(readings: list[Reading], faults: list[str], note: str) -> str:
    """What was seen, as a section of the report."""
    warm = next((one for one in readings if one.pages >= WARM_PAGES), readings[-1])
    last = readings[-1]
    half = [one for one in readings if one.pages >= (warm.pages + last.pages) / 2]
    pages, mb = np.array([one.pages for one in half]), np.array([one.mb for one in half])
    slope, _, low, high = theilslopes(mb, pages) if len(half) > 2 else (np.nan,) * 4
    shown = [readings[at] for at in np.unique(np.linspace(0, len(readings) - 1, ROWS).round().astype(int))]
    worst = max(one.mb for one in readings if one.at_s >= warm.at_s)
    return "\n".join([
        f"## {datetime.now(UTC):%Y-%m-%d %H:%M} UTC: {last.at_s / 60:.0f} minutes of opening and closing",
        "",
        f"{last.pages} pages, {AT_ONCE} at a time; {os.cpu_count()} cores, {platform.system()}, Python"
        f" {platform.python_version()}, load average {os.getloadavg()[0]:.1f} at the end. {note}".rstrip(),
        "",
        "| minute | pages | memory, MB |",
        "|---:|---:|---:|",
        *(f"| {one.at_s / 60:.0f} | {one.pages} | {one.mb:.0f} |" for one in shown),
        "",
        f"From warm ({warm.pages} pages, {warm.mb:.0f} MB) to a minute after the last page: "
        f"**{100 * (last.mb / warm.mb - 1):+.1f} %** (goal {100 * GOAL:.0f} %), highest {worst:.0f} MB. In the second"
        f" half {1000 * slope:+.1f} kB a page (95 %: {1000 * low:+.1f} to {1000 * high:+.1f}); "
        f"{len(faults)} pages failed to open{': ' + '; '.join(sorted(set(faults)))[:200] if faults else ''}.",
        "", "",
    ])  # fmt: skip


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--origin", default="http://127.0.0.1:5006")
    parser.add_argument("--name", default="duty")
    parser.add_argument("--password", required=True)
    parser.add_argument("--hours", type=float, default=8.0)
    parser.add_argument("--pause", type=float, default=0.0, help="seconds between one four and the next")
    parser.add_argument("--pid", type=int, help="process of the server; found by its port where it is not given")
    parser.add_argument("--note", default="")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "LOAD.md")
    given = parser.parse_args()
    given.pid = given.pid or server_process(given.origin)
    if given.pid is None:
        parser.error(f"{given.origin}: no process of this machine seen there; start the server, or give --pid")

    def tell(one: Reading) -> None:
        print(f"{one.at_s / 60:6.1f} min {one.pages:6d} pages {one.mb:7.1f} MB", flush=True)

    written = section(*uvloop.run(churn(given, tell)), given.note)
    with given.out.open("a", encoding="utf-8") as target:
        target.write(written)
    print(written)


if __name__ == "__main__":
    main()
