"""
How many may look at one incident, and how late do they see what happens? Viewers with real websockets, events, tiles.

Run it against a running server on the sample city (`make run` in another terminal); the incident it writes into is the
newest open one of the account, marked 演练:

    .venv/bin/python benchmarks/load.py --origin http://127.0.0.1:5006 --password … --viewers 300 --seconds 60

It adds one section to benchmarks/LOAD.md. `make load` runs it at full length beside 200 sensor messages a second.
"""

import argparse
import asyncio
import os
import platform
import statistics
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import uvloop

from benchmarks import day
from benchmarks.resident import resident_mb, server_process
from benchmarks.tile_asker import ask_beside
from benchmarks.viewer import Viewer, sign_in

STIR_S = 300.0


def percentile(found: list[float], share: float) -> float:
    """Value below which `share` of the sorted values lie; NaN when there is none."""
    return sorted(found)[min(len(found) - 1, int(share * len(found)))] if found else float("nan")


async def _open_all(
    given: argparse.Namespace, clients: list[httpx.AsyncClient]
) -> tuple[list[Viewer], list[asyncio.Task[None]]]:
    turn = asyncio.Semaphore(given.at_once)
    viewers = [Viewer(given.origin, clients[number % len(clients)]) for number in range(given.viewers)]

    followers: list[asyncio.Task[None]] = []

    async def enter(viewer: Viewer) -> None:
        async with turn:
            try:
                await viewer.open()
                # At once, as a browser: a socket nobody reads answers no ping, and the server lets it go.
                followers.append(asyncio.create_task(viewer.follow()))
            except (OSError, RuntimeError, TimeoutError, httpx.HTTPError) as error:
                viewer.error = f"{type(error).__name__}: {error}"

    await asyncio.gather(*(enter(viewer) for viewer in viewers))
    return viewers, followers


async def _write(
    client: httpx.AsyncClient, given: argparse.Namespace, until: float
) -> tuple[list[tuple[float, int]], list[str]]:
    """Notes at a steady rate; moment of each receipt and the number of the entry, and what went wrong."""
    found = (await client.get("/api/v1/incidents")).json()
    listed = found if isinstance(found, list) else next(value for value in found.values() if isinstance(value, list))
    incident = next(one for one in listed if one["status"] == "open")["incident_id"]
    token = (await client.get("/api/v1/session")).json()["csrf_token"]
    committed: list[tuple[float, int]] = []
    faults: list[str] = []
    running: set[asyncio.Task[None]] = set()

    async def one(number: int) -> None:
        try:
            answer = await client.post(
                f"/api/v1/incidents/{incident}/entries",
                json={"kind": "note", "payload": {"text": f"演练 load {number}"}},
                headers={"x-csrf-token": token, "idempotency-key": str(uuid.uuid4()), "origin": given.origin},
            )
            answer.raise_for_status()
        except httpx.HTTPError as error:
            faults.append(type(error).__name__)
            return
        committed.append((time.perf_counter(), int(answer.json()["seq"])))

    began, number = time.perf_counter(), 0
    while time.perf_counter() < until:
        task = asyncio.create_task(one(number))
        running.add(task)
        task.add_done_callback(running.discard)
        number += 1
        await asyncio.sleep(max(0.0, began + number / given.events - time.perf_counter()))
    await asyncio.gather(*running, return_exceptions=True)
    return committed, faults


async def _tiles(client: httpx.AsyncClient, given: argparse.Namespace) -> tuple[list[float], int]:
    """Tiles at a steady rate, each timed from the moment it was due, ms; and how many failed."""
    if not given.tiles:
        return [], 0
    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    return await ask_beside(given.origin, cookie, given.tiles, given.seconds)


async def _stay(clients: list[httpx.AsyncClient], until: float) -> None:
    """Do something now and then, as whoever looks does: a sign-in nobody uses for half an hour ends."""
    while time.perf_counter() < until:
        for client in clients:
            (await client.get("/api/v1/session")).raise_for_status()
        await asyncio.sleep(min(STIR_S, max(0.0, until - time.perf_counter())))


