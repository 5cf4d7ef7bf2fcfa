"""What do the tests of faults share? An installation of its own that may be killed, and officers who write to it."""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest

from command_ui.access import accounts
from command_ui.settings import Settings
from command_ui.worker import Worker, run_folder
from gis import migrate
from gis.cluster import PrivateCluster
from gis.database import APPLICATION_ROLE, Caller, Database
from scenarios import log, verify, verify_rows
from tests.killing import children_of, kill_server
from tests.ports import free_port

DRILL = Caller("duty", "000000", "999999", "drill")
LONG = os.environ.get("ONEMAP_FAULTS") == "long"
AT_THE_END = 400
"""Tries, 50 ms apart, that an officer still makes for the last line when it is over: nobody leaves one in the air."""
ANSWER_S = 9.0
# When a client gives up: a whole call, from connecting to the last byte. No call may hang longer than 10 s; a client
# that waits for those itself is told after them, by as much as a busy machine needs to wake it (0.1 s at load 10).


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is written and how often something is killed: little in `make test`, much in `make faults`."""

    acknowledged: int
    kills: int
    writers: int = 4


@pytest.fixture(scope="session")
def scale() -> Scale:
    """The quick set, or the long one."""
    return Scale(10_000, 20) if LONG else Scale(300, 2)


class Officer(threading.Thread):
    """
    Writes line after line over HTTP; keeps the key of a line until its receipt is there, as a browser does.

    Attributes
    ----------
    receipts
        (number, hash) of every acknowledged line.
    keys
        Keys of the acknowledged lines.
    replayed
        Receipts that were given before: the first answer was lost.
    """

    def __init__(self, house: "Installation", incident: UUID, enough: threading.Event, *, careless: bool = False,
                 port: int = 0) -> None:  # fmt: skip
        super().__init__(daemon=True)
        self.house, self.incident, self.enough, self.careless = house, incident, enough, careless
        self.port = port or house.port
        self.receipts: list[tuple[int, str]] = []
        self.keys: list[str] = []
        self.failures = self.replayed = self.lines = 0
        self.longest_call_s = 0.0
        self.acknowledged_at: list[float] = []
        self._line: http.client.HTTPConnection | None = None

    def run(self) -> None:
        """Until told that it is enough."""
        try:
            while not self.enough.is_set():
                self.lines += 1
                self._acknowledged(str(uuid4()))
        finally:
            if self._line is not None:
                self._line.close()

    def _acknowledged(self, key: str) -> None:
        tries = 0
        while not self._send(key):
            self.failures += 1
            tries += self.enough.is_set()
            key = str(uuid4()) if self.careless else key
            if tries > AT_THE_END:
                return
            time.sleep(0.05)

    def _send(self, key: str) -> bool:
        body = json.dumps({"kind": "note", "payload": {"text": f"{self.name} 第 {self.lines} 行（演练）"}})
        headers = {"authorization": f"Bearer {self.house.token}", "content-type": "application/json",
                   "idempotency-key": key, "host": f"127.0.0.1:{self.house.port}"}  # fmt: skip
        began = time.monotonic()
        try:
            if self._line is None:
                self._line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_S)
                self._line.connect()
            self._patience(began)
            self._line.request("POST", f"/api/v1/incidents/{self.incident}/entries", body.encode(), headers)
            self._patience(began)
            answer = self._line.getresponse()
            self._patience(began)
            said = answer.read()
        except (OSError, http.client.HTTPException):
            if self._line is not None:
                self._line.close()
            self._line = None
            return False
        finally:
            self.longest_call_s = max(self.longest_call_s, time.monotonic() - began)
        if answer.status in (500, 502, 503, 504):
            return False
        assert answer.status == 201, (answer.status, said[:300])
        receipt = json.loads(said)
        self.receipts.append((int(receipt["seq"]), str(receipt["hash"])))
        self.keys.append(key)
        self.replayed += bool(receipt["replayed"])
        self.acknowledged_at.append(time.monotonic())
        return True

    def _patience(self, began: float) -> None:
        """Leave each step what is left of the whole call: steps that may each take all of it add up."""
        if self._line is None or self._line.sock is None:
            return  # the answer said that the line closes after it; what is left to read has come
        rest = ANSWER_S - (time.monotonic() - began)
        if rest <= 0:
            raise TimeoutError("the call took all of its time")
        self._line.sock.settimeout(rest)


@dataclass
class Outcome:
    """What officers know, held against what the record says."""

    acknowledged: int
    entries: int
    faults: set[str]
    doubled: int
    failures: int
    replayed: int
    longest_call_s: float
    seconds: float
    acknowledged_at: list[float] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Nothing lost, altered or doubled."""
        return not self.faults and not self.doubled

    def __str__(self) -> str:
        lost = "0 lost, 0 altered, 0 doubled" if self.is_whole else f"{sorted(self.faults)}, {self.doubled} doubled"
        return (
            f"{self.acknowledged} acknowledged in {self.seconds:.0f} s, {lost}; {self.failures} calls failed, "
            f"{self.replayed} answered by their key; longest call {self.longest_call_s:.1f} s"
        )

    def stillness_s(self, since: float) -> float:
        """From a moment until the next acknowledgement."""
        return min((at - since for at in self.acknowledged_at if at > since), default=float("inf"))


