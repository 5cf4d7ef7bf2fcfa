"""How do files that never change reach the browser once and stay there?"""

import asyncio
from collections.abc import Iterable
from pathlib import Path

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from command_ui.server import assets
from command_ui.server.packing import Packed, pack

_YEAR = "public, max-age=31536000, immutable"
_ASK_AGAIN = "public, max-age=0, must-revalidate"


class StaticFiles:
    """
    ASGI layer before the application: `/assets/` from our folders, `/static/` kept from what Bokeh answered first.

    Every file is packed once with brotli and gzip, carries an ETag, and is kept for a year by the browser when its
    address names the content's hash (`?v=`).
    """

    def __init__(self, app: ASGIApp, folder: Path | None = None) -> None:
        self.app = app
        self.folder = folder
        self._library: dict[str, Packed] = {}
        self._own: dict[Path, tuple[int, Packed]] = {}
        self._busy: dict[str, asyncio.Lock] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what is a file, pass on what is not."""
        path = scope["path"] if scope["type"] == "http" else ""
        if path.startswith("/assets/") and scope["method"] in ("GET", "HEAD"):
            packed = await self._from_folder(path.removeprefix("/assets/"))
        elif path.startswith("/static/") and scope["method"] in ("GET", "HEAD"):
            packed = await self._from_library(scope, receive)
        else:
            await self.app(scope, receive, send)
            return
        if packed is None:
            await self.app(scope, receive, send)
        else:
            await _reply(packed, scope, send)

    async def _from_folder(self, name: str) -> Packed | None:
        path = assets.find(name)
        if path is None:
            return None
        changed_ns = path.stat().st_mtime_ns
        held = self._own.get(path)
        if held is None or held[0] != changed_ns:
            body = await asyncio.to_thread(path.read_bytes)
            held = (changed_ns, await asyncio.to_thread(pack, body, assets.content_type(path), self.folder))
            self._own[path] = held
        return held[1]

    async def _from_library(self, scope: Scope, receive: Receive) -> Packed | None:
        path = scope["path"]
        if path in self._library:
            return self._library[path]
        async with self._busy.setdefault(path, asyncio.Lock()):
            if path not in self._library:
                status, content_type, body = await _collect(self.app, scope, receive)
                if status == 200:
                    self._library[path] = await asyncio.to_thread(pack, body, content_type, self.folder)
        if path not in self._library:
            self._busy.pop(path, None)  # what does not exist must leave no trace to grow on
        return self._library.get(path)


async def _collect(app: ASGIApp, scope: Scope, receive: Receive) -> tuple[int, str, bytes]:
    status, content_type, parts = 500, "", list[bytes]()

    async def take(message: Message) -> None:
        nonlocal status, content_type
        if message["type"] == "http.response.start":
            status = message["status"]
            content_type = Headers(raw=message["headers"]).get("content-type", "")
        else:
            parts.append(message.get("body", b""))

    # Asked for as it is: layers further in would pack it, and it would be packed twice.
    plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
    await app({**scope, "method": "GET", "headers": plain}, receive, take)
    return status, content_type, b"".join(parts)


async def _reply(packed: Packed, scope: Scope, send: Send) -> None:
    asked = Headers(scope=scope)
    body, coding = packed.choose(asked.get("accept-encoding", ""))
    headers = [
        ("cache-control", _YEAR if b"v=" in scope.get("query_string", b"") else _ASK_AGAIN),
        ("etag", packed.etag),
        ("vary", "accept-encoding"),
    ]
    if matches(asked.get("if-none-match", ""), packed.etag):
        await _send(send, 304, headers, b"")
        return
    headers += [("content-type", packed.content_type), ("content-length", str(len(body)))]
    if coding:
        headers.append(("content-encoding", coding))
    await _send(send, 200, headers, b"" if scope["method"] == "HEAD" else body)


def matches(if_none_match: str, etag: str) -> bool:
    """Tell whether the browser already holds this content (weak comparison, RFC 9110 section 13.1.2)."""
    held = {part.strip().removeprefix("W/") for part in if_none_match.split(",")}
    return "*" in held or etag.removeprefix("W/") in held


async def _send(send: Send, status: int, headers: Iterable[tuple[str, str]], body: bytes) -> None:
    raw = [(name.encode(), value.encode()) for name, value in headers]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})
