"""What does the card of a risk colour say: the rule, the step that holds, the working, what went in, how sure it is?"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from command_ui.api.risk import explained_json
from command_ui.words import Language, say
from command_ui.words.risk import colour_word
from gis.clock import DUTY_ZONE
from layers import catalogue, codes
from layers.risk import LEAST, WEIGHTS
from layers.risk_working import LAYERS, Explained, explain, plain
from layers.rows import standing, table_of

Json = dict[str, Any]

SAID = frozenset({"risk_level", "score", "working"})
"""Columns of the layer that the explanation says better."""
FIRMS = "four_colour"
"""Layer whose colour is no working of ours: the level an enterprise is registered with."""


def risk_content(connection: Connection, layer: str, row_id: str, language: Language) -> Json | None:
    """Give the explanation for the card of a row; None where its layer has no risk colour."""
    if layer == FIRMS:
        return _firm(connection, row_id, language)
    if layer not in LAYERS:
        return None
    found = explain(connection, LAYERS[layer], row_id)
    told, at = explained_json(found), f"text_{language}"
    score = say(f"risk.score.{found.of.kind}", language, score=plain(found.of.score))
    hidden = found.seen == "none"
    return {
        "kind": found.of.kind,
        "colour": found.of.colour,
        "word": say("risk.colour.unseen", language) if hidden else colour_word(found.of.colour, language),
        "score": "" if hidden else score,
        "rule": say("risk.rule", language, rule=told["rule"]),
        "formula": told[f"rule_{language}"],
        "steps": [
            {"colour": step["colour"], "bound": step[at], "word": colour_word(step["colour"], language),
             "applies": step["applies"]}
            for step in told["steps"]
        ],
        "lines": [{"text": line[at], "table": line["table"], "trust": line["trust"]} for line in told["lines"]],
        "units": [_part(part, language) for part in told["parts"] if part["layer"] == "risk_unit"],
        "firms": [_part(part, language) for part in told["parts"] if part["layer"] == "four_colour"],
        "seen": found.seen,
        "source": say("risk.source.rule", language, rule=told["rule"]),
        "notes": _notes(found, language),
    }  # fmt: skip


def _firm(connection: Connection, row_id: str, language: Language) -> Json | None:
    table = table_of(catalogue.layer(FIRMS))
    columns = (table.c.risk_level, table.c.source_system, table.c.as_of)
    row = connection.execute(select(*columns).where(standing(table) & (table.c.id == row_id))).first()
    if row is None:
        return None
    held, adds = row.risk_level, dict(WEIGHTS).get(row.risk_level)
    words = {colour: codes.RISK_LEVELS[colour][0 if language == "zh" else 1] for colour, _ in LEAST}
    bounds: dict[int | None, str] = {
        **{colour: say("risk.step.registered", language, level=word) for colour, word in words.items()},
        None: say("risk.step.unregistered", language),
    }
    counts = say("risk.work.counts", language, adds=adds) if adds else say("risk.work.counts.not", language)
    source = say("risk.source.one", language, sources=row.source_system, newest=_clock(row.as_of))
    return {
        "kind": "firm",
        "colour": held,
        "word": colour_word(held, language),
        "score": "",
        "rule": say("risk.rule.registered", language),
        "formula": say("risk.rule.firm", language),
        "steps": [
            {"colour": colour, "bound": bound, "word": colour_word(colour, language), "applies": colour == held}
            for colour, bound in bounds.items()
        ],
        "lines": [{"text": counts, "table": "", "trust": ""}],
        "units": [],
        "firms": [],
        "seen": "whole",
        "source": row.source_system,
        "notes": [{"warn": True, "text": say("risk.check.firms", language)}, {"warn": False, "text": source}],
    }


def _part(part: Json, language: Language) -> Json:
    level = codes.RISK_LEVELS.get(part["level"] or 0, ("", ""))[0 if language == "zh" else 1]
    return {
        "layer": part["layer"],
        "id": part["id"],
        "name": part["name"],
        "note": part["note"] or level,
        "colour": part["level"],
        "adds": plain(part["adds"]),
        "counted": part["counted"],
        "differs": part["agrees"] is False,
    }


def _notes(found: Explained, language: Language) -> list[Json]:
    """Where it comes from and how far it was checked; `warn` marks what a reader must not overlook."""
    lines: list[tuple[bool, str]] = []
    if found.of.kind != "unit":
        lines.append((found.seen != "whole", say(f"risk.seen.{found.seen}", language)))
    units = [part for part in found.parts if part.layer == "risk_unit"]
    if found.of.kind == "unit":
        code = {True: "agrees", False: "differs", None: "unknown"}[found.agrees]
        numbers = {"worked": plain(found.worked_r or 0.0), "registered": plain(found.registered_r or 0.0)}
        lines.append((found.agrees is not True, say(f"risk.check.{code}", language, **numbers)))
    elif units:
        count = {one: sum(part.agrees is one for part in units) for one in (True, False, None)}
        said = say("risk.check.parts", language, count=len(units), agree=count[True], differ=count[False],
                   unknown=count[None])  # fmt: skip
        lines.append((count[True] < len(units), said))
    if any(part.layer == "four_colour" for part in found.parts):
        lines.append((False, say("risk.check.firms", language)))
    if units or found.of.kind == "unit":
        lines.append((True, say("risk.check.standard", language, trust=say(f"trust.{found.trust}", language))))
    lines.append((True, say("risk.check.rule", language)))
    if found.newest is None:
        lines.append((False, say("risk.source.none", language)))
    else:
        oldest, newest = _clock(found.oldest), _clock(found.newest)
        code = "risk.source.one" if oldest == newest else "risk.source"
        sources = ("、" if language == "zh" else ", ").join(found.sources)
        lines.append((False, say(code, language, sources=sources, oldest=oldest, newest=newest)))
    return [{"warn": warn, "text": text} for warn, text in lines]


def _clock(when: datetime | None) -> str:
    return f"{when.astimezone(DUTY_ZONE):%Y-%m-%d %H:%M}" if when else ""
