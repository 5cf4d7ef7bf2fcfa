"""Which fields stand in the form for the kind of source chosen, and what was typed in them?"""

from typing import Any

from command_ui.console import stock_widgets as pmui
from command_ui.console.source_fields import SCALE, Asked, answered, asked, models
from command_ui.words import Language, say
from scenarios.hazards.stocked import Vessel

Json = dict[str, Any]

COLUMNS = 4


class SourceForm:
    """
    The kind of source and what it needs, as stock widgets.

    A widget is built when its question is first asked and then kept, so that what was typed survives another choice of
    kind; kinds that ask the same thing share it.
    """

    def __init__(self, language: Language, theme: str, look: Json) -> None:
        self.language, self.theme, self._look = language, theme, look
        self.kind = pmui.Select(options=list(models()), value="continuous", **look)
        self.fields: dict[str, Any] = {}
        self._asking: dict[str, Asked] = {}
        self._hints: dict[str, str] = {}
        self._suggested: dict[str, Any] = {}
        self._telling = False
        self.panel = pmui.Column(sizing_mode="stretch_width", margin=0)
        self.kind.param.watch(lambda _event: self._asked_anew(), "value")
        self.ask()

    def shown(self) -> tuple[Asked, ...]:
        """Questions now asked."""
        sphere = "tank_shape" in self.fields and self.fields["tank_shape"].value == "sphere"
        return tuple(one for one in asked(self.kind.value) if not (sphere and one.name == "tank_length_m"))

    def ask(self) -> None:
        """Show what the chosen kind needs and nothing else."""
        for one in asked(self.kind.value):
            if one.key not in self.fields:
                self.fields[one.key] = self._widget(one)
            elif self.fields[one.key].value in (None, "") and one.required:
                self.fields[one.key].value = _written(one.suggested)
            self._asking[one.key] = one
        shown = [self.fields[one.key] for one in self.shown()]
        while len(shown) % COLUMNS and len(shown) > COLUMNS:
            shown.append(pmui.Column(sizing_mode="stretch_width", margin=6))
        rows = [shown[at : at + COLUMNS] for at in range(0, len(shown), COLUMNS)]
        self.panel.objects = [pmui.Row(*row, sizing_mode="stretch_width", margin=0) for row in rows]
        self.speak(self.language)
        self.paint(self.theme)

    def _widget(self, one: Asked) -> Any:
        if one.asking in ("choice", "switch"):
            codes: tuple[Any, ...] = one.choices or (False, True)
            options = {say(f"choice.{code}", self.language): code for code in codes}
            field = pmui.Select(options=options, value=one.suggested, **self._look)
            if one.name == "tank_shape":
                field.param.watch(lambda _event: self._asked_anew(), "value")
            return field
        # The ledger's stock says how full the tank is; both at once would contradict each other.
        known = one.name == "fill_fraction" and "content_kg" in self._hints
        # Plain text: a number field shows 0 for "not given", and corrects a slip before anybody has seen it.
        return pmui.TextInput(value="" if known else _written(one.suggested), max_length=400, **self._look)

    def take_stock(self, stock_kg: float, vessel: Vessel | None = None) -> None:
        """Fill in what the ledger says is there and a vessel that holds it, where the officer has said nothing else."""
        self._suggest("content_kg", stock_kg, "hint.stock")
        self._suggest("mass_kg", stock_kg, "hint.stock")
        if "fill_fraction" in self.fields:
            self.fields["fill_fraction"].value = ""
        for name in ("tank_shape", "tank_diameter_m", "tank_length_m") if vessel is not None else ():
            value = getattr(vessel, name)
            if value is not None:
                self._suggest(name, value, "hint.vessel")
        self.speak(self.language)

    def _suggest(self, key: str, value: Any, hint: str) -> None:
        """Put a value into a field, asked now or later, that still holds nothing or only a suggestion."""
        if key not in self.fields:
            one = next(one for kind in models() for one in asked(kind) if one.key == key)
            self.fields[key], self._asking[key] = self._widget(one), one
        field, told = self.fields[key], self._suggested.get(key, _written(self._asking[key].suggested))
        if field.value in ("", None, told):
            field.value = self._suggested[key] = _written(value)
            self._hints[key] = hint

    def take(self, release: Json) -> None:
        """Show a release that is known: its kind and its values in the units of the page."""
        self.kind.value = release["kind"]
        self.ask()
        for one in asked(self.kind.value):
            value, scale = release.get(one.name), SCALE.get(one.name, 1.0)
            if value is None:
                value = None if one.asking in ("number", "series") else one.suggested
            elif one.asking == "number":
                value = float(value) / scale
            elif one.asking == "series":
                value = ", ".join(f"{float(part) / scale:.10g}" for part in value)
            self.fields[one.key].value = _written(value)

    def unasked(self, release: Json) -> Json:
        """What a release of the kind chosen says beyond the questions."""
        names = {one.name for one in asked(self.kind.value)} | {"kind", "substance"}
        return {name: value for name, value in release.items() if name not in names}

    def release(self) -> Json:
        """The release table of the case, without its substance."""
        answers = {key: field.value for key, field in self.fields.items()}
        return answered(self.kind.value, answers)

    def mark(self, faults: Json) -> None:
        """Say each fault beside its field; what was typed stays."""
        for key, field in {**self.fields, "kind": self.kind}.items():
            field.param.update(error_state=key in faults, helper_text=faults.get(key) or self._beside(key))

    def _beside(self, key: str) -> str:
        if key == "kind":
            return say(f"about.{self.kind.value}", self.language)
        return say(self._hints[key], self.language) if key in self._hints else ""

    def speak(self, language: Language) -> None:
        """Write labels and choices in another language; values stay."""
        changed, self.language = language != self.language, language
        self.kind.param.update(
            label=say("intake.field.kind", language),
            options={say(f"release.{kind}", language): kind for kind in models()},
            value=self.kind.value,
        )
        for key, field in self.fields.items():
            field.label = say(f"source.{key}", language)
            one = self._asking.get(key)
            if one is not None and one.asking in ("choice", "switch"):
                codes: tuple[Any, ...] = one.choices or (False, True)
                field.param.update(options={say(f"choice.{code}", language): code for code in codes}, value=field.value)
        if changed:
            self._tell_choices_again()
        self.mark({})

    def _tell_choices_again(self) -> None:
        """Send unchanged choices once more: the browser holds them by their old word, not by their code."""
        self._telling = True
        for field in (self.kind, *self.fields.values()):
            if isinstance(field, pmui.Select):
                field.param.trigger("value")
        self._telling = False

    def _asked_anew(self) -> None:
        """A choice was made that other questions hang on."""
        if not self._telling:
            self.ask()

    def paint(self, theme: str) -> None:
        """Follow the theme of the page."""
        self.theme = theme
        for part in (self.kind, self.panel, *self.panel.objects, *self.fields.values()):
            part.dark_theme = theme == "dark"


def _written(value: Any) -> Any:
    return "" if value is None else f"{value:.10g}" if isinstance(value, float) else value
