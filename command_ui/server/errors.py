"""Which answer does the outside get for which error of the house?"""

import logging
from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import InterfaceError, OperationalError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, Response

from command_ui.server import pages
from gis.errors import (
    ConflictError,
    InputError,
    MissingError,
    OneMapError,
    OutOfRangeError,
    RefusedError,
    UnavailableError,
)

STATUS: Mapping[type[OneMapError], int] = {
    OutOfRangeError: 422,
    InputError: 422,
    MissingError: 404,
    ConflictError: 409,
    RefusedError: 403,
    UnavailableError: 503,
    OneMapError: 500,
}
"""The one table error -> HTTP status; children inherit the row of their nearest listed parent."""

CODES: Mapping[int, str] = {
    400: "bad_request",
    401: "sign_in_needed",
    403: "refused",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "too_large",
    415: "wrong_media_type",
    422: "bad_input",
    429: "too_many",
    500: "error",
    503: "unavailable",
}
"""Code in the answer for a status that no error of the house stands behind."""

SENTENCES: Mapping[int, str] = {
    400: "The request cannot be read.",
    401: "Sign in first.",
    403: "You have no right to this.",
    404: "Not found.",
    405: "This address does not take that method.",
    409: "The state has moved on; read it again.",
    413: "The request is too large.",
    415: "The request has the wrong media type.",
    422: "The request holds a value that is not allowed.",
    429: "Too many requests; wait and try again.",
    500: "The server failed; report the request id.",
    503: "A part of the system does not answer; try again in a few seconds.",
}
"""What a person or program is told; never SQL, never a path, never who else exists."""

_log = logging.getLogger("onemap.server")


def status_of(error: OneMapError) -> int:
    """Give the HTTP status of an error of the house."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def request_id(scope: Mapping[str, object]) -> str:
    """Give the id the outermost layer gave to this request."""
    state = scope.get("state")
    return str(state.get("request_id", "")) if isinstance(state, Mapping) else ""


def answer(scope: Mapping[str, object], status: int, code: str = "", message: str = "") -> Response:
    """Build the one error answer: JSON for programs, a page in Chinese with English beside it for people."""
    code = code or CODES.get(status, "error")
    message = message or SENTENCES.get(status, SENTENCES[500])
    identity = request_id(scope)
    if _wants_page(scope):
        return HTMLResponse(pages.error_page(status, message, identity), status_code=status)
    return JSONResponse({"code": code, "message": message, "request_id": identity}, status_code=status)


def register(app: FastAPI) -> None:
    """Hang the table above into `app`."""

    async def house(request: Request, error: Exception) -> Response:
        if not isinstance(error, OneMapError):
            raise error
        status = status_of(error)
        # A missing thing and one that belongs to somebody else must look the same: no text of the room goes out.
        hidden = status in (404, 500)
        return answer(request.scope, status, error.code, "" if hidden else str(error))

    async def http(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        response = answer(request.scope, status)
        if isinstance(error, HTTPException) and error.headers:
            response.headers.update(error.headers)
        return response

    async def invalid(request: Request, error: Exception) -> Response:
        if not isinstance(error, RequestValidationError):
            raise error
        faults = (f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in error.errors())
        return answer(request.scope, 422, message="; ".join(faults))

    async def cut_off(request: Request, error: Exception) -> Response:
        # The database went away in the middle of a transaction: nothing was committed, the client may try again.
        _log.warning("request %s lost the database: %s", request_id(request.scope), type(error).__name__)
        return answer(request.scope, 503)

    async def failed(request: Request, error: Exception) -> Response:
        _log.error("request %s failed", request_id(request.scope), exc_info=error)
        return answer(request.scope, 500)

    app.add_exception_handler(OneMapError, house)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(OperationalError, cut_off)
    app.add_exception_handler(InterfaceError, cut_off)
    app.add_exception_handler(Exception, failed)


def _wants_page(scope: Mapping[str, object]) -> bool:
    path = str(scope.get("path", ""))
    if path.startswith(("/api/", "/tiles/")):
        return False
    headers = scope.get("headers")
    accepted = [value for name, value in headers if name == b"accept"] if isinstance(headers, list) else []
    return any(b"text/html" in value for value in accepted)
