"""How fast does liquid run out of a tank, and how does the flow fall as the tank empties?"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.errors import InputError
from plume.source.tank import GRAVITY_M_S2, Hole, Tank

FloatArray = NDArray[np.float64]
HoleForm = Literal["round", "triangular", "rectangular"]

ALOHA_DISCHARGE = 0.61
"""NOAA TM NOS OR&R 43, section 3.4.4.1."""
LEAST_PRESSURE_RATIO = 1.01
"""
ALOHA never lets the pressure at the hole fall below 1.01 times ambient: air is drawn in and the liquid surges out.
"""
HJ169_DISCHARGE: dict[HoleForm, tuple[float, float]] = {
    "round": (0.65, 0.50),
    "triangular": (0.60, 0.45),
    "rectangular": (0.55, 0.40),
}
"""HJ 169-2018 table F.1: Cd for Re > 100 and for Re <= 100."""
LEVEL_STEPS = 240
LEAST_SHARE = 0.01
"""A flow fallen to this share of the first flow has ended; the rest stays in the tank."""


@dataclass(frozen=True, slots=True, eq=False)
class Drain:
    """
    Liquid leaving a container, as steps of constant flow; nothing is said yet about what becomes airborne.

    Attributes
    ----------
    edges_s
        Edges of the steps, shape ``(n + 1,)``.
    rate_kg_s
        Flow within each step, shape ``(n,)``.
    temperature_k
        Temperature of the liquid.
    """

    edges_s: FloatArray
    rate_kg_s: FloatArray
    temperature_k: float

    @property
    def mass_kg(self) -> float:
        """Everything that left, kg."""
        return float(self.rate_kg_s @ np.diff(self.edges_s))

    def left_kg(self, time_s: ArrayLike) -> FloatArray:
        """Mass that left until `time_s` (any shape), kg."""
        done = np.concatenate(([0.0], np.cumsum(self.rate_kg_s * np.diff(self.edges_s))))
        return np.asarray(np.interp(np.asarray(time_s, float), self.edges_s, done))


def flow_hj169(
    area_m2: ArrayLike,
    pressure_pa: ArrayLike,
    ambient_pressure_pa: float,
    density_kg_m3: float,
    head_m: ArrayLike,
    discharge: float = HJ169_DISCHARGE["round"][0],
) -> FloatArray:
    """
    Liquid flow, kg/s: QL = Cd A rho sqrt(2 (P - P0)/rho + 2 g h), HJ 169-2018 eq. F.1 (Bernoulli).

    Examples
    --------
    CCPS (1999) p. 40: hole of 10 mm, Cd 0.63, 490 kg/m3, 120935 Pa absolute.

    >>> float(flow_hj169(np.pi * 0.01**2 / 4, 120935.0368, 101325.0, 490.0, 0.0, 0.63).round(4))
    0.2169
    """
    drive = 2 * (np.asarray(pressure_pa, float) - ambient_pressure_pa) / density_kg_m3
    drive = np.maximum(drive + 2 * GRAVITY_M_S2 * np.asarray(head_m, float), 0.0)
    return np.asarray(discharge * np.asarray(area_m2, float) * density_kg_m3 * np.sqrt(drive))


def flow_aloha(
    area_m2: ArrayLike,
    vapour_pressure_pa: float,
    ambient_pressure_pa: float,
    density_kg_m3: float,
    head_m: ArrayLike,
) -> FloatArray:
    """
    Liquid flow, kg/s: Q = 0.61 A sqrt(2 (Ph - Pa) rho), Ph = Pv + rho g h, at least 1.01 Pa.

    NOAA TM NOS OR&R 43, section 3.4.4.1.
    """
    at_hole = vapour_pressure_pa + density_kg_m3 * GRAVITY_M_S2 * np.asarray(head_m, float)
    at_hole = np.maximum(at_hole, LEAST_PRESSURE_RATIO * ambient_pressure_pa)
    drive = 2 * (at_hole - ambient_pressure_pa) * density_kg_m3
    return np.asarray(ALOHA_DISCHARGE * np.asarray(area_m2, float) * np.sqrt(drive))


def drain(
    tank: Tank,
    hole: Hole,
    content_m3: float,
    density_kg_m3: float,
    temperature_k: float,
    *,
    vapour_pressure_pa: float,
    ambient_pressure_pa: float = 101325.0,
    tank_pressure_pa: float | None = None,
    form: HoleForm = "round",
) -> Drain:
    """
    Flow in time from a tank that empties down to the hole.

    Without `tank_pressure_pa` the ALOHA form is used (closed tank under its own vapour pressure); with it HJ 169 eq.
    F.1 at that pressure, held. The level is cut in equal volumes; within each the flow at its middle applies, so the
    mass that leaves is exactly the volume between the first level and the last.

    Raises
    ------
    InputError
        No liquid stands above the hole.
    """
    floor_m3 = float(tank.volume_below_m3(hole.bottom_m))
    if not content_m3 > floor_m3:
        level = float(tank.level_of_m(content_m3))
        raise InputError(
            f"tank: the liquid stands at {level:.3g} m, not above the hole at {hole.bottom_m:.3g} m; "
            "nothing would run out"
        )
    volumes = np.linspace(content_m3, floor_m3, LEVEL_STEPS + 1)
    middle = 0.5 * (volumes[1:] + volumes[:-1])
    area, head = hole.covered(tank.level_of_m(middle))
    if tank_pressure_pa is None:
        rate = flow_aloha(area, vapour_pressure_pa, ambient_pressure_pa, density_kg_m3, head)
    else:
        rate = flow_hj169(area, tank_pressure_pa, ambient_pressure_pa, density_kg_m3, head, HJ169_DISCHARGE[form][0])
    ended = np.flatnonzero(rate < LEAST_SHARE * rate[0])
    count = int(ended[0]) if ended.size else rate.size
    if count == 0 or not rate[0] > 0:
        raise InputError("tank: the pressure at the hole is below the air's; nothing would run out")
    rate = rate[:count]
    lengths = density_kg_m3 * -np.diff(volumes)[:count] / rate
    return Drain(np.concatenate(([0.0], np.cumsum(lengths))), rate, temperature_k)
