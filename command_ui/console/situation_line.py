"""How does a page stay on the line of the incident it looks at? A light websocket that only speaks."""

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING
from uuid import UUID

from fastapi import APIRouter
from sqlalchemy.exc import DBAPIError
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocket, WebSocketDisconnect

from command_ui.access.roles import signed_in
from command_ui.console.together import Group, Line, Together
from command_ui.words import Language
from gis.errors import MissingError, OneMapError

if TYPE_CHECKING:
    from scenarios.desk import Desk

PATH = "/incidents/{incident_id}/line"
NO_SUCH_INCIDENT, LATER = 4404, 1013
_GONE = (WebSocketDisconnect, RuntimeError, OSError)
_log = logging.getLogger("onemap.together")


def router(together: Together, desk: "Desk") -> APIRouter:
    """Build the route of the line."""
    routes = APIRouter()

    @routes.websocket(PATH)
    async def line(socket: WebSocket, incident_id: UUID) -> None:
        person = signed_in()
        await socket.accept()
        try:
            await run_in_threadpool(desk.situation, incident_id, caller=person.caller())
        except (OneMapError, DBAPIError) as error:
            await socket.close(NO_SUCH_INCIDENT if isinstance(error, MissingError) else LATER)
            return
        own = Line()
        language: Language = "en" if socket.query_params.get("language") == "en" else "zh"
        group = together.enter(person, language, incident_id, own)
        jobs = [asyncio.create_task(_tell(socket, group, own)), asyncio.create_task(_hear(socket, own))]
        try:
            await asyncio.wait(jobs, return_when=asyncio.FIRST_COMPLETED)
        finally:
            together.leave(group, own)
            for job in jobs:
                job.cancel()
            for outcome in await asyncio.gather(*jobs, return_exceptions=True):
                if isinstance(outcome, Exception) and not isinstance(outcome, _GONE):
                    _log.error("the line of an incident broke", exc_info=outcome)
            with contextlib.suppress(*_GONE):
                await socket.close()

    return routes


async def _tell(socket: WebSocket, group: Group, line: Line) -> None:
    while not group.has_ended:
        await line.wake.wait()
        line.wake.clear()
        text = group.message(line)
        if text:
            await socket.send_text(text)


async def _hear(socket: WebSocket, line: Line) -> None:
    """Wait for the end; whatever a page says means that it wants the whole."""
    while True:
        await socket.receive_text()
        line.ask()
