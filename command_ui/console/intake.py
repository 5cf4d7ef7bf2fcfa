"""What must be asked to report an incident, and what is wrong with the answers?"""

import contextlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast, get_args
from uuid import UUID, uuid4

from command_ui.console import stock_widgets as pmui
from command_ui.console.source_faults import faults_of
from command_ui.console.source_form import SourceForm
from command_ui.console.theme import material_theme
from command_ui.words import Language, say
from gis.clock import DUTY_ZONE
from gis.crs import LonLat
from gis.errors import InputError
from plume import criteria, stability, substances
from scenarios.hazards.stocked import vessel_of
from scenarios.intake import ReportIncident

Json = dict[str, Any]

TENTHS, OKTAS = 10.0, 8.0
_NUMBERS: dict[str, tuple[float, float, float]] = {
    # field -> default, low, high: what the case accepts, said before the case has to refuse it
    "wind_from": (225.0, 0.0, 360),
    "wind_speed": (3.0, 0.1, 50),
    "temperature": (15.0, -50, 60),
    "humidity": (60.0, 0, 100),
    "cloud": (5.0, 0, 10),
}
_WEATHER = ("wind_from", "wind_speed", "stability", "cloud", "temperature", "humidity")
_BURNING = frozenset({"pool_fire", "jet_fire", "bleve", "cloud_explosion", "solid_explosion"})
_FIRES = _BURNING | {"fire_smoke"}
KG_PER_T = 1000.0
_STAND_IN = "chlorine"
_OF_SUBSTANCE = frozenset({"substance", "levels", "kind"})
"""What a stand-in substance could be at fault for."""
CHANNELS = ("phone", "hotline_12350", "field", "other_level", "alarm")
UNKNOWN = "auto"
"""The officer does not know the stability: wind, sun and cloud suggest one."""


