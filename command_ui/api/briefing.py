"""How does a person take the situation along? As one HTML file that opens without a network."""

from typing import Annotated, Literal, Protocol
from uuid import UUID

from fastapi import APIRouter, Query, Response

from command_ui.access.roles import signed_in
from command_ui.api.reading import StrictRoute
from gis.database import Caller


class Writer(Protocol):
    """Writes the briefing of an incident: file name and HTML. Handed in, because the interface itself draws nothing."""

    def __call__(
        self, incident_id: UUID, caller: Caller, *, language: Literal["zh", "en"], author: str
    ) -> tuple[str, str]:
        """Give file name and HTML; see `command_ui.briefing.make.make`."""
        ...


def router(write: Writer) -> APIRouter:
    """Build the route of the briefing."""
    routes = APIRouter(prefix="/incidents", route_class=StrictRoute, tags=["incidents"])

    @routes.get("/{incident_id}/briefing", response_class=Response, responses={200: {"content": {"text/html": {}}}})
    def briefing(incident_id: UUID, language: Annotated[Literal["zh", "en"], Query()] = "zh") -> Response:
        """Give the situation as a single file, to be saved: it is never shown below our own address."""
        person = signed_in()
        name, html = write(incident_id, person.caller(), language=language, author=person.display_name)
        return Response(
            html,
            media_type="text/html; charset=utf-8",
            headers={"content-disposition": f'attachment; filename="{name}"'},
        )

    return routes
