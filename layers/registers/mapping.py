"""Which registers are mirrored, from whom, and what do their columns mean? One mapping file for each source."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal, cast

from gis.errors import InputError, MissingError
from layers.styles import SYMBOLS

Place = Literal["none", "point", "enterprise"]
Audience = Literal["public", "internal", "restricted"]
FOLDER = Path(__file__).parent / "sources"
OF_THE_TABLE = ("id", "name", "uscc", "kind", "state", "due_on", "division_code")
"""Columns of a mapping that the register table has itself; all others become attributes."""
OF_THE_PLACE = ("longitude", "latitude")
OF_THE_AGE = ("as_of",)


@dataclass(frozen=True, slots=True)
class Register:
    """
    A mirrored register.

    Attributes
    ----------
    system
        Systems of the two founding documents it answers for, such as ``A08b``.
    place
        ``point``: the file has coordinates; ``enterprise``: it stands where its enterprise stands; ``none``.
    symbol, symbols
        Key of `layers.styles.SYMBOLS` it is drawn with; where what it is drawn with follows from its state, that too.
    columns
        Our name -> (header in the source, English title).
    fixture
        Fictional rows of the sample city; None where the source is not connected there either.
    """

    key: str
    title_zh: str
    title_en: str
    group: str
    owner: str
    source: str
    system: tuple[str, ...]
    audience: Audience
    cadence_s: int
    place: Place
    columns: Mapping[str, tuple[str, str]]
    fixture: Path | None
    symbol: str = "register"
    symbols: Mapping[str, str] = field(default_factory=dict)

    @property
    def attributes(self) -> tuple[str, ...]:
        """Columns kept among the attributes of a row."""
        own = (*OF_THE_TABLE, *OF_THE_PLACE, *OF_THE_AGE)
        return tuple(column for column in self.columns if column not in own)


@cache
def registers() -> Mapping[str, Register]:
    """Every mapping file of the product, by key, in the order of their names."""
    return {path.stem: read(path) for path in sorted(FOLDER.glob("*.toml"))}


def register(key: str) -> Register:
    """
    Give one.

    Raises
    ------
    MissingError
        No such register; the sentence lists those there are.
    """
    found = registers().get(key)
    if found is None:
        raise MissingError(f"there is no register '{key}'; choose one of {', '.join(registers())}")
    return found


def read(path: Path) -> Register:
    """
    Read one mapping file; a CSV of the same name beside it is its fixture.

    Raises
    ------
    InputError
        Every fault of the file.
    """
    said = tomllib.loads(path.read_text(encoding="utf-8"))
    faults = [f"{path.name}: '{key}' is missing" for key in ("title", "owner", "source", "columns") if key not in said]
    columns = said.get("columns", {})
    faults += [f"{path.name}: columns need '{key}'" for key in ("id", "name") if key not in columns]
    faults += [
        f"{path.name}: column '{name}' is not a plain name with [header, English title]"
        for name, titles in columns.items()
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or not isinstance(titles, list) or len(titles) != 2
    ]
    place = said.get("place", "none")
    if place == "point" and not {*OF_THE_PLACE} <= set(columns):
        faults.append(f"{path.name}: place is 'point', so columns need longitude and latitude")
    if place == "enterprise" and "uscc" not in columns:
        faults.append(f"{path.name}: place is 'enterprise', so columns need uscc")
    symbols = said.get("symbols", {})
    faults += [
        f"{path.name}: there is no symbol '{one}'"
        for one in (said.get("symbol", "register"), *symbols.values())
        if one not in SYMBOLS
    ]
    if symbols and "state" not in columns:
        faults.append(f"{path.name}: symbols go by the state, so columns need state")
    if faults:
        raise InputError(faults)
    fixture = path.with_suffix(".csv")
    return Register(
        key=path.stem,
        title_zh=said["title"][0],
        title_en=said["title"][1],
        group=said.get("group", "mirror"),
        owner=said["owner"],
        source=said["source"],
        system=tuple(said.get("system", ())),
        audience=cast(Audience, said.get("audience", "internal")),
        cadence_s=int(said.get("cadence_s", 86400)),
        place=cast(Place, place),
        columns={name: (titles[0], titles[1]) for name, titles in columns.items()},
        fixture=fixture if fixture.is_file() else None,
        symbol=said.get("symbol", "register"),
        symbols=symbols,
    )
