"""At which concentration does a zone end, says who, and how far may the value be trusted?"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast, get_args

from gis.errors import InputError
from gis.provenance import Trust
from plume.substances import Substance, read_table

System = Literal["AEGL", "ERPG", "PAC", "IDLH", "HJ169", "LEL"]
Unit = Literal["ppm", "mg/m3", "fraction"]
SYSTEMS: tuple[System, ...] = get_args(System)
UNITS: tuple[Unit, ...] = get_args(Unit)

AEGL_MINUTES = (10, 30, 60, 240, 480)
"""Durations the AEGL table holds; never two of them in one set."""
LEL_SETS = ("CAMEO", "NFPA", "IEC")
"""Order in which a set of flammability limits is taken; the set's name travels in the level's name."""
LEL_SHARES = ((3, 0.6), (1, 0.1))
"""ALOHA's flammable area: 60 % of the lower limit (red) and 10 % (yellow)."""
ERPG_MINUTES = 60
IDLH_MINUTES = 30
FLAMMABLE_AVERAGING_S = 10.0
"""ALOHA: the averaging time behind a flammable concentration (plume.md 4.6)."""


@dataclass(frozen=True, slots=True)
class Level:
    """
    One threshold of a zone.

    Attributes
    ----------
    kind
        ``toxic`` or ``flammable``.
    level
        Rank; 3 is the worst.
    name
        "AEGL-3", "10 % LEL (CAMEO)".
    value, unit
        Threshold in ppm (by volume), mg/m3 or volume fraction.
    minutes
        Exposure the value was made for; 0 when it names none.
    source, trust
        Where the value was read and how far it may be trusted.
    """

    kind: Literal["toxic", "flammable"]
    level: int
    name: str
    value: float
    unit: Unit
    minutes: int
    source: str
    trust: Trust


@dataclass(frozen=True, slots=True)
class Levels:
    """
    The thresholds of one forecast, worst first, and the codes of what is missing or not to be trusted.

    Attributes
    ----------
    rows
        Levels from the highest concentration down.
    notes
        ``level_missing:NAME``, ``level_unverified:NAME``, ``level_withheld:NAME``.
    """

    rows: tuple[Level, ...]
    notes: tuple[str, ...] = ()

    @property
    def flammable(self) -> bool:
        """Are these limits of ignition rather than of poisoning?"""
        return any(row.kind == "flammable" for row in self.rows)


def aegl_minutes(averaging_s: float) -> int:
    """Shortest tabulated AEGL duration that covers `averaging_s`; the longest one beyond the table."""
    return next((minutes for minutes in AEGL_MINUTES if averaging_s <= minutes * 60), AEGL_MINUTES[-1])


def levels_of(system: System, substance: Substance, averaging_s: float) -> Levels:
    """
    Thresholds of a published system for one substance.

    Parameters
    ----------
    averaging_s
        Exposure the concentration is averaged over, s; picks the AEGL duration and nothing else.

    Raises
    ------
    InputError
        The system has no value at all for this substance; the sentence says which systems have.
    """
    rows, notes = _READERS[system](substance, averaging_s)
    if not rows:
        others = [name for name in SYSTEMS if name != system and _READERS[name](substance, averaging_s)[0]]
        advice = f"use {' or '.join(others)}" if others else "give a list of levels with name, value and unit"
        raise InputError(f"output.levels: no {system} value for {substance.key}; {advice}")
    rows = sorted(rows, key=lambda row: -row.level)
    notes += [f"level_unverified:{row.name}" for row in rows if row.trust == "unverified"]
    notes += [f"level_sources_differ:{row.name}" for row in rows if row.trust == "sources_differ"]
    return Levels(tuple(rows), tuple(notes))


def own_levels(named: Sequence[tuple[str, float, Unit]], molar_mass_kg_mol: float) -> Levels:
    """
    Thresholds somebody typed in: ranked by concentration, the highest first.

    A trailing digit in every name ("X-2") is taken as the rank when it agrees with the order; else the ranks count
    down from 3
    (or from how many there are, when more).
    """
    ordered = sorted(named, key=lambda row: -_mg_m3(row[1], row[2], molar_mass_kg_mol))
    ranks = [int(name[-1]) if name[-1:].isdigit() and name[-2:-1] in "- " else 0 for name, _, _ in ordered]
    if not all(1 <= rank <= 3 for rank in ranks) or ranks != sorted(set(ranks), reverse=True):
        top = max(3, len(ordered))
        ranks = list(range(top, top - len(ordered), -1))
    rows = tuple(
        Level("toxic", rank, name, value, unit, 0, "given with the case", "unverified")
        for rank, (name, value, unit) in zip(ranks, ordered, strict=True)
    )
    return Levels(rows, ("levels_given_by_user",))


