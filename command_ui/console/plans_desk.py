"""What does the inspector ask about plans and cards? Which plan fits, adopt it, cite the card of the substance."""

import asyncio
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from uuid import UUID

from command_ui.api.plans import facts_json, match_json
from command_ui.console.fault_words import worded
from gis.errors import OneMapError

if TYPE_CHECKING:
    from command_ui.console.desk_frame import DeskFrame

Json = dict[str, Any]


class PlansDesk:
    """Answers the tab 预案; every right is asked for again here, whatever buttons the page shows."""

    def __init__(self, page: "DeskFrame") -> None:
        self.page = page

    def acts(self) -> dict[str, Any]:
        """What each message does."""
        return {"plans_match": self.match, "plan_adopt": self.adopt, "card_cite": self.cite}

    async def match(self, _message: Json) -> None:
        """Rank the plans for the incident before the officer."""
        incident = self.page.state.incident_id
        answer: Json = {"kind": "plans", "incident": incident}
        try:
            answer |= await asyncio.to_thread(self._matched, UUID(incident))
        except OneMapError as error:
            answer["fault"] = worded(error, self.page.language)
        self.page.inspector.tell(answer)

    async def adopt(self, message: Json) -> None:
        """Adopt a plan and draft its orders; they are issued at once only where that was asked for."""
        self.page.person.require("order")
        incident = UUID(self.page.state.incident_id)
        try:
            done = await asyncio.to_thread(
                self._desk.plans.adopt, incident, str(message["id"]), self._caller, version=int(message["version"]),
                reason=str(message.get("reason", ""))[:200], issue=bool(message.get("issue")),
            )  # fmt: skip
        except OneMapError as error:
            self.page.inspector.tell({"kind": "plan_fault", "fault": worded(error, self.page.language)})
            return
        self.page.toast("plans.adopted.toast", title=done.event.title, count=len(done.orders))
        await self.page.pull_scene()
        await self.match({})

    async def cite(self, message: Json) -> None:
        """Write into the record that the card was relied on."""
        self.page.person.require("report")
        await asyncio.to_thread(
            self._desk.cards.cite, UUID(self.page.state.incident_id), str(message["id"]), int(message["version"]),
            self._caller,
        )  # fmt: skip
        self.page.toast("cards.cited.toast")
        await self.match({})
        await self.page.pull_scene()

    def _matched(self, incident: UUID) -> Json:
        facts, found = self._desk.plans.match(incident, self._caller)
        card = self._desk.cards.of_substance(facts.cas, self._caller)
        cited = self._desk.situation(incident, caller=self._caller).planning.cited
        drawn: Json | None = None
        if card is not None:
            drawn = asdict(card) | {"recorded_at": card.recorded_at.isoformat(), "superseded_at": None}
            drawn["statements"] = list(card.statements)
            drawn["cited"] = [one.seq for one in cited if one.card.card_id == card.id]
        return {
            "facts": facts_json(facts), "plans": [match_json(one) for one in found], "card": drawn,
            "may": self.page.person.may("order"), "may_cite": self.page.person.may("report"),
        }  # fmt: skip

    @property
    def _desk(self) -> Any:
        return self.page.store.desk

    @property
    def _caller(self) -> Any:
        return self.page.person.caller()
