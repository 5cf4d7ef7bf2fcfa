"""
What does a map of a million points cost, beside tipg and beside a page that loads them as GeoJSON?

Makes a database of its own with a million cameras over the sample city and asks for the tiles of a person panning. With
``--tipg PYTHON`` (interpreter of an environment with tipg and uvicorn) tipg is asked for the same tiles: as it comes,
with at most 10,000 points a tile and the others missing, and with every point, for which only four tiles are asked for,
because a tile of a million points takes long.
"""

import argparse
import gzip
import json
import os
import subprocess
import tempfile
import time
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import httpx
import numpy as np
from sqlalchemy import make_url, text

from benchmarks.tiles import CENTRE, tile_of
from command_ui.access.roles import SignedIn, current
from command_ui.api.tiles import ahead_of, store_of
from command_ui.bootstrap import open_house
from command_ui.settings import Settings
from gis.database import Caller, Database
from layers import register_stamp, tiles
from layers.tile_grid import Grid

DRILL = Caller("benchmark", "990100", "990200", "drill")
POINTS = 1_000_000
ZOOMS = (8, 9, 10, 11, 12, 13, 14)
CLOSE = (11, 12, 13, 14)
"""Zooms at which a tile of every point is asked for."""
PORT = 5399
ASKING = "onemap.mode=drill&onemap.division_from=990100&onemap.division_to=990200&onemap.clearance=restricted"


def fill(database: Database) -> None:
    """A million points, most near the middle of the city."""
    with database.transaction(DRILL) as connection:
        connection.execute(
            text(
                "INSERT INTO layers.camera (id, valid_from, source_system, as_of, division_code, mode, name,"
                " bearing_deg, view_deg, range_m, status, risk_rank, geometry)"
                " SELECT 'SX-' || n, now(), 'benchmark', now(), '990102', 'drill', '演练探头' || n,"
                " 0, 60, 200, 'live', n % 90, ST_SetSRID(ST_MakePoint("
                " :x + 0.08 * sqrt(-2 * ln(1 - random())) * cos(6.2832 * random()),"
                " :y + 0.06 * sqrt(-2 * ln(1 - random())) * cos(6.2832 * random())), 4490)"
                " FROM generate_series(1, :most) AS n"
            ),
            {"x": CENTRE[0], "y": CENTRE[1], "most": POINTS},
        )
    with database.transaction(DRILL) as connection:
        connection.execute(text("SELECT layers.refresh_statistics()"))


def panned() -> list[tuple[int, int, int]]:
    """Three by two tiles around the middle at each zoom, as a screen shows them."""
    return [(z, x + east, y + south) for z, x, y in middles() for east in (-1, 0, 1) for south in (0, 1)]


def middles(zooms: Sequence[int] = ZOOMS) -> list[tuple[int, int, int]]:
    """The tile in the middle at each zoom."""
    return [(zoom, *tile_of(*CENTRE, zoom)) for zoom in zooms]


def measure(title: str, ask: Callable[[int, int, int], bytes], asked: list[tuple[int, int, int]]) -> str:
    """Ask for each tile once; a row of the table."""
    rows = []
    for z, x, y in asked:
        began = time.perf_counter()
        body = ask(z, x, y)
        rows.append((z, 1000 * (time.perf_counter() - began), len(body) / 1000, len(gzip.compress(body, 6)) / 1000))
    took = np.array([row[1] for row in rows])
    largest = max(rows, key=lambda row: row[2])
    p50, p95 = np.percentile(took, [50, 95])
    return (
        f"| {title} | {len(rows)} | {p50:.0f} ms | {p95:.0f} ms | {took.max():.0f} ms | "
        f"{largest[2]:,.0f} kB (z{largest[0]}) | "
        f"{max(row[3] for row in rows):,.0f} kB |"
    )


