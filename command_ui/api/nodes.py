"""How do people and programs here see other nodes: lines, what goes out, what came in and is to be signed for?"""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import AfterValidator, BaseModel, Field, computed_field

from command_ui.access.roles import signed_in
from command_ui.api import shapes
from command_ui.api.reading import IdempotencyKey, StrictRoute
from command_ui.words.titles import heading_in
from gis.database import Caller
from gis.errors import MissingError
from scenarios.exchange.alert import Alert
from scenarios.nodes.desk import NodeDesk

Name = Annotated[str, Field(max_length=63), AfterValidator(shapes.plain_line)]
AlertWriter = Callable[[UUID, Caller, str], Alert]
"""Writes the alert of an incident with an instruction of one's own."""


class Node(BaseModel):
    """This node; without a name it speaks with nobody."""

    name: str
    title: str
    level: str
    division: str


class Line(BaseModel):
    """How the line to a neighbour stands. `clock_off_s`: its clock minus ours. Addresses stay with administrators."""

    name: str
    title: str
    level: str
    relation: str
    divisions: tuple[str, str]
    label: str
    state: Literal["new", "up", "cut", "halted"]
    trouble: str
    failures: int
    next_try_at: datetime | None
    reached_at: datetime | None
    heard_at: datetime | None
    clock_off_s: float | None
    waiting: int
    dead: int
    oldest: datetime | None
    faults: int


class Fault(BaseModel):
    """What does not fit in the record of a neighbour; once found it stays."""

    origin: str
    incident_id: UUID | None
    seq: int | None
    code: str
    said: str
    found_at: datetime


class Nodes(BaseModel):
    """Ourselves, the lines to others, and what was found in their records."""

    own: Node
    lines: list[Line]
    faults: list[Fault]


class State(BaseModel):
    """
    What the badge of every page goes by: `above` names an upper level that is out of reach, `waiting` counts what of
    your world waits to go up there.
    """

    troubled: bool
    above: str = ""
    waiting: int = 0


def _titles(title: str) -> dict[str, str]:
    return {"zh": heading_in(title, "zh"), "en": heading_in(title, "en")}


class Titled(BaseModel):
    """What has a title that was recorded as `title`; `titles` says it as readers of either language do."""

    title: str

    @computed_field  # type: ignore[prop-decorator]
    @property
    def titles(self) -> dict[str, str]:
        """Language -> title."""
        return _titles(self.title)


class Sent(Titled):
    """One message that goes out: `made_at`, `delivered_at`, `ack_heard_at` by our clock, the others by theirs."""

    id: int
    neighbour: str
    message_id: UUID
    incident_id: UUID
    kind: str
    mode: str
    seq: int | None
    state: str
    attempts: int
    fault: str
    made_by: str
    made_at: datetime
    next_at: datetime
    delivered_at: datetime | None
    received_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str
    acknowledged_text: str
    ack_heard_at: datetime | None
    document_state: str


class Came(Titled):
    """One message that came in; `sent_at` is by the clock there."""

    origin: str
    origin_title: str
    relation: str
    incident_id: UUID
    message_id: UUID
    kind: str
    mode: str
    sent_at: datetime
    received_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str
    acknowledged_text: str
    has_document: bool


class Foreign(BaseModel):
    """An incident of another node, never one of ours."""

    origin: str
    origin_title: str
    incident_id: UUID
    mode: str
    about: dict[str, Any]
    updated_at: datetime
    entries: int

    @computed_field  # type: ignore[prop-decorator]
    @property
    def titles(self) -> dict[str, str]:
        """Title it was told under, in either language."""
        return _titles(str(self.about.get("title") or ""))


class ForeignEntry(BaseModel):
    """A copy of an entry of another node's record, word for word."""

    origin: str
    seq: int
    kind: str
    actor: str
    occurred_at: datetime | None
    recorded_at: datetime
    payload: dict[str, Any]
    prev_hash: str
    hash: str


class Passing(shapes.Shape):
    """To whom an incident goes: the incident itself, or a warning about it with what people should do."""

    to: Annotated[list[Name], Field(min_length=1, max_length=50)]
    what: Literal["incident", "warning"] = "incident"
    instruction: Annotated[str, Field(max_length=2000), AfterValidator(shapes.plain_line)] = ""


class Passed(BaseModel):
    """Neighbours it goes to anew; those it had gone to before are left out."""

    to: list[str]


class Signing(shapes.Shape):
    """What is said with a signature."""

    text: Annotated[str, Field(max_length=2000), AfterValidator(shapes.plain_line)] = ""


class Signed(BaseModel):
    """Whether this signature is the first."""

    is_new: bool


