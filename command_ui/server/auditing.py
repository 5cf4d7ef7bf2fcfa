"""Which requests leave a line in the audit, and what happens to an answer whose line cannot be written?"""

import logging
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.types import Message, Receive, Scope, Send

from command_ui.access import audit
from command_ui.access.audit import Outcome, Trace
from command_ui.access.policies import Policy
from command_ui.access.roles import SignedIn
from command_ui.server import errors
from gis.database import Caller, Database
from gis.errors import OneMapError

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_log = logging.getLogger("onemap.audit")


class Auditor:
    """
    Writes a line for every refusal, export and change before the answer goes out.

    When the line cannot be written the answer is 503 instead: nothing leaves the house and nothing is acknowledged
    unseen. A change sent again with the same key is answered, not made twice.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def event_of(self, policy: Policy, method: str, status: int) -> str:
        """Name the kind of line an answer leaves; empty for none."""
        if status == 403:
            return "denied"
        if method in _SAFE:
            return "export" if policy.export and status < 300 and method == "GET" else ""
        return "change" if policy.changes else ""

    def attended(self, scope: Scope, receive: Receive, send: Send, policy: Policy, person: SignedIn) -> Send:
        """Give a `send` that writes the line of this request before it lets the answer through."""
        replaced = False

        async def forward(message: Message) -> None:
            nonlocal replaced
            if replaced:
                return
            if message["type"] == "http.response.start":
                status = int(message["status"])
                event = self.event_of(policy, scope["method"], status)
                if event and not await self._written(scope, event, status, person):
                    replaced = True
                    await errors.answer(scope, 503)(scope, receive, send)
                    return
            await send(message)

        return forward

    async def refused(self, scope: Scope, person: SignedIn, why: str) -> None:
        """Write down that somebody was turned away."""
        await self._written(scope, "denied", 403, person, why)

    async def _written(self, scope: Scope, event: str, status: int, person: SignedIn, why: str = "") -> bool:
        outcome: Outcome = "ok" if status < 400 else "refused" if status in (401, 403) else "failed"
        client = scope.get("client")
        trace = Trace(str(client[0]) if client else "", errors.request_id(scope))
        method = scope.get("method", "WS")
        detail: dict[str, object] = {"status": status} | ({"why": why} if why else {})

        def write() -> None:
            with self._database.transaction(Caller.system()) as connection:
                audit.write(
                    connection,
                    event,
                    outcome,
                    actor=person.name,
                    role=person.role,
                    on=f"{method} {scope['path']}",
                    trace=trace,
                    detail=detail,
                )

        return await run_in_threadpool(_tried, write)


def _tried(write: Callable[[], None]) -> bool:
    try:
        write()
    except (OneMapError, SQLAlchemyError) as error:
        _log.error("a line of the audit could not be written: %s", type(error).__name__)
        return False
    return True
