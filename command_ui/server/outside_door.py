"""How does one come in by an identity provider, and how does its word end a sign-in?"""

from collections.abc import Mapping
from datetime import timedelta

from fastapi import APIRouter, Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from command_ui.access import cookies, once, openid, outside
from command_ui.access.entering import Halfway
from command_ui.access.openid import Attempt, OpenIdProvider
from command_ui.access.openid_tokens import NotVouchedError
from command_ui.access.outside import Identity
from command_ui.access.ways import Ways
from command_ui.server import errors, pages
from command_ui.server.steps import Advance
from command_ui.server.threshold import Knocks, make_form_cookie, own_path, trace_of, with_form_cookie
from gis.database import Caller, Database
from gis.errors import UnavailableError

BACK = "/sign-in/outside/back"
LONGEST_COOKIE = 3_800
"""Browsers keep 4 096 bytes; a longer token to leave with is done without."""

TITLES: Mapping[str, tuple[str, str]] = {
    "unknown": ("身份已确认，但本系统没有您的账号", "You are known there, and have no account here"),
    "ambiguous": ("同一工号对应多个账号，无法确定", "Several accounts carry your number"),
    "name_taken": ("用户名已被其他账号使用", "Your name is another account's here"),
    "no_name": ("认证信息中没有可用的用户名", "The provider gave no name for an account"),
    "closed": ("账号已停用", "The account is closed"),
    "locked": ("账号已锁定", "The account is locked"),
    "unused": ("账号久未使用，已停用", "The account was shut for lack of use"),
    "declined": ("统一身份认证未同意登录", "The identity provider declined"),
    "away": ("统一身份认证暂时不可用", "The identity provider does not answer"),
}
"""What a refused person is told; every other reason stands in the audit alone."""
_REFUSED = ("登录未完成，请重新开始", "The sign-in did not hold; begin again")


def outside_cookie(secure: bool) -> str:
    """Name of the cookie that holds a sign-in under way, then the token to leave with."""
    return "__Host-egis-outside" if secure else "egis-outside"


def origin_of(request: Request) -> str:
    """Give the origin the browser came by; the guard has compared its host with ours."""
    scheme = "https" if cookies.is_secure(request.scope) else "http"
    return f"{scheme}://{request.headers['host']}"


def refusal(request: Request, why: str, title: str, *, subject: str = "") -> Response:
    """Draw the page of somebody whom the other system vouched for in vain."""
    chinese, english = TITLES.get(why, _REFUSED)
    body = pages.draw(
        "outside.html", chinese=chinese, english=english, title=title, subject=subject, why=why,
        request_id=errors.request_id(request.scope),
    )  # fmt: skip
    return HTMLResponse(body, status_code=503 if why == "away" else 403, headers={"cache-control": "no-store"})


def farewell(request: Request, ways: Ways, key: bytes) -> Response | None:
    """Draw the page that leads on to the provider's sign-out; None when there is nothing to leave there."""
    secure = cookies.is_secure(request.scope)
    kept = openid.unsealed(key, "leave", cookies.read(request.headers).get(outside_cookie(secure), ""))
    if ways.provider is None or "id_token" not in kept:
        return None
    try:
        address = ways.provider.leave(str(kept["id_token"]), f"{origin_of(request)}/sign-in")
    except UnavailableError:
        address = ""
    # A page and not a redirect: the form's policy lets nothing on to another host.
    body = pages.draw("left.html", address=address, title=ways.title)
    response = HTMLResponse(body, headers={"cache-control": "no-store"})
    response.headers.append("set-cookie", cookies.erase(outside_cookie(secure), secure=secure))
    return response


