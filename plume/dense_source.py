"""How much of a heavy gas does the wind lift off its source, and from how wide a blanket? DEGADIS, compiled."""

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from plume.dense_layer import (
    AIR_CP,
    AIR_MOLAR,
    FRONTAL,
    GRAVITY,
    LAYER,
    NEUTRAL_PHI,
    SLUMP,
    Air,
    Gas,
    at_place,
    ground_heat,
    phi,
)

FETCH = 3.1
"""Constant of the fetch-averaged entrainment function."""
BALANCED_AFTER_S, BALANCED = 5.0, 0.003
"""From when, and how near to the release, the take-up counts as balanced."""
SPENT = 0.5
"""A release over, the blanket is followed down to this share of its largest take-up."""

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(24)
_NODES = 0.5 * (_NODES + 1)
_WEIGHTS = 0.5 * _WEIGHTS


@njit(cache=True)  # type: ignore[misc, unused-ignore]
def fetch_phi(density: float, fetch_m: float, air: Air, gas: Gas) -> float:
    """
    Entrainment function averaged over a fetch: .88 / 2F1(1, 1/p; 1 + 1/p; -.099 Ri^1.04/.88), p = 1.04/(1 + alpha).
    """
    if density <= gas.air:
        return NEUTRAL_PHI
    a1 = 1 + air.alpha
    grown = air.karman * air.friction_m_s * a1**2 / air.speed_m_s / air.height_m / FETCH * LAYER / (LAYER - 1)
    scale = GRAVITY * (density - gas.air) / gas.air * air.height_m / air.friction_m_s**2 * air.gamma / a1
    richardson = scale * (grown * fetch_m) ** (1 / a1)
    steep = 0.099 * richardson**1.04 / NEUTRAL_PHI
    total = 0.0
    for node, weight in zip(_NODES, _WEIGHTS):  # noqa: B905  # numba knows no strict
        total += weight * 3 * node**2 / (1 + steep * node ** (3 * 1.04 / a1))
    return float(NEUTRAL_PHI / total)


@njit(cache=True)  # type: ignore[misc, unused-ignore]
def take_up(concentration: float, density: float, fetch_m: float, air: Air, gas: Gas) -> float:
    """Largest flux the wind lifts off a blanket, c k u* (1 + alpha) d/(d - 1)/phi, kg/m2/s."""
    lifting = air.karman * air.friction_m_s * (1 + air.alpha) * LAYER / (LAYER - 1)
    return float(concentration * lifting / fetch_phi(density, fetch_m, air, gas))


class Blanket(NamedTuple):
    """What the wind lifts off a blanket and from what: kg/s, m, kg/m3, mass fraction, J/kg, m."""

    take_up: float
    radius: float
    concentration: float
    share: float
    warmth: float
    height: float


