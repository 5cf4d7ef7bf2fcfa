"""May this request, or this websocket, come in?"""

import asyncio
import contextlib
import hmac
import zlib
from collections.abc import Iterator, MutableMapping
from typing import Any
from urllib.parse import quote

from sqlalchemy.exc import InterfaceError, OperationalError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from command_ui.access import cookies
from command_ui.access.accounts import plain_name
from command_ui.access.gateways import Gateways
from command_ui.access.origins import Origins
from command_ui.access.policies import Policy, methods_of, policy_for
from command_ui.access.roles import HOME, SignedIn, current
from command_ui.access.sessions import Sessions
from command_ui.server import errors
from command_ui.server.auditing import Auditor
from command_ui.server.named import misnamed, named_by_proxy
from gis.errors import UnavailableError

HANDLE_HEADER = "x-onemap-session"
"""Set by the guard on what goes inside, so that a page and its websocket carry the name of the sign-in behind them."""

WEBSOCKET_REFUSED = 4403
WEBSOCKET_ENDED = 4401
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_LOOK_EVERY_S = 2.0


_NO_DATABASE = (UnavailableError, OperationalError, InterfaceError)
"""How a database that is away shows: at the start of a transaction, or in the middle of one."""


class Guard:
    """
    ASGI layer before everything that holds data, for http and websocket alike.

    An address without a declared policy is not found. What needs a sign-in is refused without one; unsafe methods and
    websockets must come from exactly our own origin; a live websocket is closed within seconds when its session ends.
    """

    def __init__(
        self, app: ASGIApp, sessions: Sessions, gateways: Gateways, origins: Origins, auditor: Auditor
    ) -> None:
        self.app = app
        self.sessions = sessions
        self.gateways = gateways
        self.origins = origins
        self.auditor = auditor
        self._sockets: dict[str, set[asyncio.Event]] = {}
        self._watch: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let in or turn away."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        method, path = scope["method"], scope["path"]
        policy = policy_for(method, path)
        refusal = self._plain_refusal(policy, headers, path, scope.get("query_string", b""))
        if refusal:
            await errors.answer(scope, refusal)(scope, receive, send)
            return
        assert policy is not None
        if why := misnamed(scope):
            await self.auditor.turned_away(scope, 403, why, on=policy.path)
            await errors.answer(scope, 403, "refused", "This request may not name who is signed in.")(
                scope, receive, send
            )
            return
        try:
            person = await self._person(scope, headers)
        except _NO_DATABASE:
            # What needs nobody signed in (health, own files, the door itself) answers without the database.
            person = None
            if policy.who != "anyone":
                await errors.answer(scope, 503)(scope, receive, send)
                return
        if policy.who != "anyone":
            if person is None:
                answer = _sign_in_first(scope, headers)
                if answer.status_code == 401:
                    await self.auditor.turned_away(scope, 401, "not signed in", on=policy.path)
                await answer(scope, receive, send)
                return
            if _is_other(scope, person):
                await self.auditor.turned_away(scope, 403, "the proxy names another person", person=person)
                await errors.answer(scope, 403, "refused", "Another person is signed in; sign out first.")(
                    scope, receive, send
                )
                return
            send = self.auditor.attended(scope, receive, send, policy, person)
            if not person.admits(policy.who):
                await _refused(scope, headers, person)(scope, receive, send)
                return
            if not self._is_meant(policy, method, headers, person):
                await errors.answer(scope, 403, "wrong_origin", "Origin or CSRF token is not ours.")(
                    scope, receive, send
                )
                return
        elif method not in _SAFE and headers.get("origin") is not None and not self.origins.allows(headers["origin"]):
            await self.auditor.turned_away(scope, 403, "foreign origin", on=policy.path)
            await errors.answer(scope, 403, "wrong_origin", "Origin is not ours.")(scope, receive, send)
            return
        with _standing_for(scope, person):
            await self.app(scope, _limited(receive, policy.limit_bytes), send)

    def _plain_refusal(self, policy: Policy | None, headers: Headers, path: str, query: bytes) -> int:
        """Give the status of a refusal that needs no account, or 0."""
        if not self.origins.allows_host(headers.get("host")):
            # Health probes of a container come by address, with no name anybody could misuse.
            return 0 if path == "/healthz" and policy else 400
        if "\0" in path or b"%00" in query:
            return 400  # no text of a database holds it, no address of ours needs it
        if policy is None:
            return 405 if methods_of(path) - {"WS"} else 404
        length = headers.get("content-length", "0")
        if not length.isdigit():
            return 400
        return 413 if int(length) > policy.limit_bytes else 0

    def _is_meant(self, policy: Policy, method: str, headers: Headers, person: SignedIn) -> bool:
        """Tell whether an unsafe request was sent by our own page; a bearer token is never sent by accident."""
        if method in _SAFE or not person.by_cookie:
            return True
        if not self.origins.allows(headers.get("origin")):
            return False
        return policy.form or hmac.compare_digest(headers.get("x-csrf-token", "").encode(), person.csrf_token.encode())

    async def _person(self, scope: Scope, headers: Headers) -> SignedIn | None:
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and scope["type"] == "http":
            token = bearer.strip()
            if self.gateways.is_theirs(token):
                return await run_in_threadpool(self.gateways.find, token)
            found = await self._holder(token)
            return found.by_bearer() if found else None
        cookie = cookies.read(headers).get(cookies.session_cookie(cookies.is_secure(scope)))
        return await self._holder(cookie) if cookie else None

    async def _holder(self, token: str) -> SignedIn | None:
        """Who holds a token; a thread is only needed when the database has to be asked."""
        return self.sessions.remembered(token) or await run_in_threadpool(self.sessions.find, token)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        policy = policy_for("WS", scope["path"])
        person = None
        with contextlib.suppress(*_NO_DATABASE):
            if policy and self.origins.allows(headers.get("origin")) and self.origins.allows_host(headers.get("host")):
                person = await self._person(scope, headers)
        why = _socket_fault(policy, person, scope)
        if why or policy is None or person is None:
            if policy is not None:
                await self.auditor.turned_away(scope, 403, why, on=policy.path, person=person)
            await _turn_away(receive, send)
            return
        with _standing_for(scope, person):
            await self._attended(person, scope, receive, send, touches=policy.page_socket)

    async def _attended(self, person: SignedIn, scope: Scope, receive: Receive, send: Send, *, touches: bool) -> None:
        """Run a websocket, closing it when the session behind it ends; one that speaks by itself keeps nobody in."""
        ended = asyncio.Event()
        self._sockets.setdefault(person.handle, set()).add(ended)
        if self._watch is None or self._watch.done():
            self._watch = asyncio.create_task(self._look_after())
        loop = asyncio.get_running_loop()
        touched_at = loop.time()

        async def receive_or_end() -> Message:
            nonlocal touched_at
            message = asyncio.ensure_future(receive())
            over = asyncio.ensure_future(ended.wait())
            try:
                await asyncio.wait({message, over}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                over.cancel()
                if not message.done():
                    message.cancel()
            if ended.is_set():
                with contextlib.suppress(OSError, RuntimeError):
                    await send({"type": "websocket.close", "code": WEBSOCKET_ENDED})
                return {"type": "websocket.disconnect", "code": WEBSOCKET_ENDED}
            received = message.result()
            # Only what a person does counts as a sign of life; the protocol's own pings never reach this layer.
            if touches and received["type"] == "websocket.receive" and loop.time() - touched_at > _LOOK_EVERY_S:
                touched_at = loop.time()
                with contextlib.suppress(*_NO_DATABASE):
                    await run_in_threadpool(self.sessions.touch, person.handle)
            return received

        try:
            await self.app(scope, receive_or_end, send)
        finally:
            sockets = self._sockets.get(person.handle, set())
            sockets.discard(ended)
            if not sockets:
                self._sockets.pop(person.handle, None)

    async def _look_after(self) -> None:
        """Ask every few seconds, once for all websockets of the process, which sessions still hold."""
        while self._sockets:
            await asyncio.sleep(_LOOK_EVERY_S)
            handles = list(self._sockets)
            try:
                alive = await run_in_threadpool(self.sessions.alive, handles)
            except _NO_DATABASE:
                continue  # an outage must not sign everybody out; nothing can be written meanwhile anyway
            for handle in set(handles) - alive:
                for ended in self._sockets.get(handle, set()):
                    ended.set()


def _socket_fault(policy: Policy | None, person: SignedIn | None, scope: Scope) -> str:
    """Say why a websocket may not open; empty when it may."""
    if policy is None or policy.who == "anyone":
        return "no such websocket"
    if person is None:
        return "not signed in, or foreign origin"
    if misnamed(scope) or _is_other(scope, person):
        return misnamed(scope) or "the proxy names another person"
    if not person.admits(policy.who):
        return "no right"
    return "token of another page" if policy.page_socket and not _token_belongs(scope, person) else ""


def _is_other(scope: Scope, person: SignedIn) -> bool:
    """Tell whether a trusted proxy names somebody other than the one whose cookie came along."""
    name = named_by_proxy(scope)
    return bool(name) and person.by_cookie and plain_name(name) != person.name


def _token_belongs(scope: Scope, person: SignedIn) -> bool:
    """Tell whether the page token offered with the websocket was given to this very sign-in."""
    from bokeh.util.token import get_token_payload

    offered = scope.get("subprotocols", [])
    if len(offered) != 2:
        return False
    try:
        payload = get_token_payload(offered[1])
        carried = payload["headers"][HANDLE_HEADER]
    except (AttributeError, KeyError, TypeError, ValueError, zlib.error):
        return False  # a stranger's bytes; binascii, json and unicode errors are ValueErrors
    return bool(carried == person.handle)


@contextlib.contextmanager
def _standing_for(scope: Scope, person: SignedIn | None) -> Iterator[None]:
    """Let everything inside this request know who is behind it."""
    foreign = [(name, value) for name, value in scope["headers"] if name.lower() != HANDLE_HEADER.encode()]
    if person is not None:
        foreign.append((HANDLE_HEADER.encode(), person.handle.encode()))
    scope["headers"] = foreign
    state: MutableMapping[str, Any] = scope.setdefault("state", {})
    state["signed_in"] = person
    mark = current.set(person)
    try:
        yield
    finally:
        current.reset(mark)


def _limited(receive: Receive, limit_bytes: int) -> Receive:
    """Cut a body that grows past the limit although its length was not announced."""
    taken = 0

    async def take() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit_bytes:
            from starlette.exceptions import HTTPException

            raise HTTPException(413)
        return message

    return take


def _sign_in_first(scope: Scope, headers: Headers) -> Response:
    """Send a person to the sign-in page and back afterwards; tell a program plainly."""
    if scope["method"] == "GET" and "text/html" in headers.get("accept", ""):
        query = scope.get("query_string", b"").decode("latin-1")
        wanted = scope["path"] + (f"?{query}" if query else "")
        suffix = f"?next={quote(wanted, safe='')}" if wanted != "/" else ""
        return RedirectResponse(f"/sign-in{suffix}", status_code=303)
    return errors.answer(scope, 401)


def _refused(scope: Scope, headers: Headers, person: SignedIn) -> Response:
    """Answer somebody who has no right; who comes to the map without one is led to the page of the role."""
    if scope["path"] == "/" and person.role in HOME and "text/html" in headers.get("accept", ""):
        return RedirectResponse(HOME[person.role], status_code=303)
    return errors.answer(scope, 403)


async def _turn_away(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.close", "code": WEBSOCKET_REFUSED})