def router(
    database: Database, key: bytes, knocks: Knocks, ways: Ways, provider: OpenIdProvider, advance: Advance
) -> APIRouter:
    """Build the routes of sign-ins from outside."""
    routes = APIRouter(include_in_schema=False)
    issuer = provider.registration.issuer

    @routes.get("/sign-in/outside")
    async def begin(request: Request, next: str = "/") -> Response:  # noqa: A002 - the address says ?next=
        try:
            there, attempt = await run_in_threadpool(provider.begin, f"{origin_of(request)}{BACK}", own_path(next))
        except UnavailableError:
            return refusal(request, "away", ways.title)
        secure = cookies.is_secure(request.scope)
        response = RedirectResponse(there, status_code=303, headers={"cache-control": "no-store"})
        sealed = openid.sealed(key, "attempt", attempt)
        written = cookies.write(outside_cookie(secure), sealed, secure=secure)
        response.headers.append("set-cookie", f"{written}; Max-Age={openid.ATTEMPT_S}")
        make_form_cookie(request)
        return with_form_cookie(request, response)

    @routes.get(BACK)
    async def back(request: Request) -> Response:
        trace, secure = trace_of(request), cookies.is_secure(request.scope)
        if knocks.too_many(trace.address):
            return errors.answer(request.scope, 429)
        kept = openid.unsealed(key, "attempt", cookies.read(request.headers).get(outside_cookie(secure), ""))
        answer = {name: value for name, value in request.query_params.items() if len(value) <= 4_000}

        def look() -> tuple[Halfway, str] | Response:
            # Whoever brings no attempt of ours, or one that was brought before, is not the one who began it.
            attempt = Attempt(**kept) if kept else None
            if attempt is None or len(answer) < len(request.query_params.multi_items()):
                raise NotVouchedError("state")
            attempt.check(answer)
            if not _is_first(database, attempt):
                raise NotVouchedError("replayed")
            shown = provider.finish(attempt, answer, f"{origin_of(request)}{BACK}")
            rules = ways.mapping
            identity = Identity(
                "openid",
                f"{issuer} {shown.subject}",
                rules.text(shown.claims, rules.name),
                rules.text(shown.claims, rules.display_name),
                rules.text(shown.claims, rules.person),
                rules.grant(shown.claims),
                bool(rules.rules),
            )
            arrival = outside.arrive(database, identity, ways.unknown, trace)
            if arrival.account_id is None:
                return refusal(request, arrival.why, ways.title, subject=identity.name or shown.subject)
            passed = ("openid", "factor") if rules.has_second_factor(shown.claims) else ("openid",)
            leave = openid.sealed(key, "leave", {"id_token": shown.id_token})
            return Halfway(arrival.account_id, passed, session=f"{issuer} {shown.session}"), leave

        try:
            found = await run_in_threadpool(look)
        except NotVouchedError as error:
            knocks.failed(trace.address)
            await run_in_threadpool(outside.turned_away, database, "openid", error.why, trace)
            return refusal(request, error.why, ways.title)
        except UnavailableError:
            return refusal(request, "away", ways.title)
        if isinstance(found, Response):
            knocks.failed(trace.address)
            return found
        halfway, leave = found
        response = await advance(request, halfway, str(kept["next_path"]))
        leave = leave if len(leave) <= LONGEST_COOKIE else openid.sealed(key, "leave", {"id_token": ""})
        response.headers.append("set-cookie", cookies.write(outside_cookie(secure), leave, secure=secure))
        return response

    @routes.post("/sign-in/outside/ended")
    async def ended(request: Request, logout_token: str = Form(max_length=40_000)) -> Response:
        trace = trace_of(request)

        def end() -> int | None:
            subject, session, number = provider.tokens.farewell(logout_token)
            return outside.farewell(database, issuer, subject, session, number, trace)

        try:
            count = await run_in_threadpool(end)
        except NotVouchedError as error:
            await run_in_threadpool(outside.turned_away, database, "openid", f"farewell: {error.why}", trace)
            count = None
        except UnavailableError:
            return errors.answer(request.scope, 503)
        if count is None:
            return JSONResponse({"error": "invalid_request"}, status_code=400, headers={"cache-control": "no-store"})
        return Response(status_code=200, headers={"cache-control": "no-store"})

    return routes


def _is_first(database: Database, attempt: Attempt) -> bool:
    with database.transaction(Caller.system()) as connection:
        return once.first_time(connection, "attempt", attempt.state, timedelta(seconds=2 * openid.ATTEMPT_S))
