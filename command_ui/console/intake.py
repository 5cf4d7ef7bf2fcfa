"""What must be asked to report an incident, and what is wrong with the answers?"""

import contextlib
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import panel_material_ui as pmui

from command_ui.console.scene import DUTY_ZONE
from command_ui.console.theme import material_theme
from command_ui.words import Language, say
from gis.errors import InputError
from plume import substances
from scenarios.intake import ReportIncident

Json = dict[str, Any]

_NUMBERS: dict[str, tuple[float, float, float]] = {
    # field -> default, low, high: what the case accepts, said before the case has to refuse it
    "rate": (2.0, 0.001, 10_000),
    "mass": (1000.0, 0.1, 10_000_000),
    "duration": (10.0, 0.1, 10_080),
    "height": (0.0, 0.0, 1000),
    "wind_from": (225.0, 0.0, 360),
    "wind_speed": (3.0, 0.1, 50),
    "temperature": (15.0, -50, 60),
    "humidity": (60.0, 0, 100),
}
_SOURCE = ("title", "substance", "kind", "rate", "mass", "duration", "height")
_WEATHER = ("wind_from", "wind_speed", "stability", "temperature", "humidity")


class IntakeForm:
    """
    Fields of 接报登记 as stock widgets, built once per page; what was typed stays until it is recorded.

    The idempotency key is kept over retries, so a report sent twice is recorded once.
    """

    def __init__(self, language: Language, theme: str) -> None:
        self.key: UUID = uuid4()
        look = {"size": "small", "sizing_mode": "stretch_width", "theme_config": material_theme(), "margin": 6}
        self.fields: dict[str, Any] = {
            "title": pmui.TextInput(max_length=120, **look),
            "substance": pmui.AutocompleteInput(
                options=_options(language), restrict=False, min_characters=1, case_sensitive=False, **look
            ),
            "kind": pmui.Select(options=["continuous", "instantaneous"], value="continuous", **look),
            "stability": pmui.Select(options=list("ABCDEF"), value="D", **look),
            "reporter": pmui.TextInput(max_length=60, **look),
            "channel": pmui.Select(options=["phone", "hotline_12350", "field", "other_level"], value="phone", **look),
        }
        for name, (default, low, high) in _NUMBERS.items():
            self.fields[name] = pmui.FloatInput(value=default, start=low, end=high, format="0[.]0[000]", **look)
        self.fields["kind"].param.watch(lambda _event: self._ask_what_is_needed(), "value")
        self.panel = pmui.Column(
            self._row("title", "substance", "kind"),
            self._row("rate", "mass", "duration", "height", "channel", "reporter"),
            self._row(*_WEATHER),
            sizing_mode="stretch_width",
            margin=0,
        )
        self.speak(language)
        self.paint(theme)
        self._ask_what_is_needed()

    def _row(self, *names: str) -> Any:
        return pmui.Row(*(self.fields[name] for name in names), sizing_mode="stretch_width", margin=0)

    def _ask_what_is_needed(self) -> None:
        continuous = self.fields["kind"].value == "continuous"
        self.fields["rate"].visible = self.fields["duration"].visible = continuous
        self.fields["mass"].visible = not continuous

    def speak(self, language: Language) -> None:
        """Write the labels in another language; values stay."""
        self.language = language
        for name, field in self.fields.items():
            field.label = say(f"intake.field.{name}", language)
        self._rename("kind", lambda code: say(f"release.{code}", language))
        self._rename("channel", lambda code: say(f"channel.{code}", language))
        self._retell_substance(language)

    def _retell_substance(self, language: Language) -> None:
        field = self.fields["substance"]
        typed = self._substance_text()
        # What is no substance stays as it was typed; the fault is said when the form is sent.
        with contextlib.suppress(InputError):
            typed = _option(substances.find(_plain(typed)), language) if typed else ""
        field.param.update(options=_options(language), value=typed)

    def _rename(self, name: str, text: Callable[[str], str]) -> None:
        field = self.fields[name]
        chosen = field.value
        codes = list(field.options.values()) if isinstance(field.options, dict) else list(field.options)
        field.param.update(options={text(code): code for code in codes}, value=chosen)

    def paint(self, theme: str) -> None:
        """Follow the theme of the page."""
        for field in (*self.fields.values(), self.panel, *self.panel):
            field.dark_theme = theme == "dark"

    def prefill(self, weather: Json | None) -> None:
        """Put in what the nearest station says, where it says something."""
        if not weather:
            return
        for field, column in (
            ("wind_from", "wind_from_deg"),
            ("wind_speed", "wind_speed_m_s"),
            ("temperature", "temperature_c"),
        ):
            if weather.get(column) is not None:
                self.fields[field].value = round(float(weather[column]), 1)
        if weather.get("relative_humidity") is not None:
            self.fields["humidity"].value = round(float(weather["relative_humidity"]) * 100)
        if weather.get("stability") in list("ABCDEF"):
            self.fields["stability"].value = weather["stability"]

    def _substance_text(self) -> str:
        """What stands in the field, chosen from the list or only typed."""
        field = self.fields["substance"]
        return str(field.value or field.value_input or "").strip()

    def faults(self, place: Json | None) -> list[str]:
        """Every fault at once, one sentence each, in the language of the page; the fields in question are marked."""
        found: dict[str, str] = {}
        if place is None:
            found["place"] = say("fault.place", self.language)
        named = self._substance_text()
        if not named:
            found["substance"] = say("fault.substance_missing", self.language)
        else:
            try:
                substances.find(_plain(named))
            except InputError:
                near = "、".join(substances.nearest(_plain(named)))
                found["substance"] = say("fault.substance", self.language, value=named, nearest=near)
        for name, (_default, low, high) in _NUMBERS.items():
            value = self.fields[name].value
            if self.fields[name].visible and (value is None or not low <= value <= high):
                label = say(f"intake.field.{name}", self.language)
                found[name] = say("fault.number", self.language, field=label, low=f"{low:g}", high=f"{high:g}")
        for name, field in self.fields.items():
            field.error_state = name in found
        return list(found.values())

    def command(self, place: Json, now: datetime) -> ReportIncident:
        """
        Give the report the form describes; call `faults` first.

        Parameters
        ----------
        now
            Aware time of the server: the incident counts as known, and without other word as occurring, now.
        """
        value = {name: field.value for name, field in self.fields.items()}
        substance = substances.find(_plain(self._substance_text()))
        release: Json = {"substance": substance.key, "kind": value["kind"], "height_m": value["height"]}
        if value["kind"] == "continuous":
            release |= {"rate_kg_s": value["rate"], "duration_s": value["duration"] * 60}
        else:
            release |= {"mass_kg": value["mass"]}
        spot = str(place.get("name") or say("intake.point", self.language))
        title = str(value["title"]).strip() or say(
            "intake.title.default", self.language, place=spot, substance=_name(substance, self.language)
        )
        # In the city's own zone: whether it is day decides where people are counted.
        occurred_at = now.astimezone(DUTY_ZONE).replace(microsecond=0)
        case: Json = {
            "name": title,
            "incident": {
                "longitude": place["longitude"],
                "latitude": place["latitude"],
                "occurred_at": occurred_at.isoformat(),
            },
            "release": release,
            "weather": {
                "wind_speed_m_s": value["wind_speed"],
                "wind_height_m": 10.0,
                "wind_from_deg": value["wind_from"] % 360,
                "stability": value["stability"],
                "temperature_c": value["temperature"],
                "relative_humidity": value["humidity"] / 100,
            },
        }
        return ReportIncident.from_case(
            case, channel=value["channel"], place=spot, reported_by=str(value["reporter"] or ""), key=self.key
        )

    def clear(self) -> None:
        """Begin anew after a report was recorded."""
        self.key = uuid4()
        self.fields["title"].value = ""
        self.fields["reporter"].value = ""
        self.fields["substance"].value = ""


def layer_substance(fields: Json, language: Language) -> str | None:
    """The substance a hazard source holds, as the form writes it, or None when it is none we know."""
    for candidate in (fields.get("cas_number"), fields.get("un_number"), fields.get("substance")):
        if candidate:
            try:
                return _option(substances.find(str(candidate)), language)
            except InputError:
                continue
    return None


def _options(language: Language) -> list[str]:
    return [_option(one, language) for one in substances.known()]


def _option(one: substances.Substance, language: Language) -> str:
    codes = [part for part in (f"CAS {one.cas}" if one.cas else "", f"UN {one.un}" if one.un else "") if part]
    return f"{_name(one, language)} ({', '.join(codes)})"


def _plain(option: str) -> str:
    """The part of an option that names the substance; free text is taken as it is."""
    return option.partition(" (")[0] if option.endswith(")") and " (" in option else option


def _name(one: substances.Substance, language: Language) -> str:
    return one.name_zh if language == "zh" else one.key
