"""How do the three administrators enter themselves by the link of the first start?"""

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response

from command_ui.access import first_start
from command_ui.access.first_start import OFFICES, Officer
from command_ui.server import errors, pages
from command_ui.server.threshold import Knocks, address_of, trace_of
from gis.database import Database
from gis.errors import InputError, RefusedError

_TITLES = {
    "system_admin": ("系统管理员", "System administrator", "管理账号与运行", "keeps accounts", "sysadmin"),
    "security_admin": (
        "安全管理员",
        "Security administrator",
        "授予权限、设定策略",
        "gives rights, sets rules",
        "secadmin",
    ),
    "audit_admin": ("审计管理员", "Audit administrator", "查阅审计，不参与操作", "reads the audit", "auditor"),
}
_FIELDS = ("name", "display_name", "person", "password")
_LONGEST = 256


def router(database: Database, knocks: Knocks) -> APIRouter:
    """Build the routes of the first start."""
    routes = APIRouter(include_in_schema=False)

    def page(token: str, typed: dict[str, str], faults: tuple[str, ...] = ()) -> Response:
        offices = [(office, *_TITLES[office]) for office in OFFICES]
        body = pages.draw("set_up.html", token=token, typed=typed, faults=faults, offices=offices)
        return HTMLResponse(body, status_code=422 if faults else 200, headers={"cache-control": "no-store"})

    @routes.get("/set-up")
    async def show(request: Request, token: str = "") -> Response:
        if knocks.too_many(address_of(request)):
            return errors.answer(request.scope, 429)
        if not await run_in_threadpool(first_start.holds, database, token[:200]):
            knocks.failed(address_of(request))
            return errors.answer(request.scope, 404)
        return page(token, {})

    @routes.post("/set-up")
    async def make(request: Request) -> Response:
        if not request.headers.get("origin"):
            return errors.answer(request.scope, 403, "wrong_origin", "Origin is not ours.")
        form = await request.form(max_fields=20, max_files=0)
        typed = {name: value[:_LONGEST] for name, value in form.items() if isinstance(value, str)}
        token = typed.get("token", "")
        officers = [Officer(*(typed.get(f"{office}.{name}", "") for name in _FIELDS)) for office in OFFICES]
        try:
            await run_in_threadpool(first_start.make_officers, database, token, officers, trace_of(request))
        except InputError as error:
            kept = {name: value for name, value in typed.items() if not name.endswith("password")}
            return page(token, kept, error.faults)
        except RefusedError:
            knocks.failed(address_of(request))
            return errors.answer(request.scope, 404)
        return RedirectResponse("/sign-in", status_code=303)

    return routes
