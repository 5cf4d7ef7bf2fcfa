"""How fast does gas leave a vessel or a broken pipe, and how cold does it arrive?"""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.errors import InputError
from plume.properties import GAS_CONSTANT, STANDARD_PRESSURE_PA, Properties
from plume.source.series import SourceTerm, steps

FloatArray = NDArray[np.float64]
GasMethod = Literal["aloha", "hj169"]
Emptying = Literal["adiabatic", "isothermal"]

DISCHARGE: dict[GasMethod, float] = {"aloha": 0.61, "hj169": 1.00}
"""ALOHA section 3.4.6; HJ 169-2018 below eq. F.4 for a round hole (0.95 triangular, 0.90 rectangular)."""
REFERENCE: dict[GasMethod, str] = {
    "aloha": "NOAA TM NOS OR&R 43 section 3.4.6",
    "hj169": "HJ 169-2018 annex F eq. F.2-F.5",
}
MASS_STEPS = 200
PIPE_ROUGHNESS_M = 4.6e-5
"""New commercial steel (Moody 1944)."""


def critical_ratio(gamma: float) -> float:
    """P0/P at or below which the flow is choked: (2/(g + 1))^(g/(g - 1)), HJ 169-2018 eq. F.2."""
    return float((2 / (gamma + 1)) ** (gamma / (gamma - 1)))


def flow(
    area_m2: float,
    pressure_pa: ArrayLike,
    temperature_k: ArrayLike,
    molar_mass_kg_mol: float,
    gamma: float,
    *,
    ambient_pressure_pa: float = STANDARD_PRESSURE_PA,
    discharge: float = 1.0,
    compressibility: float = 1.0,
) -> FloatArray:
    """
    Gas flow through a hole, kg/s, choked or not.

    HJ 169-2018 eq. F.4, QG = Y Cd A P sqrt(M g/(R T) (2/(g + 1))^((g + 1)/(g - 1))), with Y = 1 when choked, else
    eq. F.5. ALOHA's two equations (3.4.6.1, 3.4.6.2) are the same with Cd 0.61.

    Examples
    --------
    CCPS (1999) p. 47: 10 mm, 501 kPa, 298 K, gamma 1.15, Cd 0.85; 8.90 kg/m3 in the vessel.

    >>> mass = 8.90 * 8.31446 * 298.0 / 501e3
    >>> float(flow(np.pi * 0.01**2 / 4, 501e3, 298.0, mass, 1.15, discharge=0.85).round(4))
    0.09
    """
    pressure, temperature = np.asarray(pressure_pa, float), np.asarray(temperature_k, float)
    power = (2 / (gamma + 1)) ** ((gamma + 1) / (gamma - 1))
    choked = discharge * area_m2 * pressure
    choked = choked * np.sqrt(molar_mass_kg_mol * gamma * power / (compressibility * GAS_CONSTANT * temperature))
    ratio = np.minimum(ambient_pressure_pa / pressure, 1.0)
    spread = np.maximum(1 - ratio ** ((gamma - 1) / gamma), 0.0)
    factor = ratio ** (1 / gamma) * np.sqrt(spread * (2 / (gamma - 1)) / power)
    return np.asarray(np.where(ratio <= critical_ratio(gamma), choked, choked * factor))


def expanded(
    properties: Properties, temperature_k: ArrayLike, pressure_pa: ArrayLike, ambient_pressure_pa: float
) -> tuple[FloatArray, FloatArray]:
    """
    Temperature (K) and vapour fraction of the gas once it has expanded to ambient pressure.

    Adiabatic, T (P/Pa)^((1 - g)/g) (ALOHA section 3.4.6.2); it cannot cool below the boiling point: what is missing
    in heat condenses to aerosol, and both are then at the boiling point.
    """
    temperature, pressure = np.asarray(temperature_k, float), np.asarray(pressure_pa, float)
    gamma = properties.gamma
    cold = temperature * np.maximum(pressure / ambient_pressure_pa, 1.0) ** ((1 - gamma) / gamma)
    boiling = properties.boiling_point_k
    short = np.maximum(boiling - cold, 0.0)
    latent = float(properties.latent_heat_j_kg(boiling))
    condensed = np.clip(properties.vapour_heat_capacity_j_kg_k * short / latent, 0.0, 1.0)
    return np.maximum(cold, np.minimum(boiling, temperature)), 1 - condensed


