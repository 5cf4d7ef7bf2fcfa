"""How does another node hand something in? Signed requests only; every answer is signed, a refusal as well."""

import base64
import binascii
import hashlib
import time
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import AwareDatetime, BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from command_ui.api import shapes
from command_ui.api.reading import check
from command_ui.server.errors import status_of
from gis.database import Caller
from gis.errors import InputError, MissingError, OneMapError
from scenarios.nodes import signing
from scenarios.nodes.desk import NodeDesk
from scenarios.nodes.heads import Asked, Push
from scenarios.nodes.messages import LONGEST
from scenarios.nodes.neighbours import Neighbour
from scenarios.nodes.receiving import DOCUMENT_LIMIT

_from: ContextVar[str] = ContextVar("onemap_node")
"""Name of the neighbour whose signature stands under the present request."""


class Handed(shapes.Shape):
    """A message: its very text, the sealed document with it as base64, and when it was sent by the clock there."""

    said: Annotated[str, Field(min_length=2, max_length=LONGEST)]
    document: Annotated[str, Field(max_length=DOCUMENT_LIMIT * 4 // 3 + 8)] = ""
    sent_at: AwareDatetime


class Receipt(BaseModel):
    """The message is on disk here; `replayed` says that it had been before."""

    message_id: UUID
    sha256: str
    received_at: datetime
    replayed: bool


class Wanted(BaseModel):
    """Entries whose hash we want to see again."""

    asked: list[Asked]


def router(nodes: NodeDesk) -> APIRouter:
    """Build the two routes neighbours use."""
    routes = APIRouter(prefix="/nodes", route_class=_signed_route(nodes), tags=["nodes"])

    @routes.post("/messages")
    def messages(body: Handed) -> Receipt:
        """Take a message of the neighbour that signed the request; the same one again gets the same receipt."""
        try:
            document = base64.b64decode(body.document, validate=True) if body.document else None
        except binascii.Error as error:
            raise InputError("document: not base64") from error
        taken = nodes.receive(_from.get(), body.said, document, body.sent_at)
        return Receipt(
            message_id=taken.message_id, sha256=taken.sha256, received_at=taken.received_at, replayed=taken.replayed
        )

    @routes.post("/heads")
    def heads(body: Push) -> Wanted:
        """Take signed heads of the neighbour's record; answer with entries it must show the hash of."""
        return Wanted(asked=nodes.take_heads(_from.get(), body))

    return routes


def _signed_route(nodes: NodeDesk) -> type[APIRoute]:
    """Make the route class that lets in only what a neighbour signed."""

    class SignedRoute(APIRoute):
        """Looks at the signature before the body is read, and signs whatever is answered."""

        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()

            async def look_first(request: Request) -> Response:
                signed = signing.read(request.headers.get("authorization", ""))
                origin = await run_in_threadpool(_origin, nodes, request) if signed is not None else None
                if signed is None or origin is None:
                    return _stranger(request)
                body = await request.body()
                if hashlib.sha256(body).hexdigest() != signed.body_sha256:
                    return _stranger(request)
                mark = _from.set(origin.name)
                try:
                    check(body)
                    answer = await handle(request)
                except OneMapError as error:
                    answer = _problem(request, status_of(error), error.code, str(error))
                except RequestValidationError as error:
                    faults = (f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:20])
                    answer = _problem(request, 422, "bad_input", "; ".join(faults))
                finally:
                    _from.reset(mark)
                said = bytes(answer.body)
                key = origin.key.get_secret_value()
                answer.headers[signing.ANSWER_HEADER] = signing.answer(key, signed.nonce, answer.status_code, said)
                answer.headers[signing.CLOCK_HEADER] = _now()
                return answer

            return look_first

    return SignedRoute


def _origin(nodes: NodeDesk, request: Request) -> Neighbour | None:
    """Neighbour whose key made the signature over this very request, lately; None = nobody we know."""
    authorization = request.headers.get("authorization", "")
    signed = signing.read(authorization)
    if signed is None or not nodes.own.name:
        return None
    try:
        with nodes.desk.database.transaction(Caller.system()) as connection:
            origin = nodes.neighbours.one(connection, signed.name)
    except MissingError:
        return None
    key = origin.key.get_secret_value()
    fits = signing.fits(signed, key, nodes.own.name, request.url.path, authorization)
    return origin if fits and signing.is_fresh(signed, time.time()) else None


def _stranger(request: Request) -> Response:
    """Answer whoever signed with no key of ours, or too long ago; our clock tells an honest one how far he is off."""
    answer = _problem(request, 401, "not_signed", "The signature is not that of a node known here.")
    answer.headers[signing.CLOCK_HEADER] = _now()
    return answer


def _problem(request: Request, status: int, code: str, message: str) -> Response:
    request_id = str(getattr(request.state, "request_id", ""))
    content = {"code": code, "message": message, "request_id": request_id}
    return JSONResponse(content, status_code=status)


def _now() -> str:
    return datetime.now(UTC).isoformat()
