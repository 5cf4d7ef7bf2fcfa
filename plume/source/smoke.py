"""How much poison does a fire give off by the ratios of HJ 169-2018?"""

from gis.errors import InputError
from plume.source.series import SourceTerm, steps

CARBON_FRACTION = 0.85
"""HJ 169-2018 eq. F.15: carbon content of the burning substance."""
INCOMPLETE_RANGE = (0.015, 0.06)
"""HJ 169-2018 eq. F.15: share burnt incompletely."""


def sulfur_dioxide_kg_s(burning_rate_kg_s: float, sulfur_fraction: float) -> float:
    """SO2 from burning sulfur: G = 2 B S, HJ 169-2018 eq. F.14 (B and G in the same unit)."""
    return 2 * burning_rate_kg_s * sulfur_fraction


def carbon_monoxide_kg_s(
    burning_rate_kg_s: float, incomplete_fraction: float, carbon_fraction: float = CARBON_FRACTION
) -> float:
    """CO from incomplete burning: G = 2330 q C Q with Q in t/s, HJ 169-2018 eq. F.15."""
    return 2330 * incomplete_fraction * carbon_fraction * burning_rate_kg_s / 1000


def from_fire(
    pollutant: str,
    burning_rate_kg_s: float,
    duration_s: float,
    *,
    air_temperature_k: float,
    sulfur_fraction: float | None = None,
    incomplete_fraction: float = 0.06,
    carbon_fraction: float = CARBON_FRACTION,
) -> SourceTerm:
    """
    Smoke of a steady fire, as sulfur dioxide (eq. F.14) or carbon monoxide (eq. F.15).

    The rise of the hot plume is not modelled: near the fire the ground concentration is too high.

    Raises
    ------
    InputError
        Another pollutant, a missing sulfur content, or numbers out of range.
    """
    faults = [
        f"fire: {name} {value:g} must be above 0"
        for name, value in (("burning_rate_kg_s", burning_rate_kg_s), ("duration_s", duration_s))
        if not value > 0
    ]
    rate = 0.0
    if pollutant == "sulfur dioxide":
        if sulfur_fraction is None or not 0 < sulfur_fraction <= 1:
            faults.append("fire: sulfur_fraction (0..1 by mass) is needed for sulfur dioxide")
        else:
            rate = sulfur_dioxide_kg_s(burning_rate_kg_s, sulfur_fraction)
    elif pollutant == "carbon monoxide":
        if not INCOMPLETE_RANGE[0] <= incomplete_fraction <= INCOMPLETE_RANGE[1]:
            faults.append(
                f"fire: incomplete_fraction {incomplete_fraction:g} must lie within 0.015 to 0.06 (HJ 169 F.15)"
            )
        rate = carbon_monoxide_kg_s(burning_rate_kg_s, incomplete_fraction, carbon_fraction)
    else:
        faults.append(f"fire: smoke is computed for sulfur dioxide or carbon monoxide, not for {pollutant}")
    if faults:
        raise InputError(faults)
    return steps(
        [0.0],
        [rate],
        duration_s,
        air_temperature_k,
        1.0,
        method="fire_smoke_hj169",
        reference=f"HJ 169-2018 annex F eq. {'F.14' if pollutant == 'sulfur dioxide' else 'F.15'}",
        notes=("plume_rise_not_modelled",),
    )
