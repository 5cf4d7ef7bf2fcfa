"""How fast do tiles come at 100 requests a second, cold and warm, and do the clusters of every zoom add up?"""

import argparse
import asyncio
import math
import sys
import time

import httpx
import numpy as np

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


async def fire(client: httpx.AsyncClient, paths: list[str], per_second: float) -> list[float]:
    """Ask at a fixed rate, whether or not the last answer has come; ms of each."""
    began = time.perf_counter()

    async def one(at: int, path: str) -> float:
        await asyncio.sleep(max(0.0, began + at / per_second - time.perf_counter()))
        start = time.perf_counter()
        answer = await client.get(path)
        answer.raise_for_status()
        return 1000 * (time.perf_counter() - start)

    return list(await asyncio.gather(*[one(at, path) for at, path in enumerate(paths)]))


async def measure(origin: str, name: str, password: str, seconds: int, rate: float) -> None:
    """Print p50, p95 and worst of first and repeated requests."""
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
    async with httpx.AsyncClient(base_url=origin, timeout=60, limits=limits) as client:
        answer = await client.post("/api/v1/sessions", json={"name": name, "password": password})
        client.headers["authorization"] = f"Bearer {answer.json()['token']}"
        paths = addresses(int(seconds * rate), seed=1)
        first = list(dict.fromkeys(paths))
        cold = await fire(client, first, rate)
        warm = await fire(client, paths, rate)
    for title, took in (("cold, each tile once", cold), ("warm, at random", warm)):
        p50, p95, worst = np.percentile(took, [50, 95, 100])
        print(f"{title:<24}{p50:8.1f}{p95:8.1f}{worst:8.1f} ms   {len(took)} requests at {rate:.0f}/s")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("origin", help="http://127.0.0.1:5006")
    parser.add_argument("name")
    parser.add_argument("password")
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--rate", type=float, default=100)
    given = parser.parse_args()
    asyncio.run(measure(given.origin, given.name, given.password, given.seconds, given.rate))


if __name__ == "__main__":
    sys.exit(main())
