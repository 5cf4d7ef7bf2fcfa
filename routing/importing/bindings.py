"""What do the tags of a restriction relation forbid, to whom and when?"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from routing import tags as say
from routing.guards import VEHICLES, cells, for_any_hour
from routing.hours import hours_named

_MOTOR = cells(VEHICLES)
# An emergency vehicle counts as a motorcar, not as a goods vehicle, as everywhere here (`routing.profiles`).
_BINDS = {
    "vehicle": _MOTOR,
    "motor_vehicle": _MOTOR,
    "motorcar": cells(["car", "emergency"]),
    "goods": cells(["lorry"]),
    "hgv": cells(["lorry"]),
    "hgv_articulated": cells(["lorry"]),
    "hazmat": cells(["lorry"]),
    "psv": cells(["bus"]),
    "bus": cells(["bus"]),
    "coach": cells(["bus"]),
    "tourist_bus": cells(["bus"]),
    "emergency": cells(["emergency"]),
}
"""Whom a restriction on a kind of vehicle may bind, from the widest kind to the narrowest."""
_FREES = {key: guard for key, guard in _BINDS.items() if key in {"vehicle", "motor_vehicle", "motorcar", "hgv", "psv",
                                                                "bus", "emergency"}}  # fmt: skip
"""Whom an exemption of a kind of vehicle surely frees: our lorry is heavy, our bus runs no tours."""
_NOT_OURS = frozenset({
    "agricultural", "bicycle", "caravan", "carriage", "disabled", "foot", "hov", "horse", "mofa", "moped", "motorcycle",
    "motorhome", "taxi", "share_taxi", "minibus", "tractor", "trailer",
})  # fmt: skip
_COMPARISON = re.compile(r"^([a-z_:]+)\s*(<=|>=|<|>|=)\s*(.+)$")
_WEIGHTS = frozenset({"weight", "maxweight", "weightrating", "maxweightrating", "maxweightrated", "gross_weight"})
_CAR_AT_MOST = {"length": 6.0, "width": 2.1, "height": 2.2}
"""Metres no car of ours exceeds; what a restriction on larger vehicles therefore leaves free."""
_CAR_AT_MOST_T = 3.5


class Binding(NamedTuple):
    """
    One thing a relation says.

    Attributes
    ----------
    only
        The exit is commanded; else it is forbidden.
    guard
        Whom it binds, and when (`routing.guards`).
    """

    only: bool
    guard: int


class Reading(NamedTuple):
    """What a relation says, and how many of its clauses could not be read."""

    bindings: tuple[Binding, ...]
    unreadable: int


class _Cells(NamedTuple):
    """Guards: where a condition may hold, and where it surely does."""

    may: int
    must: int

    def meet(self, other: "_Cells") -> "_Cells":
        """Where both hold."""
        return _Cells(self.may & other.may, self.must & other.must)


_ANYWHERE = _Cells(_MOTOR, _MOTOR)
_PERHAPS = _Cells(_MOTOR, 0)


def read_bindings(tags: Mapping[str, str]) -> Reading:
    """
    Bindings of a restriction relation.

    ``restriction``, ``restriction:hgv`` and the like, each with its ``:conditional``, ``except``, ``hour_on`` and
    ``hour_off``; a narrower kind of vehicle wins over a wider one, a condition over the plain value, a later clause
    over an earlier one (OpenStreetMap wiki, Relation:restriction and Conditional restrictions). What may hold binds,
    and only what surely holds frees: a condition that cannot be checked here (a day, the weather, a purpose) binds
    always and frees nobody.
    """
    forbidden = commanded = unreadable = 0
    only_for = tags.get("type", "").partition(":")[2]
    for key, concerns in _kinds(only_for):
        plain = tags.get(key, "")
        clauses = [(plain, concerns.meet(_old_hours(tags)))] if plain else []
        for clause in re.split(r";(?![^(]*\))", tags.get(f"{key}:conditional", "")):
            if clause.strip():
                value, at, condition = clause.partition("@")
                clauses.append((value if at else "", concerns.meet(_condition(condition))))
        for value, where in clauses:
            sort = _sort(value)
            unreadable += sort is None
            if sort is not None:
                forbidden = forbidden & ~where.must | (where.may if sort == "no" else 0)
                commanded = commanded & ~where.must | (where.may if sort == "only" else 0)
    for kind in re.split(r"[;,]", tags.get("except", "")):
        forbidden &= ~_FREES.get(kind.strip(), 0)
        commanded &= ~_FREES.get(kind.strip(), 0)
    found = [
        Binding(only, for_any_hour(guard))
        for only, guard in ((False, forbidden), (True, commanded))
        if for_any_hour(guard)
    ]
    return Reading(tuple(found), unreadable)


def _kinds(only_for: str) -> list[tuple[str, _Cells]]:
    """Keys in the order in which they are read, with whom each may and surely does concern."""
    plain = _kind(only_for) if only_for else _ANYWHERE
    return [("restriction", plain)] + [(f"restriction:{kind}", _kind(kind)) for kind in _BINDS]


def _kind(name: str) -> _Cells:
    return _Cells(_BINDS.get(name, 0), _FREES.get(name, 0))


def _sort(value: str) -> str | None:
    """``no``, ``only`` or ``none``; None when a value cannot be read."""
    text = value.strip()
    return text if text == "none" else next((sort for sort in ("no", "only") if text.startswith(f"{sort}_")), None)


def _old_hours(tags: Mapping[str, str]) -> _Cells:
    """``hour_on`` with ``hour_off`` and ``day_on`` with ``day_off``: the tags used before conditional restrictions."""
    if not any(key in tags for key in ("hour_on", "hour_off", "day_on", "day_off")):
        return _ANYWHERE
    found = hours_named(f"{tags.get('hour_on', '')}-{tags.get('hour_off', '')}")
    if found is None:
        return _PERHAPS
    must = 0 if "day_on" in tags or "day_off" in tags else found.must
    return _Cells(cells(VEHICLES, found.may), cells(VEHICLES, must))


def _condition(text: str) -> _Cells:
    """Where the condition behind an @ holds: all its parts together."""
    found = _ANYWHERE
    for part in re.split(r"\band\b", text, flags=re.IGNORECASE):
        found = found.meet(_part(part.strip().strip("()").strip()))
    return found


def _part(text: str) -> _Cells:
    """One part of a condition: a kind of vehicle, a weight or size, hours, or something that cannot be checked."""
    if text in _NOT_OURS:
        return _Cells(0, 0)
    if text in _BINDS:
        return _kind(text)
    compared = _COMPARISON.match(text)
    if compared:
        name, sign, limit = compared.groups()
        most = _CAR_AT_MOST_T if name in _WEIGHTS else _CAR_AT_MOST.get(name, float("nan"))
        number = say.tonnes(limit) if name in _WEIGHTS else say.metres(limit)
        car = cells(["car"])
        if sign in {">", ">="} and number >= most:
            return _Cells(_MOTOR & ~car, 0)
        return _Cells(_MOTOR, car if sign in {"<", "<="} and number >= most else 0)
    hours = hours_named(text)
    return _PERHAPS if hours is None else _Cells(cells(VEHICLES, hours.may), cells(VEHICLES, hours.must))