async def _sign_ins(given: argparse.Namespace, until: float) -> tuple[list[float], int]:
    """Sign-ins at a steady rate, s each, and how many were refused."""
    took: list[float] = []
    refused = 0
    if given.day:
        return await _day(given, until)
    while given.sign_ins and time.perf_counter() < until:
        began = time.perf_counter()
        try:
            await (await sign_in(given.origin, given.name, given.password)).aclose()
            took.append(time.perf_counter() - began)
        except (RuntimeError, httpx.HTTPError):
            refused += 1
        await asyncio.sleep(max(0.0, 1 / given.sign_ins - (time.perf_counter() - began)))
    return took, refused


async def _day(given: argparse.Namespace, until: float) -> tuple[list[float], int]:
    """The sign-ins of a day, by its profile, of as many accounts as there are; each timed from when it was due."""
    took: list[float] = []
    refused = 0
    began = time.perf_counter()
    ready = asyncio.Semaphore(20)

    async def one(number: int, due: float) -> None:
        nonlocal refused
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        async with ready:
            try:
                name = day.NAME.format(number % given.accounts)
                client = await sign_in(given.origin, name, given.load_password)
            except (RuntimeError, httpx.HTTPError):
                refused += 1
                return
            try:
                known = (await client.get("/api/v1/session")).status_code == 200
            except httpx.HTTPError:
                known = False
            await client.aclose()
            if known:
                took.append(time.perf_counter() - due)
            else:
                refused += 1

    due = day.moments(given.day, until - began)
    await asyncio.gather(*(one(number, began + at) for number, at in enumerate(due)))
    return took, refused


