"""How does a heavy layer hug the ground, slump and take in air? Entrainment and integration after DEGADIS, compiled."""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from plume.similarity import HEAT_NEUTRAL, HEAT_STABLE, HEAT_UNSTABLE

FloatArray = NDArray[np.float64]

LAYER = 2.15
"""Depth of the layer over the effective depth, delta_L (DEGADIS 2.1)."""
SLUMP = 1.15
"""Front speed over sqrt(g' H), C_E."""
FRONTAL = 0.59
"""Air taken in at the slumping front, epsilon."""
GRAVITY = 9.81
POWER_Y = 0.9
NEUTRAL_PHI = 0.88
AIR_CP = 1006.3
AIR_MOLAR = 28.965
SWELLING_ROUNDS = 6
"""A warmed cloud holds the same kg/m3 at a larger share of gas: found by substitution."""

# Columns of a march.
X, CENTRE, CORE, EDGE, DEPTH, DENSITY, SPEED, TIME, TEMPERATURE = range(9)
COLUMNS = 9


class Air(NamedTuple):
    """The wind as the layer feels it: power law u0 (z/z0)^alpha, friction, measured turbulence, ground."""

    speed_m_s: float
    height_m: float
    alpha: float
    gamma: float  # Gamma(1/(1 + alpha))
    friction_m_s: float
    karman: float
    obukhov_m: float
    turbulent: bool  # does the measured Obukhov length govern the passive mixing?
    governing: float  # height p z that governs a passive layer's growth, over its effective depth
    delta_y: float
    ground_k: float
    heated: bool


class Gas(NamedTuple):
    """The mixing line as arrays (see ``plume.mixing``)."""

    by_fraction: FloatArray
    by_concentration: FloatArray
    pure: float
    air: float
    air_k: float
    cp: float
    molar: float  # g/mol


@njit(cache=True)  # type: ignore[misc, unused-ignore]
def at_place(table: FloatArray, row: int, position: float) -> float:
    """Linear interpolation at `position` in 0..1 of an evenly spaced table."""
    last = table.shape[1] - 1
    place = min(max(position, 0.0), 1.0) * last
    index = min(int(place), last - 1)
    share = place - index
    return float(table[row, index] * (1 - share) + table[row, index + 1] * share)


@njit(cache=True)  # type: ignore[misc, unused-ignore]
def phi(richardson: float, thermal: float) -> float:
    """
    Entrainment is divided by this: .88 + .099 Ri^1.04 + 1.4e-25 Ri^5.7, below zero .88/(1 + .65 |Ri|^.6).

    `thermal` is the Richardson number of a cloud on warmer ground; it stirs the layer (DEGADIS, prescription 3).
    """
    stirred = 1 + 0.25 * max(thermal, 0.0) ** (2 / 3)
    value = richardson / stirred
    if value > 0:
        base = NEUTRAL_PHI + 0.099 * value**1.04 + 1.4e-25 * value**5.7
    else:
        base = NEUTRAL_PHI / (1 + 0.65 * abs(value) ** 0.6)
    return float(base / math.sqrt(stirred))


@njit(cache=True)  # type: ignore[misc, unused-ignore]
def in_measured_air(resistance: float, depth_m: float, air: Air) -> float:
    """
    `phi` where the Obukhov length was measured: phi(Ri)/phi(0) of DEGADIS times the .74 of a neutral surface layer, and
    phi_h of that layer at the height that governs a plume's growth, + 4.7 p z/L stable, x (1 - 9 p z/L)^-1/2 unstable.

    A passive layer then grows as the neutral plume of `plume.similarity` does (van Ulden 1978; plume.md 4.4).
    """
    ratio = air.governing * depth_m / air.obukhov_m
    neutral = resistance * HEAT_NEUTRAL / NEUTRAL_PHI
    if ratio > 0:
        return float(neutral + HEAT_STABLE * ratio)
    return float(neutral / math.sqrt(1 - HEAT_UNSTABLE * ratio))


@njit(cache=True)  # type: ignore[misc, unused-ignore]
def ground_heat(density: float, molar: float, cp: float, temperature_k: float, half_m: float, air: Air) -> float:
    """
    Heat from warmer ground into the cloud, W/m2: the larger of natural, 18 [(rho/M)^2 dT]^(1/3) dT, and forced
    convection, 1.22 rho cp u*^2/u(H/2) dT (DEGADIS 2.1, local correlation of its SURFAC).
    """
    gap = air.ground_k - temperature_k
    if gap <= 0:
        return 0.0
    natural = 18 * ((density / molar) ** 2 * gap) ** (1 / 3)
    speed = air.speed_m_s * (max(half_m, 1e-3) / air.height_m) ** air.alpha
    forced = 1.22 * density * cp * air.friction_m_s**2 / speed
    return float(max(natural, forced) * gap)


