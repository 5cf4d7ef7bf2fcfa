"""What does every answer carry: a request id, security headers, and as few bytes as the browser allows?"""

import importlib.metadata
import random
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from html import escape

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from command_ui.server import assets
from command_ui.server.packing import is_packable, squeeze

_CHANCE = random.Random()  # noqa: S311 - the name of a request is no secret
"""Names requests; asking the system for chance every time would give the event loop's turn away."""
_ALWAYS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # 'same-origin' and not 'no-referrer': with the latter a form's Origin is "null" and its exact check would fail.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), payment=(), usb=(), geolocation=(self)",
}
_PLAIN_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


def console_policy(nonce: str) -> str:
    """
    Content-Security-Policy of the console page.

    Scripts: our own files, the inline ones Bokeh writes into the page (by nonce), and the modules Panel makes from
    component source (blob:). Styles: Panel writes them inline into shadow roots, which no nonce reaches.
    """
    return (
        f"default-src 'none'; script-src 'self' 'nonce-{nonce}' blob:; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' blob:; worker-src 'self' blob:; "
        "manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
    )


class Envelope:
    """Outermost ASGI layer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Name the request, then dress the answer."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        identity = f"{_CHANCE.getrandbits(128):032x}"
        scope["state"] = {**scope.get("state", {}), "request_id": identity}
        if scope["type"] == "websocket":
            await self.app(scope, receive, send)
            return

        async def dress(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["x-request-id"] = identity
                for name, value in _ALWAYS.items():
                    headers.setdefault(name, value)
                headers.setdefault("content-security-policy", _PLAIN_POLICY)
                headers.setdefault("cache-control", "no-store")
                if scope.get("scheme") == "https":
                    headers.setdefault("strict-transport-security", "max-age=31536000")
                if "server" in headers:
                    del headers["server"]
            await send(message)

        await self.app(scope, receive, dress)


class Shrink:
    """ASGI layer that packs bodies made on the spot; streams and what is packed already pass through."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hold the body back until it is whole, pack it, send it."""
        if scope["type"] != "http" or scope["method"] == "HEAD":
            await self.app(scope, receive, send)
            return
        asked = Headers(scope=scope).get("accept-encoding", "")
        start: Message | None = None
        parts = list[bytes]()

        async def hold(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                headers = Headers(raw=message["headers"])
                if is_packable(headers.get("content-type", "")) and "content-encoding" not in headers:
                    start = message
                    return
            elif start is not None and message["type"] == "http.response.body":
                parts.append(message.get("body", b""))
                if message.get("more_body"):
                    return
                body, coding = squeeze(b"".join(parts), asked)
                headers_out = MutableHeaders(scope=start)
                headers_out.add_vary_header("accept-encoding")
                headers_out["content-length"] = str(len(body))
                if coding:
                    headers_out["content-encoding"] = coding
                await send(start)
                message = {"type": "http.response.body", "body": body}
                start = None
            await send(message)

        await self.app(scope, receive, hold)


class ConsolePage:
    """ASGI layer that gives the page Bokeh writes its nonce and its Content-Security-Policy."""

    def __init__(self, app: ASGIApp, bundles: Mapping[str, None], pages: Mapping[str, Sequence[str]]) -> None:
        self.app = app
        self.bundles = bundles
        self.pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Rewrite the pages only."""
        if scope["type"] != "http" or scope["path"] not in self.pages or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        start: Message | None = None
        parts = list[bytes]()

        async def rewrite(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                content_type = Headers(raw=message["headers"]).get("content-type", "")
                if message["status"] == 200 and content_type.lower().startswith("text/html"):
                    start = message
                    return
            elif start is not None:
                parts.append(message.get("body", b""))
                if message.get("more_body"):
                    return
                # At this point the page holds no word typed by a user: those travel by the websocket, as data.
                ends = tuple(f"/{name}.bundle.js" for name in self.pages[scope["path"]])
                early = [path for path in self.bundles if path.endswith(ends)]
                page = _lean(b"".join(parts), early, assets.needed(self.pages[scope["path"]])).replace(
                    b"<script", f'<script nonce="{nonce}"'.encode()
                )
                headers = MutableHeaders(scope=start)
                headers["content-security-policy"] = console_policy(nonce)
                headers["content-length"] = str(len(page))
                await send(start)
                message = {"type": "http.response.body", "body": page}
                start = None
            await send(message)

        await self.app(scope, receive, rewrite)


_UNUSED_SCRIPT = re.compile(rb'\s*<script[^>]*src="static/js/bokeh-gl\.min\.js[^"]*"[^>]*></script>')
_LIBRARY = re.compile(rb'((?:src|href)=")static/([^"?]+)"')
_LIBRARY_SCRIPT = re.compile(rb'<script( [^>]*src="static/)')
_CHATTER = re.compile(rb'<script[^>]*>\s*Bokeh\.set_log_level\("\w+"\);\s*</script>')
"""Only what Bokeh writes to the browser's console; said in passing it would need Bokeh before the page is drawn."""


def _lean(page: bytes, bundles: Iterable[str], parts: Iterable[str] = ()) -> bytes:
    """
    Make the page quick: what is not drawn with (WebGL plots) goes, libraries are kept for a year and wait their turn.

    Parts are asked for at once and compiled while the libraries still travel.
    """
    version = f"?v={importlib.metadata.version('bokeh')}-{importlib.metadata.version('panel')}".encode()
    page = _CHATTER.sub(b"", _UNUSED_SCRIPT.sub(b"", page))
    page = _LIBRARY.sub(lambda found: found[1] + b"static/" + found[2] + version + b'"', page)
    page = _LIBRARY_SCRIPT.sub(rb'<script defer fetchpriority="low"\1', page)
    early = "".join(f'<link rel="modulepreload" href="{escape(path)}">' for path in parts)
    early += "".join(f'<link rel="preload" href="{escape(path)}" as="fetch" crossorigin>' for path in bundles)
    return page.replace(b"</title>", b"</title>" + early.encode(), 1)
