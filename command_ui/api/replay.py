"""How does a program look back at an incident, hold two moments side by side, and ask what if?"""

import threading
from datetime import datetime
from typing import Annotated, Any, Literal, Protocol
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime, BaseModel, Field
from starlette.exceptions import HTTPException

from command_ui.access.roles import signed_in
from command_ui.api import answers, shapes
from command_ui.api.reading import StrictRoute
from gis.database import Caller
from scenarios.desk import Desk
from scenarios.replay.branch import Branch, Changes, imagine
from scenarios.replay.comparing import Line, compare
from scenarios.situation import situation_hash


class Span(BaseModel):
    """From when to when an incident can be looked at: moments at which its first and last entry were recorded."""

    incident_id: UUID
    code: str
    entries: int
    first_at: datetime
    last_at: datetime
    head_hash: str


class Moment(shapes.Situation):
    """What was known at a moment; `state_hash` is the same on every machine that holds the same entries."""

    state_hash: str | None


class LineOut(BaseModel):
    """One fact in each of the situations compared, in their order; null where one does not know it."""

    code: str
    subject: str
    unit: str
    values: list[Any]
    differs: bool


class Compared(BaseModel):
    """What differs between two moments; what is always asked first stands there also where it is the same."""

    before: datetime
    before_seq: int
    after: datetime | None
    after_seq: int
    lines: list[LineOut]


class WhatIf(shapes.Shape):
    """What is imagined to be otherwise from `moment` on; what is left out stays as it was known then."""

    moment: AwareDatetime
    wind_from_deg: Annotated[float, Field(ge=0, le=360)] | None = None
    wind_speed_m_s: Annotated[float, Field(gt=0, le=60)] | None = None
    release: shapes.Json | None = Field(None, description="fields of the release with other values, such as rate_kg_s")
    closed: Annotated[list[shapes.Json], Field(max_length=20)] = Field(
        [], description="polygons whose roads are closed"
    )
    opened: Annotated[list[str], Field(max_length=100)] = Field([], description="closure_ids that are not there")
    evacuate_at: AwareDatetime | None = Field(None, description="when people were told to leave")
    without_teams: Annotated[list[str], Field(max_length=100)] = Field(
        [], description="ids of teams that were not sent"
    )

    def changes(self) -> Changes:
        """The same for the room that computes it."""
        return Changes(**self.model_dump(exclude={"moment"}))


class WhatIfAnswer(BaseModel):
    """
    What would have followed: simulated, and in no record.

    Each line has three values: known at the moment, known now (what happened), imagined. `imagined` is the situation
    of the branch; its run begins with W.
    """

    mode: Literal["sim"] = "sim"
    moment: datetime
    known_seq: int
    happened_seq: int
    seconds: float
    lines: list[LineOut]
    imagined: shapes.Situation


class Writer(Protocol):
    """Writes the replay of an incident as one file. Handed in, because the interface itself draws nothing."""

    def __call__(
        self, incident_id: UUID, caller: Caller, *, language: Literal["zh", "en"], author: str
    ) -> tuple[str, str]:
        """Give file name and HTML; see `command_ui.briefing.replayed.make`."""
        ...


def lines_of(lines: tuple[Line, ...]) -> list[LineOut]:
    """Write the facts compared."""
    return [
        LineOut(code=one.code, subject=one.subject, unit=one.unit, values=list(one.values), differs=one.differs)
        for one in lines
    ]


def router(desk: Desk, write: Writer) -> APIRouter:
    """Build the routes of replay and what-if; none of them can write, whoever asks."""
    routes = APIRouter(prefix="/incidents/{incident_id}", route_class=StrictRoute, tags=["replay"])
    computing = threading.BoundedSemaphore(1)

    @routes.get("/replay")
    def span(incident_id: UUID) -> Span:
        """Say from when to when the incident can be looked at."""
        found = desk.replay.span(incident_id, signed_in().caller())
        head = found.head
        return Span(
            incident_id=incident_id, code=head.code, entries=head.seq, first_at=found.first_at, last_at=found.last_at,
            head_hash=head.hash,
        )  # fmt: skip

    @routes.get("/replay/situation")
    def situation(
        incident_id: UUID,
        moment: AwareDatetime | None = None,
        seq: Annotated[int | None, Query(ge=0, le=2**53)] = None,
        with_hash: bool = False,
    ) -> Moment:
        """Give what was known at `moment`, or after the entry numbered `seq`; its hash when asked for."""
        known = desk.replay.at(incident_id, signed_in().caller(), moment=moment, seq=seq)
        said = answers.situation(known, incident_id, moment)
        return Moment(**said.model_dump(), state_hash=situation_hash(known) if with_hash else None)

    @routes.get("/replay/differences")
    def differences(incident_id: UUID, before: AwareDatetime, after: AwareDatetime | None = None) -> Compared:
        """Say what differs between two moments; without `after` between one and now."""
        caller = signed_in().caller()
        one, other = (desk.replay.at(incident_id, caller, moment=moment) for moment in (before, after))
        return Compared(
            before=before, before_seq=one.seq, after=after, after_seq=other.seq, lines=lines_of(compare(one, other))
        )

    @routes.get("/replay/file", response_class=Response, responses={200: {"content": {"text/html": {}}}})
    def file(incident_id: UUID, language: Annotated[Literal["zh", "en"], Query()] = "zh") -> Response:
        """Give the replay as a single file that opens without a network, to be saved."""
        person = signed_in()
        name, html = write(incident_id, person.caller(), language=language, author=person.display_name)
        return Response(
            html,
            media_type="text/html; charset=utf-8",
            headers={"content-disposition": f'attachment; filename="{name}"'},
        )

    @routes.post("/what-if", responses={429: {"model": shapes.Problem}})
    def what_if(incident_id: UUID, body: WhatIf) -> WhatIfAnswer:
        """Compute what would have followed if from a moment on something had been otherwise. Nothing is recorded."""
        caller = signed_in().caller()
        if not computing.acquire(blocking=False):
            raise HTTPException(429, headers={"retry-after": "3"})
        try:
            branch = imagine(desk.replay, incident_id, caller, body.moment, body.changes())
        finally:
            computing.release()
        return _answer(branch, incident_id)

    return routes


def _answer(branch: Branch, incident_id: UUID) -> WhatIfAnswer:
    return WhatIfAnswer(
        moment=branch.moment,
        known_seq=branch.known.seq,
        happened_seq=branch.happened.seq,
        seconds=round(branch.seconds, 3),
        lines=lines_of(branch.lines),
        imagined=answers.situation(branch.imagined, incident_id, branch.moment),
    )
