"""Where is it? One box for names, pinyin, credit codes, addresses, divisions, coordinates and dangerous substances."""

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, Connection, Table, Text, case, cast, func, literal, or_, select, union_all

from gis.crs import LonLat
from gis.errors import InputError
from layers import catalogue, holders, pinyin
from layers.coordinates import place_in
from layers.rows import belongs, standing, table_of
from layers.tables import Base

LONGEST = 80
_CODE = re.compile(r"[0-9A-HJ-NP-RT-UW-Y]{6,18}", re.IGNORECASE)
_LATIN = re.compile(r"[A-Za-z0-9]+")
_HAS_LATIN = re.compile(r"[A-Za-z]")
_BIGRAMS = frozenset({"enterprise"})
"""Tables whose names and addresses are indexed by pairs of characters."""
_DIVISION = re.compile(r"\d{6}|\d{9}|\d{12}")

# Small tables of named points: the columns beside the name that are searched, and what is shown beneath the name.
_SMALL: tuple[tuple[str, str], ...] = (
    ("protection_target", "address"),
    ("shelter", "kind"),
    ("rescue_team", "kind"),
    ("store", "owner"),
)
# What has a name or a number and no sounds of its own: units, detectors, cameras, parks; the second column is searched
# as well and shown beneath the name.
_BARE: tuple[tuple[str, str], ...] = (
    ("hazard_source", "enterprise_name"),
    ("tag_gas", "place"),
    ("tag_water", "place"),
    ("camera", ""),
    ("admin_zone", "kind"),
)


@dataclass(frozen=True, slots=True)
class Hit:
    """
    One thing found.

    Attributes
    ----------
    layer, id
        What `dossier` takes; both empty for a bare coordinate.
    detail
        Address, kind or owner, whatever helps to tell two of the same name apart; the substance of a holder.
    matched
        ``name``, ``initials``, ``pinyin``, ``uscc``, ``address``, ``division``, ``coordinate`` or ``holds``.
    distance_m, stock_t
        Of a holder: how far from the place asked about, and how much it has.
    """

    layer: str
    id: str
    name: str
    detail: str
    longitude: float
    latitude: float
    matched: str
    distance_m: float | None = None
    stock_t: float | None = None


