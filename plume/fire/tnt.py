"""How strong is the blast of a solid explosive, counted as TNT?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.errors import InputError

FloatArray = NDArray[np.float64]

REFERENCE = "Kingery & Bulmash 1984, simplified by Swisdak 1994 (hemispherical surface burst)"
TNT_ENERGY_J_KG = 4.52e6
"""Energy of detonation of TNT usual in China (4.52 MJ/kg); 4.18 to 4.69 are in use."""
_LIMITS = np.array([2.9, 23.8])
NEAREST_Z, FARTHEST_Z = 0.2, 198.5
"""Scaled distances the fit was made for, m/kg^(1/3)."""
_FIT = np.array(
    [
        [7.2106, -2.1069, -0.3229, 0.1117, 0.0685],
        [7.5938, -3.0523, 0.40977, 0.0261, -0.01267],
        [6.0536, -1.4066, 0.0, 0.0, 0.0],
    ]
)


def incident_overpressure_pa(distance_m: ArrayLike, tnt_kg: float) -> FloatArray:
    """
    Incident overpressure of `tnt_kg` on the ground at distances (any shape), Pa; NaN where the fit has no meaning.

    ln P(kPa) = A + B ln Z + C ln^2 Z + D ln^3 Z + E ln^4 Z, Z = R/W^(1/3) in m/kg^(1/3) (Swisdak 1994, table 1).

    Examples
    --------
    >>> float(incident_overpressure_pa(500.0, 10_000.0).round(-1))
    5050.0
    """
    z = np.asarray(distance_m, float) / np.cbrt(tnt_kg)
    log = np.log(np.clip(z, NEAREST_Z, FARTHEST_Z))
    powers = np.stack([log**k for k in range(5)])
    fits = np.exp(np.tensordot(_FIT, powers, axes=1)) * 1000
    chosen = np.choose(np.searchsorted(_LIMITS, z), list(fits))
    return np.where((z < NEAREST_Z) | (z > FARTHEST_Z), np.nan, chosen)


@dataclass(frozen=True, slots=True)
class SolidExplosion:
    """A charge of `tnt_kg` of TNT on the ground."""

    tnt_kg: float
    centre_m: float = 0.0

    def overpressure_pa(self, distance_m: ArrayLike) -> FloatArray:
        """Incident overpressure, Pa; held at the fit's nearest value inside it and 0 beyond its end."""
        distance = np.asarray(distance_m, float)
        z = distance / np.cbrt(self.tnt_kg)
        near = np.maximum(distance, NEAREST_Z * np.cbrt(self.tnt_kg) * (1 + 1e-9))
        values = incident_overpressure_pa(np.minimum(near, FARTHEST_Z * np.cbrt(self.tnt_kg) * (1 - 1e-9)), self.tnt_kg)
        return np.where(z > FARTHEST_Z, 0.0, values)


def solid_explosion(
    mass_kg: float, *, tnt_equivalence: float | None = None, energy_j_kg: float | None = None
) -> SolidExplosion:
    """
    TNT equivalent of `mass_kg`: by equivalence (kg TNT per kg), or by its energy over that of TNT.

    Raises
    ------
    InputError
        Mass not above 0, or not exactly one of equivalence and energy, or one not above 0.
    """
    faults = []
    if not mass_kg > 0:
        faults.append(f"explosion: mass {mass_kg:g} kg must be above 0")
    if (tnt_equivalence is None) == (energy_j_kg is None):
        faults.append("explosion: give either tnt_equivalence or energy_j_kg")
    share = tnt_equivalence if tnt_equivalence is not None else (energy_j_kg or 0.0) / TNT_ENERGY_J_KG
    if not share > 0:
        faults.append("explosion: the TNT equivalence or the energy must be above 0")
    if faults:
        raise InputError(faults)
    return SolidExplosion(mass_kg * share)
