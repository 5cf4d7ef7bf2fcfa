"""
Is a unit a major hazard, and of which level? (GB 18218-2018 危险化学品重大危险源辨识)

S = sum(q_i / Q_i), a unit with S >= 1 is a major hazard; R = alpha * sum(beta_i q_i / Q_i) gives its level. The
quantity is the design maximum, never today's stock. Arithmetic is exact: 0.7 + 0.2 + 0.1 is one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Literal

from gis.errors import InputError
from gis.provenance import Trust

Level = Literal[1, 2, 3, 4]
SOURCE = "GB 18218-2018"
TABLE_TRUST: Trust = "one_source"
"""Typed from a machine-read public copy of the standard; to be checked against the printed text by two people."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A named substance of tables 1 and 3: correction beta and threshold Q in t (None where the class gives it)."""

    name: str
    english: str
    cas: str
    un: str
    beta: Fraction
    threshold_t: Fraction | None


def _entry(name: str, english: str, cas: str, un: str, beta: str, threshold_t: str | None) -> Entry:
    return Entry(name, english, cas, un, Fraction(beta), None if threshold_t is None else Fraction(threshold_t))


SUBSTANCES: Mapping[str, Entry] = {
    entry.cas: entry
    for entry in (
        # Toxic gases named in table 3 with their own beta.
        _entry("氨", "ammonia", "7664-41-7", "1005", "2", "10"),
        _entry("氯", "chlorine", "7782-50-5", "1017", "4", "5"),
        _entry("碳酰氯", "phosgene", "75-44-5", "1076", "20", "0.3"),
        _entry("二氧化硫", "sulphur dioxide", "7446-09-5", "1079", "2", "20"),
        _entry("氯化氢", "hydrogen chloride", "7647-01-0", "1050", "3", "20"),
        _entry("环氧乙烷", "ethylene oxide", "75-21-8", "1040", "2", "10"),
        _entry("异氰酸甲酯", "methyl isocyanate", "624-83-9", "2480", "20", "0.75"),
        _entry("硫化氢", "hydrogen sulphide", "7783-06-4", "1053", "5", "5"),
        _entry("磷化氢", "phosphine", "7803-51-2", "2199", "20", "1"),
        _entry("一氧化碳", "carbon monoxide", "630-08-0", "1016", "2", None),
        _entry("溴甲烷", "methyl bromide", "74-83-9", "1062", "3", "10"),
        _entry("氟化氢", "hydrogen fluoride", "7664-39-3", "1052", "5", "1"),
        _entry("二氧化氮", "nitrogen dioxide", "10102-44-0", "1067", "10", "1"),
        _entry("氰化氢", "hydrogen cyanide", "74-90-8", "1051", "10", "1"),
        # Named in table 1, beta by class in table 4.
        _entry("液化石油气", "LPG", "68476-85-7", "1075", "1.5", "50"),
        _entry("甲烷", "methane", "74-82-8", "1971", "1.5", "50"),
        _entry("乙炔", "acetylene", "74-86-2", "1001", "1.5", "1"),
        _entry("甲醇", "methanol", "67-56-1", "1230", "1", "500"),
        _entry("苯", "benzene", "71-43-2", "1114", "1", "50"),
        _entry("汽油", "gasoline", "86290-81-5", "1203", "1", "200"),
    )
}

CLASSES: Mapping[str, tuple[Fraction, Fraction]] = {
    code: (Fraction(beta), Fraction(threshold))
    for code, beta, threshold in (
        ("J1", "4", "5"), ("J2", "1", "50"), ("J3", "2", "50"), ("J4", "2", "50"), ("J5", "1", "500"),
        ("W1.1", "2", "1"), ("W1.2", "2", "10"), ("W1.3", "2", "50"), ("W2", "1.5", "10"), ("W3", "1", "150"),
        ("W4", "1", "50"), ("W5.1", "1.5", "10"), ("W5.2", "1", "50"), ("W5.3", "1", "1000"), ("W5.4", "1", "5000"),
        ("W6.1", "1.5", "10"), ("W6.2", "1", "50"), ("W7.1", "1.5", "10"), ("W7.2", "1", "50"), ("W8", "1", "50"),
        ("W9.1", "1", "50"), ("W9.2", "1", "200"), ("W10", "1", "200"), ("W11", "1", "200"),
    )
}  # fmt: skip
"""Class of table 4 -> (beta, Q in t), for substances not named."""


@dataclass(frozen=True, slots=True)
class Holding:
    """
    One substance in a unit.

    Attributes
    ----------
    substance
        CAS number of a named substance, or a class of table 4 such as ``W5.3``.
    design_max_t
        Largest quantity the unit is designed for, in t; text or Decimal keeps it exact.
    """

    substance: str
    design_max_t: Decimal | int | str


@dataclass(frozen=True, slots=True)
class Line:
    """The working for one substance: q / Q and beta q / Q."""

    substance: str
    quantity_t: Fraction
    threshold_t: Fraction
    beta: Fraction
    ratio: Fraction
    weighted: Fraction


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
    for least, value in ((100, "2"), (50, "1.5"), (30, "1.2"), (1, "1")):
        if people_within_500m >= least:
            return Fraction(value)
    return Fraction(1, 2)


def level_of(r: Fraction) -> Level:
    """
    Level from R (table 6): 1 from 100, 2 from 50, 3 from 10, else 4.

    Examples
    --------
    >>> [level_of(Fraction(text)) for text in ("100", "99.84", "50", "10", "9.99")]
    [1, 2, 2, 3, 4]
    """
    if r >= 100:
        return 1
    if r >= 50:
        return 2
    return 3 if r >= 10 else 4


def assess(holdings: Iterable[Holding], people_within_500m: int) -> HazardLevel:
    """
    Work out S, R and the level of one unit.

    Raises
    ------
    InputError
        Unknown substance or class, or a quantity that is not a number from 0; every fault at once.

    Examples
    --------
    >>> result = assess([Holding("7664-41-7", "7"), Holding("7782-50-5", "1"), Holding("68476-85-7", "5")], 0)
    >>> result.s == 1, result.is_major
    (True, True)
    """
    faults: list[str] = []
    lines: list[Line] = []
    for holding in holdings:
        found = _factors(holding.substance)
        quantity = _quantity(holding.design_max_t)
        if found is None:
            faults.append(f"'{holding.substance}' is neither a CAS number of {SOURCE} table 1 nor a class such as W5.3")
        if quantity is None:
            faults.append(
                f"design maximum '{holding.design_max_t}' of {holding.substance} must be a number from 0, in t"
            )
        if found is not None and quantity is not None:
            beta, threshold = found
            ratio = quantity / threshold
            lines.append(Line(holding.substance, quantity, threshold, beta, ratio, beta * ratio))
    if faults:
        raise InputError(faults)
    factor = alpha(people_within_500m)
    s = sum((line.ratio for line in lines), Fraction())
    r = factor * sum((line.weighted for line in lines), Fraction())
    return HazardLevel(s, r, factor, s >= 1, level_of(r) if s >= 1 else None, tuple(lines))


def _factors(substance: str) -> tuple[Fraction, Fraction] | None:
    entry = SUBSTANCES.get(substance)
    if entry is not None and entry.threshold_t is not None:
        return entry.beta, entry.threshold_t
    return CLASSES.get(substance)


def _quantity(value: Decimal | int | str) -> Fraction | None:
    try:
        quantity = Fraction(Decimal(value))
    except (InvalidOperation, ValueError, OverflowError):
        return None
    return quantity if quantity >= 0 else None
