"""How many of those exposed to this dose would die? Toxic load and probit functions, each with its trust."""

import functools
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from gis.errors import MissingError
from gis.provenance import Trust
from plume.substances import Substance, read_table

FloatArray = NDArray[np.float64]

PROBIT_OF_HALF = 5.0


@dataclass(frozen=True, slots=True)
class ToxicProbit:
    """
    Pr = a + b ln(C^n t), C in mg/m3, t in minutes.

    Attributes
    ----------
    a, b, n
        Constants; n is the toxic-load exponent.
    source, trust
        All sixteen sets are from memory and carry ``unverified`` wherever they are shown.
    """

    a: float
    b: float
    n: float
    source: str
    trust: Trust


@functools.cache
def _table() -> dict[str, ToxicProbit]:
    return {
        row["cas"]: ToxicProbit(
            float(row["a"]), float(row["b"]), float(row["n"]), row["source"], cast(Trust, row["status"])
        )
        for row in read_table("probits.csv")
    }


def of(substance: Substance) -> ToxicProbit | None:
    """Probit of a substance; None where the table has none."""
    return _table().get(substance.cas)


def need(substance: Substance) -> ToxicProbit:
    """
    Probit of a substance.

    Raises
    ------
    MissingError
        The table has none.
    """
    found = of(substance)
    if found is None:
        raise MissingError(f"{substance.key}: no toxic probit on record, so no dose response can be computed")
    return found


def fatality(load: ArrayLike, probit: ToxicProbit) -> FloatArray:
    """
    Share that dies from a toxic load (mg/m3)^n min; any shape, 0 for no load.

    The probit is the quantile of the normal distribution plus 5 (Finney).
    """
    value = np.asarray(load, float)
    with np.errstate(divide="ignore"):
        return share_of(probit.a + probit.b * np.log(value))


def share_of(probit_value: ArrayLike) -> FloatArray:
    """Share affected for a probit value: 0.5 at 5, 0.01 at 2.67, 0.99 at 7.33."""
    return np.asarray(ndtr(np.asarray(probit_value, float) - PROBIT_OF_HALF))
