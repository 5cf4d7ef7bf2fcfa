"""
Why has this unit, square kilometre or township the colour it has? The whole rule, and every input put into it.

A unit's R is worked out once more from the quantities and the people its register row holds, so that a figure which
does not follow from them is seen; the colour goes by the registered R, as on the map. An area is the sum over what
lies in it, and each of those is named.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, select

from gis.errors import MissingError
from gis.provenance import Trust
from layers.hazard_level import TABLE_TRUST, Step, working
from layers.risk import LEAST, WEIGHTS, Coloured, Kind, colour_of, one
from layers.risk_parts import R_DIGITS, UNIT_COLUMNS, Part, Seen, parts_of, same_r, seen, worked
from layers.rows import standing
from layers.tables import Base

LAYERS: Mapping[str, Kind] = {"risk_unit": "unit", "risk_grid": "grid", "risk_township": "township"}
"""Layers whose colours this explains."""


@dataclass(frozen=True, slots=True)
class RuleStep:
    """
    One step of the rule.

    Attributes
    ----------
    colour
        1 red to 4 blue; None is "no colour".
    code
        ``least``: from `value` on; ``above``: more than `value`; ``nothing``: `value` itself; ``not_major``: S < 1.
    applies
        Whether it is the step that gave the colour.
    """

    colour: int | None
    code: Literal["least", "above", "nothing", "not_major"]
    value: float
    applies: bool


@dataclass(frozen=True, slots=True)
class Explained:
    """
    A colour with its whole rule and working.

    Attributes
    ----------
    lines
        The working in codes and numbers, in the order a person would write it.
    names
        What a code of a substance in `lines` is called.
    parts
        What an area counts, the heaviest first; empty for a unit.
    seen
        Whether everything in the area is within what the caller may see: what he may not see is not counted.
    registered_r, worked_r
        R as registered, and as it follows from the registered quantities and people; None where it cannot be had.
    trust
        The least certain value of the standard that a unit's R rests on.
    """

    of: Coloured
    steps: tuple[RuleStep, ...]
    lines: tuple[Step, ...]
    names: Mapping[str, str]
    parts: tuple[Part, ...]
    seen: Seen
    registered_r: float | None
    worked_r: float | None
    trust: Trust
    sources: tuple[str, ...]
    oldest: datetime | None
    newest: datetime | None

    @property
    def agrees(self) -> bool | None:
        """Whether the registered R of a unit follows from its register row; None where that cannot be said."""
        if self.registered_r is None or self.worked_r is None:
            return None
        return same_r(self.registered_r, self.worked_r)


def explain(connection: Connection, kind: Kind, row_id: str) -> Explained:
    """
    Say how one colour came about, as the caller may see it.

    Raises
    ------
    MissingError
        There is none of that id.
    """
    found = one(connection, kind, row_id)
    return _unit(connection, found) if kind == "unit" else _area(connection, found)


def rule_of(found: Coloured, *, is_major: bool = True, seen: Seen = "whole") -> tuple[RuleStep, ...]:
    """
    Every step of the declared rule, the one that holds marked; none holds for an area nobody here may look into.

    Examples
    --------
    >>> [step.applies for step in rule_of(Coloured("unit", "x", "x", 64.0, 2, ""))]
    [False, True, False, False, False]
    >>> [step.colour for step in rule_of(Coloured("township", "x", "x", 0.0, None, "")) if step.applies]
    [None]
    """
    holds = (colour_of(found.score) if is_major else None) if seen != "none" else -1
    steps = [
        RuleStep(colour, "least" if least > 0 else "above", least, is_major and holds == colour)
        for colour, least in LEAST
    ]
    if found.kind == "unit":
        return (*steps, RuleStep(LEAST[-1][0], "not_major", 1.0, not is_major))
    return (*steps, RuleStep(None, "nothing", 0.0, holds is None))


def _unit(connection: Connection, found: Coloured) -> Explained:
    table = Base.metadata.tables["layers.hazard_source"]
    columns = [table.c[name] for name in UNIT_COLUMNS]
    row = connection.execute(select(*columns).where(standing(table) & (table.c.id == found.id))).mappings().first()
    if row is None:
        raise MissingError(f"there is no unit '{found.id}' with a risk colour")
    result, names = worked(row)
    trusts = {trust for line in (result.lines if result else ()) for trust in (line.threshold_trust, line.beta_trust)}
    lines = working(result) if result else (Step("registered", {"r": plain(found.score)}),)
    return Explained(
        of=found,
        steps=rule_of(found, is_major=bool(row["is_major"])),
        lines=(*lines, Step("colour" if row["is_major"] else "colour.not_major", _ending(found))),
        names=names,
        parts=(),
        seen="whole",
        registered_r=float(row["r_value"]),
        worked_r=float(result.r) if result else None,
        trust="unverified" if "unverified" in trusts else TABLE_TRUST,
        sources=(row["source_system"],),
        oldest=row["as_of"],
        newest=row["as_of"],
    )


def _area(connection: Connection, found: Coloured) -> Explained:
    parts, sight = parts_of(connection, found), seen(connection, found)
    whens = [part.as_of for part in parts]
    return Explained(
        of=found,
        steps=rule_of(found, seen=sight),
        lines=_sum(found, parts) if sight != "none" else (),
        names={},
        parts=tuple(parts),
        seen=sight,
        registered_r=None,
        worked_r=None,
        trust=TABLE_TRUST,
        sources=tuple(sorted({part.source_system for part in parts})),
        oldest=min(whens, default=None),
        newest=max(whens, default=None),
    )


def _sum(found: Coloured, parts: list[Part]) -> tuple[Step, ...]:
    """The sum as a person would write it: units, enterprises of each level, the whole, the colour."""
    units = [part for part in parts if part.layer == "risk_unit" and part.counted]
    firms = {level: sum(part.layer == "four_colour" and part.level == level for part in parts) for level, _ in WEIGHTS}
    r = sum(part.adds for part in units)
    lines = [Step("empty")]
    if units or any(firms.values()):
        terms = " + ".join(plain(part.adds) for part in units)
        code = "units" if len(units) > 1 else "units.one" if units else "units.none"
        lines = [Step(code, {"count": len(units), "terms": terms, "r": plain(r)})]
        lines += [
            Step("firms", {"level": level, "count": firms[level], "weight": weight, "adds": firms[level] * weight})
            for level, weight in WEIGHTS
        ]
        added = " + ".join([plain(r), *(str(firms[level] * weight) for level, weight in WEIGHTS)])
        lines.append(Step("total", {"terms": added, "score": plain(found.score)}))
    left = sum(part.layer == "risk_unit" and not part.counted for part in parts)
    if left:
        lines.append(Step("left_out", {"count": left}))
    return (*lines, Step("colour" if found.colour else "colour.none", _ending(found)))


def _ending(found: Coloured) -> dict[str, Any]:
    least = dict(LEAST).get(found.colour or 0, 0.0)
    return {"score": plain(found.score), "colour": found.colour, "sign": "≥" if least else ">", "least": plain(least)}


def plain(value: float) -> str:
    """
    Write a score without ends of zeros.

    Examples
    --------
    >>> plain(562.57), plain(100.0), plain(0.0)
    ('562.57', '100', '0')
    """
    return f"{value:.{R_DIGITS}f}".rstrip("0").rstrip(".")
