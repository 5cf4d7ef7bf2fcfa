"""How does a situation hold a run of megabytes that nobody looks at? As an event that is read when somebody does."""

from collections.abc import Callable
from dataclasses import fields
from functools import cache
from typing import Any

from scenarios.event import Event

Read = Callable[[], Event]


class Source:
    """Where an event not read yet lies: the number of its entry, and how it is read."""

    __slots__ = ("read", "seq")

    def __init__(self, seq: int, read: Read) -> None:
        self.seq = seq
        self.read = read


def unread(kind: type[Event], seq: int, read: Read) -> Event:
    """
    Event of a kind that is read at the first look at one of its fields; in everything else like any other.

    Parameters
    ----------
    seq
        Number of the entry it came with.
    read
        Gives the event itself; called once, or twice where two threads look at once.
    """
    waiting: Any = kind  # a checker takes no class for something to remember by
    made: Event = object.__new__(_waiting(waiting))
    object.__setattr__(made, "source", Source(seq, read))
    return made


def number_of(event: Event) -> int | None:
    """Number of the entry of an event that was, or will be, read at the first look; None for any other."""
    source = getattr(event, "source", None) if type(event) is _waiting(_kind(event)) else None
    return source.seq if source is not None else None


def is_read(event: Event) -> bool:
    """Whether its fields are there."""
    try:
        object.__getattribute__(event, _names(_kind(event))[-1])
    except AttributeError:
        return False
    return True


def fill(event: Event, found: Event) -> None:
    """Give an event not read yet its fields, outlines in the form of `settled`."""
    # The last field is set last: whoever finds it there finds the others too.
    for name in _names(_kind(event)):
        object.__setattr__(event, name, settled(getattr(found, name)))


def settled(value: Any) -> Any:
    """
    JSON with the positions of its geometries as tuples; everything else as it is, the value itself unchanged.

    A list is looked at by every pass of Python's collector for as long as it lives, a tuple of numbers never again: the
    positions of fifty runs as lists made passes of 190 ms, in the middle of a seek.
    """
    if isinstance(value, dict):
        return {key: _tuples(one) if key == "coordinates" else settled(one) for key, one in value.items()}
    return [settled(one) for one in value] if isinstance(value, list) else value


def _kind(event: Event) -> Any:
    own = type(event)
    return own.__bases__[0] if "source" in own.__dict__ else own


def _tuples(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    first = value[0] if value else None
    if not isinstance(first, list):
        return tuple(value)  # a position
    # A ring has hundreds of positions: not one call of ours for each.
    return tuple(map(_tuples, value)) if first and isinstance(first[0], list) else tuple(map(tuple, value))


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(one.name for one in fields(kind))


@cache
def _waiting(kind: Any) -> type[Event]:
    """
    The kind, with room for where it lies; a field that is missing is asked for by ``__getattr__``.

    It bears the name of the kind: what is written of an event, its hash among it, must not tell how it was read.
    """
    names = _names(kind)

    def look(self: Event, name: str) -> Any:
        if name not in names:
            raise AttributeError(f"{kind.__name__} has no {name}")
        source: Source = object.__getattribute__(self, "source")
        fill(self, source.read())
        return object.__getattribute__(self, name)

    def same(self: Event, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, kind):
            return False
        return all(settled(getattr(self, name)) == settled(getattr(other, name)) for name in names)

    body = {
        "__slots__": ("source",),
        "__module__": kind.__module__,
        "__qualname__": kind.__qualname__,
        "__doc__": kind.__doc__,
        "__getattr__": look,
        "__eq__": same,
        "__hash__": kind.__hash__,
    }
    return type(kind.__name__, (kind,), body)
