"""What do the tests between nodes share? Real nodes on ports of their own, and a wire that can be cut."""

import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import uvicorn

from command_ui.access import accounts
from command_ui.bootstrap import House
from command_ui.exchange import Exchange
from command_ui.server.app import create_app
from command_ui.settings import Settings
from gis.cluster import PrivateCluster
from gis.database import APPLICATION_ROLE, Caller, Database
from scenarios.desk import Desk
from scenarios.nodes.sender import Pace

QUICK = Pace(look_s=0.1, first_wait_s=0.1, longest_wait_s=0.8, timeout_s=30.0, heads_s=0.5, lease_s=90.0)
"""
The usual pace, twenty times as quick: a cut of thirty seconds is one of ten minutes. Only how long an answer is waited
for, and how long a row is held, stay long: on a slow machine an answer given up is one more message, and none is lost.
"""


class Wire:
    """A TCP wire between two nodes: it can be cut, and it can lose answers the other side has already given."""

    def __init__(self, port: int) -> None:
        self.far = port
        self.is_cut = False
        self.lose_every = 0
        self.lost = 0
        self.carried = 0
        self._held: set[socket.socket] = set()
        self._lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cut(self) -> None:
        """End every connection and let none come through from now on."""
        self.is_cut = True
        with self._lock:
            held, self._held = self._held, set()
        for one in held:
            _end(one)

    def heal(self) -> None:
        self.is_cut = False

    def close(self) -> None:
        self.cut()
        self.listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            if self.is_cut:
                _end(near)
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self.far), timeout=30)
            except OSError:
                _end(near)
                continue
            far.settimeout(None)
            for one in (near, far):
                # As routers and reverse proxies do: waiting for more to send costs 40 ms at each end of every message.
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._held |= {near, far}
            threading.Thread(target=self._carry, args=(near, far, False), daemon=True).start()
            threading.Thread(target=self._carry, args=(far, near, True), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, answers: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if answers and data.startswith(b"HTTP/1.1 200") and b"x-onemap-answer" in data.lower():
                    with self._lock:
                        self.carried += 1
                        loses = self.lose_every and self.carried % self.lose_every == 0
                        self.lost += bool(loses)
                    if loses:
                        break
                target.sendall(data)
        for one in (source, target):
            _end(one)


def _end(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    with suppress(OSError):
        one.close()


@dataclass
class Node:
    """A running node: its server, its database, what it is made of, and the wire others reach it by."""

    name: str
    title: str
    division: str
    origin: str
    database: Database
    url: str
    superuser: str
    folder: Path
    desk: Desk
    exchange: Exchange
    passwords: dict[str, str]
    wire: Wire
    server: uvicorn.Server = field(repr=False)
    thread: threading.Thread = field(repr=False)

    @contextmanager
    def sign_in(self, name: str = "duty") -> Iterator[httpx.Client]:
        with httpx.Client(base_url=self.origin, headers={"origin": self.origin}, timeout=180) as client:
            signed = client.post("/api/v1/sessions", json={"name": name, "password": self.passwords[name]})
            assert signed.status_code in (200, 201), signed.text
            client.headers["authorization"] = f"Bearer {signed.json()['token']}"
            yield client

    def rows(self, statement: str, *values: Any) -> list[Any]:
        """Rows as the superuser sees them: behind the program's back."""
        with psycopg.connect(self.superuser) as connection:
            return connection.execute(statement.encode(), values or None).fetchall()

    def knows(self, other: "Node", *, relation: str, key: str = "", label: str = "internal", level: str = "") -> str:
        """Enter another node as a neighbour, reached over its wire."""
        with self.database.transaction(Caller.system()) as connection:
            return self.exchange.neighbours.add(
                connection, other.name, title=other.title, level=level or other.exchange.own.level,  # type: ignore[arg-type]
                relation=relation, address=other.wire.address, divisions=other.division,  # type: ignore[arg-type]
                label=label, key=key,  # type: ignore[arg-type]
            )  # fmt: skip

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(timeout=60)
        self.wire.close()
        self.database.close()


def _plain_console(**_: Any) -> Any:
    import panel as pn

    return pn.pane.Str("一张图")


@pytest.fixture(scope="session")
def quick() -> Pace:
    """The pace of these tests."""
    return QUICK


@pytest.fixture(scope="module")
def make_node(cluster: PrivateCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Node]]:
    """Make nodes, each with a database, a folder, a port and a wire of its own; all end with the module."""
    made: list[tuple[Node, str]] = []

    def start(name: str, title: str, level: str, division: str, *, pace: Pace = QUICK, pages: bool = False) -> Node:
        base = f"node_{uuid.uuid4().hex[:12]}"
        _administer(cluster, f"CREATE DATABASE {base} TEMPLATE onemap_template")
        url = cluster.url(APPLICATION_ROLE, database=base)
        database, folder = Database(url), tmp_path_factory.mktemp(name)
        # Taken now and handed over: a port that is only looked up may be another's when the node asks for it.
        door = socket.create_server(("127.0.0.1", 0))
        port = int(door.getsockname()[1])
        settings = Settings(
            port=port, data_dir=folder, node_name=name, node_title=title, node_level=level,  # type: ignore[arg-type]
            node_division=division,
        )  # fmt: skip
        wire = Wire(port)
        origins = (f"http://127.0.0.1:{port}", wire.address)
        app = create_app(House(settings, database), console=None if pages else _plain_console, origins=origins)
        exchange: Exchange = app.state.exchange
        exchange.sender.pace = pace
        passwords = dict(accounts.prepare_demo(database, folder))
        server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", ws="websockets-sansio"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
        thread.start()
        until = time.monotonic() + 120
        while not server.started:
            assert thread.is_alive() and time.monotonic() < until, "the node did not start"
            time.sleep(0.05)
        node = Node(
            name, title, division, f"http://127.0.0.1:{port}", database, url, cluster.conninfo(database=base), folder,
            exchange.desk.desk, exchange, passwords, wire, server, thread,
        )  # fmt: skip
        made.append((node, base))
        return node

    yield start
    for node, base in reversed(made):
        node.stop()
        _administer(cluster, f"DROP DATABASE {base} WITH (FORCE)")


@pytest.fixture(scope="session")
def until() -> Callable[..., float]:
    """Wait until something holds: `until(condition, within_s)` gives the seconds it took."""

    def wait(holds: Callable[[], Any], within_s: float = 60.0) -> float:
        began = time.monotonic()
        while not holds():
            assert time.monotonic() - began < within_s, f"not within {within_s:g} s"
            time.sleep(0.05)
        return time.monotonic() - began

    return wait


def _administer(cluster: PrivateCluster, statement: str) -> None:
    with psycopg.connect(cluster.conninfo(database="postgres"), autocommit=True) as connection:
        connection.execute(statement.encode())