def search(
    connection: Connection, text: str, limit: int = 20, near: LonLat | None = None, within_m: float = holders.WITHIN_M
) -> list[Hit]:
    """
    Find standing rows by `text`: exact names first, then beginnings, then parts; among equals the riskier first.

    A coordinate in any common notation is a place; the name, CAS or UN number of a dangerous substance lists who holds
    it within `within_m` of `near` before anything of that name. Chinese text is looked for in names and addresses,
    Latin text in initials and full pinyin, and 6 to 18 characters of the alphabet of credit codes in those.

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
    place = place_in(wanted)
    if place is not None:
        said = f"{place.longitude:.6f}°E {place.latitude:.6f}°N"
        return [Hit("", "", said, "", place.longitude, place.latitude, "coordinate")]
    found: list[Hit] = []
    cas = holders.substance_of(wanted)
    if cas is not None:
        found = [_holder(one) for one in holders.holders(connection, cas, near, within_m, limit)]
    found += _divisions(connection, wanted, limit)
    found += _small(connection, wanted, limit)
    ranked = [(_rank(hit, wanted), at, hit) for at, hit in enumerate(found)]
    if len(found) < limit or min(rank for rank, _, _ in ranked) > 0:
        firms = _enterprises(connection, wanted, limit)
        ranked += [(_rank(hit, wanted), len(found) + at, hit) for at, hit in enumerate(firms)]
    # Of things found alike a plant comes before its cameras and detectors.
    held = {hit.id for hit in found if hit.matched == "holds"}
    bare = [hit for hit in _bare(connection, wanted, limit) if hit.id not in held]
    ranked += [(_rank(hit, wanted), len(ranked) + at, hit) for at, hit in enumerate(bare)]
    ranked.sort(key=lambda one: (one[0], one[1]))
    return [hit for _, _, hit in ranked[:limit]]


def _holder(one: holders.Holder) -> Hit:
    name = f"{one.enterprise_name} {one.name}"
    return Hit(
        "hazard_source", one.id, name, one.substance, one.longitude, one.latitude, "holds", one.distance_m, one.stock_t
    )


def _rank(hit: Hit, wanted: str) -> int:
    """Small is better: what a person typed in full, then beginnings, then parts."""
    if hit.matched == "holds":
        return 0
    if hit.name == wanted or hit.matched in ("uscc", "division"):
        return 1
    if hit.matched == "name":
        return 2 if hit.name.lower().startswith(wanted.lower()) else 4
    return {"initials": 3, "pinyin": 5, "address": 6}.get(hit.matched, 7)


def _divisions(connection: Connection, wanted: str, limit: int) -> list[Hit]:
    """Divisions by name, code or pinyin; there are few, so their sounds are made on the way."""
    table = Base.metadata.tables["layers.division"]
    middle = func.ST_PointOnSurface(table.c.geometry)
    by_code = _DIVISION.fullmatch(wanted) is not None
    is_latin = _LATIN.fullmatch(wanted) is not None
    if is_latin and not by_code and len(wanted) < 2:
        return []
    if not is_latin or by_code:
        condition = table.c.id == wanted if by_code else table.c.name.like(f"%{_escaped(wanted)}%")
        kinds = None
    else:
        names = connection.execute(select(table.c.id, table.c.name).where(standing(table))).all()
        kinds = {row_id: kind for row_id, name in names if (kind := _sounds_like(name, wanted))}
        if not kinds:
            return []
        condition = table.c.id.in_(list(kinds)[:limit])
    placed = connection.execute(
        select(table.c.id, table.c.name, func.ST_X(middle), func.ST_Y(middle))
        .where(standing(table) & condition)
        .order_by(func.length(table.c.id), table.c.id)
        .limit(limit)
    )
    return [
        Hit("division", one[0], one[1], one[0], float(one[2]), float(one[3]), kinds[one[0]] if kinds else "division")
        for one in placed
    ]


def _sounds_like(name: str, wanted: str) -> str:
    if pinyin.initials(name).startswith(wanted.lower()):
        return "initials"
    return "pinyin" if len(wanted) >= 4 and wanted.lower() in pinyin.full(name) else ""


def _small(connection: Connection, wanted: str, limit: int) -> list[Hit]:
    """Named points of the small registers in one question."""
    parts: list[Any] = []
    for name, detail in _SMALL:
        table = Base.metadata.tables[f"layers.{name}"]
        ways = _ways(table, wanted)
        rank = case(*[(condition, place) for condition, place, _ in ways], else_=9)
        parts.append(
            select(
                literal(name).label("layer"),
                *_shown(table, detail, ways),
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
    return [_hit(row["layer"], row) for row in rows]


def _bare(connection: Connection, wanted: str, limit: int) -> list[Hit]:
    """Units, detectors, cameras and parks by their name or number, or by the plant or place they are at."""
    if len(wanted) < 2:
        return []
    anywhere = f"%{_escaped(wanted)}%"
    parts: list[Any] = []
    for key, beside in _BARE:
        spec = catalogue.layer(key)
        table = table_of(spec)
        middle = func.ST_PointOnSurface(table.c.geometry)
        detail = table.c[beside] if beside else literal("")
        by_name = table.c.name.ilike(anywhere)
        is_found = or_(by_name, detail.ilike(anywhere)) if beside and beside != "kind" else by_name
        matched = case((by_name, literal("name")), else_=literal("address"))
        parts.append(
            select(
                literal(key).label("layer"),
                table.c.id,
                table.c.name,
                detail.label("detail"),
                func.ST_X(middle).label("longitude"),
                func.ST_Y(middle).label("latitude"),
                matched.label("matched"),
            )
            .where(belongs(spec, table) & is_found)
            .order_by(matched.desc(), func.length(table.c.name), table.c.id)
            .limit(limit)
        )
    rows = connection.execute(union_all(*[part.subquery().select() for part in parts])).mappings()
    return [_hit(row["layer"], row) for row in rows]


def _enterprises(connection: Connection, wanted: str, limit: int) -> list[Hit]:
    """
    Enterprises by every way to match, the strictest first, in one question.

    Each way alone is one index or one walk from the riskiest down, ended by its limit; joined by OR they would sort
    every match of the vaguest.
    """
    table = Base.metadata.tables["layers.enterprise"]
    parts = [
        select(*_shown(table, "address", [(condition, 0, kind)]), literal(at).label("way"), table.c.risk_rank)
        .where(standing(table) & condition)
        .order_by(table.c.risk_rank.desc(), table.c.id)
        .limit(limit)
        for at, (condition, _, kind) in enumerate(_ways(table, wanted))
    ]
    found = union_all(*[part.subquery().select() for part in parts]).subquery()
    rows = connection.execute(select(found).order_by(found.c.way, found.c.risk_rank.desc(), found.c.id)).mappings()
    hits: dict[str, Hit] = {}
    for row in rows:
        hits.setdefault(row["id"], _hit("enterprise", row))
    return list(hits.values())[:limit]


def _ways(table: Table, wanted: str) -> list[tuple[Any, int, str]]:
    """Conditions on a table from the strictest to the vaguest, with their rank and what they are called."""
    plain = _escaped(wanted)
    lower = plain.lower()
    # Chinese knows no upper and lower case, and a plain LIKE is several times as fast.
    is_cased = _HAS_LATIN.search(wanted) is not None

    def like(column: Any, pattern: str) -> Any:
        found = column.ilike(pattern) if is_cased else column.like(pattern)
        # Letters may be written large or small, so only pairs without one are asked of the index.
        pairs = [pair for pair in _pairs(wanted) if not _HAS_LATIN.search(pair)]
        if table.name in _BIGRAMS and pairs:
            return func.layers.bigrams(column).op("@>")(cast(pairs, ARRAY(Text))) & found
        return found

    ways: list[tuple[Any, int, str]] = [(table.c.name == wanted, 0, "name")]
    is_latin = _LATIN.fullmatch(wanted) is not None
    if is_latin:
        ways.append((table.c.initials == wanted.lower(), 1, "initials"))
        if "uscc" in table.c and _CODE.fullmatch(wanted):
            ways.append((table.c.uscc.like(f"{plain.upper()}%"), 1, "uscc"))
        ways.append((table.c.initials.like(f"{lower}%"), 2, "initials"))
        ways.append((table.c.initials.like(f"%{lower}%"), 4, "initials"))
        if len(wanted) >= 4:
            ways.append((table.c.pinyin.like(f"%{lower}%"), 5, "pinyin"))
    begins = table.c.name.ilike(f"{plain}%") if is_cased else table.c.name.like(f"{plain}%")
    ways.append((begins, 1, "name"))
    ways.append((like(table.c.name, f"%{plain}%"), 3, "name"))
    if not is_latin and "address" in table.c:
        ways.append((like(table.c.address, f"%{plain}%"), 6, "address"))
    return ways


def _pairs(text: str) -> list[str]:
    """Every two neighbouring characters."""
    return sorted({text[at : at + 2] for at in range(len(text) - 1)})


def _shown(table: Table, detail: str, ways: list[tuple[Any, int, str]]) -> list[Any]:
    matched = case(*[(condition, literal(kind)) for condition, _, kind in ways], else_=literal("name"))
    return [
        table.c.id,
        table.c.name,
        table.c[detail].label("detail"),
        func.ST_X(table.c.geometry).label("longitude"),
        func.ST_Y(table.c.geometry).label("latitude"),
        matched.label("matched"),
    ]


def _hit(layer: str, row: Any) -> Hit:
    return Hit(layer, row["id"], row["name"], row["detail"] or "", row["longitude"], row["latitude"], row["matched"])


def _escaped(text: str) -> str:
    """Percent and underscore are text here, not wildcards."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
