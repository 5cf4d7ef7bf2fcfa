"""What does the page ask about roads and teams? Closures drawn, moved and lifted; teams sent; ways and trials."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import TYPE_CHECKING, Any
from uuid import UUID

import panel as pn

from command_ui.console.fault_words import worded
from command_ui.directions import sentences
from command_ui.words import say
from gis.crs import LonLat
from gis.errors import ConflictError, InputError, OneMapError
from scenarios.roads.closures import ReportClosure, directed

if TYPE_CHECKING:
    from command_ui.console.desk_frame import DeskFrame

Json = dict[str, Any]
Work = Callable[[], Any]
STEP_LIMIT_S = 45 * 86_400
HOLD_S = 1.5
"""The page waits this long with its redraw for what follows a closure; then it shows what is in doubt."""


class ClosureDesk:
    """Answers the map and the inspector; every right is asked for again here, whatever buttons the page shows."""

    def __init__(self, page: "DeskFrame") -> None:
        self.page = page
        self._holding = 0
        self._held_until = 0.0

    @property
    def holds(self) -> bool:
        """Whether the page should wait with its redraw, because what a closure changed is about to be there."""
        return self._holding > 0 and perf_counter() < self._held_until

    def acts(self) -> dict[str, Any]:
        """What each message does."""
        return {
            "closures_ready": self.ready,
            "closures_due": self.due,
            "road_at": self.road_at,
            "closure": self.report,
            "closure_move": self.move,
            "closure_lift": self.lift,
            "closure_again": self.again,
            "team_take": self.take,
            "team_back": self.give_back,
            "team_way": self.way,
            "what_if": self.what_if,
            "left_dose": self.dose,
        }

    # closures

    async def ready(self, _message: Json) -> None:
        """The tool was taken up: load what a closure will need while the officer still draws."""
        self.page.person.require("close_roads")
        await asyncio.to_thread(self._road.prepare, self._incident, self._caller)

    async def due(self, _message: Json) -> None:
        """A closure began or ended by the clock: compute anew what that changes."""
        self.page.person.require("close_roads")
        await asyncio.to_thread(self._road.catch_up, self._incident, self._caller)

    async def road_at(self, message: Json) -> None:
        """Tell which road lies under a click."""
        answer: Json = {"kind": "road", "seq": message.get("seq")}
        try:
            place = LonLat(float(message["longitude"]), float(message["latitude"])).checked()
            found = await asyncio.to_thread(
                lambda: self._road.road_at(self._incident, place, self._caller, whole=bool(message.get("whole")))
            )
            answer["road"] = {
                "name": found.name,
                "geometry": found.geometry,
                "length_m": found.length_m,
                "heading_deg": found.heading_deg,
                "one_way": found.one_way,
                "stretches": len(directed(found, "both")),
            }
        except InputError:
            answer["fault"] = say("closure.no_road", self.page.language)
        except OneMapError as error:
            answer["fault"] = say("closure.failed", self.page.language, reason=worded(error, self.page.language))
        self.page.map.tell(answer)

    async def report(self, message: Json) -> None:
        """Record a closure, then let routes and evacuation follow."""
        self.page.person.require("close_roads")

        def work() -> str:
            said = _said(message)
            closure_id, _ = self._road.report_closure(self._incident, said, self._caller, key=UUID(str(message["key"])))
            return str(closure_id)

        await self._then_follow(message, work)

    async def move(self, message: Json) -> None:
        """Give a closure another outline."""
        self.page.person.require("close_roads")
        await self._then_follow(
            message,
            lambda: self._road.move_closure(
                self._incident,
                str(message["id"]),
                dict(message["geometry"]),
                self._caller,
                seen_seq=int(message["seen"]),
                key=UUID(str(message["key"])),
            ),
        )

    async def lift(self, message: Json) -> None:
        """Open the roads again."""
        self.page.person.require("close_roads")
        await self._then_follow(
            message,
            lambda: self._road.lift_closure(
                self._incident,
                str(message["id"]),
                self._caller,
                seen_seq=int(message["seen"]),
                text=str(message.get("text", "")),
                key=UUID(str(message["key"])),
            ),
        )

    async def again(self, message: Json) -> None:
        """Report a lifted closure once more: the undo of a lift."""
        self.page.person.require("close_roads")

        def work() -> str:
            key = UUID(str(message["key"]))
            receipt = self._road.report_again(self._incident, str(message["id"]), self._caller, key=key)
            found = self.page.store.desk.situation(receipt.incident_id, caller=self._caller).closures
            return next(one.closure_id for one in found if one.first_seq == receipt.seq)

        await self._then_follow(message, work)

    async def _then_follow(self, message: Json, work: Work) -> None:
        """Do it, say so, and compute anew; a fault goes back to the form, which keeps what was typed."""
        began = perf_counter()
        self._holding, self._held_until = self._holding + 1, began + HOLD_S
        try:
            await self._do_and_follow(message, work, began)
        finally:
            self._holding -= 1

    async def _do_and_follow(self, message: Json, work: Work, began: float) -> None:
        answer: Json = {"kind": "closure", "key": message.get("key"), "step": "recorded"}
        try:
            done = await asyncio.to_thread(work)
        except ConflictError:
            self.page.map.tell(answer | {"step": "fault", "text": say("closure.changed", self.page.language)})
            return
        except (OneMapError, KeyError, TypeError, ValueError) as error:
            reason = (
                worded(error, self.page.language)
                if isinstance(error, OneMapError)
                else say("fault.internal", self.page.language)
            )
            text = say("closure.failed", self.page.language, reason=reason)
            self.page.map.tell(answer | {"step": "fault", "text": text})
            return
        self.page.map.tell(answer | {"id": done if isinstance(done, str) else None})
        document = pn.state.curdoc

        def progress(step: str, _part: float) -> None:
            # Where the evacuation takes longer, the new routes are shown before it is there.
            if step == "routes_recorded" and document is not None:
                document.add_next_tick_callback(self.page.pull_scene)

        try:
            followed = await asyncio.to_thread(self._road.follow, self._incident, self._caller, progress)
        except OneMapError as error:
            await self.page.pull_scene()
            self.page.toast(
                text=say("fault.assess", self.page.language, reason=worded(error, self.page.language)), tone="danger"
            )
            return
        await self.page.pull_scene()
        seconds = perf_counter() - began
        self.page.map.tell(
            answer | {"step": "followed", "seconds": round(seconds, 2), "run": followed.run_id if followed else None}
        )

    # teams

    async def take(self, message: Json) -> None:
        """Send a team; one that serves elsewhere is refused with the name of that incident."""
        self.page.person.require("dispatch")
        team_id, name = str(message["id"]), str(message.get("name", ""))
        elsewhere = (await asyncio.to_thread(self._teams.engaged, self._caller)).get(team_id)
        if elsewhere is None:
            try:
                key = UUID(str(message["key"]))
                await asyncio.to_thread(lambda: self._teams.take(self._incident, team_id, self._caller, key=key))
                self.page.toast("team.taken", name=name)
                await self.page.pull_scene()
                return
            except ConflictError:
                elsewhere = (await asyncio.to_thread(self._teams.engaged, self._caller)).get(team_id)
        title = elsewhere.title if elsewhere else ""
        self.page.toast("team.refused", tone="danger", name=name, title=title)

    async def give_back(self, message: Json) -> None:
        """Let a team go again."""
        self.page.person.require("dispatch")
        team_id, key = str(message["id"]), UUID(str(message["key"]))
        await asyncio.to_thread(lambda: self._teams.give_back(self._incident, team_id, self._caller, key=key))
        self.page.toast("team.returned", name=str(message.get("name", "")))
        await self.page.pull_scene()

    async def way(self, message: Json) -> None:
        """Directions in the page's language, and alternatives for the map."""
        team_id = str(message["id"])
        answer: Json = {"kind": "way", "id": team_id}
        try:
            found = await asyncio.to_thread(lambda: self._teams.way(self._incident, team_id, self._caller))
            answer |= {
                "status": found.status,
                "geometry": found.geometry,
                "steps": sentences(found.steps, self.page.language),
                "alternatives": list(found.alternatives),
            }
        except OneMapError as error:
            answer["fault"] = say("team.way.failed", self.page.language, reason=worded(error, self.page.language))
        self.page.inspector.tell(answer)
        self.page.map.tell(answer)

    async def what_if(self, message: Json) -> None:
        """Clearance under another plan, for the chart; nothing is recorded."""
        kind: Any = message.get("plan")
        answer: Json = {"kind": "what_if", "plan": kind}
        try:
            answer |= await asyncio.to_thread(lambda: self._teams.what_if(self._incident, kind, self._caller))
            answer["kind"] = "what_if"
        except OneMapError as error:
            answer["fault"] = say("clear.what.failed", self.page.language, reason=worded(error, self.page.language))
        self.page.inspector.tell(answer)

    async def dose(self, message: Json) -> None:
        """What is breathed in at the place of people left over, outdoors and in a house with its windows shut."""
        from scenarios.hazards.threat import at_place

        block = str(message.get("id"))
        answer: Json = {"kind": "dose", "id": block}
        try:
            place = LonLat(float(message["longitude"]), float(message["latitude"])).checked()
            known = await asyncio.to_thread(lambda: self.page.store.desk.situation(self._incident, caller=self._caller))
            if known.run is not None and known.run.hazard is not None:
                case = known.run.hazard.case
                found = await asyncio.to_thread(at_place, case, place)
                answer["dose"] = {"negligible": found["negligible"], **found["numbers"]}
        except OneMapError as error:
            answer["fault"] = say("left.dose.failed", self.page.language, reason=worded(error, self.page.language))
        self.page.inspector.tell(answer)

    @property
    def _incident(self) -> UUID:
        return UUID(self.page.state.incident_id)

    @property
    def _caller(self) -> Any:
        return self.page.person.caller()

    @property
    def _road(self) -> Any:
        return self.page.store.desk.road

    @property
    def _teams(self) -> Any:
        return self.page.store.desk.teams


def _said(message: Json) -> ReportClosure:
    """
    What the form says.

    Raises
    ------
    InputError
        A time that is no time, or a place that is none.
    """
    until = message.get("until_s")
    if until is not None and not 0 < float(until) <= STEP_LIMIT_S:
        raise InputError("valid_until: give a time ahead, within 45 days")
    now = datetime.now(UTC)
    place = None
    if message.get("longitude") is not None:
        place = LonLat(float(message["longitude"]), float(message["latitude"])).checked()
    return ReportClosure(
        shape=message["shape"],
        reason=message["reason"],
        geometry=message.get("geometry"),
        place=place,
        whole=bool(message.get("whole")),
        direction=message.get("direction", "both"),
        name=str(message.get("name", ""))[:200],
        text=str(message.get("text", ""))[:500],
        reported_by=str(message.get("by", ""))[:200],
        valid_from=None,
        valid_until=now + timedelta(seconds=float(until)) if until is not None else None,
    )
