"""Who leaves the zones, by which way, to which roof, and who cannot?"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry.base import BaseGeometry

from plume.case import Case
from routing.hazard import Hazard
from routing.view import View
from scenarios import drawing
from scenarios.events import EvacuationProposed, ExposureAssessed, Json
from scenarios.ground import Ground
from scenarios.hazards.indoors import with_doses
from scenarios.roads.arrival import seconds_since, seen_from
from scenarios.roads.assumed import exit_points, start_points
from scenarios.roads.blocks import blocks

NOTHING: Json = {"type": "FeatureCollection", "features": []}
CLEARANCE_POINTS = 120
LEAST_MARGIN_S = 60.0
"""Nobody is sent who would leave a road less than this before the cloud; a setting, trust "unverified"."""


@dataclass(frozen=True, slots=True)
class Departure:
    """
    When everybody sets out, and the cloud as it comes from then on.

    Attributes
    ----------
    after_s
        Seconds after the release began.
    cloud
        None for a fire, and where no level is reached from which people must keep out. It comes `LEAST_MARGIN_S` early.
    """

    after_s: float = 0.0
    cloud: Hazard | None = None


def departure(case: Case, cloud: Hazard | None, moment: datetime | None) -> Departure:
    """
    Everybody sets out at `moment`, at the release without one.

    Who asks after the cloud has gone wants to know what could have been done: then, too, from the release on.
    """
    after_s = seconds_since(case, moment)
    if cloud is None:
        return Departure(after_s)
    ahead = seen_from(cloud, after_s, LEAST_MARGIN_S)
    return Departure(after_s, ahead) if ahead is not None else Departure(0.0, seen_from(cloud, 0.0, LEAST_MARGIN_S))


def evacuation(
    view: View | None,
    ground: Ground,
    area: BaseGeometry,
    exposure: ExposureAssessed,
    wind_from_deg: float | None,
    *,
    counted_blocks: gpd.GeoDataFrame | None = None,
    case: Case | None = None,
    leaves: Departure | None = None,
) -> EvacuationProposed:
    """
    Assign everybody counted in the zones to shelters; those who cannot go are listed.

    Without shelters people are led to exits just outside the zones; without a count the ways out are shown from street
    corners, with people None. With the `case` those left over learn what staying indoors means. With a cloud in
    `leaves` nobody is sent onto a road that it covers before they are off it: each way tells its margin, and who cannot
    be out in time is told to stay indoors. Without roads the status is ``no_data``, and without anybody in the zones
    ``not_needed``.
    """
    if view is None:
        return _nothing("no_data", exposure, "no_roads_here")
    people_in_zones = _people(exposure)
    if area.is_empty or people_in_zones == 0:
        return _nothing("not_needed", exposure, "no_zone_reached" if area.is_empty else "nobody_in_zones")
    from routing.evacuation import plan

    counted = ground.people is not None and people_in_zones is not None
    if counted and ground.people is not None and people_in_zones is not None:
        leaving = counted_blocks
        if leaving is None:
            leaving = blocks(ground.people, area, people_in_zones, day=exposure.day)
    else:
        leaving = start_points(view)
    if not len(leaving):
        return _nothing("no_data", exposure, "no_start_known")
    sheltered = ground.shelters is not None and len(ground.shelters) > 0
    goals = ground.shelters if sheltered and ground.shelters is not None else exit_points(view)
    if case is not None and counted:
        leaving = with_doses(leaving, case)
    leaves = leaves or Departure()
    found = plan(view, leaving, goals, wind_from_deg=wind_from_deg, objective="clearance", hazard=leaves.cloud)
    found.assignment["margin_s"] += LEAST_MARGIN_S
    notes = [*found.provenance.notes]
    if not sheltered:
        notes.append("egress_only_no_shelters_known")
    if not counted:
        notes.append("no_people_data")
    return EvacuationProposed(
        run_id="",
        status="ok" if counted else "no_data",
        seconds=0.0,
        provenance=drawing.origin(found.provenance),
        assignment=_assignment(found.assignment, leaving, counted=counted, sheltered=sheltered),
        left_over=_left_over(found.left_over, leaving, counted=counted),
        shelters=drawing.rows(found.shelters) if sheltered else (),
        clearance=_thinned(drawing.rows(found.clearance)) if counted else (),
        people=people_in_zones if counted else None,
        assigned=int(found.assignment["people"].sum()) if counted else None,
        notes=tuple(dict.fromkeys(notes)),
        totals=drawing.plain({**found.totals, **_in_time(found.assignment, leaves)}) if counted else {},
        filling=drawing.rows(found.filling) if counted and sheltered else (),
        bottlenecks=drawing.feature_collection(found.bottlenecks) if counted else None,
    )


def _in_time(assignment: gpd.GeoDataFrame, leaves: Departure) -> Json:
    """When people set out and what the shortest margin before the cloud is; None where it meets no way of theirs."""
    margins = assignment["margin_s"].to_numpy(float)
    margins = margins[np.isfinite(margins)]
    return {
        "departs_s": leaves.after_s,
        "against_cloud": leaves.cloud is not None,
        "margin_s": float(margins.min()) if len(margins) else None,
    }


def _people(exposure: ExposureAssessed) -> int | None:
    """People in all zones at this time of day, as the exposure counted them; None when nobody counted."""
    if exposure.bands is None:
        return None
    column = "people_day" if exposure.day else "people_night"
    return sum(int(band[column]) for band in exposure.bands)


def _assignment(frame: gpd.GeoDataFrame, leaving: gpd.GeoDataFrame, *, counted: bool, sheltered: bool) -> Json:
    drawn = frame.drop(columns=[column for column in ("ways",) if column in frame.columns])
    collection = drawing.feature_collection(drawn, leads_to="shelter" if sheltered else "exit")
    starts: dict[str, Any] = {str(row.id): drawing.geometry(row.geometry) for row in leaving.itertuples()}
    for feature in collection["features"]:
        properties = feature["properties"]
        properties["from"] = (starts.get(properties["block_id"]) or {}).get("coordinates")
        if not counted:
            properties["people"] = None
    return collection


def _left_over(frame: pd.DataFrame, leaving: gpd.GeoDataFrame, *, counted: bool) -> tuple[Json, ...]:
    """Who cannot go, with the place of the block, so that the cloud there can be asked about."""
    told = {"outdoor_ppm", "dose_limit", "cloud_s"} & set(leaving.columns)
    at = {str(row["id"]): row for row in leaving.to_dict("records")}
    rows = []
    for row in drawing.rows(frame):
        block = at.get(str(row["block_id"]))
        where: Json = {}
        if block is not None:
            place = block["geometry"]
            where = {"longitude": round(place.x, 6), "latitude": round(place.y, 6)}
            where |= {name: drawing.plain(block[name]) for name in sorted(told)}
        rows.append({**row, **where, "people": row["people"] if counted else None})
    return tuple(rows)


def _thinned(curve: tuple[Json, ...]) -> tuple[Json, ...]:
    """At most `CLEARANCE_POINTS` steps of the curve, the last one always among them."""
    if len(curve) <= CLEARANCE_POINTS:
        return curve
    step = len(curve) / CLEARANCE_POINTS
    kept = sorted({int((number + 1) * step) - 1 for number in range(CLEARANCE_POINTS)} | {len(curve) - 1})
    return tuple(curve[place] for place in kept)


def _nothing(status: Any, exposure: ExposureAssessed, note: str) -> EvacuationProposed:
    return EvacuationProposed(
        run_id="", status=status, seconds=0.0, provenance={}, assignment=NOTHING, left_over=(), shelters=(),
        clearance=(), people=_people(exposure), assigned=None, notes=(note,),
    )  # fmt: skip
