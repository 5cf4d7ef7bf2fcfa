"""Which of several processes keeps what is asked for? That one answers, whichever was asked."""

import re
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import httpx
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from command_ui.server import errors
from command_ui.server.named import misnamed

if TYPE_CHECKING:
    from command_ui.worker import Worker

_KEPT = re.compile(r"/api/v1/(uploads|risk-runs)/(?P<worker>[0-9a-f]{2})[0-9a-f]{30}(/\w+)?")
"""Files and calculations stay with the process that took them on; their keys begin with its number."""
_SCHEME, _CLIENT = "x-onemap-scheme", "x-onemap-client"
_PATIENCE = httpx.Timeout(60, connect=2)
_NOT_OURS = frozenset({"connection", "keep-alive", "transfer-encoding", "upgrade"})
"""Headers that belong to one connection and are not handed on."""


class Relay:
    """
    ASGI layer before everything else, where several processes answer on one port.

    Rights are checked by the process that answers, on the very headers that came in. Only processes of the same user of
    the system reach a worker's own socket, so what it says of scheme and client is believed there and nowhere else.
    """

    def __init__(self, app: ASGIApp, worker: "Worker") -> None:
        self.app = app
        self.worker = worker

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer here, or have it answered."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        _strip(scope, believed=scope.get("client") is None)
        kept = _KEPT.fullmatch(scope["path"])
        number = int(kept["worker"], 16) if kept else self.worker.number
        if number == self.worker.number or misnamed(scope) or not self.worker.socket_of(number).exists():
            await self.app(scope, receive, send)  # one that never was answers like one that is gone
        else:
            await self._hand_on(number, scope, receive, send)

    async def _hand_on(self, number: int, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        transport = httpx.AsyncHTTPTransport(uds=str(self.worker.socket_of(number)))
        headers = [(name, value) for name, value in request.headers.items() if name not in _NOT_OURS]
        headers += [(_SCHEME, scope["scheme"]), (_CLIENT, request.client.host if request.client else "")]
        query = scope.get("query_string", b"").decode("latin-1")
        address = scope["path"] + (f"?{query}" if query else "")

        async def body() -> AsyncIterator[bytes]:
            async for piece in request.stream():
                yield piece

        async with httpx.AsyncClient(transport=transport, base_url="http://worker", timeout=_PATIENCE) as client:
            asked = client.build_request(
                scope["method"], address, headers=headers, content=body() if scope["method"] == "POST" else None
            )
            try:
                answer = await client.send(asked, stream=True)
            except httpx.TransportError:
                await errors.answer(scope, 503)(scope, receive, send)
                return
            try:
                raw = [(name, value) for name, value in answer.headers.raw if name.lower().decode() not in _NOT_OURS]
                await send({"type": "http.response.start", "status": answer.status_code, "headers": raw})
                async for piece in answer.aiter_raw():
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
                await send({"type": "http.response.body", "body": b""})
            finally:
                await answer.aclose()


def _strip(scope: Scope, *, believed: bool) -> None:
    """Take our own headers off what comes in; from another worker they say how the client came."""
    headers = Headers(scope=scope)
    if believed and _SCHEME in headers:
        scope["scheme"] = headers[_SCHEME]
        scope["client"] = (headers[_CLIENT], 0) if headers.get(_CLIENT) else None
    ours = (_SCHEME.encode(), _CLIENT.encode())
    scope["headers"] = [(name, value) for name, value in scope["headers"] if name.lower() not in ours]
