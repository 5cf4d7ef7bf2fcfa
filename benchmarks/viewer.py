"""What does a browser do on the wire? Signs in, opens a page, follows its websocket as Bokeh does, and counts."""

import asyncio
import json
import re
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import httpx
import websockets

_TOKEN = re.compile(r'"token":"([^"]+)"')
_FIELD = re.compile(r'name="([^"]+)" value="([^"]*)"')
_COUNT = re.compile(r'\\?"total\\?":(\d+)')
"""How long the record is: it travels as text inside a message, so its quotes are escaped there."""


async def sign_in(origin: str, name: str, password: str) -> httpx.AsyncClient:
    """Give a client that carries the cookie of a new sign-in."""
    client = httpx.AsyncClient(base_url=origin, timeout=60)
    form = dict(_FIELD.findall((await client.get("/sign-in")).text))
    answer = await client.post(
        "/sign-in", data={**form, "name": name, "password": password}, headers={"origin": origin}
    )
    if answer.status_code >= 400:
        raise RuntimeError(f"sign-in of {name}: {answer.status_code}")
    return client


@dataclass
class Viewer:
    """One open page: how long the record was at each message, as its list says."""

    origin: str
    client: httpx.AsyncClient
    opened_s: float = 0.0
    received_bytes: int = 0
    messages: int = 0
    seen: list[tuple[float, int]] = field(default_factory=list)
    """Moment (monotonic) and number of entries the page had been told of by then."""
    error: str = ""
    _socket: Any = None

    async def open(self, path: str = "/") -> None:
        """Ask for the page, connect, take the whole document, as a browser does."""
        began = time.perf_counter()
        page = (await self.client.get(path, headers={"accept": "text/html"})).text
        found = _TOKEN.search(page)
        if found is None:
            raise RuntimeError("the page carries no token")
        cookie = "; ".join(f"{name}={value}" for name, value in self.client.cookies.items())
        self._socket = await websockets.connect(
            self.origin.replace("http", "ws", 1) + path.rstrip("/") + "/ws",
            subprotocols=[websockets.Subprotocol("bokeh"), websockets.Subprotocol(found[1])],
            additional_headers={"cookie": cookie},
            origin=websockets.Origin(self.origin),
            max_size=None,
            open_timeout=60,
            ping_interval=None,
        )
        await self._message()
        for part in (json.dumps({"msgid": uuid.uuid4().hex, "msgtype": "PULL-DOC-REQ"}), "{}", "{}"):
            await self._socket.send(part)
        while (await self._message())[0] != "PULL-DOC-REPLY":
            pass
        self.opened_s = time.perf_counter() - began

    async def follow(self) -> None:
        """Take messages until the page is closed."""
        try:
            while True:
                kind, body = await self._message()
                if kind != "PATCH-DOC":
                    continue
                counts = [int(found) for found in _COUNT.findall(body)]
                if counts:
                    self.seen.append((time.perf_counter(), max(counts)))
        except websockets.ConnectionClosed as closed:
            if closed.rcvd is not None and closed.rcvd.code not in (1000, 1001):
                self.error = f"{closed.rcvd.code} {closed.rcvd.reason}"
        except asyncio.CancelledError:
            pass

    async def close(self) -> None:
        """Leave the page."""
        if self._socket is not None:
            await self._socket.close()

    async def _message(self) -> tuple[str, str]:
        header = json.loads(await self._socket.recv())
        parts = [await self._socket.recv() for _ in range(2)]
        for _ in range(int(header.get("num_buffers") or 0)):
            parts += [await self._socket.recv(), await self._socket.recv()]
        self.messages += 1
        self.received_bytes += sum(len(part) for part in parts)
        return str(header["msgtype"]), parts[1] if isinstance(parts[1], str) else ""
