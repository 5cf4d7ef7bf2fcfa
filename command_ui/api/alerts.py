"""How does a program take an alert of an incident, and have one checked? CAP 1.2, alone or in an EDXL-DE envelope."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field, TypeAdapter

from command_ui.access.roles import signed_in
from command_ui.api import shapes
from command_ui.api.reading import StrictRoute
from command_ui.reports.desk import Papers
from command_ui.reports.warning import alert, enveloped
from scenarios.exchange import cap
from scenarios.exchange.alert import Alert
from scenarios.exchange.apart import handed_in


class Message(shapes.Shape):
    """A message to check: the XML itself, as text."""

    content: Annotated[str, Field(min_length=1, max_length=900_000)]


class Checked(BaseModel):
    """What a sound message says; `status` of anything that comes out of a drill is Exercise."""

    kind: str
    identifier: str | None
    status: str | None
    sent: datetime | None
    alert: dict[str, Any] | None


def router(papers: Papers) -> APIRouter:
    """Build the routes of alerts."""
    routes = APIRouter(route_class=StrictRoute, tags=["alerts"])

    @routes.get("/incidents/{incident_id}/alert", response_class=Response,
                responses={200: {"content": {"application/cap+xml": {}, "application/xml": {}}}})  # fmt: skip
    def one(incident_id: UUID, envelope: Annotated[bool, Query()] = False) -> Response:
        """Give the alert of an incident as CAP 1.2, or in an EDXL-DE envelope for another level."""
        made, mode = alert(papers, incident_id, signed_in().caller())
        content = enveloped(made, mode) if envelope else cap.write(made, mode)
        kind = "application/xml" if envelope else "application/cap+xml"
        name = f"{made.identifier}.{'edxl' if envelope else 'cap'}.xml"
        return Response(content, media_type=kind, headers={"content-disposition": f'attachment; filename="{name}"'})

    @routes.post("/alerts/check")
    def check(body: Message) -> Checked:
        """Check a CAP 1.2 message or an EDXL-DE envelope; nothing in it is followed, fetched or kept."""
        kind, found = handed_in(body.content.encode())
        return Checked(
            kind=kind, identifier=found.identifier if found else None, status=found.status if found else None,
            sent=found.sent if found else None,
            alert=TypeAdapter(Alert).dump_python(found, mode="json") if found else None,
        )  # fmt: skip

    return routes
