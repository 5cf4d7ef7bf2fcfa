"""Which kinds of release may a case file name, and which source term does each give?"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from gis.errors import InputError
from plume import substances
from plume.release import Release
from plume.source import series
from plume.source.series import SourceTerm
from plume.substances import Substance
from plume.weather import Weather

LONGEST_S = 7 * 86_400.0
ABSOLUTE_ZERO_C = -273.15


class _Kind(BaseModel):
    """What every kind has: the substance and the height."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    substance: str
    height_m: float = Field(0.0, ge=0, le=1000)

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


class _Given(_Kind):
    """Kinds whose airborne amount is given as it is: the state of the cloud at the source may be added."""

    diameter_m: float = Field(0.0, ge=0, le=5000)
    temperature_c: float | None = Field(None, gt=ABSOLUTE_ZERO_C, le=3000)
    vapour_fraction: float = Field(1.0, ge=0, le=1)

    def released(self, term: SourceTerm) -> Release:
        """The release of this term."""
        return Release(self.what, term, self.height_m, self.diameter_m)

    def kelvin(self, weather: Weather) -> float:
        """Temperature at the source: the one given, else ambient, K."""
        return weather.temperature_k if self.temperature_c is None else self.temperature_c - ABSOLUTE_ZERO_C


class ContinuousInput(_Given):
    """A constant rate for a duration."""

    kind: Literal["continuous"]
    rate_kg_s: float = Field(gt=0, le=1e5)
    duration_s: float = Field(gt=0, le=LONGEST_S)

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


ReleaseInput = Annotated[ContinuousInput | InstantaneousInput | TableInput, Field(discriminator="kind")]
KINDS: tuple[str, ...] = ("continuous", "instantaneous", "table")
