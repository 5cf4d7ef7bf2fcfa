"""How is a forbidden turn kept in a graph that has no turns? By copies of nodes that remember how one got there."""

from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Memory = frozenset[tuple[int, int]]
"""Restrictions under way (by number) with the number of arcs of each already driven; empty means a plain node."""


class Turn(NamedTuple):
    """
    One restriction: from a segment, through a node, to segments; `via_segments` lie between where ways are the via.

    `only` means that every exit but `to_segments` is forbidden; on the way through `via_segments` it means that they
    must be followed.
    """

    from_segment: int
    via_node: int
    to_segments: tuple[int, ...]
    only: bool
    via_segments: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Expanded:
    """Arcs after expansion; `node_origin` maps each node, old or copied, to the old node it stands on."""

    tail: NDArray[np.int64]
    head: NDArray[np.int64]
    arc_segment: NDArray[np.int64]
    arc_forward: NDArray[np.bool_]
    node_origin: NDArray[np.int64]
    applied: int


class _Rule(NamedTuple):
    """A restriction in arcs: those to be driven one after another, and the exits barred or commanded behind them."""

    chain: tuple[int, ...]
    exits: frozenset[int]
    only: bool


def expand(
    tail: NDArray[np.integer],
    head: NDArray[np.integer],
    arc_segment: NDArray[np.integer],
    arc_forward: NDArray[np.bool_],
    node_count: int,
    turns: list[Turn],
) -> Expanded:
    """
    Honour turn restrictions in every engine by sending the arc they start from into a copy of its end node.

    A copy has all exits of the node except the forbidden ones, on the same segments, so closures and geometry hold. It
    remembers which restrictions are under way, so that one through several ways is followed from copy to copy.
    Turning round on the spot is no way about a restriction: a copy has no exit back along the segment one came by,
    unless nothing else is left behind a single restricted turn. Cost: one node and a few arcs for each restricted
    approach. Where a single turn leaves no exit at all it would strand traffic: such a restriction is left out and not
    counted as applied.
    """
    tails, heads = tail.astype(np.int64).copy(), head.astype(np.int64).copy()
    segments, forwards = arc_segment.astype(np.int64), arc_forward.astype(bool)
    if not turns:
        return Expanded(tails, heads, segments, forwards, np.arange(node_count, dtype=np.int64), 0)
    out_of = _exits(tails, heads, segments, turns)
    rules = _rules(turns, out_of, heads, segments)
    begins: dict[int, set[int]] = {}
    for number, rule in enumerate(rules):
        begins.setdefault(rule.chain[0], set()).add(number)
    origin = list(range(node_count))
    copies: dict[tuple[int, Memory], int] = {}
    waiting: deque[tuple[int, Memory]] = deque()
    applied: set[int] = set()

    def exits(node: int, memory: Memory) -> list[int]:
        """Exits of a copy."""
        came = {int(segments[rules[number].chain[done - 1]]) for number, done in memory}
        allowed = _allowed(out_of.get(node, []), memory, rules)
        onward = [arc for arc in allowed if int(segments[arc]) not in came]
        return onward if onward or any(done > 1 for _, done in memory) else allowed

    def arrive(arc: int, memory: Memory) -> int:
        """Node or copy an arc leads into, given what is under way at its start."""
        node = int(head[arc])
        now = frozenset(
            [(number, 1) for number in begins.get(arc, ())]
            + [(n, done + 1) for n, done in memory if done < len(rules[n].chain) and rules[n].chain[done] == arc]
        )
        if not now or (not memory and not exits(node, now)):
            return node
        if (node, now) not in copies:
            copies[node, now] = len(origin)
            origin.append(node)
            waiting.append((node, now))
        applied.update(number for number, done in now if done == len(rules[number].chain))
        return copies[node, now]

    for arc in begins:
        heads[arc] = arrive(arc, frozenset())
    new: list[tuple[int, int, int, bool]] = []
    while waiting:
        node, memory = waiting.popleft()
        new.extend(
            (copies[node, memory], arrive(arc, memory), int(segments[arc]), bool(forwards[arc]))
            for arc in exits(node, memory)
        )
    if new:
        tails = np.concatenate([tails, [x[0] for x in new]])
        heads = np.concatenate([heads, [x[1] for x in new]])
        segments = np.concatenate([segments, [x[2] for x in new]])
        forwards = np.concatenate([forwards, [x[3] for x in new]])
    return Expanded(tails, heads, segments, forwards, np.asarray(origin, np.int64), len(applied))


def _exits(
    tails: NDArray[np.int64], heads: NDArray[np.int64], segments: NDArray[np.int64], turns: list[Turn]
) -> dict[int, list[int]]:
    """Arcs out of every node that a restriction touches."""
    vias = {segment for turn in turns for segment in turn.via_segments}
    on_via = np.isin(segments, list(vias))
    nodes = {turn.via_node for turn in turns} | set(tails[on_via].tolist()) | set(heads[on_via].tolist())
    found: dict[int, list[int]] = {}
    for arc in np.flatnonzero(np.isin(tails, list(nodes))).tolist():
        found.setdefault(int(tails[arc]), []).append(arc)
    return found


def _rules(
    turns: list[Turn], out_of: dict[int, list[int]], heads: NDArray[np.int64], segments: NDArray[np.int64]
) -> list[_Rule]:
    """Restrictions in arcs; those that no arcs can drive anyway are left out."""
    starts: dict[tuple[int, int], list[int]] = {}
    for arc in np.flatnonzero(np.isin(segments, [turn.from_segment for turn in turns])).tolist():
        starts.setdefault((int(segments[arc]), int(heads[arc])), []).append(arc)
    rules: list[_Rule] = []
    for turn in turns:
        node = turn.via_node
        chain: list[int] = []
        for segment in turn.via_segments:
            step = next((arc for arc in out_of.get(node, []) if segments[arc] == segment), None)
            if step is None:
                break
            chain.append(step)
            node = int(heads[step])
        exits = frozenset(arc for arc in out_of.get(node, []) if int(segments[arc]) in turn.to_segments)
        if len(chain) == len(turn.via_segments) and exits:
            entering = starts.get((turn.from_segment, turn.via_node), [])
            rules.extend(_Rule((arc, *chain), exits, turn.only) for arc in entering)
    return rules


def _allowed(exits: list[int], memory: Memory, rules: list[_Rule]) -> list[int]:
    """Exits of a node that nothing under way forbids."""
    allowed = exits
    for number, done in memory:
        rule = rules[number]
        last = done == len(rule.chain)
        if rule.only:
            commanded = rule.exits if last else frozenset([rule.chain[done]])
            allowed = [arc for arc in allowed if arc in commanded]
        elif last:
            allowed = [arc for arc in allowed if arc not in rule.exits]
    return allowed
