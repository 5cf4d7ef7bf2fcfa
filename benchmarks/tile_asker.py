"""
How long do tiles take, asked for at a steady rate? A process of its own, so that it waits for the server alone.

`benchmarks/load.py` starts it beside its viewers: in their process a tile would also wait until three hundred of them
have read what came in, which no browser does. It reads the cookie from its standard input and writes the milliseconds
of every tile as JSON.
"""

import argparse
import asyncio
import http.client
import json
import sys
import threading
import time
from urllib.parse import urlsplit

TILES = (
    ("enterprise", 11, 1699, 835),
    ("base", 12, 3398, 1671),
    ("base", 12, 3399, 1670),
    ("enterprise", 12, 3398, 1671),
    ("protection_target", 12, 3398, 1671),
    ("base", 13, 6797, 3342),
)
HANDS = 16
"""Connections; each asks for every 16th tile, a late answer makes its next one late, and that is counted."""


def ask(origin: str, cookie: str, rate: float, seconds: float) -> tuple[list[float], int]:
    """
    Give the milliseconds from the moment a tile was due until it was read, and how many were refused or lost.

    Parameters
    ----------
    rate
        Tiles a second, all connections together.
    """
    took: list[float] = []
    failed: list[int] = []
    began = time.perf_counter() + 0.2

    def hand(first: int) -> None:
        address = urlsplit(origin)
        line = http.client.HTTPConnection(address.hostname or "", address.port or 80, timeout=60)
        for number in range(first, int(rate * seconds), HANDS):
            due = began + number / rate
            time.sleep(max(0.0, due - time.perf_counter()))
            layer, z, x, y = TILES[number % len(TILES)]
            try:
                line.request("GET", f"/tiles/{layer}/{z}/{x}/{y}.mvt", headers={"cookie": cookie})
                answer = line.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException):
                line.close()
                failed.append(0)
                continue
            if answer.status == 200:
                took.append(1000 * (time.perf_counter() - due))
            else:
                failed.append(answer.status)

    hands = [threading.Thread(target=hand, args=(first,)) for first in range(HANDS)]
    for one in hands:
        one.start()
    for one in hands:
        one.join()
    return took, len(failed)


async def ask_beside(origin: str, cookie: str, rate: float, seconds: float) -> tuple[list[float], int]:
    """Run `ask` in another process."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.tile_asker", "--origin", origin, "--rate", str(rate), "--seconds",
        str(seconds), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, _ = await process.communicate(cookie.encode())
    found = json.loads(out)
    return found["took_ms"], found["failed"]


def main() -> None:
    """Ask and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--origin", required=True)
    parser.add_argument("--rate", type=float, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    given = parser.parse_args()
    took, failed = ask(given.origin, sys.stdin.read().strip(), given.rate, given.seconds)
    json.dump({"took_ms": took, "failed": failed}, sys.stdout)


if __name__ == "__main__":
    main()
