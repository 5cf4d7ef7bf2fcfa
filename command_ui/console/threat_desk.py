"""What does the map answer about a point and about the moments of the cloud? Asked in threads, told by message."""

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from command_ui.console.fault_words import worded
from gis.crs import LonLat
from gis.errors import OneMapError

if TYPE_CHECKING:
    from command_ui.console.desk_frame import DeskFrame
    from scenarios.situation import Run

Json = dict[str, Any]


class ThreatDesk:
    """Answers for the run the page shows: that of the incident chosen, at the moment looked at."""

    def __init__(self, page: "DeskFrame") -> None:
        self.page = page

    async def threat(self, message: Json) -> None:
        """Tell what threatens one place; ``seq`` lets the map drop an answer to an older click."""
        answer: Json = {"kind": "threat", "seq": message.get("seq")}
        try:
            place = LonLat(float(message["longitude"]), float(message["latitude"])).checked()
            answer["threat"] = await asyncio.to_thread(self._threat, place)
        except OneMapError as error:
            answer["reason"] = worded(error, self.page.language)
        self.page.map.tell(answer)

    async def frames(self, _message: Json) -> None:
        """Tell the zones of each moment of the cloud."""
        answer: Json = {"kind": "frames", "run": None}
        try:
            answer |= await asyncio.to_thread(self._frames)
        except OneMapError as error:
            answer["reason"] = worded(error, self.page.language)
        self.page.map.tell(answer)

    async def confidence(self, _message: Json) -> None:
        """Compute how sure the zones shown are, where nobody has yet."""
        run, _ = await asyncio.to_thread(self._run)
        if run is not None and run.hazard is not None:
            await self.add_confidence(UUID(self.page.state.incident_id), run.hazard.run_id)

    async def add_confidence(self, incident_id: UUID, run_id: str) -> None:
        """Compute it in a thread; the page draws it as soon as it is in the record."""
        try:
            await asyncio.to_thread(self.page.store.add_confidence, incident_id, run_id)
        except OneMapError as error:
            self.page.toast(text=worded(error, self.page.language), tone="danger")
        self.page.map.tell({"kind": "confidence"})
        await self.page.pull_scene()

    def _threat(self, place: LonLat) -> Json | None:
        from scenarios.hazards.threat import at_place

        run, asked_at = self._run()
        if run is None or run.hazard is None:
            return None
        began = datetime.fromisoformat(str(run.hazard.case["incident"]["occurred_at"]))
        return at_place(run.hazard.case, place, warned_at_s=(asked_at - began).total_seconds())

    def _frames(self) -> Json:
        from scenarios.hazards.passing import passing

        run, _ = self._run()
        if run is None or run.hazard is None:
            return {"run": None}
        return passing(run.hazard.case) | {"run": run.run_id}

    def _run(self) -> tuple["Run | None", datetime]:
        """The run on the screen and the moment it is looked at."""
        state = self.page.state
        moment = datetime.fromisoformat(state.moment) if state.moment else None
        if not state.incident_id:
            return None, moment or datetime.now(UTC)
        caller = self.page.person.caller()
        situation = self.page.store.desk.situation(UUID(state.incident_id), moment, caller=caller)
        return situation.run, moment or datetime.now(UTC)
