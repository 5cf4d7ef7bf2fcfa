"""How wide and how deep is a plume at this distance?"""

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from plume.stability import StabilityClass

FloatArray = NDArray[np.float64]
SigmaSet = Literal["briggs", "isc3", "tno", "degadis"]
SigmaChoice = Literal["auto", "briggs", "isc3", "tno", "degadis"]

SMOOTH_M = (0.001, 0.0122)
"""
Roughness nearest the class "smooth" (0.005 m: bare soil, stubble, short grass) of the Davenport scale as revised by
Wieringa (1992); its neighbours are "sea" (0.0002 m) and "open" (0.03 m), the limits lie half-way in the logarithm.
"""
NEAR_GROUND_M = 10.0

URBAN_ROUGHNESS_M = 0.2
"""ALOHA: urban sigma_z from this roughness up; the rural sigma_y set serves every surface (plume.md 4.1)."""
BASE_AVERAGING_S = 180.0
"""The rural sigma_y set stands for about three minutes; longer averaging is not credited, as in ALOHA."""
SHORTEST_AVERAGING_S = 10.0
AVERAGING_EXPONENT = 0.2
ISC3_SIGMA_Z_CAP_M = 5000.0
DEGADIS_NEAREST_M = 100.0
"""Seinfeld's curves behind the DEGADIS set begin at 100 m; nearer, sigma_z is in proportion to the distance."""

_Y_RURAL = {"A": 0.22, "B": 0.16, "C": 0.11, "D": 0.08, "E": 0.06, "F": 0.04}
_Y_URBAN = {"A": 0.32, "B": 0.32, "C": 0.22, "D": 0.16, "E": 0.11, "F": 0.11}
# sigma_z = a x (1 + b x)^c
_Z_RURAL = {
    "A": (0.20, 0.0, 1.0),
    "B": (0.12, 0.0, 1.0),
    "C": (0.08, 2e-4, -0.5),
    "D": (0.06, 1.5e-3, -0.5),
    "E": (0.03, 3e-4, -1.0),
    "F": (0.016, 3e-4, -1.0),
}
_Z_URBAN = {
    "A": (0.24, 1e-3, 0.5),
    "B": (0.24, 1e-3, 0.5),
    "C": (0.20, 0.0, 1.0),
    "D": (0.14, 3e-4, -0.5),
    "E": (0.08, 1.5e-3, -0.5),
    "F": (0.08, 1.5e-3, -0.5),
}

_ISC3_Y = {
    "A": (24.1670, 2.5334),
    "B": (18.3330, 1.8096),
    "C": (12.5000, 1.0857),
    "D": (8.3330, 0.72382),
    "E": (6.2500, 0.54287),
    "F": (4.1667, 0.36191),
}
# Upper distance in km, a, b of sigma_z = a X^b; the last piece has no upper end.
_ISC3_Z: dict[str, tuple[tuple[float, float, float], ...]] = {
    "A": (
        (0.10, 122.80, 0.94470),
        (0.15, 158.08, 1.05420),
        (0.20, 170.22, 1.09320),
        (0.25, 179.52, 1.12620),
        (0.30, 217.41, 1.26440),
        (0.40, 258.89, 1.40940),
        (0.50, 346.75, 1.72830),
        (math.inf, 453.85, 2.11660),
    ),
    "B": ((0.20, 90.673, 0.93198), (0.40, 98.483, 0.98332), (math.inf, 109.30, 1.09710)),
    "C": ((math.inf, 61.141, 0.91465),),
    "D": (
        (0.30, 34.459, 0.86974),
        (1.0, 32.093, 0.81066),
        (3.0, 32.093, 0.64403),
        (10.0, 33.504, 0.60486),
        (30.0, 36.650, 0.56589),
        (math.inf, 44.053, 0.51179),
    ),
    "E": (
        (0.10, 24.260, 0.83660),
        (0.30, 23.331, 0.81956),
        (1.0, 21.628, 0.75660),
        (2.0, 21.628, 0.63077),
        (4.0, 22.534, 0.57154),
        (10.0, 24.703, 0.50527),
        (20.0, 26.970, 0.46713),
        (40.0, 35.420, 0.37615),
        (math.inf, 47.618, 0.29592),
    ),
    "F": (
        (0.20, 15.209, 0.81558),
        (0.70, 14.457, 0.78407),
        (1.0, 13.953, 0.68465),
        (2.0, 13.953, 0.63227),
        (3.0, 14.823, 0.54503),
        (7.0, 16.187, 0.46490),
        (15.0, 17.836, 0.41507),
        (30.0, 22.651, 0.32681),
        (60.0, 27.074, 0.27436),
        (math.inf, 34.219, 0.21716),
    ),
}
_TNO_Y = {
    "A": (0.527, 0.865),
    "B": (0.371, 0.866),
    "C": (0.209, 0.897),
    "D": (0.128, 0.905),
    "E": (0.098, 0.902),
    "F": (0.065, 0.902),
}
_TNO_Z = {
    "A": (0.28, 0.90),
    "B": (0.23, 0.85),
    "C": (0.22, 0.80),
    "D": (0.20, 0.76),
    "E": (0.15, 0.73),
    "F": (0.12, 0.67),
}
# sigma_y = delta x^0.9 at 600 s averaging; sigma_z = delta x^beta exp(gamma ln^2 x) (DEGADIS 2.1, EPA-450/4-89-019).
_DEGADIS_Y = {"A": 0.423, "B": 0.313, "C": 0.210, "D": 0.136, "E": 0.102, "F": 0.0674}
_DEGADIS_Z = {
    "A": (107.66, -1.7172, 0.2770),
    "B": (0.1355, 0.8752, 0.0136),
    "C": (0.09623, 0.9477, -0.0020),
    "D": (0.04134, 1.1737, -0.0316),
    "E": (0.02275, 1.3010, -0.0450),
    "F": (0.01122, 1.4024, -0.0540),
}
_BEALS_X = {
    "A": (0.02, 1.22),
    "B": (0.02, 1.22),
    "C": (0.02, 1.22),
    "D": (0.04, 1.14),
    "E": (0.17, 0.97),
    "F": (0.17, 0.97),
}


