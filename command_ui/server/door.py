"""How does one come in and go out: the sign-in page, signing in, signing out?"""

import secrets
import time
from collections import deque
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response

from command_ui.access import accounts, cookies, keys
from command_ui.access.roles import signed_in
from command_ui.access.sessions import Sessions
from command_ui.server import errors, pages
from gis.database import Database

_TRIES_PER_ADDRESS = 30
_TRIES_WINDOW_S = 900.0


class Knocks:
    """How often did an address try and fail lately? One room full of people shares an address, so the limit is wide."""

    def __init__(self) -> None:
        self._failed: dict[str, deque[float]] = {}

    def too_many(self, address: str) -> bool:
        """Tell whether an address must wait."""
        failed = self._failed.get(address, deque())
        while failed and time.monotonic() - failed[0] > _TRIES_WINDOW_S:
            failed.popleft()
        if not failed:
            self._failed.pop(address, None)
        return len(failed) >= _TRIES_PER_ADDRESS

    def failed(self, address: str) -> None:
        """Count a failure."""
        if len(self._failed) > 10_000:
            self._failed.clear()
        self._failed.setdefault(address, deque(maxlen=_TRIES_PER_ADDRESS)).append(time.monotonic())


def own_path(wanted: str) -> str:
    """Give a path of our own to go to after the sign-in; anything that could lead elsewhere becomes `/`."""
    parts = urlsplit(wanted)
    odd = any(character in wanted for character in "\\\r\n\t") or wanted.startswith("//")
    return wanted if wanted.startswith("/") and not parts.netloc and not parts.scheme and not odd else "/"


def address_of(request: Request) -> str:
    """Give the address the request came from."""
    return request.client.host if request.client else ""


def router(database: Database, sessions: Sessions, key: bytes, knocks: Knocks) -> APIRouter:
    """Build the routes of the door."""
    routes = APIRouter(include_in_schema=False)

    def page(request: Request, status: int, *, next_path: str, name: str = "", refused: bool = False) -> Response:
        secure = cookies.is_secure(request.scope)
        cookie = cookies.read(request.headers).get(cookies.form_cookie(secure)) or secrets.token_urlsafe(24)
        body = pages.sign_in_page(keys.form_token(key, cookie), next_path=next_path, name=name, refused=refused)
        response = HTMLResponse(body, status_code=status)
        response.headers.append("set-cookie", cookies.write(cookies.form_cookie(secure), cookie, secure=secure))
        return response

    @routes.api_route("/sign-in", methods=["GET", "HEAD"])
    async def show(request: Request, next: str = "/") -> Response:  # noqa: A002 - the address says ?next=
        if request.state.signed_in is not None:
            return RedirectResponse(own_path(next), status_code=303)
        return page(request, 200, next_path=own_path(next))

    @routes.post("/sign-in")
    async def enter(
        request: Request,
        form_token: str = Form(max_length=200),
        name: str = Form(max_length=64),
        password: str = Form(max_length=256),
        next: str = Form("/", max_length=2_000),  # noqa: A002 - the form says next
    ) -> Response:
        secure = cookies.is_secure(request.scope)
        cookie = cookies.read(request.headers).get(cookies.form_cookie(secure), "")
        if not request.headers.get("origin") or not keys.form_fits(key, cookie, form_token):
            return page(request, 403, next_path=own_path(next), name=name)
        address = address_of(request)
        if knocks.too_many(address):
            return errors.answer(request.scope, 429)
        identity = errors.request_id(request.scope)
        account_id = await run_in_threadpool(
            accounts.open_door, database, name, password, address=address, request_id=identity
        )
        if account_id is None:
            knocks.failed(address)
            return page(request, 403, next_path=own_path(next), name=name, refused=True)
        ticket = await run_in_threadpool(sessions.open, account_id, address)
        # People at the scene have a page of their own; whoever asked for another one gets it.
        to = "/field" if ticket.signed_in.role == "field" and own_path(next) == "/" else own_path(next)
        response = RedirectResponse(to, status_code=303)
        response.headers.append(
            "set-cookie", cookies.write(cookies.session_cookie(secure), ticket.token, secure=secure)
        )
        response.headers.append("set-cookie", cookies.erase(cookies.form_cookie(secure), secure=secure))
        return response

    @routes.post("/sign-out")
    async def leave(
        request: Request, csrf_token: str = Form("", max_length=200), everywhere: bool = Form(False)
    ) -> Response:
        person = signed_in()
        offered = csrf_token or request.headers.get("x-csrf-token", "")
        if person.by_cookie and not secrets.compare_digest(offered.encode(), person.csrf_token.encode()):
            return errors.answer(request.scope, 403, "wrong_origin", "CSRF token is not ours.")
        await run_in_threadpool(
            sessions.close,
            person,
            everywhere=everywhere,
            address=address_of(request),
            request_id=errors.request_id(request.scope),
        )
        secure = cookies.is_secure(request.scope)
        response = RedirectResponse("/sign-in", status_code=303)
        response.headers.append("set-cookie", cookies.erase(cookies.session_cookie(secure), secure=secure))
        response.headers["clear-site-data"] = '"cache", "storage"'
        return response

    return routes
