"""Where is it? One box for names, pinyin initials, credit codes and addresses."""

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, case, func, literal, or_, select, union_all

from gis.errors import InputError
from layers.rows import standing
from layers.tables import Base

LONGEST = 80
_CODE = re.compile(r"[0-9A-HJ-NP-RT-UW-Y]{6,18}", re.IGNORECASE)
_LATIN = re.compile(r"[A-Za-z0-9]+")

# Table, its layer, the columns beside the name that are searched, and what is shown beneath the name.
_SEARCHED: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("protection_target", ("pinyin",), "address"),
    ("shelter", ("pinyin",), "kind"),
    ("rescue_team", ("pinyin",), "kind"),
    ("store", ("pinyin",), "owner"),
    ("enterprise", ("pinyin",), "address"),
)


@dataclass(frozen=True, slots=True)
class Hit:
    """
    One thing found.

    Attributes
    ----------
    layer, id
        What `dossier` takes.
    detail
        Address, kind or owner, whatever helps to tell two of the same name apart.
    matched
        ``name``, ``initials``, ``pinyin``, ``uscc`` or ``address``.
    """

    layer: str
    id: str
    name: str
    detail: str
    longitude: float
    latitude: float
    matched: str


def search(connection: Connection, text: str, limit: int = 20) -> list[Hit]:
    """
    Find standing rows by `text`: exact names first, then beginnings, then parts; among equals the riskier first.

    Chinese text is looked for in names and addresses, Latin text in initials and full pinyin, and 6 to 18 characters
    of the alphabet of credit codes in those.

    Raises
    ------
    InputError
        Empty or too long text, or a limit outside 1 to 200.
    """
    wanted = text.strip()
    if not wanted or len(wanted) > LONGEST:
        raise InputError(f"search for 1 to {LONGEST} characters, not {len(wanted)}")
    if not 1 <= limit <= 200:
        raise InputError(f"limit is {limit}; ask for 1 to 200 results")
    plain = _escaped(wanted)
    lower = plain.lower()
    is_latin = _LATIN.fullmatch(wanted) is not None
    parts: list[Any] = []
    for name, sounds, detail in _SEARCHED:
        table = Base.metadata.tables[f"layers.{name}"]
        ways: list[tuple[Any, int, str]] = [(table.c.name == wanted, 0, "name")]
        if is_latin:
            ways.append((table.c.initials == wanted.lower(), 1, "initials"))
            ways.append((table.c.initials.like(f"{lower}%"), 2, "initials"))
            if name == "enterprise" and _CODE.fullmatch(wanted):
                ways.append((table.c.uscc.like(f"{plain.upper()}%"), 0, "uscc"))
            ways.append((table.c.initials.like(f"%{lower}%"), 4, "initials"))
            if len(wanted) >= 4:
                ways.extend((table.c[sound].like(f"%{lower}%"), 5, sound) for sound in sounds)
        ways.append((table.c.name.ilike(f"{plain}%"), 1, "name"))
        ways.append((table.c.name.ilike(f"%{plain}%"), 3, "name"))
        if not is_latin and "address" in table.c:
            ways.append((table.c.address.like(f"%{plain}%"), 6, "address"))
        rank = case(*[(condition, place) for condition, place, _ in ways], else_=9)
        matched = case(*[(condition, literal(kind)) for condition, _, kind in ways], else_=literal("name"))
        parts.append(
            select(
                literal(name).label("layer"),
                table.c.id,
                table.c.name,
                table.c[detail].label("detail"),
                func.ST_X(table.c.geometry).label("longitude"),
                func.ST_Y(table.c.geometry).label("latitude"),
                matched.label("matched"),
                rank.label("rank"),
                func.length(table.c.name).label("size"),
                table.c.risk_rank,
            )
            .where(standing(table) & or_(*[condition for condition, _, _ in ways]))
            .order_by(rank, table.c.risk_rank.desc(), func.length(table.c.name), table.c.id)
            .limit(limit)
        )
    found = union_all(*[part.subquery().select() for part in parts]).subquery()
    rows = connection.execute(
        select(found).order_by(found.c.rank, found.c.risk_rank.desc(), found.c.size, found.c.id).limit(limit)
    ).mappings()
    return [
        Hit(
            row["layer"], row["id"], row["name"], row["detail"] or "", row["longitude"], row["latitude"], row["matched"]
        )
        for row in rows
    ]


def _escaped(text: str) -> str:
    """Percent and underscore are text here, not wildcards."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
