"""How is a forbidden turn kept in a graph that has no turns? By a copy of the node that lacks the forbidden exit."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Turn(NamedTuple):
    """
    One restriction: from a segment, through a node, to segments.

    `only` means that every exit but `to_segments` is forbidden.
    """

    from_segment: int
    via_node: int
    to_segments: tuple[int, ...]
    only: bool


@dataclass(frozen=True, slots=True)
class Expanded:
    """Arcs after expansion; `node_origin` maps each node, old or copied, to the old node it stands on."""

    tail: NDArray[np.int64]
    head: NDArray[np.int64]
    arc_segment: NDArray[np.int64]
    arc_forward: NDArray[np.bool_]
    node_origin: NDArray[np.int64]
    applied: int


def expand(
    tail: NDArray[np.integer],
    head: NDArray[np.integer],
    arc_segment: NDArray[np.integer],
    arc_forward: NDArray[np.bool_],
    node_count: int,
    turns: list[Turn],
) -> Expanded:
    """
    Honour turn restrictions in every engine by sending the arc they start from into a copy of their node.

    The copy has all exits of the node except the forbidden ones, on the same segments, so closures and geometry hold.
    Cost: one node and a few arcs for each restricted approach. A copy without any exit would strand traffic: such a
    restriction is left out and not counted as applied.
    """
    tails, heads = tail.astype(np.int64).copy(), head.astype(np.int64).copy()
    segments, forwards = arc_segment.astype(np.int64), arc_forward.astype(bool)
    origin = list(range(node_count))
    applied = 0
    if turns:
        out_of: dict[int, list[int]] = {}
        nodes = {turn.via_node for turn in turns}
        for arc in np.flatnonzero(np.isin(tails, list(nodes))).tolist():
            out_of.setdefault(int(tails[arc]), []).append(int(arc))
        forbidden: dict[int, set[int]] = {}
        counted: dict[int, int] = {}
        for turn in turns:
            entering = np.flatnonzero((segments == turn.from_segment) & (heads == turn.via_node))
            for arc in entering.tolist():
                exits = out_of.get(turn.via_node, [])
                named = {a for a in exits if int(segments[a]) in turn.to_segments}
                barred = set(exits) - named if turn.only and named else (set() if turn.only else named)
                if barred:
                    forbidden.setdefault(arc, set()).update(barred)
                    counted[arc] = counted.get(arc, 0) + 1
        copies: list[tuple[int, list[int]]] = []
        for arc, barred in forbidden.items():
            via = int(heads[arc])
            allowed = [a for a in out_of[via] if a not in barred]
            if allowed:
                copies.append((len(origin), allowed))
                heads[arc] = len(origin)
                origin.append(via)
                applied += counted[arc]
        # Heads are read after every redirection, so a copied exit leads into the right copy further on.
        new = [(copy, int(heads[a]), int(segments[a]), bool(forwards[a])) for copy, exits in copies for a in exits]
        if new:
            tails = np.concatenate([tails, [x[0] for x in new]])
            heads = np.concatenate([heads, [x[1] for x in new]])
            segments = np.concatenate([segments, [x[2] for x in new]])
            forwards = np.concatenate([forwards, [x[3] for x in new]])
    return Expanded(tails, heads, segments, forwards, np.asarray(origin, np.int64), applied)
