"""Which addresses does a person write, and where do they lead? `/dossier/enterprise/QY-00001` opens that file."""

from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.responses import RedirectResponse


def router() -> APIRouter:
    """Build the addresses that lead to a page."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/dossier/{layer}/{feature_id}", methods=["GET", "HEAD"])
    def file_of(layer: str, feature_id: str) -> RedirectResponse:
        """Open the dossier page at one row; who may see it is asked there."""
        return RedirectResponse(f"/dossier?{urlencode({'layer': layer[:64], 'id': feature_id[:64]})}", status_code=307)

    return routes
