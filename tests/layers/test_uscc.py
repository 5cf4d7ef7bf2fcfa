"""GB 32100-2015: the published code, all its single errors, and what must hold for any code."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import InputError
from layers.uscc import ALPHABET, WEIGHTS, check_character, is_valid, numbered

PUBLISHED = "91350100M000100Y43"
"""Example of GB 32100-2015: weighted sum 1640, check character 3."""


def test_published_code() -> None:
    """The weighted sum and the check character of the standard's example."""
    assert WEIGHTS == (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
    values = [ALPHABET.index(character) for character in PUBLISHED[:17]]
    assert sum(value * weight for value, weight in zip(values, WEIGHTS, strict=True)) == 1640
    assert check_character(PUBLISHED[:17]) == "3"
    assert is_valid(PUBLISHED)


def test_every_single_substitution_is_refused() -> None:
    """18 places times 30 other characters: 540 wrong codes."""
    wrong = [
        PUBLISHED[:at] + other + PUBLISHED[at + 1 :] for at in range(18) for other in ALPHABET if other != PUBLISHED[at]
    ]
    assert len(wrong) == 540
    assert not any(is_valid(code) for code in wrong)


def test_every_swap_of_unequal_neighbours_is_refused() -> None:
    """13 of the 17 neighbouring pairs differ."""
    swapped = [
        PUBLISHED[:at] + PUBLISHED[at + 1] + PUBLISHED[at] + PUBLISHED[at + 2 :]
        for at in range(17)
        if PUBLISHED[at] != PUBLISHED[at + 1]
    ]
    assert len(swapped) == 13
    assert not any(is_valid(code) for code in swapped)


@pytest.mark.parametrize(
    "text", ["", "91350100M000100Y4", "91350100M000100Y4３", "91350100O000100Y43", "91350100m000100y43"]
)
def test_what_is_not_a_code_is_refused(text: str) -> None:
    """Too short, full-width digits, the letter O, small letters."""
    assert not is_valid(text)


def test_faults_are_said() -> None:
    """Length and foreign characters are named."""
    with pytest.raises(InputError, match="17 stand before"):
        check_character("123")
    with pytest.raises(InputError, match="holds I O"):
        check_character("IO350100M000100Y4")


@given(st.lists(st.integers(0, 9_999_999), min_size=1, max_size=20, unique=True))
def test_many_at_once_are_the_same_as_one_by_one(numbers: list[int]) -> None:
    """The vectorised form agrees with the plain one."""
    codes = numbered("91990000YL", np.array(numbers))
    assert len(set(codes)) == len(numbers)
    assert all(is_valid(code) for code in codes)
