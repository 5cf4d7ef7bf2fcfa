"""Is this body fit to be read at all?"""

import json
import re
from collections.abc import Callable, Coroutine
from typing import Annotated, Any
from uuid import UUID

from fastapi import Header, Request
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import Response

from gis.errors import InputError

DEEPEST = 32
"""A filter nested 1 600 deep took a map server 1 GB (MapServer issue 7542)."""

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')

_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""The escape of U+0000; after an escaped backslash it is plain text."""

IdempotencyKey = Annotated[
    UUID,
    Header(
        alias="Idempotency-Key",
        description="Made by the client and kept over retries: the same request sent twice is recorded once.",
    ),
]


class StrictRoute(APIRoute):
    """A route whose JSON bodies are looked through before anything else reads them."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Put the look before the usual handler."""
        handle = super().get_route_handler()

        async def look_first(request: Request) -> Response:
            if request.method in ("POST", "PUT", "PATCH"):
                body = await request.body()
                if body:
                    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
                        raise HTTPException(415)
                    check(body)
            return await handle(request)

        return look_first


def check(body: bytes) -> None:
    """
    Refuse JSON that is too deep, names a field twice, or holds what no database text can hold.

    Raises
    ------
    InputError
        Not readable, and why.
    """
    if _depth(body) > DEEPEST:
        raise InputError(f"the JSON is nested deeper than {DEEPEST}")
    try:
        value = json.loads(body, object_pairs_hook=_once, parse_constant=_no_constant)
        json.dumps(value, ensure_ascii=False).encode()
    except InputError:
        raise
    except (ValueError, RecursionError) as error:
        raise InputError(f"the body is not JSON that can be kept: {type(error).__name__}") from error
    if _NUL.search(body):
        raise InputError("the JSON holds the character U+0000")


def _depth(body: bytes) -> int:
    deepest = depth = 0
    for byte in _STRING.sub(b"", body):
        if byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise InputError(f"field '{next(name for name in names if names.count(name) > 1)[:64]}' stands there twice")
    return found


def _no_constant(name: str) -> Any:
    raise InputError(f"{name} is not a JSON number")
