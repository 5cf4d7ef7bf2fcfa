"""Which requests leave a line in the audit, and what happens to an answer whose line cannot be written?"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable
from functools import partial
from typing import NamedTuple

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.types import Message, Receive, Scope, Send

from command_ui.access import audit
from command_ui.access.audit import Outcome, Said, Trace
from command_ui.access.policies import Policy
from command_ui.access.repeats import Repeats
from command_ui.access.roles import SignedIn
from command_ui.server import errors
from gis.database import Caller, Database
from gis.errors import OneMapError

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_AT_ONCE = 64
"""Lines of one commit."""
_log = logging.getLogger("onemap.audit")


class Refusal(NamedTuple):
    """What equal refusals have in common."""

    actor: str
    role: str
    on: str
    address: str
    status: int
    why: str


_FLOOD = Refusal("", "", "many addresses at once", "", 0, "flood")


class Auditor:
    """
    Writes a line for every refusal, export and change before the answer goes out.

    When the line cannot be written the answer is 503 instead: nothing leaves the house and nothing is acknowledged
    unseen. A change sent again with the same key is answered, not made twice. A refusal is written at once; the same
    again within minutes is counted and written once with its number, so that nobody can bury a line under others; who
    does not stop is written every few seconds, so that the watch over attacks hears of him.
    """

    def __init__(self, database: Database, repeats: "Repeats[Refusal] | None" = None) -> None:
        self._database = database
        self._repeats = repeats or Repeats(_FLOOD)
        self._follow: asyncio.Task[None] | None = None
        self._waiting: list[tuple[Said, asyncio.Future[bool]]] = []
        self._writing: asyncio.Task[None] | None = None

    def event_of(self, policy: Policy, method: str, status: int, *, is_file: bool = False) -> str:
        """Name the kind of line an answer leaves; empty for none."""
        if status == 403:
            return "denied"
        if method in _SAFE:
            leaves = (policy.export or is_file) and not policy.own_line
            return "export" if leaves and status < 300 and method == "GET" else ""
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
                event = self.event_of(policy, scope["method"], status, is_file=_is_file(message.get("headers", ())))
                written = True
                if event == "denied":
                    written = await self._merged(_refusal(scope, person, status, ""), errors.request_id(scope))
                elif event:
                    written = await self._written(scope, event, status, person)
                if not written:
                    replaced = True
                    await errors.answer(scope, 503)(scope, receive, send)
                    return
            await send(message)

        return forward

    async def turned_away(
        self, scope: Scope, status: int, why: str, *, on: str = "", person: SignedIn | None = None
    ) -> None:
        """
        Write down that somebody was turned away before anything was answered.

        Parameters
        ----------
        on
            The declared address, so that a stranger who tries a thousand numbers is one line with a count.
        """
        await self._merged(_refusal(scope, person, status, why, on), errors.request_id(scope))

    async def stop(self) -> None:
        """Write what was counted and not yet written."""
        if self._follow is not None:
            self._follow.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._follow
            self._follow = None
        await self._settle(all_of_them=True)

    async def _merged(self, refusal: Refusal, request_id: str) -> bool:
        key = self._repeats.note(refusal)
        if self._follow is None or self._follow.done():
            self._follow = asyncio.create_task(self._look_after())
        if key is None:
            return True
        written = await run_in_threadpool(_tried, lambda: self._refused(key, request_id, {}))
        if not written:
            self._repeats.forget(key)
        return written

    async def _look_after(self) -> None:
        while (wait_s := self._repeats.next_s) is not None:
            await asyncio.sleep(wait_s + 0.01)
            await self._settle()

    async def _settle(self, *, all_of_them: bool = False) -> None:
        for key, times in self._repeats.due(all_of_them=all_of_them):
            await run_in_threadpool(_tried, partial(self._refused, key, "", {"times": times}))

    def _refused(self, refusal: Refusal, request_id: str, more: dict[str, object]) -> None:
        detail = {"status": refusal.status} | ({"why": refusal.why} if refusal.why else {}) | more
        with self._database.transaction(Caller.system()) as connection:
            audit.write(
                connection, "denied", "refused", actor=refusal.actor, role=refusal.role, on=refusal.on,
                trace=Trace(refusal.address, request_id), detail=detail,
            )  # fmt: skip

    async def _written(self, scope: Scope, event: str, status: int, person: SignedIn) -> bool:
        outcome: Outcome = "ok" if status < 400 else "refused" if status in (401, 403) else "failed"
        trace = Trace(_address(scope), errors.request_id(scope))
        on = f"{scope.get('method', 'WS')} {scope['path']}"
        line = Said.of(event, outcome, person.name, person.role, on, trace, {"status": status})
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((line, done))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_waiting())
        return await done

    async def _write_waiting(self) -> None:
        """
        Write the lines that wait; those of requests that come meanwhile go together under the next commit.

        The chain of a day has one end, so they would wait for one another anyway. Lines that do not go as one are tried
        one by one: what is wrong with one answer is no other's.
        """
        while self._waiting:
            batch, self._waiting = self._waiting[:_AT_ONCE], self._waiting[_AT_ONCE:]
            lines = [line for line, _ in batch]
            try:
                outcomes = await run_in_threadpool(self._write_all, lines)
            except BaseException:
                for _, done in batch:
                    done.cancel()
                raise
            for (_, done), written in zip(batch, outcomes, strict=True):
                if not done.done():
                    done.set_result(written)

    def _write_all(self, lines: list[Said]) -> list[bool]:
        if _tried(lambda: audit.write_all(self._database, lines)):
            return [True] * len(lines)
        return [len(lines) > 1 and _tried(partial(audit.write_all, self._database, [one])) for one in lines]


def _refusal(scope: Scope, person: SignedIn | None, status: int, why: str, on: str = "") -> Refusal:
    place = f"{scope.get('method', 'WS')} {on or scope['path']}"[: audit.LONGEST_OBJECT]
    return Refusal(person.name if person else "", person.role if person else "", place, _address(scope), status, why)


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""


def _is_file(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Tell whether a browser would save this answer: then it leaves the house, whatever the route declares."""
    return any(name.lower() == b"content-disposition" and value.startswith(b"attachment") for name, value in headers)


def _tried(write: Callable[[], None]) -> bool:
    try:
        write()
    except (OneMapError, SQLAlchemyError) as error:
        _log.error("a line of the audit could not be written: %s", type(error).__name__)
        return False
    return True
