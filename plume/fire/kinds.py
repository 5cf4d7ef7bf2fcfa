"""Which fires and explosions may a case file describe, and which numbers does each need?"""

from typing import Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

ABSOLUTE_ZERO_C = -273.15


class FireKind(BaseModel):
    """What every kind has in common: unknown keys are refused, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    heat_levels_kw_m2: tuple[float, ...] = ()
    """Own levels instead of 10, 5 and 2 kW/m2."""
    blast_levels_kpa: tuple[float, ...] = ()
    """Own levels instead of 8, 3.5 and 1 psi."""

    @model_validator(mode="after")
    def _few_levels(self) -> Self:
        for name in ("heat_levels_kw_m2", "blast_levels_kpa"):
            values = getattr(self, name)
            if len(set(values)) > 3 or any(value <= 0 for value in values):
                raise ValueError(f"{name}: give up to three different levels above 0")
        return self


class PoolFireInput(FireKind):
    """A burning pool of known size."""

    kind: Literal["pool_fire"] = "pool_fire"
    area_m2: float | None = Field(None, gt=0, le=1e6)
    diameter_m: float | None = Field(None, gt=0, le=1000)
    temperature_c: float | None = Field(None, gt=ABSOLUTE_ZERO_C, le=600)

    @model_validator(mode="after")
    def _one_size(self) -> Self:
        if (self.area_m2 is None) == (self.diameter_m is None):
            raise ValueError("give either area_m2 or diameter_m")
        return self

    @property
    def width_m(self) -> float:
        """Diameter of the round pool, m."""
        return self.diameter_m if self.diameter_m is not None else float(np.sqrt(4 * (self.area_m2 or 0.0) / np.pi))


class JetFireInput(FireKind):
    """A burning jet of known rate."""

    kind: Literal["jet_fire"] = "jet_fire"
    rate_kg_s: float = Field(gt=0, le=1e5)
    hole_diameter_m: float = Field(gt=0, le=10)
    temperature_c: float | None = Field(None, gt=ABSOLUTE_ZERO_C, le=1000)
    two_phase: bool = False
    direction: Literal["up", "downwind"] = "up"
    height_m: float = Field(0.0, ge=0, le=300)


class BleveInput(FireKind):
    """A fireball of all of a tank's content."""

    kind: Literal["bleve"] = "bleve"
    mass_kg: float = Field(gt=0, le=5e6)
    content_kg: float | None = Field(None, gt=0, le=1e9)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.content_kg is not None and self.mass_kg > self.content_kg:
            raise ValueError(f"mass_kg {self.mass_kg:g} is more than the tank's content_kg {self.content_kg:g}")
        return self


class CloudExplosionInput(FireKind):
    """An exploding vapour cloud whose flammable mass is known (or was computed from the dispersion)."""

    kind: Literal["cloud_explosion"] = "cloud_explosion"
    flammable_mass_kg: float = Field(gt=0, le=1e7)
    centre_m: float = Field(0.0, ge=0, le=20_000)
    congestion: Literal["low", "medium", "high"] = "medium"
    reactivity: Literal["low", "medium", "high"] | None = None
    detonation: bool = False


class SolidExplosionInput(FireKind):
    """A charge counted as TNT; the substance of the release plays no part."""

    kind: Literal["solid_explosion"] = "solid_explosion"
    mass_kg: float = Field(gt=0, le=1e7)
    tnt_equivalence: float | None = Field(None, gt=0, le=10)
    energy_j_kg: float | None = Field(None, gt=0, le=1e9)

    @model_validator(mode="after")
    def _one_measure(self) -> Self:
        if (self.tnt_equivalence is None) == (self.energy_j_kg is None):
            raise ValueError("give either tnt_equivalence or energy_j_kg")
        return self


AnyFire = PoolFireInput | JetFireInput | BleveInput | CloudExplosionInput | SolidExplosionInput
