"""How do files that never change reach the browser once and stay there?"""

import asyncio
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from command_ui.server import assets, errors, made
from command_ui.server.packing import Packed, pack

_YEAR = "public, max-age=31536000, immutable"
_ASK_AGAIN = "public, max-age=0, must-revalidate"
_WORTH_HARD_WORK_BYTES = 100_000
_OURS = re.compile(r"command_ui\.(?:console|map)\.[a-z_]+")
"""Modules whose components have files. Panel imports the module an address names: any other is not there."""


class StaticFiles:
    """
    ASGI layer before the application: `/assets/` from our folders, `/static/` kept from what Bokeh answered first.

    Every file is packed once with brotli and gzip, carries an ETag, and is kept for a year by the browser when its
    address names the content's hash (`?v=`).
    """

    def __init__(self, app: ASGIApp, folder: Path | None = None) -> None:
        self.app = app
        self._shelf = Shelf(folder)
        self._library: dict[str, Packed] = {}
        self._busy: dict[str, asyncio.Lock] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what is a file, pass on what is not."""
        path = scope["path"] if scope["type"] == "http" else ""
        packed = None
        if path.startswith("/assets/") and scope["method"] in ("GET", "HEAD"):
            name = path.removeprefix("/assets/")
            file = assets.find(name)
            packed = await self._shelf.file(file) if file else await self._made(name)
        elif path.startswith("/static/") and scope["method"] in ("GET", "HEAD"):
            packed = await self._from_library(scope, receive)
        if packed is None:
            await self.app(scope, receive, send)
        else:
            await _reply(packed, scope, send)

    async def _made(self, name: str) -> Packed | None:
        if name not in made.NAMES:
            return None
        async with self._busy.setdefault(name, asyncio.Lock()):
            if name not in self._library:
                body, content_type = made.content(name), assets.content_type(name)
                self._library[name] = await self._shelf.pack(body, content_type)
                self._shelf.improve(body, content_type, lambda better: self._library.update({name: better}))
            return self._library[name]

    async def _from_library(self, scope: Scope, receive: Receive) -> Packed | None:
        path = scope["path"]
        async with self._busy.setdefault(path, asyncio.Lock()):
            if path not in self._library:
                status, content_type, body = await _collect(self.app, scope, receive)
                if status != 200:
                    self._busy.pop(path, None)  # what does not exist must leave no trace to grow on
                    return None
                self._library[path] = await self._shelf.pack(body, content_type)
                self._shelf.improve(body, content_type, lambda better: self._library.update({path: better}))
            return self._library[path]


class ComponentFiles:
    """
    ASGI layer behind the guard: the bundles of the page's components, which Panel serves below `/components/`.

    Their addresses name no version, so browsers ask again each time and mostly get "not modified". What earlier pages
    asked for is remembered in `asked`: the next page announces it before its scripts find out that they need it.
    """

    def __init__(self, app: ASGIApp, asked: dict[str, None], folder: Path | None = None) -> None:
        self.app = app
        self.asked = asked
        self._shelf = Shelf(folder)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer component files and what is none of them, pass on everything else."""
        path = scope["path"] if scope["type"] == "http" else ""
        if not path.startswith("/components/") or scope["method"] not in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        file = _component_file(path)
        if file is None:
            # Not passed on: what answers further in would import whatever module the address names.
            await errors.answer(scope, 404)(scope, receive, send)
            return
        if file.suffix == ".js":
            self.asked[path] = None
        await _reply(await self._shelf.file(file), scope, send)


class Shelf:
    """Files packed and kept in memory, packed anew when they change on disk."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._held: dict[Path, tuple[int, Packed]] = {}
        self._improving = set[asyncio.Task[None]]()
        self._one_at_a_time = asyncio.Lock()

    async def file(self, path: Path) -> Packed:
        """Give a file of a folder of ours."""
        changed_ns = path.stat().st_mtime_ns
        held = self._held.get(path)
        if held is None or held[0] != changed_ns:
            body, content_type = await asyncio.to_thread(path.read_bytes), assets.content_type(path)
            held = self._held[path] = (changed_ns, await self.pack(body, content_type))
            self.improve(body, content_type, lambda better: self._held.update({path: (changed_ns, better)}))
        return held[1]

    async def pack(self, body: bytes, content_type: str) -> Packed:
        """Pack quickly, or take what an earlier start packed hard."""
        return await asyncio.to_thread(pack, body, content_type, self._folder)

    def improve(self, body: bytes, content_type: str, better: Callable[[Packed], None]) -> None:
        """Pack harder in the background, one file at a time, and hand the result over."""

        async def work() -> None:
            async with self._one_at_a_time:
                better(await asyncio.to_thread(pack, body, content_type, self._folder, hard=True))

        if self._folder is not None and len(body) > _WORTH_HARD_WORK_BYTES:
            task = asyncio.create_task(work())
            self._improving.add(task)
            task.add_done_callback(self._improving.discard)


def _component_file(path: str) -> Path | None:
    from panel.io.server import resolve_component_resource
    from tornado.web import HTTPError

    module = path.removeprefix("/components/").partition("/")[0]
    if not _OURS.fullmatch(module) and not (module.startswith("panel.") and module in sys.modules):
        return None
    try:
        file = Path(resolve_component_resource(path.removeprefix("/components/")))
    except (HTTPError, ImportError, ValueError):
        return None
    return file if file.is_file() else None


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
        ("cache-control", _YEAR if _is_named_by_content(scope) else _ASK_AGAIN),
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


def _is_named_by_content(scope: Scope) -> bool:
    return b"v=" in scope.get("query_string", b"") or scope["path"].startswith(f"/assets/{assets.PARTS}")


def matches(if_none_match: str, etag: str) -> bool:
    """Tell whether the browser already holds this content (weak comparison, RFC 9110 section 13.1.2)."""
    held = {part.strip().removeprefix("W/") for part in if_none_match.split(",")}
    return "*" in held or etag.removeprefix("W/") in held


async def _send(send: Send, status: int, headers: Iterable[tuple[str, str]], body: bytes) -> None:
    raw = [(name.encode(), value.encode()) for name, value in headers]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})
