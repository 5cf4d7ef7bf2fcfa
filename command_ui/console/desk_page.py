"""How do the parts of the page hang together? Messages come in, commands go out, values are pulled and pushed."""

import asyncio
from collections.abc import Callable, Hashable
from datetime import datetime
from typing import Any
from uuid import UUID

import panel as pn

from command_ui.console import components
from command_ui.console.act import Act, Json
from command_ui.console.alarm_desk import AlarmDesk
from command_ui.console.basemap_desk import BaseMapDesk
from command_ui.console.camera_desk import CameraDesk
from command_ui.console.closure_desk import ClosureDesk
from command_ui.console.consult_desk import ConsultDesk
from command_ui.console.desk_frame import DeskFrame
from command_ui.console.fault_words import worded
from command_ui.console.intake_desk import IntakeDesk
from command_ui.console.intake_left import LeftForm
from command_ui.console.line_desk import LineDesk
from command_ui.console.marks_desk import MarksDesk
from command_ui.console.messages_desk import MessagesDesk
from command_ui.console.orders_desk import OrdersDesk
from command_ui.console.part import Part
from command_ui.console.plans_desk import PlansDesk
from command_ui.console.record_desk import RecordDesk
from command_ui.console.revise_desk import ReviseDesk
from command_ui.console.threat_desk import ThreatDesk
from command_ui.console.unmask_desk import UnmaskDesk
from command_ui.console.views_desk import ViewsDesk
from command_ui.console.within_desk import WithinDesk
from command_ui.console.written import scene_texts
from gis.errors import OneMapError


