"""Which facts of a mark travel in a file? The same names in every kind of file, so that each can be read back whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from layers.signs.catalogue import EDITION, signs
from scenarios.marks.drawn import DrawMark, faults_of
from scenarios.marks.fold import Mark

Json = dict[str, Any]
WORDS = ("label", "subtype", "text", "order_id")


Drawn = Mark | DrawMark
"""What is written out: a mark of the record, or one not yet drawn."""


@dataclass(frozen=True, slots=True)
class Read:
    """What was found in a file: marks that can be drawn, and every fault with the number of the mark it is of."""

    marks: tuple[DrawMark, ...]
    faults: tuple[str, ...]


def facts_of(mark: Drawn) -> Json:
    """Facts of a mark beside its geometry; only what is said is written."""
    sign = signs()[mark.symbol]
    found: Json = {"symbol": mark.symbol, "standard": EDITION, "name": sign.zh, "name_en": sign.en}
    found |= {name: getattr(mark, name) for name in WORDS if getattr(mark, name)}
    if mark.rotation_deg:
        found["rotation_deg"] = mark.rotation_deg
    if mark.opacity != 1:
        found["opacity"] = mark.opacity
    for name in ("valid_from", "valid_until"):
        when = getattr(mark, name)
        if when is not None:
            found[name] = when.isoformat()
    if mark.standing != "kept":
        found["standing"] = mark.standing
    return found


def title_of(mark: Drawn) -> str:
    """What the mark is called in a list: its own words, else subtype, else the sign."""
    return mark.label or mark.subtype or signs()[mark.symbol].zh


def mark_from(geometry: Any, facts: Mapping[str, Any]) -> tuple[DrawMark | None, list[str]]:
    """Read a mark back from its facts; the faults say what is wrong with it."""
    faults: list[str] = []

    def number(name: str, default: float) -> float:
        try:
            return float(facts.get(name, default))
        except (TypeError, ValueError):
            faults.append(f"{name}: '{facts.get(name)}' is no number")
            return default

    def moment(name: str) -> datetime | None:
        if not facts.get(name):
            return None
        try:
            return datetime.fromisoformat(str(facts[name]))
        except ValueError:
            faults.append(f"{name}: '{facts[name]}' is no ISO 8601 time")
            return None

    words = {name: str(facts.get(name) or "") for name in WORDS}
    said = DrawMark(
        symbol=str(facts.get("symbol") or ""),
        geometry=geometry if isinstance(geometry, dict) else {},
        rotation_deg=number("rotation_deg", 0.0),
        opacity=number("opacity", 1.0),
        valid_from=moment("valid_from"),
        valid_until=moment("valid_until"),
        standing="shown" if facts.get("standing") == "shown" else "kept",
        **words,
    )
    faults += faults_of(said)
    return (None if faults else said), faults


def gathered(found: list[tuple[DrawMark | None, list[str]]]) -> Read:
    """Put together what was read mark by mark, faults numbered from 1."""
    return Read(
        tuple(mark for mark, _ in found if mark is not None),
        tuple(f"mark {number}: {fault}" for number, (_, faults) in enumerate(found, 1) for fault in faults),
    )
