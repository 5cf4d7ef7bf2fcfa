"""A title the house gave by itself stands in the record as it was written: how does it read in the other language?"""

import re
from functools import cache

from command_ui.words.alarms import ALARMS
from command_ui.words.speaking import Language, say

_PATTERNS = (
    "alarm.unanswered",
    "alarm.silent.gateway",
    "alarm.silent.points",
    "alarm.silent.point",
    "alarm.silent.cameras",
    "alarm.by_phone",
)
"""Titles that alarms are given, the narrow ones before the wide; {count} is a number, {name} anything."""
_PLACES = ("call.place", "silence.place", "silence.place.others")
"""What stands below such a title."""
_QUANTITIES = ("combustible", "pressure", "level", "temperature", "rain", "water_level", "wind")
_FIGURE = r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?(?: ?[^\s\d]\S*)?"
"""18.4 ppm, 12 %LEL, 1e+03 mm/h: what stands behind the name of a quantity."""


def title_in(title: str, language: Language) -> str:
    """
    Word a title that was made of an alarm in a language; what a person wrote, or a device, stays as it is.

    Examples
    --------
    >>> title_in("查岗未应答 演练储运二库", "en")
    '演练储运二库: roll-call not answered'
    >>> title_in("演练储运二库: roll-call not answered", "zh")
    '查岗未应答 演练储运二库'
    >>> title_in("环城西路 可燃气 12 %LEL", "en")
    '环城西路 Combustible 12 %LEL'
    """
    return _worded(title, _PATTERNS, language) or _quantity(title, language) or title


def place_in(place: str, language: Language) -> str:
    """
    Word what stands below such a title, as `title_in`.

    Examples
    --------
    >>> place_in("10000000001 · 第 2 次", "en")
    '10000000001 · attempt 2'
    """
    return _worded(place, _PLACES, language) or place


def heading_in(text: str, language: Language) -> str:
    """
    Word what begins with such a title and goes on with a name of its own behind a dot, as messages between nodes do.

    Examples
    --------
    >>> heading_in("查岗未应答 演练储运二库 · 事故快报", "en")
    '演练储运二库: roll-call not answered · 事故快报'
    """
    whole = title_in(text, language)
    head, dot, rest = text.rpartition(" · ")
    return f"{title_in(head, language)}{dot}{rest}" if dot and whole == text else whole


def both(title: str) -> "str | dict[str, str]":
    """A title as both languages say it, for who passes it on to readers of either; one text where they do not differ."""
    zh, en = title_in(title, "zh"), title_in(title, "en")
    return title if zh == en else {"zh": zh, "en": en}


def both_places(place: str) -> "str | dict[str, str]":
    """What stands below a title, as `both`."""
    zh, en = place_in(place, "zh"), place_in(place, "en")
    return place if zh == en else {"zh": zh, "en": en}


def _worded(text: str, codes: tuple[str, ...], language: Language) -> str | None:
    for code in codes:
        for pattern in _patterns(code):
            if found := pattern.fullmatch(text):
                return say(code, language, **found.groupdict())
    return None


@cache
def _patterns(code: str) -> tuple[re.Pattern[str], ...]:
    kinds = {"count": r"\d+", "name": r".+"}

    def group(found: re.Match[str]) -> str:
        return f"(?P<{found[1]}>{kinds[found[1]]})"

    return tuple(re.compile(re.sub(r"\\\{(\w+)\\\}", group, re.escape(said))) for said in ALARMS[code])


def _quantity(text: str, language: Language) -> str | None:
    for code in _QUANTITIES:
        for said in ALARMS[f"quantity.{code}"]:
            if found := re.fullmatch(rf"(?P<where>.+ )?{re.escape(said)} (?P<figure>{_FIGURE})", text):
                return f"{found['where'] or ''}{say(f'quantity.{code}', language)} {found['figure']}"
    return None
