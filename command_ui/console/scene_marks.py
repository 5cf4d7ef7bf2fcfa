"""Which marks travel to the browser, and what may the person do about them?"""

from datetime import UTC, datetime
from typing import Any

from scenarios.marks.fold import Mark
from scenarios.situation import Situation

Json = dict[str, Any]
REMOVED_SHOWN = 30
"""Marks taken off the map that can be put back from the list, the last removed first."""


def marks_of(situation: Situation, moment: datetime | None, *, can_draw: bool) -> Json:
    """Marks on the map, oldest first, those taken off, and whether the person may draw now."""
    now = moment or datetime.now(UTC)
    on = [mark_of(one, now) for one in situation.marks if one.removed_seq is None]
    off = sorted((one for one in situation.marks if one.removed_seq is not None), key=lambda one: -one.seq)
    return {
        "can_draw": can_draw and situation.status == "open" and moment is None,
        "marks": on,
        "marks_removed": [mark_of(one, now) for one in off[:REMOVED_SHOWN]],
    }


def mark_of(one: Mark, now: datetime) -> Json:
    """One mark, and whether it holds now: ``on``, ``later``, ``expired`` or ``removed``."""
    ended = one.valid_until is not None and now >= one.valid_until
    return {
        "id": one.mark_id,
        "number": one.number,
        "symbol": one.symbol,
        "geometry": one.geometry,
        "label": one.label,
        "subtype": one.subtype,
        "text": one.text,
        "rotation_deg": one.rotation_deg,
        "opacity": one.opacity,
        "from": one.valid_from.isoformat() if one.valid_from else None,
        "until": one.valid_until.isoformat() if one.valid_until else None,
        "order_id": one.order_id,
        "standing": one.standing,
        "author": one.author,
        "by": one.changed_by,
        "at": one.changed_at.isoformat(),
        "seq": one.seq,
        "version": one.version,
        "state": "removed" if one.removed_seq else "expired" if ended else "on" if one.valid_at(now) else "later",
    }
