"""What is believed now? The form of 接报登记, filled from the case of an incident, with a reason for each change."""

from datetime import datetime
from typing import Any

from command_ui.console import stock_widgets as pmui
from command_ui.console.intake import OKTAS, TENTHS, UNKNOWN, IntakeForm, option_of
from command_ui.console.theme import material_theme
from command_ui.words import Language, say
from gis.errors import InputError
from plume import substances

Json = dict[str, Any]

LONGEST_REASON = 200
_OF_THE_REPORT = ("title", "channel", "reporter")
"""What was said when the incident was reported is not said again."""
_OF_THE_WIND = frozenset(
    {
        "wind_speed_m_s",
        "wind_height_m",
        "wind_from_deg",
        "temperature_c",
        "relative_humidity",
        "stability",
        "cloud_cover",
    }
)


class RevisionForm(IntakeForm):
    """
    The same questions about source and weather, each holding what is believed until now, and the reason for a change.

    Parameters
    ----------
    known
        The case believed until now, or None where nobody has described the source yet.
    """

    def __init__(self, language: Language, theme: str, known: Json | None, place: Json, occurred_at: datetime) -> None:
        self._known, self._occurred_at = known, occurred_at
        self.reason = pmui.TextInput(
            max_length=LONGEST_REASON,
            size="small",
            sizing_mode="stretch_width",
            theme_config=material_theme(),
            margin=6,
        )
        super().__init__(language, theme)
        self.place = place
        for name in _OF_THE_REPORT:
            self.fields[name].visible = False
        if known is not None:
            self._fill(known)
        why = pmui.Row(self.reason, sizing_mode="stretch_width", margin=0)
        self.panel = pmui.Column(why, *self.panel.objects, sizing_mode="stretch_width", margin=0)
        self.paint(theme)

    def _fill(self, known: Json) -> None:
        release, weather = known["release"], known.get("weather", {})
        if release.get("substance"):
            self.fields["substance"].value = _option(str(release["substance"]), self.language)
        self.source.take(release)
        for name, value in (
            ("wind_from", weather.get("wind_from_deg")),
            ("wind_speed", weather.get("wind_speed_m_s")),
            ("temperature", weather.get("temperature_c")),
            ("humidity", None if weather.get("relative_humidity") is None else weather["relative_humidity"] * 100),
            ("cloud", None if weather.get("cloud_cover") is None else weather["cloud_cover"] * TENTHS),
            ("cloud", None if weather.get("cloud_oktas") is None else weather["cloud_oktas"] / OKTAS * TENTHS),
        ):
            if value is not None:
                self.fields[name].value = f"{float(value):.6g}"
        self.fields["stability"].value = weather.get("stability") or UNKNOWN
        self.fields["levels"].value = (known.get("output") or {}).get("levels", UNKNOWN)

    def speak(self, language: Language) -> None:
        """Write the labels in another language; values stay."""
        super().speak(language)
        self.reason.label = say("revise.reason", language)

    def paint(self, theme: str) -> None:
        """Follow the theme of the page."""
        super().paint(theme)
        self.reason.dark_theme = theme == "dark"

    def faults(self, place: Json | None) -> list[str]:
        """Every fault at once; a change without a reason is one."""
        found = super().faults(place)
        lacking = not str(self.reason.value).strip()
        said = say("revise.reason.missing", self.language) if lacking else ""
        self.reason.param.update(error_state=lacking, helper_text=said)
        return [said, *found] if lacking else found

    def revised(self) -> Json:
        """
        Give the case as it is believed now; call `faults` first.

        Name, place and time of the incident stay, and of the release what the form does not ask; measurements of the
        old wind (a series, u*, L) go with it.
        """
        assert self.place is not None
        said = self.case(self.place, self._occurred_at)
        known = self._known
        if known is None:
            return said
        release = said["release"]
        if release["kind"] == known["release"].get("kind"):
            release = {**self.source.unasked(known["release"]), **release}
        weather = said["weather"]
        if all(
            weather.get(key) == known["weather"].get(key) for key in ("wind_speed_m_s", "wind_from_deg", "stability")
        ):
            weather = {**{key: value for key, value in known["weather"].items() if key not in _OF_THE_WIND}, **weather}
        output = {**known.get("output", {}), **said.get("output", {})}
        if "output" not in said:
            output.pop("levels", None)
        kept = {key: value for key, value in known.items() if key != "output"}
        return {**kept, "release": release, "weather": weather, **({"output": output} if output else {})}


def _option(typed: str, language: Language) -> str:
    try:
        return option_of(substances.find(typed), language)
    except InputError:
        return typed
