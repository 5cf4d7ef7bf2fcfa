"""Is this unified social credit code 统一社会信用代码 well formed? (GB 32100-2015)"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gis.errors import InputError

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""31 characters: digits and capitals without I, O, S, V, Z."""
WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
"""W_i = 3^(i-1) mod 31."""

_VALUE = {character: value for value, character in enumerate(ALPHABET)}


def check_character(first_seventeen: str) -> str:
    """
    Return the 18th character: C18 = (31 - sum(C_i W_i) mod 31) mod 31.

    Raises
    ------
    InputError
        Not 17 characters of the alphabet.

    Examples
    --------
    >>> check_character("91350100M000100Y4")
    '3'
    """
    if len(first_seventeen) != 17:
        raise InputError(
            f"'{first_seventeen}' has {len(first_seventeen)} characters; 17 stand before the check character"
        )
    wrong = sorted({character for character in first_seventeen if character not in _VALUE})
    if wrong:
        raise InputError(f"'{first_seventeen}' holds {' '.join(wrong)}, which the code does not use")
    total = sum(_VALUE[character] * weight for character, weight in zip(first_seventeen, WEIGHTS, strict=True))
    return ALPHABET[(31 - total % 31) % 31]


def is_valid(code: str) -> bool:
    """
    Whether `code` has 18 allowed characters and the right check character; not whether such a firm exists.

    Examples
    --------
    >>> is_valid("91350100M000100Y43"), is_valid("91350100M000100Y34")
    (True, False)
    """
    return len(code) == 18 and all(character in _VALUE for character in code) and check_character(code[:17]) == code[17]


def are_valid(codes: Sequence[str]) -> NDArray[np.bool_]:
    """
    `is_valid` for many codes at once, shape ``(n,)``.

    Examples
    --------
    >>> are_valid(["91350100M000100Y43", "91350100M000100Y34", "short", ""]).tolist()
    [True, False, False, False]
    """
    if len(codes) == 0:
        return np.zeros(0, bool)
    letters = np.array(codes, dtype="U19")
    # A code point of the first 128 -> its value, or -1; anything beyond is no character of the code.
    table = np.full(129, -1, np.int64)
    table[[ord(character) for character in ALPHABET]] = np.arange(len(ALPHABET))
    points = np.minimum(letters.view(np.uint32).reshape(len(codes), 19), 128)
    values = table[points[:, :18]]
    total = (np.where(values[:, :17] < 0, 0, values[:, :17]) * np.array(WEIGHTS)).sum(axis=1)
    sound = (values >= 0).all(axis=1) & (points[:, 18] == 0)
    answer: NDArray[np.bool_] = sound & ((31 - total % 31) % 31 == values[:, 17])
    return answer


def numbered(prefix: str, numbers: NDArray[np.int64]) -> list[str]:
    """
    Codes ``prefix + seven digits + check`` for many numbers at once.

    Examples
    --------
    >>> numbered("91990000YL", np.array([17]))
    ['91990000YL0000017R']
    """
    values = np.array([_VALUE[character] for character in prefix], dtype=np.int64)
    digits = numbers[:, None] // 10 ** np.arange(6, -1, -1) % 10
    weights = np.array(WEIGHTS)
    total = (values * weights[:10]).sum() + (digits * weights[10:]).sum(axis=1)
    checks = (31 - total % 31) % 31
    return [f"{prefix}{number:07d}{ALPHABET[check]}" for number, check in zip(numbers, checks, strict=True)]
