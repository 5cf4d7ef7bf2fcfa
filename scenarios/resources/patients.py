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
    shares: list[Share] = []
    serious, slight = max(0, serious), max(0, slight)
    for beds in free:
        left = beds or 0
        share = Share(min(serious, left), min(slight, max(0, left - serious)))
        serious, slight = serious - share.serious, slight - share.slight
        shares.append(share)
    return shares, serious + slight
