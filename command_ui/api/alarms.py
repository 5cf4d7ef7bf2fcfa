"""How does a program see the alarms and the roll-calls of the duty room, and answer them as an officer does?"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi import Path as InPath
from pydantic import AfterValidator, BaseModel, Field, computed_field

from command_ui.access.roles import signed_in
from command_ui.api import shapes
from command_ui.api.reading import StrictRoute
from command_ui.api.titled import Titled, places_of
from gis.database import Database
from gis.errors import InputError
from layers.sensors import alarms, roll_calls

AlarmId = Annotated[str, InPath(min_length=1, max_length=64), AfterValidator(shapes.plain_line)]
AlarmState = Literal["open", "cleared", "acknowledged", "closed"]


class AlarmNow(Titled):
    """An alarm as it stands; `level` is its severity, 0 to 3."""

    id: str
    kind: str
    place: str
    state: str
    level: int
    occurred_at: datetime
    cleared_at: datetime | None
    latest_value: float | None
    latest_at: datetime | None
    enterprise_id: str | None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def places(self) -> dict[str, str]:
        """Language -> what stands below the title."""
        return places_of(self.place)


class Seen(shapes.Shape):
    """An officer has seen the alarm; `seen_level` is the level he saw, and an alarm that got worse is refused."""

    reason: shapes.Line = ""
    seen_level: Annotated[int, Field(ge=0, le=3)] | None = None


class Call(shapes.Shape):
    """Duty posts to call, by the number of their enterprise, and how long they have to answer."""

    posts: Annotated[list[shapes.Line], Field(min_length=1, max_length=200)]
    minutes: Annotated[float, Field(ge=0.5, le=60, allow_inf_nan=False)]


class Called(BaseModel):
    """Numbers of the calls that were made."""

    calls: list[int]


class Answer(shapes.Shape):
    """Who answered, and what was said."""

    who: Annotated[str, Field(min_length=1, max_length=120), AfterValidator(shapes.plain_line)]
    words: Annotated[str, Field(max_length=500), AfterValidator(shapes.plain_line)] = ""


class RollCall(BaseModel):
    """A call and what came of it so far."""

    id: int
    enterprise_id: str
    name: str
    phone: str
    attempt: int
    called_at: datetime
    due_at: datetime
    state: str
    answered_at: datetime | None
    answered_by: str


def router(database: Database) -> APIRouter:
    """Build the routes of alarms and roll-calls."""
    routes = APIRouter(route_class=StrictRoute, tags=["alarms"])

    @routes.get("/alarms")
    def every(
        state: Annotated[Sequence[AlarmState], Query(max_length=4)] = ("open", "cleared", "acknowledged"),
        limit: Annotated[int, Query(ge=1, le=500)] = 200,
    ) -> list[AlarmNow]:
        """List the alarms of your divisions and world, unseen ones first, then the newest."""
        caller = signed_in().caller()
        with database.transaction(caller) as connection:
            found = alarms.listing(connection, caller, states=state, limit=limit)
        return [_alarm(one) for one in found]

    @routes.post("/alarms/{alarm_id}/acknowledgement")
    def acknowledge(alarm_id: AlarmId, body: Seen) -> AlarmNow:
        """Say that an officer has seen an alarm; one that was acknowledged stays as it is."""
        caller = signed_in().caller()
        with database.transaction(caller) as connection:
            alarms.acknowledge(connection, caller, alarm_id, body.reason, seen_level=body.seen_level)
            return _alarm(alarms.one(connection, caller, alarm_id))

    @routes.post("/alarms/{alarm_id}/escalation")
    def escalate(alarm_id: AlarmId) -> AlarmNow:
        """Pass an alarm on to the duty commander; doing it twice changes nothing."""
        caller = signed_in().caller()
        with database.transaction(caller) as connection:
            alarms.escalate(connection, caller, alarm_id)
            return _alarm(alarms.one(connection, caller, alarm_id))

    @routes.get("/roll-calls")
    def calls(limit: Annotated[int, Query(ge=1, le=500)] = 200) -> list[RollCall]:
        """List the roll-calls 查岗 of the last day, the newest first, with what came of them."""
        caller = signed_in().caller()
        with database.transaction(caller) as connection:
            found = roll_calls.listing(connection, caller, datetime.now(UTC), limit)
        return [RollCall.model_validate(one, from_attributes=True) for one in found]

    @routes.post("/roll-calls", status_code=201)
    def call(body: Call) -> Called:
        """Call duty posts and start their timers; calling again is another attempt, and is meant to be one."""
        caller = signed_in().caller()
        with database.transaction(caller) as connection:
            known = {post.enterprise_id: post for post in roll_calls.posts(connection, caller)}
            unknown = [post for post in body.posts if post not in known]
            if unknown:
                raise InputError(f"no duty post of an enterprise {', '.join(unknown[:5])}")
            wanted = [known[post] for post in dict.fromkeys(body.posts)]
            return Called(calls=roll_calls.call(connection, wanted, timedelta(minutes=body.minutes)))

    @routes.post("/roll-calls/{number}/answer")
    def answer(number: Annotated[int, InPath(ge=1, le=2**53)], body: Answer) -> RollCall:
        """Write down that a post answered; its alarm, if there is one, ends."""
        caller = signed_in().caller()
        with database.transaction(caller) as connection:
            found = roll_calls.answer(connection, caller, number, body.who, body.words)
        return RollCall.model_validate(found, from_attributes=True)

    return routes


def _alarm(one: alarms.Listed) -> AlarmNow:
    row = one.alarm
    return AlarmNow(
        id=row.id,
        kind=row.kind,
        title=row.title,
        place=row.place,
        state=row.state,
        level=row.level,
        occurred_at=row.occurred_at,
        cleared_at=row.cleared_at,
        latest_value=one.latest_value,
        latest_at=one.latest_at,
        enterprise_id=one.enterprise_id,
    )
