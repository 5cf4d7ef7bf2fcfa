"""What happens between the first click of 接报登记 and the zones on the map?"""

import asyncio
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Any
from uuid import UUID

import panel as pn

from command_ui.console.fault_words import worded
from command_ui.console.intake import IntakeForm, layer_substance
from command_ui.console.intake_alarm import FormAlarm
from command_ui.console.intake_typed import begin, labels
from command_ui.words import Language, say
from gis.errors import OneMapError, RefusedError

if TYPE_CHECKING:
    from command_ui.console.desk_frame import DeskFrame
    from command_ui.console.threat_desk import ThreatDesk
    from layers.sensors.alarms import Listed

Json = dict[str, Any]

STEPS = ("hazard", "exposure", "routes", "evacuation")
_STEP_OF = {"zones": "hazard", "closures": "routes", "record": "evacuation"}
"""Steps of the desk that the page counts to one of its four."""


class IntakeDesk:
    """Opens the docked form, keeps what was typed, records the report, and shows the steps of the assessment."""

    def __init__(self, page: "DeskFrame", threats: "ThreatDesk") -> None:
        self.page = page
        self.threats = threats
        self.alarm = FormAlarm(page)
        self.form: IntakeForm | None = None
        self._running = False
        self._later: asyncio.Task[None] | None = None

    async def open(self, _message: Json) -> None:
        """Show the form; it is built at the first need, because most pages never report."""
        self.page.person.require("report")
        self.alarm.forget()
        if self.form is None:
            self.form = IntakeForm(self.page.language, self.page.state.theme)
            self.form.prefill(self.page.map.weather)
            begin(self.form)
        view = self.page.intake_view
        if view.form is not self.form.panel:
            view.form = self.form.panel
        with pn.io.hold():
            view.param.update(revising=None, opened=True, faults=[], labels=labels(self.form))
            self.page.map.picking = True

    async def open_here(self, message: Json) -> None:
        """Show the form for a thing on the map: its place, and its substance when it is a hazard source."""
        await self.open(message)
        await self.pick(message)

    async def pick(self, message: Json) -> None:
        """Take the place clicked; a thing that stands there lends its name and substance."""
        place: Json = {"longitude": float(message["longitude"]), "latitude": float(message["latitude"]), "name": ""}
        if message.get("layer") and message.get("id"):
            found = (await self.page.dossier(str(message["layer"]), str(message["id"]))).get("dossier")
            if found:
                await self.take_from(found)
                return
        place["name"] = message.get("name") or ""
        await self._stand_at(place)

    async def _stand_at(self, place: Json) -> None:
        """Show the place and take the weather of the station nearest to it."""
        self.page.intake_view.place = place
        weather = await asyncio.to_thread(self.page.store.ground.weather, place["longitude"], place["latitude"])
        if self.form is not None:
            with pn.io.hold():
                self.form.stand_at(place, weather)
        self._say_again()

    def _say_again(self) -> None:
        """Faults already said follow what was put right since."""
        view = self.page.intake_view
        if self.form is not None and view.faults:
            view.faults = self.form.faults(view.place)

    async def take_from(self, found: Json) -> None:
        """Take place and substance from a dossier."""
        if found.get("longitude") is None:
            return
        name = found.get("enterprise_name") or found["name"]
        await self._stand_at({"longitude": found["longitude"], "latitude": found["latitude"], "name": name})
        if self.form is not None and found.get("raw"):
            substance = layer_substance(found["raw"], self.page.language)
            if substance and not self.form.fields["substance"].value:
                self.form.fields["substance"].value = substance
            if substance and found["raw"].get("stock_t"):
                self.form.take_ledger(substance, found["raw"])
            self._say_again()

    def take_alarm(self, one: "Listed") -> None:
        """The form is about this alarm from now on."""
        self.alarm.take(one, self.form)

    async def close(self, _message: Json) -> None:
        """Hide the form; everything typed stays."""
        with pn.io.hold():
            self.page.intake_view.opened = False
            self.page.map.picking = False

    async def submit(self, _message: Json) -> None:
        """Record the report and assess it; faults are said beside the form and nothing typed is lost."""
        view, form = self.page.intake_view, self.form
        if form is None or self._running:
            return
        place = view.place
        faults = form.faults(place)
        if faults or place is None:
            view.faults = faults
            return
        view.faults = []
        now = datetime.now(UTC)
        refused = await asyncio.to_thread(_refusal, form.case(place, now), self.page.language)
        if refused:
            view.faults = form.mark(refused)
            return
        try:
            command = self.alarm.onto(form.command(place, now))
            incident_id = await asyncio.to_thread(self.page.store.report, command)
        except RefusedError:
            view.faults = [say("fault.refused", self.page.language)]
            return
        except OneMapError as error:
            view.faults = [say("fault.other", self.page.language, reason=worded(error, self.page.language))]
            return
        view.sent += 1
        if self.alarm.is_there:  # it names its incident from now on
            self.alarm.forget()
            await self.page.pull_alarms()
        self.page.state.param.update(incident_id=str(incident_id), moment="")
        form.clear()
        begin(form)
        view.param.update(place=None, typed={})
        await self.page.pull_incidents()
        await asyncio.gather(self.page.pull_scene(), self.assess(incident_id))
        await self.close({})

    async def assess(self, incident_id: UUID) -> None:
        """Run the chain in a thread and show its steps as they finish."""
        if self._running:
            return
        self._running = True
        document = pn.state.curdoc
        busy: Json = {"active": True, "steps": dict.fromkeys(STEPS, "waiting"), "seconds": {}}
        began: dict[str, float] = {}

        def show() -> None:
            shown = {**busy, "steps": dict(busy["steps"]), "seconds": dict(busy["seconds"])}
            self.page.inspector.busy = self.page.intake_view.busy = shown

        def progress(step: str, _done: float) -> None:
            step = _STEP_OF.get(step, step)
            if step not in STEPS:
                return
            for earlier in STEPS[: STEPS.index(step)]:
                if busy["steps"][earlier] != "done":
                    busy["steps"][earlier] = "done"
                    busy["seconds"][earlier] = monotonic() - began.get(earlier, monotonic())
            if busy["steps"][step] == "waiting":
                busy["steps"][step], began[step] = "running", monotonic()
            if document is not None:
                document.add_next_tick_callback(show)

        show()
        run_id = ""
        failed = say("fault.assess", self.page.language, reason=say("fault.internal", self.page.language))
        try:
            run_id = await asyncio.to_thread(self.page.store.assess, incident_id, progress)
            failed = ""
        except OneMapError as error:
            failed = say("fault.assess", self.page.language, reason=worded(error, self.page.language))
        finally:
            # Also when something unforeseen goes wrong, the officer must see that it did, and where.
            self._running = False
            busy |= {"active": False}
            if failed:
                busy |= {"error": failed, "steps": {step: _ended(state) for step, state in busy["steps"].items()}}
                self.page.toast(text=failed, tone="danger")
            show()
        if failed:
            return
        await self.page.pull_incidents()
        await self.page.pull_scene()
        self.page.inspector.busy = self.page.intake_view.busy = {}
        # After the answer, never before it: how sure the zones are.
        self._later = asyncio.create_task(self.threats.add_confidence(incident_id, run_id))

    def speak(self, language: Language) -> None:
        """Follow the language of the page."""
        if self.form is not None:
            self.form.speak(language)
            self.page.intake_view.labels = labels(self.form)

    def paint(self, theme: str) -> None:
        """Follow the theme of the page."""
        if self.form is not None:
            self.form.paint(theme)


def _refusal(case: Json, language: Language) -> dict[str, str]:
    from command_ui.console.source_faults import refusal_of

    return refusal_of(case, language)


def _ended(state: str) -> str:
    return "failed" if state == "running" else state
