"""Which other hazard sources does a fire or explosion reach?"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.crs import LocalFrame, LonLat, as_geographic
from gis.errors import InputError
from gis.provenance import Trust
from plume.fire.radiation import HeatSource
from plume.fire.zones import PSI_PA, BlastSource

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Escalation:
    """Level at which equipment fails: threshold in kW/m2 or kPa, and how far it may be trusted."""

    threshold: float
    unit: str
    trust: Trust
    source: str


HEAT_ESCALATION = Escalation(37.5, "kW/m2", "unverified", "GB/T 37243-2019, AQ/T 3046; from memory")
"""Damage to process equipment."""
BLAST_ESCALATION = Escalation(8 * PSI_PA / 1000, "kPa", "one_source", "NOAA TM NOS OR&R 43: destruction of buildings")


LEAST_FLUX_KW_M2 = 1.0
"""Below this nothing fails: the correlations of `time_to_failure_s` were made from 10 kW/m2 upwards."""


def time_to_failure_s(flux_kw_m2: ArrayLike, volume_m3: ArrayLike, pressurised: ArrayLike) -> FloatArray:
    """
    Seconds until an unprotected vessel in a steady heat flux fails; infinite below `LEAST_FLUX_KW_M2`.

    ln t = -1.128 ln I - 2.667e-5 V + 9.877 at atmospheric pressure, ln t = -0.947 ln I + 8.835 V^0.032 under pressure
    (t s, I kW/m2, V m3): Cozzani, Gubinelli, Salzano (2006), J. Hazard. Mater. A129, 1-21, table of vulnerability
    models. From memory, so trust "unverified".

    Parameters
    ----------
    flux_kw_m2, volume_m3, pressurised
        Arrays that broadcast together.

    Examples
    --------
    >>> [round(float(t) / 60) for t in time_to_failure_s(37.5, 100.0, [False, True])]
    [5, 15]
    """
    flux, volume = np.asarray(flux_kw_m2, float), np.asarray(volume_m3, float)
    log_flux = np.log(np.maximum(flux, LEAST_FLUX_KW_M2))
    cold = -1.128 * log_flux - 2.667e-5 * volume + 9.877
    tight = -0.947 * log_flux + 8.835 * np.maximum(volume, 1.0) ** 0.032
    seconds = np.exp(np.where(np.asarray(pressurised, bool), tight, cold))
    return np.asarray(np.where(flux < LEAST_FLUX_KW_M2, np.inf, seconds))


def reached_by_heat(
    points: gpd.GeoDataFrame,
    source: HeatSource,
    origin: LonLat,
    wind_from_deg: float,
    escalation: Escalation = HEAT_ESCALATION,
) -> gpd.GeoDataFrame:
    """
    Hazard sources with the flux each receives, most first.

    Parameters
    ----------
    points
        Points with at least a geometry; every column and the index are kept.

    Returns
    -------
    frame
        `points` with value (kW/m2), unit, distance_m, threshold, trust and escalates.
    """
    along, across, distance = _relative(points, origin, wind_from_deg)
    value = source.flux_w_m2(np.column_stack([along, across, np.zeros(len(points))])) / 1000
    return _marked(points, value, distance, escalation)


def reached_by_blast(
    points: gpd.GeoDataFrame,
    source: BlastSource,
    origin: LonLat,
    wind_from_deg: float,
    escalation: Escalation = BLAST_ESCALATION,
) -> gpd.GeoDataFrame:
    """Hazard sources with the overpressure each receives (kPa), most first; columns as `reached_by_heat`."""
    along, across, distance = _relative(points, origin, wind_from_deg)
    value = source.overpressure_pa(np.hypot(along - source.centre_m, across)) / 1000
    return _marked(points, value, distance, escalation)


def _relative(
    points: gpd.GeoDataFrame, origin: LonLat, wind_from_deg: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    frame = as_geographic(points)
    if not (frame.geometry.geom_type == "Point").all():
        raise InputError("hazard sources: every geometry must be a point")
    east, north = LocalFrame(origin).to_metres(frame.geometry.x.to_numpy(), frame.geometry.y.to_numpy())
    to = np.radians(wind_from_deg + 180.0)
    along = east * np.sin(to) + north * np.cos(to)
    return along, -east * np.cos(to) + north * np.sin(to), np.hypot(east, north)


def _marked(
    points: gpd.GeoDataFrame, value: FloatArray, distance_m: FloatArray, escalation: Escalation
) -> gpd.GeoDataFrame:
    return points.assign(
        value=value,
        unit=escalation.unit,
        distance_m=distance_m,
        threshold=escalation.threshold,
        trust=escalation.trust,
        escalates=value >= escalation.threshold,
    ).sort_values("value", ascending=False)