@njit(cache=True)  # type: ignore[misc, unused-ignore]
def march(
    rate: float,
    radius: float,
    concentration: float,
    share: float,
    warmth: float,
    air: Air,
    gas: Gas,
    least: float,
    farthest: float,
) -> FloatArray:
    """
    Carry the layer downwind from the edge of its source until its centre holds less than `least`.

    It starts with mass fraction `share` and with `warmth`, the heat taken from the ground over the source, J/kg.

    Profile: c = cc exp(-(z/Sz)^(1+alpha)) within the core |y| < b, times exp(-((|y|-b)/Sy)^2) beyond. Integrated:
    mass flux per
    width, half-width, edge and heat from the ground; when the core is used up the plume goes on as a Gaussian.

    Returns
    -------
    rows
        Shape ``(n, 9)``: x, centre concentration, core half-width b, Sy, Sz, density, speed, travel time, temperature.
    """
    a1 = 1 + air.alpha
    u0z0 = air.speed_m_s * air.height_m / a1
    width = math.pi * radius / 4
    volume = rate / (2 * width * concentration)
    thin = at_place(gas.by_concentration, 0, math.sqrt(min(concentration / LAYER / gas.pure, 1.0)))
    heat = 0.0
    if warmth > 0.0:
        # The layer is thinner gas than its centre by LAYER; it carries its heat with the gas.
        part = share / LAYER
        for _ in range(20):
            place = math.sqrt(part)
            cold = at_place(gas.by_fraction, 1, place)
            heat = warmth * part / share
            layer_k = min(cold + heat / (AIR_CP * (1 - part) + gas.cp * part), max(air.ground_k, cold))
            thin = at_place(gas.by_fraction, 0, place) * cold / layer_k
            part = min(concentration / LAYER / thin, 1.0)
    flux = thin * volume
    edge2, clock, x, origin = 1e-6, 0.0, radius, 0.0
    gaussian = False
    slump = SLUMP * math.sqrt(GRAVITY * air.height_m / a1 * air.gamma) * air.gamma / air.speed_m_s
    rows = np.empty((4000, COLUMNS))
    count = 0
    while count < rows.shape[0]:
        share = min(rate / (2 * width * flux * LAYER), 1.0)
        layer_cp = AIR_CP * (1 - share) + gas.cp * share
        place = math.sqrt(share)
        cold = at_place(gas.by_fraction, 1, place)
        layer_k = min(cold + heat / layer_cp, max(air.ground_k, cold))
        layer_density = at_place(gas.by_fraction, 0, place) * cold / layer_k
        volume = flux / layer_density
        depth = (volume / u0z0) ** (1 / a1) * air.height_m
        centre = rate / (2 * width * volume)
        swollen = 1.0
        for _ in range(SWELLING_ROUNDS if heat > 0.0 else 1):
            place = math.sqrt(min(centre * swollen / gas.pure, 1.0))
            cold = at_place(gas.by_concentration, 1, place)
            centre_share = at_place(gas.by_concentration, 2, place)
            warmed = cold + LAYER * heat / (AIR_CP * (1 - centre_share) + gas.cp * centre_share)
            temperature = min(warmed, max(air.ground_k, cold))
            swollen = temperature / cold
        density = at_place(gas.by_concentration, 0, place) * cold / temperature
        effective = air.gamma * depth / a1
        speed = volume / effective
        core = width - 0.5 * math.sqrt(math.pi * edge2)
        if core <= 0 and not gaussian:
            gaussian = True
            origin = (2 * width / math.sqrt(math.pi) / math.sqrt(2) / air.delta_y) ** (1 / POWER_Y) - x
        edge = 2 * width / math.sqrt(math.pi) if gaussian else math.sqrt(edge2)
        row = rows[count]
        row[0], row[1], row[2], row[3], row[4] = x, centre, 0.0 if gaussian else core, edge, depth
        row[5], row[6], row[7], row[8] = density, speed, clock, temperature
        count += 1
        if centre < least or x > farthest:
            break
        richardson = GRAVITY * (density - gas.air) / gas.air * effective / air.friction_m_s**2
        thermal = 0.0
        if air.heated:
            local = air.speed_m_s * (effective / air.height_m) ** air.alpha
            thermal = GRAVITY * (air.ground_k - temperature) / temperature * effective / air.friction_m_s / local
        resistance = phi(richardson, thermal)
        if air.turbulent:
            resistance = in_measured_air(resistance, effective, air)
        gain = gas.air * air.karman * air.friction_m_s * a1 / resistance
        if gaussian:
            spread = math.sqrt(math.pi) / 2 * math.sqrt(2) * air.delta_y * POWER_Y * (x + origin) ** (POWER_Y - 1)
            edge_growth = 0.0
        else:
            excess = max((density - gas.air) / gas.air, 0.0)
            spread = slump * math.sqrt(excess) * (depth / air.height_m) ** (0.5 - air.alpha)
            edge_growth = (
                8 * POWER_Y / math.pi * width**2 * (air.delta_y * math.sqrt(math.pi / 2) / width) ** (1 / POWER_Y)
            )
        warming = 0.0
        if air.heated and layer_k < air.ground_k and layer_k < gas.air_k and temperature < air.ground_k:
            molar = 1 / (share / gas.molar + (1 - share) / AIR_MOLAR)
            warming = ground_heat(layer_density, molar, layer_cp, layer_k, 0.5 * effective * LAYER, air)
        heat_growth = (warming / LAYER - heat * gain) / flux
        # Once the core is used up the layer deepens as fast as it takes in air, however wide it grows (DEGADIS, SSG).
        flux_growth = gain if gaussian else gain - flux * spread / width
        step = min(0.01 * max(x, 1.0), 0.02 * width / max(spread, 1e-12))
        step = min(step, 0.02 * flux / max(abs(flux_growth), 1e-12))
        flux += step * flux_growth
        width += step * spread
        edge2 += step * edge_growth
        heat = max(heat + step * heat_growth, 0.0)
        x += step
        clock += step / speed
    return rows[:count].copy()
