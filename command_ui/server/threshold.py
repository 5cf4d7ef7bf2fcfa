"""What do all pages around the door share: who knocks too often, where one may go on to, the cookie of a session?"""

import secrets
import time
from collections import deque
from urllib.parse import urlsplit

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from command_ui.access import cookies
from command_ui.access.audit import Trace
from command_ui.access.roles import HOME, SignedIn
from command_ui.access.sessions import Ticket
from command_ui.server import errors

TRIES_PER_ADDRESS = 30
TRIES_WINDOW_S = 900.0


class Knocks:
    """How often did an address try and fail lately? One room full of people shares an address, so the limit is wide."""

    def __init__(self) -> None:
        self._failed: dict[str, deque[float]] = {}

    def too_many(self, address: str) -> bool:
        """Tell whether an address must wait."""
        failed = self._failed.get(address, deque())
        while failed and time.monotonic() - failed[0] > TRIES_WINDOW_S:
            failed.popleft()
        if not failed:
            self._failed.pop(address, None)
        return len(failed) >= TRIES_PER_ADDRESS

    def failed(self, address: str) -> None:
        """Count a failure."""
        if len(self._failed) > 10_000:
            self._failed.clear()
        self._failed.setdefault(address, deque(maxlen=TRIES_PER_ADDRESS)).append(time.monotonic())


def own_path(wanted: str) -> str:
    """Give a path of our own to go to after the sign-in; anything that could lead elsewhere becomes `/`."""
    parts = urlsplit(wanted)
    odd = any(character in wanted for character in "\\\r\n\t") or wanted.startswith("//")
    return wanted if wanted.startswith("/") and not parts.netloc and not parts.scheme and not odd else "/"


def address_of(request: Request) -> str:
    """Give the address the request came from."""
    return request.client.host if request.client else ""


def trace_of(request: Request) -> Trace:
    """Give where a request came from, for the audit."""
    return Trace(address_of(request), errors.request_id(request.scope))


def form_cookie_of(request: Request) -> str:
    """Give the value of the cookie that goes with the forms of the door; empty when there is none."""
    made = str(getattr(request.state, "form_cookie", ""))
    return made or cookies.read(request.headers).get(cookies.form_cookie(cookies.is_secure(request.scope)), "")


def make_form_cookie(request: Request) -> None:
    """Make that cookie for a browser that has none, because further steps hang on it; `with_form_cookie` sends it."""
    if not form_cookie_of(request):
        request.state.form_cookie = secrets.token_urlsafe(24)


def with_form_cookie(request: Request, response: Response) -> Response:
    """Send the cookie that was made for this request, if one was."""
    if made := str(getattr(request.state, "form_cookie", "")):
        secure = cookies.is_secure(request.scope)
        response.headers.append("set-cookie", cookies.write(cookies.form_cookie(secure), made, secure=secure))
    return response


def way_of(person: SignedIn, wanted: str) -> str:
    """Give where somebody goes after the sign-in: the page asked for, or the one the role comes to."""
    path = own_path(wanted)
    return HOME.get(person.role, path) if path == "/" else path


def let_in(request: Request, ticket: Ticket, next_path: str) -> Response:
    """Send somebody whose sign-in is complete to where they wanted, with the cookie of the session."""
    secure = cookies.is_secure(request.scope)
    response = RedirectResponse(way_of(ticket.signed_in, next_path), status_code=303)
    response.headers.append("set-cookie", cookies.write(cookies.session_cookie(secure), ticket.token, secure=secure))
    response.headers.append("set-cookie", cookies.erase(cookies.form_cookie(secure), secure=secure))
    return response
