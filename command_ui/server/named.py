"""Whose socket is this, and whom does a proxy we trust name as signed in?"""

import os
from collections.abc import Mapping

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from command_ui.access.ways import TrustedProxy

LONGEST_NAME = 64


class Named:
    """
    ASGI layer before everything else.

    It reads the header of a trusted proxy while the address is still that of the socket, takes the header off whatever
    comes in, and only then believes what X-Forwarded-For says (of 127.0.0.1, or FORWARDED_ALLOW_IPS). A header from
    elsewhere is no name but a refusal, which the guard gives and the audit keeps.
    """

    def __init__(self, app: ASGIApp, proxy: TrustedProxy | None) -> None:
        self._proxy = proxy
        believed = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1")
        self._app = ProxyHeadersMiddleware(app, trusted_hosts=believed)  # type: ignore[arg-type]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take note of the name, or of what is wrong with it."""
        if self._proxy is not None and scope["type"] in ("http", "websocket"):
            header = self._proxy.header.encode()
            values = [value for name, value in scope["headers"] if name.lower() == header]
            if values:
                scope["headers"] = [(name, value) for name, value in scope["headers"] if name.lower() != header]
                client = scope.get("client")
                trusted = client is not None and self._proxy.trusts(str(client[0]))
                scope["state"] = {**scope.get("state", {}), **_read(values, trusted=trusted)}
        await self._app(scope, receive, send)  # type: ignore[arg-type]


def named_by_proxy(scope: Mapping[str, object]) -> str:
    """Give the name a trusted proxy sent with this request; empty without one."""
    state = scope.get("state")
    return str(state.get("named", "")) if isinstance(state, Mapping) else ""


def misnamed(scope: Mapping[str, object]) -> str:
    """Say what is wrong with a header that names somebody; empty when nothing is."""
    state = scope.get("state")
    return str(state.get("misnamed", "")) if isinstance(state, Mapping) else ""


def _read(values: list[bytes], *, trusted: bool) -> dict[str, str]:
    if not trusted:
        return {"misnamed": "name from an address that is not trusted"}
    if len(values) > 1:
        return {"misnamed": "several names"}
    try:
        name = values[0].decode("utf-8").strip()
    except UnicodeDecodeError:
        return {"misnamed": "name that cannot be read"}
    if len(name) > LONGEST_NAME or not name.isprintable():
        return {"misnamed": "name that cannot be read"}
    return {"named": name} if name else {}
