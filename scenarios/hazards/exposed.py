"""Who is in the zones, and when does the cloud reach them? What nobody has data for is None, never 0."""

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gis.columns import FACILITIES, PEOPLE
from gis.crs import GEOGRAPHIC
from plume.forecast import concentration_at
from scenarios import drawing
from scenarios.events import ExposureAssessed, Json
from scenarios.ground import Ground
from scenarios.hazards.zones import Hazard

CLOUDS = frozenset({"toxic", "flammable"})


def exposed(hazard: Hazard, ground: Ground, *, day: bool) -> ExposureAssessed:
    """Who is in the zones; a part nobody has data for is None."""
    if ground.people is None and ground.facilities is None:
        return ExposureAssessed(
            run_id="", status="no_data", seconds=0.0, provenance={}, day=day, bands=None, total_day=None,
            total_night=None, outside_day=None, outside_night=None, facilities=None,
            notes=("no_people_data", "no_facility_data"),
        )  # fmt: skip
    from layers.exposure import count

    people = ground.people if ground.people is not None else PEOPLE.empty(GEOGRAPHIC)
    facilities = ground.facilities if ground.facilities is not None else FACILITIES.empty(GEOGRAPHIC)
    found = count(hazard.zones, people, facilities, day=day, source=hazard.scene)
    known = ground.people is not None
    notes = list(found.provenance.notes)
    if not known:
        notes.append("no_people_data")
    elif not _covers(ground.people, hazard.area):
        notes.append("people_data_cover_part_of_zones")
    if ground.facilities is None:
        notes.append("no_facility_data")
    return ExposureAssessed(
        run_id="",
        status="ok" if known else "no_data",
        seconds=0.0,
        provenance=drawing.origin(found.provenance),
        day=day,
        bands=drawing.rows(found.bands) if known else None,
        total_day=int(found.total_day) if known else None,
        total_night=int(found.total_night) if known else None,
        outside_day=int(found.outside_day) if known else None,
        outside_night=int(found.outside_night) if known else None,
        facilities=_targets(hazard, found.facilities) if ground.facilities is not None else None,
        notes=tuple(dict.fromkeys(notes)),
    )


def _targets(hazard: Hazard, targets: gpd.GeoDataFrame) -> tuple[Json, ...]:
    """
    Protection targets in the zones, soonest first; with a cloud, its arrival and largest concentration at the place.

    Heat and blast need no time to arrive and have no concentration.
    """
    if len(targets) and set(hazard.zones["kind"]) & CLOUDS:
        points = targets.geometry
        there = concentration_at(hazard.case, longitude=points.x.to_numpy(), latitude=points.y.to_numpy())
        arrival_s = np.where(np.isfinite(there["arrival_s"]), there["arrival_s"], targets["arrival_s"].to_numpy(float))
        targets = targets.assign(arrival_s=arrival_s, concentration_ppm=there["concentration_ppm"])
    return drawing.rows(targets.sort_values(["arrival_s", "distance_m", "id"], kind="stable"))


def _covers(people: gpd.GeoDataFrame | None, area: BaseGeometry) -> bool:
    """Whether the zones lie inside the hull of the population data."""
    if people is None or area.is_empty:
        return True
    hull = shapely.convex_hull(shapely.geometrycollections(people.geometry.to_numpy()))
    return bool(shapely.covers(hull, area))
