"""What does a browser do on the wire? Signs in, opens a page, follows its two lines as the desk does, and counts."""

import asyncio
import json
import re
import time
import uuid
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import httpx
import websockets

_TOKEN = re.compile(r'"token":"([^"]+)"')
_FIELD = re.compile(r'name="([^"]+)" value="([^"]*)"')
_COUNT = re.compile(r'\\?"total\\?":(\d+)')
"""How long the record is: it travels as text inside a message, so its quotes are escaped there."""
_FOLLOWS = re.compile(r'"follows".{1,12}?([0-9a-f]{8}-[0-9a-f-]{27})')
"""Incident whose line the page is told to be on, in the document and in later messages."""
ANSWER_S = 4.0
"""As in liveline.js."""
_REV = re.compile(r'"rev":(\d+)')


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
    line_messages: int = 0
    asked_again: int = 0
    """How often the page's answer about the line did not come in time, and it asked anew, as a browser does."""
    line_error: str = ""
    last: deque[str] = field(default_factory=lambda: deque(maxlen=4))
    """Beginnings of the newest messages."""
    _socket: Any = None
    _line: Any = None
    _on_line: asyncio.Task[None] | None = None
    _frame: str = ""

    async def open(self, path: str = "/") -> None:
        """Ask for the page, connect, take the whole document, as a browser does."""
        began = time.perf_counter()
        page = (await self.client.get(path, headers={"accept": "text/html"})).text
        found = _TOKEN.search(page)
        if found is None:
            raise RuntimeError("the page carries no token")
        self._socket = await self._connect(path.rstrip("/") + "/ws", "bokeh", found[1])
        await self._message()
        await self._say("PULL-DOC-REQ", "{}")
        kind, body = "", ""
        early: list[str] = []
        while kind != "PULL-DOC-REPLY":
            kind, body = await self._message()
            early.append(body)  # a change may overtake the document: BokehJS keeps it and applies it afterwards
        self._frame = next((one["id"] for one in json.loads(body)["doc"]["roots"]), "")
        ready: dict[str, Any] = {"kind": "MessageSent", "msg_type": "bokeh_event"}
        ready["msg_data"] = {"type": "event", "name": "document_ready", "values": {"type": "map", "entries": []}}
        await self._say("PATCH-DOC", json.dumps({"events": [ready]}))
        for said in (body, *early):
            self._heed(said)
        self.opened_s = time.perf_counter() - began

    async def follow(self) -> None:
        """Take messages until the page is closed; once it names its incident, go on its line as it does."""
        try:
            while True:
                kind, body = await self._message()
                if kind != "PATCH-DOC":
                    continue
                self._heed(body)
                if self._line is not None and '"kind","line"' in body:
                    await self._line.send("whole")
                counts = [int(found) for found in _COUNT.findall(body)]
                if counts:
                    self.seen.append((time.perf_counter(), max(counts)))
        except websockets.ConnectionClosed as closed:
            if closed.rcvd is not None and closed.rcvd.code not in (1000, 1001):
                self.error = f"{closed.rcvd.code} {closed.rcvd.reason}"
        except asyncio.CancelledError:
            pass

    def _heed(self, body: str) -> None:
        """Go on the line of the incident the page names, once."""
        found = _FOLLOWS.search(body)
        if found and self._on_line is None:
            self._on_line = asyncio.create_task(self._follow_line(found[1]))

    async def _follow_line(self, incident: str) -> None:
        try:
            await self._stay_on_line(incident)
        except (websockets.WebSocketException, OSError) as error:
            self.line_error = f"{type(error).__name__}: {error}"

    @property
    def standing(self) -> str:
        """What a page that heard of nothing had come to."""
        if self._on_line is None:
            return f"was never told its incident ({self.messages} messages, {', '.join(self.last)})"
        if self.line_error:
            return f"lost its line: {self.line_error}"
        return f"on its line, {self.line_messages} messages there, asked {self.asked_again} times"

    async def _stay_on_line(self, incident: str) -> None:
        self._line = await self._connect(f"/incidents/{incident}/line?language=zh")
        said = {"type": "map", "entries": [["kind", "line"], ["up", True], ["incident", incident]]}
        values = {"type": "map", "entries": [["model", {"id": self._frame}], ["data", said]]}
        event = {
            "kind": "MessageSent",
            "msg_type": "bokeh_event",
            "msg_data": {"type": "event", "name": "data_event", "values": values},
        }
        await self._say("PATCH-DOC", json.dumps({"events": [event]}))
        while True:
            try:
                text = await asyncio.wait_for(self._line.recv(), None if self.line_messages else ANSWER_S)
            except TimeoutError:
                self.asked_again += 1
                await self._say("PATCH-DOC", json.dumps({"events": [event]}))
                continue
            self.line_messages += 1
            self.received_bytes += len(text)
            found = _REV.search(text[:200])
            if found:
                self.seen.append((time.perf_counter(), int(found[1])))

    async def _connect(self, path: str, *protocols: str) -> Any:
        cookie = "; ".join(f"{name}={value}" for name, value in self.client.cookies.items())
        return await websockets.connect(
            self.origin.replace("http", "ws", 1) + path,
            subprotocols=[websockets.Subprotocol(one) for one in protocols] or None,
            additional_headers={"cookie": cookie},
            origin=websockets.Origin(self.origin),
            max_size=None,
            open_timeout=60,
            ping_interval=None,
        )

    async def _say(self, kind: str, content: str) -> None:
        for part in (json.dumps({"msgid": uuid.uuid4().hex, "msgtype": kind}), "{}", content):
            await self._socket.send(part)

    async def close(self) -> None:
        """Leave the page."""
        for socket in (self._line, self._socket):
            if socket is not None:
                await socket.close()

    async def _message(self) -> tuple[str, str]:
        header = json.loads(await self._socket.recv())
        parts = [await self._socket.recv() for _ in range(2)]
        for _ in range(int(header.get("num_buffers") or 0)):
            parts += [await self._socket.recv(), await self._socket.recv()]
        self.messages += 1
        self.received_bytes += sum(len(part) for part in parts)
        self.last.append(f"{header['msgtype']} {str(parts[1])[:160]}")
        return str(header["msgtype"]), parts[1] if isinstance(parts[1], str) else ""
