"""
How soon is an alarm on the screen while 200 messages a second come in, for half an hour if need be?

Run it against a running server on the sample city, in the same data folder (it registers a gateway of its own there):

    ONEMAP_DATA_DIR=… .venv/bin/python benchmarks/sensors.py --origin http://127.0.0.1:5006 --name duty --password …

It adds one line to the table of benchmarks/SENSORS.md. `make load` runs it for 30 minutes.
"""

import argparse
import os
import statistics
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import text

from command_ui.bootstrap import open_house
from command_ui.settings import load_settings
from gis.crs import LonLat
from gis.database import Caller, Database
from layers.sensors import devices
from layers.sensors.points import connect_tags

CHROMIUM = os.environ.get("ONEMAP_CHROMIUM", "/usr/bin/chromium")
GATEWAY = "WG-BENCH"
POINTS = 400
BATCH = 25
PAINTED = """
names => {
  window.seen = {}
  const look = () => {
    const rows = []
    const walk = root => { for (const node of root.querySelectorAll('*')) {
      if (node.dataset?.alarm) rows.push(node)
      if (node.shadowRoot) walk(node.shadowRoot) } }
    walk(document)
    for (const row of rows) { const at = row.textContent.indexOf('BENCH-')
      if (at >= 0) { const name = row.textContent.slice(at, at + 10); window.seen[name] ??= Date.now() } }
    requestAnimationFrame(() => setTimeout(look, 30))
  }
  look()
}
"""
"""Every 30 ms, after a frame was drawn: which of our alarms stand in the queue."""


def register(database: Database) -> str:
    """A gateway with many detectors in the drill; returns its token."""
    with database.transaction(Caller.system()) as connection:
        now = datetime.now(UTC)
        connection.execute(
            text(
                "INSERT INTO layers.tag (id, valid_from, source_system, as_of, division_code, mode, name, place,"
                " quantity, unit, threshold, threshold_high, interval_s, status, geometry)"
                " SELECT 'BENCH-' || to_char(n, 'FM0000'), :at, 'benchmark', :at, '990102', 'drill',"
                " 'BENCH-' || to_char(n, 'FM0000'), 'bench', 'co', 'ppm', 24, 48, 600, 'live',"
                " ST_SetSRID(ST_MakePoint(118.7, 31.4), 4490) FROM generate_series(0, :last) AS n"
                " WHERE NOT EXISTS (SELECT 1 FROM layers.tag WHERE id = 'BENCH-0000' AND superseded_at IS NULL)"
            ),
            {"at": now, "last": POINTS - 1},
        )
        token = devices.register(
            connection, GATEWAY, "benchmark", division_code="990102", mode="drill", place=LonLat(118.7, 31.4)
        )
        names = [f"BENCH-{number:04d}" for number in range(POINTS)]
        connect_tags(connection, GATEWAY, dict(zip(names, names, strict=True)))
    return token


def clean(database: Database) -> None:
    """Close what the run left on the desk."""
    with database.transaction(Caller.system()) as connection:
        devices.disable(connection, GATEWAY)
        for statement in (
            "UPDATE layers.alarm SET superseded_at = clock_timestamp()"
            " WHERE superseded_at IS NULL AND place LIKE 'BENCH-%'",
            "UPDATE layers.tag SET superseded_at = clock_timestamp()"
            " WHERE superseded_at IS NULL AND source_system = 'benchmark'",
        ):
            connection.execute(text(statement))


