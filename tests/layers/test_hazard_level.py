"""GB 18218-2018: published cases and boundaries first, then what must hold for any unit."""

import csv
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import InputError
from layers.hazard_level import CLASSES, SUBSTANCES, Holding, alpha, assess, level_of

H2S, PH3, CL2, NH3, LPG = "7783-06-4", "7803-51-2", "7782-50-5", "7664-41-7", "68476-85-7"


def test_worked_case_of_three_toxic_gases() -> None:
    """H2S 2 t, PH3 2 t, Cl2 1 t, alpha 2 (public worked case): 42.8 doubled is 85.6, level 2."""
    result = assess([Holding(H2S, "2"), Holding(PH3, "2"), Holding(CL2, "1")], people_within_500m=100)
    assert result.r == Fraction("85.6")
    assert result.level == 2


@pytest.mark.parametrize(
    ("people", "expected"),
    [(0, "0.5"), (1, "1"), (29, "1"), (30, "1.2"), (49, "1.2"), (50, "1.5"), (99, "1.5"), (100, "2"), (50_000, "2")],
)
def test_alpha_at_its_boundaries(people: int, expected: str) -> None:
    """Table 5; public code with `> 100` fails at exactly 100."""
    assert alpha(people) == Fraction(expected)


@pytest.mark.parametrize(
    ("tonnes", "r", "level"), [("62.5", "100", 1), ("62.4", "99.84", 2), ("31.25", "50", 2), ("6.25", "10", 3)]
)
def test_chlorine_at_the_boundaries_of_table_6(tonnes: str, r: str, level: int) -> None:
    """Derived from tables 3, 5 and 6 with alpha 2."""
    result = assess([Holding(CL2, tonnes)], 100)
    assert result.r == Fraction(r)
    assert result.level == level


def test_a_sum_of_exactly_one_is_a_major_hazard() -> None:
    """NH3 7 t, Cl2 1 t, LPG 5 t: 0.7 + 0.2 + 0.1. Binary floats give 0.999…"""
    result = assess([Holding(NH3, "7"), Holding(CL2, "1"), Holding(LPG, "5")], 0)
    assert result.s == 1
    assert result.is_major
    below = assess([Holding(NH3, "6.999"), Holding(CL2, "1"), Holding(LPG, "5")], 0)
    assert not below.is_major
    assert below.level is None


def test_the_typed_tables_equal_the_public_copy(shared_data: Path) -> None:
    """Both were read from the same machine-read text; this catches slips of typing, not of the text itself."""
    named = {row["cas"]: row for row in _rows(shared_data / "plume" / "gb18218_beta_alpha_levels.csv") if row["cas"]}
    for cas, row in named.items():
        assert SUBSTANCES[cas].beta == Fraction(row["value"]), row["key"]
    classes = [row for row in _rows(shared_data / "plume" / "gb18218_beta_alpha_levels.csv") if row["key"] in CLASSES]
    assert len(classes) == len(CLASSES)
    for row in classes:
        assert CLASSES[row["key"]] == (Fraction(row["value"]), Fraction(row["threshold_t"])), row["key"]
    thresholds = {
        cas.split("（")[0]: Fraction(row["threshold_t"])
        for row in _rows(shared_data / "plume" / "gb18218_table1_threshold_quantities.csv")
        for cas in row["cas"].split()
    }
    for cas, entry in SUBSTANCES.items():
        if entry.threshold_t is not None:
            assert thresholds[cas] == entry.threshold_t, entry.name


def test_every_fault_is_named_at_once() -> None:
    """An unknown substance and two bad quantities are three sentences."""
    with pytest.raises(InputError) as caught:
        assess([Holding("0-0-0", "1"), Holding(CL2, "-1"), Holding(NH3, "viel")], 5)
    assert len(caught.value.faults) == 3


quantities = st.decimals(min_value=0, max_value=10_000, places=3, allow_nan=False)


@given(st.lists(st.tuples(st.sampled_from(sorted(CLASSES)), quantities), min_size=1, max_size=6), st.integers(0, 500))
def test_more_of_anything_never_makes_a_unit_safer(held: list[tuple[str, object]], people: int) -> None:
    """R grows with quantity and with people; the level number never rises."""
    holdings = [Holding(code, str(tonnes)) for code, tonnes in held]
    less = assess(holdings, people)
    more = assess([*holdings, Holding("J1", "1")], people + 50)
    assert more.r > less.r
    assert less.level is None or (more.level is not None and more.level <= less.level)


@given(st.fractions(min_value=0, max_value=1000))
def test_levels_cover_every_r_once(r: Fraction) -> None:
    """Table 6 leaves no gap."""
    assert level_of(r) == 1 + (r < 100) + (r < 50) + (r < 10)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as handle:
        return list(csv.DictReader(handle))
