"""What may be shown of a name, a telephone number or a sentence that holds them? Texts in, masked texts out."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Literal

Kind = Literal["name", "phone", "party", "words"]
"""
``name`` a person; ``phone`` a number; ``party`` who spoke, a post or a person; ``words`` a sentence, of which only
numbers are masked.
"""
Keys = Mapping[str, "Kind | Keys"]
"""Key of a JSON object -> what its text is, or what lies below it; ``*`` stands for every other text below."""

# A mobile or landline number and an identity number, but no part of a longer figure, of a hash or of a coordinate.
_NUMBER = re.compile(
    r"(?<![0-9A-Za-z._-])(?:\+?86[ -]?)?(?:1\d{2}[ -]?\d{4}[ -]?\d{4}|0\d{2,3}[ -]?\d{7,8}|\d{17}[\dXx])"
    r"(?![0-9A-Za-z]|[._-]\d)"
)
# In a field that holds a number and nothing else every way of writing one counts, but not 110, 119 or 12350.
_LONG = re.compile(r"\+?\d(?:[ ()-]*\d){5,}")
_POST = re.compile(
    r"^.*(?:室|队|局|处|科|股|组|中心|所|站|部|厅|委|办|公司|集团|厂|库|企业|医院|学校|大学|街道|镇|乡|村|社区|园区|平台|系统|热线|12350)"
    r"|^.{2,}(?:省|市|州|县|区)(?=\s|$)"
)
_MARK = re.compile(r"[（(][^（）()]*演练[^（）()]*[）)]$")


def name(text: str) -> str:
    """
    First character only; the length is hidden too.

    Examples
    --------
    >>> name("张三"), name("Li Si"), name("")
    ('张**', 'L**', '')
    """
    plain = text.strip()
    return f"{plain[0]}**" if plain else ""


def phone(text: str) -> str:
    """
    First three and last four digits of a long number; short public numbers stay.

    Examples
    --------
    >>> phone("13812345678"), phone("0519-8812345"), phone("62345678"), phone("119")
    ('138****5678', '051****2345', '62****78', '119')
    """
    return _LONG.sub(_shortened, text)


def words(text: str) -> str:
    """
    Mask the telephone and identity numbers in a sentence and nothing else.

    Examples
    --------
    >>> words("过路司机 13812345678 报告，距罐区 150 m")
    '过路司机 138****5678 报告，距罐区 150 m'
    >>> words("run 1381234567890, 118.13812345678°E")
    'run 1381234567890, 118.13812345678°E'
    """
    return _NUMBER.sub(_shortened, text)


def party(text: str) -> str:
    """
    Keep the post and mask the person behind it.

    Examples
    --------
    >>> party("企业值班室（演练）"), party("滨江化工厂 王五 13812345678"), party("过路司机（演练）")
    ('企业值班室（演练）', '滨江化工厂 王**', '过**（演练）')
    >>> party("演练省"), party("滨江区 王五")
    ('演练省', '滨江区 王**')
    """
    plain = text.strip()
    mark = _MARK.search(plain)
    body = plain[: mark.start()] if mark else plain
    post = _POST.match(body)
    kept = post.group() if post else ""
    person = body[len(kept) :].strip()
    between = " " if kept and body[len(kept) :].startswith(" ") else ""
    return f"{phone(kept)}{between}{name(person)}{mark.group() if mark else ''}"


MASKS: Mapping[Kind, Callable[[str], str]] = {"name": name, "phone": phone, "party": party, "words": words}


def of_kind(kind: Kind, value: object) -> object:
    """Mask texts, alone or in a list; what is no text stays."""
    if isinstance(value, str):
        return MASKS[kind](value)
    if isinstance(value, list | tuple):
        return [of_kind(kind, one) for one in value]
    return value


def in_json(value: Any, keys: Keys) -> Any:
    """
    Mask what `keys` name, at any depth; the value itself is not changed.

    Examples
    --------
    >>> in_json({"contacts": [{"role": "组长", "phone": "13812345678"}], "title": "预案"}, {"phone": "phone"})
    {'contacts': [{'role': '组长', 'phone': '138****5678'}], 'title': '预案'}
    """
    if isinstance(value, dict):
        return {key: _under(key, one, keys) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [in_json(one, keys) for one in value]
    every = keys.get("*")
    return words(value) if isinstance(value, str) and every == "words" else value


def _under(key: str, value: Any, keys: Keys) -> Any:
    found = keys.get(key)
    if found is None:
        return in_json(value, keys)
    if isinstance(found, Mapping):
        return in_json(value, found)
    return of_kind(found, value) if not isinstance(value, dict) else in_json(value, keys)


def _shortened(found: re.Match[str]) -> str:
    said = found.group()
    figures = "".join(one for one in said if one.isalnum())
    if len(figures) < 7:
        return "****"
    return f"{figures[:3]}****{figures[-4:]}" if len(figures) > 8 else f"{figures[:2]}****{figures[-2:]}"
