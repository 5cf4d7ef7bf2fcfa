"""How is a forbidden turn kept in a graph that has no turns? By copies of nodes that remember how one got there."""

from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.guards import ALWAYS, hours_by_vehicle

Memory = frozenset[tuple[int, int]]
"""Restrictions under way (by number) with the number of arcs of each already driven; empty means a plain node."""


class Turn(NamedTuple):
    """
    One restriction: from a segment, through a node, to segments; `via_segments` lie between where ways are the via.

    `only` means that every exit but `to_segments` is forbidden; on the way through `via_segments` it means that they
    must be followed. `guard` says whom it binds and when (`routing.guards`).
    """

    from_segment: int
    via_node: int
    to_segments: tuple[int, ...]
    only: bool
    via_segments: tuple[int, ...] = ()
    guard: int = ALWAYS


@dataclass(frozen=True, slots=True)
class Expanded:
    """
    Arcs after expansion.

    Attributes
    ----------
    node_origin
        The old node each node, old or copied, stands on.
    guard_arc, guard_hours
        Arcs shut to some vehicles at some hours, in rising order, and those hours, shape ``(g, n_vehicles)``.
    applied, guarded
        Restricted turns held, and how many of them bind only some vehicles or at some hours.
    """

    tail: NDArray[np.int64]
    head: NDArray[np.int64]
    arc_segment: NDArray[np.int64]
    arc_forward: NDArray[np.bool_]
    node_origin: NDArray[np.int64]
    guard_arc: NDArray[np.int64]
    guard_hours: NDArray[np.uint32]
    applied: int
    guarded: int


class _Rule(NamedTuple):
    """A restriction in arcs: those to be driven one after another, and the exits barred or commanded behind them."""

    chain: tuple[int, ...]
    exits: frozenset[int]
    only: bool
    guard: int


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

    What binds only some vehicles, or at some hours, keeps the exit in the copy and shuts it to them by a guard. For
    each vehicle and hour the graph is the one that the restrictions binding then would give; where they strand
    traffic together, those that bind always and everybody are held alone before all are left out.
    """
    tails, heads = tail.astype(np.int64).copy(), head.astype(np.int64).copy()
    segments, forwards = arc_segment.astype(np.int64), arc_forward.astype(bool)
    if not turns:
        none, no_hours = np.empty(0, np.int64), hours_by_vehicle([])
        return Expanded(tails, heads, segments, forwards, np.arange(node_count, dtype=np.int64), none, no_hours, 0, 0)
    out_of = _exits(tails, heads, segments, turns)
    rules = _rules(turns, out_of, heads, segments)
    begins: dict[int, set[int]] = {}
    for number, rule in enumerate(rules):
        begins.setdefault(rule.chain[0], set()).add(number)
    origin = list(range(node_count))
    copies: dict[tuple[int, Memory], int] = {}
    waiting: deque[tuple[int, Memory]] = deque()
    applied: set[int] = set()

    def exits(node: int, held: Memory) -> list[int]:
        """Exits of a copy that some restrictions under way leave open."""
        came = {int(segments[rules[number].chain[done - 1]]) for number, done in held}
        allowed = _allowed(out_of.get(node, []), held, rules)
        onward = [arc for arc in allowed if int(segments[arc]) not in came]
        return onward if onward or any(done > 1 for _, done in held) else allowed

    def bearable(node: int, held: Memory) -> Memory:
        """Those of the restrictions binding at one time that are held, because they leave a way on."""
        if any(done > 1 for _, done in held) or exits(node, held):
            return held
        always = frozenset((number, done) for number, done in held if rules[number].guard == ALWAYS)
        return always if always != held and exits(node, always) else frozenset()

    def parts(node: int, memory: Memory) -> list[tuple[int, Memory, Memory]]:
        """Guards that part all vehicles and hours, with the restrictions held there and what stays under way."""
        return [
            (guard, kept, memory - (held - kept))
            for guard, held in _binding(memory, rules)
            for kept in [bearable(node, held)]
        ]

    def arrive(arc: int, memory: Memory) -> int:
        """Node or copy an arc leads into, given what is under way at its start."""
        node = int(head[arc])
        now = frozenset(
            [(number, 1) for number in begins.get(arc, ())]
            + [(n, done + 1) for n, done in memory if done < len(rules[n].chain) and rules[n].chain[done] == arc]
        )
        if (node, now) not in copies:
            held = [kept for _, kept, _ in parts(node, now)]
            applied.update(number for kept in held for number, done in kept if done == len(rules[number].chain))
            copies[node, now] = len(origin) if any(held) else node
            if any(held):
                origin.append(node)
                waiting.append((node, now))
        return copies[node, now]

    for arc in begins:
        heads[arc] = arrive(arc, frozenset())
    new: list[tuple[int, int, int, bool]] = []
    shut: list[tuple[int, int]] = []
    while waiting:
        node, memory = waiting.popleft()
        open_to: dict[tuple[int, int], int] = {}
        for guard, kept, under_way in parts(node, memory):
            for arc in exits(node, kept):
                way = (arc, arrive(arc, under_way))
                open_to[way] = open_to.get(way, 0) | guard
        for (arc, goal), guard in open_to.items():
            if guard != ALWAYS:
                shut.append((len(tails) + len(new), ALWAYS & ~guard))
            new.append((copies[node, memory], goal, int(segments[arc]), bool(forwards[arc])))
    if new:
        tails = np.concatenate([tails, [x[0] for x in new]])
        heads = np.concatenate([heads, [x[1] for x in new]])
        segments = np.concatenate([segments, [x[2] for x in new]])
        forwards = np.concatenate([forwards, [x[3] for x in new]])
    return Expanded(
        tails, heads, segments, forwards, np.asarray(origin, np.int64),
        np.asarray([arc for arc, _ in shut], np.int64), hours_by_vehicle([guard for _, guard in shut]),
        len(applied), sum(rules[number].guard != ALWAYS for number in applied),
    )  # fmt: skip


def _binding(memory: Memory, rules: list[_Rule]) -> list[tuple[int, Memory]]:
    """Guards that part all vehicles and hours by which of the restrictions under way bind there."""
    found: list[tuple[int, Memory]] = [(ALWAYS, frozenset())]
    for one in sorted(memory):
        guard = rules[one[0]].guard
        found = [
            (cells, held)
            for whole, before in found
            for cells, held in ((whole & guard, before | {one}), (whole & ~guard, before))
            if cells
        ]
    return found


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
            rules.extend(_Rule((arc, *chain), exits, turn.only, turn.guard) for arc in entering)
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
