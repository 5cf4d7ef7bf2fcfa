"""How does the report of an import read, line by line, in the reader's language?"""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from command_ui.words import Language, say
from layers import catalogue
from layers.exporting import guarded
from layers.importing.fields import fields_of

HEADERS = (
    "row", "code", "rule", "column", "value", "reason", "name", "uscc", "division", "longitude", "latitude",
)  # fmt: skip


def reason(told: Mapping[str, Any], layer: str, language: Language) -> str:
    """Sentence of one reason, as `Trial.told` and the rows kept aside give it."""
    rule, facts = str(told["rule"]), told.get("facts") or {}
    values: dict[str, Any] = {
        "value": told.get("value", ""),
        "title": title_of(layer, str(told.get("column", "")), language),
    }
    if rule.startswith("duplicate_"):
        kind = "near" if rule == "duplicate_near" else "duplicate"
        side = "row" if "other_row" in facts else "known"
        values |= {
            "other": facts.get("other_row", facts.get("other_id", "")),
            "name": facts.get("other_name", ""),
            "distance": facts.get("distance_m", ""),
        }
        return say(f"reason.{kind}_{side}", language, **values)
    if rule == "uscc" and facts.get("expected"):
        return say("reason.uscc.expected", language, expected=facts["expected"], **values)
    if rule == "outside_division":
        found = facts.get("found", "")
        where = say("reason.outside_division.found", language, name=found) if found else ""
        return say(
            "reason.outside_division",
            language,
            division=facts.get("division") or values["value"],
            distance=facts["distance_m"],
            found=where,
        )
    if rule == "datum":
        return say(
            "reason.datum", language, distance=facts["distance_m"],
            datum=say(f"datum.{facts['datum']}", language), seen_by=say(f"seen.{facts['seen_by']}", language),
        )  # fmt: skip
    return say(f"reason.{rule}", language, **{**facts, **values})


def title_of(layer: str, column: str, language: Language) -> str:
    """Title of a layer's column; the column's own name where it has none."""
    at = 0 if language == "zh" else 1
    titles = {
        **catalogue.layer(layer).columns,
        **{one.column: (one.title_zh, one.title_en) for one in fields_of(layer)},
    }
    return titles[column][at] if column in titles else column


def write(path: Path, told: Sequence[Mapping[str, Any]], layer: str, language: Language = "zh") -> None:
    """Write every reason as a CSV a spreadsheet reads: one line a reason, the row number as in the file."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([say(f"report.{name}", language) for name in HEADERS])
        for one in told:
            cells = [
                one["row"], one["rule"], say(f"rule.{one['rule']}", language), title_of(layer, one["column"], language),
                one["value"], reason(one, layer, language), one["name"], one["uscc"], one["division_code"],
                one["longitude"], one["latitude"],
            ]  # fmt: skip
            writer.writerow(
                [guarded(cell) if isinstance(cell, str) else "" if cell is None else cell for cell in cells]
            )