def router(nodes: NodeDesk, write_alert: AlertWriter, nudge: Callable[[], None]) -> APIRouter:
    """Build the routes of this node's own people."""
    routes = APIRouter(route_class=StrictRoute, tags=["nodes"])

    @routes.get("/nodes")
    def lines() -> Nodes:
        """Show who we are, how the lines stand, and what was found in the records of others."""
        caller = signed_in().caller()
        own = nodes.own
        return Nodes(
            own=Node(name=own.name, title=own.title, level=own.level, division=own.division),
            lines=[Line.model_validate(one, from_attributes=True) for one in nodes.lines(caller)],
            faults=[Fault.model_validate(one, from_attributes=True) for one in nodes.faults(caller)],
        )

    @routes.get("/nodes/state")
    def state() -> State:
        """Tell whether a line is cut, a message waits for a person, or a neighbour's record does not hold."""
        found = nodes.trouble()
        return State(troubled=found.troubled, above=found.above, waiting=found.waiting.get(signed_in().mode, 0))

    @routes.get("/nodes/outbox")
    def outbox(
        neighbour: Annotated[str, Query(max_length=63), AfterValidator(shapes.plain_line)] = "",
        state: Literal["", "waiting", "sending", "delivered", "dead"] = "",
        entries: Annotated[bool, Query(description="Also copies of single entries.")] = False,
    ) -> list[Sent]:
        """List what goes out, the latest first."""
        found = nodes.outbox(signed_in().caller(), neighbour=neighbour, state=state, entries=entries)
        return [Sent.model_validate(one, from_attributes=True) for one in found]

    @routes.post("/nodes/outbox/{row_id}/retry")
    def retry(row_id: Annotated[int, Field(ge=1, lt=2**63)]) -> Sent:
        """Send a message again at once: one that was set aside, or one that waits."""
        person = signed_in()
        person.require("report")
        row = nodes.retry(row_id, person.caller())
        nudge()
        return Sent.model_validate(row, from_attributes=True)

    @routes.get("/nodes/inbox")
    def inbox() -> list[Came]:
        """List what came in to be signed for, the latest first."""
        return [Came.model_validate(one, from_attributes=True) for one in nodes.inbox(signed_in().caller())]

    @routes.get("/nodes/inbox/{origin}/{incident_id}/{message_id}")
    def message(origin: Name, incident_id: UUID, message_id: UUID) -> dict[str, Any]:
        """Show a message as it came, word for word."""
        said, _ = nodes.message(origin, incident_id, message_id, signed_in().caller())
        found: dict[str, Any] = json.loads(said)
        return found

    @routes.get(
        "/nodes/inbox/{origin}/{incident_id}/{message_id}/document", response_class=Response,
        responses={200: {"content": {"application/pdf": {}}}},
    )  # fmt: skip
    def document(origin: Name, incident_id: UUID, message_id: UUID) -> Response:
        """Give the sealed document that came with a message."""
        _, content = nodes.message(origin, incident_id, message_id, signed_in().caller())
        if content is None:
            raise MissingError("no document came with this message")
        disposition = f'attachment; filename="{message_id}.pdf"'
        return Response(content, media_type="application/pdf", headers={"content-disposition": disposition})

    @routes.post("/nodes/inbox/{origin}/{incident_id}/{message_id}/acknowledgement")
    def acknowledge(origin: Name, incident_id: UUID, message_id: UUID, body: Signing) -> Signed:
        """Sign for a message; its sender hears who signed and when. Doing so twice changes nothing."""
        person = signed_in()
        person.require("report")
        is_new = nodes.acknowledge(
            origin, incident_id, message_id, person.caller(), who=person.display_name, said=body.text
        )
        nudge()
        return Signed(is_new=is_new)

    @routes.get("/nodes/incidents")
    def incidents() -> list[Foreign]:
        """List incidents of other nodes, the latest news first."""
        return [Foreign.model_validate(one, from_attributes=True) for one in nodes.incidents(signed_in().caller())]

    @routes.get("/nodes/incidents/{origin}/{incident_id}/entries")
    def entries(origin: Name, incident_id: UUID) -> list[ForeignEntry]:
        """List the copies we hold of another node's incident; numbers in between may be missing."""
        return [
            ForeignEntry(
                origin=origin, seq=row.seq, kind=row.kind, actor=row.actor, occurred_at=row.occurred_at,
                recorded_at=row.recorded_at, payload=json.loads(row.payload), prev_hash=row.prev_hash.hex(),
                hash=row.hash.hex(),
            )
            for row in nodes.entries(origin, incident_id, signed_in().caller())
        ]  # fmt: skip

    @routes.post("/incidents/{incident_id}/passing")
    def passing(incident_id: UUID, body: Passing, key: IdempotencyKey) -> Passed:
        """Pass an incident, or a warning about it, on to neighbours; what they may see of it is not widened."""
        person = signed_in()
        person.require("report")
        if body.what == "incident":
            to = nodes.share(incident_id, body.to, person.caller())
        else:
            alert = write_alert(incident_id, person.caller(), body.instruction)
            to = nodes.warn(incident_id, body.to, alert, person.caller(), key=key)
        nudge()
        return Passed(to=to)

    return routes