class IntakeForm:
    """
    Fields of 接报登记 as stock widgets, built once per page; what was typed stays until it is recorded.

    The idempotency key is kept over retries, so a report sent twice is recorded once.
    """

    def __init__(self, language: Language, theme: str) -> None:
        self.key: UUID = uuid4()
        look = {"size": "small", "sizing_mode": "stretch_width", "theme_config": material_theme(), "margin": 6}
        self.source = SourceForm(language, theme, look)
        self.place: Json | None = None
        self._weather: Json = {}
        self.prefilled: Json = {}
        self.begun: Json = {}
        self.fields: dict[str, Any] = {
            "title": pmui.TextInput(max_length=120, **look),
            "substance": pmui.FreeInput(
                options=_options(language),
                restrict=False,
                min_characters=1,
                case_sensitive=False,
                styles={"flex": "1.6"},
                **look,
            ),
            "kind": self.source.kind,
            "stability": pmui.Select(options=[UNKNOWN, *"ABCDEF"], value=UNKNOWN, **look),
            "reporter": pmui.TextInput(max_length=60, **look),
            "channel": pmui.Select(options=[*CHANNELS], value="phone", **look),
        }
        for name, (default, _low, _high) in _NUMBERS.items():
            # Plain text, as for the source: a number field corrects a slip before anybody has seen it.
            self.fields[name] = pmui.TextInput(value=f"{default:g}", max_length=40, **look)
        self.fields["levels"] = pmui.Select(options=[UNKNOWN, *get_args(criteria.System)], value=UNKNOWN, **look)
        self.source.kind.param.watch(lambda _event: self._ask_levels(), "value")
        self._substance = ""
        self.fields["substance"].param.watch(self._substance_told, ["value", "value_input"])
        for name in ("stability", "wind_speed", "cloud"):
            self.fields[name].param.watch(lambda _event: self._hint(), "value")
        self.panel = pmui.Column(
            self._row("substance", "kind", "title"),
            self.source.panel,
            self._row(*_WEATHER[: len(_WEATHER) // 2 + 1]),
            self._row(*_WEATHER[len(_WEATHER) // 2 + 1 :], "levels", "channel", "reporter"),
            sizing_mode="stretch_width",
            margin=0,
        )
        self.speak(language)
        self.paint(theme)

    def _row(self, *names: str) -> Any:
        return pmui.Row(*(self.fields[name] for name in names), sizing_mode="stretch_width", margin=0)

    def _ask_levels(self) -> None:
        """Levels of a poison are not asked for a fire."""
        self.fields["levels"].visible = self.source.kind.value not in _BURNING

    def _number(self, name: str) -> float | None:
        """What was typed as a number, or None when it is none."""
        try:
            return float(str(self.fields[name].value).replace(",", "").strip())
        except ValueError:
            return None

    def _hint(self) -> None:
        """Say where the weather is from and which stability it suggests; ask for the cloud only then."""
        unknown = self.fields["stability"].value == UNKNOWN
        self.fields["cloud"].visible = unknown
        suggested = self._suggested() if unknown else None
        said = say("hint.stability", self.language, value=suggested) if suggested else ""
        self._beside("stability", said)
        self._beside("substance", say("hint.substance", self.language))
        station, as_of = self._weather.get("source"), self._weather.get("as_of")
        if station and as_of:
            at = datetime.fromisoformat(as_of).astimezone(DUTY_ZONE)
            said = say("hint.station", self.language, station=station, time=f"{at:%H:%M}")
            self._beside("wind_from", said)

    def _beside(self, name: str, hint: str) -> None:
        """Write a hint beside a field, unless a fault stands there."""
        if not self.fields[name].error_state:
            self.fields[name].helper_text = hint

    def _suggested(self) -> str | None:
        place = self.place or {}
        where = LonLat(place.get("longitude", 0.0), place.get("latitude", 0.0))
        speed, cloud = self._number("wind_speed"), self._number("cloud")
        if not place or speed is None or cloud is None or not 0 <= cloud <= TENTHS or speed <= 0:
            return None
        sun = stability.solar_elevation_deg(where, datetime.now(UTC))
        return str(stability.from_sky(speed, cloud / TENTHS * OKTAS, sun))

    def stand_at(self, place: Json, weather: Json | None) -> None:
        """Take the place, and the weather of its nearest station where the officer has not typed another."""
        self.place = place
        self.prefill(weather)
        self._hint()

    def speak(self, language: Language) -> None:
        """Write the labels in another language; values stay."""
        self.language = language
        for name, field in self.fields.items():
            field.label = say("source.cloud" if name == "cloud" else f"intake.field.{name}", language)
        self._rename("stability", lambda code: say(f"choice.{code}", language) if code == UNKNOWN else code)
        self.source.speak(language)
        self._rename("channel", lambda code: say(f"channel.{code}", language))
        self._rename("levels", lambda code: say(f"levels.{code}", language))
        self._retell_substance(language)
        self._hint()

    def _retell_substance(self, language: Language) -> None:
        field = self.fields["substance"]
        typed = self.substance_text
        # What is no substance stays as it was typed; the fault is said when the form is sent.
        with contextlib.suppress(InputError):
            typed = option_of(substances.find(_plain(typed)), language) if typed else ""
        field.param.update(options=_options(language), value=typed)

    def _rename(self, name: str, text: Callable[[str], str]) -> None:
        field = self.fields[name]
        chosen = field.value
        codes = list(field.options.values()) if isinstance(field.options, dict) else list(field.options)
        field.param.update(options={text(code): code for code in codes}, value=chosen)
        field.param.trigger("value")  # the browser holds a choice by its old word until it is told again

    def paint(self, theme: str) -> None:
        """Follow the theme of the page."""
        for field in (*self.fields.values(), self.panel, *self.panel):
            field.dark_theme = theme == "dark"
        self.source.paint(theme)

    def prefill(self, weather: Json | None) -> None:
        """Put in what the nearest station says, where it says something."""
        if not weather:
            return
        self._weather = weather
        humidity = weather.get("relative_humidity")
        observed = {
            "wind_from": weather.get("wind_from_deg"),
            "wind_speed": weather.get("wind_speed_m_s"),
            "temperature": weather.get("temperature_c"),
            "humidity": None if humidity is None else round(float(humidity) * 100),
            "stability": weather.get("stability") if weather.get("stability") in list("ABCDEF") else None,
        }
        for name, value in observed.items():
            field = self.fields[name]
            # What the officer typed over the station's word stays.
            if value is not None and field.value == self.prefilled.get(name, field.value):
                field.value = self.prefilled[name] = value if isinstance(value, str) else f"{round(float(value), 1):g}"
        self._hint()

    @property
    def substance_text(self) -> str:
        """What stands in the field: chosen from the list, or typed over what was chosen."""
        return self._substance.strip()

    def _substance_told(self, event: Any) -> None:
        """The last word counts: a name typed over a chosen one is not yet a choice, but it is what the officer sees."""
        if event.new or event.name == "value":
            self._substance = str(event.new or "")
        if event.name == "value" and event.new and event.new not in self.fields["substance"].options:
            # Another name of one we know, 液氯 say, is shown as it stands in the list: everybody sees what is meant.
            with contextlib.suppress(InputError):
                self.fields["substance"].value = option_of(substances.find(_plain(str(event.new))), self.language)

    def faults(self, place: Json | None) -> list[str]:
        """Every fault at once, one sentence each and each beside its field; the list says those of no field."""
        found: dict[str, str] = {}
        if place is None:
            found["place"] = say("fault.place", self.language)
        named = self.substance_text
        if self._any_substance():
            pass
        elif not named:
            found["substance"] = say("fault.substance_missing", self.language)
        else:
            try:
                substances.find(_plain(named))
            except InputError:
                near = "、".join(substances.nearest(_plain(named)))
                found["substance"] = say("fault.substance", self.language, value=named, nearest=near)
        for name, (_default, low, high) in _NUMBERS.items():
            value = self._number(name)
            if self.fields[name].visible and (value is None or not low <= value <= high):
                label = self.fields[name].label
                found[name] = say("fault.number", self.language, field=label, low=f"{low:g}", high=f"{high:g}")
        somewhere = place or {"longitude": 0.0, "latitude": 0.0}
        source = faults_of(self.case(somewhere, datetime.now(UTC), instead_of=frozenset(found)), self.language)
        known = found.keys() | (_OF_SUBSTANCE if "substance" in found else frozenset())
        return self.mark(found | {name: said for name, said in source.items() if name not in known})

    def mark(self, found: dict[str, str]) -> list[str]:
        """Say each fault beside its field and give back all of them."""
        for name, field in self.fields.items():
            if name != "kind":
                field.param.update(error_state=name in found, helper_text=found.get(name, ""))
        self.source.mark(found)
        self._hint()
        return list(dict.fromkeys(found.values()))

    def _any_substance(self) -> bool:
        return bool(self.source.kind.value == "solid_explosion")

    def case(self, place: Json, now: datetime, instead_of: frozenset[str] = frozenset()) -> Json:
        """
        Give the case the form describes.

        Parameters
        ----------
        now
            Aware time of the server: the incident counts as occurring now.
        instead_of
            Fields known to be wrong; a usual value stands for them, so that the faults of the others are found too.
        """
        value = {
            name: default if name in instead_of else self._number(name) or 0.0
            for name, (default, _low, _high) in _NUMBERS.items()
        }
        stability = self.fields["stability"].value
        release = self.source.release()
        typed = _STAND_IN if "substance" in instead_of else self.substance_text
        if not self._any_substance():
            release["substance"] = substances.find(_plain(typed)).key
        elif typed:
            release["substance"] = _plain(typed)
        weather: Json = {
            "wind_speed_m_s": value["wind_speed"],
            "wind_height_m": 10.0,
            "wind_from_deg": value["wind_from"] % 360,
            "temperature_c": value["temperature"],
            "relative_humidity": value["humidity"] / 100,
        }
        if stability == UNKNOWN:
            weather["cloud_cover"] = value["cloud"] / TENTHS
        else:
            weather["stability"] = stability
        # In the city's own zone: whether it is day decides where people are counted.
        occurred_at = now.astimezone(DUTY_ZONE).replace(microsecond=0)
        described: Json = {
            "name": self._title(place, typed),
            "incident": {
                "longitude": place["longitude"],
                "latitude": place["latitude"],
                "occurred_at": occurred_at.isoformat(),
            },
            "release": release,
            "weather": weather,
        }
        chosen = self.fields["levels"].value
        if release["kind"] not in _BURNING and chosen != UNKNOWN:
            described["output"] = {"levels": chosen}
        elif not self._any_substance() and (system := _levels(release["substance"])) != "AEGL":
            described["output"] = {"levels": system}
        return described

    def take_ledger(self, substance: str, raw: Json) -> None:
        """Start from what the ledger holds of a hazard source: the stock, and a vessel of the right size."""
        stock_kg, design = float(raw["stock_t"]) * KG_PER_T, raw.get("design_max_t")
        air_c = self._number("temperature")
        vessel = vessel_of(_plain(substance), stock_kg, float(design) * KG_PER_T if design else None, air_c or 20.0)
        self.source.take_stock(stock_kg, vessel)

    def _title(self, place: Json, typed: str) -> str:
        kind, named = str(self.source.kind.value), _plain(typed)
        if not self._any_substance():
            named = _name(substances.find(named), self.language)
        return str(self.fields["title"].value).strip() or say(
            "intake.title.default.fire" if kind in _FIRES else "intake.title.default",
            self.language,
            place=_spot(place, self.language),
            substance=named,
            kind=say(f"release.{kind}", self.language),
        )

    def command(self, place: Json, now: datetime) -> ReportIncident:
        """Give the report the form describes, known at `now`; call `faults` first."""
        return ReportIncident.from_case(
            self.case(place, now),
            channel=self.fields["channel"].value,
            place=_spot(place, self.language),
            reported_by=str(self.fields["reporter"].value or ""),
            key=self.key,
        )

    def clear(self) -> None:
        """Begin anew after a report was recorded."""
        self.key = uuid4()
        self.fields["title"].value = ""
        self.fields["reporter"].value = ""
        self.fields["substance"].value = ""


def _levels(substance: str) -> criteria.System:
    """AEGL, or where the substance has none the first published system that knows it."""
    for system in get_args(criteria.System):
        with contextlib.suppress(InputError):
            criteria.levels_of(system, substances.find(substance), 3600.0)
            return cast(criteria.System, system)
    return "AEGL"


def _spot(place: Json, language: Language) -> str:
    return str(place.get("name") or say("intake.point", language))


def layer_substance(fields: Json, language: Language) -> str | None:
    """The substance a hazard source holds, as the form writes it, or None when it is none we know."""
    for candidate in (fields.get("cas_number"), fields.get("un_number"), fields.get("substance")):
        if candidate:
            try:
                return option_of(substances.find(str(candidate)), language)
            except InputError:
                continue
    return None


def _options(language: Language) -> list[str]:
    return [option_of(one, language) for one in substances.known()]


def option_of(one: substances.Substance, language: Language) -> str:
    """How a substance stands in the list: its name and its codes."""
    codes = [part for part in (f"CAS {one.cas}" if one.cas else "", f"UN {one.un}" if one.un else "") if part]
    return f"{_name(one, language)} ({', '.join(codes)})"


def _plain(option: str) -> str:
    """The part of an option that names the substance; free text is taken as it is."""
    return option.partition(" (")[0] if option.endswith(")") and " (" in option else option


def _name(one: substances.Substance, language: Language) -> str:
    return one.name_zh if language == "zh" else one.key
