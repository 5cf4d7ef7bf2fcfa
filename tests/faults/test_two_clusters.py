"""City and province, each with its cluster and its processes: ten minutes dark, one killed. Is all there once?"""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest

from gis.database import APPLICATION_ROLE, Database
from scenarios import verify, verify_rows

LONG = os.environ.get("ONEMAP_FAULTS") == "long"
CUT_S = 600.0 if LONG else 25.0
EVERY_S = 2.0 if LONG else 0.5
"""Pause between two lines of work at each end."""
TOGETHER_S = 60.0
"""Goal after healing; it is told, and what a busy machine needs beyond it fails no test."""
PATIENCE_S = 600.0
CITY, PROVINCE = ("city-yl", "演练市", "city", "990100"), ("province-yl", "演练省", "province", "990000")
GOES = ["incident_reported", "casualties_reported", "report_sent"]
"""Kinds of this test's own that go both up and down; what the house adds by itself may come at any moment."""


class Wire:
    """A TCP wire to a port; cut, it ends every connection and takes none."""

    def __init__(self, port: int) -> None:
        self.far, self.is_cut, self.refused = port, False, 0
        self._held: list[socket.socket] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        self.is_cut = True
        self._end(*self._held)
        self._held = []

    def heal(self) -> None:
        self.is_cut = False

    def close(self) -> None:
        self._end(self.listener)
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            try:
                far = None if self.is_cut else socket.create_connection(("127.0.0.1", self.far), timeout=5)
            except OSError:
                far = None
            if far is None:
                self.refused += 1
                self._end(near)
                continue
            far.settimeout(None)
            for one in (near, far):
                # As routers and reverse proxies do: waiting for more to send costs 40 ms at each end of every message.
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._held += [near, far]
            for source, target in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(source, target), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        self._end(source, target)

    @staticmethod
    def _end(*wires: socket.socket) -> None:
        for wire in wires:
            with suppress(OSError):
                wire.shutdown(socket.SHUT_RDWR)
            with suppress(OSError):
                wire.close()


