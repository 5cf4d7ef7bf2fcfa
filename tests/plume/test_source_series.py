"""Does a source term keep its mass, whatever is done to it, and refuse what cannot be?"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import InputError
from plume.source import series


def test_continuous_releases_rate_times_duration() -> None:
    term = series.continuous(2.0, 600.0)
    assert term.total_mass_kg == pytest.approx(1200.0, rel=1e-12)
    assert term.rate_at([-1.0, 0.0, 599.9, 600.0]).tolist() == [0.0, 2.0, 2.0, 0.0]


def test_instantaneous_is_marked_and_keeps_its_mass() -> None:
    term = series.instantaneous(100.0, 250.0)
    assert term.instantaneous
    assert term.integral_kg() == pytest.approx(100.0, rel=1e-12)


def test_table_rows_hold_until_the_next_one() -> None:
    term = series.table([0, 60, 120], [1.0, 3.0, 0.0])
    assert term.total_mass_kg == pytest.approx(240.0)
    assert term.released_kg([60.0, 90.0, 500.0]).tolist() == [60.0, 150.0, 240.0]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0.0, 50.0), min_size=7, max_size=300).filter(lambda rates: sum(rates) > 1e-3))
def test_five_steps_keep_the_mass(rates: list[float]) -> None:
    time = np.cumsum(np.linspace(1.0, 9.0, len(rates)))
    term = series.steps(time, rates, float(time[-1]) + 5.0, 280.0, method="test")
    reduced = term.in_steps()
    assert reduced.time_s.size <= 5
    assert reduced.total_mass_kg == pytest.approx(term.total_mass_kg, rel=1e-9)


def test_five_steps_find_the_true_steps() -> None:
    rates = np.repeat([5.0, 1.0, 0.2], [10, 40, 50])
    term = series.steps(np.arange(100.0), rates, 100.0, 280.0, method="test").in_steps(3)
    assert term.time_s.tolist() == [0.0, 10.0, 50.0]
    assert term.rate_kg_s == pytest.approx([5.0, 1.0, 0.2])


def test_sustained_rate_is_the_worst_minute() -> None:
    term = series.table([0, 30, 600], [10.0, 2.0, 0.0])
    assert term.sustained_rate_kg_s() == pytest.approx(6.0)


def test_cut_at_the_horizon_keeps_what_was_released_until_then() -> None:
    term = series.continuous(1.0, 7200.0).cut_at(3600.0)
    assert term.total_mass_kg == pytest.approx(3600.0)
    assert "cut_at_horizon" in term.notes


@pytest.mark.parametrize(
    ("build", "word"),
    [
        (lambda: series.continuous(-1.0, 60.0), "rate -1"),
        (lambda: series.continuous(1.0, 0.0), "duration 0"),
        (lambda: series.instantaneous(0.0), "mass 0"),
        (lambda: series.table([0, 10, 5], [1, 1, 0]), "rise"),
        (lambda: series.table([0, 10], [1, 1]), "last rate"),
        (lambda: series.table([0, 10, 20], [1, -1, 0]), "negative"),
        (lambda: series.steps([0.0], [1.0], 10.0, -5.0, method="x"), "absolute zero"),
        (lambda: series.steps([0.0], [1.0], 10.0, 280.0, 1.2, method="x"), "vapour fraction"),
        (lambda: series.steps([0.0], [1.0], 10.0, 280.0, method="x", spilled_mass_kg=5.0), "spilled"),
        (lambda: series.steps([0.0, 1.0], [np.nan, 1.0], 10.0, 280.0, method="x"), "finite"),
    ],
)
def test_bad_input_is_one_clear_sentence(build, word: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match=word):
        build()


def test_mass_that_disagrees_with_the_rate_is_refused() -> None:
    one = np.ones(1)
    with pytest.raises(InputError, match="agree"):
        series.SourceTerm(one * 0, one, one * 280, one, 10.0, 11.0, "x")
