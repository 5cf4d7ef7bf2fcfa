"""What did an officer type into the docked form, and how does it come back after a reload?"""

from typing import TYPE_CHECKING, Any

from command_ui.console.act import Act
from command_ui.console.intake import IntakeForm

if TYPE_CHECKING:
    from command_ui.console.desk_frame import DeskFrame
    from command_ui.console.intake_desk import IntakeDesk
    from command_ui.console.revise_desk import ReviseDesk

Json = dict[str, Any]

LONGEST = 400
_SOURCE = "source."


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
        view.typed = {**typed(form), **place}

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


def answers(form: IntakeForm) -> Json:
    """Everything that stands in the form, by the name of its field."""
    found = {name: _said(field) for name, field in form.fields.items()}
    found["substance"] = form.substance_text
    found |= {f"{_SOURCE}{key}": _said(field) for key, field in form.source.fields.items()}
    if (reason := getattr(form, "reason", None)) is not None:
        found["reason"] = _said(reason)
    return found


def _said(field: Any) -> Any:
    """What stands in a field; of one still typed into, what is typed by now."""
    return getattr(field, "value_input", "") or field.value


def begin(form: IntakeForm) -> None:
    """From here on what differs was typed."""
    form.begun = answers(form)


def typed(form: IntakeForm) -> Json:
    """What stands otherwise in the form than it began, without what a weather station said since."""
    return {
        name: value
        for name, value in answers(form).items()
        if value != form.begun.get(name) and value != form.prefilled.get(name)
    }


def fill(form: IntakeForm, values: Json) -> None:
    """Take up values that came back from a browser; what a field cannot hold is left out."""
    # The kind first: it decides which questions there are.
    for name in sorted(values, key=lambda one: one != "kind"):
        field = _field(form, name)
        if field is None:
            continue
        value, options = values[name], getattr(field, "options", None)
        if isinstance(options, dict) and name != "substance":
            if value in options.values():
                field.value = value
        elif isinstance(value, str):
            field.value = value[:LONGEST]


def _field(form: IntakeForm, name: str) -> Any:
    if name == "reason":
        return getattr(form, "reason", None)
    if name.startswith(_SOURCE):
        return form.source.fields.get(name.removeprefix(_SOURCE))
    return form.fields.get(name)
