"""What is said about marks? Placed, changed, kept for good, removed, and put back."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import AwareDatetime

from scenarios.event import Event, Json, Lane

Standing = Literal["shown", "kept"]
"""Shown to the room for the moment, or part of the map; a private sketch is nobody else's and not in the record."""


@dataclass(frozen=True, slots=True)
class MarkEvent(Event):
    """Base of what is said about one mark."""

    lane: ClassVar[Lane] = "act"

    mark_id: str


@dataclass(frozen=True, slots=True)
class MarkPlaced(MarkEvent):
    """
    A sign was drawn: a point, line or area with its words.

    ``symbol`` is a code of GB/T 35649. ``order_id`` names the order it plots. ``opacity`` is 0..1, so that what lies
    below can still be read; ``rotation_deg`` turns a point sign clockwise.
    """

    code: ClassVar[str] = "mark_placed"

    symbol: str
    geometry: Json
    label: str = ""
    subtype: str = ""
    text: str = ""
    rotation_deg: float = 0.0
    opacity: float = 1.0
    valid_from: AwareDatetime | None = None
    valid_until: AwareDatetime | None = None
    order_id: str = ""
    standing: Standing = "kept"


@dataclass(frozen=True, slots=True)
class MarkChanged(MarkPlaced):
    """A mark lies or reads otherwise now: the whole of it as it is from here on; what it was stays in the record."""

    code: ClassVar[str] = "mark_changed"


@dataclass(frozen=True, slots=True)
class MarkRemoved(MarkEvent):
    """A mark was taken off the map; it can be put back."""

    code: ClassVar[str] = "mark_removed"

    text: str = ""


@dataclass(frozen=True, slots=True)
class MarkRestored(MarkEvent):
    """A mark that was taken off is on the map again, as it last was."""

    code: ClassVar[str] = "mark_restored"

    text: str = ""


KINDS: tuple[type[Event], ...] = (MarkPlaced, MarkChanged, MarkRemoved, MarkRestored)
