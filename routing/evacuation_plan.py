"""What does an evacuation plan hold, and how is it written down?"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import pandas as pd

from gis.provenance import Provenance

ASSIGNMENT_COLUMNS = [
    "block_id", "shelter_id", "people", "vehicles", "travel_time_s", "length_m", "status", "reason", "mode",
    "margin_s", "ways", "geometry",
]  # fmt: skip
LEFT_COLUMNS = ["block_id", "name", "people", "reason", "advice", "indoor_dose"]


@dataclass(frozen=True, slots=True)
class EvacuationPlan:
    """
    An evacuation.

    Attributes
    ----------
    assignment
        One row for each block, shelter and way: ``block_id, shelter_id, people, vehicles, travel_time_s, length_m,
        status, reason, mode, margin_s, ways, geometry``; `travel_time_s` on empty roads; `reason` is ``leaves_zone``
        where the way starts in the zone; `margin_s` is the time to spare before the cloud, NaN without one.
    left_over
        ``block_id, name, people, reason, advice, indoor_dose``: everybody who is not in `assignment`; nobody is lost.
        `indoor_dose` is what the caller handed in for staying, NaN without it.
    shelters
        ``id, name, capacity, usable, assigned, excluded, reason``.
    clearance
        ``time_s, people_out``: people arrived by then on roads of limited capacity.
    filling
        ``time_s, shelter_id, people``: people in each shelter by then; the last row of a shelter is its whole share.
    bottlenecks
        ``name, way_id, arc, full_slots, geometry``: roads that were full longest.
    totals
        People, assigned, left over, clearance times for 50, 90 and 100 %, the bound no plan can beat …
    proof
        What was checked on the finished plan.
    provenance
        Network, closures and parameters.
    """

    assignment: gpd.GeoDataFrame
    left_over: pd.DataFrame
    shelters: gpd.GeoDataFrame
    clearance: pd.DataFrame
    filling: pd.DataFrame
    bottlenecks: gpd.GeoDataFrame
    totals: Mapping[str, Any]
    provenance: Provenance
    proof: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Plain JSON form: the contract of the command line."""
        return {
            "totals": dict(self.totals),
            "assignment": [_row(r) for r in self.assignment.to_dict("records")],
            "left_over": [_row(r) for r in self.left_over.to_dict("records")],
            "shelters": [_row(r) for r in self.shelters.to_dict("records")],
            "clearance": [_row(r) for r in self.clearance.to_dict("records")],
            "filling": [_row(r) for r in self.filling.to_dict("records")],
            "bottlenecks": [_row(r) for r in self.bottlenecks.to_dict("records")],
            "proof": dict(self.proof),
            "provenance": self.provenance.as_json(),
        }


def _row(record: Mapping[Any, Any]) -> dict[str, Any]:
    """A frame's row in JSON: geometry as GeoJSON, no NaN."""
    result: dict[str, Any] = {}
    for key, value in record.items():
        if hasattr(value, "__geo_interface__"):
            result[str(key)] = value.__geo_interface__
        elif isinstance(value, float):
            result[str(key)] = round(value, 3) if math.isfinite(value) else None
        else:
            result[str(key)] = value
    return result
