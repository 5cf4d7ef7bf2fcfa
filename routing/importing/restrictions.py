"""Which turns does an OpenStreetMap file forbid?"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.turns import Turn


class Restriction(NamedTuple):
    """A restriction relation: from a way, through a node, to ways. `via` is None when it runs through ways."""

    from_ways: tuple[int, ...]
    via: int | None
    to_ways: tuple[int, ...]
    only: bool


def restriction_of(relation: Any) -> Restriction | None:
    """The restriction a relation states for motor vehicles, or None when it states none."""
    value = relation.tags.get("restriction") or relation.tags.get("restriction:motorcar") or ""
    if not value.startswith(("no_", "only_")) or "motorcar" in relation.tags.get("except", ""):
        return None
    came: list[int] = []
    goes: list[int] = []
    via: list[int] = []
    through_way = False
    for member in relation.members:
        if member.role == "from" and member.type == "w":
            came.append(member.ref)
        elif member.role == "to" and member.type == "w":
            goes.append(member.ref)
        elif member.role == "via" and member.type == "n":
            via.append(member.ref)
        elif member.role == "via":
            through_way = True
    usable = len(via) == 1 and not through_way
    return Restriction(tuple(came), via[0] if usable else None, tuple(goes), value.startswith("only_"))


def to_turns(
    restrictions: list[Restriction],
    way_id: NDArray[np.int64],
    start: NDArray[np.int64],
    end: NDArray[np.int64],
    node_ref: NDArray[np.int64],
) -> tuple[list[Turn], int]:
    """
    Turns by segment and node index, and how many restrictions could not be used (through ways, roads not there).

    `way_id` covers the first segments; connectors behind them belong to no way.
    """
    turns: list[Turn] = []
    unused = 0
    ways = len(way_id)
    for one in restrictions:
        index = int(np.searchsorted(node_ref, one.via)) if one.via is not None else len(node_ref)
        if index >= len(node_ref) or node_ref[index] != one.via:
            unused += 1
            continue
        touching = np.flatnonzero((start[:ways] == index) | (end[:ways] == index))
        came = [int(s) for s in touching if int(way_id[s]) in one.from_ways]
        goes = tuple(int(s) for s in touching if int(way_id[s]) in one.to_ways)
        if not came or not goes:
            unused += 1
            continue
        turns.extend(Turn(s, index, goes, one.only) for s in came)
    return turns, unused
