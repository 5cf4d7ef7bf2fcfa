"""What do the texts of a column mean, and which of them mean nothing?"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.clock import DUTY_ZONE
from layers.importing.fields import Field

BLANKS = frozenset(
    {"", "-", "--", "—", "——", "/", "无", "暂无", "空", "n/a", "na", "null", "none", "nan", "nil", "未知", "不详"}
)
_TRUE = frozenset({"1", "true", "yes", "y", "是", "有", "√", "t"})
_FALSE = frozenset({"0", "false", "no", "n", "否", "无", "×", "f"})
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_PLAIN_NUMBERS = re.compile(r"[-+]?\d{1,3}(?:\.\d{1,15})?(?:\n[-+]?\d{1,3}(?:\.\d{1,15})?)*", re.ASCII)
_ANGLE = re.compile(
    r"(?P<sign>[-+]?)(?P<d>\d+(?:\.\d+)?)[°度](?:(?P<m>\d+(?:\.\d+)?)['′分](?:(?P<s>\d+(?:\.\d+)?)(?:[\"″秒]|′′)?)?)?"
)

Bools = NDArray[np.bool_]


MASKED = "**"
"""What every mask of `gis.masking` holds."""


def read_column(texts: pd.Series, field: Field) -> tuple[pd.Series, Bools, Bools]:
    """
    Values of one column.

    Returns
    -------
    values, blank, wrong
        Typed values (missing where blank or wrong), and which rows are blank and which cannot be read.
    """
    # Registers repeat themselves: every different text is read once.
    places, different = pd.factorize(texts.astype(object))
    if field.kind == "degrees" and (numbers := _plain_numbers(different.tolist())) is not None:
        none = np.zeros(len(texts), bool)
        return pd.Series(numbers[places], index=texts.index, dtype=object), none, none.copy()
    cleaned = [unicodedata.normalize("NFKC", str(text)).strip() for text in different]
    blank = np.array([text.lower() in BLANKS for text in cleaned], bool)
    if field.kind == "boolean":
        blank = np.array([text == "" for text in cleaned], bool)
    if field.personal:
        # An export shows 138****5678; put into the register it would be all that is left of the number.
        blank |= np.array([MASKED in text for text in cleaned], bool)
    read = _READERS.get(field.kind, _text)
    values = [None if empty else read(text, field) for text, empty in zip(cleaned, blank, strict=True)]
    if field.kind == "text":
        # As it was written: full-width letters are part of a name.
        values = [
            None if empty else _text(str(text).strip(), field) for text, empty in zip(different, blank, strict=True)
        ]
    wrong = np.array([value is None and not empty for value, empty in zip(values, blank, strict=True)], bool)
    column = np.empty(len(values), object)
    column[:] = values
    series = pd.Series(column[places], index=texts.index, dtype=object)
    return series, blank[places], wrong[places]


def moments(column: pd.Series) -> pd.Series:
    """A column of moments as what pandas computes with, in UTC; a register repeats them, so each is made once."""
    places, different = pd.factorize(column.astype(object))
    made = pd.DatetimeIndex(pd.to_datetime(pd.Series(different, dtype=object), utc=True).astype("datetime64[us, UTC]"))
    return pd.Series(made.append(pd.DatetimeIndex([pd.NaT], dtype=made.dtype))[places], index=column.index)


def _plain_numbers(texts: Sequence[str]) -> NDArray[np.float64] | None:
    """Sixty thousand degrees at once where every one is digits and a point; None where one asks for more thought."""
    together = "\n".join(texts)
    plain = together.count("\n") == len(texts) - 1 and _PLAIN_NUMBERS.fullmatch(together)
    return np.array(texts, dtype=float) if plain else None


def _text(text: str, field: Field) -> str:
    """Text as it is; a word we have a code for becomes the code."""
    return str(_spoken(field.choices).get(text.lower(), text)) if field.choices else text


def _number(text: str, field: Field) -> float | None:
    found = _NUMBER.match(text.replace(",", ""))
    if found is None:
        return None
    rest = text.replace(",", "")[found.end() :].strip()
    # A unit behind the figure is let be; another figure is not.
    if re.search(r"\d", rest) or len(rest) > 6:
        return None
    value = float(found[0])
    if not np.isfinite(value) or (field.lowest is not None and value < field.lowest):
        return None
    return None if field.highest is not None and value > field.highest else value


def _integer(text: str, field: Field) -> int | None:
    value = _number(text, field)
    return int(value) if value is not None and value == int(value) else None


def _boolean(text: str, _field: Field) -> bool | None:
    lower = text.lower()
    return True if lower in _TRUE else False if lower in _FALSE else None


def _spoken(choices: Mapping[Any, tuple[str, str]]) -> dict[str, Any]:
    spoken: dict[str, Any] = {}
    for code, titles in choices.items():
        for name in (str(code), *titles):
            spoken[name.lower()] = code
        if titles[0].endswith(("级", "型", "类")):
            spoken.setdefault(titles[0][:-1], code)
    return spoken


def _code(text: str, field: Field) -> Any:
    spoken = _spoken(field.choices)
    lower = text.lower()
    if lower in spoken:
        return spoken[lower]
    named = [code for name, code in spoken.items() if len(name) >= 2 and (name in lower or lower in name)]
    return named[0] if len(set(named)) == 1 else None


def _codes(text: str, field: Field) -> list[Any] | None:
    spoken = _spoken(field.choices)
    parts = [part.strip().lower() for part in re.split(r"[、,，;；|/\s\[\]'\"{}]+", text) if part.strip()]
    found = [spoken.get(part) for part in parts]
    return None if None in found else list(dict.fromkeys(found))


def _uscc(text: str, _field: Field) -> str:
    return re.sub(r"[\s-]", "", text).upper()


def degrees(text: str) -> float | None:
    """
    Degrees written as a number or with °, ′ and ″; None for anything else.

    Examples
    --------
    >>> degrees("118.7124"), degrees("118°42′44.64″"), degrees("E118.7"), degrees("abc")
    (118.7124, 118.7124, 118.7, None)
    """
    plain = text.strip().strip("EeNn东经北纬").strip()
    if _NUMBER.fullmatch(plain):
        value = float(plain)
        return value if np.isfinite(value) else None
    found = _ANGLE.fullmatch(plain)
    if found is None:
        return None
    size = float(found["d"]) + float(found["m"] or 0) / 60 + float(found["s"] or 0) / 3600
    return round(-size if found["sign"] == "-" else size, 10)


def _moment(text: str, _field: Field) -> pd.Timestamp | None:
    written = re.sub(r"[年月/.](?=\d)", "-", text).replace("日", " ").rstrip("年月-")
    if re.fullmatch(r"\d{8}", written):
        written = f"{written[:4]}-{written[4:6]}-{written[6:]}"
    elif re.fullmatch(r"\d{5}(\.\d+)?", written):
        # A day number of Excel that lost its format.
        return pd.Timestamp("1899-12-30", tz=DUTY_ZONE) + pd.Timedelta(days=float(written))
    try:
        found = pd.Timestamp(written.strip())
    except (ValueError, OverflowError):
        return None
    if pd.isna(found) or not 1900 <= found.year <= 2200:
        return None
    return found.tz_localize(DUTY_ZONE) if found.tzinfo is None else found


def _day(text: str, field: Field) -> Any:
    found = _moment(text, field)
    return found.date() if found is not None else None


_READERS: Mapping[str, Callable[[str, Field], Any]] = {
    "number": _number, "integer": _integer, "boolean": _boolean, "code": _code, "codes": _codes, "uscc": _uscc,
    "degrees": lambda text, _field: degrees(text), "moment": _moment, "day": _day,
}  # fmt: skip
