"""Which marks are on the map after one more entry? A pure fold; removed marks are kept, so that they can come back."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from scenarios.event import Json
from scenarios.marks.events import MarkChanged, MarkEvent, MarkPlaced, MarkRemoved, MarkRestored, Standing

if TYPE_CHECKING:
    from scenarios.events import Entry


@dataclass(frozen=True, slots=True)
class Mark:
    """
    One mark as it is now.

    ``number`` counts the marks of the incident from 1, ``version`` its states from 1. ``first_seq`` is the entry that
    placed it, ``seq`` the one that last touched it, ``removed_seq`` the one that took it off, or None while it is on
    the map. ``author`` placed it, ``changed_by`` touched it last.
    """

    mark_id: str
    number: int
    symbol: str
    geometry: Json
    label: str
    subtype: str
    text: str
    rotation_deg: float
    opacity: float
    valid_from: datetime | None
    valid_until: datetime | None
    order_id: str
    standing: Standing
    author: str
    placed_at: datetime
    changed_by: str
    changed_at: datetime
    first_seq: int
    seq: int
    version: int = 1
    removed_seq: int | None = None

    def valid_at(self, moment: datetime) -> bool:
        """Whether it is on the map and within its time at `moment`."""
        begun = self.valid_from is None or self.valid_from <= moment
        ended = self.valid_until is not None and moment >= self.valid_until
        return self.removed_seq is None and begun and not ended


def after(event: MarkEvent, entry: "Entry", known: tuple[Mark, ...]) -> tuple[Mark, ...]:
    """Marks after one more entry; what is said of a mark nobody placed changes nothing."""
    # The base class is matched last: a changed mark is a placed one with the id of one already there.
    if isinstance(event, MarkPlaced) and not isinstance(event, MarkChanged):
        if any(one.mark_id == event.mark_id for one in known):
            return known
        return (*known, _placed(event, entry, number=len(known) + 1))
    return tuple(_touched(event, entry, one) if one.mark_id == event.mark_id else one for one in known)


def _placed(event: MarkPlaced, entry: "Entry", *, number: int) -> Mark:
    return Mark(
        mark_id=event.mark_id, number=number, symbol=event.symbol, geometry=event.geometry, label=event.label,
        subtype=event.subtype, text=event.text, rotation_deg=event.rotation_deg, opacity=event.opacity,
        valid_from=event.valid_from, valid_until=event.valid_until, order_id=event.order_id, standing=event.standing,
        author=entry.actor, placed_at=entry.recorded_at, changed_by=entry.actor, changed_at=entry.recorded_at,
        first_seq=entry.seq, seq=entry.seq,
    )  # fmt: skip


def _touched(event: MarkEvent, entry: "Entry", one: Mark) -> Mark:
    now = replace(one, seq=entry.seq, changed_by=entry.actor, changed_at=entry.recorded_at, version=one.version + 1)
    match event:
        case MarkChanged():
            return replace(
                now, symbol=event.symbol, geometry=event.geometry, label=event.label, subtype=event.subtype,
                text=event.text, rotation_deg=event.rotation_deg, opacity=event.opacity, valid_from=event.valid_from,
                valid_until=event.valid_until, order_id=event.order_id, standing=event.standing,
            )  # fmt: skip
        case MarkRemoved():
            return replace(now, removed_seq=entry.seq)
        case MarkRestored():
            return replace(now, removed_seq=None)
        case _:
            return one
