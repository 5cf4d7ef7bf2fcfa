"""How does a program tell somebody by text or telephone, and see what came of it?"""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request
from pydantic import AfterValidator

from command_ui.access import unmasking
from command_ui.access.roles import signed_in
from command_ui.api import answers, shapes
from command_ui.api import message_shapes as messages
from command_ui.api.personal import Unmasked, Why, trace_of
from command_ui.api.reading import IdempotencyKey, StrictRoute
from gis.database import Caller
from gis.errors import MissingError
from scenarios import log
from scenarios.desk import Desk
from scenarios.log import Receipt
from scenarios.messages import outbox
from scenarios.messages.fold import named
from scenarios.messages.people import LONGEST_WORDS, shortened

MessageId = Annotated[str, Path(pattern=r"^(M-[0-9a-f]{12}|T-[0-9]{2,4})$", description="Id, or number such as T-03")]


def router(desk: Desk) -> APIRouter:
    """Build the routes of messages and calls."""
    routes = APIRouter(prefix="/incidents/{incident_id}", route_class=StrictRoute, tags=["messages"])
    conflict: dict[int | str, dict[str, Any]] = {409: {"model": shapes.Problem}}

    def seen(incident_id: UUID) -> Caller:
        caller = signed_in().caller()
        with desk.database.transaction(caller) as connection:
            answers.seen(connection, incident_id, caller)
        return caller

    def made(incident_id: UUID, message_id: str, receipt: Receipt, caller: Caller) -> messages.MessageMade:
        known = desk.situation(incident_id, caller=caller)
        one = named(known.messages, message_id)
        if one is None:
            raise MissingError(f"there is no message {message_id} in this incident")
        waits = desk.messages.waits(incident_id, caller).get(one.message_id)
        said = messages.message_out(one, known, waits)
        return messages.MessageMade(message=said, receipt=answers.receipt(receipt))

    @routes.get("/messages")
    def every(incident_id: UUID) -> list[messages.MessageOut]:
        """List who was told what, oldest first, and why something has not gone yet."""
        caller = seen(incident_id)
        known = desk.situation(incident_id, caller=caller)
        waits = desk.messages.waits(incident_id, caller)
        return [messages.message_out(one, known, waits.get(one.message_id)) for one in known.messages]

    @routes.get("/people")
    def people(
        incident_id: UUID, q: Annotated[str, Query(max_length=LONGEST_WORDS), AfterValidator(shapes.plain_line)] = ""
    ) -> messages.People:
        """Find who can be told: whom the incident names, and rows of the registers by name, pinyin or initials."""
        caller = seen(incident_id)
        # Numbers are shortened here for everybody: the eye of the message shows the whole one, with a reason.
        found = [
            messages.PersonOut(
                reach=one.reach, id=one.id, name=one.name, concerned=one.concerned, phone=shortened(one.phone)
            )
            for one in desk.messages.people(incident_id, caller, q)
        ]
        return messages.People(people=found, gateway=desk.messages.lines.gateway)

    @routes.post("/messages", status_code=201, responses=conflict)
    def send(incident_id: UUID, body: messages.MessageIn, key: IdempotencyKey) -> messages.MessageMade:
        """Put a text or call out; the same key again puts nothing out twice."""
        caller = seen(incident_id)
        heard = body.heard.heard() if body.heard else None
        message_id, receipt = desk.messages.send(incident_id, body.command(), caller, key=key, heard=heard)
        return made(incident_id, message_id, receipt, caller)

    @routes.post("/messages/{message_id}/again", status_code=201, responses=conflict)
    def again(incident_id: UUID, message_id: MessageId, key: IdempotencyKey) -> messages.MessageMade:
        """Send a failed message once more, or try a waiting one at once."""
        caller = seen(incident_id)
        return made(incident_id, message_id, desk.messages.again(incident_id, message_id, caller, key=key), caller)

    @routes.post("/messages/{message_id}/answer", status_code=201, responses=conflict)
    def answer(
        incident_id: UUID, message_id: MessageId, body: messages.HeardIn, key: IdempotencyKey
    ) -> messages.MessageMade:
        """Write down what a person heard: the answer, or that nobody answered."""
        caller = seen(incident_id)
        receipt = desk.messages.heard(incident_id, message_id, body.heard(), caller, key=key)
        return made(incident_id, message_id, receipt, caller)

    @routes.post("/messages/{message_id}/unmask")
    def of_message(request: Request, incident_id: UUID, message_id: MessageId, why: Why) -> Unmasked:
        """Show the number and the words of one message as they went out; written down before it is shown."""
        person = signed_in()
        allowed = unmasking.allowed(person, why.reason)
        one = named(desk.situation(incident_id, caller=seen(incident_id)).messages, message_id)
        with desk.database.transaction(allowed) as connection:
            told = None if one is None else outbox.told_of(connection, incident_id, one.message_id)
            if one is None or told is None:
                raise MissingError(f"there is no message {message_id} in this incident")
            on = f"{log.head(connection, incident_id).code}/{one.name}"
            unmasking.note(connection, person, on, why.reason, trace_of(request), {"columns": list(told)})
        return Unmasked(values=dict(told))

    return routes