def ours(database: Database) -> Callable[[int, int, int], bytes]:
    """Our tiles, the rows read anew each time: what a filter, the past and small registers cost."""

    def ask(z: int, x: int, y: int) -> bytes:
        with database.transaction(DRILL) as connection:
            return tiles.tile(connection, "camera", z, x, y)

    return ask


def relay(path: str) -> int:
    """Port at which the database's socket is reached by those who know no sockets."""
    import socket
    import threading

    door = socket.create_server(("127.0.0.1", 0))

    def pump(one: socket.socket, two: socket.socket) -> None:
        while data := one.recv(65_536):
            two.sendall(data)

    def serve() -> None:
        while True:
            asker, _ = door.accept()
            behind = socket.socket(socket.AF_UNIX)
            behind.connect(path)
            for pair in ((asker, behind), (behind, asker)):
                threading.Thread(target=pump, args=pair, daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    return int(door.getsockname()[1])


def of_tipg(python: str, url: str, most: int) -> tuple[subprocess.Popen[bytes], Callable[[int, int, int], bytes]]:
    """Tipg on a port of its own, whose tiles hold so many points at most."""
    address = make_url(url)
    port = relay(f"{address.query['host']}/.s.PGSQL.{address.query['port']}")
    process = subprocess.Popen(
        [python, "-m", "uvicorn", "tipg.main:app", "--port", str(PORT), "--log-level", "warning"],
        env=os.environ | {
            # Settings of the session: without them tipg would be shown no row at all.
            "DATABASE_URL": f"postgresql://{address.username}:x@127.0.0.1:{port}/{address.database}?{ASKING}",
            "TIPG_DB_SCHEMAS": '["layers"]',
            "TIPG_MAX_FEATURES_PER_TILE": str(most), "TIPG_CATALOG_TTL": "3600",
        },
    )  # fmt: skip
    client = httpx.Client(base_url=f"http://127.0.0.1:{PORT}", timeout=300)
    for _ in range(120):
        if process.poll() is not None:
            raise SystemExit("tipg did not start; see above")
        try:
            if client.get("/healthz").status_code == 200:
                break
        except httpx.TransportError:
            time.sleep(0.5)

    def ask(z: int, x: int, y: int) -> bytes:
        answer = client.get(f"/collections/layers.camera/tiles/WebMercatorQuad/{z}/{x}/{y}")
        answer.raise_for_status()
        return answer.content

    return process, ask


def geojson(database: Database, limit_s: float) -> str:
    """All points as one GeoJSON document, or as many as are written, and packed as they are sent, within the limit."""
    began = time.perf_counter()
    packer, points, size, packed = zlib.compressobj(6, zlib.DEFLATED, 31), 0, 0, 0
    asked = text("SELECT id, name, ST_X(geometry), ST_Y(geometry) FROM layers.camera WHERE mode = 'drill'")
    with database.transaction(DRILL) as connection:
        found = connection.execution_options(stream_results=True, max_row_buffer=5000).execute(asked)
        for rows in found.partitions(5000):
            part = ",".join(
                json.dumps(
                    {"type": "Feature", "id": row[0], "properties": {"name": row[1]},
                     "geometry": {"type": "Point", "coordinates": [round(row[2], 6), round(row[3], 6)]}},
                    ensure_ascii=False,
                )
                for row in rows
            ).encode()  # fmt: skip
            points, size, packed = points + len(rows), size + len(part) + 1, packed + len(packer.compress(part))
            if time.perf_counter() - began > limit_s:
                break
    packed += len(packer.flush())
    end = "whole" if points >= POINTS else f"given up at the limit of {limit_s:.0f} s"
    return (
        f"one GeoJSON, {end}: {time.perf_counter() - began:.0f} s, {points:,} points, {size / 1e6:,.0f} MB, "
        f"{packed / 1e6:.0f} MB packed"
    )


def counted(database: Database) -> Callable[[int, int, int], bytes]:
    """Our tiles, each alone, from a grid that is read when the first is asked for, as after a start or an import."""
    held: list[Grid] = []

    def ask(z: int, x: int, y: int) -> bytes:
        with database.transaction(DRILL) as connection:
            if not held:
                held.append(tiles.grid_of(connection, "camera"))
            return tiles.block(connection, "camera", z, x, y, 1, grid=held[0])[x, y]

    return ask


def served(database: Database) -> Callable[[int, int, int], bytes]:
    """Our tiles as the server gives them: blocks of neighbours, kept until the register changes, versions asked for."""
    store = store_of(database)
    current.set(SignedIn("x", "x", "operator", DRILL.division_from, DRILL.division_to, "drill", "x", "x"))

    def ask(z: int, x: int, y: int) -> bytes:
        return gzip.decompress(store.tile("camera", z, x, y).packed)

    return ask


def versions(database: Database, times: int = 20) -> str:
    """What it costs to learn that nothing changed: the version counts the rows, the stamp does not."""
    told = []
    for title, ask in (("version", tiles.version), ("stamp", register_stamp.stamp)):
        took = []
        for _ in range(times):
            with database.transaction(DRILL) as connection:
                began = time.perf_counter()
                ask(connection, "camera")
                took.append(1000 * (time.perf_counter() - began))
        p50, p95 = np.percentile(took, [50, 95])
        told.append(f"{title} {p50:.1f} ms at the median, {p95:.1f} ms at p95")
    return "; ".join(told)


def opened(database: Database) -> str:
    """The first tile of a server just started, and of one whose thread in the background has read the places."""
    told = []
    for title, warmed in (("cold", False), ("read ahead", True)):
        store = store_of(database)
        who = SignedIn("x", "x", "operator", DRILL.division_from, DRILL.division_to, "drill", "x", "x")
        current.set(who)
        if warmed:
            began = time.perf_counter()
            ahead_of(database, store).read(who.caller())
            told.append(f"all places read in {time.perf_counter() - began:.1f} s")
        began = time.perf_counter()
        store.tile("camera", *middles()[0])
        told.append(f"first tile {title} {1000 * (time.perf_counter() - began):.0f} ms")
    return "; ".join(told)


def main() -> None:
    """Fill a database of its own, ask everybody, print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tipg", default="", help="interpreter of an environment with tipg and uvicorn")
    parser.add_argument("--keep", type=Path, help="folder of a database that is filled once and used again")
    parser.add_argument("--limit", type=float, default=120.0, help="seconds the document of GeoJSON is given")
    parser.add_argument("--versions", action="store_true", help="only what versions and the first tile cost")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = given.keep or Path(made)
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)
        with open_house(Settings(data_dir=folder / "data")) as house:
            with house.database.transaction(DRILL) as connection:
                there = connection.execute(text("SELECT count(*) FROM layers.camera")).scalar_one()
            if there < POINTS:
                fill(house.database)
            print(f"load {os.getloadavg()[0]:.1f}, {POINTS:,} points")
            print(versions(house.database), flush=True)
            print(opened(house.database), flush=True)
            if given.versions:
                return
            print(
                measure("ours, each alone, the grid read by the first", counted(house.database), panned()), flush=True
            )
            print(measure("ours, as the server gives them", served(house.database), panned()), flush=True)
            print(measure("ours without a grid", ours(house.database), panned()), flush=True)
            print(measure("ours, middle tiles of z11 to z14", counted(house.database), middles(CLOSE)), flush=True)
            for most, title, asked in (
                (10_000, "tipg, at most 10,000 points", panned()),
                (POINTS, "tipg, every point, middle tiles of z11 to z14", middles(CLOSE)),
            ):
                if given.tipg:
                    process, ask = of_tipg(given.tipg, house.database.url, most)
                    try:
                        print(measure(title, ask, asked), flush=True)
                    finally:
                        # It would wait a minute for its pool.
                        process.kill()
                        process.wait()
            print(geojson(house.database, given.limit))


if __name__ == "__main__":
    main()
