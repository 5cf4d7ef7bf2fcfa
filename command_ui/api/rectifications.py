"""How are defects and hidden dangers given to those who must mend them, over the interface for programs?"""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import AfterValidator, AwareDatetime, BaseModel, Field

from command_ui.access.roles import signed_in
from command_ui.api import shapes
from command_ui.api.reading import StrictRoute
from gis.database import Database
from layers import rectification
from layers.rectification import Rectification

Number = Annotated[str, Path(pattern=r"^ZG-[0-9]{6}-[0-9a-f]{6}$")]
Step = Literal["assigned", "received", "done", "closed", "withdrawn"]


class Assigned(shapes.Shape):
    """A task to be given: the row it is about, what to mend, who and by when."""

    layer: Annotated[str, Field(max_length=64), AfterValidator(shapes.plain_line)]
    id: Annotated[str, Field(min_length=1, max_length=80), AfterValidator(shapes.plain_line)]
    what: Annotated[str, Field(min_length=1, max_length=rectification.LONGEST_WHAT)]
    owner: Annotated[str, Field(min_length=1, max_length=rectification.LONGEST_OWNER)]
    due_at: AwareDatetime
    note: Annotated[str, Field(max_length=rectification.LONGEST_NOTE)] = ""


class Stepped(shapes.Shape):
    """The next state of a task."""

    state: Step
    note: Annotated[str, Field(max_length=rectification.LONGEST_NOTE)] = ""
    due_at: AwareDatetime | None = None


class Task(BaseModel):
    """A task with its timer: seconds left until its term, less than 0 when it is over."""

    id: str
    origin: str
    layer: str
    subject_id: str
    subject_name: str
    what: str
    owner: str
    due_at: datetime
    left_s: int
    overdue: bool
    state: str
    next: list[str]
    note: str
    actor: str
    since: datetime
    assigned_at: datetime
    assigned_by: str
    division_code: str
    longitude: float | None
    latitude: float | None


def router(database: Database) -> APIRouter:
    """Build the routes."""
    routes = APIRouter(tags=["data"])
    strict = APIRouter(route_class=StrictRoute, tags=["data"])

    @routes.get("/rectifications")
    def listing(
        state: Annotated[list[Step], Query()] = [],  # noqa: B006 - FastAPI reads the default, nobody changes it
        layer: Annotated[str, Query(max_length=64)] = "",
        subject_id: Annotated[str, Query(max_length=80)] = "",
        overdue: bool = False,
    ) -> list[Task]:
        """List tasks: open ones by their term, then the others."""
        caller, now = signed_in().caller(), datetime.now(UTC)
        with database.transaction(caller) as connection:
            found = rectification.listing(connection, caller, states=state, layer=layer, subject_id=subject_id)
        return [_task(one, now) for one in found if one.is_overdue(now) or not overdue]

    @strict.post("/rectifications", status_code=201)
    def assign(wanted: Assigned) -> Task:
        """Give a defect or a hidden danger to a unit, with a term."""
        caller = signed_in().caller()
        with database.transaction(caller) as connection:
            made = rectification.assign(
                connection, caller, wanted.layer, wanted.id, what=wanted.what, owner=wanted.owner,
                due_at=wanted.due_at, note=wanted.note,
            )  # fmt: skip
        return _task(made, datetime.now(UTC))

    @routes.get("/rectifications/{number}")
    def history(number: Number) -> list[dict[str, Any]]:
        """Every state of a task, oldest first."""
        caller, now = signed_in().caller(), datetime.now(UTC)
        with database.transaction(caller) as connection:
            return [_task(one, now).model_dump() for one in rectification.history(connection, caller, number)]

    @strict.post("/rectifications/{number}/steps")
    def step(number: Number, wanted: Stepped) -> Task:
        """Bring a task into its next state."""
        caller = signed_in().caller()
        with database.transaction(caller) as connection:
            done = rectification.step(connection, caller, number, wanted.state, wanted.note, due_at=wanted.due_at)
        return _task(done, datetime.now(UTC))

    routes.include_router(strict)
    return routes


def _task(one: Rectification, now: datetime) -> Task:
    return Task(
        id=one.id, origin=one.origin, layer=one.subject_layer, subject_id=one.subject_id,
        subject_name=one.subject_name, what=one.what, owner=one.owner, due_at=one.due_at,
        left_s=int((one.due_at - now).total_seconds()), overdue=one.is_overdue(now), state=one.state,
        next=list(rectification.STEPS[one.state]), note=one.note, actor=one.actor, since=one.since,
        assigned_at=one.assigned_at, assigned_by=one.assigned_by, division_code=one.division_code,
        longitude=one.longitude, latitude=one.latitude,
    )  # fmt: skip
