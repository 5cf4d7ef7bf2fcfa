"""
How soon does everybody see what the presenter shows? A real server, its database, and real websocket clients.

Usage: ``python -m benchmarks.consultation [--followers 50,200] [--seconds 12] [--every-ms 200] [--ranges 1,4]``

One presenter shows a new view every ``every-ms``; each follower notes when it arrives. Presenter, followers and server
share the machine: server and clients are two processes. What is counted is the time from the presenter's send to the
arrival at each follower, and how many of the views a follower got (one that is slow gets fewer, never older ones).
"""

import argparse
import asyncio
import json
import multiprocessing
import shutil
import socket
import statistics
import tempfile
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import websockets

from command_ui.access.cookies import session_cookie

LAYERS = ("enterprise", "shelter", "protection_target", "hazard_source", "camera", "rescue_team", "store", "division")
COUNTIES = ("990102", "990103", "990104", "990105")
VIEW = {"centre": [118.71, 31.41], "zoom": 12.5, "extent": [118.6, 31.3, 118.8, 31.5], "layers": list(LAYERS)}


@dataclass(frozen=True)
class Outcome:
    """Delays in seconds, and the share of the views each follower got."""

    followers: int
    shown: int
    delays_s: list[float]
    got: list[int]

    def at(self, share: float) -> float:
        """Delay that `share` of all arrivals stay below, s."""
        ordered = sorted(self.delays_s)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def serve(folder: str, url: str, port: int, ready: Any) -> None:
    """The server, in a process of its own."""
    import panel as pn
    import uvicorn

    from command_ui.bootstrap import House
    from command_ui.server.app import create_app
    from command_ui.settings import Settings
    from gis.database import Database

    house = House(Settings(port=port, data_dir=Path(folder)), Database(url))
    app = create_app(house, console=lambda **_: pn.pane.Str("-"))
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning", ws="websockets-sansio"))

    async def run() -> None:
        task = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.05)
        ready.set()
        await task

    asyncio.run(run())


def prepare(url: str, most: int, ranges: int) -> tuple[str, list[tuple[str, str]]]:
    """A consultation with its presenter; gives its id and a session cookie for each account."""
    from command_ui.access import accounts
    from command_ui.access.accounts import NewAccount
    from command_ui.access.sessions import Sessions
    from gis.database import Caller, Database
    from scenarios.consultation.asking import NewRoom
    from scenarios.consultation.events import Seat
    from scenarios.desk import Desk
    from scenarios.intake import ReportIncident

    database = Database(url)
    city = Caller("presenter", "990100", "990200", "drill")
    desk = Desk(database, Path(tempfile.mkdtemp()))
    incident = desk.report(
        ReportIncident(title="演练：会商测速", longitude=118.71, latitude=31.41, occurred_at=datetime.now(UTC),
                       division_code="990102"), city).incident_id  # fmt: skip
    seats = tuple(Seat(code, code, "county", code) for code in COUNTIES)
    room, _ = desk.consultations.open(incident, NewRoom("演练：会商测速", (), seats, "演练市"), city)
    cookies = []
    sessions = Sessions(database)
    for number in range(most + 1):
        first = int(COUNTIES[number % max(1, ranges)])
        wide = number == 0
        account = NewAccount(
            "presenter" if wide else f"follower{number}", f"席位 {number}", "operator",
            "990100" if wide else str(first), "990200" if wide else str(first + 1), "drill",
        )  # fmt: skip
        with database.transaction(Caller.system()) as connection:
            accounts.make(connection, account, f"bench-password-{number}") if number < 1 else _cheap(
                connection, account
            )
            row = connection.exec_driver_sql("SELECT id FROM access.account WHERE name = %s", (account.name,)).one()
        cookies.append((account.name, sessions.open(int(row.id), "127.0.0.1").token))
    database.close()
    return room, cookies


def _cheap(connection: Any, account: Any) -> None:
    """An account with the presenter's password hash: two hundred argon2 hashes would take a minute."""
    connection.exec_driver_sql(
        "INSERT INTO access.account (name, display_name, role, division_from, division_to, mode, password_hash)"
        " SELECT %s, %s, role, %s, %s, mode, password_hash FROM access.account WHERE name = 'presenter'",
        (account.name, account.display_name, account.division_from, account.division_to),
    )


