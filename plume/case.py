"""
What does a case file say, and is it fit to compute with? The contract of ``onemap plume run`` and ``onemap assess``.
"""

import itertools
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from gis.crs import LonLat
from gis.errors import InputError
from plume import stability
from plume.criteria import System, Unit
from plume.release_kinds import KINDS, ReleaseInput
from plume.sigma import SigmaChoice
from plume.stability import StabilityClass
from plume.weather import STANDARD_PRESSURE_PA, Weather, WindSample

OKTAS = 8.0
CLOUD_UNKNOWN_TENTHS = 5.0
LOWEST_C, HIGHEST_C = -60.0, 60.0
"""Range of ambient temperature at which anybody would be outdoors; beyond it the number is a slip."""
LOWEST_PRESSURE_PA, HIGHEST_PRESSURE_PA = 45_000.0, 110_000.0


class _Strict(BaseModel):
    """Unknown keys are refused by name, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class IncidentInput(_Strict):
    """Where and when."""

    longitude: float = Field(ge=-180, le=180)
    latitude: float = Field(ge=-90, le=90)
    occurred_at: AwareDatetime

    @property
    def place(self) -> LonLat:
        """The place, longitude first."""
        return LonLat(self.longitude, self.latitude)


class WindInput(_Strict):
    """One row of a wind series: holds from `time_s` after the release began until the next row."""

    time_s: float = Field(ge=0)
    wind_speed_m_s: float = Field(gt=0, le=60)
    wind_from_deg: float = Field(ge=0, le=360)


class WeatherInput(_Strict):
    """The air. `stability` may be left out when cloud (and with it the sun's height) or the Obukhov length is given."""

    wind_speed_m_s: float = Field(gt=0, le=60)
    wind_height_m: float = Field(10.0, ge=0.5, le=200)
    wind_from_deg: float = Field(ge=0, le=360)
    stability: StabilityClass | None = None
    temperature_c: float = Field(15.0, ge=LOWEST_C, le=HIGHEST_C)
    relative_humidity: float = Field(0.5, ge=0, le=1)
    roughness_m: float = Field(0.03, ge=1e-5, le=3)
    pressure_pa: float = Field(STANDARD_PRESSURE_PA, ge=LOWEST_PRESSURE_PA, le=HIGHEST_PRESSURE_PA)
    cloud_oktas: float | None = Field(None, ge=0, le=OKTAS)
    cloud_cover: float | None = Field(None, ge=0, le=1)
    monin_obukhov_m: float | None = None
    friction_velocity_m_s: float | None = Field(None, gt=0, le=5)
    sigma_azimuth_deg: float | None = Field(None, gt=0, le=90)
    mixing_height_m: float | None = Field(None, gt=0, le=10_000)
    series: tuple[WindInput, ...] = ()

    @field_validator("stability", mode="before")
    @classmethod
    def _upper_case(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("monin_obukhov_m")
    @classmethod
    def _not_zero(cls, value: float | None) -> float | None:
        if value is not None and abs(value) < 1:
            raise ValueError("must be at least 1 m from zero; leave it out when it is not known")
        return value

    @field_validator("series")
    @classmethod
    def _rising(cls, value: tuple[WindInput, ...]) -> tuple[WindInput, ...]:
        if any(later.time_s <= earlier.time_s for earlier, later in itertools.pairwise(value)):
            raise ValueError("times must rise from row to row")
        return value

    @model_validator(mode="after")
    def _some_stability(self) -> "WeatherInput":
        if self.stability is None and self.oktas is None and self.monin_obukhov_m is None:
            raise ValueError("stability is missing: give A-F, or cloud_oktas, or monin_obukhov_m")
        if self.wind_height_m <= self.roughness_m:
            raise ValueError(
                f"wind_height_m {self.wind_height_m:g} must be above roughness_m {self.roughness_m:g}: "
                "there is no wind inside the roughness"
            )
        return self

    @property
    def oktas(self) -> float | None:
        """Cloud in eighths, however it was given."""
        if self.cloud_oktas is not None:
            return self.cloud_oktas
        return None if self.cloud_cover is None else self.cloud_cover * OKTAS

    def at(self, place: LonLat, moment: datetime) -> Weather:
        """Complete weather: the class is derived where it was left out, and a note says from what."""
        sun = stability.solar_elevation_deg(place, moment)
        chosen, notes = self.stability, []
        if chosen is None and self.monin_obukhov_m is not None:
            chosen = stability.from_obukhov(self.monin_obukhov_m, self.roughness_m)
            notes.append("stability_from_obukhov")
        if chosen is None:
            assert self.oktas is not None  # the validator saw to it
            # The key wants the wind at 10 m; the profile needs the class, so neutral air carries it there.
            neutral = self._with("D", sun, ())
            chosen = stability.from_sky(neutral.wind_speed_10m_m_s, self.oktas, sun)
            notes.append("stability_from_sky")
        return self._with(chosen, sun, tuple(notes))

    def _with(self, chosen: StabilityClass, sun_deg: float, notes: tuple[str, ...]) -> Weather:
        return Weather(
            wind_speed_m_s=self.wind_speed_m_s,
            wind_height_m=self.wind_height_m,
            wind_from_deg=self.wind_from_deg % 360.0,
            stability=chosen,
            temperature_k=self.temperature_c + 273.15,
            relative_humidity=self.relative_humidity,
            roughness_m=self.roughness_m,
            pressure_pa=self.pressure_pa,
            monin_obukhov_m=self.monin_obukhov_m,
            friction_velocity_m_s=self.friction_velocity_m_s,
            sigma_azimuth_deg=self.sigma_azimuth_deg,
            mixing_height_m=self.mixing_height_m,
            cloud_tenths=10 * self.oktas / OKTAS if self.oktas is not None else CLOUD_UNKNOWN_TENTHS,
            solar_elevation_deg=sun_deg,
            series=tuple(WindSample(row.time_s, row.wind_speed_m_s, row.wind_from_deg % 360.0) for row in self.series),
            notes=notes,
        )


class LevelInput(_Strict):
    """A threshold of the user's own."""

    name: str = Field(min_length=1)
    value: float = Field(gt=0)
    unit: Unit


class OutputInput(_Strict):
    """What to report: thresholds and the time concentrations are averaged over."""

    averaging_s: float | None = Field(None, ge=1, le=86_400)
    levels: System | Annotated[tuple[LevelInput, ...], Field(min_length=1)] = "AEGL"
    sigma: SigmaChoice = "auto"
    height_m: float = Field(0.0, ge=0, le=100)


class Case(_Strict):
    """A whole case: name, incident, release, weather, output."""

    name: str = Field("", max_length=200)
    incident: IncidentInput
    release: ReleaseInput
    weather: WeatherInput
    output: OutputInput = Field(default_factory=lambda: OutputInput.model_validate({}))

    def resolved_weather(self) -> Weather:
        """Weather at the place and time of the incident."""
        return self.weather.at(self.incident.place, self.incident.occurred_at)


def read(mapping: Mapping[str, Any]) -> Case:
    """
    Read a case from nested mappings, as a TOML or JSON file gives them.

    Raises
    ------
    InputError
        Names every fault at once: unknown keys, missing keys, wrong types, values out of range, an unknown substance.
    """
    try:
        return Case.model_validate(dict(mapping))
    except ValidationError as error:
        faults = [fault for fault in error.errors() if not _echo(fault)]
        raise InputError([_sentence(fault) for fault in faults]) from error


def _echo(fault: Mapping[str, Any]) -> bool:
    """Is this only the other branch of "a system's name or a list of levels" complaining about the same input?"""
    if tuple(fault["loc"][:2]) != ("output", "levels"):
        return False
    given = fault.get("input")
    if len(fault["loc"]) > BRANCH_DEPTH:
        return isinstance(given, str) and fault["loc"][-1] not in LevelInput.model_fields
    if isinstance(given, str):
        return bool(fault["type"] != "literal_error")
    return fault["type"] == "literal_error" or (fault["type"] == "too_short" and bool(given))


BRANCH_DEPTH = len(("output", "levels", "branch"))
_TAGS = frozenset(("tuple", "literal", "str", "constrained-tuple"))


def _sentence(fault: Mapping[str, Any]) -> str:
    """One plain sentence for one pydantic fault: where, what, and what to do."""
    parts = [str(part) for part in fault["loc"]]
    if parts[:1] == ["release"] and len(parts) > 1 and parts[1] in KINDS:
        parts.pop(1)  # the union's tag is not a key of the file
    where = ".".join(part for part in parts if part.split("[")[0] not in _TAGS and not part.startswith("function-"))
    where = where or "case"
    context = fault.get("ctx") or {}
    given = fault.get("input")
    match fault["type"]:
        case "extra_forbidden":
            return f"{where}: unknown key; remove it or check its spelling"
        case "missing":
            return f"{where}: missing; it must be given"
        case "union_tag_not_found":
            return f"{where}.kind: missing; give one of {', '.join(KINDS)}"
        case "union_tag_invalid":
            return f"{where}.kind: '{context.get('tag')}' is not a kind; use one of {context.get('expected_tags')}"
        case "greater_than" | "greater_than_equal" | "less_than" | "less_than_equal" as kind:
            words = {
                "greater_than": ("above", "gt"),
                "greater_than_equal": ("at least", "ge"),
                "less_than": ("below", "lt"),
                "less_than_equal": ("at most", "le"),
            }[kind]
            return f"{where}: {given!r} must be {words[0]} {context[words[1]]:g}"
        case "value_error":
            return f"{where}: {str(context['error']).removeprefix(f'{where}: ')}"
        case "timezone_aware":
            return f"{where}: {given} has no time zone; add one, e.g. +08:00"
        case "literal_error":
            return f"{where}: {given!r} is not allowed; use {context['expected']}"
        case "finite_number":
            return f"{where}: {given!r} must be a finite number"
        case _:
            return f"{where}: {fault['msg'][0].lower()}{fault['msg'][1:]} (got {given!r})"
