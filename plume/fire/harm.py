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
REACTION_S = 5.0
WALKING_M_S = 4.0
"""TNO Green Book: five seconds to react, then 4 m/s; from memory, unverified."""


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


def head_impact_fatality(overpressure_pa: ArrayLike, impulse_pa_s: ArrayLike) -> FloatArray:
    """Share killed by being thrown head first: Pr = 5 - 8.49 ln(2430/P + 4e8/(P i)) (TNO)."""
    pressure = np.asarray(overpressure_pa, float)
    strain = 2430 / pressure + 4e8 / (pressure * np.asarray(impulse_pa_s, float))
    return np.asarray(ndtr(-8.49 * np.log(strain)))


def collapse_fatality(overpressure_pa: ArrayLike, impulse_pa_s: ArrayLike) -> FloatArray:
    """Share killed in a collapsing building: Pr = 5 - 0.22 ln((40000/P)^7.4 + (460/i)^11.3) (TNO)."""
    strain = (40000 / np.asarray(overpressure_pa, float)) ** 7.4 + (460 / np.asarray(impulse_pa_s, float)) ** 11.3
    return np.asarray(ndtr(-0.22 * np.log(strain)))


def dose_while_leaving(
    flux_w_m2: ArrayLike, duration_s: float, escape_s: float | None = None, reaction_s: float = REACTION_S
) -> FloatArray:
    """
    Thermal dose of people who react after `reaction_s` and are in the shade `escape_s` later.

    On the way the flux is taken to fall evenly to nothing, so the way counts 3/7 of its time (the mean of (1 -
    s)^(4/3)).
    """
    way = max(duration_s - reaction_s, 0.0) if escape_s is None else min(escape_s, max(duration_s - reaction_s, 0.0))
    return thermal_dose(flux_w_m2, min(reaction_s, duration_s) + 3 / 7 * way)