class DeskPage(DeskFrame):
    """
    State, store and views of the duty desk.

    Parts are built once and only their values change.
    """

    code = "map"

    def build(self) -> tuple[Part, ...]:
        """Make queue, map, inspector, timeline and the docked form."""
        may_report = self.person.may("report")
        self.queue = components.Queue(can_report=may_report, **self.common)
        self.map = components.MapView(
            theme=self.state.theme,
            mode=self.person.mode,
            can_report=may_report,
            **self.common,
        )
        self.inspector = components.Inspector(csrf_token=self.person.csrf_token, person=self.person.name, **self.common)
        self.timeline = components.Timeline(**self.common)
        self.intake_view = components.Intake(**self.common)
        self.threats = ThreatDesk(self)
        self.intake = IntakeDesk(self, self.threats)
        self.closures = ClosureDesk(self)
        self.marks = MarksDesk(self)
        self.alarms = AlarmDesk(self, self.intake)
        self.cameras = CameraDesk(self)
        self.base_maps = BaseMapDesk(self)
        self.views = ViewsDesk(self)
        self.orders = OrdersDesk(self)
        self.messages = MessagesDesk(self)
        self.plans = PlansDesk(self)
        self.area = WithinDesk(self)
        self.record = RecordDesk(self)
        self.revision = ReviseDesk(self, self.intake)
        self.consult = ConsultDesk(self)
        self.line = LineDesk(self, self.record, self.consult)
        self.pulling = asyncio.Lock()
        # What a moment that is looked back at knew of the ground, and not what stands there now.
        self.known_from = None
        self.state.param.watch(self._rewind, "moment")
        return (self.queue, self.map, self.inspector, self.timeline, self.intake_view, self.consult.view)

    def enclose(self, server_now: str) -> Part:
        """Lay the parts out as the desk's grid."""
        return components.Frame(
            bar=self.bar,
            queue=self.queue,
            map=self.map,
            inspector=self.inspector,
            timeline=self.timeline,
            dialog=self.intake_view,
            consult=self.consult.view,
            theme=self.state.theme,
            language=self.language,
            mode=self.person.mode,
            server_now=server_now,
            **self.common,
        )

    def acts(self) -> dict[str, Act]:
        """Give what each message does."""
        return {
            "open": self._open,
            "refresh": self._refresh,
            "moment": self._moment,
            "assess": self._assess,
            "search": self._search,
            "dossier": self._dossier,
            **self.record.acts(),
            **self.views.acts(),
            **self.orders.acts(),
            **self.messages.acts(),
            **self.plans.acts(),
            **self.area.acts(),
            "threat": self.threats.threat,
            "frames": self.threats.frames,
            "confidence": self.threats.confidence,
            **self.closures.acts(),
            **self.marks.acts(),
            **self.consult.acts(),
            **self.alarms.acts(),
            "coverage": self.cameras.coverage,
            "pick": self.intake.pick,
            "report": self.intake.open,
            "report_here": self.intake.open_here,
            "close": self.intake.close,
            "submit": self.intake.submit,
            **self.revision.acts(),
            **LeftForm(self, self.intake, self.revision).acts(),
            **self.line.acts(),
            **UnmaskDesk(self, self.map).acts(),
        }

    def repaint(self) -> None:
        """The stock widgets of the form have a theme of their own."""
        self.intake.paint(self.state.theme)
        self.revision.paint(self.state.theme)

    async def respeak(self) -> None:
        """Word the form, the layers and the queue anew."""
        self.intake.speak(self.language)
        self.revision.speak(self.language)
        await asyncio.gather(self.pull_ground(), self.pull_incidents(), self.alarms.pull())

    async def load(self) -> None:
        """Pull everything once, the incidents first."""
        await self.pull_incidents(choose=True)
        await asyncio.gather(self.pull_ground(), self.pull_scene(), self.alarms.pull())
        if self.asked.get("alarm") and self.person.may("report"):
            asked, self.asked = self.asked["alarm"], {}
            await self.alarms.report({"id": asked})

    async def pull_alarms(self) -> None:
        """Draw the alarms as they stand after what this officer did."""
        await self.alarms.pull()

    async def alarms_moved(self) -> None:
        """Alarms changed: draw them again."""
        await self.alarms.pull(shared=True)

    async def moved(self, _incidents: frozenset[UUID]) -> None:
        """Incidents moved: pull again; what moves meanwhile leads to one more turn."""
        if self.closures.holds:
            return  # routes follow in a moment: two redraws would only make the second later
        if self.line.is_up:
            await self.line.beside()
            return
        await self.pull_incidents(choose=True, shared=True)
        await self.pull_scene(shared=True)

    async def work[T](self, shared: bool, name: str, work: Callable[[], T], *of: Hashable) -> T:
        """
        Do blocking work in a thread; where `shared`, once for all pages that would get the same answer.

        Work on what was read before says `of` what: a page that is late must not leave its answer to the others.
        """
        if not shared or self.once is None:
            return await asyncio.to_thread(work)
        who = self.person
        sight = (who.role, who.division_from, who.division_to, who.mode, who.clearance, who.unit_id)
        return await self.once.ask((name, sight, self.language, self.state.incident_id, self.state.moment, of), work)

    async def pull_incidents(self, *, choose: bool = False, shared: bool = False) -> None:
        """Draw the queue; choose the first open incident where none is chosen."""
        try:
            found = await self.work(shared, "incidents", self.store.incidents)
            if choose and not self.state.incident_id and found:
                ids, asked = [str(one.incident_id) for one in found], self.asked.get("incident", "")
                self.state.incident_id = asked if asked in ids else ids[0]
            chosen_id = self.state.incident_id
            known = tuple((one.incident_id, one.seq) for one in found)
            cards = await self.work(shared, "cards", lambda: self.store.cards(found, self.language, chosen_id), known)
        except OneMapError as error:
            self.queue.loading = False
            self.toast(text=worded(error, self.language), tone="danger")
            return
        chosen = next((one for one in found if str(one.incident_id) == self.state.incident_id), None)
        with pn.io.hold():
            self.queue.param.update(
                incidents=cards,
                selected=self.state.incident_id,
                loading=False,
                updated_at=datetime.now().astimezone().isoformat(),
            )
            self.bar.started_at = (
                chosen.known_at.isoformat() if chosen and chosen.known_at and chosen.status == "open" else ""
            )

    async def pull_scene(self, *, shared: bool = False) -> None:
        """Draw the chosen incident at the moment looked at; `shared` when the record moved by itself."""
        if not self.state.incident_id:
            return
        async with self.pulling:
            moment = datetime.fromisoformat(self.state.moment) if self.state.moment else None
            try:
                incident_id = UUID(self.state.incident_id)
                look = await self.work(shared, "look", lambda: self.store.look(incident_id, moment))
                whole = look["whole"]
                record = await self.work(shared, "record", lambda: self.record.gather(whole), len(whole.entries))
                self.record.follow(whole)
            except OneMapError as error:
                self.toast(text=worded(error, self.language), tone="danger")
                return
            if moment is None:
                await asyncio.to_thread(self.first_look.keep, self.map.home, look["scene"])
            with pn.io.hold():
                self.marks.pull()
                self.consult.draw(look["whole"])
                texts = look["written"]
                self.map.param.update(**self.line.anew(self.map, **texts), revision=self.map.revision + 1)
                self.inspector.param.update(**self.line.anew(self.inspector, **texts, record=record["list"]))
                self.timeline.param.update(
                    **self.line.anew(self.timeline, record=record["line"]),
                    expected=look["expected"],
                    moment=self.state.moment,
                )
                self.queue.notices = look["notices"]
            self.line.drew(look["whole"])

    async def answer(self, answer: Json) -> None:
        """Hand a dialog of the inspector its answer, and draw what it may have changed."""
        self.inspector.tell(answer)
        await self.pull_scene()

    async def pull_ground(self) -> None:
        """Draw what does not belong to one incident: layers, feeds, weather, services."""
        language = self.language
        home = await asyncio.to_thread(self.store.ground.home)
        layers = await asyncio.to_thread(self.store.ground.layers, language)
        weather = await asyncio.to_thread(self.store.ground.weather, *home["centre"])
        services = await asyncio.to_thread(self.store.services)
        self.known_from = self.known_from or await asyncio.to_thread(self.store.ground.first_known)
        if language != self.language:
            return  # worded anew meanwhile: this one is late
        with pn.io.hold():
            self.map.param.update(home=home, layers=layers, weather=weather)
            self.bar.param.update(weather=weather, services=services, city=home["name"])
            self.queue.feeds = self.store.ground.feeds(layers)

    async def _open(self, message: Json) -> None:
        await self.open_incident(UUID(str(message["id"])))

    async def open_incident(self, incident_id: UUID) -> None:
        """Look at another incident."""
        self.line.let_go()
        self.state.param.update(incident_id=str(incident_id), moment="")
        self.queue.selected = self.state.incident_id
        await asyncio.gather(self.pull_scene(), self.pull_incidents())

    async def open_nothing(self) -> None:
        """Look at no incident."""
        async with self.pulling:
            self.line.let_go()
            self.state.param.update(incident_id="", moment="")
            blank = scene_texts(None)
            with pn.io.hold():
                self.queue.param.update(selected="", notices=[])
                self.map.param.update(**blank, revision=self.map.revision + 1)
                self.inspector.param.update(**blank, record="")
                self.timeline.param.update(record="", expected=[], moment="")
        await self.pull_incidents()

    async def _refresh(self, _message: Json) -> None:
        self.line.let_go()  # the connection was cut: nobody knows what the line still brings
        await self.load()

    async def _moment(self, message: Json) -> None:
        value = message.get("value")
        await self.look_at(datetime.fromisoformat(str(value)).isoformat() if value else "")

    async def look_at(self, moment: str) -> None:
        """Draw what was known at a moment, an ISO time; empty follows the present."""
        self.line.let_go()
        self.state.moment = moment
        self.timeline.moment = self.state.moment
        await self.pull_scene()

    def _rewind(self, change: Any) -> None:
        """Draw the layers as known at the moment, or as first known where that was later."""
        if change.new and self.known_from is not None:
            self.map.moment = max(datetime.fromisoformat(change.new), self.known_from).isoformat()
        else:
            self.map.moment = change.new

    async def _assess(self, _message: Json) -> None:
        await self.intake.assess(UUID(self.state.incident_id))

    async def _search(self, message: Json) -> None:
        near = message.get("near")
        hits = await asyncio.to_thread(self.store.ground.search, str(message.get("text", "")), self.language, near)
        self.map.tell({"kind": "hits", "seq": message.get("seq"), "hits": hits})
        await self.base_maps.search_beside(message, hits)

    async def _dossier(self, message: Json) -> None:
        layer, row = str(message.get("layer", "")), str(message.get("id", ""))
        card = await self.dossier(layer, row)
        if self.intake_view.opened and card["dossier"]:
            # While a report is being made, what is found by name is where it happened.
            await self.intake.take_from(card["dossier"])
        self.map.tell(card)

    async def dossier(self, layer: str, row: str) -> Json:
        """Card of one row as the map shows it."""
        try:
            found = await asyncio.to_thread(self.store.ground.dossier, layer, row, self.language)
        except OneMapError as error:
            return {"kind": "dossier", "dossier": None, "reason": worded(error, self.language)}
        return {"kind": "dossier", "dossier": {**found, "may_unmask": self.person.may("unmask")}}