@dataclass
class Level:
    """One level of government: its installation, its name, and the wire others reach it by."""

    house: Any
    said: tuple[str, str, str, str]
    wire: Wire
    receipts: dict[str, tuple[str, int, str]] = field(default_factory=dict)
    """Key -> incident, number and hash of every line that was acknowledged here."""

    @property
    def name(self) -> str:
        return self.said[0]

    @property
    def settings(self) -> dict[str, str]:
        name, title, level, division = self.said
        return {"ONEMAP_NODE_NAME": name, "ONEMAP_NODE_TITLE": title, "ONEMAP_NODE_LEVEL": level,
                "ONEMAP_NODE_DIVISION": division, "ONEMAP_ORIGINS": self.wire.address}  # fmt: skip

    def start(self) -> None:
        # The upper one is two processes on one port: both carry its outbox, either takes what comes.
        self.house.start(*(("--workers", "2") if self.said[2] == "province" else ()), **self.settings)

    def command(self, *words: str) -> str:
        """What `onemap` says at this level."""
        environment = {**os.environ, "ONEMAP_DATA_DIR": str(self.house.folder), **self.settings,
                       "ONEMAP_PORT": str(self.house.port)}  # fmt: skip
        program = str(Path(sys.executable).parent / "onemap")
        done = subprocess.run([program, *words], env=environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr[-800:]
        return done.stdout

    def once(self, path: str, body: Any) -> dict[str, Any]:
        """Send until it is acknowledged, always under the same key, as a page does."""
        key, until = str(uuid4()), time.monotonic() + 600
        headers = {"authorization": f"Bearer {self.house.token}", "idempotency-key": key}
        while True:
            with suppress(httpx.TransportError):
                answer = httpx.post(
                    f"http://127.0.0.1:{self.house.port}/api/v1{path}", json=body, headers=headers, timeout=20
                )
                if answer.status_code < 500:
                    assert answer.status_code in (200, 201), answer.text
                    said: dict[str, Any] = answer.json()
                    receipt = said.get("receipt", said)
                    if "hash" in receipt:
                        incident = str(receipt.get("incident_id") or path.split("/")[2])
                        self.receipts[key] = (incident, int(receipt["seq"]), str(receipt["hash"]))
                    return said
            assert time.monotonic() < until, "never acknowledged"
            time.sleep(0.2)

    def ask(self, path: str) -> Any:
        status, said = self.house.ask("GET", f"/api/v1{path}")
        assert status == 200, said
        return said

    def opened(self, title: str) -> str:
        now = datetime.now(UTC).isoformat()
        report = {"title": title, "longitude": 118.7, "latitude": 31.4, "occurred_at": now, "known_at": now,
                  "channel": "phone", "division_code": "990102", "place": "演练园区"}  # fmt: skip
        made = self.once("/incidents", report)
        return str(made["incident_id"])

    def toll(self, incident: str, hurt: int) -> None:
        told = {"kind": "casualties_reported", "payload": {"slightly_injured": hurt}}
        self.once(f"/incidents/{incident}/entries", told)

    def order(self, incident: str, text: str, to: str) -> str:
        said = {"unit_name": to, "text": text, "within_s": 3600, "issue": True}
        return str(self.once(f"/incidents/{incident}/orders", said)["order"]["order_id"])

    def came(self, incident: str, kind: str) -> list[dict[str, Any]]:
        rows = self.ask("/nodes/inbox")
        return [row for row in rows if row["incident_id"] == incident and row["kind"] == kind]

    def sign(self, row: dict[str, Any]) -> None:
        path = f"/nodes/inbox/{row['origin']}/{row['incident_id']}/{row['message_id']}/acknowledgement"
        self.once(path, {"text": "收到（演练）"})

    def rows(self, statement: str, *values: Any) -> list[Any]:
        with psycopg.connect(self.house.cluster.conninfo()) as connection:
            return connection.execute(statement.encode(), values or None).fetchall()

    def own(self, incident: str) -> list[Any]:
        return self.rows("SELECT seq, encode(hash, 'hex') FROM record.entry WHERE incident_id = %s AND kind = ANY(%s) "
                         "ORDER BY seq", incident, GOES)  # fmt: skip

    def copies(self, incident: str) -> list[Any]:
        return self.rows("SELECT seq, encode(hash, 'hex') FROM nodes.foreign_entry WHERE incident_id = %s "
                         "AND kind = ANY(%s) ORDER BY seq", incident, GOES)  # fmt: skip

    def waiting(self) -> int:
        return int(self.rows("SELECT count(*) FROM nodes.outbox WHERE state <> 'delivered'")[0][0])

    def faults(self) -> set[str]:
        """What is wrong with this level's own record, held against every receipt somebody was given."""
        found: set[str] = set()
        conninfo = Database(self.house.cluster.url(APPLICATION_ROLE)).conninfo
        held: dict[tuple[str, int], frozenset[str]] = {}
        for incident, seq, digest in self.receipts.values():
            held[(incident, seq)] = held.get((incident, seq), frozenset()) | {digest}
        for incident in {one for one, _ in held}:
            mine = {place: hashes for place, hashes in held.items() if place[0] == incident}
            with verify_rows.database_rows(conninfo, UUID(incident)) as (heads, rows):
                found |= {fault.code for fault in verify.verify(heads, list(rows), mine).faults}
        return found


@pytest.fixture
def levels(new_installation: Callable[[], Any]) -> Iterator[tuple[Level, Level]]:
    """City and province that know each other, each over a wire of its own."""
    made: list[Level] = []
    for said in (CITY, PROVINCE):
        house = new_installation()
        made.append(Level(house, said, Wire(house.port)))
    city, province = made
    for one in made:
        one.start()
    told = city.command("nodes", "add", province.name, "--title", PROVINCE[1], "--address", province.wire.address,
                        "--relation", "above", "--level", "province", "--divisions", "990000-991000")  # fmt: skip
    secret = city.house.folder / "line.key"
    secret.write_text(told.rsplit(": ", 1)[1].strip(), encoding="utf-8")
    province.command("nodes", "add", city.name, "--title", CITY[1], "--address", city.wire.address, "--relation",
                     "below", "--level", "city", "--divisions", "990100", "--key-file", str(secret))  # fmt: skip
    yield city, province
    for one in made:
        one.wire.close()


def until(holds: Callable[[], Any], within_s: float, what: str) -> float:
    began = time.monotonic()
    while True:
        with suppress(psycopg.OperationalError, httpx.TransportError, OSError):
            if holds():
                return time.monotonic() - began
        assert time.monotonic() - began < within_s, f"{what}: not within {within_s:g} s"
        time.sleep(0.2)


@pytest.mark.faults
@pytest.mark.timeout(2400 if LONG else 1200)
def test_two_clusters_without_a_line_lose_and_double_nothing(
    levels: tuple[Level, Level], told: Callable[..., None], request: pytest.FixtureRequest
) -> None:
    city, province = levels
    up, down = city.opened("演练 氯气泄漏"), province.opened("演练 跨市险情")
    city.once(f"/incidents/{up}/reports", {"sent_to": "演练省应急厅"})
    first = province.order(down, "调两台泡沫车支援（演练）", CITY[1])
    until(lambda: province.came(up, "report") and city.came(down, "order"), PATIENCE_S, "before the cut")

    for one in levels:
        one.wire.cut()
    began, enough, hurt = time.monotonic(), threading.Event(), {"city": 0, "province": 0}

    def work(level: Level, incident: str) -> None:
        while not enough.wait(EVERY_S):
            hurt[level.said[2]] += 1
            level.toll(incident, hurt[level.said[2]])

    workers = [threading.Thread(target=work, args=of, daemon=True) for of in ((city, up), (province, down))]
    request.addfinalizer(enough.set)
    for worker in workers:
        worker.start()
    province.sign(province.came(up, "report")[0])  # both sign for what had come, and nobody hears of it yet
    city.sign(city.came(down, "order")[0])
    time.sleep(CUT_S / 3)
    city.once(f"/incidents/{up}/reports", {"sent_to": "演练省应急厅"})
    second = province.order(down, "再调一台（演练）", CITY[1])
    # The city's server and its database die in the middle, without a word; its officer goes on trying.
    city.house.process.kill()
    city.house.process.wait()
    city.house.kill_database()
    time.sleep(1)
    city.start()
    while time.monotonic() - began < CUT_S:
        time.sleep(0.2)
    assert province.copies(up) != city.own(up) and city.copies(down) != province.own(down)
    assert city.wire.refused and province.wire.refused, "nobody tried the line: nothing was cut"
    dark_s, lines = time.monotonic() - began, dict(hurt)
    for one in levels:
        one.wire.heal()
    healed = time.monotonic()
    # Work goes on for a moment, then both must hold the same.
    time.sleep(3)
    enough.set()
    for worker in workers:
        worker.join(60)
        assert not worker.is_alive()
    until(lambda: province.copies(up) == city.own(up), PATIENCE_S, "what went up")
    until(lambda: city.copies(down) == province.own(down), PATIENCE_S, "what came down")
    until(lambda: len(province.came(up, "report")) == 2 and len(city.came(down, "order")) == 2, PATIENCE_S, "both")
    until(lambda: city.waiting() == province.waiting() == 0, PATIENCE_S, "the outboxes")
    heard = "SELECT count(*) FROM nodes.outbox WHERE ack_heard_at IS NOT NULL"
    until(lambda: city.rows(heard)[0][0] >= 1 and province.rows(heard)[0][0] >= 1, PATIENCE_S, "the signatures")
    states = {one["order_id"]: one["state"] for one in province.ask(f"/incidents/{down}/orders")["orders"]}
    took_s = time.monotonic() - healed
    assert (states[first], states[second]) == ("acknowledged", "issued")
    for one in levels:
        doubled = "SELECT 1 FROM nodes.inbox GROUP BY incident_id, message_id HAVING count(*) > 1"
        assert one.rows(doubled) == []
        assert one.faults() == set(), one.name
        places = [(incident, seq) for incident, seq, _ in one.receipts.values()]
        assert len(set(places)) == len(places), "two keys, one entry"
    said = "SELECT count(*), count(DISTINCT payload) FROM record.entry WHERE incident_id = %s AND kind = %s"
    for one, incident in ((city, up), (province, down)):
        written, different = one.rows(said, incident, GOES[1])[0]
        assert written == different == hurt[one.said[2]], "a line lost or written twice"
    entries = len(city.own(up)) + len(province.own(down))
    told(
        "N1",
        f"two nodes with clusters and processes of their own, {dark_s:.0f} s without a line, the lower one and its "
        f"database killed meanwhile, {lines['city']} and {lines['province']} lines written in the dark",
        f"{entries} entries alike {took_s:.0f} s after healing (goal {TOGETHER_S:g} s), signatures and orders too; "
        "0 lost or doubled",
    )
