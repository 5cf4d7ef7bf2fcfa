"""How much evaporates from spilled liquid by the equations of HJ 169-2018 annex F?"""

import math

import numpy as np
from numpy.typing import NDArray

from gis.errors import InputError
from plume.properties import GAS_CONSTANT, Properties
from plume.source.flashing import flash_fraction
from plume.source.heat import Ground
from plume.source.series import SourceTerm, steps
from plume.source.weather import SourceWeather

FloatArray = NDArray[np.float64]

GROUND: dict[str, Ground] = {
    "cement": Ground(1.1, 1.29e-7),
    "soil_8_percent_water": Ground(0.9, 4.3e-7),
    "dry_soil": Ground(0.3, 2.3e-7),
    "wet_soil": Ground(0.6, 3.3e-7),
    "gravel": Ground(2.5, 1.10e-6),
}
"""HJ 169-2018 table F.2."""
TURBULENCE: dict[str, tuple[float, float]] = {
    "A": (0.20, 3.846e-3),
    "B": (0.20, 3.846e-3),
    "C": (0.25, 4.685e-3),
    "D": (0.25, 4.685e-3),
    "E": (0.30, 5.285e-3),
    "F": (0.30, 5.285e-3),
}
"""HJ 169-2018 table F.3, (n, a); class C is not listed there and takes the row of D."""
REFERENCE = "HJ 169-2018 annex F eq. F.9-F.13"


def mass_evaporation_kg_s(properties: Properties, radius_m: float, weather: SourceWeather) -> float:
    """
    Evaporation driven by the wind, kg/s: Q3 = a p M/(R T0) u^((2 - n)/(2 + n)) r^((4 + n)/(2 + n)).

    HJ 169-2018 eq. F.12; the vapour pressure is that at the air's temperature, at most ambient.
    """
    n, a = TURBULENCE[weather.stability]
    air = weather.air_temperature_k
    boiling = properties.boiling_temperature_k(weather.pressure_pa)
    pressure = float(properties.vapour_pressure_pa(min(air, boiling)))
    wind: float = weather.wind_speed_10m_m_s ** ((2 - n) / (2 + n))
    size: float = radius_m ** ((4 + n) / (2 + n))
    return a * pressure * properties.molar_mass_kg_mol / (GAS_CONSTANT * air) * wind * size


def spilled(
    properties: Properties,
    mass_kg: float,
    area_m2: float,
    weather: SourceWeather,
    *,
    temperature_k: float,
    leak_s: float = 1.0,
    ground: str = "cement",
    horizon_s: float = 3600.0,
) -> SourceTerm:
    """
    Flash, heat and mass evaporation of `mass_kg` on `area_m2`: Wp = Q1 t1 + Q2 t2 + Q3 t3 (eq. F.9-F.13).

    Q1 = QL Fv while the leak lasts (F.10), Q2 = lambda S (T0 - Tb)/(H sqrt(pi alpha t)) (F.11), Q3 by the wind
    (F.12). Heat evaporation hands over to mass evaporation when it has become the smaller. The sum is held to the
    spilled mass.

    Raises
    ------
    InputError
        Mass, area or leak time not above 0, or an unknown ground.
    """
    faults = [
        f"puddle: {name} {value:g} must be above 0"
        for name, value in (("mass_kg", mass_kg), ("area_m2", area_m2), ("leak_s", leak_s))
        if not value > 0
    ]
    if ground not in GROUND:
        faults.append(f"puddle: ground '{ground}' is not one of {', '.join(GROUND)}")
    if faults:
        raise InputError(faults)
    boiling = properties.boiling_temperature_k(weather.pressure_pa)
    share = float(flash_fraction(properties, temperature_k))
    edges = np.unique(np.concatenate((np.geomspace(0.5, horizon_s, 120), [0.0, min(leak_s, horizon_s), horizon_s])))
    length = np.diff(edges)
    flash = share * mass_kg / leak_s * (edges[1:] <= leak_s * (1 + 1e-12))
    warm = max(weather.ground_k - boiling, 0.0)
    bed = GROUND[ground]
    strength = bed.conductivity_w_m_k * area_m2 * warm / float(properties.latent_heat_j_kg(boiling))
    strength /= math.sqrt(math.pi * bed.diffusivity_m2_s)
    heat = strength * 2 * np.diff(np.sqrt(edges)) / length
    wind = mass_evaporation_kg_s(properties, math.sqrt(area_m2 / math.pi), weather)
    rate = flash + np.maximum(heat, wind)
    gone = np.minimum(np.concatenate(([0.0], np.cumsum(rate * length))), mass_kg)
    used = int(np.flatnonzero(np.diff(gone) > 0)[-1]) + 1
    notes = ["puddle", *properties.notes]
    if weather.stability == "C":
        notes.append("hj169_class_c_as_d")
    return steps(
        edges[:used],
        (np.diff(gone) / length)[:used],
        float(edges[used]),
        min(weather.air_temperature_k, boiling),
        1.0,
        method="puddle_hj169",
        reference=REFERENCE,
        notes=notes,
        shape="puddle",
        diameter_m=2 * math.sqrt(area_m2 / math.pi),
        spilled_mass_kg=mass_kg,
    )