class Installation:
    """
    `onemap serve` as a process of its own, with a data folder and a database nobody else has.

    Parameters
    ----------
    program
        What is started; a test of the test starts one with a planted fault.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cluster = PrivateCluster(folder / "cluster")
        self.cluster.start()
        migrate.upgrade(self.cluster.url())
        database = Database(self.cluster.url(APPLICATION_ROLE))
        self.passwords = dict(accounts.prepare_demo(database, folder))
        database.close()
        self.port = free_port()
        self.token = ""
        self.process: subprocess.Popen[bytes] | None = None
        self.said = folder / "said.txt"
        self.officers: list[Officer] = []
        """Who writes, or wrote last."""

    def start(self, *words: str, program: list[str] | None = None, **settings: str) -> None:
        """Start serving and sign in."""
        command = program or [str(Path(sys.executable).parent / "onemap"), "serve", *words]
        environment = {**os.environ, "ONEMAP_DATA_DIR": str(self.folder), "ONEMAP_PORT": str(self.port),
                       "PYTHONUNBUFFERED": "1", **settings}  # fmt: skip
        with self.said.open("ab") as said:
            self.process = subprocess.Popen(command, env=environment, stdout=said, stderr=said)
        self.wait_until_it_answers(300)
        self.token = self.token or self.sign_in("duty")

    def sign_in(self, name: str) -> str:
        """A bearer token."""
        status, said = self.ask("POST", "/api/v1/sessions", {"name": name, "password": self.passwords[name]}, token="")
        assert status == 201, said
        return str(said["token"])

    @contextmanager
    def signed_in(self, number: int, name: str) -> Iterator[tuple[httpx.Client, str]]:
        """A client of one of two processes that went through the sign-in page, and the socket of that process."""
        self.wait_for_workers()
        place = str(Worker(number, run_folder(Settings(data_dir=self.folder))).socket_of(number))
        host = f"127.0.0.1:{self.port}"
        with httpx.Client(
            transport=httpx.HTTPTransport(uds=place), base_url="http://worker", timeout=60,
            headers={"host": host, "origin": f"http://{host}"},
        ) as client:  # fmt: skip
            form = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', client.get("/sign-in").text))
            answer = client.post("/sign-in", data=form | {"name": name, "password": self.passwords[name]})
            assert answer.status_code == 303, answer.text
            client.headers["x-csrf-token"] = client.get("/api/v1/session").json()["csrf_token"]
            yield client, place

    def ask(
        self, method: str, path: str, body: Any = None, *, token: str | None = None, timeout_s: float = ANSWER_S
    ) -> tuple[int, Any]:
        """One call on a connection of its own."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout_s)
        headers = {"content-type": "application/json", "idempotency-key": str(uuid4())}
        if token or (token is None and self.token):
            headers["authorization"] = f"Bearer {token or self.token}"
        try:
            line.request(method, path, None if body is None else json.dumps(body).encode(), headers)
            answer = line.getresponse()
            said = answer.read()
        finally:
            line.close()
        with suppress(ValueError):
            return answer.status, json.loads(said)
        return answer.status, said

    def wait_for_receipts(self, more: int) -> None:
        """Wait until the officers have so many receipts more than now: what happens before hits nobody at work."""
        before, deadline = sum(len(officer.receipts) for officer in self.officers), time.monotonic() + 300
        while sum(len(officer.receipts) for officer in self.officers) < before + more:
            assert any(officer.is_alive() for officer in self.officers), "an officer was answered wrongly"
            assert time.monotonic() < deadline, "nobody is answered"
            time.sleep(0.02)

    def wait_until_it_answers(self, limit_s: float) -> float:
        """Seconds until the server answers a healthy word."""
        began = time.monotonic()
        while time.monotonic() - began < limit_s:
            assert self.process is not None
            assert self.process.poll() is None, self.said.read_text(encoding="utf-8")[-2000:]
            with suppress(OSError, http.client.HTTPException):
                if self.ask("GET", "/healthz", token="", timeout_s=2)[0] == 200:
                    return time.monotonic() - began
            time.sleep(0.05)
        raise AssertionError(self.said.read_text(encoding="utf-8")[-2000:])

    def open_incident(self) -> UUID:
        """An incident of the drill world to write into."""
        database, incident = Database(self.cluster.url(APPLICATION_ROLE)), uuid4()
        with database.transaction(DRILL) as connection:
            log.open_incident(connection, incident, "990102")
        database.close()
        return incident

    def workers(self) -> list[int]:
        """Ids of the processes that answer."""
        assert self.process is not None
        own = children_of(self.process.pid)
        return [one for one in own if b"command_ui.one_worker" in _words(one)] or [self.process.pid]

    def wait_for_workers(self, limit_s: float = 120) -> None:
        """Wait until both processes answer on the sockets of their own: one that was killed takes seconds to start."""
        places = [Worker(number, run_folder(Settings(data_dir=self.folder))).socket_of(number) for number in (0, 1)]
        deadline = time.monotonic() + limit_s
        for place in places:
            while True:
                with socket.socket(socket.AF_UNIX) as line, suppress(OSError):
                    line.connect(str(place))
                    break
                assert time.monotonic() < deadline, self.said.read_text(encoding="utf-8")[-2000:]
                time.sleep(0.1)

    def kill_database(self) -> float:
        """SIGKILL for the server and all its processes; the moment it was done."""
        kill_server(self.cluster.data)
        return time.monotonic()

    def kill_worker(self) -> float:
        """SIGKILL for one of the processes that answer."""
        os.kill(self.workers()[0], signal.SIGKILL)
        return time.monotonic()

    def database_accepts(self, limit_s: float = 180) -> float:
        """Wait until somebody has started the database again; the moment it took a connection."""
        deadline = time.monotonic() + limit_s
        while time.monotonic() < deadline:
            with suppress(psycopg.OperationalError):
                psycopg.connect(self.cluster.conninfo(), connect_timeout=2).close()
                return time.monotonic()
            time.sleep(0.05)
        raise AssertionError(f"nobody started the database again: {self.said.read_text(encoding='utf-8')[-2000:]}")

    def written(
        self, count: int, writers: int, meanwhile: Callable[[], None], *, careless: bool = False, port: int = 0
    ) -> Outcome:
        """Let officers write while something happens, until enough is acknowledged and it has happened."""
        incident, enough = self.open_incident(), threading.Event()
        officers = [Officer(self, incident, enough, careless=careless, port=port) for _ in range(writers)]
        self.officers = officers
        began = time.monotonic()
        for officer in officers:
            officer.start()
        try:
            meanwhile()
            while sum(len(officer.receipts) for officer in officers) < count:
                assert all(officer.is_alive() for officer in officers), "an officer was answered wrongly"
                time.sleep(0.05)
        finally:
            enough.set()
            for officer in officers:
                officer.join(60)
        return self._checked(incident, officers, time.monotonic() - began)

    def _checked(self, incident: UUID, officers: list[Officer], seconds: float) -> Outcome:
        receipts: dict[tuple[str, int], set[str]] = {}
        for officer in officers:
            for seq, digest in officer.receipts:
                receipts.setdefault((str(incident), seq), set()).add(digest)
        conninfo = Database(self.cluster.url(APPLICATION_ROLE)).conninfo
        with verify_rows.database_rows(conninfo, incident) as (heads, rows):
            entries = list(rows)
            acknowledged = {place: frozenset(hashes) for place, hashes in receipts.items()}
            found = verify.verify(heads, entries, acknowledged)
        lines = [entry.payload for entry in entries]
        keys = [key for officer in officers for key in officer.keys]
        faults = {fault.code for fault in found.faults}
        if set(keys) - {str(entry.idem_key) for entry in entries}:
            faults.add("key_lost")
        if len({seq for officer in officers for seq, _ in officer.receipts}) != len(keys):
            faults.add("receipt_twice")
        return Outcome(
            len(keys), len(entries), faults, len(lines) - len(set(lines)),
            sum(officer.failures for officer in officers), sum(officer.replayed for officer in officers),
            max(officer.longest_call_s for officer in officers), seconds,
            sorted(at for officer in officers for at in officer.acknowledged_at),
        )  # fmt: skip

    def stop(self) -> None:
        """End the server; the database stays."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(40)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None

    def remove(self) -> None:
        """End everything."""
        self.stop()
        self.cluster.stop(even_if_kept=True)
        shutil.rmtree(self.folder, ignore_errors=True)


def _words(process: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{process}/cmdline").read_bytes()
    return b""


def _new() -> Installation:
    if not Path("/proc/self/task").exists():
        pytest.skip("finds the processes it kills through /proc")
    folder = Path(tempfile.mkdtemp(prefix="onemap-fault-"))
    folder.chmod(0o755)
    return Installation(folder)


@pytest.fixture(scope="session")
def installation() -> Iterator[Installation]:
    """One installation for all modules, served by two processes; whoever kills something waits until it is back."""
    made = _new()
    try:
        made.start("--workers", "2")
        yield made
    finally:
        made.remove()


@pytest.fixture(scope="module")
def own_installation() -> Iterator[Installation]:
    """An installation for the tests of one module that nobody serves yet."""
    made = _new()
    yield made
    made.remove()


@pytest.fixture
def fresh_installation() -> Iterator[Installation]:
    """An installation of this test's own that nobody serves yet."""
    made = _new()
    yield made
    made.remove()


@pytest.fixture
def new_installation() -> Iterator[Callable[[], Installation]]:
    """Make installations of this test's own, each with a cluster, a folder and a port; all end with the test."""
    made: list[Installation] = []

    def make() -> Installation:
        made.append(_new())
        return made[-1]

    yield make
    for one in made:
        one.remove()
