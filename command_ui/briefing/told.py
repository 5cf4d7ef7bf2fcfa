"""How does a fact of a comparison read on paper? The page says the same with its own script."""

from typing import Any

from command_ui.briefing.facts import far, whole
from command_ui.words import Language, say
from scenarios.replay.comparing import Line

SECONDS = 90.0


def name_of(line: Line, language: Language) -> str:
    """What a fact is called."""
    subject = line.subject
    if line.code == "release":
        code = f"replay.release.{subject}"
        subject = subject if say(code, language) == code else say(code, language)
    return say(f"compare.of.{line.code}", language, subject=subject)


def value_of(line: Line, value: Any, language: Language) -> str:
    """A value with its unit; a dash where nobody knows, never 0."""
    if value is None:
        return "—"
    if line.code == "release" and line.subject == "kind":
        return say(f"release.{value}", language)
    match line.unit:
        case "people":
            return say("label.people", language, people=whole(value))
        case "count":
            return whole(value)
        case "m":
            return far(value)
        case "s" if float(value) < SECONDS:
            return f"{float(value):.0f} s"
        case "s":
            return say("replay.minutes", language, value=f"{float(value) / 60:.3g}")
        case "deg":
            return f"{float(value):.0f}°"
        case "m/s":
            return f"{float(value):.3g} m/s"
        case unit if unit.startswith("code:"):
            code = f"{unit[5:]}.{value}"
            return str(value) if say(code, language) == code else say(code, language)
        case _:
            return str(value)
