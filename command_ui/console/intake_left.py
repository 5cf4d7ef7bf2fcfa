"""What did an officer type into the docked form, and how does it come back after a reload?"""

from typing import TYPE_CHECKING, Any

from command_ui.console.act import Act
from command_ui.console.intake import IntakeForm
from command_ui.console.intake_typed import LONGEST, fill, labels, typed

if TYPE_CHECKING:
    from command_ui.console.desk_frame import DeskFrame
    from command_ui.console.intake_desk import IntakeDesk
    from command_ui.console.revise_desk import ReviseDesk

Json = dict[str, Any]


class LeftForm:
    """
    Answers two messages of the form: what stands in it that it did not propose itself, and take this up again.

    The browser keeps the answer (`page/unsent.js`), not the server: what nobody sent is nobody's record.
    """

    def __init__(self, page: "DeskFrame", intake: "IntakeDesk", revise: "ReviseDesk") -> None:
        self.page = page
        self.intake = intake
        self.revise = revise

    def acts(self) -> dict[str, Act]:
        """What each message does."""
        return {"form_kept": self.tell, "form_restore": self.restore}

    def _form(self) -> IntakeForm | None:
        return self.revise.form if self.page.intake_view.revising else self.intake.form

    async def tell(self, _message: Json) -> None:
        """Say what was typed by now."""
        view, form = self.page.intake_view, self._form()
        if form is None or not view.opened:
            return
        place = {} if view.revising or self.intake.alarm.is_there or not view.place else {"place": view.place}
        view.param.update(typed={**typed(form), **place}, labels=labels(form))  # other kinds ask other questions

    async def restore(self, message: Json) -> None:
        """Put back what was left; without values begin anew."""
        view, form, values = self.page.intake_view, self._form(), message.get("values")
        if form is None or not view.opened:
            return
        if not isinstance(values, dict):
            await self._anew()
            return
        place = values.get("place")
        if isinstance(place, dict) and not view.place and not view.revising:
            where = {key: float(place[key]) for key in ("longitude", "latitude")}
            await self.intake.pick({**where, "name": str(place.get("name") or "")[:LONGEST]})
        fill(form, values)

    async def _anew(self) -> None:
        view = self.page.intake_view
        view.typed = {}
        if view.revising:
            await self.revise.open({})
            return
        alarm, place = self.intake.alarm.taken, view.place
        self.intake.form = None
        view.place = None
        await self.intake.open({})
        if alarm is not None and place is not None:
            await self.intake.pick(place)
            self.intake.take_alarm(alarm)
