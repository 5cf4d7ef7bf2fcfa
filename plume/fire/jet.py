"""How hot is it around a burning jet?"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.errors import InputError
from plume.fire.pool import air_density_kg_m3
from plume.fire.radiation import Tiles, frustum, transmissivity, view_factor
from plume.properties import GAS_CONSTANT, Properties
from plume.source.tank import GRAVITY_M_S2
from plume.source.weather import SourceWeather

FloatArray = NDArray[np.float64]
Direction = Literal["up", "downwind"]

REFERENCE = "Chamberlain 1987, Chem Eng Res Des 65 p. 299; NOAA TM NOS OR&R 43 section 6.4"
AEROSOL_LIFT = 0.015
"""A flashing jet burns almost from the hole (section 6.4.2)."""


@dataclass(frozen=True, slots=True)
class JetExit:
    """Jet once it has expanded to the air's pressure: velocity m/s, temperature K, density kg/m3."""

    velocity_m_s: float
    temperature_k: float
    density_kg_m3: float


def expanded_jet(
    properties: Properties, rate_kg_s: float, hole_diameter_m: float, source_temperature_k: float, pressure_pa: float
) -> JetExit:
    """
    Velocity, temperature and density of the jet expanded to `pressure_pa`.

    Unchoked: M^2 = (sqrt(1 + 2 (g - 1) F^2) - 1)/(g - 1), F = 3.6233e-5 (m/d^2) sqrt(Ts/(g W)). Choked:
    M^2 = ((g + 1)(Pc/P)^((g - 1)/g) - 2)/(g - 1), Pc = 3.6713 (m/d^2) sqrt(Tc/(g W)), Tc = 2 Ts/(1 + g). T = 2 Ts/(2 +
    (g - 1) M^2) (Chamberlain 1987 section 3; NOAA TM NOS OR&R 43 section 6.4.1). The jet cannot cool below the
    boiling point, where it condenses: its velocity is then that of the heat given up, sqrt(2 cp (Ts - Tb)).
    """
    gamma, mass = properties.gamma, properties.molar_mass_kg_mol
    per_area = rate_kg_s / hole_diameter_m**2
    throat = 3.6713 * per_area * np.sqrt(2 * source_temperature_k / ((1 + gamma) * gamma * mass))
    if throat > pressure_pa:
        square = ((gamma + 1) * (throat / pressure_pa) ** ((gamma - 1) / gamma) - 2) / (gamma - 1)
    else:
        speed = 3.6713 * per_area / pressure_pa * np.sqrt(source_temperature_k / (gamma * mass))
        square = (np.sqrt(1 + 2 * (gamma - 1) * speed**2) - 1) / (gamma - 1)
    temperature = 2 * source_temperature_k / (2 + (gamma - 1) * square)
    temperature = max(float(temperature), min(properties.boiling_point_k, 0.999 * source_temperature_k))
    capacity = gamma * GAS_CONSTANT / ((gamma - 1) * mass)
    velocity = float(np.sqrt(2 * capacity * (source_temperature_k - temperature)))
    return JetExit(velocity, temperature, float(properties.vapour_density_kg_m3(temperature, pressure_pa)))


def radiated_share(molar_mass_kg_mol: float, velocity_m_s: float) -> float:
    """
    Share of the heat that is radiated: 0.21 CMW exp(-0.00323 u) + 0.11 (Chamberlain 1987).

    CMW = 1 below 21 g/mol, sqrt(M/21) up to 60, 1.69 above (Cook, Bahrami & Whitehouse 1990).
    """
    grams = 1000 * molar_mass_kg_mol
    heavier = 1.0 if grams < 21 else np.sqrt(grams / 21) if grams <= 60 else 1.69
    return float(0.21 * heavier * np.exp(-0.00323 * velocity_m_s) + 0.11)


def still_length_m(molar_mass_kg_mol: float, velocity_m_s: float, source_m: float) -> float:
    """
    Flame length in still air, m: Ds Y with 0.024 (g Ds/u^2)^(1/3) Y^(5/3) + 0.2 Y^(2/3) = (2.85/W)^(2/3).

    W = M/(15.816 M + 0.0395), the share of fuel in a stoichiometric mixture (Kalghatgi 1984; Chamberlain 1987). ALOHA's
    shorter form 105.4 Ds makes the 9.6 kg/s gas jet of Loughborough 11 m long, where 37.8 m were measured.
    """
    rich = molar_mass_kg_mol / (15.816 * molar_mass_kg_mol + 0.0395)
    a, c = 0.024 * (GRAVITY_M_S2 * source_m / velocity_m_s**2) ** (1 / 3), (2.85 / rich) ** (2 / 3)
    low, high = 1.0, 1e5
    for _ in range(60):
        middle = 0.5 * (low + high)
        short = a * middle ** (5 / 3) + 0.2 * middle ** (2 / 3) < c
        low, high = (middle, high) if short else (low, middle)
    return low * source_m