async def measure(given: argparse.Namespace) -> dict[str, Any]:
    """Open, load, count."""
    clients = [await sign_in(given.origin, given.name, given.password) for _ in range(max(1, given.viewers // 50))]
    empty_mb = resident_mb(given.pid)
    viewers, followers = await _open_all(given, clients)
    await asyncio.sleep(5)
    full_mb, load = resident_mb(given.pid), os.getloadavg()[0]
    print(f"{sum(1 for viewer in viewers if not viewer.error)} pages open", flush=True)
    until = time.perf_counter() + given.seconds
    (committed, faults), (tiles, lost), (signed, refused), _ = await asyncio.gather(
        _write(clients[0], given, until), _tiles(clients[-1], given), _sign_ins(given, until), _stay(clients, until)
    )
    await asyncio.sleep(given.patience)
    first = min((seq for _, seq in committed), default=0)
    silent = [one for one in viewers if not one.error and max((seq for _, seq in one.seen), default=-1) < first]
    for viewer in silent:
        print(f"a page that heard of nothing: it {viewer.standing}", flush=True)
    for viewer in viewers:
        await viewer.close()
    await asyncio.gather(*followers)
    delays, missed = _delays(viewers, committed)
    return {
        "open": sum(1 for viewer in viewers if not viewer.error),
        "errors": sorted({viewer.error for viewer in viewers if viewer.error}),
        "opened": [viewer.opened_s for viewer in viewers if viewer.opened_s],
        "mb": (full_mb - empty_mb) / max(1, len(followers)),
        "events": len(committed) / given.seconds,
        "faults": Counter(faults),
        "silent": len(silent),
        "delays": delays,
        "missed": missed,
        "kb": sum(viewer.received_bytes for viewer in viewers) / 1000 / max(1, len(followers)),
        "tiles": tiles,
        "lost": lost,
        "signed": signed,
        "refused": refused,
        "load": load,
    }


def _delays(viewers: list[Viewer], committed: list[tuple[float, int]]) -> tuple[list[float], int]:
    """Seconds from each receipt to the first message after it that tells of the entry, and how many never came."""
    delays: list[float] = []
    missed = 0
    for viewer in viewers:
        if viewer.error and not viewer.seen:
            continue
        seen = iter(viewer.seen)
        at, told = next(seen, (0.0, 0))
        for moment, seq in sorted(committed, key=lambda one: one[1]):
            while told < seq:
                at, told = next(seen, (float("nan"), 1 << 60))
            if at != at:
                missed += 1
            else:
                delays.append(max(0.0, at - moment))
    return delays, missed


def section(given: argparse.Namespace, found: dict[str, Any]) -> str:
    """What was seen, as a section of the report."""
    delays, tiles, opened, signed = found["delays"], found["tiles"], found["opened"], found["signed"]
    lines = [
        f"## {datetime.now(UTC):%Y-%m-%d %H:%M} UTC: {given.viewers} viewers, {given.seconds:g} s",
        "",
        f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}; server, database and this",
        f"program on one machine, load average {found['load']:.1f} when it began. {given.note}",
        "",
        "| what | goal | seen |",
        "|---|---|---|",
        f"| pages open | {given.viewers} | {found['open']} ({'; '.join(found['errors'])[:120] or 'no error'}) |",
        f"| a page open, {given.at_once} at once | | p50 {percentile(opened, 0.5):.2f} s, p95"
        f" {percentile(opened, 0.95):.2f} s |",
        f"| entries a second | {given.events:g} | {found['events']:.1f} |",
        f"| entries not acknowledged | 0 | {', '.join(f'{n} {kind}' for kind, n in found['faults'].items()) or '0'} |",
        f"| receipt to browser | p95 <= 1 s | p50 {percentile(delays, 0.5):.2f} s,"
        f" p95 {percentile(delays, 0.95):.2f} s, worst {max(delays, default=float('nan')):.2f} s |",
        f"| entries a browser never heard of | 0 | {found['missed']} of {found['missed'] + len(delays)},"
        f" {found['silent']} pages heard of none |",
        f"| received by each page | | {found['kb']:.0f} kB |",
        f"| memory of the server for a page | <= 1.5 MB | {found['mb']:.2f} MB |",
    ]
    if tiles:
        lines.append(
            f"| tiles, {given.tiles:g}/s | p95 <= 200 ms | p50 {statistics.median(tiles):.0f} ms, p95"
            f" {percentile(tiles, 0.95):.0f} ms, {found['lost']} of {len(tiles) + found['lost']} failed |"
        )
    if signed or found["refused"]:
        lines.append(
            f"| sign-ins, {_pace(given)} | no error | {len(signed)}, {found['refused']} refused, p95"
            f" {percentile(signed, 0.95):.2f} s |"
        )
    return "\n".join([*lines, "", ""])


def _pace(given: argparse.Namespace) -> str:
    if given.day:
        return f"{given.day} of a day's profile, {given.accounts} accounts"
    return f"{given.sign_ins:g}/s"


@contextmanager
def _accounts(given: argparse.Namespace) -> Iterator[None]:
    """Accounts for the sign-ins of a day, made in the data folder of the server and closed afterwards."""
    if not given.day:
        yield
        return
    from command_ui.bootstrap import open_house
    from command_ui.settings import load_settings

    with open_house(load_settings()) as house:
        given.load_password = day.open_accounts(house.database, given.accounts)
        try:
            yield
        finally:
            day.close_accounts(house.database)


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--origin", default="http://127.0.0.1:5006")
    parser.add_argument("--name", default="duty")
    parser.add_argument("--password", required=True)
    parser.add_argument("--viewers", type=int, default=300)
    parser.add_argument("--at-once", type=int, default=4, help="pages that open at the same time")
    parser.add_argument("--seconds", type=float, default=1800.0)
    parser.add_argument("--events", type=float, default=20.0, help="entries a second")
    parser.add_argument("--tiles", type=float, default=100.0, help="tiles a second; 0 for none")
    parser.add_argument("--sign-ins", type=float, default=3394 / 1800, help="sign-ins a second; 0 for none")
    parser.add_argument("--day", type=int, default=0, help="sign-ins of a whole day, by its profile, in the given time")
    parser.add_argument("--accounts", type=int, default=1605, help="accounts that sign in; with --day")
    parser.add_argument("--patience", type=float, default=10.0, help="seconds the last entries may take")
    parser.add_argument("--pid", type=int, help="process of the server; found by its port where it is not given")
    parser.add_argument("--note", default="")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "LOAD.md")
    given = parser.parse_args()
    given.pid = given.pid or server_process(given.origin)
    with _accounts(given):
        # The loop the server has too: the viewers are to take as little of the machine from it as they can.
        written = section(given, uvloop.run(measure(given)))
    with given.out.open("a", encoding="utf-8") as target:
        target.write(written)
    print(written)


if __name__ == "__main__":
    main()
