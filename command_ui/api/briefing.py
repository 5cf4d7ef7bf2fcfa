"""How does a person take the situation along? As one HTML file that opens without a network."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response

from command_ui.access.roles import signed_in
from command_ui.api.reading import StrictRoute
from command_ui.briefing.make import make
from scenarios.desk import Desk


def router(desk: Desk) -> APIRouter:
    """Build the route of the briefing."""
    routes = APIRouter(prefix="/incidents", route_class=StrictRoute, tags=["incidents"])

    @routes.get("/{incident_id}/briefing", response_class=Response, responses={200: {"content": {"text/html": {}}}})
    def briefing(incident_id: UUID, language: Annotated[Literal["zh", "en"], Query()] = "zh") -> Response:
        """Give the situation as a single file, to be saved: it is never shown below our own address."""
        person = signed_in()
        name, html = make(desk, incident_id, person.caller(), language=language, author=person.display_name)
        return Response(
            html,
            media_type="text/html; charset=utf-8",
            headers={"content-disposition": f'attachment; filename="{name}"'},
        )

    return routes