def resolved(which: SigmaChoice, release_height_m: float, roughness_m: float) -> SigmaSet:
    """
    The set meant by ``auto``: Pasquill-Gifford for releases up to 10 m above smooth land, Briggs everywhere else.

    The Pasquill-Gifford curves (ISC3, EPA-454/B-95-003b) were drawn from releases near the ground over short grass,
    Prairie Grass among them (Pasquill 1961, Gifford 1961); Briggs (1973) interpolates towards elevated sources over
    open country, and ALOHA takes it for every land and for water. So a score on Prairie Grass shows that the curves
    are programmed as drawn, not that they foretell another site.
    """
    if which != "auto":
        return which
    smooth = SMOOTH_M[0] <= roughness_m < SMOOTH_M[1]
    return "isc3" if smooth and release_height_m <= NEAR_GROUND_M else "briggs"


def crosswind(
    distance_m: ArrayLike, stability: StabilityClass, which: SigmaSet = "briggs", *, urban: bool = False
) -> FloatArray:
    """
    Standard deviation across the wind, m; any shape, 0 at and upwind of the source.

    Briggs (1973) rural, or urban when `urban`; ISC3 rural (EPA-454/B-95-003b, eq. 1-32); TNO Yellow Book and
    DEGADIS power laws.
    """
    x = np.maximum(np.asarray(distance_m, float), 0.0)
    if which == "tno":
        a, b = _TNO_Y[stability]
        return np.asarray(a * x**b)
    if which == "degadis":
        return np.asarray(_DEGADIS_Y[stability] * x**0.9)
    if which == "isc3":
        c, d = _ISC3_Y[stability]
        km = np.maximum(x, 1e-9) / 1000
        return np.asarray(465.11628 * km * np.tan(0.017453293 * (c - d * np.log(km))))
    if urban:
        return np.asarray(_Y_URBAN[stability] * x / np.sqrt(1 + 4e-4 * x))
    return np.asarray(_Y_RURAL[stability] * x / np.sqrt(1 + 1e-4 * x))


def vertical(
    distance_m: ArrayLike, stability: StabilityClass, which: SigmaSet = "briggs", *, urban: bool = False
) -> FloatArray:
    """
    Standard deviation in height, m; any shape, 0 at and upwind of the source.

    Briggs (1973) rural or urban; ISC3 rural (piecewise power law, capped at 5000 m for A-C); TNO Yellow Book
    power law; DEGADIS.
    """
    x = np.maximum(np.asarray(distance_m, float), 0.0)
    if which == "tno":
        a, b = _TNO_Z[stability]
        return np.asarray(a * x**b)
    if which == "degadis":
        delta, beta, gamma = _DEGADIS_Z[stability]
        # Class A falls again near the source; the curve is held there at its value at 100 m, in proportion.
        far = np.maximum(x, DEGADIS_NEAREST_M)
        return np.asarray(delta * far**beta * np.exp(gamma * np.log(far) ** 2) * x / far)
    if which == "isc3":
        return _isc3_vertical(x, stability)
    a, b, c = (_Z_URBAN if urban else _Z_RURAL)[stability]
    return np.asarray(a * x * (1 + b * x) ** c)


def _isc3_vertical(x: FloatArray, stability: StabilityClass) -> FloatArray:
    pieces = np.array(_ISC3_Z[stability])
    piece = np.searchsorted(pieces[:-1, 0], x / 1000, side="left")
    sigma = pieces[piece, 1] * (x / 1000) ** pieces[piece, 2]
    return np.asarray(np.minimum(sigma, ISC3_SIGMA_Z_CAP_M) if stability in "ABC" else sigma)


def along_wind(distance_m: ArrayLike, stability: StabilityClass) -> FloatArray:
    """Standard deviation along the wind, m (Beals; two sources, plume.md 4.1); any shape."""
    a, b = _BEALS_X[stability]
    return np.asarray(a * np.maximum(np.asarray(distance_m, float), 0.0) ** b)


def averaging_factor(averaging_s: float) -> float:
    """
    Factor on sigma_y for an averaging time: (t/180 s)^0.2 between 10 s and 180 s, 1 above.

    10 s gives 0.561, ALOHA's value for flammable clouds (plume.md 4.6). Above three minutes no dilution by meandering
    is
    credited: ALOHA does not either, and the class-only scores on Prairie Grass (10 min) were made without it.
    """
    seconds = min(max(averaging_s, SHORTEST_AVERAGING_S), BASE_AVERAGING_S)
    return float((seconds / BASE_AVERAGING_S) ** AVERAGING_EXPONENT)


def area_source(diameter_m: float) -> float:
    """Initial sigma_y of a round area source, D/sqrt(2 pi) (plume.md 4.8), m; to be added in quadrature."""
    return diameter_m / math.sqrt(2 * math.pi)
