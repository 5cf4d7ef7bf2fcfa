"""How do the system and the security administrator keep accounts, rights, sessions and the rules of the door?"""

from dataclasses import asdict
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response
from pydantic import AfterValidator, AwareDatetime, BaseModel, Field

from command_ui.access import administration, jurisdictions, rules
from command_ui.access.audit import Trace
from command_ui.access.roles import Label, Role, signed_in
from command_ui.access.sessions import Sessions
from command_ui.api import shapes
from command_ui.api.reading import StrictRoute
from command_ui.api.shapes import plain_line
from gis.database import Caller, Database
from gis.provenance import Mode

Name = Annotated[str, Path(min_length=1, max_length=64)]
Word = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(plain_line)]
Code = Annotated[str, Field(pattern=r"^[0-9]{6}$")]
Number = Annotated[int, Field(ge=0, le=10_000)]


class AccountOut(BaseModel):
    """An account; never its password, never its secret."""

    name: str
    display_name: str
    person: str
    role: Role
    division_from: str
    division_to: str
    divisions: list[str]
    """Names of the topmost divisions of that range, where they are known; none for the whole country."""
    clearance: Label
    mode: Mode
    unit_id: str
    demo: bool
    disabled: bool
    locked_until: AwareDatetime | None
    must_change: bool
    second_factor: bool
    created_at: AwareDatetime
    made_by: str
    granted_by: str
    password_changed_at: AwareDatetime
    last_sign_in_at: AwareDatetime | None
    sessions: int
    outside: str


class SessionOut(BaseModel):
    """A sign-in that holds."""

    handle: UUID
    name: str
    display_name: str
    role: Role
    address: str
    second_factor: bool
    opened_at: AwareDatetime
    last_seen_at: AwareDatetime
    ends_at: AwareDatetime


class AccountIn(shapes.Shape):
    """An account to be made; it can do nothing before rights are granted."""

    name: Word
    display_name: Word
    person: Word


class FirstPassword(BaseModel):
    """Password to hand over; shown this once, changed at the first sign-in."""

    name: str
    password: str


class RightsIn(shapes.Shape):
    """Role x division x label; divisions are a half-open range of six-digit codes."""

    role: Role
    division_from: Code
    division_to: Code
    clearance: Label
    mode: Mode = "live"
    unit_id: Annotated[str, Field(max_length=64), AfterValidator(plain_line)] = ""


class StateIn(shapes.Shape):
    """Whether the account is closed."""

    closed: bool


class ResetIn(shapes.Shape):
    """Whether the second factor is forgotten too."""

    device_too: bool = False


class RulesOut(BaseModel):
    """Rules of the door as they stand."""

    password_days: int
    unused_days: int
    failures: int
    locked_minutes: int
    idle_minutes: int


class RulesIn(shapes.Shape):
    """Rules to set; what is left out stays."""

    password_days: Number | None = None
    unused_days: Number | None = None
    failures: Number | None = None
    locked_minutes: Number | None = None
    idle_minutes: Number | None = None


def router(database: Database, sessions: Sessions) -> APIRouter:
    """Build the routes of accounts and rights."""
    routes = APIRouter(prefix="/accounts", route_class=StrictRoute, tags=["accounts"])

    @routes.get("")
    def listing() -> list[AccountOut]:
        """List every account."""
        with database.transaction(Caller.system()) as connection:
            known = jurisdictions.names(connection)
            return [
                AccountOut(**asdict(one), divisions=jurisdictions.held(known, one.division_from, one.division_to))
                for one in administration.listing(connection)
            ]

    @routes.post("", status_code=201)
    def make(body: AccountIn) -> FirstPassword:
        """Make an account (system administrator)."""
        with database.transaction(Caller.system()) as connection:
            password = administration.create(connection, signed_in(), **body.model_dump())
        return FirstPassword(name=body.name, password=password)

    @routes.get("/sessions")
    def open_sessions() -> list[SessionOut]:
        """List every sign-in that holds."""
        with database.transaction(Caller.system()) as connection:
            return [SessionOut(**asdict(one)) for one in administration.sessions(connection)]

    @routes.delete("/sessions/{handle}", status_code=204)
    def end(request: Request, handle: UUID) -> Response:
        """End a sign-in; its pages close within five seconds."""
        with database.transaction(Caller.system()) as connection:
            administration.end_session(connection, signed_in(), _trace(request), str(handle))
        sessions.forget()
        return Response(status_code=204)

    @routes.get("/rules")
    def read_rules() -> RulesOut:
        """Give the rules of the door."""
        with database.transaction(Caller.system()) as connection:
            return RulesOut(**asdict(rules.standing(connection)))

    @routes.put("/rules")
    def set_rules(request: Request, body: RulesIn) -> RulesOut:
        """Set rules of the door (security administrator)."""
        changed = {name: value for name, value in body.model_dump().items() if value is not None}
        with database.transaction(Caller.system()) as connection:
            return RulesOut(**asdict(administration.set_rules(connection, signed_in(), _trace(request), changed)))

    @routes.put("/{name}/rights", status_code=204)
    def grant(request: Request, name: Name, body: RightsIn) -> Response:
        """Give role, divisions and label (security administrator); the account's sessions end."""
        given = administration.Grant(**body.model_dump())
        with database.transaction(Caller.system()) as connection:
            administration.grant(connection, signed_in(), _trace(request), name, given)
        sessions.forget()
        return Response(status_code=204)

    @routes.put("/{name}/state", status_code=204)
    def shut(request: Request, name: Name, body: StateIn) -> Response:
        """Close an account or open it again; a lock after failures ends too (system administrator)."""
        with database.transaction(Caller.system()) as connection:
            administration.shut(connection, signed_in(), _trace(request), name, closed=body.closed)
        sessions.forget()
        return Response(status_code=204)

    @routes.post("/{name}/reset")
    def reset(request: Request, name: Name, body: ResetIn) -> FirstPassword:
        """Set a new first password (system administrator); the account's sessions end."""
        with database.transaction(Caller.system()) as connection:
            password = administration.reset(connection, signed_in(), _trace(request), name, device_too=body.device_too)
        sessions.forget()
        return FirstPassword(name=name, password=password)

    return routes


def _trace(request: Request) -> Trace:
    return Trace(request.client.host if request.client else "", str(request.state.request_id))
