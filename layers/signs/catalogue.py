"""Which signs does GB/T 35649-2017 know, and how are they framed and coloured?"""

import csv
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from layers.pinyin import full, initials
from layers.signs.glyphs import GLYPHS
from layers.signs.lines import LINES

Kind = Literal["point", "line", "area"]

EDITION = "GB/T 35649-2017"
TRUST: Mapping[str, str] = {
    "table": "codes and words of annexes A to C from public copies of the standard; not held against the printed text",
    "glyph": "our own drawing",
}
"""What may be believed of the table and of the drawings, told wherever the catalogue is given out."""


@dataclass(frozen=True, slots=True)
class SignClass:
    """
    One class of signs.

    Attributes
    ----------
    colour
        As the standard gives it.
    edge, ink
        What is drawn on the white ground: the same hue, dark enough to be read there (>= 3:1 edge of a frame that has
        a dark halo, >= 4.5:1 ink); yellow frames carry black ink.
    """

    letter: str
    zh: str
    en: str
    colour: str
    edge: str
    ink: str
    radius_px: float


CLASSES: Mapping[str, SignClass] = {
    one.letter: one
    for one in (
        SignClass("A", "突发事件", "Events", "#FF0000", "#E60000", "#E60000", 5),
        SignClass("B", "危险源", "Hazard sources", "#FFFF00", "#E8C400", "#1A1A1A", 0),
        SignClass("C", "防护目标", "Protected targets", "#0000FF", "#1E3CFF", "#1E2FCC", 0),
        SignClass("D", "应急保障资源", "Resources", "#00FF00", "#00A53C", "#008A32", 0),
        SignClass("E", "线状标绘", "Lines", "#FF0000", "#E60000", "#E60000", 0),
        SignClass("F", "面状标绘", "Areas", "#FF0000", "#E60000", "#E60000", 0),
    )
}
_KIND: Mapping[str, Kind] = {"A": "point", "B": "point", "C": "point", "D": "point", "E": "line", "F": "area"}


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign: its code, words in two languages, the label of 2 to 4 characters, and what its subtypes are called."""

    code: str
    zh: str
    en: str
    label: str
    subtypes: tuple[str, ...]

    @property
    def letter(self) -> str:
        """Class letter."""
        return self.code[0]

    @property
    def group(self) -> str:
        """Class letter and group: A2."""
        return self.code[:2]

    @property
    def kind(self) -> Kind:
        """What it is drawn as."""
        return _KIND[self.letter]


@cache
def signs() -> Mapping[str, Sign]:
    """
    Every sign by code, in the order of the standard.

    Examples
    --------
    >>> signs()["A20400"].zh, signs()["A20400"].kind, len(signs())
    ('危险化学品事故', 'point', 72)
    """
    text = files(__package__).joinpath("codes.csv").read_text(encoding="utf-8")
    return {
        row["code"]: Sign(
            row["code"], row["zh"], row["en"], row["label"], tuple(part for part in row["subtypes"].split("|") if part)
        )
        for row in csv.DictReader(text.splitlines())
    }


@cache
def as_json() -> dict[str, Any]:
    """The whole catalogue for a page or a program: classes, signs with their strokes, what may be believed of it."""
    return {
        "edition": EDITION,
        "trust": dict(TRUST),
        "classes": {letter: asdict(one) for letter, one in CLASSES.items()},
        "signs": [
            {
                "code": one.code,
                "zh": one.zh,
                "en": one.en,
                "label": one.label,
                "subtypes": list(one.subtypes),
                "kind": one.kind,
                "pinyin": f"{full(one.zh)} {initials(one.zh)} {full(one.label)} {initials(one.label)}",
            }
            for one in signs().values()
        ],
        "glyphs": {code: list(strokes) for code, strokes in GLYPHS.items()},
        "lines": {code: asdict(line) for code, line in LINES.items()},
    }
