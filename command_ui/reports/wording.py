"""How does one sentence of a report read? Codes and values become the words of an official paper."""

from datetime import datetime
from typing import Any

from command_ui.words import Language, say
from command_ui.words.titles import title_in
from gis.clock import DUTY_ZONE
from scenarios.reports.events import Form, Stage
from scenarios.reports.forms import Line

WITH_YEAR = frozenset({"occurred", "known", "known_by_channel", "daily_incident", "period"})
MINUTES_FROM_S = 120
TITLES = frozenset({"title", "place"})
"""Values that may be the title of an incident, which is worded where the house gave it: a place may stand for none."""


def sentence(line: Line, language: Language) -> str:
    """Word one line; a value that is not known is a dash."""
    spoken = {name: _value(name, value, language, full=line.say in WITH_YEAR) for name, value in line.values.items()}
    text = say(f"line.{line.say}", language, **spoken)
    # What a person typed may end in a full stop of its own.
    return text.replace("。。", "。").replace("。）。", "。）").replace("..", ".")


def date_time(when: datetime | str, language: Language, *, full: bool = False) -> str:
    """Write a moment as an official paper does, in the zone of the duty room."""
    moment = (datetime.fromisoformat(when) if isinstance(when, str) else when).astimezone(DUTY_ZONE)
    if language == "en":
        return moment.strftime("%d %b %Y %H:%M" if full else "%d %b %H:%M")
    year = f"{moment.year}年" if full else ""
    return f"{year}{moment.month}月{moment.day}日{moment:%H:%M}"


def stage_text(form: Form, stage: Stage, number: int, language: Language) -> str:
    """首报, 续报一, 终报; Initial, Update 2 on a situation report; a number for issues."""
    if form == "ics209" and stage != "issue":
        return say(f"report.version.{stage}", language, number=number)
    written = say(f"report.numeral.{number}", language) if stage == "follow_up" and number <= 10 else str(number)
    return say(f"report.stage.{stage}", language, number=written)


def _value(name: str, value: Any, language: Language, *, full: bool) -> str:
    if value is None or value == "":
        return "—"
    if isinstance(value, dict):
        if "at" in value:
            return date_time(value["at"], language, full=full)
        if "term" in value:
            code, _, rest = str(value["term"]).partition(":")
            return say(code, language, value=rest) if rest else say(code, language)
        return str(value.get(language) or value.get("zh") or "—")
    if name in TITLES:
        return title_in(str(value).strip(), language)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value).strip().rstrip("。.")
    if name in ("seconds", "duration_s"):
        return _span(float(value), language)
    if name in ("longitude", "latitude"):
        return f"{value:.4f}"
    if name.endswith("_m") or isinstance(value, int):
        return f"{round(value)}"
    return f"{value:.4g}"


def _span(seconds: float, language: Language) -> str:
    if seconds < MINUTES_FROM_S:
        return f"{round(seconds)} 秒" if language == "zh" else f"{round(seconds)} s"
    return f"{round(seconds / 60)} 分钟" if language == "zh" else f"{round(seconds / 60)} min"
