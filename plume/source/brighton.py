"""How fast does wind carry vapour off a puddle that does not boil? Brighton (1985), as ALOHA applies it."""

import math

from plume.properties import GAS_CONSTANT

KARMAN = 0.4
TURBULENT_SCHMIDT = 0.85
EULER_GAMMA = 0.577
AIR_VISCOSITY_M2_S = 1.5e-5
WATER_DIFFUSIVITY_M2_S = 2.39e-5
WATER_MOLAR_MASS_KG_MOL = 0.018015
PUDDLE_ROUGHNESS_M = 0.001
"""
Roughness of the puddle's surroundings, whatever the terrain: ALOHA's evaporation does not depend on its terrain
setting.
"""
VOLATILE_LIMIT = 4.0
"""Above this correction Brighton's model ends and the puddle boils (NOAA TM NOS OR&R 43 section 3.3.1)."""


def diffusivity_m2_s(molar_mass_kg_mol: float) -> float:
    """Diffusivity of the vapour in air by Graham's law, 2.39e-5 sqrt(Mw/M): a lighter molecule diffuses faster."""
    return WATER_DIFFUSIVITY_M2_S * math.sqrt(WATER_MOLAR_MASS_KG_MOL / molar_mass_kg_mol)


def friction_velocity_m_s(wind_speed_10m_m_s: float) -> float:
    """u* = 0.03 u (10/z)^n at z = 10 m (Deacon 1973)."""
    return 0.03 * wind_speed_10m_m_s


def _schmidt_function(schmidt: float, reynolds: float) -> float:
    """f(Sc): smooth below Re0 = 0.13, rough above 2, linear between."""
    smooth: float = (3.85 * schmidt ** (1 / 3) - 1.3) ** 2 + TURBULENT_SCHMIDT / KARMAN * math.log(0.13 * schmidt)
    if reynolds <= 0.13:
        return smooth
    rough: float = 7.3 * max(reynolds, 2.0) ** 0.25 * math.sqrt(schmidt) - 5 * TURBULENT_SCHMIDT
    return rough if reynolds >= 2 else smooth + (reynolds - 0.13) / (2 - 0.13) * (rough - smooth)


def transfer_coefficient(
    molar_mass_kg_mol: float, wind_speed_10m_m_s: float, wind_exponent: float, diameter_m: float
) -> float:
    """
    Mean dimensionless mass transfer coefficient j of a puddle; the evaporation flux is u* j Cs.

    j = (k/ScT)(1 + n)[1/2 - atan(l/pi)/pi + (1 - ge)/(l^2 + pi^2) + ((1 - ge)^2 + 1 + pi^2/6) l/(l^2 + pi^2)^2],
    l = ln(exp(L) X1), X1 = n k^2 D/(ScT z0 e^(1/n)), L = 1/n + 1 + 2 ln(1 + n) - 2 ge + (k/ScT)(1 + n) f(Sc).
    Brighton (1985); NOAA TM NOS OR&R 43 section 3.3.1.
    """
    n = wind_exponent
    schmidt = AIR_VISCOSITY_M2_S / diffusivity_m2_s(molar_mass_kg_mol)
    reynolds = friction_velocity_m_s(wind_speed_10m_m_s) * PUDDLE_ROUGHNESS_M / AIR_VISCOSITY_M2_S
    growth = KARMAN / TURBULENT_SCHMIDT * (1 + n)
    capital = 1 / n + 1 + 2 * math.log(1 + n) - 2 * EULER_GAMMA + growth * _schmidt_function(schmidt, reynolds)
    distance = n * KARMAN**2 * diameter_m / (TURBULENT_SCHMIDT * PUDDLE_ROUGHNESS_M * math.exp(1 / n))
    log = capital + math.log(distance)
    square = log**2 + math.pi**2
    gap = 1 - EULER_GAMMA
    return growth * (
        0.5 - math.atan(log / math.pi) / math.pi + gap / square + (gap**2 + 1 + math.pi**2 / 6) * log / square**2
    )


def volatile_factor(vapour_pressure_pa: float, ambient_pressure_pa: float) -> float:
    """
    Correction for volatile liquids, -(Pa/Pv) ln(1 - Pv/Pa), never above 4 and finite at and above the boiling point.
    """
    ratio = vapour_pressure_pa / ambient_pressure_pa
    if ratio >= 1:
        return VOLATILE_LIMIT
    if ratio < 1e-9:
        return 1.0
    return min(-math.log1p(-ratio) / ratio, VOLATILE_LIMIT)


def flux_kg_m2_s(
    coefficient: float,
    wind_speed_10m_m_s: float,
    vapour_pressure_pa: float,
    molar_mass_kg_mol: float,
    temperature_k: float,
    ambient_pressure_pa: float,
) -> float:
    """Evaporation flux, kg/(m2 s): E = u* j (correction) Cs, Cs = Pv M/(R T)."""
    saturated = vapour_pressure_pa * molar_mass_kg_mol / (GAS_CONSTANT * temperature_k)
    factor = volatile_factor(vapour_pressure_pa, ambient_pressure_pa)
    return friction_velocity_m_s(wind_speed_10m_m_s) * coefficient * factor * saturated
