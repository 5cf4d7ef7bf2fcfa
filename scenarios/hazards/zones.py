"""What does a case lead to on the ground? Its zones, as they are recorded and as everything after them is computed."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any

import geopandas as gpd
import shapely
from shapely.geometry.base import BaseGeometry

from gis.crs import LonLat
from plume import forecast as plume_forecast
from plume.case import Case
from plume.case import read as read_case
from plume.forecast import Forecast
from scenarios import drawing
from scenarios.events import HazardForecast
from scenarios.intake import plain_case

DAY_FROM_HOUR, DAY_TO_HOUR = 7, 19
"""Solar hours between which people are counted where they are by day."""
DEGREES_AN_HOUR = 15.0


@dataclass(frozen=True)
class Hazard:
    """A forecast, its zones as they are recorded, and the seconds it took."""

    case: Case
    forecast: Forecast
    zones: gpd.GeoDataFrame
    seconds: float

    @property
    def scene(self) -> LonLat:
        """Place of the release."""
        return self.case.incident.place

    @property
    def wind_from_deg(self) -> float | None:
        """Where the wind comes from; None in a calm, when nobody knows."""
        calm = any(note.startswith("calm") for note in self.forecast.provenance.notes)
        return None if calm else self.case.weather.wind_from_deg

    @property
    def area(self) -> BaseGeometry:
        """Union of all zones, lon/lat; empty when no level is reached."""
        return shapely.union_all(self.zones.geometry.to_numpy()) if len(self.zones) else shapely.Polygon()

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north of zones, envelope and scene."""
        shapes = [*self.zones.geometry, *self.forecast.envelope.geometry, shapely.Point(self.scene)]
        west, south, east, north = shapely.total_bounds(shapes)
        return float(west), float(south), float(east), float(north)

    @property
    def is_day(self) -> bool:
        """By the sun over the place, whatever zone the time was written in."""
        moment = self.case.incident.occurred_at.astimezone(UTC)
        hour = (moment.hour + moment.minute / 60 + self.scene.longitude / DEGREES_AN_HOUR) % 24
        return DAY_FROM_HOUR <= hour < DAY_TO_HOUR


def foresee(case: Mapping[str, Any]) -> Hazard:
    """
    From the case to its zones: the first step, alone, so that the ground they cover can be loaded.

    Raises
    ------
    InputError
        Every fault of the case.
    """
    started = time.perf_counter()
    read = read_case(case)
    forecast = plume_forecast.forecast(read)
    return Hazard(read, forecast, drawing.rounded(forecast.zones), time.perf_counter() - started)


def as_event(case: Mapping[str, Any], hazard: Hazard, domino: dict[str, Any] | None = None) -> HazardForecast:
    """The forecast as it is recorded, `case` as it was given, `domino` as ``domino.reach`` gives it."""
    forecast = hazard.forecast
    return HazardForecast(
        run_id="",
        status="ok",
        seconds=hazard.seconds,
        provenance=drawing.origin(forecast.provenance),
        case=plain_case(case),
        zones=drawing.feature_collection(hazard.zones),
        envelope=drawing.feature_collection(forecast.envelope) if len(forecast.envelope) else None,
        summary=drawing.plain(forecast.summary),
        notes=forecast.provenance.notes,
        domino=domino,
    )
