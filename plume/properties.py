"""How heavy, how volatile, how hot burning is this substance? Frozen constants, each with its source and its trust."""

import functools
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.errors import MissingError, OutOfRangeError
from gis.provenance import Trust
from plume.substances import find, read_table

FloatArray = NDArray[np.float64]

GAS_CONSTANT = 8.31446261815324
"""J/(mol K), CODATA 2018."""
STANDARD_PRESSURE_PA = 101325.0
AIR_MOLAR_MASS_KG_MOL = 0.028964
WATSON_EXPONENT = 0.38
"""Watson (1943): how latent heat grows below the boiling point."""
COLDEST_SHARE = 0.88
"""The vapour-pressure equation is followed down to this share of its lowest fitted temperature, no further."""


class Origin(NamedTuple):
    """Where one value was read, and how far it may be trusted."""

    source: str
    trust: Trust


@dataclass(frozen=True, slots=True, eq=False)
class Properties:
    """
    Physical properties of one pure substance.

    Attributes
    ----------
    substance
        Key of ``plume.substances``.
    molar_mass_kg_mol, boiling_point_k, critical_temperature_k, critical_pressure_pa, freezing_point_k
        Constants; the boiling point is at 101325 Pa.
    acentric_factor
        Pitzer's omega.
    vapour_pressure_coefficients, vapour_pressure_range_k
        Wagner form (A, B, C, D) and the temperatures it was fitted on.
    latent_heat_at_boiling_j_kg
        At the boiling point; elsewhere by Watson.
    liquid_density_coefficients, liquid_density_range_k
        VDI form (a, b, c, d), kg/m3.
    liquid_heat_capacity_line, liquid_heat_capacity_range_k
        Intercept and slope, J/(kg K) and J/(kg K2).
    vapour_heat_capacity_j_kg_k, gamma
        Ideal gas at 298.15 K, and cp/cv.
    heat_of_combustion_j_kg
        Net, of the vapour; None where it does not burn or no value was found.
    lfl, ufl
        Flammable limits, volume fraction (NFPA 497 where it lists the substance, as ALOHA, else IEC 60079-20-1).
    origins
        Property name of the table -> `Origin`.
    """

    substance: str
    molar_mass_kg_mol: float
    boiling_point_k: float
    critical_temperature_k: float
    critical_pressure_pa: float
    freezing_point_k: float
    acentric_factor: float
    vapour_pressure_coefficients: tuple[float, float, float, float]
    vapour_pressure_range_k: tuple[float, float]
    latent_heat_at_boiling_j_kg: float
    liquid_density_coefficients: tuple[float, float, float, float]
    liquid_density_range_k: tuple[float, float]
    liquid_heat_capacity_line: tuple[float, float]
    liquid_heat_capacity_range_k: tuple[float, float]
    vapour_heat_capacity_j_kg_k: float
    gamma: float
    heat_of_combustion_j_kg: float | None
    lfl: float | None
    ufl: float | None
    origins: Mapping[str, Origin]

    @property
    def notes(self) -> tuple[str, ...]:
        """Codes of what the reader must be told: estimated or unverified values, and traps of the substance."""
        weak = {name[:-2] if name[-2] == "_" else name for name, origin in self.origins.items() if origin.trust in WEAK}
        traps = {"vapour_associates"} if self.substance in ASSOCIATING else set()
        if self.freezing_point_k > self.boiling_point_k:
            traps.add("sublimes")
        return tuple(sorted({f"estimated:{name}" for name in weak - {"gamma"}} | traps))

    def vapour_pressure_pa(self, temperature_k: ArrayLike) -> FloatArray:
        """
        Saturated vapour pressure, Pa: Wagner form ln(P/Pc) = (A t + B t^1.5 + C t^2.5 + D t^5)/Tr, t = 1 - Tr.

        Raises
        ------
        OutOfRangeError
            Above the critical temperature (there is no liquid), or far below the fitted range.
        """
        temperature = np.asarray(temperature_k, float)
        self._check_liquid(temperature)
        lowest = COLDEST_SHARE * self.vapour_pressure_range_k[0]
        if (temperature < lowest).any():
            raise OutOfRangeError(
                f"{self.substance}: the vapour pressure is known down to {lowest:.0f} K, "
                f"asked at {temperature.min():.0f} K"
            )
        reduced = temperature / self.critical_temperature_k
        gap = 1 - reduced
        a, b, c, d = self.vapour_pressure_coefficients
        return np.asarray(
            self.critical_pressure_pa * np.exp((a * gap + b * gap**1.5 + c * gap**2.5 + d * gap**5) / reduced)
        )

    def latent_heat_j_kg(self, temperature_k: ArrayLike) -> FloatArray:
        """Latent heat, J/kg: Watson (1943), L = Lb ((Tc - T)/(Tc - Tb))^0.38."""
        temperature = np.asarray(temperature_k, float)
        self._check_liquid(temperature)
        tc = self.critical_temperature_k
        return np.asarray(
            self.latent_heat_at_boiling_j_kg * ((tc - temperature) / (tc - self.boiling_point_k)) ** WATSON_EXPONENT
        )

    def liquid_density_kg_m3(self, temperature_k: ArrayLike) -> FloatArray:
        """Density of the saturated liquid, kg/m3: rho = a + b t^0.35 + c t^(2/3) + d t, t = 1 - T/Tc."""
        temperature = np.asarray(temperature_k, float)
        self._check_liquid(temperature)
        gap = 1 - np.clip(temperature, *self.liquid_density_range_k) / self.critical_temperature_k
        a, b, c, d = self.liquid_density_coefficients
        return np.asarray(a + b * gap**0.35 + c * gap ** (2 / 3) + d * gap)

    def liquid_heat_capacity_j_kg_k(self, temperature_k: ArrayLike) -> FloatArray:
        """Heat capacity of the liquid, J/(kg K): straight line, held at the ends of its range."""
        temperature = np.asarray(temperature_k, float)
        self._check_liquid(temperature)
        intercept, slope = self.liquid_heat_capacity_line
        return np.asarray(intercept + slope * np.clip(temperature, *self.liquid_heat_capacity_range_k))

    def vapour_density_kg_m3(self, temperature_k: ArrayLike, pressure_pa: ArrayLike) -> FloatArray:
        """Density of the vapour as an ideal gas, kg/m3."""
        return np.asarray(
            np.asarray(pressure_pa, float) * self.molar_mass_kg_mol / (GAS_CONSTANT * np.asarray(temperature_k, float))
        )

    def compressibility(self, temperature_k: float, pressure_pa: float) -> float:
        """
        Z of the vapour: Z = 1 + (B0 + omega B1) Pr/Tr, B0 = 0.083 - 0.422/Tr^1.6, B1 = 0.139 - 0.172/Tr^4.2.

        Pitzer's second-virial form (Smith, Van Ness & Abbott, eq. 3.61-3.66), held within 0.3..1.2.
        """
        tr, pr = temperature_k / self.critical_temperature_k, pressure_pa / self.critical_pressure_pa
        b0, b1 = 0.083 - 0.422 / tr**1.6, 0.139 - 0.172 / tr**4.2
        return float(np.clip(1 + (b0 + self.acentric_factor * b1) * pr / tr, 0.3, 1.2))

    def boiling_temperature_k(self, pressure_pa: float) -> float:
        """
        Temperature at which the vapour pressure equals `pressure_pa`, K (bisection); the sublimation point of CO2.

        Raises
        ------
        OutOfRangeError
            The pressure is above the critical pressure or below the known range.
        """
        low, high = COLDEST_SHARE * self.vapour_pressure_range_k[0], self.critical_temperature_k
        if self.boiling_point_k < self.freezing_point_k and pressure_pa < self.vapour_pressure_pa(
            self.freezing_point_k
        ):
            return self.boiling_point_k  # no liquid at this pressure: what leaves turns to snow and gas
        if not self.vapour_pressure_pa(low) < pressure_pa < self.critical_pressure_pa:
            raise OutOfRangeError(
                f"{self.substance}: no boiling point at {pressure_pa / 1e5:.3g} bar; give less than its critical "
                f"{self.critical_pressure_pa / 1e5:.3g} bar"
            )
        for _ in range(60):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if self.vapour_pressure_pa(middle) < pressure_pa else (low, middle)
        return 0.5 * (low + high)

    def need_heat_of_combustion(self) -> float:
        """
        Net heat of combustion, J/kg.

        Raises
        ------
        MissingError
            The table has none: the substance does not burn, or no value was found.
        """
        if self.heat_of_combustion_j_kg is None:
            raise MissingError(
                f"{self.substance}: no heat of combustion on record, so no fire or explosion can be computed"
            )
        return self.heat_of_combustion_j_kg

    def need_flammable_limits(self) -> tuple[float, float]:
        """
        Lower and upper flammable limit, volume fraction.

        Raises
        ------
        MissingError
            The table has none.
        """
        if self.lfl is None or self.ufl is None:
            raise MissingError(f"{self.substance}: no flammable limits on record, so no flammable zone can be drawn")
        return self.lfl, self.ufl

    def _check_liquid(self, temperature: FloatArray) -> None:
        if (temperature > self.critical_temperature_k).any():
            raise OutOfRangeError(
                f"{self.substance}: {temperature.max():.0f} K is above its critical temperature "
                f"{self.critical_temperature_k:.0f} K; there is no liquid, treat it as a gas"
            )