def table_of(substance: Substance) -> list[dict[str, str]]:
    """Every value of the tables for one substance with source and status, as the tables hold it."""
    rows = [
        {
            "criterion": f"AEGL-{level} {minutes} min",
            "value": text,
            "unit": "ppm" if text != NOT_RECOMMENDED else "",
            "status": status,
            "source": source,
        }
        for (cas, level, minutes), (text, status, source) in _aegl().items()
        if cas == substance.cas
    ]
    for (cas, criterion, level), (value, unit, status, source) in _criteria().items():
        if cas == substance.cas:
            name = criterion if criterion[:3] in ("LEL", "UEL", "IDL") else f"{criterion}-{level}"
            rows.append({"criterion": name, "value": value, "unit": unit, "status": status, "source": source})
    return rows


NOT_RECOMMENDED = "NR"
_WITHHELD = {("7664-41-7", "PAC", 2)}
"""220 ppm in the only source seen contradicts the 60-min AEGL-2 that PAC takes (plume.md 5.3)."""


@functools.cache
def _aegl() -> dict[tuple[str, int, int], tuple[str, str, str]]:
    return {
        (row["cas"], int(row["level"]), int(row["minutes"])): (row["ppm"], row["status"], row["source"])
        for row in read_table("aegl.csv")
    }


@functools.cache
def _criteria() -> dict[tuple[str, str, int], tuple[str, str, str, str]]:
    return {
        (row["cas"], row["criterion"], int(row["level"])): (row["value"], row["unit"], row["status"], row["source"])
        for row in read_table("criteria.csv")
    }


def aegl_ppm(cas: str, level: int, minutes: int) -> float | None:
    """One cell of the AEGL table in ppm; None where it holds none."""
    text = _aegl().get((cas, level, minutes), (NOT_RECOMMENDED, "", ""))[0]
    return None if text == NOT_RECOMMENDED else float(text)


def flammable_limits(cas: str) -> tuple[float, float, str, Trust] | None:
    """
    Lower and upper limit as volume fractions, the set they come from, and their trust; None where no set has both.
    """
    for name in LEL_SETS:
        lower, upper = _criteria().get((cas, f"LEL_{name}", 1)), _criteria().get((cas, f"UEL_{name}", 1))
        if lower and upper:
            return float(lower[0]), float(upper[0]), name, cast(Trust, lower[2])
    return None


def _read_aegl(substance: Substance, averaging_s: float) -> tuple[list[Level], list[str]]:
    minutes = aegl_minutes(averaging_s)
    rows, notes = [], []
    for level in (3, 2, 1):
        found = _aegl().get((substance.cas, level, minutes))
        if found is None or found[0] == NOT_RECOMMENDED:
            notes.append(f"level_missing:AEGL-{level}")
            continue
        rows.append(
            Level("toxic", level, f"AEGL-{level}", float(found[0]), "ppm", minutes, found[2], cast(Trust, found[1]))
        )
    return rows, notes


def _read_long(
    criterion: str, ranks: dict[int, int], minutes: int, substance: Substance
) -> tuple[list[Level], list[str]]:
    """`ranks` maps the table's level number to ours, worst first."""
    rows, notes = [], []
    for number, rank in ranks.items():
        name = criterion if len(ranks) == 1 else f"{criterion}-{number}"
        found = _criteria().get((substance.cas, criterion, number))
        if (substance.cas, criterion, number) in _WITHHELD:
            notes.append(f"level_withheld:{name}")
        elif found is None:
            notes.append(f"level_missing:{name}")
        else:
            value, unit, status, source = found
            rows.append(
                Level("toxic", rank, name, float(value), cast(Unit, unit), minutes, source, cast(Trust, status))
            )
    return rows, notes


def _read_lel(substance: Substance, _averaging_s: float) -> tuple[list[Level], list[str]]:
    found = flammable_limits(substance.cas)
    if found is None:
        return [], []
    lower, _, name, trust = found
    rows = [
        Level(
            "flammable",
            rank,
            f"{share * 100:.0f} % LEL ({name})",
            share * lower,
            "fraction",
            0,
            f"LEL set {name}",
            trust,
        )
        for rank, share in LEL_SHARES
    ]
    return rows, []


_READERS = {
    "AEGL": _read_aegl,
    "ERPG": lambda substance, _averaging_s: _read_long("ERPG", {3: 3, 2: 2, 1: 1}, ERPG_MINUTES, substance),
    "PAC": lambda substance, _averaging_s: _read_long("PAC", {3: 3, 2: 2, 1: 1}, ERPG_MINUTES, substance),
    "IDLH": lambda substance, _averaging_s: _read_long("IDLH", {1: 3}, IDLH_MINUTES, substance),
    "HJ169": lambda substance, _averaging_s: _read_long("HJ169", {1: 3, 2: 2}, ERPG_MINUTES, substance),
    "LEL": _read_lel,
}


def _mg_m3(value: float, unit: Unit, molar_mass_kg_mol: float) -> float:
    """Only to rank thresholds: at 25 °C and 101 325 Pa."""
    litres_per_mol = 24.4654
    ppm_to_mg_m3 = molar_mass_kg_mol * 1000 / litres_per_mol
    return value * {"mg/m3": 1.0, "ppm": ppm_to_mg_m3, "fraction": ppm_to_mg_m3 * 1e6}[unit]
