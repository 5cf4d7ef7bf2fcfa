"""How fast does a liquid above its boiling point leave a tank, and how much of it is vapour at once?"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.errors import InputError
from plume.properties import GAS_CONSTANT, STANDARD_PRESSURE_PA, Properties
from plume.source import gas
from plume.source.series import SourceTerm, steps
from plume.source.tank import Hole, Tank

FloatArray = NDArray[np.float64]

HNE_DISCHARGE = 0.61
HNE_LENGTH_M = 0.1
"""Pipe length within which flashing reaches equilibrium (NOAA TM NOS OR&R 43 section 3.4.5)."""
HJ169_DISCHARGE = 0.8
"""HJ 169-2018 eq. F.6; from memory, unverified."""
HJ169_CRITICAL_RATIO = 0.55
"""PC = 0.55 P: the printed "0.55 Pa" cannot be meant."""
LIQUID_STEPS = 160
LEAST_SHARE = 1e-3
"""Liquid below the hole counts only above this share of the content."""


def flux_hne(
    latent_heat_j_kg: ArrayLike,
    vapour_m3_kg: ArrayLike,
    liquid_m3_kg: ArrayLike,
    heat_capacity_j_kg_k: ArrayLike,
    temperature_k: ArrayLike,
    pressure_drop_pa: ArrayLike,
    pipe_length_m: float = 0.0,
    discharge: float = HNE_DISCHARGE,
) -> FloatArray:
    """
    Mass flux of a flashing liquid, kg/(m2 s): G = L/(vg - vl) (N cp T)^-1/2.

    N = L^2 vl/(2 dP Cd^2 (vg - vl)^2 T cp) + l/0.1 m: homogeneous non-equilibrium model (Fauske 1985; NOAA TM NOS
    OR&R 43 section 3.4.5). With no pipe (l = 0) it is the orifice equation of the liquid; from 0.1 m on equilibrium
    holds.
    """
    latent, spread = np.asarray(latent_heat_j_kg, float), np.asarray(vapour_m3_kg, float) - liquid_m3_kg
    heat = np.asarray(temperature_k, float) * heat_capacity_j_kg_k
    drop = np.asarray(pressure_drop_pa, float)
    n = latent**2 * liquid_m3_kg / (2 * drop * discharge**2 * spread**2 * heat) + min(pipe_length_m / HNE_LENGTH_M, 1.0)
    return np.asarray(latent / spread / np.sqrt(n * heat))


def flash_fraction(properties: Properties, temperature_k: ArrayLike) -> FloatArray:
    """
    Share that is vapour at once when the liquid comes to ambient pressure: Fv = cp (T - Tb)/L, held to 0..1.

    HJ 169-2018 eq. F.8; ALOHA uses the same heat balance.
    """
    temperature = np.asarray(temperature_k, float)
    boiling = properties.boiling_point_k
    capacity = properties.liquid_heat_capacity_j_kg_k(0.5 * (temperature + boiling))
    latent = properties.latent_heat_j_kg(boiling)
    return np.clip(capacity * (temperature - boiling) / latent, 0.0, 1.0)


def flow_hj169(
    properties: Properties,
    area_m2: float,
    pressure_pa: float,
    temperature_k: float,
    discharge: float = HJ169_DISCHARGE,
) -> tuple[float, float]:
    """
    Two-phase flow (kg/s) and vapour share at the hole: HJ 169-2018 eq. F.6-F.8.

    QLG = Cd A sqrt(2 rho (P - PC)), PC = 0.55 P, 1/rho = Fv/rho1 + (1 - Fv)/rho2, Fv = cp (TLG - TC)/H with TC the
    boiling point at PC. Fv > 1 means gas, Fv <= 0 liquid.
    """
    critical_pa = HJ169_CRITICAL_RATIO * pressure_pa
    boiling = properties.boiling_temperature_k(critical_pa)
    capacity = float(properties.liquid_heat_capacity_j_kg_k(temperature_k))
    share = capacity * (temperature_k - boiling) / float(properties.latent_heat_j_kg(boiling))
    share = float(np.clip(share, 0.0, 1.0))
    vapour = float(properties.vapour_density_kg_m3(boiling, critical_pa))
    density = 1 / (share / vapour + (1 - share) / float(properties.liquid_density_kg_m3(temperature_k)))
    return discharge * area_m2 * float(np.sqrt(2 * density * (pressure_pa - critical_pa))), share


def from_tank(
    properties: Properties,
    tank: Tank,
    hole: Hole,
    content_m3: float,
    temperature_k: float,
    *,
    ambient_pressure_pa: float = STANDARD_PRESSURE_PA,
    tank_pressure_pa: float | None = None,
    method: gas.GasMethod = "aloha",
) -> SourceTerm:
    """
    Liquefied gas leaving a tank: two-phase while liquid covers the hole, then the vapour above what is left.

    All of it becomes airborne, the unflashed share as aerosol (ALOHA assumes no rain-out). The tank cools as liquid
    evaporates into the space that is left: dT = -(L/cp) (rho_v/rho_l) dm/m. Liquid below the hole boils off as the
    vapour leaves, until it has cooled to its boiling point.

    Raises
    ------
    InputError
        The liquid is not above its boiling point, or the tank holds nothing above the hole.
    """
    boiling = properties.boiling_temperature_k(ambient_pressure_pa)
    if temperature_k <= boiling:
        raise InputError(
            f"tank: {properties.substance} at {temperature_k - 273.15:.0f} C is below its boiling point "
            f"{boiling - 273.15:.0f} C and does not flash; use kind tank_liquid"
        )
    floor_m3 = float(tank.volume_below_m3(hole.bottom_m))
    first_kg = content_m3 * float(properties.liquid_density_kg_m3(temperature_k))
    starts: list[float] = []
    rates: list[float] = []
    temperatures: list[float] = []
    time, mass, temperature, lowest = 0.0, first_kg, temperature_k, boiling + 0.5
    part = first_kg * (1 - floor_m3 / content_m3) / LIQUID_STEPS
    for _ in range(LIQUID_STEPS if part > 0 else 0):
        area = hole.area_m2
        if method == "hj169":
            area = float(hole.covered(tank.level_of_m(content_m3 * (mass - part / 2) / first_kg))[0])
        rate = _rate(properties, area, temperature, ambient_pressure_pa, tank_pressure_pa, hole.pipe_length_m, method)
        starts.append(time)
        rates.append(rate)
        temperatures.append(temperature)
        time += part / rate
        temperature = max(lowest, temperature - _cooling(properties, temperature, part, mass))
        mass -= part
        if temperature <= lowest:
            break
    head = steps(starts, rates, time, temperatures, method="two_phase") if starts else None
    tail = None
    if mass > LEAST_SHARE * first_kg:
        tail = _boil_off(properties, hole, mass, temperature, ambient_pressure_pa)
    return _joined(properties, head, tail, boiling, method, tank_pressure_pa)


def _rate(
    properties: Properties,
    area_m2: float,
    temperature_k: float,
    ambient_pressure_pa: float,
    tank_pressure_pa: float | None,
    pipe_length_m: float,
    method: gas.GasMethod,
) -> float:
    saturated = float(properties.vapour_pressure_pa(temperature_k))
    inside = max(tank_pressure_pa or 0.0, saturated)
    if method == "hj169":
        return flow_hj169(properties, area_m2, inside, temperature_k)[0]
    z = properties.compressibility(temperature_k, saturated)
    flux = flux_hne(
        properties.latent_heat_j_kg(temperature_k),
        z * GAS_CONSTANT * temperature_k / (saturated * properties.molar_mass_kg_mol),
        1 / properties.liquid_density_kg_m3(temperature_k),
        properties.liquid_heat_capacity_j_kg_k(temperature_k),
        temperature_k,
        max(inside - ambient_pressure_pa, 1.0),
        pipe_length_m,
    )
    return float(area_m2 * flux)


def _cooling(properties: Properties, temperature_k: float, part_kg: float, mass_kg: float) -> float:
    saturated = float(properties.vapour_pressure_pa(temperature_k))
    z = properties.compressibility(temperature_k, saturated)
    vapour = float(properties.vapour_density_kg_m3(temperature_k, saturated)) / z
    filled = part_kg * vapour / float(properties.liquid_density_kg_m3(temperature_k))
    capacity = float(properties.liquid_heat_capacity_j_kg_k(temperature_k))
    return float(properties.latent_heat_j_kg(temperature_k)) * filled / (mass_kg * capacity)


def _boil_off(
    properties: Properties, hole: Hole, liquid_kg: float, temperature_k: float, ambient_pressure_pa: float
) -> SourceTerm | None:
    """Vapour leaving over a liquid that cools to its boiling point: m cp dT = L dm, choked or not by ``gas.flow``."""
    boiling = properties.boiling_temperature_k(ambient_pressure_pa)
    edges = np.linspace(temperature_k, boiling, 61)
    middle = 0.5 * (edges[1:] + edges[:-1])
    if temperature_k - boiling < 1.0:
        return None
    loss = properties.liquid_heat_capacity_j_kg_k(middle) / properties.latent_heat_j_kg(middle) * -np.diff(edges)
    left = liquid_kg * np.exp(-np.concatenate(([0.0], np.cumsum(loss))))
    pressure = properties.vapour_pressure_pa(middle)
    rate = gas.flow(
        hole.area_m2,
        pressure,
        middle,
        properties.molar_mass_kg_mol,
        properties.gamma,
        ambient_pressure_pa=ambient_pressure_pa,
        discharge=HNE_DISCHARGE,
    )
    arriving, vapour = gas.expanded(properties, middle, pressure, ambient_pressure_pa)
    times = np.concatenate(([0.0], np.cumsum(-np.diff(left) / rate)))
    return steps(times[:-1], rate, float(times[-1]), arriving, vapour, method="boil_off")


def _joined(
    properties: Properties,
    head: SourceTerm | None,
    tail: SourceTerm | None,
    boiling_k: float,
    method: gas.GasMethod,
    tank_pressure_pa: float | None,
) -> SourceTerm:
    reference = "NOAA TM NOS OR&R 43 section 3.4.5" if method == "aloha" else "HJ 169-2018 annex F eq. F.6-F.8"
    notes = ["no_rainout", *properties.notes]
    if tank_pressure_pa is not None:
        notes.append("pressure_held")
    if method == "hj169":
        notes.append("unverified_discharge_coefficient")
    if head is None and tail is None:
        raise InputError("tank: no liquid and no pressure above the hole; nothing would come out")
    if head is None:
        assert tail is not None
        start, rate, arriving, vapour, end = (
            tail.time_s,
            tail.rate_kg_s,
            tail.temperature_k,
            tail.vapour_fraction,
            tail.end_s,
        )
    else:
        fraction = flash_fraction(properties, head.temperature_k)
        start, rate, end = head.time_s, head.rate_kg_s, head.end_s
        arriving, vapour = np.full(rate.size, boiling_k), fraction
        if tail is not None:
            start = np.concatenate((start, end + tail.time_s))
            rate = np.concatenate((rate, tail.rate_kg_s))
            arriving = np.concatenate((arriving, tail.temperature_k))
            vapour = np.concatenate((vapour, tail.vapour_fraction))
            end += tail.end_s
    return steps(
        start, rate, end, arriving, vapour, method=f"two_phase_{method}", reference=reference, notes=notes, shape="jet"
    )
