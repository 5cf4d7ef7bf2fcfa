"""Which substance is meant by this name, CAS or UN number?"""

import csv
import difflib
import functools
import importlib.resources
from dataclasses import dataclass

from gis.errors import InputError
from gis.provenance import Trust

UN_DIGITS = 4
NEAREST = 3
"""How many near names an error sentence offers."""


@dataclass(frozen=True, slots=True)
class Substance:
    """
    One pure substance.

    Attributes
    ----------
    key
        English name in lower case; the name the tables and results use.
    name_zh, aliases
        Chinese name and further names in either language.
    cas, un
        CAS and four-digit UN number.
    molar_mass_kg_mol
        Molar mass, kg/mol.
    source, trust
        Where the molar mass was read and how far it may be trusted.
    """

    key: str
    name_zh: str
    aliases: tuple[str, ...]
    cas: str
    un: str
    molar_mass_kg_mol: float
    source: str
    trust: Trust

    @property
    def names(self) -> tuple[str, ...]:
        """Every name it answers to."""
        return (self.key, self.name_zh, *self.aliases)


def read_table(name: str) -> list[dict[str, str]]:
    """Rows of one committed table of ``plume/tables`` as text."""
    text = (importlib.resources.files("plume") / "tables" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@functools.cache
def known() -> tuple[Substance, ...]:
    """All substances of the table, in its order."""
    return tuple(
        Substance(
            key=row["key"],
            name_zh=row["name_zh"],
            aliases=tuple(row["aliases"].split(";")),
            cas=row["cas"],
            un=row["un"],
            molar_mass_kg_mol=float(row["molar_mass_g_mol"]) / 1000,
            source=row["source"],
            trust=row["status"],  # type: ignore[arg-type]  # a test holds the column to the Trust codes
        )
        for row in read_table("substances.csv")
    )


def find(text: str) -> Substance:
    """
    Substance for an English or Chinese name, an alias, a CAS number, or a UN number ("1017", "UN 1017").

    Raises
    ------
    InputError
        Nothing answers to `text`; the sentence lists the nearest names.
    """
    wanted = _plain(text)
    index = _index()
    if wanted in index:
        return index[wanted]
    raise InputError(f"release.substance: '{text}' is not known; nearest: {', '.join(nearest(text))}")


def nearest(text: str, count: int = NEAREST) -> list[str]:
    """The `count` known names most like `text`, best first, each substance once."""
    wanted = _plain(text)
    ranked = sorted(
        known(),
        key=lambda one: max(_likeness(wanted, _plain(name)) for name in (*one.names, one.cas, one.un)),
        reverse=True,
    )
    return [f"{one.key} {one.name_zh}" for one in ranked[:count]]


@functools.cache
def _index() -> dict[str, Substance]:
    return {_plain(name): one for one in known() for name in (*one.names, one.cas, one.un)}


def _plain(text: str) -> str:
    """Lower case without spaces; a UN number without its letters."""
    plain = "".join(str(text).split()).lower()
    digits = plain.removeprefix("un").lstrip(".:-")
    return digits if digits.isdigit() and len(digits) == UN_DIGITS else plain


def _likeness(wanted: str, name: str) -> float:
    return difflib.SequenceMatcher(None, wanted, name).ratio()
