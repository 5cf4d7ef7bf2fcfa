"""
How fast do tiles come at 100 requests a second, cold and warm, and what do they cost the processor?

Cold is what nobody has asked for since the server began or the register changed. With ``--database`` one enterprise is
closed, then every row of the register is written anew, as by an import, and everything is asked for again after each.
"""

import argparse
import asyncio
import math
import os
import subprocess
import sys
import time
from pathlib import Path

import httpx
import numpy as np
from sqlalchemy import text

from gis.database import Caller, Database

CENTRE = (118.72, 31.41)
ZOOMS = (6, 8, 10, 11, 12, 13, 14)
LAYERS = ("enterprise", "hazard_source", "protection_target", "base")


def tile_of(longitude: float, latitude: float, zoom: int) -> tuple[int, int]:
    """Column and row of the tile that holds a place."""
    edge = 1 << zoom
    x = (longitude + 180) / 360 * edge
    y = (0.5 - math.asinh(math.tan(math.radians(latitude))) / (2 * math.pi)) * edge
    return int(x), int(y)


def addresses(count: int, seed: int) -> list[str]:
    """Tiles a person panning over the city asks for."""
    random = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        zoom = int(random.choice(ZOOMS, p=[0.03, 0.07, 0.2, 0.25, 0.25, 0.1, 0.1]))
        x, y = tile_of(CENTRE[0] + random.normal(0, 0.08), CENTRE[1] + random.normal(0, 0.06), zoom)
        layer = LAYERS[int(random.choice(4, p=[0.55, 0.1, 0.1, 0.25]))]
        found.append(f"/tiles/{layer}/{zoom}/{x}/{y}.mvt")
    return found


class Askers:
    """A browser's worth of kept connections that cost the measuring machine next to nothing."""

    def __init__(self, origin: str, token: str, number: int) -> None:
        address = httpx.URL(origin)
        self._host, self._port = address.host, address.port or 80
        self._head = (
            f"Host: {address.netloc.decode()}\r\nAuthorization: Bearer {token}\r\nAccept-Encoding: gzip\r\n\r\n"
        )
        self._free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
        self._number = number

    async def open(self) -> None:
        """Connect all of them."""
        for _ in range(self._number):
            self._free.put_nowait(await asyncio.open_connection(self._host, self._port))

    async def get(self, path: str) -> None:
        """Ask and read to the end; anything but 200 ends the run."""
        reader, writer = await self._free.get()
        writer.write(f"GET {path} HTTP/1.1\r\n{self._head}".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"{path}: {head.splitlines()[0].decode()}")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        self._free.put_nowait((reader, writer))


async def fire(askers: Askers, paths: list[str], per_second: float) -> list[float]:
    """Ask at a fixed rate, whether or not the last answer has come; ms of each from the moment it was due."""
    began = time.perf_counter()

    async def one(at: int, path: str) -> float:
        due = began + at / per_second
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        await askers.get(path)
        return 1000 * (time.perf_counter() - due)

    return list(await asyncio.gather(*[one(at, path) for at, path in enumerate(paths)]))


def cpu_s(process: int) -> float:
    """Processor seconds of a process and of the database servers below it, on Linux."""
    listed = subprocess.run(["ps", "-eo", "pid,ppid,time"], capture_output=True, text=True, check=True).stdout.split()[
        3:
    ]
    parent = dict(zip(map(int, listed[::3]), map(int, listed[1::3]), strict=True))
    ours = {process}
    while more := {child for child, of in parent.items() if of in ours} - ours:
        ours |= more
    total = 0.0
    for one in ours:
        try:
            parts = Path(f"/proc/{one}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
        except OSError:
            continue
        total += sum(int(parts[at]) for at in (11, 12, 13, 14)) / os.sysconf("SC_CLK_TCK")
    return total


async def measure(given: argparse.Namespace) -> None:
    """Print p50, p95 and worst of first and repeated requests."""
    answer = httpx.post(f"{given.origin}/api/v1/sessions", json={"name": given.name, "password": given.password})
    askers = Askers(given.origin, answer.json()["token"], 32)
    await askers.open()
    paths = addresses(int(given.seconds * given.rate), seed=given.seed)
    first = list(dict.fromkeys(paths))
    runs = [("cold, each tile once", first, False), ("warm, at random", paths, False)]
    if given.database:
        runs += [("one row closed", first, False), ("every row new", first, True)]
    for at, (title, asked, everything) in enumerate(runs):
        if at > 1:
            change(given.database, everything)
            # What the server believes without asking again.
            await asyncio.sleep(3.2)
        used, load = sum(map(cpu_s, given.process)), os.getloadavg()[0]
        took = await fire(askers, asked, given.rate)
        spent = (sum(map(cpu_s, given.process)) - used) / len(asked) * 1000
        p50, p95, worst = np.percentile(took, [50, 95, 100])
        print(
            f"{title:<24}{p50:8.1f}{p95:8.1f}{worst:8.1f} ms   {len(took)} requests at {given.rate:.0f}/s,"
            f" {spent:.1f} ms of processor a tile, load {load:.1f}"
        )


def change(url: str, everything: bool) -> None:
    """Close the enterprise nearest to the middle; with `everything` write all the others anew as well."""
    database = Database(url)
    with database.transaction(Caller("benchmark", "990100", "990200", "drill")) as connection:
        connection.execute(
            text(
                "UPDATE layers.enterprise SET superseded_at = now() WHERE row_id = ("
                " SELECT row_id FROM layers.enterprise WHERE superseded_at IS NULL AND mode = 'drill'"
                " ORDER BY geometry <-> ST_SetSRID(ST_MakePoint(:x, :y), 4490) LIMIT 1)"
            ),
            {"x": CENTRE[0], "y": CENTRE[1]},
        )
        if everything:
            connection.execute(text("UPDATE layers.enterprise SET valid_to = valid_to WHERE superseded_at IS NULL"))
    database.close()


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("origin", help="http://127.0.0.1:5006")
    parser.add_argument("name")
    parser.add_argument("password")
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--rate", type=float, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", default="", help="address of the server's database, to change its register")
    parser.add_argument("--process", type=int, nargs="*", default=[], help="processes whose time is counted")
    asyncio.run(measure(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
