"""What does a case that names a fire or explosion lead to, and what reaches its receptors?"""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from plume.fire.scenario import FireForecast, to_forecast
from plume.properties import Properties
from plume.source.weather import SourceWeather

if TYPE_CHECKING:
    from gis.crs import LonLat
    from plume.fire.kinds import AnyFire
    from plume.weather import Weather

FloatArray = NDArray[np.float64]


def over_land(weather: "Weather") -> SourceWeather:
    """The weather as the fire models take it."""
    return SourceWeather(
        air_temperature_k=weather.temperature_k,
        wind_speed_10m_m_s=weather.wind_speed_10m_m_s,
        stability=weather.stability,
        relative_humidity=weather.relative_humidity,
        pressure_pa=weather.pressure_pa,
    )


def burning(kind: "AnyFire", properties: Properties | None, weather: "Weather", place: "LonLat") -> FireForecast:
    """Zones, numbers and source of a fire in the weather of its case."""
    return to_forecast(kind, properties, over_land(weather), place, weather.wind_from_deg)


def summary(done: FireForecast, substance: tuple[str, str], weather: "Weather") -> dict[str, Any]:
    """Result card: the keys every forecast has, then the numbers of the fire."""
    return {
        "model": done.method,
        "regime": "fire" if done.heat is not None else "explosion",
        "substance": substance[0],
        "substance_zh": substance[1],
        "source_method": done.method,
        "reference": done.reference,
        "stability": weather.stability,
        "wind_speed_m_s": weather.wind_speed_m_s,
        "wind_from_deg": weather.wind_from_deg,
        "reach_m": dict(zip(done.zones["level_name"], done.zones["reach_m"], strict=True)),
        **done.summary,
        "notes": list(done.notes),
    }


def receptors(
    done: FireForecast, along_m: ArrayLike, across_m: ArrayLike, height_m: ArrayLike
) -> dict[str, FloatArray]:
    """
    Heat flux (kW/m2) or overpressure (kPa) at receptors, arrays that broadcast together.

    The keys of a concentration are there too, with nothing in them: a fire has none.
    """
    along, across, height = np.broadcast_arrays(
        np.asarray(along_m, float), np.asarray(across_m, float), np.asarray(height_m, float)
    )
    nothing, never = np.zeros(along.shape), np.full(along.shape, np.nan)
    result = {
        "concentration_kg_m3": nothing,
        "concentration_mg_m3": nothing,
        "concentration_ppm": nothing,
        "arrival_s": never,
        "departure_s": never,
    }
    if done.heat is not None:
        points = np.column_stack([along.ravel(), across.ravel(), height.ravel()])
        result["heat_flux_kw_m2"] = done.heat.flux_w_m2(points).reshape(along.shape) / 1000
    if done.blast is not None:
        distance = np.hypot(along - done.blast.centre_m, across)
        result["overpressure_kpa"] = done.blast.overpressure_pa(distance) / 1000
    return result
