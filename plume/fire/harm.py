"""What does heat or blast do to people, and how far may the number be trusted?"""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from gis.provenance import Trust

FloatArray = NDArray[np.float64]
HeatProbit = Literal["eisenberg", "tsao_perry", "tno", "lees"]
BlastProbit = Literal["lung", "hse"]

SOURCE = "HyRAM+ 6.1 technical reference"
TRUST: Trust = "one_source"


class Line(NamedTuple):
    """Pr = a + b ln(share x)."""

    a: float
    b: float
    share: float = 1.0


HEAT: dict[HeatProbit, Line] = {
    "eisenberg": Line(-38.48, 2.56),
    "tsao_perry": Line(-36.38, 2.56),
    "tno": Line(-37.23, 2.56),
    "lees": Line(-29.02, 1.99, 0.5),
}
"""Fatality by thermal dose V = t q^(4/3), (W/m2)^(4/3) s."""
BLAST: dict[BlastProbit, Line] = {"lung": Line(-77.1, 6.91), "hse": Line(5.13, 1.37, 1e-5)}
"""Fatality by peak overpressure, Pa."""


def thermal_dose(flux_w_m2: ArrayLike, duration_s: ArrayLike) -> FloatArray:
    """Thermal dose, (W/m2)^(4/3) s: V = t q^(4/3)."""
    return np.asarray(np.asarray(duration_s, float) * np.asarray(flux_w_m2, float) ** (4 / 3))


def _fatality(line: Line, value: ArrayLike) -> FloatArray:
    with np.errstate(divide="ignore"):
        probit = line.a + line.b * np.log(line.share * np.asarray(value, float))
    return np.asarray(ndtr(probit - 5.0))


def heat_fatality(flux_w_m2: ArrayLike, duration_s: ArrayLike, probit: HeatProbit = "tsao_perry") -> FloatArray:
    """Share of unprotected people killed by a steady flux for a duration, 0..1."""
    return _fatality(HEAT[probit], thermal_dose(flux_w_m2, duration_s))


def blast_fatality(overpressure_pa: ArrayLike, probit: BlastProbit = "hse") -> FloatArray:
    """Share of people killed by a peak overpressure, 0..1."""
    return _fatality(BLAST[probit], overpressure_pa)