def from_vessel(
    properties: Properties,
    volume_m3: float,
    pressure_pa: float,
    temperature_k: float,
    area_m2: float,
    *,
    ambient_pressure_pa: float = STANDARD_PRESSURE_PA,
    method: GasMethod = "aloha",
    emptying: Emptying = "adiabatic",
) -> SourceTerm:
    """
    Gas leaving a closed vessel until the pressure inside is that of the air.

    Emptying: P = P0 (m/m0)^n, T = T0 (m/m0)^(n - 1), n = gamma when adiabatic, 1 when isothermal. The mass is cut in
    equal parts, each leaving at the flow of its middle.

    Raises
    ------
    InputError
        The pressure is not above ambient, or the substance is liquid at that pressure and temperature.
    """
    if not pressure_pa > ambient_pressure_pa:
        raise InputError(
            f"vessel: {pressure_pa / 1e5:.3g} bar absolute is not above the air's {ambient_pressure_pa / 1e5:.3g} bar; "
            "give the absolute pressure inside"
        )
    if temperature_k < properties.critical_temperature_k:
        saturated = float(properties.vapour_pressure_pa(temperature_k))
        if pressure_pa > saturated:
            raise InputError(
                f"vessel: {properties.substance} at {temperature_k - 273.15:.0f} C is liquid above "
                f"{saturated / 1e5:.3g} bar; use kind tank_liquid"
            )
    z = properties.compressibility(temperature_k, pressure_pa)
    first = volume_m3 * float(properties.vapour_density_kg_m3(temperature_k, pressure_pa)) / z
    n = properties.gamma if emptying == "adiabatic" else 1.0
    last = first * (ambient_pressure_pa / pressure_pa) ** (1 / n)
    share = np.linspace(1.0, last / first, MASS_STEPS + 1)
    middle = 0.5 * (share[1:] + share[:-1])
    pressure, temperature = pressure_pa * middle**n, temperature_k * middle ** (n - 1)
    rate = flow(
        area_m2,
        pressure,
        temperature,
        properties.molar_mass_kg_mol,
        properties.gamma,
        ambient_pressure_pa=ambient_pressure_pa,
        discharge=DISCHARGE[method],
        compressibility=z,
    )
    edges = np.concatenate(([0.0], np.cumsum(-np.diff(share) * first / rate)))
    arriving, vapour = expanded(properties, temperature, pressure, ambient_pressure_pa)
    return steps(
        edges[:-1],
        rate,
        float(edges[-1]),
        arriving,
        vapour,
        method=f"vessel_gas_{method}",
        reference=REFERENCE[method],
        notes=(f"{emptying}_emptying", *properties.notes),
        shape="jet",
    )


def from_broken_pipe(
    properties: Properties,
    diameter_m: float,
    length_m: float,
    pressure_pa: float,
    temperature_k: float,
    *,
    ambient_pressure_pa: float = STANDARD_PRESSURE_PA,
    roughness_m: float = PIPE_ROUGHNESS_M,
) -> SourceTerm:
    """
    Gas leaving the full bore of a broken pipe of `length_m`, shut at the other end, until its inventory is gone.

    Wilson (1979) as in ALOHA (NOAA TM NOS OR&R 43 section 3.5): Q = Q0/(1 + a) (exp(-t/(a^2 b)) + a exp(-t/b)),
    a = M/(b Q0), b = (2 L/(3 c)) sqrt(g f L/D), c = sqrt(g R T/M), f = (1.14 - 2 log10(e/D))^-2 (rough pipe). The
    integral is the inventory M.

    Raises
    ------
    InputError
        Size or pressure is not possible.
    """
    faults = [
        f"pipe: {name} {value:g} m must be above 0"
        for name, value in (("diameter", diameter_m), ("length", length_m))
        if not value > 0
    ]
    if not pressure_pa > ambient_pressure_pa:
        faults.append(f"pipe: {pressure_pa / 1e5:.3g} bar absolute is not above the air's; give the absolute pressure")
    if faults:
        raise InputError(faults)
    area = np.pi * diameter_m**2 / 4
    z = properties.compressibility(temperature_k, pressure_pa)
    inventory = area * length_m * float(properties.vapour_density_kg_m3(temperature_k, pressure_pa)) / z
    first = float(
        flow(
            area,
            pressure_pa,
            temperature_k,
            properties.molar_mass_kg_mol,
            properties.gamma,
            ambient_pressure_pa=ambient_pressure_pa,
            compressibility=z,
        )
    )
    sound = np.sqrt(properties.gamma * GAS_CONSTANT * temperature_k / properties.molar_mass_kg_mol)
    friction = (1.14 - 2 * np.log10(roughness_m / diameter_m)) ** -2
    slow = 2 * length_m / (3 * sound) * np.sqrt(properties.gamma * friction * length_m / diameter_m)
    a = inventory / (slow * first)
    # time constants of the first gasp and of the long tail; the tail's last part is put into the last step
    times = np.concatenate(([0.0], np.geomspace(0.02 * min(a**2, 1.0) * slow, 12 * max(a**2, 1.0) * slow, MASS_STEPS)))
    gone = first / (1 + a) * (a**2 * slow * -np.expm1(-times / (a**2 * slow)) + a * slow * -np.expm1(-times / slow))
    gone *= inventory / gone[-1]
    rate = np.diff(gone) / np.diff(times)
    arriving, vapour = expanded(properties, temperature_k, pressure_pa, ambient_pressure_pa)
    return steps(
        times[:-1],
        rate,
        float(times[-1]),
        float(arriving),
        float(vapour),
        method="pipe_gas_wilson",
        reference="NOAA TM NOS OR&R 43 section 3.5, after Wilson 1979",
        notes=("closed_upstream", *properties.notes),
        shape="jet",
        diameter_m=diameter_m,
    )
