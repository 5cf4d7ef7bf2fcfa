"""What do the tests of the server share? A real server with a real database on a free port."""

import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from command_ui.access import accounts
from command_ui.access.sessions import Sessions
from command_ui.bootstrap import House
from command_ui.server.app import create_app
from command_ui.settings import Settings
from gis.database import Database


@dataclass(frozen=True)
class Served:
    """A running server: where it is, what it is made of, and who may come in."""

    origin: str
    app: FastAPI
    house: House
    passwords: dict[str, str]

    def client(self, **options: Any) -> httpx.Client:
        """A client that, like a browser, names its origin, and follows no redirect unless told."""
        return httpx.Client(base_url=self.origin, headers={"origin": self.origin}, timeout=180, **options)

    @contextmanager
    def sign_in(self, name: str = "duty", password: str = "", **options: Any) -> Iterator[httpx.Client]:
        """A client that went through the sign-in page; its CSRF header is set."""
        with self.client(**options) as client:
            page = client.get("/sign-in")
            form = {"form_token": _field(page.text, "form_token"), "name": name}
            answer = client.post("/sign-in", data=form | {"password": password or self.passwords[name]})
            assert answer.status_code == 303, answer.text
            client.headers["x-csrf-token"] = client.get("/api/v1/session").json()["csrf_token"]
            yield client


@pytest.fixture(scope="session")
def field() -> Callable[[str, str], str]:
    """Reader of hidden fields: `field(html, name)`."""
    return _field


def _field(html: str, name: str) -> str:
    """Value of a hidden field."""
    return html.split(f'name="{name}" value="', 1)[1].split('"', 1)[0]


@pytest.fixture(scope="module")
def serve(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Served]]:
    """Start servers; all stop at the end of the module."""
    running: list[tuple[uvicorn.Server, threading.Thread]] = []
    # One folder, as several processes of one installation would have: the same key, the same passwords.
    folder: Path = tmp_path_factory.mktemp("data")

    def start(
        *,
        console: Callable[..., Any] | None = None,
        sessions: Sessions | None = None,
        origins: Sequence[str] = (),
        **settings: Any,
    ) -> Served:
        # Taken now and handed over: a port that is only looked up may be another's when the server asks for it.
        door = socket.create_server(("127.0.0.1", 0))
        port = int(door.getsockname()[1])
        house = House(Settings(port=port, data_dir=folder, **settings), database)
        app = create_app(house, console=console, sessions=sessions, origins=origins)
        passwords = dict(accounts.prepare_demo(database, folder))
        server = uvicorn.Server(
            uvicorn.Config(app, port=port, log_level="warning", ws="websockets-sansio", proxy_headers=False)
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
        thread.start()
        deadline = time.monotonic() + 120
        while not server.started:
            assert thread.is_alive() and time.monotonic() < deadline, "the server did not start"
            time.sleep(0.05)
        running.append((server, thread))
        return Served(f"http://127.0.0.1:{port}", app, house, passwords)

    yield start
    for server, _ in running:
        server.should_exit = True
    for _, thread in running:
        thread.join(timeout=60)


def plain_console(**_: Any) -> Any:
    """A page with next to nothing on it."""
    import panel as pn

    return pn.pane.Str("一张图")


@pytest.fixture(scope="module")
def served(serve: Callable[..., Served]) -> Served:
    """One server with a plain page, shared by the tests of a module."""
    return serve(console=plain_console)
