"""How much vapour of a cloud lies within its flammable limits, and where is it?"""

from collections.abc import Callable
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

LEAN_SHARE = 0.9
"""ALOHA counts vapour from 90 % of the lower limit up (NOAA TM NOS OR&R 43 section 5.2)."""
STATIONS, ACROSS, UP = 160, 60, 48
NEAREST_M, FAR_M = 0.05, 20_000.0


class Field(Protocol):
    """Concentration of a cloud, kg/m3, averaged as for flammable clouds (10 s); x downwind of the source."""

    def concentration(self, downwind_m: ArrayLike, crosswind_m: ArrayLike, height_m: ArrayLike) -> FloatArray:
        """At places that broadcast together."""
        ...


class FlammableCloud(NamedTuple):
    """
    Vapour within flammable limits.

    Attributes
    ----------
    mass_kg
        Between 90 % of the lower limit and the upper limit.
    centre_m
        Downwind distance of the centre of mass of all vapour above 90 % of the lower limit.
    reach_m
        Farthest downwind distance of the lower bound.
    """

    mass_kg: float
    centre_m: float
    reach_m: float


def flammable_cloud(cloud: Field, lower_kg_m3: float, upper_kg_m3: float) -> FlammableCloud:
    """
    Integrate the concentration of a cloud over the places where it is within its flammable limits.

    Parameters
    ----------
    lower_kg_m3, upper_kg_m3
        Lower and upper limit as concentrations at ambient conditions.

    Notes
    -----
    Stations downwind are spaced evenly in log x; at each the cross-section out to 90 % of the lower limit is cut in
    cells.
    """
    lean = LEAN_SHARE * lower_kg_m3
    probe = np.geomspace(NEAREST_M, FAR_M, 1200)
    above = np.flatnonzero(cloud.concentration(probe, 0.0, 0.0) >= lean)
    if above.size == 0:
        return FlammableCloud(0.0, 0.0, 0.0)
    reach = float(probe[min(above[-1] + 1, probe.size - 1)])
    edges = np.concatenate(([0.0], np.geomspace(min(NEAREST_M, reach / 100), reach, STATIONS)))
    x, length = 0.5 * (edges[1:] + edges[:-1]), np.diff(edges)
    half = _extent(lambda y: cloud.concentration(x, y, 0.0), lean, x.size)
    top = _extent(lambda z: cloud.concentration(x, 0.0, z), lean, x.size)
    across = (np.arange(ACROSS) + 0.5) / ACROSS
    up = (np.arange(UP) + 0.5) / UP
    field = cloud.concentration(
        x[:, None, None], half[:, None, None] * across[None, :, None], top[:, None, None] * up[None, None, :]
    )
    cell = 2 * length * (half / ACROSS) * (top / UP)  # both sides of the axis
    burning = np.where((field >= lean) & (field <= upper_kg_m3), field, 0.0).sum(axis=(1, 2)) * cell
    whole = np.where(field >= lean, field, 0.0).sum(axis=(1, 2)) * cell
    total = float(whole.sum())
    return FlammableCloud(float(burning.sum()), float(whole @ x / total) if total > 0 else 0.0, reach)


def _extent(value_at: Callable[[FloatArray], FloatArray], level: float, count: int) -> FloatArray:
    """
    Distance from the axis at which the value has fallen to `level`, per station, by bisection; 0 where it never has it.
    """
    low, high = np.zeros(count), np.full(count, 2000.0)
    for _ in range(44):
        middle = 0.5 * (low + high)
        inside = value_at(middle) >= level
        low, high = np.where(inside, middle, low), np.where(inside, high, middle)
    return low
