"""How does a program learn at once that an incident moved?"""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import StreamingResponse

from command_ui.access.roles import SignedIn, signed_in
from command_ui.access.sessions import Sessions
from command_ui.live import Live, Moved

_BEAT_S = 10.0
_WAITING_AT_MOST = 1_000
_AT_ONCE = 500


def router(live: Live, sessions: Sessions) -> APIRouter:
    """Build the feed: server-sent events that say which incident moved to which number, and nothing more."""
    routes = APIRouter(tags=["feed"])

    @routes.get(
        "/feed",
        response_class=StreamingResponse,
        responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
    )
    async def feed(
        most: Annotated[int, Query(ge=0, le=10_000, description="End after so many events; 0 = never.")] = 0,
    ) -> StreamingResponse:
        """
        Follow the incidents of your divisions: `event: moved`, `data: {"incident_id": …, "seq": …}`.

        It is a hint: read the entries after the last number you hold. A comment every 10 s keeps the line open.
        """
        if live.subscribers >= _AT_ONCE:
            raise HTTPException(503, headers={"retry-after": "5"})
        return StreamingResponse(
            _events(live, sessions, signed_in(), most),
            media_type="text/event-stream",
            headers={"cache-control": "no-store", "x-accel-buffering": "no"},
        )

    return routes


async def _events(live: Live, sessions: Sessions, person: SignedIn, most: int) -> AsyncIterator[str]:
    loop = asyncio.get_running_loop()
    waiting: asyncio.Queue[Moved] = asyncio.Queue(maxsize=_WAITING_AT_MOST)

    def put(moved: Moved) -> None:
        # A reader that is too slow loses hints, not entries: it reads those by number.
        if not waiting.full():
            waiting.put_nowait(moved)

    def leave_word(moved: Moved) -> None:
        loop.call_soon_threadsafe(put, moved)

    unsubscribe = live.subscribe(person.caller(), leave_word)
    try:
        yield ": listening\n\n"
        sent = 0
        while not most or sent < most:
            try:
                moved = await asyncio.wait_for(waiting.get(), _BEAT_S)
            except TimeoutError:
                # A feed outlives requests, so the right to it is asked for again at every beat.
                if person.handle not in await run_in_threadpool(sessions.alive, [person.handle]):
                    return
                yield ": still here\n\n"
                continue
            sent += 1
            data = json.dumps({"incident_id": str(moved.incident_id), "seq": moved.seq})
            yield f"event: moved\nid: {moved.incident_id}:{moved.seq}\ndata: {data}\n\n"
    finally:
        unsubscribe()
