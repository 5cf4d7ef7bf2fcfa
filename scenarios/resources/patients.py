"""Where do the injured go? To the nearest hospital with a free bed, the worst injured first."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Share:
    """How many of the seriously and the slightly injured go to the hospital at the same place of the list."""

    serious: int
    slight: int


def share_out(serious: int, slight: int, free: Sequence[int | None]) -> tuple[list[Share], int]:
    """
    Fill the free beds of hospitals in their order, the seriously injured before the others.

    Parameters
    ----------
    free
        Free beds of each hospital, the nearest first; None (nobody said) takes nobody.

    Returns
    -------
    tuple
        The share of each hospital, and how many find no bed. Only beds are counted: ways and wards are not.
    """
    shares, waiting = [], [max(0, serious), max(0, slight)]
    for beds in free:
        left, taken = beds or 0, []
        for at, count in enumerate(waiting):
            goes = min(count, left)
            waiting[at] -= goes
            left -= goes
            taken.append(goes)
        shares.append(Share(*taken))
    return shares, sum(waiting)
