"""What may everybody do to their own account? Change the password, enrol a device, end their other sign-ins."""

import hmac

from fastapi import APIRouter, Form, Request
from markupsafe import Markup
from sqlalchemy import text
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response

from command_ui.access import accounts, entering, qr, second_factor
from command_ui.access.entering import Halfway
from command_ui.access.roles import HOME, SignedIn, signed_in
from command_ui.access.sessions import Sessions
from command_ui.server import errors, pages
from command_ui.server.threshold import trace_of
from command_ui.words import say
from gis.database import Caller, Database
from gis.errors import InputError


def router(database: Database, sessions: Sessions, key: bytes) -> APIRouter:
    """Build the routes of one's own account."""
    routes = APIRouter(prefix="/account", include_in_schema=False)

    def row_of(person: SignedIn) -> object:
        with database.transaction(Caller.system()) as connection:
            return connection.execute(_ROW, {"name": person.name}).one()

    def page(person: SignedIn, status: int = 200, *, said: str = "", fault: str = "", **more: object) -> Response:
        code = f"role.{person.role}"
        body = pages.draw(
            "account.html",
            person=person,
            role=(say(code, "zh"), say(code, "en")),
            back=HOME.get(person.role, "/"),
            row=row_of(person),
            said=said,
            fault=fault,
            **more,
        )
        return HTMLResponse(body, status_code=status, headers={"cache-control": "no-store"})

    @routes.get("")
    def show() -> Response:
        return page(signed_in())

    @routes.post("/password")
    async def password(
        request: Request,
        csrf_token: str = Form(max_length=200),
        present: str = Form(max_length=256),
        password: str = Form(max_length=256),
        again: str = Form(max_length=256),
    ) -> Response:
        person, trace = signed_in(), trace_of(request)
        if not _is_meant(person, csrf_token):
            return errors.answer(request.scope, 403, "wrong_origin", "CSRF token is not ours.")

        def change() -> Response:
            account_id = accounts.open_door(
                database, person.name, present, address=trace.address, request_id=trace.request_id
            )
            if account_id is None:
                return page(person, 403, fault="present")
            if password != again:
                return page(person, 422, fault="differ")
            try:
                entering.change_password(database, account_id, password, trace)
            except InputError as error:
                return page(person, 422, fault=str(error))
            sessions.close_others(person, trace.address, trace.request_id)
            return page(person, said="password")

        return await run_in_threadpool(change)

    @routes.post("/device")
    async def device(
        request: Request,
        csrf_token: str = Form(max_length=200),
        halfway: str = Form("", max_length=2000),
        code: str = Form("", max_length=64),
    ) -> Response:
        person, trace = signed_in(), trace_of(request)
        if not _is_meant(person, csrf_token):
            return errors.answer(request.scope, 403, "wrong_origin", "CSRF token is not ours.")

        def go_on() -> Response:
            own = int(row_of(person).id)  # type: ignore[attr-defined]
            come = Halfway.of(key, halfway, person.handle) if halfway else Halfway(own, ("password",))
            if come is None or come.account_id != own:
                return page(person)
            kept = entering.enrol(database, key, come, code, trace) if halfway else None
            if kept is not None:
                body = pages.draw("codes.html", codes=kept[1], to="/account")
                return HTMLResponse(body, headers={"cache-control": "no-store"})
            come, secret = entering.begin_enrolment(database, key, come)
            drawn = Markup(qr.svg(second_factor.address_of(secret, person.name), title="otpauth"))  # noqa: S704
            more = {"picture": drawn, "spelled": second_factor.spelled(secret)}
            token = come.token(key, person.handle)
            return page(person, 403 if halfway else 200, fault="code" if halfway else "", halfway=token, **more)

        return await run_in_threadpool(go_on)

    @routes.post("/elsewhere")
    async def elsewhere(request: Request, csrf_token: str = Form(max_length=200)) -> Response:
        person, trace = signed_in(), trace_of(request)
        if not _is_meant(person, csrf_token):
            return errors.answer(request.scope, 403, "wrong_origin", "CSRF token is not ours.")
        await run_in_threadpool(sessions.close_others, person, trace.address, trace.request_id)
        return RedirectResponse("/account", status_code=303)

    return routes


def _is_meant(person: SignedIn, offered: str) -> bool:
    return hmac.compare_digest(offered.encode(), person.csrf_token.encode())


_ROW = text(
    "SELECT id, second_factor IS NOT NULL AS second_factor, demo, (SELECT count(*) FROM access.session"
    "   WHERE account_id = account.id AND ends_at > clock_timestamp()"
    "   AND last_seen_at + idle_limit > clock_timestamp()) AS sessions"
    " FROM access.account WHERE name = :name"
)
