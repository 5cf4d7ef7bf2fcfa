"""Which kinds of release may a case file name, and which source term does each give?"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from gis.errors import InputError
from plume import properties, substances
from plume.fire import kinds as fires
from plume.properties import Properties
from plume.release import Release
from plume.source import kinds, outflow, series
from plume.source.series import SourceTerm
from plume.source.weather import SourceWeather
from plume.substances import Substance
from plume.weather import Weather

LONGEST_S = 7 * 86_400.0
ABSOLUTE_ZERO_C = -273.15
BOILING_NAMES = frozenset(("lng", "液化天然气", "liquefiednaturalgas"))
"""
Names that say the gas comes off a boiling liquid; any other name means gas at air temperature unless one is given.
"""


class _Named(BaseModel):
    """What every kind has: the substance."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    substance: str

    @field_validator("substance", mode="before")
    @classmethod
    def _known(cls, value: object) -> str:
        try:
            substances.find(str(value))
        except InputError as error:
            raise ValueError(str(error).partition(": ")[2]) from error
        return str(value)

    @property
    def what(self) -> Substance:
        """The substance meant."""
        return substances.find(self.substance)


class _Kind(_Named):
    """What every release has: the height too."""

    height_m: float = Field(0.0, ge=0, le=1000)


class _Given(_Kind):
    """Kinds whose airborne amount is given as it is: the state of the cloud at the source may be added."""

    diameter_m: float = Field(0.0, ge=0, le=5000)
    temperature_c: float | None = Field(None, gt=ABSOLUTE_ZERO_C, le=3000)
    vapour_fraction: float = Field(1.0, ge=0, le=1)

    def released(self, term: SourceTerm) -> Release:
        """The release of this term."""
        return Release(self.what, term, self.height_m, self.diameter_m)

    def kelvin(self, weather: Weather) -> float:
        """Temperature at the source: the one given, else ambient, and its boiling point for what is named as LNG, K."""
        if self.temperature_c is not None:
            return self.temperature_c - ABSOLUTE_ZERO_C
        if "".join(self.substance.split()).lower() in BOILING_NAMES:
            return properties.of(self.what.key).boiling_temperature_k(weather.pressure_pa)
        return weather.temperature_k


class ContinuousInput(_Given):
    """A constant rate for a duration."""

    kind: Literal["continuous"]
    rate_kg_s: float = Field(gt=0, le=1e5)
    duration_s: float = Field(gt=0, le=LONGEST_S)
    content_kg: float | None = Field(None, gt=0, le=1e9)

    @model_validator(mode="after")
    def _held(self) -> "ContinuousInput":
        return _checked(self, self.rate_kg_s * self.duration_s, self.content_kg)

    def release(self, weather: Weather) -> Release:
        """The release in this weather."""
        return self.released(
            series.continuous(
                self.rate_kg_s, self.duration_s, self.kelvin(weather), vapour_fraction=self.vapour_fraction
            )
        )


class InstantaneousInput(_Given):
    """A mass all at once."""

    kind: Literal["instantaneous"]
    mass_kg: float = Field(gt=0, le=1e8)
    content_kg: float | None = Field(None, gt=0, le=1e9)

    @model_validator(mode="after")
    def _held(self) -> "InstantaneousInput":
        return _checked(self, self.mass_kg, self.content_kg)

    def release(self, weather: Weather) -> Release:
        """The release in this weather."""
        return self.released(
            series.instantaneous(self.mass_kg, self.kelvin(weather), vapour_fraction=self.vapour_fraction)
        )


