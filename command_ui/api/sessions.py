"""How does a program sign in, and who is it then?"""

from typing import Protocol

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from command_ui.access import accounts, entering
from command_ui.access.audit import Trace
from command_ui.access.entering import Halfway
from command_ui.access.roles import SignedIn, signed_in
from command_ui.access.sessions import Sessions
from command_ui.api import shapes
from command_ui.api.reading import StrictRoute
from gis.database import Caller, Database
from gis.errors import RefusedError


class CountsFailures(Protocol):
    """Keeps an address that guesses from going on."""

    def too_many(self, address: str) -> bool:
        """Tell whether an address must wait."""

    def failed(self, address: str) -> None:
        """Count a failure."""


def router(database: Database, sessions: Sessions, knocks: CountsFailures, key: bytes) -> APIRouter:
    """Build the routes of signing in and out for programs."""
    routes = APIRouter(route_class=StrictRoute, tags=["session"])

    @routes.post("/sessions", status_code=201, responses={429: {"model": shapes.Problem}})
    async def sign_in(request: Request, body: shapes.SignIn) -> shapes.Token:
        """Sign in with name and password; the answer holds a bearer token. No cookie is set."""
        address = request.client.host if request.client else ""
        if knocks.too_many(address):
            raise HTTPException(429, headers={"retry-after": "900"})
        account_id = await run_in_threadpool(
            accounts.open_door,
            database,
            body.name,
            body.password,
            address=address,
            request_id=request.state.request_id,
        )
        if account_id is None:
            knocks.failed(address)
            raise HTTPException(401)
        halfway = Halfway(account_id, ("password",))
        trace = Trace(address, request.state.request_id)
        if body.code:
            shown = await run_in_threadpool(entering.show_code, database, key, halfway, body.code, trace)
            if shown is None:
                knocks.failed(address)
                raise HTTPException(401)
            halfway = shown

        def look() -> entering.Step:
            with database.transaction(Caller.system()) as connection:
                return entering.next_step(connection, halfway)

        step = await run_in_threadpool(look)
        if step != "open":
            raise RefusedError(_ASKED[step])
        ticket = await run_in_threadpool(
            lambda: sessions.open(
                account_id, address, request_id=trace.request_id, how="program", two_factors=halfway.two_factors
            )
        )
        return shapes.Token(token=ticket.token, person=_shape(ticket.signed_in))

    @routes.get("/session")
    def who() -> shapes.Person:
        """Say who is signed in."""
        return _shape(signed_in())

    @routes.delete("/session", status_code=204)
    def sign_out(request: Request) -> Response:
        """Sign out: the token or cookie opens nothing any more."""
        address = request.client.host if request.client else ""
        sessions.close(signed_in(), address=address, request_id=request.state.request_id)
        return Response(status_code=204)

    return routes


_ASKED = {
    "code": "this account has a second factor: send its code as 'code'",
    "new_password": "the password must be changed: sign in with a browser and change it",
    "enrol": "this role needs a second factor: sign in with a browser and enrol a device",
}
"""What a program is told when name and password fit and more is asked of the account."""


def _shape(person: SignedIn) -> shapes.Person:
    return shapes.Person(
        name=person.name,
        display_name=person.display_name,
        role=person.role,
        division_from=person.division_from,
        division_to=person.division_to,
        mode=person.mode,
        csrf_token=person.csrf_token,
    )
