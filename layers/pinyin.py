"""How is this Chinese name typed on a keyboard: in full pinyin, and by initials?"""

from collections.abc import Iterable
from functools import lru_cache

from pypinyin import Style, lazy_pinyin


@lru_cache(maxsize=65536)
def _syllables(part: str) -> tuple[str, ...]:
    return tuple(syllable.lower() for syllable in lazy_pinyin(part, style=Style.NORMAL, errors=lambda rest: list(rest)))


def full(name: str) -> str:
    """
    Pinyin of `name` without tones or spaces; other characters stay, in lower case.

    Examples
    --------
    >>> full("练江三小")
    'lianjiangsanxiao'
    """
    return "".join(_syllables(name))


def initials(name: str) -> str:
    """
    First letters of the syllables of `name`; other characters stay, in lower case.

    Examples
    --------
    >>> initials("演练化工一厂"), initials("重庆路")
    ('ylhgyc', 'cql')
    """
    return "".join(syllable[:1] for syllable in _syllables(name))


def of_parts(parts: Iterable[str]) -> tuple[str, str]:
    """
    Full pinyin and initials of a name given in meaningful parts, so that repeated parts are read once.

    Examples
    --------
    >>> of_parts(("演练", "恒泽", "机械有限公司"))
    ('yanlianhengzejixieyouxiangongsi', 'ylhzjxyxgs')
    """
    syllables = [syllable for part in parts for syllable in _syllables(part)]
    return "".join(syllables), "".join(syllable[:1] for syllable in syllables)
