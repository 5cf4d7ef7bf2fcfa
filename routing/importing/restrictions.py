"""Which turns does an OpenStreetMap file forbid?"""

from collections import Counter, deque
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.guards import ALWAYS, hours_by_vehicle
from routing.importing.bindings import Binding, read_bindings
from routing.turns import Turn


class Restriction(NamedTuple):
    """
    A restriction relation: from ways, through a node or a chain of ways, to ways; `bindings` say who may not, and when.

    `unreadable` counts clauses of it that could not be read beside those that could.
    """

    from_ways: tuple[int, ...]
    via: int | None
    to_ways: tuple[int, ...]
    bindings: tuple[Binding, ...]
    via_ways: tuple[int, ...] = ()
    unreadable: int = 0

    @property
    def some_vehicles(self) -> bool:
        """Whether a kind of vehicle of ours is never bound."""
        return bool((self._hours == 0).all(axis=0).any())

    @property
    def some_hours(self) -> bool:
        """Whether a kind of vehicle is bound at some hours only."""
        return bool(((self._hours > 0) & (self._hours < _EVERY_HOUR)).any())

    @property
    def _hours(self) -> NDArray[np.uint32]:
        return hours_by_vehicle([one.guard for one in self.bindings])


_EVERY_HOUR = hours_by_vehicle([ALWAYS])[0, 0]


def restriction_of(relation: Any) -> Restriction | str:
    """
    The restriction a relation states for vehicles of ours, or the code of why it is none.

    ``other_vehicles`` (it binds none of ours), ``unreadable`` (its clauses are no restrictions) and ``incomplete``.
    """
    tags = {tag.k: tag.v for tag in relation.tags}
    members: dict[tuple[str, str], list[int]] = {}
    for member in relation.members:
        members.setdefault((member.role, member.type), []).append(member.ref)
    came, goes = members.get(("from", "w"), []), members.get(("to", "w"), [])
    nodes, ways = members.get(("via", "n"), []), members.get(("via", "w"), [])
    said = any(key.startswith("restriction") for key in tags)
    if not said or not came or not goes or (len(nodes) != 1 and not ways):
        return "incomplete"
    bindings, unreadable = read_bindings(tags)
    if not bindings:
        return "unreadable" if unreadable else "other_vehicles"
    return Restriction(tuple(came), None if ways else nodes[0], tuple(goes), bindings, tuple(ways), unreadable)


def to_turns(
    restrictions: list[Restriction],
    way_id: NDArray[np.int64],
    start: NDArray[np.int64],
    end: NDArray[np.int64],
    node_ref: NDArray[np.int64],
) -> tuple[list[Turn], Counter[str]]:
    """
    Turns by segment and node index, and how many restrictions could not be used, by reason.

    ``roads_not_there``: a member is missing, no car road or cut off at the border of the file; ``via_not_joined``:
    the ways named do not follow each other. `way_id` covers the first segments; connectors behind them belong to no
    way.
    """
    roads = _Roads(restrictions, way_id, start, end)
    turns: list[Turn] = []
    unused: Counter[str] = Counter()
    for one in restrictions:
        if one.via_ways:
            found = _through_ways(one, roads)
        else:
            index = int(np.searchsorted(node_ref, one.via or 0))
            known = index < len(node_ref) and node_ref[index] == one.via
            found = _through_node(one, index, roads) if known else []
        turns.extend(found)
        if not found:
            complete = all(roads.of(ways) for ways in (one.from_ways, one.to_ways))
            unused["via_not_joined" if complete and one.via_ways else "roads_not_there"] += 1
    return turns, unused


class _Roads:
    """Segments of the ways that restrictions name, with their ends."""

    def __init__(
        self,
        restrictions: list[Restriction],
        way_id: NDArray[np.int64],
        start: NDArray[np.int64],
        end: NDArray[np.int64],
    ) -> None:
        named = {way for one in restrictions for way in (*one.from_ways, *one.via_ways, *one.to_ways)}
        self.start, self.end = start, end
        self._by_way: dict[int, list[int]] = {}
        for segment in np.flatnonzero(np.isin(way_id, list(named))).tolist():
            self._by_way.setdefault(int(way_id[segment]), []).append(segment)

    def of(self, ways: tuple[int, ...]) -> list[int]:
        """Segments of some ways."""
        return [segment for way in ways for segment in self._by_way.get(way, [])]

    def ends(self, segment: int) -> tuple[int, int]:
        """Both end nodes of a segment."""
        return int(self.start[segment]), int(self.end[segment])

    def at(self, ways: tuple[int, ...], node: int) -> list[int]:
        """Segments of some ways that end at a node."""
        return [segment for segment in self.of(ways) if node in self.ends(segment)]


def _through_node(one: Restriction, node: int, roads: _Roads) -> list[Turn]:
    goes = tuple(roads.at(one.to_ways, node))
    if not goes:
        return []
    came = roads.at(one.from_ways, node)
    return [Turn(segment, node, goes, said.only, (), said.guard) for said in one.bindings for segment in came]


def _through_ways(one: Restriction, roads: _Roads) -> list[Turn]:
    """Turns along the shortest chain of segments of the via ways from a `from` way to a `to` way."""
    via = roads.of(one.via_ways)
    by_node: dict[int, list[int]] = {}
    for segment in via:
        for node in roads.ends(segment):
            by_node.setdefault(node, []).append(segment)
    turns: list[Turn] = []
    for first in sorted(by_node):
        came = roads.at(one.from_ways, first)
        chain, last = _chain(first, by_node, one, roads) if came else ((), first)
        if chain:
            goes = tuple(roads.at(one.to_ways, last))
            turns.extend(
                Turn(segment, first, goes, said.only, chain, said.guard) for said in one.bindings for segment in came
            )
    return turns


def _chain(first: int, by_node: dict[int, list[int]], one: Restriction, roads: _Roads) -> tuple[tuple[int, ...], int]:
    """Fewest via segments from a node to one where a `to` way begins, and that node; an empty chain when none leads."""
    queue: deque[tuple[int, tuple[int, ...]]] = deque([(first, ())])
    seen = {first}
    while queue:
        node, chain = queue.popleft()
        if chain and roads.at(one.to_ways, node):
            return chain, node
        for segment in by_node.get(node, []):
            a, b = roads.ends(segment)
            far = b if a == node else a
            if far not in seen:
                seen.add(far)
                queue.append((far, (*chain, segment)))
    return (), first