@dataclass(frozen=True, slots=True, eq=False)
class JetFire:
    """
    Flame of a jet: a frustum lifted off the hole, radiating evenly from its whole surface.

    Attributes
    ----------
    flame_length_m, lift_off_m, base_m, tip_m, tilt_rad
        Geometry; the tilt is from the vertical.
    radiated_share, emissive_power_w_m2
        Of the heat released, and of the surface.
    burning_rate_kg_s
        Rate of the release.
    """

    flame_length_m: float
    lift_off_m: float
    base_m: float
    tip_m: float
    tilt_rad: float
    radiated_share: float
    emissive_power_w_m2: float
    burning_rate_kg_s: float
    weather: SourceWeather
    tiles: Tiles

    def flux_w_m2(self, points_m: ArrayLike) -> FloatArray:
        """
        Heat flux on the worst-facing small surface at ``(m, 3)`` points (downwind, across, up) from the hole, W/m2.
        """
        factor, path = view_factor(self.tiles, points_m)
        return self.emissive_power_w_m2 * factor * transmissivity(self.weather, path)


def jet_fire(
    properties: Properties,
    rate_kg_s: float,
    hole_diameter_m: float,
    weather: SourceWeather,
    *,
    source_temperature_k: float | None = None,
    aerosol: bool = False,
    direction: Direction = "up",
    height_m: float = 0.0,
    wind_m_s: float | None = None,
) -> JetFire:
    """
    Jet fire after Chamberlain (1987), a jet across the wind.

    Ds = sqrt(4 m/(pi rho_air u)); L = Lstill (0.51 e^(-0.4 wind) + 0.49), wind at 10 m; R = wind/u;
    xi(l) = l (g/(Ds^2 u^2))^(1/3); tilt 8000 R/xi(Lstill) degrees for R <= 0.05, else (134 + 1726 sqrt(R -
    0.026))/xi; lift-off b = L sin(K a)/sin a, K = 0.185 e^(-20 R) + 0.015; frustum length sqrt(L^2 - b^2 sin^2 a) -
    b cos a; base Ds (13.5 e^(-6 R) + 1.5)(1 - (1 - sqrt(rho_air/rho)/15) exp(-70 xi(Ds)^(C R))), C = 1000 e^(-100 R)
    + 0.8; tip L (0.18 e^(-1.5 R) + 0.31)(1 - 0.47 e^(-25 R)). Sources disagree on the exponent C R (C, C R, or a
    factor); it moves the distances by less than 1 %. A jet lying downwind is laid along the wind and lengthened by 1
    - 0.00607 (0 - 90), as Chamberlain has it for that angle; its rise is left out.

    Raises
    ------
    InputError
        Rate or hole not above 0.
    MissingError
        The substance has no heat of combustion.
    """
    faults = [
        f"jet fire: {name} {value:g} {unit} must be above 0"
        for name, value, unit in (("rate", rate_kg_s, "kg/s"), ("hole diameter", hole_diameter_m, "m"))
        if not value > 0
    ]
    if faults:
        raise InputError(faults)
    heat = properties.need_heat_of_combustion()
    start = weather.air_temperature_k if source_temperature_k is None else source_temperature_k
    jet = expanded_jet(properties, rate_kg_s, hole_diameter_m, start, weather.pressure_pa)
    wind = weather.wind_speed_10m_m_s if wind_m_s is None else wind_m_s
    air, u = air_density_kg_m3(weather), jet.velocity_m_s
    source = float(np.sqrt(4 * rate_kg_s / (np.pi * air * u)))
    still = still_length_m(properties.molar_mass_kg_mol, u, source)
    flat = direction == "downwind"
    length = float(still * (0.51 * np.exp(-0.4 * wind) + 0.49) * (1 - 6.07e-3 * (0 - 90) if flat else 1.0))
    ratio = wind / u
    buoyancy = (GRAVITY_M_S2 / (source * u) ** 2) ** (1 / 3)
    lean = 8000 * ratio if ratio <= 0.05 else 134 + 1726 * np.sqrt(ratio - 0.026)
    tilt = float(np.radians(min(lean / (still * buoyancy), 90.0)))
    k = 0.185 * np.exp(-20 * ratio) + 0.015
    lift = length * (np.sin(k * tilt) / np.sin(tilt) if tilt > 1e-9 else k)
    lift = float(AEROSOL_LIFT * length if aerosol else lift)
    cone = float(np.sqrt(length**2 - (lift * np.sin(tilt)) ** 2) - lift * np.cos(tilt))
    power = (1000 * np.exp(-100 * ratio) + 0.8) * ratio
    narrow = 1 - (1 - np.sqrt(air / jet.density_kg_m3) / 15) * np.exp(-70 * (source * buoyancy) ** power)
    base = float(source * (13.5 * np.exp(-6 * ratio) + 1.5) * narrow)
    tip = float(length * (0.18 * np.exp(-1.5 * ratio) + 0.31) * (1 - 0.47 * np.exp(-25 * ratio)))
    area = np.pi / 4 * (base**2 + tip**2) + np.pi / 2 * (base + tip) * np.hypot(cone, (tip - base) / 2)
    share = radiated_share(properties.molar_mass_kg_mol, u)
    lean_rad = np.pi / 2 if flat else tilt
    foot = (lift, 0.0, height_m) if flat else (0.0, 0.0, height_m + lift)
    return JetFire(
        flame_length_m=length,
        lift_off_m=lift,
        base_m=base,
        tip_m=tip,
        tilt_rad=float(lean_rad),
        radiated_share=share,
        emissive_power_w_m2=float(share * rate_kg_s * heat / area),
        burning_rate_kg_s=rate_kg_s,
        weather=weather,
        tiles=frustum(base, tip, cone, tilt_rad=float(lean_rad), foot_m=foot, ends=(True, True)),
    )
