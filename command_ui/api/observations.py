"""How does a gateway hand in observations, events and pictures of cameras?"""

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse

from command_ui.access.roles import signed_in
from command_ui.api import shapes
from command_ui.api.reading import StrictRoute
from gis.errors import UnavailableError
from layers.sensors.intake import Answer
from layers.sensors.lanes import FullError, Lanes
from layers.sensors.messages import Kind, TooManyError, read

_WRITTEN_WITHIN_S = 20.0


class Aside(BaseModel):
    """A row that was not taken: its place in the batch, a code and a sentence."""

    index: int
    code: str
    message: str


class Taken(BaseModel):
    """What became of a batch; it is on disk when this is answered. The same `id` again gets the same numbers."""

    accepted: int = Field(description="Rows that were new")
    duplicate: int = Field(description="Rows that were known already; each counts once")
    late: int = Field(description="Of the new ones: how many took longer than ten minutes to reach us")
    aside: list[Aside] = Field(description="Rows kept aside, with the reason")
    received_at: datetime
    replayed: bool = Field(description="True when the batch carried an id that had been answered before")


_EXAMPLE = {
    "qybm": "990102000001",
    "wgbm": "WG-0001",
    "id": "7d0c-41",
    "sent_at": "2026-11-22T09:30:02+08:00",
    "rts": [{"tnm": "9901020000010000001", "ts": "2026-11-22T09:30:00+08:00", "val": 0.42}],
}
_EVENT = {
    "wgbm": "WG-0001",
    "events": [
        {
            "oname": "罐区火焰探测",
            "ts": "2026-11-22T09:30:00+08:00",
            "avx": 1,
            "scd": 4,
            "threshold": 1,
            "content": "火焰",
        }
    ],
}
_VIDEO = {
    "wgbm": "WG-0001",
    "videos": [
        {
            "videoCode": "34020000001320000001",
            "ts": "2026-11-22T09:30:00+08:00",
            "alarmType": "smoke",
            "content": "烟雾",
        }
    ],
}


def router(lanes: Lanes) -> APIRouter:
    """Build the routes of the gateways."""
    problems: dict[int | str, dict[str, Any]] = {
        413: {"model": shapes.Problem, "description": "More than 500 rows or 1 MB"},
        429: {"model": shapes.Problem, "description": "Too much is waiting; send again after Retry-After seconds"},
    }
    routes = APIRouter(route_class=StrictRoute, tags=["sensors"], responses=problems)

    async def hand_in(kind: Kind, body: dict[str, Any], request: Request) -> Any:
        try:
            batch = read(kind, body, signed_in().name, datetime.now(UTC))
        except TooManyError as error:
            return _problem(request, 413, "too_large", str(error))
        try:
            answer = await asyncio.wait_for(asyncio.wrap_future(lanes.submit(batch)), _WRITTEN_WITHIN_S)
        except FullError as error:
            return _problem(request, 429, "too_many", str(error), {"retry-after": str(error.retry_after_s)})
        except TimeoutError as error:
            raise UnavailableError("the message is not on disk yet; send it again, it will count once") from error
        return _taken(answer)

    @routes.post("/observations", status_code=202, response_model=Taken)
    async def observations(body: Annotated[dict[str, Any], Body(examples=[_EXAMPLE])], request: Request) -> Any:
        """
        Hand in values: at most 500 rows or 1 MB, in any order, as often as you like; every row counts once.

        `ts` is ISO 8601 with a zone or milliseconds since 1970. Good rows are kept, the others come back in `aside`.
        """
        return await hand_in("tag", body, request)

    @routes.post("/events", status_code=202, response_model=Taken)
    async def events(body: Annotated[dict[str, Any], Body(examples=[_EVENT])], request: Request) -> Any:
        """Hand in alarms and clears of a gateway's own logic: `scd` 4 is alarm, 0 is clear."""
        return await hand_in("event", body, request)

    @routes.post("/videos", status_code=202, response_model=Taken)
    async def videos(body: Annotated[dict[str, Any], Body(examples=[_VIDEO])], request: Request) -> Any:
        """Hand in what a camera's own logic saw; `img` is a JPEG or PNG in base64, `alarmType` 0 is clear."""
        return await hand_in("video", body, request)

    return routes


def _taken(answer: Answer) -> Taken:
    return Taken(
        accepted=answer.accepted,
        duplicate=answer.duplicate,
        late=answer.late,
        aside=[Aside(index=index, code=code, message=message) for index, code, message in answer.aside],
        received_at=answer.received_at,
        replayed=answer.replayed,
    )


def _problem(
    request: Request, status: int, code: str, message: str, headers: dict[str, str] | None = None
) -> JSONResponse:
    """A refusal with its own sentence, in the one shape of all errors."""
    identity = str(request.scope.get("state", {}).get("request_id", ""))
    content = {"code": code, "message": message, "request_id": identity}
    return JSONResponse(content, status_code=status, headers=headers)
