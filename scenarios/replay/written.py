"""How is a situation written down so that it is read back as the same, without its entries and without running code?"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any, get_args, get_type_hints
from uuid import UUID

from gis.crs import LonLat
from gis.errors import InputError
from scenarios.entries import Entries
from scenarios.event import Event
from scenarios.events import KINDS, Computed, Entry, event_of
from scenarios.plans.events import PlanAdopted
from scenarios.replay.unread import number_of
from scenarios.reports.events import ReportSent
from scenarios.situation import Situation

LARGE: tuple[type[Event], ...] = (Computed, ReportSent, PlanAdopted)
"""Events that are named by the number of their entry and not written out: a run is a megabyte, and it is on disk."""

Written = dict[str, Any]


class Named:
    """The large events of some entries and the numbers they came with; one not read yet knows its number itself."""

    def __init__(self) -> None:
        self._numbers: dict[str, list[tuple[int, Event]]] = {}

    def take(self, entries: Iterable[Entry]) -> None:
        """Remember the large events among some more entries."""
        for entry in entries:
            if entry.kind not in large():
                continue
            event = event_of(entry.kind, entry.payload)
            if event is not None:
                self._numbers.setdefault(entry.kind, []).append((entry.seq, event))

    def number(self, event: Event) -> int | None:
        """Number of an entry that says exactly this; None when there is none."""
        seq = number_of(event)
        if seq is not None:
            return seq
        held = self._numbers.get(event.code, ())
        return next((seq for seq, one in reversed(held) if one is event or one == event), None)


def write(situation: Situation, named: Named) -> str:
    """
    Text of a situation; its entries are only counted, by its ``seq``.

    Raises
    ------
    TypeError
        It holds a value that would not be read back as the same.
    """
    told = {
        part.name: _written(getattr(situation, part.name), named)
        for part in fields(Situation)
        if part.name != "entries"
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def numbers(told: Written) -> list[int]:
    """Numbers of the entries whose events a written situation names."""
    found: set[int] = set()

    def walk(value: Any) -> None:
        if isinstance(value, list):
            for part in value:
                walk(part)
        elif isinstance(value, dict):
            if "e" in value:
                found.add(int(value["e"]))
            for key in ("p", "f"):
                walk(value.get(key))

    for value in told.values():
        walk(value)
    return sorted(found)


def read(told: Written, events: Mapping[int, Event], entries: Entries) -> Situation:
    """
    The situation that was written, with its entries put back.

    Parameters
    ----------
    told
        The text, read as JSON.
    events
        Events by the number of their entry, at least those of `numbers`.

    Raises
    ------
    InputError
        It is not a written situation of this program.
    """
    try:
        return Situation(**{name: _read(value, events) for name, value in told.items()}, entries=entries)
    except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
        raise InputError(f"this is no situation of this program: {type(error).__name__}: {error}") from error


def _written(value: Any, named: Named) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, LARGE) and (seq := named.number(value)) is not None:
        return {"e": seq}
    if is_dataclass(value) and not isinstance(value, type):
        name = _name(type(value))
        if name not in _classes():
            raise TypeError(f"a situation holds a {name}, which none of its fields says")
        return {"o": name, "f": [_written(getattr(value, part.name), named) for part in fields(value)]}
    if isinstance(value, datetime):
        return {"t": value.astimezone(UTC).isoformat(timespec="microseconds")}
    if isinstance(value, UUID):
        return {"u": str(value)}
    if isinstance(value, Decimal):
        return {"n": str(value)}
    if isinstance(value, LonLat):
        return {"l": list(value)}
    if type(value) is tuple:
        return {"p": [_written(part, named) for part in value]}
    if isinstance(value, dict | list):
        _check_plain(value)
        return {"j": value}
    raise TypeError(f"a situation holds a {type(value).__name__}, which cannot be written down")


def _check_plain(value: Any) -> None:
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise TypeError("a situation holds a dictionary whose keys are no text")
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            _check_plain(part)
    elif not (value is None or isinstance(value, bool | int | float | str)):
        raise TypeError(f"a situation holds a {type(value).__name__} inside plain JSON")


_READ: dict[str, Callable[[Any], Any]] = {
    "t": datetime.fromisoformat,
    "u": UUID,
    "n": Decimal,
    "l": lambda pair: LonLat(*pair),
    "j": lambda value: value,
}


def _read(value: Any, events: Mapping[int, Event]) -> Any:
    if not isinstance(value, dict):
        return value
    if "o" in value:
        return _classes()[value["o"]](*(_read(part, events) for part in value["f"]))
    if "p" in value:
        return tuple(_read(part, events) for part in value["p"])
    if "e" in value:
        return events[value["e"]]
    ((sort, inside),) = value.items()
    return _READ[sort](inside)


def _name(one: type) -> str:
    return f"{one.__module__.removeprefix('scenarios.')}.{one.__qualname__}"


@cache
def large() -> Mapping[str, type[Event]]:
    """Kinds of large events by their codes."""
    return {kind.code: kind for kind in KINDS if issubclass(kind, LARGE)}


@cache
def _classes() -> dict[str, type]:
    """Every class a situation can hold, found by the types of its fields; no other is ever made."""
    found: dict[str, type] = {}

    def walk(one: Any) -> None:
        if isinstance(one, type) and is_dataclass(one):
            if _name(one) not in found and one not in (Entries, Entry, Situation):
                found[_name(one)] = one
                for hint in get_type_hints(one).values():
                    walk(hint)
            return
        for part in get_args(one):
            walk(part)

    for part in get_type_hints(Situation).values():
        walk(part)
    for kind in KINDS:
        walk(kind)
    return found
