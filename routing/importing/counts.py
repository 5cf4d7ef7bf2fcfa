"""How large is the raw network, before its chains are merged?"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from routing.assemble import largest_part


def raw_counts(node_count: int, tail: NDArray[np.integer], head: NDArray[np.integer]) -> dict[str, Any]:
    """
    Nodes and arcs with every vertex as a node, and the same of the largest strongly connected part.

    These are the figures to compare importers by; how chains are merged afterwards differs from tool to tool.
    """
    keep = largest_part(node_count, tail, head)
    inside = keep[tail] & keep[head]
    return {
        "node_level": {"nodes": node_count, "arcs": len(tail)},
        "largest_part": {"nodes": int(keep.sum()), "arcs": int(inside.sum())},
    }