async def measure(
    origin: str, room: str, cookies: Sequence[tuple[str, str]], seconds: float, every_s: float
) -> Outcome:
    """Show views for a while; every follower counts what arrives, and when."""
    address = f"{origin.replace('http', 'ws')}/consultations/{room}/line"
    delays: list[float] = []
    got = [0] * (len(cookies) - 1)
    counting = False

    def connect(token: str) -> Any:
        headers = {"cookie": f"{session_cookie(secure=False)}={token}"}
        return websockets.connect(address, origin=origin, additional_headers=headers, proxy=None, open_timeout=60)

    async def follow(number: int, token: str, here: asyncio.Event) -> None:
        async with connect(token) as line:
            async for text in line:
                arrived = time.perf_counter()
                message = json.loads(text)
                here.set()
                if message["kind"] == "view" and counting:
                    delays.append(arrived - message["view"]["sent_ms"] / 1000.0)
                    got[number] += 1

    there = [asyncio.Event() for _ in got]
    tasks = []
    for number, (_, token) in enumerate(cookies[1:]):
        tasks.append(asyncio.create_task(follow(number, token, there[number])))
        await asyncio.sleep(0.01)
    await asyncio.wait_for(asyncio.gather(*(one.wait() for one in there)), 120)
    await asyncio.sleep(2)
    shown = 0
    async with connect(cookies[0][1]) as presenter:
        drain = asyncio.create_task(_drain(presenter))
        for number in range(int(seconds / every_s) + 3):
            counting = number >= 3  # the first views fill what each scope may see
            view = VIEW | {"zoom": 12 + (number % 20) / 10, "sent_ms": time.perf_counter() * 1000.0}
            await presenter.send(json.dumps({"say": "view", "view": view}))
            shown += counting
            await asyncio.sleep(every_s)
        await asyncio.sleep(2)
        drain.cancel()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return Outcome(len(got), shown, delays, got)


async def _drain(line: Any) -> None:
    async for _ in line:
        pass


def main(given: Sequence[str] | None = None) -> None:
    """Measure, and print one line for each number of followers."""
    from gis import migrate
    from gis.cluster import PrivateCluster
    from gis.database import APPLICATION_ROLE

    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--followers", default="50,200")
    words.add_argument("--seconds", type=float, default=12.0)
    words.add_argument("--every-ms", type=float, default=200.0)
    words.add_argument("--ranges", type=int, default=4, help="counties the followers are spread over")
    asked = words.parse_args(given)
    numbers = [int(one) for one in asked.followers.split(",")]
    folder = Path(tempfile.mkdtemp(prefix="onemap-bench-"))
    folder.chmod(0o755)
    cluster = PrivateCluster(folder / "cluster")
    cluster.start()
    context = multiprocessing.get_context("spawn")
    try:
        migrate.upgrade(cluster.url())
        url = cluster.url(APPLICATION_ROLE)
        room, cookies = prepare(url, max(numbers), asked.ranges)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        ready = context.Event()
        server = context.Process(target=serve, args=(str(folder / "data"), url, port, ready), daemon=True)
        server.start()
        assert ready.wait(120), "the server did not start"
        for number in numbers:
            origin = f"http://127.0.0.1:{port}"
            found = asyncio.run(measure(origin, room, cookies[: number + 1], asked.seconds, asked.every_ms / 1000.0))
            print(
                f"{found.followers:4} followers: {found.shown} views, {len(found.delays_s)} arrivals, "
                f"p50 {found.at(0.5) * 1000:.0f} ms, p95 {found.at(0.95) * 1000:.0f} ms, "
                f"p99 {found.at(0.99) * 1000:.0f} ms, worst {max(found.delays_s) * 1000:.0f} ms; "
                f"a follower got {statistics.mean(found.got) / found.shown:.0%} of the views on average, "
                f"the poorest {min(found.got) / found.shown:.0%}; run {uuid.uuid4().hex[:6]}",
                flush=True,
            )
        server.terminate()
        server.join(10)
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