@njit(cache=True)  # type: ignore[misc, unused-ignore]
def blanket(rate: float, duration: float, radius: float, air: Air, gas: Gas) -> Blanket:
    """
    Blanket over the source: a well-mixed disc that slumps, takes in air at its front, is warmed by the ground around
    the source and is lifted off by the wind (DEGADIS 2.1, EPA-450/4-89-019, secondary source and its SRC1).

    Integrated until take-up balances the release, and that state is returned; a release that ends before, or a blanket
    that never balances, is followed until it is used up, and its means weighted by the take-up are returned. DEGADIS
    sends observers over the changing blanket and averages for each what it meets on its way; here one observer stands
    for all, and take-up times duration is the mass released.
    """
    least = radius
    total = math.pi * radius**2 * 1e-3 * gas.pure
    gas_mass = total
    start = Blanket(0.0, radius, gas.pure, 1.0, 0.0, total / gas.pure / math.pi / radius**2)
    best = 0.0
    clock = heat = 0.0
    lifted_kg = by_rate = by_radius = by_concentration = by_share = by_warmth = by_height = 0.0
    for _ in range(20000):
        share = min(gas_mass / total, 1.0)
        cp = AIR_CP * (1 - share) + gas.cp * share
        cold = at_place(gas.by_fraction, 1, math.sqrt(share))
        temperature = min(cold + heat / total / cp, max(air.ground_k, cold))
        density = at_place(gas.by_fraction, 0, math.sqrt(share)) * cold / temperature
        concentration = share * density
        height = total / density / math.pi / radius**2
        front = SLUMP * math.sqrt(max(GRAVITY * (density - gas.air) / gas.air * height, 0.0))
        lifted = take_up(concentration, density, 2 * radius, air, gas) * math.pi * radius**2
        best = max(best, lifted)
        entrained = 2 * math.pi * FRONTAL * SLUMP**2 * gas.air * radius * height * front
        fed = rate if clock < duration else 0.0
        inflow, outflow = entrained + fed, lifted / share
        growth = front
        if inflow < outflow:
            growth = radius / height * (inflow - outflow) / (3 * math.pi * radius**2 * density)
            if radius <= least:
                growth = max(growth, 0.0)
        if fed > 0 and clock > BALANCED_AFTER_S and abs(lifted - rate) < BALANCED * rate:
            return Blanket(lifted, radius, concentration, share, heat / total, height)
        if clock >= duration and lifted < SPENT * best:
            break
        warming = 0.0
        if air.heated:
            molar = 1 / (share / gas.molar + (1 - share) / AIR_MOLAR)
            around = math.pi * max(radius**2 - least**2, 0.0)
            warming = around * ground_heat(density, molar, cp, temperature, 0.5 * height, air)
        step = min(0.02 * total / max(inflow, outflow), 0.02 * radius / max(abs(growth), 1e-9))
        step = min(step, max(duration / 200, 0.05))
        weight = lifted * step
        lifted_kg += weight
        by_rate += weight * lifted
        by_radius += weight * radius
        by_concentration += weight * concentration
        by_share += weight * share
        by_warmth += weight * heat / total
        by_height += weight * height
        heat = max(heat + step * (warming - outflow * heat / total), 0.0)
        total += step * (inflow - outflow)
        gas_mass += step * (fed - lifted)
        radius = max(radius + step * growth, 0.05)
        clock += step
        if gas_mass <= 0 or total <= 0:
            break
    if lifted_kg <= 0:
        return start
    return Blanket(
        by_rate / lifted_kg,
        by_radius / lifted_kg,
        by_concentration / lifted_kg,
        by_share / lifted_kg,
        by_warmth / lifted_kg,
        by_height / lifted_kg,
    )


@njit(cache=True)  # type: ignore[misc, unused-ignore]
def over_source(rate: float, radius: float, air: Air, gas: Gas) -> float:
    """Concentration at the downwind edge of a pool from which the wind takes all that evaporates, kg/m3."""
    a1 = 1 + air.alpha
    flux = rate / (math.pi * radius**2)
    pieces = 400
    step = 2 * radius / pieces
    carried = 0.0
    concentration = 0.0
    for piece in range(pieces):
        share = min(flux * (piece + 0.5) * step / carried, 1.0) if carried > 0 else 1.0
        density = at_place(gas.by_fraction, 0, math.sqrt(share))
        concentration = min(share * density * LAYER, gas.pure)
        centre = at_place(gas.by_concentration, 0, math.sqrt(concentration / gas.pure))
        volume = max(carried, 0.5 * flux * step) / density / LAYER
        depth = (volume / air.speed_m_s / air.height_m * a1) ** (1 / a1) * air.height_m
        effective = air.gamma * depth / a1
        richardson = GRAVITY * (centre - gas.air) / gas.air * effective / air.friction_m_s**2
        mixing = LAYER * air.karman * air.friction_m_s * a1 / phi(richardson, 0.0)
        carried += step * (mixing * gas.air + flux)
    return concentration
