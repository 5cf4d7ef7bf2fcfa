"""How sure are the zones? Many members of wind, stability and rate around one case, computed after the first answer."""

import time
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import shapely

from gis.provenance import Mode, Provenance
from plume import ensemble
from plume.case import read as read_case
from plume.release_kinds import FireInput
from plume.setting import direction_sigma_deg
from scenarios import drawing
from scenarios.events import ConfidenceForecast, Json
from scenarios.intake import plain_case

ANY_DIRECTION_DEG = 180.0
"""Spread in a calm: nobody knows where the air drifts to, so the members point everywhere."""
METRES_A_DEGREE = 111_320.0
SEED = 1


def confidence(case: Mapping[str, Any], run_id: str, *, members: int, mode: Mode = "live") -> ConfidenceForecast | None:
    """
    Zones at 10, 50 and 90 % of the members of a case; None for a fire or explosion, which has no such members.

    The same case gives the same members, so the entry can be computed again and compared.

    Raises
    ------
    InputError
        The case cannot be computed, or `members` is below 1.
    """
    started = time.perf_counter()
    read = read_case(case)
    if isinstance(read.release, FireInput):
        return None
    air = read.resolved_weather()
    turn = ANY_DIRECTION_DEG if air.calm else direction_sigma_deg(air)
    known = ensemble.Uncertainty(direction_sigma_deg=turn)
    found = ensemble.forecast(read, members, uncertainty=known, seed=SEED)
    varied = {
        "wind_speed_log_sigma": known.speed_log_sigma,
        "rate_log_sigma": known.rate_log_sigma,
        "direction_sigma_deg": turn,
        "class_shift": known.class_shift,
    }
    notes = ["ensemble_spreads_unverified"]
    if air.series:
        notes.append("ensemble_along_first_wind")
    if air.calm:
        notes.append("calm_wind_direction_unknown")
    origin = Provenance(
        source="plume.ensemble",
        as_of=read.incident.occurred_at,
        model="ensemble",
        version="1",
        inputs={"case": plain_case(case), "members": members, "seed": SEED, "varied": varied},
        notes=tuple(notes),
        mode=mode,
    )
    zones = _thin(found.zones, found.exceedance.grid.cell_m)
    return ConfidenceForecast(
        run_id=run_id,
        status="ok" if len(zones) else "not_needed",
        seconds=time.perf_counter() - started,
        provenance=drawing.origin(origin),
        members=members,
        varied=varied,
        zones=drawing.feature_collection(zones),
        reach_m={name: {f"p{share}": round(reach, 1) for share, reach in row.items()}
                 for name, row in found.reach_m.items()},
        notes=tuple(notes),
    )  # fmt: skip


def as_json(found: ConfidenceForecast) -> Json:
    """Plain JSON for ``onemap assess``: a GeoJSON collection with members, what was varied, and its origin."""
    return {
        **found.zones,
        "status": found.status,
        "members": found.members,
        "varied": found.varied,
        "reach_m": found.reach_m,
        "notes": list(found.notes),
        "seconds": round(found.seconds, 4),
        "provenance": found.provenance,
    }


def _thin(zones: gpd.GeoDataFrame, cell_m: float) -> gpd.GeoDataFrame:
    """Outlines no finer than the raster they were drawn from."""
    if not len(zones):
        return zones
    shapes = shapely.simplify(zones.geometry.to_numpy(), 0.4 * cell_m / METRES_A_DEGREE)
    return drawing.rounded(zones.set_geometry(gpd.GeoSeries(shapes, index=zones.index, crs=zones.crs)))