class Load:
    """Sends telemetry at a steady rate and, now and then, one alarm."""

    def __init__(self, origin: str, token: str, rate: int) -> None:
        self.client = httpx.Client(base_url=origin, headers={"authorization": f"Bearer {token}"}, timeout=30)
        self.rate = rate
        self.accepted = self.refused = 0
        self.took: list[float] = []
        self._stopping = threading.Event()

    def row(self, number: int, value: float) -> dict[str, Any]:
        """A message of one point, dated now."""
        at = datetime.now(UTC).isoformat(timespec="microseconds")
        return {"tnm": f"BENCH-{number % POINTS:04d}", "ts": at, "val": value}

    def telemetry(self) -> None:
        """Send until `stop`, at the rate wanted."""
        sent, began = 0, time.perf_counter()
        while not self._stopping.is_set():
            # The second half of the points only: the first half is kept for alarms.
            rows = [self.row(POINTS // 2 + (sent + at) % (POINTS // 2), 1.0 + (sent % 7) / 10) for at in range(BATCH)]
            asked = time.perf_counter()
            answer = self.client.post("/api/v1/observations", json={"rts": rows})
            self.took.append(time.perf_counter() - asked)
            if answer.status_code == 202:
                self.accepted += answer.json()["accepted"]
            else:
                self.refused += 1
            sent += BATCH
            self._stopping.wait(max(0.0, began + sent / self.rate - time.perf_counter()))

    def alarm(self, number: int) -> float:
        """Raise the alarm of one point; returns the moment it was sent, ms since 1970."""
        sent = time.time() * 1000
        answer = self.client.post("/api/v1/observations", json={"rts": [self.row(number, 30.0)]})
        assert answer.status_code == 202, answer.text
        return sent

    def stop(self) -> None:
        """End the telemetry."""
        self._stopping.set()


def send(origin: str, token: str, rate: int, alarms: int, every_s: float) -> str:
    """Load the server and raise alarms with nobody looking; say what became of the messages."""
    load = Load(origin, token, rate)
    sender = threading.Thread(target=load.telemetry, daemon=True)
    began = time.perf_counter()
    sender.start()
    for number in range(alarms):
        load.alarm(number)
        time.sleep(every_s)
    seconds = time.perf_counter() - began
    load.stop()
    sender.join()
    p95_ms = 1000 * sorted(load.took)[int(0.95 * len(load.took))]
    return (
        f"{load.accepted / seconds:.0f}/s, {load.refused} refused, answer p95 {p95_ms:.0f} ms, {alarms} alarms raised"
    )


def measure(
    origin: str, name: str, password: str, token: str, rate: int, alarms: int, every_s: float
) -> dict[str, Any]:
    """Open the desk, load the server, raise alarms, and see when each is painted."""
    from playwright.sync_api import sync_playwright

    load = Load(origin, token, rate)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--disable-gpu"], chromium_sandbox=False)
        page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="zh-CN")
        page.goto(f"{origin}/sign-in")
        page.fill("#name", name)
        page.fill("#password", password)
        page.click("button[type=submit]")
        page.wait_for_selector(".alarms", timeout=60_000)
        page.wait_for_timeout(5_000)
        page.evaluate(PAINTED)
        sender = threading.Thread(target=load.telemetry, daemon=True)
        began = time.perf_counter()
        sender.start()
        page.wait_for_timeout(3_000)
        sent = {}
        for number in range(alarms):
            sent[f"BENCH-{number:04d}"] = load.alarm(number)
            page.wait_for_timeout(1000 * every_s)
        page.wait_for_timeout(4_000)
        seen = page.evaluate("() => window.seen")
        seconds = time.perf_counter() - began
        load.stop()
        sender.join()
        browser.close()
    delays = sorted((seen[one] - at) / 1000 for one, at in sent.items() if one in seen)
    return {
        "alarms": len(sent),
        "painted": len(delays),
        "p50": statistics.median(delays),
        "p95": delays[min(len(delays) - 1, int(0.95 * len(delays)))],
        "worst": delays[-1],
        "rate": load.accepted / seconds,
        "refused": load.refused,
        "answer_p95": sorted(load.took)[int(0.95 * len(load.took))],
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--origin", default="http://127.0.0.1:5006")
    parser.add_argument("--name", default="duty")
    parser.add_argument("--password", required=True)
    parser.add_argument("--rate", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--blind", action="store_true", help="send only, no browser: beside 300 viewers on two cores")
    given = parser.parse_args()
    every_s = max(1.2, given.minutes * 60 / (POINTS // 2))
    alarms = min(POINTS // 2, max(1, int(given.minutes * 60 / every_s)))
    load = os.getloadavg()[0]
    with open_house(load_settings()) as house:
        token = register(house.database)
        try:
            if given.blind:
                print(send(given.origin, token, given.rate, alarms, every_s))
                return
            found = measure(given.origin, given.name, given.password, token, given.rate, alarms, every_s)
        finally:
            clean(house.database)
    line = (
        f"| {datetime.now(UTC):%Y-%m-%d %H:%M} | {given.minutes:g} min | {load:.0f} | {found['rate']:.0f}/s, "
        f"{found['refused']} refused | {found['answer_p95'] * 1000:.0f} ms | {found['alarms']} / {found['painted']} | "
        f"{found['p50']:.2f} s | {found['p95']:.2f} s | {found['worst']:.2f} s |\n"
    )
    report = Path(__file__).parent / "SENSORS.md"
    with report.open("a", encoding="utf-8") as target:
        target.write(line)
    print(line)


if __name__ == "__main__":
    main()
