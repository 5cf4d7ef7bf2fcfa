"""How does the field page reach a phone, and stay there when the line is cut? Plain files, kept by a service worker."""

import json
from pathlib import Path

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import Response

from command_ui.console.theme.tokens import css_variables
from command_ui.words.field import FIELD
from command_ui.words.orders import ORDERS

OWN = Path(__file__).parent / "page"
DESK = Path(__file__).parents[1] / "console" / "page"
TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
}
SCRIPTS = {
    **{
        name: OWN / name
        for name in ("field.js", "cards.js", "outbox.js", "sending.js", "fieldmap.js", "worker.js", "field.css")
    },
    # The same little makers of nodes and pictures as on the desk, and what keeps a text that was not sent.
    **{name: DESK / name for name in ("dom.js", "icons.js", "unsent.js", "format.js")},
}
"""Everything the page is made of; nothing else is served here."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "connect-src 'self'; worker-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


def router() -> APIRouter:
    """Build the addresses of the field page."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/field", methods=["GET", "HEAD"])
    def page() -> Response:
        """Give the page; it holds no data and no name, so that it may be kept on the phone."""
        return _answer((OWN / "field.html").read_bytes(), TYPES[".html"])

    @routes.api_route("/field/{name}", methods=["GET", "HEAD"])
    def part(name: str) -> Response:
        """Give one file of the page, the colours, or the words."""
        if name == "tokens.css":
            return _answer(css_variables().encode(), TYPES[".css"])
        if name == "words.json":
            said = FIELD | {code: pair for code, pair in ORDERS.items() if code.startswith("unsent.")}
            words = {
                language: {code: pair[at] for code, pair in said.items()} for at, language in enumerate(("zh", "en"))
            }
            return _answer(json.dumps(words, ensure_ascii=False).encode(), "application/json")
        path = SCRIPTS.get(name)
        if path is None:
            raise HTTPException(404)
        return _answer(path.read_bytes(), TYPES[path.suffix], name)

    return routes


def _answer(content: bytes, kind: str, name: str = "") -> Response:
    headers = {"content-security-policy": POLICY, "cache-control": "private, no-cache"}
    if name == "worker.js":
        headers["service-worker-allowed"] = "/field"
    return Response(content, media_type=kind, headers=headers)
