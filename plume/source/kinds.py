"""Which kinds of source may a case file describe, and which numbers does each need?"""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from plume.source.heat import Surface
from plume.source.tank import TankShape

LONGEST_S = 7 * 86_400.0
ABSOLUTE_ZERO_C = -273.15
Method = Literal["aloha", "hj169"]


class SourceKind(BaseModel):
    """What every kind has in common: unknown keys are refused, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    horizon_s: float = Field(3600.0, gt=0, le=LONGEST_S)
    """How long the source is followed; ALOHA follows one hour."""


class _Holed(SourceKind):
    """A tank with a hole."""

    tank_shape: TankShape = "horizontal_cylinder"
    tank_diameter_m: float = Field(gt=0, le=120)
    tank_length_m: float = Field(0.0, ge=0, le=200)
    fill_fraction: float | None = Field(None, gt=0, le=1)
    content_kg: float | None = Field(None, gt=0, le=1e9)
    temperature_c: float | None = Field(None, gt=ABSOLUTE_ZERO_C, le=600)
    pressure_bar: float | None = Field(None, gt=0, le=1000)
    """Absolute pressure above the liquid, held; left out: the vapour pressure."""
    hole_diameter_m: float | None = Field(None, gt=0, le=10)
    hole_width_m: float | None = Field(None, gt=0, le=50)
    hole_height_m: float | None = Field(None, gt=0, le=50)
    hole_bottom_m: float = Field(0.0, ge=0, le=200)
    pipe_length_m: float = Field(0.0, ge=0, le=1000)
    method: Method = "aloha"

    @model_validator(mode="after")
    def _complete(self) -> Self:
        faults = []
        if (self.fill_fraction is None) == (self.content_kg is None):
            faults.append("give either fill_fraction or content_kg")
        slot = self.hole_width_m is not None and self.hole_height_m is not None
        if (self.hole_diameter_m is not None) == slot or (self.hole_width_m is None) != (self.hole_height_m is None):
            faults.append("give either hole_diameter_m or both hole_width_m and hole_height_m")
        if self.tank_shape != "sphere" and self.tank_length_m == 0:
            faults.append("give tank_length_m; only a sphere does without")
        top = self.tank_length_m if self.tank_shape == "vertical_cylinder" else self.tank_diameter_m
        if self.hole_bottom_m >= top:
            faults.append(f"hole_bottom_m {self.hole_bottom_m:g} must be below the top of the tank at {top:g} m")
        if faults:
            raise ValueError("; ".join(faults))
        return self


class TankLiquid(_Holed):
    """
    Liquid from a tank: below its boiling point it forms a puddle and only what evaporates is airborne; above it, it
    flashes.
    """

    kind: Literal["tank_liquid"] = "tank_liquid"
    surface: Surface = "concrete"
    largest_puddle_m2: float | None = Field(None, gt=0, le=1e7)
    """Bund or kerb; left out: the puddle spreads until 5 mm deep."""


class TwoPhase(_Holed):
    """Flashing outflow of a liquefied gas: refused when the liquid is below its boiling point."""

    kind: Literal["two_phase"] = "two_phase"


class VesselGas(SourceKind):
    """Gas from a vessel through a hole until the pressure inside is that of the air."""

    kind: Literal["vessel_gas"] = "vessel_gas"
    volume_m3: float = Field(gt=0, le=1e6)
    pressure_bar: float = Field(gt=0, le=2000)
    """Absolute."""
    temperature_c: float | None = Field(None, gt=ABSOLUTE_ZERO_C, le=1000)
    hole_diameter_m: float = Field(gt=0, le=10)
    emptying: Literal["adiabatic", "isothermal"] = "adiabatic"
    method: Method = "aloha"


class Puddle(SourceKind):
    """Liquid spilled at once; a fixed area, or spreading (up to a bund)."""

    kind: Literal["puddle"] = "puddle"
    mass_kg: float = Field(gt=0, le=1e9)
    area_m2: float | None = Field(None, gt=0, le=1e7)
    largest_puddle_m2: float | None = Field(None, gt=0, le=1e7)
    surface: Surface = "concrete"
    temperature_c: float | None = Field(None, gt=ABSOLUTE_ZERO_C, le=600)
    content_kg: float | None = Field(None, gt=0, le=1e9)
    """What the tank it came from held, to check against."""
    method: Method = "aloha"

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.content_kg is not None and self.mass_kg > self.content_kg:
            raise ValueError(f"mass_kg {self.mass_kg:g} is more than the tank's content_kg {self.content_kg:g}")
        if self.method == "hj169" and self.area_m2 is None:
            raise ValueError("give area_m2: HJ 169 takes the area of the bund or of the measured puddle")
        return self


class PipeRupture(SourceKind):
    """Full-bore break of a pipe: its inventory, and for liquid what is pumped until the valve is shut."""

    kind: Literal["pipe_rupture"] = "pipe_rupture"
    phase: Literal["gas", "liquid"]
    pipe_diameter_m: float = Field(gt=0, le=5)
    pipe_length_m: float = Field(gt=0, le=1e6)
    pressure_bar: float = Field(gt=0, le=1000)
    temperature_c: float | None = Field(None, gt=ABSOLUTE_ZERO_C, le=600)
    pumped_kg_s: float = Field(0.0, ge=0, le=1e5)
    valve_closing_s: float = Field(0.0, ge=0, le=86_400)
    surface: Surface = "concrete"
    largest_puddle_m2: float | None = Field(None, gt=0, le=1e7)


class FireSmoke(SourceKind):
    """Toxic smoke of a fire; the substance of the release is sulfur dioxide or carbon monoxide."""

    kind: Literal["fire_smoke"] = "fire_smoke"
    burning_rate_kg_s: float = Field(gt=0, le=1e5)
    duration_s: float = Field(gt=0, le=LONGEST_S)
    sulfur_fraction: float | None = Field(None, gt=0, le=1)
    incomplete_fraction: float = Field(0.06, ge=0.015, le=0.06)
    carbon_fraction: float = Field(0.85, gt=0, le=1)


AnyKind = TankLiquid | TwoPhase | VesselGas | Puddle | PipeRupture | FireSmoke
