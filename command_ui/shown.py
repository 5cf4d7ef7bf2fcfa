"""How is a value of a layer written for a person? Codes in words, times in the zone of the duty room."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from command_ui.words import Language, say
from gis.clock import DUTY_ZONE
from layers import codes
from layers.catalogue import layer
from layers.risk import RULE
from layers.sensors.raising import SYMBOLS

CODED: Mapping[str, Mapping[Any, tuple[Any, ...]]] = {
    "sectors": codes.SECTORS,
    "size_class": codes.SIZE_CLASSES,
    "risk_level": codes.RISK_LEVELS,
    "hazard_level": codes.HAZARD_LEVELS,
    "industry": codes.INDUSTRIES,
    "unit_kind": codes.UNIT_KINDS,
    "readiness": codes.READINESS,
    "level": codes.LEVELS,
}
KINDS: Mapping[str, Mapping[Any, tuple[str, str]]] = {
    "protection_target": codes.TARGET_KINDS,
    "rescue_team": codes.TEAM_KINDS,
    "shelter": codes.SPACES,
    "admin_zone": codes.ZONE_KINDS,
}
"""Table -> what its column ``kind`` may hold."""
RISK_VIEWS = "layers.risk"
"""What the views of risk colours give as the source of their rows: the rule, and nothing handed in."""
SPOKEN = {("alarm", "kind"): "alarm.kind.", ("alarm", "state"): "alarm.", ("tag", "quantity"): "quantity."}
"""Table and column -> where the words of its codes begin."""


def shown_value(key: str, column: str, value: Any, language: Language) -> str:
    """Write a column of a layer as a person reads it; a code without words stays as it is."""
    at = 0 if language == "zh" else 1
    if value is None or value == "":
        return ""
    table = layer(key).table
    words = KINDS.get(table, {}) if column == "kind" else CODED.get(column, {})
    if words:
        parts = value if isinstance(value, list | tuple) else [value]
        return ("、", ", ")[at].join(str(words.get(part, (part, part))[at]) for part in parts)
    if (table, column) in SPOKEN:
        code = f"{SPOKEN[table, column]}{value}"
        said = say(code, language)
        return said if said != code else SYMBOLS.get(str(value), str(value))
    if column == "status":
        said = say(f"state.{value}", language)
        return str(value) if said == f"state.{value}" else said
    if column == "source_system" and value == RISK_VIEWS:
        return say("risk.rule", language, rule=RULE)
    if column == "mode":
        return say(f"state.{value}" if value != "live" else "mode.live", language)
    if isinstance(value, bool):
        return say("dossier.yes" if value else "dossier.no", language)
    if isinstance(value, datetime):
        return f"{value.astimezone(DUTY_ZONE):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, int):
        return f"{value:,}"
    number = number_of(value)
    return f"{number:g}" if number is not None and not isinstance(value, str) else str(value)


def coded(key: str, language: Language) -> Callable[[str, Any], Any]:
    """How a table of a layer says the codes in its columns; figures stay figures."""

    def said(column: str, value: Any) -> Any:
        if isinstance(value, str) or value in CODED.get(column, {}):
            return shown_value(key, column, value, language)
        return value

    return said


def number_of(value: Any) -> float | None:
    """Read a number; None where it is none."""
    if value is None:
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
