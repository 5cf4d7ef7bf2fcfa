"""
Is a unit a major hazard, and of which level? (GB 18218-2018 危险化学品重大危险源辨识)

S = sum(q_i / Q_i), a unit with S >= 1 is a major hazard; R = alpha * sum(beta_i q_i / Q_i) gives its level. The
quantity is the design maximum, never today's stock. Arithmetic is exact: 0.7 + 0.2 + 0.1 is one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, Literal

from gis.errors import InputError
from gis.provenance import Trust
from layers.gb18218 import ALPHA, CLASS_TRUST, CLASSES, LEVELS, SOURCE, SUBSTANCES, Entry, entry_of, lines_of

__all__ = [
    "CLASSES", "SOURCE", "SUBSTANCES", "TABLE_TRUST", "Entry", "HazardLevel", "Holding", "Level", "Line", "Step",
    "alpha", "assess", "level_of", "working", "written",
]  # fmt: skip

Level = Literal[1, 2, 3, 4]
TABLE_TRUST: Trust = "one_source"
"""The best any value of the tables has reached; each line of a result carries its own."""


@dataclass(frozen=True, slots=True)
class Holding:
    """
    One substance in a unit.

    Attributes
    ----------
    substance
        CAS number, a line of table 1 such as ``1-43``, or a class of table 4 such as ``W5.3``.
    design_max_t
        Largest quantity the unit is designed for, in t; text or Decimal keeps it exact.
    hazard_class
        Class of table 4 that gives beta where neither table 3 nor our own reading does.
    """

    substance: str
    design_max_t: Decimal | int | str
    hazard_class: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """The working for one substance: q / Q and beta q / Q, with the table and the trust of both factors."""

    substance: str
    quantity_t: Fraction
    threshold_t: Fraction
    beta: Fraction
    ratio: Fraction
    weighted: Fraction
    threshold_table: str = ""
    beta_table: str = ""
    threshold_trust: Trust = TABLE_TRUST
    beta_trust: Trust = TABLE_TRUST


@dataclass(frozen=True, slots=True)
class HazardLevel:
    """
    Result with its working.

    Attributes
    ----------
    s, r
        Exact sums.
    is_major
        S >= 1.
    level
        1 (worst) to 4; None when the unit is not a major hazard.
    """

    s: Fraction
    r: Fraction
    alpha: Fraction
    is_major: bool
    level: Level | None
    lines: tuple[Line, ...]
    people_within_500m: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """
    One line of the working, in codes and numbers.

    Attributes
    ----------
    code
        ``ratio``, ``sum``, ``identify``, ``weighted``, ``alpha``, ``grade`` or ``level``; words for people elsewhere.
    values
        What the sentence of that code takes.
    table
        Table of the standard the step rests on; empty for plain arithmetic.
    trust
        How far the value taken from that table has been checked.
    """

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)
    table: str = ""
    trust: Trust = "derived"


def alpha(people_within_500m: int) -> Fraction:
    """
    Correction for people within 500 m outside the boundary (table 5).

    Examples
    --------
    >>> [float(alpha(people)) for people in (0, 1, 29, 30, 49, 50, 99, 100)]
    [0.5, 1.0, 1.0, 1.2, 1.2, 1.5, 1.5, 2.0]
    """
    if people_within_500m < 0:
        raise InputError(f"people within 500 m is {people_within_500m}; it cannot be negative")
    return next(value for least, value in ALPHA if people_within_500m >= least)


def level_of(r: Fraction) -> Level:
    """
    Level from R (table 6): 1 from 100, 2 from 50, 3 from 10, else 4.

    Examples
    --------
    >>> [level_of(Fraction(text)) for text in ("100", "99.84", "50", "10", "9.99")]
    [1, 2, 2, 3, 4]
    """
    if r >= LEVELS[0][1]:
        return 1
    if r >= LEVELS[1][1]:
        return 2
    return 3 if r >= LEVELS[2][1] else 4


def assess(holdings: Iterable[Holding], people_within_500m: int) -> HazardLevel:
    """
    Work out S, R and the level of one unit.

    Raises
    ------
    InputError
        Unknown substance or class, one whose class has to be given, or a quantity that is not a number from 0; every
        fault at once.

    Examples
    --------
    >>> result = assess([Holding("7664-41-7", "7"), Holding("7782-50-5", "1"), Holding("68476-85-7", "5")], 0)
    >>> result.s == 1, result.is_major
    (True, True)
    """
    faults: list[str] = []
    lines: list[Line] = []
    for holding in holdings:
        found = _factors(holding)
        quantity = _quantity(holding.design_max_t)
        if isinstance(found, str):
            faults.append(found)
        if quantity is None:
            faults.append(
                f"design maximum '{holding.design_max_t}' of {holding.substance} must be a number from 0, in t"
            )
        if not isinstance(found, str) and quantity is not None:
            threshold, beta, threshold_table, beta_table, threshold_trust, beta_trust = found
            ratio = quantity / threshold
            lines.append(
                Line(
                    holding.substance,
                    quantity,
                    threshold,
                    beta,
                    ratio,
                    beta * ratio,
                    threshold_table,
                    beta_table,
                    threshold_trust,
                    beta_trust,
                )
            )
    if faults:
        raise InputError(faults)
    factor = alpha(people_within_500m)
    s = sum((line.ratio for line in lines), Fraction())
    r = factor * sum((line.weighted for line in lines), Fraction())
    return HazardLevel(s, r, factor, s >= 1, level_of(r) if s >= 1 else None, tuple(lines), people_within_500m)


def working(result: HazardLevel) -> tuple[Step, ...]:
    """
    Every line of the calculation in the order a person would write it.

    Examples
    --------
    >>> [step.code for step in working(assess([Holding("7782-50-5", "40")], 238))]
    ['ratio', 'sum', 'identify', 'weighted', 'alpha', 'grade', 'level']
    """
    ratios = [
        Step(
            "ratio",
            {
                "substance": line.substance,
                "q": written(line.quantity_t),
                "threshold": written(line.threshold_t),
                "ratio": written(line.ratio),
            },
            line.threshold_table,
            line.threshold_trust,
        )
        for line in result.lines
    ]
    weighted = [
        Step(
            "weighted",
            {
                "substance": line.substance,
                "beta": written(line.beta),
                "ratio": written(line.ratio),
                "weighted": written(line.weighted),
            },
            line.beta_table,
            line.beta_trust,
        )
        for line in result.lines
    ]
    total = sum((line.weighted for line in result.lines), Fraction())
    steps = [
        *ratios,
        Step("sum", {"terms": " + ".join(written(line.ratio) for line in result.lines), "s": written(result.s)}),
        Step("identify", {"s": written(result.s), "is_major": result.is_major}),
        *weighted,
        Step("alpha", {"people": result.people_within_500m, "alpha": written(result.alpha)}, "5", TABLE_TRUST),
        Step("grade", {"alpha": written(result.alpha), "sum": written(total), "r": written(result.r)}),
    ]
    if result.level is not None:
        steps.append(Step("level", {"r": written(result.r), "level": result.level}, "6", TABLE_TRUST))
    return tuple(steps)


def written(value: Fraction) -> str:
    """
    Write a fraction as a decimal: exact where it ends, else to six places.

    Examples
    --------
    >>> written(Fraction(428, 5)), written(Fraction(1, 3)), written(Fraction(40))
    ('85.6', '0.333333', '40')
    """
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    text = f"{exact:f}" if rest == 1 else f"{exact:.6f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


_Factors = tuple[Fraction, Fraction, str, str, Trust, Trust]


def _factors(holding: Holding) -> _Factors | str:
    """Q, beta, their tables and their trust; or the sentence that says what is missing."""
    code, given = holding.substance, holding.hazard_class
    if given and given not in CLASSES:
        return f"class '{given}' of {code} is not one of {SOURCE} table 4, such as W5.3"
    if code in CLASSES:
        beta, threshold = CLASSES[code]
        return threshold, beta, "2", "4", CLASS_TRUST, CLASS_TRUST
    entry = entry_of(code)
    if entry is None:
        several = lines_of(code)
        if several:
            return f"{code} stands on several lines of {SOURCE} table 1; name one of {', '.join(several)}"
        return f"'{code}' is neither a CAS number of {SOURCE} table 1 nor a class such as W5.3"
    beta_of_entry = entry.beta if entry.beta is not None else CLASSES[given][0] if given else None
    if beta_of_entry is None:
        return f"beta of {code} goes by its class; give the class of {SOURCE} table 4, such as J3"
    threshold_of_entry = entry.threshold_t if entry.threshold_t is not None else CLASSES[given][1] if given else None
    if threshold_of_entry is None:
        return f"Q of {code} goes by its class; give the class of {SOURCE} table 2, such as J2"
    return (
        threshold_of_entry,
        beta_of_entry,
        "1" if entry.threshold_t is not None else "2",
        entry.beta_table or "4",
        entry.threshold_trust,
        entry.beta_trust if entry.beta is not None else CLASS_TRUST,
    )


def _quantity(value: Decimal | int | str) -> Fraction | None:
    try:
        quantity = Fraction(Decimal(value))
    except (InvalidOperation, ValueError, OverflowError):
        return None
    return quantity if quantity >= 0 else None
