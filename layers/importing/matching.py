"""Which header of the file is which column of the layer?"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from gis.datum import Datum
from gis.errors import InputError, MissingError
from layers.importing.fields import Field

How = Literal["exact", "similar", "given"]
_UNIT = re.compile(r"[（(\[【][^）)\]】]*[）)\]】]")


@dataclass(frozen=True, slots=True)
class Match:
    """A header and the column it was taken for."""

    header: str
    column: str
    how: How


@dataclass(frozen=True, slots=True)
class Mapped:
    """
    How a file's headers were understood.

    Attributes
    ----------
    unused
        Headers nobody takes.
    absent
        Columns the layer must have and no header gives.
    """

    matches: tuple[Match, ...]
    unused: tuple[str, ...]
    absent: tuple[Field, ...]

    @property
    def columns(self) -> dict[str, str]:
        """Column -> header."""
        return {match.column: match.header for match in self.matches}


def match(
    headers: Sequence[str], fields: Sequence[Field], given: Mapping[str, str] | None = None, *, placed: bool = False
) -> Mapped:
    """
    Match headers with columns: by the mapping given, then by name, then by likeness; each header is used once.

    Parameters
    ----------
    given
        Header -> column; an empty column says that the header is not used.
    placed
        Whether the file has geometry of its own, so that no coordinate columns are needed.

    Raises
    ------
    InputError
        The mapping names headers or columns there are not.
    """
    given = dict(given or {})
    known = {field.column for field in fields}
    faults = [
        f"the mapping names the header '{one}', which the file does not have" for one in given if one not in headers
    ]
    faults += [
        f"the mapping names the column '{one}', which the layer does not take"
        for one in given.values()
        if one and one not in known
    ]
    twice = {one for one in given.values() if one and list(given.values()).count(one) > 1}
    faults += [f"the mapping gives the column '{one}' to more than one header" for one in sorted(twice)]
    if faults:
        raise InputError(faults)
    found: dict[str, Match] = {column: Match(header, column, "given") for header, column in given.items() if column}
    free = [header for header in headers if header not in given]
    for how in (_same, _alike):
        for field in fields:
            if field.column in found or (placed and field.kind == "degrees"):
                continue
            names = [plain(name) for name in (field.title_zh, field.title_en, field.column, *field.aliases)]
            best = how(names, free)
            if best is not None:
                found[field.column] = Match(best, field.column, "exact" if how is _same else "similar")
                free.remove(best)
    ordered = tuple(found[field.column] for field in fields if field.column in found)
    absent = tuple(
        field for field in fields
        if field.column not in found and (field.given or (field.kind == "degrees" and not placed))
    )  # fmt: skip
    used = {one.header for one in ordered}
    return Mapped(ordered, tuple(header for header in headers if header not in used), absent)


def plain(header: str) -> str:
    """
    Header without width, case, units, spaces and punctuation.

    Examples
    --------
    >>> plain(" 经度（°） "), plain("Credit_Code"), plain("＊企业名称")
    ('经度', 'creditcode', '企业名称')
    """
    text = unicodedata.normalize("NFKC", header).lower()
    text = _UNIT.sub("", text)
    return re.sub(r"[^0-9a-z\u4e00-\u9fff²³°]+", "", text).rstrip("°")


def _same(names: Sequence[str], headers: Sequence[str]) -> str | None:
    by_plain = {plain(header): header for header in reversed(headers)}
    return next((by_plain[name] for name in names if name in by_plain), None)


def _alike(names: Sequence[str], headers: Sequence[str]) -> str | None:
    """Header that holds one of the names, the longest name first; a name of one letter is like anything."""
    for name in sorted((name for name in names if len(name) >= 2), key=len, reverse=True):
        for header in headers:
            shown = plain(header)
            long_enough = len(name) >= 3 or not name.isascii()
            if long_enough and name in shown and len(shown) <= 3 * len(name):
                return header
    return None


@dataclass(frozen=True, slots=True)
class MappingFile:
    """What a mapping file says: header -> column, and what the degrees mean."""

    columns: Mapping[str, str]
    datum: Datum | None


def read_mapping(path: Path) -> MappingFile:
    """
    Read a mapping in TOML: a table ``[columns]`` of ``"header" = "column"`` and, if wanted, ``datum``.

    Raises
    ------
    MissingError
        No such file.
    InputError
        Not readable, or not of this form.
    """
    if not path.is_file():
        raise MissingError(f"{path} is not there")
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path.name}: not readable as TOML: {error}") from error
    columns = said.get("columns", {})
    datum = said.get("datum")
    if not isinstance(columns, dict) or not all(isinstance(value, str) for value in columns.values()):
        raise InputError(f"{path.name}: [columns] must pair headers with column names")
    if datum not in (None, "cgcs2000", "wgs84", "gcj02", "bd09"):
        raise InputError(f"{path.name}: datum is '{datum}'; it is cgcs2000, wgs84, gcj02 or bd09")
    return MappingFile(columns, cast("Datum | None", datum))
