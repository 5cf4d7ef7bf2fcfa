"""How does the page reach into the record? It asks for rows, for dots between two moments, for the moment next door."""

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from command_ui.api.shapes import CorrectionIn
from command_ui.console.act import Act, Json
from command_ui.console.answering import doing, plain
from command_ui.console.record_rows import Rows
from command_ui.console.written import written
from scenarios.events import TeamArrived
from scenarios.situation import Situation

if TYPE_CHECKING:
    from command_ui.console.desk_frame import DeskFrame

GROUPS = frozenset({"all", "sense", "run", "decision", "report", "note"})
LONGEST_WORDS = 100


class RecordDesk:
    """The list of the log and the timeline of one browser page. Searching runs in a thread: it reads every entry."""

    def __init__(self, page: "DeskFrame") -> None:
        self._page = page
        self._rows = Rows()

    def acts(self) -> dict[str, Act]:
        """Give what the messages of the list and the timeline do."""
        return {
            "rows": self._some_rows,
            "dots": self._some_dots,
            "step": self._step,
            "correct": doing(self._page, "report", self._correct),
            "team_arrived": doing(self._page, "report", self._arrived),
        }

    def follow(self, whole: Situation) -> None:
        """Take in the entries that are new, so that questions about them can be answered."""
        self._rows.follow(whole)

    def gather(self, whole: Situation) -> dict[str, str]:
        """What the list and the timeline are told of the record without asking, as text. Blocking: for a thread."""
        self._rows.follow(whole)
        summary = self._rows.summary()
        return {
            "list": written(summary | {"newest": self._rows.newest()}),
            "line": written(summary | {"dots": self._rows.dots(None, None, "all")}),
        }

    def _correct(self, message: Json, key: UUID) -> str:
        body = CorrectionIn.model_validate_json(plain({"reason": message["reason"], "text": message.get("text", "")}))
        page, seq = self._page, int(message["seq"])
        page.store.desk.correct(
            UUID(page.state.incident_id), seq, body.reason, page.person.caller(), text=body.text, key=key
        )
        return f"#{seq}"

    def _arrived(self, message: Json, key: UUID) -> str:
        page, name = self._page, str(message.get("name", ""))[:200]
        event = TeamArrived(str(message["id"])[:64], name, datetime.now(UTC))
        page.store.desk.record(UUID(page.state.incident_id), event, page.person.caller(), key=key)
        return name

    async def _some_rows(self, message: Json) -> None:
        found = await asyncio.to_thread(
            self._rows.page_rows,
            int(message.get("first") or 0),
            int(message.get("count") or 0),
            _group(message),
            str(message.get("words") or "")[:LONGEST_WORDS],
            self._page.language,
        )
        self._page.inspector.tell({"kind": "rows", "ask": message.get("ask"), **found})

    async def _some_dots(self, message: Json) -> None:
        low, high = (_moment_ms(message.get(name)) for name in ("from_ms", "until_ms"))
        words = str(message.get("words") or "")[:LONGEST_WORDS]
        found = await asyncio.to_thread(self._rows.dots, low, high, _group(message), words, self._page.language)
        self._page.timeline.tell({"kind": "dots", "ask": message.get("ask"), "dots": found})

    async def _step(self, message: Json) -> None:
        here_ms = _moment_ms(message.get("here_ms"))
        direction = -1 if message.get("direction") == -1 else 1
        if here_ms is None:
            return
        there_ms = self._rows.neighbour(direction, here_ms)
        if there_ms is not None:
            await self._page.look_at(datetime.fromtimestamp(there_ms / 1000.0, UTC).isoformat())
        elif direction > 0 and self._page.state.moment:
            await self._page.look_at("")


def _group(message: Json) -> str:
    group = message.get("group")
    return str(group) if group in GROUPS else "all"


def _moment_ms(value: Any) -> float | None:
    """A moment of the browser, or None where it is not one."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