class TableInput(_Given):
    """A rate that changes in time: row i holds until row i + 1; the last rate is 0 and ends the release."""

    kind: Literal["table"]
    time_s: tuple[float, ...] = Field(min_length=2)
    rate_kg_s: tuple[float, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _fits(self) -> "TableInput":
        try:
            series.table(self.time_s, self.rate_kg_s)
        except InputError as error:
            raise ValueError(str(error)) from error
        return self

    def release(self, weather: Weather) -> Release:
        """The release in this weather."""
        return self.released(
            series.table(self.time_s, self.rate_kg_s, self.kelvin(weather), vapour_fraction=self.vapour_fraction)
        )


def _checked[Model: BaseModel](model: Model, released_kg: float, content_kg: float | None) -> Model:
    try:
        outflow.check_content(released_kg, content_kg)
    except InputError as error:
        raise ValueError(str(error)) from error
    return model


class _Described(_Kind):
    """Kinds whose airborne amount follows from a description of the source (``plume.source``)."""

    def release(self, weather: Weather) -> Release:
        """
        The release in this weather.

        Raises
        ------
        InputError
            The description is impossible, such as more content than the tank holds.
        """
        assert isinstance(self, kinds.SourceKind)  # every subclass below is one
        term = outflow.to_source_term(self, properties.of(self.what.key), source_weather(weather))  # type: ignore[arg-type]
        return Release(self.what, term, self.height_m, term.diameter_m)


class TankLiquidInput(_Described, kinds.TankLiquid):
    """Liquid from a tank with a hole."""


class TwoPhaseInput(_Described, kinds.TwoPhase):
    """Flashing outflow from a tank with a hole."""


class VesselGasInput(_Described, kinds.VesselGas):
    """Gas from a vessel with a hole."""


class PuddleInput(_Described, kinds.Puddle):
    """Liquid spilled at once."""


class PipeRuptureInput(_Described, kinds.PipeRupture):
    """Full-bore break of a pipe."""


class FireSmokeInput(_Described, kinds.FireSmoke):
    """Toxic smoke of a fire."""


class _Ignited(_Named):
    """Kinds that burn or explode: they have zones of heat or blast, and no concentration."""

    @property
    def fuel(self) -> Properties | None:
        """Properties of what burns."""
        return properties.of(self.what.key)

    @property
    def names(self) -> tuple[str, str]:
        """English key and Chinese name for the result card."""
        return self.what.key, self.what.name_zh

    def release(self, _weather: Weather) -> Release:
        """
        Refuse: nothing is dispersed.

        Raises
        ------
        InputError
            Always.
        """
        raise InputError("release.kind: a fire or explosion has no concentration; ask for its zones or its receptors")


class PoolFireInput(_Ignited, fires.PoolFireInput):
    """A burning pool."""


class JetFireInput(_Ignited, fires.JetFireInput):
    """A burning jet."""


class BleveInput(_Ignited, fires.BleveInput):
    """A fireball."""


class CloudExplosionInput(_Ignited, fires.CloudExplosionInput):
    """An exploding vapour cloud."""


class SolidExplosionInput(_Ignited, fires.SolidExplosionInput):
    """A solid explosive counted as TNT; it may be none of the known substances."""

    substance: str = "TNT"

    @field_validator("substance", mode="before")
    @classmethod
    def _known(cls, value: object) -> str:
        return str(value)

    @property
    def fuel(self) -> Properties | None:
        """None: only the mass and its equivalence count."""
        return None

    @property
    def names(self) -> tuple[str, str]:
        """The name as given."""
        return self.substance, self.substance


FireInput = PoolFireInput | JetFireInput | BleveInput | CloudExplosionInput | SolidExplosionInput


def source_weather(weather: Weather) -> SourceWeather:
    """The weather as the source models take it."""
    return SourceWeather(
        air_temperature_k=weather.temperature_k,
        wind_speed_10m_m_s=weather.wind_speed_10m_m_s,
        stability=weather.stability,
        relative_humidity=weather.relative_humidity,
        cloud_tenths=weather.cloud_tenths,
        solar_elevation_deg=weather.solar_elevation_deg,
        pressure_pa=weather.pressure_pa,
    )


ReleaseInput = Annotated[
    ContinuousInput
    | InstantaneousInput
    | TableInput
    | TankLiquidInput
    | TwoPhaseInput
    | VesselGasInput
    | PuddleInput
    | PipeRuptureInput
    | FireSmokeInput
    | FireInput,
    Field(discriminator="kind"),
]
KINDS = (
    "continuous",
    "instantaneous",
    "table",
    "tank_liquid",
    "two_phase",
    "vessel_gas",
    "puddle",
    "pipe_rupture",
    "fire_smoke",
    "pool_fire",
    "jet_fire",
    "bleve",
    "cloud_explosion",
    "solid_explosion",
)
