"""Does every code of the sample city reach a person in words, in both languages?"""

import re
from typing import TYPE_CHECKING

import pytest

from command_ui import shown
from command_ui.words import Language
from layers.catalogue import LAYERS

if TYPE_CHECKING:
    from layers.sample.city import SampleCity

CODE = re.compile(r"[a-z][a-z0-9_]+")
HIDDEN = frozenset({"id", "pinyin", "initials", "label", "register", "source_system", "unit"})
"""Columns no card shows, and units, which are the same in both languages."""


def bare(city: "SampleCity", language: Language) -> set[tuple[str, str, str]]:
    """Layer, column and code of what is shown as the code it is."""
    found = set()
    for spec in LAYERS:
        for column, values in city.tables[spec.table].items() if spec.table in city.tables else ():
            if column in HIDDEN or column.endswith("_id"):
                continue
            for value in {one for one in values if isinstance(one, str) and CODE.fullmatch(one)}:
                said = shown.shown_value(spec.key, str(column), value, language)
                # `state.ready` is a code too, only a longer one.
                if said == value or re.fullmatch(rf"[a-z_.]+\.{value}", said):
                    found.add((spec.key, str(column), value))
    return found


def test_every_code_is_said_in_words(city: "SampleCity") -> None:
    assert bare(city, "zh") == set()


def test_planted_a_code_without_words_is_found(city: "SampleCity", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown, "CODED", {})
    assert ("hazard_source", "unit_kind", "storage") in bare(city, "zh")


@pytest.mark.parametrize(("key", "column", "value", "said"), [
    ("shelter", "kind", "indoor", ("室内", "indoor")),
    ("shelter", "level", "city", ("市级", "city")),
    ("hazard_source", "unit_kind", "storage", ("储存单元", "storage unit")),
    ("alarm", "state", "cleared", ("已恢复", "returned")),
    ("tag_gas", "quantity", "cl2", ("Cl₂", "Cl₂")),
    ("tag_gas", "quantity", "water_level", ("水位", "Water level")),
    ("enterprise", "sectors", ["dust", "new"], ("涉爆粉尘、new", "explosive dust, new")),
    ("enterprise", "employees", 1234, ("1,234", "1,234")),
])  # fmt: skip
def test_values_as_a_person_reads_them(key: str, column: str, value: object, said: tuple[str, str]) -> None:
    assert (shown.shown_value(key, column, value, "zh"), shown.shown_value(key, column, value, "en")) == said
