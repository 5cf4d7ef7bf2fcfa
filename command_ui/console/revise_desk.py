"""Wind, source or substance turned out differently: how does an officer say so, and get the new answer?"""

import asyncio
from typing import TYPE_CHECKING, Any
from uuid import UUID

import panel as pn

from command_ui.console.act import Act
from command_ui.console.fault_words import worded
from command_ui.console.intake_typed import begin, labels
from command_ui.console.revision import RevisionForm
from command_ui.words import Language, say
from gis.errors import ConflictError, OneMapError

if TYPE_CHECKING:
    from command_ui.console.desk_frame import DeskFrame
    from command_ui.console.intake_desk import IntakeDesk

Json = dict[str, Any]


class ReviseDesk:
    """Opens the docked form with what is believed until now, records the change with its reason, and assesses anew."""

    def __init__(self, page: "DeskFrame", intake: "IntakeDesk") -> None:
        self.page = page
        self.intake = intake
        self.form: RevisionForm | None = None
        self._incident: UUID | None = None
        self._seen = 0
        self._busy = False

    def acts(self) -> dict[str, Act]:
        """What each message does."""
        return {"revise": self.open, "revise_submit": self.submit, "revise_close": self.close}

    async def open(self, _message: Json) -> None:
        """Show the form filled from the case of the incident on the desk."""
        person, store = self.page.person, self.page.store
        person.require("report")
        person.require("assess")
        if not self.page.state.incident_id:
            return
        incident = UUID(self.page.state.incident_id)
        known = await asyncio.to_thread(store.desk.situation, incident, caller=person.caller())
        at = known.place
        began = known.occurred_at or known.known_at
        if at is None or began is None:
            self.page.toast("revise.no_place", tone="danger")
            return
        place: Json = {"longitude": at.longitude, "latitude": at.latitude, "name": known.place_text or known.title}
        case = None if known.case is None else dict(known.case)
        self.form = RevisionForm(self.page.language, self.page.state.theme, case, place, began)
        self._incident, self._seen = incident, known.seq
        if case is None:
            weather = await asyncio.to_thread(store.ground.weather, at.longitude, at.latitude)
            self.form.stand_at(place, weather)
        begin(self.form)
        view = self.page.intake_view
        with pn.io.hold():
            view.form = self.form.panel
            revising = {"title": known.title, "place": place, "incident": str(incident)}
            view.param.update(revising=revising, opened=True, faults=[], labels=labels(self.form))

    async def close(self, _message: Json) -> None:
        """Put the form away; nothing was recorded."""
        view = self.page.intake_view
        with pn.io.hold():
            view.param.update(opened=False, faults=[])
        self.form = None

    async def submit(self, _message: Json) -> None:
        """Record what is believed now and why, then assess; faults stand beside the form, what was typed stays."""
        view, form, incident = self.page.intake_view, self.form, self._incident
        if form is None or incident is None or self._busy:
            return
        faults = form.faults(form.place)
        if faults:
            view.faults = faults
            return
        case = form.revised()
        from command_ui.console.source_faults import refusal_of

        refused = await asyncio.to_thread(refusal_of, case, self.page.language)
        if refused:
            view.faults = form.mark(refused)
            return
        view.faults, self._busy = [], True
        try:
            await asyncio.to_thread(
                self.page.store.revise, incident, case, str(form.reason.value).strip(), self._seen, form.key
            )
        except ConflictError:
            view.faults = [say("revise.moved", self.page.language)]
            self._seen = (await asyncio.to_thread(self._known, incident)).seq
            return
        except OneMapError as error:
            view.faults = [say("fault.other", self.page.language, reason=worded(error, self.page.language))]
            return
        finally:
            self._busy = False
        begin(form)
        view.param.update(sent=view.sent + 1, typed={})
        await self.page.pull_incidents()
        await asyncio.gather(self.page.pull_scene(), self.intake.assess(incident))
        await self.close({})

    def _known(self, incident: UUID) -> Any:
        return self.page.store.desk.situation(incident, caller=self.page.person.caller())

    def speak(self, language: Language) -> None:
        """Follow the language of the page."""
        if self.form is not None:
            self.form.speak(language)
            self.page.intake_view.labels = labels(self.form)

    def paint(self, theme: str) -> None:
        """Follow the theme of the page."""
        if self.form is not None:
            self.form.paint(theme)