WEAK: frozenset[Trust] = frozenset({"derived", "unverified", "sources_differ"})
ASSOCIATING = frozenset({"hydrogen fluoride", "nitrogen dioxide"})
"""Vapours whose molecules join (HF chains, N2O4): latent heat and density are those of the mixture."""


def of(name: str) -> Properties:
    """
    Properties of the substance called `name` (anything ``plume.substances.find`` knows).

    Raises
    ------
    InputError
        Unknown substance; the sentence offers the nearest names.
    MissingError
        Known substance without frozen properties.
    """
    key = find(name).key
    table = _table()
    if key not in table:
        raise MissingError(f"{key}: no physical properties on record; give the release as a rate or a mass instead")
    return table[key]


def known() -> tuple[str, ...]:
    """Keys of the substances with frozen properties."""
    return tuple(_table())


@functools.cache
def _table() -> dict[str, Properties]:
    grouped: defaultdict[str, dict[str, dict[str, str]]] = defaultdict(dict)
    for row in read_table("properties.csv"):
        grouped[row["substance"]][row["property"]] = row
    return {key: _build(key, rows) for key, rows in grouped.items()}


def _build(key: str, rows: Mapping[str, Mapping[str, str]]) -> Properties:
    def value(name: str) -> float:
        return float(rows[name]["value"])

    def optional(name: str) -> float | None:
        return value(name) if name in rows else None

    def valid(name: str) -> tuple[float, float]:
        return float(rows[name]["t_min_k"]), float(rows[name]["t_max_k"])

    return Properties(
        substance=key,
        molar_mass_kg_mol=value("molar_mass") / 1000,
        boiling_point_k=value("boiling_point"),
        critical_temperature_k=value("critical_temperature"),
        critical_pressure_pa=value("critical_pressure"),
        freezing_point_k=value("freezing_point"),
        acentric_factor=value("acentric_factor"),
        vapour_pressure_coefficients=(
            value("vapour_pressure_A"),
            value("vapour_pressure_B"),
            value("vapour_pressure_C"),
            value("vapour_pressure_D"),
        ),
        vapour_pressure_range_k=valid("vapour_pressure_A"),
        latent_heat_at_boiling_j_kg=value("latent_heat_at_boiling"),
        liquid_density_coefficients=(
            value("liquid_density_a"),
            value("liquid_density_b"),
            value("liquid_density_c"),
            value("liquid_density_d"),
        ),
        liquid_density_range_k=valid("liquid_density_a"),
        liquid_heat_capacity_line=(value("liquid_heat_capacity_a"), value("liquid_heat_capacity_b")),
        liquid_heat_capacity_range_k=valid("liquid_heat_capacity_a"),
        vapour_heat_capacity_j_kg_k=value("vapour_heat_capacity"),
        gamma=value("gamma"),
        heat_of_combustion_j_kg=optional("heat_of_combustion"),
        lfl=optional("lfl"),
        ufl=optional("ufl"),
        origins={name: Origin(row["source"], row["status"]) for name, row in rows.items()},  # type: ignore[arg-type]
    )
