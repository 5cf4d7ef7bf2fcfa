"""Which alarm is the docked form about, and what does the form take of it?"""

from dataclasses import replace
from typing import TYPE_CHECKING

from command_ui.console.alarms import SUBSTANCE_OF, as_event, card, title_of
from command_ui.console.intake import IntakeForm, layer_substance
from layers.sensors.alarms import Listed
from layers.sensors.raising import SYMBOLS
from scenarios.intake import ReportIncident

if TYPE_CHECKING:
    from command_ui.console.desk_frame import DeskFrame


class FormAlarm:
    """The alarm behind the form, if one is."""

    def __init__(self, page: "DeskFrame") -> None:
        self._page = page
        self._alarm: Listed | None = None

    @property
    def is_there(self) -> bool:
        """Whether the form is about an alarm."""
        return self._alarm is not None

    @property
    def taken(self) -> Listed | None:
        """The alarm the form is about, or None."""
        return self._alarm

    def take(self, one: Listed, form: IntakeForm | None) -> None:
        """The form is about this alarm: channel, title and substance where nothing was typed yet."""
        self._alarm = one
        language = self._page.language
        if form is not None:
            form.fields["channel"].value = "alarm"
            if not form.fields["title"].value:
                form.fields["title"].value = title_of(one, language)
            quantity = next((name for name, symbol in SYMBOLS.items() if one.alarm.title.startswith(symbol)), "")
            substance = layer_substance({"substance": SUBSTANCE_OF.get(quantity)}, language)
            if substance and not form.fields["substance"].value:
                form.fields["substance"].value = substance
        self._page.intake_view.alarm = card(one, language)

    def forget(self) -> None:
        """The form is used for something else now."""
        self._alarm = None
        self._page.intake_view.alarm = None

    def onto(self, command: ReportIncident) -> ReportIncident:
        """Tie the alarm to a report: its first moment is when it happened, and it came by alarm."""
        one = self._alarm
        if one is None:
            return command
        return replace(command, alarms=(as_event(one),), channel="alarm", occurred_at=one.alarm.occurred_at)
