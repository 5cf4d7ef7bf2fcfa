"""How does a program send the daily issue 值班快报 of a duty room?"""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel

from command_ui.access.roles import signed_in
from command_ui.api.reading import IdempotencyKey, StrictRoute
from command_ui.api.reports import PRINTED, Typed, file
from command_ui.reports.desk import Papers
from command_ui.reports.press import Format, Press

Language = Literal["zh", "en"]


class Bulletin(BaseModel):
    """A numbered issue that went out."""

    issue_id: UUID
    year: int
    number: int
    sent_by: str
    sent_at: datetime
    content: dict[str, Any]


class SendBulletin(Typed):
    """An issue to send; the Idempotency-Key becomes its id."""

    language: Language = "zh"


def router(papers: Papers, press: Press) -> APIRouter:
    """Build the routes of daily issues."""
    routes = APIRouter(prefix="/bulletins", route_class=StrictRoute, tags=["reports"])

    @routes.get("")
    def issues() -> list[Bulletin]:
        """List the issues of your duty room, the latest first."""
        found = papers.desk.reports.issues(signed_in().caller())
        return [Bulletin(**{name: getattr(one, name) for name in Bulletin.model_fields}) for one in found]

    @routes.post("", status_code=201)
    def send(body: SendBulletin, key: IdempotencyKey) -> Bulletin:
        """Number today's issue, keep it, and name it in the record of every open incident."""
        person = signed_in()
        person.require("report")
        typed = {name: getattr(body, name) for name in Typed.model_fields}
        issue = papers.send_daily(typed, body.language, person.caller(), key=key)
        return Bulletin(**{name: getattr(issue, name) for name in Bulletin.model_fields})

    @routes.get("/{issue_id}/file", response_class=Response, responses=PRINTED)
    def printed(issue_id: UUID, format: Format = "pdf") -> Response:  # noqa: A002 - the name in the address
        """Print an issue that went out."""
        person = signed_in()
        paper = papers.issue(issue_id, person.caller())
        return file(press.print(paper, None, format, person.caller(), who=person.display_name))

    return routes
