"""How do fractions become whole people without losing anybody?"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.errors import InputError

IntArray = NDArray[np.int64]
_TINY = 1e-290


def largest_remainder(shares: ArrayLike, total: int | None = None) -> IntArray:
    """
    Whole numbers ``(n,)`` proportional to `shares` ``(n,)`` that sum to `total` exactly (method of largest remainders).

    Parameters
    ----------
    shares
        From 0; scaled so that they sum to `total`. Without `total` they are taken as they are and their rounded sum is
        kept.

    Raises
    ------
    InputError
        Negative or non-finite shares, or a positive total over shares that are all zero.

    Examples
    --------
    >>> largest_remainder([0.5, 0.3, 0.2], 11).tolist()
    [6, 3, 2]
    >>> largest_remainder([10.4, 20.4, 30.2]).tolist()
    [11, 20, 30]
    """
    values = np.asarray(shares, dtype=np.float64)
    if values.size and (not np.isfinite(values).all() or (values < 0).any()):
        raise InputError("shares of people must be finite and not negative")
    whole = float(values.sum())
    target = round(whole) if total is None else total
    if target < 0:
        raise InputError(f"a total of {target} people cannot be shared out")
    if whole == 0:
        if target > 0:
            raise InputError(f"{target} people cannot be shared out over shares that are all zero")
        return np.zeros(values.shape, dtype=np.int64)
    if total is not None and whole < _TINY:
        values, whole = values / whole, 1.0  # the scale itself would be beyond the largest float
    exact = values * (target / whole) if total is not None else values
    # A hair above the float error, so that 3.0000000000000004 and 2.9999999999999996 are both three.
    floors = np.floor(exact + 1e-9).astype(np.int64)
    missing = target - int(floors.sum())
    order = np.argsort(-(exact - floors), kind="stable")
    if missing > 0:
        floors[order[:missing]] += 1
    elif missing < 0:
        taken = [at for at in order[::-1] if floors[at] > 0][:-missing]
        floors[taken] -= 1
    return floors
