"""How does one come in and go out: the sign-in page, signing in, signing out?"""

import secrets

from fastapi import APIRouter, Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response

from command_ui.access import accounts, cookies, keys
from command_ui.access import outside as others
from command_ui.access.entering import Halfway
from command_ui.access.outside import Identity
from command_ui.access.roles import signed_in
from command_ui.access.sessions import Sessions
from command_ui.access.ways import Ways
from command_ui.server import errors, outside_door, own_account, pages, set_up, steps
from command_ui.server.named import named_by_proxy
from command_ui.server.threshold import (
    Knocks,
    address_of,
    make_form_cookie,
    own_path,
    trace_of,
    way_of,
    with_form_cookie,
)
from gis.database import Database


def router(database: Database, sessions: Sessions, key: bytes, knocks: Knocks, ways: Ways) -> APIRouter:
    """
    Build the routes of the door.

    Parameters
    ----------
    ways
        By which ways one comes in besides name and password.
    """
    routes = APIRouter(include_in_schema=False)
    routes.include_router(set_up.router(database, knocks))
    routes.include_router(own_account.router(database, sessions, key))
    advance = steps.advancer(database, sessions, key)
    if ways.provider is not None:
        routes.include_router(outside_door.router(database, key, knocks, ways, ways.provider, advance))

    def page(
        request: Request, status: int, *, next_path: str, name: str = "", refused: bool = False, continued: str = ""
    ) -> Response:
        secure = cookies.is_secure(request.scope)
        held = cookies.read(request.headers)
        cookie = held.get(cookies.form_cookie(secure)) or secrets.token_urlsafe(24)
        body = pages.sign_in_page(
            keys.form_token(key, cookie),
            next_path=next_path,
            name=name,
            refused=refused,
            # Whoever signs out loses the cookie; one that opens nothing any more was ended by somebody or by time.
            ended=not refused and cookies.session_cookie(secure) in held,
            outside=ways.title,
            continued=continued,
        )
        response = HTMLResponse(body, status_code=status)
        response.headers.append("set-cookie", cookies.write(cookies.form_cookie(secure), cookie, secure=secure))
        return response

    @routes.api_route("/sign-in", methods=["GET", "HEAD"])
    async def show(
        request: Request,
        next: str = "/",  # noqa: A002 - the address says ?next=
        left: bool = False,
    ) -> Response:
        if request.state.signed_in is not None:
            return RedirectResponse(way_of(request.state.signed_in, next), status_code=303)
        name = named_by_proxy(request.scope)
        if not name or left:
            return page(request, 200, next_path=own_path(next), continued=name)
        identity = Identity("proxy", f"proxy {name}", name)
        arrival = await run_in_threadpool(others.arrive, database, identity, ways.unknown, trace_of(request))
        if arrival.account_id is None:
            return outside_door.refusal(request, arrival.why, "", subject=name)
        make_form_cookie(request)
        halfway = Halfway(arrival.account_id, ("proxy",))
        return with_form_cookie(request, await advance(request, halfway, own_path(next)))

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
        return await advance(request, Halfway(account_id, ("password",)), own_path(next))

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
        # Whom a proxy names would be in again at once.
        shut = "/sign-in?left=true" if named_by_proxy(request.scope) else "/sign-in"
        onward = await run_in_threadpool(outside_door.farewell, request, ways, key)
        response = onward or RedirectResponse(shut, status_code=303)
        response.headers.append("set-cookie", cookies.erase(cookies.session_cookie(secure), secure=secure))
        response.headers["clear-site-data"] = '"cache", "storage"'
        return response

    routes.include_router(steps.router(database, sessions, key, knocks))
    return routes
