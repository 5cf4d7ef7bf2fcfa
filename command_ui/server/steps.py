"""How does a sign-in go on after the password: the code, a new password, a device to enrol?"""

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Form, Request
from markupsafe import Markup
from sqlalchemy import text
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response

from command_ui.access import entering, qr, second_factor
from command_ui.access.entering import Halfway
from command_ui.access.sessions import Sessions
from command_ui.server import errors, pages
from command_ui.server.threshold import Knocks, form_cookie_of, let_in, own_path, trace_of
from gis.database import Caller, Database
from gis.errors import InputError

Advance = Callable[[Request, Halfway, str], Awaitable[Response]]

TITLES = {
    "code": ("输入动态码", "Enter the code of your device"),
    "new_password": ("设置新口令", "Choose a new password"),
    "enrol": ("绑定双因素设备", "Enrol a second factor"),
}


def advancer(database: Database, sessions: Sessions, key: bytes) -> Advance:
    """Build what carries a sign-in one step on: it opens the session, or draws the page that asks for more."""

    async def advance(request: Request, halfway: Halfway, next_path: str) -> Response:
        def look() -> entering.Step:
            with database.transaction(Caller.system()) as connection:
                return entering.next_step(connection, halfway)

        step = await run_in_threadpool(look)
        if step != "open":
            return await run_in_threadpool(step_page, request, database, key, halfway, step, next_path)
        trace = trace_of(request)
        ticket = await run_in_threadpool(
            lambda: sessions.open(
                halfway.account_id,
                trace.address,
                request_id=trace.request_id,
                how=halfway.how,
                two_factors=halfway.two_factors,
                outside=halfway.session,
            )
        )
        return let_in(request, ticket, next_path)

    return advance


def step_page(
    request: Request, database: Database, key: bytes, halfway: Halfway, step: str, next_path: str, fault: str = ""
) -> Response:
    """Draw the page of a step; `fault` is one of its codes or a sentence in English."""
    picture, spelled = Markup(""), ""
    if step == "enrol":
        halfway, secret = entering.begin_enrolment(database, key, halfway)
        # Our own drawing of numbers; nothing typed reaches it unescaped.
        picture = Markup(qr.svg(second_factor.address_of(secret, _name_of(database, halfway)), title="otpauth"))  # noqa: S704
        spelled = second_factor.spelled(secret)
    body = pages.draw(
        "step.html",
        step=step,
        chinese=TITLES[step][0],
        english=TITLES[step][1],
        halfway=halfway.token(key, form_cookie_of(request)),
        next_path=next_path,
        fault=fault,
        picture=picture,
        spelled=spelled,
    )
    return HTMLResponse(body, status_code=403 if fault else 200, headers={"cache-control": "no-store"})


def router(database: Database, sessions: Sessions, key: bytes, knocks: Knocks) -> APIRouter:
    """Build the routes of the steps."""
    routes = APIRouter(include_in_schema=False)
    advance = advancer(database, sessions, key)

    def come_from(request: Request, token: str) -> Halfway | None:
        return Halfway.of(key, token, form_cookie_of(request)) if request.headers.get("origin") else None

    def due(halfway: Halfway) -> entering.Step:
        with database.transaction(Caller.system()) as connection:
            return entering.next_step(connection, halfway)

    @routes.post("/sign-in/code")
    async def code(
        request: Request,
        halfway: str = Form(max_length=2000),
        code: str = Form(max_length=64),
        next: str = Form("/", max_length=2000),  # noqa: A002 - the form says next
    ) -> Response:
        come, trace, to = come_from(request, halfway), trace_of(request), own_path(next)
        if come is None:
            return RedirectResponse("/sign-in", status_code=303)
        if knocks.too_many(trace.address):
            return errors.answer(request.scope, 429)
        shown = await run_in_threadpool(entering.show_code, database, key, come, code, trace)
        if shown is None:
            knocks.failed(trace.address)
            return await run_in_threadpool(step_page, request, database, key, come, "code", to, "wrong_code")
        return await advance(request, shown, to)

    @routes.post("/sign-in/password")
    async def password(
        request: Request,
        halfway: str = Form(max_length=2000),
        password: str = Form(max_length=256),
        again: str = Form(max_length=256),
        next: str = Form("/", max_length=2000),  # noqa: A002 - the form says next
    ) -> Response:
        come, to = come_from(request, halfway), own_path(next)
        if come is None:
            return RedirectResponse("/sign-in", status_code=303)

        def change(come: Halfway) -> str:
            if due(come) != "new_password":
                return ""
            if password != again:
                return "differ"
            try:
                entering.change_password(database, come.account_id, password, trace_of(request))
            except InputError as error:
                return str(error)
            return ""

        fault = await run_in_threadpool(change, come)
        if fault:
            return await run_in_threadpool(step_page, request, database, key, come, "new_password", to, fault)
        return await advance(request, come, to)

    @routes.post("/sign-in/device")
    async def device(
        request: Request,
        halfway: str = Form(max_length=2000),
        code: str = Form(max_length=64),
        next: str = Form("/", max_length=2000),  # noqa: A002 - the form says next
    ) -> Response:
        come, to = come_from(request, halfway), own_path(next)
        if come is None:
            return RedirectResponse("/sign-in", status_code=303)

        def keep(come: Halfway) -> tuple[Halfway, list[str]] | None:
            return entering.enrol(database, key, come, code, trace_of(request)) if due(come) == "enrol" else (come, [])

        kept = await run_in_threadpool(keep, come)
        if kept is None:
            return await run_in_threadpool(step_page, request, database, key, come, "enrol", to, "wrong_code")
        return _with_codes(await advance(request, kept[0], to), kept[1])

    @routes.get("/sign-in/{step}")
    async def again(step: str) -> Response:  # noqa: ARG001 - whatever step it was, it begins at the door
        return RedirectResponse("/sign-in", status_code=303)

    return routes


def _with_codes(answer: Response, codes: list[str]) -> Response:
    """Show the recovery codes once, on the way to where the sign-in leads."""
    if not codes or answer.status_code != 303:
        return answer
    body = pages.draw("codes.html", codes=codes, to=answer.headers["location"])
    shown = HTMLResponse(body, headers={"cache-control": "no-store"})
    for value in answer.headers.getlist("set-cookie"):
        shown.headers.append("set-cookie", value)
    return shown


def _name_of(database: Database, halfway: Halfway) -> str:
    with database.transaction(Caller.system()) as connection:
        found = connection.execute(text("SELECT name FROM access.account WHERE id = :id"), {"id": halfway.account_id})
        return str(found.scalar_one())
